"""Own instruments in the annual report: beside the profile, once they were submitted; old reports stay as they were."""

from __future__ import annotations

import io
import json

import pytest
from pypdf import PdfReader

from evaluations.models import Evaluation, Section
from evaluations.services import answers, submissions
from evaluations.services.instruments import open_evaluation
from reports.pdf import render_html, render_pdf
from reports.snapshot import build_snapshot, read_snapshot
from tests.evaluations.workshop_steps import published
from tests.factories import Place, sample_value

pytestmark = pytest.mark.django_db
HOSTILE = "Literasi <b>kami</b> & kita"


@pytest.fixture
def place() -> Place:
    place = Place()
    place.complete()
    return place


def snapshot(place: Place) -> str:
    return build_snapshot(Evaluation.objects.with_place().get(pk=place.evaluation.pk))


def opened(place: Place) -> Evaluation:
    version = published(place.school, place.team, title=HOSTILE)
    return open_evaluation(place.cycle.pk, version.instrument, actor=place.team)


def submitted(place: Place) -> Evaluation:
    """Standard 7 of the own instrument answered with level 3 and yes, and handed in; standard 8 untouched."""
    evaluation = opened(place)
    section = Section.objects.get(evaluation=evaluation, standard="7")
    for item in section.items:
        given = answers.AnswerInput("ANSWERED", sample_value(item, 3))
        answers.record_answer(section.pk, item.code, given, version=0, actor=place.teacher)
    submissions.submit_section(section.pk, actor=place.principal)
    return evaluation


def test_a_report_without_own_instruments_is_the_one_that_was_made_before_there_were_any(place):
    before = snapshot(place)
    assert "own" not in json.loads(before)
    opened(place)
    assert snapshot(place) == before


def test_a_stored_report_of_that_time_still_opens(place):
    content = read_snapshot(snapshot(place))
    assert content["own"] == []
    assert "Pertanyaan sendiri" not in render_html(snapshot(place))


def test_what_was_submitted_is_counted_by_level_and_leaves_the_profile_alone(place):
    before = json.loads(snapshot(place))
    evaluation = submitted(place)
    after = json.loads(snapshot(place))
    [own] = after.pop("own")
    assert after == before
    assert (own["title"], own["version"], own["questions"]) == (HOSTILE, evaluation.version.version, 4)
    assert own["owner"] == place.school.name
    assert own["state"].startswith("belum disahkan")
    claimed, verified, _ = own["rows"]
    assert (claimed["levels"], claimed["unanswered"]) == ([1, 1, 0, 0], 2)
    assert (verified["levels"], verified["unanswered"]) == ([0, 0, 0, 0], 4)


def test_the_chapter_is_printed_with_its_texts_as_texts(place):
    submitted(place)
    text = snapshot(place)
    assert "Literasi &lt;b&gt;kami&lt;/b&gt; &amp; kita" in render_html(text)
    pages = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(text))).pages)
    assert "tidak dihitung dalam profil nasional" in " ".join(pages.split())
