"""Starting a year and keeping its calendar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime

from django.db import IntegrityError, transaction

from common import clock
from common.errors import DomainError, StateError, require
from evaluations.cycles import cycle_models
from evaluations.models import INSTRUMENT, CycleStage, Evaluation, QualityCycle, Section, StageState
from evaluations.permissions import can_edit_stages, can_start_cycle
from schools.academic_year import AcademicYear
from schools.choices import SchoolStatus
from schools.models import School, User, record_event
from standards.models import InstrumentVersion


def check_scope(version: InstrumentVersion, scope: str | None) -> str:
    """The key of the scope to ask: the first one of the version for None. Raises DomainError for an unknown one."""
    keys = [one.key for one in version.spec.scopes]
    if scope is None:
        return keys[0] if keys else ""
    if scope not in (keys or [""]):
        raise DomainError("Pilih cakupan dari daftar. Belum ada yang berubah.")
    return scope


def new_evaluation(cycle: QualityCycle, version: InstrumentVersion, scope: str) -> Evaluation:
    """An empty evaluation with its sections. Raises DomainError when nothing is asked of this form of education."""
    form = cycle.school.form
    counts = Counter(item.standard for item in version.spec.asked(form, scope).values())
    if not counts:
        raise DomainError(f"{version} tidak memuat pertanyaan untuk {cycle.school.get_form_display()}.")
    evaluation = Evaluation.objects.create(cycle=cycle, version=version, form=form, scope=scope)
    Section.objects.bulk_create(
        Section(evaluation=evaluation, standard=standard, item_count=count) for standard, count in counts.items()
    )
    return evaluation


def start_cycle(
    school: School,
    year: AcademicYear,
    *,
    actor: User,
    model: str | None = None,
    version: InstrumentVersion | None = None,
    scope: str | None = None,
    at: datetime | None = None,
) -> QualityCycle:
    """Open a school's cycle with its stages and one empty evaluation on the newest (or the given) instrument.

    A school may start in the middle of the year. Without *scope* the first one of the version is taken. Raises
    PermissionDenied; StateError when the year has a cycle already; DomainError for a closed school, an unknown
    cycle model or scope, a form that the instrument does not know, or when no instrument is published.
    """
    require(can_start_cycle(actor, school))
    moment = clock.now(at)
    models = cycle_models()
    key = model or models.default
    if key not in models.models:
        raise DomainError(f"Model siklus “{key}” tidak dikenal.")
    if school.status != SchoolStatus.ACTIVE:
        raise DomainError(f"{school} berstatus {school.get_status_display().lower()}; siklus baru tidak dibuka.")
    version = version or InstrumentVersion.objects.newest(INSTRUMENT)
    if version is None:
        raise DomainError("Belum ada instrumen yang terbit. Hubungi administrator.")
    scope = check_scope(version, scope)
    try:
        with transaction.atomic():
            cycle = QualityCycle.objects.create(
                school=school, year=year.start, model=key, started_by=actor, started_at=moment
            )
            for position, stage in enumerate(models.models[key].stages, start=1):
                starts_on, ends_on = stage.dates(year.start)
                CycleStage.objects.create(
                    cycle=cycle, key=stage.key, name=stage.name, about=stage.about, position=position,
                    starts_on=starts_on, ends_on=ends_on,
                )  # fmt: skip
            new_evaluation(cycle, version, scope)
            record_event(
                "cycle.started", cycle, actor=actor, school=school,
                after={"year": str(year), "model": key, "instrument": str(version), "scope": scope}, at=moment,
            )  # fmt: skip
    except IntegrityError:
        if QualityCycle.objects.filter(school=school, year=year.start).exists():
            raise StateError(f"Siklus {year} sudah dibuka untuk {school}.") from None
        raise
    return cycle


@transaction.atomic
def update_stage(
    cycle: QualityCycle,
    key: str,
    *,
    starts_on: date,
    ends_on: date,
    state: str,
    actor: User,
    at: datetime | None = None,
) -> CycleStage:
    """Set a stage's own dates and state. Raises PermissionDenied; DomainError for an end before the start."""
    require(can_edit_stages(actor, cycle.school))
    if state not in StageState.values:
        raise DomainError("Pilih keadaan tahap dari daftar.")
    if ends_on < starts_on:
        raise DomainError("Tanggal selesai lebih awal daripada tanggal mulai.", fields={"ends_on": "Periksa tanggal."})
    stage = CycleStage.objects.select_for_update().get(cycle=cycle, key=key)
    before = {"starts_on": str(stage.starts_on), "ends_on": str(stage.ends_on), "state": stage.state}
    after = {"starts_on": str(starts_on), "ends_on": str(ends_on), "state": state}
    if before == after:
        return stage
    stage.starts_on, stage.ends_on, stage.state = starts_on, ends_on, state
    stage.save(update_fields=["starts_on", "ends_on", "state"])
    record_event("stage.updated", stage, actor=actor, school=cycle.school, before=before, after=after, at=at)
    return stage


def advance_stage(cycle: QualityCycle, key: str, state: StageState, *, changes: Mapping[str, object]) -> None:
    """Move a stage along as a consequence of something else, when it stands as *changes* says (empty: anyhow)."""
    CycleStage.objects.filter(cycle=cycle, key=key, **changes).update(state=state)
