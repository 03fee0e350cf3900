"""Texts as people send them, fit to be stored."""

from __future__ import annotations

_UNSTORABLE = dict.fromkeys([0, *range(0xD800, 0xE000)])


def clean_text(text: str) -> str:
    """*text* without surrounding space and without signs that no database stores (NUL, lone surrogates).

    A line break is one sign, as the browser counts it.
    """
    return text.translate(_UNSTORABLE).replace("\r\n", "\n").strip()
