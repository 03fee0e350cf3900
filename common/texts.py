"""Texts as people send them, fit to be stored."""

from __future__ import annotations

_UNSTORABLE = dict.fromkeys([0, *range(0xD800, 0xE000)])


def clean_text(text: str) -> str:
    """*text* without surrounding space and without signs that no database stores (NUL, lone surrogates).

    A line break is one sign, as the browser counts it.
    """
    return text.translate(_UNSTORABLE).replace("\r\n", "\n").strip()


# What spreadsheets and word processors leave in a text without showing it.
_INVISIBLE = {
    **dict.fromkeys([0xA0, 0x2007, 0x202F], " "),  # spaces at which no line breaks
    **dict.fromkeys([0x0B, 0x0D, 0x85, 0x2028, 0x2029], "\n"),
    **dict.fromkeys([0x200B, 0x2060, 0xFEFF]),  # signs without width
}
_CONTROL = dict.fromkeys({*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF} - {0x09, 0x0A})


def visible_text(text: str) -> str:
    """*text* with plain spaces and line breaks only, without signs of no width, and without space around it."""
    return text.replace("\r\n", "\n").translate(_INVISIBLE).strip()


def without_control(text: str) -> str:
    """*text* without control characters and without signs that XML or a database cannot hold; tabs and lines stay."""
    return text.translate(_CONTROL)


def plain_text(text: str) -> str:
    """What is left of a text after a way through a table: every exchanged file spells it like this."""
    return visible_text(without_control(visible_text(text)))
