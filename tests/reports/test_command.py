"""`manage.py render_report`."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from common.canonical import sha256_text
from reports import pdf, services
from reports.management.commands import render_report
from reports.models import AnnualReport
from tests.factories import Place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(monkeypatch, approved, quick_pdf):
    """The same stand-ins as the service has."""
    monkeypatch.setattr(render_report, "build_snapshot", services.build_snapshot)
    monkeypatch.setattr(
        render_report, "render_pdf", lambda text: pdf.render_pdf(text, on_progress=lambda percent: None)
    )


def render(npsn: str, year: int, output) -> None:
    call_command("render_report", npsn=npsn, year=year, output=output)


def test_it_writes_what_the_stored_report_holds_and_no_row(place, tmp_path, capsys):
    report = services.request_report(place.evaluation.pk, actor=place.principal)
    services.build_report(report.pk)
    report.refresh_from_db()
    render(place.school.npsn, 2026, tmp_path / "laporan.pdf")
    assert capsys.readouterr().out.strip() == report.sha256
    assert sha256_text((tmp_path / "laporan.pdf").read_text()) == report.sha256
    assert AnnualReport.objects.count() == 1


def test_what_cannot_be_rendered_ends_with_status_2_and_a_reason(place, tmp_path):
    open_place = Place()
    for npsn, year, reason in (
        ("29999999", 2026, "Tidak ada sekolah dengan NPSN 29999999"),
        (place.school.npsn, 2020, "belum memiliki siklus mutu"),
        (open_place.school.npsn, 2026, "belum disahkan"),
    ):
        with pytest.raises(CommandError, match=reason) as refused:
            render(npsn, year, tmp_path / "laporan.pdf")
        assert refused.value.returncode == 2
    assert not (tmp_path / "laporan.pdf").exists()


def test_a_folder_that_is_not_there_is_named(place, tmp_path):
    with pytest.raises(CommandError, match="tidak dapat ditulis"):
        render(place.school.npsn, 2026, tmp_path / "tidak" / "ada.pdf")
