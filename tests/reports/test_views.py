"""The pages of a school's reports: asking, watching, downloading."""

from __future__ import annotations

import pytest
from django.urls import reverse

from reports import services
from reports.models import AnnualReport, ReportState
from schools.choices import Role
from tests.factories import OfficeFactory, Place, person_at

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


def address(name: str, place: Place, *parts: str) -> str:
    return reverse(f"reports:{name}", args=[place.school.npsn, place.cycle.year, *parts])


@pytest.fixture
def queued(place) -> AnnualReport:
    return services.request_report(place.evaluation.pk, actor=place.principal)


@pytest.fixture
def ready(queued) -> AnnualReport:
    services.claim(queued.pk)
    return services.finish(queued.pk, 1, b"%PDF-1.7 the report")


def people(place: Place) -> dict[Role, object]:
    office = OfficeFactory()
    office.regions.add(place.school.region)
    found = {role: person_at(place.school, role) for role in Role if role != Role.OFFICE}
    return found | {Role.OFFICE: person_at(None, Role.OFFICE, office=office)}


def test_the_addresses_are_those_that_others_rely_on(place):
    base = f"/sekolah/{place.school.npsn}/2026/laporan/"
    assert address("reports", place) == base
    assert address("create", place) == f"{base}buat/"
    assert address("status", place, "ABC") == f"{base}ABC/status.json"
    assert address("download", place, "ABC") == f"{base}ABC/unduh/"


def test_whoever_may_list_sees_the_report_and_may_download_it(client, place, ready):
    for role, person in people(place).items():
        client.force_login(person)
        page = client.get(address("reports", place))
        assert page.status_code == 200, role
        assert address("download", place, ready.code) in page.content.decode(), role
        assert client.get(address("download", place, ready.code)).status_code == 200, role


def test_the_request_button_is_there_for_those_whom_the_service_allows(client, place, ready):
    for role, person in people(place).items():
        client.force_login(person)
        shown = address("create", place) in client.get(address("reports", place)).content.decode()
        answer = client.post(address("create", place))
        assert (answer.status_code, shown) == ((302, True) if shown else (403, False)), role
        assert shown == (role in {Role.PRINCIPAL, Role.QUALITY_TEAM}), role


def test_the_page_says_why_there_is_no_button_before_the_approval(client, enqueued):
    place = Place()
    client.force_login(place.principal)
    assert "disahkan" in client.get(address("reports", place)).content.decode()
    answer = client.post(address("create", place))
    assert answer.status_code == 409
    assert "disahkan" in answer.content.decode()
    assert not AnnualReport.objects.exists()


def test_a_double_click_makes_one_report(client, place, enqueued, django_capture_on_commit_callbacks):
    client.force_login(place.principal)
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            answer = client.post(address("create", place))
            assert (answer.status_code, answer["Location"]) == (302, address("reports", place))
    assert AnnualReport.objects.count() == 1
    assert len(enqueued) == 1


def test_asking_with_htmx_brings_the_list(client, place):
    client.force_login(place.principal)
    answer = client.post(address("create", place), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer.content.decode().lstrip().startswith('<div id="laporan"')


def test_a_get_does_not_make_a_report(client, place):
    client.force_login(place.principal)
    assert client.get(address("create", place)).status_code == 405


@pytest.mark.parametrize("state", list(ReportState))
def test_the_fragment_polls_only_while_something_happens(client, place, queued, state):
    if state == ReportState.RUNNING:
        services.claim(queued.pk)
    elif state == ReportState.READY:
        services.claim(queued.pk)
        services.finish(queued.pk, 1, b"x")
    elif state == ReportState.FAILED:
        AnnualReport.objects.filter(pk=queued.pk).update(state=state, message="Gagal. Minta lagi.")
    client.force_login(place.principal)
    text = client.get(address("report", place, queued.code), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in text
    busy = state in {ReportState.QUEUED, ReportState.RUNNING}
    assert ('hx-trigger="every 1s"' in text) == busy
    assert ("<progress" in text) == busy
    assert ("Minta lagi</button>" in text) == (state == ReportState.FAILED)
    assert (address("download", place, queued.code) in text) == (state == ReportState.READY)
    page = client.get(address("report", place, queued.code)).content.decode()
    assert "<html" in page
    assert ("Muat ulang" in page) == busy


def test_the_status_while_waiting_and_when_ready(client, place, queued):
    client.force_login(place.supervisor)
    assert client.get(address("status", place, queued.code)).json() == {
        "state": "QUEUED", "progress": 0, "attempt": 0, "sha256": None, "url": None,
    }  # fmt: skip
    services.claim(queued.pk)
    services.progress(queued.pk, 1, 40)
    assert client.get(address("status", place, queued.code)).json() == {
        "state": "RUNNING", "progress": 40, "attempt": 1, "sha256": None, "url": None,
    }  # fmt: skip
    done = services.finish(queued.pk, 1, b"x")
    answer = client.get(address("status", place, queued.code))
    assert answer.json() == {
        "state": "READY", "progress": 100, "attempt": 1, "sha256": done.sha256,
        "url": address("download", place, queued.code),
    }  # fmt: skip
    assert "no-store" in answer["Cache-Control"]


def test_the_download_is_a_named_private_attachment(client, place, ready):
    client.force_login(place.supervisor)
    answer = client.get(address("download", place, ready.code))
    assert b"".join(answer) == b"%PDF-1.7 the report"
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="laporan-spmi-{place.school.npsn}-2026.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["ETag"] == f'"{ready.sha256}"'
    assert "private" in answer["Cache-Control"]
    again = client.get(address("download", place, ready.code), headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_a_report_that_is_not_ready_cannot_be_downloaded_yet(client, place, queued):
    client.force_login(place.principal)
    answer = client.get(address("download", place, queued.code))
    assert answer.status_code == 409
    assert "belum siap" in answer.content.decode()


def test_a_lost_file_is_said_to_be_lost(client, place, ready):
    AnnualReport.objects.filter(pk=ready.pk).update(sha256="0" * 64)
    client.force_login(place.principal)
    answer = client.get(address("download", place, ready.code))
    assert answer.status_code == 404
    assert "hilang" in answer.content.decode()


@pytest.mark.parametrize("name", ["report", "status", "download"])
def test_an_unknown_code_is_404_with_a_message(client, place, name):
    client.force_login(place.principal)
    answer = client.get(address(name, place, "TIDAKADA"))
    assert answer.status_code == 404
    assert "Laporan dengan kode itu tidak ada" in answer.content.decode()


@pytest.mark.parametrize("name", ["report", "status", "download"])
def test_a_report_of_another_school_or_year_is_404(client, place, ready, approved, name):
    other = approved()
    client.force_login(other.principal)
    assert client.get(address(name, place, ready.code)).status_code == 404
    assert client.get(address(name, other, ready.code)).status_code == 404
    client.force_login(place.principal)
    wrong_year = reverse(f"reports:{name}", args=[place.school.npsn, 2025, ready.code])
    assert client.get(wrong_year).status_code == 404


@pytest.mark.parametrize("name", ["reports", "report", "status", "download"])
def test_strangers_are_sent_to_the_login(client, place, ready, name):
    parts = [] if name == "reports" else [ready.code]
    answer = client.get(address(name, place, *parts))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/masuk/")


def test_the_list_takes_the_same_queries_for_one_report_and_for_many(client, place, ready, django_assert_num_queries):
    client.force_login(place.principal)
    with django_assert_num_queries(5):  # session, user, appointments, evaluation, reports
        client.get(address("reports", place))
    for n in range(12):
        place.school.address = f"Jalan {n}"
        place.school.save()
        services.request_report(place.evaluation.pk, actor=place.principal)
    with django_assert_num_queries(5):
        assert len(client.get(address("reports", place)).context["reports"]) == 13
