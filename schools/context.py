"""What every page shows of the person: the appointment acted in, and the others to switch to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from schools.choices import AppointmentKind, Role
from schools.models import Assignment, School
from schools.permissions import can_see_accounts

SESSION_KEY = "assignment"


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the switcher: an appointment, or all schools that a supervisor follows as one line."""

    assignment: Assignment
    count: int = 1

    @property
    def id(self) -> int:
        return self.assignment.pk

    @property
    def label(self) -> str:
        return self.assignment.label if self.count == 1 else f"{self.assignment.title}, {self.count} sekolah"

    @property
    def keeps_accounts_of(self) -> School | None:
        """The school whose accounts this person keeps, for the link at the foot of every page."""
        school = self.assignment.school
        return school if school and can_see_accounts(self.assignment.person, school) else None


@dataclass(frozen=True, slots=True)
class Acting:
    current: Choice | None
    choices: tuple[Choice, ...]


def _choices(held: Iterable[Assignment]) -> tuple[Choice, ...]:
    """Definitive appointments first, then the longest held; a supervisor's schools together, per title."""
    groups: dict[object, list[Assignment]] = {}
    for row in sorted(held, key=lambda a: (a.kind != AppointmentKind.DEFINITIVE, a.valid_from, a.pk)):
        groups.setdefault(row.title if row.role == Role.SUPERVISOR else row.pk, []).append(row)
    return tuple(Choice(rows[0], len(rows)) for rows in groups.values())


def acting_for(request: HttpRequest) -> Acting:
    """The appointment at the school of this page; else the one chosen; else the first.

    It decides the home page and the words on top; rights come from all appointments in force.
    """
    choices = _choices(request.user.held()) if request.user.is_authenticated else ()
    place = request.resolver_match.kwargs.get("npsn") if request.resolver_match else None
    here = [c for c in choices if c.count == 1 and c.assignment.school and c.assignment.school.npsn == place]
    candidates = here or choices
    chosen = request.session.get(SESSION_KEY) if candidates else None
    first = candidates[0] if candidates else None
    return Acting(next((c for c in candidates if c.id == chosen), first), choices)


def acting_as(request: HttpRequest) -> dict[str, object]:
    return {"acting": SimpleLazyObject(lambda: acting_for(request))}
