"""`manage.py serve`: prepares the data directory, then runs web and worker until Ctrl-C."""

import errno
import hashlib
import json
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections

from spmi import datalock
from spmi.healthcheck import is_healthy
from spmi.supervisor import Child, ChildFailedError, say

LOCAL_NAMES = ["127.0.0.1", "localhost", "[::1]"]
WILDCARDS = {"", "0.0.0.0", "::"}  # noqa: S104  (compared with, not bound to)
STOP_SECONDS = 10  # for requests and a report in flight; with what follows well under 15 s


def bind(host: str, port: int) -> socket.socket:
    """A bound TCP socket, held from the start so that nobody takes the port while data is prepared."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, OverflowError):
        raise CommandError(f"HOST={host} PORT={port} bukan alamat yang dikenal komputer ini.") from None
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise bind_error(error, host, port) from None
    return listener


def bind_error(error: OSError, host: str, port: int) -> CommandError:
    if error.errno == errno.EADDRINUSE:
        return CommandError(
            f"Port {port} sedang dipakai program lain. Pilih port lain, misalnya: PORT={port + 1} make run"
        )
    if error.errno == errno.EACCES:
        return CommandError(f"Port {port} hanya untuk administrator. Pilih port di atas 1023.")
    return CommandError(f"Alamat {host}:{port} tidak dapat dipakai: {error.strerror}.")


def own_addresses() -> list[str]:
    """Addresses under which other devices reach this computer, the one towards the network first."""
    found: list[str] = []
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("10.255.255.255", 1))  # sends nothing; only asks the system for its route
        found.append(probe.getsockname()[0])
    with suppress(OSError):
        known = socket.getaddrinfo(socket.gethostname(), None)
        found += [str(info[4][0]).partition("%")[0] for info in known]
    return [a for a in dict.fromkeys(found) if not a.startswith("127.") and a != "::1"]


def in_url(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def allowed_hosts(host: str) -> list[str]:
    """Host names that requests may carry when the web process listens on *host*."""
    if host in WILDCARDS:
        name = socket.gethostname()
        return [*LOCAL_NAMES, name, f"{name}.local", *map(in_url, own_addresses())]
    return list(dict.fromkeys([*LOCAL_NAMES, in_url(host)]))


def static_fingerprint() -> str:
    """Changes when any static source file changes; spares most starts the slow compression."""
    files = sorted(
        (path, Path(storage.path(path)).stat())
        for finder in get_finders()
        for path, storage in finder.list(["CVS", ".*", "*~"])
    )
    listed = [[path, stat.st_size, stat.st_mtime_ns] for path, stat in files]
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()


def quietly(command: str, **options: Any) -> None:
    """Run a management command; its steps are no news here, its errors are."""
    call_command(command, verbosity=0, stdout=StringIO(), **options)


def prepare_queue() -> None:
    """The folders of the file queue, without what a dead worker or a full disk left in them.

    A message that cannot be read would end every worker that finds it. Nothing is lost: the rows say what to do.
    """
    if not settings.EMBEDDED:
        return
    shutil.rmtree(settings.QUEUE_DIR / "tmp", ignore_errors=True)
    for name in ("messages", "control", "tmp"):
        (settings.QUEUE_DIR / name).mkdir(parents=True, exist_ok=True)
    for message in (settings.QUEUE_DIR / "messages").iterdir():
        try:
            json.loads(message.read_bytes())
        except ValueError:
            message.unlink(missing_ok=True)
        except OSError:
            continue  # a worker has just taken it


@contextmanager
def sweeping() -> Iterator[None]:
    """What beat does elsewhere: lost and abandoned reports are picked up again."""
    from reports import services

    with services.sweeping():
        yield


def requeue_orphans() -> None:
    """Reports that a dead worker held go back into the queue."""
    from reports import services

    services.requeue_orphans()


def refuse_open_accounts() -> None:
    """The demo accounts' password is public. Raises CommandError while one of them works without demo mode."""
    from schools.models import User
    from spmi.demo.accounts import PASSWORD
    from spmi.demo.specs import world

    known = [person.username for person in world().people]
    for user in User.objects.filter(username__in=known, is_active=True):
        if user.check_password(PASSWORD):
            raise CommandError(
                f"SPMI_DEMO tidak menyala, tetapi akun contoh {user.username} dengan kata sandi yang diketahui umum "
                "masih dapat dipakai di sini. Pakai folder data yang baru (SPMI_DATA_DIR), hapus data contoh dengan "
                "make demo-reset, atau nonaktifkan akun-akun contoh di /admin/ selagi SPMI_DEMO menyala."
            )


def collect_static() -> None:
    """collectstatic, unless the files in STATIC_ROOT are those of the last start."""
    stamp = settings.DATA_DIR / "static.fingerprint"
    current = static_fingerprint()
    if stamp.exists() and stamp.read_text() == current and Path(settings.STATIC_ROOT).is_dir():
        return
    stamp.unlink(missing_ok=True)
    quietly("collectstatic", interactive=False)
    stamp.write_text(current)


class Command(BaseCommand):
    help = "Menyiapkan data, lalu menjalankan web dan pekerja laporan sampai dihentikan dengan Ctrl-C."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
        parser.add_argument("--port", default=os.environ.get("PORT") or "8000")

    def handle(self, *args: Any, host: str, port: str, **options: Any) -> None:
        if not port.isdecimal() or int(port) > 65535:
            raise CommandError(f"PORT harus bilangan 0 sampai 65535, bukan '{port}'.")
        self.stops = 0
        self.preparing = True
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup stays nohup
                signal.signal(number, self.on_signal)
        try:
            lock = self.take_lock()
            self.end_left_over()
            with bind(host, int(port)) as listener:
                self.note_address(lock, host, listener.getsockname()[1])
                os.environ.setdefault("SPMI_ALLOWED_HOSTS", ",".join(allowed_hosts(host)))
                self.prepare()
                try:
                    listener.listen(2048)
                except OSError as error:
                    raise bind_error(error, host, int(port)) from None
                self.preparing = False
                with sweeping():
                    self.run_children(self.children(listener), listener, host)
        except KeyboardInterrupt:
            say("Dihentikan sebelum siap. Jalankan lagi untuk melanjutkan.")
        except ChildFailedError as error:
            raise CommandError(str(error)) from None

    def on_signal(self, number: int, frame: object) -> None:
        """Breaks off the preparation at once (a transaction is rolled back); later only counts."""
        self.stops += 1
        if self.preparing:
            raise KeyboardInterrupt

    # --- before the start ---------------------------------------------------------------------------
    def take_lock(self) -> TextIO:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        if lock := datalock.try_lock(settings.DATA_DIR):
            return lock
        address = (settings.DATA_DIR / datalock.LOCK_NAME).read_text().strip()
        where = f" di {address}" if address else ""
        raise CommandError(
            f"SPMI dengan folder data {settings.DATA_DIR} sudah berjalan{where}. "
            "Hentikan dulu dengan Ctrl-C, atau pakai SPMI_DATA_DIR dan PORT lain."
        )

    def end_left_over(self) -> None:
        """End what a killed `serve` left running. Harmless: an unfinished report is made again."""
        deadline = time.monotonic() + 5
        while left := datalock.left_over(settings.DATA_DIR):
            if time.monotonic() > deadline:
                raise CommandError(f"Masih ada proses SPMI lama yang tidak mau berhenti: {sorted(left)}.")
            say(f"Menghentikan {len(left)} proses yang tertinggal dari SPMI yang terputus ...")
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.3)

    def note_address(self, lock: TextIO, host: str, port: int) -> None:
        self.port = port
        self.address = f"http://{in_url('127.0.0.1' if host in WILDCARDS else host)}:{port}/"
        lock.truncate(0)
        lock.write(f"{self.address}\n")
        lock.flush()

    def prepare(self) -> None:
        prepare_queue()
        steps: list[tuple[str, Callable[[], Any]]] = [
            ("Menyiapkan basis data", lambda: quietly("migrate", interactive=False)),
            ("Memuat data wilayah", lambda: quietly("load_regions")),
            ("Memuat katalog standar dan instrumen", lambda: quietly("load_catalogue")),
            ("Menyiapkan berkas tampilan", collect_static),
        ]
        if settings.DEMO:
            steps.append(("Menyiapkan data contoh", lambda: quietly("seed_demo")))
        else:
            steps.append(("Memeriksa akun", refuse_open_accounts))
        if settings.EMBEDDED:
            steps.append(("Memeriksa antrean laporan", requeue_orphans))
        for text, step in steps:
            say(f"{text} ...")
            try:
                step()
            except OperationalError as error:
                raise CommandError(f"Basis data tidak dapat dipakai: {error}") from None
        connections.close_all()

    # --- web and worker -----------------------------------------------------------------------------
    def children(self, listener: socket.socket) -> list[Child]:
        data_dir = str(settings.DATA_DIR)
        environment = {
            **os.environ,
            "SPMI_DATA_DIR": data_dir,
            datalock.MARK: data_dir,
            "PYTHONUNBUFFERED": "1",
        }
        web = [sys.executable, "-m", "gunicorn", "spmi.wsgi", "--bind", f"fd://{listener.fileno()}"]
        web += ["--workers", "1", "--threads", "8", "--timeout", "120", "--no-control-socket"]
        # Longer than this command waits: gunicorn then never ends a worker by force on its own.
        web += ["--graceful-timeout", "30", "--log-level", "warning"]
        if Path("/dev/shm").is_dir():  # noqa: S108  (gunicorn's heartbeat file belongs in memory)
            web += ["--worker-tmp-dir", "/dev/shm"]  # noqa: S108
        worker = [sys.executable, "-m", "celery", "--quiet", "-A", "spmi", "worker", "-c", "2"]
        worker += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
        # People run this as root inside a container; Celery's advice on that is no news for them.
        quiet = "ignore:You're running the worker with superuser privileges"
        worker_environment = {**environment, "PYTHONWARNINGS": quiet}
        if settings.EMBEDDED:
            # The file queue moves messages through the temporary directory; inside the data directory
            # that is one atomic step, and nothing is left elsewhere.
            worker_environment["TMPDIR"] = str(settings.QUEUE_DIR / "tmp")
        return [
            Child("Layanan web", web, environment, (listener.fileno(),)),
            Child("Pekerja laporan", worker, worker_environment, prepare=prepare_queue),
        ]

    def run_children(self, children: list[Child], listener: socket.socket, host: str) -> None:
        say("Menjalankan web dan pekerja laporan ...")
        ready = False
        probe_at = 0.0
        slow_at = time.monotonic() + 60
        try:
            while not self.stops:
                for child in children:
                    child.watch()
                now = time.monotonic()
                if not ready and now >= probe_at:
                    probe_at = now + 0.5
                    ready = is_healthy("127.0.0.1" if host in WILDCARDS else host, self.port)
                    if ready:
                        self.welcome(host)
                if not ready and now >= slow_at:
                    slow_at = float("inf")
                    say("Web belum juga menjawab. Sebabnya mungkin tertulis di atas; SPMI terus mencoba.")
                time.sleep(0.2)
        finally:
            listener.close()
            self.stop(children)

    def welcome(self, host: str) -> None:
        say("")
        say(f"SPMI siap dibuka di {self.address}")
        if host in WILDCARDS and (addresses := own_addresses()):
            say(f"Dari perangkat lain: http://{in_url(addresses[0])}:{self.port}/")
        if settings.DEMO:
            self.show_accounts()
        say(f"Data tersimpan di {settings.DATA_DIR}. Tekan Ctrl-C untuk berhenti.")

    def show_accounts(self) -> None:
        from spmi.demo.accounts import PASSWORD, demo_accounts

        accounts = demo_accounts()
        width = max(len(account.username) for account in accounts)
        say(f"Akun contoh, kata sandi semuanya {PASSWORD}:")
        for account in accounts:
            place = f", {account.school}" if account.school else ""
            say(f"  {account.username:{width}}  {account.role}{place}")

    def stop(self, children: list[Child]) -> None:
        say("")
        say("Menghentikan SPMI; laporan yang sedang dibuat diselesaikan atau dilanjutkan nanti ...")
        first = max(self.stops, 1)
        for child in children:
            child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while any(child.running for child in children) and time.monotonic() < deadline:
            if self.stops > first:  # a second Ctrl-C: do not wait
                break
            time.sleep(0.1)
        for child in children:
            child.end_group()
        deadline = time.monotonic() + 3
        while any(child.group_exists() for child in children) and time.monotonic() < deadline:
            time.sleep(0.05)
        say("SPMI berhenti. Semua data tetap tersimpan.")
