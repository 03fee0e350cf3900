"""What an annual report says about the targets of the year."""

from __future__ import annotations

from common.formats import format_date, format_decimal
from evaluations.models import Evaluation, SectionState
from evaluations.scoring import Figure
from evaluations.services.profiles import Profiles
from evaluations.services.targets import TargetBook, TargetYear, gaps_of, reached
from evaluations.targets import Wanted
from reports.content import Beyond, Fact, TargetFigure, Targets
from standards.services import the_catalogue

CONFIDENTIAL_TITLE = "bukti rahasia"


def target_tables(evaluation: Evaluation, profiles: Profiles) -> Targets | None:
    """The approved targets of an approved evaluation beside the team's results; None where none were approved."""
    book = TargetYear(evaluation).book(drafts=False)
    if book is None:
        return None
    decision, zone = book.decision, evaluation.school.time_zone
    # The database sees to it that an approved decision has all of these.
    assert decision.met_on and decision.minutes and decision.approved_at and decision.approved_as  # noqa: S101, PT018
    figures = _figures(evaluation, profiles, book)
    minutes = decision.minutes.evidence
    by_code = {row.code: figures[row.code] for row in the_catalogue().rows if row.code in figures}
    return Targets(
        round=decision.round,
        met_on=format_date(decision.met_on),
        place=decision.place,
        participants=tuple(Fact(one["name"], one["role"]) for one in decision.participants),
        minutes=CONFIDENTIAL_TITLE if minutes.confidential else minutes.title,
        minutes_sha256=decision.minutes.file.sha256,
        approved=format_date(decision.approved_at, zone),
        approved_by=f"{decision.approved_as.person}, {decision.approved_as.title}",
        total=figures.get(""),
        by_code=by_code,
        lines=tuple(one for code, one in by_code.items() if "." not in code or code in book.values),
        beyond=tuple(
            Beyond(row.code, row.name, book.beyond[row.code].beyond_note)
            for row in the_catalogue().rows
            if row.code in book.beyond
        ),
    )


def _figures(evaluation: Evaluation, profiles: Profiles, book: TargetBook) -> dict[str, TargetFigure]:
    """Of every row with a target, and of the total under ""."""
    standards = evaluation.spec.standards_for(evaluation.form, evaluation.scope)
    result = reached(evaluation, profiles, dict.fromkeys(standards, SectionState.VERIFIED))
    gaps, profile = gaps_of(book, result), result.profile
    results = {f.code: f for f in (profile.total, *profile.standards, *profile.indicators, *profile.subindicators)}
    return {
        code: TargetFigure(
            code=code,
            name=goal.figure.name,
            target=_shown(goal.figure),
            category=goal.figure.category or "",
            basis=book.goals.basis(code),
            result=_shown(results[code]),
            gap=gaps[code].text,
            note=book.values.get(code, Wanted()).note,
        )
        for code, goal in book.goals.by_code.items()
        if goal.is_set
    }


def _shown(figure: Figure) -> str:
    return "" if figure.shown is None else format_decimal(figure.shown)
