"""Data files beside the library, for ``load_catalogue --check``. Rooms above add those that rest on the instruments."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from common.yamlfile import DataFileError, Problem
from schools.basic_data import load_sheet
from schools.words import load_words
from standards.exchange import TEMPLATE, from_yaml
from standards.library import Library

Check = Callable[[Library | None], object]  # raises DataFileError; None: the library is broken itself
_checks: list[Check] = []


def _template(library: Library | None) -> None:
    if library is not None:
        bases = {basis.key for basis in library.legal_bases}
        from_yaml(TEMPLATE.read_bytes(), library.catalogue, bases, name=TEMPLATE.name)


def also_check(check: Check) -> None:
    """Let *check* take part from now on."""
    _checks.append(check)


def other_problems(library: Library | None) -> list[Problem]:
    """Every problem of the files beside the library, each once."""

    def found() -> Iterator[Problem]:
        for check in (lambda _: load_words(), lambda _: load_sheet(), _template, *_checks):
            try:
                check(library)
            except DataFileError as error:
                yield from error.problems

    return list(dict.fromkeys(found()))
