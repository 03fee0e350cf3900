"""Instruments of schools and offices: own questions below the parts of the SNP, and what they must obey.

Own questions never enter the national profile; their results are shown as levels beside it. An own instrument
therefore has no rules of scoring (``scoring.status: levels``): a rubric is a level already, a ratio and a checklist
read as one by their bands. Codes say where a question hangs and cannot be those of national questions: "7.2.s1" below
indicator 7.2, "8.2.1.s2" below subindicator 8.2.1. The order is that of the author.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import Field, ValidationError

from common.formats import format_decimal
from common.texts import plain_text
from common.yamlfile import faults
from standards.catalogue import Catalogue
from standards.instruments import About, InstrumentSpec, Labels, Scoring
from standards.items import LEVELS, OWN_ITEM_CODE, ItemSpec

MAX_ITEMS = 200
MAX_TEXT = 3000  # signs of one text
MAX_TOGETHER = 15_000  # signs of a list that a table holds in one cell; written with escapes it may double
MAX_LIST = 40  # entries of one list, fields of one question
SCORING = Scoring(
    status="levels",
    note="Pertanyaan sendiri ditampilkan sebagai level di samping profil SNP dan tidak dihitung di sana.",
)
LABELS = Labels(standard="standar", indicator="indikator", subindicator="subindikator", item="pertanyaan")
# Of instruments with parts of their own, or of questions whose title is not public.
FOREIGN_FIELDS = ("part", "answerable", "status", "note", "snp", "mapping_origin", "source")

MULTILINE = ("question", "levels", "help", "note", "source")

Place = tuple[int | str, ...]
Fault = tuple[Place, str]


class OwnInstrument(About):
    """The whole of an own instrument as one file holds it; labels are those of the SNP unless it says otherwise."""

    labels: Labels = LABELS
    items: tuple[ItemSpec, ...] = Field(min_length=1)


def tidy(data: Any, *, lines: bool = False) -> Any:
    """*data* with every text as all files of exchange spell it (common.texts.plain_text); MULTILINE ones keep lines."""
    if isinstance(data, str):
        return plain_text(data) if lines else " ".join(plain_text(data).split())
    if isinstance(data, Mapping):
        return {key: tidy(value, lines=lines or key in MULTILINE) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [tidy(value, lines=lines) for value in data]
    return data


def validate(data: object, catalogue: Catalogue, bases: Collection[str]) -> tuple[InstrumentSpec | None, list[Fault]]:
    """The instrument that *data* describes, or every fault with its place; never both, and nothing half."""
    data = tidy(data)
    if crowded := [*_crowded((), data)]:  # the model would name every value of it
        return None, crowded
    found: list[Fault] = []
    own: OwnInstrument | None = None
    try:
        own = OwnInstrument.model_validate(data)
    except ValidationError as error:
        for place, message in faults(error):
            found += _in_place(place, message, data)
    found += _beyond_the_model(data, catalogue, bases)
    if own is None or found:
        return None, found
    fields = {name: getattr(own, name) for name in OwnInstrument.model_fields}
    return InstrumentSpec(**fields, origin="own", scoring=SCORING), []


def item_problems(data: Mapping[str, Any], catalogue: Catalogue, bases: Collection[str]) -> dict[str, list[str]]:
    """What is wrong with one own question, by field ("question", "levels.4", "points.0.text"); {} when nothing is.

    Whether its code is taken, and whether the instrument has its forms, only the whole instrument knows.
    """
    data = tidy(data)
    found: list[Fault] = [*_crowded(("items", 0), data)]
    try:
        ItemSpec.model_validate(data)
    except ValidationError as error:
        for place, message in faults(error):
            found += _in_place(("items", 0, *place), message, {"items": [data]})
    found += _item_faults(0, data, catalogue, bases)
    by_field: dict[str, list[str]] = {}
    for place, message in found:
        by_field.setdefault(".".join(map(str, place[2:])), []).append(message)
    return by_field


def _in_place(place: Place, message: str, data: Any) -> list[Fault]:
    """A fault of a whole question, said at the field that has to change."""
    if len(place) < 2 or place[0] != "items" or not isinstance(data["items"][place[1]], Mapping):
        return [(place, message)]
    place, item, field = place[:2], data["items"][place[1]], place[2:]
    if message.startswith("wajib diisi: "):
        names = message.removeprefix("wajib diisi: ").split(", ")
        return [
            fault
            for name in names
            for fault in (_levels(place, item) if name == "levels" else [((*place, name), "wajib diisi")])
        ]
    if message.startswith("levels harus"):
        return _levels(place, item)
    return [((*place, *field), message)]


def _levels(place: Place, item: Mapping[str, Any]) -> list[Fault]:
    levels = item.get("levels") or ()  # "4.0" is a level to the model, too
    given = {int(level.partition(".")[0] if isinstance(level, str) else level) for level in levels}
    wanted = {1, 4} if item.get("kind") == "yesno" else set(LEVELS)
    missing = [((*place, "levels", level), "wajib diisi") for level in sorted(wanted - given, reverse=True)]
    return missing + [
        ((*place, "levels", level), f"tidak dipakai untuk jenis {item.get('kind')}; kosongkan")
        for level in sorted(given - wanted, reverse=True)
    ]


def _beyond_the_model(data: object, catalogue: Catalogue, bases: Collection[str]) -> Iterator[Fault]:
    """What the model of one question cannot know. Reads raw data, so that it is said together with the rest."""
    if not isinstance(data, Mapping):
        return
    yield from _long((), {key: value for key, value in data.items() if key != "items"})
    forms = data.get("forms")
    items = data.get("items")
    seen: set[str] = set()
    for index, item in enumerate(items if isinstance(items, list) else []):
        if not isinstance(item, Mapping):
            continue
        yield from _item_faults(index, item, catalogue, bases)
        code = item.get("code")
        if isinstance(code, str) and code in seen:
            yield ("items", index, "code"), f"{code} tertulis dua kali"
        seen.add(str(code))
        asked = item.get("forms")
        if isinstance(forms, list) and isinstance(asked, list):
            for form in asked:
                if form not in forms:
                    yield ("items", index, "forms"), f"{form} tidak termasuk instrumen ini"


def _item_faults(index: int, item: Mapping[str, Any], catalogue: Catalogue, bases: Collection[str]) -> Iterator[Fault]:
    place: Place = ("items", index)
    yield from _long(place, item)
    code = item.get("code")
    if isinstance(code, str) and code:
        below = code.rpartition(".")[0]
        if not OWN_ITEM_CODE.fullmatch(code):
            message = (
                f"'{code[:40]}' bukan kode pertanyaan sendiri; contoh 7.2.s1 atau 8.2.1.s2 (kode indikator atau "
                "subindikator, lalu s dan nomor)"
            )
            yield (*place, "code"), message
        elif below not in catalogue.by_code:
            yield (*place, "code"), f"indikator atau subindikator {below} tidak ada dalam katalog"
    for name in FOREIGN_FIELDS:
        if name in item:
            yield (*place, name), "tidak dipakai dalam instrumen sendiri; hapus"
    if item.get("group") == "":
        yield (*place, "group"), "tidak boleh kosong; hapus bila tidak dipakai"
    basis = item.get("basis")
    for number, key in enumerate(basis if isinstance(basis, list | tuple) else []):
        if isinstance(key, str) and key not in bases:
            yield (*place, "basis", number), f"dasar hukum '{key[:40]}' tidak dikenal"


def _crowded(place: Place, value: object) -> Iterator[Fault]:
    """Lists that are longer than anybody fills in."""
    if not isinstance(value, Mapping | list):
        return
    most = MAX_ITEMS if place == ("items",) else MAX_LIST
    if len(value) > most:
        yield place, f"terlalu banyak (paling banyak {most})"
        return
    for key, inside in value.items() if isinstance(value, Mapping) else enumerate(value):
        yield from _crowded((*place, key), inside)


def _long(place: Place, value: object) -> Iterator[Fault]:
    """Texts that are longer than anybody reads."""
    if isinstance(value, str) and len(value) > MAX_TEXT:
        yield place, f"terlalu panjang (paling banyak {MAX_TEXT} tanda)"
    elif isinstance(value, Mapping):
        for key, inside in value.items():
            yield from _long((*place, key), inside)
    elif isinstance(value, list | tuple):
        for number, inside in enumerate(value):
            yield from _long((*place, number), inside)
        if place[-1] != "points" and sum(len(str(inside)) for inside in value) > MAX_TOGETHER:
            yield place, f"terlalu panjang seluruhnya (paling banyak {format_decimal(MAX_TOGETHER)} tanda); ringkaskan"
