"""The life of a version: states go one way, what was published stays, owners keep their own."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction

from common.append_only import AppendOnlyError
from common.errors import DomainError, StateError
from common.yamlfile import DataFileError
from schools.choices import Naungan, Role
from schools.models import AuditEvent
from standards import versions
from standards.models import InstrumentContent, InstrumentVersion
from standards.services import publish
from tests.factories import (
    AssignmentFactory,
    OfficeFactory,
    RegionFactory,
    SchoolFactory,
    UserFactory,
    person_at,
    the_library,
)
from tests.threads import at_once, split
from tests.threads import fresh as fresh_user

pytestmark = pytest.mark.django_db
EDS = the_library().newest("eds-snp")
AT = datetime(2026, 8, 3, 2, 0, tzinfo=UTC)
DRAFT, PUBLISHED, RETIRED = InstrumentVersion.Status.values


def spec_of(key, version="2026.1", **changes):
    header = {"instrument": key, "version": version, "title": "Instrumen sendiri", "items": EDS.items[:2]}
    return type(EDS).model_validate(
        {name: getattr(EDS, name) for name in type(EDS).model_fields} | {"note": ""} | header | changes
    )


@pytest.fixture
def school():
    return SchoolFactory(region=RegionFactory(code="33.01.02"))


@pytest.fixture
def team(school):
    return person_at(school, Role.QUALITY_TEAM)


@pytest.fixture
def office():
    office = OfficeFactory()
    office.regions.add(RegionFactory(code="33.01"))
    return office


@pytest.fixture
def official(office):
    return AssignmentFactory(school=None, office=office, role=Role.OFFICE).person


@pytest.fixture
def draft(school, team):
    return versions.create_draft(spec_of(versions.new_key(school)), owner=school, actor=team, at=AT)


def fresh(version):
    return InstrumentVersion.objects.get(pk=version.pk)


def actions(version):
    return [event.action for event in AuditEvent.objects.about(version)]


# --- the way of a version ---------------------------------------------------------------------------


def test_a_draft_is_written_published_and_retired_and_each_step_is_recorded(draft, school, team):
    assert (draft.status, draft.owner, draft.published_at) == (DRAFT, school, None)
    better = spec_of(draft.instrument, title="Judul yang lebih baik")
    saved = versions.save_draft(draft.pk, better, seen_sha256=draft.sha256, actor=team, at=AT)
    assert (saved.title, fresh(saved).spec) == ("Judul yang lebih baik", better)
    versions.publish_draft(draft.pk, actor=team, at=AT)
    assert (fresh(draft).status, fresh(draft).published_at, fresh(draft).published_by) == (PUBLISHED, AT, team)
    versions.retire(draft.pk, actor=team, at=AT)
    assert (fresh(draft).status, fresh(draft).retired_at) == (RETIRED, AT)
    assert actions(draft) == [
        "instrument.draft_created",
        "instrument.draft_saved",
        "instrument.published",
        "instrument.retired",
    ]
    event = AuditEvent.objects.about(draft)[1]
    assert (event.actor, event.school, event.before["sha256"]) == (team, school, draft.sha256)
    assert event.after["sha256"] == better.sha256()


def test_no_step_is_possible_from_another_state(draft, team):
    edit = (versions.save_draft, {"spec": spec_of(draft.instrument, title="Lain"), "seen_sha256": draft.sha256})
    with pytest.raises(StateError):
        versions.retire(draft.pk, actor=team)
    versions.publish_draft(draft.pk, actor=team)
    for service, given in (edit, (versions.publish_draft, {}), (versions.discard_draft, {})):
        with pytest.raises(StateError):
            service(draft.pk, actor=team, **given)
    versions.retire(draft.pk, actor=team)
    for service, given in (
        edit,
        (versions.publish_draft, {}),
        (versions.discard_draft, {}),
        (versions.retire, {}),
    ):
        with pytest.raises(StateError):
            service(draft.pk, actor=team, **given)
    assert fresh(draft).sha256 == draft.sha256


def test_a_save_on_an_old_copy_is_refused_and_the_same_content_again_is_harmless(draft, team):
    first = spec_of(draft.instrument, title="Pertama")
    versions.save_draft(draft.pk, first, seen_sha256=draft.sha256, actor=team)
    with pytest.raises(StateError):
        versions.save_draft(draft.pk, spec_of(draft.instrument, title="Kedua"), seen_sha256=draft.sha256, actor=team)
    versions.save_draft(draft.pk, first, seen_sha256=draft.sha256, actor=team)
    assert fresh(draft).title == "Pertama"
    assert actions(draft).count("instrument.draft_saved") == 1


def test_a_save_changes_neither_key_nor_number(draft, team, school):
    for other in (spec_of(draft.instrument, "2026.2"), spec_of(versions.new_key(school))):
        with pytest.raises(DomainError):
            versions.save_draft(draft.pk, other, seen_sha256=draft.sha256, actor=team)
    assert fresh(draft).sha256 == draft.sha256


def test_contents_that_a_draft_left_behind_stay(draft, team):
    versions.save_draft(draft.pk, spec_of(draft.instrument, title="Lain"), seen_sha256=draft.sha256, actor=team)
    assert InstrumentContent.objects.filter(sha256=draft.sha256).exists()


def test_a_draft_without_questions_is_saved_and_not_published(school, team):
    draft = versions.create_draft(spec_of(versions.new_key(school), items=()), owner=school, actor=team)
    with pytest.raises(DomainError):
        versions.publish_draft(draft.pk, actor=team)
    assert fresh(draft).status == DRAFT


def test_a_discarded_draft_is_gone_but_its_history_is_not(draft, team):
    pk = draft.pk
    versions.discard_draft(pk, actor=team)
    assert not InstrumentVersion.objects.filter(pk=pk).exists()
    assert AuditEvent.objects.filter(object_id=str(pk), action="instrument.draft_discarded").exists()


def test_versions_count_up_within_a_year_and_one_draft_is_open_at_a_time(draft, school, team):
    key = draft.instrument
    assert versions.next_version(key, 2026) == "2026.2"
    assert versions.next_version(key, 2027) == "2027.1"
    with pytest.raises(StateError):
        versions.create_draft(spec_of(key, "2026.2"), owner=school, actor=team)
    versions.publish_draft(draft.pk, actor=team)
    with pytest.raises(DomainError):
        versions.create_draft(spec_of(key, "2025.7"), owner=school, actor=team)
    second = versions.create_draft(spec_of(key, "2026.2", title="Lagi"), owner=school, actor=team)
    assert InstrumentVersion.objects.newest(key) == draft
    versions.publish_draft(second.pk, actor=team)
    assert InstrumentVersion.objects.newest(key) == second
    versions.retire(second.pk, actor=team)
    assert InstrumentVersion.objects.newest(key) == draft


def test_the_thousandth_version_of_a_year_is_refused_with_a_message(draft, school, team):
    versions.discard_draft(draft.pk, actor=team)
    last = versions.create_draft(spec_of(draft.instrument, "2026.999"), owner=school, actor=team)
    with pytest.raises(DomainError):
        versions.next_version(last.instrument, 2026)


# --- whose it is ------------------------------------------------------------------------------------


def test_a_key_belongs_to_one_owner_and_never_to_a_national_instrument(draft, school, team, office, official):
    other = SchoolFactory()
    their = person_at(other, Role.QUALITY_TEAM)
    versions.publish_draft(draft.pk, actor=team)
    for key, owner, actor in (
        (draft.instrument, other, their),
        ("eds-snp", school, team),
        (versions.new_key(office), school, team),
        (versions.new_key(school), office, official),
        ("sekolah-satu", school, team),
    ):
        with pytest.raises(DomainError):
            versions.create_draft(spec_of(key, "2027.1"), owner=owner, actor=actor)
    assert InstrumentVersion.objects.count() == 1


def test_a_file_cannot_take_the_key_of_a_school(school):
    with pytest.raises(DataFileError, match="hanya untuk instrumen milik"):
        publish(spec_of(versions.new_key(school)))
    assert not InstrumentVersion.objects.exists()


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.QUALITY_TEAM, Role.OFFICE)])
def test_only_the_quality_team_writes_for_a_school(school, draft, role):
    person = person_at(school, role)
    attempts = (
        lambda: versions.create_draft(spec_of(versions.new_key(school)), owner=school, actor=person),
        lambda: versions.save_draft(draft.pk, spec_of(draft.instrument), seen_sha256=draft.sha256, actor=person),
        lambda: versions.publish_draft(draft.pk, actor=person),
        lambda: versions.discard_draft(draft.pk, actor=person),
        lambda: versions.retire(draft.pk, actor=person),
    )
    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt()
    assert fresh(draft).status == DRAFT


def test_neither_foreign_teams_nor_offices_nor_administrators_write_for_a_school(draft, official):
    for person in (person_at(SchoolFactory(), Role.QUALITY_TEAM), official, UserFactory(is_superuser=True)):
        with pytest.raises(PermissionDenied):
            versions.publish_draft(draft.pk, actor=person)


def test_an_office_writes_its_own_and_nobody_elses(office, official):
    draft = versions.create_draft(spec_of(versions.new_key(office)), owner=office, actor=official)
    other = OfficeFactory()
    stranger = AssignmentFactory(school=None, office=other, role=Role.OFFICE).person
    former = AssignmentFactory(school=None, office=office, role=Role.OFFICE, valid_to=date(2021, 1, 1)).person
    for person in (stranger, former):
        with pytest.raises(PermissionDenied):
            versions.publish_draft(draft.pk, actor=person)
    assert versions.publish_draft(draft.pk, actor=official).status == PUBLISHED


def test_national_versions_are_changed_by_nobody_here(team, official):
    publish(EDS)
    national = InstrumentVersion.objects.get()
    for person in (team, official, UserFactory(is_superuser=True)):
        with pytest.raises(PermissionDenied):
            versions.retire(national.pk, actor=person)
    assert national.published_at is not None
    assert national.published_by is None


# --- who sees it ------------------------------------------------------------------------------------


def test_everybody_sees_national_versions_and_only_insiders_the_drafts_of_a_school(draft, school, team):
    publish(EDS)
    national = InstrumentVersion.objects.get(instrument="eds-snp")
    outside = [
        person_at(SchoolFactory(), Role.QUALITY_TEAM),
        UserFactory(is_superuser=True),
        UserFactory(is_active=False),
    ]
    visiting = [person_at(school, Role.SUPERVISOR), person_at(school, Role.GUEST_REVIEWER)]
    inside = [team, person_at(school, Role.CONTRIBUTOR), person_at(school, Role.COMMITTEE)]

    def seen(person):
        return set(InstrumentVersion.objects.visible_to(person))

    assert all(seen(person) == {national} for person in [*outside, *visiting])
    assert all(seen(person) == {national, draft} for person in inside)
    versions.publish_draft(draft.pk, actor=team)
    assert all(seen(person) == {national} for person in outside)
    assert all(seen(person) == {national, draft} for person in [*visiting, *inside])
    assert set(InstrumentVersion.objects.public()) == {national}


def test_an_offices_instrument_is_seen_in_its_jurisdiction_once_published(school, team, office, official):
    draft = versions.create_draft(spec_of(versions.new_key(office)), owner=office, actor=official)
    far = person_at(SchoolFactory(region=RegionFactory(code="33.02")), Role.QUALITY_TEAM)
    madrasah = SchoolFactory(region=RegionFactory(code="33.01"), naungan=Naungan.KEMENAG, form="MI")
    other_naungan = person_at(madrasah, Role.QUALITY_TEAM)
    office.naungan = [Naungan.KEMENDIKDASMEN]
    office.save()

    def seen(person):
        return set(InstrumentVersion.objects.visible_to(person))

    assert seen(official) == {draft}
    assert seen(team) == set()
    versions.publish_draft(draft.pk, actor=official)
    assert seen(official) == seen(team) == {draft}
    assert seen(far) == seen(other_naungan) == set()


@pytest.mark.parametrize("count", [1, 5])
def test_what_is_visible_takes_the_same_queries_however_many_schools(count, office, django_assert_num_queries):
    person = UserFactory()
    for _ in range(count):
        AssignmentFactory(person=person, school=SchoolFactory(region=RegionFactory(code="33.01")), role=Role.SUPERVISOR)
    assert len(person.held()) == count
    with django_assert_num_queries(3):  # offices, their regions, versions
        assert list(InstrumentVersion.objects.visible_to(person)) == []


# --- the database -----------------------------------------------------------------------------------


def change(version, assignment, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE standards_instrumentversion SET {assignment} WHERE id = %s",  # noqa: S608
            [*values, version.pk],
        )


@pytest.mark.parametrize("state", [PUBLISHED, RETIRED])
def test_the_database_refuses_to_change_what_was_published(draft, school, team, state):
    other = versions.store_content(spec_of("sekolah-lain", title="Isi lain"))
    versions.publish_draft(draft.pk, actor=team, at=AT)
    if state == RETIRED:
        versions.retire(draft.pk, actor=team, at=AT)
    for assignment, value in (
        ("instrument = %s", "sekolah-222222222222"),
        ("version = %s", "2026.2"),
        ("title = %s", "Judul lain"),
        ("position = %s", 5),
        ("content_id = %s", other),
        ("owner_school_id = %s", SchoolFactory().pk),
        ("owner_school_id = %s", None),
        ("published_by_id = %s", None),
        ("published_at = %s", datetime(2020, 1, 1, tzinfo=UTC)),
    ):
        with pytest.raises(DatabaseError, match="never changes"):
            change(draft, assignment, value)
    before = fresh(draft)
    assert (before.title, before.owner, before.sha256) == ("Instrumen sendiri", school, draft.sha256)


def test_the_database_lets_no_status_go_backwards_or_skip_a_step(draft, team):
    now = datetime(2026, 9, 1, tzinfo=UTC)
    with pytest.raises(DatabaseError, match="from draft to published to retired"):
        change(draft, "status = 'RETIRED', retired_at = %s", now)
    versions.publish_draft(draft.pk, actor=team)
    with pytest.raises(DatabaseError):
        change(draft, "status = 'DRAFT', published_at = NULL, published_by_id = NULL")
    versions.retire(draft.pk, actor=team, at=AT)
    for status in ("DRAFT", "PUBLISHED"):
        with pytest.raises(DatabaseError):
            change(draft, f"status = '{status}', retired_at = NULL")
    with pytest.raises(DatabaseError, match="never changes"):
        change(draft, "retired_at = %s", now)
    assert (fresh(draft).status, fresh(draft).retired_at) == (RETIRED, AT)


def test_a_published_version_cannot_be_deleted(draft, team):
    versions.publish_draft(draft.pk, actor=team)
    with pytest.raises(AppendOnlyError):
        fresh(draft).delete()
    with pytest.raises(AppendOnlyError):
        InstrumentVersion.objects.filter(pk=draft.pk).delete()
    if connection.vendor == "postgresql":
        with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM standards_instrumentversion WHERE id = %s", [draft.pk])
    assert InstrumentVersion.objects.filter(pk=draft.pk).exists()


def test_the_database_knows_whose_key_it_is_and_keeps_one_draft(draft, school, office):
    row = {"version": "2027.1", "title": "x", "position": 1, "content_id": draft.content_id}
    for wrong in (
        {"instrument": draft.instrument, "owner_school": school},
        {"instrument": "sekolah-222222222222"},
        {"instrument": "dinas-222222222222", "owner_school": school},
        {"instrument": "sekolah-222222222222", "owner_office": office},
        {"instrument": "eds-snp", "owner_school": school},
        {"instrument": "sekolah-222222222222", "owner_school": school, "owner_office": office},
        {"instrument": "eds-snp", "published_at": AT},
        {"instrument": "eds-snp", "status": RETIRED},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            InstrumentVersion.objects.create(**row, **wrong)
    assert InstrumentVersion.objects.count() == 1


# --- two people at the same moment ------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_savers_of_the_same_copy_one_wins_and_the_other_is_told(draft, team):
    seen = draft.sha256

    def saving(title):
        spec, actor = spec_of(draft.instrument, title=title), fresh_user(team)
        return lambda: versions.save_draft(draft.pk, spec, seen_sha256=seen, actor=actor)

    won, lost = split(at_once(saving("Satu"), saving("Dua")), StateError)
    assert (len(won), len(lost)) == (1, 1)
    assert fresh(draft).title == won[0].title


@pytest.mark.django_db(transaction=True)
def test_two_members_of_a_team_do_not_start_two_drafts_of_one_instrument(school, team):
    key = versions.new_key(school)

    def starting(version):
        actor = fresh_user(team)
        return lambda: versions.create_draft(spec_of(key, version), owner=school, actor=actor)

    won, lost = split(at_once(starting("2026.1"), starting("2026.2")), StateError)
    assert (len(won), len(lost)) == (1, 1)
    assert list(InstrumentVersion.objects.filter(instrument=key)) == won


@pytest.mark.django_db(transaction=True)
def test_a_draft_is_not_saved_after_it_was_published_at_the_same_moment(draft, team):
    spec = spec_of(draft.instrument, title="Terlambat")
    publisher, saver = fresh_user(team), fresh_user(team)
    results = at_once(
        lambda: versions.publish_draft(draft.pk, actor=publisher),
        lambda: versions.save_draft(draft.pk, spec, seen_sha256=draft.sha256, actor=saver),
    )
    published = fresh(draft)
    assert published.status == PUBLISHED
    assert (published.sha256 == spec.sha256()) == (not isinstance(results[1], StateError))
