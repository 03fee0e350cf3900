"""What an annual report says, as frozen values: texts and numbers as they are printed.

reports/snapshot.py fills them in, the templates of the PDF read them back from the stored snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signer:
    """One place for a signature. Without a name the line stays empty for a hand-written one."""

    title: str
    name: str
    nip: str  # as printed, "" when there is none


@dataclass(frozen=True, slots=True)
class Approval:
    """Head and team of the day on which the evaluation was approved, in the school's time zone."""

    place: str
    date: str
    head: Signer
    team: tuple[Signer, ...]
    committee: tuple[Signer, ...]  # empty where the school has no committee member on record
    supervisor: Signer | None


@dataclass(frozen=True, slots=True)
class Cover:
    title: str
    year: str
    school: str
    npsn: str
    place: str
    approved: str
    created: str  # ISO moment of approval, for the metadata of the file


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Mode:
    """A way of review and how many questions were decided in it."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Meeting:
    date: str
    people: tuple[str, ...]
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A question that does not count, and why."""

    code: str
    question: str
    reason: str


@dataclass(frozen=True, slots=True)
class Beyond:
    """What a school does beyond the national standard."""

    code: str
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class Basis:
    title: str
    subject: str
    valid: str
    mark: str
    note: str


@dataclass(frozen=True, slots=True)
class Method:
    instrument: str
    version: str
    sha256: str
    source: str
    note: str
    scope: str
    measured: tuple[str, ...]
    unmeasured: tuple[str, ...]
    modes: tuple[Mode, ...]
    carried: int
    decided: int
    meetings: tuple[Meeting, ...]
    items: int
    not_applicable: tuple[LeftOut, ...]
    unanswered: tuple[LeftOut, ...]
    bases: tuple[Basis, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """A figure in the three views; "" where it is not measured."""

    code: str
    name: str
    mark: str
    claimed: str
    verified: str
    backed: str
    category: str  # of the verified score


@dataclass(frozen=True, slots=True)
class Coverage:
    """One view: its name, total, and for how many of the applicable questions it has an answer."""

    kind: str
    view: str
    score: str
    category: str
    answered: int
    applicable: int


@dataclass(frozen=True, slots=True)
class ProfileTables:
    coverage: tuple[Coverage, ...]
    standards: tuple[Score, ...]
    categories: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Point:
    text: str
    met: bool
    must: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in words: state (answered, not_applicable, unanswered), short text, level as read, explanation."""

    state: str
    text: str
    level: str
    detail: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class ItemEvidence:
    number: int  # in the list of evidence
    title: str
    state: str


@dataclass(frozen=True, slots=True)
class Decided:
    label: str
    tone: str  # confirmed, corrected, waiting
    mode: str
    reason: str
    carried: bool
    corrected: Reply | None


@dataclass(frozen=True, slots=True)
class Item:
    code: str
    question: str
    subindicator: str
    subindicator_name: str
    mark: str
    answer: Reply
    note: str
    evidence: tuple[ItemEvidence, ...]
    review: Decided | None


@dataclass(frozen=True, slots=True)
class IndicatorBlock:
    score: Score
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class StandardBlock:
    score: Score
    answered: int
    applicable: int
    round: int
    indicators: tuple[IndicatorBlock, ...]


@dataclass(frozen=True, slots=True)
class Highlights:
    """The best and the weakest subindicators by the verified score, with the rule that chose them."""

    rule: str
    strengths: tuple[Score, ...]
    strengths_total: int
    weaknesses: tuple[Score, ...]
    weaknesses_total: int


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    number: int
    title: str
    kind: str
    dated: str
    valid_until: str
    size: str
    sha256: str
    revision: int
    uses: tuple[Fact, ...]  # question, state of the link


@dataclass(frozen=True, slots=True)
class Step:
    """One line of "dari mana angka ini?", indented by *depth*."""

    depth: int
    title: str
    value: str
    formula: str
    source: str


@dataclass(frozen=True, slots=True)
class Receipt:
    standard: str
    round: int
    number: str
    submitted: str
    by: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """One way of looking at an own instrument: how many questions at level 4, 3, 2, 1, and the rest."""

    view: str
    levels: tuple[int, ...]
    not_applicable: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class OwnInstrument:
    """An instrument of the school or its office, shown beside the profile and never counted in it."""

    title: str
    version: str
    owner: str
    questions: int
    state: str
    rows: tuple[SpreadRow, ...]


@dataclass(frozen=True, slots=True)
class TargetFigure:
    """A target as printed, on what its mean rests ("" for one of its own), the result, and the gap in words."""

    code: str
    name: str
    target: str
    category: str
    basis: str
    result: str
    gap: str
    note: str


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets in force: the meeting that decided on them, the approval, the figures and what goes beyond SNP."""

    round: int
    met_on: str
    place: str
    participants: tuple[Fact, ...]  # name, role
    minutes: str
    minutes_sha256: str
    approved: str
    approved_by: str
    total: TargetFigure | None  # None: only marks beyond SNP were set
    by_code: dict[str, TargetFigure]  # of standards, indicators and subindicators, where set or rolled up
    lines: tuple[TargetFigure, ...]  # standards, and what was set below them, in the order of the codes
    beyond: tuple[Beyond, ...]


@dataclass(frozen=True, slots=True)
class BarRow:
    label: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReadinessLine:
    """One figure in the ways of looking, each with what stands below it ("" for nothing)."""

    title: str
    cells: tuple[Fact, ...]  # figure, note


@dataclass(frozen=True, slots=True)
class Readiness:
    """Where the school stands under the scheme of accreditation in force, by its own calculation."""

    title: str
    version: str
    basis: str
    body: str  # who decides
    origin: str  # on what the figures rest
    note: str
    views: tuple[str, ...]
    lines: tuple[ReadinessLine, ...]
    spread: tuple[BarRow, ...]  # items per category, in the order of the names; () for a scheme with a final value
    spread_names: tuple[str, ...]
    weakest: tuple[Fact, ...]  # code, name; at most MOST_WEAKEST of them
    weakest_said: str  # how many there are, and at which level; "" for none
    sources: tuple[Fact, ...]  # subject with status, source
    explanation: tuple[Step, ...]  # of what the team verified; of the school's own figures where that is nothing yet
    explained: str  # the view that is explained


@dataclass(frozen=True, slots=True)
class Snapshot:
    schema: int
    words: dict[str, str]
    cover: Cover
    approval: Approval
    identity: tuple[Fact, ...]
    method: Method
    profile: ProfileTables
    standards: tuple[StandardBlock, ...]
    highlights: Highlights
    evidence: tuple[EvidenceRow, ...]
    explanation: tuple[Step, ...]
    receipts: tuple[Receipt, ...]
    own: tuple[OwnInstrument, ...] = ()
    targets: Targets | None = None
    readiness: Readiness | None = None


# --- people -----------------------------------------------------------------------------------------
