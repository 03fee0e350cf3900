"""One school's year in a real browser, from the login page to the supervisor's download."""

from __future__ import annotations

import pytest

from benchmarks.story import Journey

pytestmark = [pytest.mark.chromium, pytest.mark.processes, pytest.mark.both_databases, pytest.mark.timeout(900)]


def test_a_year_goes_from_the_first_answer_to_the_report_in_the_supervisors_hands(chromium, serve):
    started = serve()
    journey = Journey(chromium, f"http://127.0.0.1:{started.port}")
    done = []
    for name, step in journey.steps:
        step()
        done.append(name)
    assert len(done) == 11
    assert journey.console == []
