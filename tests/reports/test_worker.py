"""Real workers that die: what is left behind is picked up, and nothing is made twice."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.serving import BASE_DIR, app_environment


def drill(*arguments: str) -> str:
    """Output of `python -m benchmarks.drill`, which must find every report READY in time and made once."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.drill", *arguments],
        cwd=BASE_DIR, env=app_environment(), capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def moments(output: str) -> list[tuple[str, int]]:
    """State of each report when its worker was killed, and the attempt that made it."""
    rows = re.findall(r"(QUEUED|RUNNING|READY|FAILED) \d+%.*percobaan (\d)  baik", output)
    return [(state, int(attempt)) for state, attempt in rows]


@pytest.mark.processes
def test_three_workers_killed_while_they_render_leave_three_ready_reports():
    output = drill("--kills", "3", "--seed", "5", "--at-once", "0", "--lease", "3", "--sweep", "1")
    assert moments(output) == [("RUNNING", 2)] * 3


@pytest.mark.processes
@pytest.mark.postgres
@pytest.mark.redis
def test_the_same_holds_in_production_with_postgresql_and_redis(postgres_url, redis_url):
    output = drill(
        *("--kills", "1", "--seed", "5", "--at-once", "0", "--lease", "3", "--sweep", "1"),
        *("--redis", redis_url, "--postgres", postgres_url),
    )
    assert moments(output) == [("RUNNING", 2)]


@pytest.mark.processes
def test_a_request_whose_message_dies_with_the_worker_is_not_lost():
    output = drill("--kills", "1", "--at-once", "1", "--lease", "3", "--sweep", "1")
    assert len(moments(output)) == 1
