"""Saving data pokok: rights, versions, history, what is refused and what is never lost."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from common.errors import DomainError, StateError
from schools.academic_year import AcademicYear
from schools.choices import SCHOOL_ROLES, Role, SchoolStatus
from schools.models import AuditEvent, BasicData
from schools.permissions import can_edit_basic_data, can_read_basic_data
from schools.services import BasicDataConflict, save_basic_data
from tests.factories import AssignmentFactory, OfficeFactory, SchoolFactory, person_at

pytestmark = pytest.mark.django_db
YEAR = AcademicYear(2026)
AT = datetime(2026, 10, 3, 2, tzinfo=UTC)


@pytest.fixture
def school():
    return SchoolFactory()


@pytest.fixture
def operator(school):
    return person_at(school, Role.OPERATOR)


def save(school, actor, values, version=0, **kwargs):
    return save_basic_data(school, YEAR, values, version=version, actor=actor, **kwargs)


def office_at(school):
    office = OfficeFactory()
    office.regions.add(school.region)
    return AssignmentFactory(school=None, office=office, role=Role.OFFICE).person


# --- rights -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role if role != Role.OFFICE])
def test_operator_head_and_quality_team_write_the_school_and_its_supervisor_read(school, role):
    person = person_at(school, role)
    writes = role in {Role.OPERATOR, Role.PRINCIPAL, Role.QUALITY_TEAM}
    reads = role != Role.GUEST_REVIEWER and role in {*SCHOOL_ROLES, Role.SUPERVISOR}
    assert bool(can_edit_basic_data(person, school)) == writes
    assert bool(can_read_basic_data(person, school)) == reads
    if writes:
        assert save(school, person, {"guru": 6}).values == {"guru": 6}
    else:
        with pytest.raises(PermissionDenied, match="operator, kepala, atau tim mutu"):
            save(school, person, {"guru": 6})
        assert not BasicData.objects.exists()


def test_an_office_neither_reads_nor_writes(school):
    person = office_at(school)
    assert not can_read_basic_data(person, school)
    assert not can_edit_basic_data(person, school)


def test_people_of_another_school_have_no_part_in_it(school):
    stranger = person_at(SchoolFactory(), Role.PRINCIPAL)
    assert not can_read_basic_data(stranger, school)
    with pytest.raises(PermissionDenied):
        save(school, stranger, {"guru": 6})


def test_the_sheet_of_a_closed_school_stands_still(school, operator):
    school.status = SchoolStatus.CLOSED
    school.save()
    with pytest.raises(StateError, match="tutup"):
        save(school, operator, {"guru": 6})
    assert can_read_basic_data(operator, school)


# --- writing ----------------------------------------------------------------------------------------


def test_the_history_holds_what_changed_and_nothing_else(school, operator):
    save(school, operator, {"guru": 6, "guru_s1": 5, "kepala_s1": True}, at=AT)
    row = save(school, operator, {"guru": 7, "kepala_s1": True}, version=1, at=AT)
    first, second = AuditEvent.objects.about(row)
    assert (first.action, first.actor, first.at) == ("basic_data.saved", operator, AT)
    assert first.after == {"guru": 6, "guru_s1": 5, "kepala_s1": True}
    assert first.before == {"guru": None, "guru_s1": None, "kepala_s1": None}
    assert second.before == {"guru": 6, "guru_s1": 5}
    assert second.after == {"guru": 7, "guru_s1": None}
    assert second.school_id == school.pk


def test_an_emptied_cell_is_gone_and_zero_stays(school, operator):
    save(school, operator, {"guru": 6, "mapel": 8})
    row = save(school, operator, {"guru": 0}, version=1)
    assert BasicData.objects.get(pk=row.pk).values == {"guru": 0}


def test_the_same_content_again_is_harmless_whatever_the_version(school, operator):
    save(school, operator, {"guru": 6})
    row = save(school, operator, {"guru": 6}, version=0)
    assert row.writes == 1
    assert AuditEvent.objects.about(row).count() == 1


def test_an_old_version_is_a_conflict_that_writes_nothing(school, operator):
    head = person_at(school, Role.PRINCIPAL)
    save(school, head, {"guru": 6})
    with pytest.raises(BasicDataConflict) as caught:
        save(school, operator, {"guru": 7}, version=0)
    assert caught.value.status == 409
    assert caught.value.current.known == {"guru": 6}
    assert head.name in caught.value.message
    assert BasicData.objects.get().values == {"guru": 6}
    assert save(school, operator, {"guru": 7}, version=1).writes == 2


def test_a_version_that_was_never_there_is_a_conflict_too(school, operator):
    with pytest.raises(BasicDataConflict):
        save(school, operator, {"guru": 7}, version=3)
    assert not BasicData.objects.exists()


def test_contradictions_and_wrong_values_are_refused_with_their_cells(school, operator):
    with pytest.raises(DomainError) as caught:
        save(school, operator, {"guru": 6, "guru_s1": 7, "kepala_s1": 1})
    assert caught.value.fields.keys() == {"guru_s1", "kepala_s1"}
    with pytest.raises(DomainError, match="laboratorium_roket"):
        save(school, operator, {"laboratorium_roket": 1})
    assert not BasicData.objects.exists()


def test_what_is_unusual_is_saved(school, operator):
    assert save(school, operator, {"murid_l_1": 3, "murid_p_1": 3, "rombel_1": 0}).writes == 1


def test_values_that_another_form_of_education_was_asked_stay(school, operator):
    row = save(school, operator, {"guru": 6})
    BasicData.objects.filter(pk=row.pk).update(values={"guru": 6, "teknisi": 2})
    save(school, operator, {"guru": 7}, version=1)
    row.refresh_from_db()
    assert row.values == {"guru": 7, "teknisi": 2}
    assert row.known == {"guru": 7}


def test_each_year_and_each_school_has_a_sheet_of_its_own(school, operator):
    save(school, operator, {"guru": 6})
    save_basic_data(school, YEAR.following(), {"guru": 8}, version=0, actor=operator)
    assert BasicData.objects.of(school, YEAR).known == {"guru": 6}
    assert BasicData.objects.of(school, YEAR.following()).known == {"guru": 8}
    assert BasicData.objects.of(SchoolFactory(), YEAR) is None
    with pytest.raises(IntegrityError), transaction.atomic():
        BasicData.objects.create(school=school, year=2026, updated_by=operator, updated_at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        BasicData.objects.create(school=school, year=1999, updated_by=operator, updated_at=AT)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_save_the_first_values_at_once_do_not_overwrite_each_other():
    school = SchoolFactory()
    people = [person_at(school, Role.OPERATOR), person_at(school, Role.PRINCIPAL)]
    barrier, outcomes = threading.Barrier(2), []

    def work(person, number):
        barrier.wait()
        try:
            outcomes.append(save(school, person, {"guru": number}).writes)
        except BasicDataConflict as conflict:
            outcomes.append(type(conflict))
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(person, n)) for n, person in enumerate(people, start=6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == sorted([1, BasicDataConflict], key=str)
    assert BasicData.objects.get().writes == 1
