"""Two implementations agree, and what must hold for every school holds: bounds, order, monotonicity, intervals."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from accreditation.weighted import WeightedResult
from tests.accreditation import second
from tests.accreditation.scheme_inputs import (
    CASES,
    SCHEMES,
    completed,
    expected,
    items,
    key_of,
    schools,
    scored,
)

every_scheme_and_form = pytest.mark.parametrize(("scheme", "form"), CASES)
# Forms that are asked the same are scored the same; one of each kind is enough for what takes long.
KINDS = [case for case in CASES if case[1] in ("SD", "SMP", "SMK") and case != ("ia-2024", "SMP")]
every_kind = pytest.mark.parametrize(("scheme", "form"), KINDS)
few = settings(max_examples=40)
ORDER = ("E", "D", None, "C", "B", "A")  # None: high enough, but a condition fails; iasp-2020 has no letter below C
LEAST = {"ban-2017": 0, "iasp-2020": 25, "ia-2024": 1}
MOST = {"ban-2017": 100, "iasp-2020": 100, "ia-2024": 4}


def test_the_cases_are_all_forms_that_the_schemes_score():
    assert sorted(CASES) == sorted((key, form) for key, scheme in SCHEMES.items() for form in scheme.forms)


@every_scheme_and_form
@few
@given(st.data())
def test_both_implementations_agree_on_every_figure(scheme, form, data):
    school = data.draw(schools(scheme, form))
    ours, theirs = scored(scheme, form, school).as_dict(), expected(scheme, form, school)
    assert {key: ours[key] for key in theirs} == theirs
    assert set(ours) - set(theirs) <= {"version", "notes", "categories"}


@given(st.data(), st.sampled_from(second.BAN_FORMS))
def test_both_implementations_agree_on_sums_of_points(data, form):
    most = {code: 4 * sum(weight for _, weight in part) for code, part in second.ban_items().items()}
    known = data.draw(st.sets(st.sampled_from(sorted(most)), min_size=1))
    school = {"obtained": {code: data.draw(st.integers(most[code] // 3, most[code])) for code in sorted(known)}}
    ours, theirs = scored("ban-2017", form, school).as_dict(), expected("ban-2017", form, school)
    assert {key: ours[key] for key in theirs} == theirs


_least = st.integers(10, 40).map(lambda tenths: Fraction(tenths, 10))


@pytest.mark.parametrize("form", ["SD", "SMK"])
@given(st.data())
def test_both_implementations_agree_on_the_letter_from_own_thresholds(form, data):
    school = data.draw(schools("ia-2024", form))
    letters = sorted(data.draw(st.sets(st.sampled_from("ABC"), min_size=1)))
    limits = sorted(data.draw(st.sets(_least, min_size=len(letters), max_size=len(letters))), reverse=True)
    own = dict(zip(letters, limits, strict=True))
    written = school | {"thresholds": {letter: str(float(limit)) for letter, limit in own.items()}}
    ours = scored("ia-2024", form, written).as_dict()
    theirs = expected("ia-2024", form, school | {"thresholds": own})
    assert {key: ours[key] for key in theirs} == theirs
    assert ours["rank_basis"] == "asumsi sekolah sendiri"


def figure(output: dict) -> Decimal | None:
    text = output["score"] if "score" in output else output["mean"]
    return None if text is None else Decimal(text)


def ends(output: dict) -> tuple[Decimal, Decimal]:
    return Decimal(output["interval"]["low"]), Decimal(output["interval"]["high"])


@every_kind
@given(st.data())
def test_figures_keep_their_bounds_and_the_interval_holds_the_score(scheme, form, data):
    output = scored(scheme, form, data.draw(schools(scheme, form))).as_dict()
    low, high = ends(output)
    assert LEAST[scheme] <= low <= high <= MOST[scheme]
    assert 0 <= Decimal(output["coverage"]) <= 1
    if (score := figure(output)) is not None:
        assert low <= score <= high
    for part in output["components"]:
        if scheme == "ia-2024":
            assert part["mean"] is None or 1 <= Decimal(part["mean"]) <= 4
        else:
            assert part["scaled"] is None or (25 if scheme == "iasp-2020" else 0) <= part["scaled"] <= 100


@every_kind
@given(st.data())
def test_whatever_is_answered_later_stays_within_what_was_said_before(scheme, form, data):
    school = data.draw(schools(scheme, form))
    before = scored(scheme, form, school).as_dict()
    after = scored(scheme, form, completed(data.draw, scheme, form, school)).as_dict()
    low, high = ends(before)
    if (final := figure(after)) is None:
        return  # everything that was asked turned out not to apply
    assert low <= final <= high
    assert ends(after) == (final, final)
    assert after["coverage"] == "1.00"
    for key in ("status", "rank"):
        assert before.get(key) in (None, after.get(key))
    later = {row["code"]: row["met"] for row in after.get("conditions", [])}
    for row in before.get("conditions", []):
        assert row["met"] in (None, later[row["code"]])


@pytest.mark.parametrize("form", ["SD", "SMK"])
@given(st.data())
def test_a_letter_from_own_thresholds_stays_whatever_is_answered_later(form, data):
    school = data.draw(schools("ia-2024", form)) | {"thresholds": {"A": "3.4", "B": "2.6", "C": "1.8"}}
    before = scored("ia-2024", form, school).as_dict()
    assume(before["rank"] is not None)
    full = completed(data.draw, "ia-2024", form, school) | {"thresholds": school["thresholds"]}
    assert scored("ia-2024", form, full).as_dict()["rank"] == before["rank"]


@every_kind
@given(st.data())
def test_one_level_more_never_lowers_anything(scheme, form, data):
    school = data.draw(schools(scheme, form))
    answers, options = school[key_of(scheme)], items(scheme, form)
    ladder = {code: [option for option in options[code] if option != "NA"] for code in answers}
    open_above = [code for code in answers if answers[code] in ladder[code][:-1]]
    assume(open_above)
    code = data.draw(st.sampled_from(sorted(open_above)))
    better = ladder[code][ladder[code].index(answers[code]) + 1]
    raised = school | {key_of(scheme): answers | {code: better}}
    no_worse(scored(scheme, form, school), scored(scheme, form, raised))


@pytest.mark.parametrize("form", ["SD", "SMP", "SMK"])
@given(st.data())
def test_a_better_statement_never_lowers_anything(form, data):
    school = data.draw(schools("iasp-2020", form))
    places = [place for place, value in enumerate(school["ipr"]) if value in (1, 2, 3)]
    assume(places)
    place = data.draw(st.sampled_from(places))
    better = [value + 1 if at == place else value for at, value in enumerate(school["ipr"])]
    no_worse(scored("iasp-2020", form, school), scored("iasp-2020", form, school | {"ipr": better}))


def no_worse(before, after) -> None:
    old, new = before.as_dict(), after.as_dict()
    assert figure(new) is figure(old) is None or figure(new) >= figure(old)
    assert all(b >= a for a, b in zip(ends(old), ends(new), strict=True))
    assert new["coverage"] == old["coverage"]
    if not isinstance(before, WeightedResult):
        return
    for was, now in zip(old["components"], new["components"], strict=True):
        assert was["scaled"] is None or now["scaled"] >= was["scaled"]
        assert was["value"] is None or Decimal(now["value"]) >= Decimal(was["value"])
    for was, now in zip(old["conditions"], new["conditions"], strict=True):
        assert not (was["met"] and not now["met"])
    if old["status"] == "TERAKREDITASI":
        assert new["status"] == "TERAKREDITASI"
    for was, now in ((before.worst, after.worst), (before.best, after.best)):
        letters = [None if v.rank is None else v.rank.letter for v in (was, now)]
        assert ORDER.index(letters[1]) >= ORDER.index(letters[0])


@every_kind
@given(st.data(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(scheme, form, data, random):
    school = data.draw(schools(scheme, form))
    shuffled = list(school[key_of(scheme)].items())
    random.shuffle(shuffled)
    assert (
        scored(scheme, form, school | {key_of(scheme): dict(shuffled)}).as_dict()
        == scored(scheme, form, school).as_dict()
    )
