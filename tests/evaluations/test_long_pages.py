"""A page of many questions folds them, so that it can be found through on a phone."""

import pytest

from tests.factories import Place

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


@pytest.fixture
def place():
    return Place(edition="2026.1", scope="lengkap")


def section(client, place, standard):
    client.force_login(place.teacher)
    return client.get(place.evaluation.address("section", standard)).content.decode()


def test_many_questions_stand_folded_and_say_how_far_they_are(client, place):
    item = next(item for item in place.section("3").items if item.kind == "rubric")
    place.answer(item.code, 3)
    text = section(client, place, "3")
    assert text.count('<details class="fold">') == len(place.section("3").items) > 16
    assert "Jawaban: Level 3" in text
    assert "Jawab pertanyaan ini" in text


def test_a_short_page_shows_everything(client, place):
    assert len(place.section("8").items) <= 16
    assert 'class="fold"' not in section(client, place, "8")


def test_what_was_refused_stands_open(client, place):
    item = next(item for item in place.section("3").items if item.kind == "rubric")
    client.force_login(place.teacher)
    response = client.post(place.evaluation.address("answer", "3", item.code), {"version": "0", "level": "9"})
    assert response.status_code == 422
    text = response.content.decode()
    assert text.count('<details class="fold" open>') == 1
