"""The JSON of one school for a scheme of accreditation, read strictly: every fault names its field. Pure: no Django."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from accreditation.catalogue import Component, Layout, SchemeData, contexts_of
from accreditation.json_input import named, shown
from accreditation.scoring import Answers, InputError, Rating
from accreditation.weighted import statements_of

NA = "NA"
_NUMBER = re.compile(r"[0-9]{1,3}([.,][0-9]{1,9})?")


def read_answers(scheme: SchemeData, form: str, data: Mapping[str, Any]) -> Answers:
    """Check and convert the input. null leaves a code out.

    Raises InputError for unknown keys and codes, values that a code does not take, and a code given twice.
    """
    spec, layout = scheme.spec, scheme.layouts[form]
    allowed = _keys(scheme)
    if unknown := [key for key in data if key not in allowed]:
        raise InputError(f"Kunci {shown(unknown[0])} tidak dikenal; yang dipakai: {', '.join(allowed)}.")
    if not data:
        least = allowed[:2] if spec.scale.letters else allowed[:1]
        raise InputError(f"Masukan kosong: beri {' atau '.join(least)}.")
    if data.get("answers") is not None and data.get("obtained") is not None:
        raise InputError("answers dan obtained: beri salah satu, karena keduanya menyatakan hal yang sama.")
    levels = _object(data, "answers") | _object(data, "levels")
    contexts, levels = _contexts(scheme, form, levels)
    ratings, not_applicable = _ratings(scheme, form, layout, levels)
    return Answers(
        ratings=ratings,
        not_applicable=not_applicable,
        obtained=_obtained(layout, spec.scale.highest, _object(data, "obtained")),
        statements=_statements(scheme, form, data),
        entry=_entry(scheme, _object(data, "ipm")),
        thresholds=_thresholds(scheme, _object(data, "thresholds")),
        contexts=contexts,
    )


def _keys(scheme: SchemeData) -> tuple[str, ...]:
    spec = scheme.spec
    if spec.scale.letters:
        return ("answers", "obtained")
    keys = ["levels"]
    keys += [spec.index.code] if spec.index else []
    keys += ["ipm"] if spec.entry else []
    keys += ["thresholds"] if spec.thresholds else []
    return tuple(keys)


def _object(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InputError(f"{key}: harus objek JSON dengan kode dan nilainya, bukan {shown(value)}.")
    return dict(value)


def _contexts(scheme: SchemeData, form: str, raw: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    """The rubric that was used for items that have several, and all answers without it."""
    contexts, plain = {}, dict(raw)
    for code, context in contexts_of(scheme.spec, form).items():
        if not isinstance(value := raw.get(code), Mapping):
            continue
        options = [option.code for option in context.options]
        if set(value) != {"level", "context"} or value["context"] not in options:
            raise InputError(
                f"levels {code}: tulis level dan context ({' atau '.join(options)}), bukan {shown(value)}."
            )
        contexts[code], plain[code] = value["context"], value["level"]
    return contexts, plain


def _ratings(
    scheme: SchemeData, form: str, layout: Layout, raw: Mapping[str, Any]
) -> tuple[dict[str, Rating], frozenset[str]]:
    spec, key = scheme.spec, _keys(scheme)[0]
    by_alias = {alias: code for code, alias in spec.aliases.items() if code in layout.items}
    ratings: dict[str, Rating] = {}
    not_applicable: set[str] = set()
    for given, value in raw.items():
        code = by_alias.get(given, given)
        item = layout.items.get(code)
        if item is None:
            raise InputError(f"{key} {named(given)}: tidak ada {spec.labels.item} berkode ini untuk {form}.")
        if code in ratings or code in not_applicable:
            raise InputError(f"{key} {given}: diberikan dua kali ({code} dan {spec.aliases[code]} sama).")
        if value is None:
            continue
        if value == NA:
            if not item.na:
                raise InputError(f"{key} {given}: “tidak berlaku” tidak tersedia untuk {spec.labels.item} ini.")
            not_applicable.add(code)
        else:
            ratings[code] = Rating.given(_level(scheme, f"{key} {given}", value))
    return ratings, frozenset(not_applicable)


def _level(scheme: SchemeData, field: str, value: Any) -> int:
    scale = scheme.spec.scale
    if scale.letters:
        by_letter = {letter: level for level, letter in scale.letters.items()}
        if isinstance(value, str) and value in by_letter:
            return by_letter[value]
        raise InputError(f"{field}: harus salah satu dari {', '.join(by_letter)}, bukan {shown(value)}.")
    if type(value) is int and value in scale.levels:
        return value
    raise InputError(
        f"{field}: level harus bilangan bulat {scale.lowest} sampai {scale.highest}, bukan {shown(value)}."
    )


def _obtained(layout: Layout, highest: int, raw: Mapping[str, Any]) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for code, value in raw.items():
        component: Component | None = layout.by_code.get(code)
        if component is None:
            raise InputError(f"obtained {named(code)}: komponen tidak dikenal; yang ada: {', '.join(layout.by_code)}.")
        if value is None:
            continue
        most = highest * component.item_weights
        if type(value) is not int or not 0 <= value <= most:
            raise InputError(
                f"obtained {code}: jumlah skor tertimbang harus bilangan bulat 0 sampai {most}, bukan {shown(value)}."
            )
        found[code] = Fraction(value)
    return found


def _statements(scheme: SchemeData, form: str, data: Mapping[str, Any]) -> tuple[int | None, ...]:
    index = scheme.spec.index
    if index is None or data.get(index.code) is None:
        return ()
    raw, count = data[index.code], statements_of(index, form)
    if isinstance(raw, str) or not isinstance(raw, Sequence):
        raise InputError(f"{index.code}: harus daftar {count} nilai 1 sampai {index.highest}, bukan {shown(raw)}.")
    if len(raw) > count:
        raise InputError(f"{index.code}: {form} memiliki {count} pernyataan, yang diberikan {len(raw)}.")
    for place, value in enumerate(raw, start=1):
        if value is not None and (type(value) is not int or not 1 <= value <= index.highest):
            raise InputError(
                f"{index.code} pernyataan {place}: harus bilangan bulat 1 sampai {index.highest}, bukan {shown(value)}."
            )
    return tuple(raw)


def _entry(scheme: SchemeData, raw: Mapping[str, Any]) -> dict[str, bool]:
    known = [question.code for question in scheme.spec.entry.questions] if scheme.spec.entry else []
    for code, value in raw.items():
        if code not in known:
            raise InputError(f"ipm {named(code)}: tidak dikenal; yang ada: {', '.join(known)}.")
        if value is not None and not isinstance(value, bool):
            raise InputError(f"ipm {code}: harus true atau false, bukan {shown(value)}.")
    return {code: value for code, value in raw.items() if value is not None}


def _thresholds(scheme: SchemeData, raw: Mapping[str, Any]) -> dict[str, Fraction]:
    """Least means by letter, strictly falling from the best letter on."""
    if not raw or scheme.spec.thresholds is None:
        return {}
    letters, scale = scheme.spec.thresholds.letters, scheme.spec.scale
    if unknown := [letter for letter in raw if letter not in letters]:
        raise InputError(f"thresholds {named(unknown[0])}: huruf tidak dikenal; yang ada: {', '.join(letters)}.")
    found: dict[str, Fraction] = {}
    for letter in letters:
        value = raw.get(letter)
        if value is None:
            continue
        number = _number(value)
        if number is None or not scale.lowest <= number <= scale.highest:
            raise InputError(
                f"thresholds {letter}: harus bilangan {scale.lowest} sampai {scale.highest}, bukan {shown(value)}."
            )
        found[letter] = number
    values = list(found.values())
    if values != sorted(set(values), reverse=True):
        raise InputError(f"thresholds: ambang harus menurun dari {letters[0]} ke {letters[-1]}.")
    return found


def _number(value: Any) -> Fraction | None:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return Fraction(value.strip().replace(",", "."))
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and Decimal(value).is_finite():
        return Fraction(value)
    return None
