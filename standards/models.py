"""The catalogue and the instruments as rows, loaded from the data files."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from common.append_only import AppendOnlyError, AppendOnlyModel
from schools.choices import SCHOOL_ROLES, Role
from schools.models import Office, School, User
from standards.instruments import OFFICE_KEY, SCHOOL_KEY, InstrumentSpec
from standards.naming import STATUSES


class RowStatus(models.TextChoices):
    CONFIRMED = "confirmed", STATUSES["confirmed"]
    PARTLY_CONFIRMED = "partly_confirmed", STATUSES["partly_confirmed"]
    UNVERIFIED = "unverified", STATUSES["unverified"]


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

    def national(self) -> InstrumentVersionQuerySet:
        """Those of the data files, which belong to nobody."""
        return self.filter(owner_school=None, owner_office=None)

    def public(self) -> InstrumentVersionQuerySet:
        """National ones that are or were in force: what the catalogue shows without login."""
        return self.national().exclude(status=InstrumentVersion.Status.DRAFT)

    def newest(self, instrument: str) -> InstrumentVersion | None:
        """The published version with the highest number, never a draft or a retired one; a new cycle starts on it."""
        return self.published().filter(instrument=instrument).order_by("-position").first()

    def visible_to(self, user: User | AnonymousUser) -> InstrumentVersionQuerySet:
        """Versions that *user* may know exist; every other one answers 404.

        National ones once published; an office's own ones for its people, and once published for everybody in
        the schools of its jurisdiction; a school's own ones for everybody who works for it, drafts only for
        those inside.
        """
        shown = ~Q(status=InstrumentVersion.Status.DRAFT)
        reach = Q(owner_school=None, owner_office=None) & shown
        if user.is_authenticated and user.is_active:
            held = user.held()
            schools = {a.school_id: a.school for a in held if a.school is not None}
            inside = {a.school_id for a in held if a.role in SCHOOL_ROLES and a.role != Role.GUEST_REVIEWER}
            offices = {a.office_id for a in held if a.office_id is not None}
            over = {office.pk for office in _offices_over(list(schools.values()))}
            reach |= Q(owner_school__in=inside) | Q(owner_office__in=offices)
            reach |= (Q(owner_school__in=list(schools)) | Q(owner_office__in=over)) & shown
        return self.filter(reach)

    def owned_by(self, owners: Iterable[School | Office]) -> InstrumentVersionQuerySet:
        """Instruments of these schools and offices, in every state."""
        owners = list(owners)
        schools = [owner.pk for owner in owners if isinstance(owner, School)]
        offices = [owner.pk for owner in owners if isinstance(owner, Office)]
        return self.filter(Q(owner_school__in=schools) | Q(owner_office__in=offices))

    def offered_to(self, school: School) -> InstrumentVersionQuerySet:
        """Published versions that *school* may work with: national ones, its own, those of offices over it."""
        over = [office.pk for office in _offices_over([school])]
        national = Q(owner_school=None, owner_office=None)
        return self.published().filter(national | Q(owner_school=school) | Q(owner_office__in=over))

    def with_owner(self) -> InstrumentVersionQuerySet:
        """Together with what permissions look at."""
        return self.select_related("owner_school__region", "owner_office")

    def delete(self) -> tuple[int, dict[str, int]]:
        if self.exclude(status=InstrumentVersion.Status.DRAFT).exists():
            raise AppendOnlyError("published versions are never deleted")
        return super().delete()


def _offices_over(schools: list[School]) -> list[Office]:
    """Offices in whose jurisdiction one of *schools* lies; two queries, whatever their number."""
    areas = set()
    for school in schools:
        parts = school.region.code.split(".")
        areas |= {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
    if not areas:
        return []
    near = Office.objects.filter(regions__code__in=areas).distinct().prefetch_related("regions")
    return [office for office in near if any(office.covers(school) for school in schools)]


class InstrumentVersion(models.Model):
    """One version of an instrument. Once published its content never changes; a correction is a new version.

    States go one way: draft, published, retired (services in standards.versions, triggers in the migrations).
    Without an owner it is national and comes from the data files.
    """

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
    owner_school = models.ForeignKey(
        School, models.PROTECT, null=True, blank=True, related_name="instruments", verbose_name="sekolah pemilik"
    )
    owner_office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="instruments", verbose_name="dinas pemilik"
    )
    published_at = models.DateTimeField("terbit pada", null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="kosong bila dimuat dari berkas",
    )
    retired_at = models.DateTimeField("ditarik pada", null=True, blank=True)

    objects = InstrumentVersionQuerySet.as_manager()

    class Meta:
        ordering = ["instrument", "position"]
        verbose_name = "versi instrumen"
        verbose_name_plural = "versi instrumen"
        constraints = [
            models.UniqueConstraint(fields=["instrument", "version"], name="instrument_version_once"),
            models.UniqueConstraint(
                fields=["instrument"], condition=Q(status="DRAFT"), name="instrument_version_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "PUBLISHED", "RETIRED"]), name="instrument_version_status"
            ),
            models.CheckConstraint(
                condition=Q(owner_school__isnull=True) | Q(owner_office__isnull=True), name="instrument_version_owner"
            ),
            # The key says whose it is, so that no school and no office can take the name of a national instrument.
            models.CheckConstraint(
                condition=Q(owner_school__isnull=False, instrument__startswith=SCHOOL_KEY)
                | Q(owner_office__isnull=False, instrument__startswith=OFFICE_KEY)
                | (
                    Q(owner_school__isnull=True, owner_office__isnull=True)
                    & ~Q(instrument__startswith=SCHOOL_KEY)
                    & ~Q(instrument__startswith=OFFICE_KEY)
                ),
                name="instrument_version_key",
            ),
            # A version that was loaded before times were kept is published without one.
            models.CheckConstraint(
                condition=Q(
                    status="DRAFT", published_at__isnull=True, published_by__isnull=True, retired_at__isnull=True
                )
                | Q(status="PUBLISHED", retired_at__isnull=True)
                | Q(status="RETIRED", retired_at__isnull=False),
                name="instrument_version_times",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self.status != self.Status.DRAFT:
            raise AppendOnlyError("published versions are never deleted")
        return super().delete(*args, **kwargs)

    @property
    def owner(self) -> School | Office | None:
        """None: national."""
        return self.owner_school or self.owner_office

    @property
    def sha256(self) -> str:
        return self.content_id

    @property
    def spec(self) -> InstrumentSpec:
        """The parsed content; one query and one parse per process, since content is found by its hash."""
        return spec_by_hash(self.content_id)


@lru_cache(maxsize=32)
def spec_by_hash(sha256: str) -> InstrumentSpec:
    """The parsed content with this hash. Raises InstrumentContent.DoesNotExist."""
    return InstrumentSpec.model_validate_json(InstrumentContent.objects.get(sha256=sha256).text)
