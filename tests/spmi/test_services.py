"""A service that does not answer is a skip with a reason, or a failure where it is required."""

import subprocess
import sys

from tests.serving import BASE_DIR, app_environment

NOBODY = "redis://127.0.0.1:1/0"


def run_one_test_that_needs_redis(**environment: str) -> subprocess.CompletedProcess[str]:
    test = "tests/spmi/test_compose.py::test_setup_web_worker_and_beat_really_start_and_report_health"
    variables = app_environment(SPMI_TEST_REDIS_URL=NOBODY, **environment)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", test],
        cwd=BASE_DIR,
        env=variables,
        capture_output=True,
        text=True,
        timeout=240,
    )


def test_an_absent_service_skips_the_test_and_the_summary_names_it():
    result = run_one_test_that_needs_redis(SPMI_REQUIRE="")
    assert result.returncode == 0, result.stdout
    assert "1 skipped" in result.stdout
    assert "Not run because the service is absent: redis (1 tests)" in result.stdout


def test_an_absent_service_fails_the_test_where_it_is_required():
    result = run_one_test_that_needs_redis(SPMI_REQUIRE="redis")
    assert result.returncode == 1
    assert f"SPMI_REQUIRE names redis, but Redis does not answer at {NOBODY}" in result.stdout


def test_a_required_service_that_nobody_knows_is_an_error():
    result = run_one_test_that_needs_redis(SPMI_REQUIRE="mysql")
    assert result.returncode != 0
    assert "mysql" in result.stdout + result.stderr
