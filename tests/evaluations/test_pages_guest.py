"""A guest reviewer from a neighbour school: decides on answers, and sees neither secrets nor unfinished work."""

import pytest
from django.urls import reverse

from evaluations.models import Review
from evaluations.services.evidence import add_evidence
from schools.choices import Role
from tests.evaluations import uploads
from tests.factories import Place, person_at

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
ITEM = "8.1.1.a"


@pytest.fixture
def place() -> Place:
    """Standard 8 in review with one confidential piece of evidence."""
    place = Place()
    place.fill()
    add_evidence(
        place.section().pk, ITEM, name="a.pdf", data=uploads.pdf(), actor=place.teacher,
        title="Daftar murid", confidential=True,
    )  # fmt: skip
    place.submit()
    place.open()
    return place


@pytest.fixture
def guest(place):
    return person_at(place.school, Role.GUEST_REVIEWER)


def url(place: Place, name: str, *args: str) -> str:
    return reverse(f"evaluations:{name}", args=[place.school.npsn, place.cycle.year, *args])


def test_a_guest_decides_items_but_does_not_close_the_review(client, place, guest):
    client.force_login(guest)
    assert client.post(url(place, "review_item", "8", ITEM), {"decision": "CONFIRMED"}).status_code == 302
    assert Review.objects.get(item_code=ITEM).mode == "GUEST"
    page = client.get(url(place, "review", "8")).content.decode()
    assert 'name="mode"' not in page
    assert url(place, "review_verify", "8") not in page
    assert client.post(url(place, "review_verify", "8")).status_code == 403
    assert client.post(url(place, "review_return", "8")).status_code == 403


def test_a_guest_sees_that_there_is_confidential_proof_but_neither_title_nor_file(client, place, guest):
    file = url(place, "evidence_file", place.section().links.get().revision.code)
    for person, seen in ((guest, False), (place.team, True)):
        client.force_login(person)
        page = client.get(url(place, "review", "8")).content.decode()
        assert ("Daftar murid" in page) is seen
        assert (file in page) is seen
        assert ("Terima bukti" in page) is seen
        assert client.get(file).status_code == (200 if seen else 403)
