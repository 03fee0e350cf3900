"""Two people keep or change scenarios at the same moment, with real threads."""

from __future__ import annotations

import pytest

from accreditation.models import Scenario
from accreditation.services import scenarios
from common.errors import DomainError
from schools.models import AuditEvent
from tests.accreditation.scenario_steps import keep, scheme
from tests.factories import Place
from tests.threads import at_once, fresh, split

pytestmark = pytest.mark.django_db(transaction=True)
LEVELS = {"levels": {"1.1.1": 3}}


@pytest.fixture
def place() -> Place:
    return Place()


def test_the_last_free_place_is_taken_once(place):
    for number in range(scenarios.MOST - 1):
        keep(place, f"Nomor {number}", data=LEVELS)
    people = fresh(place.team), fresh(place.principal)
    results = at_once(*(lambda who=who: keep(place, f"Dari {who.pk}", data=LEVELS, actor=who) for who in people))
    made, refused = split(results, DomainError)
    assert (len(made), len(refused), Scenario.objects.count()) == (1, 1, scenarios.MOST)


def test_a_name_is_taken_once(place):
    people = fresh(place.team), fresh(place.principal)
    results = at_once(*(lambda who=who: keep(place, "Sama", data=LEVELS, actor=who) for who in people))
    made, refused = split(results, DomainError)
    assert (len(made), len(refused)) == (1, 1)
    assert set(refused[0].fields) == {"name"}


def test_of_two_renamed_alike_one_keeps_the_name(place):
    two = [keep(place, name, data=LEVELS) for name in ("Satu", "Dua")]
    people = fresh(place.team), fresh(place.principal)

    def rename(one, who):
        return scenarios.change_scenario(
            one.pk, scheme(), "SD", seen=scenarios.mark_of(one), actor=who, name="Sama"
        )  # fmt: skip

    results = at_once(*(lambda one=one, who=who: rename(one, who) for one, who in zip(two, people, strict=True)))
    changed, refused = split(results, DomainError)
    assert (len(changed), len(refused)) == (1, 1)
    assert set(refused[0].fields) == {"name"}


def test_of_two_changes_to_the_same_state_one_wins_and_the_other_hears_of_it(place):
    made = keep(place, data=LEVELS)
    seen = scenarios.mark_of(made)

    def change(who, level):
        data = {"levels": {"1.1.1": level}}
        return scenarios.change_scenario(made.pk, scheme(), "SD", seen=seen, actor=who, data=data)

    people = fresh(place.team), fresh(place.principal)
    results = at_once(*(lambda who=who, level=level: change(who, level) for level, who in enumerate(people, start=1)))
    changed, lost = split(results, scenarios.ScenarioConflict)
    assert (len(changed), len(lost)) == (1, 1)
    assert Scenario.objects.get().data == changed[0].data == lost[0].current.data
    assert AuditEvent.objects.about(made).count() == 2
