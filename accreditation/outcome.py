"""What the results of all schemes share. Pure: no Django."""

from __future__ import annotations

from dataclasses import dataclass

from accreditation.catalogue import Layout, SchemeData, SchemeSpec
from accreditation.scoring import Answers


@dataclass(frozen=True)
class SchemeResult:
    """One school under one scheme: the answers that were scored, and by which rules."""

    scheme: SchemeData
    form: str
    answers: Answers

    @property
    def spec(self) -> SchemeSpec:
        return self.scheme.spec

    @property
    def layout(self) -> Layout:
        return self.scheme.layouts[self.form]
