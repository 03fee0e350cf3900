"""Who decides on accreditation, read from a data file. Pure: no Django, no database."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from accreditation.catalogue import DATA_DIR
from common.yamlfile import DataFileError, parse, read_yaml
from standards.catalogue import Status
from standards.items import Frozen, Text


class Body(Frozen):
    """One accrediting body and the years in which it decides."""

    name: Text
    long_name: Text
    since: int = Field(alias="from")
    until: int | None
    status: Status
    source: Text
    note: str = ""


class _Bodies(Frozen):
    bodies: tuple[Body, ...] = Field(min_length=1)


def load_bodies(path: Path = DATA_DIR / "bodies.yaml") -> tuple[Body, ...]:
    """The accrediting bodies, the newest first. Raises DataFileError."""
    document = read_yaml(path)
    bodies = parse(document, _Bodies).bodies
    problems = [
        document.problem(("bodies", index, "until"), "harus sesudah tahun mulai")
        for index, body in enumerate(bodies)
        if body.until is not None and body.until < body.since
    ]
    if sum(body.until is None for body in bodies) != 1:
        problems.append(document.problem(("bodies",), "tepat satu badan tidak punya tahun akhir"))
    if problems:
        raise DataFileError(problems)
    return tuple(sorted(bodies, key=lambda body: -body.since))
