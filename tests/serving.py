"""Starts the real thing, `manage.py serve` with its web and worker processes, for tests marked ``processes``."""

from __future__ import annotations

import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg2

BASE_DIR = Path(__file__).resolve().parent.parent
PASSED_ON = ("SPMI_TEST_", "SPMI_REQUIRE")


def app_environment(**variables: str) -> dict[str, str]:
    """The environment of this process without its own SPMI, Django and pytest settings, plus *variables*."""
    private = ("SPMI_", "DJANGO_", "PYTEST_", "MAKE", "MFLAGS")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"HOST", "PORT"} and (name.startswith(PASSED_ON) or not name.startswith(private))
    }
    return kept | variables


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@contextmanager
def scratch_database(server_url: str, template: str = "template1") -> Iterator[str]:
    """Address of a new PostgreSQL database, a copy of *template*; dropped at the end."""
    name = f"spmi_scratch_{secrets.token_hex(5)}"
    connection = psycopg2.connect(server_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield f"{server_url.rpartition('/')[0]}/{name}"
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    connection.close()


@dataclass
class Serve:
    """One start of `manage.py serve` (or of another *command* that ends in it) in a session of its own."""

    data_dir: Path
    environment: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = (sys.executable, "manage.py", "serve")
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        self.log = self.data_dir.parent / f"serve-{self.port}.log"
        variables = {"SPMI_DATA_DIR": str(self.data_dir), "PORT": str(self.port), **self.environment}
        with self.log.open("w") as output:
            self.process = psutil.Popen(
                self.command,
                cwd=BASE_DIR,
                env=app_environment(**variables),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.seen: dict[int, psutil.Process] = {}

    @property
    def output(self) -> str:
        return self.log.read_text()

    def status(self, path: str, host: str = "127.0.0.1") -> int:
        """HTTP status of a GET, 0 when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers={"Host": host})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def wait_for(self, condition, timeout: float, what: str):
        """The first true value of *condition*; fails with the output of the process otherwise."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if value := condition():
                return value
            if self.process.poll() is not None:
                raise AssertionError(f"serve ended ({self.process.returncode}):\n{self.output}")
            time.sleep(0.1)
        raise AssertionError(f"{what} did not happen in {timeout} s:\n{self.output}")

    def wait_ready(self, timeout: float = 300) -> Serve:
        self.wait_for(lambda: "SPMI siap" in self.output, timeout, "the welcome")
        return self

    def children(self) -> list[psutil.Process]:
        """All living processes that this start has brought up so far, also those whose parent is gone."""
        try:
            for child in self.process.children(recursive=True):
                self.seen[child.pid] = child
        except psutil.NoSuchProcess:
            pass
        return [child for child in self.seen.values() if alive(child)]

    def leader(self, word: str) -> psutil.Process | None:
        """The supervised process whose command line contains *word* ("celery", "gunicorn")."""
        family = [self.process, *self.process.children(recursive=True)]
        supervisor = next((process for process in family if "serve" in command_line(process)), None)
        children = supervisor.children() if supervisor else []
        return next((child for child in children if word in command_line(child)), None)

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> None:
        """What Ctrl-C in a terminal does: the signal goes to the whole group."""
        os.killpg(self.process.pid, number)

    def stop(self, timeout: float = 15) -> float:
        """Ctrl-C; returns the seconds until the process was gone, fails after *timeout*."""
        self.children()
        start = time.monotonic()
        self.interrupt()
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"serve still runs {timeout} s after Ctrl-C:\n{self.output}") from None
        return time.monotonic() - start

    def destroy(self) -> None:
        """End everything at once, for the end of a test."""
        for process in [*self.children(), self.process]:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        self.process.wait(10)


def command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # ended, or a zombie
        return []


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@dataclass(frozen=True)
class DemoState:
    """A data directory, and for PostgreSQL a database, as the first `make run` leaves them; and that start itself."""

    data_dir: Path
    database_url: str
    first: Serve  # ended
    answers: dict[str, int]  # its statuses by path
    home: Path  # the home directory that it had

    @contextmanager
    def copy(self, target: Path) -> Iterator[dict[str, str]]:
        """A copy of the state in *target*; yields the environment variables that lead to it."""
        shutil.copytree(self.data_dir, target)
        if not self.database_url:
            yield {}
            return
        server_url = os.environ["SPMI_TEST_DATABASE_URL"]
        with scratch_database(server_url, self.database_url.rpartition("/")[2]) as url:
            yield {"SPMI_DATABASE_URL": url}
