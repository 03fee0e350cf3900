"""One form for everything that a scheme takes of a school: how it is drawn, and how what was sent becomes input.

The input is the JSON of ``manage.py score``; ``accreditation.scheme_input`` alone says what is right. Pure: no Django.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from accreditation.catalogue import Context, SchemeData, SchemeItem, contexts_of
from accreditation.scheme_input import NA, read_answers
from accreditation.scoring import InputError
from accreditation.weighted import statements_of

PARTS = ("items", "obtained", "statements", "entry", "contexts", "thresholds")
PREFIXES = ("item-", "context-", "sum-", "statement-", "entry-", "threshold-")
WAY, BY_ITEMS, BY_SUMS = "way", "answers", "obtained"
EMPTY = ("", "Belum diisi")
YES, NO = "ya", "tidak"
SHOWN = 200  # characters of what was typed that a page shows again; nothing longer can be right
_WHOLE = re.compile(r"-?[0-9]{1,9}")

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One field with what stands in it. Without ``choices`` it is a line to type in."""

    name: str
    label: str
    text: str = ""
    choices: Choices = ()
    error: str = ""
    span: str = ""  # of a number: what is possible
    context: Field | None = None  # which of several rubrics the level was read with

    @property
    def id(self) -> str:
        return self.name.replace(".", "-")

    @property
    def options(self) -> Choices:
        """The choices; what was sent and is none of them stays visible as one of its own."""
        known = any(value == self.text for value, _ in self.choices)
        return self.choices if known else (*self.choices, (self.text, self.text[:20]))

    @property
    def shown(self) -> str:
        """What stands in it, in words."""
        return next((label for value, label in self.options if value == self.text), self.text or EMPTY[1])

    @property
    def all(self) -> tuple[Field, ...]:
        return (self, self.context) if self.context else (self,)


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which what stands in the form and other input differ, both in words."""

    field: Field
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields below one heading ("" for none) of a section."""

    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A foldable part of the form."""

    code: str
    title: str
    groups: tuple[FieldGroup, ...]
    note: str = ""
    error: str = ""  # about its fields together

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(field for group in self.groups for field in group.fields)

    @property
    def filled(self) -> int:
        return sum(bool(field.text) for field in self.fields)

    @property
    def every(self) -> tuple[Field, ...]:
        """The fields and their contexts."""
        return tuple(one for field in self.fields for one in field.all)

    @property
    def troubled(self) -> bool:
        return bool(self.error) or any(field.error for field in self.every)

    @property
    def short(self) -> bool:
        """Whether the labels are mere numbers, so that several fields fit beside each other."""
        return all(len(field.label) <= 16 and field.context is None for field in self.fields)


class SchemeForm:
    """The form of one scheme for one form of education that it scores.

    *data* is what was sent (a QueryDict), *initial* input as ``manage.py score`` takes it. A field that was not sent at
    all says nothing about its value: the initial one stays. *parts* chooses among PARTS; what the scheme does not have
    is left out by itself. Fields that are not ours are no business of ours, so a page may add its own.
    """

    def __init__(
        self,
        scheme: SchemeData,
        form: str,
        data: Mapping[str, str] | None = None,
        initial: Mapping[str, Any] | None = None,
        parts: Iterable[str] = PARTS,
    ) -> None:
        self.scheme = scheme
        self.form = form
        self.data = data
        self.parts = frozenset(parts)
        self.layout = scheme.layouts[form]
        self._initial = self._texts_of(initial or {})
        self._errors: dict[str, str] = {}  # by field or section; "" for the whole form

    # --- what stands in the fields ---------------------------------------------------------------------

    def _texts_of(self, given: Mapping[str, Any]) -> dict[str, str]:
        """The values of the fields for *given* input."""
        aliases = {alias: code for code, alias in self.scheme.spec.aliases.items() if code in self.layout.items}
        texts = {WAY: BY_SUMS if given.get("obtained") else BY_ITEMS}
        for code, value in ((given.get("answers") or {}) | (given.get("levels") or {})).items():
            item = aliases.get(code, code)
            if isinstance(value, Mapping):
                texts[f"context-{item}"] = str(value.get("context") or "")
                value = value.get("level")
            texts[f"item-{item}"] = "" if value is None else str(value)
        for code, value in (given.get("obtained") or {}).items():
            texts[f"sum-{code}"] = "" if value is None else str(value)
        index = self.scheme.spec.index
        for place, value in enumerate((index and given.get(index.code)) or [], start=1):
            texts[f"statement-{place}"] = "" if value is None else str(value)
        for code, value in (given.get("ipm") or {}).items():
            texts[f"entry-{code}"] = {True: YES, False: NO}.get(value, "")
        for letter, value in (given.get("thresholds") or {}).items():
            texts[f"threshold-{letter}"] = "" if value is None else str(value).replace(".", ",")
        return texts

    def _text(self, name: str) -> str:
        text = self._initial.get(name, "")
        return text if self.data is None else self.data.get(name, text).strip()

    @property
    def both_ways(self) -> bool:
        """Whether the person chooses between items and sums."""
        return self.scheme.spec.scale.letters is not None and {"items", "obtained"} <= self.parts

    @property
    def way(self) -> str:
        """BY_ITEMS or BY_SUMS: what counts; the fields of the other way keep what was typed, and do not count."""
        if self.both_ways:
            return BY_SUMS if self._text(WAY) == BY_SUMS else BY_ITEMS
        return BY_ITEMS if "items" in self.parts else BY_SUMS

    @property
    def _contexts(self) -> dict[str, Context]:
        return contexts_of(self.scheme.spec, self.form) if "contexts" in self.parts else {}

    # --- input ------------------------------------------------------------------------------------------

    def to_input(self) -> dict[str, Any]:
        """What is filled in, as ``manage.py score`` takes it; {} when nothing is."""
        return self._input(self._names)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """The fields that count."""
        spec, names = self.scheme.spec, []
        if "items" in self.parts and self.way == BY_ITEMS:
            names += [f"item-{code}" for code in self.layout.items]
        if self._has_sums and self.way == BY_SUMS:
            names += [f"sum-{code}" for code in self.layout.by_code]
        names += [f"context-{code}" for code in self._contexts]
        if spec.index is not None and "statements" in self.parts:
            names += [f"statement-{place}" for place in range(1, statements_of(spec.index, self.form) + 1)]
        if spec.entry is not None and "entry" in self.parts:
            names += [f"entry-{question.code}" for question in spec.entry.questions]
        if spec.thresholds is not None and "thresholds" in self.parts:
            names += [f"threshold-{letter}" for letter in spec.thresholds.letters]
        return tuple(names)

    @property
    def _has_sums(self) -> bool:
        return self.scheme.spec.scale.letters is not None and "obtained" in self.parts

    def _input(self, names: Iterable[str]) -> dict[str, Any]:
        """The input of these fields alone."""
        spec = self.scheme.spec
        found: dict[str, Any] = {}
        for name in names:
            text = self._text(name)
            if not text:
                continue
            prefix, _, code = name.partition("-")
            if prefix == "item":
                level = text if spec.scale.letters or text == NA else _number(text)
                found.setdefault("answers" if spec.scale.letters else "levels", {})[code] = level
            elif prefix == "context":
                levels = found.setdefault("levels", {})
                levels[code] = {"level": levels.get(code), "context": text}
            elif prefix == "sum":
                found.setdefault("obtained", {})[code] = _number(text)
            elif prefix == "statement" and spec.index is not None:
                empty = [None] * statements_of(spec.index, self.form)
                found.setdefault(spec.index.code, empty)[int(code) - 1] = _number(text)
            elif prefix == "entry":
                found.setdefault("ipm", {})[code] = {YES: True, NO: False}.get(text, text)
            else:
                found.setdefault("thresholds", {})[code] = text.replace(",", ".")
        return found

    # --- checking ---------------------------------------------------------------------------------------

    def is_valid(self) -> bool:
        """Whether what was sent can be read; an empty form can."""
        self._errors = dict(self._strangers())
        self.__dict__.pop("sections", None)
        if self.both_ways and self._text(WAY) not in (BY_ITEMS, BY_SUMS):
            self._errors[WAY] = "Pilih salah satu cara mengisi."
        if self._fault(self._names):
            alone = {name: self._fault([name]) for name in self._names}
            self._errors |= {name: fault for name, fault in alone.items() if fault}
            if not any(alone.values()):  # only together they are wrong
                together = [name for name in self._names if name.startswith("threshold-")]
                fault = self._fault(together)
                self._errors["thresholds" if fault else ""] = fault or self._fault(self._names)
        return not self._errors

    def add_error(self, message: str, name: str = "") -> None:
        """A message about a field, or about the whole form."""
        self._errors[name] = message
        self.__dict__.pop("sections", None)

    def _fault(self, names: Iterable[str]) -> str:
        """What is wrong with these fields, without the code that the field itself shows; "" when nothing is."""
        given = self._input(names)
        if not given:
            return ""
        try:
            read_answers(self.scheme, self.form, given)
        except InputError as error:
            message = str(error).split(": ", 1)[-1]
            return message[:1].upper() + message[1:]
        return ""

    def _strangers(self) -> Iterable[tuple[str, str]]:
        """Fields of another scheme or form of education, or made up: nothing may be dropped in silence."""
        known = {field.name for section in self._drawn() for field in section.every}
        sent = [name for name in self.data or () if name.startswith(PREFIXES) and name not in known]
        if sent:
            yield (
                "",
                f"Ada isian yang tidak dikenal {self.scheme.spec.title} untuk {self.form}: {sent[0][:40]}. "
                "Muat ulang halaman ini, lalu isi lagi.",
            )

    # --- drawing ----------------------------------------------------------------------------------------

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """All parts of the form, in reading order; both ways of filling in stand in it."""
        return tuple(self._drawn())

    @property
    def by_items(self) -> list[Section]:
        """The sections that the way of filling in hides and shows: one for each component."""
        return [section for section in self.sections if section.code.startswith("component-")]

    @property
    def by_sums(self) -> list[Section]:
        return [section for section in self.sections if section.code == "obtained"]

    @property
    def beside(self) -> list[Section]:
        return [s for s in self.sections if s not in self.by_items and s not in self.by_sums]

    @property
    def beside_open(self) -> bool:
        """Whether the other sections are open from the start: when the form is no longer than that."""
        return not self.by_items and not self.by_sums

    @property
    def filled_sections(self) -> list[Section]:
        return [section for section in self.sections if any(field.text for field in section.every)]

    @property
    def problem(self) -> str:
        """What is wrong with the form as a whole; "" when nothing is."""
        return self._errors.get("", "")

    @property
    def wrong(self) -> bool:
        """Whether there is any message."""
        return bool(self._errors)

    @property
    def way_error(self) -> str:
        return self._errors.get(WAY, "")

    @property
    def troubled(self) -> tuple[Field, ...]:
        """The fields with a message, for the links on top of the page."""
        return tuple(field for section in self.sections for field in section.every if field.error)

    def differences(self, other: Mapping[str, Any]) -> list[Difference]:
        """Where *other* input differs from what stands here, field by field."""
        there = SchemeForm(self.scheme, self.form, initial=other, parts=self.parts)
        pairs = zip(self.sections, there.sections, strict=True)
        both = [(a, b) for one, two in pairs for a, b in zip(one.every, two.every, strict=True)]
        return [Difference(a, a.shown, b.shown) for a, b in both if a.text != b.text]

    def _drawn(self) -> Iterable[Section]:
        spec = self.scheme.spec
        if "items" in self.parts:
            yield from (self._component(code) for code in self.layout.by_code)
        if self._has_sums:
            fields = tuple(
                self._field(f"sum-{c.code}", c.name, span=f"0 sampai {spec.scale.highest * c.item_weights}")
                for c in self.layout.components
            )
            note = "Jumlah skor jawaban (A = 4 sampai E = 0) kali bobot butir, per standar. Kosongkan yang belum ada."
            yield Section("obtained", "Jumlah skor tertimbang per standar", (FieldGroup("", fields),), note)
        if spec.index is not None and "statements" in self.parts:
            count, levels = statements_of(spec.index, self.form), range(spec.index.highest, 0, -1)
            choices = (EMPTY, *((str(level), str(level)) for level in levels))
            fields = tuple(self._field(f"statement-{n}", f"Pernyataan {n}", choices) for n in range(1, count + 1))
            yield Section("statements", spec.index.name, (FieldGroup("", fields),), spec.index.note)
        if spec.entry is not None and "entry" in self.parts:
            choices = (EMPTY, (YES, "Ya"), (NO, "Tidak"))
            fields = tuple(self._field(f"entry-{q.code}", q.text, choices) for q in spec.entry.questions)
            note = "Syarat sebelum visitasi; tidak ikut dalam nilai."
            yield Section("entry", spec.entry.title, (FieldGroup("", fields),), note)
        if self._contexts and "items" not in self.parts:
            fields = tuple(self._context(code) for code in self._contexts)
            yield Section(
                "contexts", f"Rubrik {spec.labels.item} yang punya lebih dari satu", (FieldGroup("", fields),)
            )
        if spec.thresholds is not None and "thresholds" in self.parts:
            span = f"{spec.scale.lowest} sampai {spec.scale.highest}, boleh dengan koma"
            fields = tuple(
                self._field(f"threshold-{letter}", f"{letter} mulai rata-rata", span=span)
                for letter in spec.thresholds.letters
            )
            group = (FieldGroup("", fields),)
            title = "Ambang huruf buatan sendiri"
            yield Section("thresholds", title, group, spec.thresholds.note, self._errors.get("thresholds", ""))

    def _component(self, code: str) -> Section:
        component, spec = self.layout.by_code[code], self.scheme.spec
        names = {
            group.code: f"{spec.labels.group.capitalize()} {group.code} {group.name}" for group in self.layout.groups
        }
        groups: dict[str, list[Field]] = {}
        for item in component.items:
            groups.setdefault(names.get(item.group, ""), []).append(self._item(item))
        numbered = f"{code} {component.name}" if component.weight is None else component.name
        drawn = tuple(FieldGroup(title, tuple(fields)) for title, fields in groups.items())
        return Section(f"component-{code}", numbered, drawn)

    def _item(self, item: SchemeItem) -> Field:
        name = f"{item.code} {item.name}" if item.name else f"{self.scheme.spec.labels.item.capitalize()} {item.code}"
        choices = self._levels_na if item.na else self._levels
        context = self._context(item.code) if item.code in self._contexts else None
        return self._field(f"item-{item.code}", name, choices, context=context)

    @cached_property
    def _levels(self) -> Choices:
        scale = self.scheme.spec.scale
        plain = not scale.letters and not scale.names
        return (
            EMPTY,
            *(
                (
                    scale.letters[level] if scale.letters else str(level),
                    ("Level " if plain else "") + scale.shown(level),
                )
                for level in reversed(scale.levels)
            ),
        )

    @cached_property
    def _levels_na(self) -> Choices:
        return (*self._levels, (NA, "Tidak berlaku"))

    def _context(self, code: str) -> Field:
        choices = (EMPTY, *((option.code, option.text) for option in self._contexts[code].options))
        label = f"Rubrik yang dipakai untuk {code}"
        if "items" not in self.parts:  # the item itself does not stand beside it
            label += f" {self.layout.items[code].name}"
        return self._field(f"context-{code}", label, choices)

    def _field(
        self, name: str, label: str, choices: Choices = (), *, span: str = "", context: Field | None = None
    ) -> Field:
        return Field(name, label, self._text(name)[:SHOWN], choices, self._errors.get(name, ""), span, context)


def _number(text: str) -> int | str:
    """A whole number; anything else stays as it was typed, so that the message can show it."""
    return int(text) if _WHOLE.fullmatch(text) else text
