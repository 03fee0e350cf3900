"""The radar: what is measured is drawn inside the picture, what is not measured is never drawn as zero."""

import xml.etree.ElementTree as ET
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.charts import STYLES, Axis, Bar, Series, radar, stacked_bars

SVG = "{http://www.w3.org/2000/svg}"
AXES = [Axis(str(i), f"Standar {name}") for i, name in enumerate("ABCDEFGH", start=1)]
COLOUR = STYLES["claimed"].colour

value = st.none() | st.fractions(min_value=0, max_value=7)
profile = st.lists(value, min_size=8, max_size=8)


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 (our own drawing)


def drawn(svg: str, tag: str, style: str = "claimed") -> list[ET.Element]:
    """Elements of the plot (not of the legend, which starts below it) in the colour of *style*."""
    colour = STYLES[style].colour
    found = [e for e in parsed(svg).iter(SVG + tag) if colour in (e.get("stroke"), e.get("fill"))]
    return [e for e in found if max(y for _, y in points(e)) < 300]


def points(element: ET.Element) -> list[tuple[float, float]]:
    """Every coordinate pair of an element, whatever its shape."""
    if corners := element.get("points"):
        return [(float(x), float(y)) for x, y in (pair.split(",") for pair in corners.split())]
    pairs = [("x", "y"), ("x1", "y1"), ("x2", "y2"), ("cx", "cy")]
    return [(float(element.get(x)), float(element.get(y))) for x, y in pairs if element.get(x) is not None]


def one(values) -> str:
    return radar(AXES, [Series("Penilaian sekolah", values, "claimed")])


@given(st.lists(profile, min_size=len(STYLES), max_size=len(STYLES)))
def test_every_coordinate_lies_inside_the_view_box(profiles):
    series = [Series(style, values, style) for style, values in zip(STYLES, profiles, strict=True)]
    root = parsed(radar(AXES, series))
    left, top, width, height = (float(part) for part in root.get("viewBox").split())
    for element in root.iter():
        for x, y in points(element):
            assert left <= x <= width
            assert top <= y <= height


@given(profile)
def test_there_is_one_marker_for_each_measured_axis_and_none_for_a_gap(values):
    assert len(drawn(one(values), "circle")) == sum(v is not None for v in values)


@given(profile)
def test_no_line_reaches_across_a_gap(values):
    svg = one(values)
    if None not in values:
        assert [len(points(e)) for e in drawn(svg, "polygon")] == [8]
        assert drawn(svg, "polyline") == []
        return
    neighbours = sum(values[i] is not None and values[i - 1] is not None for i in range(8))
    assert drawn(svg, "polygon") == []
    assert sum(len(points(e)) - 1 for e in drawn(svg, "polyline")) == neighbours


def test_a_gap_is_not_a_zero():
    centre = points(drawn(one([0] + [None] * 7), "circle")[0])[0]
    assert centre == (170.0, 162.0)
    assert drawn(one([None] * 8), "circle") == []


def test_the_maximum_lies_on_the_rim_and_more_is_refused():
    assert points(drawn(one([7] + [None] * 7), "circle")[0]) == [(170.0, 36.0)]
    with pytest.raises(ValueError, match="outside 0 to 7"):
        one([Fraction(701, 100)] + [None] * 7)


def test_one_measured_axis_gives_a_point_and_two_neighbours_a_line():
    alone, pair = one([None, 5] + [None] * 6), one([Decimal("5.5"), None, None, None, None, None, None, 4])
    assert (len(drawn(alone, "circle")), len(drawn(alone, "polyline"))) == (1, 0)
    assert [len(points(e)) for e in drawn(pair, "polyline")] == [2]


def test_an_axis_that_nobody_measured_says_so_in_legend_and_description():
    svg = one([5, None] + [3] * 6)
    texts = [e.text for e in parsed(svg).iter(SVG + "text")]
    assert "Standar B (belum diukur)" in texts
    assert "Standar A" in texts
    assert parsed(svg).find(SVG + "desc").text.endswith("Belum diukur: Standar B.")


def test_a_series_without_a_value_that_another_series_has_is_described_as_not_measured():
    series = [Series("Sekolah", [5] * 8, "claimed"), Series("Tim", [None] + [4] * 7, "verified")]
    description = parsed(radar(AXES, series)).find(SVG + "desc").text
    assert "Tim: Standar A belum diukur, Standar B 4,00" in description


def test_series_differ_by_dash_and_marker_and_not_by_colour_alone():
    assert len({style.dash for style in STYLES.values()}) == len(STYLES)
    assert len({style.marker for style in STYLES.values()}) == len(STYLES)
    series = [Series(style, [3] * 8, style) for style in STYLES]
    svg = radar(AXES, series)
    assert len(drawn(svg, "circle", "claimed")) == 8
    assert len(drawn(svg, "rect", "verified")) == 8
    assert len(drawn(svg, "polygon", "backed")) == 8 + 1  # eight triangles and the line itself


@given(st.text(max_size=40), st.text(max_size=60))
def test_any_text_gives_well_formed_xml(code, label):
    parsed(radar([Axis(code, label)] * 3, [Series(label, [1, None, 7], "backed")], title=label))


def test_markup_in_a_label_stays_text():
    svg = radar([Axis("<b>", '"><script>alert(1)</script>')] * 3, [], title='" onload="x')
    root = parsed(svg)
    assert not list(root.iter(SVG + "script"))
    assert root.get("onload") is None
    assert "<script" not in svg


def test_the_picture_needs_no_style_and_no_script_and_names_itself():
    root = parsed(one([3] * 8))
    assert root.get("role") == "img"
    assert root.find(SVG + "title").text == "Profil mutu per standar"
    for element in root.iter():
        assert element.tag not in {SVG + "style", SVG + "script"}
        assert not {name for name in element.keys() if name == "style" or name.startswith("on")}  # noqa: SIM118


def test_the_same_profile_gives_the_same_characters():
    values = [Fraction(1, 3), None, Fraction(22, 7), 0, 7, None, None, Fraction(5, 2)]
    assert one(values) == one(list(values))
    assert "-0.00" not in one(values)


@pytest.mark.parametrize(
    "call",
    [
        lambda: radar(AXES[:2], []),
        lambda: radar(AXES, [], maximum=0),
        lambda: radar(AXES, [], rings=0),
        lambda: radar(AXES, [Series("x", [1] * 7, "claimed")]),
        lambda: radar(AXES, [Series("x", [1] * 8, "red")]),
        lambda: radar(AXES, [Series("x", [1] * 8, "claimed"), Series("y", [1] * 8, "claimed")]),
        lambda: one([-1] * 8),
    ],
)
def test_what_cannot_be_drawn_is_refused(call):
    with pytest.raises(ValueError, match=r"."):
        call()


# --- stacked bars -------------------------------------------------------------------------------------

NAMES = ["Sangat Baik", "Baik", "Cukup Baik", "Kurang", "Belum terisi", "Tidak berlaku"]
counts = st.lists(st.integers(0, 200), min_size=6, max_size=6)


def bar_parts(svg: str) -> list[ET.Element]:
    """The parts of the bars, without frames and legend."""
    boxes = [e for e in parsed(svg).iter(SVG + "rect") if e.get("fill") != "none"]
    return [e for e in boxes if e.get("height") != "16.00"]


@given(counts)
def test_parts_are_as_wide_as_their_share_and_fill_the_bar(values):
    drawn = bar_parts(stacked_bars([Bar("Penilaian", values)], NAMES, title="Sebaran"))
    present = [value for value in values if value]
    assert len(drawn) == len(present)
    for box, value in zip(drawn, present, strict=True):
        assert float(box.get("width")) == pytest.approx(332 * value / sum(values), abs=0.01)
    if present:
        assert sum(float(box.get("width")) for box in drawn) == pytest.approx(332, abs=0.05)


@given(st.lists(counts, min_size=1, max_size=4))
def test_bars_and_legend_lie_inside_the_view_box_and_say_their_numbers(rows):
    svg = stacked_bars([Bar(f"Baris {n}", row) for n, row in enumerate(rows)], NAMES, title="Sebaran")
    root = parsed(svg)
    _, _, width, height = (float(part) for part in root.get("viewBox").split())
    for box in root.iter(SVG + "rect"):
        assert float(box.get("x")) + float(box.get("width")) <= width
        assert float(box.get("y")) + float(box.get("height")) <= height
    told = root.find(SVG + "desc").text
    for row in rows:
        assert ", ".join(f"{name} {count}" for name, count in zip(NAMES, row, strict=True)) in told


def test_a_bar_of_nothing_is_an_empty_frame():
    assert bar_parts(stacked_bars([Bar("Kosong", [0, 0])], NAMES[:2], title="Sebaran")) == []


@pytest.mark.parametrize(("bar", "names"), [([1], NAMES[:2]), ([-1, 2], NAMES[:2]), ([], []), ([1] * 7, ["x"] * 7)])
def test_bars_that_make_no_sense_are_refused(bar, names):
    with pytest.raises(ValueError, match=r"names|for 2"):
        stacked_bars([Bar("Baris", bar)], names, title="Sebaran")
