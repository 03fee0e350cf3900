"""One form for the input of every scheme: what it asks, what it makes of what was sent, and what it says is wrong."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from accreditation.scheme_form import SchemeForm
from accreditation.scheme_input import read_answers
from accreditation.services.readiness import the_schemes

EVERY = [(key, form) for key, scheme in the_schemes().items() for form in scheme.forms]


def form_of(key: str, form: str = "SD", data: dict[str, str] | None = None, **options) -> SchemeForm:
    sent = None
    if data is not None:
        sent = QueryDict(mutable=True)
        sent.update(data)
    return SchemeForm(the_schemes()[key], form, sent, **options)


def drawn(form: SchemeForm) -> str:
    return render_to_string("accreditation/partials/_scheme_form.html", {"form": form})


def everything(key: str, form: str) -> dict[str, str]:
    """Something for every field."""
    sent = {"way": "answers"}
    for section in form_of(key, form).sections:
        for field in section.fields:
            for one in (field, field.context):
                if one is not None:
                    sent[one.name] = one.choices[1][0] if one.choices else "2"
    if key == "ia-2024":
        sent |= {"threshold-A": "3,5", "threshold-B": "2.75", "threshold-C": "2"}
    return sent


@pytest.mark.parametrize(("key", "form"), EVERY)
def test_every_field_of_every_scheme_and_form_of_education_can_be_filled_in_and_read(key, form):
    filled = form_of(key, form, everything(key, form))
    assert filled.is_valid(), (filled.problem, filled.troubled)
    scheme = the_schemes()[key]
    answers = read_answers(scheme, form, filled.to_input())
    assert set(answers.ratings) == set(scheme.layouts[form].items)
    if scheme.spec.index is not None:
        assert len(answers.statements) == scheme.spec.index.statements[form]
    if scheme.spec.entry is not None:
        assert len(answers.entry) == len(scheme.spec.entry.questions)
    if scheme.spec.thresholds is not None:
        assert [str(value) for value in answers.thresholds.values()] == ["7/2", "11/4", "2"]


@pytest.mark.parametrize(("key", "form"), EVERY)
def test_input_drawn_again_reads_the_same(key, form):
    first = form_of(key, form, everything(key, form))
    again = form_of(key, form, initial=first.to_input())
    assert again.to_input() == first.to_input()
    assert "selected>Belum diisi" not in drawn(again)


def test_the_form_asks_every_item_once_with_its_levels_in_words():
    html = drawn(form_of("ia-2024"))
    assert html.count('name="item-') == 45
    assert '<option value="4">4 (Sangat Baik)</option>' in html
    assert "1.1.1 Interaksi guru" in html
    assert "Butir 1.1 Pendidik" in html


def test_not_applicable_is_offered_only_where_the_item_offers_it():
    html = drawn(form_of("ia-2024"))
    assert html.count("Tidak berlaku") == 3
    assert drawn(form_of("ia-2024", "SMK")).count("Tidak berlaku") == 3
    assert "Tidak berlaku" not in drawn(form_of("iasp-2020", "SMK"))
    refused = form_of("ia-2024", data={"item-1.1.1": "NA"})
    assert not refused.is_valid()
    assert [field.name for field in refused.troubled] == ["item-1.1.1"]
    assert form_of("ia-2024", data={"item-1.4.4": "NA"}).to_input() == {"levels": {"1.4.4": "NA"}}


def test_items_without_a_public_title_say_so():
    assert "35 judul belum diketahui" in drawn(form_of("iasp-2020"))
    assert '<label class="form-label" for="item-7">Butir 7</label>' in drawn(form_of("ban-2017"))


def test_the_context_of_an_item_with_two_rubrics_is_asked_beside_it():
    html = drawn(form_of("ia-2024"))
    assert 'name="context-3.10.3"' in html
    assert "context-" not in drawn(form_of("ia-2024", "SMK"))
    read = form_of("ia-2024", data={"item-3.10.3": "3", "context-3.10.3": "terpisah"})
    assert read.is_valid()
    assert read.to_input() == {"levels": {"3.10.3": {"level": 3, "context": "terpisah"}}}


def test_only_the_chosen_way_of_filling_in_counts_and_the_other_keeps_what_was_typed():
    sent = {"item-1": "B", "sum-isi": "109"}
    by_items = form_of("ban-2017", data={"way": "answers", **sent})
    assert by_items.is_valid()
    assert by_items.to_input() == {"answers": {"1": "B"}}
    assert 'value="109"' in drawn(by_items)
    by_sums = form_of("ban-2017", data={"way": "obtained", **sent})
    assert by_sums.is_valid()
    assert by_sums.to_input() == {"obtained": {"isi": 109}}
    assert '<option value="B" selected>' in drawn(by_sums)


def test_stored_sums_open_the_form_at_the_sums():
    assert form_of("ban-2017", initial={"obtained": {"isi": 109}}).way == "obtained"
    assert form_of("ban-2017", initial={"answers": {"1": "A"}}).way == "answers"


def test_an_unknown_way_is_an_error():
    form = form_of("ban-2017", data={"way": "tebak", "item-1": "B"})
    assert not form.is_valid()
    assert form.way_error


def test_items_known_under_another_number_are_filled_in():
    form = form_of("iasp-2020", "SMK", initial={"levels": {"36": 4}})
    assert form.to_input() == {"levels": {"SMK-1": 4}}


def test_parts_choose_what_is_asked():
    form = form_of("iasp-2020", parts=("statements", "entry"))
    assert [section.code for section in form.sections] == ["statements", "entry"]
    form = form_of("ia-2024", parts=("contexts", "thresholds"))
    assert [section.code for section in form.sections] == ["contexts", "thresholds"]
    assert [section.code for section in form_of("ban-2017", parts=("obtained",)).sections] == ["obtained"]
    assert not form_of("ban-2017", parts=("items",)).both_ways


def test_an_empty_form_is_empty_input():
    form = form_of("iasp-2020", data={"item-1": "", "statement-1": " "})
    assert form.is_valid()
    assert form.to_input() == {}


def test_a_field_that_was_not_sent_keeps_its_value():
    form = form_of("iasp-2020", data={"item-2": ""}, initial={"levels": {"1": 3, "2": 4}})
    assert form.is_valid()
    assert form.to_input() == {"levels": {"1": 3}}


WRONG = [
    ("ban-2017", {"way": "answers", "item-3": "F"}, "item-3", "A"),
    ("ban-2017", {"way": "answers", "item-3": "a"}, "item-3", "A"),
    ("ban-2017", {"way": "obtained", "sum-isi": "149"}, "sum-isi", "0 sampai 148"),
    ("ban-2017", {"way": "obtained", "sum-isi": "-1"}, "sum-isi", "0 sampai 148"),
    ("ban-2017", {"way": "obtained", "sum-isi": "10,5"}, "sum-isi", "bilangan bulat"),
    ("ban-2017", {"way": "obtained", "sum-isi": "9" * 5000}, "sum-isi", "bilangan bulat"),
    ("iasp-2020", {"item-1": "5"}, "item-1", "1 sampai 4"),
    ("iasp-2020", {"item-1": "0"}, "item-1", "1 sampai 4"),
    ("iasp-2020", {"item-1": "²"}, "item-1", "1 sampai 4"),
    ("iasp-2020", {"statement-2": "9"}, "statement-2", "1 sampai 4"),
    ("iasp-2020", {"entry-izin": "mungkin"}, "entry-izin", "mungkin"),
    ("ia-2024", {"threshold-A": "5"}, "threshold-A", "1 sampai 4"),
    ("ia-2024", {"threshold-A": "banyak"}, "threshold-A", "banyak"),
    ("ia-2024", {"item-3.10.3": "3", "context-3.10.3": "pagi"}, "context-3.10.3", "campuran"),
]


@pytest.mark.parametrize(("key", "data", "name", "says"), WRONG)
def test_a_wrong_value_is_named_at_its_field_and_stays(key, data, name, says):
    form = form_of(key, data=data)
    assert not form.is_valid()
    assert [field.name for field in form.troubled] == [name]
    assert says in form.troubled[0].error
    html = drawn(form)
    ident = name.replace(".", "-")
    assert f'<a href="#{ident}">' in html
    assert f'id="{ident}-error"' in html
    assert f'aria-describedby="{ident}-error"' in html or f'{ident}-range {ident}-error"' in html
    assert form.troubled[0].text == data[name][:200]


def test_all_wrong_fields_are_named_at_once():
    form = form_of("iasp-2020", data={"item-1": "7", "item-9": "x", "statement-1": "0", "item-2": "4"})
    assert not form.is_valid()
    assert [field.name for field in form.troubled] == ["item-1", "item-9", "statement-1"]


def test_thresholds_that_do_not_fall_are_an_error_of_them_together():
    form = form_of("ia-2024", data={"threshold-A": "2", "threshold-B": "3", "item-1.1.1": "3"})
    assert not form.is_valid()
    assert form.troubled == ()
    section = next(section for section in form.sections if section.code == "thresholds")
    assert "menurun" in section.error
    assert f'<a href="#bagian-thresholds">{section.title}</a>: {section.error}' in drawn(form)


@pytest.mark.parametrize(
    ("key", "name"),
    [("ban-2017", "item-1.1.1"), ("ban-2017", "statement-1"), ("iasp-2020", "sum-isi"), ("ia-2024", "entry-izin"),
     ("iasp-2020", "item-SMK-1"), ("ia-2024", "context-1.1.1"), ("ban-2017", "item-120"), ("iasp-2020", "item-<b>")],
)  # fmt: skip
def test_fields_of_another_scheme_are_not_dropped_in_silence(key, name):
    form = form_of(key, data={"way": "answers", name: "4", "csrfmiddlewaretoken": "x", "version": "3"})
    assert not form.is_valid()
    assert name in form.problem
    assert "<b>" not in drawn(form)


def test_what_was_sent_never_becomes_markup():
    html = drawn(form_of("ban-2017", data={"way": "obtained", "sum-isi": '"><script>', "item-1": '"><script>'}))
    assert "<script" not in html


texts = st.text(max_size=12) | st.sampled_from(["1", "4", "NA", "A", "ya", "3,5", "null", "1e3", "٣", "obtained"])


@given(st.sampled_from(EVERY), st.data())
def test_whatever_is_sent_the_form_answers_and_what_it_accepts_can_be_scored(place, data):
    key, form = place
    names = [field.name for section in form_of(key, form).sections for field in section.fields]
    sent = data.draw(st.dictionaries(st.sampled_from([*names, "way"]), texts, max_size=6))
    one = form_of(key, form, sent)
    if one.is_valid():
        given = one.to_input()
        if given:
            read_answers(one.scheme, form, given)
    else:
        assert one.problem or one.troubled or one.way_error or any(section.error for section in one.sections)


def test_the_largest_form_stays_light():
    """119 choices: the whole form below 60 KB before compression."""
    assert len(drawn(form_of("ban-2017")).encode()) < 60_000
