"""Questions that are answered together: one heading, one way of looking, mostly one proof.

Pure: knows neither Django nor the database. standards.instruments reads groups from files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from common.yamlfile import Document, Problem
from standards.items import Frozen, ItemSpec, Text, later

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


class GroupsFile(Frozen):
    groups: tuple[GroupSpec, ...] = Field(min_length=1)


def check_named(document: Document, items: Sequence[ItemSpec], known: Iterable[str]) -> Iterator[Problem]:
    """Problems of a file of questions: groups that *known* does not have."""
    keys = set(known)
    for index, item in enumerate(items):
        if item.group and item.group not in keys:
            yield document.problem(("items", index, "group"), f"kelompok '{item.group}' tidak ada dalam {GROUPS_FILE}")


def check_groups(document: Document, groups: Sequence[GroupSpec], items: Iterable[ItemSpec]) -> Iterator[Problem]:
    """Problems of the file of groups: written once, used by a question, within one part of the first level."""
    standards: dict[str, set[str]] = {}
    for item in items:
        standards.setdefault(item.group or "", set()).add(item.standard)
    seen: set[str] = set()
    for index, group in enumerate(groups):
        place = ("groups", index, "key")
        if group.key in seen:
            yield document.problem(place, f"kelompok '{group.key}' tertulis dua kali")
        seen.add(group.key)
        found = sorted(standards.get(group.key, ()), key=int)
        if not found:
            yield document.problem(place, f"tidak ada pertanyaan dengan kelompok '{group.key}'")
        elif len(found) > 1:
            message = f"kelompok '{group.key}' hanya boleh dalam satu bagian, bukan {', '.join(found)}"
            yield document.problem(place, message)
