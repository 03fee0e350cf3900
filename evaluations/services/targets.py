"""The targets of a year: setting them, the meeting that decided, proposal, approval and later rounds.

Whatever changes targets or decisions locks the evaluation first, as its approval does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db import transaction

from common import clock
from common.canonical import canonical_json, sha256_text
from common.errors import DomainError, StateError, require
from common.formats import format_date
from common.texts import clean_text
from evaluations.models import (
    DecisionState,
    Evaluation,
    EvidenceKind,
    EvidenceRevision,
    SectionState,
    StageState,
    Target,
    TargetDecision,
)
from evaluations.permissions import (
    can_approve_targets,
    can_edit_targets,
    can_propose_targets,
    can_return_targets,
    can_revise_targets,
)
from evaluations.scoring import UNANSWERED, Profile, build_profile
from evaluations.services.cycles import INSTRUMENT, advance_stage
from evaluations.services.evidence import Received, keep_unlinked, receive
from evaluations.services.locks import locked_evaluation
from evaluations.services.profiles import Profiles, view_name
from evaluations.targets import Gap, Goals, Wanted, build_goals, compare, targetable, wanted_from
from schools.choices import Role
from schools.models import User, record_event
from schools.words import Words
from standards.services import the_catalogue

STAGE = "menetapkan"
NOTE_LIMIT = 500
REASON_LIMIT = 500
NAME_LIMIT = 100
PLACE_LIMIT = 150
MOST_PEOPLE = 60
MEETING_MINIMUM = 2


# --- reading ----------------------------------------------------------------------------------------


def rows_of(evaluation: Evaluation) -> dict[str, tuple[str, ...]]:
    """Indicators that can have a target here, each with its subindicators.

    Whatever the instrument asks schools of this form about, also where this year asks less: a target may look further.
    """
    measured = {item.subindicator for item in evaluation.spec.items_for(evaluation.form)}
    return targetable(the_catalogue(), measured)


def codes_of(evaluation: Evaluation, standard: str) -> list[str]:
    """Codes of one standard that can have a target: every indicator, followed by its subindicators."""
    rows = rows_of(evaluation).items()
    return [code for top, parts in rows if top.partition(".")[0] == standard for code in (top, *parts)]


def goals_of(evaluation: Evaluation, values: Mapping[str, Wanted]) -> Goals:
    """The targets of every row, rolled up."""
    measured = {part for parts in rows_of(evaluation).values() for part in parts}
    scores = {code: Fraction(value.score) for code, value in values.items() if value.score is not None}
    return build_goals(the_catalogue(), evaluation.spec.profile_rules, measured, scores)


@dataclass(frozen=True)
class TargetBook:
    """Targets of a year as somebody may see them: those in force, or the school's own draft."""

    decision: TargetDecision
    values: Mapping[str, Wanted]  # what was set, by code
    goals: Goals

    @property
    def approved(self) -> bool:
        return self.decision.state == DecisionState.APPROVED

    @property
    def total_basis(self) -> str:
        return self.goals.basis("")

    @property
    def beyond(self) -> dict[str, Wanted]:
        """What goes beyond the national standards."""
        return {code: value for code, value in self.values.items() if value.beyond}


class TargetYear:
    """The decisions on the targets of one evaluation's year, read when asked for."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation

    @cached_property
    def decisions(self) -> list[TargetDecision]:
        """Every round, oldest first."""
        rows = TargetDecision.objects.filter(cycle=self.evaluation.cycle_id).order_by("round")
        people = ("approved_by", "approved_as__person", "approved_as__school", "proposed_by")
        return list(rows.select_related("minutes__evidence", "minutes__file", *people))

    @property
    def current(self) -> TargetDecision | None:
        """The round that is worked on, or was worked on last."""
        return self.decisions[-1] if self.decisions else None

    @property
    def in_force(self) -> TargetDecision | None:
        """The last approved round: it holds until a later one is approved too."""
        return next((row for row in reversed(self.decisions) if row.state == DecisionState.APPROVED), None)

    @cached_property
    def working(self) -> dict[str, Wanted]:
        """What the team has set so far, approved or not; no query where nothing was ever set."""
        return working_values(self.evaluation.cycle_id) if self.decisions else {}

    def book(self, *, drafts: bool) -> TargetBook | None:
        """The targets in force; before any approval, for people inside the school, the draft. None: none to show."""
        if (decision := self.in_force) is not None:
            return self._book(decision, approved_values(decision))
        return self.draft() if drafts else None

    def draft(self) -> TargetBook | None:
        """What the team works on, even where an earlier round is in force."""
        return self._book(self.current, self.working) if self.current else None

    def _book(self, decision: TargetDecision, values: Mapping[str, Wanted]) -> TargetBook:
        return TargetBook(decision, values, goals_of(self.evaluation, values))


def working_values(cycle_id: int) -> dict[str, Wanted]:
    return {
        row.code: Wanted(row.score, row.beyond, row.beyond_note, row.note)
        for row in Target.objects.filter(cycle=cycle_id)
    }


def approved_values(decision: TargetDecision) -> dict[str, Wanted]:
    """The targets of an approved round as they were approved."""
    return {code: wanted_from(stored) for code, stored in (decision.content or {}).items()}


@dataclass(frozen=True)
class Reached:
    """What the school has reached so far: the team's result for verified standards, else the school's own."""

    profile: Profile
    verified: frozenset[str]
    standards: frozenset[str]
    words: Words

    def origin(self, code: str) -> str:
        """Whose figure the row *code* shows ("" for the total)."""
        team, own = (view_name(kind, self.words).lower() for kind in ("verified", "claimed"))
        if code:
            return team if code.partition(".")[0] in self.verified else own
        if self.verified and self.verified != self.standards:
            return f"{team} untuk {len(self.verified)} standar, selebihnya {own}"
        return team if self.verified else own


def reached(evaluation: Evaluation, profiles: Profiles, states: Mapping[str, str]) -> Reached:
    """What to hold against the targets; *states* are those of the sections by standard."""
    verified = frozenset(code for code, state in states.items() if state == SectionState.VERIFIED)
    if not verified:
        profile = profiles.claimed.profile
    elif verified == set(states):
        profile = profiles.verified.profile
    else:
        chosen = {True: profiles.verified.outcomes, False: profiles.claimed.outcomes}
        asked = evaluation.asked
        outcomes = {code: chosen[asked[code].standard in verified].get(code, UNANSWERED) for code in asked}
        profile = build_profile(the_catalogue(), evaluation.spec, evaluation.form, outcomes, scope=evaluation.scope)
    return Reached(profile, verified, frozenset(states), evaluation.school.words)


def gaps_of(book: TargetBook, result: Reached) -> dict[str, Gap]:
    return compare(the_catalogue(), book.goals, result.profile)


def earlier_evaluation(evaluation: Evaluation) -> Evaluation | None:
    """The school's last self-evaluation before this one, whatever year that was.

    None when it rests on another scope: figures of two scopes are not held against each other.
    """
    rows = Evaluation.objects.with_place().filter(
        cycle__school=evaluation.cycle.school_id, cycle__year__lt=evaluation.cycle.year, version__instrument=INSTRUMENT
    )
    found = rows.order_by("-cycle__year").first()
    return found if found is not None and found.comparable_with(evaluation) else None


def seen_mark(values: Mapping[str, Wanted], codes: Sequence[str]) -> str:
    """A mark of what stands in the rows *codes*: another one as soon as anything in them differs."""
    return sha256_text(canonical_json({code: values[code].stored() for code in codes if code in values}))[:16]


# --- setting ----------------------------------------------------------------------------------------


class TargetConflict(DomainError):
    """Somebody else changed the standard meanwhile; ``current`` is what stands there now. Nothing was saved."""

    status = 409

    def __init__(self, current: Mapping[str, Wanted]) -> None:
        super().__init__(
            "Sementara Anda mengisi, target standar ini diubah orang lain. Isian Anda masih ada di bawah dan belum "
            "tersimpan; bandingkan, lalu simpan lagi bila isian Anda yang dipakai."
        )
        self.current = dict(current)


def _checked(wanted: Mapping[str, Wanted], *, scale: int) -> dict[str, Wanted]:
    """The values as they are stored. Raises one DomainError that names every field at fault."""
    faults: dict[str, str] = {}
    cleaned = {}
    for code, value in wanted.items():
        score, beyond_note, note = value.score, clean_text(value.beyond_note), clean_text(value.note)
        if score is not None:
            if not score.is_finite() or not 0 <= score <= scale:
                faults[f"{code}-score"] = f"Target ditulis dari 0 sampai {scale}."
            elif score != round(score, 2):
                faults[f"{code}-score"] = "Tulis paling banyak dua angka di belakang koma."
            else:
                score = score.quantize(Decimal("0.01")) + 0  # and no "-0.00"
        for name, text in (("beyond_note", beyond_note), ("note", note)):
            if len(text) > NOTE_LIMIT:
                faults[f"{code}-{name}"] = f"Paling banyak {NOTE_LIMIT} tanda. Ringkaskan dahulu."
        if value.beyond and not beyond_note:
            faults[f"{code}-beyond_note"] = "Tuliskan apa yang dilakukan melebihi standar nasional."
        cleaned[code] = Wanted(score, value.beyond, beyond_note if value.beyond else "", note)
    if faults:
        places = sorted({field.rpartition("-")[0] for field in faults})
        raise DomainError(f"Periksa isian {', '.join(places)}. Belum ada yang tersimpan.", fields=faults)
    return cleaned


def _locked(evaluation_id: int) -> tuple[Evaluation, TargetDecision | None]:
    """The evaluation under its lock, and the newest round of deciding as it is now."""
    evaluation = locked_evaluation(evaluation_id)
    decisions = TargetDecision.objects.filter(cycle=evaluation.cycle_id).select_related("minutes__evidence")
    return evaluation, decisions.order_by("-round").first()


def _begun(evaluation: Evaluation, decision: TargetDecision | None) -> TargetDecision:
    """The round, made now when this is the first thing said about the targets."""
    if decision is not None:
        return decision
    advance_stage(evaluation.cycle, STAGE, StageState.RUNNING, changes={"state": StageState.NOT_STARTED})
    return TargetDecision.objects.create(cycle=evaluation.cycle)


@transaction.atomic
def save_targets(
    evaluation_id: int,
    standard: str,
    wanted: Mapping[str, Wanted],
    *,
    seen: str,
    actor: User,
    at: datetime | None = None,
) -> dict[str, Wanted]:
    """Set the targets of the rows named in *wanted*, all of one standard; an empty one takes the target back.

    *seen* is the mark (:func:`seen_mark`) of the standard as the person saw it. Sending again what stands there
    already changes nothing. Returns what stands in the standard now.
    Raises PermissionDenied, StateError; DomainError with the field ``<code>-<name>`` for a bad value;
    TargetConflict when the standard was changed meanwhile.
    """
    evaluation, decision = _locked(evaluation_id)
    require(can_edit_targets(actor, evaluation, decision))
    moment = clock.now(at)
    codes = codes_of(evaluation, standard)
    if unknown := sorted(set(wanted) - set(codes)):
        raise DomainError(f"{', '.join(unknown)} tidak diukur dalam standar ini. Muat ulang halaman, lalu isi kembali.")
    cleaned = _checked(wanted, scale=evaluation.spec.profile_rules.scale)
    stored = working_values(evaluation.cycle_id) if decision else {}
    current = {code: stored[code] for code in codes if code in stored}
    changed = {code: value for code, value in cleaned.items() if value != current.get(code, Wanted())}
    if not changed:
        return current
    if seen != seen_mark(current, codes):
        raise TargetConflict(current)
    decision = _begun(evaluation, decision)
    for code, value in changed.items():
        if value.is_empty:
            Target.objects.filter(cycle=evaluation.cycle_id, code=code).delete()
            continue
        fields = {
            "score": value.score, "beyond": value.beyond, "beyond_note": value.beyond_note, "note": value.note,
            "updated_by": actor, "updated_at": moment,
        }  # fmt: skip
        Target.objects.update_or_create(cycle=evaluation.cycle, code=code, defaults=fields)
    record_event(
        "targets.saved", decision, actor=actor, school=evaluation.school,
        before={code: current.get(code, Wanted()).stored() for code in changed},
        after={code: value.stored() for code, value in changed.items()}, at=moment,
    )  # fmt: skip
    return {code: value for code, value in (current | changed).items() if not value.is_empty}


# --- the meeting ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who took part, as written down: name and role in words."""

    name: str
    role: str

    def stored(self) -> dict[str, str]:
        return {"name": self.name, "role": self.role}


@dataclass(frozen=True, slots=True)
class Meeting:
    """What is said about the meeting that decided on the targets."""

    met_on: date | None
    place: str = ""
    people: Sequence[Person] = ()


def _line(text: str) -> str:
    return " ".join(clean_text(text).split())


def _checked_meeting(evaluation: Evaluation, meeting: Meeting, today: date) -> Meeting:
    if meeting.met_on is not None:
        if meeting.met_on > today:
            message = f"Tanggal rapat belum tiba; hari ini {format_date(today)}. Isi setelah rapat berlangsung."
            raise DomainError(message, fields={"met_on": message})
        if meeting.met_on.year < evaluation.cycle.year - 1:
            message = "Tanggal rapat lebih dari setahun sebelum siklus ini. Periksa tahunnya."
            raise DomainError(message, fields={"met_on": message})
    place = _line(meeting.place)
    if len(place) > PLACE_LIMIT:
        message = f"Tempat paling banyak {PLACE_LIMIT} tanda."
        raise DomainError(message, fields={"place": message})
    people = list(dict.fromkeys(Person(_line(one.name), _line(one.role)) for one in meeting.people if _line(one.name)))
    if len(people) > MOST_PEOPLE:
        message = f"Paling banyak {MOST_PEOPLE} orang. Sebutkan kelompoknya, misalnya “guru kelas 1 sampai 6”."
        raise DomainError(message, fields={"others": message})
    for one in people:
        if max(len(one.name), len(one.role)) > NAME_LIMIT:
            message = f"Nama dan peran paling banyak {NAME_LIMIT} tanda: “{one.name[:30]}…”."
            raise DomainError(message, fields={"others": message})
        if not one.role:
            message = f"Tuliskan peran {one.name} sesudah koma, misalnya “{one.name}, wakil orang tua”."
            raise DomainError(message, fields={"others": message})
    return Meeting(meeting.met_on, place, tuple(people))


def _said(decision: TargetDecision) -> dict[str, Any]:
    minutes = decision.minutes
    return {
        "met_on": decision.met_on.isoformat() if decision.met_on else None,
        "place": decision.place,
        "participants": decision.participants,
        "minutes": minutes.code if minutes else None,
        "confidential": minutes.evidence.confidential if minutes else None,
    }


def _write_meeting(
    evaluation: Evaluation,
    decision: TargetDecision,
    meeting: Meeting,
    received: Received | None,
    *,
    confidential: bool,
    actor: User,
    at: datetime,
) -> None:
    before = _said(decision)
    decision.met_on, decision.place = meeting.met_on, meeting.place
    decision.participants = [one.stored() for one in meeting.people]
    if received is not None:
        decision.minutes = keep_unlinked(
            evaluation.school, received, title=f"Notulen penetapan target {evaluation.cycle.academic_year}",
            kind=EvidenceKind.MINUTES, dated=meeting.met_on, confidential=confidential, actor=actor, at=at,
            replaces=decision.minutes,
        )  # fmt: skip
    if decision.minutes is not None:
        _follow_meeting(decision.minutes, meeting, confidential=confidential)
    decision.save(update_fields=["met_on", "place", "participants", "minutes"])
    if before != (after := _said(decision)):
        record_event(
            "targets.meeting", decision, actor=actor, school=evaluation.school, before=before, after=after, at=at
        )


def _follow_meeting(minutes: EvidenceRevision, meeting: Meeting, *, confidential: bool) -> None:
    """The minutes carry the day of the meeting; "confidential" can be added to them, never taken away."""
    evidence = minutes.evidence
    secret = evidence.confidential or confidential
    dated = meeting.met_on or evidence.dated
    if (evidence.confidential, evidence.dated) != (secret, dated):
        evidence.confidential, evidence.dated = secret, dated
        evidence.save(update_fields=["confidential", "dated"])


def save_meeting(
    evaluation_id: int,
    meeting: Meeting,
    *,
    actor: User,
    file: tuple[str, bytes] | None = None,
    confidential: bool = False,
    propose: bool = False,
    at: datetime | None = None,
) -> TargetDecision:
    """Write down the meeting, with its minutes or attendance list as *file* (name, bytes); or propose right away.

    A new file takes the place of the former one as its next revision. With *propose*, DRAFT or RETURNED -> PROPOSED:
    there must be a target or something beyond SNP, a date, MEETING_MINIMUM people and a file.
    Raises PermissionDenied, StateError; DomainError for bad or missing details, or a bad file.
    """
    moment = clock.now(at)
    evaluation = Evaluation.objects.with_place().get(pk=evaluation_id)
    year = TargetYear(evaluation)
    allowed = can_propose_targets if propose else can_edit_targets
    require(allowed(actor, evaluation, year.current))
    meeting = _checked_meeting(evaluation, meeting, clock.local_date(moment, evaluation.school.time_zone))
    received = receive(evaluation.school, *file) if file else None
    with transaction.atomic():
        evaluation, decision = _locked(evaluation_id)
        require(allowed(actor, evaluation, decision))
        decision = _begun(evaluation, decision)
        _write_meeting(evaluation, decision, meeting, received, confidential=confidential, actor=actor, at=moment)
        if propose:
            _propose(evaluation, decision, actor=actor, at=moment)
    return decision


def _propose(evaluation: Evaluation, decision: TargetDecision, *, actor: User, at: datetime) -> None:
    missing: dict[str, str] = {}
    if decision.met_on is None:
        missing["met_on"] = "Isi tanggal rapat."
    if len(decision.participants) < MEETING_MINIMUM:
        missing["people"] = f"Sebutkan sedikitnya {MEETING_MINIMUM} orang yang ikut memutuskan."
    if decision.minutes is None:
        missing["file"] = "Unggah notulen atau daftar hadir; foto yang terbaca sudah cukup."
    if missing:
        raise DomainError("Usulan belum lengkap. " + " ".join(missing.values()), fields=missing)
    values = working_values(evaluation.cycle_id)
    if not any(value.score is not None or value.beyond for value in values.values()):
        raise DomainError("Belum ada target yang ditetapkan. Isi sedikitnya satu target, lalu usulkan.")
    before = decision.state
    decision.state, decision.return_reason = DecisionState.PROPOSED, ""
    decision.proposed_by, decision.proposed_at = actor, at
    decision.save(update_fields=["state", "return_reason", "proposed_by", "proposed_at"])
    record_event(
        "targets.proposed", decision, actor=actor, school=evaluation.school, before={"state": before},
        after={"state": decision.state, "targets": _stored(values)}, at=at,
    )  # fmt: skip


def _stored(values: Mapping[str, Wanted]) -> dict[str, dict[str, Any]]:
    return {code: values[code].stored() for code in sorted(values)}


# --- deciding ---------------------------------------------------------------------------------------


@transaction.atomic
def return_targets(evaluation_id: int, *, reason: str, actor: User, at: datetime | None = None) -> TargetDecision:
    """PROPOSED -> RETURNED, with a reason. Raises PermissionDenied, StateError, DomainError without a reason."""
    evaluation, decision = _locked(evaluation_id)
    require(can_return_targets(actor, evaluation, decision))
    assert decision is not None  # noqa: S101  (the predicate refuses without one)
    text = clean_text(reason)
    if not text or len(text) > REASON_LIMIT:
        message = f"Tuliskan alasannya, paling banyak {REASON_LIMIT} tanda, agar tim mutu tahu apa yang diubah."
        raise DomainError(message, fields={"reason": message})
    decision.state, decision.return_reason = DecisionState.RETURNED, text
    decision.save(update_fields=["state", "return_reason"])
    record_event(
        "targets.returned", decision, actor=actor, school=evaluation.school,
        before={"state": DecisionState.PROPOSED}, after={"state": decision.state, "reason": text}, at=at,
    )  # fmt: skip
    return decision


@transaction.atomic
def approve_targets(
    evaluation_id: int, *, actor: User, seen: str | None = None, at: datetime | None = None
) -> TargetDecision:
    """PROPOSED -> APPROVED by the principal: the targets are kept as they are now and hold for the year.

    *seen* names the proposal that the principal read (:attr:`TargetDecision.proposal`); None stands for the present
    one. Raises PermissionDenied or StateError with the reason, also when another proposal has taken its place.
    """
    evaluation, decision = _locked(evaluation_id)
    require(can_approve_targets(actor, evaluation, decision))
    assert decision is not None  # noqa: S101  (the predicate refuses without one)
    if seen is not None and seen != decision.proposal:
        raise StateError("Usulan ini diajukan lagi sesudah halaman Anda dibuka. Baca usulan yang baru, lalu sahkan.")
    moment = clock.now(at)
    school = evaluation.school
    former = TargetDecision.objects.filter(cycle=evaluation.cycle_id, round=decision.round - 1).first()
    decision.state = DecisionState.APPROVED
    decision.content = _stored(working_values(evaluation.cycle_id))
    decision.approved_at, decision.approved_by = moment, actor
    decision.approved_as = next(a for a in actor.held() if a.school_id == school.pk and a.role == Role.PRINCIPAL)
    decision.save(update_fields=["state", "content", "approved_at", "approved_by", "approved_as"])
    advance_stage(evaluation.cycle, STAGE, StageState.DONE, changes={})
    record_event(
        "targets.approved", decision, actor=actor, school=school,
        before={"state": DecisionState.PROPOSED, "targets": former.content if former else None},
        after={"state": decision.state, "round": decision.round, "targets": decision.content}, at=moment,
    )  # fmt: skip
    return decision


@transaction.atomic
def revise_targets(evaluation_id: int, *, actor: User, at: datetime | None = None) -> TargetDecision:
    """Open a new round after an approval; the approved targets hold until the new ones are approved.

    Raises PermissionDenied or StateError with the reason.
    """
    evaluation, decision = _locked(evaluation_id)
    require(can_revise_targets(actor, evaluation, decision))
    assert decision is not None  # noqa: S101  (the predicate refuses without one)
    following = TargetDecision.objects.create(cycle=evaluation.cycle, round=decision.round + 1)
    advance_stage(evaluation.cycle, STAGE, StageState.RUNNING, changes={"state": StageState.DONE})
    record_event(
        "targets.revised", following, actor=actor, school=evaluation.school,
        before={"round": decision.round}, after={"round": following.round}, at=at,
    )  # fmt: skip
    return following


def minutes_are_public(revision: EvidenceRevision) -> bool:
    """Whether supervisors may read this file because it is the minutes of an approved round."""
    return TargetDecision.objects.filter(minutes=revision, state=DecisionState.APPROVED).exists()
