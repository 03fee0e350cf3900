"""The annual report as a job that people can watch. The row is the truth, the queue only a hint."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from common.codes import random_code
from evaluations.models import Evaluation
from schools.models import User


class ReportState(models.TextChoices):
    QUEUED = "QUEUED", "Menunggu"
    RUNNING = "RUNNING", "Sedang dibuat"
    READY = "READY", "Siap diunduh"
    FAILED = "FAILED", "Gagal"


def new_code() -> str:
    return random_code(12)


class AnnualReportQuerySet(models.QuerySet["AnnualReport"]):
    def visible_to(self, user: User | AnonymousUser) -> AnnualReportQuerySet:
        """Reports of the schools that *user* may know; every other one answers 404."""
        return self.filter(evaluation__in=Evaluation.objects.visible_to(user).values("pk"))


class AnnualReport(models.Model):
    """One rendering of one content snapshot. ``attempt`` is the fencing token of the worker that holds the row:
    a late first worker can't overwrite the second one's result."""

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="reports")
    code = models.CharField(max_length=12, unique=True, default=new_code)
    state = models.CharField("keadaan", max_length=8, choices=ReportState, default=ReportState.QUEUED)
    progress = models.PositiveSmallIntegerField("kemajuan", default=0, help_text="0-100")
    attempt = models.PositiveSmallIntegerField("percobaan", default=0)
    attempts_allowed = models.PositiveSmallIntegerField(
        default=3, help_text="grows when the report is asked for again: attempt itself never goes back"
    )
    lease_until = models.DateTimeField(null=True)
    snapshot_text = models.TextField()
    snapshot_sha256 = models.CharField(max_length=64)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    enqueued_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(null=True, help_text="byte")
    message = models.CharField("pesan", max_length=200, blank=True)

    objects = AnnualReportQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-pk"]
        verbose_name = "laporan tahunan"
        verbose_name_plural = "laporan tahunan"
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "snapshot_sha256"], name="report_once_per_content"),
            models.CheckConstraint(condition=Q(progress__lte=100), name="report_progress"),
            models.CheckConstraint(
                condition=(Q(state="RUNNING") & Q(lease_until__isnull=False))
                | (~Q(state="RUNNING") & Q(lease_until__isnull=True)),
                name="report_lease",
            ),
            models.CheckConstraint(
                condition=(Q(state="READY", progress=100, size__isnull=False) & ~Q(sha256=""))
                | (~Q(state="READY") & Q(sha256="", size__isnull=True)),
                name="report_ready_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"laporan {self.code}"

    @property
    def path(self) -> str:
        """Name in the file storage, of a READY report."""
        return f"{self.evaluation.cycle.school_id}/{self.sha256[:2]}/{self.sha256}"
