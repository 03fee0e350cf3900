"""What a careful reader would remark on the texts of an instrument. Remarks block nothing; faults: standards.own.

Pure: knows neither Django nor the database. The same rules hold for the national instruments, as tests.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from standards import naming
from standards.instruments import InstrumentSpec
from standards.items import ItemSpec

QUESTION_WORDS = 35
LEVEL_WORDS = 40
HELP_WORDS = 60
SAME_LEVEL = 0.8  # likeness of two levels of one question from which they say the same
SAME_TEXT = 0.5  # of levels of two questions above which one of them is superfluous
OUTDATED = re.compile(r"\b(silabus|KTSP|RPP|KKM|pendekatan ilmiah|TPPK|siswa\w*)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to look at again; ``field`` is what forms call the place."""

    code: str
    field: str
    message: str


def words(text: str) -> list[str]:
    return text.split()


def vocabulary(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared words of all words, 0 to 1."""
    return len(one & other) / len(one | other) if one or other else 1.0


def asked_together(one: ItemSpec, other: ItemSpec, spec: InstrumentSpec) -> bool:
    """Whether some school is asked both."""
    return any(one.asked_at(form) and other.asked_at(form) for form in spec.forms)


def named_texts(item: ItemSpec) -> list[tuple[str, str]]:
    """Every text that people read, with the name of its place."""
    found = [("pertanyaan", item.question), ("petunjuk", item.help), ("jangka waktu", item.window)]
    found += [(naming.level_name(item, level).lower(), text) for level, text in item.levels.items()]
    found += [("contoh bukti", text) for text in item.evidence]
    found += [("alasan tidak berlaku", reason.text) for reason in item.na]
    found += [(f"hal {point.code}", point.text) for point in item.points or ()]
    if item.ratio:
        found += [("yang dihitung", item.ratio.count), ("dari", item.ratio.of)]
        found += [("letak angkanya", item.ratio.where), ("satuan", item.ratio.unit)]
    return found


def close_texts(spec: InstrumentSpec) -> Iterator[tuple[ItemSpec, int, ItemSpec, int]]:
    """Levels of two questions of one school that say nearly the same."""
    said = [
        (item, level, vocabulary(text)) for item in spec.items if item.answerable for level, text in item.levels.items()
    ]
    for (one, level, first), (other, its, second) in itertools.combinations(said, 2):
        small, large = sorted((len(first), len(second)))
        if one is other or small <= SAME_TEXT * large:  # not even the shorter one as a whole would be enough
            continue
        if likeness(first, second) > SAME_TEXT and asked_together(one, other, spec):
            yield one, level, other, its


def remarks(spec: InstrumentSpec) -> list[Remark]:
    """All remarks, in the order of the questions."""
    found = [remark for item in spec.items if item.answerable for remark in _of_item(item)]
    found += _of_pairs(spec)
    order = {item.code: place for place, item in enumerate(spec.items)}
    return sorted(found, key=lambda remark: order[remark.code])


def _of_item(item: ItemSpec) -> Iterator[Remark]:
    for field, text in named_texts(item):
        if old := sorted({match.group().lower() for match in OUTDATED.finditer(text)}):
            advice = "; tulis “murid”" if any(word.startswith("siswa") for word in old) else ""
            yield Remark(item.code, field, f"memuat istilah yang tidak dipakai lagi: {', '.join(old)}{advice}")
    if (count := len(words(item.question))) > QUESTION_WORDS:
        yield Remark(item.code, "pertanyaan", f"{count} kata; usahakan paling banyak {QUESTION_WORDS}")
    if not item.question.endswith("?"):
        yield Remark(item.code, "pertanyaan", "tidak berakhir dengan tanda tanya")
    if (count := len(words(item.help))) > HELP_WORDS:
        yield Remark(item.code, "petunjuk", f"{count} kata; usahakan paling banyak {HELP_WORDS}")
    for level, text in sorted(item.levels.items(), reverse=True):
        if (count := len(words(text))) > LEVEL_WORDS:
            name = naming.level_name(item, level).lower()
            yield Remark(item.code, name, f"{count} kata; usahakan paling banyak {LEVEL_WORDS}")
    for one, other in itertools.combinations(sorted(item.levels, reverse=True), 2):
        if likeness(vocabulary(item.levels[one]), vocabulary(item.levels[other])) >= SAME_LEVEL:
            names = [naming.level_name(item, level).lower() for level in (one, other)]
            yield Remark(item.code, names[0], f"hampir sama dengan {names[1]}; sebutkan perbedaan yang terlihat")
    if not item.evidence:
        yield Remark(item.code, "contoh bukti", "belum ada; satu atau dua contoh menolong yang menjawab")
    if item.cap is not None and item.bands and item.cap >= item.bands[3]:
        message = "dapat terbaca level 3 walaupun hal wajib belum terpenuhi; pilih angka di bawah batas level 3"
        yield Remark(item.code, "nilai tertinggi tanpa hal wajib", message)


def _of_pairs(spec: InstrumentSpec) -> Iterator[Remark]:
    named: set[tuple[str, str]] = set()
    for one, level, other, its in close_texts(spec):
        if (one.code, other.code) not in named:
            named.add((one.code, other.code))
            its_name = naming.level_name(other, its).lower()
            message = f"hampir sama dengan {its_name} pertanyaan {other.code}; barangkali satu pertanyaan cukup"
            yield Remark(one.code, naming.level_name(one, level).lower(), message)
    for one, other in itertools.combinations(spec.items, 2):
        if one.question and one.question == other.question and asked_together(one, other, spec):
            yield Remark(one.code, "pertanyaan", f"sama dengan pertanyaan {other.code}")
