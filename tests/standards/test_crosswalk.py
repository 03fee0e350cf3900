"""Links from one instrument to another: every fault is named with its line, and no target is left out in silence."""

from __future__ import annotations

import re
import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from common.yamlfile import DataFileError
from standards import services
from standards.catalogue import DATA_DIR, DRAFT_MARK
from standards.crosswalk import Crosswalk, Side, load_crosswalk, load_crosswalks
from standards.instruments import INSTRUMENTS_DIR, load_instrument
from standards.library import Library, load_library
from standards.management.commands import load_catalogue
from standards.models import InstrumentVersion
from tests.factories import the_library

LIBRARY = the_library()
ALL = (1, 2, 3, 4)

# --- a small pair of instruments ------------------------------------------------------------------------

EDS = Side("eds-snp 2026.1", {
    "SD": {"1.1.1.a": ALL, "7.2.4.a": (1, 4)},
    "SMK": {"1.1.1.a": ALL, "7.2.4.a": (1, 4), "6.3.13.a": ALL},
})  # fmt: skip
OTHER = Side("other 2025.1", {
    "SD": {"1": ALL, "2": ALL, "3": ALL},
    "SMK": {"1": ALL, "2": ALL, "4": ()},
})  # fmt: skip
SIDES = {("eds-snp", "2026.1"): EDS, ("other", "2025.1"): OTHER}
WHOLE = """\
from: {instrument: eds-snp, version: "2026.1"}
to: {instrument: other, version: "2025.1"}
links:
  - from: 1.1.1.a
    to: "1"
    origin: own
    weight: "1/2"
    levels: {4: [3, 4], 3: [2, 3], 2: [1, 2], 1: [1, 1]}
    why: "Satu sisi."
  - from: 7.2.4.a
    to: "1"
    forms: [SD]
    origin: own
    weight: "1"
    levels: {4: [3, 4], 1: [1, 2]}
    why: "Intinya."
  - from: 6.3.13.a
    to: "2"
    forms: [SMK]
    origin: official
    weight: "1/4"
    levels: {4: [2, 4], 3: [2, 3], 2: [1, 3], 1: [1, 2]}
    why: "Satu hal."
unreached:
  - to: "2"
    forms: [SD]
    why: "Tidak ditanyakan."
  - to: "3"
    why: "Tidak ditanyakan."
  - to: "4"
    why: "Judul belum diketahui."
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "crosswalks" / "eds-snp-2026.1"
    folder.mkdir(parents=True)
    return folder


def load(folder: Path, text: str = WHOLE, name: str = "other.yaml") -> Crosswalk:
    (folder / name).write_text(text, "utf-8")
    crosswalk = load_crosswalk(folder / name, SIDES)
    assert crosswalk is not None
    return crosswalk


def problems(folder: Path, text: str, name: str = "other.yaml") -> list[str]:
    with pytest.raises(DataFileError) as caught:
        load(folder, text, name)
    return [str(problem) for problem in caught.value.problems]


def test_links_are_found_from_both_ends_the_heaviest_first(folder):
    crosswalk = load(folder)
    assert [link.source for link in crosswalk.sources("1", "SD")] == ["7.2.4.a", "1.1.1.a"]
    assert [link.target for link in crosswalk.targets("1.1.1.a", "SD")] == ["1"]
    assert [link.source for link in crosswalk.sources("1", "SMK")] == ["1.1.1.a"]
    assert crosswalk.sources("2", "SD") == crosswalk.targets("6.3.13.a", "SD") == ()
    assert crosswalk.reason("2", "SD") == "Tidak ditanyakan."
    assert crosswalk.reason("2", "SMK") == ""


def test_a_link_without_forms_holds_wherever_both_ends_stand(folder):
    first = load(folder).links[0]
    assert first.forms == ("SD", "SMK")
    assert first.weight == Fraction(1, 2)
    assert first.levels[4] == (3, 4)


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("from: 1.1.1.a", "from: 1.1.9.a", "4: links.0.from: 1.1.9.a tidak ada dalam eds-snp 2026.1"),
        ("forms: [SMK]", "forms: [SD]", "17: links.2.from: 6.3.13.a tidak ada untuk SD dalam eds-snp 2026.1"),
        ('to: "2"\n    forms: [SMK]', 'to: "9"\n    forms: [SMK]', "18: links.2.to: 9 tidak ada dalam other 2025.1"),
        ('to: "2"\n    forms: [SMK]', 'to: "3"\n    forms: [SMK]', "18: links.2.to: 3 tidak ada untuk SMK dalam"),
        ('to: "2"\n    forms: [SMK]', 'to: "3"', "17: links.2: 6.3.13.a dan 3 tidak pernah ada pada bentuk pendidikan"),
        ('to: "2"\n    forms: [SMK]', 'to: "4"\n    forms: [SMK]', "22: links.2.levels: 4 belum dapat dijawab"),
        ("from: 7.2.4.a", "from: 1.1.1.a", "10: links.1: tautan 1.1.1.a ke 1 sudah ada di baris 4"),
        ("[SD]\n    origin", "[SD, Kesetaraan]\n    origin", "12: links.1.forms.1: harus salah satu dari 'SD', 'MI'"),
        ("origin: official", "origin: lain", "20: links.2.origin: harus salah satu dari 'official', 'own'"),
        ('"1/2"', '"0"', "7: links.0.weight: bobot harus lebih dari 0 dan paling banyak 1"),
        ('"1/2"', '"3/2"', "7: links.0.weight: bobot harus lebih dari 0 dan paling banyak 1"),
        ('"1/2"', "0.5", "7: links.0.weight: harus pecahan"),
        ("1: [1, 1]}", "1: [2, 2]}", "8: links.0.levels: rentang level 2 tidak boleh di bawah rentang level 1"),
        ("3: [2, 3], 2: [1, 2]", "3: [2, 3], 2: [1, 4]", "8: links.0.levels: rentang level 3 tidak boleh di bawah"),
        ("4: [3, 4], 3", "4: [4, 3], 3", "8: links.0.levels.4: [4, 3] terbalik"),
        ("4: [3, 4], 3", "4: [3], 3", "8: links.0.levels.4: harus dua bilangan bulat, terendah dan tertinggi"),
        ("4: [3, 4], 3", "4: [3, true], 3", "8: links.0.levels.4: harus dua bilangan bulat, terendah dan tertinggi"),
        ("4: [3, 4], 3", "4: [3, 5], 3", "8: links.0.levels: rentang harus di antara 1 dan 4, yaitu level 1"),
        ("1: [1, 1]}", "1: [0, 1]}", "8: links.0.levels: rentang harus di antara 1 dan 4, yaitu level 1"),
        (", 1: [1, 1]}", "}", "8: links.0.levels: levels harus memuat tepat 1, 2, 3, 4, yaitu level"),
        (
            "{4: [3, 4], 1: [1, 2]}",
            "{4: [3, 4], 3: [2, 3], 2: [1, 2], 1: [1, 2]}",
            "15: links.1.levels: levels harus memuat tepat 1, 4, yaitu level pertanyaan 7.2.4.a",
        ),
        ("    levels: {4: [3, 4], 1: [1, 2]}\n", "", "10: links.1.levels: levels wajib diisi"),
        ('why: "Intinya."', 'why: " "', "16: links.1.why: tidak boleh kosong"),
        ('why: "Judul belum diketahui."', 'sebab: "x"', "31: unreached.2.sebab: kolom ini tidak dikenal"),
        ('  - to: "3"\n    why: "Tidak ditanyakan."\n', "", "24: unreached: 3 di SD belum dijangkau"),
        ("[SD]\n    why: \"Tidak", "[SD, SMK]\n    why: \"Tidak", "25: unreached.0.to: 2 sudah dijangkau sebuah"),
        ('to: "3"', 'to: "2"\n    forms: [SD]', "28: unreached.1.to: 2 sudah tertulis untuk SD"),
        ('to: "4"', 'to: "5"', "30: unreached.2.to: 5 tidak ada dalam other 2025.1"),
        ('to: "4"', 'to: "4"\n    forms: [SD]', "30: unreached.2.to: 4 tidak ada untuk SD dalam other 2025.1"),
        ("to: {instrument: other", "to: {instrument: lain", "2: to: lain 2025.1 tidak ada di antara instrumen"),
        ('"2026.1"', '"2027.1"', "1: from: eds-snp 2027.1 tidak ada di antara instrumen"),
        ('"2026.1"', '"terbaru"', "1: from.version: bentuknya tidak cocok"),
        ("links:", "tautan:", "3: tautan: kolom ini tidak dikenal"),
    ],
)  # fmt: skip
def test_every_fault_is_named_with_file_line_and_field(folder, old, new, wanted):
    assert WHOLE.count(old) == 1
    found = problems(folder, WHOLE.replace(old, new))
    assert any(problem.startswith(f"other.yaml:{wanted}") for problem in found), found


def test_a_file_belongs_to_the_versions_that_its_place_names(folder):
    assert problems(folder, WHOLE, "lain.yaml") == [
        "lain.yaml:2: to.instrument: tidak cocok dengan nama berkas lain.yaml"
    ]
    moved = folder.rename(folder.with_name("eds-snp-2025.1"))
    assert problems(moved, WHOLE) == ["other.yaml:1: from: tidak cocok dengan folder eds-snp-2025.1"]


def test_one_fault_at_many_forms_is_told_once(folder):
    found = problems(folder, WHOLE.replace("4: [3, 4], 3", "4: [3, 5], 3"))
    assert len(found) == 1


# --- targets that are no instrument ---------------------------------------------------------------------

OUTSIDE = """\
from: {instrument: eds-snp, version: "2026.1"}
to: {instrument: edm, version: "2021.1"}
outside:
  title: "Lima aspek"
  label: aspek
  forms: [SD]
  targets:
    - {code: "1", name: "Kedisiplinan", status: confirmed, source: "Instrumen 2021"}
links:
  - from: 1.1.1.a
    to: "1"
    origin: own
    weight: "1"
    why: "Sama."
unreached: []
"""


def test_a_file_may_bring_its_targets_along(folder):
    crosswalk = load(folder, OUTSIDE, "edm.yaml")
    assert crosswalk.outside is not None
    assert [(target.code, target.status) for target in crosswalk.outside.targets] == [("1", "confirmed")]
    assert [(link.target, dict(link.levels)) for link in crosswalk.targets("1.1.1.a", "SD")] == [("1", {})]
    assert crosswalk.targets("1.1.1.a", "SMK") == ()


def test_targets_without_descriptors_have_no_levels(folder):
    text = OUTSIDE.replace(
        '    why: "Sama."', '    levels: {4: [3, 4], 3: [2, 3], 2: [1, 2], 1: [1, 1]}\n    why: "Sama."'
    )
    assert problems(folder, text, "edm.yaml") == [
        "edm.yaml:14: links.0.levels: levels tidak dipakai: 1 tidak punya level"
    ]


def test_targets_that_are_brought_along_stand_once(folder):
    row = '    - {code: "1", name: "Kedisiplinan", status: confirmed, source: "Instrumen 2021"}\n'
    found = problems(folder, OUTSIDE.replace(row, row + row), "edm.yaml")
    assert found == ["edm.yaml:7: outside.targets: kode tertulis dua kali: 1"]


def test_an_instrument_that_is_here_brings_no_targets_along(folder):
    found = problems(folder, OUTSIDE.replace('edm, version: "2021.1"', 'other, version: "2025.1"'))
    assert found == ["other.yaml:3: outside: tidak dipakai: other 2025.1 adalah instrumen di sini"]


# --- all files of a folder ------------------------------------------------------------------------------


def test_a_crosswalk_waits_for_versions_that_are_still_drafts(folder):
    (folder / "other.yaml").write_text(WHOLE, "utf-8")
    for draft in (("eds-snp", "2026.1"), ("other", "2025.1")):
        assert load_crosswalks(folder.parent, [], {draft}) == ()


def test_a_folder_that_is_still_being_written_is_not_read(folder):
    (folder / "other.yaml").write_text("rusak", "utf-8")
    (folder / DRAFT_MARK).write_text("Draf", "utf-8")
    assert load_crosswalks(folder.parent, []) == ()


def test_faults_of_all_files_are_told_together_and_with_their_folder(folder):
    (folder / "other.yaml").write_text(WHOLE, "utf-8")
    (folder / "edm.yaml").write_text("", "utf-8")
    (folder / "catatan.txt").write_text("", "utf-8")
    with pytest.raises(DataFileError) as caught:
        load_crosswalks(folder.parent, [])
    assert [str(problem) for problem in caught.value.problems] == [
        "crosswalks/eds-snp-2026.1/catatan.txt: nama berkas tidak dikenal; di sini hanya *.yaml",
        "crosswalks/eds-snp-2026.1/edm.yaml: berkas kosong",
        "crosswalks/eds-snp-2026.1/other.yaml:1: from: eds-snp 2026.1 tidak ada di antara instrumen",
        "crosswalks/eds-snp-2026.1/other.yaml:2: to: other 2025.1 tidak ada di antara instrumen",
    ]


# --- the files that schools get -------------------------------------------------------------------------

BASES = {basis.key for basis in LIBRARY.legal_bases}
VERSIONS = [load_instrument(folder, LIBRARY.catalogue, BASES) for folder in sorted(INSTRUMENTS_DIR.glob("*/*"))]
CROSSWALKS = {
    crosswalk.target.instrument: crosswalk for crosswalk in load_crosswalks(DATA_DIR / "crosswalks", VERSIONS)
}
IA2024 = ("SD", "MI", "SMP", "MTs", "SMA", "MA", "SMK", "MAK")


def targets_of(instrument: str) -> dict[str, list[str]]:
    """Codes of all targets by form of education."""
    outside = CROSSWALKS[instrument].outside
    if outside is not None:
        return {form: [target.code for target in outside.targets] for form in outside.forms}
    spec = next(spec for spec in VERSIONS if spec.instrument == instrument)
    return {form: list(spec.asked(form)) for form in spec.forms}


def test_the_crosswalks_of_the_eds_lead_to_three_instruments():
    assert set(CROSSWALKS) == {"ia-2024", "iasp-2020", "edm"}
    assert {str(crosswalk.source) for crosswalk in CROSSWALKS.values()} == {"eds-snp 2026.1"}


@pytest.mark.parametrize(
    ("instrument", "form", "count"),
    [
        *(("ia-2024", form, 45) for form in IA2024),
        *(("iasp-2020", form, 36) for form in ("SD", "MI")),
        *(("iasp-2020", form, 35) for form in ("SMP", "MTs", "SMA", "MA")),
        *(("iasp-2020", form, 44) for form in ("SMK", "MAK")),
        ("iasp-2020", "SLB", 40),
        *(("edm", form, 5) for form in ("MI", "MTs", "MA", "MAK")),
    ],
)
def test_every_target_is_reached_or_listed_with_a_reason(instrument, form, count):
    crosswalk = CROSSWALKS[instrument]
    codes = targets_of(instrument)[form]
    assert len(codes) == count
    for code in codes:
        reached, reason = crosswalk.sources(code, form), crosswalk.reason(code, form)
        assert bool(reached) != bool(reason), (code, reached, reason)


@pytest.mark.parametrize("instrument", ["ia-2024", "iasp-2020"])
def test_items_without_a_public_title_are_never_reached(instrument):
    spec = next(spec for spec in VERSIONS if spec.instrument == instrument)
    unknown = {(item.code, form) for form in spec.forms for item in spec.asked(form).values() if not item.answerable}
    reached = {(link.target, form) for link in CROSSWALKS[instrument].links for form in link.forms}
    assert not unknown & reached


@pytest.mark.parametrize("instrument", ["ia-2024", "iasp-2020", "edm"])
def test_reasons_are_short_and_no_link_is_empty(instrument):
    for link in CROSSWALKS[instrument].links:
        assert 2 <= len(link.why.split()) <= 40, (link.source, link.target)
        assert link.why.endswith(".")
        open_at = [ends for ends in link.levels.values() if ends == (1, 4)]
        assert not link.levels or len(open_at) < len(link.levels), (link.source, link.target)


def test_links_without_a_public_rubric_say_so():
    public = {"2.6.1", "3.13.3"}
    smk = [link for link in CROSSWALKS["ia-2024"].links if "SMK" in link.forms]
    assert {link.target for link in smk if not link.why.endswith("Rubrik SMK belum terbuka.")} <= public


def test_the_aspects_of_edm_come_with_status_and_source():
    outside = CROSSWALKS["edm"].outside
    assert outside is not None
    assert [target.code for target in outside.targets] == ["1", "2", "3", "4", "5"]
    assert all(target.status == "confirmed" and target.source for target in outside.targets)


# --- the library, the command, the page -----------------------------------------------------------------


def without_drafts(folder: Path) -> Path:
    """A copy of the data files in which no version is a draft."""
    data = Path(shutil.copytree(DATA_DIR, folder / "data"))
    for mark in data.rglob(DRAFT_MARK):
        mark.unlink()
    return data


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Library:
    return load_library(without_drafts(tmp_path_factory.mktemp("whole")))


def test_the_library_holds_the_crosswalks_of_its_versions(whole):
    assert {crosswalk.target.instrument for crosswalk in whole.crosswalks} == set(CROSSWALKS)


def test_a_broken_crosswalk_breaks_the_library(tmp_path):
    data = without_drafts(tmp_path)
    path = data / "crosswalks" / "eds-snp-2026.1" / "edm.yaml"
    path.write_text(path.read_text("utf-8").replace("from: 1.1.3.a", "from: 1.1.99.a", 1), "utf-8")
    with pytest.raises(
        DataFileError, match=r"crosswalks/eds-snp-2026.1/edm.yaml:\d+: links.0.from: 1.1.99.a tidak ada"
    ):
        load_library(data)


def test_the_command_counts_crosswalks(whole, monkeypatch, capsys):
    monkeypatch.setattr(load_catalogue, "read_library", lambda: whole)
    call_command("load_catalogue", "--check")
    links = sum(len(crosswalk.links) for crosswalk in CROSSWALKS.values())
    assert f"3 peta padanan dengan {links} tautan." in capsys.readouterr().out


def test_a_version_knows_its_crosswalks(whole, monkeypatch):
    monkeypatch.setattr(services, "read_library", lambda: whole)
    services.the_library.cache_clear()
    try:
        found = services.crosswalks_from(InstrumentVersion(instrument="eds-snp", version="2026.1"))
        assert {crosswalk.target.instrument for crosswalk in found} == set(CROSSWALKS)
        assert services.crosswalks_from(InstrumentVersion(instrument="eds-snp", version="2025.1")) == ()
    finally:
        services.the_library.cache_clear()


def test_the_worked_example_follows_the_files():
    text = (Path(settings.BASE_DIR) / "docs" / "crosswalk.md").read_text("utf-8")
    section = text.partition("## A worked example")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\d\S+) \| (\S+) \| (\S+) \| (\S+) \|$", section, re.MULTILINE)
    links = {link.source: link for link in CROSSWALKS["ia-2024"].sources("2.7.1", "SD")}
    assert {row[0] for row in rows} == set(links)
    low = high = total = Fraction(0)
    for code, weight, level, ends in rows:
        assert Fraction(weight) == links[code].weight
        if level != "-":
            first, last = links[code].levels[int(level)]
            assert ends == f"{first}-{last}"
            low, high, total = low + Fraction(weight) * first, high + Fraction(weight) * last, total + Fraction(weight)
    assert f"= {low / total}." in section
    assert f"= {high / total}." in section
