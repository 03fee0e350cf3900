"""What happens to schools and people: one-time codes, new numbers, data pokok."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from common import clock
from common.canonical import sha256_text
from common.codes import random_code
from common.errors import DomainError, StateError, require
from schools.academic_year import AcademicYear
from schools.basic_data import CellValue, check, form_sheet, read_values
from schools.basic_data_models import BasicData
from schools.choices import IdentifierKind, SchoolStatus
from schools.models import LoginCode, School, SchoolIdentifier, User, record_event
from schools.permissions import can_edit_basic_data, can_issue_code

CODE_LIFETIME = timedelta(hours=72)


def _normalise(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign.isalnum())


@transaction.atomic
def issue_login_code(target: User, *, school: School, actor: User, at: datetime | None = None) -> tuple[str, LoginCode]:
    """Make a new code for *target*; earlier unused ones stop working. The code is shown once and not stored.

    Raises PermissionDenied.
    """
    require(can_issue_code(actor, school, target))
    moment = clock.now(at)
    LoginCode.objects.filter(person=target, used_at=None).delete()
    code = random_code(12)
    row = LoginCode.objects.create(
        person=target,
        code_hash=sha256_text(code),
        issued_by=actor,
        issued_at=moment,
        expires_at=moment + CODE_LIFETIME,
    )
    record_event("account.code_issued", target, actor=actor, school=school, at=moment)
    return "-".join(code[i : i + 4] for i in range(0, 12, 4)), row


def _still_stands(row: LoginCode) -> bool:
    places = [a.school for a in row.issued_by.held() if a.school is not None]
    return any(can_issue_code(row.issued_by, school, row.person) for school in places)


@transaction.atomic
def redeem_login_code(username: str, code: str, password: str, *, at: datetime | None = None) -> User:
    """Set a new password with a one-time code. Raises DomainError; the message never says which part was wrong.

    A code is worth what its issuer may do now: it ends with the issuer's duty at the school, and when its owner
    has meanwhile become somebody for whom the school may not issue one.
    """
    moment = clock.now(at)
    row = (
        LoginCode.objects.select_for_update(of=("self",))
        .select_related("person", "issued_by")
        .filter(code_hash=sha256_text(_normalise(code)), used_at=None, expires_at__gt=moment)
        .first()
    )
    login = username.strip().lower()
    names = {row.person.username.lower(), row.person.email.lower()} if row is not None else set()
    if row is None or not login or login not in names or not _still_stands(row):
        raise DomainError(
            "Nama pengguna dan kode tidak cocok, atau kode sudah kedaluwarsa. "
            "Periksa ketikannya; bila tetap gagal, mintalah kode baru kepada kepala atau operator sekolah."
        )
    try:
        validate_password(password, row.person)
    except ValidationError as error:
        raise DomainError("Kata sandi belum cukup kuat.", fields={"password": " ".join(error.messages)}) from None
    row.person.set_password(password)
    row.person.save(update_fields=["password"])
    row.used_at = moment
    row.save(update_fields=["used_at"])
    record_event("account.password_set_by_code", row.person, actor=row.person, at=moment)
    return row.person


@transaction.atomic
def register_school(
    school: School, *, valid_from: date, nsm: str = "", actor: User | None = None, at: datetime | None = None
) -> School:
    """Save a new school together with its numbers, so that these find it for ever.

    Raises DomainError when a field is wrong or a number belongs to another school.
    """
    numbers = [(IdentifierKind.NPSN, school.npsn), *([(IdentifierKind.NSM, nsm)] if nsm else [])]
    for kind, value in numbers:
        require_free_number(kind, value)
    try:
        school.full_clean()
        school.save()
        for kind, value in numbers:
            row = SchoolIdentifier(school=school, kind=kind, value=value, valid_from=valid_from)
            row.full_clean()
            row.save()
    except ValidationError as error:
        raise DomainError(" ".join(error.messages)) from None
    record_event("school.registered", school, actor=actor, school=school, after=dict(numbers), at=at)
    return school


def require_free_number(kind: IdentifierKind, value: str, school: School | None = None) -> None:
    """Raises DomainError when another school than *school* holds or ever held this number."""
    if SchoolIdentifier.objects.filter(kind=kind, value=value).exclude(school=school).exists():
        raise DomainError(f"{kind} {value} sudah dipakai sekolah lain. Periksa kembali nomornya.")


@transaction.atomic
def change_number(
    school_id: int,
    kind: IdentifierKind,
    value: str,
    *,
    valid_from: date,
    actor: User | None = None,
    at: datetime | None = None,
) -> School:
    """Give a school a new NPSN or NSM from a day on; the old number goes on finding the school.

    Raises DomainError when the number is malformed or belongs to another school.
    """
    school = School.objects.select_for_update(of=("self",)).get(pk=school_id)
    require_free_number(kind, value, school)
    before = {"kind": str(kind), "value": school.npsn if kind == IdentifierKind.NPSN else None}
    current = school.identifiers.filter(kind=kind, valid_to=None).first()
    if current is not None:
        if current.value == value:
            return school
        before["value"] = current.value
        current.valid_to = max(current.valid_from, valid_from - timedelta(days=1))
        current.save(update_fields=["valid_to"])
    row = SchoolIdentifier(school=school, kind=kind, value=value, valid_from=valid_from)
    if kind == IdentifierKind.NPSN:
        school.npsn = value
    try:
        school.full_clean()
        row.full_clean()
    except ValidationError as error:
        raise DomainError(" ".join(error.messages)) from None
    school.save(update_fields=["npsn"])
    row.save()
    record_event(
        "school.number_changed", school, actor=actor, school=school, before=before,
        after={"kind": str(kind), "value": value, "valid_from": valid_from.isoformat()}, at=at,
    )  # fmt: skip
    return school


@transaction.atomic
def merge_school(school_id: int, successor_id: int, *, actor: User | None = None, at: datetime | None = None) -> School:
    """Mark a school as merged into another; its history stays, its address leads on. Raises DomainError."""
    school = School.objects.select_for_update(of=("self",)).get(pk=school_id)
    successor = School.objects.get(pk=successor_id)
    if successor.pk == school.pk or successor.status != SchoolStatus.ACTIVE:
        raise DomainError("Sekolah penerus harus sekolah lain yang masih aktif.")
    school.status, school.successor = SchoolStatus.MERGED, successor
    school.save(update_fields=["status", "successor"])
    record_event("school.merged", school, actor=actor, school=school, after={"successor": successor.npsn}, at=at)
    return school


class BasicDataConflict(StateError):
    """Somebody saved the sheet meanwhile; ``current`` is what stands now. Nothing was written."""

    def __init__(self, current: BasicData | None) -> None:
        who = f" oleh {current.updated_by}" if current is not None else ""
        super().__init__(f"Data pokok ini sudah diubah{who} sejak halaman dibuka. Isian Anda belum tersimpan.")
        self.current = current


def save_basic_data(
    school: School,
    year: AcademicYear,
    values: Mapping[str, CellValue],
    *,
    version: int,
    actor: User,
    at: datetime | None = None,
) -> BasicData:
    """Make *values* the school's sheet of the year; a cell that is not among them becomes empty.

    *version* is the ``writes`` that the person saw (0 before anything was saved). Values of cells that this form of
    education is not asked stay as they are. The same content again is harmless, whatever the version.
    Raises PermissionDenied; StateError for a closed school; DomainError with the messages per cell for an unknown or
    wrong value and for figures that contradict each other; BasicDataConflict for a stale version.
    """
    require(can_edit_basic_data(actor, school))
    sheet = form_sheet(school.form, school.naungan)
    if unknown := sorted(values.keys() - sheet.cells.keys()):
        raise DomainError(f"Isian {unknown[0][:40]} tidak ada pada data pokok {school.get_form_display()}.")
    wanted, problems = read_values(sheet, values)
    problems += [problem for problem in check(wanted, sheet) if problem.severity == "error"]
    if problems:
        count = len({problem.code for problem in problems})
        raise DomainError(
            f"Data pokok belum tersimpan: {count} isian perlu diperbaiki.",
            fields={problem.code: problem.message for problem in reversed(problems)},
        )
    try:
        with transaction.atomic():
            return _write_basic_data(school, year, wanted, version=version, actor=actor, moment=clock.now(at))
    except IntegrityError:  # two people saved the first values of the year at once
        if (current := BasicData.objects.of(school, year)) is not None:
            raise BasicDataConflict(current) from None
        raise


def _write_basic_data(
    school: School, year: AcademicYear, wanted: dict[str, CellValue], *, version: int, actor: User, moment: datetime
) -> BasicData:
    rows = BasicData.objects.select_for_update(of=("self",))
    row = rows.of(school, year)
    stored = row.values if row is not None else {}
    asked = form_sheet(school.form, school.naungan).cells
    before = {code: stored[code] for code in asked if code in stored}
    if row is not None and before == wanted:
        return row
    if version != (row.writes if row is not None else 0):
        raise BasicDataConflict(row)
    if row is None:
        row = BasicData(school=school, year=year.start)
    kept = {code: value for code, value in stored.items() if code not in asked}
    row.values, row.writes, row.updated_by, row.updated_at = {**kept, **wanted}, row.writes + 1, actor, moment
    row.save()
    changed = [code for code in asked if before.get(code) != wanted.get(code)]
    record_event(
        "basic_data.saved", row, actor=actor, school=school,
        before={code: before.get(code) for code in changed}, after={code: wanted.get(code) for code in changed},
        at=moment,
    )  # fmt: skip
    return row
