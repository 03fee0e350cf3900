"""From rows to profiles: claimed, verified and evidence-backed, never mixed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery

from common import clock
from evaluations.models import (
    Answer,
    AnswerState,
    Evaluation,
    EvidenceLink,
    LinkState,
    ProfileSummary,
    Review,
    ReviewDecision,
    Submission,
)
from evaluations.scoring import (
    NOT_APPLICABLE,
    UNANSWERED,
    Outcome,
    Profile,
    backed,
    build_profile,
    outcome_of,
)
from evaluations.services.locks import locked_evaluation
from evaluations.values import parse_value
from schools.words import Words
from standards.instruments import Rules
from standards.items import ItemSpec

KINDS = ("claimed", "verified", "backed")
_NAMES = {"claimed": "Penilaian {school}", "verified": "Hasil telaah tim", "backed": "Didukung bukti"}


def view_name(kind: str, words: Words) -> str:
    """What one of KINDS is called on pages and in the report of a school with these words."""
    return _NAMES[kind].format(school=words.school)


@dataclass(frozen=True)
class View:
    """One way of looking at the same evaluation."""

    kind: str
    outcomes: Mapping[str, Outcome]
    profile: Profile


@dataclass(frozen=True)
class Profiles:
    """Penilaian sekolah (or madrasah), hasil telaah tim, didukung bukti: side by side, each with its own coverage."""

    claimed: View
    verified: View
    backed: View

    def __iter__(self) -> Any:
        return iter((self.claimed, self.verified, self.backed))


def stored_outcome(item: ItemSpec, state: str, value: Any, rules: Rules | None) -> Outcome:
    """Outcome of an answer in its stored form (of a row, a submission or a correction)."""
    if state == AnswerState.NOT_APPLICABLE:
        return NOT_APPLICABLE
    if state != AnswerState.ANSWERED:
        return UNANSWERED
    return outcome_of(item, parse_value(item, value), rules)


def claimed_outcomes(evaluation: Evaluation, answers: Iterable[Answer]) -> dict[str, Outcome]:
    """Outcomes of the present answers to what is asked; an answer to anything else is left alone."""
    asked, rules = evaluation.asked, evaluation.spec.rules
    return {
        a.item_code: stored_outcome(asked[a.item_code], a.state, a.value, rules)
        for a in answers
        if a.item_code in asked
    }


def verified_outcome(item: ItemSpec, frozen: Mapping[str, Any], review: Review | None, rules: Rules | None) -> Outcome:
    """What the last decision of the round makes of a submitted answer; undecided and returned count as unanswered."""
    if review is None or review.decision == ReviewDecision.RETURNED:
        return UNANSWERED
    if review.decision == ReviewDecision.CORRECTED:
        return stored_outcome(item, review.state, review.value, rules)
    return stored_outcome(item, frozen["state"], frozen["value"], rules)


def latest_submissions(evaluation: Evaluation) -> list[Submission]:
    """The last submission of every section that has one; one query."""
    newest = Submission.objects.filter(section=OuterRef("section")).order_by("-round").values("pk")[:1]
    return list(
        Submission.objects.filter(section__evaluation=evaluation, pk=Subquery(newest)).select_related("section")
    )


def evaluation_outcomes(evaluation: Evaluation, *, submitted_only: bool = False) -> dict[str, dict[str, Outcome]]:
    """What every question of KINDS contributes, from four queries whatever the size of the evaluation.

    With *submitted_only*, answers of a standard that the school never submitted count as unanswered: what
    supervisors and offices may see.
    """
    spec = evaluation.spec
    answers = Answer.objects.filter(section__evaluation=evaluation)
    if submitted_only:
        answers = answers.filter(section__round__gt=0)
    claimed = claimed_outcomes(evaluation, answers)
    submissions = latest_submissions(evaluation)
    decisions: dict[tuple[int, str], Review] = {
        (r.submission_id, r.item_code): r for r in Review.objects.filter(submission__in=submissions).order_by("pk")
    }
    accepted = set(
        EvidenceLink.objects.filter(section__evaluation=evaluation, state=LinkState.ACCEPTED).values_list(
            "item_code", flat=True
        )
    )
    verified = {
        code: verified_outcome(evaluation.asked[code], frozen, decisions.get((submission.pk, code)), spec.rules)
        for submission in submissions
        for code, frozen in submission.content["items"].items()
        if code in evaluation.asked
    }
    proven = {code: backed(outcome, has_accepted_link=code in accepted) for code, outcome in verified.items()}
    return dict(zip(KINDS, (claimed, verified, proven), strict=True))


def evaluation_profiles(evaluation: Evaluation, *, submitted_only: bool = False) -> Profiles:
    """All three views of an evaluation whose instrument has a profile (see :func:`evaluation_outcomes`)."""
    spec, form, scope = evaluation.spec, evaluation.form, evaluation.scope
    views = (
        View(kind, outcomes, build_profile(evaluation.catalogue, spec, form, outcomes, scope=scope))
        for kind, outcomes in evaluation_outcomes(evaluation, submitted_only=submitted_only).items()
    )
    return Profiles(*views)


def _summary(profile: Profile) -> dict[str, Any]:
    return {
        "total": profile.total.printed,
        "category": profile.total.category,
        "measured": profile.measured,
        "answered": profile.items.answered,
        "applicable": profile.items.applicable,
        "standards": {figure.code: figure.printed for figure in profile.standards},
    }


@transaction.atomic
def refresh_summary(evaluation_id: int) -> ProfileSummary | None:
    """Compute and store what lists of many schools read; None for an instrument beside the national one.

    Harmless to repeat.

    Under the lock of the evaluation: of two at once, the later one also reads what the earlier one may have missed.
    """
    evaluation = locked_evaluation(evaluation_id)
    if not evaluation.is_national:
        return None
    data: dict[str, Any] = {"scope": evaluation.scope_name}
    data |= {view.kind: _summary(view.profile) for view in evaluation_profiles(evaluation, submitted_only=True)}
    summary, _ = ProfileSummary.objects.update_or_create(
        evaluation=evaluation, defaults={"data": data, "refreshed_at": clock.now()}
    )
    return summary


_also: list[Callable[[int], object]] = []


def also_after_change(follow: Callable[[int], object]) -> None:
    """Call *follow* with the evaluation from now on whenever its state changes, in the transaction of that change: for
    figures that rooms above keep. What it notes down there is never lost, as what runs after the commit may be."""
    _also.append(follow)


def refresh_summary_on_commit(evaluation_id: int) -> None:
    """The last step of a change of state: whatever follows it waits for locks of its own."""
    for follow in _also:
        follow(evaluation_id)
    # Robust: what was committed stands even if the summary can't be refreshed now.
    transaction.on_commit(partial(refresh_summary, evaluation_id), robust=True)
