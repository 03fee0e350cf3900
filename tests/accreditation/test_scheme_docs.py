"""The tables of docs/algorithms/{ban-2017,iasp-2020,ia-2024}.md, read from those very pages."""

from __future__ import annotations

import json
from fractions import Fraction
from math import floor

import pytest

from tests.accreditation import second
from tests.accreditation.pages import table, text_of
from tests.accreditation.scheme_inputs import SCHEMES, items, scored

BAN, IASP, IA = SCHEMES["ban-2017"], SCHEMES["iasp-2020"], SCHEMES["ia-2024"]
PARTS = [component.code for component in BAN.layouts["SD"].components]
OTHERWISE = ("Done otherwise", "Rounded then", "Rank then")
NOTHING = "–"


def or_none(text: str) -> str | None:
    return None if text in (NOTHING, "null") else text


def forms(text: str) -> list[str]:
    return text.split(", ")


def half_even(value: Fraction, digits: int = 0) -> Fraction:
    return Fraction(round(value * 10**digits), 10**digits)


# --- ban-2017 ---------------------------------------------------------------------------------------------


def test_the_weights_on_the_page_are_those_of_both_forms():
    columns = ("Component", "Weight", "First item", "Last item", "Item weights", "Sum", "Maximum")
    for form in BAN.forms:
        for row, part in zip(table("ban-2017", *columns), BAN.layouts[form].components, strict=True):
            weights = "".join(str(item.weight) for item in part.items)
            numbers = (part.weight, part.items[0].code, part.items[-1].code, weights)
            assert row == [part.code, *map(str, numbers), str(part.item_weights), str(4 * part.item_weights)]


def test_conditions_and_ranks_on_the_pages_are_those_of_the_schemes():
    for page, scheme, accredited in (("ban-2017", BAN, ("Accredited",)), ("iasp-2020", IASP, ())):
        limits = [(code, int(limit)) for code, _, limit in table(page, "Condition", "Looks at", "At least")]
        assert limits == [(condition.code, condition.at_least) for condition in scheme.spec.conditions]
        ranks = table(page, "Letter", "Name", "From", *accredited)
        assert [(row[0], row[1], int(row[2])) for row in ranks] == [
            (rank.letter, rank.name, rank.at_least) for rank in scheme.spec.ranks
        ]
        assert [rank.accredited for rank in scheme.spec.ranks] == [row[3:] in ([], ["yes"]) for row in ranks]


def test_the_school_of_the_issue_gets_every_figure_of_the_page():
    rows = table("ban-2017", "Component", "Obtained", "Maximum", "Exact NK", "NK", "NK100")
    result = scored("ban-2017", "SD", {"obtained": {row[0]: int(row[1]) for row in rows}})
    output = result.as_dict()
    for row, part, figure in zip(rows, output["components"], result.present.components, strict=True):
        code, obtained, maximum, exact, value, scaled = row
        assert (figure.obtained, figure.possible, figure.exact) == (int(obtained), int(maximum), Fraction(exact))
        assert part == {"code": code, "value": value, "scaled": int(scaled)}
    ((score, rounded, status, rank),) = table("ban-2017", "Score", "Rounded", "Status", "Rank")
    assert (output["score"], output["rounded"], output["status"], output["rank"]) == (score, int(rounded), status, rank)
    assert (score, rounded, rank) == ("84.79", "85", "B")
    assert f"{' + '.join(row[4] for row in rows)} = {score}, rounded {rounded}" in text_of("ban-2017")


def ban_otherwise(points: dict[str, int], way: str) -> tuple[int, str | None]:
    """Whole NA and letter when one step is done as *way* says."""
    weights = {code: weight for code, weight, _ in second.BAN}
    exact = {
        code: Fraction(weight * points[code], 4 * sum(each for _, each in second.ban_items()[code]))
        for code, weight in weights.items()
    }
    rounding = {"NK half to even": half_even, "NK not rounded": lambda value, digits: value}
    values = {code: rounding.get(way, second.half_up)(value, 2) for code, value in exact.items()}
    final = int((half_even if way == "NA half to even" else second.half_up)(sum(values.values())))
    base = exact if way == "NK100 from the unrounded NK" else values
    scaled = {code: second.whole(base[code] * 100 / weight) for code, weight in weights.items()}
    if final >= 71:
        passed = scaled["sarpras"] >= 61 and min(scaled.values()) >= 50
        return final, ("A" if final >= 91 else "B" if final >= 81 else "C") if passed else None
    return final, "D" if final >= 61 else "E"


def test_the_order_of_the_roundings_of_2017_decides_as_the_page_says():
    ways = set()
    for row in table("ban-2017", *PARTS, "Score", "Rounded", "Rank", *OTHERWISE):
        points = dict(zip(PARTS, map(int, row), strict=False))
        score, rounded, rank, way, rounded_then, rank_then = row[len(PARTS) :]
        output = scored("ban-2017", "SD", {"obtained": points}).as_dict()
        assert (output["score"], output["rounded"], output["rank"]) == (score, int(rounded), or_none(rank))
        assert ban_otherwise(points, way) == (int(rounded_then), or_none(rank_then))
        assert way == NOTHING or rank_then != rank
        ways.add(way)
    assert len(ways) == 5


def figures(page: str, output: dict) -> None:
    shown = output | output["interval"]
    for key, value in table(page, "Figure", "Value"):
        assert str(shown[key]) == str(or_none(value)), key


def test_the_partial_school_of_2017_gets_every_figure_of_the_page():
    answers = {str(item): "A" for item in range(1, 107)} | {str(item): "B" for item in range(107, 119)}
    figures("ban-2017", scored("ban-2017", "SD", {"answers": answers}).as_dict())


# --- iasp-2020 --------------------------------------------------------------------------------------------

COUNTS = ("SD, MI", "SMP, MTs", "SMA, MA", "SMK, MAK")


def test_items_weights_and_statements_on_the_page_are_those_of_every_form():
    rows = table("iasp-2020", "Component", "Weight", "Core items", *COUNTS)
    for row in rows:
        for names, count in zip(COUNTS, row[3:], strict=True):
            for form in forms(names):
                part = IASP.layouts[form].by_code[row[0]]
                first, _, last = row[2].partition("-")
                core = [item.code for item in part.items if item.code.isdigit()]
                assert (str(part.weight), len(part.items)) == (row[1], int(count))
                assert core == [str(number) for number in range(int(first), int(last) + 1)]
    statements = {
        form: int(count) for names, count in table("iasp-2020", "Form", "Statements") for form in forms(names)
    }
    assert statements == IASP.spec.index.statements
    assert sum(int(row[1]) for row in rows) == 100


@pytest.fixture(scope="module")
def school() -> dict:
    """The SMA of the page."""
    rows = table("iasp-2020", "Component", "Levels", "Sum", "Maximum", "Exact NK", "Printed", "Scaled")
    levels = {}
    for row in rows:
        levels |= dict(zip(second.iasp_items("SMA")[row[0]], map(int, row[1].split()), strict=True))
    by_name = {row[0]: row for row in table("iasp-2020", "Figure", "From", "Exact", "Printed")}
    return {"levels": levels, "ipr": [int(value) for value in by_name["ipr"][1].split()]}


def test_the_school_of_iasp_gets_every_figure_of_the_page(school):
    result = scored("iasp-2020", "SMA", school)
    output, totals = result.as_dict(), result.present
    rows = table("iasp-2020", "Component", "Levels", "Sum", "Maximum", "Exact NK", "Printed", "Scaled")
    for row, part, figure in zip(rows, output["components"], totals.components, strict=True):
        assert [figure.obtained, figure.possible, figure.exact, figure.value] == [
            *map(Fraction, row[2:5]),
            Fraction(row[4]),
        ]
        assert part == {"code": row[0], "value": row[5], "scaled": int(row[6])}
    exact = {"ik": totals.performance, "ipr": totals.index, "score": totals.final}
    for key, _, fraction, printed in table("iasp-2020", "Figure", "From", "Exact", "Printed"):
        assert (exact[key], output[key]) == (Fraction(fraction), printed)
    assert (output["rounded"], output["status"], output["rank"]) == (70, "TIDAK_TERAKREDITASI", None)
    (note,) = output["notes"]
    assert "71 (C)" in note
    assert "perkiraan" in note


def test_the_partial_school_of_iasp_gets_every_figure_of_the_page(school):
    levels = {code: level for code, level in school["levels"].items() if code != "35"}
    figures("iasp-2020", scored("iasp-2020", "SMA", {"levels": levels, "ipr": school["ipr"][:-2]}).as_dict())


def spread(total: int, count: int) -> list[int]:
    """*count* levels with this sum, as even as possible."""
    return [total // count + (place < total % count) for place in range(count)]


def iasp_otherwise(sums: dict[str, int], statements: int, way: str) -> tuple[int, str | None]:
    """Whole NA and letter when one step is done as *way* says."""
    digits = {"NK to two decimals": 2, "NK, IPR to whole numbers": 0}.get(way)
    values = [
        Fraction(weight * sums[code], 4 * len(second.iasp_items("SMA")[code])) for code, weight, _, _ in second.IASP
    ]
    ipr = Fraction(100 * statements, 36)
    if digits is not None:
        values = [second.half_up(value, digits) for value in values]
    if digits == 0:
        ipr = second.half_up(ipr)
    total = (15 * ipr + 85 * sum(values)) / 100
    if way == "printed score rounded":
        total = second.half_up(total, 2)
    final = int((half_even if way == "NA half to even" else second.half_up)(total))
    letter = "A" if final >= 91 else "B" if final >= 81 else "C" if final >= 71 else None
    return final, letter if ipr >= 60 else None


def test_the_order_of_the_roundings_of_iasp_decides_as_the_page_says():
    codes = [code for code, *_ in second.IASP]
    changed = 0
    for row in table("iasp-2020", *codes, "Statements", "Score", "Rounded", "Rank", *OTHERWISE):
        sums, statements = dict(zip(codes, map(int, row), strict=False)), int(row[4])
        score, rounded, rank, way, rounded_then, rank_then = row[5:]
        levels = {}
        for code, part in second.iasp_items("SMA").items():
            levels |= dict(zip(part, spread(sums[code], len(part)), strict=True))
        output = scored("iasp-2020", "SMA", {"levels": levels, "ipr": spread(statements, 9)}).as_dict()
        assert (output["score"], output["rounded"], output["rank"]) == (score, int(rounded), or_none(rank))
        assert iasp_otherwise(sums, statements, way) == (int(rounded_then), or_none(rank_then))
        changed += rounded_then != rounded
    assert changed == 4


# --- ia-2024 ----------------------------------------------------------------------------------------------


def test_categories_butir_and_na_on_the_page_are_those_of_every_form():
    names = {int(level): name for level, name in table("ia-2024", "Level", "Category")}
    assert names == IA.spec.scale.names
    columns = ("SD, MI, SMP, MTs, SMA, MA", "SMK, MAK")
    na = dict(table("ia-2024", "Forms", "May be left out"))
    for place, group in enumerate(columns, start=1):
        counts = {row[0]: int(row[place]) for row in table("ia-2024", "Butir", *columns) if or_none(row[place])}
        for form in forms(group):
            layout = IA.layouts[form]
            found = [item.group for item in layout.items.values()]
            assert {code: found.count(code) for code in found} == counts
            offered = [code for code, item in layout.items.items() if item.na]
            assert ", ".join(offered) == (or_none(na[group]) or "")
    assert set(IA.forms) == {form for group in columns for form in forms(group)}


def test_the_school_of_ia2024_gets_every_figure_of_the_page():
    answers = {code: json.loads(value) for code, value in table("ia-2024", "Indikator", "Answer")}
    result = scored("ia-2024", "SMA", {"levels": answers})
    output = result.as_dict()
    parts = {part.code or "all": part for part in (result.whole, *result.components, *result.groups)}
    rows = table("ia-2024", "Part", "Exact", "Mean")
    printed = {row["code"]: row["mean"] for row in (*output["butir"], *output["components"])} | {"all": output["mean"]}
    for code, exact, mean in rows:
        assert (parts[code].mean, printed[code]) == (Fraction(exact), mean)
    assert {code for code, mean in printed.items() if mean is not None} == {row[0] for row in rows}
    shown = output["interval"] | {
        "rated": result.whole.rated, "not applicable": output["not_applicable"], "unanswered": output["unanswered"],
        "coverage": output["coverage"], "weakest": ", ".join(output["weakest"]),
    }  # fmt: skip
    for key, value in table("ia-2024", "Figure", "Value"):
        assert str(shown[key]) == value, key
    for level, count, share in table("ia-2024", "Category", "Indikator", "Share"):
        assert (output["distribution"][level], output["shares"][level]) == (int(count), share)
    assert floor(half_even(parts["all"].mean, 2) * 100) == 312  # what the page says of half to even
    assert second.text((Fraction(10, 3) + 2 + 3) / 3) == "2.78"


def test_own_thresholds_give_the_letters_of_the_page():
    codes = list(items("ia-2024", "SMA"))
    for answers, mean, thresholds, rank in table("ia-2024", "Answers", "Mean", "Thresholds", "Rank"):
        words = answers.replace("all ", "").replace(",", "").split()
        levels: list[int | None] = []
        for count, level in zip(words[::3], words[2::3], strict=False):
            levels += [int(level)] * int(count)
        levels += [None] * (len(codes) - len(levels))
        own = dict(part.split() for part in thresholds.split(", "))
        output = scored(
            "ia-2024", "SMA", {"levels": dict(zip(codes, levels, strict=True)), "thresholds": own}
        ).as_dict()
        assert (output["mean"], output["rank"]) == (mean, or_none(rank))


# --- all --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["ban-2017", "iasp-2020", "ia-2024"])
def test_the_page_names_every_key_of_input_and_output(key):
    sample = {"levels": {}} if key != "ban-2017" else {"answers": {}}
    if key == "ia-2024":
        sample["thresholds"] = {"A": 3}
    named = [name for row in table(key, "Key", "Meaning") for name in row[0].split(", ")]
    assert named == list(scored(key, "SD", sample).as_dict())
    for name, _ in table(key, "Key", "Takes"):
        scored(key, "SD", {name: None, **({} if name in ("levels", "answers", "obtained") else sample)})


@pytest.mark.parametrize("key", ["ban-2017", "iasp-2020", "ia-2024"])
def test_the_page_marks_every_source_and_promises_nothing_official(key):
    marks = [row[2].partition(":")[0] for row in table(key, "Rule", "Source", "Mark")]
    assert set(marks) <= {"confirmed", "partly_confirmed", "unverified", "not scored", "not calculated", "our choice"}
    assert "the accreditation body decides" in text_of(key).lower()
