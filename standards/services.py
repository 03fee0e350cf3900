"""Bringing the data files into the database."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from django.db import transaction
from django.db.models import Model

from common import clock
from common.locks import one_at_a_time
from common.yamlfile import DataFileError, Problem
from schools.models import record_event
from standards.catalogue import DRAFT_MARK, Catalogue, CatalogueRow
from standards.catalogue import load_catalogue as read_catalogue
from standards.crosswalk import Crosswalk
from standards.instruments import OWNED_KEY, RETIRED_MARK, InstrumentSpec
from standards.library import Library
from standards.library import load_library as read_library
from standards.models import (
    OFFICE_KEY,
    SCHOOL_KEY,
    Indicator,
    InstrumentContent,
    InstrumentVersion,
    LegalBasis,
    Standard,
    Subindicator,
)


@lru_cache(maxsize=1)
def the_catalogue() -> Catalogue:
    """The eight standards from the data file, read once per process. The rows mirror it (see load_library)."""
    return read_catalogue()


@lru_cache(maxsize=1)
def the_library() -> Library:
    """The data files, read once per process: crosswalks, and what rooms above rest on the instruments."""
    return read_library()


def crosswalks_from(version: InstrumentVersion) -> tuple[Crosswalk, ...]:
    """Where the answers to this version lead, one crosswalk per target; the files are read once per process."""
    return tuple(
        crosswalk
        for crosswalk in the_library().crosswalks
        if (crosswalk.source.instrument, crosswalk.source.version) == (version.instrument, version.version)
    )


def crosswalks_to(version: InstrumentVersion) -> tuple[Crosswalk, ...]:
    """From where answers lead to this version, one crosswalk per version that is answered."""
    return tuple(
        crosswalk
        for crosswalk in the_library().crosswalks
        if (crosswalk.target.instrument, crosswalk.target.version) == (version.instrument, version.version)
    )


def position_of(version: str) -> int:
    """Where a version stands among the others of its instrument."""
    year, _, number = version.partition(".")
    return int(year) * 1000 + int(number)


def _entry(row: CatalogueRow, position: int) -> dict[str, object]:
    return {
        "name": row.name,
        "name_en": row.name_en,
        "position": position,
        "status": row.status,
        "note": row.note,
        "source": row.source,
    }


def _mirror(model: type[Model], key: str, wanted: dict[str, dict[str, object]]) -> tuple[dict[str, Model], int]:
    """Make the table hold the *wanted* rows, by their *key*; rows that are right already are not written.

    Returns the rows by key and how many were written. Rows that the data files no longer name stay.
    """
    rows = {getattr(row, key): row for row in model._default_manager.all()}
    changed = set()
    for name, fields in wanted.items():
        row = rows.get(name)
        if row is None:
            continue
        for field, value in fields.items():
            if getattr(row, field) != value:
                setattr(row, field, value)
                changed.add(name)
    new = [model(**{key: name}, **fields) for name, fields in wanted.items() if name not in rows]
    for row in model._default_manager.bulk_create(new):
        rows[getattr(row, key)] = row
    for name in changed:
        rows[name].save(update_fields=wanted[name])
    return rows, len(new) + len(changed)


@transaction.atomic
def load_library(library: Library) -> int:
    """Write catalogue, legal bases and instruments; returns the number of rows written (0 the second time).

    Raises DataFileError when the file of a published version differs from what was published or is a draft again, or a
    retired version is no longer marked so: nothing is written then.
    """
    one_at_a_time("standards.load_library")
    written = 0
    parents: dict[str, Model] = {}
    models: tuple[tuple[str, type[Model], str], ...] = (
        ("standard", Standard, ""),
        ("indicator", Indicator, "standard_id"),
        ("subindicator", Subindicator, "indicator_id"),
    )
    for level, model, parent_field in models:
        wanted = {
            row.code: _entry(row, position) | ({parent_field: parents[row.parent].pk} if parent_field else {})
            for position, row in enumerate(library.catalogue.rows, start=1)
            if row.level == level
        }
        rows, count = _mirror(model, "code", wanted)
        parents |= rows
        written += count
    bases: dict[str, dict[str, object]] = {
        basis.key: {
            "title": basis.title,
            "subject": basis.subject,
            "standard_id": parents[basis.standard].pk if basis.standard else None,
            "valid_from": date.fromisoformat(basis.valid_from) if basis.valid_from else None,
            "valid_to": date.fromisoformat(basis.valid_to) if basis.valid_to else None,
            "replaces": list(basis.replaces),
            "status": basis.status,
            "source": basis.source,
            "note": basis.note,
        }
        for basis in library.legal_bases
    }
    _, count = _mirror(LegalBasis, "key", bases)
    written += count + sum(publish(spec) for spec in library.instruments)
    return written + _retire_marked(library)


def _retire_marked(library: Library) -> int:
    """Retire the versions whose folders say so; returns how many are new. Raises DataFileError for a way back."""
    published, retired = InstrumentVersion.Status.PUBLISHED, InstrumentVersion.Status.RETIRED
    known = {(spec.instrument, spec.version) for spec in library.instruments}
    written = 0
    for row in InstrumentVersion.objects.select_for_update().national().order_by("pk"):
        key = (row.instrument, row.version)
        if key in library.drafts:
            message = "versi yang sudah terbit tidak dapat menjadi draf lagi; buat versi baru"
            raise DataFileError([Problem(f"{row.instrument}/{row.version}/{DRAFT_MARK}", 0, "", message)])
        if key in library.retired and row.status == published:
            row.status, row.retired_at = retired, clock.now()
            row.save(update_fields=["status", "retired_at"])
            record_event("instrument.retired", row, actor=None, before={"status": published}, at=row.retired_at)
            written += 1
        elif row.status == retired and key in known - library.retired:
            place = f"{row.instrument}/{row.version}/{RETIRED_MARK}"
            message = "versi yang sudah ditarik tidak dapat terbit lagi; buat versi baru"
            raise DataFileError([Problem(place, 0, "", message)])
    return written


def store_content(spec: InstrumentSpec) -> str:
    """Keep the content under its hash, once; returns the hash."""
    digest = spec.sha256()
    InstrumentContent.objects.get_or_create(sha256=digest, defaults={"text": spec.canonical()})
    return digest


@transaction.atomic
def publish(spec: InstrumentSpec, *, at: datetime | None = None) -> int:
    """Publish one national version; 0 when it already is.

    Raises DataFileError when it was published with other content, or has a key of a school's or office's own one.
    """
    digest = spec.sha256()
    place = f"{spec.instrument}/{spec.version}/instrument.yaml"
    if spec.instrument.startswith((SCHOOL_KEY, OFFICE_KEY)):
        raise DataFileError([Problem(place, 0, "instrument", OWNED_KEY)])
    known = InstrumentVersion.objects.filter(instrument=spec.instrument, version=spec.version).first()
    if known is not None:
        if known.content_id == digest:
            return 0
        message = "versi ini sudah terbit dengan isi lain; perbaikan harus menjadi versi baru"
        raise DataFileError([Problem(place, 0, "version", message)])
    InstrumentVersion.objects.create(
        instrument=spec.instrument,
        version=spec.version,
        title=spec.title,
        position=position_of(spec.version),
        status=InstrumentVersion.Status.PUBLISHED,
        content_id=store_content(spec),
        published_at=clock.now(at),
    )
    return 1
