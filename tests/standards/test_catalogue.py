"""Reading the data files: everything wrong is named with file and line, and nothing is half read."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from common.yamlfile import DataFileError
from standards.catalogue import DATA_DIR, load_catalogue, load_legal_bases
from standards.instruments import UNKNOWN_FILE, InstrumentSpec
from standards.library import load_library
from standards.wording import load_wording
from tests.factories import the_library, the_spec

LIBRARY = the_library()
EDS = tuple(spec for spec in LIBRARY.instruments if spec.instrument == "eds-snp")
VERSION = "instruments/eds-snp/2025.1"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A copy of the data files that a test may break, with eds-snp alone (the others: test_tree_instruments)."""
    others = shutil.ignore_patterns("ia-2024", "iasp-2020", "crosswalks")
    return Path(shutil.copytree(DATA_DIR, tmp_path / "data", ignore=others))


def replace(path: Path, old: str, new: str) -> int:
    """Change the first *old* in the file; returns its line."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def problems(data_dir: Path) -> list[str]:
    with pytest.raises(DataFileError) as caught:
        load_library(data_dir)
    return [str(problem) for problem in caught.value.problems]


# --- the eight standards ------------------------------------------------------------------------------


def test_the_catalogue_is_complete():
    catalogue = LIBRARY.catalogue
    levels = [row.level for row in catalogue.rows]
    assert (levels.count("standard"), levels.count("indicator"), levels.count("subindicator")) == (8, 29, 189)
    assert [row.code for row in catalogue.standards] == [str(n) for n in range(1, 9)]
    assert all(row.source and row.name for row in catalogue.rows)
    assert catalogue.by_code["8.1.2"].parent == "8.1"
    assert [row.code for row in catalogue.children("8")] == ["8.1", "8.2", "8.3"]
    assert catalogue.children("9") == ()


def test_a_problem_that_others_run_into_is_named_once(data_dir, monkeypatch):
    """Crosswalks read the questions in the words of every form, from the same table."""
    (data_dir / "wording.yaml").write_text("", "utf-8")
    monkeypatch.setattr("standards.library.load_crosswalks", lambda *_: load_wording(data_dir / "wording.yaml"))
    assert problems(data_dir) == ["wording.yaml: berkas kosong"]


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("code,level", "kode,level", "snp.csv:1: kolom harus: code, level"),
        ("1.1.2,subindicator", "1.1.1,subindicator", "code: 1.1.1 tertulis dua kali"),
        ("1.1,indicator", "1.1,subindicator", "level: tidak cocok dengan kode 1.1"),
        ("1.1,indicator", "1.1,bab", "level: tidak cocok dengan kode 1.1"),
        ("1.1.2,subindicator", "9.1.2,subindicator", "code: induk 9.1 tidak ada di atasnya"),
        (",confirmed,", ",pasti,", "status: 'pasti' tidak dikenal"),
        ("1,standard,Standar Kompetensi Lulusan", "1,standard,", "name: wajib diisi"),
        ("1.1.2,subindicator", "1.1.x,subindicator", "code: '1.1.x' bukan kode"),
        ("1,standard,Standar", f"1,standard,{'a' * 250}Standar", "name: terlalu panjang (paling banyak 250 tanda)"),
        ("1.1.2,subindicator,", "1.1.2,subindicator,x,y,z,", "jumlah kolom tidak cocok"),
        ("1.1.2,subindicator,", '1.1.2,subindicator,"', "mulai di baris ini isinya tidak terbaca"),
        ("1.1.2,subindicator,", f"1.1.2,subindicator,{'a' * 140_000}", "mulai di baris ini isinya tidak terbaca"),
    ],
)
def test_a_broken_catalogue_is_named_with_its_line(data_dir, old, new, wanted):
    line = replace(data_dir / "snp.csv", old, new)
    found = problems(data_dir)
    assert any(wanted in problem for problem in found), found
    assert found[0].startswith(f"snp.csv:{line}: ")


def test_a_catalogue_in_another_encoding_or_missing_is_named(data_dir):
    path = data_dir / "snp.csv"
    path.write_text(path.read_text("utf-8").partition("\n")[0], "utf-8")
    with pytest.raises(DataFileError, match=r"snp\.csv: tidak memuat satu baris pun"):
        load_catalogue(path)
    path.write_bytes(b"\xff\xfe" + path.read_bytes())
    with pytest.raises(DataFileError, match=r"snp\.csv:1: bukan UTF-8"):
        load_catalogue(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(DataFileError, match=r"snp\.csv: tidak dapat dibaca"):
        load_catalogue(path)
    path.rmdir()
    with pytest.raises(DataFileError, match=r"snp\.csv: berkas tidak ditemukan"):
        load_catalogue(path)


def test_a_catalogue_saved_by_a_spreadsheet_is_read(data_dir):
    path = data_dir / "snp.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_catalogue(path) == LIBRARY.catalogue


@pytest.mark.parametrize("sign", ["\x07", "\x00"])
def test_signs_that_no_text_has_are_named_with_their_line(data_dir, sign):
    line = replace(data_dir / "snp.csv", "1.1.2,subindicator,", f"1.1.2,subindicator,{sign}")
    assert problems(data_dir)[0].startswith(f"snp.csv:{line if sign != chr(0) else 1}: ")
    replace(data_dir / "snp.csv", sign, "")
    line = replace(data_dir / EIGHT, "kind: yesno", f"kind: yes{sign}no")
    assert problems(data_dir)[0].startswith(f"eds-snp/2025.1/standard-8.yaml:{line if sign != chr(0) else 1}: ")


# --- legal bases --------------------------------------------------------------------------------------


def test_every_standard_has_a_legal_basis():
    assert {basis.standard for basis in LIBRARY.legal_bases} >= {str(n) for n in range(1, 9)}


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ('valid_from: "2021-03-30"', 'valid_from: "2021-13-30"', "valid_from: '2021-13-30' bukan tanggal"),
        ('valid_from: "2021-03-30"', "valid_from: 2021-03-30", "valid_from: harus berupa teks"),
        ('valid_from: "2021-03-30"', 'valid_from: "20210330"', "valid_from: '20210330' bukan tanggal"),
        ('valid_from: "2021-03-30"', 'valid_from: "2021-03-30"\n    valid_to: "2020-01-01"', "lebih awal"),
        ("key: pp-57-2021", f"key: {'a' * 61}", "key: terlalu panjang (paling banyak 60 tanda)"),
        ("key: pp-57-2021", "key: PP 57", "key: bentuknya tidak cocok"),
        ("    subject: ", f"    subject: {'a' * 250}", "subject: terlalu panjang (paling banyak 250 tanda)"),
        ("key: pp-57-2021", "key: uu-20-2003", "kunci tertulis dua kali: uu-20-2003"),
        ('standard: "1"', 'standard: "9"', "standard: standar 9 tidak ada dalam katalog"),
        ("status: conflict", "status: berbeda", "status: harus salah satu dari 'verified', 'unverified', 'conflict'"),
    ],
)
def test_a_broken_legal_basis_is_named_with_its_line(data_dir, old, new, wanted):
    replace(data_dir / "legal_basis.yaml", old, new)
    found = problems(data_dir)
    assert any(problem.startswith("legal_basis.yaml:") and wanted in problem for problem in found), found


def test_legal_bases_may_be_checked_against_any_set_of_standards():
    with pytest.raises(DataFileError, match="standar 1 tidak ada dalam katalog"):
        load_legal_bases(DATA_DIR / "legal_basis.yaml", {"2"})


# --- instruments --------------------------------------------------------------------------------------

HEADER = f"{VERSION}/instrument.yaml"
EIGHT = f"{VERSION}/standard-8.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "wanted"),
    [
        (EIGHT, "code: 8.1.2.a", "code: 8.1.1.a", "items.1.code: 8.1.1.a sudah ada di standard-8.yaml"),
        (EIGHT, "code: 8.1.2.a", "code: 7.1.1.a", "items.1.code: 7.1.1.a sudah ada di standard-7.yaml"),
        (EIGHT, "code: 8.1.2.a", "code: 7.1.1.b", "items.1.code: 7.1.1.b bukan bagian dari standar 8"),
        (EIGHT, "code: 8.1.2.a", "code: 8.9.2.a", "items.1.code: subindikator 8.9.2 tidak ada dalam katalog"),
        (EIGHT, "code: 8.1.2.a", "code: 8.1.2", "items.1.code: '8.1.2' bukan kode pertanyaan"),
        (EIGHT, "code: 8.1.2.a", "code: 8.1.2.s1", "items.1.code: '8.1.2.s1' bukan kode pertanyaan"),
        (EIGHT, 'standard: "8"', 'standard: "9"', "standard: standar 9 tidak ada dalam katalog"),
        (EIGHT, "kind: yesno", "kind: ratio", "items.1.levels: levels harus memuat tepat 1, 2, 3, 4"),
        (EIGHT, "kind: yesno", "kind: pilihan", "items.1.kind: harus salah satu dari 'rubric', 'ratio'"),
        (EIGHT, '      2: "Keringanan', '      5: "Keringanan', "items.2.levels: levels harus memuat tepat 1, 2, 3, 4"),
        (EIGHT, "    kind: rubric", "    kind: checklist", "items.2.points: points wajib untuk jenis checklist"),
        (EIGHT, "    kind: checklist", "    kind: rubric", "items.5.points: points tidak dipakai untuk jenis rubric"),
        (EIGHT, '    cap: "1/2"\n', "", "items.5.cap: cap diisi bila, dan hanya bila, ada hal yang wajib"),
        (EIGHT, 'cap: "1/2"', 'cap: "1"', "items.5.cap: cap harus sedikitnya 0 dan kurang dari 1"),
        (EIGHT, 'cap: "1/2"', 'cap: "setengah"', 'items.5.cap: harus pecahan, misalnya "3/4", bukan "setengah"'),
        (EIGHT, 'cap: "1/2"', "cap: 0.5", 'items.5.cap: harus pecahan, misalnya "3/4"'),
        (EIGHT, 'bands: {4: "1", 3: "3/4"', 'bands: {4: "1/2", 3: "3/4"', "items.0.bands: batas baca harus naik"),
        (EIGHT, 'bands: {4: "1", 3: "3/4", 2: "1/2"}', 'bands: {4: "1"}', "items.0.bands: batas baca harus ada"),
        (EIGHT, "{code: b, text", "{code: a, text", "items.5.points: kode hal tertulis dua kali"),
        (EIGHT, "{code: tidak-ada-murid-kurang-mampu", "{code: tidak-ada-iuran", "kode alasan tidak berlaku"),
        (EIGHT, "weight: 1", "weight: 0", "items.0.weight: bobot harus lebih dari 0"),
        (EIGHT, "weight: 1", "forms: []", "items.0.forms: harus memuat sedikitnya 1"),
        (EIGHT, "weight: 1", "window: 2026-13-45", "'2026-13-45' bukan tanggal atau bilangan yang ada"),
        (EIGHT, "weight: 1", "forms: [TK]", "items.0.forms.0: harus salah satu dari 'SD'"),
        (EIGHT, "answered_by: [guru, tendik, kepala]", "answered_by: []", "answered_by: harus memuat sedikitnya 1"),
        (EIGHT, "weight: 1", "not_by: [guru]", "items.0.not_by: answered_by dan not_by saling bertentangan"),
        (EIGHT, "basis: [uu-20-2003,", "basis: [uu-2003,", "items.0.basis: dasar hukum 'uu-2003' tidak dikenal"),
        (EIGHT, "    dimension: process", "\tdimension: process", "YAML tidak sah"),
        (EIGHT, "    dimension: process", "    dimensi: process", "items.0.dimensi: kolom ini tidak dikenal"),
        (EIGHT, "answered_by: [guru,", "answered_by: &orang [guru,", None),
        (HEADER, 'version: "2025.1"', 'version: "2025.2"', "isi tidak cocok dengan folder eds-snp/2025.1"),
        (HEADER, 'version: "2025.1"', "version: 2025.1", "version: harus berupa teks (beri tanda kutip)"),
        (HEADER, 'upper: "3.70"', 'upper: "1.70"', "rules: batas kategori harus naik dan berakhir pada nilai skala"),
        (HEADER, 'upper: "7.00"', 'upper: "6.90"', "rules: batas kategori harus naik dan berakhir pada nilai skala"),
        (HEADER, '3: "3/4"', '3: "1/8"', "rules: rubric harus naik dari level 1 ke 4"),
        (HEADER, '3: "3/4", ', "", "rules: rubric harus memuat level 1 sampai 4"),
        (HEADER, "standard_from: indicators", "standard_from: items", "rules.standard_from: harus salah satu dari"),
        (HEADER, 'version: "2025.1"', 'version: "2025.1234"', "version: bentuknya tidak cocok"),
        (HEADER, "title: ", f"title: {'a' * 200}", "title: terlalu panjang (paling banyak 200 tanda)"),
        (HEADER, "scale: 7", "scale: 0", "rules.scale: harus lebih dari 0"),
        (HEADER, "forms: [SD, ", "forms: [", None),
    ],
)  # fmt: skip
def test_a_broken_instrument_is_named_with_file_line_and_field(data_dir, file, old, new, wanted):
    replace(data_dir / file, old, new)
    if wanted is None:  # a change that is allowed
        load_library(data_dir)
        return
    found = problems(data_dir)
    assert any(problem.startswith("eds-snp/2025.1/") and wanted in problem for problem in found), found


def test_the_line_of_a_fault_is_the_line_of_its_field(data_dir):
    line = replace(data_dir / EIGHT, "kind: yesno", "kind: pilihan")
    assert f"eds-snp/2025.1/standard-8.yaml:{line}: items.1.kind: " in problems(data_dir)[0]


def test_an_item_for_a_form_outside_the_instrument_is_named(data_dir):
    replace(data_dir / HEADER, "forms: [SD, MI,", "forms: [SD,")
    replace(data_dir / EIGHT, "weight: 1", "forms: [MI]")
    assert any("items.0.forms: MI tidak termasuk instrumen ini" in problem for problem in problems(data_dir))


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"", "standard-8.yaml: berkas kosong"),
        (b"\xff\xfe\x00", "standard-8.yaml:1: bukan UTF-8"),
        (b'standard: "8"\nitems: []\n', "standard-8.yaml:2: items: harus memuat sedikitnya 1"),
        (b'standard: "8"\nitems: *semua\n', "standard-8.yaml:2: rujukan YAML"),
        (b"8\n", "standard-8.yaml:1: harus berupa pasangan kunci dan nilai"),
    ],
)
def test_a_file_that_is_no_list_of_items_is_named(data_dir, content, wanted):
    (data_dir / EIGHT).write_bytes(content)
    assert any(wanted in problem for problem in problems(data_dir))


def test_the_faults_of_all_files_are_reported_together(data_dir):
    replace(data_dir / HEADER, "scale: 7", "scale: tujuh")
    replace(data_dir / EIGHT, "kind: yesno", "kind: pilihan")
    replace(data_dir / f"{VERSION}/standard-7.yaml", "kind: yesno", "kind: pilihan")
    files = {problem.partition(":")[0] for problem in problems(data_dir)}
    assert files == {f"eds-snp/2025.1/{name}.yaml" for name in ("instrument", "standard-7", "standard-8")}


def test_the_faults_of_every_kind_of_file_are_reported_together(data_dir):
    replace(data_dir / "snp.csv", ",confirmed,", ",pasti,")
    replace(data_dir / "legal_basis.yaml", "status: conflict", "status: berbeda")
    replace(data_dir / "wording.yaml", "forms: [", "forms: [TK, ")
    replace(data_dir / EIGHT, "kind: yesno", "kind: pilihan")
    replace(data_dir / "instruments/eds-snp/2026.1/groups.yaml", "heading: ", "judul: ")
    shutil.copytree(DATA_DIR / "crosswalks", data_dir / "crosswalks")
    replace(data_dir / "crosswalks/eds-snp-2026.1/edm.yaml", 'weight: "', 'weight: "9')
    files = {problem.partition(":")[0] for problem in problems(data_dir)}
    assert files >= {
        "snp.csv", "legal_basis.yaml", "wording.yaml", "eds-snp/2025.1/standard-8.yaml",
        "eds-snp/2026.1/groups.yaml", "crosswalks/eds-snp-2026.1/edm.yaml",
    }  # fmt: skip


def test_a_broken_file_of_questions_does_not_make_a_scope_look_wrong(data_dir):
    replace(data_dir / "instruments/eds-snp/2026.1/standard-3.yaml", "kind: rubric", "kind: rubrik")
    found = problems(data_dir)
    assert len(found) == 1, found
    assert found[0].startswith("eds-snp/2026.1/standard-3.yaml:")


def test_a_key_that_is_no_text_and_a_level_that_is_no_number_are_named(data_dir):
    replace(data_dir / EIGHT, "    kind: yesno", "    7: x\n    kind: yesno")
    assert "items.1.7: nama isian harus berupa teks" in problems(data_dir)[0]
    replace(data_dir / EIGHT, "    7: x\n", "")
    line = replace(data_dir / EIGHT, '      2: "Keringanan', '      dua: "Keringanan')
    wanted = f"eds-snp/2025.1/standard-8.yaml:{line}: items.2.levels.dua: harus bilangan bulat"
    assert problems(data_dir) == [wanted]


def test_the_line_of_a_missing_level_is_that_of_the_levels(data_dir):
    text = (data_dir / EIGHT).read_text("utf-8")
    line = replace(data_dir / EIGHT, '      2: "Keringanan', '      5: "Keringanan')
    above = max(number for number, row in enumerate(text.splitlines()[:line], 1) if row.strip() == "levels:")
    assert problems(data_dir)[0].startswith(f"eds-snp/2025.1/standard-8.yaml:{above}: items.2.levels: ")


def test_a_file_beside_the_folders_is_not_passed_over(data_dir):
    (data_dir / "instruments/eds-snp/instrument.yaml").write_text("x", "utf-8")
    (data_dir / "instruments/baru.yaml").write_text("x", "utf-8")
    assert [problem.partition(": ")[0] for problem in problems(data_dir)] == [
        "instruments/baru.yaml", "eds-snp/instrument.yaml",
    ]  # fmt: skip


def test_the_key_of_a_school_is_refused_by_the_check_too(data_dir):
    folder = data_dir / "instruments/sekolah-x/2025.1"
    shutil.copytree(data_dir / VERSION, folder)
    replace(folder / "instrument.yaml", "instrument: eds-snp", "instrument: sekolah-x")
    assert problems(data_dir)[0].startswith("sekolah-x/2025.1/instrument.yaml: instrument: awalan")


def test_a_version_without_header_or_without_items_is_not_passed_over(data_dir):
    (data_dir / HEADER).rename(data_dir / f"{VERSION}/Instrument.yml")
    assert problems(data_dir) == [
        "eds-snp/2025.1/instrument.yaml: berkas tidak ditemukan",
        f"eds-snp/2025.1/Instrument.yml: {UNKNOWN_FILE}",
    ]
    (data_dir / f"{VERSION}/Instrument.yml").rename(data_dir / HEADER)
    for number in (7, 8):
        (data_dir / f"{VERSION}/standard-{number}.yaml").unlink()
    assert problems(data_dir) == ["eds-snp/2025.1/instrument.yaml: tidak ada berkas standard-*.yaml"]


@pytest.mark.parametrize("name", ["standar-8.yaml", "standard-8.yml", "standard-08.yaml", "standard-8.yaml.txt"])
def test_a_misspelled_file_is_not_passed_over(data_dir, name):
    (data_dir / EIGHT).rename(data_dir / VERSION / name)
    assert any(
        problem.startswith(f"eds-snp/2025.1/{name}: nama berkas tidak dikenal") for problem in problems(data_dir)
    )


def test_what_an_editor_leaves_behind_is_no_fault(data_dir):
    for name in (".standard-8.yaml.swp", "standard-8.yaml~", ".DS_Store"):
        (data_dir / VERSION / name).write_bytes(b"x")
    assert load_library(data_dir).instruments == EDS


def test_a_library_without_an_instrument_is_refused(data_dir):
    shutil.rmtree(data_dir / "instruments")
    assert problems(data_dir) == ["instruments: tidak ada satu pun versi instrumen"]


def test_a_version_that_is_still_being_written_is_not_loaded(data_dir):
    draft = Path(shutil.copytree(data_dir / VERSION, (data_dir / VERSION).with_name("2025.2")))
    (draft / "instrument.yaml").unlink()
    (draft / "DRAFT.md").write_text("belum selesai")
    assert load_library(data_dir).instruments == EDS


def test_the_format_carries_all_eight_standards_without_change(data_dir):
    folder = data_dir / VERSION
    template = (folder / "standard-8.yaml").read_text("utf-8")
    for standard in LIBRARY.catalogue.standards[:6]:
        codes = [
            row.code
            for indicator in LIBRARY.catalogue.children(standard.code)
            for row in LIBRARY.catalogue.children(indicator.code)
        ]
        head, *items = template.split("  - code: ")
        body = "".join(
            f"  - code: {code}.a{items[index % len(items)][len('8.1.1.a') :].rstrip()}\n\n"
            for index, code in enumerate(codes)
        )
        (folder / f"standard-{standard.code}.yaml").write_text(
            head.replace('"8"', f'"{standard.code}"') + body, "utf-8"
        )
    spec = load_library(data_dir).newest("eds-snp")
    assert spec.standards_for("SD") == tuple(str(n) for n in range(1, 9))
    assert len({item.subindicator for item in spec.items}) == 189


# --- a version as a whole -----------------------------------------------------------------------------


def test_an_instrument_survives_its_canonical_form_exactly():
    spec = the_spec()
    again = InstrumentSpec.model_validate_json(spec.canonical())
    assert again == spec
    assert again.sha256() == spec.sha256()
    assert again.asked("SD")["8.2.1.a"].bands == {2: Fraction(1, 2), 3: Fraction(3, 4), 4: Fraction(9, 10)}


def test_items_are_in_the_order_of_their_codes_and_found_by_form_and_standard():
    spec = the_spec()
    assert spec.standards_for("SD") == ("7", "8")
    assert [item.code for item in spec.items_for("SD", "8")][:3] == ["8.1.1.a", "8.1.2.a", "8.1.3.a"]
    assert spec.asked("SD")["8.1.2.a"].subindicator == "8.1.2"
    assert spec.asked("SD")["8.1.2.a"].standard == "8"


def test_the_newest_version_is_the_highest_number_not_the_last_word(data_dir):
    folder = data_dir / VERSION
    for number in ("2026.9", "2026.10"):
        copy = Path(shutil.copytree(folder, folder.parent / number))
        replace(copy / "instrument.yaml", 'version: "2025.1"', f'version: "{number}"')
    assert load_library(data_dir).newest("eds-snp").version == "2026.10"
    with pytest.raises(KeyError):
        LIBRARY.newest("lain")


# --- scopes -------------------------------------------------------------------------------------------

SCOPES = f"{VERSION}/scopes.yaml"
GOOD_SCOPES = """minutes: {rubric: 8, ratio: 4, yesno: 2, checklist: 6}
scopes:
  - key: inti
    name: Inti
    about: Yang terpenting.
    items:
      - {code: 8.1.2.a, why: Paling dekat dengan murid.}
      - {code: 7.1.1.a, why: Arah sekolah.}
  - {key: lengkap, name: Lengkap, about: Semua pertanyaan.}
"""


def test_a_scope_is_a_choice_among_the_items_and_changes_no_version_without_one(data_dir):
    (data_dir / SCOPES).write_text(GOOD_SCOPES, "utf-8")
    spec = next(spec for spec in load_library(data_dir).instruments if spec.version == "2025.1")
    inti, lengkap = spec.scopes
    assert [item.code for item in spec.items_for("SD", scope=inti.key)] == ["7.1.1.a", "8.1.2.a"]
    assert spec.items_for("SD", scope=lengkap.key) == spec.items_for("SD")
    assert spec.minutes["ratio"] == 4
    assert InstrumentSpec.model_validate_json(spec.canonical()) == spec
    plain = the_spec()
    assert spec.sha256() != plain.sha256()
    assert "scopes" not in plain.canonical(), "a version without scopes keeps the hash that it was published with"


def test_the_published_content_of_2025_1_has_not_changed():
    digest = "93f3eaa0bf4157ada95cc34026d690913e74140872c0bc55d352b10289fe2893"
    assert next(spec for spec in EDS if spec.version == "2025.1").sha256() == digest


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("8.1.2.a", "8.1.9.a", "scopes.0.items.0.code: pertanyaan 8.1.9.a tidak ada dalam versi ini"),
        ("7.1.1.a", "8.1.2.a", "scopes: cakupan inti memuat dua kali: 8.1.2.a"),
        ("key: lengkap", "key: inti", "scopes: kunci cakupan tertulis dua kali"),
        ("ratio: 4", "ratio: 0", "minutes.ratio: harus lebih dari 0"),
        (", checklist: 6", "", "minutes: menit belum ditulis untuk checklist"),
        (", why: Arah sekolah.", "", "scopes.0.items.1.why: wajib diisi"),
        ("key: inti", "key: Inti!", "scopes.0.key: bentuknya tidak cocok"),
    ],
)
def test_a_broken_scope_is_named_with_its_place(data_dir, old, new, wanted):
    (data_dir / SCOPES).write_text(GOOD_SCOPES.replace(old, new, 1), "utf-8")
    found = problems(data_dir)
    assert any(problem.startswith("eds-snp/2025.1/scopes.yaml:") and wanted in problem for problem in found), found
