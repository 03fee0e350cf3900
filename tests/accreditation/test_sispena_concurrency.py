"""Two people at the same moment over one text or one document: real threads, on either database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accreditation.models import CompulsoryUpload, PerformanceText
from accreditation.services import sispena
from evaluations.models import Evidence
from schools.models import AuditEvent, User
from tests.accreditation.sispena_steps import SispenaPlace
from tests.evaluations import uploads
from tests.threads import at_once, fresh, split

pytestmark = pytest.mark.django_db(transaction=True)


def saving(place: SispenaPlace, text: str, version: int, actor: User) -> Callable[[], Any]:
    actor = fresh(actor)
    return lambda: sispena.save_text(
        place.evaluation, place.scheme, "1.1", text, version=version, basis="", actor=actor
    )


def test_of_two_savers_with_the_same_version_exactly_one_wins_and_the_other_sees_it():
    place = SispenaPlace()
    for version in range(4):
        one, other = (saving(place, f"{who} {version}", version, who) for who in (place.team, place.operator))
        won, lost = split(at_once(one, other), sispena.TextConflict)
        assert (len(won), len(lost)) == (1, 1)
        stored = PerformanceText.objects.get()
        assert won[0].text == stored.text == lost[0].current.text
        assert stored.version == version + 1
    assert AuditEvent.objects.filter(action="sispena.text_saved").count() == 4


def test_the_same_file_sent_twice_at_once_is_kept_once():
    place = SispenaPlace()

    def sending() -> Callable[[], Any]:
        actor = fresh(place.operator)
        return lambda: sispena.upload_document(
            place.cycle, place.scheme, "kurikulum", name="k.pdf", data=uploads.pdf(), actor=actor
        )

    results = at_once(sending(), sending())
    assert results[0] == results[1]
    assert CompulsoryUpload.objects.count() == Evidence.objects.count() == 1
