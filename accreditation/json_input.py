"""JSON from outside, read strictly: exact numbers, no code twice, and every fault as an InputError."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from accreditation.scoring import InputError

_LONGEST_NUMBER = 40  # digits; no answer of a school is longer, and a longer one must not be converted
_LONGEST_SHOWN = 40  # signs of what was given that a message repeats


def named(code: str) -> str:
    """A code that somebody gave, short and visible enough for a message."""
    visible = "".join(sign if sign.isprintable() else "�" for sign in code[:_LONGEST_SHOWN])
    return f"{visible}…" if len(code) > _LONGEST_SHOWN else visible


def shown(raw: Any) -> str:
    """A value that somebody gave, as JSON, short enough for a message."""
    try:
        text = str(raw) if isinstance(raw, Decimal) else json.dumps(raw, ensure_ascii=False, default=str)
    except RecursionError:  # just shallow enough to be read, and too deep to be written again
        return "isi yang terlalu dalam bersarang"
    return named(text)


# A number that no answer can be becomes a text, which the reader of that very code refuses with its name.


def _whole(text: str) -> int | str:
    return int(text) if len(text) <= _LONGEST_NUMBER else f"{text[:12]}…"


def _decimal(text: str) -> Decimal | str:
    if len(text) > _LONGEST_NUMBER:
        return f"{text[:12]}…"
    try:
        value = Decimal(text)
    except InvalidOperation:  # an exponent that no Decimal holds
        return text
    return value if abs(value.adjusted()) <= _LONGEST_NUMBER else text


def _constant(text: str) -> str:
    return text  # NaN, Infinity


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InputError(f"{named(key)}: diberikan dua kali.")
        found[key] = value
    return found


def parse_json(raw: bytes) -> dict[str, Any]:
    """The JSON object in *raw* (UTF-8), decimals as Decimal. Raises InputError for anything else."""
    try:
        text = raw.decode("utf-8-sig")  # text editors of Windows put a mark in front
    except UnicodeDecodeError:
        raise InputError("Isi berkas bukan teks UTF-8.") from None
    try:
        data = json.loads(
            text, object_pairs_hook=_object, parse_int=_whole, parse_float=_decimal, parse_constant=_constant
        )
    except json.JSONDecodeError as error:
        raise InputError(f"Isi bukan JSON yang benar (baris {error.lineno}, kolom {error.colno}).") from None
    except RecursionError:
        raise InputError("JSON terlalu dalam bersarang.") from None
    if not isinstance(data, dict):
        raise InputError('Isi paling luar harus objek JSON, misalnya {"levels": {"8.1.1": 3}}.')
    return data
