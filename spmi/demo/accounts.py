"""Which accounts the demonstration offers; shown on the login page and at the start, in demo mode alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from schools.choices import AppointmentKind, Role
from schools.words import words_for
from spmi.demo.specs import PersonSpec, world

PASSWORD = "mutu-2026"  # noqa: S105  (made public on purpose)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    username: str  # what to type: the e-mail address
    role: str
    school: str


def _account(person: PersonSpec, schools: dict[str, tuple[str, str]]) -> DemoAccount:
    if person.administrator:
        return DemoAccount(person.email, "Administrator", "")
    first = person.assignments[0]
    if first.at not in schools:
        return DemoAccount(person.email, Role(first.role).label, first.at)
    title = words_for(schools[first.at][1]).role(first.role)
    acting = [schools[a.at][0] for a in person.assignments if a.kind == AppointmentKind.PLT]
    beside = f" (juga Plt. di {', '.join(acting)})" if acting else ""
    places = [schools[a.at][0] for a in person.assignments if a.kind == AppointmentKind.DEFINITIVE]
    return DemoAccount(person.email, title, ", ".join(places) + beside)


@cache
def demo_accounts() -> tuple[DemoAccount, ...]:
    """The people with an e-mail address, in the order of the data file; read once per process, no database."""
    schools = {school.npsn: (school.name, school.naungan) for school in world().schools}
    return tuple(_account(person, schools) for person in world().people if person.email)
