"""Files in accreditation/data: faults are told with file, line and field, and ``load_catalogue --check`` sees them."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accreditation import catalogue
from accreditation.bodies import load_bodies
from accreditation.catalogue import DATA_DIR, load_schemes
from common.yamlfile import DataFileError
from tests.factories import the_library

Broken = Callable[..., list[str]]


@pytest.fixture
def folder(tmp_path) -> Path:
    shutil.copytree(DATA_DIR / "schemes", tmp_path / "schemes")
    return tmp_path / "schemes"


@pytest.fixture
def broken(folder) -> Broken:
    """What is said after replacing *old* by *new* in a file, and on which line the change stands."""

    def problems(name: str, old: str, new: str) -> list[str]:
        path = folder / f"{name}.yaml"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{old!r} does not stand in {name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(DataFileError) as caught:
            load_schemes(the_library(), folder)
        return [str(problem) for problem in caught.value.problems]

    return problems


def line_of(name: str, text: str) -> int:
    lines = (DATA_DIR / "schemes" / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def test_the_files_themselves_are_sound(folder):
    assert list(load_schemes(the_library(), folder)) == ["ia-2024", "iasp-2020", "ban-2017"]
    assert [body.name for body in load_bodies()] == ["BAN-PDM", "BAN-S/M"]


SARPRAS = "{code: sarpras, of: component, component: sarpras, at_least: 61"
FAULTS = [
    # file, old, new, field, message; the line is that of the field
    ("ban-2017", "weight: 14", "weight: 15", "tables.0.components", "berjumlah 101, seharusnya 100"),
    ("ban-2017", "weight: 14", "weight: 0", "tables.0.components.0.weight", "harus sedikitnya 1"),
    ("ban-2017", "weight: 14", "weight: 14.5", "tables.0.components.0.weight", ""),
    ("ban-2017", "code: proses", "code: isi", "tables.0.components", "isi tertulis dua kali"),
    ("ban-2017", "weights: [4, 4, 4, 3, 4, 4, 3, 4, 3, 4]", "part: \"\"", "tables.0.components.0.weights", "salah"),
    ("ban-2017", "forms: [SD, MI]", "forms: [SD, MI, SD]", "tables", "SD tertulis dua kali"),
    ("ban-2017", "forms: [SMP, MTs]", "forms: [SMP, MTs, MI]", "tables", "MI tertulis dua kali"),
    ("ban-2017", "forms: [SMP, MTs]", "forms: [SMP]", "unscored", "MTs tidak dinilai dan tidak disebut"),
    ("ban-2017", "forms: [SD, MI]", "forms: [SD, TK]", "tables.0.forms.1", "harus salah satu dari"),
    ("ban-2017", SARPRAS, SARPRAS.replace("component: sarpras", "component: taman"), "conditions", "komponen taman"),
    ("ban-2017", SARPRAS, "{code: sarpras, of: component, at_least: 61", "conditions.1.component", "satu komponen"),
    ("ban-2017", "{code: komponen, of", "{code: sarpras, of", "conditions", "sarpras tertulis dua kali"),
    ("ban-2017", "at_least: 81", "at_least: 95", "ranks", "dari yang tertinggi"),
    ("ban-2017", "letter: B", "letter: A", "ranks", "A tertulis dua kali"),
    ("ban-2017", "{letter: B, name: Baik, at_least: 81, accredited: true}",
     "{letter: B, name: Baik, at_least: 81, accredited: false}", "ranks", "di atas yang tidak terakreditasi"),
    ("ban-2017", "letters: {4: A, 3: B", "letters: {4: A, 3: A", "scale.letters", "A tertulis dua kali"),
    ("ban-2017", "letters: {4: A, 3: B, 2: C, 1: D, 0: E}", "letters: {4: A}", "scale.letters", "tepat 0"),
    ("ban-2017", "kind: weighted", "kind: distribution", "tables", "tidak dipakai untuk jenis distribution"),
    ("ban-2017", "scheme: ban-2017", "scheme: ban-2018", "scheme", "tidak cocok dengan nama berkas ban-2017.yaml"),
    ("ban-2017", "status: confirmed\n", "status: official\n", "status", "harus salah satu dari"),
    ("ban-2017", "conditions_status: confirmed\n", "", "conditions_status", "wajib untuk jenis weighted"),
    ("ban-2017", "ranks_status: confirmed\n", "", "ranks_status", "wajib untuk jenis weighted"),
    ("iasp-2020", 'ranks_source: "', 'ranks_source: " " # ', "ranks_source", "tidak boleh kosong"),
    ("ban-2017", "of: final, at_least: 71", "of: final, at_least: 72", "conditions", "satu syarat nilai akhir"),
    ("ban-2017", "{letter: C, name: Cukup, at_least: 71, accredited: true}",
     "{letter: C, name: Cukup, at_least: 71, accredited: false}", "conditions", "satu syarat nilai akhir"),
    ("ban-2017", "  - {code: nilai-akhir, of: final, at_least: 71, text: Nilai akhir sedikitnya 71}\n", "",
     "conditions", "satu syarat nilai akhir"),
    ("ban-2017", "title: Instrumen", "tittle: Instrumen", "tittle", ""),
    ("ban-2017", "component_digits: 2 ", "component_digits: 9 ", "rounding.component_digits", "harus paling banyak 4"),
    ("iasp-2020", 'part: "4", weight: 18', 'part: "5", weight: 18', "tables", "manajemen tidak punya butir di SD"),
    ("iasp-2020", 'part: "4", weight: 18', 'part: "3", weight: 18', "tables.0.components", "3 tertulis dua kali"),
    ("iasp-2020", 'SMK-1: "36"', 'SMK-10: "36"', "aliases.SMK-10", "SMK-10 tidak ada"),
    ("iasp-2020", 'SMK-1: "36"', 'SMK-1: "35"', "aliases.SMK-1", "35 sudah menjadi kode butir"),
    ("iasp-2020", 'SMK-2: "37"', 'SMK-2: "36"', "aliases", "36 menunjuk lebih dari satu butir di SMK"),
    ("iasp-2020", 'SMK-2: "37"', 'SMK-2: ""', "aliases.SMK-2", "tidak boleh kosong"),
    ("iasp-2020", "SD: 8, ", "", "index", "tepat bentuk pendidikan yang dinilai"),
    ("iasp-2020", 'share: "15/100"', 'share: "115/100"', "index.share", "di antara 0 dan 1"),
    ("iasp-2020", "code: mapel", "code: izin", "entry.questions", "izin tertulis dua kali"),
    ("iasp-2020", "of: index", "of: final", "conditions", "syarat atas indeks"),
    ("iasp-2020", 'version: "2020.1"}', 'version: "2020.9"}', "instrument", "tidak ada di antara instrumen"),
    ("iasp-2020", 'instrument: {instrument: iasp-2020, version: "2020.1"}\n', "", "instrument", "wajib, karena"),
    ("ia-2024", 'instrument: {instrument: ia-2024, version: "2025.1"}\n', "", "instrument", "wajib untuk jenis"),
    ("ia-2024", "group: butir, ", "", "labels", "group wajib"),
    ("ia-2024", "forms: [SLB]", "forms: [SLB, SD]", "unscored", "SD dinilai, tetapi juga disebut"),
    ("ia-2024", 'item: "3.10.3"\n', 'item: "3.10.9"\n', "contexts", "3.10.9 tidak ada di SD"),
    ("ia-2024", "code: terpisah", "code: campuran", "contexts.0.options", "campuran tertulis dua kali"),
    ("ia-2024", "letters: [A, B, C]", "letters: [A, B, B]", "thresholds.letters", "B tertulis dua kali"),
    ("ia-2024", "code: anggaran", "code: kalender", "documents.items", "kalender tertulis dua kali"),
    ("ia-2024", 'item: "2.5.2"', 'item: "2.5.1"', "windows.rows", "2.5.1 di SD tertulis dua kali"),
    ("ia-2024", 'item: "2.5.2"', 'item: "2.5.9"', "windows.rows", "2.5.9 tidak ada di SD"),
    ("ia-2024", "names: {4: Sangat Baik, ", "names: {", "scale.names", "harus memuat tepat 1, 2, 3, 4"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "field", "message"), FAULTS)
def test_a_fault_is_told_with_file_line_and_field(broken, name, old, new, field, message):
    found = broken(name, old, new)
    told = [one for one in found if f": {field}: " in one and message in one]
    assert told, found
    file, line, _ = told[0].split(":", 2)
    assert file == f"{name}.yaml"
    assert int(line) > 1


@pytest.mark.parametrize(
    ("name", "old", "new", "place"),
    [
        ("ban-2017", "code: proses\n", "code: isi\n", "components:"),
        ("ban-2017", "at_least: 81", "at_least: 95", "ranks:"),
        ("iasp-2020", 'SMK-1: "36"', 'SMK-1: "35"', "{SMK-1:"),
        ("iasp-2020", 'share: "15/100"', 'share: "2"', "share:"),
        ("ia-2024", "code: terpisah", "code: campuran", "options:"),
    ],
)
def test_the_line_is_the_one_to_change(broken, name, old, new, place):
    (found,) = broken(name, old, new)
    assert found.startswith(f"{name}.yaml:{line_of(name, place)}: ")


def test_two_schemes_in_force_are_refused_and_so_is_none(broken):
    (found,) = broken("iasp-2020", "in_force: false", "in_force: true")
    assert found == "schemes: in_force: tepat satu skema harus berlaku sekarang"


def test_no_scheme_in_force_is_refused(broken):
    (found,) = broken("ia-2024", "in_force: true", "in_force: false")
    assert "tepat satu skema harus berlaku" in found


def test_items_that_no_component_takes_in_are_named(broken, folder):
    path = folder / "iasp-2020.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "code: manajemen" not in line), encoding="utf-8")
    found = broken("iasp-2020", 'part: "3", weight: 18', 'part: "3", weight: 36')
    tables = line_of("iasp-2020", "tables:")
    assert f"iasp-2020.yaml:{tables}: tables: butir 23 di SD tidak masuk komponen mana pun" in found


def test_the_problems_of_all_files_come_together(folder):
    for name in ("ban-2017", "ia-2024"):
        path = folder / f"{name}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("years: ", "yaers: ", 1), encoding="utf-8")
    (folder / "iasp-2020.yaml").write_text("scheme: [", encoding="utf-8")
    with pytest.raises(DataFileError) as caught:
        load_schemes(the_library(), folder)
    assert {problem.file for problem in caught.value.problems} == {"ban-2017.yaml", "ia-2024.yaml", "iasp-2020.yaml"}


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        ("until: null", "until: 2024", "bodies", "tepat satu badan tidak punya tahun akhir"),
        ("until: 2023", "until: null", "bodies", "tepat satu badan tidak punya tahun akhir"),
        ("until: 2023", "until: 2001", "bodies.0.until", "harus sesudah tahun mulai"),
        ("status: partly_confirmed", "status: sure", "bodies.0.status", "harus salah satu dari"),
        ("name: BAN-S/M", "nama: BAN-S/M", "bodies.0.name", "wajib"),
    ],
)
def test_a_fault_among_the_bodies_is_told_with_file_line_and_field(tmp_path, old, new, field, message):
    path = tmp_path / "bodies.yaml"
    path.write_text((DATA_DIR / "bodies.yaml").read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataFileError) as caught:
        load_bodies(path)
    told = [problem for problem in caught.value.problems if problem.field == field and message in problem.message]
    assert told, caught.value
    assert (told[0].file, told[0].line > 1) == ("bodies.yaml", True)


def check() -> None:
    call_command("load_catalogue", "--check", stdout=io.StringIO(), stderr=io.StringIO())


def test_the_check_of_the_catalogue_includes_schemes_and_bodies(folder, monkeypatch):
    check()
    path = folder / "ban-2017.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("weight: 14", "weight: 15", 1), encoding="utf-8")
    bodies = folder.parent / "bodies.yaml"
    bodies.write_text((DATA_DIR / "bodies.yaml").read_text(encoding="utf-8").replace("null", "2024"), encoding="utf-8")
    monkeypatch.setattr(catalogue.load_schemes, "__defaults__", (folder,))
    monkeypatch.setattr(load_bodies, "__defaults__", (bodies,))
    with pytest.raises(CommandError) as caught:
        check()
    assert "ban-2017.yaml:" in str(caught.value)
    assert "bodies.yaml:" in str(caught.value)
