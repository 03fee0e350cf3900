"""One-time codes: who may issue them for whom, and that each works once, for its person, for three days."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from common import clock
from common.errors import DomainError
from schools import services
from schools.choices import Role
from schools.models import AuditEvent, LoginCode, User
from schools.permissions import can_issue_code
from tests.factories import AssignmentFactory, OfficeFactory, SchoolFactory, UserFactory, person_at

NEW = "sawah-hijau-27"

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return SchoolFactory()


@pytest.fixture
def head(school):
    return person_at(school, Role.PRINCIPAL)


@pytest.fixture
def teacher(school):
    return person_at(school, Role.CONTRIBUTOR)


def test_a_code_sets_a_new_password_and_works_only_once(school, head, teacher):
    code, _ = services.issue_login_code(teacher, school=school, actor=head)
    assert services.redeem_login_code(teacher.username, code, NEW) == teacher
    teacher.refresh_from_db()
    assert teacher.check_password(NEW)
    with pytest.raises(DomainError):
        services.redeem_login_code(teacher.username, code, "kata-lain-88")
    teacher.refresh_from_db()
    assert teacher.check_password(NEW)


def test_a_code_is_accepted_as_people_type_it(school, head, teacher):
    code, _ = services.issue_login_code(teacher, school=school, actor=head)
    sloppy = f" {code.lower().replace('-', ' ')} "
    assert services.redeem_login_code(f" {teacher.username.upper()} ", sloppy, NEW) == teacher


def test_a_code_fits_the_email_address_too(school, head):
    teacher = person_at(school, Role.CONTRIBUTOR, person=UserFactory(email="Guru@Sekolah.id"))
    code, _ = services.issue_login_code(teacher, school=school, actor=head)
    assert services.redeem_login_code("guru@sekolah.id", code, NEW) == teacher


def test_the_code_itself_is_not_stored(school, head, teacher):
    code, _ = services.issue_login_code(teacher, school=school, actor=head)
    assert code not in str(LoginCode.objects.values_list())
    assert code.replace("-", "") not in str(LoginCode.objects.values_list())
    assert str(AuditEvent.objects.about(teacher).values_list()).find(code.replace("-", "")) == -1


@pytest.mark.parametrize(("age", "works"), [(timedelta(hours=71), True), (timedelta(hours=72, minutes=1), False)])
def test_a_code_lives_for_three_days(school, head, teacher, age, works):
    code, _ = services.issue_login_code(teacher, school=school, actor=head, at=clock.now() - age)
    if works:
        assert services.redeem_login_code(teacher.username, code, NEW) == teacher
    else:
        with pytest.raises(DomainError):
            services.redeem_login_code(teacher.username, code, NEW)


def test_a_code_does_not_open_somebody_elses_account(school, head, teacher):
    other = person_at(school, Role.CONTRIBUTOR)
    code, _ = services.issue_login_code(teacher, school=school, actor=head)
    with pytest.raises(DomainError) as wrong_name:
        services.redeem_login_code(other.username, code, NEW)
    with pytest.raises(DomainError) as wrong_code:
        services.redeem_login_code(teacher.username, "K7PB-93QD-XW4M", NEW)
    assert wrong_name.value.message == wrong_code.value.message  # never says which part was wrong
    assert services.redeem_login_code(teacher.username, code, NEW) == teacher


def test_an_empty_name_does_not_match_a_person_without_email(school, head, teacher):
    code, _ = services.issue_login_code(teacher, school=school, actor=head)
    with pytest.raises(DomainError):
        services.redeem_login_code("  ", code, NEW)


def test_a_new_code_ends_the_earlier_one(school, head, teacher):
    first, _ = services.issue_login_code(teacher, school=school, actor=head)
    second, _ = services.issue_login_code(teacher, school=school, actor=head)
    with pytest.raises(DomainError):
        services.redeem_login_code(teacher.username, first, NEW)
    assert services.redeem_login_code(teacher.username, second, NEW) == teacher


def test_a_weak_password_leaves_the_code_usable(school, head, teacher):
    code, _ = services.issue_login_code(teacher, school=school, actor=head)
    with pytest.raises(DomainError) as refused:
        services.redeem_login_code(teacher.username, code, "12345")
    assert "password" in refused.value.fields
    assert services.redeem_login_code(teacher.username, code, NEW) == teacher


def _become_head(school, head, teacher):
    AssignmentFactory(person=teacher, school=school, role=Role.PRINCIPAL, kind="PLH")


def _become_administrator(school, head, teacher):
    User.objects.filter(pk=teacher.pk).update(is_staff=True)


def _move_to_another_school(school, head, teacher):
    teacher.assignments.update(school=SchoolFactory())


def _close_account(school, head, teacher):
    User.objects.filter(pk=teacher.pk).update(is_active=False)


def _issuer_leaves(school, head, teacher):
    head.assignments.update(valid_to=clock.today() - timedelta(days=1))


@pytest.mark.parametrize(
    "change", [_become_head, _become_administrator, _move_to_another_school, _close_account, _issuer_leaves]
)
def test_a_code_ends_when_the_school_could_not_issue_it_any_more(school, head, teacher, change):
    code, _ = services.issue_login_code(teacher, school=school, actor=head)
    change(school, head, teacher)
    with pytest.raises(DomainError, match="mintalah kode baru"):
        services.redeem_login_code(teacher.username, code, NEW)
    assert not User.objects.get(pk=teacher.pk).check_password(NEW)


def test_issuing_and_using_a_code_leave_a_trace(school, head, teacher):
    code, _ = services.issue_login_code(teacher, school=school, actor=head)
    services.redeem_login_code(teacher.username, code, NEW)
    events = list(AuditEvent.objects.about(teacher).values_list("action", "actor"))
    assert events == [("account.code_issued", head.pk), ("account.password_set_by_code", teacher.pk)]


# --- who may issue for whom ---------------------------------------------------------------------------


@pytest.mark.parametrize("issuer", Role.values)
def test_only_head_and_operator_issue_codes(school, teacher, issuer):
    if issuer == Role.OFFICE:
        office = OfficeFactory()
        office.regions.add(school.region)
        person = AssignmentFactory(school=None, office=office, role=Role.OFFICE).person
    else:
        person = person_at(school, Role(issuer))
    allowed = issuer in {Role.PRINCIPAL, Role.OPERATOR}
    assert bool(can_issue_code(person, school, teacher)) is allowed
    if not allowed:
        with pytest.raises(PermissionDenied):
            services.issue_login_code(teacher, school=school, actor=person)
        assert not LoginCode.objects.exists()


def _two_schools(school):
    person = person_at(school, Role.CONTRIBUTOR)
    AssignmentFactory(person=person, school=SchoolFactory(), role=Role.CONTRIBUTOR)
    return person


TARGETS = {
    "the head": lambda school: person_at(school, Role.PRINCIPAL),
    "an acting head": lambda school: person_at(school, Role.PRINCIPAL, kind="PLH"),
    "a supervisor": lambda school: person_at(school, Role.SUPERVISOR),
    "a supervisor who also teaches here": lambda school: (
        AssignmentFactory(
            person=person_at(school, Role.CONTRIBUTOR), school=SchoolFactory(), role=Role.SUPERVISOR
        ).person
    ),
    "somebody of two schools": _two_schools,
    "somebody of another school": lambda school: person_at(SchoolFactory(), Role.CONTRIBUTOR),
    "somebody who left": lambda school: person_at(school, Role.CONTRIBUTOR, valid_to=clock.today() - timedelta(days=1)),
    "a head from tomorrow on": lambda school: (
        AssignmentFactory(
            person=person_at(school, Role.CONTRIBUTOR),
            school=school,
            role=Role.PRINCIPAL,
            valid_from=clock.today() + timedelta(days=1),
        ).person
    ),
    "a supervisor from tomorrow on": lambda school: (
        AssignmentFactory(
            person=person_at(school, Role.CONTRIBUTOR),
            school=SchoolFactory(),
            role=Role.SUPERVISOR,
            valid_from=clock.today() + timedelta(days=1),
        ).person
    ),
    "somebody whose account is closed": lambda school: person_at(
        school, Role.CONTRIBUTOR, person=UserFactory(is_active=False)
    ),
    "an administrator": lambda school: person_at(school, Role.CONTRIBUTOR, person=UserFactory(is_staff=True)),
}


@pytest.mark.parametrize("who", TARGETS)
def test_a_code_never_leads_to_more_power_or_to_another_place(school, who):
    operator = person_at(school, Role.OPERATOR)
    target = TARGETS[who](school)
    decision = can_issue_code(operator, school, target)
    assert not decision
    assert decision.reason
    with pytest.raises(PermissionDenied, match=decision.reason):
        services.issue_login_code(target, school=school, actor=operator)
    # The same operator, the same moment: an ordinary teacher is allowed, so the refusal is about the person.
    assert can_issue_code(operator, school, person_at(school, Role.CONTRIBUTOR))


def test_nobody_issues_a_code_for_the_own_account(school, head):
    assert not can_issue_code(head, school, head)


# --- the pages ----------------------------------------------------------------------------------------


def test_the_page_redeems_a_code_and_signs_the_person_in(client, school, head, teacher):
    code, _ = services.issue_login_code(teacher, school=school, actor=head)
    form = {"username": teacher.username, "code": code, "password": NEW, "repeat": NEW}
    response = client.post(reverse("redeem_code"), form)
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(teacher.pk)


def test_the_page_says_what_is_wrong_and_keeps_the_typed_name(client, school, head, teacher):
    code, _ = services.issue_login_code(teacher, school=school, actor=head)
    form = {"username": teacher.username, "code": code, "password": NEW, "repeat": "lain"}
    response = client.post(reverse("redeem_code"), form)
    assert response.status_code == 422
    assert "repeat" in response.context["form"].errors
    assert teacher.username in response.content.decode()
    assert services.redeem_login_code(teacher.username, code, NEW) == teacher


def test_guessing_codes_is_throttled(client, school, head, teacher):
    code, _ = services.issue_login_code(teacher, school=school, actor=head)
    wrong = {"username": teacher.username, "code": "K7PB-93QD-XW4M", "password": NEW, "repeat": NEW}
    statuses = [client.post(reverse("redeem_code"), wrong).status_code for _ in range(5)]
    assert statuses == [422] * 5
    response = client.post(reverse("redeem_code"), {**wrong, "code": code})  # right at last, but too late
    assert response.status_code == 429
    teacher.refresh_from_db()
    assert not teacher.check_password(NEW)
    assert "_auth_user_id" not in client.session


def test_the_accounts_page_offers_a_code_or_says_why_not(client, school, head, teacher):
    client.force_login(head)
    response = client.get(reverse("accounts", args=[school.npsn]))
    by_person = {row["person"]: row["can_issue"] for row in response.context["rows"]}
    assert by_person[teacher]
    assert not by_person[head]
    page = response.content.decode()
    assert by_person[head].reason in page
    assert reverse("issue_code", args=[school.npsn, teacher.username]) in page
    assert reverse("issue_code", args=[school.npsn, head.username]) not in page


@pytest.mark.parametrize("people", [1, 20])
def test_the_accounts_page_needs_the_same_queries_for_few_and_many(
    client, school, head, people, django_assert_num_queries
):
    for _ in range(people):
        person_at(school, Role.CONTRIBUTOR)
    client.force_login(head)
    # session, user, own appointments, school, people, their appointments
    with django_assert_num_queries(6):
        response = client.get(reverse("accounts", args=[school.npsn]))
    assert len(response.context["rows"]) == people + 1


def test_the_new_code_is_shown_once_on_a_page_for_printing(client, school, teacher):
    operator = person_at(school, Role.OPERATOR)
    client.force_login(operator)
    response = client.post(reverse("issue_code", args=[school.npsn, teacher.username]))
    page = response.content.decode()
    code = response.context["code"]
    assert code in page
    assert teacher.username in page
    assert reverse("redeem_code") in page
    assert "no-store" in response["Cache-Control"]
    assert services.redeem_login_code(teacher.username, code, NEW) == teacher


def test_the_page_refuses_a_code_for_the_head(client, school, head):
    operator = person_at(school, Role.OPERATOR)
    client.force_login(operator)
    response = client.post(reverse("issue_code", args=[school.npsn, head.username]))
    assert response.status_code == 403
    assert not LoginCode.objects.exists()
