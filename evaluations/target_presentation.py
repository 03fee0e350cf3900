"""What the pages about targets show, gathered with a fixed number of queries. No rules: those are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.urls import reverse

from common import clock
from common.decisions import Decision
from common.formats import format_decimal
from evaluations.models import DecisionState, Evaluation, TargetDecision
from evaluations.permissions import (
    can_approve_targets,
    can_edit_targets,
    can_propose_targets,
    can_read_drafts,
    can_read_evidence,
    can_return_targets,
    can_revise_targets,
    may_set_targets,
)
from evaluations.scoring import Figure
from evaluations.services.profiles import evaluation_profiles
from evaluations.services.targets import (
    Person,
    Reached,
    TargetBook,
    TargetYear,
    codes_of,
    earlier_evaluation,
    gaps_of,
    goals_of,
    reached,
    rows_of,
    seen_mark,
)
from evaluations.target_forms import TargetForm
from evaluations.targets import Gap, GapState, Goal, Wanted
from schools.choices import SCHOOL_ROLES, Role
from schools.models import Assignment, School, User
from standards.catalogue import CatalogueRow
from standards.instruments import Rules
from standards.permissions import can_keep_instruments
from standards.services import the_catalogue

# Tones of the badge beside a gap (components/_state_badge.html); the words say the same.
_TONES = {GapState.SHORT: "attention", GapState.MET: "good", GapState.ABOVE: "good"}


@dataclass(frozen=True, slots=True)
class TargetCell:
    """The target of one row as every page shows it: number, category, on what it rests, and the gap in words."""

    goal: Goal
    basis: str
    gap: Gap
    wanted: Wanted

    @property
    def tone(self) -> str:
        return _TONES.get(self.gap.state, "neutral")


@dataclass(frozen=True)
class TargetRow:
    """One indicator or subindicator on the pages about targets."""

    row: CatalogueRow
    target: TargetCell
    result: Figure
    earlier: Figure | None
    parts: tuple[TargetRow, ...] = ()
    form: TargetForm | None = None
    server: str = ""  # what somebody else saved meanwhile

    @property
    def title(self) -> str:
        return f"{self.row.code} {self.row.name}"

    @property
    def unfolds(self) -> bool:
        """Whether a part has something to show at once."""
        return any(part.server or (part.form is not None and part.form.is_filled) for part in self.parts)


@dataclass(frozen=True)
class TargetStandard:
    row: CatalogueRow
    target: TargetCell
    result: Figure
    origin: str
    earlier: Figure | None
    rows: tuple[TargetRow, ...]


def target_cells(book: TargetBook, result: Reached) -> dict[str, TargetCell]:
    """The target of every row, by code and "" for the total."""
    gaps, goals = gaps_of(book, result), book.goals
    return {
        code: TargetCell(goal, goals.basis(code), gaps[code], book.values.get(code, Wanted()))
        for code, goal in goals.by_code.items()
    }


def quick_choices(rules: Rules) -> list[tuple[str, str]]:
    """Where each category begins, and the top of the scale: what people most often want."""
    step = Decimal(1).scaleb(-rules.digits)

    def exact(upper: Any) -> Decimal:
        return Decimal(upper.numerator) / Decimal(upper.denominator)

    begins = [(exact(low.upper) + step, high.name) for low, high in zip(rules.categories, rules.categories[1:])]  # noqa: B905
    choices = [(format_decimal(score.quantize(step)), f"mulai {name}") for score, name in begins]
    return [*choices, (format_decimal(Decimal(rules.scale).quantize(step)), "nilai tertinggi")]


def category_ranges(rules: Rules) -> list[tuple[str, str]]:
    """``("2,05 sampai 3,70", "Menuju SNP 2")`` for every category."""
    begins = [format_decimal(Decimal(0).quantize(Decimal("0.01"))), *(score for score, _ in quick_choices(rules))]
    uppers = [
        format_decimal((Decimal(c.upper.numerator) / c.upper.denominator).quantize(Decimal("0.01")))
        for c in rules.categories
    ]
    return [(f"{a} sampai {b}", c.name) for a, b, c in zip(begins, uppers, rules.categories, strict=False)]


def people_of(school: School) -> dict[str, Person]:
    """Who works for the school today, by user name, each with every title held there; one query."""
    day = clock.today(school.time_zone)
    roles = [role for role in SCHOOL_ROLES if role != Role.GUEST_REVIEWER]
    rows = Assignment.objects.current(day).filter(school=school, role__in=roles, person__is_active=True)
    found: dict[str, Person] = {}
    for row in rows.select_related("person", "school").order_by("person__name", "person__username", "pk"):
        name, one = row.person.username, found.get(row.person.username)
        if one is None:
            found[name] = Person(str(row.person), row.title)
        elif row.title not in one.role.split(" dan "):
            found[name] = Person(one.name, f"{one.role} dan {row.title}")
    return found


@dataclass
class TargetPage:
    """The targets of one year as *user* sees them."""

    user: User
    evaluation: Evaluation

    def __post_init__(self) -> None:
        self.school, self.cycle = self.evaluation.school, self.evaluation.cycle
        self.rules = self.evaluation.spec.profile_rules
        self.year = TargetYear(self.evaluation)
        self.inside = bool(can_read_drafts(self.user, self.school))

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"evaluations:{name}", args=[self.school.npsn, self.cycle.year, *args])

    @property
    def can_write_own(self) -> Decision:
        return can_keep_instruments(self.user, self.school)

    # the decision
    @property
    def decision(self) -> TargetDecision | None:
        """The round that this person may know of: the newest inside the school, else the one in force."""
        return self.year.current if self.inside else self.year.in_force

    @property
    def in_force_meanwhile(self) -> TargetDecision | None:
        """An approved round that holds while a later one is being worked on."""
        return None if self.decision is self.year.in_force else self.year.in_force

    @property
    def state(self) -> str:
        return self.decision.state if self.decision else "neutral"

    @property
    def state_label(self) -> str:
        return self.decision.get_state_display() if self.decision else "Belum disusun"

    @cached_property
    def may_set(self) -> Decision:
        return may_set_targets(self.user, self.school)

    @cached_property
    def editable(self) -> Decision:
        return can_edit_targets(self.user, self.evaluation, self.year.current)

    @cached_property
    def proposable(self) -> Decision:
        return can_propose_targets(self.user, self.evaluation, self.year.current)

    @cached_property
    def approvable(self) -> Decision:
        return can_approve_targets(self.user, self.evaluation, self.year.current)

    @cached_property
    def returnable(self) -> Decision:
        return can_return_targets(self.user, self.evaluation, self.year.current)

    @cached_property
    def revisable(self) -> Decision:
        return can_revise_targets(self.user, self.evaluation, self.year.current)

    @cached_property
    def minutes_readable(self) -> Decision:
        """Whether this person may open the minutes of :attr:`decision`."""
        decision = self.decision
        assert decision is not None and decision.minutes is not None  # noqa: S101, PT018  (asked where there are some)
        return can_read_evidence(
            self.user, self.school, confidential=decision.minutes.evidence.confidential,
            submitted=decision.state == DecisionState.APPROVED,
        )  # fmt: skip

    # the figures
    @cached_property
    def book(self) -> TargetBook | None:
        return self.year.draft() if self.inside else self.year.book(drafts=False)

    @cached_property
    def values(self) -> Mapping[str, Wanted]:
        return self.book.values if self.book else {}

    @cached_property
    def result(self) -> Reached:
        states = {section.standard: section.state for section in self.evaluation.sections.all()}
        return reached(self.evaluation, evaluation_profiles(self.evaluation, submitted_only=not self.inside), states)

    @cached_property
    def earlier(self) -> tuple[Evaluation, Reached] | None:
        """The last year before this one with what was reached then; the same views as this year's."""
        found = earlier_evaluation(self.evaluation)
        if found is None:
            return None
        states = {section.standard: section.state for section in found.sections.all()}
        return found, reached(found, evaluation_profiles(found, submitted_only=not self.inside), states)

    @cached_property
    def cells(self) -> dict[str, TargetCell]:
        if self.book:
            return target_cells(self.book, self.result)
        goals = goals_of(self.evaluation, {})
        return {code: TargetCell(goal, "", Gap(GapState.UNSET), Wanted()) for code, goal in goals.by_code.items()}

    @property
    def total(self) -> TargetCell:
        return self.cells[""]

    @property
    def result_total(self) -> Figure:
        return self.results[""]

    @property
    def origin(self) -> str:
        return self.result.origin("")

    @property
    def earlier_total(self) -> Figure | None:
        """None too when it was worked out from other standards than the total of now."""
        if self.earlier is None:
            return None
        then, now = (one.spec.standards_for(one.form, one.scope) for one in (self.earlier[0], self.evaluation))
        return self.earlier_results.get("") if then == now else None

    @property
    def earlier_origin(self) -> str:
        return self.earlier[1].origin("") if self.earlier else ""

    @property
    def part_name(self) -> str:
        """On what standards rest: "indikator" or "subindikator"."""
        return self.book.goals.part_name if self.book else "indikator"

    @cached_property
    def results(self) -> dict[str, Figure]:
        return _figures(self.result)

    @cached_property
    def earlier_results(self) -> dict[str, Figure]:
        return _figures(self.earlier[1]) if self.earlier else {}

    def _row(self, code: str, parts: tuple[TargetRow, ...] = (), **extra: Any) -> TargetRow:
        return TargetRow(
            the_catalogue().by_code[code], self.cells[code], self.results[code], self.earlier_results.get(code), parts,
            **extra,
        )  # fmt: skip

    def standard(
        self, code: str, forms: Mapping[str, TargetForm] | None = None, server: Mapping[str, str] | None = None
    ) -> TargetStandard:
        """One standard with its rows; to be filled in with *forms*, and with what stands on the *server* instead."""

        def extra(row: str) -> dict[str, Any]:
            return {"form": (forms or {}).get(row), "server": (server or {}).get(row, "")}

        rows = tuple(
            self._row(top, tuple(self._row(part, **extra(part)) for part in parts), **extra(top))
            for top, parts in rows_of(self.evaluation).items()
            if top.partition(".")[0] == code
        )
        row = the_catalogue().by_code[code]
        earlier = self.earlier_results.get(code)
        return TargetStandard(row, self.cells[code], self.results[code], self.result.origin(code), earlier, rows)

    @property
    def codes(self) -> list[str]:
        """Codes of the standards that can have targets."""
        return [row.code for row in the_catalogue().standards if row.code in self.cells]

    @cached_property
    def standards(self) -> list[TargetStandard]:
        return [self.standard(code) for code in self.codes]

    def codes_of(self, standard: str) -> list[str]:
        return codes_of(self.evaluation, standard)

    def mark(self, standard: str) -> str:
        return seen_mark(self.year.working, self.codes_of(standard))

    # what helps with the numbers
    @cached_property
    def choices(self) -> list[tuple[str, str]]:
        return quick_choices(self.rules)

    @cached_property
    def categories(self) -> list[tuple[str, str]]:
        return category_ranges(self.rules)

    @property
    def beyond(self) -> list[tuple[CatalogueRow, str]]:
        found = self.book.beyond if self.book else {}
        return [(row, found[row.code].beyond_note) for row in the_catalogue().rows if row.code in found]


def _figures(result: Reached) -> dict[str, Figure]:
    profile = result.profile
    figures = {f.code: f for f in (*profile.standards, *profile.indicators, *profile.subindicators)}
    return {**figures, "": profile.total}
