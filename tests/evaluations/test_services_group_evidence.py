"""One proof for all that is answered together: linked as a whole or not at all, decided and taken away one by one."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from common.errors import DomainError, StateError
from evaluations.models import Evidence, EvidenceLink, EvidenceRevision, LinkState
from evaluations.services import evidence, reviews
from schools.models import AuditEvent
from tests.evaluations import uploads
from tests.factories import Place

pytestmark = pytest.mark.django_db

ROOM, CONDITION = "6.2.1.a", "6.2.10.a"
PDF, SECOND_PDF = uploads.pdf(seed=1), uploads.pdf(seed=2)


@pytest.fixture
def place() -> Place:
    return Place(edition="2026.1", scope="lengkap")


def add(place: Place, data: bytes = PDF, *, item: str = ROOM, **kwargs) -> EvidenceLink:
    given = {"name": "kelas.pdf", "data": data, "actor": place.teacher, "whole_group": True, **kwargs}
    return evidence.add_evidence(place.section("6").pk, item, **given)


def links(place: Place, standard: str = "6") -> list[tuple[str, int, str]]:
    rows = place.section(standard).links.select_related("revision").order_by("pk")
    return [(row.item_code, row.revision.number, row.state) for row in rows]


def linked(place: Place) -> list[str]:
    events = AuditEvent.objects.about(place.section("6")).filter(action="evidence.linked").order_by("pk")
    return [event.after["item"] for event in events]


def test_one_upload_proves_the_whole_group_with_a_history_per_link(place):
    link = add(place)
    assert link.item_code == ROOM
    assert links(place) == [(ROOM, 1, LinkState.WAITING), (CONDITION, 1, LinkState.WAITING)]
    assert linked(place) == [ROOM, CONDITION]
    assert Evidence.objects.count() == EvidenceRevision.objects.count() == 1


def test_without_the_wish_only_the_question_itself_is_proven(place):
    add(place, whole_group=False)
    assert [code for code, *_ in links(place)] == [ROOM]


def test_a_question_without_a_group_proves_itself_alone(place):
    add(place, item="6.1.1.a")
    assert [code for code, *_ in links(place)] == ["6.1.1.a"]


def test_partners_that_the_scope_does_not_ask_are_left_out():
    place = Place(edition="2026.1", scope="inti")
    asked = place.section("1").items
    link = evidence.add_evidence(
        place.section("1").pk, "1.1.1.a", name="a.pdf", data=PDF, actor=place.teacher, whole_group=True
    )
    wanted = {item.code for item in asked if item.group == "lembar_pengamatan_sikap"}
    assert {code for code, *_ in links(place, "1")} == wanted
    assert 1 < len(wanted) < 10
    assert link.item_code == "1.1.1.a"


def test_a_link_that_exists_already_is_no_error_and_keeps_its_decision(place):
    first = add(place, item=CONDITION, whole_group=False)
    EvidenceLink.objects.filter(pk=first.pk).update(state=LinkState.ACCEPTED, decided_at=first.created_at)
    again = evidence.link_evidence(
        place.section("6").pk, ROOM, first.revision.evidence.code, actor=place.teacher, whole_group=True
    )
    assert again.item_code == ROOM
    assert links(place) == [(CONDITION, 1, LinkState.ACCEPTED), (ROOM, 1, LinkState.WAITING)]


def test_the_same_file_sent_again_from_the_other_question_makes_nothing_new(place):
    add(place)
    link = add(place, item=CONDITION)
    assert link.item_code == CONDITION
    assert len(links(place)) == 2
    assert Evidence.objects.count() == 1


def test_a_better_file_takes_the_place_of_the_older_one_in_the_whole_group(place):
    old = add(place)
    add(place, SECOND_PDF, replaces=old.revision.evidence.code)
    assert links(place) == [(ROOM, 2, LinkState.WAITING), (CONDITION, 2, LinkState.WAITING)]


def test_a_better_file_for_one_question_leaves_the_other_its_own_until_it_is_sent_for_all(place):
    old = add(place)
    code = old.revision.evidence.code
    add(place, SECOND_PDF, replaces=code, whole_group=False)
    assert sorted(links(place)) == [(ROOM, 2, LinkState.WAITING), (CONDITION, 1, LinkState.WAITING)]
    add(place, SECOND_PDF, replaces=code)
    assert sorted(links(place)) == [(ROOM, 2, LinkState.WAITING), (CONDITION, 2, LinkState.WAITING)]
    assert EvidenceRevision.objects.count() == 2


def test_taking_away_concerns_one_question(place):
    link = add(place)
    evidence.unlink_evidence(place.section("6").pk, ROOM, link.revision.code, actor=place.teacher)
    assert [code for code, *_ in links(place)] == [CONDITION]
    with pytest.raises(StateError):
        evidence.unlink_evidence(place.section("6").pk, ROOM, link.revision.code, actor=place.teacher)


def test_a_reviewer_decides_link_by_link(place):
    link = add(place)
    place.fill("6")
    place.submit("6")
    place.open("6")
    reviews.review_link(place.section("6").pk, ROOM, link.revision.code, accept=True, actor=place.team)
    assert links(place) == [(ROOM, 1, LinkState.ACCEPTED), (CONDITION, 1, LinkState.WAITING)]


def test_nothing_is_written_when_one_link_fails(place, monkeypatch):
    real = evidence._link

    def failing(section, item_code, *args, **kwargs):
        if item_code == CONDITION:
            raise DomainError("Penyimpanan penuh.")
        return real(section, item_code, *args, **kwargs)

    monkeypatch.setattr(evidence, "_link", failing)
    with pytest.raises(DomainError):
        add(place)
    assert links(place) == []
    assert linked(place) == []
    assert not Evidence.objects.exists()


def test_a_closed_standard_takes_no_proof_for_any_of_them(place):
    code = add(place, item="6.1.1.a", whole_group=False).revision.evidence.code
    place.fill("6")
    place.submit("6")
    with pytest.raises(StateError):
        add(place)
    with pytest.raises(StateError):
        evidence.link_evidence(place.section("6").pk, ROOM, code, actor=place.teacher, whole_group=True)
    assert [code for code, *_ in links(place)] == ["6.1.1.a"]


def test_who_may_not_attach_links_nothing(place):
    with pytest.raises(PermissionDenied):
        add(place, actor=place.team)
    assert links(place) == []


def test_a_question_of_another_standard_is_refused(place):
    with pytest.raises(DomainError):
        add(place, item="1.1.1.a")
    assert links(place) == []
