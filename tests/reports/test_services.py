"""The life of a report: asked for once, held by one worker, never lost, never made twice."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from common.errors import StateError
from reports import pdf, services, tasks
from reports.models import AnnualReport, ReportState
from reports.services import LostLease
from schools.choices import Role
from schools.models import AuditEvent
from tests.factories import OfficeFactory, Place, person_at

NOW = datetime(2027, 6, 14, 3, 0, tzinfo=timezone.get_fixed_timezone(0))
LATER = NOW + timedelta(seconds=61)
pytestmark = pytest.mark.django_db


def ask(place: Place, **kwargs) -> AnnualReport:
    return services.request_report(place.evaluation.pk, actor=place.principal, **kwargs)


def actions(report: AnnualReport) -> list[str]:
    return list(AuditEvent.objects.about(report).values_list("action", flat=True))


# --- asking -----------------------------------------------------------------------------------------


def test_before_the_approval_a_request_is_refused_with_the_reason():
    place = Place()
    with pytest.raises(StateError, match="disahkan"):
        ask(place)
    assert not AnnualReport.objects.exists()


@pytest.mark.parametrize(
    ("role", "allowed"),
    [(role, role in {Role.PRINCIPAL, Role.QUALITY_TEAM}) for role in Role if role != Role.OFFICE],
)
def test_only_head_and_quality_team_may_ask(place, role, allowed):
    person = person_at(place.school, role)
    if allowed:
        assert services.request_report(place.evaluation.pk, actor=person).state == ReportState.QUEUED
    else:
        with pytest.raises(PermissionDenied, match="diminta oleh"):
            services.request_report(place.evaluation.pk, actor=person)


def test_an_office_may_not_ask(place):
    office = OfficeFactory()
    office.regions.add(place.school.region)
    person = person_at(None, Role.OFFICE, office=office)
    with pytest.raises(PermissionDenied):
        services.request_report(place.evaluation.pk, actor=person)


def test_a_request_is_enqueued_after_the_commit(place, enqueued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        report = ask(place)
        assert enqueued == []
    assert [(task.name, task.args) for task in enqueued] == [("reports.tasks.build_annual_report", (report.pk,))]
    assert actions(report) == ["report.requested"]


def test_asking_twice_gives_the_same_report(place, enqueued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first, second = ask(place), services.request_report(place.evaluation.pk, actor=place.team)
    assert first.pk == second.pk
    assert len(enqueued) == 1
    assert actions(first) == ["report.requested"]


def test_changed_content_is_another_report(place):
    first = ask(place)
    place.school.address = "Jalan Melati 2"
    place.school.save()
    second = ask(place)
    assert first.pk != second.pk
    assert first.snapshot_sha256 != second.snapshot_sha256


def test_a_queue_that_is_down_does_not_fail_the_request(place, monkeypatch, django_capture_on_commit_callbacks):
    def broken(*args, **kwargs):
        raise ConnectionError("broker")

    monkeypatch.setattr(tasks.build_annual_report, "apply_async", broken)
    with django_capture_on_commit_callbacks(execute=True):
        report = ask(place)
    assert report.state == ReportState.QUEUED


@pytest.mark.django_db(transaction=True)
def test_two_people_who_ask_at_once_get_one_report(approved):
    place = approved()
    barrier, found = threading.Barrier(2), []

    def run(person):
        try:
            barrier.wait()
            found.append(services.request_report(place.evaluation.pk, actor=person).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(person,)) for person in (place.principal, place.team)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1


# --- working ----------------------------------------------------------------------------------------


def test_a_claim_takes_the_report_with_a_lease_and_an_attempt(place, settings):
    settings.REPORT_LEASE_SECONDS = 60
    report = services.claim(ask(place).pk, at=NOW)
    assert (report.state, report.attempt, report.lease_until) == (ReportState.RUNNING, 1, NOW + timedelta(seconds=60))


def test_a_held_report_is_not_claimed_again_until_its_lease_ends(place):
    pk = ask(place).pk
    services.claim(pk, at=NOW)
    assert services.claim(pk, at=NOW + timedelta(seconds=59)) is None
    assert services.claim(pk, at=LATER).attempt == 2


def test_progress_renews_the_lease(place):
    report = services.claim(ask(place).pk, at=NOW)
    services.progress(report.pk, 1, 40, at=NOW + timedelta(seconds=50))
    report.refresh_from_db()
    assert report.progress == 40
    assert services.claim(report.pk, at=LATER) is None


def test_progress_stays_below_100_until_the_file_is_there(place):
    report = services.claim(ask(place).pk, at=NOW)
    services.progress(report.pk, 1, 100, at=NOW)
    report.refresh_from_db()
    assert report.progress == 99


def test_a_late_first_worker_cannot_overwrite_the_second(place):
    pk = ask(place).pk
    services.claim(pk, at=NOW)
    services.claim(pk, at=LATER)
    with pytest.raises(LostLease):
        services.progress(pk, 1, 90, at=LATER)
    assert not services.renew(pk, 1, at=LATER)
    with pytest.raises(LostLease):
        services.fail(pk, 1, at=LATER)
    with pytest.raises(LostLease):
        services.finish(pk, 1, b"late", at=LATER)
    services.finish(pk, 2, b"second", at=LATER)
    with pytest.raises(LostLease):
        services.finish(pk, 1, b"late", at=LATER)
    report = AnnualReport.objects.get(pk=pk)
    assert default_storage.open(report.path).read() == b"second"
    assert actions(report) == ["report.requested", "report.finished"]


def test_finish_makes_the_report_ready_with_file_and_hash(place):
    pk = ask(place).pk
    services.claim(pk)
    report = services.finish(pk, 1, b"a report")
    assert (report.state, report.progress, report.size, report.lease_until) == (ReportState.READY, 100, 8, None)
    assert report.path.endswith(report.sha256)
    assert default_storage.open(report.path).read() == b"a report"


def test_a_finished_report_is_not_claimed(place):
    pk = ask(place).pk
    services.claim(pk)
    services.finish(pk, 1, b"x")
    assert services.claim(pk, at=timezone.now() + timedelta(days=1)) is None


@pytest.mark.django_db(transaction=True)
def test_a_task_delivered_twice_works_once(approved, quick_pdf, enqueued):
    place = approved()
    report = ask(place)
    assert len(enqueued) == 1
    enqueued[0].run()
    enqueued[0].run()
    report.refresh_from_db()
    assert (report.state, report.attempt) == (ReportState.READY, 1)
    assert actions(report) == ["report.requested", "report.finished"]


def test_an_error_lets_the_sweep_try_again_and_the_third_fails_the_report(place, monkeypatch, enqueued):
    def broken(*args, **kwargs):
        raise RuntimeError("layout")

    monkeypatch.setattr(pdf, "render_pdf", broken)
    report = ask(place)
    for attempt in (1, 2):
        services.build_report(report.pk)
        report.refresh_from_db()
        assert (report.state, report.attempt, report.message) == (ReportState.QUEUED, attempt, "")
    services.build_report(report.pk)
    report.refresh_from_db()
    assert report.state == ReportState.FAILED
    assert "Minta lagi" in report.message
    assert actions(report) == ["report.requested", "report.failed"]


def test_a_worker_that_lost_its_lease_while_rendering_stops_quietly(place, monkeypatch):
    report = ask(place)

    def slow(text, *, on_progress):
        services.claim(report.pk, at=timezone.now() + timedelta(days=1))
        on_progress(50)
        raise AssertionError("the lost lease must end the work")

    monkeypatch.setattr(pdf, "render_pdf", slow)
    services.build_report(report.pk)
    report.refresh_from_db()
    assert (report.state, report.attempt) == (ReportState.RUNNING, 2)


def test_three_killed_workers_fail_the_report_with_a_message(place):
    pk = ask(place).pk
    for n in range(3):
        assert services.claim(pk, at=NOW + n * timedelta(minutes=2)).attempt == n + 1
    assert services.claim(pk, at=NOW + timedelta(minutes=6)) is None
    report = AnnualReport.objects.get(pk=pk)
    assert report.state == ReportState.FAILED
    assert report.message


def test_a_failed_report_asked_for_again_starts_over(place, enqueued, django_capture_on_commit_callbacks):
    report = ask(place)
    AnnualReport.objects.filter(pk=report.pk).update(state=ReportState.FAILED, attempt=3, message="Gagal.")
    with django_capture_on_commit_callbacks(execute=True):
        again = ask(place)
    assert (again.pk, again.state, again.attempt, again.message) == (report.pk, ReportState.QUEUED, 3, "")
    assert [task.args for task in enqueued] == [(report.pk,)]
    for n in range(3):  # three new attempts, with numbers that no earlier worker holds
        assert services.claim(report.pk, at=NOW + n * timedelta(minutes=2)).attempt == n + 4
    assert services.claim(report.pk, at=NOW + timedelta(minutes=6)) is None


def test_a_ready_report_whose_file_is_lost_is_made_again(place):
    pk = ask(place).pk
    services.claim(pk)
    report = services.finish(pk, 1, b"x")
    assert ask(place).state == ReportState.READY
    default_storage.delete(report.path)
    assert ask(place).state == ReportState.QUEUED


@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_keeps_the_lease_alive_and_ends_with_the_work(approved, settings):
    settings.REPORT_LEASE_SECONDS = 1
    place = approved()
    report = services.claim(ask(place).pk)
    with services.heartbeat(report.pk, 1):
        threading.Event().wait(2.0)
        assert services.claim(report.pk) is None
    assert not [t for t in threading.enumerate() if t.name.endswith("-heartbeat")]
    threading.Event().wait(1.2)
    assert services.claim(report.pk).attempt == 2


# --- picking up what was left behind ----------------------------------------------------------------


def test_the_sweep_enqueues_expired_and_forgotten_reports_only(place, enqueued):
    report = ask(place, at=NOW)
    assert services.sweep(at=NOW + timedelta(seconds=5)) == 0
    assert services.sweep(at=NOW + timedelta(seconds=20)) == 1
    assert services.sweep(at=NOW + timedelta(seconds=25)) == 0  # just told again
    services.claim(report.pk, at=NOW + timedelta(seconds=30))
    assert services.sweep(at=NOW + timedelta(seconds=60)) == 0  # held
    assert services.sweep(at=NOW + timedelta(seconds=91)) == 1  # the lease is over
    assert [task.args for task in enqueued] == [(report.pk,)] * 2


def test_what_was_written_under_a_wrong_clock_is_swept_too(place, enqueued):
    held = ask(place)
    ahead = timezone.now() + timedelta(days=30)
    services.claim(held.pk)
    AnnualReport.objects.filter(pk=held.pk).update(lease_until=ahead)
    assert services.sweep() == 1
    assert services.claim(held.pk).attempt == 2
    AnnualReport.objects.filter(pk=held.pk).update(state="QUEUED", lease_until=None, enqueued_at=ahead)
    assert services.sweep() == 1
    assert services.sweep() == 0, "enqueued just now"


def test_sweeping_goes_on_from_a_thread_until_it_is_stopped(settings, monkeypatch):
    settings.REPORT_SWEEP_SECONDS = 0.02
    calls: list[int] = []

    def failing() -> int:
        calls.append(1)
        raise OSError("diska penuh")

    monkeypatch.setattr(services, "sweep", failing)
    with services.sweeping():
        deadline = time.monotonic() + 10
        while len(calls) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert len(calls) >= 3, "one that fails does not end the sweeping"
    time.sleep(0.1)
    seen = len(calls)
    time.sleep(0.1)
    assert len(calls) == seen


def test_asking_again_mends_a_damaged_row(place):
    report = ask(place)
    good = report.snapshot_text
    AnnualReport.objects.filter(pk=report.pk).update(
        snapshot_text="{}", state=ReportState.FAILED, message="Gagal.", finished_at=timezone.now()
    )
    again = ask(place)
    assert again == report
    assert AnnualReport.objects.get(pk=report.pk).snapshot_text == good


def test_one_sweep_enqueues_a_bounded_number(place, enqueued, monkeypatch):
    monkeypatch.setattr(services, "SWEEP_LIMIT", 2)
    for n in range(3):
        AnnualReport.objects.create(
            evaluation=place.evaluation, snapshot_text="{}", snapshot_sha256=str(n), requested_by=place.principal,
            requested_at=NOW, enqueued_at=NOW,
        )  # fmt: skip
    assert services.sweep(at=LATER) == 2
    assert services.sweep(at=LATER) == 1


def test_ready_and_failed_reports_are_left_alone_by_the_sweep(place, enqueued):
    pk = ask(place, at=NOW).pk
    services.claim(pk, at=NOW)
    services.finish(pk, 1, b"x", at=NOW)
    assert services.sweep(at=NOW + timedelta(days=1)) == 0


def test_a_restart_takes_reports_back_at_once_and_allows_one_attempt_more(place, enqueued):
    pk = ask(place).pk
    for _ in range(5):  # five restarts in a row must not make the report FAILED
        services.claim(pk)
        assert services.requeue_orphans() == 1
    report = AnnualReport.objects.get(pk=pk)
    assert (report.state, report.attempt, report.lease_until) == (ReportState.QUEUED, 5, None)
    assert [task.args for task in enqueued] == [(pk,)] * 5
    with pytest.raises(services.LostLease):
        services.finish(pk, 4, b"late", at=NOW)  # a worker of before a restart can't match a later attempt


def test_a_restart_keeps_the_attempts_that_were_really_used(place, enqueued):
    pk = ask(place).pk
    for n in range(3):
        services.claim(pk, at=NOW + n * timedelta(minutes=2))
    services.requeue_orphans()
    assert services.claim(pk, at=NOW + timedelta(minutes=6)).attempt == 4
    assert services.claim(pk, at=NOW + timedelta(minutes=8)) is None
    assert AnnualReport.objects.get(pk=pk).state == ReportState.FAILED


def test_the_sweep_task_calls_the_sweep(place, enqueued):
    ask(place, at=timezone.now() - timedelta(minutes=1))
    tasks.sweep_reports()
    assert len(enqueued) == 1
