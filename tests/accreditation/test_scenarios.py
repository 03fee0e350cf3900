"""Scenarios: a copy of the present levels under a name, kept apart from everything real."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

from accreditation.models import ReadinessSummary, Scenario, ScenarioKind, SchemeSheet
from accreditation.scheme_input import read_answers
from accreditation.scheme_output import plain_copy
from accreditation.schemes import score
from accreditation.scoring import Answers, Rating
from accreditation.services import scenarios
from accreditation.services.readiness import the_schemes
from common.errors import DomainError, StateError
from common.rounding import round_half_up
from evaluations.models import Answer, Evaluation, Review
from schools.models import AuditEvent
from tests.accreditation.scenario_steps import (
    SUMS,
    answer_directly,
    enter,
    keep,
    present,
    scheme,
)
from tests.factories import Place

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 2, 9, 30, tzinfo=ZoneInfo("Asia/Jakarta"))


@pytest.fixture
def place() -> Place:
    place = Place()
    answer_directly(place, only="1.")
    return place


def change(scenario: Scenario, place: Place, **kwargs):
    kwargs.setdefault("seen", scenarios.mark_of(scenario))
    kwargs.setdefault("actor", place.team)
    return scenarios.change_scenario(scenario.pk, scheme(scenario.scheme), "SD", **kwargs)


# --- the copy -----------------------------------------------------------------------------------------


def test_a_copy_holds_the_present_levels(place):
    copy = scenarios.present_copy(present(place))
    assert copy.data == {"levels": dict.fromkeys([c for c in scheme().layouts["SD"].items if c[0] == "1"], 3)}
    assert copy.estimated == frozenset()


def test_estimates_become_plain_levels_and_are_named(place):
    estimated = Place(edition="2026.1", scope="lengkap")
    estimated.fill("3")
    readiness = present(estimated)
    copy = scenarios.present_copy(readiness)
    assert copy.estimated == readiness.estimated != frozenset()
    levels = copy.data["levels"]
    assert set(levels) == set(copy.estimated)
    plain = score(scheme(), "SD", read_answers(scheme(), "SD", copy.data))
    assert not any(rating.estimated for rating in plain.answers.ratings.values())
    assert plain.whole.mean == readiness.claimed.whole.mean


def test_estimated_sums_are_rounded_to_points_and_named():
    place = Place()
    place.fill("8")
    copy = scenarios.present_copy(present(place, "ban-2017"))
    assert copy.estimated == {"pembiayaan"}
    assert list(copy.data) == ["obtained"]
    exact = present(place, "ban-2017").claimed.answers.obtained["pembiayaan"]
    assert exact.denominator > 1
    assert copy.data["obtained"]["pembiayaan"] == round_half_up(exact, 0)


def test_letters_are_copied_and_a_sum_beside_them_is_named_as_left_out():
    place = Place()
    place.fill("8")
    enter(place, "ban-2017", {"answers": {"1": "A", "2": "C"}})
    copy = scenarios.present_copy(present(place, "ban-2017"))
    assert copy.data == {"answers": {"1": "A", "2": "C"}}
    assert copy.left_out == ("Standar Pembiayaan",)


def test_entries_beside_the_levels_are_copied_too(place):
    enter(place, "ia-2024", {"thresholds": {"A": "3.5", "C": "2"}})
    assert scenarios.present_copy(present(place)).data["thresholds"] == {"A": "3.5", "C": "2"}
    enter(place, "iasp-2020", {"ipr": [4, None, 3], "ipm": {"izin": True, "mapel": False}})
    copied = scenarios.present_copy(present(place, "iasp-2020")).data
    assert copied["ipr"][:3] == [4, None, 3]
    assert copied["ipm"] == {"izin": True, "mapel": False}


def ratings(key: str, form: str = "SD"):
    data = the_schemes()[key]
    levels = st.sampled_from(list(data.spec.scale.levels))
    items = st.sampled_from(list(data.layouts[form].items))
    return st.dictionaries(items, levels.map(Rating.given))


@given(st.sampled_from(["ban-2017", "iasp-2020", "ia-2024"]), st.data())
def test_what_is_copied_reads_as_the_same_answers(key, data):
    answers = Answers(data.draw(ratings(key)))
    copied = plain_copy(scheme(key), "SD", answers).data
    assert (read_answers(scheme(key), "SD", copied) if copied else Answers()) == answers


# --- keeping ------------------------------------------------------------------------------------------


def test_a_scenario_is_kept_with_scheme_version_and_history(place):
    made = keep(place, "  Bila   semua naik ", at=AT)
    assert made.name == "Bila semua naik"
    assert (made.scheme, made.scheme_version, made.kind) == ("ia-2024", scheme().spec.version, "WHAT_IF")
    assert (made.created_by, made.created_at, made.updated_at) == (place.team, AT, AT)
    event = AuditEvent.objects.about(made).get()
    assert (event.action, event.school_id, event.actor) == ("scenario.created", place.school.pk, place.team)
    assert event.after["data"] == made.data


def test_a_path_keeps_its_target_and_raises(place):
    plan = [{"code": "1.1.1", "from": 3, "to": 4, "effort": 2}]
    made = keep(place, kind=ScenarioKind.PATH, target={"mean": "3.1"}, plan=plan)
    made.refresh_from_db()
    assert (made.kind, made.target, made.plan) == ("PATH", {"mean": "3.1"}, plan)


def test_nothing_touches_the_real_answers_entries_or_stored_figures(place):
    enter(place, "ia-2024", {"thresholds": {"A": "3.5"}})

    def real():
        return [
            list(model.objects.order_by("pk").values())
            for model in (Answer, Evaluation, Review, SchemeSheet, ReadinessSummary)
        ] + [present(place).claimed.as_dict()]

    before = real()
    made = keep(place)
    changed = change(made, place, data={"levels": {"1.1.1": 4, "3.14.1": 1}, "thresholds": {"A": "2"}})
    change(changed, place, name="Lain")
    keep(place, "Kedua", kind=ScenarioKind.PATH, target={"mean": "4"}, plan=[])
    assert real() == before
    scenarios.delete_scenario(made.pk, seen=scenarios.mark_of(Scenario.objects.get(pk=made.pk)), actor=place.team)
    assert real() == before


@pytest.mark.parametrize("name", ["", "   ", "\x00 ", "x" * 81, "\u200b\ufeff", "\u202e", "\u200d\u00ad"])
def test_a_name_must_say_something_and_be_short(place, name):
    with pytest.raises(DomainError) as error:
        keep(place, name)
    assert set(error.value.fields) == {"name"}
    assert not Scenario.objects.exists()


def test_a_name_of_eighty_signs_is_kept(place):
    assert len(keep(place, "x" * 80).name) == 80


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("\u202eabc\u202c", "abc"),  # would turn the words that follow it on the page
        ("Naik\u200b\x07 dua", "Naik dua"),
        ("Satu\nbaris\tsaja", "Satu baris saja"),
        ("👩\u200d🏫 guru", "👩\u200d🏫 guru"),
        ("الخطة", "الخطة"),
        ("e\u0301", "é"),
    ],
)
def test_a_name_is_kept_as_it_can_be_seen(place, sent, kept):
    assert keep(place, sent).name == kept
    with pytest.raises(DomainError, match="Sudah ada"):
        keep(place, kept, actor=place.principal)


def test_the_same_once_more_is_kept_once(place):
    """A second tap, or the reply to the first one that never came."""
    made = keep(place)
    assert keep(place) == made
    assert AuditEvent.objects.about(made).count() == 1
    for other in ({"data": {"levels": {"1.1.1": 1}}}, {"kind": ScenarioKind.PATH}, {"actor": place.principal}):
        with pytest.raises(DomainError, match="Sudah ada"):
            keep(place, **other)
    for number in range(1, scenarios.MOST):
        keep(place, f"Nomor {number}")
    assert keep(place) == made


def test_a_name_is_there_once_per_year_and_scheme(place):
    keep(place, "Coba")
    with pytest.raises(DomainError, match="Sudah ada skenario") as error:
        keep(place, "coba ")
    assert set(error.value.fields) == {"name"}
    keep(place, "Coba", "ban-2017", data={"answers": {"1": "A"}})
    other = Place()
    answer_directly(other, only="1.1")
    keep(other, "Coba")


def test_twenty_per_year_and_scheme_and_the_message_says_what_to_do(place):
    for number in range(scenarios.MOST):
        keep(place, f"Nomor {number}")
    with pytest.raises(DomainError, match="Hapus yang tidak dipakai"):
        keep(place, "Satu lagi")
    keep(place, "Satu lagi", "ban-2017", data={"answers": {"1": "A"}})
    scenarios.delete_scenario(
        (one := Scenario.objects.first()).pk, seen=scenarios.mark_of(one), actor=place.team
    )  # fmt: skip


@pytest.mark.parametrize("data", [{}, {"levels": {}}, {"levels": {"1.1.1": None}}, {"thresholds": {"A": "3"}}])
def test_an_empty_scenario_is_not_kept(place, data):
    with pytest.raises(DomainError, match="Belum ada level"):
        scenarios.create_scenario(place.cycle, scheme(), "SD", name="Kosong", data=data, actor=place.team)


def test_input_that_the_scheme_does_not_take_is_refused_by_name(place):
    with pytest.raises(DomainError, match=r"1\.1\.1"):
        keep(place, data={"levels": {"1.1.1": 9}})


# --- changing, renaming, deleting ---------------------------------------------------------------------


def test_levels_and_name_change_with_history(place):
    made = keep(place, at=AT)
    changed = change(made, place, name="Baru", data={"levels": {"1.1.1": 4}})
    assert (changed.name, changed.data) == ("Baru", {"levels": {"1.1.1": 4}})
    assert changed.updated_at > AT
    event = AuditEvent.objects.about(made).latest("pk")
    assert (event.action, event.before["name"], event.after["name"]) == ("scenario.changed", "Coba", "Baru")


def test_the_same_again_changes_nothing_even_with_an_old_mark(place):
    made = keep(place, at=AT)
    again = change(made, place, name="Coba", data=dict(made.data), seen="lama")
    assert again.updated_at == AT
    assert AuditEvent.objects.about(made).count() == 1


def test_a_second_person_does_not_overwrite_unseen(place):
    made = keep(place)
    seen = scenarios.mark_of(made)
    change(made, place, data={"levels": {"1.1.1": 1}}, actor=place.principal)
    with pytest.raises(scenarios.ScenarioConflict) as conflict:
        change(made, place, data={"levels": {"1.1.1": 4}}, seen=seen)
    assert conflict.value.current.data == {"levels": {"1.1.1": 1}}
    with pytest.raises(scenarios.ScenarioConflict):
        scenarios.delete_scenario(made.pk, seen=seen, actor=place.team)
    made.refresh_from_db()
    assert made.data == {"levels": {"1.1.1": 1}}
    change(made, place, data={"levels": {"1.1.1": 4}})
    assert Scenario.objects.get().data == {"levels": {"1.1.1": 4}}


def test_a_name_may_keep_its_own_but_not_take_anothers(place):
    made, _ = keep(place, "Satu"), keep(place, "Dua")
    assert change(made, place, name="SATU").name == "SATU"
    with pytest.raises(DomainError, match="Sudah ada"):
        change(made, place, name="Dua", seen=scenarios.mark_of(Scenario.objects.get(pk=made.pk)))


def test_the_levels_of_a_path_stay_with_its_raises(place):
    made = keep(place, kind=ScenarioKind.PATH)
    with pytest.raises(DomainError, match="daftar kenaikannya"):
        change(made, place, data={"levels": {"1.1.1": 1}})
    Scenario.objects.update(scheme_version="2019.1")
    renamed = change(made, place, name="Lain", data=dict(made.data))
    assert (renamed.name, renamed.scheme_version) == ("Lain", "2019.1")


def test_a_deleted_scenario_is_gone_and_its_history_stays(place):
    made = keep(place)
    pk, seen = made.pk, scenarios.mark_of(made)
    scenarios.delete_scenario(pk, seen=seen, actor=place.team)
    assert not Scenario.objects.exists()
    event = AuditEvent.objects.filter(action="scenario.deleted").get()
    assert event.before["name"] == "Coba"
    with pytest.raises(StateError, match="sudah dihapus"):
        scenarios.delete_scenario(pk, seen=seen, actor=place.team)
    with pytest.raises(StateError, match="sudah dihapus"):
        scenarios.change_scenario(pk, scheme(), "SD", seen=seen, name="x", actor=place.team)


def test_a_scenario_of_an_older_scheme_says_that_it_does_not_fit(place):
    made = keep(place)
    Scenario.objects.update(data={"levels": {"9.9.9": 3}}, scheme_version="2019.1")
    made.refresh_from_db()
    with pytest.raises(DomainError, match=r"versi 2019\.1"):
        scenarios.answers_of(made, scheme(), "SD")


# --- who ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["teacher", "operator", "supervisor"])
def test_only_the_leads_keep_change_and_delete(place, who):
    person = getattr(place, who)
    with pytest.raises(PermissionDenied):
        keep(place, actor=person)
    made = keep(place, actor=place.principal)
    with pytest.raises(PermissionDenied):
        change(made, place, name="x", actor=person)
    with pytest.raises(PermissionDenied):
        scenarios.delete_scenario(made.pk, seen=scenarios.mark_of(made), actor=person)
    other = Place()
    with pytest.raises(PermissionDenied):
        change(made, place, name="x", actor=other.principal)


def test_sums_of_a_school_are_copied_as_they_are():
    place = Place()
    enter(place, "ban-2017", {"obtained": SUMS})
    assert scenarios.present_copy(present(place, "ban-2017")) == plain_copy(
        scheme("ban-2017"), "SD", read_answers(scheme("ban-2017"), "SD", {"obtained": SUMS})
    )
