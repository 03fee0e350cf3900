"""What every test may rely on: a safe environment, no broker, empty caches, and services that may be absent.

The environment is set here, before Django reads its settings; for that reason pyproject.toml names no
settings module to pytest.

Markers ``postgres``, ``redis`` and ``chromium`` name services that a test needs beside the database that
the suite runs on. A test whose service does not answer is skipped, and fails when ``SPMI_REQUIRE`` names
the service (``SPMI_REQUIRE=postgres,redis,chromium``). The marker ``processes`` is for tests that start
real web and worker processes (see tests/serving.py).

``SPMI_TEST_POSTGRES_URL`` and ``SPMI_TEST_REDIS_URL`` say where these services are (defaults in
tests/services.py); ``SPMI_TEST_DATABASE_URL`` runs the suite itself on PostgreSQL instead of SQLite.
"""

import atexit
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

# One state directory per process: xdist workers must not share a database or a media folder.
STATE = Path(tempfile.mkdtemp(prefix="spmi-test-"))
atexit.register(shutil.rmtree, STATE, ignore_errors=True)
(STATE / "static").mkdir()

for name in [name for name in os.environ if name.startswith("SPMI_")]:
    if name != "SPMI_REQUIRE" and not name.startswith("SPMI_TEST_"):
        del os.environ[name]  # the settings of a developer's shell are not those of the tests
os.environ.update(
    DJANGO_SETTINGS_MODULE="spmi.settings",
    SPMI_MODE="embedded",
    SPMI_SECRET_KEY="a key for tests only",
    SPMI_DATA_DIR=str(STATE),
    SPMI_DEMO="0",
    SPMI_CONN_MAX_AGE="0",  # a kept connection would block the removal of the test database
)
if os.environ.get("SPMI_TEST_DATABASE_URL"):
    os.environ["SPMI_DATABASE_URL"] = os.environ["SPMI_TEST_DATABASE_URL"]

from django.conf import settings as django_settings  # noqa: E402

if django_settings.configured and Path(django_settings.DATA_DIR) != STATE:
    raise pytest.UsageError("Django was configured before tests/conftest.py; unset DJANGO_SETTINGS_MODULE.")

# A file, not the default in-memory database: threads need connections and locks of their own.
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", secrets.token_hex(4))[:8]
_database = django_settings.DATABASES["default"]
_on_postgres = _database["ENGINE"] == "django.db.backends.postgresql"
if _on_postgres:  # nothing here has to survive a power cut
    _database.setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"
_database["TEST"] = {"NAME": f"test_spmi_{_RUN}" if _on_postgres else str(STATE / "test.sqlite3")}

django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
django_settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"

import django  # noqa: E402

django.setup()
# xdist workers inherit the environment, and with this variable they would read the settings too early.
del os.environ["DJANGO_SETTINGS_MODULE"]

from celery.app.task import Task  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.template import engines  # noqa: E402

from tests import services  # noqa: E402
from tests.serving import DemoState, Serve, scratch_database  # noqa: E402

hypothesis_settings.register_profile("default", deadline=None)  # a busy machine is not a defect
hypothesis_settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "default")


# --- services that may be absent ----------------------------------------------------------------------
SERVICES = {
    "postgres": services.postgres_problem,
    "redis": services.redis_problem,
    "chromium": services.chromium_problem,
}
_problems: dict[str, str] = {}


def _problem(service: str) -> str:
    """Why *service* cannot be used, or an empty text; asked once per process."""
    if service not in _problems:
        _problems[service] = SERVICES[service]()
    return _problems[service]


REQUIRED = {name.strip() for name in os.environ.get("SPMI_REQUIRE", "").split(",")} - {""}
if unknown := REQUIRED - SERVICES.keys():
    raise pytest.UsageError(f"SPMI_REQUIRE names unknown services: {', '.join(sorted(unknown))}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for service in SERVICES:
        if item.get_closest_marker(service) and (problem := _problem(service)):
            if service in REQUIRED:
                pytest.fail(f"SPMI_REQUIRE names {service}, but {problem}", pytrace=False)
            pytest.skip(f"{service}: {problem}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, leave out what the run on SQLite has shown already because the database has no part in it; on
    SQLite what only row locks can show.

    Files whose tests start processes or a browser come first: one of them, begun last, would keep one worker busy
    while the others have nothing left to do (scripts/test.sh hands out whole files in this order).
    """
    long = {item.path for item in items if item.get_closest_marker("processes") or item.get_closest_marker("chromium")}
    items.sort(key=lambda item: item.path not in long)
    if not _on_postgres:
        only_there = [item for item in items if item.get_closest_marker("row_locks")]
        items[:] = [item for item in items if item not in only_there]
        config.hook.pytest_deselected(items=only_there)
        return
    chosen: dict[bool, list[pytest.Item]] = {True: [], False: []}
    for item in items:
        slow = item.get_closest_marker("processes") or item.get_closest_marker("chromium")
        marker = "both_databases" if slow else "django_db"
        repeated = item.get_closest_marker(marker) is not None and item.get_closest_marker("pages") is None
        chosen[repeated].append(item)
    items[:] = chosen[True]
    config.hook.pytest_deselected(items=chosen[False])


def pytest_collection_finish() -> None:
    # An engine that exists before the tests begin would not know of --fail-on-template-vars.
    if engines._engines:
        raise pytest.UsageError("A test module compiles a template while it is imported; do so inside the test.")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    counts: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        service = reason.removeprefix("Skipped: ").partition(":")[0]
        counts[service] = counts.get(service, 0) + 1
    if counts:
        named = ", ".join(f"{service} ({count} tests)" for service, count in sorted(counts.items()))
        terminalreporter.write_line(f"Not run because the service is absent: {named}", yellow=True)


@pytest.fixture
def postgres_url() -> str:
    """Address of the PostgreSQL server for tests marked ``postgres``."""
    return services.POSTGRES_URL


@pytest.fixture
def redis_url() -> str:
    """Address of the Redis database for tests marked ``redis``."""
    return services.REDIS_URL


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A running Chromium (Playwright's Browser) for tests marked ``chromium``."""
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop on this thread, which Django takes for asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=services.chromium_path(), args=services.CHROMIUM_ARGS)
        yield browser
        browser.close()


# --- the same start for every test --------------------------------------------------------------------
@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """Throttling and other counters start at zero."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def no_leftover_files() -> Iterator[None]:
    """Evidence files go with the database rows of the test that made them."""
    yield
    shutil.rmtree(STATE / "media", ignore_errors=True)


@dataclass(frozen=True)
class Enqueued:
    """One task that was handed to the queue."""

    task: Any
    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def run(self) -> Any:
        """Do the work of the task here and now."""
        return self.task(*self.args, **self.kwargs)


@pytest.fixture(autouse=True)
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[Enqueued]:
    """The tasks that the test enqueued, in order; nothing is sent to a broker.

    Services enqueue after commit, so a test needs ``django_capture_on_commit_callbacks(execute=True)`` or
    real transactions to find something here.
    """
    queue: list[Enqueued] = []

    def record(self, args=None, kwargs=None, **options):
        queue.append(Enqueued(self, self.name, tuple(args or ()), dict(kwargs or {})))

    monkeypatch.setattr(Task, "apply_async", record)
    return queue


# --- real processes -----------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def demo_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoState]:
    """The first start and what it leaves behind; made once, because that takes a while. Use it through `serve`."""
    place = tmp_path_factory.mktemp("demo")
    data_dir, home = place / "data", place / "home"
    home.mkdir()
    with ExitStack() as stack:
        database_url = ""
        if server_url := os.environ.get("SPMI_TEST_DATABASE_URL"):
            database_url = stack.enter_context(scratch_database(server_url))
        first = Serve(data_dir, {"HOME": str(home)} | ({"SPMI_DATABASE_URL": database_url} if database_url else {}))
        stack.callback(first.destroy)
        first.wait_ready()
        answers = {path: first.status(path) for path in ("/healthz", "/masuk/")}
        first.stop()
        yield DemoState(data_dir, database_url, first, answers, home)


@pytest.fixture
def serve(demo_state: DemoState, tmp_path: Path) -> Iterator[Callable[..., Serve]]:
    """Starts `manage.py serve` on a copy of the demo data, any number of times; everything ends with the test.

    ``serve(wait=False)`` returns before the application answers; other keywords are environment variables.
    """
    with ExitStack() as stack:
        data_dir = tmp_path / "data"
        database = stack.enter_context(demo_state.copy(data_dir))

        def start(*, wait: bool = True, command: tuple[str, ...] | None = None, **variables: str) -> Serve:
            options = {"command": command} if command else {}
            started = Serve(data_dir, {**database, **variables}, **options)
            stack.callback(started.destroy)
            return started.wait_ready() if wait else started

        yield start
