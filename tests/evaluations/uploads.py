"""Files as schools send them, and as they should not; all made here, none kept in the repository."""

from __future__ import annotations

import io
import random
import zipfile
import zlib

import pikepdf
from PIL import Image


def pdf(pages: int = 1, *, password: str = "", seed: int = 0) -> bytes:
    """A PDF; another *seed* makes other bytes."""
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page()
    document.docinfo["/Title"] = f"Dokumen {seed}"
    if pages:
        noise = bytes(random.Random(seed).randbytes(4000))
        document.pages[0].Contents = document.make_stream(noise)
    output = io.BytesIO()
    if password:
        document.save(output, encryption=pikepdf.Encryption(user=password, owner=password))
    else:
        document.save(output, static_id=True)
    return output.getvalue()


def image(form: str = "JPEG", size: tuple[int, int] = (320, 240), **options: object) -> bytes:
    output = io.BytesIO()
    noise = Image.effect_noise(size, 80)
    noise.convert("RGB").save(output, form, **options)
    return output.getvalue()


def huge_png() -> bytes:
    """A PNG whose header promises 20,000 x 20,000 pixels."""
    data = bytearray(image("PNG", (8, 8)))
    data[16:24] = (20_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    return bytes(data)


def office(part: str = "word/document.xml", *, extra: dict[str, bytes] | None = None, types: bool = True) -> bytes:
    """The bones of a DOCX (or, with *part* ``xl/workbook.xml``, of an XLSX)."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        if types:
            archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", "<Relationships/>")
        archive.writestr(part, "<w:document/>")
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return output.getvalue()


def needs_newer_unzip(archive: bytes) -> bytes:
    """The same archive, whose directory asks for a program of version 9.9."""
    data = bytearray(archive)
    at = data.index(b"PK\x01\x02") + 6
    data[at : at + 2] = (99).to_bytes(2, "little")
    return bytes(data)


DOCX = office()
XLSX = office("xl/workbook.xml")
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + bytes(200)
HTML = b"<!doctype html><script>alert(1)</script>"
