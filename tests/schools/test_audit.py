"""History is written once: neither the code nor the database changes it."""

import pytest
from django.db import DatabaseError, connection, transaction

from common.append_only import AppendOnlyError
from schools.models import AuditEvent, record_event
from tests.factories import SchoolFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    school = SchoolFactory()
    return record_event("school.tested", school, actor=UserFactory(), school=school, after={"n": 1})


def test_code_cannot_change_or_delete_history(event):
    event.action = "other"
    with pytest.raises(AppendOnlyError):
        event.save()
    with pytest.raises(AppendOnlyError):
        event.delete()
    with pytest.raises(AppendOnlyError):
        AuditEvent.objects.update(action="other")
    with pytest.raises(AppendOnlyError):
        AuditEvent.objects.all().delete()
    assert AuditEvent.objects.get(pk=event.pk).action == "school.tested"


def test_the_database_refuses_changes_too(event):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE schools_auditevent SET action = 'other' WHERE id = %s", [event.pk])
    if connection.vendor == "postgresql":
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM schools_auditevent WHERE id = %s", [event.pk])
    assert AuditEvent.objects.get(pk=event.pk).action == "school.tested"


def test_an_event_is_found_by_its_thing(event):
    school = event.school
    assert list(AuditEvent.objects.about(school)) == [event]
    assert not AuditEvent.objects.about(SchoolFactory()).exists()
