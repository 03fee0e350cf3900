"""One result in words and rows: what is said of complete, partial, estimated and empty figures."""

from __future__ import annotations

from fractions import Fraction

import pytest
from django.template.loader import render_to_string

from accreditation.result_view import ResultView
from accreditation.schemes import score
from accreditation.scoring import Answers, Rating
from accreditation.services.readiness import the_schemes
from common.formats import format_decimal


def view_of(key: str, answers: Answers, form: str = "SD") -> ResultView:
    return ResultView(score(the_schemes()[key], form, answers))


def drawn(view: ResultView) -> str:
    return render_to_string("accreditation/partials/_result.html", {"result": view.result})


def all_at(key: str, level: int, **others) -> Answers:
    items = the_schemes()[key].layouts["SD"].items
    return Answers({code: Rating.given(level) for code in items}, **others)


@pytest.mark.parametrize("key", the_schemes())
def test_nothing_answered_is_said_and_not_shown_as_zero(key):
    html = drawn(view_of(key, Answers()))
    assert "yang terisi." in html
    assert '<p class="figure-value">0' not in html
    assert "terisi 0 dari" in html


@pytest.mark.parametrize(("level", "tone", "word"), [(4, "good", "Terakreditasi"), (1, "attention", "Tidak")])
def test_the_status_is_said_as_what_this_calculation_gives(level, tone, word):
    view = view_of("iasp-2020", all_at("iasp-2020", level, statements=(level,) * 8))
    assert view.status[0] == tone
    assert view.status[1].startswith(word)
    assert view.status[1].endswith("menurut hitungan ini")
    assert view.interval is None


def test_an_open_condition_is_neither_met_nor_failed():
    view = view_of("iasp-2020", all_at("iasp-2020", 4))
    assert [(line.word, line.tone) for line in view.conditions] == [("Terpenuhi", "good"), ("Belum pasti", "neutral")]


def test_the_rank_is_shown_with_its_name_and_without_one_the_reason():
    assert view_of("ban-2017", all_at("ban-2017", 4)).rank.name == "Unggul"
    assert view_of("ban-2017", all_at("ban-2017", 0)).rank.letter == "E"
    failed = view_of("iasp-2020", all_at("iasp-2020", 1, statements=(1,) * 8))
    assert failed.rank is None
    assert "di bawah semua peringkat" in failed.rank_reason
    assert "masih mungkin" in view_of("ban-2017", Answers({"1": Rating.given(4)})).rank_reason


def test_shares_are_percent_of_what_is_rated():
    view = view_of("ia-2024", Answers({"1.1.1": Rating.given(4), "1.1.2": Rating.given(2), "1.1.3": Rating.given(2)}))
    shares = [(level.count, format_decimal(level.percent)) for level in view.levels]
    assert shares == [(1, "33,3"), (0, "0,0"), (2, "66,7"), (0, "0,0")]
    assert (view.answered, view.asked) == (3, 45)


def test_what_does_not_apply_is_not_counted_as_open():
    view = view_of("ia-2024", Answers({"1.1.1": Rating.given(4)}, frozenset({"1.4.4"})))
    assert (view.answered, view.asked) == (1, 44)
    assert "Belum terisi" in view.drawing


def test_nothing_is_weakest_where_all_is_at_the_best():
    assert view_of("ia-2024", all_at("ia-2024", 4)).weakest == []
    view = view_of("ia-2024", Answers(all_at("ia-2024", 4).ratings | {"2.6.3": Rating.given(3)}))
    assert [item.code for item in view.weakest] == ["2.6.3"]
    assert view.weakest_level == "3 (Baik)"


@pytest.mark.parametrize(
    ("thresholds", "level", "says"),
    [({}, 3, ""), ({"A": "7/2", "B": "5/2"}, 3, "B"), ({"A": "7/2"}, 3, "Di bawah semua ambang")],
)
def test_the_own_letter_of_complete_figures(thresholds, level, says):
    own = {letter: Fraction(least) for letter, least in thresholds.items()}
    view = view_of("ia-2024", all_at("ia-2024", level, thresholds=own))
    assert view.own_letter == says
    assert ("Asumsi sendiri" in drawn(view)) == bool(says)


def test_the_own_letter_stays_open_while_more_than_one_is_possible():
    answers = Answers({"1.1.1": Rating.given(4)}, thresholds={"A": Fraction(3)})
    assert view_of("ia-2024", answers).own_letter == "Belum pasti"


def test_estimates_are_counted_by_item():
    sums = view_of("ban-2017", Answers(obtained={"isi": Fraction(100)}, estimated=frozenset({"isi"})))
    assert sums.estimated == 10
    items = view_of("ia-2024", Answers({"1.1.1": Rating(3, 2, 4, estimated=True)}))
    assert items.estimated == 1
    assert "1 di antaranya perkiraan" in drawn(items)
