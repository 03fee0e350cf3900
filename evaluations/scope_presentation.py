"""What each scope of an instrument asks of one form of education, for the choice among them."""

from __future__ import annotations

from dataclasses import dataclass

from evaluations.models import INSTRUMENT
from standards.instruments import InstrumentSpec, Scope
from standards.models import InstrumentVersion
from standards.wording import read_as

PEOPLE = 3  # who fill in together at a small school; makes the minutes imaginable


@dataclass(frozen=True, slots=True)
class ScopeChoice:
    """One scope with what it costs; *minutes* of one person, an estimate of the instrument. *about* is in the words
    of its readers."""

    scope: Scope
    about: str
    items: int
    minutes: int
    chosen: bool

    @property
    def hours(self) -> str:
        """Hours of PEOPLE together, with one decimal: ``2,3``."""
        return f"{self.minutes / 60 / PEOPLE:.1f}".replace(".", ",")

    @property
    def people(self) -> int:
        return PEOPLE


def scope_choices(spec: InstrumentSpec, form: str, *, current: str | None = None) -> list[ScopeChoice]:
    """The scopes of a version in its order; without *current* the first one is chosen."""
    found = []
    for number, scope in enumerate(spec.scopes):
        items = spec.items_for(form, scope=scope.key)
        minutes = sum(spec.minutes[item.kind] for item in items)
        chosen = scope.key == current if current else number == 0
        about = read_as(scope.about, form)
        found.append(ScopeChoice(scope, about, len(items), minutes, chosen))
    return found


def new_scopes(form: str) -> list[ScopeChoice]:
    """What a new cycle may choose from; empty where the newest version has no scopes or is not there."""
    version = InstrumentVersion.objects.newest(INSTRUMENT)
    return scope_choices(version.spec, form) if version else []
