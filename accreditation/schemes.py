"""All schemes by the names under which people ask for them, and the one entrance to scoring. Pure: no Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from accreditation.catalogue import SchemeData, load_schemes
from accreditation.distribution import DistributionResult, score_distribution
from accreditation.explaining import Origins, explain_distribution, explain_weighted
from accreditation.scheme_input import read_answers
from accreditation.scoring import Answers, CannotScoreError, InputError, Scheme
from accreditation.snp_profile import SnpProfile
from accreditation.weighted import WeightedResult, score_weighted
from common.explanation import Explanation
from standards.items import Form
from standards.library import Library

Result = WeightedResult | DistributionResult


def require_form(scheme: SchemeData, form: str) -> None:
    """Raises InputError for a form that does not exist, CannotScoreError for one whose rule is not known."""
    if reason := scheme.reason(form):
        raise CannotScoreError(reason)
    if form not in scheme.layouts:
        raise InputError(f"Bentuk pendidikan “{form[:20]}” tidak dikenal; pilih {', '.join(get_args(Form))}.")


def score(scheme: SchemeData, form: str, answers: Answers) -> Result:
    """Score one school. Raises InputError or CannotScoreError for a form that the scheme does not score."""
    require_form(scheme, form)
    if scheme.spec.kind == "weighted":
        return score_weighted(scheme, form, answers)
    return score_distribution(scheme, form, answers)


def explain(result: Result, origins: Origins | None = None) -> Explanation:
    """Where every figure of the result comes from: items, weights, sums, roundings, thresholds, sources.

    *origins* say by item what its level itself rests on.
    """
    if isinstance(result, WeightedResult):
        return explain_weighted(result, origins or {})
    return explain_distribution(result, origins or {})


@dataclass(frozen=True)
class Scored:
    """A result with its explanation, as ``manage.py score`` prints it."""

    result: Result

    def as_dict(self) -> dict[str, Any]:
        return self.result.as_dict()

    def explain(self) -> Explanation:
        return explain(self.result)


@dataclass(frozen=True)
class AccreditationScheme:
    """A scheme of accreditation under the interface that all schemes share."""

    data: SchemeData

    @property
    def key(self) -> str:
        return self.data.key

    @property
    def forms(self) -> tuple[str, ...]:
        return self.data.forms

    def score(self, form: str, data: Mapping[str, Any]) -> Scored:
        """Score the parsed JSON of one school. Raises InputError for wrong input, CannotScoreError for a form whose
        rule is not known."""
        require_form(self.data, form)
        return Scored(score(self.data, form, read_answers(self.data, form, data)))


def all_schemes(library: Library) -> dict[str, Scheme]:
    """Every scheme by key. Raises DataFileError."""
    every: list[Scheme] = [SnpProfile(library.catalogue, library.newest("eds-snp"))]
    every += [AccreditationScheme(scheme) for scheme in load_schemes(library).values()]
    return {scheme.key: scheme for scheme in every}
