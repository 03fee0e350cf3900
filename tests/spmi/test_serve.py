"""`make run`: starts, tells, survives accidents and goes away cleanly."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

from tests.serving import BASE_DIR, Serve, alive, app_environment, command_line

pytestmark = [pytest.mark.processes, pytest.mark.timeout(420)]


def assert_clean(served: Serve) -> None:
    """Nothing lives on, and the output shows neither a traceback nor force."""
    deadline = time.monotonic() + 2
    while served.children() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert served.children() == []
    assert "Traceback" not in served.output
    assert "SIGKILL" not in served.output


def manage(served: Serve, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {"SPMI_DATA_DIR": str(served.data_dir), **served.environment}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=app_environment(**variables),
        capture_output=True,
        text=True,
        timeout=240,
    )


def half_a_request(served: Serve) -> socket.socket:
    """A visitor whose connection broke down in the middle of an upload: keeps one web thread busy."""
    visitor = socket.create_connection(("127.0.0.1", served.port))
    visitor.sendall(
        b"POST /masuk/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 100000\r\n\r\nlogin="
    )
    time.sleep(1)
    return visitor


def test_first_start_prepares_everything_and_tells_the_accounts(demo_state):
    first = demo_state.first
    assert f"http://127.0.0.1:{first.port}/" in first.output
    assert "kepsek.sd@contoh.id" in first.output
    assert "mutu-2026" in first.output
    assert demo_state.answers == {"/healthz": 200, "/masuk/": 200}
    assert first.process.returncode == 0
    assert_clean(first)
    assert list(demo_state.home.iterdir()) == [], "state belongs into the data directory alone"
    assert list((demo_state.data_dir / "queue" / "tmp").iterdir()) == []


def test_second_start_takes_seconds_and_keeps_all_data(serve):
    first = serve()
    made = manage(first, "shell", "-c", "from schools.models import User; User.objects.create(username='kepala.baru')")
    assert made.returncode == 0, made.stderr
    first.stop()

    begin = time.monotonic()
    second = serve()
    # Measured as on an idle machine: other work on the same cores stretches it in proportion.
    busy = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert (time.monotonic() - begin) / busy < 15
    kept = manage(
        second,
        "shell",
        "-c",
        "from schools.models import User; print(User.objects.filter(username='kepala.baru').count())",
    )
    assert kept.stdout.split()[-1] == "1", kept.stderr
    assert second.stop() < 15
    assert_clean(second)


def test_make_run_ends_cleanly_when_the_terminal_interrupts_the_whole_group(serve):
    served = serve(command=("make", "run"))
    assert served.stop() < 15
    assert_clean(served)


def test_sigterm_ends_it_as_well(serve):
    served = serve()
    served.children()
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(15) == 0
    assert_clean(served)


def test_closing_the_terminal_ends_it_as_well(serve):
    served = serve()
    served.children()
    served.interrupt(signal.SIGHUP)
    assert served.process.wait(15) == 0
    assert_clean(served)


def test_a_stuck_visitor_does_not_hold_up_the_end(serve):
    served = serve()
    with half_a_request(served):
        assert served.stop() < 15
    assert served.process.returncode == 0
    assert_clean(served)


def test_second_ctrl_c_shortens_the_wait(serve):
    served = serve()
    with half_a_request(served):
        served.children()
        served.interrupt()
        served.wait_for(lambda: "Menghentikan SPMI" in served.output, 15, "the first Ctrl-C")
        assert served.stop() < 5
    assert_clean(served)


def test_ctrl_c_while_preparing_leaves_a_state_that_the_next_start_completes(tmp_path):
    data_dir = tmp_path / "data"
    first = Serve(data_dir)
    try:
        first.wait_for(lambda: "Menyiapkan data contoh" in first.output, 240, "seeding")
        time.sleep(1)
        first.stop()
        assert first.process.returncode == 0
        assert_clean(first)
    finally:
        first.destroy()
    second = Serve(data_dir)
    try:
        second.wait_ready()
        counted = manage(
            second,
            "shell",
            "-c",
            "from schools.models import User; print(User.objects.filter(email__endswith='contoh.id').count())",
        )
        assert int(counted.stdout.split()[-1]) >= 18
        second.stop()
    finally:
        second.destroy()


def test_port_in_use_is_named_and_nothing_starts(serve):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = serve(wait=False, PORT=str(port))
        assert refused.process.wait(30) == 1
    assert f"Port {port} sedang dipakai" in refused.output
    assert "Menyiapkan" not in refused.output
    assert_clean(refused)


@pytest.mark.parametrize(("variable", "value"), [("PORT", "delapan"), ("PORT", "70000"), ("HOST", "tidak.ada.invalid")])
def test_wrong_address_is_named(serve, variable, value):
    refused = serve(wait=False, **{variable: value})
    assert refused.process.wait(60) == 1
    assert variable in refused.output
    assert value in refused.output
    assert_clean(refused)


def test_a_second_start_on_the_same_data_is_refused_while_it_runs(serve):
    served = serve()
    refused = serve(wait=False)
    assert refused.process.wait(30) == 1
    assert f"sudah berjalan di http://127.0.0.1:{served.port}/" in refused.output
    assert served.status("/healthz") == 200


def test_a_killed_worker_group_and_a_killed_web_process_are_replaced(serve):
    served = serve()
    for word in ("celery", "gunicorn"):
        leader = served.leader(word)
        os.killpg(leader.pid, signal.SIGKILL)
        fresh = served.wait_for(
            lambda word=word, old=leader: (new := served.leader(word)) and new.pid != old.pid and new,
            20,
            f"the restart of {word}",
        )
        assert alive(fresh)
    served.wait_for(lambda: served.status("/healthz") == 200, 30, "the new web process")
    assert served.stop() < 15
    assert_clean(served)


def test_a_queue_that_was_deleted_or_filled_with_rubbish_stops_neither_web_nor_reports(serve):
    served = serve()
    queue = served.data_dir / "queue"
    worker = served.leader("celery")
    for number in range(4):
        (queue / "messages" / f"{number}_rusak.celery.msg").write_bytes(b"")
    os.killpg(worker.pid, signal.SIGKILL)
    served.wait_for(lambda: not list((queue / "messages").glob("*rusak*")), 20, "the cleaning of the queue")
    fresh = served.wait_for(
        lambda: (new := served.leader("celery")) and new.pid != worker.pid and new, 20, "the next worker"
    )
    shutil.rmtree(queue)
    os.killpg(fresh.pid, signal.SIGKILL)
    served.wait_for((queue / "messages").is_dir, 20, "the folders of the queue")
    assert served.status("/healthz") == 200
    assert served.stop() < 15


def test_what_a_killed_serve_left_running_ends_at_the_next_start(serve):
    first = serve()
    orphans = first.children()
    assert orphans
    first.process.kill()
    first.process.wait(10)
    assert any(alive(orphan) for orphan in orphans)

    second = serve()
    assert not any(alive(orphan) for orphan in orphans)
    assert "proses yang tertinggal" in second.output
    assert second.stop() < 15
    assert_clean(second)


def test_it_goes_on_when_nobody_reads_its_output_any_more(serve):
    served = serve(command=("sh", "-c", f"{sys.executable} manage.py serve 2>&1 | head -n 1"), wait=False)
    served.wait_for(lambda: served.status("/healthz") == 200, 60, "an answer")
    served.children()
    supervisor = next(p for p in served.children() if "serve" in command_line(p) and "sh" not in command_line(p))
    supervisor.send_signal(signal.SIGINT)
    psutil.wait_procs([supervisor], timeout=15)
    assert_clean(served)


def test_every_address_of_the_computer_is_accepted_when_listening_for_others(serve):
    served = serve(HOST="0.0.0.0")  # noqa: S104
    for host in ("localhost", socket.gethostname()):
        assert served.status("/healthz", host=host) == 200
    assert served.status("/healthz", host="evil.example") == 400


ASK_AND_WAIT_UNTIL_A_WORKER_HAS_IT = """
import time
from django.core.files.storage import default_storage
from reports import services
from reports.models import AnnualReport
report = AnnualReport.objects.get(state="READY")
default_storage.delete(report.path)  # a lost file is the one way to have the same content rendered again
services.request_report(report.evaluation_id, actor=report.requested_by)
deadline = time.monotonic() + 60
while AnnualReport.objects.get(pk=report.pk).state != "RUNNING":
    assert time.monotonic() < deadline
    time.sleep(0.02)
"""
WAIT_UNTIL_READY = """
import time
from django.core.files.storage import default_storage
from reports.models import AnnualReport
deadline = time.monotonic() + 120
while (report := AnnualReport.objects.get()).state != "READY":
    assert time.monotonic() < deadline, (report.state, report.attempt)
    time.sleep(0.2)
assert default_storage.size(report.path) == report.size
"""


def test_a_report_in_flight_at_the_end_is_ready_soon_after_the_next_start(serve):
    first = serve()
    asked = manage(first, "shell", "-c", ASK_AND_WAIT_UNTIL_A_WORKER_HAS_IT)
    assert asked.returncode == 0, asked.stderr
    first.children()
    first.interrupt()
    first.wait_for(lambda: "Menghentikan SPMI" in first.output, 15, "the first Ctrl-C")
    first.stop()  # a second Ctrl-C: the worker gets no time to finish
    assert_clean(first)

    second = serve()
    waited = manage(second, "shell", "-c", WAIT_UNTIL_READY)
    assert waited.returncode == 0, waited.stderr
    second.stop()
    assert_clean(second)
