"""What a school wants to reach this year, and how it was decided."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from evaluations.models import EvidenceRevision, QualityCycle
from schools.models import Assignment


class DecisionState(models.TextChoices):
    DRAFT = "DRAFT", "Sedang disusun"
    PROPOSED = "PROPOSED", "Diusulkan"
    RETURNED = "RETURNED", "Dikembalikan"
    APPROVED = "APPROVED", "Disahkan"


class Target(models.Model):
    """What the school wants for one indicator or subindicator; no row, or no score, means not set, which is not zero.

    These are the rows that the team works on. What was approved stands in the decision.
    """

    cycle = models.ForeignKey(QualityCycle, models.CASCADE, related_name="targets")
    code = models.CharField("indikator atau subindikator", max_length=8)
    score = models.DecimalField("target", max_digits=4, decimal_places=2, null=True)
    beyond = models.BooleanField("melampaui SNP", default=False)
    beyond_note = models.TextField("yang melampaui SNP", blank=True)
    note = models.TextField("catatan", blank=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["cycle_id", "code"]
        verbose_name = "target"
        verbose_name_plural = "target"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "code"], name="target_once"),
            models.CheckConstraint(condition=Q(score__isnull=True) | Q(score__gte=0), name="target_score"),
            models.CheckConstraint(
                condition=(Q(beyond=True) & ~Q(beyond_note="")) | Q(beyond=False, beyond_note=""), name="target_beyond"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cycle} {self.code}"


class TargetDecision(models.Model):
    """One round of deciding on the targets of a year: the meeting, the proposal, the approval.

    The newest round is the one worked on; ``content`` keeps the targets of an approved round as they were approved,
    so that they hold until a later round is approved too.
    """

    cycle = models.ForeignKey(QualityCycle, models.CASCADE, related_name="target_decisions")
    round = models.PositiveSmallIntegerField("putaran", default=1)
    state = models.CharField("keadaan", max_length=8, choices=DecisionState, default=DecisionState.DRAFT)
    met_on = models.DateField("tanggal rapat", null=True)
    place = models.CharField("tempat", max_length=150, blank=True)
    participants = models.JSONField("peserta", default=list)  # [{"name": .., "role": ..}]
    minutes = models.ForeignKey(EvidenceRevision, models.PROTECT, null=True, related_name="+")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    return_reason = models.TextField("alasan pengembalian", blank=True)
    approved_at = models.DateTimeField("disahkan pada", null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_as = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="+")
    content = models.JSONField(null=True)

    class Meta:
        ordering = ["cycle_id", "round"]
        verbose_name = "penetapan target"
        verbose_name_plural = "penetapan target"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "round"], name="target_decision_once"),
            models.CheckConstraint(condition=Q(state__in=DecisionState.values), name="target_decision_state"),
            models.CheckConstraint(
                condition=Q(
                    state=DecisionState.APPROVED,
                    approved_at__isnull=False,
                    approved_by__isnull=False,
                    approved_as__isnull=False,
                    content__isnull=False,
                )
                | (
                    ~Q(state=DecisionState.APPROVED)
                    & Q(approved_at=None, approved_by=None, approved_as=None, content__isnull=True)
                ),
                name="target_decision_approval",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[DecisionState.PROPOSED, DecisionState.APPROVED])
                | Q(met_on__isnull=False, minutes__isnull=False, proposed_by__isnull=False, proposed_at__isnull=False),
                name="target_decision_meeting",
            ),
            models.CheckConstraint(
                condition=~Q(state=DecisionState.RETURNED) | ~Q(return_reason=""), name="target_decision_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"target {self.cycle}, putaran {self.round}"

    @property
    def is_open(self) -> bool:
        """Whether targets and meeting may change."""
        return self.state in (DecisionState.DRAFT, DecisionState.RETURNED)

    @property
    def proposal(self) -> str:
        """What tells this proposal from an earlier or later one; empty while nothing was proposed."""
        return self.proposed_at.isoformat() if self.proposed_at else ""
