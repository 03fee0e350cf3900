"""The life of a version of a school's or an office's own instrument: draft, published, retired, never back.

A published version never changes, here and in the database (triggers of migration 0003). Every save of a draft
stores its content as a new InstrumentContent; those that no version names any more stay, because the history names
them by their hash and a draft is small. National versions come from the data files (standards.services).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.db import transaction

from common import clock
from common.codes import ALPHABET, random_code
from common.errors import DomainError, StateError, require
from schools.models import Office, School, User, record_event
from standards.instruments import InstrumentSpec
from standards.models import OFFICE_KEY, SCHOOL_KEY, InstrumentVersion
from standards.permissions import can_edit_draft, can_keep_instruments, can_publish, can_retire
from standards.services import position_of, store_content

Status = InstrumentVersion.Status
GONE = "Draf ini sudah dibuang. Kembali ke daftar instrumen, lalu mulai draf baru bila masih perlu."
CODE = re.compile(rf"[{ALPHABET.lower()}]{{12}}")


def _prefix(owner: School | Office) -> str:
    return SCHOOL_KEY if isinstance(owner, School) else OFFICE_KEY


def new_key(owner: School | Office) -> str:
    """A key for a new instrument of *owner*, for example ``sekolah-k7pb93qdxw4m``."""
    return _prefix(owner) + random_code(12).lower()


def next_version(instrument: str, year: int) -> str:
    """The number after the highest one of *year*, or its first: ``2026.3``. Raises DomainError past 999."""
    used = InstrumentVersion.objects.filter(instrument=instrument).values_list("version", flat=True)
    numbers = [int(number) for number in (v.partition(".")[2] for v in used if v.startswith(f"{year}."))]
    number = max(numbers, default=0) + 1
    if number > 999:
        raise DomainError("Tahun ini sudah memiliki 999 versi; pakailah tahun berikutnya.")
    return f"{year}.{number}"


def existing(version_id: int, *, lock: bool = False) -> InstrumentVersion:
    """The version, with *lock* until the transaction ends. Raises StateError for a draft that is gone."""
    rows = InstrumentVersion.objects.select_for_update(of=("self",)) if lock else InstrumentVersion.objects.all()
    version = rows.with_owner().filter(pk=version_id).first()
    if version is None:
        raise StateError(GONE)
    return version


def _record(
    action: str, version: InstrumentVersion, actor: User, at: datetime, before: dict[str, Any] | None = None
) -> None:
    after = {
        "instrument": version.instrument,
        "version": version.version,
        "title": version.title,
        "sha256": version.content_id,
        "office": version.owner_office_id,
    }
    record_event(action, version, actor=actor, school=version.owner_school, before=before, after=after, at=at)


@transaction.atomic
def create_draft(
    spec: InstrumentSpec, *, owner: School | Office, actor: User, at: datetime | None = None
) -> InstrumentVersion:
    """Start a version of an instrument of *owner*: a new instrument (new_key) or the next version of an own one.

    Raises PermissionDenied; DomainError for a key that is not the owner's or a number that is not higher than the
    last; StateError while another draft of the instrument is open.
    """
    # Two people of one owner may start at once: the second one has to see the draft of the first.
    owner = type(owner).objects.select_for_update(of=("self",)).get(pk=owner.pk)
    require(can_keep_instruments(actor, owner))
    moment = clock.now(at)
    others = InstrumentVersion.objects.filter(instrument=spec.instrument)
    own = {"owner_school": owner} if isinstance(owner, School) else {"owner_office": owner}
    prefix = _prefix(owner)
    if (
        not spec.instrument.startswith(prefix)
        or not CODE.fullmatch(spec.instrument.removeprefix(prefix))
        or others.exclude(**own).exists()
    ):
        raise DomainError(
            f"Kunci instrumen “{spec.instrument}” bukan milik {owner}. Mulailah instrumen baru agar mendapat kuncinya."
        )
    if others.filter(status=Status.DRAFT).exists():
        raise StateError("Instrumen ini masih memiliki draf. Lanjutkan, terbitkan, atau buang draf itu dahulu.")
    last = others.order_by("-position").first()
    if last is not None and position_of(spec.version) <= last.position:
        raise DomainError(f"Nomor versi harus lebih tinggi daripada {last.version}.")
    version = InstrumentVersion.objects.create(
        instrument=spec.instrument,
        version=spec.version,
        title=spec.title,
        position=position_of(spec.version),
        content_id=store_content(spec),
        **own,
    )
    _record("instrument.draft_created", version, actor, moment)
    return version


@transaction.atomic
def save_draft(
    version_id: int, spec: InstrumentSpec, *, seen_sha256: str, actor: User, at: datetime | None = None
) -> InstrumentVersion:
    """Replace the content of a draft. The same content again changes nothing.

    Raises PermissionDenied; StateError when it is no draft any more or was changed since *seen_sha256*; DomainError
    when *spec* has another key or number.
    """
    version = existing(version_id, lock=True)
    require(can_edit_draft(actor, version))
    if (spec.instrument, spec.version) != (version.instrument, version.version):
        raise DomainError("Kunci dan nomor versi sebuah draf tidak dapat diganti.")
    if version.content_id == spec.sha256():
        return version
    if version.content_id != seen_sha256:
        raise StateError(
            "Draf ini sementara itu diubah orang lain. Muat ulang halaman, lalu masukkan perubahan Anda sekali lagi."
        )
    before = {"sha256": version.content_id, "title": version.title}
    version.content_id = store_content(spec)
    version.title = spec.title
    version.save(update_fields=["content", "title"])
    _record("instrument.draft_saved", version, actor, clock.now(at), before)
    return version


@transaction.atomic
def discard_draft(version_id: int, *, actor: User, at: datetime | None = None) -> None:
    """Delete a draft; nothing was ever answered on it. Raises PermissionDenied, StateError."""
    version = existing(version_id, lock=True)
    require(can_edit_draft(actor, version))
    _record("instrument.draft_discarded", version, actor, clock.now(at))
    version.delete()


@transaction.atomic
def publish_draft(version_id: int, *, actor: User, at: datetime | None = None) -> InstrumentVersion:
    """DRAFT -> PUBLISHED. Raises PermissionDenied, StateError; DomainError for a draft without questions."""
    version = existing(version_id, lock=True)
    require(can_publish(actor, version))
    if not version.spec.items:
        raise DomainError("Draf ini belum memuat pertanyaan. Tambahkan sedikitnya satu, lalu terbitkan.")
    moment = clock.now(at)
    version.status, version.published_at, version.published_by = Status.PUBLISHED, moment, actor
    version.save(update_fields=["status", "published_at", "published_by"])
    _record("instrument.published", version, actor, moment, {"status": Status.DRAFT})
    return version


@transaction.atomic
def retire(version_id: int, *, actor: User, at: datetime | None = None) -> InstrumentVersion:
    """PUBLISHED -> RETIRED: nothing new starts on it, what runs on it goes on. Raises PermissionDenied, StateError."""
    version = existing(version_id, lock=True)
    require(can_retire(actor, version))
    moment = clock.now(at)
    version.status, version.retired_at = Status.RETIRED, moment
    version.save(update_fields=["status", "retired_at"])
    _record("instrument.retired", version, actor, moment, {"status": Status.PUBLISHED})
    return version
