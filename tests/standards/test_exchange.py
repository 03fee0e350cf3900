"""An own instrument goes out as YAML and XLSX and comes back the same; a faulty file is refused, place by place."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from typing import Any, get_args

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from common.texts import plain_text
from common.xlsx import WorkbookError
from common.yamlfile import DataFileError
from standards import own
from standards.exchange import (
    COLUMNS,
    HEADER_ROWS,
    from_xlsx,
    from_yaml,
    in_words,
    template_xlsx,
    template_yaml,
    to_xlsx,
    to_yaml,
)
from standards.instruments import InstrumentSpec
from standards.items import Answerer, Form
from standards.own import item_problems, validate
from tests.factories import the_library

LIBRARY = the_library()
CATALOGUE = LIBRARY.catalogue
BASES = {basis.key for basis in LIBRARY.legal_bases}


def template() -> dict[str, Any]:
    return yaml.safe_load(template_yaml())


def example() -> InstrumentSpec:
    return from_yaml(template_yaml().encode(), CATALOGUE, BASES)


def yaml_problems(content: bytes | str) -> list[str]:
    with pytest.raises(DataFileError) as caught:
        from_yaml(content.encode() if isinstance(content, str) else content, CATALOGUE, BASES)
    return [str(problem) for problem in caught.value.problems]


def xlsx_problems(content: bytes) -> list[str]:
    with pytest.raises(WorkbookError) as caught:
        from_xlsx(content, CATALOGUE, BASES)
    return [str(problem) for problem in caught.value.problems]


def edited(edit: Callable[[Workbook], object], content: bytes | None = None) -> bytes:
    """The template workbook after somebody changed it by hand."""
    book = load_workbook(io.BytesIO(content or template_xlsx(CATALOGUE, BASES)))
    edit(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def put(**cells: object) -> bytes:
    """The template with other values in cells of the sheet of questions, by column title and row (kode_2)."""

    def edit(book: Workbook) -> None:
        page = book["Pertanyaan"]
        letters = {cell.value.replace(" ", "_"): cell.column for cell in page[1]}
        for name, value in cells.items():
            title, _, row = name.rpartition("_")
            page.cell(int(row), letters[title]).value = value

    return edited(edit)


# --- the templates --------------------------------------------------------------------------------------


def test_the_templates_hold_one_question_of_every_kind_and_are_the_same_instrument():
    spec = example()
    assert [item.kind for item in spec.items] == ["rubric", "ratio", "yesno", "checklist"]
    assert (spec.origin, spec.rules, spec.scoring) == ("own", None, own.SCORING)
    assert [(item.subindicator, item.standard) for item in spec.items][:2] == [("7.2", "7"), ("8.2.1", "8")]
    assert from_xlsx(template_xlsx(CATALOGUE, BASES), CATALOGUE, BASES) == spec


def test_the_workbook_speaks_indonesian_and_offers_lists():
    book = load_workbook(io.BytesIO(template_xlsx(CATALOGUE, BASES)))
    assert book.sheetnames == ["Instrumen", "Pertanyaan", "Hal daftar periksa", "Petunjuk"]
    page = book["Pertanyaan"]
    rows = {row[0].value: [cell.value for cell in row] for row in page.iter_rows()}
    titles = rows["kode"]
    checklist = dict(zip(titles, rows["7.2.s3"], strict=True))
    assert (checklist["jenis"], checklist["di bawah"], checklist["dimensi"]) == ("daftar periksa", "7.2", "hasil")
    assert (checklist["dikumpulkan lewat"], checklist["batas level 3"]) == ("dokumen, observasi", "2/3")
    assert dict(zip(titles, rows["7.2.s2"], strict=True))["alasan tidak berlaku"].startswith("tanpa-perpustakaan: ")
    assert [cell.value for cell in book["Hal daftar periksa"][2]] == [
        "7.2.s3", "a", "Karya murid diganti sedikitnya sebulan sekali", "ya",
    ]  # fmt: skip
    assert {rule.formula1 for rule in page.data_validations.dataValidation} == {
        '"rubrik,rasio,ya/tidak,daftar periksa"', '"masukan,proses,hasil"',
    }  # fmt: skip


def test_an_instrument_of_the_nation_is_not_exchanged():
    with pytest.raises(ValueError, match="no own instrument"):
        to_yaml(LIBRARY.newest("eds-snp"))


# --- round trip -----------------------------------------------------------------------------------------

lines = st.text(min_size=1, max_size=40).map(lambda text: " ".join(plain_text(text).split())).filter(bool)
blocks = st.lists(lines, min_size=1, max_size=3).map("\n".join)
spicy = st.sampled_from(
    ["=1+1", "- tanda", "@x", "#N/A", "ya", "2026.1", "null", "3/4", "a: b # c", "'", "| x", "_x0041_"]
)
line = lines | spicy
block = blocks | spicy
people = st.lists(st.sampled_from(get_args(Answerer)), min_size=1, max_size=5, unique=True)


@st.composite
def items(draw: st.DrawFn, code: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(["rubric", "ratio", "yesno", "checklist"]))
    answerers = draw(people)
    others = [one for one in get_args(Answerer) if one not in answerers]
    item: dict[str, Any] = {
        "code": code,
        "kind": kind,
        "window": draw(line),
        "answered_by": answerers,
        "gather": draw(st.lists(st.sampled_from(["dokumen", "observasi", "angket"]), min_size=1, unique=True)),
        "question": draw(block),
        "levels": {level: draw(block) for level in ((4, 1) if kind == "yesno" else (4, 3, 2, 1))},
    }  # fmt: skip
    if kind == "ratio":
        item["ratio"] = {"count": draw(line), "of": draw(line), "unit": draw(line)}
        item["ratio"] |= {"where": draw(line)} if draw(st.booleans()) else {}
    if kind in ("ratio", "checklist"):
        low, middle, high = sorted(draw(st.lists(st.integers(1, 24), min_size=3, max_size=3, unique=True)))
        item["bands"] = {4: str(Fraction(high, 24)), 3: str(Fraction(middle, 24)), 2: str(Fraction(low, 24))}
    if kind == "checklist":
        musts = draw(st.lists(st.booleans(), min_size=2, max_size=5))
        item["points"] = [
            {"code": letter, "text": draw(line), "must": must} for letter, must in zip("abcde", musts, strict=False)
        ]
        item |= {"cap": draw(st.sampled_from(["0", "1/2", "3/4"]))} if any(musts) else {}
    optional = {
        "dimension": st.sampled_from(["input", "process", "output"]),
        "not_by": st.lists(st.sampled_from(others), unique=True) if others else st.just([]),
        "informants": st.lists(line, min_size=1, max_size=3, unique=True),
        "weight": st.sampled_from(["1/2", "2", "3/4"]),
        "forms": st.lists(st.sampled_from(get_args(Form)), min_size=1, unique=True),
        "group": line,
        "na": st.lists(line, max_size=3).map(
            lambda texts: [{"code": f"a-{n}", "text": t} for n, t in enumerate(texts)]
        ),
        "evidence": st.lists(line, max_size=3),
        "help": block,
        "basis": st.lists(st.sampled_from(sorted(BASES)), max_size=2),
    }
    for name, values in optional.items():
        if draw(st.booleans()):
            item[name] = draw(values)
    return item


@st.composite
def instruments(draw: st.DrawFn) -> dict[str, Any]:
    codes = [row.code for row in CATALOGUE.rows if row.level != "standard"]
    numbers = draw(
        st.lists(st.tuples(st.sampled_from(codes), st.integers(1, 999)), min_size=1, max_size=4, unique=True)
    )
    data = {
        "instrument": draw(st.from_regex(r"[a-z0-9][a-z0-9-]{0,10}", fullmatch=True)),
        "version": draw(st.from_regex(r"20[0-9]{2}\.[1-9]", fullmatch=True)),
        "title": draw(line),
        "source": draw(block),
        "note": draw(block | st.just("")),
        "forms": list(get_args(Form)),
        "items": [draw(items(f"{code}.s{number}")) for code, number in numbers],
    }
    if draw(st.booleans()):
        data["labels"] = {name: draw(line) for name in ("standard", "indicator", "subindicator", "item")}
    return data


@settings(max_examples=120, deadline=None)
@given(instruments())
def test_yaml_to_workbook_and_back_is_the_same_instrument(data):
    spec, found = validate(data, CATALOGUE, BASES)
    assert found == []
    assert spec is not None
    written = to_yaml(spec)
    read = from_yaml(written.encode(), CATALOGUE, BASES)
    assert read == spec
    back = from_xlsx(to_xlsx(read), CATALOGUE, BASES)
    assert back == spec
    assert to_yaml(back) == written
    assert back.sha256() == spec.sha256()


def test_a_file_with_a_mark_of_its_encoding_is_accepted():
    assert from_yaml(template_yaml().encode("utf-8-sig"), CATALOGUE, BASES) == example()


def test_texts_are_tidied_alike_in_both_formats():
    data = template()
    data["title"] = "  Standar\u00a0tambahan\n sekolah "
    data["items"][0]["help"] = "satu\r\ndua\u200b"
    spec = from_yaml(yaml.safe_dump(data).encode(), CATALOGUE, BASES)
    assert (spec.title, spec.items[0].help) == ("Standar tambahan sekolah", "satu\ndua")
    changed = put(pertanyaan_2=" Apa\u00a0saja? ", bobot_2=0.5, batas_level_3_3="0,75", bentuk_2="sd")
    item = from_xlsx(changed, CATALOGUE, BASES).items[0]
    assert (item.question, item.weight, item.forms) == ("Apa saja?", Fraction(1, 2), ("SD",))


# --- refused: YAML --------------------------------------------------------------------------------------


def line_of(text: str) -> int:
    whole = template_yaml()
    return whole[: whole.index(text)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        ("  - code: 7.2.s2", "  - code: 7.2.s1", "items.2.code", "7.2.s1 tertulis dua kali"),
        ("  - code: 7.2.s2", "  - code: 7.9.s2", "items.2.code", "indikator atau subindikator 7.9 tidak ada dalam"),
        ("  - code: 7.2.s2", "  - code: 7.2.1.a", "items.2.code", "'7.2.1.a' bukan kode pertanyaan sendiri; contoh"),
        ("  - code: 7.2.s2", "  - code: 7.s1", "items.2.code", "'7.s1' bukan kode pertanyaan sendiri"),
        ("      3: Sedikitnya tiga", "      5: Sedikitnya tiga", "items.1.levels.3", "wajib diisi"),
        ("      3: Sedikitnya tiga", "      5: Sedikitnya tiga", "items.1.levels.5", "tidak dipakai untuk jenis ratio"),
        ("forms: [SD] ", "forms: [SDN] ", "forms.0", "harus salah satu dari 'SD', 'MI'"),
        ("    not_by: [kepala]", "    forms: [SMP]", "items.0.forms", "SMP tidak termasuk instrumen ini"),
        ("    not_by: [kepala]", "    not_by: [guru]", "items.0.not_by", "saling bertentangan"),
        ("    not_by: [kepala]", "    basis: [uu-1]", "items.0.basis.0", "dasar hukum 'uu-1' tidak dikenal"),
        ("    not_by: [kepala]", "    part: '7'", "items.0.part", "tidak dipakai dalam instrumen sendiri; hapus"),
        ("    not_by: [kepala]", "    group: ''", "items.0.group", "tidak boleh kosong"),
        ("    not_by: [kepala]", "    weight: 1e999999999", "items.0.weight", "harus pecahan"),
        ("    window: semester ini\n", "", "items.0.window", "wajib diisi"),
        ('    cap: "1/3" ', '    help: "x" ', "items.3.cap", "cap diisi bila, dan hanya bila, ada hal yang wajib"),
        ("source: Disusun", "sumber: Disusun", "source", "wajib diisi"),
        ("source: Disusun", "sumber: Disusun", "sumber", "kolom ini tidak dikenal"),
        ("title: Standar", f"title: {'x' * 4000}", "title", "terlalu panjang"),
    ],
)  # fmt: skip
def test_a_faulty_yaml_is_named_with_line_and_field(old, new, field, message):
    found = yaml_problems(template_yaml().replace(old, new, 1))
    assert any(f": {field}: " in problem and message in problem for problem in found), found
    assert all(problem.startswith("instrumen.yaml:") for problem in found)


def test_all_problems_of_a_yaml_are_named_at_once_by_line():
    broken = template_yaml().replace("kind: rubric", "kind: pilihan").replace("code: 7.2.s2", "code: 7.2.s1")
    broken = broken.replace("      1: Belum, jadwal", "      2: Belum, jadwal")
    assert yaml_problems(broken) == [
        f"instrumen.yaml:{line_of('kind: rubric')}: items.0.kind: harus salah satu dari "
        "'rubric', 'ratio', 'yesno', 'checklist'",
        f"instrumen.yaml:{line_of('code: 7.2.s2')}: items.2.code: 7.2.s1 tertulis dua kali",
        f"instrumen.yaml:{line_of('      4: Ya, jadwalnya') - 1}: items.2.levels.1: wajib diisi",
        f"instrumen.yaml:{line_of('      1: Belum, jadwal')}: items.2.levels.2: tidak dipakai untuk jenis yesno; "
        "kosongkan",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "berkas kosong"),
        (b"items: [\n", "YAML tidak sah"),
        (b"- satu\n- dua\n", "harus berupa pasangan kunci dan nilai"),
        (b"items: satu\n", "items: harus berupa daftar"),
        (b"items: [satu, [dua], 3]\n", "items.0: harus berupa pasangan kunci dan nilai"),
        (b"items: []\n", "items: harus memuat sedikitnya 1"),
        (template_yaml().encode("utf-16"), "bukan UTF-8; simpan ulang berkas ini"),
        (template_yaml().encode("utf-16-le"), "bukan UTF-8; simpan ulang berkas ini"),
        ("title: Café\n".encode("latin-1"), "bukan UTF-8; simpan ulang berkas ini"),
        (b"# " + b"x" * 1024 * 1024, "berkas terlalu besar (1,0 MB, paling besar 1,0 MB)"),
        (b"PK\x03\x04\x14\x00", "bukan UTF-8"),
    ],
)
def test_a_file_that_is_no_readable_yaml_is_told_so(content, message):
    assert message in "\n".join(yaml_problems(content))


def test_too_many_questions_and_too_long_lists_are_refused():
    data = template()
    data["items"] = [{**template()["items"][0], "code": f"7.2.s{number}"} for number in range(1, 202)]
    data["items"][0]["evidence"] = ["bukti"] * 41
    found = "\n".join(yaml_problems(yaml.safe_dump(data)))
    assert "items: terlalu banyak (paling banyak 200)" in found
    found = "\n".join(yaml_problems(yaml.safe_dump({**data, "items": data["items"][:200]})))
    assert "items.0.evidence: terlalu banyak (paling banyak 40)" in found


@pytest.mark.parametrize("entries", [["_x0041_" * 400] * 40, ["panjang" * 400] * 8])
def test_a_list_that_no_cell_holds_is_refused_so_that_every_instrument_can_be_written(entries):
    data = template()
    data["items"][0]["evidence"] = entries
    found = "\n".join(yaml_problems(yaml.safe_dump(data)))
    assert "items.0.evidence: terlalu panjang seluruhnya (paling banyak 15.000 tanda)" in found
    data["items"][0]["evidence"] = ["_x0041_" * 53] * 40
    spec = from_yaml(yaml.safe_dump(data).encode(), CATALOGUE, BASES)
    assert from_xlsx(to_xlsx(spec), CATALOGUE, BASES) == spec


def test_a_level_written_as_a_text_with_a_point_is_a_level_when_another_one_is_missing():
    data = template()
    levels = data["items"][0]["levels"]
    data["items"][0]["levels"] = {"4.0": levels[4], "3": levels[3], 2: levels[2]}
    assert "items.0.levels.1: wajib diisi" in "\n".join(yaml_problems(yaml.safe_dump(data)))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.dates(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5) | st.integers(), inside),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(st.data(), anything)
def test_any_value_in_any_place_is_read_or_refused_and_nothing_else(data, value):
    content: Any = template()
    target = content
    while True:
        key = data.draw(st.sampled_from(list(target) if isinstance(target, dict) else range(len(target))))
        if not isinstance(target[key], dict | list) or data.draw(st.booleans()):
            break
        target = target[key]
    target[key] = value
    spec, found = validate(content, CATALOGUE, BASES)
    assert (spec is None) == bool(found)
    for place, message in found:
        assert message
        assert "Input should" not in message, (place, message)
    for item in content["items"] if isinstance(content["items"], list) else ():
        if isinstance(item, dict):
            assert all(item_problems(item, CATALOGUE, BASES).values())


# --- refused: XLSX --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({"kode_4": "7.2.s1", "di_bawah_4": None}, "Pertanyaan!A4: 7.2.s1 tertulis dua kali"),
        ({"kode_4": "7.9.s2", "di_bawah_4": None}, "Pertanyaan!A4: indikator atau subindikator 7.9 tidak ada"),
        ({"kode_4": 7.2}, "Pertanyaan!A4: berisi angka desimal; ubah format sel menjadi Teks"),
        ({"di_bawah_4": "8.1"}, "Pertanyaan!B4: '8.1' tidak cocok dengan kode 7.2.s2"),
        ({"level_3_2": None}, "Pertanyaan!F2: wajib diisi"),
        ({"level_3_4": "x"}, "Pertanyaan!F4: tidak dipakai untuk jenis ya/tidak; kosongkan"),
        ({"jenis_2": "pilihan"}, "Pertanyaan!C2: 'pilihan' tidak dikenal; pilih salah satu: rubrik, rasio, ya/tidak"),
        ({"jenis_2": None}, "Pertanyaan!C2: wajib diisi"),
        ({"bentuk_2": "SD, SDN"}, "'sdn' tidak dikenal; pilih salah satu: sd, mi"),
        ({"bentuk_2": "SMP"}, "SMP tidak termasuk instrumen ini"),
        ({"hitungan_3": None}, "Pertanyaan!I3: wajib diisi"),
        ({"hitungan_2": "x", "dari_2": "x", "satuan_2": "x"},
         "Pertanyaan!I2: hitungan, dari, dan satuan tidak dipakai untuk jenis rubrik"),
        ({"batas_level_3_3": datetime(2026, 4, 3)}, "berisi tanggal (3 April 2026); ubah format sel menjadi Teks"),  # noqa: DTZ001
        ({"batas_level_3_3": "banyak"}, 'harus pecahan, misalnya "3/4", bukan "banyak"'),
        ({"batas_level_3_3": 2 / 3}, 'Pertanyaan!N3: harus pecahan, misalnya "3/4", bukan "0.6666666666666666"'),
        ({"batas_level_3_3": None}, "batas baca harus ada untuk level 4, 3, dan 2"),
        ({"nilai_tertinggi_tanpa_hal_wajib_5": None},
         "Pertanyaan!P5: nilai tertinggi tanpa hal wajib diisi bila, dan hanya bila, ada hal yang wajib"),
        ({"alasan_tidak_berlaku_4": "tanpa titik dua"}, "'tanpa titik dua': tulis kode, titik dua, lalu alasan"),
        ({"dijawab_oleh_2": "guru; kepala"}, "dijawab oleh dan tidak dijawab oleh saling bertentangan"),
        ({"pertanyaan_2": "=A1"}, "Pertanyaan!D2: berisi rumus; salin lalu tempel sebagai nilai"),
        ({"pertanyaan_2": "x" * 3001}, "Pertanyaan!D2: terlalu panjang (paling banyak 3000 tanda)"),
        ({"jangka_waktu_2": None}, "wajib diisi"),
        ({"dasar_hukum_2": "uu-1"}, "dasar hukum 'uu-1' tidak dikenal"),
    ],
)  # fmt: skip
def test_a_faulty_cell_is_named_with_sheet_column_and_row(cells, wanted):
    found = xlsx_problems(put(**cells))
    assert any(wanted in problem for problem in found), found
    assert len(found) == 1, found


def test_all_problems_of_a_workbook_are_named_at_once():
    def edit(book: Workbook) -> None:
        book["Instrumen"]["B4"] = "pertama"
        book["Instrumen"]["A3"] = "kode"
        book["Pertanyaan"]["C2"] = "pilihan"
        book["Pertanyaan"]["A4"] = "7.9.s1"
        book["Pertanyaan"]["B4"] = None
        book["Hal daftar periksa"]["A3"] = "7.2.s9"
        book["Hal daftar periksa"]["D2"] = "mungkin"

    found = xlsx_problems(edited(edit))
    for wanted in (
        "Instrumen!A3: isian 'kode' tidak dikenal; yang ada: nama instrumen, kode instrumen",
        "Instrumen: isian 'kode instrumen' tidak ada; tambahkan barisnya",
        "Instrumen!B4: bentuknya tidak cocok",
        "Pertanyaan!C2: 'pilihan' tidak dikenal",
        "Pertanyaan!A4: indikator atau subindikator 7.9 tidak ada dalam katalog",
        "Hal daftar periksa!A3: pertanyaan '7.2.s9' tidak ada di lembar Pertanyaan; periksa kodenya",
        "Hal daftar periksa!D2: 'mungkin' tidak dikenal; pilih salah satu: ya, tidak",
    ):
        assert any(problem.startswith(wanted) for problem in found), (wanted, found)


def test_missing_sheets_and_columns_and_repeated_fields_are_named():
    assert xlsx_problems(edited(lambda book: book.remove(book["Pertanyaan"])))[0].startswith(
        "Pertanyaan: lembar ini tidak ada (yang ada: 'Instrumen', 'Hal daftar periksa'"
    )
    found = xlsx_problems(edited(lambda book: book["Pertanyaan"].delete_cols(1)))
    assert "Pertanyaan: baris 1 belum memuat judul kolom 'kode'; pakai judul seperti dalam templat" in found
    found = xlsx_problems(edited(lambda book: book["Hal daftar periksa"].delete_cols(4)))
    assert "Hal daftar periksa: baris 1 belum memuat judul kolom 'wajib'; pakai judul seperti dalam templat" in found
    found = xlsx_problems(edited(lambda book: book["Instrumen"].delete_cols(2)))
    assert "Instrumen: baris 1 belum memuat judul kolom 'nilai'; pakai judul seperti dalam templat" in found
    found = xlsx_problems(edited(lambda book: book["Instrumen"].append(["Versi", "2026.2"])))
    assert found == [f"Instrumen!A{len(HEADER_ROWS) + 2}: isian 'versi' tertulis dua kali"]


def test_a_workbook_without_questions_or_of_another_kind_is_refused():
    found = xlsx_problems(edited(lambda book: book["Pertanyaan"].delete_rows(2, 10)))
    assert "Pertanyaan: harus memuat sedikitnya 1" in found
    assert "ini berkas teks atau CSV" in xlsx_problems(template_yaml().encode())[0]


def test_columns_may_stand_in_any_order_and_optional_ones_may_be_missing():
    def edit(book: Workbook) -> None:
        page = book["Pertanyaan"]
        for column in range(len(COLUMNS), 0, -1):
            if page.cell(1, column).value in ("di bawah", "bobot", "kelompok", "narasumber"):
                page.delete_cols(column)
        page.move_range("A1:A5", cols=40 - 1)

    book = edited(edit)
    assert from_xlsx(book, CATALOGUE, BASES).items == example().items


# --- one question ---------------------------------------------------------------------------------------


def test_the_problems_of_one_question_are_named_by_field():
    good, *_, checklist = template()["items"]
    assert item_problems(good, CATALOGUE, BASES) == {}
    assert item_problems({**good, "question": " ", "kind": "x", "code": "7.2.1.a"}, CATALOGUE, BASES) == {
        "question": ["tidak boleh kosong"],
        "kind": ["harus salah satu dari 'rubric', 'ratio', 'yesno', 'checklist'"],
        "code": [
            "'7.2.1.a' bukan kode pertanyaan sendiri; contoh 7.2.s1 atau 8.2.1.s2 (kode indikator atau subindikator, "
            "lalu s dan nomor)"
        ],
    }
    assert item_problems({**good, "levels": {"4": "a", "1": "b", "2": "c"}}, CATALOGUE, BASES) == {
        "levels.3": ["wajib diisi"]
    }
    assert item_problems({**good, "na": [{"code": "a", "text": "x"}] * 2}, CATALOGUE, BASES) == {
        "na": ["kode alasan tidak berlaku tertulis dua kali"]
    }
    checklist["points"] = [checklist["points"][0], {"code": "b", "text": ""}]
    assert item_problems(checklist, CATALOGUE, BASES) == {"points.1.text": ["tidak boleh kosong"]}
    without = {key: value for key, value in good.items() if key not in ("levels", "window")}
    assert set(item_problems(without, CATALOGUE, BASES)) == {"window", "levels.4", "levels.3", "levels.2", "levels.1"}


def test_messages_can_be_said_in_the_words_of_tables_and_forms():
    assert in_words("bands wajib untuk jenis ratio") == "batas level wajib untuk jenis rasio"
    assert (
        in_words("cap diisi bila ada hal yang wajib (must)")
        == "nilai tertinggi tanpa hal wajib diisi bila ada hal yang wajib"
    )
