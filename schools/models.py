"""Who and where: people, regions, offices, schools, appointments, history."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

from common import clock
from common.append_only import AppendOnlyModel, AppendOnlyQuerySet
from common.formats import format_nip
from schools.basic_data_models import BasicData  # noqa: F401  (Django looks for the tables of a room here)
from schools.choices import (
    SCHOOL_ROLES,
    AppointmentKind,
    EducationForm,
    IdentifierKind,
    Naungan,
    Ownership,
    RegionLevel,
    Role,
    SchoolStatus,
)
from schools.words import Words, words_for

NPSN_PATTERN = r"^[A-Z0-9][0-9]{7}$"
NSM_PATTERN = r"^[0-9]{12}$"


class UserManager(DjangoUserManager["User"]):
    def in_school(self, school: School) -> models.QuerySet[User]:
        """People with a current appointment at *school* itself (not its supervisors)."""
        day = clock.today(school.time_zone)
        held = Assignment.objects.current(day).filter(school=school, role__in=SCHOOL_ROLES)
        return self.filter(is_active=True, pk__in=held.values("person"))


class User(AbstractUser):
    """A person. Logs in with an e-mail address or with a user name that the school gave."""

    first_name = None  # type: ignore[assignment]  # Indonesian names are one field
    last_name = None  # type: ignore[assignment]
    name = models.CharField("nama lengkap", max_length=150)
    nip = models.CharField("NIP", max_length=30, blank=True, help_text="18 angka; kosongkan bila tidak ada")

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = "akun"
        verbose_name_plural = "akun"
        constraints = [
            models.UniqueConstraint(Lower("username"), name="user_username_any_case"),
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="user_email_any_case"),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    @property
    def printed_nip(self) -> str:
        """``19760606 200312 1 005``, or "" for a person without one."""
        return format_nip(self.nip) if self.nip else ""

    @cached_property
    def appointments(self) -> tuple[Assignment, ...]:
        """All appointments, past and future too, read once per request: every permission rests on them."""
        if "assignments" in getattr(self, "_prefetched_objects_cache", {}):
            return tuple(self.assignments.all())
        return tuple(self.assignments.for_permissions())

    def held(self, on: date | None = None) -> tuple[Assignment, ...]:
        """Appointments in force on the day *on* (unless given: today, in the zone of each one's place)."""
        if on is None:
            return self._held_now
        return tuple(a for a in self.appointments if a.in_force(on))

    @cached_property
    def _held_now(self) -> tuple[Assignment, ...]:
        """Asked for by every predicate of a request; the day is worked out once."""
        return tuple(a for a in self.appointments if a.in_force(a.today))

    def roles_at(self, school: School, on: date | None = None) -> frozenset[Role]:
        """What this person is at *school*: appointments there, and OFFICE inside a jurisdiction."""
        if not self.is_active:
            return frozenset()
        held = self.held(on)
        roles = {Role(a.role) for a in held if a.school_id == school.pk}
        if any(a.office is not None and a.office.covers(school) for a in held):
            roles.add(Role.OFFICE)
        return frozenset(roles)


class Region(models.Model):
    """An administrative area with the code of the Ministry of Home Affairs (``33``, ``33.01``, ``33.01.02``)."""

    code = models.CharField("kode", max_length=8, unique=True)
    name = models.CharField("nama", max_length=100)
    level = models.CharField(max_length=10, choices=RegionLevel)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    time_zone = models.CharField("zona waktu", max_length=20)

    class Meta:
        ordering = ["code"]
        verbose_name = "wilayah"
        verbose_name_plural = "wilayah"
        constraints = [models.CheckConstraint(condition=Q(level__in=RegionLevel.values), name="region_level")]

    def __str__(self) -> str:
        return self.name


class Office(models.Model):
    """An authority; its jurisdiction is regions x forms of education x naungan. Empty lists mean "all"."""

    name = models.CharField("nama", max_length=150, unique=True)
    regions = models.ManyToManyField(Region, related_name="offices", verbose_name="wilayah")
    forms = models.JSONField("bentuk pendidikan", default=list, blank=True)
    naungan = models.JSONField("naungan", default=list, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = "dinas atau kantor"
        verbose_name_plural = "dinas dan kantor"

    def __str__(self) -> str:
        return self.name

    def jurisdiction(self) -> Q:
        """Which schools this office sees, as a condition on School. No region means none."""
        area = Q(pk__in=[])
        for region in self.regions.all():
            area |= Q(region__code=region.code) | Q(region__code__startswith=f"{region.code}.")
        if self.forms:
            area &= Q(form__in=self.forms)
        if self.naungan:
            area &= Q(naungan__in=self.naungan)
        return area

    def covers(self, school: School) -> bool:
        """The same rule as :meth:`jurisdiction`, for one school that is already loaded."""
        place = school.region.code
        return (
            any(place == region.code or place.startswith(f"{region.code}.") for region in self.regions.all())
            and (not self.forms or school.form in self.forms)
            and (not self.naungan or school.naungan in self.naungan)
        )


class SchoolQuerySet(models.QuerySet["School"]):
    def visible_to(self, user: User | AnonymousUser, on: date | None = None) -> SchoolQuerySet:
        """Schools that *user* may know exist here; every other one answers 404, not 403.

        Own and supervised schools by appointment, an office's schools by jurisdiction. An administrator
        without an appointment sees none: accounts and catalogue are kept in the admin pages.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        held = user.held(on)
        reach = Q(pk__in=[a.school_id for a in held if a.school_id is not None])
        for office in (a.office for a in held if a.office is not None):
            reach |= office.jurisdiction()
        return self.filter(reach)

    def by_number(self, number: str) -> SchoolQuerySet:
        """Schools that hold or ever held this NPSN or NSM: old addresses and old QR codes still answer."""
        return self.filter(Q(npsn=number) | Q(pk__in=SchoolIdentifier.objects.filter(value=number).values("school")))


class School(models.Model):
    """A school or madrasah. Its identity is the row; NPSN and NSM are dated numbers that may change."""

    npsn = models.CharField(
        "NPSN",
        max_length=8,
        unique=True,
        validators=[RegexValidator(NPSN_PATTERN, "NPSN terdiri dari 8 tanda, misalnya 20999901.")],
        help_text="nomor yang berlaku sekarang; riwayatnya di SchoolIdentifier",
    )
    name = models.CharField("nama", max_length=150)
    form = models.CharField("bentuk pendidikan", max_length=3, choices=EducationForm)
    ownership = models.CharField("status sekolah", max_length=6, choices=Ownership)
    naungan = models.CharField("naungan", max_length=20, choices=Naungan)
    region = models.ForeignKey(Region, models.PROTECT, related_name="schools", verbose_name="wilayah")
    address = models.CharField("alamat", max_length=200, blank=True)
    village = models.CharField("desa/kelurahan", max_length=100, blank=True)
    phone = models.CharField("telepon", max_length=30, blank=True)
    email = models.EmailField("surel", blank=True)
    foundation = models.CharField("yayasan", max_length=150, blank=True)
    status = models.CharField("keadaan", max_length=8, choices=SchoolStatus, default=SchoolStatus.ACTIVE)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors", verbose_name="penerus"
    )

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = "sekolah"
        verbose_name_plural = "sekolah"
        constraints = [
            models.CheckConstraint(condition=Q(npsn__regex=NPSN_PATTERN), name="school_npsn"),
            models.CheckConstraint(condition=Q(form__in=EducationForm.values), name="school_form"),
            models.CheckConstraint(condition=Q(ownership__in=Ownership.values), name="school_ownership"),
            models.CheckConstraint(condition=Q(naungan__in=Naungan.values), name="school_naungan"),
            models.CheckConstraint(condition=Q(status__in=SchoolStatus.values), name="school_status"),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | ~Q(successor=F("id")), name="school_not_own_successor"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def words(self) -> Words:
        return words_for(self.naungan)

    @property
    def time_zone(self) -> str:
        return self.region.time_zone


class SchoolIdentifier(models.Model):
    """A number that a school held from one day to another. A number belongs to one school for ever."""

    school = models.ForeignKey(School, models.PROTECT, related_name="identifiers", verbose_name="sekolah")
    kind = models.CharField("jenis", max_length=4, choices=IdentifierKind)
    value = models.CharField("nomor", max_length=12)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    class Meta:
        ordering = ["kind", "-valid_from"]
        verbose_name = "nomor sekolah"
        verbose_name_plural = "nomor sekolah"
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="identifier_once"),
            models.UniqueConstraint(
                fields=["school", "kind"], condition=Q(valid_to__isnull=True), name="identifier_one_current"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="identifier_period",
            ),
            models.CheckConstraint(
                condition=Q(kind="NPSN", value__regex=NPSN_PATTERN) | Q(kind="NSM", value__regex=NSM_PATTERN),
                name="identifier_form",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def current(self, on: date) -> AssignmentQuerySet:
        """Appointments in force on the day *on*, both ends included."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on), valid_from__lte=on)

    def for_permissions(self) -> AssignmentQuerySet:
        """Together with all that roles_at() and visible_to() look at."""
        return self.select_related("school__region", "office").prefetch_related("office__regions")

    def heads(self, on: date) -> AssignmentQuerySet:
        """Heads on that day, who signs first: a Plh stands in for a present head for some days."""
        order = models.Case(
            models.When(kind=AppointmentKind.PLH, then=0),
            models.When(kind=AppointmentKind.DEFINITIVE, then=1),
            default=2,
        )
        return self.current(on).filter(role=Role.PRINCIPAL).order_by(order, "-valid_from", "pk")


class Assignment(models.Model):
    """A dated appointment of a person at a school or an office. One person may hold several."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments")
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="assignments")
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="assignments")
    role = models.CharField("peran", max_length=16, choices=Role)
    kind = models.CharField("sifat", max_length=10, choices=AppointmentKind, default=AppointmentKind.DEFINITIVE)
    decree = models.CharField("nomor SK", max_length=100, blank=True)
    valid_from = models.DateField("sejak")
    valid_to = models.DateField("sampai", null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["person_id", "-valid_from", "pk"]
        verbose_name = "penugasan"
        verbose_name_plural = "penugasan"
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="assignment_role"),
            models.CheckConstraint(condition=Q(kind__in=AppointmentKind.values), name="assignment_kind"),
            models.CheckConstraint(
                condition=Q(role=Role.OFFICE, office__isnull=False, school__isnull=True)
                | (~Q(role=Role.OFFICE) & Q(office__isnull=True, school__isnull=False)),
                name="assignment_place",
            ),
            models.CheckConstraint(
                condition=Q(kind=AppointmentKind.DEFINITIVE) | Q(role=Role.PRINCIPAL),
                name="assignment_acting_head",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="assignment_period",
            ),
        ]
        indexes = [models.Index(fields=["person", "role"]), models.Index(fields=["school", "role"])]

    def __str__(self) -> str:
        return self.label

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or self.valid_to >= day)

    @property
    def today(self) -> date:
        """The day that it is now at the school; for an office, in the zone of its first region."""
        if self.school is not None:
            return clock.today(self.school.time_zone)
        areas = self.office.regions.all() if self.office is not None else ()
        return clock.today(areas[0].time_zone) if areas else clock.today()

    @property
    def title(self) -> str:
        """``Plt. Kepala Sekolah``, ``Pengawas Madrasah``: the role in the words of the place."""
        if self.school is None:
            return Role(self.role).label
        acting = f"{self.get_kind_display()} " if self.kind != AppointmentKind.DEFINITIVE else ""
        return acting + self.school.words.role(self.role)

    @property
    def label(self) -> str:
        return f"{self.title}, {self.school or self.office}"


class LoginCode(models.Model):
    """A one-time code, printed by the head or operator, with which a person sets a new password."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="login_codes")
    code_hash = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-issued_at"]
        verbose_name = "kode sekali pakai"
        verbose_name_plural = "kode sekali pakai"

    def __str__(self) -> str:
        return f"kode untuk {self.person}"


class AuditEventQuerySet(AppendOnlyQuerySet):
    def about(self, thing: models.Model) -> AuditEventQuerySet:
        return self.filter(object_type=thing._meta.label_lower, object_id=str(thing.pk))


class AuditEvent(AppendOnlyModel):
    """What happened: who, on whose behalf, what, where, to which thing, before, after, when."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=40)
    school = models.ForeignKey(School, models.PROTECT, null=True, related_name="+")
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    at = models.DateTimeField()

    objects: ClassVar[models.Manager] = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = "catatan riwayat"
        verbose_name_plural = "catatan riwayat"
        indexes = [models.Index(fields=["object_type", "object_id"]), models.Index(fields=["school", "at"])]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"


def record_event(
    action: str,
    thing: models.Model,
    *,
    actor: User | None,
    school: School | None = None,
    school_id: int | None = None,
    on_behalf_of: User | None = None,
    before: Any = None,
    after: Any = None,
    at: Any = None,
) -> AuditEvent:
    """Write one AuditEvent; call it in the transaction of the change that it records."""
    return AuditEvent.objects.create(
        action=action,
        object_type=thing._meta.label_lower,
        object_id=str(thing.pk),
        actor=actor,
        on_behalf_of=on_behalf_of,
        school_id=school.pk if school else school_id,
        before=before,
        after=after,
        at=clock.now(at),
    )
