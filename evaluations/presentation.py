"""What the school's pages show, gathered from rows with a fixed number of queries. No rules: those are asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.urls import reverse

from common import clock
from common.decisions import Decision, refuse
from common.formats import format_moment, format_time
from evaluations import files
from evaluations.answer_texts import answer_text, stored_text
from evaluations.evidence_presentation import EvidenceErrors, Proof
from evaluations.forms import AnswerForm, answer_form, form_fields
from evaluations.grouping import Bundle, Group, bundles, grouped
from evaluations.models import (
    Answer,
    AnswerState,
    Evidence,
    EvidenceKind,
    EvidenceLink,
    Review,
    ReviewDecision,
    Section,
    SectionState,
    Submission,
)
from evaluations.people import answering_people
from evaluations.permissions import (
    can_answer,
    can_attach,
    can_read_confidential,
    can_read_evidence,
    can_submit,
    rates_another,
)
from evaluations.scoring import Figure, build_profile
from evaluations.services.profiles import claimed_outcomes
from evaluations.services.proposals import Proposal, changed_since, section_proposals, unsupported
from evaluations.services.reviews import to_mend
from evaluations.services.submissions import last_decisions
from evaluations.values import reading_level
from schools.choices import Role
from schools.models import School, User
from standards import naming
from standards.items import ItemSpec
from standards.models import LegalBasis
from standards.presentation import item_url

_ORIGINS = {
    "official": "Bunyi pertanyaan dan levelnya menurut naskah resmi.",
    "own": "Judul dan gagasan levelnya dari sumber yang disebut; kalimatnya disusun sendiri.",
    "unverified": "Belum terverifikasi: deskripsi levelnya disusun sendiri karena naskah resminya tidak terbaca.",
}
_SHELF_LIMIT = 200
_OPEN_QUESTIONS = 16  # a page with more of them folds them; a dozen forms are still a page, fifty are a wall


def slug_of(code: str) -> str:
    """``8-1-1-a``, as anchors and ids carry a code."""
    return code.replace(".", "-")


def draft_key(section: Section, code: str = "") -> str:
    """Under what a browser keeps an unsent answer; without a *code* what all of the section begin with."""
    evaluation = section.evaluation
    place = f"{evaluation.school.npsn}:{evaluation.cycle.year}:"
    if evaluation.is_national:
        return place + (code or f"{section.standard}.")
    return f"{place}{evaluation.version.instrument}/{section.standard}/{code}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


# --- one question -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Card:
    """One question with its answer, evidence and forms; what the partial ``_item.html`` draws."""

    item: ItemSpec
    section: Section
    npsn: str
    year: int
    answer: Answer | None
    proofs: tuple[Proof, ...]
    editable: Decision
    bundle: Bundle
    form: AnswerForm | None = None
    returned: str = ""  # why the last review gave the answer back
    returned_handled: bool = False  # answered again since
    decided: str = ""  # what the team made of the answer, once the review is closed
    decided_why: str = ""
    unanswered_reason: str = ""  # as submitted
    kind_notice: str = ""
    saved: bool = False  # just now, by this request
    conflict: Conflict | None = None
    pending: bool = False  # the form shows what was typed and not saved
    uploads: EvidenceErrors | None = None
    proposal: Proposal | None = None  # to confirm: of an unanswered question, or figures that changed since
    unsupported: bool = False  # rests on data pokok from which it no longer follows

    @cached_property
    def slug(self) -> str:
        return slug_of(self.item.code)

    @property
    def title(self) -> str:
        return self.item.question or f"Pertanyaan {self.item.code}: judul belum diketahui"

    @property
    def depth(self) -> int:
        """Of its heading: below that of its group, where it has one."""
        return 4 if self.bundle.group else 3

    @property
    def beside(self) -> tuple[str, ...]:
        """Codes of the questions that one upload may prove as well."""
        return self.bundle.beside(self.item.code)

    @property
    def proves_beside(self) -> bool:
        """Whether the upload form proposes so: what was chosen before, else what is usual for the group."""
        if self.uploads:
            return bool(self.uploads.form.data.get("also"))
        return self.bundle.group is not None and self.bundle.group.proven_together

    @property
    def unfolded(self) -> bool:
        """On a long page only what cannot wait stands open: what was refused, and what must be mended."""
        return bool(self.pending or self.uploads or self.conflict or (self.returned and not self.returned_handled))

    @property
    def fold_text(self) -> str:
        """What a folded question says: the answer, or what to do."""
        if not self.item.answerable:
            return "Keterangan"
        if self.answer is not None:
            return f"Jawaban: {self.text}"
        if self.form is None:
            return "Lihat pertanyaan"
        return f"Ada usulan: {self.proposed_text}" if self.proposal else "Jawab pertanyaan ini"

    @property
    def origin_note(self) -> str:
        """Whose words these are; "" for questions of the self-evaluation, whose header says so once."""
        return _ORIGINS.get(self.item.status or "", "")

    @property
    def anchor(self) -> str:
        return f"butir-{self.slug}"

    @cached_property
    def url(self) -> str:
        return self.section.evaluation.address("answer", self.section.standard, self.item.code)

    @property
    def draft_key(self) -> str:
        return draft_key(self.section, self.item.code)

    @property
    def version(self) -> int:
        return self.answer.version if self.answer else 0

    @property
    def state(self) -> str:
        return self.answer.state.lower() if self.answer else "neutral"

    @property
    def state_label(self) -> str:
        if not self.item.answerable:
            return "Judul belum diketahui"
        if self.answer is None:
            return "Belum dapat dijawab" if self.unanswered_reason else "Belum dijawab"
        return self.answer.get_state_display()

    @cached_property
    def text(self) -> str:
        if self.unanswered_reason and self.answer is None:
            return f"Belum dapat dijawab: {self.unanswered_reason}"
        return answer_text(self.section.evaluation.spec, self.item, self.answer)

    @property
    def saved_text(self) -> str:
        """``Aman di server 10.32 WIB, oleh Bu Ani (diketik Pak Budi)``."""
        answer = self.answer
        if answer is None:
            return "Belum dijawab."
        text = f"Aman di server {_when(answer, self.section.evaluation.school)}, oleh {answer.answered_by}"
        text += f" (diketik {answer.typed_by})" if answer.typed_by_id != answer.answered_by_id else ""
        return text + (f"; usulan dikonfirmasi: {answer.origin_note}" if answer.origin else "")

    @property
    def proposed_text(self) -> str:
        if self.proposal is None:
            return ""
        one = self.proposal
        return stored_text(self.section.evaluation.spec, self.item, one.state, one.value, one.na_reason)

    @property
    def proposed_fields(self) -> list[tuple[str, str]]:
        """The proposal as the form of the answer would send it."""
        return [] if self.proposal is None else form_fields(self.item, self.proposal.value, self.proposal.na_reason)

    @property
    def answerers(self) -> str:
        return naming.answerers(self.item)

    @property
    def gathered(self) -> str:
        return naming.gathered(self.item)

    @property
    def explains_levels(self) -> bool:
        """A rubric shows its levels in the form already."""
        return self.item.kind in {"ratio", "checklist"} or self.form is None

    @property
    def catalogue_url(self) -> str:
        """The question's page in the catalogue; "" of an own instrument, which is not public."""
        evaluation = self.section.evaluation
        owned = evaluation.version.owner_school_id or evaluation.version.owner_office_id
        return "" if owned else item_url(evaluation.spec, self.item.code, evaluation.form)

    @property
    def levels(self) -> list[tuple[int, str]]:
        return sorted(self.item.levels.items(), reverse=True)

    # the upload form
    accept = files.ACCEPT
    kinds = EvidenceKind.choices

    @property
    def max_bytes(self) -> str:
        return str(settings.UPLOAD_LIMIT)  # as text: inside an attribute it must not get dots for thousands

    @property
    def max_size(self) -> int:
        return int(settings.UPLOAD_LIMIT)

    @property
    def typed(self) -> dict[str, str]:
        """What was typed beside the files when the upload was refused; the files must be chosen again."""
        names = ("title", "kind", "dated", "valid_until", "replaces", "confidential", "existing")
        data = self.uploads.form.data if self.uploads else {}
        return {name: data.get(name, "") for name in names}

    @property
    def replaceable(self) -> list[tuple[str, str]]:
        """Evidence under this question that a better file may replace."""
        found = {proof.link.revision.evidence.code: proof.title for proof in self.proofs}
        return list(found.items())

    @property
    def chosen_level(self) -> int | None:
        """The level as which the answer reads; None when unanswered or not applicable."""
        if self.answer is None or (value := self.answer.parsed(self.item)) is None:
            return None
        return reading_level(self.item, value)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two answers to one question: what the server holds, and what this person sent."""

    theirs: str
    their_note: str
    their_origin: str
    mine: str
    my_note: str


def _when(answer: Answer, school: School) -> str:
    zone = school.time_zone
    if clock.local_date(answer.updated_at, zone) == clock.today(zone):
        return format_time(answer.updated_at, zone)
    return format_moment(answer.updated_at, zone)


# --- one standard -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mend:
    """One thing that the last review gave back."""

    code: str
    anchor: str
    what: str
    reason: str
    handled: bool


class SectionView:
    """One standard of one evaluation as *user* sees it; rows are read once, when asked for."""

    def __init__(self, user: User, section: Section) -> None:
        self.user, self.section = user, section
        self.evaluation = section.evaluation
        self.school = self.evaluation.school
        self.npsn, self.year = self.school.npsn, self.evaluation.cycle.year
        self.spec = self.evaluation.spec
        self.items = section.items
        self.catalogue = self.evaluation.catalogue
        self.row = self.catalogue.by_code[section.standard]

    def url(self, name: str, *args: Any) -> str:
        return self.evaluation.address(name, self.section.standard, *args)

    @property
    def folds(self) -> bool:
        """Whether the page is so long that its questions stand folded; one at a time opens."""
        return len(self.items) > _OPEN_QUESTIONS

    @property
    def section_url(self) -> str:
        return self.url("section")

    # permissions, as the page needs them
    @cached_property
    def people(self) -> list[User]:
        roles = self.user.roles_at(self.school)
        return answering_people(self.section) if Role.OPERATOR in roles else []

    @cached_property
    def types_only(self) -> bool:
        """The operator's case: may fill in, but only for somebody else."""
        return bool(can_attach(self.user, self.section)) and not can_answer(self.user, self.section)

    def may_rate(self, item: ItemSpec) -> bool:
        """Whether this person may answer or type an answer to a question that may be about the head."""
        return bool(self.people) or bool(rates_another(self.user, self.school, item))

    @cached_property
    def editable(self) -> Decision:
        decision = can_attach(self.user, self.section)
        if decision and self.types_only and not self.people:
            return refuse("Belum ada guru atau kepala yang tercatat di sini, sehingga belum ada yang menjawab.")
        return decision

    @cached_property
    def may_submit(self) -> Decision:
        return can_submit(self.user, self.section)

    no_notices: tuple[str, ...] = ()

    @cached_property
    def _proposed(self) -> dict[str, Proposal]:
        return section_proposals(self.section) if self.editable else {}

    @cached_property
    def proposals(self) -> dict[str, Proposal]:
        """What this person could confirm: of unanswered questions, and where the figures changed since."""
        new = {code: proposal for code, proposal in self._proposed.items() if code not in self.answers}
        return new | changed_since(self._proposed, self.answers)

    @cached_property
    def unsupported(self) -> frozenset[str]:
        """Answers from data pokok that today's figures no longer give, for those who can look after them."""
        return unsupported(self._proposed, self.answers) if self.editable else frozenset()

    @property
    def new_proposals(self) -> list[str]:
        asked = self.evaluation.asked
        return [code for code in self.proposals if code not in self.answers and self.may_rate(asked[code])]

    @property
    def things_to_mend(self) -> list[Mend]:
        return self.mend[0]

    @property
    def has_unverified_names(self) -> bool:
        rows = self.catalogue.rows
        mine = (row for row in rows if row.code.partition(".")[0] == self.section.standard)
        return any(row.status != "confirmed" for row in mine)

    # rows
    @cached_property
    def answers(self) -> dict[str, Answer]:
        return {answer.item_code: answer for answer in self.section.answers.all()}

    @cached_property
    def signed_answers(self) -> dict[str, Answer]:
        """The same rows with the people who gave and typed them; what follows a save does without."""
        prefetch_related_objects(list(self.answers.values()), "answered_by", "typed_by")
        return self.answers

    @cached_property
    def links(self) -> dict[str, list[EvidenceLink]]:
        found: dict[str, list[EvidenceLink]] = {}
        for link in self.section.links.select_related("revision__evidence", "revision__file"):
            found.setdefault(link.item_code, []).append(link)
        return found

    @cached_property
    def last_submission(self) -> Submission | None:
        return self.section.submissions.order_by("-round").first() if self.section.round else None

    @cached_property
    def mend(self) -> tuple[list[Mend], dict[str, Review]]:
        """What the last review gave back and is still to be mended or was changed since; and the reviews by item."""
        if self.section.state != SectionState.RETURNED or self.last_submission is None:
            return [], {}
        reviews, links = to_mend(self.section, self.last_submission)
        things = [
            Mend(code, f"butir-{slug_of(code)}", "jawaban", review.reason, self._handled(code, review))
            for code, review in sorted(reviews.items())
        ]
        things += [
            Mend(
                link.item_code,
                f"butir-{slug_of(link.item_code)}",
                f"bukti “{link.revision.evidence}”",
                link.reason,
                False,
            )
            for link in links
        ]
        order = {item.code: position for position, item in enumerate(self.items)}
        return sorted(things, key=lambda thing: order.get(thing.code, 0)), reviews

    @cached_property
    def decisions(self) -> dict[str, Review]:
        """The team's last word on every question, for the school to learn from once the review is closed."""
        if self.section.state not in (SectionState.RETURNED, SectionState.VERIFIED) or self.last_submission is None:
            return {}
        return last_decisions(self.last_submission)

    def _decided(self, item: ItemSpec) -> tuple[str, str]:
        """What the team decided on the answer and why; what it gave back is told as something to mend."""
        review = self.decisions.get(item.code)
        if review is None or self.last_submission is None or review.decision == ReviewDecision.RETURNED:
            return "", ""
        if review.decision == ReviewDecision.CORRECTED:
            text = stored_text(self.spec, item, review.state, review.value, review.na_reason)
            return f"Dikoreksi tim mutu menjadi: {text}.", review.reason
        answered = self.last_submission.content["items"][item.code]["state"] in AnswerState.values
        return f"{ReviewDecision.CONFIRMED.shown(answered=answered)} menurut tim mutu.", review.reason

    def _unanswered_reason(self, code: str) -> str:
        """Why the school could not answer, as it submitted; an open section asks again."""
        if self.section.is_open or self.last_submission is None:
            return ""
        return str(self.last_submission.content["items"].get(code, {}).get("unanswered_reason", ""))

    @cached_property
    def receipts(self) -> list[Submission]:
        """Every submission of this standard, without its content."""
        return list(self.section.submissions.order_by("round").defer("content_text")) if self.section.round else []

    @property
    def still_to_mend(self) -> list[Mend]:
        return [thing for thing in self.things_to_mend if not thing.handled]

    def _handled(self, code: str, review: Review) -> bool:
        answer = self.answers.get(code)
        return answer is not None and answer.updated_at > review.reviewed_at

    @cached_property
    def submitted_revisions(self) -> frozenset[str]:
        """Revisions in any round of this standard; only those who read what was submitted need to know."""
        contents = (submission.content["items"].values() for submission in self.section.submissions.all())
        return frozenset(proof["revision"] for items in contents for item in items for proof in item["evidence"])

    @cached_property
    def shelf(self) -> list[Evidence]:
        """Evidence that the school has already, newest first."""
        return list(self.school.evidence.order_by("-created_at", "-pk")[:_SHELF_LIMIT]) if self.editable else []

    @cached_property
    def legal_bases(self) -> list[LegalBasis]:
        return list(LegalBasis.objects.filter(standard__code=self.section.standard).order_by("key"))

    # figures
    @property
    def draft_prefix(self) -> str:
        return draft_key(self.section)

    @cached_property
    def figure(self) -> Figure | None:
        """The provisional profile of this standard: what the school says so far, unreviewed.

        None for an instrument that has no part in the profile.
        """
        if not self.evaluation.is_national:
            return None
        outcomes = claimed_outcomes(self.evaluation, self.answers.values())
        part, form, scope = self.catalogue.part(self.section.standard), self.evaluation.form, self.evaluation.scope
        return build_profile(part, self.spec, form, outcomes, scope=scope).figure(self.section.standard)

    @property
    def unanswered(self) -> list[ItemSpec]:
        return [item for item in self.items if item.answerable and item.code not in self.answers]

    @property
    def unanswered_anchors(self) -> list[tuple[str, str]]:
        return [(item.code, f"butir-{slug_of(item.code)}") for item in self.unanswered]

    # cards
    @cached_property
    def bundles(self) -> dict[str, list[Bundle]]:
        order = {row.code: place for place, row in enumerate(self.catalogue.rows)}
        items = sorted(self.items, key=lambda item: order[item.subindicator])
        return bundles(items, self.spec.groups_for(self.evaluation.form))

    @cached_property
    def bundle_of(self) -> dict[str, Bundle]:
        return {item.code: bundle for row in self.bundles.values() for bundle in row for item in bundle.items}

    @cached_property
    def _proven(self) -> dict[int, list[str]]:
        """By revision the codes of the questions that it proves."""
        found: dict[int, list[str]] = {}
        for code, links in self.links.items():
            for link in links:
                found.setdefault(link.revision_id, []).append(code)
        return found

    def proofs_of(self, code: str) -> tuple[Proof, ...]:
        return tuple(self._proof(link) for link in self.links.get(code, []))

    def _proof(self, link: EvidenceLink) -> Proof:
        evidence = link.revision.evidence
        inside = bool(can_read_confidential(self.user, self.school))
        readable = can_read_evidence(
            self.user,
            self.school,
            confidential=evidence.confidential,
            submitted=not inside and link.revision.code in self.submitted_revisions,
        )
        url = reverse("evaluations:evidence_file", args=[self.npsn, self.year, link.revision.code])
        also = tuple(code for code in self._proven[link.revision_id] if code != link.item_code)
        return Proof(link, readable, url, self.section.state, also)

    def new_form(self, item: ItemSpec, answer: Answer | None, data: Any = None) -> AnswerForm:
        people = [person for person in self.people if rates_another(person, self.school, item)]
        required = self.types_only or not rates_another(self.user, self.school, item)
        form = answer_form(item, answer, data, people=people, person_required=required)
        if self.types_only and answer is not None:
            form.initial["on_behalf_of"] = answer.answered_by.username
        return form

    def card(
        self,
        item: ItemSpec,
        answer: Answer | None = None,
        *,
        form: AnswerForm | None = None,
        with_form: bool = True,
        **extra: Any,
    ) -> Card:
        """What one save shows again, without the queries for evidence and review (see :meth:`full_card`)."""
        others = rates_another(self.user, self.school, item)
        if form is None and with_form and self.editable and item.answerable and self.may_rate(item):
            form = self.new_form(item, answer)
        return Card(
            item, self.section, self.npsn, self.year, answer, extra.pop("proofs", ()), self.editable,
            self.bundle_of[item.code], form, kind_notice=others.reason, **extra,
        )  # fmt: skip

    def full_card(self, item: ItemSpec, *, with_form: bool = True, proposed: bool = False, **extra: Any) -> Card:
        """The card with evidence and with what the last review said about it.

        What could be confirmed is looked up only where it can be: beside the form, or when it is *proposed*.
        """
        review = self.mend[1].get(item.code)
        decided, why = self._decided(item)
        return self.card(
            item, self.signed_answers.get(item.code), proofs=self.proofs_of(item.code), decided=decided,
            decided_why=why, unanswered_reason=self._unanswered_reason(item.code),
            returned=review.reason if review else "",
            proposal=self.proposals.get(item.code) if with_form or proposed else None, with_form=with_form,
            unsupported=with_form and item.code in self.unsupported,
            returned_handled=bool(review and self._handled(item.code, review)), **extra,
        )  # fmt: skip

    def grouped(self, special: Card | None = None) -> list[Group]:
        """Indicators with their cards in the order of the codes, what is answered together in one place; *special*
        stands for its own card."""
        return grouped(
            self.catalogue.children(self.section.standard),
            self.bundles,
            lambda item: special if special and special.item.code == item.code else self.full_card(item),
        )
