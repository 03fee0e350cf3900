"""Evidence files of the demonstration: one-page PDF papers, photos of boards, a picture of a chat.

The same document gives the same bytes on every run, so that a second copy of the demonstration has the same hashes.
"""

from __future__ import annotations

import io
import random
from datetime import date
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from schools.models import School, User
from spmi.demo.specs import BoardSpec, ChatSpec, DocumentSpec, PaperSpec

CSS = Path(__file__).parent / "document.css"
FONTS = settings.BASE_DIR / "static" / "vendor" / "fonts"
SEED = 2026


def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"SourceSans3-{'Bold' if bold else 'Regular'}.ttf"), size)


def paper_pdf(paper: PaperSpec, *, school: School, head: User, dated: date) -> bytes:
    """The paper as a PDF page with the school's letterhead."""
    from weasyprint import CSS as STYLESHEET  # slow to import, and needed only while the demonstration is built
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration

    regency = school.region.parent or school.region
    place = regency.name.removeprefix("Kabupaten ").removeprefix("Kota ")
    html = render_to_string(
        "spmi/demo_document.html", {"paper": paper, "school": school, "head": head, "when": dated, "place": place}
    )
    fonts = FontConfiguration()
    style = STYLESHEET(filename=CSS, font_config=fonts)
    return HTML(string=html).write_pdf(stylesheets=[style], font_config=fonts)


def _wall(size: tuple[int, int], rng: random.Random) -> Image.Image:
    """A wall in afternoon light: a soft gradient with grain, drawn small and enlarged."""
    width, height = size[0] // 8, size[1] // 8
    grain = bytearray()
    for y in range(height):
        for x in range(width):
            light = 205 - y * 45 // height + x * 20 // width + rng.randint(-5, 5)
            grain += bytes((light, light - 8, light - 28))
    small = Image.frombytes("RGB", (width, height), bytes(grain))
    return small.resize(size, Image.Resampling.BICUBIC)


def _sheet(lines: tuple[str, ...], size: tuple[int, int]) -> Image.Image:
    sheet = Image.new("RGB", size, (250, 248, 240))
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((10, 10, size[0] - 11, size[1] - 11), outline=(120, 140, 160), width=2)
    for number, line in enumerate(lines):
        draw.text((26, 34 + number * 62), line, font=_font(29, bold=number == 0), fill=(35, 40, 60))
    return sheet


def board_jpeg(board: BoardSpec) -> bytes:
    """A photo of a cork board with sheets pinned on it, a little crooked."""
    rng = random.Random(f"{SEED}{board.heading}")  # noqa: S311  (the same picture every time)
    photo = _wall((1280, 900), rng)
    draw = ImageDraw.Draw(photo)
    draw.rectangle((70, 90, 1210, 820), fill=(96, 66, 40))
    draw.rectangle((95, 115, 1185, 795), fill=(190, 150, 105))
    for _ in range(5000):
        x, y, shade = rng.randint(96, 1183), rng.randint(116, 793), rng.randint(-25, 25)
        draw.point((x, y), fill=(190 + shade, 150 + shade, 105 + shade))
    title = _font(52, bold=True)
    draw.rectangle((240, 135, 1040, 215), fill=(21, 94, 89))
    draw.text((640, 175), board.heading, font=title, fill="white", anchor="mm")
    width = 1060 // len(board.sheets)
    for number, lines in enumerate(board.sheets):
        sheet = _sheet(lines, (width - 30, 430)).convert("RGBA")
        sheet = sheet.rotate(rng.uniform(-2.5, 2.5), expand=True, resample=Image.Resampling.BICUBIC)
        left, top = 115 + number * width, 270 + rng.randint(-12, 12)
        photo.paste(sheet, (left, top), sheet)
        draw.ellipse((left + width // 2 - 22, top + 6, left + width // 2, top + 28), fill=(185, 35, 40))
    draw.text((1195, 862), "foto contoh", font=_font(24), fill=(110, 100, 85), anchor="rm")
    photo = photo.filter(ImageFilter.GaussianBlur(0.8)).rotate(0.6, resample=Image.Resampling.BICUBIC, expand=False)
    out = io.BytesIO()
    photo.crop((12, 12, 1268, 888)).save(out, "JPEG", quality=78)
    return out.getvalue()


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and font.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def chat_png(chat: ChatSpec) -> bytes:
    """The screen of a phone with a group conversation."""
    picture = Image.new("RGB", (720, 1180), (232, 224, 212))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 720, 110), fill=(21, 94, 89))
    draw.ellipse((24, 22, 90, 88), fill=(246, 196, 83))
    draw.text((112, 55), chat.heading, font=_font(36, bold=True), fill="white", anchor="lm")
    body, top = _font(28), 140
    for sender, text in chat.messages:
        lines = _wrapped(text, body, 540)
        height = 58 + 38 * len(lines)
        draw.rounded_rectangle((28, top, 636, top + height), 18, fill="white")
        draw.text((52, top + 14), sender, font=_font(24, bold=True), fill=(21, 94, 89))
        for number, line in enumerate(lines):
            draw.text((52, top + 46 + number * 38), line, font=body, fill=(32, 48, 47))
        top += height + 20
    draw.text((360, 1146), "gambar contoh", font=_font(24), fill=(110, 100, 85), anchor="mm")
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def document_bytes(document: DocumentSpec, *, school: School, head: User) -> bytes:
    """The file of one document. Raises ValueError for a document without content."""
    if document.paper:
        return paper_pdf(document.paper, school=school, head=head, dated=document.dated)
    if document.board:
        return board_jpeg(document.board)
    if document.chat:
        return chat_png(document.chat)
    raise ValueError(f"{document.title}: isi dokumen belum ada")
