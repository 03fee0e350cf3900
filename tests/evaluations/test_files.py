"""What an uploaded file really is, whatever it is called; and storing it once per content."""

from __future__ import annotations

import hashlib
import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from hypothesis import given
from hypothesis import strategies as st

from common.errors import DomainError
from evaluations import files
from tests.evaluations import uploads

LIMIT = 10 * 1024 * 1024
JPEG, PNG, PDF = uploads.image("JPEG"), uploads.image("PNG"), uploads.pdf()


@pytest.mark.parametrize(
    ("name", "data", "content_type"),
    [
        ("a.pdf", PDF, files.PDF),
        ("A.PDF", PDF, files.PDF),
        ("a.jpg", JPEG, files.JPEG),
        ("a.jpeg", uploads.image("JPEG", progressive=True), files.JPEG),
        ("a.png", PNG, files.PNG),
        ("a.docx", uploads.DOCX, files.DOCX),
        ("a.xlsx", uploads.XLSX, files.XLSX),
        ("a.pdf", PDF + b"\n" * 900, files.PDF),
        ("a.pdf", PDF + b"\0" * 1_000_000, files.PDF),
        ("a.pdf", PDF + b"\n% " + b"x" * 5000, files.PDF),
        ("a.jpg", uploads.image("JPEG", (4, 4)), files.JPEG),
        ("a.jpg", uploads.image("JPEG", (100, 3)), files.JPEG),
        ("a.png", uploads.image("PNG", (1, 1)), files.PNG),
    ],
)
def test_files_that_are_what_they_say_are_accepted(name, data, content_type):
    assert files.sniff(name, data, limit=LIMIT) == content_type


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.pdf", b"", "kosong"),
        ("a.pdf", uploads.EXE, "tidak sesuai dengan namanya"),
        ("a.jpg", uploads.EXE, "tidak sesuai dengan namanya"),
        ("a.docx", uploads.EXE, "tidak sesuai dengan namanya"),
        ("a.pdf", uploads.HTML, "tidak sesuai dengan namanya"),
        ("a.pdf", JPEG, "tidak sesuai dengan namanya"),
        ("a.jpg", PNG, "tidak sesuai dengan namanya"),
        ("a.pdf", uploads.DOCX, "tidak sesuai dengan namanya"),
        ("a.png", uploads.DOCX, "tidak sesuai dengan namanya"),
        ("a.docx", PDF, "tidak sesuai dengan namanya"),
        ("a.docx", uploads.XLSX, "Isi berkas"),
        ("a.xlsx", uploads.DOCX, "Isi berkas"),
        ("a.docx", uploads.office("isi.txt"), "bukan PDF, JPG, PNG, DOCX, atau XLSX"),
        ("a.docx", uploads.office(types=False), "bukan PDF, JPG, PNG, DOCX, atau XLSX"),
        ("a.docx", uploads.office(extra={"word/vbaProject.bin": b"makro"}), "makro"),
        ("a.docx", uploads.office(extra={"word/VBAPROJECT.BIN": b"makro"}), "makro"),
        ("a.docm", uploads.office(extra={"word/vbaProject.bin": b"makro"}), "Bukti dukung berupa"),
        ("a.docx", uploads.office(extra={"word/media/bom.xml": bytes(301_000_000)}), "setelah dibuka"),
        ("a.docx", uploads.DOCX[: len(uploads.DOCX) // 2], "rusak"),
        ("a.pdf", uploads.pdf(0), "tidak memiliki halaman"),
        ("a.pdf", uploads.pdf(password="rahasia"), "terkunci kata sandi"),
        ("a.pdf", PDF[: len(PDF) // 2], "rusak atau belum lengkap"),
        ("a.pdf", PDF[:-40], "rusak atau belum lengkap"),
        ("a.pdf", b"%PDF-1.7\n", "rusak atau belum lengkap"),
        ("a.pdf", PDF + b"\n9 0 obj\n<< /Length 900 >>\nstream\n" + bytes(100), "rusak atau belum lengkap"),
        ("a.docx", uploads.needs_newer_unzip(uploads.DOCX), "rusak"),
        ("a.jpg", JPEG[: len(JPEG) // 2], "rusak atau belum lengkap"),
        ("a.jpg", JPEG[:-20], "rusak atau belum lengkap"),
        ("a.png", PNG[: len(PNG) // 2], "rusak atau belum lengkap"),
        ("a.png", uploads.huge_png(), "100 megapiksel"),
        ("a.exe", uploads.EXE, "Bukti dukung berupa"),
        ("a", PDF, "Bukti dukung berupa"),
        ("pdf", PDF, "Bukti dukung berupa"),
        ("a.pdf.exe", PDF, "Bukti dukung berupa"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Bukti dukung berupa"),
    ],
)
def test_anything_else_is_refused_with_a_message_for_people(name, data, message):
    with pytest.raises(DomainError) as caught:
        files.sniff(name, data, limit=LIMIT)
    assert message in caught.value.message
    assert caught.value.fields["file"] == caught.value.message


def test_the_limit_is_inclusive_and_named():
    assert files.sniff("a.pdf", PDF, limit=len(PDF)) == files.PDF
    with pytest.raises(DomainError, match="paling besar"):
        files.sniff("a.pdf", PDF, limit=len(PDF) - 1)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("rapat guru.pdf", "rapat guru.pdf"),
        ("../../etc/x.pdf", "x.pdf"),
        ("..\\..\\windows\\x.pdf", "x.pdf"),
        ("C:\\Dokumen\\x.pdf", "x.pdf"),
        ("/etc/passwd", "passwd"),
        ("a\x00b.pdf", "ab.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("a\u200b.pdf", "a.pdf"),
        (" .pdf", "pdf"),
        ("", "berkas"),
        ("...", "berkas"),
        ("/", "berkas"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
        ("a." + "x" * 300, "a." + "x" * 148),
        ("Ñandú 日本.pdf", "Ñandú 日本.pdf"),
    ],
)
def test_strange_file_names_become_plain_ones(name, clean):
    assert files.clean_name(name) == clean


@given(name=st.text(max_size=400))
def test_any_name_becomes_a_plain_one_without_folders(name):
    clean = files.clean_name(name)
    assert clean
    assert clean.isprintable()
    assert "/" not in clean
    assert "\\" not in clean
    assert clean not in {".", ".."}
    assert len(clean) <= 150


# --- storing ------------------------------------------------------------------------------------------


def test_the_same_content_is_written_once():
    path = f"1/{files.digest(PDF)[:2]}/{files.digest(PDF)}"
    files.store(path, PDF)
    written = default_storage.get_modified_time(path)
    files.store(path, PDF)
    assert default_storage.get_modified_time(path) == written
    with files.open_stored(path) as file:
        assert hashlib.sha256(file.read()).hexdigest() == files.digest(PDF)
    assert default_storage.listdir(path.rpartition("/")[0]) == ([], [files.digest(PDF)])


def test_any_damage_ends_in_a_message_never_in_another_error():
    """The kinds of damage that phones and memory cards do, many of each."""
    noise = random.Random(8)
    for name, whole in (("a.pdf", PDF), ("a.jpg", JPEG), ("a.png", PNG), ("a.docx", uploads.DOCX)):
        for _ in range(150):
            data = bytearray(whole)
            for _ in range(noise.randint(1, 12)):
                data[noise.randrange(len(data))] = noise.randrange(256)
            with suppress(DomainError):
                files.sniff(name, bytes(data[: noise.randint(len(data) // 2, len(data))]), limit=LIMIT)


def test_many_at_once_leave_one_whole_file_and_nothing_else():
    data = uploads.pdf(seed=5) + b"\n" * 500_000
    path = f"1/{files.digest(data)[:2]}/{files.digest(data)}"
    for _ in range(5):
        default_storage.save(path, ContentFile(data[:100]))
        with ThreadPoolExecutor(8) as pool:
            for done in [pool.submit(files.store, path, data) for _ in range(8)]:
                done.result()
        with files.open_stored(path) as file:
            assert file.read() == data
    assert default_storage.listdir(path.rpartition("/")[0]) == ([], [files.digest(data)])


def test_a_write_that_fails_leaves_nothing_behind():
    class Broken(ContentFile):
        def chunks(self, chunk_size=None):
            yield b"awal"
            raise OSError("diska penuh")

    with pytest.raises(OSError, match="diska penuh"):
        default_storage.save("1/ab/abc", Broken(b"isi"))
    assert default_storage.listdir("1/ab") == ([], [])


def test_stored_files_are_closed_to_other_people_of_the_machine():
    default_storage.save("1/ab/abc", ContentFile(b"isi"))
    assert Path(default_storage.path("1/ab/abc")).stat().st_mode & 0o777 == 0o640


def test_a_file_half_written_by_a_dead_process_is_replaced():
    path = f"1/{files.digest(PDF)[:2]}/{files.digest(PDF)}"
    default_storage.save(path, ContentFile(PDF[:100]))
    files.store(path, PDF)
    with files.open_stored(path) as file:
        assert file.read() == PDF


def test_a_lost_file_is_a_file_not_found():
    with pytest.raises(FileNotFoundError):
        files.open_stored("1/aa/" + "a" * 64)
