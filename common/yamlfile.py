"""Data files with messages that an author can act on: file, line, field, what is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)

# libyaml where PyYAML was built with it (all its wheels are): ten times faster, the same documents.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_DEPTH = 50
MAX_EVENTS = 200_000  # values, beginnings and ends of lists; a large instrument has some 20,000
_ENDLESS = re.compile(
    r"[-+]?\d[0-9A-Fa-fx_:.]{400,}", re.ASCII
)  # numbers that take minutes to read and cannot be written again
_NOT_UTF8 = "bukan UTF-8; simpan ulang berkas ini dengan pengodean UTF-8"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MESSAGES = {
    "missing": "wajib diisi",
    "extra_forbidden": "kolom ini tidak dikenal; periksa ejaannya",
    "string_type": "harus berupa teks (beri tanda kutip)",
    "int_type": "harus bilangan bulat",
    "list_type": "harus berupa daftar",
    "tuple_type": "harus berupa daftar",
    "invalid_key": "nama isian harus berupa teks (beri tanda kutip)",
    "dict_type": "harus berupa pasangan kunci dan nilai",
    "model_type": "harus berupa pasangan kunci dan nilai",
    "bool_type": "harus true atau false",
    "bool_parsing": "harus true atau false",
    "int_parsing": "harus bilangan bulat",
    "int_from_float": "harus bilangan bulat",
    "int_parsing_size": "harus bilangan bulat",
    "finite_number": "harus bilangan bulat",
    "string_too_short": "tidak boleh kosong",
    "string_too_long": "terlalu panjang (paling banyak {max_length} tanda)",
    "string_pattern_mismatch": "bentuknya tidak cocok dengan {pattern}",
    "literal_error": "harus salah satu dari {expected}",
    "too_short": "harus memuat sedikitnya {min_length}",
    "too_long": "terlalu banyak (paling banyak {max_length})",
    "greater_than": "harus lebih dari {gt}",
    "greater_than_equal": "harus sedikitnya {ge}",
    "less_than_equal": "harus paling banyak {le}",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one place. ``line`` counts from 1; 0 when the place is the whole file."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.field}: {self.message}" if self.field else f"{place}: {self.message}"


class DataFileError(Exception):
    """A data file that cannot be used. ``problems`` holds every fault found, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = problems


class FieldError(ValueError):
    """A fault that a check of the whole found, at the field that has to change."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file that still knows on which line each value stands."""

    path: Path
    data: Any
    node: yaml.Node

    def line(self, loc: tuple[Any, ...]) -> int:
        """Line of the value at *loc*, or of its nearest parent that exists."""
        node = self.node
        line = node.start_mark.line + 1
        for step in loc:
            if isinstance(node, yaml.MappingNode):
                found = next(((k, v) for k, v in node.value if k.value == str(step)), None)
                if found is None:
                    continue
                line, node = found[0].start_mark.line + 1, found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
        return line

    def problem(self, loc: tuple[Any, ...], message: str) -> Problem:
        return Problem(self.path.name, self.line(loc), ".".join(str(step) for step in loc), message)


def _duplicates(path: Path, node: yaml.Node, loc: tuple[Any, ...]) -> list[Problem]:
    found: list[Problem] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                place = ".".join(str(step) for step in (*loc, key.value))
                found.append(Problem(path.name, key.start_mark.line + 1, place, "kunci ini tertulis dua kali"))
            seen.add(key.value)
            found += _duplicates(path, value, (*loc, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            found += _duplicates(path, value, (*loc, index))
    return found


def _impossible(path: Path, node: yaml.Node | None) -> list[Problem]:
    found: list[Problem] = []
    if isinstance(node, yaml.ScalarNode):
        try:
            yaml.load(node.value, Loader=_LOADER)  # noqa: S506 - a safe loader, see above
        except ValueError:
            message = f"'{node.value[:40]}' bukan tanggal atau bilangan yang ada; beri tanda kutip bila ini teks"
            found.append(Problem(path.name, node.start_mark.line + 1, "", message))
        except yaml.YAMLError:
            pass  # a quoted text that looks like YAML
    elif isinstance(node, yaml.CollectionNode):
        for part in node.value:
            for child in part if isinstance(part, tuple) else (part,):
                found += _impossible(path, child)
    return found


def _check_events(text: str, path: Path) -> None:
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        if number > MAX_EVENTS:
            raise DataFileError([Problem(path.name, 0, "", "terlalu banyak isi; bagi menjadi beberapa berkas")])
        if isinstance(event, yaml.AliasEvent):
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise DataFileError([Problem(path.name, line, "", "rujukan YAML (* dan &) tidak dipakai di sini")])
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:  # libyaml recurses without a limit of its own and would take the process with it
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise DataFileError([Problem(path.name, line, "", "YAML tidak sah: terlalu banyak tingkat")])
        if isinstance(event, yaml.ScalarEvent) and event.implicit[0] and _ENDLESS.fullmatch(event.value):
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise DataFileError(
                [Problem(path.name, line, "", "bilangan ini terlalu panjang; beri tanda kutip bila teks")]
            )
        if getattr(event, "tag", None):  # !!set, !!binary: values that no JSON and no form has
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise DataFileError([Problem(path.name, line, "", "penanda jenis YAML (!) tidak dipakai di sini")])


def read_bytes(path: Path) -> bytes:
    """What the file holds. Raises DataFileError for a missing or unreadable one."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DataFileError([Problem(path.name, 0, "", "berkas tidak ditemukan")]) from None
    except OSError as error:
        raise DataFileError([Problem(path.name, 0, "", f"tidak dapat dibaca ({error.strerror})")]) from None


def decode(content: bytes, path: Path) -> str:
    """UTF-8 text, with or without the mark that spreadsheets put in front. Raises DataFileError for another encoding
    and for signs that no text has."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataFileError([Problem(path.name, line, "", _NOT_UTF8)]) from None
    if "\x00" in text:  # UTF-16 without its mark
        raise DataFileError([Problem(path.name, 1, "", _NOT_UTF8)])
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        message = f"memuat tanda kendali yang tidak terlihat (U+{ord(found[0]):04X}); hapus, lalu ketik ulang di situ"
        raise DataFileError([Problem(path.name, line, "", message)])
    return text


def read_yaml(path: Path) -> Document:
    """:func:`parse_yaml` for a file. Raises DataFileError, also for a missing or unreadable one."""
    return parse_yaml(read_bytes(path), path)


def parse_yaml(content: bytes, path: Path) -> Document:
    """Parse one UTF-8 YAML document; *path* names it in messages.

    Raises DataFileError for wrong encoding, control characters, broken YAML, an impossible value (a 13th month), an
    empty file, aliases,
    type tags, endless nesting, or a key that stands twice in one mapping.
    """
    text = decode(content, path)
    try:
        _check_events(text, path)
        loader = _LOADER(text)
        node = loader.get_single_node()
        if node is None:
            raise DataFileError([Problem(path.name, 0, "", "berkas kosong")])
        data = loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        detail = getattr(error, "problem", None) or "tidak terbaca"
        raise DataFileError([Problem(path.name, line, "", f"YAML tidak sah: {detail}")]) from None
    except ValueError:  # YAML took a scalar for a date or a number that does not exist
        raise DataFileError(_impossible(path, node)) from None
    if problems := _duplicates(path, node, ()):
        raise DataFileError(problems)
    return Document(path, data, node)


def faults(error: ValidationError) -> list[tuple[tuple[int | str, ...], str]]:
    """Where and what, for every fault of a validation."""
    found = [(_place(fault), fault["type"], _message(fault)) for fault in error.errors()]
    # A list whose only entry is at fault is called too short as well.
    inside = {place[:length] for place, _, _ in found for length in range(len(place))}
    return [(place, message) for place, kind, message in found if kind != "too_short" or place not in inside]


def _place(fault: Any) -> tuple[int | str, ...]:
    place = tuple(step for step in fault["loc"] if step != "[key]")  # pydantic's word for the key itself
    error = fault.get("ctx", {}).get("error")
    return (*place, error.field) if isinstance(error, FieldError) else place


def _message(fault: Any) -> str:
    if template := _MESSAGES.get(fault["type"]):
        context = {key: str(value).replace("' or '", "', '") for key, value in fault.get("ctx", {}).items()}
        return template.format(**context)
    return str(fault["msg"]).removeprefix("Value error, ")


def parse(document: Document, model: type[Model]) -> Model:
    """Validate a document against *model*. Raises DataFileError with every fault and its line."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise DataFileError([document.problem(loc, message) for loc, message in faults(error)]) from None
