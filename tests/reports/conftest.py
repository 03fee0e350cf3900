"""Places with an approved evaluation, and ways to leave out the slow parts where they do not matter."""

import json

import pytest
from django.utils import timezone

from evaluations.models import Evaluation
from reports import pdf, services
from schools.models import Assignment
from tests.factories import Place


def approve(place: Place) -> None:
    """Approved on paper, without a year of work: for tests that never look at the content."""
    Evaluation.objects.filter(pk=place.evaluation.pk).update(
        approved_at=timezone.now(),
        approved_by=place.principal,
        approved_as=Assignment.objects.get(person=place.principal),
    )
    place.evaluation.refresh_from_db()


@pytest.fixture
def approved(monkeypatch):
    """Makes places whose evaluation is approved and whose report says little."""
    monkeypatch.setattr(
        services, "build_snapshot", lambda evaluation: json.dumps({"address": evaluation.school.address})
    )

    def make(**school) -> Place:
        place = Place(**school)
        approve(place)
        return place

    return make


@pytest.fixture
def place(db, approved) -> Place:
    return approved()


@pytest.fixture
def quick_pdf(monkeypatch):
    """Replaces the layout by a few bytes."""

    def render(snapshot_text, *, on_progress):
        on_progress(50)
        return b"%PDF-1.7 " + snapshot_text.encode()

    monkeypatch.setattr(pdf, "render_pdf", render)
