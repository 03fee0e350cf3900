"""Instruments with parts of their own: tree.yaml, component-N.yaml, questions without a public title."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from common.yamlfile import DataFileError
from standards.catalogue import DATA_DIR
from standards.instruments import InstrumentSpec, load_instrument
from standards.items import ItemSpec
from tests.factories import the_library

LIBRARY = the_library()
IASP = LIBRARY.newest("iasp-2020")
IA = LIBRARY.newest("ia-2024")
BASES = {basis.key for basis in LIBRARY.legal_bases}

HEADER = """instrument: uji
version: "2026.1"
title: Instrumen uji
origin: own
source: Disusun untuk pengujian.
forms: [SD, SMP, SMK]
labels: {standard: bagian, indicator: pokok, subindicator: butir, item: butir}
scoring: {status: elsewhere, note: Dihitung di tempat lain.}
"""
TREE = """rows:
  - {code: "1", level: standard, name: Bagian satu, status: partly_confirmed, source: a}
  - {code: "1.1", level: indicator, name: Pokok, status: unverified, source: a}
  - {code: "1.1.10", level: subindicator, name: Butir sepuluh, status: unverified, source: a}
  - {code: "1.1.X-1", level: subindicator, name: judul belum diketahui, status: unverified, source: a, forms: [SMK]}
  - {code: "1.1.2", level: subindicator, name: Butir dua, status: unverified, source: a, forms: [SD, SMP]}
  - {code: "1.1.2", level: subindicator, name: Butir dua kejuruan, status: unverified, source: a, forms: [SMK]}
  - {code: "2", level: standard, name: Bagian kosong, status: unverified, source: a, note: Tanpa butir., forms: [SMK]}
"""
BODY = """    kind: rubric
    window: semester ini
    answered_by: [guru]
    gather: [dokumen, angket]
    question: Seberapa jauh?
    levels: {4: semua, 3: sebagian besar, 2: beberapa, 1: belum}
    status: own
    source: a
"""
ITEMS = f"""component: "1"
items:
  - code: "10"
    part: "1.1.10"
{BODY}
  - code: "X-1"
    part: "1.1.X-1"
    forms: [SMK]
    kind: rubric
    answerable: false
    status: unverified
    source: a
    note: Judulnya belum diketahui.

  - code: "1.1.2"
    forms: [SD, SMP]
{BODY}"""
ITEMS_SMK = f"""component: "1"
forms: [SMK]
items:
  - code: "1.1.2"
{BODY}"""
FILES = {
    "instrument.yaml": HEADER,
    "tree.yaml": TREE,
    "component-1.yaml": ITEMS,
    "component-1-smk.yaml": ITEMS_SMK,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small version that a test may break."""
    folder = tmp_path / "uji" / "2026.1"
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def load(folder: Path) -> InstrumentSpec:
    return load_instrument(folder, LIBRARY.catalogue, BASES)


def problems(folder: Path) -> list[str]:
    with pytest.raises(DataFileError) as caught:
        load(folder)
    return [str(problem) for problem in caught.value.problems]


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")


# --- what a version says -------------------------------------------------------------------------------


def test_each_form_has_its_own_parts_and_questions_in_the_order_of_the_tree(folder):
    spec = load(folder)
    assert [item.code for item in spec.items_for("SD")] == ["10", "1.1.2"]
    assert [item.code for item in spec.items_for("SMK")] == ["10", "X-1", "1.1.2"]
    assert [row.code for row in spec.catalogue("SD").rows] == ["1", "1.1", "1.1.10", "1.1.2"]
    assert spec.catalogue("SD").by_code["1.1.2"].name == "Butir dua"
    assert spec.catalogue("SMK").by_code["1.1.2"].name == "Butir dua kejuruan"
    assert spec.catalogue("SMK") is spec.catalogue("SMK"), "worked out once"
    assert [row.code for row in spec.catalogue("SMK").standards] == ["1", "2"]
    assert spec.standards_for("SMK") == ("1",)


def test_the_forms_of_a_file_hold_for_its_questions_that_name_none(folder):
    assert {item.forms for item in load(folder).items if item.code == "1.1.2"} == {("SD", "SMP"), ("SMK",)}


def test_every_question_knows_its_part_and_the_part_of_the_first_level(folder):
    places = {item.code: (item.subindicator, item.standard) for item in load(folder).items_for("SMK")}
    assert places == {"10": ("1.1.10", "1"), "X-1": ("1.1.X-1", "1"), "1.1.2": ("1.1.2", "1")}
    assert LIBRARY.newest("eds-snp").asked("SD")["8.1.2.a"].subindicator == "8.1.2"


def test_an_instrument_on_the_snp_has_no_catalogue_of_its_own():
    assert LIBRARY.newest("eds-snp").catalogue("SD") is None


@pytest.mark.parametrize("spec", [IASP, IA], ids=["iasp-2020", "ia-2024"])
def test_a_version_with_a_tree_survives_its_canonical_form_exactly(spec):
    again = InstrumentSpec.model_validate_json(spec.canonical())
    assert again == spec
    assert again.sha256() == spec.sha256()
    for form in spec.forms:
        assert again.asked(form) == spec.asked(form)
        assert again.catalogue(form) == spec.catalogue(form)


def test_the_same_code_means_another_thing_at_a_vocational_school():
    general, vocational = IA.asked("SMA")["1.1.2"], IA.asked("SMK")["1.1.2"]
    assert general.question != vocational.question
    assert IA.catalogue("SMA").by_code["1.1.2"].name != IA.catalogue("SMK").by_code["1.1.2"].name


def test_the_component_without_questions_is_there_with_its_reason():
    row = IA.catalogue("SD").by_code["4"]
    assert IA.catalogue("SD").children("4") == ()
    assert "tidak memuat butir" in row.note
    assert IA.standards_for("SD") == ("1", "2", "3")
    assert IA.standards_for("SMK") == ("1", "2", "3", "4")


@pytest.mark.parametrize("spec", [IASP, IA], ids=["iasp-2020", "ia-2024"])
def test_an_instrument_that_is_scored_elsewhere_has_no_rules_of_a_profile(spec):
    assert spec.rules is None
    assert "bukan keputusan badan akreditasi" in spec.scoring.note
    assert "modul" not in spec.scoring.note  # read by principals
    with pytest.raises(ValueError, match="has no rules"):
        _ = spec.profile_rules


# --- what is wrong with a version -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "wanted"),
    [
        ("tree.yaml", 'code: "1.1", level: indicator', 'code: "3.1", level: indicator',
         "rows.1.code: induk 3 tidak ada di atasnya untuk SD, SMP, SMK"),
        ("tree.yaml", "forms: [SD, SMP]}", "forms: [SMK]}", "rows.5.code: 1.1.2 tertulis dua kali untuk SMK"),
        ("tree.yaml", 'code: "1.1", level: indicator', 'code: "1.1", level: subindicator',
         "rows.1: level subindicator tidak cocok dengan kode 1.1"),
        ("tree.yaml", "level: indicator", "level: butir", "rows.1.level: harus salah satu dari 'standard'"),
        ("tree.yaml", "forms: [SD, SMP]}", "forms: [SD, SMA]}", "rows.4.forms: SMA tidak termasuk instrumen ini"),
        ("tree.yaml", "forms: [SD, SMP]}", "forms: [SD, TK]}", "rows.4.forms.1: harus salah satu dari 'SD'"),
        ("tree.yaml", "status: partly_confirmed", "status: pasti", "rows.0.status: harus salah satu dari 'confirmed'"),
        ("tree.yaml", ", source: a}", "}", "rows.0.source: wajib diisi"),
        ("tree.yaml", "name: Pokok", 'name: ""', "rows.1.name: tidak boleh kosong"),
        ("tree.yaml", "note: Tanpa butir., ", "", "rows.6.note: wajib diisi: mengapa 2 tidak memuat apa pun untuk SMK"),
        ("tree.yaml", 'code: "1.1.10"', 'code: "1.1.11"', "rows.2.code: 1.1.11 belum memiliki pertanyaan untuk SD"),
        ("tree.yaml", 'code: "1"', 'code: "A"', "rows.0.code: bentuknya tidak cocok"),
        ("tree.yaml", "rows:", "baris:", "rows: wajib diisi"),
        ("component-1.yaml", 'part: "1.1.10"', 'part: "1.1.99"',
         "items.0.part: 1.1.99 bukan bagian tingkat ketiga (subindicator) dalam tree.yaml untuk SD, SMP, SMK"),
        ("component-1.yaml", '    part: "1.1.10"\n', "", "items.0.code: 10 bukan bagian tingkat ketiga"),
        ("component-1.yaml", 'part: "1.1.10"', 'part: "1.1"', "items.0.part: 1.1 bukan bagian tingkat ketiga"),
        ("component-1.yaml", "forms: [SD, SMP]", "forms: [SD, SMK]",
         "items.2.code: 1.1.2 sudah ada di component-1-smk"),
        ("component-1.yaml", "forms: [SD, SMP]", "forms: [SD]",
         "rows.4.code: 1.1.2 belum memiliki pertanyaan untuk SMP"),
        ("component-1.yaml", "forms: [SMK]", "forms: [SD, SMK]", "items.1.part: 1.1.X-1 bukan bagian tingkat ketiga"),
        ("component-1.yaml", "forms: [SMK]", "forms: [SMK, SMK]", "items.1.forms: tertulis dua kali: SMK"),
        ("component-1.yaml", "forms: [SMK]", "forms: [SMK, MA]", "items.1.forms: MA tidak termasuk instrumen ini"),
        ("component-1.yaml", 'component: "1"', 'component: "2"', "items.0.code: 10 bukan bagian dari komponen 2"),
        ("component-1.yaml", 'component: "1"', 'component: "9"', "component: komponen 9 tidak ada dalam tree.yaml"),
        ("component-1.yaml", 'component: "1"', 'standard: "1"', "standard: kolom ini tidak dikenal"),
        ("component-1.yaml", 'code: "10"', 'code: "sepuluh ribu"', "items.0.code: bentuknya tidak cocok"),
        ("component-1.yaml", 'code: "10"', 'code: "1000000000000"', "items.0.code: terlalu panjang (paling banyak 12"),
        ("component-1.yaml", "    status: own\n", "", "items.0.status: wajib diisi"),
        ("component-1.yaml", "    source: a\n", "", "items.0.source: wajib diisi"),
        ("component-1.yaml", "    note: Judulnya belum diketahui.\n", "", "items.1.note: wajib diisi"),
        ("component-1.yaml", "answerable: false", "answerable: false\n    question: Apa?",
         "items.1: tidak dipakai selama answerable: false: question"),
        ("component-1.yaml", "answerable: false", "answerable: false\n    evidence: [Foto]",
         "items.1: tidak dipakai selama answerable: false: evidence"),
        ("component-1.yaml", "kind: rubric\n    answerable: false", "kind: yesno\n    answerable: false",
         "items.1: pertanyaan yang tidak dapat dijawab (answerable: false) berjenis rubric"),
        ("component-1.yaml", "answerable: false", "answerable: nanti", "items.1.answerable: harus true atau false"),
        ("component-1.yaml", "    answerable: false\n", "",
         "items.1: wajib diisi: window, answered_by, gather, question"),
        ("component-1.yaml", "angket]", "tes]", "items.0.gather.1: harus salah satu dari 'dokumen'"),
        ("component-1.yaml", "status: own", 'status: own\n    snp: ["3"]',
         "items.0: snp dan mapping_origin diisi bersama"),
        ("component-1.yaml", "status: own", 'status: own\n    snp: ["9"]\n    mapping_origin: own',
         "items.0.snp.0: bentuknya tidak cocok"),
        ("instrument.yaml", "scoring: {status: elsewhere, note: Dihitung di tempat lain.}\n", "",
         "isi salah satu: rules (profil dihitung dari jawaban) atau scoring"),
        ("instrument.yaml", "status: elsewhere", "status: nanti", "scoring.status: harus"),
        ("instrument.yaml", ", note: Dihitung di tempat lain.", "", "scoring.note: wajib diisi"),
    ],
)  # fmt: skip
def test_a_broken_version_is_named_with_file_line_and_field(folder, file, old, new, wanted):
    change(folder, file, old, new)
    found = problems(folder)
    assert any(wanted in problem for problem in found), found
    assert all(":" in problem.partition(" ")[0] for problem in found)


def test_the_line_of_a_fault_in_the_tree_is_the_line_of_its_field(folder):
    change(folder, "tree.yaml", 'code: "1.1", level', 'code: "3.1", level')
    assert problems(folder)[0].startswith("tree.yaml:3: rows.1.code: ")


def test_a_version_is_scored_in_one_place_only(folder):
    rules = (DATA_DIR / "instruments/eds-snp/2025.1/instrument.yaml").read_text("utf-8").partition("rules:")[2]
    (folder / "instrument.yaml").write_text(f"{HEADER}rules:{rules}", "utf-8")
    assert any("isi salah satu: rules" in problem for problem in problems(folder))
    (folder / "instrument.yaml").write_text(f"{HEADER.partition('scoring:')[0]}rules:{rules}", "utf-8")
    assert load(folder).profile_rules.scale == 7


def test_files_of_the_other_layout_are_not_passed_over(folder):
    (folder / "standard-1.yaml").write_text(ITEMS, "utf-8")
    wanted = ["standard-1.yaml: dengan tree.yaml pertanyaan ditulis dalam component-<nomor>.yaml"]
    assert problems(folder) == wanted
    (folder / "standard-1.yaml").unlink()
    (folder / "tree.yaml").unlink()
    wanted = "memerlukan tree.yaml, yang menyebut nama bagian-bagiannya"
    assert problems(folder) == [f"component-1-smk.yaml: {wanted}", f"component-1.yaml: {wanted}"]


@pytest.mark.parametrize("name", ["component-1-SMK.yaml", "component-x.yaml", "component1.yaml", "tree.yml"])
def test_a_misspelled_file_is_not_passed_over(folder, name):
    (folder / name).write_text(ITEMS, "utf-8")
    assert any(problem.startswith(f"{name}: nama berkas tidak dikenal") for problem in problems(folder))


def test_a_tree_without_questions_or_with_broken_ones_is_reported_once_per_fault(folder):
    change(folder, "component-1.yaml", "angket]", "tes]")
    assert problems(folder) == [
        "component-1.yaml:8: items.0.gather.1: harus salah satu dari 'dokumen', 'observasi', 'wawancara', 'angket'"
    ]
    for path in folder.glob("component-*"):
        path.unlink()
    assert any("1.1.10 belum memiliki pertanyaan" in problem for problem in problems(folder))


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("weight: 1", 'weight: 1\n    part: "8.1.1"', "items.0.part: hanya untuk instrumen dengan tree.yaml"),
        ("    dimension: process\n", "", "items.0.dimension: wajib diisi"),
        ("    window: ", "    # window: ", "items.0: wajib diisi: window"),
    ],
)
def test_a_question_on_the_snp_keeps_its_own_rules(tmp_path, old, new, wanted):
    copy = Path(shutil.copytree(DATA_DIR / "instruments/eds-snp/2025.1", tmp_path / "eds-snp" / "2025.1"))
    text = (copy / "standard-8.yaml").read_text("utf-8")
    if "weight: 1" not in text:
        text = text.replace("    kind: ", "    weight: 1\n    kind: ", 1)
    assert old in text
    (copy / "standard-8.yaml").write_text(text.replace(old, new, 1), "utf-8")
    assert any(wanted in problem for problem in problems(copy)), problems(copy)


def test_a_question_on_the_snp_can_always_be_answered(tmp_path):
    copy = Path(shutil.copytree(DATA_DIR / "instruments/eds-snp/2025.1", tmp_path / "eds-snp" / "2025.1"))
    closed = "  - {code: 8.3.3.b, kind: rubric, dimension: output, answerable: false}\n"
    with (copy / "standard-8.yaml").open("a", encoding="utf-8") as file:
        file.write(closed)
    wanted = "answerable: setiap subindikator SNP bernama, jadi pertanyaannya dapat ditulis"
    assert problems(copy)[0].endswith(wanted)


def test_a_field_that_came_later_is_written_only_where_it_is_used():
    eds = LIBRARY.newest("eds-snp").items[0]
    later = {"part", "answerable", "informants", "status", "note", "snp", "mapping_origin", "source"}
    assert later & set(eds.model_dump(mode="json")) == set()
    closed = next(item for item in IASP.items if not item.answerable)
    dumped = closed.model_dump(mode="json")
    assert dumped["answerable"] is False
    assert {"question", "levels", "window", "answered_by", "dimension"} & set(dumped) == set()
    assert ItemSpec.model_validate(dumped) == closed
