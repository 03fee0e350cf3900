"""Everything in the data files, read and checked against each other.

Pure: knows neither Django nor the database. Every fault is reported with file, line and field
(common.yamlfile.DataFileError).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from common.yamlfile import DataFileError, Problem
from standards.catalogue import (
    DATA_DIR,
    DRAFT_MARK,
    Catalogue,
    LegalBasisSpec,
    load_catalogue,
    load_legal_bases,
)
from standards.crosswalk import Crosswalk, load_crosswalks
from standards.instruments import RETIRED_MARK, InstrumentSpec, code_order, load_instrument
from standards.wording import load_wording


@dataclass(frozen=True)
class Library:
    """Everything in the data files, checked against each other."""

    catalogue: Catalogue
    legal_bases: tuple[LegalBasisSpec, ...]
    instruments: tuple[InstrumentSpec, ...]
    crosswalks: tuple[Crosswalk, ...] = ()
    retired: frozenset[tuple[str, str]] = frozenset()  # instrument and version
    drafts: frozenset[tuple[str, str]] = frozenset()  # known by name alone

    def newest(self, instrument: str) -> InstrumentSpec:
        """The highest version of an instrument that is not retired. Raises KeyError when there is none."""
        specs = (spec for spec in self.instruments if (spec.instrument, spec.version) not in self.retired)
        found = [spec for spec in specs if spec.instrument == instrument]
        if not found:
            raise KeyError(instrument)
        return max(found, key=lambda spec: code_order(spec.version))


def _stray(folder: Path, where: str) -> list[Problem]:
    """Files among folders: a version that was put in the wrong place would be passed over in silence."""
    return [
        Problem(f"{where}/{path.name}", 0, "", "bukan folder; berkas instrumen ditulis dalam <kunci>/<versi>/")
        for path in sorted(folder.iterdir())
        if not path.is_dir() and not path.name.startswith(".") and not path.name.endswith("~")
    ]


def load_library(data_dir: Path = DATA_DIR) -> Library:
    """Read and check all data files.

    Raises DataFileError with the problems of all files; what rests on a file that cannot be read is looked at without
    it, so that no problem is named that only follows from another.
    """
    problems: list[Problem] = []
    catalogue: Catalogue | None = None
    bases: tuple[LegalBasisSpec, ...] | None = None
    try:
        catalogue = load_catalogue(data_dir / "snp.csv")
    except DataFileError as error:
        problems += error.problems
    try:
        known = {row.code for row in catalogue.standards} if catalogue else None
        bases = load_legal_bases(data_dir / "legal_basis.yaml", known)
    except DataFileError as error:
        problems += error.problems
    try:
        load_wording(data_dir / "wording.yaml")
    except DataFileError as error:
        problems += error.problems
    instruments: list[InstrumentSpec] = []
    drafts, retired, broken = set(), set(), set()
    keys = None if bases is None else {basis.key for basis in bases}
    root = data_dir / "instruments"
    for folder in (root, *sorted(path for path in root.glob("*") if path.is_dir())):
        problems += _stray(folder, folder.name) if folder.is_dir() else []
    for folder in sorted(p for p in root.glob("*/*") if p.is_dir()):
        name = (folder.parent.name, folder.name)
        if (folder / DRAFT_MARK).exists():
            drafts.add(name)
            continue
        if (folder / RETIRED_MARK).exists():
            retired.add(name)
        try:
            instruments.append(load_instrument(folder, catalogue, keys))
        except DataFileError as error:
            broken.add(name)
            shown = f"{folder.parent.name}/{folder.name}"
            problems += [Problem(f"{shown}/{p.file}", p.line, p.field, p.message) for p in error.problems]
    if not instruments and not problems:
        problems.append(Problem("instruments", 0, "", "tidak ada satu pun versi instrumen"))
    crosswalks: tuple[Crosswalk, ...] = ()
    try:
        crosswalks = load_crosswalks(data_dir / "crosswalks", instruments, drafts | broken)
    except DataFileError as error:
        problems += error.problems
    if problems or catalogue is None or bases is None:
        raise DataFileError(
            list(dict.fromkeys(problems))
        )  # crosswalks read the questions in words, which may be broken
    return Library(catalogue, bases, tuple(instruments), crosswalks, frozenset(retired), frozenset(drafts))
