"""The gap list as people read it: what a level more adds, who can see to it, which proof is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from accreditation.catalogue import SchemeItem
from accreditation.estimating import Estimate
from accreditation.explaining import decimals
from accreditation.gaps import Gap, gaps, statement_gain
from accreditation.place import Place
from accreditation.services.readiness import Answered
from common.rounding import round_half_up
from evaluations.grouping import anchor_of
from evaluations.models import Evaluation, EvidenceLink, LinkState
from standards import naming
from standards.catalogue import CatalogueRow
from standards.items import LEVELS, ItemSpec
from standards.services import the_catalogue

OPEN_ROWS = 15


@dataclass(frozen=True)
class Question:
    """A question of this application that an item rests on or can be answered with."""

    item: ItemSpec
    url: str
    answered: bool
    proof: str  # "" when it is fine


@dataclass(frozen=True)
class GapRow:
    item: SchemeItem
    component: str
    group: str
    now: str
    gain: str
    estimate: Estimate | None
    answerers: str
    questions: tuple[Question, ...]
    subindicators: tuple[CatalogueRow, ...]
    standards: tuple[CatalogueRow, ...]
    reason: str  # why nothing here leads to the item

    @property
    def anchor(self) -> str:
        return anchor_of(self.item.code)

    @property
    def missing_proof(self) -> int:
        return sum(bool(question.proof) for question in self.questions)


@dataclass(frozen=True)
class Choice:
    """One value of a filter."""

    code: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class GapList:
    rows: list[GapRow]
    total: int  # before filtering
    components: list[Choice]
    standards: list[Choice]
    statement_gain: str  # of one statement of the index; "" without
    sums: list[str]  # names of components whose items are not known one by one

    @property
    def folded(self) -> int:
        """How many rows stand folded below the first ones."""
        return max(0, len(self.rows) - OPEN_ROWS)

    @property
    def first_fold(self) -> int:
        return OPEN_ROWS + 1


class _Proof:
    """Which questions of one evaluation lack accepted proof; one query."""

    def __init__(self, evaluation: Evaluation) -> None:
        states: dict[str, set[str]] = {}
        links = EvidenceLink.objects.filter(section__evaluation=evaluation).values_list("item_code", "state")
        for code, state in links:
            states.setdefault(code, set()).add(state)
        self._states = states

    def missing(self, code: str, level: int | None) -> str:
        """What is wrong with the proof of a question; "" without answer, and at the lowest level, which needs none."""
        states = self._states.get(code, set())
        if level is None or level == min(LEVELS) or LinkState.ACCEPTED in states:
            return ""
        if LinkState.WAITING in states:
            return "bukti menunggu telaah"
        return "bukti perlu diperbaiki" if states else "belum ada bukti"


def gap_list(place: Place, *, component: str = "", standard: str = "") -> GapList:
    """Items below the highest level, filtered by component and standard of the SNP; at most two queries more."""
    return _Builder(place).build(component, standard)


class _Builder:
    def __init__(self, place: Place) -> None:
        self.place = place
        self.readiness = place.readiness
        instrument = place.scheme.spec.instrument
        self.direct = place.material.beside.get(instrument.instrument) if instrument else None
        self.national = place.material.national
        self.own_proof = _Proof(self.direct.evaluation) if self.direct else None
        self.eds_proof = _Proof(self.national.evaluation) if self.national else None
        self.questions = place.questions

    def build(self, component: str, standard: str) -> GapList:
        result = self.readiness.claimed
        rows = [self._row(gap) for gap in gaps(result)]
        parts = self.place.layout.components
        snp = the_catalogue().standards
        shown = [
            row
            for row in rows
            if component in ("", row.item.component) and (not standard or standard in {s.code for s in row.standards})
        ]
        gain = statement_gain(result)
        return GapList(
            shown,
            len(rows),
            [Choice(part.code, part.name, part.code == component) for part in parts],
            [Choice(row.code, row.name, row.code == standard) for row in snp],
            "" if gain is None else _plus(gain),
            [part.name for part in parts if part.code in result.answers.obtained],
        )

    def _row(self, gap: Gap) -> GapRow:
        item, rating = gap.item, gap.rating
        found = self.readiness.estimates.get("claimed", {}).get(item.code)
        questions = tuple(self._questions(item, found))
        snp = the_catalogue().by_code
        subindicators = dict.fromkeys(
            snp[q.item.subindicator]
            for q in questions
            if q.item.subindicator in snp and q.item.code not in self.questions
        )
        own = self.questions.get(item.code)
        component = self.place.layout.by_code[item.component]
        if component.standard:
            codes = [component.standard]
        else:
            codes = [*(own.snp if own else ()), *(row.code.partition(".")[0] for row in subindicators)]
        standards = [snp[code] for code in dict.fromkeys(codes) if code in snp]
        groups = {group.code: group.name for group in self.place.layout.groups}
        return GapRow(
            item,
            component.name,
            groups.get(item.group, ""),
            "belum terisi" if rating is None else self.place.scheme.spec.scale.shown(rating.level),
            _plus(gap.gain),
            found,
            naming.answerers(own) if own and own.answered_by else "",
            questions,
            tuple(subindicators),
            tuple(standards),
            self.readiness.reasons.get(item.code, ""),
        )

    def _questions(self, item: SchemeItem, found: Estimate | None) -> Iterable[Question]:
        own = self.questions.get(item.code)
        if own is not None and own.answerable and self.direct is not None and item.code in self.direct.evaluation.asked:
            answered = item.code in self.readiness.direct
            proof = self.own_proof.missing(item.code, self._level(self.direct, item.code)) if self.own_proof else ""
            yield Question(own, self._url(self.direct.evaluation, own), answered, proof)
        if self.national is None or item.code in self.readiness.direct:
            return
        asked = self.national.evaluation.asked
        instrument = self.place.scheme.spec.instrument
        walk = self.place.material.crosswalks.get(instrument.instrument) if instrument else None
        links = walk.sources(item.code, self.place.form) if walk else ()
        answered_codes = {link.source for link, _ in found.links} if found else set()
        for link in links:
            if link.source in asked:
                answered = link.source in answered_codes
                proof = (
                    self.eds_proof.missing(link.source, self._level(self.national, link.source))
                    if self.eds_proof
                    else ""
                )
                yield Question(
                    asked[link.source], self._url(self.national.evaluation, asked[link.source]), answered, proof
                )

    def _level(self, answered: Answered, code: str) -> int | None:
        outcome = answered.outcomes["claimed"].get(code)
        return None if outcome is None else outcome.level

    def _url(self, evaluation: Evaluation, item: ItemSpec) -> str:
        return f"{evaluation.address('section', item.standard)}#{anchor_of(item.code)}"


def _plus(gain: Fraction) -> str:
    """``+0,42``; what would round to nothing is shown with more digits."""
    rounded = round_half_up(gain)
    return f"+{decimals(gain, 4) if rounded == 0 else decimals(Fraction(rounded), 2)}"
