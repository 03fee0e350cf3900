"""The administrator's pages keep a school's numbers and history as the services do."""

import pytest
from django.urls import reverse

from common import clock
from schools.choices import Role, SchoolStatus
from schools.models import AuditEvent, Office, School, SchoolIdentifier
from tests.factories import AssignmentFactory, RegionFactory, SchoolFactory, UserFactory, person_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def posted(school: School | None = None, **changes: object) -> dict[str, object]:
    """What the browser sends for the form of a school, as it stands or as a new one."""
    inline = {"identifiers-TOTAL_FORMS": 0, "identifiers-INITIAL_FORMS": 0}
    if school is None:
        values = {
            "name": "SD Baru",
            "form": "SD",
            "ownership": "NEGERI",
            "naungan": "KEMENDIKDASMEN",
            "status": "ACTIVE",
        }
        return {**inline, **values, "region": RegionFactory().pk, **changes}
    fields = ("npsn", "name", "form", "ownership", "naungan", "address", "village", "phone", "email", "foundation")
    values = {field: getattr(school, field) for field in fields}
    values |= {"status": school.status, "region": school.region_id, "successor": school.successor_id or ""}
    current = school.identifiers.filter(kind="NSM", valid_to=None).first()
    return {**inline, **values, "nsm": current.value if current else "", **changes}


def errors(response) -> dict[str, list[str]]:
    assert response.status_code == 200, "a saved form leads on"
    return response.context["adminform"].form.errors


@pytest.fixture
def school(admin) -> School:
    response = admin.post(reverse("admin:schools_school_add"), posted(npsn="20300001", nsm="111233220001"))
    assert response.status_code == 302, errors(response)
    return School.objects.get(npsn="20300001")


def change(admin, school: School, **changes: object):
    return admin.post(reverse("admin:schools_school_change", args=[school.pk]), posted(school, **changes))


def test_a_new_school_is_found_by_its_numbers(school):
    assert School.objects.by_number("20300001").get() == school
    assert School.objects.by_number("111233220001").get() == school
    assert AuditEvent.objects.about(school).get().action == "school.registered"


def test_a_new_number_keeps_the_old_one_alive_and_writes_history(admin, school):
    assert change(admin, school, npsn="20300002", numbers_from="2026-07-01").status_code == 302
    school.refresh_from_db()
    assert school.npsn == "20300002"
    assert School.objects.by_number("20300001").get() == school
    event = AuditEvent.objects.about(school).last()
    assert (event.action, event.before["value"], event.after["value"]) == (
        "school.number_changed",
        "20300001",
        "20300002",
    )


def test_a_number_that_another_school_held_is_refused(admin, school):
    change(admin, school, npsn="20300002")
    response = admin.post(reverse("admin:schools_school_add"), posted(npsn="20300001"))
    assert "sudah dipakai sekolah lain" in errors(response)["npsn"][0]
    assert School.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"npsn": "123"}, "npsn"),
        ({"nsm": "12"}, "nsm"),
        ({"nsm": ""}, "nsm"),
        ({"status": SchoolStatus.MERGED}, "successor"),
        ({"npsn": "20300002", "numbers_from": "bukan tanggal"}, "numbers_from"),
    ],
)
def test_wrong_input_is_named_at_its_field_and_changes_nothing(admin, school, changes, field):
    response = change(admin, school, **changes)
    assert field in errors(response)
    school.refresh_from_db()
    assert (school.npsn, school.status, school.identifiers.count()) == ("20300001", SchoolStatus.ACTIVE, 2)


def test_going_back_to_a_number_that_has_ended_is_refused(admin, school):
    change(admin, school, npsn="20300002")
    school.refresh_from_db()
    assert "npsn" in errors(change(admin, school, npsn="20300001"))


def test_a_merger_goes_through_the_service_and_can_be_taken_back(admin, school):
    successor = SchoolFactory()
    response = change(admin, school, status=SchoolStatus.MERGED, successor=successor.pk)
    assert response.status_code == 302, errors(response)
    school.refresh_from_db()
    assert (school.status, school.successor) == (SchoolStatus.MERGED, successor)
    assert AuditEvent.objects.about(school).last().action == "school.merged"
    assert change(admin, school, status=SchoolStatus.ACTIVE, successor="").status_code == 302
    school.refresh_from_db()
    assert (school.status, school.successor) == (SchoolStatus.ACTIVE, None)


def test_an_ordinary_change_leaves_the_numbers_alone(admin, school):
    assert change(admin, school, name="SD Negeri Baru").status_code == 302
    school.refresh_from_db()
    assert school.name == "SD Negeri Baru"
    assert SchoolIdentifier.objects.filter(school=school, valid_to=None).count() == 2


def test_an_office_gets_a_jurisdiction_that_reaches_schools(admin):
    school = SchoolFactory(form="SD", naungan="KEMENDIKDASMEN")
    sent = {
        "name": "Dinas Contoh",
        "regions": [school.region.pk],
        "forms": ["SD", "SMP"],
        "naungan": ["KEMENDIKDASMEN"],
    }
    assert admin.post(reverse("admin:schools_office_add"), sent).status_code == 302
    office = Office.objects.get()
    assert (office.forms, office.naungan) == (["SD", "SMP"], ["KEMENDIKDASMEN"])
    clerk = AssignmentFactory(school=None, office=office, role=Role.OFFICE, valid_from=clock.today()).person
    assert list(School.objects.visible_to(clerk)) == [school]
    refused = admin.post(reverse("admin:schools_office_add"), {**sent, "name": "Lain", "forms": ["TK"]})
    assert "forms" in errors(refused)


def test_the_pages_open(admin, school):
    person_at(school, Role.PRINCIPAL)
    page = admin.get(reverse("admin:schools_school_change", args=[school.pk])).content.decode()
    assert "111233220001" in page
    assert admin.get(reverse("admin:schools_office_add")).status_code == 200
