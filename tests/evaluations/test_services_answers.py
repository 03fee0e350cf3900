"""Recording answers: versions, conflicts, typists, closed sections, and counts that always fit."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import DomainError, StateError
from evaluations.models import Answer, AnswerState, Evaluation
from evaluations.services import reviews
from evaluations.services.answers import NOTE_LIMIT, AnswerConflict, AnswerInput, record_answer
from schools.choices import Role
from schools.models import AuditEvent
from tests.factories import Place, UserFactory, person_at

pytestmark = pytest.mark.django_db

LEVEL_2 = AnswerInput(AnswerState.ANSWERED, {"level": 2})
LEVEL_3 = AnswerInput(AnswerState.ANSWERED, {"level": 3}, note="Dibahas dalam rapat guru.")
NOT_APPLICABLE = AnswerInput(AnswerState.NOT_APPLICABLE, na_reason="tidak-ada-iuran")
NOTHING = AnswerInput(None)
RUBRIC, RATIO, YESNO, CHECKLIST, WITH_NA = "8.3.1.a", "8.2.1.a", "8.1.2.a", "8.3.2.a", "8.1.3.a"


@pytest.fixture
def place() -> Place:
    return Place()


def save(place: Place, wanted: AnswerInput, version: int, code: str = RUBRIC, **kwargs):
    return record_answer(place.section().pk, code, wanted, version=version, **{"actor": place.teacher, **kwargs})


def events(place: Place) -> list[AuditEvent]:
    return list(AuditEvent.objects.about(place.section()).filter(action__startswith="answer."))


# --- what is stored -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "value"),
    [
        (RUBRIC, {"level": 4}),
        (RATIO, {"count": 0, "of": 0}),
        (YESNO, {"value": False}),
        (CHECKLIST, {"met": []}),
    ],
)
def test_a_new_answer_of_every_kind_is_stored_with_who_and_when(place, code, value):
    section, answer = save(place, AnswerInput(AnswerState.ANSWERED, value, note="  Catatan.  "), 0, code)
    stored = Answer.objects.get()
    assert stored == answer
    assert (stored.state, stored.value, stored.note, stored.version) == ("ANSWERED", value, "Catatan.", 1)
    assert (stored.answered_by, stored.typed_by) == (place.teacher, place.teacher)
    assert (section.answered_count, place.section().answered_count) == (1, 1)
    event = events(place)[0]
    assert (event.action, event.actor, event.on_behalf_of, event.school) == (
        "answer.recorded",
        place.teacher,
        None,
        place.school,
    )
    assert event.before == {"item": code}
    assert event.after["value"] == value


def test_a_change_keeps_before_and_after_in_the_history(place):
    save(place, LEVEL_2, 0)
    _, answer = save(place, LEVEL_3, 1, actor=place.principal)
    assert (answer.version, answer.answered_by) == (2, place.principal)
    assert place.section().answered_count == 1
    event = events(place)[-1]
    assert (event.before["value"], event.after["value"]) == ({"level": 2}, {"level": 3})
    assert (event.before["answered_by"], event.after["answered_by"]) == (place.teacher.pk, place.principal.pk)


def test_not_applicable_is_an_answer_with_a_reason_and_without_a_value(place):
    section, answer = save(place, NOT_APPLICABLE, 0, WITH_NA)
    assert (answer.state, answer.value, answer.na_reason) == ("NOT_APPLICABLE", None, "tidak-ada-iuran")
    assert section.answered_count == 1


def test_an_answer_taken_back_is_unanswered_again_and_its_version_is_never_used_twice(place):
    save(place, LEVEL_2, 0)
    section, answer = save(place, NOTHING, 1)
    assert answer is None
    assert not Answer.objects.exists()
    assert section.answered_count == 0
    assert events(place)[-1].action == "answer.cleared"
    _, again = save(place, LEVEL_2, 0)
    assert again.version == 3  # somebody who still sees version 1 must not overwrite it


@pytest.mark.parametrize("version", [0, 1, 99])
def test_the_same_content_again_is_harmless_whatever_the_version(place, version):
    save(place, LEVEL_3, 0)
    _, answer = save(place, LEVEL_3, version, actor=place.principal)
    assert (answer.version, answer.answered_by) == (1, place.teacher)
    assert len(events(place)) == 1


def test_taking_back_what_is_not_there_is_harmless(place):
    section, answer = save(place, NOTHING, 7)
    assert answer is None
    assert section.answered_count == 0
    assert events(place) == []


# --- conflicts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [0, 2, 99, -1])
def test_a_stale_version_is_a_conflict_that_shows_the_other_answer_and_writes_nothing(place, version):
    save(place, LEVEL_2, 0)
    with pytest.raises(AnswerConflict) as caught:
        save(place, LEVEL_3, version, actor=place.principal)
    assert caught.value.status == 409
    assert caught.value.current.value == {"level": 2}
    assert Answer.objects.get().value == {"level": 2}
    assert len(events(place)) == 1


def test_a_conflict_with_an_answer_that_was_taken_back_says_so(place):
    save(place, LEVEL_2, 0)
    save(place, NOTHING, 1)
    with pytest.raises(AnswerConflict) as caught:
        save(place, LEVEL_3, 1)
    assert caught.value.current is None
    assert not Answer.objects.exists()


def test_saves_to_different_items_do_not_disturb_each_other(place):
    save(place, LEVEL_2, 0, RUBRIC)
    save(place, AnswerInput(AnswerState.ANSWERED, {"value": True}), 0, YESNO)
    _, answer = save(place, LEVEL_3, 1, RUBRIC)
    assert answer.version == 3


# --- tampered input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        (RUBRIC, AnswerInput(AnswerState.ANSWERED, {"level": 5})),
        (RUBRIC, AnswerInput(AnswerState.ANSWERED, {"level": "3"})),
        (RUBRIC, AnswerInput(AnswerState.ANSWERED, {"value": True})),
        (RUBRIC, AnswerInput(AnswerState.ANSWERED, None)),
        (RUBRIC, AnswerInput("SELESAI", None)),
        (RUBRIC, AnswerInput(AnswerState.NOT_APPLICABLE, na_reason="tidak-ada-iuran")),
        (WITH_NA, AnswerInput(AnswerState.NOT_APPLICABLE, na_reason="alasan-sendiri")),
        (WITH_NA, AnswerInput(AnswerState.NOT_APPLICABLE)),
        (RATIO, AnswerInput(AnswerState.ANSWERED, {"count": -1, "of": 3})),
        (CHECKLIST, AnswerInput(AnswerState.ANSWERED, {"met": ["z"]})),
        (RUBRIC, AnswerInput(AnswerState.ANSWERED, {"level": 3}, note="x" * (NOTE_LIMIT + 1))),
        ("7.1.1.a", LEVEL_3),
        ("9.9.9.z", LEVEL_3),
    ],
)
def test_what_the_item_does_not_offer_is_refused_and_nothing_is_written(place, code, wanted):
    with pytest.raises(DomainError) as caught:
        save(place, wanted, 0, code)
    assert caught.value.message
    assert not Answer.objects.exists()
    assert place.section().answered_count == 0


def test_an_item_for_other_forms_of_education_cannot_be_answered(place, monkeypatch):
    others = {code: item for code, item in place.evaluation.asked.items() if code != RUBRIC}
    monkeypatch.setattr(Evaluation, "asked", others)
    with pytest.raises(DomainError):
        save(place, LEVEL_3, 0)


def test_signs_that_no_database_stores_are_left_out_of_a_note(place):
    _, answer = save(place, AnswerInput(AnswerState.ANSWERED, {"level": 2}, note="a\x00b"), 0)
    assert Answer.objects.get().note == answer.note == "ab"


def test_leftovers_of_another_state_are_not_stored(place):
    _, answer = save(place, AnswerInput(AnswerState.NOT_APPLICABLE, {"level": 3}, "tidak-ada-iuran"), 0, WITH_NA)
    assert answer.value is None
    _, answer = save(place, AnswerInput(AnswerState.ANSWERED, {"level": 3}, "tidak-ada-iuran"), 1, WITH_NA)
    assert answer.na_reason == ""


# --- people -------------------------------------------------------------------------------------------


def test_the_operator_types_for_a_named_person_who_is_the_one_that_answered(place):
    _, answer = save(place, LEVEL_3, 0, actor=place.operator, on_behalf_of=place.teacher)
    assert (answer.answered_by, answer.typed_by) == (place.teacher, place.operator)
    event = events(place)[0]
    assert (event.actor, event.on_behalf_of) == (place.operator, place.teacher)


def test_the_operator_can_correct_for_whom_an_answer_was_typed(place):
    colleague = person_at(place.school, Role.CONTRIBUTOR)
    _, first = save(place, LEVEL_3, 0, actor=place.operator, on_behalf_of=place.teacher)
    _, again = save(place, LEVEL_3, 0, actor=place.operator, on_behalf_of=place.teacher)
    assert again.version == first.version, "sending the same again is harmless"
    _, answer = save(place, LEVEL_3, first.version, actor=place.operator, on_behalf_of=colleague)
    assert answer.answered_by == colleague
    assert events(place)[-1].on_behalf_of == colleague
    with pytest.raises(AnswerConflict):
        save(place, LEVEL_3, first.version, actor=place.operator, on_behalf_of=place.teacher)


def test_saving_a_colleagues_answer_unchanged_takes_nothing_over(place):
    _, first = save(place, LEVEL_3, 0, actor=place.teacher)
    _, answer = save(place, LEVEL_3, first.version, actor=place.principal)
    assert (answer.answered_by, answer.version) == (place.teacher, first.version)


def test_the_operator_never_answers_in_the_own_name(place):
    for person in (None, place.operator):
        with pytest.raises(PermissionDenied, match="pilih dahulu nama"):
            save(place, LEVEL_3, 0, actor=place.operator, on_behalf_of=person)


def test_the_operator_types_only_for_people_who_may_answer_here(place):
    elsewhere = Place().teacher
    for person in (place.team, place.supervisor, elsewhere, UserFactory()):
        with pytest.raises(PermissionDenied, match="bukan guru"):
            save(place, LEVEL_3, 0, actor=place.operator, on_behalf_of=person)


def test_only_an_operator_types_for_somebody_else(place):
    with pytest.raises(PermissionDenied, match="Hanya operator"):
        save(place, LEVEL_3, 0, actor=place.principal, on_behalf_of=place.teacher)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PRINCIPAL, Role.CONTRIBUTOR, Role.OPERATOR, Role.OFFICE}))
def test_other_roles_do_not_answer(place, role):
    with pytest.raises(PermissionDenied):
        save(place, LEVEL_3, 0, actor=person_at(place.school, role))


def test_people_of_another_school_do_not_answer(place):
    with pytest.raises(PermissionDenied):
        save(place, LEVEL_3, 0, actor=Place().principal)


# --- closed sections ----------------------------------------------------------------------------------


def test_a_section_is_closed_from_submission_until_it_is_returned(place):
    place.fill()
    version = Answer.objects.get(item_code=RUBRIC).version
    place.submit()
    with pytest.raises(StateError, match="Diajukan"):
        save(place, LEVEL_2, version)
    place.open()
    with pytest.raises(StateError, match="Ditelaah"):
        save(place, LEVEL_2, version)
    reviews.review_item(place.section().pk, RUBRIC, "RETURNED", actor=place.team, reason="Lengkapi catatannya.")
    reviews.return_section(place.section().pk, actor=place.team)
    _, answer = save(place, LEVEL_2, version)
    assert answer.value == {"level": 2}


def test_a_verified_section_and_an_approved_evaluation_stay_closed(place):
    place.complete()
    for version in (0, Answer.objects.get(section=place.section(), item_code=RUBRIC).version):
        with pytest.raises(StateError):
            save(place, LEVEL_2, version)


# --- counts -------------------------------------------------------------------------------------------

OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from([RUBRIC, WITH_NA, "8.3.3.a"]),
        st.sampled_from([LEVEL_2, LEVEL_3, NOT_APPLICABLE, NOTHING, AnswerInput(AnswerState.ANSWERED, {"level": 9})]),
        st.sampled_from(["current", "stale"]),
    ),
    max_size=14,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations=OPERATIONS)
def test_counts_always_equal_the_rows_and_versions_only_grow(place, operations):
    section = place.section()
    Answer.objects.filter(section=section).delete()
    section.answered_count = 0
    section.save(update_fields=["answered_count"])
    highest = section.writes
    for code, wanted, seen in operations:
        row = Answer.objects.filter(section=section, item_code=code).first()
        version = (row.version if row else 0) + (1 if seen == "stale" else 0)
        try:
            _, answer = record_answer(section.pk, code, wanted, version=version, actor=place.teacher)
        except DomainError:
            assert Answer.objects.filter(section=section, item_code=code).first() == row
        else:
            if answer is not None and (row is None or row.version != answer.version):
                assert answer.version > highest
                highest = answer.version
        assert place.section().answered_count == Answer.objects.filter(section=section).count()


def test_saving_takes_the_same_few_queries_in_a_full_section_as_in_an_empty_one(place):
    place.teacher.appointments  # noqa: B018  (read once per request, before the service)
    with CaptureQueriesContext(connection) as empty:
        save(place, LEVEL_2, 0)
    place.fill()
    with CaptureQueriesContext(connection) as full:
        save(place, LEVEL_2, Answer.objects.get(item_code=RUBRIC).version)
    assert len(full) <= len(empty) + 1  # the reading of the version above


# --- nobody rates himself -----------------------------------------------------------------------------

ABOUT_THE_HEAD = "7.3.1.a"


def rate(place: Place, **kwargs):
    return record_answer(place.section("7").pk, ABOUT_THE_HEAD, LEVEL_3, version=0, **kwargs)


def test_the_head_does_not_answer_what_is_asked_about_the_head(place):
    operator = person_at(place.school, Role.OPERATOR)
    for who in ({"actor": place.principal}, {"actor": operator, "on_behalf_of": place.principal}):
        with pytest.raises(PermissionDenied, match="menilai kepemimpinan kepala"):
            rate(place, **who)
    assert not Answer.objects.exists()


def test_the_head_does_not_take_back_or_replace_what_others_said_about_the_head(place):
    _, answer = rate(place, actor=place.teacher)
    for wanted in (NOTHING, LEVEL_2):
        with pytest.raises(PermissionDenied):
            record_answer(place.section("7").pk, ABOUT_THE_HEAD, wanted, version=answer.version, actor=place.principal)
    assert Answer.objects.get().value == {"level": 3}


def test_others_answer_it_and_the_head_answers_the_rest(place):
    operator = person_at(place.school, Role.OPERATOR)
    rate(place, actor=operator, on_behalf_of=place.teacher)
    save(place, LEVEL_3, 0, actor=place.principal)
    assert Answer.objects.count() == 2
