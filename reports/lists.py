"""Many schools at once: how far each is, from counters and stored summaries. No answer is ever read here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from common.decisions import Decision
from evaluations.models import Evaluation, ProfileSummary, Section, SectionState
from evaluations.services.cycles import INSTRUMENT
from reports.models import AnnualReport, ReportState
from schools.models import School

PAGE_SIZE = 25
KINDS = ("claimed", "verified", "backed")


class Stage(models.TextChoices):
    """How far a school's self-evaluation is, in the order of the work."""

    NONE = "belum", "Siklus belum dibuka"
    FILLING = "mengisi", "Sedang diisi"
    RETURNED = "perbaikan", "Perlu diperbaiki"
    REVIEW = "ditelaah", "Menunggu atau sedang ditelaah"
    VERIFIED = "terverifikasi", "Terverifikasi, belum disahkan"
    APPROVED = "disahkan", "Disahkan"


TONES = {
    Stage.NONE: "neutral",
    Stage.FILLING: "neutral",
    Stage.RETURNED: "attention",
    Stage.REVIEW: "progress",
    Stage.VERIFIED: "good",
    Stage.APPROVED: "good",
}
_POSITION = Case(*(When(stage=stage, then=Value(n)) for n, stage in enumerate(Stage)), default=Value(0))
SORTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "nama": ("Nama", ("name", "pk")),
    "npsn": ("NPSN", ("npsn",)),
    "keadaan": ("Keadaan, yang tertinggal dahulu", ("position", "name", "pk")),
    "kemajuan": ("Keadaan, yang terjauh dahulu", ("-position", "name", "pk")),
}


def with_stage(schools: QuerySet[School], year: int) -> QuerySet[Any]:
    """School rows with ``stage`` (a Stage) and ``position`` of the national self-evaluation of *year*, in one query."""
    evaluations = Evaluation.objects.filter(
        cycle__school=OuterRef("pk"), cycle__year=year, version__instrument=INSTRUMENT
    )
    sections = Section.objects.filter(
        evaluation__cycle__school=OuterRef("pk"),
        evaluation__cycle__year=year,
        evaluation__version__instrument=INSTRUMENT,
    )
    return schools.annotate(
        stage=Case(
            When(~Exists(evaluations), then=Value(Stage.NONE.value)),
            When(Exists(evaluations.filter(approved_at__isnull=False)), then=Value(Stage.APPROVED.value)),
            When(Exists(sections.filter(state=SectionState.RETURNED)), then=Value(Stage.RETURNED.value)),
            When(
                Exists(sections.filter(state__in=[SectionState.SUBMITTED, SectionState.IN_REVIEW])),
                then=Value(Stage.REVIEW.value),
            ),
            When(~Exists(sections.exclude(state=SectionState.VERIFIED)), then=Value(Stage.VERIFIED.value)),
            default=Value(Stage.FILLING.value),
            output_field=models.CharField(),
        )
    ).annotate(position=_POSITION)


def narrowed(schools: QuerySet[Any], *, text: str = "", stage: str = "") -> QuerySet[Any]:
    """Only schools whose name contains *text* or whose NPSN begins with it, and that are at *stage*."""
    if text := " ".join(text.split()):
        schools = schools.filter(Q(name__icontains=text) | Q(npsn__istartswith=text))
    return schools.filter(stage=stage) if stage else schools


def ordered(schools: QuerySet[Any], sort: str) -> QuerySet[Any]:
    return schools.order_by(*SORTS.get(sort, SORTS["nama"])[1])


@dataclass(frozen=True)
class View:
    """One of the three profiles of a school as the stored summary has it."""

    kind: str
    total: str | None
    category: str | None
    answered: int
    applicable: int


@dataclass
class Row:
    """One school of a list."""

    school: School
    stage: Stage
    evaluation: Evaluation | None = None
    sections: list[Section] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    scope: str = ""  # on which the figures of *views* rest; figures of two scopes are not compared
    profile: Decision = field(default_factory=lambda: Decision(False))
    report: AnnualReport | None = None

    @property
    def tone(self) -> str:
        return TONES[self.stage]

    @property
    def answered(self) -> int:
        return sum(section.answered_count for section in self.sections)

    @property
    def items(self) -> int:
        return sum(section.item_count for section in self.sections)

    @property
    def submitted(self) -> bool:
        return any(section.round for section in self.sections)

    @property
    def states(self) -> list[tuple[str, str]]:
        """The states that sections are in, each with its standards: ``[("Sedang diisi", "1, 2, 5-8")]``."""
        by_state: dict[str, list[str]] = {}
        for section in self.sections:
            by_state.setdefault(section.get_state_display(), []).append(section.standard)
        return [(state, _runs(standards)) for state, standards in by_state.items()]


def _runs(standards: list[str]) -> str:
    """``1-3, 5`` of standards in their order; two neighbours are not a run."""
    runs: list[list[str]] = []
    for standard in standards:
        if runs and int(standard) == int(runs[-1][-1]) + 1:
            runs[-1].append(standard)
        else:
            runs.append([standard])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs)


def _views(summary: ProfileSummary | None) -> list[View]:
    if summary is None:
        return []
    found = ((kind, summary.data.get(kind) or {}) for kind in KINDS)
    return [
        View(kind, data.get("total"), data.get("category"), data.get("answered", 0), data.get("applicable", 0))
        for kind, data in found
    ]


def rows_for(schools: Iterable[Any], year: int) -> list[Row]:
    """What a list shows of *schools* (rows that carry ``stage``): three queries, however many they are."""
    rows = {school.pk: Row(school, Stage(school.stage)) for school in schools}  # type: ignore[attr-defined]
    evaluations = (
        Evaluation.objects.filter(cycle__school__in=rows, cycle__year=year, version__instrument=INSTRUMENT)
        .select_related("cycle", "summary")
        .order_by("pk")
    )
    by_evaluation: dict[int, Row] = {}
    for evaluation in evaluations:
        row = by_evaluation[evaluation.pk] = rows[evaluation.cycle.school_id]
        evaluation.cycle.school = row.school
        row.evaluation = evaluation
        summary = getattr(evaluation, "summary", None)
        row.views = _views(summary)
        row.scope = summary.data.get("scope", "") if summary else ""
    for section in Section.objects.filter(evaluation__in=by_evaluation).order_by("standard"):
        by_evaluation[section.evaluation_id].sections.append(section)
    # A running year has no report yet, and people want the last one; the frozen content is not needed here.
    ready = AnnualReport.objects.filter(
        evaluation__cycle__school__in=rows, evaluation__cycle__year__lte=year, state=ReportState.READY
    ).select_related("evaluation__cycle")
    for report in ready.order_by("evaluation__cycle__year", "finished_at", "pk").defer("snapshot_text"):
        rows[report.evaluation.cycle.school_id].report = report  # the newest comes last and stays
    return list(rows.values())
