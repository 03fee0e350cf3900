"""What differs between two versions of an instrument, for one form of education, and which words.

Pure: knows neither Django nor the database. A question is the same one as long as its code is the same; one whose
code alone changed is found again by its texts.
"""

from __future__ import annotations

import difflib
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from common.formats import format_decimal
from common.rounding import round_half_up
from standards import naming
from standards.instruments import InstrumentSpec
from standards.items import ItemSpec


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a question or of the header; "" where it was, or is, not there."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ItemChange:
    """A question that both versions have. ``fields`` is empty when only its place changed."""

    old: ItemSpec
    new: ItemSpec
    fields: tuple[FieldChange, ...]
    moved: bool

    @property
    def renumbered(self) -> bool:
        return self.old.code != self.new.code


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every question of both versions once: added, removed, changed, moved or unchanged.

    A question that was changed and moved stands in ``changed``. ``header`` is what differs around the questions,
    ``parts`` the names in a tree of its own, by code.
    """

    header: tuple[FieldChange, ...]
    parts: tuple[FieldChange, ...]
    added: tuple[ItemSpec, ...]
    removed: tuple[ItemSpec, ...]
    changed: tuple[ItemChange, ...]
    moved: tuple[ItemChange, ...]
    unchanged: tuple[ItemSpec, ...]

    @property
    def same(self) -> bool:
        return not (self.header or self.parts or self.added or self.removed or self.changed or self.moved)


# --- the whole ----------------------------------------------------------------------------------------


def compare(old: InstrumentSpec, new: InstrumentSpec, form: str) -> Comparison:
    """What schools of *form* are asked in *old* beside what they are asked in *new*."""
    before, after = old.asked(form), new.asked(form)
    gone = {code: item for code, item in before.items() if code not in after}
    fresh = {code: item for code, item in after.items() if code not in before}
    pairs = [(before[code], item) for code, item in after.items() if code in before]
    by_texts = {_texts(item): item for item in gone.values() if item.answerable}
    for code, item in list(fresh.items()):
        twin = by_texts.pop(_texts(item), None) if item.answerable else None
        if twin is not None:
            pairs.append((twin, item))
            del gone[twin.code], fresh[code]
    places, order = ({code: place for place, code in enumerate(asked)} for asked in (before, after))
    pairs.sort(key=lambda pair: order[pair[1].code])
    steady = _longest_rise([places[was.code] for was, _ in pairs])
    changes = [
        ItemChange(
            was,
            item,
            tuple(_differences(_fields(was), _fields(item))),
            moved=was.code != item.code or was.subindicator != item.subindicator or places[was.code] not in steady,
        )
        for was, item in pairs
    ]
    return Comparison(
        header=tuple(_differences(_header(old), _header(new))),
        parts=tuple(_differences(_parts(old, form), _parts(new, form))),
        added=tuple(fresh.values()),
        removed=tuple(gone.values()),
        changed=tuple(change for change in changes if change.fields),
        moved=tuple(change for change in changes if change.moved and not change.fields),
        unchanged=tuple(change.new for change in changes if not (change.fields or change.moved)),
    )


def _longest_rise(places: list[int]) -> set[int]:
    """The most numbers that can stay where they are while the others move around them."""
    tails: list[int] = []
    ends: list[list[int]] = []
    for place in places:
        at = bisect_left(tails, place)
        way = [*(ends[at - 1] if at else []), place]
        tails[at : at + 1], ends[at : at + 1] = [place], [way]
    return set(ends[-1]) if ends else set()


def _differences(old: dict[str, str], new: dict[str, str]) -> Iterator[FieldChange]:
    for name in dict.fromkeys([*new, *old]):
        was, now = old.get(name, ""), new.get(name, "")
        if was != now:
            yield FieldChange(name, was, now)


# --- as text ------------------------------------------------------------------------------------------


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(texts)


def _fields(item: ItemSpec) -> dict[str, str]:
    """Everything of a question but its code, place and forms, by the name that the page gives it."""
    fields = {"Pertanyaan": item.question, "Jenis": naming.KINDS[item.kind]}
    fields |= {naming.level_name(item, level): text for level, text in sorted(item.levels.items(), reverse=True)}
    fields |= {f"Hal {point.code}": point.text + (" (wajib)" if point.must else "") for point in item.points or ()}
    if item.ratio:
        fields |= {"Yang dihitung": item.ratio.count, "Dari": item.ratio.of, "Letak angkanya": item.ratio.where}
        fields["Satuan"] = item.ratio.unit
    fields |= {f"Batas level {level}": str(bound) for level, bound in sorted((item.bands or {}).items(), reverse=True)}
    return fields | {
        "Bobot": str(item.weight),
        "Nilai tertinggi tanpa hal wajib": "" if item.cap is None else str(item.cap),
        "Kurun waktu": item.window,
        "Dijawab oleh": naming.answerers(item),
        "Tidak dijawab oleh": ", ".join(naming.ANSWERERS[who] for who in item.not_by),
        "Cara mengumpulkan": naming.gathered(item),
        "Narasumber": _lines(item.informants),
        "Alasan tidak berlaku": _lines(f"{reason.code}: {reason.text}" for reason in item.na),
        "Contoh bukti dukung": _lines(item.evidence),
        "Petunjuk": item.help,
        "Dimensi": naming.DIMENSIONS[item.dimension] if item.dimension else "",
        "Kelompok": item.group or "",
        "Dasar hukum": _lines(item.basis),
        "Asal teks": naming.ORIGINS[item.status] if item.status else "",
        "Catatan": item.note,
        "Standar SNP terkait": ", ".join(item.snp),
        "Asal pemetaan": naming.ORIGINS[item.mapping_origin] if item.mapping_origin else "",
        "Sumber": item.source,
    }


def _texts(item: ItemSpec) -> tuple[str, ...]:
    return tuple(_fields(item).values())


def _header(spec: InstrumentSpec) -> dict[str, str]:
    labels = spec.labels
    fields = {
        "Judul": spec.title,
        "Catatan": spec.note,
        "Sumber": spec.source,
        "Bentuk pendidikan": ", ".join(spec.forms),
        "Sebutan bagian": ", ".join((labels.standard, labels.indicator, labels.subindicator, labels.item)),
        "Cakupan": _lines(f"{scope.name}: {scope.about}" for scope in spec.scopes),
    }
    if rules := spec.rules:
        fields |= {
            "Nilai level": ", ".join(f"level {level} = {value}" for level, value in sorted(rules.rubric.items())),
            "Skala": f"0 sampai {rules.scale}, {rules.digits} angka di belakang koma",
            "Nilai standar dari": labels.indicator if rules.standard_from == "indicators" else labels.subindicator,
            "Kategori": _lines(
                f"{category.name}: sampai {format_decimal(round_half_up(category.upper))}"
                for category in rules.categories
            ),
            "Sumber aturan": rules.source,
        }
    if spec.scoring:
        fields["Penilaian"] = spec.scoring.note
    return fields


def _parts(spec: InstrumentSpec, form: str) -> dict[str, str]:
    catalogue = spec.catalogue(form)
    return {row.code: row.name for row in catalogue.rows} if catalogue else {}


# --- word by word -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words; ``marked`` when the other text does not have them."""

    text: str
    marked: bool


def mark_words(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces. Joined again they are exactly what was given."""
    before, after = (re.findall(r"\s+|\S+", text) for text in (old, new))
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for pieces, words in ((left, before[i:j]), (right, after[k:m])):
            _add(pieces, "".join(words), marked=tag != "equal")
    return tuple(left), tuple(right)


def _add(pieces: list[Piece], text: str, *, marked: bool) -> None:
    """Append *text*; runs of marked words that only a space parts become one."""
    if not text:
        return
    if marked and len(pieces) > 1 and pieces[-2].marked and pieces[-1].text.isspace():
        text = pieces.pop(-2).text + pieces.pop().text + text
    pieces.append(Piece(text, marked))


@dataclass(frozen=True, slots=True)
class MarkedField:
    """A field of both versions with the words marked that the other one does not have."""

    name: str
    old: tuple[Piece, ...]
    new: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class MarkedItem:
    change: ItemChange
    fields: list[MarkedField]


def marked(fields: Iterable[FieldChange]) -> list[MarkedField]:
    return [MarkedField(one.name, *mark_words(one.old, one.new)) for one in fields]
