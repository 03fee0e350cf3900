"""What a school keeps about its readiness beside its answers: its own entries, scenarios, texts, and stored figures."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from common.codes import random_code
from evaluations.models import Evidence, QualityCycle

SCHEME_LENGTH = 40


def new_code() -> str:
    return random_code(12)


class SchemeSheet(models.Model):
    """What a school enters for one scheme that no instrument here asks: letters or sums, IPR and IPM, own thresholds.

    ``data`` has the shape of the input of ``manage.py score``. ``efforts`` (whole numbers by item) stay inside the
    school. ``version`` grows with every change.
    """

    cycle = models.ForeignKey(QualityCycle, models.CASCADE, related_name="scheme_sheets")
    scheme = models.CharField("skema", max_length=SCHEME_LENGTH)
    data = models.JSONField("isian", default=dict)
    efforts = models.JSONField("upaya per butir", default=dict)
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["cycle_id", "scheme"]
        verbose_name = "isian skema akreditasi"
        verbose_name_plural = "isian skema akreditasi"
        constraints = [models.UniqueConstraint(fields=["cycle", "scheme"], name="scheme_sheet_once")]

    def __str__(self) -> str:
        return f"{self.scheme} {self.cycle}"


class ScenarioKind(models.TextChoices):
    WHAT_IF = "WHAT_IF", "simulasi"
    PATH = "PATH", "jalan terpendek"


class Scenario(models.Model):
    """Levels that a school tries out under a name. Nothing in it touches the real answers; it stays in the school.

    ``data`` has the shape of the input of ``manage.py score`` and holds every level of the copy. A path also keeps its
    ``target`` and the raises (``plan``) that lead there, so that planning can take them over.
    """

    code = models.CharField(max_length=16, unique=True, default=new_code)
    cycle = models.ForeignKey(QualityCycle, models.CASCADE, related_name="scenarios")
    scheme = models.CharField("skema", max_length=SCHEME_LENGTH)
    scheme_version = models.CharField("versi skema", max_length=12)
    kind = models.CharField("jenis", max_length=8, choices=ScenarioKind, default=ScenarioKind.WHAT_IF)
    name = models.CharField("nama", max_length=80)
    data = models.JSONField("isian", default=dict)
    target = models.JSONField("target", default=dict)
    plan = models.JSONField("kenaikan", default=list)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-updated_at", "pk"]
        verbose_name = "skenario"
        verbose_name_plural = "skenario"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "scheme", "name"], name="scenario_name_once"),
            models.CheckConstraint(condition=models.Q(kind__in=ScenarioKind.values), name="scenario_kind"),
        ]

    def __str__(self) -> str:
        return self.name


class ReadinessSummary(models.Model):
    """Figures of one school under one scheme in one year, from what it submitted: for lists and for later years.

    ``formula`` names the rules and data that made them; a summary of another formula is computed again.
    """

    cycle = models.ForeignKey(QualityCycle, models.CASCADE, related_name="readiness")
    scheme = models.CharField("skema", max_length=SCHEME_LENGTH)
    formula = models.CharField("rumus", max_length=64)
    data = models.JSONField("angka")
    refreshed_at = models.DateTimeField("dihitung pada")

    class Meta:
        ordering = ["cycle_id", "scheme"]
        verbose_name = "ringkasan kesiapan"
        verbose_name_plural = "ringkasan kesiapan"
        constraints = [models.UniqueConstraint(fields=["cycle", "scheme"], name="readiness_summary_once")]
        indexes = [models.Index(fields=["formula", "cycle"], name="readiness_formula")]

    def __str__(self) -> str:
        return f"{self.scheme} {self.cycle}"


class PerformanceText(models.Model):
    """The school's own draft of the Deskripsi Kinerja Asesi for one butir. ``version`` grows with every change.

    ``basis`` names the answers and the proof that the person saw when saving (``performance.mark_of``): another one
    now means that they changed since.
    """

    cycle = models.ForeignKey(QualityCycle, models.CASCADE, related_name="performance_texts")
    scheme = models.CharField("skema", max_length=SCHEME_LENGTH)
    group = models.CharField("butir", max_length=12)
    text = models.TextField("deskripsi")
    basis = models.CharField("dasar naskah", max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["cycle_id", "scheme", "group"]
        verbose_name = "deskripsi kinerja"
        verbose_name_plural = "deskripsi kinerja"
        constraints = [models.UniqueConstraint(fields=["cycle", "scheme", "group"], name="performance_text_once")]

    def __str__(self) -> str:
        return f"{self.group} {self.cycle}"


class CompulsoryUpload(models.Model):
    """Evidence of the school that serves as one of the documents which a scheme demands before the visit."""

    cycle = models.ForeignKey(QualityCycle, models.CASCADE, related_name="compulsory_uploads")
    scheme = models.CharField("skema", max_length=SCHEME_LENGTH)
    document = models.CharField("dokumen", max_length=40)
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="+")
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    linked_at = models.DateTimeField()

    class Meta:
        ordering = ["cycle_id", "scheme", "document", "pk"]
        verbose_name = "dokumen wajib"
        verbose_name_plural = "dokumen wajib"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "scheme", "document", "evidence"], name="compulsory_upload_once")
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.cycle}"
