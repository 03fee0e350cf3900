"""Targets in the annual report: what was in force, beside the team's results; old reports stay as they were."""

from __future__ import annotations

import io
import json

import pytest
from pypdf import PdfReader

from evaluations.models import Evaluation
from evaluations.services import reviews, targets
from reports.pdf import render_html, render_pdf
from reports.snapshot import build_snapshot, read_snapshot
from tests.evaluations.target_steps import decide, propose, set_targets, wanted
from tests.factories import Place

pytestmark = pytest.mark.django_db
VALUES = {
    "8.1": wanted("7.00", note="Pendataan <dua kali> setahun"),
    "8.2": wanted("1.00"),
    "8.3": wanted("5.25"),
    "8.3.3": wanted(beyond=True, beyond_note="Buku tanya jawab & papan dana"),
}


def finish(place: Place) -> str:
    """The snapshot of the approved evaluation; standard 8 alone is worked on, the others are handed in empty."""
    for standard in place.evaluation.spec.standards_for("SD"):
        if standard == "8":
            place.fill("8", 3)
        items = place.section(standard).items
        place.submit(standard, reasons={item.code: "Tahun depan." for item in items} if standard != "8" else {})
        place.open(standard)
        place.confirm_all(standard)
        place.verify(standard)
    reviews.approve_evaluation(place.evaluation.pk, actor=place.principal)
    return snapshot(place)


def snapshot(place: Place) -> str:
    return build_snapshot(Evaluation.objects.with_place().get(pk=place.evaluation.pk))


@pytest.fixture
def place() -> Place:
    return Place()


def test_the_report_tells_meeting_people_approval_figures_and_gaps(place):
    decide(place, VALUES)
    said = read_snapshot(finish(place))["targets"]
    assert (said["met_on"], said["place"], said["round"]) == ("21 Juli 2026", "Ruang guru", 1)
    assert said["participants"] == [
        {"label": "Bambang, S.Pd.", "value": "Ketua tim mutu"}, {"label": "Suparman", "value": "Ketua komite"},
    ]  # fmt: skip
    assert said["approved_by"] == f"{place.principal}, Kepala Sekolah"
    assert said["minutes"] == "Notulen penetapan target 2026/2027"
    gaps = {code: row["gap"] for code, row in said["by_code"].items()}
    assert gaps["8.1"].startswith("kurang ")
    assert gaps["8.2"].startswith("melampaui ")
    assert (said["by_code"]["8"]["target"], said["by_code"]["8"]["basis"]) == ("4,42", "3 dari 3 indikator")
    assert [row["code"] for row in said["lines"]] == ["8", "8.1", "8.2", "8.3"]
    assert said["beyond"] == [
        {"code": "8.3.3", "name": said["beyond"][0]["name"], "note": "Buku tanya jawab & papan dana"}
    ]


def test_the_printed_report_shows_targets_in_tables_radar_and_a_chapter(place):
    decide(place, VALUES)
    text = finish(place)
    html = render_html(text)
    assert html.count('id="target"') == 1
    assert 'href="#target"' in html
    assert "Pendataan &lt;dua kali&gt; setahun" in html
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(text))).pages]
    chapter = " ".join(next(page for page in pages if "Peserta rapat" in page).split())
    for words in ("Target yang ditetapkan", "21 Juli 2026", "Suparman", "Melampaui SNP", "kurang", "4,42"):
        assert words in chapter
    profile = " ".join(next(page for page in pages if "Nilai per standar" in page).split())
    assert "Selisih" in profile
    assert "4,42" in profile
    assert "Target: " in html  # the description of the radar


def test_drafts_and_proposals_are_no_targets_of_the_report(place):
    set_targets(place, VALUES)
    propose(place)
    assert read_snapshot(finish(place))["targets"] is None


def test_a_later_round_that_was_not_approved_leaves_the_report_as_it_is(place):
    decide(place, VALUES)
    targets.revise_targets(place.evaluation.pk, actor=place.team)
    set_targets(place, {"8.1": "1.11"})
    said = read_snapshot(finish(place))["targets"]
    assert (said["round"], said["by_code"]["8.1"]["target"]) == (1, "7,00")


def test_a_report_without_targets_is_the_same_as_before_there_were_any_and_an_old_one_still_opens(place):
    text = finish(place)
    assert "targets" not in json.loads(text)
    html = render_html(text)
    assert "Target yang ditetapkan" not in html
    assert "Selisih" not in html


def test_the_title_of_confidential_minutes_stays_inside(place):
    set_targets(place, VALUES)
    propose(place, confidential=True)
    targets.approve_targets(place.evaluation.pk, actor=place.principal)
    text = finish(place)
    assert read_snapshot(text)["targets"]["minutes"] == "bukti rahasia"
    assert "Notulen penetapan" not in text


def test_marks_beyond_snp_alone_make_a_chapter_without_figures(place):
    decide(place, {"8.3.3": VALUES["8.3.3"]})
    text = finish(place)
    assert read_snapshot(text)["targets"]["total"] is None
    html = render_html(text)
    assert "Buku tanya jawab &amp; papan dana" in html
    assert "Target keseluruhan" not in html
