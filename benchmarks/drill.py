"""Kills the report worker again and again; every report must be READY within 120 s, and made exactly once.

    python -m benchmarks.drill [--kills 20] [--seed N] [--lease 5] [--sweep 2] [--redis URL] [--postgres URL]

Works in a temporary data directory with its own database. For every kill a new report is asked for, and the
worker's whole process group gets SIGKILL at a random moment: right after the request, or when the progress passes
a random percentage. Prints one line per kill; the exit status is 1 when a report was lost, late, failed or doubled.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.serving import scratch_database

BASE_DIR = Path(__file__).resolve().parent.parent
LIMIT = 120  # seconds from the kill until the report must be READY
AT_ONCE = -1  # kill right after the request, before anybody may have claimed the report
# The worker of `manage.py serve`; the sweep, which runs in `serve` itself there, comes from a beat in it here.
WORKER = [
    *(sys.executable, "-m", "celery", "--quiet", "-A", "spmi", "worker", "-B", "-c", "2", "--loglevel", "ERROR"),
    *("--without-gossip", "--without-mingle", "--without-heartbeat"),
]


@dataclass
class Outcome:
    code: str
    killed_at: str
    seconds: float
    attempt: int
    problem: str


class Worker:
    """A real worker with its beat, leader of a process group of its own."""

    def __init__(self, data_dir: Path) -> None:
        self.log = (data_dir / "worker.log").open("ab")
        environment = {
            **os.environ,
            "TMPDIR": str(data_dir / "queue" / "tmp"),
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        }
        self.process = subprocess.Popen(
            WORKER, cwd=BASE_DIR, env=environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()


def configure(data_dir: Path, options: argparse.Namespace, database_url: str) -> None:
    """Point Django, here and in the workers, to the data directory alone."""
    for name in [name for name in os.environ if name.startswith(("SPMI_", "DJANGO_"))]:
        del os.environ[name]
    os.environ.update(
        SPMI_DATA_DIR=str(data_dir),
        SPMI_DEMO="0",
        SPMI_REPORT_LEASE_SECONDS=str(options.lease),
        SPMI_REPORT_SWEEP_SECONDS=str(options.sweep),
    )
    if options.redis:
        os.environ["SPMI_REDIS_URL"] = options.redis
    if database_url:
        os.environ["SPMI_DATABASE_URL"] = database_url
    from spmi import runtime

    runtime.prepare()
    import django

    django.setup()
    for name in ("messages", "control", "tmp"):
        (data_dir / "queue" / name).mkdir(parents=True, exist_ok=True)
    if options.redis:
        import redis

        with redis.Redis.from_url(options.redis) as client:
            client.delete("celery", "unacked", "unacked_index")


def approved_place():
    """A school whose self-evaluation went the whole way, in an empty database."""
    from django.core.management import call_command

    from tests.factories import Place

    call_command("migrate", interactive=False, verbosity=0)
    place = Place(name="SD Uji Pekerja")
    place.complete()
    return place


def state_of(report) -> str:
    report.refresh_from_db(fields=["state", "progress", "attempt"])
    return report.state


def wait_for_moment(report, moment: int) -> str:
    """Until the progress has passed *moment*; says where the report was then."""
    deadline = time.monotonic() + LIMIT
    while moment != AT_ONCE and time.monotonic() < deadline:
        state = state_of(report)
        if state in {"READY", "FAILED"} or (state == "RUNNING" and report.progress >= moment):
            break
        time.sleep(0.02)
    return f"{state_of(report)} {report.progress}%"


def wait_until_ready(report, since: float) -> float:
    while time.monotonic() - since < LIMIT and state_of(report) not in {"READY", "FAILED"}:
        time.sleep(0.1)
    return time.monotonic() - since


def problem_with(report) -> str:
    """What is wrong with a report that should be READY, made once and whole; "" when nothing is."""
    from evaluations.files import digest, open_stored
    from schools.models import AuditEvent

    report.refresh_from_db()
    if report.state != "READY":
        return f"masih {report.state}"
    finished = AuditEvent.objects.about(report).filter(action="report.finished").count()
    if finished != 1:
        return f"selesai {finished} kali"
    with open_stored(report.path) as file:
        return "" if digest(file.read()) == report.sha256 else "isi berkas tidak cocok"


def run(options: argparse.Namespace, data_dir: Path) -> list[Outcome]:
    from reports.services import request_report
    from schools.models import School

    place = approved_place()
    chance = random.Random(options.seed)  # noqa: S311  (moments of a drill, not secrets)
    reports, outcomes = [], []
    worker = Worker(data_dir)
    try:
        for number in range(options.kills):
            School.objects.filter(pk=place.school.pk).update(phone=f"021 {number:04d}")
            moment = AT_ONCE if chance.random() < options.at_once else chance.randrange(1, 92)
            report = request_report(place.evaluation.pk, actor=place.principal)
            killed_at = wait_for_moment(report, moment)
            worker.kill()
            since = time.monotonic()
            worker = Worker(data_dir)
            seconds = wait_until_ready(report, since)
            reports.append(report)
            outcomes.append(Outcome(report.code, killed_at, seconds, report.attempt, problem_with(report)))
            one = outcomes[-1]
            print(
                f"{number + 1:4}  {one.code}  {one.killed_at:>12}  {one.seconds:7.1f} s  "
                f"percobaan {one.attempt}  {one.problem or 'baik'}",
                flush=True,
            )
    finally:
        worker.kill()
    for report, outcome in zip(reports, outcomes, strict=True):  # a late worker must not have done it again
        outcome.problem = outcome.problem or problem_with(report)
    files = [path for path in (data_dir / "media").rglob("*") if path.is_file()]
    if len(files) != len({report.sha256 for report in reports if report.sha256}):
        outcomes[-1].problem = outcomes[-1].problem or f"{len(files)} berkas untuk {len(reports)} laporan"
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drill", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="the same moments again")
    parser.add_argument("--at-once", type=float, default=0.1, help="share of kills right after the request")
    parser.add_argument("--lease", type=int, default=5, help="seconds (60 in real life)")
    parser.add_argument("--sweep", type=int, default=2, help="seconds (30 in real life)")
    parser.add_argument("--redis", default="", help="address of an empty Redis database, instead of the file queue")
    parser.add_argument("--postgres", default="", help="address of a server for a database of its own, not SQLite")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(10**6)
    with ExitStack() as stack:
        database_url = stack.enter_context(scratch_database(options.postgres)) if options.postgres else ""
        data_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="spmi-drill-")))
        configure(data_dir, options, database_url)
        print(f"Membunuh pekerja laporan {options.kills} kali (--seed {options.seed})", flush=True)
        outcomes = run(options, data_dir)
        bad = [one for one in outcomes if one.problem]
        if bad:
            print((data_dir / "worker.log").read_text(errors="replace")[-4000:], file=sys.stderr)
    slowest = max((one.seconds for one in outcomes), default=0)
    print(
        f"{len(outcomes) - len(bad)} dari {len(outcomes)} laporan baik; paling lama {slowest:.1f} s (batas {LIMIT} s)"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
