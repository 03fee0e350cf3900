"""Groups of questions as data: every group named and used, in one standard, and texts that say what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from common.yamlfile import DataFileError
from standards.groups import GROUPS_FILE
from standards.instruments import INSTRUMENTS_DIR, InstrumentSpec, load_instrument
from tests.factories import the_library, the_spec

LIBRARY = the_library()
SPEC = the_spec("2026.1")
BASES = {basis.key for basis in LIBRARY.legal_bases}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the version that a test may break."""
    copy = tmp_path / "eds-snp" / "2026.1"
    shutil.copytree(INSTRUMENTS_DIR / "eds-snp" / "2026.1", copy)
    return copy


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def problems(folder: Path) -> list[str]:
    with pytest.raises(DataFileError) as error:
        load_instrument(folder, LIBRARY.catalogue, BASES)
    return [str(problem) for problem in error.value.problems]


def test_every_group_of_a_question_has_an_entry_and_the_other_way_round():
    assert {item.group for item in SPEC.items if item.group} == {group.key for group in SPEC.groups}
    assert len(SPEC.groups) == 37


@pytest.mark.parametrize("group", SPEC.groups, ids=lambda group: group.key)
def test_a_group_says_in_few_words_how_its_questions_are_answered(group):
    assert len(group.heading.split()) <= 7
    assert 10 <= len(group.how.split()) <= 40
    assert group.how.endswith(".")
    assert (group.sheet is not None) == group.key.startswith("lembar_")
    if group.sheet:
        assert len(group.sheet.note.split()) <= 50


def test_headings_tell_groups_apart():
    headings = [group.heading for group in SPEC.groups]
    assert len(set(headings)) == len(headings)


def test_a_version_without_groups_keeps_its_text_and_hash():
    old = the_spec("2025.1")
    assert old.groups == ()
    assert '"groups"' not in old.canonical()
    assert '"groups"' in SPEC.canonical()
    assert InstrumentSpec.model_validate_json(SPEC.canonical()) == SPEC


def test_a_group_that_no_file_describes_is_named_with_its_place(folder):
    change(folder / "standard-6.yaml", "group: kartu_uks", "group: kartu_uksi")
    (found,) = problems(folder)
    assert found.startswith("standard-6.yaml:")
    assert "items." in found
    assert "kelompok 'kartu_uksi' tidak ada dalam groups.yaml" in found


def test_without_the_file_every_group_is_a_problem(folder):
    (folder / GROUPS_FILE).unlink()
    found = problems(folder)
    assert len(found) == sum(item.group is not None for item in SPEC.items)


def test_an_entry_that_no_question_uses_is_a_problem(folder):
    change(folder / GROUPS_FILE, "key: kartu_uks", "key: kartu_lain")
    found = problems(folder)
    assert any(f"{GROUPS_FILE}:" in one and "tidak ada pertanyaan dengan kelompok 'kartu_lain'" in one for one in found)


def test_a_group_written_twice_is_a_problem(folder):
    change(folder / GROUPS_FILE, "key: kartu_gudang", "key: kartu_uks")
    assert any("kelompok tertulis dua kali: kartu_uks" in one for one in problems(folder))


def test_a_group_lies_in_one_standard(folder):
    change(folder / "standard-2.yaml", "group: contoh_perencanaan", "group: contoh_asesmen")
    assert problems(folder)[0].endswith("kelompok 'contoh_asesmen' hanya boleh dalam satu bagian, bukan 2, 4")


def test_a_misspelled_field_is_named_and_the_rest_of_the_files_checked(folder):
    change(folder / GROUPS_FILE, "proof: apart", "prof: apart")
    (found,) = problems(folder)
    assert "prof: kolom ini tidak dikenal" in found


def test_a_broken_file_of_questions_makes_no_group_look_unused(folder):
    change(folder / "standard-6.yaml", "kind: checklist", "kind: daftar")
    found = problems(folder)
    assert any(one.startswith("standard-6.yaml:") for one in found)
    assert not [one for one in found if "kelompok" in one]


def test_madrasah_read_their_own_words_in_heading_advice_and_sheet():
    school, madrasah = (SPEC.groups_for(form)["lembar_kompetensi_kepala"] for form in ("SD", "MI"))
    assert school.heading == "Lembar kompetensi kepala sekolah"
    assert madrasah.heading == "Lembar kompetensi kepala madrasah"
    assert "sekolah" not in " ".join(text for group in SPEC.groups_for("MI").values() for text in texts(group))


def texts(group):
    return [group.heading, group.how, *([group.sheet.about, group.sheet.note] if group.sheet else [])]
