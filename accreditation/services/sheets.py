"""Keeping what a school enters for a scheme: letters or sums, IPR and IPM, own thresholds, efforts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accreditation.catalogue import SchemeData
from accreditation.models import SchemeSheet
from accreditation.permissions import can_enter
from accreditation.scheme_input import read_answers
from accreditation.schemes import require_form
from accreditation.scoring import CannotScoreError, InputError
from accreditation.shortest import MOST_EFFORT
from common import clock
from common.errors import DomainError, StateError, require
from evaluations.models import QualityCycle
from schools.models import User, record_event


class SheetConflict(StateError):
    """Somebody else saved meanwhile; ``current`` is theirs. Nothing was written."""

    def __init__(self, current: SchemeSheet) -> None:
        super().__init__(
            "Isian ini sudah diubah orang lain. Yang Anda ketik masih ada di bawah; periksa lalu simpan lagi."
        )
        self.current = current


def save_sheet(
    cycle: QualityCycle,
    scheme: SchemeData,
    form: str,
    *,
    version: int,
    actor: User,
    data: Mapping[str, Any] | None = None,
    efforts: Mapping[str, int] | None = None,
    at: datetime | None = None,
) -> SchemeSheet:
    """Replace *data* (input of ``manage.py score``) or *efforts*; what is None stays.

    *version* is the one that the person saw (0: none yet). Raises PermissionDenied, DomainError that names the faulty
    field, SheetConflict for a stale version. The same content again changes nothing, and an empty first entry leaves no
    row (the sheet that comes back is then an unsaved one of version 0).
    """
    require(can_enter(actor, cycle.school))
    try:
        require_form(scheme, form)
        if data:
            read_answers(scheme, form, data)
    except (InputError, CannotScoreError) as error:
        raise DomainError(str(error)) from None
    if efforts is not None:
        _check_efforts(scheme, form, efforts)
    try:
        with transaction.atomic():
            return _save(cycle, scheme, version, actor, data, efforts, clock.now(at))
    except IntegrityError:  # two people made the first entry at the same moment
        raise SheetConflict(SchemeSheet.objects.get(cycle=cycle, scheme=scheme.key)) from None


def _save(
    cycle: QualityCycle,
    scheme: SchemeData,
    version: int,
    actor: User,
    data: Mapping[str, Any] | None,
    efforts: Mapping[str, int] | None,
    moment: datetime,
) -> SchemeSheet:
    sheet = SchemeSheet.objects.select_for_update().filter(cycle=cycle, scheme=scheme.key).first()
    before = {"data": sheet.data, "efforts": sheet.efforts} if sheet else {"data": {}, "efforts": {}}
    after = {
        "data": before["data"] if data is None else dict(data),
        "efforts": before["efforts"] if efforts is None else dict(efforts),
    }
    if before == after:
        return sheet or SchemeSheet(cycle=cycle, scheme=scheme.key, version=0)
    if version != (sheet.version if sheet else 0):
        raise SheetConflict(sheet or SchemeSheet(cycle=cycle, scheme=scheme.key, version=0))
    if sheet is None:
        sheet = SchemeSheet(cycle=cycle, scheme=scheme.key, version=0)
    sheet.data, sheet.efforts = after["data"], after["efforts"]
    sheet.version += 1
    sheet.updated_by, sheet.updated_at = actor, moment
    sheet.save()
    record_event(
        "readiness.entered", sheet, actor=actor, school_id=cycle.school_id, before=before, after=after, at=moment
    )
    return sheet


def _check_efforts(scheme: SchemeData, form: str, efforts: Mapping[str, int]) -> None:
    known = scheme.layouts[form].items
    for code, effort in efforts.items():
        if code not in known:
            raise DomainError(f"{code}: tidak ada {scheme.spec.labels.item} berkode ini.")
        if type(effort) is not int or not 1 <= effort <= MOST_EFFORT:
            raise DomainError(f"{code}: upaya harus bilangan bulat 1 sampai {MOST_EFFORT}.")
