"""Each form of education reads the questions in its own words; what is written stays as it is."""

from __future__ import annotations

import itertools
import re
import shutil
from pathlib import Path

import pytest

from common.yamlfile import DataFileError
from schools.words import Words, words_for
from standards.catalogue import DATA_DIR
from standards.instruments import SCHOOL_KEY, InstrumentSpec
from standards.items import ItemSpec
from standards.library import load_library
from standards.wording import WORDING_FILE, WRITTEN_FOR, Term, Wording, load_wording, read_as, worded
from tests.factories import the_library, the_spec

MADRASAH = ("MI", "MTs", "MA", "MAK")
SCHOOLS = ("SD", "SMP", "SMA", "SMK", "SLB")
EDITIONS = {f"{spec.instrument} {spec.version}": spec for spec in the_library().instruments}
every_edition = pytest.mark.parametrize("spec", EDITIONS.values(), ids=EDITIONS)
# Where a madrasah may still read "sekolah" (schools of another kind, or an idiom) or "dinas" (of another office).
STAYS = re.compile(r"madrasah/sekolah|sepulang sekolah|putus sekolah|dinas pemadam kebakaran|dinas kesehatan")
NOT_FOR_MADRASAH = re.compile(r"\b(sekolah|dinas|dapodik|RKAS|ARKAS|RKS|TPMPS|BOSP|EDS|KKKS|MKKS)\b", re.IGNORECASE)
NOT_FOR_SCHOOLS = re.compile(r"\b(\w+/madrasah|EMIS|RKAM|e-RKAM|EDM|Kankemenag|Kemenag|OSIM|KKMI)\b", re.IGNORECASE)


def texts(item: ItemSpec) -> list[str]:
    """Every text that is read on a page: all of it except codes, figures and what is said about the source."""
    found = [item.question, item.help, item.window, *item.levels.values(), *item.evidence, *item.informants]
    found += [reason.text for reason in item.na] + [point.text for point in item.points or ()]
    return found + (list(item.ratio.model_dump().values()) if item.ratio else [])


def still_read(spec: InstrumentSpec, forms: tuple[str, ...], words: re.Pattern[str]) -> set[str]:
    return {
        f"{item.code} {form}: {text}"
        for form in forms
        for item in spec.items_for(form)
        for text in texts(item)
        if words.search(STAYS.sub("", text))
    }


@every_edition
def test_a_madrasah_reads_no_word_of_schools(spec):
    assert still_read(spec, MADRASAH, NOT_FOR_MADRASAH) == set()


@every_edition
def test_a_school_reads_no_word_of_madrasah_beside_its_own(spec):
    assert still_read(spec, SCHOOLS, NOT_FOR_SCHOOLS) == set()


@every_edition
def test_no_word_is_read_twice_in_a_row(spec):
    twice = re.compile(r"\b(madrasah|Kankemenag|EMIS|RKAM|EDM|RKAS|Dapodik)(/| atau |, )\1\b", re.IGNORECASE)
    assert still_read(spec, (*MADRASAH, *SCHOOLS), twice) == set()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("kepala sekolah", "kepala madrasah"),
        ("Kepala sekolah menandatangani", "Kepala madrasah menandatangani"),
        ("Kepala Sekolah", "Kepala Madrasah"),
        ("KEPALA SEKOLAH", "KEPALA MADRASAH"),
        ("kepala sekolah/madrasah", "kepala madrasah"),
        ("komite sekolah dan pengawas sekolah", "komite madrasah dan pengawas madrasah"),
        ("TPMPS menyusun RKS dan RKAS", "TPM menyusun RKM dan RKAM"),
        ("RKAS/RKAM dari ARKAS/e-RKAM", "RKAM dari e-RKAM"),
        ("Dapodik/EMIS, Dapodik atau EMIS, Dapodik", "EMIS, EMIS, EMIS"),
        ("Dinas Pendidikan setempat", "Kantor Kementerian Agama setempat"),
        ("kepada dinas, Kankemenag, atau yayasan", "kepada Kankemenag atau yayasan"),
        ("Dinas, Kankemenag, atau yayasan", "Kankemenag atau yayasan"),
        ("Dinas, kantor Kemenag, atau yayasan", "Kantor Kemenag atau yayasan"),
        ("dari sekolah lain", "dari madrasah/sekolah lain"),
        ("Setiap hari sekolah", "Setiap hari belajar"),
        ("murid putus sekolah dari sekolah ini", "murid putus sekolah dari madrasah ini"),
        ("Putus sekolah dicegah", "Putus sekolah dicegah"),
        ("Akreditasi Sekolah/Madrasah", "Akreditasi Sekolah/Madrasah"),
        ("anak bersekolah di SD atau SMP", "anak bersekolah di SD atau SMP"),
        ("dinas pemadam kebakaran", "dinas pemadam kebakaran"),
    ],
)
def test_what_a_madrasah_reads(written, read):
    assert {read_as(written, form) for form in MADRASAH} == {read}


def test_texts_that_name_both_are_read_with_one_name_in_schools():
    written = (
        "kepala sekolah/madrasah melihat RKAS/RKAM dan Dapodik atau EMIS, lalu bertanya kepada dinas atau Kankemenag"
    )
    read = "kepala sekolah melihat RKAS dan Dapodik, lalu bertanya kepada dinas"
    assert {read_as(written, form) for form in SCHOOLS} == {read}


def test_titles_are_those_of_the_naungan():
    ours, theirs = words_for(WRITTEN_FOR), words_for("KEMENAG")
    names = set(Words.model_fields)
    assert {name for name in names if read_as(getattr(ours, name), "MI") != getattr(theirs, name)} == set()
    assert {name for name in names if read_as(getattr(ours, name), "SD") != getattr(ours, name)} == set()


def test_the_longer_phrase_counts_and_whole_words_alone():
    wording = Wording([Term(written="a", read="x"), Term(written="a b", read="y")], keep=["a b c"])
    assert wording.read("a, a b, a b c, ab, a-b, a/b") == "x, y, a b c, ab, x-b, x/b"
    assert Wording([]).read("apa pun") == "apa pun"


@every_edition
def test_the_content_and_its_hash_stay_as_written(spec):
    before = spec.sha256()
    for form in spec.forms:
        spec.asked(form)
    assert spec.sha256() == before
    assert InstrumentSpec.model_validate_json(spec.canonical()).asked("MI") == spec.asked("MI")


@every_edition
def test_only_words_change(spec):
    for form, item in itertools.product(MADRASAH, spec.items):
        read = worded(item, form)
        same = ("code", "kind", "cap", "bands", "weight", "forms", "group", "note", "source", "basis", "status")
        assert [getattr(read, name) for name in same] == [getattr(item, name) for name in same]
        assert [(point.code, point.must) for point in read.points or ()] == [
            (point.code, point.must) for point in item.points or ()
        ]
        assert [reason.code for reason in read.na] == [reason.code for reason in item.na]
        assert set(read.levels) == set(item.levels)
        assert len(read.question.split()) <= 35
        assert len(read.help.split()) <= 60
        assert all(len(level.split()) <= 40 for level in read.levels.values())
        if texts(read) == texts(item):
            assert read is item


def test_a_question_is_the_same_object_in_every_scope():
    spec = the_library().newest("eds-snp")
    whole = spec.asked("MI")
    for scope in spec.scopes:
        assert all(whole[code] is item for code, item in spec.asked("MI", scope.key).items())


def test_what_a_school_wrote_for_itself_is_read_as_written():
    spec = the_spec()
    own = InstrumentSpec.model_validate(spec.model_dump() | {"instrument": f"{SCHOOL_KEY}abcd2345"})
    assert own.asked("MI") == {item.code: item for item in own.items if item.asked_at("MI")}
    assert own.asked("MI") != spec.asked("MI")


# --- the table ----------------------------------------------------------------------------------------


def problems_of(tmp_path: Path, old: str, new: str) -> list[str]:
    text = WORDING_FILE.read_text("utf-8")
    assert old in text
    path = tmp_path / "wording.yaml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(DataFileError) as caught:
        load_wording(path)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("KEMENAG:\n", "KEMENHUT:\n", "KEMENHUT: naungan ini tidak ada dalam schools/data/words.yaml"),
        ("[MI, MTs, MA, MAK]", "[MI, MTs, MA, SD]", "KEMENDIKDASMEN.forms.0: SD sudah ada di KEMENAG"),
        ("[MI, MTs, MA, MAK]", "[MI, RA]", "KEMENAG.forms.1: harus salah satu dari"),
        ("[MI, MTs, MA, MAK]", "[]", "KEMENAG.forms: harus memuat sedikitnya 1"),
        ("written: RKS, read: RKM", "written: TPMPS, read: RKM", "“TPMPS” tertulis dua kali"),
        ("written: RKS, read: RKM", "written: Putus Sekolah, read: RKM", "“Putus Sekolah” tertulis dua kali"),
        ("written: RKS, read: RKM", "written: RKS, read: RKS", "“RKS” tidak mengubah apa pun"),
        ("written: RKS, read: RKM", "written: RKS", "read: wajib diisi"),
        ("written: RKS, read: RKM", "written: RKS, read: ''", "read: tidak boleh kosong"),
        ("written: RKS, read: RKM", "written: RKS, to: RKM", "to: kolom ini tidak dikenal"),
        ("- putus sekolah", "- tidak ada hubungannya", "“tidak ada hubungannya” tidak memuat istilah yang diganti"),
    ],
)
def test_a_broken_table_is_named_with_line_and_field(tmp_path, old, new, wanted):
    found = problems_of(tmp_path, old, new)
    assert any(re.match(r"wording\.yaml:\d+: ", problem) and wanted in problem for problem in found), found


def test_the_library_is_not_read_with_a_broken_table(tmp_path):
    data = Path(shutil.copytree(DATA_DIR, tmp_path / "data"))
    (data / "wording.yaml").unlink()
    with pytest.raises(DataFileError, match=r"wording\.yaml: berkas tidak ditemukan"):
        load_library(data)
