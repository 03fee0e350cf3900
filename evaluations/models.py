"""Cycle, evaluation, answers, evidence, submissions and reviews of a school."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from common.append_only import AppendOnlyModel
from common.codes import random_code
from evaluations.values import Value, parse_value
from schools.academic_year import AcademicYear
from schools.choices import EducationForm
from schools.models import Assignment, School, User
from standards.catalogue import Catalogue
from standards.instruments import InstrumentSpec
from standards.items import ItemSpec
from standards.models import InstrumentVersion
from standards.services import the_catalogue

INSTRUMENT = "eds-snp"  # the national self-evaluation, of which every cycle has one; others stand beside it


class StageState(models.TextChoices):
    NOT_STARTED = "NOT_STARTED", "Belum mulai"
    RUNNING = "RUNNING", "Berjalan"
    DONE = "DONE", "Selesai"


class SectionState(models.TextChoices):
    DRAFT = "DRAFT", "Sedang diisi"
    SUBMITTED = "SUBMITTED", "Diajukan"
    IN_REVIEW = "IN_REVIEW", "Ditelaah"
    RETURNED = "RETURNED", "Perlu diperbaiki"
    VERIFIED = "VERIFIED", "Terverifikasi"


class AnswerState(models.TextChoices):
    ANSWERED = "ANSWERED", "Terjawab"
    NOT_APPLICABLE = "NOT_APPLICABLE", "Tidak berlaku"


class AnswerOrigin(models.TextChoices):
    """Where an answer came from before somebody confirmed it; "" for what was typed."""

    EARLIER = "EARLIER", "Jawaban tahun lalu"
    SHEET = "SHEET", "Data pokok"


class LinkState(models.TextChoices):
    WAITING = "WAITING", "Menunggu telaah"
    ACCEPTED = "ACCEPTED", "Diterima"
    RETURNED = "RETURNED", "Perlu diperbaiki"

    def shown(self, section: SectionState | str) -> str:
        """The label in a section of that state: nobody waits for a review before submitting or after closing it."""
        if self is LinkState.WAITING and section in _NO_REVIEW:
            return _NO_REVIEW[SectionState(section)]
        return str(self.label)


_NO_REVIEW = {
    SectionState.DRAFT: "Belum diajukan",
    SectionState.RETURNED: "Belum diputuskan",
    SectionState.VERIFIED: "Tidak diputuskan",
}


class ReviewDecision(models.TextChoices):
    CONFIRMED = "CONFIRMED", "Sesuai"
    CORRECTED = "CORRECTED", "Dikoreksi"
    RETURNED = "RETURNED", "Perlu diperbaiki"

    def shown(self, *, answered: bool) -> str:
        """The label; of a question without an answer only the reason for that can be accepted."""
        return "Alasan diterima" if self is ReviewDecision.CONFIRMED and not answered else str(self.label)


class ReviewMode(models.TextChoices):
    """How the review was done; small schools have recorded ways out, and the report prints them."""

    TEAM = "TEAM", "Tim mutu"
    CROSS = "CROSS", "Telaah silang"
    GUEST = "GUEST", "Penelaah tamu"
    MEETING = "MEETING", "Rapat telaah"


class EvidenceKind(models.TextChoices):
    DOCUMENT = "DOCUMENT", "Dokumen"
    PHOTO = "PHOTO", "Foto"
    MINUTES = "MINUTES", "Notulen atau daftar hadir"
    DATA = "DATA", "Rekap data"


def new_code() -> str:
    return random_code(12)


# --- the year ---------------------------------------------------------------------------------------


class QualityCycle(models.Model):
    """One school's quality cycle in one academic year; may start in the middle of it."""

    school = models.ForeignKey(School, models.PROTECT, related_name="cycles", verbose_name="sekolah")
    year = models.PositiveSmallIntegerField("tahun mulai", help_text="2026 untuk 2026/2027")
    model = models.CharField("model siklus", max_length=20)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()

    class Meta:
        ordering = ["-year", "school"]
        verbose_name = "siklus mutu"
        verbose_name_plural = "siklus mutu"
        constraints = [
            models.UniqueConstraint(fields=["school", "year"], name="cycle_one_per_year"),
            models.CheckConstraint(condition=Q(year__gte=2000, year__lte=2100), name="cycle_year"),
        ]

    def __str__(self) -> str:
        return f"{self.school} {self.academic_year}"

    @property
    def academic_year(self) -> AcademicYear:
        return AcademicYear(self.year)


class CycleStage(models.Model):
    """One stage with the school's own dates and state; stages may overlap."""

    cycle = models.ForeignKey(QualityCycle, models.CASCADE, related_name="stages")
    key = models.CharField(max_length=20)
    name = models.CharField("nama", max_length=60)
    about = models.CharField("isi", max_length=120)
    position = models.PositiveSmallIntegerField()
    starts_on = models.DateField("mulai")
    ends_on = models.DateField("sampai")
    state = models.CharField("keadaan", max_length=12, choices=StageState, default=StageState.NOT_STARTED)

    class Meta:
        ordering = ["cycle_id", "position"]
        verbose_name = "tahap siklus"
        verbose_name_plural = "tahap siklus"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "key"], name="stage_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="stage_period"),
            models.CheckConstraint(condition=Q(state__in=StageState.values), name="stage_state"),
        ]

    def __str__(self) -> str:
        return self.name


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    def visible_to(self, user: User | AnonymousUser) -> EvaluationQuerySet:
        """Evaluations of the schools that *user* may know; every other one answers 404."""
        return self.filter(cycle__school__in=School.objects.visible_to(user).values("pk"))

    def with_place(self) -> EvaluationQuerySet:
        """Together with cycle, school, region and instrument version: what every page names."""
        return self.select_related("cycle__school__region", "version")


class Evaluation(models.Model):
    """One school's self-evaluation in one cycle on one instrument version. Its state follows its sections."""

    cycle = models.ForeignKey(QualityCycle, models.PROTECT, related_name="evaluations")
    version = models.ForeignKey(InstrumentVersion, models.PROTECT, related_name="+")
    form = models.CharField("bentuk pendidikan", max_length=3, choices=EducationForm)
    scope = models.CharField(
        "cakupan", max_length=20, blank=True, help_text="kunci cakupan dalam versi instrumen; kosong: semua pertanyaan"
    )
    approved_at = models.DateTimeField("disahkan pada", null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_as = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="+")

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        ordering = ["-cycle__year", "pk"]
        verbose_name = "evaluasi diri"
        verbose_name_plural = "evaluasi diri"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "version"], name="evaluation_once"),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None, approved_as=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False, approved_as__isnull=False),
                name="evaluation_approval_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"EDS {self.cycle}"

    @property
    def school(self) -> School:
        return self.cycle.school

    @property
    def spec(self) -> InstrumentSpec:
        return self.version.spec

    @property
    def asked(self) -> dict[str, ItemSpec]:
        """What this school is asked, by code and in the order of the codes."""
        return self.spec.asked(self.form, self.scope)

    @property
    def scope_name(self) -> str:
        """``Inti``; "" for a version that is always asked as a whole."""
        return self.spec.scope(self.scope).name if self.scope else ""

    def comparable_with(self, other: Evaluation) -> bool:
        """Whether figures of both may stand side by side: asked as a whole, or in the scope of the same name."""
        whole = [one.spec.asked(one.form).keys() == one.asked.keys() for one in (self, other)]
        return all(whole) or (not any(whole) and self.scope == other.scope)

    @property
    def catalogue(self) -> Catalogue:
        """The parts of which this instrument asks."""
        return self.spec.catalogue(self.form) or the_catalogue()

    @property
    def is_approved(self) -> bool:
        return self.approved_at is not None

    @property
    def is_national(self) -> bool:
        """The self-evaluation that every cycle has; the others stand beside it."""
        return self.version.instrument == INSTRUMENT

    def address(self, name: str, *args: Any) -> str:
        """The address of one of its pages."""
        place = [self.school.npsn, self.cycle.year]
        beside = [] if self.is_national else [self.version.instrument]
        return reverse(f"evaluations:{name}", args=[*place, *beside, *args])


class Section(models.Model):
    """One standard of one evaluation: the unit that is filled, submitted, reviewed and returned.

    ``answered_count`` and ``item_count`` are kept by the services under the section's lock, so that lists of
    many schools never count answers. ``writes`` numbers the answers' versions; it only grows.
    """

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="sections")
    standard = models.CharField("standar", max_length=2)
    state = models.CharField("keadaan", max_length=10, choices=SectionState, default=SectionState.DRAFT)
    round = models.PositiveSmallIntegerField("putaran", default=0, help_text="banyaknya pengajuan sejauh ini")
    item_count = models.PositiveSmallIntegerField()
    answered_count = models.PositiveSmallIntegerField(default=0)
    writes = models.PositiveIntegerField(default=0)
    return_note = models.TextField("pesan pengembalian", blank=True)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    verified_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["evaluation_id", "standard"]
        verbose_name = "standar dalam evaluasi"
        verbose_name_plural = "standar dalam evaluasi"
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "standard"], name="section_once"),
            models.CheckConstraint(condition=Q(state__in=SectionState.values), name="section_state"),
            models.CheckConstraint(condition=Q(answered_count__lte=F("item_count")), name="section_counts"),
            models.CheckConstraint(
                condition=Q(state=SectionState.DRAFT, round=0) | (~Q(state=SectionState.DRAFT) & Q(round__gte=1)),
                name="section_round",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation}, standar {self.standard}"

    @property
    def label(self) -> str:
        """What the instrument calls such a part: ``standar``, ``komponen``."""
        return self.evaluation.spec.labels.standard

    @property
    def name(self) -> str:
        """``Standar Pengelolaan``, as the catalogue of the instrument has it."""
        return self.evaluation.catalogue.by_code[self.standard].name

    @cached_property
    def items(self) -> tuple[ItemSpec, ...]:
        return tuple(item for item in self.evaluation.asked.values() if item.standard == self.standard)

    def item(self, code: str) -> ItemSpec | None:
        """The item asked here under this code, or None."""
        item = self.evaluation.asked.get(code)
        return item if item and item.standard == self.standard else None

    @cached_property
    def left_count(self) -> int:
        """Questions that still wait for an answer; one whose title is not known never gets one."""
        return sum(item.answerable for item in self.items) - self.answered_count

    @property
    def is_open(self) -> bool:
        """Whether answers and evidence may change."""
        return self.state in (SectionState.DRAFT, SectionState.RETURNED)


class Answer(models.Model):
    """The school's current answer to one item; no row means unanswered, which is neither zero nor "tidak berlaku"."""

    section = models.ForeignKey(Section, models.CASCADE, related_name="answers")
    item_code = models.CharField("pertanyaan", max_length=12)
    state = models.CharField(max_length=14, choices=AnswerState)
    value = models.JSONField(null=True)
    na_reason = models.CharField("alasan tidak berlaku", max_length=40, blank=True)
    note = models.TextField("catatan", blank=True)
    version = models.PositiveIntegerField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    typed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()
    origin = models.CharField("asal usulan", max_length=8, choices=AnswerOrigin, blank=True)
    origin_note = models.CharField("keterangan asal", max_length=300, blank=True)

    class Meta:
        # By the column, not the relation: its ordering would join tables that no list of answers needs.
        ordering = ["section_id", "item_code"]
        verbose_name = "jawaban"
        verbose_name_plural = "jawaban"
        constraints = [
            models.UniqueConstraint(fields=["section", "item_code"], name="answer_once"),
            models.CheckConstraint(
                condition=Q(state=AnswerState.ANSWERED, value__isnull=False, na_reason="")
                | (Q(state=AnswerState.NOT_APPLICABLE, value__isnull=True) & ~Q(na_reason="")),
                name="answer_state",
            ),
            models.CheckConstraint(condition=Q(origin__in=["", *AnswerOrigin.values]), name="answer_origin"),
        ]

    def __str__(self) -> str:
        return f"{self.section} {self.item_code}"

    def parsed(self, item: ItemSpec) -> Value | None:
        """The value as a frozen dataclass; None for "tidak berlaku"."""
        return None if self.value is None else parse_value(item, self.value)


# --- evidence ---------------------------------------------------------------------------------------


class StoredFile(models.Model):
    """Bytes that a school holds, once per content: ``media/<school id>/<aa>/<sha256>``."""

    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="byte")
    content_type = models.CharField(max_length=80, help_text="menurut isi berkas, bukan namanya")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        verbose_name = "berkas"
        verbose_name_plural = "berkas"
        constraints = [models.UniqueConstraint(fields=["school", "sha256"], name="file_once_per_school")]

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def path(self) -> str:
        """Name in the file storage."""
        return f"{self.school_id}/{self.sha256[:2]}/{self.sha256}"


class Evidence(models.Model):
    """A piece of proof that a school keeps; its files are revisions."""

    school = models.ForeignKey(School, models.PROTECT, related_name="evidence")
    code = models.CharField(max_length=12, unique=True, default=new_code)
    title = models.CharField("judul", max_length=150)
    kind = models.CharField("jenis", max_length=10, choices=EvidenceKind, default=EvidenceKind.DOCUMENT)
    dated = models.DateField("tanggal bukti", null=True, blank=True)
    valid_until = models.DateField("berlaku sampai", null=True, blank=True)
    confidential = models.BooleanField("rahasia: tetap di dalam sekolah", default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "pk"]
        verbose_name = "bukti dukung"
        verbose_name_plural = "bukti dukung"
        constraints = [models.CheckConstraint(condition=Q(kind__in=EvidenceKind.values), name="evidence_kind")]

    def __str__(self) -> str:
        return self.title


class EvidenceRevision(AppendOnlyModel):
    """One uploaded state of a piece of evidence. Never changes; a better file is a new revision."""

    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField("revisi")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    code = models.CharField(max_length=12, unique=True, default=new_code)
    original_name = models.CharField("nama berkas", max_length=150)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["evidence_id", "number"]
        verbose_name = "revisi bukti"
        verbose_name_plural = "revisi bukti"
        constraints = [models.UniqueConstraint(fields=["evidence", "number"], name="revision_once")]

    def __str__(self) -> str:
        return f"{self.evidence} (revisi {self.number})"


class EvidenceLink(models.Model):
    """A revision offered as proof for one item; carries the acceptance, so a new revision waits again."""

    section = models.ForeignKey(Section, models.CASCADE, related_name="links")
    item_code = models.CharField("pertanyaan", max_length=12)
    revision = models.ForeignKey(EvidenceRevision, models.PROTECT, related_name="links")
    state = models.CharField("keadaan", max_length=8, choices=LinkState, default=LinkState.WAITING)
    reason = models.TextField("alasan", blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["section_id", "item_code", "created_at", "pk"]
        verbose_name = "bukti pada pertanyaan"
        verbose_name_plural = "bukti pada pertanyaan"
        constraints = [
            models.UniqueConstraint(fields=["section", "item_code", "revision"], name="link_once"),
            models.CheckConstraint(
                condition=Q(state=LinkState.WAITING, decided_at__isnull=True)
                | Q(state=LinkState.ACCEPTED, decided_at__isnull=False)
                | (Q(state=LinkState.RETURNED, decided_at__isnull=False) & ~Q(reason="")),
                name="link_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_code}: {self.revision}"


# --- submission and review --------------------------------------------------------------------------


class Submission(AppendOnlyModel):
    """A section as it was handed in: number, time, canonical content and its SHA-256 (tanda terima)."""

    number = models.CharField("nomor tanda terima", max_length=20, unique=True)
    section = models.ForeignKey(Section, models.PROTECT, related_name="submissions")
    round = models.PositiveSmallIntegerField("putaran")
    content_text = models.TextField()
    sha256 = models.CharField(max_length=64)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()

    class Meta:
        ordering = ["section_id", "round"]
        verbose_name = "pengajuan"
        verbose_name_plural = "pengajuan"
        constraints = [models.UniqueConstraint(fields=["section", "round"], name="submission_once_per_round")]

    def __str__(self) -> str:
        return self.number

    @cached_property
    def content(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self.content_text)
        return data


class Review(AppendOnlyModel):
    """A decision on one item of one submission; the last one of the round counts."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="reviews")
    item_code = models.CharField("pertanyaan", max_length=12)
    decision = models.CharField("keputusan", max_length=10, choices=ReviewDecision)
    state = models.CharField(max_length=14, choices=AnswerState, blank=True, help_text="hanya untuk koreksi")
    value = models.JSONField(null=True)
    na_reason = models.CharField(max_length=40, blank=True)
    reason = models.TextField("alasan", blank=True)
    mode = models.CharField("cara telaah", max_length=8, choices=ReviewMode)
    attendance = models.TextField("daftar hadir", blank=True)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(default=timezone.now)
    carried_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["submission_id", "pk"]
        verbose_name = "telaah"
        verbose_name_plural = "telaah"
        indexes = [models.Index(fields=["submission", "item_code"])]
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=ReviewMode.values), name="review_mode"),
            models.CheckConstraint(
                condition=Q(decision=ReviewDecision.CONFIRMED) | ~Q(reason=""), name="review_reason"
            ),
            models.CheckConstraint(
                condition=(Q(decision=ReviewDecision.CORRECTED) & ~Q(state=""))
                | (Q(state="", value__isnull=True) & ~Q(decision=ReviewDecision.CORRECTED)),
                name="review_correction",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission} {self.item_code}: {self.get_decision_display()}"


class ProfileSummary(models.Model):
    """The profile as supervisors' and offices' lists read it; refreshed after every transition."""

    evaluation = models.OneToOneField(Evaluation, models.CASCADE, related_name="summary")
    data = models.JSONField(default=dict)
    refreshed_at = models.DateTimeField()

    class Meta:
        verbose_name = "ringkasan profil"
        verbose_name_plural = "ringkasan profil"

    def __str__(self) -> str:
        return f"ringkasan {self.evaluation}"


# These tables stand in a module of their own; Django finds them by way of this one.
from evaluations.target_models import DecisionState, Target, TargetDecision  # noqa: E402, F401
