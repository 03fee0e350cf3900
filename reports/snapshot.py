"""The content of an annual report, frozen: everything that the PDF shows and nothing that depends on when it is made.

The same data give the same text, so its SHA-256 says whether a new report would differ. Dates, numbers and
titles stand here as they are printed: a later change of formats or words cannot alter a report of an old year.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from django.db.models import Q

from common.canonical import canonical_json
from common.clock import local_date
from common.explanation import Explanation
from common.formats import format_bytes, format_date, format_decimal, format_moment
from common.rounding import round_half_up
from evaluations.models import (
    AnswerState,
    Evaluation,
    EvidenceKind,
    EvidenceLink,
    LinkState,
    Review,
    ReviewDecision,
    ReviewMode,
    SectionState,
    Submission,
)
from evaluations.scoring import Figure, Outcome, OutcomeState, Profile, explain_profile
from evaluations.services.profiles import Profiles, evaluation_profiles, latest_submissions, stored_outcome, view_name
from evaluations.services.spreads import own_spreads
from evaluations.values import Checklist, Rubric, describe, parse_value
from reports.content import (
    Approval,
    Basis,
    Cover,
    Coverage,
    Decided,
    EvidenceRow,
    Fact,
    Highlights,
    IndicatorBlock,
    Item,
    ItemEvidence,
    LeftOut,
    Meeting,
    Method,
    Mode,
    OwnInstrument,
    Point,
    ProfileTables,
    Receipt,
    Reply,
    Score,
    Signer,
    Snapshot,
    SpreadRow,
    StandardBlock,
    Step,
)
from reports.readiness import readiness_tables
from reports.targets import CONFIDENTIAL_TITLE, target_tables
from schools.choices import EducationForm, IdentifierKind, Naungan, Ownership, Role
from schools.models import Assignment, Region, School
from schools.words import Words
from standards.catalogue import Catalogue
from standards.instruments import InstrumentSpec, Rules
from standards.items import ItemSpec
from standards.models import LegalBasis

SCHEMA = 1
HIGHLIGHTS = 5
# Standards, indicators and subindicators whose official wording was not found in an official source.
UNSURE_NAMES = {
    "confirmed": "",
    "partly_confirmed": "nama terverifikasi sebagian",
    "unverified": "nama belum terverifikasi",
}
UNSURE_BASES = {
    LegalBasis.Status.VERIFIED: "",
    LegalBasis.Status.UNVERIFIED: "belum terverifikasi",
    LegalBasis.Status.CONFLICT: "sumber berbeda pendapat",
}


def _signer(assignment: Assignment) -> Signer:
    return Signer(assignment.title, str(assignment.person), assignment.person.printed_nip)


def _approval(evaluation: Evaluation, school: School, day: date, place: str) -> Approval:
    held: dict[str, list[Assignment]] = {}
    rows = Assignment.objects.current(day).filter(school=school).select_related("person", "school")
    for row in rows.order_by("person__name", "person__pk", "pk"):
        row.school = school
        held.setdefault(row.role, []).append(row)
    # Whoever approved signs. The others are for an appointment that was corrected afterwards.
    head = evaluation.approved_as
    if head is None or not head.in_force(day):
        of_the_day = Assignment.objects.heads(on=day).filter(school=school).select_related("person").first()
        head = of_the_day or head
    if head is None:
        raise ValueError(f"{evaluation} is not approved")
    head.school = school
    supervisors = held.get(Role.SUPERVISOR, [])
    return Approval(
        place=place,
        date=format_date(day),
        head=_signer(head),
        team=tuple(map(_signer, held.get(Role.QUALITY_TEAM, []))),
        committee=tuple(map(_signer, held.get(Role.COMMITTEE, []))),
        supervisor=_signer(supervisors[0]) if supervisors else None,
    )


def _identity(school: School, form: str, approval: Approval, words: Words, regions: Sequence[str]) -> tuple[Fact, ...]:
    numbers = school.identifiers.filter(kind=IdentifierKind.NSM, valid_to=None).values_list("value", flat=True)
    facts = [
        (f"Nama {words.school}", school.name),
        ("NPSN", school.npsn),
        ("NSM", ", ".join(numbers)),
        ("Bentuk pendidikan", EducationForm(form).label),
        ("Status", Ownership(school.ownership).label),
        ("Naungan", Naungan(school.naungan).label),
        ("Yayasan", school.foundation),
        ("Alamat", ", ".join(part for part in (school.address, school.village) if part)),
        ("Wilayah", ", ".join(regions)),
        ("Telepon", school.phone),
        ("Surel", school.email),
        (approval.head.title, approval.head.name),
        (words.quality_team, "; ".join(signer.name for signer in approval.team)),
    ]
    return tuple(Fact(label, value) for label, value in facts if value)


def _regions(school: School) -> list[str]:
    """From the school's district up to its province."""
    names: list[str] = []
    region: Region | None = school.region
    while region is not None:
        names.append(region.name)
        region = region.parent
    return names


# --- answers ----------------------------------------------------------------------------------------


def _reply(spec: InstrumentSpec, item: ItemSpec, state: str, value: Any, na_reason: str, unanswered: str) -> Reply:
    if state == AnswerState.NOT_APPLICABLE:
        reason = next((one.text for one in item.na if one.code == na_reason), na_reason)
        return Reply("not_applicable", "Tidak berlaku", "", reason, ())
    if state != AnswerState.ANSWERED:
        return Reply("unanswered", "Belum dapat dijawab", "", unanswered, ())
    parsed = parse_value(item, value)
    outcome = stored_outcome(item, state, value, spec.profile_rules)
    if outcome.state is OutcomeState.NOT_APPLICABLE:
        return Reply("not_applicable", describe(item, parsed), "", "Pembagi nol: tidak berlaku", ())
    points: tuple[Point, ...] = ()
    detail = ""
    if isinstance(parsed, Checklist):
        points = tuple(Point(p.text, p.code in parsed.met, p.must) for p in item.points or ())
    elif isinstance(parsed, Rubric):
        detail = item.levels.get(parsed.level, "")
    elif item.ratio is not None:
        detail = f"Yang dihitung: {item.ratio.count} Dari: {item.ratio.of}"
    text = "" if isinstance(parsed, Rubric) else describe(item, parsed)
    return Reply("answered", text, f"Level capaian {outcome.level}", detail, points)


def _decided(spec: InstrumentSpec, item: ItemSpec, review: Review | None, *, answered: bool) -> Decided | None:
    if review is None:
        return None
    corrected = None
    if review.decision == ReviewDecision.CORRECTED:
        corrected = _reply(spec, item, review.state, review.value, review.na_reason, "")
    return Decided(
        label=ReviewDecision(review.decision).shown(answered=answered),
        tone=review.decision.lower(),
        mode=ReviewMode(review.mode).label,
        reason=review.reason,
        carried=review.carried_from_id is not None,
        corrected=corrected,
    )


class _EvidenceList:
    """Numbers every revision once, in the order in which the report first meets it."""

    def __init__(self, links: Iterable[EvidenceLink], offered: Iterable[Mapping[str, Any]]) -> None:
        self.states: dict[tuple[str, str], str] = {}
        # Marked confidential at any time means: what it is about stays inside the school.
        self.secret = {frozen["revision"] for frozen in offered if frozen["confidential"]}
        for link in links:
            self.states[link.item_code, link.revision.code] = LinkState(link.state).shown(SectionState.VERIFIED)
            if link.revision.evidence.confidential:
                self.secret.add(link.revision.code)
        self.rows: dict[str, tuple[int, Mapping[str, Any]]] = {}
        self.uses: dict[str, list[Fact]] = {}

    def _title(self, frozen: Mapping[str, Any]) -> str:
        return CONFIDENTIAL_TITLE if frozen["revision"] in self.secret else frozen["title"]

    def add(self, code: str, frozen: Mapping[str, Any]) -> ItemEvidence:
        key = frozen["revision"]
        state = self.states.get((code, key), LinkState.WAITING.shown(SectionState.VERIFIED))
        number, _ = self.rows.setdefault(key, (len(self.rows) + 1, frozen))
        self.uses.setdefault(key, []).append(Fact(code, state))
        return ItemEvidence(number, self._title(frozen), state)

    def table(self) -> tuple[EvidenceRow, ...]:
        return tuple(
            EvidenceRow(
                number=number,
                title=self._title(frozen),
                kind=EvidenceKind(frozen["kind"]).label,
                dated=_iso_date(frozen["dated"]),
                valid_until=_iso_date(frozen["valid_until"]),
                size=format_bytes(frozen["size"]),
                sha256=frozen["sha256"],
                revision=frozen["number"],
                uses=tuple(self.uses[key]),
            )
            for key, (number, frozen) in self.rows.items()
        )


def _iso_date(text: str | None) -> str:
    return format_date(date.fromisoformat(text)) if text else ""


# --- figures ----------------------------------------------------------------------------------------


def _shown(figure: Figure) -> str:
    return "" if figure.shown is None else format_decimal(figure.shown)


class _Figures:
    """The three views of every code, read once."""

    def __init__(self, profiles: Profiles, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.views = {view.kind: self._by_code(view.profile) for view in profiles}

    @staticmethod
    def _by_code(profile: Profile) -> dict[str, Figure]:
        return {f.code: f for f in (*profile.standards, *profile.indicators, *profile.subindicators)}

    def score(self, code: str) -> Score:
        row = self.catalogue.by_code[code]
        verified = self.views["verified"][code]
        return Score(
            code=code,
            name=row.name,
            mark=UNSURE_NAMES[row.status],
            claimed=_shown(self.views["claimed"][code]),
            verified=_shown(verified),
            backed=_shown(self.views["backed"][code]),
            category=verified.category or "",
        )


def _coverage(profiles: Profiles, words: Words) -> tuple[Coverage, ...]:
    return tuple(
        Coverage(
            view.kind,
            view_name(view.kind, words),
            _shown(view.profile.total),
            view.profile.total.category or "",
            view.profile.items.answered,
            view.profile.items.applicable,
        )
        for view in profiles
    )


def _categories(rules: Rules) -> tuple[Fact, ...]:
    return tuple(Fact(c.name, f"sampai {format_decimal(round_half_up(c.upper))}") for c in rules.categories)


def _highlights(profile: Profile, figures: _Figures, rules: Rules) -> Highlights:
    """Strong: above the limit of the third-highest category; weak: all others. At most HIGHLIGHTS of each."""
    limit = rules.categories[max(0, len(rules.categories) - 3)].upper
    known: list[tuple[Fraction, Figure]] = [
        (figure.score, figure) for figure in profile.subindicators if figure.score is not None
    ]
    # sorted() is stable, so equal scores keep the order of their codes
    strong = sorted((pair for pair in known if Fraction(pair[1].shown or 0) > limit), key=lambda p: -p[0])
    weak = sorted((pair for pair in known if Fraction(pair[1].shown or 0) <= limit), key=lambda p: p[0])
    printed = format_decimal(round_half_up(limit))
    return Highlights(
        rule=(
            f"Dipilih dari hasil telaah tim. Kekuatan: paling banyak {HIGHLIGHTS} subindikator bernilai di atas "
            f"{printed}, mulai dari yang tertinggi. Kelemahan: paling banyak {HIGHLIGHTS} subindikator bernilai "
            f"sampai {printed}, mulai dari yang terendah. Nilai yang sama diurutkan menurut kode."
        ),
        strengths=tuple(figures.score(figure.code) for _, figure in strong[:HIGHLIGHTS]),
        strengths_total=len(strong),
        weaknesses=tuple(figures.score(figure.code) for _, figure in weak[:HIGHLIGHTS]),
        weaknesses_total=len(weak),
    )


def _steps(explanation: Explanation) -> tuple[Step, ...]:
    """The tree as lines. Questions are named by their code alone: their text stands in the chapter before."""
    deepest = 4  # total, standard, indicator, subindicator, question
    return tuple(
        Step(
            depth=depth,
            title=f"Pertanyaan {node.title.partition(' ')[0]}" if depth == deepest else node.title,
            value=node.value,
            formula=node.formula,
            source=node.source,
        )
        for depth, node in explanation.walk()
    )


# --- method -----------------------------------------------------------------------------------------


def _validity(basis: LegalBasis) -> str:
    parts = []
    if basis.valid_from:
        parts.append(f"sejak {format_date(basis.valid_from)}")
    if basis.valid_to:
        parts.append(f"sampai {format_date(basis.valid_to)}")
    return " ".join(parts)


def _bases(items: Sequence[ItemSpec], measured: Sequence[str]) -> tuple[Basis, ...]:
    """General regulations, those of the measured standards, and what the questions rest on."""
    named = {key for item in items for key in item.basis}
    rows = LegalBasis.objects.filter(Q(standard=None) | Q(standard__code__in=measured) | Q(key__in=named))
    return tuple(
        Basis(
            title=row.title,
            subject=row.subject,
            valid=_validity(row),
            mark=UNSURE_BASES[LegalBasis.Status(row.status)],
            note=row.note,
        )
        for row in rows.select_related("standard").order_by("standard__position", "key")
    )


def _meetings(reviews: Iterable[Review], zone: str) -> tuple[Meeting, ...]:
    found: dict[tuple[str, date], list[str]] = {}
    for review in reviews:
        if review.mode == ReviewMode.MEETING:
            found.setdefault((review.attendance, local_date(review.reviewed_at, zone)), []).append(review.item_code)
    ordered = sorted(found.items(), key=lambda pair: (pair[0][1], pair[1]))
    return tuple(
        Meeting(format_date(day), tuple(attendance.splitlines()), tuple(codes)) for (attendance, day), codes in ordered
    )


def _scope(evaluation: Evaluation, measured: int, standards: int) -> str:
    """On which part of the instrument the figures rest."""
    text = f"mengukur {measured} dari {standards} standar"
    if not evaluation.scope:
        return text
    asked, whole = len(evaluation.asked), len(evaluation.spec.asked(evaluation.form))
    return f"dalam cakupan {evaluation.scope_name} ({asked} dari {whole} pertanyaan untuk bentuk ini) {text}"


def _method(
    evaluation: Evaluation,
    spec: InstrumentSpec,
    catalogue: Catalogue,
    items: Sequence[tuple[ItemSpec, Mapping[str, Any], Review | None]],
    verified: Mapping[str, Outcome],
    zone: str,
) -> Method:
    measured = spec.standards_for(evaluation.form, evaluation.scope)
    decided = [(frozen, review) for _, frozen, review in items if review is not None]
    # Accepting the reason for no answer decides nothing about the figures.
    reviews = [review for frozen, review in decided if frozen["state"] in AnswerState.values]
    not_applicable, unanswered = [], []
    for item, frozen, review in items:
        # What counts is the result: a correction may have made it so, or have undone it.
        outcome = verified[item.code]
        state, value, reason = frozen["state"], frozen["value"], frozen["na_reason"]
        if review is not None and review.decision == ReviewDecision.CORRECTED:
            state, value, reason = review.state, review.value, review.na_reason
        reply = _reply(spec, item, state, value, reason, frozen["unanswered_reason"])
        if outcome.state is OutcomeState.NOT_APPLICABLE:
            not_applicable.append(LeftOut(item.code, item.question, reply.detail))
        elif outcome.state is OutcomeState.UNANSWERED:
            unanswered.append(LeftOut(item.code, item.question, reply.detail))

    def named(code: str) -> str:
        return f"{code} {catalogue.by_code[code].name}"

    return Method(
        instrument=spec.title,
        version=f"{spec.instrument} {spec.version}",
        sha256=evaluation.version.sha256,
        source=spec.source,
        note=spec.note,
        scope=_scope(evaluation, len(measured), len(catalogue.standards)),
        measured=tuple(map(named, measured)),
        unmeasured=tuple(named(row.code) for row in catalogue.standards if row.code not in measured),
        modes=tuple(
            Mode(mode.label, count) for mode in ReviewMode if (count := sum(review.mode == mode for review in reviews))
        ),
        carried=sum(review.carried_from_id is not None for review in reviews),
        decided=len(reviews),
        meetings=_meetings([review for _, review in decided], zone),
        items=len(items),
        not_applicable=tuple(not_applicable),
        unanswered=tuple(unanswered),
        bases=_bases([item for item, _, _ in items], measured),
    )


# --- the whole --------------------------------------------------------------------------------------


def _standards(
    evaluation: Evaluation,
    spec: InstrumentSpec,
    catalogue: Catalogue,
    figures: _Figures,
    profile: Profile,
    submissions: Mapping[str, Submission],
    items: Sequence[tuple[ItemSpec, Mapping[str, Any], Review | None]],
    evidence: _EvidenceList,
) -> tuple[StandardBlock, ...]:
    blocks: dict[str, Item] = {}
    for item, frozen, review in items:
        row = catalogue.by_code[item.subindicator]
        blocks[item.code] = Item(
            code=item.code,
            question=item.question,
            subindicator=row.code,
            subindicator_name=row.name,
            mark=UNSURE_NAMES[row.status],
            answer=_reply(
                spec, item, frozen["state"], frozen["value"], frozen["na_reason"], frozen["unanswered_reason"]
            ),
            note=frozen["note"],
            evidence=tuple(evidence.add(item.code, one) for one in frozen["evidence"]),
            review=_decided(spec, item, review, answered=frozen["state"] in AnswerState.values),
        )
    result = []
    for standard in spec.standards_for(evaluation.form, evaluation.scope):
        asked = [item for item, _, _ in items if item.standard == standard]
        indicators = []
        for indicator in catalogue.children(standard):
            own = tuple(
                blocks[item.code] for item in asked if catalogue.by_code[item.subindicator].parent == indicator.code
            )
            if own:
                indicators.append(IndicatorBlock(figures.score(indicator.code), own))
        count = profile.items_by_standard[standard]
        result.append(
            StandardBlock(
                figures.score(standard),
                count.answered,
                count.applicable,
                submissions[standard].round,
                tuple(indicators),
            )
        )
    return tuple(result)


def _receipts(evaluation: Evaluation, catalogue: Catalogue, zone: str) -> tuple[Receipt, ...]:
    rows = Submission.objects.filter(section__evaluation=evaluation).select_related("section", "submitted_by")
    return tuple(
        Receipt(
            standard=f"{row.section.standard} {catalogue.by_code[row.section.standard].name}",
            round=row.round,
            number=row.number,
            submitted=format_moment(row.submitted_at, zone),
            by=f"{row.content['submitted_by']['name']}, {row.content['submitted_by']['title']}",
            sha256=row.sha256,
        )
        for row in rows.order_by("section__standard", "round")
    )


def _own_instruments(national: Evaluation, zone: str) -> tuple[OwnInstrument, ...]:
    """Those of which anything was submitted; what was never submitted counts as unanswered here."""
    found = []
    for spread in own_spreads(national, submitted_only=True):
        evaluation = spread.evaluation
        if not spread.submitted:
            continue
        approved = evaluation.approved_at
        found.append(
            OwnInstrument(
                title=evaluation.spec.title,
                version=evaluation.spec.version,
                owner=str(evaluation.version.owner),
                questions=len(evaluation.asked),
                state=f"disahkan {format_date(approved, zone)}" if approved else "belum disahkan, masih dapat berubah",
                rows=tuple(
                    SpreadRow(one.label, one.counts.levels, one.counts.not_applicable, one.counts.unanswered)
                    for one in spread.columns
                ),
            )
        )
    return tuple(found)


def build_content(evaluation: Evaluation) -> Snapshot:
    """All that the report of an approved evaluation says. Raises ValueError before the approval."""
    if evaluation.approved_at is None:
        raise ValueError(f"{evaluation} is not approved")
    school, spec, catalogue = evaluation.school, evaluation.spec, evaluation.catalogue
    words, zone = school.words, school.time_zone
    day = local_date(evaluation.approved_at, zone)
    profiles = evaluation_profiles(evaluation)
    figures = _Figures(profiles, catalogue)
    submissions = {row.section.standard: row for row in latest_submissions(evaluation)}
    decisions = {
        (review.submission_id, review.item_code): review
        for review in Review.objects.filter(submission__in=submissions.values()).order_by("pk")
    }
    items: list[tuple[ItemSpec, Mapping[str, Any], Review | None]] = [
        (item, submission.content["items"][item.code], decisions.get((submission.pk, item.code)))
        for item in evaluation.asked.values()
        for submission in [submissions[item.standard]]
    ]
    links = EvidenceLink.objects.filter(section__evaluation=evaluation).select_related("revision__evidence")
    evidence = _EvidenceList(links, (one for _, frozen, _ in items for one in frozen["evidence"]))
    regions = _regions(school)
    place = school.village or regions[0]
    approval = _approval(evaluation, school, day, place)
    verified = profiles.verified
    standards = _standards(evaluation, spec, catalogue, figures, verified.profile, submissions, items, evidence)
    return Snapshot(
        schema=SCHEMA,
        words=words.model_dump(),
        cover=Cover(
            title="Laporan Tahunan Penjaminan Mutu Internal",
            year=str(evaluation.cycle.academic_year),
            school=school.name,
            npsn=school.npsn,
            place=", ".join(regions),
            approved=format_date(day),
            created=_iso_moment(evaluation.approved_at),
        ),
        approval=approval,
        identity=_identity(school, evaluation.form, approval, words, regions),
        method=_method(evaluation, spec, catalogue, items, verified.outcomes, zone),
        profile=ProfileTables(
            coverage=_coverage(profiles, words),
            standards=tuple(figures.score(row.code) for row in catalogue.standards),
            categories=_categories(spec.profile_rules),
        ),
        standards=standards,
        highlights=_highlights(verified.profile, figures, spec.profile_rules),
        evidence=evidence.table(),
        explanation=_steps(
            explain_profile(
                catalogue, spec, evaluation.form, verified.profile, verified.outcomes, scope=evaluation.scope
            )
        ),
        receipts=_receipts(evaluation, catalogue, zone),
        own=_own_instruments(evaluation, zone),
        targets=target_tables(evaluation, profiles),
        readiness=readiness_tables(evaluation, profiles),
    )


def _iso_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()


def build_snapshot(evaluation: Evaluation) -> str:
    """The content as canonical JSON: equal texts mean equal reports. Raises ValueError before the approval."""
    content = asdict(build_content(evaluation))
    if not content["own"]:
        del content["own"]  # so that a report without own questions stays the one that was made before there were any
    for part in ("targets", "readiness"):
        if content[part] is None:
            del content[part]  # so that a report without it stays the report that was made before there was any
    return canonical_json(content)


def read_snapshot(text: str) -> dict[str, Any]:
    """The content of a stored report, for its template. Raises ValueError for a schema that this version can't read."""
    content: dict[str, Any] = json.loads(text)
    if content.get("schema") != SCHEMA:
        raise ValueError(f"snapshot schema {content.get('schema')} is not {SCHEMA}")
    content.setdefault("own", [])
    content.setdefault("targets", None)
    content.setdefault("readiness", None)
    return content
