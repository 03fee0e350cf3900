"""The catalogue and the instruments as rows, loaded from the data files."""

from __future__ import annotations

from functools import lru_cache

from django.db import models
from django.db.models import Q

from common.append_only import AppendOnlyModel
from standards.instruments import InstrumentSpec


class RowStatus(models.TextChoices):
    CONFIRMED = "confirmed", "terverifikasi"
    PARTLY_CONFIRMED = "partly_confirmed", "terverifikasi sebagian"
    UNVERIFIED = "unverified", "belum terverifikasi"


class CatalogueEntry(models.Model):
    """What standard, indicator and subindicator share: code, official name, and how sure the name is."""

    code = models.CharField("kode", max_length=8, unique=True)
    name = models.CharField("nama", max_length=250)
    name_en = models.CharField("nama dalam bahasa Inggris", max_length=250, blank=True)
    position = models.PositiveSmallIntegerField()
    status = models.CharField("keadaan sumber", max_length=16, choices=RowStatus)
    note = models.TextField("catatan", blank=True)
    source = models.TextField("sumber")

    class Meta:
        abstract = True
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Standard(CatalogueEntry):
    class Meta(CatalogueEntry.Meta):
        verbose_name = "standar"
        verbose_name_plural = "standar"


class Indicator(CatalogueEntry):
    standard = models.ForeignKey(Standard, models.PROTECT, related_name="indicators")

    class Meta(CatalogueEntry.Meta):
        verbose_name = "indikator"
        verbose_name_plural = "indikator"


class Subindicator(CatalogueEntry):
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="subindicators")

    class Meta(CatalogueEntry.Meta):
        verbose_name = "subindikator"
        verbose_name_plural = "subindikator"


class LegalBasis(models.Model):
    """A regulation with its validity; ``conflict`` where public sources disagree."""

    class Status(models.TextChoices):
        VERIFIED = "verified", "terverifikasi"
        UNVERIFIED = "unverified", "belum terverifikasi"
        CONFLICT = "conflict", "sumber berbeda pendapat"

    key = models.CharField("kunci", max_length=60, unique=True)
    title = models.CharField("judul", max_length=250)
    subject = models.CharField("tentang", max_length=250)
    standard = models.ForeignKey(Standard, models.PROTECT, null=True, blank=True, related_name="legal_bases")
    valid_from = models.DateField("berlaku sejak", null=True, blank=True)
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)
    replaces = models.JSONField("menggantikan", default=list, blank=True)
    status = models.CharField("keadaan sumber", max_length=10, choices=Status)
    source = models.TextField("sumber")
    note = models.TextField("catatan", blank=True)

    class Meta:
        ordering = ["standard__position", "key"]
        verbose_name = "dasar hukum"
        verbose_name_plural = "dasar hukum"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=models.F("valid_from")),
                name="legal_period",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} tentang {self.subject}"


class InstrumentContent(AppendOnlyModel):
    """The whole of one instrument version as canonical JSON, found by its SHA-256.

    Apart from InstrumentVersion so that lists and joins never carry it.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    text = models.TextField()

    def __str__(self) -> str:
        return self.sha256[:12]


class InstrumentVersionQuerySet(models.QuerySet["InstrumentVersion"]):
    def published(self) -> InstrumentVersionQuerySet:
        return self.filter(status=InstrumentVersion.Status.PUBLISHED)

    def newest(self, instrument: str) -> InstrumentVersion | None:
        """The published version that was loaded last; a new cycle starts on it."""
        return self.published().filter(instrument=instrument).order_by("-position").first()


class InstrumentVersion(models.Model):
    """One version of an instrument. Once published its content never changes; a correction is a new version."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", "Draf"
        PUBLISHED = "PUBLISHED", "Terbit"
        RETIRED = "RETIRED", "Ditarik"

    instrument = models.CharField("instrumen", max_length=40)
    version = models.CharField("versi", max_length=10)
    title = models.CharField("judul", max_length=200)
    position = models.PositiveIntegerField(help_text="urutan versi: tahun x 1000 + nomor")
    status = models.CharField("keadaan", max_length=10, choices=Status, default=Status.DRAFT)
    content = models.ForeignKey(InstrumentContent, models.PROTECT, to_field="sha256", related_name="+")

    objects = InstrumentVersionQuerySet.as_manager()

    class Meta:
        ordering = ["instrument", "position"]
        verbose_name = "versi instrumen"
        verbose_name_plural = "versi instrumen"
        constraints = [
            models.UniqueConstraint(fields=["instrument", "version"], name="instrument_version_once"),
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "PUBLISHED", "RETIRED"]), name="instrument_version_status"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"

    @property
    def sha256(self) -> str:
        return self.content_id

    @property
    def spec(self) -> InstrumentSpec:
        """The parsed content; one query and one parse per process, since content is found by its hash."""
        return _spec(self.content_id)


@lru_cache(maxsize=32)
def _spec(sha256: str) -> InstrumentSpec:
    return InstrumentSpec.model_validate_json(InstrumentContent.objects.get(sha256=sha256).text)
