"""NPSN and NSM are dated numbers of a school that stays the same."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from django.urls import reverse

from common.errors import DomainError
from schools import services
from schools.addresses import school_or_404
from schools.choices import IdentifierKind, Role, SchoolStatus
from schools.models import AuditEvent, School
from tests.factories import SchoolFactory, person_at

pytestmark = pytest.mark.django_db


def renumber(school, value, kind=IdentifierKind.NPSN, day=date(2026, 7, 1)):
    return services.change_number(school.pk, kind, value, valid_from=day)


@pytest.fixture
def school():
    row = SchoolFactory(npsn="20300001")
    renumber(row, "20300001", day=date(2010, 1, 1))
    return row


def test_the_old_npsn_still_finds_the_school(school):
    head = person_at(school, Role.PRINCIPAL)
    renumber(school, "20300002")
    assert school_or_404(head, "20300001") == school
    assert school_or_404(head, "20300002") == school
    assert School.objects.get(pk=school.pk).npsn == "20300002"


def test_an_old_address_still_answers(client, school):
    head = person_at(school, Role.PRINCIPAL)
    renumber(school, "20300002")
    client.force_login(head)
    assert client.get(reverse("accounts", args=["20300001"])).status_code == 200


def test_the_numbers_follow_each_other_without_gap_or_overlap(school):
    renumber(school, "20300002")
    rows = [(i.value, i.valid_from, i.valid_to) for i in school.identifiers.order_by("valid_from")]
    assert rows == [("20300001", date(2010, 1, 1), date(2026, 6, 30)), ("20300002", date(2026, 7, 1), None)]
    event = AuditEvent.objects.about(school).last()
    assert (event.before["value"], event.after["value"]) == ("20300001", "20300002")


def test_the_same_number_again_changes_nothing(school):
    renumber(school, "20300002")
    events = AuditEvent.objects.about(school).count()
    renumber(school, "20300002")
    assert AuditEvent.objects.about(school).count() == events
    assert school.identifiers.count() == 2


def test_a_number_belongs_to_one_school_for_ever(school):
    renumber(school, "20300002")
    other = SchoolFactory()
    with pytest.raises(DomainError, match="20300001"):
        renumber(other, "20300001")


@pytest.mark.parametrize("value", ["2030000", "203000011", "2030000A", "a0300001", "", "20300001\n", "٢٠٣٠٠٠٠١"])
def test_a_malformed_npsn_is_refused(school, value):
    with pytest.raises(DomainError):
        renumber(school, value)
    assert School.objects.get(pk=school.pk).npsn == "20300001"


@pytest.mark.parametrize("value", ["11123322090", "1112332209041", "11123322090X"])
def test_a_malformed_nsm_is_refused(school, value):
    with pytest.raises(DomainError):
        renumber(school, value, IdentifierKind.NSM)


def test_a_madrasah_is_found_by_its_nsm(school):
    renumber(school, "111233220904", IdentifierKind.NSM)
    assert School.objects.by_number("111233220904").get() == school


def test_npsn_may_begin_with_a_letter(school):
    assert renumber(school, "P9970001").npsn == "P9970001"


@pytest.mark.parametrize("npsn", ["1234", "SD-NEGERI", "20300001x", "203000011", "%00", "٢٠٣٠٠٠٠١"])
def test_an_address_with_a_malformed_npsn_is_404_and_says_so(client, school, npsn):
    client.force_login(person_at(school, Role.PRINCIPAL))
    response = client.get(f"/sekolah/{npsn}/akun/")
    assert response.status_code == 404
    with pytest.raises(Http404) as error:
        school_or_404(person_at(school, Role.PRINCIPAL), npsn)
    assert "NPSN" in error.value.reason


def test_the_database_refuses_a_malformed_npsn():
    with pytest.raises(IntegrityError), transaction.atomic():
        SchoolFactory(npsn="2030-001")


def test_a_merged_school_points_to_its_successor(school):
    successor = SchoolFactory()
    merged = services.merge_school(school.pk, successor.pk)
    assert (merged.status, merged.successor) == (SchoolStatus.MERGED, successor)
    with pytest.raises(DomainError):
        services.merge_school(successor.pk, successor.pk)
    with pytest.raises(DomainError):
        services.merge_school(successor.pk, school.pk)
