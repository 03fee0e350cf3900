"""Finding things: all words, without capitals and accents, the best place first, and marks that lose no letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.search import QUERY_LENGTH, QUERY_WORDS, Entry, Index, QueryError, folded, highlight, snippet, words_of


def entry(code="", name="", question="", *texts):
    return Entry("x", f"/{code}{name}{question}", code, name, question, texts)


def find(query, *entries):
    return Index(entries).find(words_of(query))


def test_all_words_must_occur_wherever_they_stand():
    one = entry("8.1", "Subsidi silang", "", "bagi murid")
    assert find("silang murid 8.1", one) == [one]
    assert find("silang guru", one) == []


@pytest.mark.parametrize("query", ["CAFE", "café", "ｃａｆｅ", "cafe\u0301"])
def test_neither_capitals_nor_accents_matter(query):
    one = entry(name="Café sekolah")
    assert find(query, one) == [one]


def test_the_best_place_comes_first_and_equal_ones_keep_their_order():
    rest, question, name = entry("1", "", "", "mutu"), entry("2", "", "mutu"), entry("3", "mutu")
    code, exact, again = entry("mutu.1"), entry("mutu"), entry("4", "mutu")
    assert find("mutu", rest, question, name, code, exact, again) == [exact, code, name, again, question, rest]


def test_a_code_is_found_with_its_dots_and_without_its_full_stop():
    one, other = entry("8.2.1.a"), entry("8.2.10")
    assert find("“8.2.1.a”.", other, one) == [one]
    assert find("8.2.1", other, one) == [other, one]


@pytest.mark.parametrize("query", ["", "   ", "...", "\0\n\t", "“”"])
def test_a_query_without_words_finds_nothing(query):
    assert find(query, entry("8", "Apa saja")) == []


def test_a_query_that_is_too_long_or_has_too_many_words_is_refused():
    assert words_of("a" * QUERY_LENGTH)
    with pytest.raises(QueryError):
        words_of("a" * (QUERY_LENGTH + 1))
    many = " ".join(chr(ord("a") + number) for number in range(QUERY_WORDS + 1))
    with pytest.raises(QueryError):
        words_of(many)
    assert words_of("sama " * 12) == ("sama",)


def test_found_words_are_marked_in_the_text_as_it_was_written():
    parts = highlight("Pembelajaran di Café", words_of("ajar CAFE"))
    assert [(part.text, part.found) for part in parts] == [
        ("Pembel", False),
        ("ajar", True),
        ("an di ", False),
        ("Café", True),
    ]


@given(st.text(), st.lists(st.text(min_size=1, max_size=4), max_size=3))
def test_marks_lose_no_letter(text, words):
    parts = highlight(text, [word for word in map(folded, words) if word])
    assert "".join(part.text for part in parts) == text


def test_the_snippet_shows_the_text_with_most_words_shortened_around_them():
    long = "awal " * 100 + "perpustakaan murid " + "akhir " * 100
    one = entry("1", "", "", "hanya murid", long)
    shown = snippet(one, words_of("murid perpustakaan"))
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert "perpustakaan murid" in shown
    assert len(shown) < 260
    assert snippet(one, words_of("tidak")) == ""


@given(st.text(max_size=500), st.text(min_size=1, max_size=5))
def test_a_snippet_of_any_text_is_short(text, word):
    assert len(snippet(entry("1", "", "", text), (folded(word) or "a",))) <= 210
