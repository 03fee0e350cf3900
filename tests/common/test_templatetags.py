"""Filters and components of every page."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.core.paginator import Paginator
from django.template import Context, Template, engines
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory

from common.explanation import Explanation

MOMENT = datetime(2026, 11, 21, 18, 32, tzinfo=UTC)


def render(source: str, **context) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("{{ x|tanggal }}", date(2026, 11, 21), "21 November 2026"),
        ("{{ x|tanggal }}", MOMENT, "22 November 2026"),
        ("{{ x|tanggal:'Asia/Jayapura' }}", MOMENT, "22 November 2026"),
        ("{{ x|pukul }}", MOMENT, "01.32 WIB"),
        ("{{ x|pukul:'Asia/Makassar' }}", MOMENT, "02.32 WITA"),
        ("{{ x|saat:'Asia/Jayapura' }}", MOMENT, "22 November 2026 pukul 03.32 WIT"),
        ("{{ x|tanggal }}{{ x|pukul }}{{ x|saat }}", None, ""),
        ("{{ x|desimal }}", Decimal("6.83"), "6,83"),
        ("{{ x|desimal }}", Decimal("0.00"), "0,00"),
        ("{{ x|desimal }}", None, "–"),
        ("{{ x|rupiah }}", 1250000, "Rp1.250.000"),
        ("{{ x|nip }}", "197606062003121005", "19760606 200312 1 005"),
        ("{{ x|ukuran }}", 1468006, "1,4 MB"),
        ("{{ x|get_item:'a' }}", {"a": "b"}, "b"),
        ("{{ x|get_item:'c' }}", {"a": "b"}, "None"),
        ("{{ x|state_tone }}", "IN_REVIEW", "progress"),
        ("{{ x|state_tone }}", "returned", "attention"),
        ("{{ x|state_tone }}", "good", "good"),
        ("{{ x|state_tone }}", "SOMETHING_NEW", "neutral"),
    ],
)
def test_a_filter_prints_what_an_indonesian_reader_expects(source, value, expected):
    assert render(source, x=value) == expected


def test_our_filters_hide_none_of_djangos():
    engine = engines["django"].engine
    ours = engine.get_template_builtins(["common.templatetags.spmi"])[0]
    others = [
        b
        for name in engine.builtins
        if name != "common.templatetags.spmi"
        for b in engine.get_template_builtins([name])
    ]
    for library in others:
        assert not ours.filters.keys() & library.filters.keys()
        assert not ours.tags.keys() & library.tags.keys()


def test_a_state_badge_says_the_state_in_words_and_by_an_icon():
    html = render_to_string("components/_state_badge.html", {"state": "VERIFIED", "label": "Terverifikasi & <b>"})
    assert 'class="state state-good"' in html
    assert "<svg" in html
    assert "Terverifikasi &amp; &lt;b&gt;" in html


def test_coverage_is_shown_as_words_and_as_progress():
    html = render_to_string("components/_coverage.html", {"done": 12, "total": 23})
    assert "terisi 12 dari 23" in html
    assert '<progress value="12" max="23"' in html
    assert 'max="1"' in render_to_string("components/_coverage.html", {"done": 0, "total": 0})


def test_coverage_may_use_another_word():
    html = render_to_string("components/_coverage.html", {"done": 1, "total": 2, "word": "ditelaah"})
    assert "ditelaah 1 dari 2" in html


def test_an_empty_state_shows_only_what_it_was_given():
    bare = render_to_string("components/_empty.html", {"title": "Belum ada laporan"})
    assert "<a" not in bare
    assert "empty-text" not in bare
    full = {"title": "Kosong", "text": "Nanti ada.", "url": "/x/", "action": "Buka"}
    assert 'href="/x/">Buka</a>' in render_to_string("components/_empty.html", full)


def test_an_explanation_unfolds_all_its_parts():
    leaf = Explanation("Pertanyaan 8.1.1.b", "tidak berlaku")
    middle = Explanation("Subindikator 8.1.1", "5,25", "7 x 3/4", "eds-snp 2025.1", (leaf,))
    html = render_to_string("components/_explanation.html", {"node": Explanation("Standar 8", "5,25", parts=(middle,))})
    assert html.count("<details") == 2
    assert "Hitungan: 7 x 3/4" in html
    assert "Sumber: eds-snp 2025.1" in html
    assert "Pertanyaan 8.1.1.b" in html


def test_pagination_keeps_the_other_query_parameters():
    request = RequestFactory().get("/telaah/", {"status": "DRAFT", "page": "2"})
    page = Paginator(range(30), 10).page(2)
    html = render_to_string("components/_pagination.html", {"page_obj": page}, request)
    assert "?status=DRAFT&amp;page=1" in html
    assert "?status=DRAFT&amp;page=3" in html
    assert "Halaman 2 dari 3" in html


def test_a_list_of_one_page_has_no_pagination():
    page = Paginator(range(3), 10).page(1)
    assert render_to_string("components/_pagination.html", {"page_obj": page}).strip() == ""


def test_messages_are_announced_and_escaped():
    class Message:
        level_tag = "error"

        def __str__(self):
            return "Berkas <x> terlalu besar."

    html = render_to_string("components/_messages.html", {"messages": [Message()]})
    assert 'role="status"' in html
    assert "notice-error" in html
    assert "Berkas &lt;x&gt; terlalu besar." in html
    assert render_to_string("components/_messages.html", {"messages": []}).strip() == ""


def test_field_errors_carry_the_id_that_django_points_to():
    from django import forms

    class NoteForm(forms.Form):
        note = forms.CharField()

    field = NoteForm({"note": ""})["note"]
    html = render_to_string("components/_field_errors.html", {"field": field})
    assert 'id="id_note_error"' in html
    assert 'aria-describedby="id_note_error"' in str(field)


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_pages_for_broken_requests_need_no_context(name):
    html = get_template(name).template.render(Context())
    assert "Yang aman" in html
    assert "Langkah berikutnya" in html


def test_no_page_carries_an_inline_script_style_or_handler():
    root = Path(settings.BASE_DIR, "templates")
    pages = [path for path in root.rglob("*.html") if "pdf" not in path.parts]  # those never reach a browser
    refused = ("<style", " style=", "<script>", "javascript:", " onclick=", " onchange=", " onsubmit=", " onload=")
    found = [(path.name, one) for path in pages for one in refused if one in path.read_text(encoding="utf-8")]
    assert found == []
