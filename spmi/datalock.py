"""Who uses the data directory: one `manage.py serve` at a time, and no process left over from a dead one."""

import fcntl
from contextlib import suppress
from pathlib import Path
from typing import TextIO

LOCK_NAME = "serve.lock"
MARK = "SPMI_SERVED_FROM"  # environment variable of every process that `manage.py serve` starts


def try_lock(data_dir: Path) -> TextIO | None:
    """Lock the data directory for this process; None when another `manage.py serve` holds it.

    The system releases the lock when the process ends, also after a crash.
    """
    handle = (data_dir / LOCK_NAME).open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


def left_over(data_dir: Path) -> set[int]:
    """Ids of the living web and worker processes of *data_dir*; empty where the system has no /proc.

    They bear a mark in their environment, which they pass on even to children that close every file.
    """
    mark = f"{MARK}={data_dir}".encode()
    found: set[int] = set()
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # ended meanwhile, or belongs to somebody else
            if mark in environ.read_bytes().split(b"\0"):
                found.add(int(environ.parent.name))
    return found
