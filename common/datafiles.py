"""Data files that a room brings along, so that one command can check all of them without knowing the rooms.

A room registers its check when Django starts (AppConfig.ready).
"""

from __future__ import annotations

from collections.abc import Callable

from common.yamlfile import DataFileError, Problem

_CHECKS: dict[str, Callable[[], object]] = {}


def register(name: str, check: Callable[[], object]) -> None:
    """*check* reads the files called *name* (for people) and raises DataFileError when they cannot be used."""
    _CHECKS[name] = check


def run_checks() -> tuple[list[str], list[Problem]]:
    """Names of what was read and is sound, and every problem of the others."""
    sound: list[str] = []
    problems: list[Problem] = []
    for name, check in _CHECKS.items():
        try:
            check()
        except DataFileError as error:
            problems += error.problems
        else:
            sound.append(name)
    return sound, problems
