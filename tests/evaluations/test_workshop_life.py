"""Publishing, retiring and discarding a version on the pages of the workshop."""

from __future__ import annotations

import pytest
from django.urls import reverse

from evaluations.services import workshop
from evaluations.services.instruments import open_evaluation
from standards import versions
from standards.models import InstrumentVersion
from tests.evaluations.workshop_steps import (
    TYPED,
    add,
    filled,
    fresh,
    get,
    post,
    published,
    started,
    url,
)
from tests.factories import Place, RegionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


@pytest.fixture
def place():
    return Place(region=RegionFactory(code="33.01"))


@pytest.fixture
def draft(place):
    return filled(place.school, place.team)


def test_publishing_shows_what_changes_for_whom_and_then_does_it(client, place):
    first = published(place.school, place.team)
    open_evaluation(place.cycle.pk, first.instrument, actor=place.team)
    post(client, place.team, url("_next", first))
    second = InstrumentVersion.objects.get(instrument=first.instrument, status="DRAFT")
    add(second, "rubric", "7.2", place.team, question="Apakah siswa membaca?")
    page = get(client, place.team, url("_publish", second))
    view, difference = page.context["view"], page.context["difference"]
    assert [item.code for item in difference.result.added] == ["7.2.s3"]
    assert view.running == [workshop.Running(first.version, 1, 0)]
    assert {remark.code for remark in view.remarks} >= {"7.2.s3"}
    done = post(client, place.team, url("_publish", second), {"seen": fresh(second).sha256})
    assert done.status_code == 302
    assert fresh(second).status == "PUBLISHED"


def test_a_published_version_leads_to_where_it_is_opened_and_a_draft_does_not(client, place, draft):
    address = reverse("evaluations:instruments", args=[place.school.npsn, place.cycle.year])
    assert address not in get(client, place.team, url("_version", draft)).content.decode()
    version = published(place.school, place.team, title="Sudah terbit")
    assert f'href="{address}"' in get(client, place.team, url("_version", version)).content.decode()


def test_an_empty_draft_says_what_is_missing_and_stays_a_draft(client, place):
    version = started(place.school, place.team)
    page = get(client, place.team, url("_publish", version))
    assert page.context["view"].problems
    assert b"Terbitkan versi" not in page.content
    assert post(client, place.team, url("_publish", version), {"seen": version.sha256}).status_code == 422
    assert fresh(version).status == "DRAFT"


def test_nothing_else_is_published_than_what_was_seen(client, place, draft):
    workshop.delete_item(draft.pk, "7.2.s1", seen=draft.sha256, actor=place.team)
    assert post(client, place.team, url("_publish", draft), {"seen": draft.sha256}).status_code == 409
    assert fresh(draft).status == "DRAFT"


def test_a_published_version_is_closed_and_retired_after_asking(client, place):
    version = published(place.school, place.team)
    for name in ("_header", "_add", "_import", "_publish", "_discard"):
        assert get(client, place.team, url(name, version)).status_code == 409, name
    assert get(client, place.team, url("_item", version, "7.2.s1")).status_code == 409
    assert get(client, place.team, url("_retire", version)).status_code == 200
    assert post(client, place.team, url("_retire", version)).status_code == 302
    assert fresh(version).status == "RETIRED"
    assert post(client, place.team, url("_retire", version)).status_code == 409


def test_the_next_version_is_made_once_and_then_opened(client, place):
    first = published(place.school, place.team)
    addresses = {post(client, place.team, url("_next", first)).url for _ in range(2)}
    assert len(addresses) == 1
    assert InstrumentVersion.objects.filter(instrument=first.instrument).count() == 2


def test_a_draft_is_discarded_after_asking(client, place, draft):
    assert get(client, place.team, url("_discard", draft)).status_code == 200
    post(client, place.team, url("_discard", draft))
    assert not InstrumentVersion.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize("name", ["_move", "_delete", "_item"])
def test_a_draft_that_is_discarded_while_somebody_writes_on_it_is_not_found(client, place, draft, monkeypatch, name):
    """Between the look at the draft and the change."""

    def gone(version_id, *args, **kwargs):
        InstrumentVersion.objects.filter(pk=version_id).delete()
        return versions.existing(version_id)

    for service in ("move_item", "delete_item", "change_item"):
        monkeypatch.setattr(workshop, service, gone)
    code = draft.spec.items[0].code
    typed = TYPED[draft.spec.items[0].kind] | {"seen": draft.sha256}
    assert post(client, place.team, url(name, draft, code), typed).status_code == 404
