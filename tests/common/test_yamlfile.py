"""Data files tell their author which file, which line, which field, and what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from common.yamlfile import DataFileError, parse, read_yaml


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=5, pattern="^[a-z]+$")]
    kind: Literal["satu", "dua"] = "satu"
    amount: int = Field(default=1, gt=0, le=9)


class Whole(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    good: bool = True
    parts: tuple[Part, ...] = Field(default=(), min_length=1)
    names: dict[int, str] = {}


@pytest.fixture
def problems_of(tmp_path: Path):
    def problems(content: str | bytes) -> list[str]:
        path = tmp_path / "contoh.yaml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with pytest.raises(DataFileError) as caught:
            parse(read_yaml(path), Whole)
        assert str(caught.value) == "\n".join(str(problem) for problem in caught.value.problems)
        return [str(problem) for problem in caught.value.problems]

    return problems


GOOD_PARTS = "parts:\n  - name: a\n"


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("", "contoh.yaml: berkas kosong"),
        ("# hanya catatan\n", "contoh.yaml: berkas kosong"),
        ("title: a\nparts: [\n", "contoh.yaml:3: YAML tidak sah:"),
        ("title: a\n\tgood: true\n", "contoh.yaml:2: YAML tidak sah:"),
        ("title: a\n---\ntitle: b\n", "contoh.yaml:2: YAML tidak sah:"),
        (b"title: a\nnote: \xff\xfe\n", "contoh.yaml:2: bukan UTF-8"),
        ("title: &t a\nnames: {1: *t}\n", "contoh.yaml:2: rujukan YAML"),
        ("title: a\ntitle: b\n", "contoh.yaml:2: title: kunci ini tertulis dua kali"),
        ("title: a\nparts:\n  - name: a\n    name: b\n", "contoh.yaml:4: parts.0.name: kunci ini tertulis dua kali"),
        ("title: a\nday: 2026-13-45\n", "contoh.yaml:2: '2026-13-45' bukan tanggal atau bilangan yang ada"),
        ("title: a\nparts:\n  - {b: [2026-02-30]}\n", "contoh.yaml:3: '2026-02-30' bukan tanggal"),
        ("[" * 3000 + "]" * 3000, "contoh.yaml:1: YAML tidak sah: terlalu banyak tingkat"),
        ("[" * 1_000_000, "contoh.yaml:1: YAML tidak sah: terlalu banyak tingkat"),
        ("title: a\nnames: !!set {a, b}\n", "contoh.yaml:2: penanda jenis YAML (!) tidak dipakai di sini"),
        ("title: !!binary YQ==\n", "contoh.yaml:1: penanda jenis YAML (!) tidak dipakai di sini"),
        ("title: [" + "1," * 200_000 + "]", "contoh.yaml: terlalu banyak isi; bagi menjadi beberapa berkas"),
        ("title: Café".encode("latin-1"), "contoh.yaml:1: bukan UTF-8; simpan ulang"),
        ("title: a".encode("utf-16"), "contoh.yaml:1: bukan UTF-8; simpan ulang"),
        ("title: a".encode("utf-16-le"), "contoh.yaml:1: bukan UTF-8; simpan ulang"),
        (f"title: 0x{'f' * 5000}\n", "contoh.yaml:1: bilangan ini terlalu panjang; beri tanda kutip bila teks"),
        (f"title: a\nnames: {{1{':1' * 300_000}: b}}\n", "contoh.yaml:2: bilangan ini terlalu panjang"),
        (f"title: a\nnames: {{.inf: b}}\n{GOOD_PARTS}", "contoh.yaml:2: names.inf: harus bilangan bulat"),
        ("- a\n", "contoh.yaml:1: harus berupa pasangan kunci dan nilai"),
        (GOOD_PARTS, "contoh.yaml:1: title: wajib diisi"),
        (f"title: 2025-01-01\n{GOOD_PARTS}", "contoh.yaml:1: title: harus berupa teks (beri tanda kutip)"),
        (f"title: a\ntitel: b\n{GOOD_PARTS}", "contoh.yaml:2: titel: kolom ini tidak dikenal; periksa ejaannya"),
        (f"title: a\ngood: mungkin\n{GOOD_PARTS}", "contoh.yaml:2: good: harus true atau false"),
        ("title: a\nparts: []\n", "contoh.yaml:2: parts: harus memuat sedikitnya 1"),
        ("title: a\nparts: b\n", "contoh.yaml:2: parts: harus berupa daftar"),
        ("title: a\nparts:\n  - b\n", "contoh.yaml:3: parts.0: harus berupa pasangan kunci dan nilai"),
        ("title: a\nparts:\n  - name: ''\n", "contoh.yaml:3: parts.0.name: tidak boleh kosong"),
        (
            "title: a\nparts:\n  - name: abcdef\n",
            "contoh.yaml:3: parts.0.name: terlalu panjang (paling banyak 5 tanda)",
        ),
        ("title: a\nparts:\n  - name: A1\n", "contoh.yaml:3: parts.0.name: bentuknya tidak cocok dengan ^[a-z]+$"),
        (
            "title: a\nparts:\n  - name: a\n    kind: tiga\n",
            "contoh.yaml:4: parts.0.kind: harus salah satu dari 'satu', 'dua'",
        ),
        ("title: a\nparts:\n  - name: a\n    amount: 0\n", "contoh.yaml:4: parts.0.amount: harus lebih dari 0"),
        ("title: a\nparts:\n  - name: a\n    amount: 10\n", "contoh.yaml:4: parts.0.amount: harus paling banyak 9"),
        ("title: a\nparts:\n  - name: a\n    amount: dua\n", "contoh.yaml:4: parts.0.amount: harus bilangan bulat"),
        ("title: a\nparts:\n  - name: a\n    amount: 1.5\n", "contoh.yaml:4: parts.0.amount: harus bilangan bulat"),
        (f"title: a\nnames: b\n{GOOD_PARTS}", "contoh.yaml:2: names: harus berupa pasangan kunci dan nilai"),
    ],
)
def test_every_fault_is_named_with_its_place(problems_of, content, wanted):
    found = problems_of(content)
    assert any(problem.startswith(wanted) for problem in found), found


def test_all_faults_are_reported_at_once(problems_of):
    found = problems_of("titel: a\nparts:\n  - name: A\n  - kind: tiga\n")
    places = {problem.split(": ")[1] for problem in found}
    assert places >= {"title", "titel", "parts.0.name", "parts.1.name", "parts.1.kind"}


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataFileError, match=r"tidakada\.yaml: berkas tidak ditemukan"):
        read_yaml(tmp_path / "tidakada.yaml")


def test_a_folder_in_place_of_a_file_is_named(tmp_path):
    (tmp_path / "contoh.yaml").mkdir()
    with pytest.raises(DataFileError, match=r"contoh\.yaml: tidak dapat dibaca"):
        read_yaml(tmp_path / "contoh.yaml")


def test_a_good_file_is_read_whatever_its_line_ends_or_byte_order_mark(tmp_path):
    path = tmp_path / "contoh.yaml"
    for content in (
        f"title: a\n{GOOD_PARTS}",
        f"title: a\r\n{GOOD_PARTS}".replace("\n", "\r\n"),
        "\ufefftitle: a\n" + GOOD_PARTS,
    ):
        path.write_text(content.replace("\r\r", "\r"), encoding="utf-8", newline="")
        assert parse(read_yaml(path), Whole).title == "a"
