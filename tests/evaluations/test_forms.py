"""The answer form reads strictly what people post and gives it to the service in its stored form."""

import pytest
from django.http import QueryDict

from evaluations.forms import AnswerForm, initial_answer
from evaluations.models import AnswerState
from evaluations.services.answers import AnswerInput
from tests.factories import the_spec

ITEMS = {item.code: item for item in the_spec().items}
RUBRIC, RUBRIC_NA = ITEMS["8.3.1.a"], ITEMS["8.1.3.a"]
RATIO, YES_NO, CHECKLIST = ITEMS["8.2.1.a"], ITEMS["8.1.2.a"], ITEMS["8.3.2.a"]


def post(item, query, **kwargs):
    return AnswerForm(QueryDict(f"{query}&version=0" if "version" not in query else query), item=item, **kwargs)


@pytest.mark.parametrize(
    ("item", "query", "value"),
    [
        (RUBRIC, "level=3", {"level": 3}),
        (YES_NO, "value=ya", {"value": True}),
        (YES_NO, "value=tidak", {"value": False}),
        (RATIO, "count=45&of=60", {"count": 45, "of": 60}),
        (RATIO, "count=1.250.000&of=2.000.000", {"count": 1_250_000, "of": 2_000_000}),
        (RATIO, "count=Rp1.250.000&of=+2000000+", {"count": 1_250_000, "of": 2_000_000}),
        (RATIO, "count=0&of=0", {"count": 0, "of": 0}),
        (CHECKLIST, "met=a&met=c", {"met": ["a", "c"]}),
        (CHECKLIST, "note=", {"met": []}),
    ],
)
def test_a_well_formed_answer_becomes_the_input_of_the_service(item, query, value):
    form = post(item, query)
    assert form.is_valid(), form.errors
    assert form.to_input() == AnswerInput(AnswerState.ANSWERED, value, "", "")


def test_posting_only_a_reason_means_not_applicable():
    for item in (RUBRIC_NA, RATIO):
        form = post(item, f"na_reason={item.na[0].code}&note=sekolah+baru")
        assert form.is_valid(), form.errors
        assert form.to_input() == AnswerInput(AnswerState.NOT_APPLICABLE, None, item.na[0].code, "sekolah baru")


def test_a_line_break_in_a_note_counts_as_one_sign_like_in_the_browser():
    note = "%0D%0A".join(["a" * 999, "b" * 1000])
    form = post(RUBRIC, f"level=3&note={note}")
    assert form.is_valid(), form.errors
    assert form.to_input().note == "a" * 999 + "\n" + "b" * 1000
    assert not post(RUBRIC, f"level=3&note={note}b").is_valid()


def test_the_empty_radio_card_beside_a_reason_means_not_applicable_too():
    form = post(RUBRIC_NA, f"level=&na_reason={RUBRIC_NA.na[0].code}")
    assert form.is_valid(), form.errors


@pytest.mark.parametrize(
    ("item", "query"),
    [
        (RUBRIC_NA, "level=3&na_reason=tidak-ada-iuran"),
        (RATIO, "count=1&of=2&na_reason=sekolah-baru"),
        (RATIO, "count=0&na_reason=sekolah-baru"),
    ],
)
def test_an_answer_together_with_a_reason_is_refused(item, query):
    form = post(item, query)
    assert not form.is_valid()
    assert "na_reason" in form.errors


@pytest.mark.parametrize(
    ("item", "query", "field"),
    [
        (RUBRIC, "note=x", "level"),
        (RUBRIC, "level=9", "level"),
        (RUBRIC, "level=0", "level"),
        (RUBRIC, "level=3.0", "level"),
        (YES_NO, "value=mungkin", "value"),
        (YES_NO, "note=x", "value"),
        (CHECKLIST, "met=z", "met"),
        (RATIO, "count=1", "of"),
        (RATIO, "of=1", "count"),
        (RATIO, "count=lima&of=6", "count"),
        (RATIO, "count=-1&of=6", "count"),
        (RATIO, "count=1,5&of=6", "count"),
        (RATIO, "count=12.5&of=60", "count"),
        (RATIO, "count=1&of=" + "9" * 30, "of"),
        (RATIO, "count=1&of=" + "9" * 6000, "of"),
        (RATIO, "count=%D9%A3&of=6", "count"),
        (RATIO, "count=3&of=0", "of"),
        (RUBRIC_NA, "na_reason=karena-malas", "na_reason"),
        (RUBRIC, "na_reason=karena-malas", "__all__"),
        (RUBRIC, "level=3&na_reason=tidak-ada-iuran", "__all__"),
        (RUBRIC, "level=3&version=", "__all__"),
        (RUBRIC, "level=3&version=tiga", "__all__"),
        (RUBRIC, "level=3&version=-1", "__all__"),
        (RUBRIC, "level=3&note=" + "a" * 2001, "note"),
    ],
)
def test_a_wrong_or_tampered_value_is_refused_with_a_message_at_its_place(item, query, field):
    form = post(item, query)
    assert not form.is_valid()
    assert field in form.errors
    assert all(str(message) for messages in form.errors.values() for message in messages)


def test_a_missing_version_is_refused():
    form = AnswerForm(QueryDict("level=3"), item=RUBRIC)
    assert not form.is_valid()
    assert form.summary_errors


def test_more_counted_than_there_are_is_saved_with_a_notice():
    form = post(RATIO, "count=7&of=6")
    assert form.is_valid()
    assert len(form.notices) == 1


def test_the_button_to_empty_takes_the_answer_back_whatever_else_is_filled_in():
    form = post(RATIO, "count=abc&of=&kosongkan=1")
    assert form.is_valid(), form.errors
    assert form.to_input() == AnswerInput(None)


def test_a_number_is_shown_with_dots_for_thousands():
    form = AnswerForm(item=RATIO, initial={"count": 1_250_000, "of": 0})
    assert 'value="1.250.000"' in str(form["count"])
    assert 'value="0"' in str(form["of"])


@pytest.mark.parametrize(
    ("item", "stored", "shown"),
    [
        (RUBRIC, {"level": 3}, "3"),
        (YES_NO, {"value": False}, "tidak"),
        (CHECKLIST, {"met": ["a", "b"]}, "b"),
    ],
)
def test_a_stored_answer_is_shown_as_chosen(item, stored, shown):
    form = AnswerForm(item=item, initial=initial_answer(item, state="ANSWERED", value=stored, version=4))
    assert shown in form.chosen
    assert form["version"].value() == 4


def test_a_stored_reason_is_shown_as_chosen():
    code = RUBRIC_NA.na[1].code
    form = AnswerForm(
        item=RUBRIC_NA, initial=initial_answer(RUBRIC_NA, state="NOT_APPLICABLE", value=None, na_reason=code)
    )
    assert form.chosen_reason == code
    assert form.chosen == frozenset()


def test_a_reviewer_corrects_without_a_version():
    form = AnswerForm(QueryDict("level=2"), item=RUBRIC, versioned=False)
    assert form.is_valid(), form.errors
