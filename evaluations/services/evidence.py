"""Uploading proof, linking it to items, taking a link back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from common import clock
from common.errors import DomainError, StateError, require
from common.texts import clean_text
from evaluations import files
from evaluations.grouping import partners
from evaluations.models import (
    Evidence,
    EvidenceKind,
    EvidenceLink,
    EvidenceRevision,
    Section,
    StoredFile,
)
from evaluations.permissions import can_attach
from evaluations.services.locks import locked_section, unlocked_section
from schools.models import School, User, record_event


@dataclass(frozen=True, slots=True)
class Received:
    """A file that was looked through and written, but that no row names yet."""

    name: str
    sha256: str
    size: int
    content_type: str


def receive(school: School, name: str, data: bytes) -> Received:
    """Check and write an uploaded file. Raises DomainError for a bad one.

    Looking through a large file and writing it takes long, so that it is done before any lock is taken. A file that
    no row names afterwards does no harm.
    """
    name = files.clean_name(name)
    content_type = files.sniff(name, data, limit=settings.UPLOAD_LIMIT)
    sha256 = files.digest(data)
    files.store(StoredFile(school=school, sha256=sha256).path, data)
    return Received(name, sha256, len(data), content_type)


def _stored_file(school: School, received: Received, at: datetime) -> StoredFile:
    stored, _ = StoredFile.objects.get_or_create(
        school=school,
        sha256=received.sha256,
        defaults={"size": received.size, "content_type": received.content_type, "created_at": at},
    )
    return stored


def _revise(evidence: Evidence, stored: StoredFile, name: str, *, actor: User, at: datetime) -> EvidenceRevision:
    """The next revision of *evidence*, or the last one when it holds these bytes already."""
    last: EvidenceRevision | None = evidence.revisions.order_by("-number").first()
    if last is not None and last.file_id == stored.pk:
        return last
    return EvidenceRevision.objects.create(
        evidence=evidence, number=(last.number if last else 0) + 1, file=stored, original_name=name,
        uploaded_by=actor, uploaded_at=at,
    )  # fmt: skip


def keep_unlinked(
    school: School,
    received: Received,
    *,
    title: str,
    kind: str,
    dated: date | None,
    confidential: bool,
    actor: User,
    at: datetime,
    replaces: EvidenceRevision | None = None,
) -> EvidenceRevision:
    """Keep proof that belongs to no question, such as the minutes of a meeting; call it in a transaction.

    A better file becomes the next revision of the evidence of *replaces*.
    """
    stored = _stored_file(school, received, at)
    if replaces is None:
        evidence = Evidence.objects.create(
            school=school, title=title, kind=kind, dated=dated, confidential=confidential, created_by=actor,
            created_at=at,
        )  # fmt: skip
    else:
        evidence = Evidence.objects.select_for_update().get(pk=replaces.evidence_id)
    return _revise(evidence, stored, received.name, actor=actor, at=at)


def _link(section: Section, item_code: str, revision: EvidenceRevision, *, actor: User, at: datetime) -> EvidenceLink:
    link, created = EvidenceLink.objects.get_or_create(
        section=section,
        item_code=item_code,
        revision=revision,
        defaults={"created_by": actor, "created_at": at},
    )
    if created:
        record_event(
            "evidence.linked",
            section,
            actor=actor,
            school=section.evaluation.school,
            after={"item": item_code, "evidence": revision.evidence.code, "revision": revision.code},
            at=at,
        )
    return link


def _targets(section: Section, item_code: str, *, whole_group: bool) -> list[str]:
    """Codes that one proof is linked to: the item, and with *whole_group* all that is answered together with it."""
    item = section.item(item_code)
    if item is None:
        raise DomainError("Pilih pertanyaan yang dibuktikan dari standar ini.", fields={"item": "Tidak dikenal."})
    if not whole_group:
        return [item_code]
    return [item_code, *(one.code for one in partners(section.items, item))]


def _link_all(
    section: Section, codes: list[str], revision: EvidenceRevision, *, actor: User, at: datetime
) -> EvidenceLink:
    """Link every one of *codes*; returns the link of the first."""
    first, *_ = [_link(section, code, revision, actor=actor, at=at) for code in codes]
    return first


def _unlink(section: Section, link: EvidenceLink, *, actor: User, at: datetime | None) -> None:
    record_event(
        "evidence.unlinked",
        section,
        actor=actor,
        school=section.evaluation.school,
        before={"item": link.item_code, "revision": link.revision.code, "state": link.state, "reason": link.reason},
        at=at,
    )
    link.delete()


def _describe(evidence: Evidence, *, actor: User, at: datetime, **said: str | date | bool | None) -> None:
    """Write down what is *said* about evidence that is there already; what is left empty stays as it was."""
    changes = {field: value for field, value in said.items() if value and value != getattr(evidence, field)}
    if not changes:
        return
    before = {field: getattr(evidence, field) for field in changes}
    for field, value in changes.items():
        setattr(evidence, field, value)
    if evidence.valid_until and evidence.dated and evidence.valid_until < evidence.dated:
        raise DomainError(
            "Masa berlaku bukti berakhir sebelum tanggal buktinya.", fields={"valid_until": "Periksa tanggal."}
        )
    evidence.save(update_fields=list(changes))
    record_event(
        "evidence.described", evidence, actor=actor, school=evidence.school,
        before={field: str(value) for field, value in before.items()},
        after={field: str(value) for field, value in changes.items()}, at=at,
    )  # fmt: skip


def add_evidence(
    section_id: int,
    item_code: str,
    *,
    name: str,
    data: bytes,
    actor: User,
    title: str = "",
    kind: str = EvidenceKind.DOCUMENT,
    dated: date | None = None,
    valid_until: date | None = None,
    confidential: bool = False,
    replaces: str = "",
    whole_group: bool = False,
    at: datetime | None = None,
) -> EvidenceLink:
    """Store a file as new evidence, or as a new revision of the evidence *replaces*, and link it to an item.

    With *whole_group* it is linked to every question asked here that is answered together with the item, and takes the
    place of the older revision there too; a link that exists already stays as it is. The link of the item is returned.

    A new revision waits for review again; the evidence keeps its kind, and its title and dates unless others are
    given. The same bytes sent twice for the same evidence make one revision. *confidential* can be added to evidence
    that is there already, never taken away.
    Raises PermissionDenied; DomainError for a bad file, item, kind or date.
    """
    section = unlocked_section(section_id)
    require(can_attach(actor, section))
    _targets(section, item_code, whole_group=whole_group)
    if kind not in EvidenceKind.values:
        raise DomainError("Pilih jenis bukti dari daftar.", fields={"kind": "Pilih dari daftar."})
    if valid_until and dated and valid_until < dated:
        raise DomainError(
            "Masa berlaku bukti berakhir sebelum tanggal buktinya.",
            fields={"valid_until": "Periksa tanggal."},
        )
    school = section.evaluation.school
    received = receive(school, name, data)
    typed = " ".join(clean_text(title).split())[:150]
    title = typed or received.name.rpartition(".")[0][:150] or received.name
    moment = clock.now(at)

    with transaction.atomic():
        section = locked_section(section_id)
        require(can_attach(actor, section))
        codes = _targets(section, item_code, whole_group=whole_group)
        stored = _stored_file(school, received, moment)
        if replaces:
            evidence = Evidence.objects.select_for_update().filter(school=school, code=replaces).first()
            if evidence is None:
                raise DomainError(f"Bukti yang akan diganti tidak ditemukan di {school.words.school} ini.")
            _describe(
                evidence, actor=actor, at=moment, title=typed, dated=dated, valid_until=valid_until,
                confidential=confidential,
            )  # fmt: skip
        else:
            # A double click or a repeated request must not leave two pieces of the same proof.
            twin = EvidenceLink.objects.filter(
                section=section, item_code__in=codes, revision__file=stored, revision__evidence__title=title
            ).select_related("revision__evidence")
            if existing := twin.first():
                evidence = Evidence.objects.select_for_update().get(pk=existing.revision.evidence_id)
                _describe(evidence, actor=actor, at=moment, confidential=confidential)
                return _link_all(section, codes, existing.revision, actor=actor, at=moment)
            evidence = Evidence.objects.create(
                school=school, title=title, kind=kind, dated=dated, valid_until=valid_until,
                confidential=confidential, created_by=actor, created_at=moment,
            )  # fmt: skip
        revision = _revise(evidence, stored, received.name, actor=actor, at=moment)
        link = _link_all(section, codes, revision, actor=actor, at=moment)
        # The better file takes the place of the older one here; what was submitted keeps its own revision.
        older = section.links.filter(item_code__in=codes, revision__evidence=evidence).exclude(revision=revision)
        for former in older.select_related("revision"):
            _unlink(section, former, actor=actor, at=moment)
    return link


def named_revision(school: School, name: str) -> EvidenceRevision | None:
    """The newest revision of the evidence with this code or title."""
    rows = EvidenceRevision.objects.filter(evidence__school=school).select_related("evidence").order_by("-number")
    if found := rows.filter(evidence__code=name.upper()).first():
        return found
    titled = list(Evidence.objects.filter(school=school, title__iexact=name)[:2])
    if len(titled) > 1:
        raise DomainError(f"Ada beberapa bukti berjudul “{name}”. Pilih dari daftar, atau ketik kodenya.")
    return rows.filter(evidence=titled[0]).first() if titled else None


@transaction.atomic
def link_evidence(
    section_id: int,
    item_code: str,
    evidence: str,
    *,
    actor: User,
    whole_group: bool = False,
    at: datetime | None = None,
) -> EvidenceLink:
    """Use evidence that the school already has, named by code or whole title, for one more item; with *whole_group*
    for all that is answered together with it.

    Raises PermissionDenied, StateError; DomainError for an unknown name or a title that several pieces share.
    """
    section = locked_section(section_id)
    require(can_attach(actor, section))
    codes = _targets(section, item_code, whole_group=whole_group)
    revision = named_revision(section.evaluation.school, evidence)
    if revision is None:
        raise DomainError(
            f"Bukti itu tidak ditemukan di {section.evaluation.school.words.school} ini. Pilih dari daftar, atau ketik "
            "kode atau judul lengkapnya."
        )
    return _link_all(section, codes, revision, actor=actor, at=clock.now(at))


@transaction.atomic
def unlink_evidence(
    section_id: int, item_code: str, revision_code: str, *, actor: User, at: datetime | None = None
) -> None:
    """Take proof away from an item; the file stays, and what was submitted stays readable as it was.

    Raises PermissionDenied, StateError when the link is gone already.
    """
    section = locked_section(section_id)
    require(can_attach(actor, section))
    link = section.links.filter(item_code=item_code, revision__code=revision_code).select_related("revision").first()
    if link is None:
        raise StateError("Bukti ini sudah tidak tertaut pada pertanyaan itu.")
    _unlink(section, link, actor=actor, at=at)
