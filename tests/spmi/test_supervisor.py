"""What happens to a supervised process that ends by itself."""

import sys
import time

import pytest

from spmi import supervisor
from spmi.supervisor import Child, ChildFailedError


def child(code: str) -> Child:
    return Child("Pekerja contoh", [sys.executable, "-c", code], {})


def watch_until_ended(process: Child) -> None:
    """Start the process if it is due, and watch once more after its end."""
    process.start_at = 0
    process.watch()
    assert process.process is not None
    process.process.wait(20)
    process.watch()


def test_one_that_ends_right_after_its_start_is_given_up_after_five_times(capsys):
    broken = child("raise SystemExit(3)")
    for _ in range(supervisor.MAX_QUICK_ENDS - 1):
        watch_until_ended(broken)
    with pytest.raises(ChildFailedError, match="Pekerja contoh"):
        watch_until_ended(broken)
    assert capsys.readouterr().out.count("(kode 3) dan dijalankan lagi") == supervisor.MAX_QUICK_ENDS - 1


def test_one_that_ran_well_before_is_tried_again_for_ever_with_long_pauses(monkeypatch):
    monkeypatch.setattr(supervisor, "QUICK_SECONDS", 0.2)
    process = child("import time; time.sleep(0.4)")
    watch_until_ended(process)
    assert process.proven
    process.command = child("raise SystemExit(1)").command
    monkeypatch.setattr(supervisor, "QUICK_SECONDS", 10)
    for _ in range(supervisor.MAX_QUICK_ENDS + 2):
        watch_until_ended(process)
    assert process.start_at - time.monotonic() > supervisor.LONGEST_PAUSE / 2


def test_what_it_needs_is_prepared_before_every_start_and_a_full_disk_ends_nothing(capsys):
    made = []

    def prepare() -> None:
        made.append(1)
        if len(made) == 2:
            raise OSError(28, "No space left on device")

    process = child("raise SystemExit(0)")
    process.prepare = prepare
    watch_until_ended(process)
    process.start_at = 0
    process.watch()
    assert process.process is None
    assert "No space left on device" in capsys.readouterr().out
    watch_until_ended(process)
    assert len(made) == 3


def test_the_pause_before_a_new_start_grows():
    broken = child("raise SystemExit(3)")
    pauses = []
    for _ in range(3):
        watch_until_ended(broken)
        pauses.append(broken.start_at - time.monotonic())
    assert 0.5 < pauses[0] < pauses[1] < pauses[2] <= 8


def test_one_that_is_killed_from_outside_is_started_again_without_limit():
    killed = child("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    for _ in range(supervisor.MAX_QUICK_ENDS + 2):
        watch_until_ended(killed)
    assert killed.quick_ends == 0


def test_what_the_leader_left_in_its_group_ends_with_it(tmp_path):
    mark = tmp_path / "pid"
    orphan = child(
        "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        f"open({str(mark)!r}, 'w').write(str(p.pid)); raise SystemExit(1)"
    )
    orphan.start()
    orphan.process.wait(20)
    assert orphan.group_exists()
    orphan.end_group()
    for _ in range(100):
        if not orphan.group_exists():
            break
        orphan.process.poll()
        time.sleep(0.05)
    assert not orphan.group_exists()
