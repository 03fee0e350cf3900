"""The data files of the demonstration, validated."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, RootModel

from common.yamlfile import parse, read_yaml
from schools.basic_data import CellValue

FOLDER = Path(__file__).parent


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OfficeSpec(_Frozen):
    name: str
    regions: tuple[str, ...]
    forms: tuple[str, ...]
    naungan: tuple[str, ...]


class SchoolSpec(_Frozen):
    npsn: str
    nsm: str = ""
    name: str
    form: str
    ownership: str
    naungan: str
    region: str
    address: str
    village: str
    phone: str
    foundation: str = ""


class AssignmentSpec(_Frozen):
    """``at`` is the NPSN of a school or the name of an office."""

    at: str
    role: str
    kind: str = "DEFINITIVE"
    decree: str = ""
    from_: date = Field(alias="from")
    to: date | None = None


class PersonSpec(_Frozen):
    username: str
    email: str = ""
    name: str
    nip: str = ""
    administrator: bool = False
    assignments: tuple[AssignmentSpec, ...] = ()


class World(_Frozen):
    offices: tuple[OfficeSpec, ...]
    schools: tuple[SchoolSpec, ...]
    people: tuple[PersonSpec, ...]


class TableSpec(_Frozen):
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class PaperSpec(_Frozen):
    """One typed page."""

    heading: str
    subheading: str
    facts: tuple[tuple[str, str], ...] = ()
    points: tuple[str, ...] = ()
    table: TableSpec | None = None
    closing: str = ""
    signature: bool = False


class BoardSpec(_Frozen):
    """A photo of a notice board: sheets of paper with a few lines each."""

    heading: str
    sheets: tuple[tuple[str, ...], ...]


class ChatSpec(_Frozen):
    """A picture of a phone's screen: sender and text of each message."""

    heading: str
    messages: tuple[tuple[str, str], ...]


class DocumentSpec(_Frozen):
    school: str
    title: str
    file: str
    kind: str = "DOCUMENT"
    dated: date
    valid_until: date | None = None
    confidential: bool = False
    replaces: str = ""
    paper: PaperSpec | None = None
    board: BoardSpec | None = None
    chat: ChatSpec | None = None


class _Documents(RootModel[dict[str, DocumentSpec]]):
    pass


class Said(_Frozen):
    """An answer: a value, or the reason why it does not apply; with proof by document key."""

    value: dict[str, Any] | None = None
    na: str = ""
    note: str = ""
    evidence: tuple[str, ...] = ()


class Correction(_Frozen):
    value: dict[str, Any]
    reason: str


class WantedSpec(_Frozen):
    """A target, and what the school wants to do beyond the national standard there."""

    score: str | None = None
    note: str = ""
    beyond: str = ""


class MeetingSpec(_Frozen):
    """The meeting that decided on the targets; its minutes by document key."""

    held: date
    place: str = ""
    people: tuple[tuple[str, str], ...]  # name, role
    minutes: str


class Step(_Frozen):
    """What one person did in one sitting, carried out in the order of the fields. Standards and items by code."""

    at: datetime
    by: str
    on_behalf_of: str = ""
    figures: dict[str, CellValue] = {}  # cells of data pokok; those that are not named stay as they are
    open_instrument: str = ""
    instrument: str = ""  # what the rest of the step is about; empty: the national one
    proposals: tuple[str, ...] = ()  # items whose proposed answer is confirmed
    targets: dict[str, WantedSpec] = {}
    propose_targets: MeetingSpec | None = None
    return_targets: str = ""  # the reason
    approve_targets: bool = False
    answers: dict[str, Said] = {}
    submit: str = ""
    reasons: dict[str, str] = {}
    open: str = ""
    mode: str = "TEAM"
    attendance: str = ""
    accept: tuple[str, ...] = ()  # items whose waiting evidence is accepted
    confirm: tuple[str, ...] = ()
    correct: dict[str, Correction] = {}
    give_back: dict[str, str] = {}
    give_back_evidence: dict[str, dict[str, str]] = {}
    return_: str = Field("", alias="return")
    note: str = ""
    verify: str = ""
    approve: bool = False


class Happening(_Frozen):
    at: datetime
    by: str


class StageSpec(_Frozen):
    from_: date = Field(alias="from")
    to: date
    state: str


class ClosingStages(Happening):
    stages: dict[str, StageSpec]


class Story(_Frozen):
    """One school's year."""

    school: str
    year: int
    instrument: str  # the version that the story was written for; a newer one may ask more
    scope: str | None = None  # for a version with scopes
    started: Happening
    stages: dict[str, StageSpec]
    steps: tuple[Step, ...]
    closing_stages: ClosingStages | None = None
    report: Happening | None = None


@cache
def world() -> World:
    """Schools, offices and people. Raises DataFileError."""
    return parse(read_yaml(FOLDER / "people.yaml"), World)


@cache
def documents() -> dict[str, DocumentSpec]:
    """Evidence by its key. Raises DataFileError."""
    return parse(read_yaml(FOLDER / "documents.yaml"), _Documents).root


def stories() -> list[Story]:
    """All years, older ones first, because a later year uses evidence of an earlier one. Raises DataFileError."""
    found = [parse(read_yaml(path), Story) for path in sorted(FOLDER.glob("story-*.yaml"))]
    return sorted(found, key=lambda story: (story.year, story.school))
