"""A process that `manage.py serve` keeps running."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from spmi.runtime import BASE_DIR

QUICK_SECONDS = 10  # a process that ends earlier has not really started
MAX_QUICK_ENDS = 5
LONGEST_PAUSE = 30  # seconds


class ChildFailedError(Exception):
    """A process ends again and again right after its start; the message is for the person at the terminal."""


def say(text: str) -> None:
    """Print one line. When nobody reads any more (`make run | head`), go on in silence."""
    try:
        print(text, flush=True)  # noqa: T201  (this is the console)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@dataclass
class Child:
    """One supervised process, leader of a session and process group of its own."""

    name: str
    command: list[str]
    environment: dict[str, str]
    inherited: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_ends: int = 0
    proven: bool = False  # has run for longer than QUICK_SECONDS once
    prepare: Callable[[], None] = lambda: None  # what has to be there before every start
    start_at: float = field(default_factory=time.monotonic)

    def start(self) -> None:
        # A session of its own: Ctrl-C in the terminal reaches `serve` alone, which then stops its
        # children in the right order.
        self.process = subprocess.Popen(  # noqa: S603  (our own command line)
            self.command,
            cwd=BASE_DIR,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            pass_fds=self.inherited,
            start_new_session=True,
        )
        self.started = time.monotonic()

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def terminate(self) -> None:
        """Ask the leader alone: a signal to the group would end the pool first and lose the running task."""
        if self.process and self.running:
            self.process.terminate()

    def end_group(self) -> None:
        """End whatever is left of the group, at once."""
        if self.process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def group_exists(self) -> bool:
        try:
            os.killpg(self.process.pid, 0) if self.process else None
        except (ProcessLookupError, PermissionError):
            return False
        return self.process is not None

    def watch(self) -> None:
        """Start the process when it is due; when it ended, say so and plan the next start.

        Raises ChildFailedError after MAX_QUICK_ENDS ends in a row that came right after the start, unless it has
        run well before: then something around it is broken (a full disk), which may mend, and the others go on.
        """
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                try:
                    self.prepare()
                except OSError as error:
                    say(f"{self.name} belum dapat dijalankan: {error.strerror}. Dicoba lagi sebentar lagi.")
                    self.start_at = now + LONGEST_PAUSE
                    return
                self.start()
            return
        if self.running:
            return
        code = self.process.returncode
        self.end_group()
        self.process = None
        # Killed from outside is an accident; ending by itself right after the start is a defect.
        quick = now - self.started < QUICK_SECONDS
        self.proven = self.proven or not quick
        self.quick_ends = self.quick_ends + 1 if code >= 0 and quick else 0
        if self.quick_ends >= MAX_QUICK_ENDS and not self.proven:
            raise ChildFailedError(f"{self.name} berulang kali gagal berjalan; sebabnya tertulis di atas.")
        self.start_at = now + (LONGEST_PAUSE if self.quick_ends >= MAX_QUICK_ENDS else 0.5 * 2**self.quick_ends)
        say(f"{self.name} berhenti sendiri (kode {code}) dan dijalankan lagi.")
