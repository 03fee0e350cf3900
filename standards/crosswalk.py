"""From the questions of one instrument to the items of another, as data with a reason for every link.

A crosswalk tells a school what its answers suggest about an instrument that it has not answered. It is an estimate and
never a result of that instrument: it gives ranges, says how much of a target a question sees, and names the targets
that no question reaches.

Pure: reads and validates files, knows neither Django nor the database. Every fault is reported with file, line and
field (common.yamlfile.DataFileError). docs/crosswalk.md explains the files.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from pydantic import BeforeValidator, Field, StringConstraints, field_validator

from common.yamlfile import DataFileError, Document, Problem, parse, read_yaml
from standards.catalogue import DRAFT_MARK, Status
from standards.items import ExactFraction, Form, Frozen, Text

Levels = tuple[int, ...]
Name = tuple[str, str]  # instrument and version


# --- what a crosswalk connects ----------------------------------------------------------------------------


class _Item(Protocol):
    @property
    def levels(self) -> Mapping[int, str]: ...


class Version(Protocol):
    """What a crosswalk needs of one version of an instrument (standards.instruments.InstrumentSpec has it)."""

    @property
    def instrument(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def forms(self) -> tuple[Form, ...]: ...
    def asked(self, form: str) -> Mapping[str, _Item]: ...


@dataclass(frozen=True, slots=True)
class Side:
    """One end of a crosswalk: for each form of education the codes, and the levels that each of them can have.

    A code may mean different things in different forms. No levels: the thing has a name, but nothing to answer.
    """

    name: str
    asked: Mapping[str, Mapping[str, Levels]]

    @classmethod
    def of(cls, spec: Version) -> Side:
        asked: dict[str, dict[str, Levels]] = {
            form: {code: tuple(sorted(item.levels)) for code, item in spec.asked(form).items()} for form in spec.forms
        }
        return cls(f"{spec.instrument} {spec.version}", asked)

    def forms(self, code: str) -> tuple[str, ...]:
        """The forms in which this code stands; () for an unknown one."""
        return tuple(form for form, codes in self.asked.items() if code in codes)


# --- the file ---------------------------------------------------------------------------------------------


def _range(value: Any) -> tuple[int, int]:
    if not (isinstance(value, list) and len(value) == 2 and all(type(end) is int for end in value)):
        raise ValueError("harus dua bilangan bulat, terendah dan tertinggi, misalnya [2, 3]")
    low, high = value
    if low > high:
        raise ValueError(f"[{low}, {high}] terbalik; tulis yang terendah dahulu")
    return low, high


Range = Annotated[tuple[int, int], BeforeValidator(_range)]
Forms = Annotated[tuple[Form, ...], Field(min_length=1)]


class Ref(Frozen):
    """One version of an instrument, by its names."""

    instrument: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$", max_length=40)]
    version: Annotated[str, StringConstraints(pattern=r"^\d{4}\.\d{1,3}$")]

    def __str__(self) -> str:
        return f"{self.instrument} {self.version}"


class Aspect(Frozen):
    """A target that is known by its name alone."""

    code: Text
    name: Text
    status: Status
    source: Text
    note: str = ""


class Outside(Frozen):
    """Targets that are no instrument of this application. Without descriptors there is no level to estimate."""

    title: Text
    label: Text
    forms: Forms
    note: str = ""
    targets: tuple[Aspect, ...] = Field(min_length=1)

    @field_validator("targets")
    @classmethod
    def _once(cls, targets: tuple[Aspect, ...]) -> tuple[Aspect, ...]:
        codes = [target.code for target in targets]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"kode tertulis dua kali: {', '.join(twice)}")
        return targets

    def side(self, name: str) -> Side:
        return Side(name, {form: {target.code: () for target in self.targets} for form in self.forms})


class _Link(Frozen):
    source: Text = Field(alias="from")
    target: Text = Field(alias="to")
    forms: Forms | None = None
    origin: Literal["official", "own"]
    weight: ExactFraction
    levels: dict[int, Range] | None = None
    why: Text

    @field_validator("weight")
    @classmethod
    def _weight(cls, weight: Fraction) -> Fraction:
        if not 0 < weight <= 1:
            raise ValueError("bobot harus lebih dari 0 dan paling banyak 1")
        return weight

    @field_validator("levels")
    @classmethod
    def _rising(cls, levels: dict[int, tuple[int, int]] | None) -> dict[int, tuple[int, int]] | None:
        ordered = sorted((levels or {}).items())
        for (lower, (low, high)), (upper, (next_low, next_high)) in pairwise(ordered):
            if next_low < low or next_high < high:
                raise ValueError(f"rentang level {upper} tidak boleh di bawah rentang level {lower}")
        return levels


class _Unreached(Frozen):
    target: Text = Field(alias="to")
    forms: Forms | None = None
    why: Text


class _File(Frozen):
    source: Ref = Field(alias="from")
    target: Ref = Field(alias="to")
    outside: Outside | None = None
    links: tuple[_Link, ...] = Field(min_length=1)
    unreached: tuple[_Unreached, ...]


# --- the crosswalk ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Link:
    """What the answer to one question suggests about one target, in the forms of education for which that holds."""

    source: str
    target: str
    forms: tuple[str, ...]
    origin: Literal["official", "own"]
    weight: Fraction
    levels: Mapping[int, tuple[int, int]]  # level of the question -> lowest and highest level of the target
    why: str


@dataclass(frozen=True, slots=True)
class Unreached:
    """A target about which no question says enough, and why."""

    target: str
    forms: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Crosswalk:
    """All links from one version of an instrument to another, checked against both."""

    source: Ref
    target: Ref
    links: tuple[Link, ...]
    unreached: tuple[Unreached, ...]
    outside: Outside | None = None

    @cached_property
    def _by_source(self) -> dict[tuple[str, str], tuple[Link, ...]]:
        return _index((link.source, form, link) for link in self.links for form in link.forms)

    @cached_property
    def _by_target(self) -> dict[tuple[str, str], tuple[Link, ...]]:
        return _index((link.target, form, link) for link in self.links for form in link.forms)

    @cached_property
    def _reasons(self) -> dict[tuple[str, str], str]:
        return {(entry.target, form): entry.why for entry in self.unreached for form in entry.forms}

    def targets(self, item_code: str, form: str) -> tuple[Link, ...]:
        """Where the question leads in schools of *form*, the heaviest link first; () when nowhere."""
        return self._by_source.get((item_code, form), ())

    def sources(self, target_code: str, form: str) -> tuple[Link, ...]:
        """Which questions see the target in schools of *form*, the heaviest link first; () when none does."""
        return self._by_target.get((target_code, form), ())

    def reason(self, target_code: str, form: str) -> str:
        """Why no question reaches the target in schools of *form*; "" when one does."""
        return self._reasons.get((target_code, form), "")


def _index(entries: Iterable[tuple[str, str, Link]]) -> dict[tuple[str, str], tuple[Link, ...]]:
    found: dict[tuple[str, str], list[Link]] = {}
    for code, form, link in entries:
        found.setdefault((code, form), []).append(link)
    return {key: tuple(sorted(links, key=lambda link: -link.weight)) for key, links in found.items()}


# --- the checks -------------------------------------------------------------------------------------------


def _stand_in(code: str, forms: Iterable[str] | None, side: Side) -> Iterator[str]:
    """What is wrong with naming *code* in *forms* on this side."""
    known = side.forms(code)
    if not known:
        yield f"{code} tidak ada dalam {side.name}"
    elif missing := [form for form in forms or () if form not in known]:
        yield f"{code} tidak ada untuk {', '.join(missing)} dalam {side.name}"


def _common_forms(link: _Link, source: Side, target: Side) -> tuple[str, ...]:
    """The forms of a link: those that it names, or else all in which both ends stand."""
    if link.forms is not None:
        return link.forms
    known = target.forms(link.target)
    return tuple(form for form in source.forms(link.source) if form in known)


def _check_levels(link: _Link, forms: tuple[str, ...], source: Side, target: Side, outside: bool) -> Iterator[str]:
    if outside:
        if link.levels is not None:
            yield f"levels tidak dipakai: {link.target} tidak punya level"
        return
    if link.levels is None:
        yield "levels wajib diisi"
        return
    for form in forms:
        scale = target.asked[form][link.target]
        wanted = source.asked[form][link.source]
        if not scale:
            yield f"{link.target} belum dapat dijawab; tulislah di unreached"
        elif set(link.levels) != set(wanted):
            yield f"levels harus memuat tepat {', '.join(map(str, wanted))}, yaitu level pertanyaan {link.source}"
        elif any(not scale[0] <= end <= scale[-1] for ends in link.levels.values() for end in ends):
            yield f"rentang harus di antara {scale[0]} dan {scale[-1]}, yaitu level {link.target}"
        else:
            continue
        return  # the same fault in every form is one fault


def _check_links(document: Document, content: _File, source: Side, target: Side) -> Iterator[Problem]:
    seen: dict[tuple[str, str, str], int] = {}
    for index, link in enumerate(content.links):
        place: tuple[Any, ...] = ("links", index)
        faults = [((*place, "from"), message) for message in _stand_in(link.source, link.forms, source)]
        faults += [((*place, "to"), message) for message in _stand_in(link.target, link.forms, target)]
        if not faults:
            forms = _common_forms(link, source, target)
            if not forms:
                message = f"{link.source} dan {link.target} tidak pernah ada pada bentuk pendidikan yang sama"
                faults.append((place, message))
            for message in _check_levels(link, forms, source, target, content.outside is not None):
                faults.append(((*place, "levels"), message))
            line = document.line(place)
            first = next((seen[key] for form in forms if (key := (link.source, link.target, form)) in seen), None)
            if first is not None:
                faults.append((place, f"tautan {link.source} ke {link.target} sudah ada di baris {first}"))
            seen |= {(link.source, link.target, form): line for form in forms}
        for where, message in faults:
            yield document.problem(where, message)


def _check_whole(document: Document, content: _File, source: Side, target: Side) -> Iterator[Problem]:
    """Every target, in every form of education, is reached or has a reason, and never both."""
    reached = {(link.target, form) for link in content.links for form in _common_forms(link, source, target)}
    listed: set[tuple[str, str]] = set()
    for index, entry in enumerate(content.unreached):
        place = ("unreached", index, "to")
        faults = list(_stand_in(entry.target, entry.forms, target))
        forms = entry.forms or target.forms(entry.target)
        if both := [form for form in forms if (entry.target, form) in reached]:
            faults.append(f"{entry.target} sudah dijangkau sebuah tautan di {', '.join(both)}; hapus salah satunya")
        if twice := [form for form in forms if (entry.target, form) in listed]:
            faults.append(f"{entry.target} sudah tertulis untuk {', '.join(twice)}")
        listed |= {(entry.target, form) for form in forms}
        for message in faults:
            yield document.problem(place, message)
    open_forms: dict[str, list[str]] = {}
    for form, codes in target.asked.items():
        for code in codes:
            if (code, form) not in reached | listed:
                open_forms.setdefault(code, []).append(form)
    for code, missing in open_forms.items():
        message = f"{code} di {', '.join(missing)} belum dijangkau; buat tautan atau tulis di sini beserta alasannya"
        yield document.problem(("unreached",), message)


# --- reading ----------------------------------------------------------------------------------------------


def load_crosswalk(path: Path, versions: Mapping[Name, Side], drafts: Collection[Name] = ()) -> Crosswalk | None:
    """Read one file and check it against both ends, which are found among *versions*.

    None when one end is among the *drafts*: the crosswalk waits for it. Raises DataFileError with every problem.
    """
    document = read_yaml(path)
    content = parse(document, _File)
    problems: list[Problem] = []
    ends: dict[str, Side] = {}
    for field, ref in (("from", content.source), ("to", content.target)):
        name = (ref.instrument, ref.version)
        if name in drafts:
            return None
        if field == "to" and content.outside is not None:
            if name in versions:
                problems.append(document.problem(("outside",), f"tidak dipakai: {ref} adalah instrumen di sini"))
            ends[field] = content.outside.side(str(ref))
        elif name in versions:
            ends[field] = versions[name]
        else:
            problems.append(document.problem((field,), f"{ref} tidak ada di antara instrumen"))
    if path.stem != content.target.instrument:
        problems.append(document.problem(("to", "instrument"), f"tidak cocok dengan nama berkas {path.name}"))
    if path.parent.name != f"{content.source.instrument}-{content.source.version}":
        problems.append(document.problem(("from",), f"tidak cocok dengan folder {path.parent.name}"))
    if not problems:
        problems += _check_links(document, content, ends["from"], ends["to"])
    if not problems:  # a link that cannot be used would make its target look unreached
        problems += _check_whole(document, content, ends["from"], ends["to"])
    if problems:
        raise DataFileError(problems)
    source, target = ends["from"], ends["to"]
    return Crosswalk(
        content.source,
        content.target,
        tuple(
            Link(
                link.source,
                link.target,
                _common_forms(link, source, target),
                link.origin,
                link.weight,
                link.levels or {},
                link.why,
            )
            for link in content.links
        ),
        tuple(
            Unreached(entry.target, entry.forms or target.forms(entry.target), entry.why) for entry in content.unreached
        ),
        content.outside,
    )


def load_crosswalks(folder: Path, versions: Iterable[Version], drafts: Collection[Name] = ()) -> tuple[Crosswalk, ...]:
    """Read all crosswalks, one folder per version and one file per target: eds-snp-2026.1/ia-2024.yaml.

    Raises DataFileError with every problem of all files.
    """
    sides = {(spec.instrument, spec.version): Side.of(spec) for spec in versions}
    problems = [
        Problem(f"{folder.name}/{path.name}", 0, "", "bukan folder; peta ditulis dalam <instrumen>-<versi>/")
        for path in sorted(folder.glob("*"))
        if not path.is_dir() and not path.name.startswith(".") and not path.name.endswith("~")
    ]
    found: list[Crosswalk] = []
    for path in sorted(folder.glob("*/*")):
        if (path.parent / DRAFT_MARK).exists() or path.name.startswith(".") or path.name.endswith("~"):
            continue
        shown = f"{folder.name}/{path.parent.name}"
        if path.suffix != ".yaml":
            problems.append(Problem(f"{shown}/{path.name}", 0, "", "nama berkas tidak dikenal; di sini hanya *.yaml"))
            continue
        try:
            crosswalk = load_crosswalk(path, sides, drafts)
        except DataFileError as error:
            problems += [Problem(f"{shown}/{p.file}", p.line, p.field, p.message) for p in error.problems]
        else:
            found += [crosswalk] if crosswalk else []
    if problems:
        raise DataFileError(problems)
    return tuple(found)
