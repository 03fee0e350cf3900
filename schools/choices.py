"""Closed lists of the room: roles, forms of education, parent ministries, states."""

from django.db.models import TextChoices


class Role(TextChoices):
    """What a person may be somewhere. Labels are the general ones; words.py gives those of a naungan."""

    PRINCIPAL = "PRINCIPAL", "Kepala sekolah"
    QUALITY_TEAM = "QUALITY_TEAM", "Tim mutu (TPMPS)"
    CONTRIBUTOR = "CONTRIBUTOR", "Guru atau tenaga kependidikan"
    OPERATOR = "OPERATOR", "Operator"
    COMMITTEE = "COMMITTEE", "Komite"
    FOUNDATION = "FOUNDATION", "Yayasan"
    GUEST_REVIEWER = "GUEST_REVIEWER", "Penelaah tamu"
    SUPERVISOR = "SUPERVISOR", "Pengawas atau pendamping"
    OFFICE = "OFFICE", "Dinas, Kemenag, atau BPMP"


# Roles whose holders work for one school; a guest reviewer only for a time, and from outside.
SCHOOL_ROLES = (
    Role.PRINCIPAL,
    Role.QUALITY_TEAM,
    Role.CONTRIBUTOR,
    Role.OPERATOR,
    Role.COMMITTEE,
    Role.FOUNDATION,
    Role.GUEST_REVIEWER,
)


class AppointmentKind(TextChoices):
    DEFINITIVE = "DEFINITIVE", "Definitif"
    PLT = "PLT", "Plt."
    PLH = "PLH", "Plh."


class EducationForm(TextChoices):
    SD = "SD", "SD"
    MI = "MI", "MI"
    SMP = "SMP", "SMP"
    MTS = "MTs", "MTs"
    SMA = "SMA", "SMA"
    MA = "MA", "MA"
    SMK = "SMK", "SMK"
    MAK = "MAK", "MAK"
    SLB = "SLB", "SLB"


class Ownership(TextChoices):
    PUBLIC = "NEGERI", "Negeri"
    PRIVATE = "SWASTA", "Swasta"


class Naungan(TextChoices):
    """Parent ministry of a school; decides jurisdiction and words."""

    KEMENDIKDASMEN = "KEMENDIKDASMEN", "Kementerian Pendidikan Dasar dan Menengah"
    KEMENAG = "KEMENAG", "Kementerian Agama"


class SchoolStatus(TextChoices):
    ACTIVE = "ACTIVE", "Aktif"
    CLOSED = "CLOSED", "Tutup"
    MERGED = "MERGED", "Digabung"


class IdentifierKind(TextChoices):
    NPSN = "NPSN", "NPSN"
    NSM = "NSM", "NSM"


class RegionLevel(TextChoices):
    PROVINCE = "PROVINCE", "Provinsi"
    REGENCY = "REGENCY", "Kabupaten/kota"
    DISTRICT = "DISTRICT", "Kecamatan"
