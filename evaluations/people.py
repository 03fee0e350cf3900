"""Who may answer in a school."""

from __future__ import annotations

from common import clock
from evaluations.models import Section
from schools.choices import Role
from schools.models import Assignment, User


def answering_people(section: Section) -> list[User]:
    """For whom an operator may type, by name; one query.

    Each person carries the appointments at this school already, which is all that the question "may this person
    answer here?" looks at: saving an answer asks no second query for it.
    """
    school = section.evaluation.school
    day = clock.today(school.time_zone)
    found: dict[int, tuple[User, list[Assignment]]] = {}
    rows = Assignment.objects.filter(school=school, role__in=[Role.CONTRIBUTOR, Role.PRINCIPAL], person__is_active=True)
    for row in rows.select_related("person", "school__region", "office").order_by("person__name", "person"):
        if row.in_force(day):
            found.setdefault(row.person_id, (row.person, []))[1].append(row)
    for person, held in found.values():
        person.appointments = tuple(held)
    return [person for person, _ in found.values()]
