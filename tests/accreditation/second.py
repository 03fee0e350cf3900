"""A second implementation of the three schemes, written from the pages in docs/algorithms/ and not from the code.

All facts are numbers of their own here, copied from the sources that those pages name, so that a wrong number in a data
file shows. Slow and plain on purpose: missing answers are filled in at their worst and their best, and the school is
scored again as if it were complete.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor

# ban-2017, SD and MI: code, component weight, item weights from item 1 on, in the order of the instrument
BAN = (
    ("isi", 14, "4443443434"),
    ("proses", 14, "343333334333334343333"),
    ("skl", 14, "4443434"),
    ("ptk", 16, "4344444434434222"),
    ("sarpras", 12, "343433233333332423321"),
    ("pengelolaan", 10, "444234333344443"),
    ("pembiayaan", 10, "3323323332232334"),
    ("penilaian", 10, "4444444333333"),
)
LETTERS = {"A": 4, "B": 3, "C": 2, "D": 1, "E": 0}

# iasp-2020: first and last core item, weight, and the special items by form of education
IASP = (
    ("lulusan", 35, range(1, 12), {"SMK": ("SMK-1", "SMK-2")}),
    ("proses", 29, range(12, 19), {"SMK": ("SMK-3", "SMK-4")}),
    ("guru", 18, range(19, 23), {"SD": ("SD-1",), "SMK": ("SMK-5",)}),
    ("manajemen", 18, range(23, 36), {"SMK": ("SMK-6", "SMK-7", "SMK-8", "SMK-9")}),
)
STATEMENTS = {"SD": 8, "SMP": 9, "SMA": 9, "SMK": 10}
MADRASAH = {"MI": "SD", "MTs": "SMP", "MA": "SMA", "MAK": "SMK"}

# ia-2024: number of indikator below each butir; which of them may be left out
_GENERAL = {"1.1": 4, "1.2": 3, "1.3": 5, "1.4": 4, "2.5": 4, "2.6": 4, "2.7": 3, "2.8": 2, "2.9": 3,
            "3.10": 3, "3.11": 2, "3.12": 2, "3.13": 3, "3.14": 3}  # fmt: skip
_VOCATIONAL = {"1.1": 3, "1.2": 3, "1.3": 2, "1.4": 4, "2.5": 3, "2.6": 4, "2.7": 2, "2.8": 3, "2.9": 3,
               "3.10": 2, "3.11": 2, "3.12": 2, "3.13": 3, "3.14": 4, "3.15": 3, "4.16": 2}  # fmt: skip
MAY_BE_NA = ("1.4.4", "3.10.2", "3.11.2")

BAN_FORMS = ("SD", "MI")
OTHER_FORMS = ("SD", "MI", "SMP", "MTs", "SMA", "MA", "SMK", "MAK")


def kin(form: str) -> str:
    return MADRASAH.get(form, form)


def half_up(value: Fraction, digits: int = 0) -> Fraction:
    return Fraction(floor(value * 10**digits + Fraction(1, 2)), 10**digits)


def text(value: Fraction | None, digits: int = 2) -> str | None:
    if value is None:
        return None
    whole = str(int(half_up(value, digits) * 10**digits)).zfill(digits + 1)
    return f"{whole[:-digits]}.{whole[-digits:]}"


def whole(value: Fraction | None) -> int | None:
    return None if value is None else int(half_up(value))


def ban_items() -> dict[str, list[tuple[str, int]]]:
    """Number and weight of the items of each component."""
    found, number = {}, 0
    for code, _, weights in BAN:
        found[code] = [(str(number + place), int(weight)) for place, weight in enumerate(weights, start=1)]
        number += len(weights)
    return found


def iasp_items(form: str) -> dict[str, list[str]]:
    return {code: [*map(str, core), *special.get(kin(form), ())] for code, _, core, special in IASP}


def ia_butir(form: str) -> dict[str, list[str]]:
    """Indikator by butir."""
    counts = _VOCATIONAL if kin(form) == "SMK" else _GENERAL
    return {butir: [f"{butir}.{place}" for place in range(1, count + 1)] for butir, count in counts.items()}


def ia_na(form: str) -> tuple[str, ...]:
    return MAY_BE_NA


# --- ban-2017 -------------------------------------------------------------------------------------------------------


def _ban_value(weight: int, points: int, possible: int) -> Fraction | None:
    return half_up(Fraction(weight * points, possible), 2) if possible else None


def ban_complete(values: dict[str, Fraction]) -> dict:
    """What follows from eight component values that are already rounded to two decimals."""
    total = sum(values.values())
    final = whole(total)
    scaled = {code: whole(values[code] * 100 / weight) for code, weight, _ in BAN}
    met = {
        "nilai-akhir": final >= 71,
        "sarpras": scaled["sarpras"] >= 61,
        "komponen": all(value >= 50 for value in scaled.values()),
    }
    accredited = all(met.values())
    if accredited:
        rank = "A" if final >= 91 else "B" if final >= 81 else "C"
    elif final >= 71:
        rank = None
    else:
        rank = "D" if final >= 61 else "E"
    return {"total": total, "met": met, "accredited": accredited, "rank": rank}


def ban(form: str, answers: dict[str, str] | None = None, obtained: dict[str, int] | None = None) -> dict:
    """The JSON of ``score ban-2017`` for one school, without version and notes."""
    levels = {item: LETTERS[letter] for item, letter in (answers or {}).items()}
    present, low, high, counted, asked = {}, {}, {}, 0, 0
    for code, weight, _ in BAN:
        items = ban_items()[code]
        most = 4 * sum(each for _, each in items)
        asked += len(items)
        if obtained and code in obtained:
            present[code] = low[code] = high[code] = _ban_value(weight, obtained[code], most)
            counted += len(items)
            continue
        given = [(item, each) for item, each in items if item in levels]
        points = sum(levels[item] * each for item, each in given)
        possible = 4 * sum(each for _, each in given)
        present[code] = _ban_value(weight, points, possible)
        low[code] = _ban_value(weight, points, most)
        high[code] = _ban_value(weight, points + most - possible, most)
        counted += len(given)
    measured = [(code, weight) for code, weight, _ in BAN if present[code] is not None]
    score = None
    if measured:
        score = sum(present[code] for code, _ in measured) * 100 / sum(weight for _, weight in measured)
    return {
        "scheme": "ban-2017",
        "form": form,
        "score": text(score),
        "rounded": whole(score),
        **_decided(ban_complete(low), ban_complete(high)),
        "components": [
            {
                "code": code,
                "value": text(present[code]),
                "scaled": None if present[code] is None else whole(present[code] * 100 / weight),
            }
            for code, weight, _ in BAN
        ],
        "coverage": text(Fraction(counted, asked)),
        "interval": {"low": text(ban_complete(low)["total"]), "high": text(ban_complete(high)["total"])},
    }


def _decided(low: dict, high: dict) -> dict:
    """What holds for every completion: that of the worst and that of the best agree."""
    same = low["accredited"] == high["accredited"]
    return {
        "status": ("TERAKREDITASI" if low["accredited"] else "TIDAK_TERAKREDITASI") if same else None,
        "rank": low["rank"] if low["rank"] == high["rank"] else None,
        "conditions": [
            {"code": code, "met": met if met == high["met"][code] else None} for code, met in low["met"].items()
        ],
    }


# --- iasp-2020 ------------------------------------------------------------------------------------------------------


def iasp_complete(values: dict[str, Fraction], ipr: Fraction) -> dict:
    """What follows from four exact component values and an IPR on 0-100."""
    ik = sum(values.values())
    total = Fraction(15, 100) * ipr + Fraction(85, 100) * ik
    final = whole(total)
    met = {"nilai-akhir": final >= 71, "ipr": ipr >= 60}
    accredited = all(met.values())
    rank = None
    if accredited:
        rank = "A" if final >= 91 else "B" if final >= 81 else "C"
    return {"total": total, "met": met, "accredited": accredited, "rank": rank}


def iasp(form: str, levels: dict[str, int] | None = None, ipr: list[int | None] | None = None) -> dict:
    """The JSON of ``score iasp-2020`` for one school, without version and notes."""
    levels, statements = levels or {}, [value for value in ipr or [] if value is not None]
    count = STATEMENTS[kin(form)]
    present, low, high, asked = {}, {}, {}, count
    for code, weight, _, _ in IASP:
        items = iasp_items(form)[code]
        given = [levels[item] for item in items if item in levels]
        missing = len(items) - len(given)
        present[code] = Fraction(weight * sum(given), 4 * len(given)) if given else None
        low[code] = Fraction(weight * (sum(given) + missing), 4 * len(items))
        high[code] = Fraction(weight * (sum(given) + 4 * missing), 4 * len(items))
        asked += len(items)
    absent = count - len(statements)
    index = Fraction(100 * sum(statements), 4 * len(statements)) if statements else None
    worst = iasp_complete(low, Fraction(100 * (sum(statements) + absent), 4 * count))
    best = iasp_complete(high, Fraction(100 * (sum(statements) + 4 * absent), 4 * count))
    measured = [(code, weight) for code, weight, _, _ in IASP if present[code] is not None]
    ik = score = None
    if measured:
        ik = sum(present[code] for code, _ in measured) * 100 / sum(weight for _, weight in measured)
        score = ik if index is None else (15 * index + 85 * ik) / 100
    return {
        "scheme": "iasp-2020",
        "form": form,
        "score": text(score),
        "rounded": whole(score),
        **_decided(worst, best),
        "ik": text(ik),
        "ipr": text(index),
        "components": [
            {
                "code": code,
                "value": text(present[code]),
                "scaled": None if present[code] is None else whole(present[code] * 100 / weight),
            }
            for code, weight, _, _ in IASP
        ],
        "coverage": text(Fraction(len(levels) + len(statements), asked)),
        "interval": {"low": text(worst["total"]), "high": text(best["total"])},
    }


# --- ia-2024 --------------------------------------------------------------------------------------------------------


def _mean(levels: list[int]) -> Fraction | None:
    return Fraction(sum(levels), len(levels)) if levels else None


def _letter(mean: Fraction | None, thresholds: dict[str, Fraction]) -> str | None:
    reached = [letter for letter in sorted(thresholds) if mean is not None and mean >= thresholds[letter]]
    return reached[0] if reached else None


def ia(form: str, levels: dict[str, int | str], thresholds: dict[str, Fraction] | None = None) -> dict:
    """The JSON of ``score ia-2024`` for one school, without version, names and the mark of the letter."""
    butir = ia_butir(form)
    items = [item for group in butir.values() for item in group]
    rated = {item: levels[item] for item in items if item in levels and levels[item] != "NA"}
    left_out = [item for item in items if levels.get(item) == "NA"]
    missing = len(items) - len(rated) - len(left_out)
    known = list(rated.values())
    low, high = _mean(known + missing * [1]), _mean(known + missing * [4])
    letter_low, letter_high = (_letter(end, thresholds or {}) for end in (low, high))
    components = dict.fromkeys(code.partition(".")[0] for code in butir)
    return {
        "scheme": "ia-2024",
        "form": form,
        "distribution": {str(level): known.count(level) for level in (4, 3, 2, 1)},
        "shares": {
            str(level): text(Fraction(known.count(level), len(known))) if known else None for level in (4, 3, 2, 1)
        },
        "not_applicable": len(left_out),
        "unanswered": missing,
        "mean": text(_mean(known)),
        "butir": [
            {"code": code, "mean": text(_mean([rated[item] for item in group if item in rated]))}
            for code, group in butir.items()
        ],
        "components": [
            {"code": code, "mean": text(_mean([rated[item] for item in rated if item.startswith(f"{code}.")]))}
            for code in components
        ],
        "weakest": [item for item in items if known and min(known) < 4 and rated.get(item) == min(known)],
        "rank": letter_low if letter_low == letter_high else None,
        "coverage": text(Fraction(len(rated), len(items) - len(left_out))),
        "interval": {"low": text(low), "high": text(high)},
    }
