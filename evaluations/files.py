"""What kind of file this really is, by its content; and storing it once per school.

The name that a browser sends is never trusted: type and extension must agree with the bytes.
"""

from __future__ import annotations

import hashlib
import io
import re
import threading
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath, PureWindowsPath
from typing import IO

import filetype
import pikepdf
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageFile, UnidentifiedImageError

from common.errors import DomainError
from common.formats import format_bytes

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {".pdf": PDF, ".jpg": JPEG, ".jpeg": JPEG, ".png": PNG, ".docx": DOCX, ".xlsx": XLSX}
SAFE_INLINE = frozenset({PDF, JPEG, PNG})
ACCEPT = ",".join(TYPES)
_CHOICES = "PDF, JPG, PNG, DOCX, atau XLSX"
_MAX_PIXELS = 100_000_000
_MAX_UNPACKED = 300_000_000  # bytes; a bomb would fill the disk of whoever opens it
_PDF_OBJECT = re.compile(rb"\d+ \d+ obj\b")
_OFFICE_PARTS = {DOCX: "word/document.xml", XLSX: "xl/workbook.xml"}


def clean_name(name: str) -> str:
    """A file name without folders, control signs or direction marks, at most 150 signs, its ending kept."""
    base = PureWindowsPath(PurePosixPath(name).name).name
    base = "".join(sign for sign in base if sign.isprintable()).strip(" .") or "berkas"
    path = PurePosixPath(base)
    return (path.stem[: max(1, 150 - len(path.suffix))] + path.suffix)[:150] if len(base) > 150 else base


def _refuse(message: str) -> DomainError:
    return DomainError(message, fields={"file": message})


def _check_pdf(data: bytes) -> None:
    damaged = _refuse("PDF ini rusak atau belum lengkap terunggah. Buka di HP Anda, simpan ulang, lalu coba lagi.")
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            if not len(pdf.pages):
                raise _refuse("PDF ini tidak memiliki halaman. Simpan ulang lalu unggah kembali.")
    except pikepdf.PasswordError:
        raise _refuse("PDF ini terkunci kata sandi. Simpan tanpa kata sandi lalu unggah kembali.") from None
    except pikepdf.PikepdfError:
        raise damaged from None
    # pikepdf repairs what was cut off in the middle, and pages come out empty. What stands behind the last end
    # mark may be padding, but no further object.
    end = data.rfind(b"%%EOF")
    if end < 0 or _PDF_OBJECT.search(data, end):
        raise damaged


_pillow = threading.Lock()


@contextmanager
def _incomplete_images_are_errors() -> Iterator[None]:
    """WeasyPrint tells Pillow, for the whole process, to accept images that were cut off."""
    with _pillow:
        before = ImageFile.LOAD_TRUNCATED_IMAGES
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def _check_image(data: bytes) -> None:
    too_large = _refuse("Gambar ini terlalu besar (lebih dari 100 megapiksel). Kecilkan lalu coba lagi.")
    try:
        with _incomplete_images_are_errors(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a bomb warning is handled by the size check below
            with Image.open(io.BytesIO(data)) as image:
                if image.width * image.height > _MAX_PIXELS:
                    raise too_large
                if image.format == "JPEG":
                    # verify() does not look at JPEG data; read it to the end, at an eighth of the size
                    image.draft("RGB", (max(1, image.width // 8), max(1, image.height // 8)))
                    image.load()
                else:
                    image.verify()
    except Image.DecompressionBombError:
        raise too_large from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise _refuse(
            "Gambar ini rusak atau belum lengkap terunggah. Ambil atau simpan ulang, lalu coba lagi."
        ) from None


def _check_office(data: bytes, content_type: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            unpacked = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError):
        raise _refuse("Berkas ini rusak. Buka dan simpan ulang, lalu unggah kembali.") from None
    if _OFFICE_PARTS[content_type] not in names or "[Content_Types].xml" not in names:
        raise _refuse(f"Isi berkas ini bukan {_CHOICES}. Simpan ulang dalam salah satu bentuk itu.")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise _refuse("Berkas ini memuat makro. Simpan tanpa makro (DOCX atau XLSX biasa) lalu unggah kembali.")
    if unpacked > _MAX_UNPACKED:
        raise _refuse(f"Isi berkas ini {format_bytes(unpacked)} setelah dibuka. Kecilkan, lalu unggah kembali.")


def sniff(name: str, data: bytes, *, limit: int) -> str:
    """The content type of an uploaded file, from its bytes.

    Raises DomainError with a message for people: empty, larger than *limit* bytes, a kind that is not accepted,
    a name that does not match the content, damaged, locked, or with macros.
    """
    if not data:
        raise _refuse("Berkas ini kosong (0 byte). Pilih berkas yang benar lalu unggah kembali.")
    if len(data) > limit:
        raise _refuse(
            f"Berkas ini {format_bytes(len(data))}; paling besar {format_bytes(limit)}. Kecilkan lalu coba lagi."
        )
    wanted = TYPES.get(PurePosixPath(name).suffix.lower())
    if wanted is None:
        raise _refuse(f"Bukti dukung berupa {_CHOICES}. Simpan ulang dalam salah satu bentuk itu.")
    found = filetype.guess_mime(data)
    if wanted in _OFFICE_PARTS and found in {wanted, "application/zip"}:
        found = wanted
    if found != wanted:
        raise _refuse(
            f"Isi berkas “{name}” tidak sesuai dengan namanya. Simpan ulang sebagai {_CHOICES} lalu coba lagi."
        )
    if wanted == PDF:
        _check_pdf(data)
    elif wanted in {JPEG, PNG}:
        _check_image(data)
    else:
        _check_office(data, wanted)
    return wanted


def digest(data: bytes) -> str:
    """SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def store(path: str, data: bytes) -> None:
    """Write *data* under *path* unless the very same content is there already.

    The path follows from the content, so several may write it at once: the storage replaces a file as a whole.
    """
    with suppress(FileNotFoundError), default_storage.open(path) as file:
        if hashlib.file_digest(file, "sha256").hexdigest() == digest(data):
            return
    default_storage.save(path, ContentFile(data))


def open_stored(path: str) -> IO[bytes]:
    """Raises FileNotFoundError when the storage has lost the file."""
    return default_storage.open(path)
