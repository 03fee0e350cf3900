"""Readiness in the annual report: the school's own calculation, named as such, and nothing that is private."""

from __future__ import annotations

import json

import pytest

from accreditation.models import Scenario, SchemeSheet
from accreditation.services.readiness import scheme_in_force, the_bodies
from common import clock
from reports.pdf import render_html
from reports.snapshot import build_content, build_snapshot, read_snapshot
from tests.factories import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Place:
    """A year on the newest edition, in its small scope, approved; and a school that tried out what nobody may see."""
    place = Place(edition="2026.1", scope="inti")
    place.complete()
    moment = clock.now()
    SchemeSheet.objects.create(
        cycle=place.cycle, scheme="ia-2024", data={"thresholds": {"A": "3.99"}}, efforts={"2.7.1": 77},
        updated_by=place.team, updated_at=moment,
    )  # fmt: skip
    Scenario.objects.create(
        cycle=place.cycle, scheme="ia-2024", scheme_version="2025.1", name="Rahasia dapur", data={},
        created_by=place.team, created_at=moment, updated_at=moment,
    )  # fmt: skip
    place.evaluation.refresh_from_db()
    return place


def test_the_report_shows_three_views_their_origin_and_the_way_of_every_figure(place):
    readiness = build_content(place.evaluation).readiness
    assert readiness.version == "ia-2024 2025.1"
    assert readiness.views == ("Penilaian sekolah", "Hasil telaah tim", "Didukung bukti")
    assert "diperkirakan dari jawaban evaluasi diri, cakupan Inti" in readiness.origin
    assert [sum(bar.counts) for bar in readiness.spread] == [45] * 3
    assert readiness.explained == "Hasil telaah tim"
    titles = [step.title for step in readiness.explanation]
    assert titles[0] == "Rata-rata semua indikator"
    assert sum(title.startswith(("Indikator 1.", "Indikator 2.", "Indikator 3.")) for title in titles) == 45


def test_the_page_of_the_report_says_who_decides_and_where_the_rule_comes_from(place):
    html = render_html(build_snapshot(place.evaluation))
    assert the_bodies()[0].long_name in html
    assert scheme_in_force().spec.basis in html
    assert "Kesiapan akreditasi, hasil telaah tim" in html


def test_simulations_thresholds_and_efforts_never_stand_in_a_report(place):
    text = build_snapshot(place.evaluation)
    for secret in ("Rahasia dapur", "3.99", "3,99", "ambang", "77"):
        assert secret not in json.dumps(json.loads(text)["readiness"])


def test_a_year_from_which_nothing_leads_to_the_scheme_keeps_the_report_it_had():
    place = Place()
    place.complete()
    place.evaluation.refresh_from_db()
    text = build_snapshot(place.evaluation)
    assert "readiness" not in json.loads(text)
    assert read_snapshot(text)["readiness"] is None
    assert 'id="kesiapan"' not in render_html(text)
