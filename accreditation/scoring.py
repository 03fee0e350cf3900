"""What every scoring scheme looks like, as pure interfaces: no Django, no clock, no I/O.

A scheme is versioned data plus a function from one school's answers to a result. It knows which forms of education
it can score, and every result can say where its numbers come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from common.explanation import Explanation


class InputError(ValueError):
    """Input that cannot be scored. The message is Indonesian and names the code or field at fault."""


class Result(Protocol):
    """The figures of one school under one scheme. Nothing in it is a decision of an accreditation body."""

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON: scores as strings with their decimals, None where nothing was measured."""
        ...

    def explain(self) -> Explanation:
        """Items, weights, fractions, roundings, thresholds and source of the figures."""
        ...


class Scheme(Protocol):
    """One way of scoring, in one version."""

    @property
    def key(self) -> str:
        """The name under which people ask for it, such as ``snp-profile``."""
        ...

    @property
    def forms(self) -> tuple[str, ...]:
        """Forms of education that it can score."""
        ...

    def score(self, form: str, data: Mapping[str, Any]) -> Result:
        """Score *data*, the parsed JSON of one school. Raises InputError for a wrong form, code or value."""
        ...
