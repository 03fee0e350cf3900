"""Descriptions of performance as a DOCX that a school can edit on. No Django: texts in, bytes out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from common.texts import plain_text

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_FIXED_DAY = datetime(2000, 1, 1)  # noqa: DTZ001  (a document knows no zone)
_FONT = "Calibri"


@dataclass(frozen=True, slots=True)
class Front:
    """What the first page says; ``facts`` are pairs of name and value."""

    title: str
    school: str
    facts: tuple[tuple[str, str], ...]
    notice: str


@dataclass(frozen=True, slots=True)
class Part:
    """The text of one butir. Lines of ``headings`` become headings; ``state`` says whether it was saved."""

    component: str
    title: str
    state: str
    text: str
    headings: frozenset[str] = frozenset()


def write_docx(front: Front, parts: Sequence[Part]) -> bytes:
    """A DOCX with a first page and the parts below headings; the same content gives the same bytes."""
    document = docx.Document()
    _style(document)
    _front(document, front)
    component = ""
    for part in parts:
        if part.component != component:
            component = part.component
            document.add_heading(_line(component), 1)
        document.add_heading(_line(part.title), 2)
        document.add_paragraph(_line(part.state)).runs[0].italic = True
        headings = {_line(heading) for heading in part.headings}
        for line in filter(None, (row.strip() for row in plain_text(part.text).split("\n"))):
            if line in headings:
                document.add_heading(line, 3)
            elif line.startswith("- "):
                document.add_paragraph(line[2:], "List Bullet")
            else:
                document.add_paragraph(line)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = _line(front.title), _line(front.school)[:255], ""
    properties.language, properties.last_modified_by = "id-ID", ""
    properties.created = properties.modified = _FIXED_DAY
    raw = io.BytesIO()
    document.save(raw)
    return _repacked(raw)


def _line(text: str) -> str:
    """A text on one line, with signs that XML can hold."""
    return " ".join(plain_text(text).split())


def _style(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2.5)
    for name, size in (("Normal", 11), ("Heading 1", 16), ("Heading 2", 13), ("Heading 3", 11)):
        style = document.styles[name]
        style.font.name, style.font.size = _FONT, Pt(size)  # type: ignore[attr-defined]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "id-ID")


def _front(document: Document, front: Front) -> None:
    document.add_heading(_line(front.title), 0)
    school = document.add_paragraph(_line(front.school))
    school.alignment = WD_ALIGN_PARAGRAPH.LEFT
    school.runs[0].bold = True
    for name, value in front.facts:
        document.add_paragraph(f"{_line(name)}: {_line(value)}")
    document.add_paragraph(_line(front.notice)).runs[0].italic = True
    document.add_page_break()


def _repacked(raw: io.BytesIO) -> bytes:
    """The same parts with a fixed date, since a file holds the time at which it was packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            target.writestr(
                zipfile.ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0)), source.read(part), zipfile.ZIP_DEFLATED
            )
    return out.getvalue()
