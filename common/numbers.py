"""Whole numbers as people here type them."""

from __future__ import annotations

import re

_WHOLE = re.compile(r"\d{1,3}(\.\d{3})+|\d+", re.ASCII)


def parse_whole(text: str, largest: int) -> int | None:
    """``1250000`` or ``1.250.000``, with or without ``Rp``; None for an empty text.

    Raises ValueError with a message in Indonesian for anything else, and for a number outside 0..*largest*.
    """
    text = re.sub(r"^rp\.?|\s", "", text.strip(), flags=re.IGNORECASE)
    if not text:
        return None
    if text.startswith("-"):
        raise ValueError("Angka ini tidak boleh kurang dari 0.")
    if not _WHOLE.fullmatch(text):
        raise ValueError("Tulis bilangan bulat, misalnya 45 atau 1.250.000.")
    digits = text.replace(".", "").lstrip("0") or "0"
    # Compared as text first: a number of thousands of digits must not be converted at all.
    if len(digits) > len(str(largest)) or int(digits) > largest:
        raise ValueError("Angka ini terlalu besar. Periksa jumlah nolnya.")
    return int(digits)
