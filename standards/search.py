"""Finding something in the catalogue: every word must occur, capitals and accents do not matter.

Pure: knows neither Django nor the database. What there is to find is gathered in standards.presentation.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

QUERY_LENGTH = 100
QUERY_WORDS = 8
SNIPPET = 200  # signs of a text around what was found
_EDGES = ".,;:!?\"'()[]{}“”‘’«»…"  # not part of a word when they stand at its edge; "8.2.1" keeps its dots

CODE, NAME, QUESTION, REST = range(4)  # where a word was found, the best place first


class QueryError(ValueError):
    """The query is too long; the message says by how much it may be."""


def folded(text: str) -> str:
    """*text* without capitals and accents. One sign may become several, or none."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def words_of(query: str) -> tuple[str, ...]:
    """The different words of a query, ready for :meth:`Index.find`. Raises QueryError when it is too long."""
    if len(query) > QUERY_LENGTH:
        raise QueryError(f"Pencarian paling panjang {QUERY_LENGTH} tanda. Pakailah beberapa kata yang khas saja.")
    clean = "".join(sign if sign.isprintable() else " " for sign in query)
    found = (word.strip(_EDGES) for word in folded(clean).split())
    words = tuple(dict.fromkeys(word for word in found if word))
    if len(words) > QUERY_WORDS:
        raise QueryError(f"Pencarian paling banyak {QUERY_WORDS} kata. Pakailah beberapa kata yang khas saja.")
    return words


@dataclass(frozen=True)
class Entry:
    """Something that can be found. ``texts`` are the rest of it: levels, points, help, notes."""

    kind: str  # what it is, for people: "subindikator", "pertanyaan", "dasar hukum"
    url: str
    code: str
    name: str
    question: str = ""
    texts: tuple[str, ...] = ()
    where: str = ""  # of which instrument, for which forms
    unsure: str = ""  # a mark when the wording was not verified

    @cached_property
    def fields(self) -> tuple[str, str, str, str]:
        """Folded, in the order CODE, NAME, QUESTION, REST."""
        return folded(self.code), folded(self.name), folded(self.question), folded("\n".join(self.texts))

    def rank(self, words: tuple[str, ...]) -> tuple[int, int] | None:
        """How well all *words* fit, the smaller the better; None when one does not occur."""
        places = []
        for word in words:
            place = next((at for at, text in enumerate(self.fields) if word in text), None)
            if place is None:
                return None
            places.append(place)
        exact = 0 if words == (self.fields[CODE],) else 1
        return exact, max(places)


@dataclass(frozen=True)
class Index:
    """Entries in the order in which equally good ones are shown."""

    entries: tuple[Entry, ...] = field(default=())

    def find(self, words: tuple[str, ...]) -> list[Entry]:
        """Entries with all *words*, the best first; none for no words."""
        if not words:
            return []
        found = [(rank, entry) for entry in self.entries if (rank := entry.rank(words)) is not None]
        found.sort(key=lambda one: one[0])  # stable: equally good ones keep their order
        return [entry for _, entry in found]


# --- showing what was found ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """A run of text; ``found`` when it is one of the words."""

    text: str
    found: bool


def highlight(text: str, words: Iterable[str]) -> tuple[Part, ...]:
    """*text* in parts. Joined again they are exactly *text*."""
    origin: list[int] = []  # of every folded sign, the sign of *text* that it comes from
    plain = []
    for at, sign in enumerate(text):
        apart = folded(sign)
        plain.append(apart)
        origin += [at] * len(apart)
    haystack = "".join(plain)
    marked = [False] * len(text)
    for word in words:
        start = haystack.find(word)
        while start != -1:
            first, last = origin[start], origin[start + len(word) - 1]
            marked[first : last + 1] = [True] * (last + 1 - first)
            start = haystack.find(word, start + len(word))
    parts: list[Part] = []
    begin = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or marked[at] != marked[begin]:
            parts.append(Part(text[begin:at], marked[begin]))
            begin = at
    return tuple(parts)


def snippet(entry: Entry, words: tuple[str, ...]) -> str:
    """The text of the rest in which most of the words occur, shortened around the first; "" where none does."""
    best, most = "", 0
    for text in entry.texts:
        plain = folded(text)
        count = sum(word in plain for word in words)
        if count > most:
            best, most = text, count
    if not best:
        return ""
    parts = highlight(best, words)
    before = len(parts[0].text) if not parts[0].found else 0
    start = max(0, min(before - SNIPPET // 3, len(best) - SNIPPET))
    start = best.rfind(" ", 0, start) + 1 if start else 0
    end = start + SNIPPET
    end = len(best) if end >= len(best) else best.rfind(" ", start, end) if " " in best[start + 1 : end] else end
    return ("… " if start else "") + best[start:end] + (" …" if end < len(best) else "")
