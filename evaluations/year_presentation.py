"""What the page of a school's year shows: stages, progress per standard, what to do next."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import OuterRef, Subquery, Sum
from django.urls import reverse

from common import clock
from common.decisions import ALLOWED, Decision
from evaluations.models import (
    INSTRUMENT,
    Answer,
    DecisionState,
    Evaluation,
    EvidenceLink,
    LinkState,
    Review,
    ReviewDecision,
    Section,
    SectionState,
    StageState,
    Submission,
)
from evaluations.permissions import (
    can_approve,
    can_approve_targets,
    can_change_scope,
    can_edit_stages,
    can_edit_targets,
    can_propose_targets,
    can_read_drafts,
    can_read_profile,
    can_read_section,
    can_read_targets,
    can_see_queue,
    can_submit,
    may_approve,
    may_fill,
    may_review,
)
from evaluations.services.targets import TargetBook, TargetYear
from schools.models import User
from schools.permissions import can_read_basic_data
from standards.catalogue import CatalogueRow
from standards.permissions import can_keep_instruments

STEPS_TO_FILL = 3  # so that a phone shows the other steps too; one card stands for the rest


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do next, or to know."""

    title: str
    note: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class StandardRow:
    """One of the eight standards in the list of progress; ``section`` None: not measured by this instrument."""

    row: CatalogueRow
    section: Section | None
    readable: Decision
    url: str


@dataclass(frozen=True, slots=True)
class StageRow:
    stage: Any
    tone: str
    label: str


@dataclass(frozen=True, slots=True)
class Beside:
    """An instrument that is answered in the same year, with how far it is."""

    evaluation: Evaluation
    answered: int
    total: int


def beside(national: Evaluation) -> list[Beside]:
    """The other evaluations of the same cycle; one query, and their instruments once per process."""
    rows = Evaluation.objects.filter(cycle=national.cycle).exclude(version__instrument=INSTRUMENT)
    counted = rows.select_related("version").annotate(
        answered=Sum("sections__answered_count"), total=Sum("sections__item_count")
    )
    found = []
    for row in counted.order_by("version__instrument"):
        row.cycle = national.cycle
        found.append(Beside(row, row.answered, row.total))
    return found


@dataclass
class CycleView:
    """One year of one school as *user* sees it."""

    user: User
    evaluation: Evaluation
    sections: list[Section] = field(init=False)

    def __post_init__(self) -> None:
        self.school, self.cycle = self.evaluation.school, self.evaluation.cycle
        self.sections = list(self.evaluation.sections.order_by("standard"))
        self.today = clock.today(self.school.time_zone)

    def url(self, name: str, *args: Any) -> str:
        return self.evaluation.address(name, *args)

    @property
    def submitted(self) -> bool:
        return any(section.round for section in self.sections)

    @property
    def answered(self) -> int:
        return sum(section.answered_count for section in self.sections)

    @property
    def total(self) -> int:
        return sum(section.item_count for section in self.sections)

    @cached_property
    def beside(self) -> list[Beside]:
        return beside(self.evaluation)

    @cached_property
    def profile_readable(self) -> Decision:
        return can_read_profile(self.user, self.evaluation, submitted=self.submitted)

    @cached_property
    def can_change_scope(self) -> Decision:
        return can_change_scope(self.user, self.evaluation)

    @cached_property
    def can_write_own(self) -> Decision:
        return can_keep_instruments(self.user, self.school)

    @cached_property
    def basic_data_readable(self) -> Decision:
        return can_read_basic_data(self.user, self.school)

    @cached_property
    def can_edit_stages(self) -> Decision:
        return can_edit_stages(self.user, self.school)

    @cached_property
    def queue_visible(self) -> Decision:
        return can_see_queue(self.user, self.school)

    @cached_property
    def approvable(self) -> Decision:
        return can_approve(self.user, self.evaluation, states=[section.state for section in self.sections])

    @cached_property
    def targets(self) -> TargetYear:
        return TargetYear(self.evaluation)

    @cached_property
    def targets_readable(self) -> Decision:
        return can_read_targets(self.user, self.school, approved=self.targets.in_force is not None)

    @cached_property
    def target_book(self) -> TargetBook | None:
        """The targets that this person may know of: those in force or, inside the school, the draft."""
        return self.targets.book(drafts=bool(can_read_drafts(self.user, self.school)))

    @cached_property
    def stages(self) -> list[StageRow]:
        rows = []
        for stage in self.cycle.stages.all():
            late = stage.state != StageState.DONE and stage.ends_on < self.today
            rows.append(StageRow(stage, "late" if late else stage.state.lower(), self._stage_label(stage, late)))
        return rows

    @staticmethod
    def _stage_label(stage: Any, late: bool) -> str:
        return f"{stage.get_state_display()}, lewat waktu" if late else stage.get_state_display()

    @cached_property
    def standards(self) -> list[StandardRow]:
        by_code = {section.standard: section for section in self.sections}
        rows = []
        for row in self.evaluation.catalogue.standards:
            section = by_code.get(row.code)
            readable = can_read_section(self.user, section) if section else ALLOWED
            rows.append(StandardRow(row, section, readable, self.url("section", row.code) if section else ""))
        return rows

    def _things_to_mend(self) -> dict[int, int]:
        """How many things the last review gave back and nobody has changed since, per returned section.

        Four queries for any number of them.
        """
        returned = [section.pk for section in self.sections if section.state == SectionState.RETURNED]
        if not returned:
            return {}
        newest = Submission.objects.filter(section=OuterRef("section")).order_by("-round").values("pk")[:1]
        rounds = Submission.objects.filter(section__in=returned, pk=Subquery(newest)).values_list(
            "pk", "section_id", "submitted_at"
        )
        section_of = {pk: section for pk, section, _ in rounds}
        since = {section: at for _, section, at in rounds}
        decisions = {
            (section_of[submission], code): (decision, at)
            for submission, code, decision, at in Review.objects.filter(submission__in=section_of)
            .order_by("pk")
            .values_list("submission_id", "item_code", "decision", "reviewed_at")
        }
        answers = Answer.objects.filter(section__in=returned).values_list("section_id", "item_code", "updated_at")
        changed = {(section, code): at for section, code, at in answers}
        counts = dict.fromkeys(returned, 0)
        for place, (decision, at) in decisions.items():
            handled = place in changed and changed[place] > at
            counts[place[0]] += decision == ReviewDecision.RETURNED and not handled
        links = EvidenceLink.objects.filter(section__in=returned, state=LinkState.RETURNED)
        for section, decided in links.values_list("section_id", "decided_at"):
            counts[section] += decided is not None and section in since and decided >= since[section]
        return counts

    @cached_property
    def steps(self) -> list[Step]:
        """What to do next, the most pressing first, for the roles that this person holds here."""
        if self.evaluation.is_approved:
            return [*self._target_steps(), *self._steps_after_approval()]
        steps = [*self._filling_steps(), *self._submitting_steps(), *self._review_steps(), *self._approval_steps()]
        if targets := self._target_steps():
            # A proposal waits for one signature, and nothing else can be done for it; setting targets can wait.
            waits = self.targets.current is not None and self.targets.current.state == DecisionState.PROPOSED
            steps = [*targets, *steps] if waits else [*steps, *targets]
        return steps or self._reading_steps()

    def _target_steps(self) -> list[Step]:
        if not self.evaluation.is_national:  # targets belong to the year, not to every instrument in it
            return []
        current = self.targets.current
        if can_approve_targets(self.user, self.evaluation, current):
            note = "Tim mutu sudah mencatat rapat dan mengusulkannya. Baca, lalu sahkan atau kembalikan."
            return [Step("Sahkan target", note, self.url("targets_decision"))]
        if not can_edit_targets(self.user, self.evaluation, current):
            return []
        if current is None:
            note = "Nilai yang ingin dicapai per indikator, ditetapkan dalam rapat dan disahkan."
            return [Step("Tetapkan target tahun ini", note, self.url("targets"))]
        if current.state == DecisionState.RETURNED:
            return [Step("Perbaiki usulan target", "Alasan pengembaliannya tertulis di sana.", self.url("targets"))]
        if can_propose_targets(self.user, self.evaluation, current):
            note = "Lengkapi bila perlu, catat rapatnya, lalu usulkan untuk disahkan."
            return [Step("Selesaikan dan usulkan target", note, self.url("targets"))]
        return [Step("Lengkapi target tahun ini", "Tim mutu mengusulkannya sesudah rapat.", self.url("targets"))]

    def _filling_steps(self) -> list[Step]:
        steps = []
        open_sections = [section for section in self.sections if may_fill(self.user, section) and section.is_open]
        counts = self._things_to_mend() if open_sections else {}
        for section in open_sections:
            if things := counts.get(section.pk):
                steps.append(
                    Step(
                        f"{things} hal perlu diperbaiki di {section.name}",
                        "Tim mutu menuliskan alasannya di setiap pertanyaan dan bukti.",
                        self.url("section", section.standard) + "#perbaikan",
                    )
                )
        unfinished = [section for section in open_sections if section.left_count]
        shown = unfinished if len(unfinished) <= STEPS_TO_FILL + 1 else unfinished[:STEPS_TO_FILL]
        for section in shown:
            steps.append(
                Step(
                    f"Isi {section.left_count} pertanyaan di {section.name}",
                    f"Sudah terisi {section.answered_count} dari {section.item_count}.",
                    self.url("section", section.standard) + "#belum-dijawab",
                )
            )
        if others := unfinished[len(shown) :]:
            left = sum(section.left_count for section in others)
            title = f"Isi {left} pertanyaan di {len(others)} {others[0].label} lain"
            steps.append(Step(title, "Daftarnya di bawah, dengan kemajuan masing-masing.", "#standar-judul"))
        return steps

    def _submitting_steps(self) -> list[Step]:
        return [
            Step(
                f"Ajukan kembali {section.label} {section.standard} sesudah diperbaiki"
                if section.state == SectionState.RETURNED
                else f"Ajukan {section.label} {section.standard}: semua terisi",
                "Periksa sekali lagi, lalu ajukan agar tim mutu dapat menelaah.",
                self.url("submit", section.standard),
            )
            for section in self.sections
            if can_submit(self.user, section) and not section.left_count
        ]

    def _review_steps(self) -> list[Step]:
        waiting = [s for s in self.sections if s.state in (SectionState.SUBMITTED, SectionState.IN_REVIEW)]
        if not waiting:
            return []
        names = ", ".join(f"{section.label} {section.standard}" for section in waiting)
        title = f"{len(waiting)} {waiting[0].label} menunggu telaah"
        if may_review(self.user, waiting[0]):
            return [Step(title, f"Buka antrean telaah: {names}.", self.url("queue"))]
        url = self.url("queue") if self.queue_visible else ""
        begun = any(section.state == SectionState.IN_REVIEW for section in waiting)
        doing = "Tim mutu sedang menelaah" if begun else "Tim mutu belum mulai menelaah"
        return [Step(title, f"{doing} {names}. Anda belum perlu berbuat apa-apa.", url)]

    def _approval_steps(self) -> list[Step]:
        if self.approvable:
            return [Step("Sahkan evaluasi", "Semua bagian sudah terverifikasi.", "#sahkan")]
        return []

    def _steps_after_approval(self) -> list[Step]:
        if not self.evaluation.is_national:
            return [Step("Baca sebaran level", "Sudah disahkan dan tidak berubah lagi.", self.url("profile"))]
        reports = reverse("reports:reports", args=[self.school.npsn, self.cycle.year])
        if may_approve(self.user, self.evaluation):
            note = "Evaluasi sudah disahkan. Di halaman ini laporannya diminta, lalu diunduh sebagai PDF."
            return [Step("Buka laporan tahunan", note, reports)]
        return [Step("Baca laporan tahunan", "Evaluasi sudah disahkan dan tidak berubah lagi.", reports)]

    def _reading_steps(self) -> list[Step]:
        if self.profile_readable:
            note = "Tidak ada yang menunggu Anda saat ini. Di sini hasilnya sejauh ini."
            title = "Baca profil mutu" if self.evaluation.is_national else "Baca sebaran level"
            return [Step(title, note, self.url("profile"))]
        return [Step(f"Ikuti kemajuan {self.school.words.school} ini", self.profile_readable.reason)]
