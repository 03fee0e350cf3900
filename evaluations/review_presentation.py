"""What the review pages show of one section, gathered with a fixed number of queries.

The submitted answers come from the frozen content of the submission, never from the live answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from common.decisions import ALLOWED, Decision
from evaluations.grouping import Bundle, bundles, indicator_of
from evaluations.models import (
    AnswerState,
    EvidenceKind,
    EvidenceLink,
    LinkState,
    Review,
    ReviewDecision,
    ReviewMode,
    Section,
    Submission,
)
from evaluations.permissions import can_close_review, can_decide_item, can_decide_link, can_read_confidential
from evaluations.review_forms import CorrectionForm, ReviewForm, correction_initial, slug
from evaluations.services.proposals import overtaken
from evaluations.services.reviews import to_mend, undecided
from evaluations.services.submissions import answered_codes
from evaluations.values import Checklist, describe, parse_value, reading_level
from schools.choices import Role
from schools.models import User
from standards.instruments import InstrumentSpec
from standards.items import ItemSpec


@dataclass(frozen=True)
class AnswerText:
    """An answer in its stored form, in words."""

    state: str
    text: str
    level: int | None = None
    met: frozenset[str] = frozenset()


def answer_text(spec: InstrumentSpec, item: ItemSpec, state: str, value: Any, na_reason: str = "") -> AnswerText:
    if state == AnswerState.NOT_APPLICABLE:
        reason = next((offered.text for offered in item.na if offered.code == na_reason), na_reason)
        return AnswerText(state, f"Tidak berlaku: {reason}")
    if state != AnswerState.ANSWERED:
        return AnswerText(state, "Belum dapat dijawab")
    parsed = parse_value(item, value)
    met = parsed.met if isinstance(parsed, Checklist) else frozenset()
    return AnswerText(state, describe(item, parsed), reading_level(item, parsed), met)


@dataclass(frozen=True)
class EvidenceRow:
    """One submitted file with the state of its link; ``link`` is None when the school took it off since."""

    frozen: Mapping[str, Any]
    link: EvidenceLink | None
    section_state: str
    readable: Decision
    allowed: Decision

    @property
    def confidential(self) -> bool:
        return is_confidential(self.frozen, self.link)

    @property
    def kind(self) -> str:
        return str(EvidenceKind(self.frozen["kind"]).label)

    @property
    def dated(self) -> date | None:
        return date.fromisoformat(self.frozen["dated"]) if self.frozen["dated"] else None

    @property
    def state_label(self) -> str:
        return LinkState(self.link.state).shown(self.section_state) if self.link is not None else ""

    @property
    def waiting(self) -> bool:
        return self.link is not None and self.link.state == LinkState.WAITING


def is_confidential(frozen: Mapping[str, Any], link: EvidenceLink | None) -> bool:
    """Marked so when it was submitted, or since."""
    return bool(frozen["confidential"] or (link is not None and link.revision.evidence.confidential))


@dataclass(frozen=True)
class Past:
    """An earlier answer or decision on the item."""

    round: int
    at: datetime
    answer: str
    decision: str = ""
    corrected: str = ""
    reason: str = ""
    reviewer: str = ""
    mode: str = ""
    carried_from: int | None = None


@dataclass
class Card:
    """One question of the review page."""

    item: ItemSpec
    frozen: Mapping[str, Any]
    answer: AnswerText
    review: Review | None
    corrected: AnswerText | None
    carried_from: int | None
    evidence: list[EvidenceRow]
    history: list[Past]
    allowed: Decision
    bundle: Bundle
    overtaken: bool = False  # the figures of data pokok that it rests on are others today
    form: ReviewForm | None = None
    correction: CorrectionForm | None = None
    problem: str = ""
    link_problem: dict[str, dict[str, str]] = field(default_factory=dict)  # by revision: message and typed reason

    @property
    def anchor(self) -> str:
        return f"telaah-{slug(self.item.code)}"

    @property
    def beside(self) -> list[tuple[str, str]]:
        """Codes and anchors of the questions that the school answered together with this one."""
        return [(code, f"telaah-{slug(code)}") for code in self.bundle.beside(self.item.code)]

    @property
    def answered(self) -> bool:
        return self.answer.state in AnswerState.values

    @property
    def undecided(self) -> bool:
        return self.answered and self.review is None

    @property
    def decision_label(self) -> str:
        return "" if self.review is None else ReviewDecision(self.review.decision).shown(answered=self.answered)

    @property
    def answered_at(self) -> datetime | None:
        return datetime.fromisoformat(self.frozen["answered_at"]) if self.frozen["answered_at"] else None

    @property
    def typed_by(self) -> str:
        """Who typed it, when that is not the person who answered."""
        answered, typed = self.frozen["answered_by"], self.frozen["typed_by"]
        return typed["name"] if typed and answered and typed["id"] != answered["id"] else ""

    @property
    def levels(self) -> list[tuple[int, str]]:
        return sorted(self.item.levels.items(), reverse=True)

    @property
    def shows_form(self) -> bool:
        """Whether the decision form stands open: nothing decided yet, or the last try was refused."""
        return self.review is None or bool(self.problem) or (self.form is not None and self.form.is_bound)


@dataclass
class ReviewPage:
    """One section in review, as *user* sees it."""

    section: Section
    user: User

    @cached_property
    def submissions(self) -> list[Submission]:
        return list(self.section.submissions.select_related("submitted_by").order_by("round"))

    @property
    def submission(self) -> Submission:
        return self.submissions[-1]

    @cached_property
    def _reviews(self) -> list[Review]:
        rows = Review.objects.filter(submission__in=self.submissions).select_related("reviewer").order_by("pk")
        return list(rows)

    @cached_property
    def _links(self) -> dict[tuple[str, str], EvidenceLink]:
        rows = self.section.links.select_related("revision__evidence", "decided_by")
        return {(link.item_code, link.revision.code): link for link in rows}

    @cached_property
    def _overtaken(self) -> frozenset[str]:
        return overtaken(self.section)

    @cached_property
    def is_team(self) -> bool:
        return Role.QUALITY_TEAM in self.user.roles_at(self.section.evaluation.school)

    @cached_property
    def cards(self) -> list[Card]:
        return [self._card(item) for item in self.section.items if item.code in self.submission.content["items"]]

    @cached_property
    def _bundle_of(self) -> dict[str, Bundle]:
        """Among the submitted questions: when the scope grew since, the others have no card to point to."""
        evaluation = self.section.evaluation
        items = [item for item in self.section.items if item.code in self.submission.content["items"]]
        found = bundles(items, evaluation.spec.groups_for(evaluation.form))
        return {item.code: bundle for row in found.values() for bundle in row for item in bundle.items}

    def card(self, code: str) -> Card | None:
        return next((card for card in self.cards if card.item.code == code), None)

    @property
    def indicators(self) -> list[tuple[str, list[Card]]]:
        found: dict[str, list[Card]] = {}
        for card in self.cards:
            found.setdefault(indicator_of(card.item), []).append(card)
        return list(found.items())

    def _round_of(self, review: Review) -> int:
        """The round in which a decision was really made, however often it was carried since."""
        by_pk = {r.pk: r for r in self._reviews}
        while review.carried_from_id is not None:
            review = by_pk[review.carried_from_id]
        return next(s.round for s in self.submissions if s.pk == review.submission_id)

    def _card(self, item: ItemSpec) -> Card:
        spec = self.section.evaluation.spec
        frozen = self.submission.content["items"][item.code]
        reviews = [r for r in self._reviews if r.item_code == item.code]
        current = [r for r in reviews if r.submission_id == self.submission.pk]
        review = current[-1] if current else None
        people = {key: (frozen[key] or {}).get("id") for key in ("answered_by", "typed_by")}
        allowed = can_decide_item(self.user, self.section, **people)
        card = Card(
            item=item,
            frozen=frozen,
            answer=answer_text(spec, item, frozen["state"], frozen["value"], frozen["na_reason"]),
            review=review,
            corrected=self._corrected(item, review),
            carried_from=self._round_of(review) if review is not None and review.carried_from_id else None,
            evidence=[self._evidence(item, offered, allowed) for offered in frozen["evidence"]],
            history=self._history(item, reviews, review),
            allowed=allowed,
            bundle=self._bundle_of[item.code],
        )
        if card.allowed:
            card.overtaken = item.code in self._overtaken
            card.form = ReviewForm(item=item, initial=self._initial(review))
            card.correction = CorrectionForm(item=item, initial=correction_initial(item, frozen, review))
        return card

    def _evidence(self, item: ItemSpec, frozen: Mapping[str, Any], allowed: Decision) -> EvidenceRow:
        link = self._links.get((item.code, frozen["revision"]))
        hidden = is_confidential(frozen, link) and not self.inside
        readable = self.inside if hidden else ALLOWED
        if allowed and link is not None:
            allowed = can_decide_link(self.user, self.section, link)
        return EvidenceRow(frozen, link, self.section.state, readable, allowed)

    @cached_property
    def inside(self) -> Decision:
        """Whether this person may read what is marked confidential."""
        return can_read_confidential(self.user, self.section.evaluation.school)

    def _initial(self, review: Review | None) -> dict[str, Any]:
        decided = {} if review is None else {"decision": review.decision, "reason": review.reason}
        return decided | self._last_mode

    @cached_property
    def _last_mode(self) -> dict[str, str]:
        """The way of review that this person used last in this round: a meeting decides many items in a row."""
        own = [
            r for r in self._reviews
            if r.submission_id == self.submission.pk and r.reviewer_id == self.user.pk and not r.carried_from_id
        ]  # fmt: skip
        if not own or own[-1].mode == ReviewMode.GUEST:
            return {"mode": ReviewMode.TEAM, "attendance": ""}
        return {"mode": own[-1].mode, "attendance": own[-1].attendance}

    def _corrected(self, item: ItemSpec, review: Review | None) -> AnswerText | None:
        if review is None or review.decision != ReviewDecision.CORRECTED:
            return None
        return answer_text(self.section.evaluation.spec, item, review.state, review.value, review.na_reason)

    def _history(self, item: ItemSpec, reviews: list[Review], last: Review | None) -> list[Past]:
        """Earlier rounds, then decisions of this round that were replaced since."""
        past: list[Past] = []
        for submission in self.submissions:
            frozen = submission.content["items"].get(item.code)
            if frozen is None:
                continue
            made = [r for r in reviews if r.submission_id == submission.pk and r is not last]
            text = answer_text(
                self.section.evaluation.spec, item, frozen["state"], frozen["value"], frozen["na_reason"]
            ).text
            if not made and submission is not self.submission:
                past.append(Past(submission.round, submission.submitted_at, text))
            for review in made:
                corrected = self._corrected(item, review)
                past.append(
                    Past(
                        submission.round,
                        review.reviewed_at,
                        text,
                        ReviewDecision(review.decision).shown(answered=frozen["state"] in AnswerState.values),
                        corrected.text if corrected else "",
                        review.reason,
                        str(review.reviewer),
                        review.get_mode_display(),
                        self._round_of(review) if review.carried_from_id else None,
                    )
                )
        return past

    # --- counters and closing -----------------------------------------------------------------------

    @cached_property
    def answered(self) -> int:
        return len(answered_codes(self.submission))

    @cached_property
    def waiting_codes(self) -> list[str]:
        """Answered items without a decision that lets the standard be verified."""
        return undecided(self.submission)

    @property
    def decided(self) -> int:
        """Answered items with any decision; "perlu diperbaiki" is one too."""
        return sum(card.answered and card.review is not None for card in self.cards)

    @property
    def unanswered(self) -> int:
        return sum(not card.answered for card in self.cards)

    @property
    def not_applicable(self) -> int:
        return sum(card.answer.state == AnswerState.NOT_APPLICABLE for card in self.cards)

    @property
    def evidence_waiting(self) -> int:
        return sum(row.waiting for card in self.cards for row in card.evidence)

    def next_after(self, code: str = "") -> Card | None:
        """The next undecided item that this person may review, going round after *code*."""
        codes = [card.item.code for card in self.cards]
        start = codes.index(code) + 1 if code in codes else 0
        order = self.cards[start:] + self.cards[:start]
        return next((card for card in order if card.undecided and card.allowed), None)

    @cached_property
    def mend(self) -> tuple[dict[str, Review], list[EvidenceLink]]:
        return to_mend(self.section, self.submission)

    @property
    def can_return(self) -> Decision:
        if not (decision := can_close_review(self.user, self.section)):
            return decision
        if any(self.mend):
            return decision
        return Decision(False, "Tandai dahulu sedikitnya satu pertanyaan atau bukti sebagai “perlu diperbaiki”.")

    @property
    def can_verify(self) -> Decision:
        if not (decision := can_close_review(self.user, self.section)):
            return decision
        returned = self.mend[0]
        if waiting := [code for code in self.waiting_codes if code not in returned]:
            return Decision(False, f"{len(waiting)} pertanyaan belum diputuskan: {', '.join(waiting)}.")
        if returned:
            codes = ", ".join(sorted(returned))
            return Decision(False, f"Pertanyaan {codes} ditandai perlu diperbaiki; kembalikan dahulu.")
        return decision
