"""Charts as SVG text with presentation attributes only, so that page (strict CSP) and PDF show the same.

Pure functions: the same input gives the same characters. Every chart is accompanied by its numbers as a table
in the page or report that shows it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from xml.sax.saxutils import escape

from common.formats import format_decimal
from common.rounding import round_half_up

Number = Fraction | Decimal | int

FONT = "Source Sans 3, sans-serif"
INK, SOFT, GRID, PAPER = "#20302f", "#52605e", "#cfc6b4", "#ffffff"
# The drawing is 340 units wide, so that on the narrowest phones one unit is still about one pixel.
WIDTH, RADIUS, MARGIN = 340, 126, 36
TEXT_SIZE, LINE_HEIGHT, CHARACTER = 14, 20, 6.8  # CHARACTER: a generous mean width of one letter


@dataclass(frozen=True, slots=True)
class Axis:
    """One spoke: a short code and its name, as plain text."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Series:
    """One line: a value per axis (None: not measured) and the style, a key of STYLES."""

    name: str
    values: Sequence[Number | None]
    style: str


@dataclass(frozen=True, slots=True)
class Style:
    """Colour, dash and marker tell lines apart; later ones are smaller, so that equal values stay visible."""

    colour: str
    stroke: str  # width of the line
    dash: str  # "" for an unbroken line
    marker: str  # circle (open), square, triangle or diamond


STYLES = {
    "claimed": Style("#a5560a", "3", "", "circle"),
    "verified": Style("#155e59", "2.5", "9 5", "square"),
    "backed": Style("#5b3f8c", "2", "2 4", "triangle"),
    "target": Style("#a3195b", "2", "12 3 3 3", "diamond"),
}

Point = tuple[float, float]


def _n(value: float) -> str:
    """A coordinate with two decimals; never ``-0.00``."""
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text


def _plain(text: str) -> str:
    """*text* escaped for XML, on one line, without characters that XML does not allow."""
    return escape("".join(c for c in " ".join(text.split()) if c.isprintable()), {'"': "&quot;"})


def _text(
    x: float,
    y: float,
    content: str,
    *,
    anchor: str = "start",
    size: int = TEXT_SIZE,
    weight: int = 400,
    fill: str = INK,
) -> str:
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" '
        f'fill="{fill}">{_plain(content)}</text>'
    )


def _wrap(text: str, width: int) -> list[str]:
    """Lines of at most *width* characters, broken between words; a longer word is cut."""
    lines: list[str] = []
    for word in text.split():
        while len(word) > width:
            lines.append(word[: width - 1] + "-")
            word = word[width - 1 :]
        if lines and len(lines[-1]) + 1 + len(word) <= width and not lines[-1].endswith("-"):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _marker(style: Style, at: Point) -> str:
    x, y = at
    if style.marker == "square":
        return f'<rect x="{_n(x - 4)}" y="{_n(y - 4)}" width="8" height="8" fill="{style.colour}"/>'
    if style.marker == "diamond":
        corners = f"{_n(x)},{_n(y - 4.5)} {_n(x + 3.5)},{_n(y)} {_n(x)},{_n(y + 4.5)} {_n(x - 3.5)},{_n(y)}"
        return f'<polygon points="{corners}" fill="{PAPER}" stroke="{style.colour}" stroke-width="1.5"/>'
    if style.marker == "triangle":
        corners = f"{_n(x)},{_n(y - 3.5)} {_n(x + 3.5)},{_n(y + 3)} {_n(x - 3.5)},{_n(y + 3)}"
        return f'<polygon points="{corners}" fill="{style.colour}" stroke="{PAPER}" stroke-width="1"/>'
    return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="6" fill="{PAPER}" stroke="{style.colour}" stroke-width="2"/>'


def _line(style: Style) -> str:
    dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
    return f'fill="none" stroke="{style.colour}" stroke-width="{style.stroke}" stroke-linejoin="round"{dash}'


def _gap_mark(at: Point) -> str:
    return (
        f'<circle cx="{_n(at[0])}" cy="{_n(at[1])}" r="5" fill="{PAPER}" stroke="{SOFT}" stroke-width="1.5" '
        'stroke-dasharray="2 2"/>'
    )


def _runs(values: Sequence[Number | None]) -> list[list[tuple[int, Number]]]:
    """Neighbouring measured axes with their values, going round: the pieces of line to draw."""
    start = next((i for i, value in enumerate(values) if value is None), 0)
    runs: list[list[tuple[int, Number]]] = [[]]
    for step in range(len(values)):  # begins at a gap, so that no run is cut at the top
        index = (start + step) % len(values)
        value = values[index]
        if value is not None:
            runs[-1].append((index, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _described(axes: Sequence[Axis], series: Sequence[Series], measured: Sequence[bool]) -> str:
    """The numbers in words, for those who do not see the drawing."""
    parts = []
    for one in series:
        values = [
            f"{axis.label} {'belum diukur' if value is None else format_decimal(round_half_up(value))}"
            for axis, value, known in zip(axes, one.values, measured, strict=True)
            if known
        ]
        parts.append(f"{one.name}: {', '.join(values) or 'belum diukur'}.")
    if gaps := [axis.label for axis, known in zip(axes, measured, strict=True) if not known]:
        parts.append(f"Belum diukur: {', '.join(gaps)}.")
    return " ".join(parts)


def _legend(axes: Sequence[Axis], series: Sequence[Series], measured: Sequence[bool], top: float) -> tuple[str, float]:
    """Lines, then axes by code, below the drawing; and the height at which they end."""
    body: list[str] = []
    y = top

    def rows(text: str, fill: str = INK) -> None:
        nonlocal y
        for row in _wrap(text, int((WIDTH - 58) / CHARACTER)) or [""]:
            body.append(_text(54, y, row, fill=fill))
            y += LINE_HEIGHT

    for one in series:
        style, middle = STYLES[one.style], y - 4.5
        ends = f'x1="4.00" y1="{_n(middle)}" x2="44.00" y2="{_n(middle)}"'
        body += [f"<line {ends} {_line(style)}/>", _marker(style, (24, middle))]
        rows(one.name)
    y += 6
    for axis, known in zip(axes, measured, strict=True):
        if not known:
            body.append(_gap_mark((10, y - 4.5)))
        body.append(_text(44, y, axis.code[:4], anchor="end", weight=700))
        rows(axis.label if known else f"{axis.label} (belum diukur)", INK if known else SOFT)
    return "".join(body), y


def radar(
    axes: Sequence[Axis],
    series: Sequence[Series],
    *,
    title: str = "Profil mutu per standar",
    maximum: Number = 7,
    rings: int = 7,
) -> str:
    """A radar of at least three axes and at most one series per style, 0 in the middle and *maximum* at the rim.

    A value of None is a gap: no marker, and the line is broken there. An axis that no series measures is
    dashed, ends in an open ring and is named "(belum diukur)". Raises ValueError for fewer than three axes, a
    style that is unknown or used twice, a series of another length, or a value outside 0 to *maximum*.
    """
    if len(axes) < 3 or maximum <= 0 or rings < 1:
        raise ValueError("radar() needs three axes or more, maximum > 0 and rings >= 1")
    if len({one.style for one in series} & STYLES.keys()) != len(series):
        raise ValueError(f"styles must be different ones of {', '.join(STYLES)}")
    for one in series:
        if len(one.values) != len(axes):
            raise ValueError(f"{one.name}: {len(one.values)} values for {len(axes)} axes")
        if any(value is not None and not 0 <= value <= maximum for value in one.values):
            raise ValueError(f"{one.name}: a value outside 0 to {maximum}")

    centre: Point = (WIDTH / 2, MARGIN + RADIUS)
    angles = [2 * math.pi * i / len(axes) - math.pi / 2 for i in range(len(axes))]
    measured = [any(one.values[i] is not None for one in series) for i in range(len(axes))]

    def at(index: int, distance: float) -> Point:
        return centre[0] + distance * math.cos(angles[index]), centre[1] + distance * math.sin(angles[index])

    def joined(points: Sequence[Point]) -> str:
        return " ".join(f"{_n(x)},{_n(y)}" for x, y in points)

    body: list[str] = []
    for ring in range(1, rings + 1):
        corners = joined([at(i, RADIUS * ring / rings) for i in range(len(axes))])
        body.append(f'<polygon points="{corners}" fill="none" stroke="{GRID}" stroke-width="1"/>')
    for i, axis in enumerate(axes):
        rim, (x, y) = at(i, RADIUS), at(i, RADIUS + 20)
        dash = "" if measured[i] else ' stroke-dasharray="3 4"'
        ends = f'x1="{_n(centre[0])}" y1="{_n(centre[1])}" x2="{_n(rim[0])}" y2="{_n(rim[1])}"'
        body.append(f'<line {ends} stroke="{GRID}" stroke-width="1"{dash}/>')
        body.append(_text(x, y + 5, axis.code[:4], anchor="middle", weight=700))
        if not measured[i]:
            body.append(_gap_mark(rim))
    for ring in range(1, rings + 1):
        label = format_decimal(round_half_up(Fraction(maximum) * ring / rings)).removesuffix(",00")
        y = centre[1] - RADIUS * ring / rings
        body.append(_text(centre[0] - 4, y + 11, label, anchor="end", size=10, fill=SOFT))

    for one in series:
        style = STYLES[one.style]
        for run in _runs(one.values):
            points = [at(i, RADIUS * float(Fraction(value) / Fraction(maximum))) for i, value in run]
            shape = "polygon" if len(run) == len(axes) else "polyline"
            if len(points) > 1:
                body.append(f'<{shape} points="{joined(points)}" {_line(style)}/>')
            body += [_marker(style, point) for point in points]

    legend, bottom = _legend(axes, series, measured, centre[1] + RADIUS + MARGIN + 14)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {_n(bottom)}" role="img" '
        f'aria-label="{_plain(title)}" font-family="{FONT}">'
        f"<title>{_plain(title)}</title><desc>{_plain(_described(axes, series, measured))}</desc>"
        f"{''.join(body)}{legend}</svg>"
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """One whole that is made of parts: how many of each, in the order of the names."""

    label: str
    counts: Sequence[int]


# Fill and the colour of a number on it, the best part first; told apart by order, number and legend as well.
PARTS = (
    ("#155e59", PAPER), ("#7fb5ae", INK), ("#f0c36a", INK), ("#a5560a", PAPER), ("#cfc6b4", INK), (PAPER, INK),
)  # fmt: skip
BAR_HEIGHT = 24


def stacked_bars(bars: Sequence[Bar], names: Sequence[str], *, title: str) -> str:
    """Horizontal bars of equal length, each cut into its parts, with a legend.

    A bar whose counts are all 0 is an empty frame. Raises ValueError for no or more than six names, a bar with another
    number of counts, or a negative count.
    """
    if not 1 <= len(names) <= len(PARTS):
        raise ValueError(f"stacked_bars() needs 1 to {len(PARTS)} names")
    for bar in bars:
        if len(bar.counts) != len(names) or any(count < 0 for count in bar.counts):
            raise ValueError(f"{bar.label}: {list(bar.counts)} for {len(names)} names")
    left, length = 4, WIDTH - 8
    body: list[str] = []
    y = 18.0
    for bar in bars:
        body.append(_text(left, y, bar.label, weight=600))
        y += 8
        body.append(_box(left, y, length, BAR_HEIGHT, "none"))
        whole, start = sum(bar.counts), Fraction(left)
        for (fill, ink), count in zip(PARTS, bar.counts, strict=False):
            width = Fraction(length * count, whole) if whole else Fraction(0)
            if count:
                body.append(_box(float(start), y, float(width), BAR_HEIGHT, fill))
            if width >= CHARACTER * len(str(count)) + 4:
                middle = float(start + width / 2)
                body.append(_text(middle, y + 17, str(count), anchor="middle", weight=600, fill=ink))
            start += width
        y += BAR_HEIGHT + 26
    for (fill, _), name in zip(PARTS, names, strict=False):
        body.append(_box(left, y - 12, 16, 16, fill))
        for row in _wrap(name, int((WIDTH - 34) / CHARACTER)) or [""]:
            body.append(_text(28, y, row))
            y += LINE_HEIGHT
    told = " ".join(
        f"{bar.label}: {', '.join(f'{name} {count}' for name, count in zip(names, bar.counts, strict=True))}."
        for bar in bars
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {_n(y)}" role="img" '
        f'aria-label="{_plain(title)}" font-family="{FONT}">'
        f"<title>{_plain(title)}</title><desc>{_plain(told)}</desc>{''.join(body)}</svg>"
    )


def _box(x: float, y: float, width: float, height: float, fill: str) -> str:
    place = f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'
    return f'<rect {place} fill="{fill}" stroke="{SOFT}" stroke-width="0.5"/>'
