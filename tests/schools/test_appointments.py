"""Appointments are dated; what a person may see follows from those in force today."""

from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.urls import reverse

from common import clock
from schools.choices import SCHOOL_ROLES, AppointmentKind, Role
from schools.context import SESSION_KEY
from schools.models import Assignment, School, User
from tests.factories import AssignmentFactory, OfficeFactory, RegionFactory, SchoolFactory, UserFactory, person_at

pytestmark = pytest.mark.django_db


def fresh(user):
    """The person as the next request finds it: appointments are read once per request."""
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("role", [*SCHOOL_ROLES, Role.SUPERVISOR])
def test_a_school_role_shows_this_school_and_no_other(role):
    school, other = SchoolFactory(), SchoolFactory()
    person = person_at(school, role)
    assert list(School.objects.visible_to(person)) == [school]
    assert person.roles_at(school) == {role}
    assert person.roles_at(other) == frozenset()


def test_an_office_sees_its_jurisdiction():
    inside = SchoolFactory(region=RegionFactory(code="33.01"))
    SchoolFactory(region=RegionFactory(code="33.02"))
    office = OfficeFactory()
    office.regions.add(inside.region)
    person = AssignmentFactory(school=None, office=office, role=Role.OFFICE).person
    assert list(School.objects.visible_to(person)) == [inside]
    assert person.roles_at(inside) == {Role.OFFICE}


def test_a_supervisor_of_several_schools_sees_them_all():
    schools = SchoolFactory.create_batch(3)
    SchoolFactory()
    person = UserFactory()
    for school in schools:
        AssignmentFactory(person=person, school=school, role=Role.SUPERVISOR)
    assert set(School.objects.visible_to(person)) == set(schools)


def test_an_administrator_without_appointment_sees_no_school():
    SchoolFactory()
    assert not School.objects.visible_to(UserFactory(is_staff=True, is_superuser=True)).exists()


def test_strangers_and_inactive_people_see_no_school():
    school = SchoolFactory()
    person = person_at(school, Role.PRINCIPAL, person=UserFactory(is_active=False))
    assert not School.objects.visible_to(person).exists()
    assert person.roles_at(school) == frozenset()
    assert not School.objects.visible_to(AnonymousUser()).exists()


@pytest.mark.parametrize(
    ("starts", "ends", "held"),
    [(0, None, True), (0, 0, True), (-30, 30, True), (1, None, False), (-30, -1, False)],
)
def test_an_appointment_holds_from_its_first_to_its_last_day(starts, ends, held):
    today = clock.today()
    school = SchoolFactory()
    person = person_at(
        school,
        Role.CONTRIBUTOR,
        valid_from=today + timedelta(days=starts),
        valid_to=None if ends is None else today + timedelta(days=ends),
    )
    assert (school in School.objects.visible_to(person)) is held
    assert (Role.CONTRIBUTOR in person.roles_at(school)) is held
    assert Assignment.objects.current(today).filter(person=person).exists() is held
    assert (person in User.objects.in_school(school)) is held


@pytest.mark.parametrize(
    ("zone", "moment", "first", "second"),
    [
        ("Asia/Jayapura", "2026-06-30T14:59:59+00:00", True, False),  # 30 June 23.59 WIT
        ("Asia/Jayapura", "2026-06-30T15:00:00+00:00", False, True),  # 1 July 00.00 WIT, still 30 June in Jakarta
        ("Asia/Makassar", "2026-06-30T15:59:59+00:00", True, False),
        ("Asia/Makassar", "2026-06-30T16:00:00+00:00", False, True),
        ("Asia/Jakarta", "2026-06-30T16:59:59+00:00", True, False),
        ("Asia/Jakarta", "2026-06-30T17:00:00+00:00", False, True),
    ],
)
def test_an_appointment_begins_and_ends_in_the_zone_of_its_school(monkeypatch, zone, moment, first, second):
    school = SchoolFactory(region=RegionFactory(code="91.01", time_zone=zone))
    old = person_at(school, Role.PRINCIPAL, valid_to=date(2026, 6, 30))
    new = person_at(school, Role.PRINCIPAL, valid_from=date(2026, 7, 1))
    office = OfficeFactory()
    office.regions.add(school.region)
    clerk = AssignmentFactory(school=None, office=office, role=Role.OFFICE, valid_from=date(2026, 7, 1)).person
    monkeypatch.setattr(clock.timezone, "now", lambda: datetime.fromisoformat(moment))
    for person, there in ((old, first), (new, second), (clerk, second)):
        assert bool(person.roles_at(school)) is there
        assert School.objects.visible_to(person).exists() is there
    assert list(User.objects.in_school(school)) == ([old] if first else [new])
    assert school.assignments.heads(clock.today(zone)).first().person == (old if first else new)


def test_several_roles_at_one_school_add_up():
    school = SchoolFactory()
    person = person_at(school, Role.CONTRIBUTOR)
    AssignmentFactory(person=person, school=school, role=Role.QUALITY_TEAM)
    assert person.roles_at(school) == {Role.CONTRIBUTOR, Role.QUALITY_TEAM}


# --- heads: definitif, Plt, Plh -----------------------------------------------------------------------


def test_the_head_who_signs_is_the_one_of_that_day():
    school = SchoolFactory()
    first = person_at(school, Role.PRINCIPAL, valid_from=date(2020, 7, 1), valid_to=date(2025, 7, 31))
    acting = person_at(
        school,
        Role.PRINCIPAL,
        kind=AppointmentKind.PLT,
        valid_from=date(2025, 8, 1),
        valid_to=date(2025, 12, 31),
    )
    second = person_at(school, Role.PRINCIPAL, valid_from=date(2026, 1, 1))

    def signs(day):
        return school.assignments.heads(day).first().person

    assert signs(date(2025, 7, 31)) == first
    assert signs(date(2025, 8, 1)) == acting
    assert signs(date(2026, 1, 1)) == second
    assert school.assignments.heads(date(2019, 1, 1)).first() is None


def test_a_plh_signs_before_the_head_who_is_away_for_some_days():
    school = SchoolFactory()
    person_at(school, Role.PRINCIPAL)
    stand_in = person_at(
        school, Role.PRINCIPAL, kind=AppointmentKind.PLH, valid_from=date(2026, 3, 2), valid_to=date(2026, 3, 6)
    )
    signing = school.assignments.heads(date(2026, 3, 4)).first()
    assert signing.person == stand_in
    assert signing.title == "Plh. Kepala Sekolah"
    assert school.assignments.heads(date(2026, 3, 7)).first().person != stand_in


def test_a_definitive_head_signs_before_a_plt():
    school = SchoolFactory()
    definitive = person_at(school, Role.PRINCIPAL)
    person_at(school, Role.PRINCIPAL, kind=AppointmentKind.PLT)
    assert school.assignments.heads(clock.today()).first().person == definitive


def test_titles_follow_the_naungan():
    madrasah = SchoolFactory(form="MI", naungan="KEMENAG")
    assert AssignmentFactory(school=madrasah, role=Role.PRINCIPAL).title == "Kepala Madrasah"
    assert AssignmentFactory(school=madrasah, role=Role.PRINCIPAL, kind="PLT").title == "Plt. Kepala Madrasah"


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": Role.CONTRIBUTOR, "kind": AppointmentKind.PLT},
        {"role": Role.OFFICE},
        {"role": "HEADMASTER"},
        {"role": Role.PRINCIPAL, "valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 31)},
    ],
)
def test_the_database_refuses_impossible_appointments(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        AssignmentFactory(**wrong)


# --- switching ----------------------------------------------------------------------------------------


@pytest.fixture
def head_of_two():
    first = SchoolFactory(name="SD Pertama")
    second = SchoolFactory(name="SD Kedua")
    person = person_at(first, Role.PRINCIPAL, valid_from=date(2022, 1, 3))
    AssignmentFactory(
        person=person, school=second, role=Role.PRINCIPAL, kind=AppointmentKind.PLT, valid_from=date(2021, 8, 1)
    )
    return person, first, second


def test_home_leads_to_the_school_of_the_chosen_appointment(client, head_of_two):
    person, first, second = head_of_two
    client.force_login(person)
    assert client.get(reverse("home")).url == reverse("evaluations:school", args=[first.npsn])
    chosen = person.assignments.get(school=second)
    assert client.post(reverse("switch"), {"assignment": chosen.pk}).url == reverse("home")
    assert client.get(reverse("home")).url == reverse("evaluations:school", args=[second.npsn])


@pytest.mark.parametrize("posted", ["foreign", "ended", "", "abc"])
def test_switching_to_what_one_does_not_hold_is_404(client, head_of_two, posted):
    person, first, _ = head_of_two
    ended = AssignmentFactory(person=person, school=first, valid_from=date(2019, 1, 1), valid_to=date(2020, 1, 1))
    value = {"foreign": AssignmentFactory().pk, "ended": ended.pk}.get(posted, posted)
    client.force_login(person)
    assert client.post(reverse("switch"), {"assignment": value}).status_code == 404
    assert SESSION_KEY not in client.session


def test_a_chosen_appointment_that_ended_meanwhile_is_forgotten(client, head_of_two):
    person, first, second = head_of_two
    client.force_login(person)
    client.post(reverse("switch"), {"assignment": person.assignments.get(school=second).pk})
    person.assignments.filter(school=second).update(valid_to=clock.today() - timedelta(days=1))
    assert client.get(reverse("home")).url == reverse("evaluations:school", args=[first.npsn])


def test_home_picks_the_room_by_role(client):
    office = OfficeFactory()
    places = {
        person_at(SchoolFactory(), Role.SUPERVISOR): reverse("reports:supervisor"),
        AssignmentFactory(school=None, office=office, role=Role.OFFICE).person: reverse("reports:office"),
        UserFactory(is_staff=True): reverse("admin:index"),
    }
    for person, place in places.items():
        client.force_login(person)
        assert client.get(reverse("home")).url == place


def test_home_tells_a_person_without_appointment_what_to_do(client):
    client.force_login(UserFactory())
    response = client.get(reverse("home"))
    assert response.status_code == 200
    assert "spmi/no_assignment.html" in [template.name for template in response.templates]


def test_a_person_is_read_anew_by_the_next_request():
    school = SchoolFactory()
    person = UserFactory()
    assert person.roles_at(school) == frozenset()
    AssignmentFactory(person=person, school=school)
    assert fresh(person).roles_at(school) == {Role.CONTRIBUTOR}
