"""What a school hands in before the visit: descriptions of performance per butir, and the compulsory documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery

from accreditation.catalogue import DocumentSpec, Group, Layout, SchemeData, SchemeItem
from accreditation.models import CompulsoryUpload, PerformanceText
from accreditation.performance import Known, Proof, Reply, Words
from accreditation.permissions import can_write_sispena
from common import clock
from common.errors import DomainError, StateError, require
from common.texts import clean_text
from evaluations.models import (
    Answer,
    Evaluation,
    Evidence,
    EvidenceKind,
    EvidenceLink,
    EvidenceRevision,
    LinkState,
    QualityCycle,
)
from evaluations.services.evidence import keep_unlinked, named_revision, receive
from schools.models import User, record_event
from standards.crosswalk import Link
from standards.naming import SELF_EVALUATION
from standards.services import crosswalks_from
from standards.wording import read_as

TEXT_LIMIT = 100_000  # signs; the longest draft that full notes can make is shorter
TITLE_LIMIT = 150


# --- what is known --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Knowledge:
    """What a school wrote and proved in one year about every indikator of a scheme."""

    by_item: dict[str, Known]
    words: Words
    confidential: frozenset[str]  # titles of all confidential proof of the school, linked or not

    def of_group(self, layout: Layout, group: str) -> tuple[Known, ...]:
        return tuple(self.by_item[code] for code, item in layout.items.items() if item.group == group)


def gather_known(national: Evaluation, scheme: SchemeData) -> Knowledge:
    """Answers, notes and proof of the year by indikator: four queries, whatever their number.

    An indikator has the school's direct answer, else the answers of the self-evaluation that lead to it. Its proof is
    what is linked to either. Nothing where the scheme has no layout for the form of education.
    """
    ref = scheme.spec.instrument
    beside = None
    if ref is not None:
        rows = Evaluation.objects.filter(cycle=national.cycle, version__instrument=ref.instrument)
        beside = rows.select_related("version").first()
    evaluations = [national, *([beside] if beside else [])]
    answers = {
        (answer.section.evaluation_id, answer.item_code): answer
        for answer in Answer.objects.filter(section__evaluation__in=evaluations).select_related("section")
    }
    links: dict[tuple[int, str], list[EvidenceLink]] = {}
    found = EvidenceLink.objects.filter(section__evaluation__in=evaluations)
    for link in found.select_related("section", "revision__evidence"):
        links.setdefault((link.section.evaluation_id, link.item_code), []).append(link)
    walks = {walk.target.instrument: walk for walk in crosswalks_from(national.version)}
    walk = walks.get(ref.instrument) if ref else None

    def known(item: SchemeItem) -> Known:
        direct = _reply(beside, item.code, answers) if beside else None
        sources: Sequence[Link] = walk.sources(item.code, national.form) if walk else ()
        replies = {link.source: _reply(national, link.source, answers) for link in sources}
        proofs = _proofs(
            links.get((beside.pk, item.code), []) if beside else [],
            {code: links.get((national.pk, code), []) for code in replies},
        )
        return Known(
            item.code,
            item.name if item.titled else "",
            direct,
            () if direct else tuple(reply for reply in replies.values() if reply),
            proofs,
            () if direct else tuple(code for code, reply in replies.items() if reply is None),
        )

    layout = scheme.layouts.get(national.form, Layout(()))
    instrument = f"{beside.spec.title} versi {beside.version.version}" if beside else scheme.spec.title
    scale = scheme.spec.scale
    questions = read_as(SELF_EVALUATION, national.form)
    levels = {level: scale.shown(level) for level in scale.levels}
    words = Words(national.school.words.school, instrument, questions, levels)
    confidential = frozenset(national.school.evidence.filter(confidential=True).values_list("title", flat=True))
    return Knowledge({code: known(item) for code, item in layout.items.items()}, words, confidential)


def _reply(evaluation: Evaluation, code: str, answers: dict[tuple[int, str], Answer]) -> Reply | None:
    answer, item = answers.get((evaluation.pk, code)), evaluation.asked.get(code)
    if answer is None or item is None:
        return None
    reason = next((one.text for one in item.na if one.code == answer.na_reason), answer.na_reason)
    return Reply(item, answer.parsed(item), reason, answer.note)


def _proofs(direct: Iterable[EvidenceLink], through: dict[str, list[EvidenceLink]]) -> tuple[Proof, ...]:
    """Every piece of evidence once, the dated ones first and the newest of them on top."""
    pieces: dict[str, Evidence] = {}
    via: dict[str, list[str]] = {}
    states: dict[str, set[str]] = {}
    at_hand = {link.revision.evidence.code for link in direct}
    for question, links in [("", list(direct)), *through.items()]:
        for link in links:
            evidence = link.revision.evidence
            pieces[evidence.code] = evidence
            states.setdefault(evidence.code, set()).add(link.state)
            if question and evidence.code not in at_hand and question not in via.setdefault(evidence.code, []):
                via[evidence.code].append(question)
    ordered = sorted(pieces.values(), key=lambda one: (-(one.dated or date.min).toordinal(), one.code))
    return tuple(
        Proof(
            one.code,
            one.title,
            EvidenceKind(one.kind).label,
            one.dated,
            one.valid_until,
            one.confidential,
            states[one.code] == {LinkState.RETURNED},
            tuple(via.get(one.code, ())),
        )
        for one in ordered
    )


# --- the texts ------------------------------------------------------------------------------------------


class TextConflict(StateError):
    """Somebody else saved meanwhile; ``current`` is theirs. Nothing was written."""

    def __init__(self, current: PerformanceText) -> None:
        super().__init__(
            "Naskah ini sudah diubah orang lain. Yang Anda ketik masih ada di bawah, di samping yang tersimpan; "
            "gabungkan seperlunya, lalu simpan lagi."
        )
        self.current = current


def group_of(scheme: SchemeData, form: str, code: str) -> Group | None:
    """The butir with this code, or None."""
    layout = scheme.layouts.get(form, Layout(()))
    return next((group for group in layout.groups if group.code == code), None)


def texts_of(cycle: QualityCycle, scheme: SchemeData) -> dict[str, PerformanceText]:
    """Saved texts by butir; one query."""
    rows = PerformanceText.objects.filter(cycle=cycle, scheme=scheme.key).select_related("updated_by")
    return {text.group: text for text in rows}


def save_text(
    evaluation: Evaluation,
    scheme: SchemeData,
    group: str,
    text: str,
    *,
    version: int,
    basis: str,
    actor: User,
    at: datetime | None = None,
) -> PerformanceText:
    """Keep the text of one butir. *version* is the one that the person saw (0: none yet), *basis* the mark of the
    answers and proof that the person saw.

    Raises PermissionDenied, DomainError for an unknown butir or a bad text, TextConflict for a stale version. The same
    content again changes nothing.
    """
    require(can_write_sispena(actor, evaluation.school))
    if group_of(scheme, evaluation.form, group) is None:
        raise DomainError(f"Butir {group[:12]} tidak ada dalam {scheme.spec.title} untuk bentuk pendidikan ini.")
    text = clean_text(text)
    if not text:
        message = "Naskah masih kosong. Tuliskan sedikitnya satu kalimat, atau susun dari catatan."
        raise DomainError(message, fields={"text": message})
    if len(text) > TEXT_LIMIT:
        message = f"Naskah paling banyak {TEXT_LIMIT} tanda. Ringkaskan dahulu."
        raise DomainError(message, fields={"text": message})
    try:
        with transaction.atomic():
            return _save(evaluation, scheme, group, text, version, basis, actor, clock.now(at))
    except IntegrityError:  # two people saved the first text at the same moment
        rows = PerformanceText.objects.filter(cycle=evaluation.cycle, scheme=scheme.key, group=group)
        raise TextConflict(rows.select_related("updated_by").get()) from None


def _save(
    evaluation: Evaluation,
    scheme: SchemeData,
    group: str,
    text: str,
    version: int,
    basis: str,
    actor: User,
    moment: datetime,
) -> PerformanceText:
    rows = PerformanceText.objects.filter(cycle=evaluation.cycle, scheme=scheme.key, group=group)
    row = rows.select_for_update().first()  # joined with nothing: a join would lose a row that changed during the wait
    if row is not None and (row.text, row.basis) == (text, basis):
        return row
    if version != (row.version if row else 0):
        raise TextConflict(row or PerformanceText(cycle=evaluation.cycle, scheme=scheme.key, group=group, version=0))
    before = {"text": row.text, "version": row.version} if row else None
    if row is None:
        row = PerformanceText(cycle=evaluation.cycle, scheme=scheme.key, group=group, version=0)
    row.text, row.basis, row.version = text, basis, row.version + 1
    row.updated_by, row.updated_at = actor, moment
    row.save()
    record_event(
        "sispena.text_saved", row, actor=actor, school=evaluation.school, before=before,
        after={"text": text, "version": row.version}, at=moment,
    )  # fmt: skip
    return row


# --- the compulsory documents ---------------------------------------------------------------------------


def document_of(scheme: SchemeData, code: str) -> DocumentSpec | None:
    """The document of the scheme with this code, or None."""
    wanted = scheme.spec.documents.items if scheme.spec.documents else ()
    return next((one for one in wanted if one.code == code), None)


@dataclass(frozen=True, slots=True)
class Served:
    """Evidence that serves as a document: its newest file, and the newest one that a review accepted anywhere."""

    upload: CompulsoryUpload  # with evidence and linked_by
    code: str  # of the newest revision
    number: int
    accepted: int | None  # number of a revision; None: no review accepted any


def uploads_of(cycle: QualityCycle, scheme: SchemeData) -> list[Served]:
    """What serves as which document, the first linked first; one query."""
    newest = EvidenceRevision.objects.filter(evidence=OuterRef("evidence")).order_by("-number")
    accepted = newest.filter(links__state=LinkState.ACCEPTED)
    rows = (
        CompulsoryUpload.objects.filter(cycle=cycle, scheme=scheme.key)
        .select_related("evidence", "linked_by")
        .annotate(
            newest_code=Subquery(newest.values("code")[:1]),
            newest_number=Subquery(newest.values("number")[:1]),
            accepted_number=Subquery(accepted.values("number")[:1]),
        )
        .order_by("linked_at", "pk")
    )
    return [Served(row, row.newest_code, row.newest_number, row.accepted_number) for row in rows]


def _known_document(scheme: SchemeData, code: str) -> DocumentSpec:
    document = document_of(scheme, code)
    if document is None:
        raise DomainError(f"Dokumen “{code[:40]}” tidak diminta {scheme.spec.title}. Pilih dari daftar.")
    return document


def _link(
    cycle: QualityCycle, scheme: SchemeData, document: str, evidence: Evidence, *, actor: User, at: datetime
) -> CompulsoryUpload:
    upload, created = CompulsoryUpload.objects.get_or_create(
        cycle=cycle, scheme=scheme.key, document=document, evidence=evidence,
        defaults={"linked_by": actor, "linked_at": at},
    )  # fmt: skip
    if created:
        after = {"document": document, "evidence": evidence.code}
        record_event("sispena.document_linked", upload, actor=actor, school=cycle.school, after=after, at=at)
    return upload


def _lock(cycle: QualityCycle) -> None:
    """One change to the documents of a year at a time: a double tap must not leave two pieces of the same proof."""
    QualityCycle.objects.select_for_update().get(pk=cycle.pk)


@transaction.atomic
def link_document(
    cycle: QualityCycle, scheme: SchemeData, document: str, named: str, *, actor: User, at: datetime | None = None
) -> CompulsoryUpload:
    """Let evidence of the school, of any year, named by code or whole title, serve as a document of the scheme.

    Linking again what is linked changes nothing. Raises PermissionDenied; DomainError for an unknown document or name,
    or a title that several pieces share.
    """
    require(can_write_sispena(actor, cycle.school))
    wanted = _known_document(scheme, document)
    named = " ".join(clean_text(named).split())
    revision = named_revision(cycle.school, named) if named else None
    if revision is None:
        message = (
            f"Bukti itu tidak ditemukan di {cycle.school.words.school} ini. Pilih dari daftar, atau ketik kode atau "
            "judul lengkapnya."
        )
        raise DomainError(message, fields={"existing": message})
    _lock(cycle)
    return _link(cycle, scheme, wanted.code, revision.evidence, actor=actor, at=clock.now(at))


def upload_document(
    cycle: QualityCycle,
    scheme: SchemeData,
    document: str,
    *,
    name: str,
    data: bytes,
    actor: User,
    title: str = "",
    kind: str = EvidenceKind.DOCUMENT,
    dated: date | None = None,
    confidential: bool = False,
    at: datetime | None = None,
) -> CompulsoryUpload:
    """Keep a new file as evidence of the school and let it serve as a document of the scheme.

    The same bytes under the same title sent twice make one piece of evidence. Raises PermissionDenied; DomainError for
    an unknown document or kind, or a bad file.
    """
    require(can_write_sispena(actor, cycle.school))
    wanted = _known_document(scheme, document)
    if kind not in EvidenceKind.values:
        raise DomainError("Pilih jenis bukti dari daftar.", fields={"kind": "Pilih dari daftar."})
    typed = " ".join(clean_text(title).split())
    title = (typed or f"{wanted.name} {cycle.academic_year}")[:TITLE_LIMIT]
    moment = clock.now(at)
    received = receive(cycle.school, name, data)
    with transaction.atomic():
        _lock(cycle)
        twin = CompulsoryUpload.objects.filter(
            cycle=cycle, scheme=scheme.key, document=wanted.code, evidence__title=title,
            evidence__revisions__file__sha256=received.sha256,
        ).select_related("evidence__school")  # fmt: skip
        if existing := twin.first():
            _keep_inside(existing.evidence, confidential=confidential, actor=actor, at=moment)
            return existing
        revision = keep_unlinked(
            cycle.school, received, title=title, kind=kind, dated=dated, confidential=confidential, actor=actor,
            at=moment,
        )  # fmt: skip
        return _link(cycle, scheme, wanted.code, revision.evidence, actor=actor, at=moment)


def _keep_inside(evidence: Evidence, *, confidential: bool, actor: User, at: datetime) -> None:
    """ "Confidential" can be added to evidence that is there already, never taken away."""
    if not confidential or evidence.confidential:
        return
    evidence.confidential = True
    evidence.save(update_fields=["confidential"])
    record_event(
        "evidence.described", evidence, actor=actor, school=evidence.school, before={"confidential": "False"},
        after={"confidential": "True"}, at=at,
    )  # fmt: skip


@transaction.atomic
def unlink_document(
    cycle: QualityCycle, scheme: SchemeData, document: str, evidence: str, *, actor: User, at: datetime | None = None
) -> None:
    """The evidence with this code no longer serves as the document; the evidence itself stays.

    Raises PermissionDenied; StateError when it does not serve any more.
    """
    require(can_write_sispena(actor, cycle.school))
    _lock(cycle)
    rows = CompulsoryUpload.objects.filter(cycle=cycle, scheme=scheme.key, document=document, evidence__code=evidence)
    upload = rows.first()
    if upload is None:
        raise StateError("Bukti ini sudah tidak tertaut pada dokumen itu. Muat ulang halaman untuk melihat keadaannya.")
    before = {"document": document, "evidence": evidence}
    record_event("sispena.document_unlinked", upload, actor=actor, school=cycle.school, before=before, at=at)
    upload.delete()
