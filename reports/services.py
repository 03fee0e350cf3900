"""The life of an annual report: QUEUED -> RUNNING -> READY or FAILED.

The row is the truth and the queue only a hint. A worker holds a row by a lease that it keeps renewing; the
attempt number is its fencing token: every write names it, so a worker that lost the row finds out and stops.
Rendering is deterministic and files are named by their content, so doing the work twice is harmless.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from threading import Event, Thread

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q, QuerySet

from accreditation.services.summaries import catch_up
from common import clock
from common.canonical import sha256_text
from common.errors import require
from evaluations import files
from evaluations.services.locks import locked_evaluation
from reports.models import AnnualReport, ReportState
from reports.permissions import can_request_report
from reports.snapshot import build_snapshot
from schools.models import User, record_event

logger = logging.getLogger(__name__)

FAILED_MESSAGE = (
    "Laporan gagal dibuat setelah beberapa kali percobaan. Data evaluasi Anda aman. "
    "Tekan “Minta lagi”; bila tetap gagal, hubungi pengelola aplikasi."
)
HEARTBEAT_SECONDS = 5.0
PATIENCE = timedelta(seconds=15)  # a message usually reaches a worker long before
WRONG_CLOCK = timedelta(minutes=5)  # servers of one installation differ less; a mended clock jumps further
SWEEP_LIMIT = 50  # rows per sweep; the rest waits for the next one


class LostLease(Exception):
    """Another worker holds the report by now, or it is finished; whoever sees this stops without writing."""


def _lease_until(moment: datetime) -> datetime:
    return moment + timedelta(seconds=settings.REPORT_LEASE_SECONDS)


def enqueue(pk: int) -> None:
    """Tell the workers. A queue that is down fails nobody: the sweep finds the row."""
    from reports.tasks import build_annual_report

    try:
        build_annual_report.apply_async((pk,), retry=False)
    except Exception:  # every transport has its own errors, and none of them may reach the person who asks
        logger.exception("report %s could not be enqueued; the sweep will try again", pk)


# --- asking -----------------------------------------------------------------------------------------


@transaction.atomic
def request_report(evaluation_id: int, *, actor: User, at: datetime | None = None) -> AnnualReport:
    """The report of an approved evaluation with its present content; the same row while nothing changed.

    A FAILED report, and a READY one whose file the storage has lost, starts over with all its attempts.
    Raises PermissionDenied, or StateError before the approval, with the reason.
    """
    evaluation = locked_evaluation(evaluation_id)
    require(can_request_report(actor, evaluation))
    moment = clock.now(at)
    text = build_snapshot(evaluation)
    digest = sha256_text(text)
    report = evaluation.reports.filter(snapshot_sha256=digest).first()
    if report is None:
        report = AnnualReport(evaluation=evaluation, snapshot_text=text, snapshot_sha256=digest)
    elif report.state != ReportState.FAILED and not _file_is_lost(report):
        return report
    before = {"state": report.state} if report.pk else None
    report.snapshot_text = text  # a row that was damaged is mended by asking again
    report.state, report.progress, report.message = ReportState.QUEUED, 0, ""
    report.attempts_allowed = report.attempt + settings.REPORT_MAX_ATTEMPTS
    report.sha256, report.size, report.finished_at = "", None, None
    report.requested_by, report.requested_at, report.enqueued_at = actor, moment, moment
    report.save()
    record_event(
        "report.requested", report, actor=actor, school=evaluation.school, before=before,
        after={"state": report.state, "code": report.code, "snapshot_sha256": digest}, at=moment,
    )  # fmt: skip
    transaction.on_commit(partial(enqueue, report.pk))
    return report


def _file_is_lost(report: AnnualReport) -> bool:
    return report.state == ReportState.READY and not default_storage.exists(report.path)


# --- working ----------------------------------------------------------------------------------------


def _expired(moment: datetime) -> Q:
    """Rows whose worker fell silent. A lease that ends later than any can was written under a wrong clock."""
    over = Q(lease_until__lte=moment) | Q(lease_until__gt=_lease_until(moment) + WRONG_CLOCK)
    return Q(over, state=ReportState.RUNNING)


@transaction.atomic
def claim(pk: int, *, at: datetime | None = None) -> AnnualReport | None:
    """Take a waiting report, or one whose worker fell silent, as the next attempt.

    None when it is finished, held by another worker, or has used up its attempts (it is FAILED then).
    """
    moment = clock.now(at)
    waiting = AnnualReport.objects.filter(Q(state=ReportState.QUEUED) | _expired(moment), pk=pk)
    # SQLite has no row locks and needs none: the transaction began with the write lock of the whole file.
    locked = waiting.select_for_update(skip_locked=True, of=("self",))
    report = locked.select_related("evaluation__cycle").first()
    if report is None:
        return None
    if report.attempt >= report.attempts_allowed:
        _give_up(report, FAILED_MESSAGE, at=moment)
        return None
    report.attempt += 1
    report.state, report.progress, report.lease_until = ReportState.RUNNING, 0, _lease_until(moment)
    report.save(update_fields=["attempt", "state", "progress", "lease_until"])
    return report


def _held(pk: int, attempt: int) -> QuerySet[AnnualReport]:
    return AnnualReport.objects.filter(pk=pk, attempt=attempt, state=ReportState.RUNNING)


def progress(pk: int, attempt: int, percent: int, *, at: datetime | None = None) -> None:
    """Note the progress (0-99; 100 belongs to READY) and renew the lease. Raises LostLease."""
    lease = _lease_until(clock.now(at))
    if not _held(pk, attempt).update(progress=max(0, min(99, percent)), lease_until=lease):
        raise LostLease(f"report {pk}, attempt {attempt}")


def renew(pk: int, attempt: int, *, at: datetime | None = None) -> bool:
    """Renew the lease alone; False when this attempt no longer holds the report."""
    return bool(_held(pk, attempt).update(lease_until=_lease_until(clock.now(at))))


def finish(pk: int, attempt: int, data: bytes, *, at: datetime | None = None) -> AnnualReport:
    """Store the file, then turn the row READY in one update. Raises LostLease; the file is harmless then."""
    moment = clock.now(at)
    digest = files.digest(data)
    report = AnnualReport.objects.select_related("evaluation__cycle").get(pk=pk)
    report.sha256 = digest
    files.store(report.path, data)
    with transaction.atomic():
        ready = _held(pk, attempt).update(
            state=ReportState.READY, progress=100, lease_until=None, sha256=digest, size=len(data),
            finished_at=moment, message="",
        )  # fmt: skip
        if not ready:
            raise LostLease(f"report {pk}, attempt {attempt}")
        record_event(
            "report.finished", report, actor=None, school_id=report.evaluation.cycle.school_id,
            after={"state": ReportState.READY, "sha256": digest, "size": len(data), "attempt": attempt}, at=moment,
        )  # fmt: skip
    report.refresh_from_db()
    return report


def _give_up(report: AnnualReport, message: str, *, at: datetime) -> None:
    before = report.state
    report.state, report.lease_until, report.message = ReportState.FAILED, None, message
    report.progress, report.finished_at = 0, at
    report.save(update_fields=["state", "lease_until", "message", "progress", "finished_at"])
    record_event(
        "report.failed", report, actor=None, school_id=report.evaluation.cycle.school_id,
        before={"state": before}, after={"state": report.state, "attempt": report.attempt}, at=at,
    )  # fmt: skip


@transaction.atomic
def fail(pk: int, attempt: int, message: str = FAILED_MESSAGE, *, at: datetime | None = None) -> None:
    """Rendering raised an error: wait for the sweep to try again, or FAILED when this was the last attempt.

    Raises LostLease.
    """
    moment = clock.now(at)
    report = _held(pk, attempt).select_for_update(of=("self",)).select_related("evaluation__cycle").first()
    if report is None:
        raise LostLease(f"report {pk}, attempt {attempt}")
    if attempt >= report.attempts_allowed:
        _give_up(report, message, at=moment)
        return
    report.state, report.lease_until, report.progress, report.enqueued_at = ReportState.QUEUED, None, 0, moment
    report.save(update_fields=["state", "lease_until", "progress", "enqueued_at"])


@contextmanager
def heartbeat(pk: int, attempt: int) -> Iterator[None]:
    """Keep the lease alive during a long layout, from a thread that ends with the process.

    The work itself notices a lost lease at its next progress; the thread only falls silent.
    """
    stop = Event()
    pause = min(HEARTBEAT_SECONDS, settings.REPORT_LEASE_SECONDS / 4)

    def beat() -> None:
        try:
            while not stop.wait(pause):
                try:
                    if not renew(pk, attempt):
                        return
                except DatabaseError:  # a busy database: the lease has room for several beats
                    logger.warning("report %s: the lease could not be renewed this time", pk)
        finally:
            connection.close()

    thread = Thread(target=beat, name=f"report-{pk}-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def build_report(pk: int) -> None:
    """Render one report if it waits for it. Harmless when delivered twice: only the claimant works."""
    report = claim(pk)
    if report is None:
        return
    attempt = report.attempt
    try:
        from reports.pdf import render_pdf  # brings WeasyPrint, which is slow to import; the web never draws

        with heartbeat(pk, attempt):
            data = render_pdf(report.snapshot_text, on_progress=partial(progress, pk, attempt))
        finish(pk, attempt, data)
    except LostLease as lost:
        logger.warning("%s went to another worker; this one stops", lost)
    except Exception:
        logger.exception("report %s, attempt %s failed", pk, attempt)
        try:
            fail(pk, attempt)
        except LostLease as lost:
            logger.warning("%s went to another worker; this one stops", lost)


# --- picking up what was left behind ----------------------------------------------------------------


def _enqueue_again(rows: QuerySet[AnnualReport], moment: datetime) -> int:
    found = list(rows.order_by("enqueued_at", "pk").values_list("pk", flat=True)[:SWEEP_LIMIT])
    if found:
        AnnualReport.objects.filter(pk__in=found).update(enqueued_at=moment)
    for pk in found:
        enqueue(pk)
    return len(found)


def sweep(*, at: datetime | None = None) -> int:
    """Enqueue again what a dead worker held and what a lost message announced; how many, at most SWEEP_LIMIT."""
    moment = clock.now(at)
    silent = Q(enqueued_at__lte=moment - PATIENCE) | Q(enqueued_at__gt=moment + WRONG_CLOCK)
    lost = Q(silent, state=ReportState.QUEUED)
    return _enqueue_again(AnnualReport.objects.filter(_expired(moment) | lost), moment)


@contextmanager
def sweeping() -> Iterator[None]:
    """Sweep reports and readiness every REPORT_SWEEP_SECONDS from a thread of this process, where no beat runs
    (`manage.py serve`).

    The pause does not depend on the clock of the machine, and nothing outside has to be kept alive for it.
    """
    stop = Event()

    def work() -> None:
        while not stop.wait(settings.REPORT_SWEEP_SECONDS):
            for task in (sweep, catch_up):
                try:
                    task()
                except Exception:  # a full disk, a busy database: the next sweep tries again
                    logger.exception("this sweep failed")
                finally:
                    connection.close()

    Thread(target=work, name="sweep", daemon=True).start()
    try:
        yield
    finally:
        stop.set()


def requeue_orphans(*, at: datetime | None = None) -> int:
    """At the start of `manage.py serve`, which holds the data directory: no worker lives, so nothing is held.

    Every RUNNING row goes back to QUEUED at once instead of waiting for its lease, and may be tried once more:
    being stopped says nothing against the report, and three restarts must not make it FAILED.
    """
    moment = clock.now(at)
    AnnualReport.objects.filter(state=ReportState.RUNNING).update(
        state=ReportState.QUEUED,
        lease_until=None,
        progress=0,
        attempts_allowed=F("attempts_allowed") + 1,
    )
    return _enqueue_again(AnnualReport.objects.filter(state=ReportState.QUEUED), moment)
