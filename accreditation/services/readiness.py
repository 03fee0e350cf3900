"""From a school's answers to its figures under a scheme: claimed, verified and evidence-backed, never mixed.

An item counts from the school's direct answer in the instrument of the scheme; where it gave none, from its
self-evaluation through the crosswalk, marked as an estimate. What an item rests on is the same in all three views.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache

from accreditation.bodies import Body, load_bodies
from accreditation.catalogue import Layout, SchemeData, load_schemes
from accreditation.estimating import Estimate, estimate, explain_estimate
from accreditation.models import SchemeSheet
from accreditation.scheme_input import read_answers
from accreditation.schemes import Result, explain, score
from accreditation.scoring import Answers, InputError, Rating
from common.explanation import Explanation
from evaluations.models import Evaluation, QualityCycle
from evaluations.scoring import Outcome, OutcomeState, build_profile
from evaluations.services.profiles import KINDS, evaluation_outcomes
from standards.crosswalk import Crosswalk
from standards.services import crosswalks_from, the_library
from standards.wording import read_as

Outcomes = Mapping[str, Mapping[str, Outcome]]  # by kind of view, then by item


@lru_cache(maxsize=1)
def the_schemes() -> dict[str, SchemeData]:
    """All schemes of accreditation by key, the one in force first; the files are read once per process."""
    return load_schemes(the_library())


@lru_cache(maxsize=1)
def the_bodies() -> tuple[Body, ...]:
    """The accrediting bodies, the newest first."""
    return load_bodies()


def scheme_in_force() -> SchemeData:
    return next(iter(the_schemes().values()))


# --- what is known about a school in one year ------------------------------------------------------------


@dataclass(frozen=True)
class Answered:
    """One evaluation with its outcomes in the three views."""

    evaluation: Evaluation
    outcomes: Outcomes


@dataclass(frozen=True)
class Material:
    """Everything that the figures of one year rest on, read once for all schemes."""

    cycle: QualityCycle
    national: Answered | None
    beside: Mapping[str, Answered]  # by instrument
    sheets: Mapping[str, SchemeSheet]  # by scheme

    @property
    def form(self) -> str:
        evaluation = self.national.evaluation if self.national else None
        return evaluation.form if evaluation else self.cycle.school.form

    @cached_property
    def crosswalks(self) -> dict[str, Crosswalk]:
        """Where the answers of the self-evaluation lead, by the instrument they lead to."""
        if self.national is None:
            return {}
        return {walk.target.instrument: walk for walk in crosswalks_from(self.national.evaluation.version)}


def gather(cycle: QualityCycle, *, submitted_only: bool = False, known: Answered | None = None) -> Material:
    """Read answers, decisions and entries of a year; five queries for each evaluation that a scheme rests on.

    *known* is the national evaluation where its outcomes were read already. With *submitted_only* nothing counts that
    the school never submitted: what supervisors and offices may see.
    """
    wanted = {scheme.spec.instrument.instrument for scheme in the_schemes().values() if scheme.spec.instrument}
    national, beside = known, {}
    for evaluation in Evaluation.objects.filter(cycle=cycle).select_related("version"):
        evaluation.cycle = cycle
        if evaluation.is_national and known is not None:
            continue
        if evaluation.is_national:
            national = Answered(evaluation, evaluation_outcomes(evaluation, submitted_only=submitted_only))
        elif evaluation.version.instrument in wanted:
            outcomes = evaluation_outcomes(evaluation, submitted_only=submitted_only)
            beside[evaluation.version.instrument] = Answered(evaluation, outcomes)
    sheets = {} if submitted_only else {sheet.scheme: sheet for sheet in SchemeSheet.objects.filter(cycle=cycle)}
    return Material(cycle, national, beside, sheets)


# --- readiness under one scheme --------------------------------------------------------------------------


@dataclass(frozen=True)
class Readiness:
    """One school under one scheme: three results side by side, and what every item of them rests on."""

    material: Material
    scheme: SchemeData
    results: Mapping[str, Result]  # by kind
    direct: frozenset[str]  # items and components that the school answered itself
    estimates: Mapping[str, Mapping[str, Estimate]]  # by kind, then by item
    reasons: Mapping[str, str] = field(default_factory=dict)  # why nothing leads to an item

    @property
    def form(self) -> str:
        return self.material.form

    @property
    def layout(self) -> Layout:
        return self.scheme.layouts[self.form]

    @property
    def claimed(self) -> Result:
        return self.results["claimed"]

    @property
    def estimated(self) -> frozenset[str]:
        """Items and components whose claimed figure is an estimate."""
        answers = self.claimed.answers
        return frozenset(code for code, rating in answers.ratings.items() if rating.estimated) | answers.estimated

    @property
    def scope_name(self) -> str:
        """The scope on which the estimates rest; "" without estimates, or where everything is asked."""
        national = self.material.national
        return national.evaluation.scope_name if national and self.estimated else ""


def assess(material: Material, scheme: SchemeData) -> Readiness:
    """The figures of a school. Raises InputError or CannotScoreError for a form that the scheme does not score."""
    entered = entries_of(material, scheme)
    if scheme.spec.instrument is not None:
        return _by_items(material, scheme, entered)
    return _by_components(material, scheme, entered)


def explain_view(readiness: Readiness, kind: str) -> Explanation:
    """Where the figures of one view come from, down to the answers of the self-evaluation below an estimate."""
    national = readiness.material.national
    questions = {code: item.question for code, item in national.evaluation.asked.items()} if national else {}
    found = readiness.estimates.get(kind, {})
    origins = {code: explain_estimate(one, questions, readiness.form) for code, one in found.items()}
    return explain(readiness.results[kind], origins)


def entries_of(material: Material, scheme: SchemeData) -> Answers:
    """What the school entered for this scheme beside its answers; nothing when it does not fit the scheme any more."""
    sheet = material.sheets.get(scheme.key)
    if sheet is None or material.form not in scheme.layouts:
        return Answers()
    try:
        return read_answers(scheme, material.form, sheet.data) if sheet.data else Answers()
    except InputError:
        return Answers()


def _by_items(material: Material, scheme: SchemeData, entered: Answers) -> Readiness:
    """Schemes with an instrument: item by item, from direct answers or through the crosswalk."""
    instrument = scheme.spec.instrument.instrument if scheme.spec.instrument else ""
    answered = material.beside.get(instrument)
    walk = material.crosswalks.get(instrument)
    items = scheme.layouts[material.form].items if material.form in scheme.layouts else {}
    direct = frozenset(
        code for code in items if answered and _given(answered.outcomes["claimed"].get(code)) is not None
    )
    results: dict[str, Result] = {}
    estimates: dict[str, dict[str, Estimate]] = {}
    for kind in KINDS:
        found = _estimates(material, walk, kind, [code for code in items if code not in direct])
        ratings = {code: one.rating for code, one in found.items()}
        not_applicable = set()
        for code in direct:
            outcome = _given(answered.outcomes[kind].get(code)) if answered else None
            if outcome is not None and outcome.level is not None:
                ratings[code] = Rating.given(outcome.level)
            elif outcome is not None:
                not_applicable.add(code)
        claimed = kind == "claimed"  # what is entered on the sheet is reviewed by nobody
        results[kind] = score(
            scheme,
            material.form,
            Answers(
                ratings,
                frozenset(not_applicable),
                statements=entered.statements if claimed else (),
                entry=entered.entry if claimed else {},
                thresholds=entered.thresholds,
                contexts=entered.contexts,
            ),
        )
        estimates[kind] = found
    reasons = {code: read_as(walk.reason(code, material.form), material.form) for code in items} if walk else {}
    return Readiness(material, scheme, results, direct, estimates, reasons)


def _given(outcome: Outcome | None) -> Outcome | None:
    """An outcome that says something: a level, or "tidak berlaku"."""
    if outcome is None or (outcome.level is None and outcome.state is not OutcomeState.NOT_APPLICABLE):
        return None
    return outcome


def _estimates(material: Material, walk: Crosswalk | None, kind: str, codes: list[str]) -> dict[str, Estimate]:
    if walk is None or material.national is None:
        return {}
    outcomes = material.national.outcomes[kind]
    levels = {code: outcome.level for code, outcome in outcomes.items() if outcome.level is not None}
    found = ((code, estimate(walk.sources(code, material.form), levels)) for code in codes)
    return {code: one for code, one in found if one is not None}


def _by_components(material: Material, scheme: SchemeData, entered: Answers) -> Readiness:
    """A scheme whose items nobody here asks: what the school entered, else the quality profile of the same standard.

    The estimate takes the share of the profile (0-7) as the share of the weighted points: our own reading, since both
    ask how far a standard is met. It is marked, and nothing in the scheme's interval rests on it.
    """
    layout = scheme.layouts.get(material.form, Layout(()))
    direct = {item.component for item in layout.items.values() if item.code in entered.ratings} | set(entered.obtained)
    results: dict[str, Result] = {}
    for kind in KINDS:
        shares = _standard_shares(material, kind)
        estimated = {
            component.code: shares[component.standard] * scheme.spec.scale.highest * component.item_weights
            for component in layout.components
            if component.code not in direct and component.standard in shares
        }
        own = entered if kind == "claimed" else Answers()
        results[kind] = score(
            scheme,
            material.form,
            Answers(own.ratings, obtained={**own.obtained, **estimated}, estimated=frozenset(estimated)),
        )
    return Readiness(material, scheme, results, frozenset(direct), {})


def _standard_shares(material: Material, kind: str) -> dict[str | None, Fraction]:
    """Share 0-1 of the quality profile by standard, where it is measured."""
    if material.national is None or not material.national.outcomes[kind]:
        return {}
    one = material.national.evaluation
    profile = build_profile(one.catalogue, one.spec, one.form, material.national.outcomes[kind], scope=one.scope)
    scale = one.spec.profile_rules.scale
    return {figure.code: figure.score / scale for figure in profile.standards if figure.score is not None}
