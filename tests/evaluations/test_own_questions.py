"""Own questions of a school on the pages of its year, beside the national ones."""

from __future__ import annotations

import pytest
from django.utils.html import strip_tags

from evaluations.models import Section
from evaluations.services.answers import AnswerInput, record_answer
from evaluations.services.instruments import open_evaluation
from evaluations.services.reviews import open_review
from evaluations.services.submissions import submit_section
from tests.evaluations.workshop_steps import (
    get,
    published,
    text,
    url,
)
from tests.factories import Place, RegionFactory, sample_value

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


@pytest.fixture
def place():
    return Place(region=RegionFactory(code="33.01"))


def test_own_questions_below_an_indicator_are_on_the_page_of_the_standard(client, place):
    version = published(place.school, place.team)
    evaluation = open_evaluation(place.cycle.pk, version.instrument, actor=place.team)
    body = get(client, place.teacher, evaluation.address("section", "7")).content.decode()
    assert 'id="butir-7-2-s1"' in body
    assert 'id="butir-7-2-s2"' in body


def test_own_questions_below_an_indicator_are_reviewed_under_it(client, place):
    version = published(place.school, place.team)
    evaluation = open_evaluation(place.cycle.pk, version.instrument, actor=place.team)
    section = evaluation.sections.get(standard="7")
    submit_section(section.pk, actor=place.principal, reasons=dict.fromkeys(("7.2.s1", "7.2.s2"), "Belum sempat."))
    open_review(section.pk, actor=place.team)
    body = get(client, place.team, evaluation.address("review", "7")).content.decode()
    assert "Program pengelolaan" in body
    assert body.index("7.2.s1") < body.index("7.2.s2")


def test_the_part_above_an_own_question_is_called_what_it_is(client, place):
    version = published(place.school, place.team)
    evaluation = open_evaluation(place.cycle.pk, version.instrument, actor=place.team)
    for standard, name in (("7", "Indikator 7.2"), ("8", "Subindikator 8.2.1")):
        section = Section.objects.get(evaluation=evaluation, standard=standard)
        body = get(client, place.teacher, evaluation.address("section", standard)).content.decode()
        assert " ".join(name.split()) in " ".join(strip_tags(body).split())
        for item in section.items:
            given = AnswerInput("ANSWERED", sample_value(item, 3))
            record_answer(section.pk, item.code, given, version=0, actor=place.teacher)
        submit_section(section.pk, actor=place.principal)
        reviewed = get(client, place.team, evaluation.address("review", standard)).content.decode()
        assert f"{name} " in " ".join(strip_tags(reviewed).split())


def test_the_profile_shows_own_questions_apart_and_does_not_count_them(client, place):
    address = place.evaluation.address("profile")
    before = get(client, place.team, address)
    assert before.context["own"] == []
    version = published(place.school, place.team)
    evaluation = open_evaluation(place.cycle.pk, version.instrument, actor=place.team)
    after = get(client, place.team, address)
    assert [spread.evaluation for spread in after.context["own"]] == [evaluation]
    assert "Tidak dihitung dalam profil nasional" in text(after)
    figures = [[view.profile.items for view in page.context["profiles"]] for page in (before, after)]
    assert figures[0] == figures[1]


def test_outside_the_school_own_results_appear_once_they_were_submitted(client, place):
    place.fill("8")
    place.submit("8")
    version = published(place.school, place.team)
    open_evaluation(place.cycle.pk, version.instrument, actor=place.team)
    assert get(client, place.supervisor, place.evaluation.address("profile")).context["own"] == []


@pytest.mark.parametrize("name", ["cycle", "targets"])
def test_the_year_and_its_targets_lead_the_team_to_its_workshop(client, place, name):
    address = place.evaluation.address(name)
    assert f'href="{url("")}"' in get(client, place.team, address).content.decode()
    assert f'href="{url("")}"' not in get(client, place.principal, address).content.decode()
