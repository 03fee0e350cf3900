"""Scenarios: levels that a school tries out under a name. Nothing here touches the real answers or entries."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accreditation.catalogue import SchemeData
from accreditation.models import Scenario, ScenarioKind
from accreditation.permissions import can_keep_scenarios
from accreditation.scheme_input import read_answers
from accreditation.scheme_output import Copy, plain_copy
from accreditation.schemes import require_form
from accreditation.scoring import Answers, CannotScoreError, InputError
from accreditation.services.readiness import Readiness
from common import clock
from common.canonical import canonical_json, sha256_text
from common.errors import DomainError, StateError, require
from common.texts import plain_text
from evaluations.models import QualityCycle
from schools.models import User, record_event

MOST = 20  # scenarios per year and scheme
NAME_LENGTH = 80
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])  # signs that turn the direction of a text
GONE = "Skenario ini sudah dihapus orang lain. Buka daftar skenario, lalu simpan dengan nama baru bila masih perlu."


class ScenarioConflict(StateError):
    """Somebody else changed the scenario meanwhile; ``current`` is theirs. Nothing was written."""

    def __init__(self, current: Scenario) -> None:
        super().__init__(
            f"Skenario “{current.name}” sudah diubah orang lain sejak Anda membukanya, jadi belum ada yang tersimpan."
        )
        self.current = current


# --- reading ----------------------------------------------------------------------------------------------


def scenarios_of(cycle: QualityCycle, scheme: SchemeData) -> QuerySet[Scenario]:
    """All scenarios of a year under a scheme, the one that was changed last first; one query."""
    return Scenario.objects.filter(cycle=cycle, scheme=scheme.key).select_related("created_by")


def present_copy(readiness: Readiness) -> Copy:
    """The school's present figures as plain input: what a new simulation starts from."""
    return plain_copy(readiness.scheme, readiness.form, readiness.claimed.answers)


def answers_from(scheme: SchemeData, form: str, data: Mapping[str, Any]) -> Answers:
    """The answers of an input; nothing at all is no fault here. Raises DomainError that names the field."""
    try:
        require_form(scheme, form)
        return read_answers(scheme, form, data) if data else Answers()
    except (InputError, CannotScoreError) as error:
        raise DomainError(str(error)) from None


def answers_of(scenario: Scenario, scheme: SchemeData, form: str) -> Answers:
    """What a scenario holds. Raises DomainError when the scheme has changed so much that it does not fit any more."""
    try:
        return answers_from(scheme, form, scenario.data)
    except DomainError as error:
        raise DomainError(
            f"Skenario “{scenario.name}” dibuat untuk skema versi {scenario.scheme_version} dan tidak cocok lagi "
            f"({error.message}) Hapus skenario ini, lalu buat yang baru."
        ) from None


def mark_of(scenario: Scenario) -> str:
    """A mark of what the scenario says: another one as soon as anything in it differs."""
    return sha256_text(canonical_json([scenario.name, scenario.data]))[:16]


# --- writing ----------------------------------------------------------------------------------------------


@transaction.atomic
def create_scenario(
    cycle: QualityCycle,
    scheme: SchemeData,
    form: str,
    *,
    name: str,
    data: Mapping[str, Any],
    actor: User,
    kind: ScenarioKind = ScenarioKind.WHAT_IF,
    target: Mapping[str, Any] | None = None,
    plan: Sequence[Mapping[str, Any]] = (),
    at: datetime | None = None,
) -> Scenario:
    """Keep levels under a name; a path (``kind``) with its *target*, and its raises as ``{code, from, to, effort}``.

    The same content under the same name by the same person is kept once: a second tap, or a reply that got lost.

    Raises PermissionDenied; DomainError for a bad name (field ``name``), for input that is empty or that the scheme
    does not take, and when there are :data:`MOST` already.
    """
    require(can_keep_scenarios(actor, cycle.school))
    _check_data(scheme, form, data)
    moment = clock.now(at)
    _one_at_a_time(cycle.pk)
    taken = scenarios_of(cycle, scheme)
    content = {
        "kind": kind, "data": dict(data), "target": dict(target or {}), "plan": [dict(one) for one in plan],
    }  # fmt: skip
    for one in taken.filter(name=_plain_name(name), created_by=actor):
        if all(getattr(one, field) == value for field, value in content.items()):
            return one
    if taken.count() >= MOST:
        raise DomainError(
            f"Sudah ada {MOST} skenario untuk skema ini pada tahun pelajaran ini. Hapus yang tidak dipakai lagi, "
            "lalu simpan sekali lagi."
        )
    scenario = Scenario(
        cycle=cycle,
        scheme=scheme.key,
        scheme_version=scheme.spec.version,
        name=_free_name(name, taken),
        **content,
        created_by=actor,
        created_at=moment,
        updated_at=moment,
    )
    scenario.save()
    record_event(
        "scenario.created", scenario, actor=actor, school_id=cycle.school_id, after=_history(scenario), at=moment
    )
    return scenario


@transaction.atomic
def change_scenario(
    scenario_id: int,
    scheme: SchemeData,
    form: str,
    *,
    seen: str,
    actor: User,
    name: str | None = None,
    data: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> Scenario:
    """Rename a scenario, replace its levels, or both; what is None stays.

    *seen* is the mark (:func:`mark_of`) of what the person saw. The same content again changes nothing. The levels of
    a path belong to its raises and stay. Raises PermissionDenied, DomainError as :func:`create_scenario`,
    ScenarioConflict for a stale mark, StateError when the scenario is gone.
    """
    scenario = _locked(scenario_id, actor)
    if data is not None:
        _check_data(scheme, form, data)
        if scenario.kind == ScenarioKind.PATH and data != scenario.data:
            raise DomainError(
                "Level pada jalan terpendek tidak diubah, supaya tetap cocok dengan daftar kenaikannya. Simpan "
                "sebagai skenario baru."
            )
    wanted_name = scenario.name
    if name is not None:
        _one_at_a_time(scenario.cycle_id)
        others = Scenario.objects.filter(cycle=scenario.cycle, scheme=scenario.scheme).exclude(pk=scenario.pk)
        wanted_name = _free_name(name, others)
    wanted_data = scenario.data if data is None else dict(data)
    if (wanted_name, wanted_data) == (scenario.name, scenario.data):
        return scenario
    if seen != mark_of(scenario):
        raise ScenarioConflict(scenario)
    before, moment = _history(scenario), clock.now(at)
    if wanted_data != scenario.data:
        scenario.scheme_version = scheme.spec.version
    scenario.name, scenario.data, scenario.updated_at = wanted_name, wanted_data, moment
    scenario.save()
    record_event(
        "scenario.changed", scenario, actor=actor, school_id=scenario.cycle.school_id,
        before=before, after=_history(scenario), at=moment,
    )  # fmt: skip
    return scenario


@transaction.atomic
def delete_scenario(scenario_id: int, *, seen: str, actor: User, at: datetime | None = None) -> None:
    """Raises PermissionDenied, ScenarioConflict for a stale mark, StateError when it is gone already."""
    scenario = _locked(scenario_id, actor)
    if seen != mark_of(scenario):
        raise ScenarioConflict(scenario)
    record_event(
        "scenario.deleted", scenario, actor=actor, school_id=scenario.cycle.school_id,
        before=_history(scenario), at=clock.now(at),
    )  # fmt: skip
    scenario.delete()


def _locked(scenario_id: int, actor: User) -> Scenario:
    rows = Scenario.objects.select_for_update(of=("self",)).select_related("cycle__school__region")
    scenario = rows.filter(pk=scenario_id).first()
    if scenario is None:
        raise StateError(GONE)
    require(can_keep_scenarios(actor, scenario.cycle.school))
    return scenario


def _one_at_a_time(cycle_id: int) -> None:
    """Wait for others who keep or rename scenarios of this year, so that names and their number are true."""
    QualityCycle.objects.select_for_update().get(pk=cycle_id)


def _check_data(scheme: SchemeData, form: str, data: Mapping[str, Any]) -> None:
    answers = answers_from(scheme, form, data)
    if not (answers.ratings or answers.not_applicable or answers.obtained or any(answers.statements)):
        raise DomainError(f"Belum ada level yang diisi. Isi sedikitnya satu {scheme.spec.labels.item}, lalu simpan.")


def _plain_name(name: str) -> str:
    """*name* on one line, as it can be seen."""
    return " ".join(unicodedata.normalize("NFC", plain_text(name).translate(_TURNING)).split())


def _free_name(name: str, others: QuerySet[Scenario]) -> str:
    """*name* as it is kept. Raises DomainError with the field ``name``."""
    wanted = _plain_name(name)
    problem = ""
    if not any(unicodedata.category(sign)[0] in "LNPS" for sign in wanted):  # letter, number, punctuation, symbol
        problem = "Beri nama, misalnya “Bila semua guru bersertifikat”."
    elif len(wanted) > NAME_LENGTH:
        problem = f"Nama paling panjang {NAME_LENGTH} tanda; ini {len(wanted)}."
    elif any(wanted.casefold() == taken.casefold() for taken in others.values_list("name", flat=True)):
        problem = f"Sudah ada skenario bernama “{wanted}”. Pakai nama lain, atau buka skenario itu lalu ubah."
    if problem:
        raise DomainError(problem, fields={"name": problem})
    return wanted


def _history(scenario: Scenario) -> dict[str, Any]:
    return {
        "code": scenario.code, "scheme": scenario.scheme, "kind": scenario.kind, "name": scenario.name,
        "data": scenario.data, "target": scenario.target, "plan": scenario.plan,
    }  # fmt: skip
