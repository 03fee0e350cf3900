"""Questions that are answered together: one heading, one way of looking, mostly one proof.

Pure: knows neither Django nor the database. standards.instruments reads groups from files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from common.yamlfile import DataFileError, Document, Problem, parse, read_yaml
from standards.items import Frozen, ItemSpec, Text, later
from standards.wording import read_as

GROUPS_FILE = "groups.yaml"


class SheetSpec(Frozen):
    """A blank sheet to print. *about* names what the observer writes on top; *per_person* asks for one sheet each, from
    which the answers are counted afterwards."""

    about: Text
    note: Text
    per_person: bool = False


class GroupSpec(Frozen):
    """What people read above the questions of a group. ``proof`` says whether one file usually proves all of them."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+$", max_length=60)]
    heading: Text
    how: Text
    proof: Literal["together", "apart"] = "together"
    sheet: SheetSpec | None = later(None)

    @property
    def proven_together(self) -> bool:
        return self.proof == "together"


class _GroupsFile(Frozen):
    groups: tuple[GroupSpec, ...] = Field(min_length=1)

    @field_validator("groups")
    @classmethod
    def _once(cls, groups: tuple[GroupSpec, ...]) -> tuple[GroupSpec, ...]:
        keys = [group.key for group in groups]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"kelompok tertulis dua kali: {', '.join(twice)}")
        return groups


def read_as_group(group: GroupSpec, form: str) -> GroupSpec:
    """The group in the words of *form*, as its questions are (standards.wording)."""
    changes = {name: read_as(getattr(group, name), form) for name in ("heading", "how")}
    if (sheet := group.sheet) is None:
        return group.model_copy(update=changes)
    texts = {name: read_as(getattr(sheet, name), form) for name in ("about", "note")}
    return group.model_copy(update={**changes, "sheet": sheet.model_copy(update=texts)})


def _check_use(document: Document, groups: Sequence[GroupSpec], items: Iterable[ItemSpec]) -> Iterator[Problem]:
    """Every group is used by a question, within one part of the first level."""
    standards: dict[str, set[str]] = {}
    for item in items:
        standards.setdefault(item.group or "", set()).add(item.standard)
    for index, group in enumerate(groups):
        place = ("groups", index, "key")
        found = sorted(standards.get(group.key, ()), key=int)
        if not found:
            yield document.problem(place, f"tidak ada pertanyaan dengan kelompok '{group.key}'")
        elif len(found) > 1:
            message = f"kelompok '{group.key}' hanya boleh dalam satu bagian, bukan {', '.join(found)}"
            yield document.problem(place, message)


def read_groups(
    folder: Path, sources: Sequence[tuple[Document, Sequence[ItemSpec]]], *, complete: bool
) -> tuple[tuple[GroupSpec, ...], list[Problem]]:
    """The groups of the version in *folder* and what is wrong with them, or with the questions of *sources* that name
    them. Whether a group is used can be told only when no file of questions is missing (*complete*)."""
    groups: tuple[GroupSpec, ...] = ()
    problems: list[Problem] = []
    if (folder / GROUPS_FILE).exists():
        try:
            document = read_yaml(folder / GROUPS_FILE)
            groups = parse(document, _GroupsFile).groups
        except DataFileError as error:
            return (), error.problems
        if complete:
            problems += _check_use(document, groups, [item for _, items in sources for item in items])
    known = {group.key for group in groups}
    for document, items in sources:
        for index, item in enumerate(items):
            if item.group and item.group not in known:
                message = f"kelompok '{item.group}' tidak ada dalam {GROUPS_FILE}"
                problems.append(document.problem(("items", index, "group"), message))
    return groups, problems
