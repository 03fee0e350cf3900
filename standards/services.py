"""Bringing the data files into the database."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from django.db import transaction
from django.db.models import Model

from common.yamlfile import DataFileError, Problem
from standards.catalogue import Catalogue, CatalogueRow
from standards.catalogue import load_catalogue as read_catalogue
from standards.instruments import InstrumentSpec, Library
from standards.models import (
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


def _position(version: str) -> int:
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

    Raises DataFileError when the file of a published version differs from what was published: nothing is
    written then.
    """
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
    return written + count + sum(publish(spec) for spec in library.instruments)


@transaction.atomic
def publish(spec: InstrumentSpec) -> int:
    """Publish one version; 0 when it already is. Raises DataFileError when it was published with other content."""
    digest = spec.sha256()
    known = InstrumentVersion.objects.filter(instrument=spec.instrument, version=spec.version).first()
    if known is not None:
        if known.content_id == digest:
            return 0
        place = f"{spec.instrument}/{spec.version}/instrument.yaml"
        message = "versi ini sudah terbit dengan isi lain; perbaikan harus menjadi versi baru"
        raise DataFileError([Problem(place, 0, "version", message)])
    InstrumentContent.objects.get_or_create(sha256=digest, defaults={"text": spec.canonical()})
    InstrumentVersion.objects.create(
        instrument=spec.instrument,
        version=spec.version,
        title=spec.title,
        position=_position(spec.version),
        status=InstrumentVersion.Status.PUBLISHED,
        content_id=digest,
    )
    return 1
