"""The words in which a form of education reads the questions.

The texts of instruments are written once, with the words of schools. A table per naungan (data/wording.yaml) says what
stands there for the forms that use other words; the titles of people, papers and systems come from schools.words. What
is published stays as it was written: only the reading changes.

Pure: knows neither Django nor the database.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field, RootModel

from common.yamlfile import DataFileError, Document, Problem, parse, read_yaml
from schools.words import Words, words_for
from standards.catalogue import DATA_DIR
from standards.items import Form, Frozen, ItemSpec, Text

WORDING_FILE = DATA_DIR / "wording.yaml"
WRITTEN_FOR = "KEMENDIKDASMEN"  # the naungan whose words the texts are written with


class Term(Frozen):
    """``written`` in a text is read as ``read``. Small letters stand for capitals too, capitals for themselves."""

    written: Text
    read: Text


class Table(Frozen):
    """What the forms of one naungan read; ``keep`` are phrases in which nothing is replaced."""

    forms: tuple[Form, ...] = Field(min_length=1)
    keep: tuple[Text, ...] = ()
    terms: tuple[Term, ...] = ()


class _WordingFile(RootModel[dict[str, Table]]):
    pass


class Wording:
    """One table, ready to read texts with."""

    def __init__(self, terms: Iterable[Term], keep: Iterable[str] = ()) -> None:
        self._terms: dict[str, Term | None] = {term.written.lower(): term for term in terms}
        self._terms |= {phrase.lower(): None for phrase in keep}
        written = [*(term.written for term in self._terms.values() if term), *keep]
        # Of several phrases that begin at the same place the longest is meant.
        choices = "|".join(_matching(phrase) for phrase in sorted(written, key=len, reverse=True))
        self._pattern = re.compile(rf"(?<!\w)(?:{choices})(?!\w)" if choices else r"(?!)")

    def read(self, text: str) -> str:
        """The text in the words of this naungan, with the capitals that it had."""
        return self._pattern.sub(self._replace, text)

    def _replace(self, match: re.Match[str]) -> str:
        found = match.group()
        term = self._terms[found.lower()]
        return found if term is None else _with_capitals_of(found, term)


def _matching(phrase: str) -> str:
    return "".join(f"[{one}{one.upper()}]" if one.islower() else re.escape(one) for one in phrase)


def _with_capitals_of(found: str, term: Term) -> str:
    """What is read for *found*; capitals that the table writes stay, the others follow the text."""
    read = term.read
    if read.islower() and found.isupper():
        return read.upper()
    if read.islower() and found.istitle() and re.search(r"\W", found):
        return read.title()
    begins = term.written[0].islower() and found[0].isupper()
    return read[0].upper() + read[1:] if begins else read


def _plain(title: str) -> str:
    """A title as it stands inside a sentence; abbreviations keep their capitals."""
    return title.lower() if title == title.title() else title


def _titles(naungan: str) -> tuple[Term, ...]:
    """What the people, papers and systems of schools are called there, where the name differs."""
    ours, theirs = words_for(WRITTEN_FOR), words_for(naungan)
    pairs = ((_plain(getattr(ours, name)), _plain(getattr(theirs, name))) for name in Words.model_fields)
    return tuple(Term(written=written, read=read) for written, read in pairs if written != read)


def _check_table(document: Document, naungan: str, table: Table) -> Iterator[Problem]:
    times = Counter(phrase.lower() for phrase in (*table.keep, *(term.written for term in table.terms)))
    for index, term in enumerate(table.terms):
        if times[term.written.lower()] > 1:
            yield document.problem((naungan, "terms", index, "written"), f"“{term.written}” tertulis dua kali")
        if term.written == term.read:
            yield document.problem((naungan, "terms", index, "read"), f"“{term.read}” tidak mengubah apa pun")
    without_keep = Wording((*_titles(naungan), *table.terms))
    for index, phrase in enumerate(table.keep):
        if without_keep.read(phrase) == phrase:
            yield document.problem((naungan, "keep", index), f"“{phrase}” tidak memuat istilah yang diganti")


def load_wording(path: Path = WORDING_FILE) -> dict[str, Wording]:
    """The wording of each form of education that stands in the file.

    Raises DataFileError with every problem: an unknown naungan, a form in two tables, a phrase that stands twice,
    a term that changes nothing, a kept phrase that no term would touch.
    """
    document = read_yaml(path)
    problems: list[Problem] = []
    tables_of: dict[str, str] = {}
    found: dict[str, Wording] = {}
    for naungan, table in parse(document, _WordingFile).root.items():
        try:
            titles = _titles(naungan)
        except KeyError:
            problems.append(document.problem((naungan,), "naungan ini tidak ada dalam schools/data/words.yaml"))
            continue
        problems += _check_table(document, naungan, table)
        for index, form in enumerate(table.forms):
            if form in tables_of:
                problems.append(document.problem((naungan, "forms", index), f"{form} sudah ada di {tables_of[form]}"))
            tables_of[form] = naungan
        found |= dict.fromkeys(table.forms, Wording((*titles, *table.terms), table.keep))
    if problems:
        raise DataFileError(problems)
    return found


@cache
def _wordings() -> dict[str, Wording]:
    return load_wording()


def read_as(text: str, form: str) -> str:
    """The text as schools of *form* read it."""
    wording = _wordings().get(form)
    return wording.read(text) if wording else text


def worded(item: ItemSpec, form: str) -> ItemSpec:
    """The question as schools of *form* read it: a copy, or the very item where no word of it changes.

    Codes, figures and what is said about the source (``note``, ``source``, ``basis``) stay as they are.
    """
    if form not in _wordings():
        return item
    changes: dict[str, Any] = {
        "window": read_as(item.window, form),
        "question": read_as(item.question, form),
        "help": read_as(item.help, form),
        "informants": tuple(read_as(text, form) for text in item.informants),
        "evidence": tuple(read_as(text, form) for text in item.evidence),
        "levels": {level: read_as(text, form) for level, text in item.levels.items()},
        "na": tuple(reason.model_copy(update={"text": read_as(reason.text, form)}) for reason in item.na),
    }
    if item.points is not None:
        changes["points"] = tuple(point.model_copy(update={"text": read_as(point.text, form)}) for point in item.points)
    if item.ratio is not None:
        texts = item.ratio.model_dump()
        changes["ratio"] = item.ratio.model_copy(update={name: read_as(text, form) for name, text in texts.items()})
    changes = {name: value for name, value in changes.items() if value != getattr(item, name)}
    return item.model_copy(update=changes) if changes else item
