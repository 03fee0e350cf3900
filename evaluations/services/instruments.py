"""Instruments beside the national one: which a school may open in a year, and opening one."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from common import clock
from common.errors import DomainError, StateError, require
from evaluations.models import INSTRUMENT, Evaluation, QualityCycle
from evaluations.permissions import can_open_instrument
from evaluations.services.cycles import check_scope, new_evaluation
from schools.choices import SchoolStatus
from schools.models import User, record_event
from standards.models import InstrumentVersion


def offered_versions(cycle: QualityCycle) -> list[InstrumentVersion]:
    """The newest version of every other instrument that asks this school anything and is not open this year yet."""
    taken = {INSTRUMENT, *cycle.evaluations.values_list("version__instrument", flat=True)}
    newest: dict[str, InstrumentVersion] = {}
    rows = InstrumentVersion.objects.offered_to(cycle.school).with_owner()
    for version in rows.exclude(instrument__in=taken).order_by("instrument", "position"):
        newest[version.instrument] = version
    return [version for version in newest.values() if version.spec.asked(cycle.school.form)]


def open_evaluation(cycle_id: int, instrument: str, *, actor: User, at: datetime | None = None) -> Evaluation:
    """Start answering another instrument in this year, on its newest version.

    Raises PermissionDenied; StateError when it is open already; DomainError for a closed school or an instrument
    that is not offered to it.
    """
    cycle = QualityCycle.objects.select_related("school__region").get(pk=cycle_id)
    require(can_open_instrument(actor, cycle.school))
    if cycle.school.status != SchoolStatus.ACTIVE:
        raise DomainError(f"{cycle.school} berstatus {cycle.school.get_status_display().lower()}.")
    if cycle.evaluations.filter(version__instrument=instrument).exists():
        raise StateError("Instrumen ini sudah dibuka tahun ini.")
    version = next((one for one in offered_versions(cycle) if one.instrument == instrument), None)
    if version is None:
        raise DomainError(
            f"Instrumen itu tidak ada dalam daftar untuk {cycle.school.words.school} ini. Pilih dari daftar."
        )
    try:
        with transaction.atomic():
            evaluation = new_evaluation(cycle, version, check_scope(version, None))
            record_event(
                "evaluation.opened", evaluation, actor=actor, school=cycle.school,
                after={"instrument": version.instrument, "version": version.version}, at=clock.now(at),
            )  # fmt: skip
    except IntegrityError:  # a second tap at the same moment
        if cycle.evaluations.filter(version__instrument=instrument).exists():
            raise StateError("Instrumen ini sudah dibuka tahun ini.") from None
        raise
    return evaluation
