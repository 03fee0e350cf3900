"""The catalogue as visitors without login read it: complete, marked where unsure, cheap, and never a stranger's own."""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from html import unescape
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from schools.choices import Role
from standards import presentation, versions
from standards.instruments import InstrumentSpec
from standards.models import InstrumentVersion, LegalBasis, spec_by_hash
from standards.search import QUERY_LENGTH
from standards.services import load_library, publish, the_catalogue
from tests.factories import SchoolFactory, person_at, the_library, the_spec

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
LIBRARY = the_library()
OLD = the_spec()
NEW = the_spec("2026.1")
IA, IASP = LIBRARY.newest("ia-2024"), LIBRARY.newest("iasp-2020")
NASTY = "<script>alert('x')</script>&amp;\"'"


@pytest.fixture
def library():
    """What the files hold."""
    load_library(LIBRARY)


def changed(spec: InstrumentSpec, **changes) -> InstrumentSpec:
    return InstrumentSpec.model_validate({name: getattr(spec, name) for name in type(spec).model_fields} | changes)


def page(client, name: str, *args: str, status: int = 200, **query: str) -> str:
    address = reverse(f"standards:{name}", args=args) + (f"?{urlencode(query)}" if query else "")
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


def text_of(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html)))


def links(html: str) -> set[str]:
    return {unescape(link) for link in re.findall(r'href="(/katalog/[^"]*)"', html)}


# --- the first page ---------------------------------------------------------------------------------


def test_visitors_find_standards_instruments_and_legal_bases_without_login(client, library):
    html = page(client, "catalogue")
    for row in the_catalogue().standards:
        assert row.name in text_of(html)
        assert reverse("standards:snp", args=[row.code]) in links(html)
    for spec in (OLD, NEW, IA, IASP):
        assert reverse("standards:instrument", args=[spec.instrument, spec.version]) in links(html)


def test_an_empty_database_says_so_on_every_page(client):
    assert "Belum ada instrumen yang terbit" in page(client, "catalogue")
    assert "Belum ada peraturan yang tercatat" in page(client, "legal_bases")
    assert "Belum ada instrumen yang menanyakannya" in page(client, "snp", "8")
    assert "Dasar hukum khusus standar ini belum tercatat" in page(client, "snp", "8")
    page(client, "unverified")
    assert "hasil untuk" in page(client, "search", q="pembiayaan")


def test_the_login_page_and_every_foot_lead_to_the_catalogue(client, library):
    assert reverse("standards:catalogue") in links(client.get(reverse("account_login")).content.decode())
    client.force_login(person_at(SchoolFactory(), Role.CONTRIBUTOR))
    assert reverse("standards:catalogue") in links(page(client, "legal_bases"))


# --- the SNP ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [row.code for row in LIBRARY.catalogue.standards])
def test_a_standard_shows_all_its_parts_with_marks_sources_and_questions(client, library, code):
    html = page(client, "snp", code)
    rows = the_catalogue().part(code).rows
    for row in rows:
        assert row.code in html
        assert row.name in text_of(html)
    asked = [item for item in NEW.items if item.standard == code]
    for item in asked:
        assert item.question in text_of(html)
    unsure = [row for row in rows if row.status == "unverified"]
    assert html.count("nama belum terverifikasi") == len(unsure)


def test_a_question_says_at_which_forms_it_is_asked(client, library):
    some = next(item for item in NEW.items if item.forms and len(item.forms) < len(NEW.forms))
    html = page(client, "snp", some.standard)
    assert ", ".join(some.forms) in html
    assert presentation.item_url(NEW, some.code, some.forms[0]) in links(html)


def test_the_code_of_a_part_leads_to_its_place(client, library):
    response = client.get(reverse("standards:snp", args=["8.2.1"]))
    assert (response.status_code, response["Location"]) == (302, "/katalog/snp/8/#snp-8.2.1")
    assert 'id="snp-8.2.1"' in page(client, "snp", "8")


@pytest.mark.parametrize("code", ["9", "8.9", "0", "x", "8.1.1.a", "%00", NASTY.replace("/", "")])
def test_an_unknown_code_is_not_found_and_says_what_a_code_looks_like(client, code):
    html = page(client, "snp", code, status=404)
    assert "<script>alert" not in html


# --- instruments ------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", [OLD, NEW, IA, IASP], ids=lambda spec: f"{spec.instrument} {spec.version}")
def test_an_instrument_shows_every_question_of_each_form(client, library, spec):
    for form in spec.forms:
        html = page(client, "instrument", spec.instrument, spec.version, bentuk=form)
        for item in spec.items_for(form):
            address = reverse("standards:item", args=[spec.instrument, spec.version, item.code])
            assert f"{address}?bentuk={form}" in links(html)
        for row in presentation.parts_of(spec, form).standards:
            assert (f'id="bagian-{row.code}"' in html) == (bool(spec.tree) or row.code in spec.standards_for(form))
        assert text_of(spec.source) in text_of(html)


def test_counts_are_those_of_the_instrument(client, library):
    html = page(client, "instrument", NEW.instrument, NEW.version)
    rows = re.findall(r'<th scope="row"[^>]*>([^<]*)</th>(.*?)</tr>', html, re.DOTALL)
    shown = {form: re.findall(r">(\d+)</td>", cells) for forms, cells in rows for form in forms.split(", ")}
    assert shown == {form: [str(len(NEW.asked(form, scope.key))) for scope in NEW.scopes] for form in NEW.forms}


def test_a_link_to_a_part_unfolds_it(client, library):
    part = next(row for row in IA.tree if row.parent == "2" and row.at("SD"))
    html = client.get(presentation.part_url(IA, part.code, "SD")).content.decode()
    assert re.findall(r'id="bagian-(\d+)" open', html) == ["2"]
    assert f'id="bagian-{part.code}"' in html


def test_questions_without_a_public_title_are_shown_and_counted(client, library):
    closed = next(item for item in IASP.items if not item.answerable)
    form = (closed.forms or IASP.forms)[0]
    html = page(client, "instrument", IASP.instrument, IASP.version, bentuk=form)
    assert "Judul belum diketahui" in html
    assert "Belum dapat dijawab" in html
    assert "belum dapat dijawab" in page(client, "item", IASP.instrument, IASP.version, closed.code, bentuk=form)


@pytest.mark.parametrize("spec", [OLD, NEW, IA, IASP], ids=lambda spec: f"{spec.instrument} {spec.version}")
def test_every_question_of_every_form_has_a_page(client, library, spec):
    seen = set()
    for form in spec.forms:
        for item in spec.items_for(form):
            if (key := id(item)) in seen:
                continue
            seen.add(key)
            shown = text_of(page(client, "item", spec.instrument, spec.version, item.code, bentuk=form))
            texts = [item.question, item.help, *item.levels.values(), *item.evidence]
            texts += [point.text for point in item.points or ()] + [reason.text for reason in item.na]
            for text in texts:
                assert re.sub(r"\s+", " ", text) in shown


def test_the_same_code_may_be_another_question_at_another_form(client, library):
    twice = next(
        code for code in IA.asked("SMK") if code in IA.asked("SD") and IA.asked("SD")[code] != IA.asked("SMK")[code]
    )
    for form in ("SD", "SMK"):
        html = page(client, "item", IA.instrument, IA.version, twice, bentuk=form)
        assert IA.asked(form)[twice].question in text_of(html)


@pytest.mark.parametrize(
    ("args", "query"),
    [
        (("eds-snp", "2025.1"), {"bentuk": "TK"}),
        (("eds-snp", "1999.1"), {}),
        (("lain", "2025.1"), {}),
        (("eds-snp", "2025.1", "9.9.9.z"), {}),
        (("eds-snp", "2025.1", "8.1.1.a"), {"bentuk": NASTY}),
        (("ia-2024", "2025.1", "1.1.1"), {"bentuk": "SLB"}),
    ],
)
def test_what_does_not_exist_is_not_found(client, library, args, query):
    html = page(client, "item" if len(args) == 3 else "instrument", *args, status=404, **query)
    assert "<script>alert" not in html


def test_a_retired_version_stays_readable_and_says_so(client, library):
    load_library(dataclasses.replace(LIBRARY, retired=frozenset({(OLD.instrument, OLD.version)})))
    assert "Versi ini sudah ditarik" in page(client, "instrument", OLD.instrument, OLD.version)
    assert "ditarik" in page(client, "catalogue")


def test_texts_from_data_are_escaped_everywhere(client):
    load_library(LIBRARY)
    item = OLD.items[0]
    levels = {level: f"{NASTY} {level}" for level in item.levels}
    fields = {"question": NASTY, "help": NASTY, "levels": levels, "evidence": (NASTY,), "window": NASTY}
    nasty = item.model_copy(update=fields)
    publish(changed(OLD, version="2027.2", title=NASTY, note=NASTY, source=NASTY, items=(nasty, *OLD.items[1:])))
    LegalBasis.objects.filter(key="uu-20-2003").update(title=NASTY, subject=NASTY, note=NASTY, source=NASTY)
    for html in (
        page(client, "catalogue"),
        page(client, "snp", item.standard),
        page(client, "instrument", "eds-snp", "2027.2"),
        page(client, "item", "eds-snp", "2027.2", item.code),
        page(client, "compare", "eds-snp", "2025.1", "2027.2"),
        page(client, "legal_bases"),
        page(client, "search", q="script alert"),
        page(client, "search", q=NASTY),
    ):
        assert "<script>alert" not in html
        assert "alert" in html


# --- instruments of schools stay out ----------------------------------------------------------------


def test_instruments_of_schools_never_show_up_for_anybody(client, library):
    school = SchoolFactory()
    team = person_at(school, Role.QUALITY_TEAM)
    key = versions.new_key(school)
    item = NEW.items[0].model_copy(update={"question": "Apakah kolam lele sekolah terawat?"})
    spec = changed(NEW, instrument=key, title="Instrumen kolam lele", items=(item,), scopes=(), minutes={})
    draft = versions.create_draft(spec, owner=school, actor=team)
    for published in (False, True):
        if published:
            versions.publish_draft(draft.pk, actor=team)
        for person in (None, team):
            if person:
                client.force_login(person)
            assert key not in page(client, "catalogue")
            assert "kolam lele" not in page(client, "snp", item.standard)
            assert "Tidak ada yang cocok" in page(client, "search", q="kolam lele")
            page(client, "instrument", key, spec.version, status=404)
            page(client, "item", key, spec.version, item.code, status=404)
        client.logout()


# --- comparison -------------------------------------------------------------------------------------


def test_two_versions_stand_side_by_side_the_older_one_first(client, library):
    html = page(client, "compare", "eds-snp", "2026.1", "2025.1")
    assert "Versi 2025.1 dan 2026.1" in text_of(html)
    assert "[dihapus: " in html
    assert "[baru: " in html
    only_new = next(code for code in NEW.asked("SD") if code not in OLD.asked("SD"))
    assert presentation.item_url(NEW, only_new, "SD") in links(html)
    assert reverse("standards:compare", args=["eds-snp", "2025.1", "2026.1"]) in links(
        page(client, "instrument", "eds-snp", "2025.1")
    )


@pytest.mark.parametrize(
    ("args", "query"),
    [
        (("eds-snp", "2025.1", "2025.1"), {}),
        (("eds-snp", "2025.1", "2024.1"), {}),
        (("eds-snp", "2025.1", "2026.1"), {"bentuk": "PAUD"}),
    ],
)
def test_versions_that_cannot_be_compared_are_not_found(client, library, args, query):
    page(client, "compare", *args, status=404, **query)


# --- legal bases ------------------------------------------------------------------------------------


def test_legal_bases_are_filtered_by_their_validity_today(client, library, monkeypatch):
    monkeypatch.setattr("standards.views.clock.today", lambda: date(2026, 3, 1))
    common = {"subject": "Uji", "status": "verified", "source": "uji"}
    LegalBasis.objects.create(key="lama", title="Lama", valid_to=date(2026, 2, 28), **common)
    LegalBasis.objects.create(key="nanti", title="Nanti", valid_from=date(2026, 3, 2), **common)
    LegalBasis.objects.create(
        key="ganti", title="Pengganti", valid_from=date(2026, 3, 1), replaces=["Diganti"], **common
    )
    LegalBasis.objects.create(key="diganti", title="Diganti", **common)
    LegalBasis.objects.create(key="batas", title="Hari terakhir", valid_to=date(2026, 3, 1), **common)
    shown = text_of(page(client, "legal_bases"))
    every = text_of(page(client, "legal_bases", tampil="semua"))
    for key in ("lama", "nanti", "diganti"):
        assert f'id="{key}"' not in page(client, "legal_bases")
        assert f'id="{key}"' in page(client, "legal_bases", tampil="semua")
    assert "Pengganti" in shown
    assert "Hari terakhir" in shown
    assert "Tidak berlaku lagi; berlaku sampai 28 Februari 2026" in every
    assert "Belum berlaku; mulai 2 Maret 2026" in every
    assert "Sudah digantikan oleh Pengganti" in every


def test_a_basis_that_is_not_verified_is_marked(client, library):
    for basis in LegalBasis.objects.exclude(status="verified"):
        assert basis.get_status_display() in page(client, "legal_bases", tampil="semua")


# --- what is not sure -------------------------------------------------------------------------------


def test_everything_unverified_is_listed_with_its_reason(client, library):
    shown = text_of(page(client, "unverified"))
    for row in the_catalogue().rows:
        if row.status != "confirmed":
            assert row.name in shown
            assert re.sub(r"\s+", " ", row.note) in shown
            assert re.sub(r"\s+", " ", row.source) in shown
    for spec in (IA, IASP):
        for row in spec.tree:
            if row.status != "confirmed":
                assert re.sub(r"\s+", " ", row.name) in shown
        for item in spec.items:
            if item.status == "unverified" or not item.answerable:
                assert re.sub(r"\s+", " ", item.note) in shown
    for basis in LegalBasis.objects.exclude(status="verified"):
        assert basis.title in shown


def test_every_unverified_thing_leads_to_its_place(client, library):
    found = [link.partition("#") for link in links(page(client, "unverified"))]
    places = {address: client.get(address).content.decode() for address, _, anchor in found if anchor}
    assert len(places) > 10
    for address, _, anchor in found:
        assert not anchor or f'id="{anchor}"' in places[address], (address, anchor)


# --- search -----------------------------------------------------------------------------------------


def test_search_finds_codes_names_questions_levels_and_regulations(client, library):
    item = NEW.items[50]
    level = item.levels[4].split(". ")[0].rstrip(".")[:90]
    basis = LIBRARY.legal_bases[2]
    for query, address in (
        ("8.2.1", presentation.snp_url("8.2.1")),
        ("STANDAR pembiayaan", presentation.snp_url("8")),
        (item.code, presentation.item_url(NEW, item.code, (item.forms or NEW.forms)[0])),
        (" ".join(level.split()[:8]), presentation.item_url(NEW, item.code, (item.forms or NEW.forms)[0])),
        (basis.title, presentation.basis_url(basis.key)),
    ):
        assert address in links(page(client, "search", q=query)), query


def test_found_words_are_marked_and_the_pages_follow_each_other(client, library):
    html = page(client, "search", q="murid")
    assert "<mark>murid</mark>" in html
    assert "?q=murid&amp;page=2" in html
    second = page(client, "search", q="murid", page="2")
    assert re.findall(r'class="result-title"><a href="([^"]*)"', html) != re.findall(
        r'class="result-title"><a href="([^"]*)"', second
    )


@pytest.mark.parametrize(
    "query",
    ["\0", "%", "_", "' OR 1=1 --", "\\", "(((", "[a-z]+", "\u202eabc", "😀", "a" * QUERY_LENGTH, "ß ﬁ İ"],
)
def test_a_strange_query_is_only_a_query(client, library, query):
    assert "Cari" in page(client, "search", q=query)


def test_a_query_that_is_too_long_is_refused_with_a_message(client):
    for query in ("a" * (QUERY_LENGTH + 1), " ".join("abcdefghijk"), "x" * 20_000):
        assert "Pakailah beberapa kata" in page(client, "search", q=query, status=422)


@pytest.mark.parametrize("number", ["0", "-1", "999", "abc", ""])
def test_a_wrong_page_number_shows_a_page(client, library, number):
    assert "hasil untuk" in page(client, "search", q="murid", page=number)


def test_a_new_version_is_found_at_once(client, library):
    assert "Tidak ada yang cocok" in page(client, "search", q="kolam lele")
    item = NEW.items[0].model_copy(update={"question": "Apakah kolam lele sekolah terawat?"})
    publish(changed(NEW, version="2026.2", items=(item, *NEW.items[1:])))
    assert "1 hasil" in text_of(page(client, "search", q="kolam lele"))


# --- what it costs ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/katalog/", 2),  # versions, regulations
        ("/katalog/snp/8/", 2),  # versions, regulations
        ("/katalog/snp/5/", 2),
        ("/katalog/instrumen/eds-snp/2025.1/", 2),  # version, others
        ("/katalog/instrumen/eds-snp/2026.1/", 2),
        ("/katalog/instrumen/ia-2024/2025.1/?bentuk=SMK", 2),
        ("/katalog/instrumen/eds-snp/2026.1/8.2.1.a/", 3),  # version, regulations, other ends of crosswalks
        ("/katalog/instrumen/eds-snp/2025.1/banding/2026.1/", 2),  # both versions
        ("/katalog/dasar-hukum/", 1),
        ("/katalog/belum-terverifikasi/", 2),
        ("/katalog/cari/", 0),
        ("/katalog/cari/?q=murid", 2),
        ("/katalog/cari/?q=8.2.1", 2),
    ],
)
def test_a_page_takes_the_same_few_queries_whatever_its_size(
    client, library, django_assert_num_queries, address, queries
):
    client.get(address)  # contents are read and parsed once per process
    with django_assert_num_queries(queries):
        assert client.get(address).status_code == 200


def test_a_content_is_read_once_per_process(client, library, django_assert_num_queries):
    spec_by_hash.cache_clear()
    address = reverse("standards:instrument", args=["eds-snp", "2026.1"])
    with django_assert_num_queries(3):
        client.get(address)
    with django_assert_num_queries(2):
        client.get(address)


def test_visitors_may_keep_a_page_and_people_with_a_login_may_not(client, library):
    response = client.get("/katalog/dasar-hukum/")
    assert response["Cache-Control"] == "public, max-age=300"
    assert "Cookie" in response["Vary"]
    assert not response.cookies
    assert "public" not in client.get("/katalog/snp/9/").get("Cache-Control", "")
    client.force_login(person_at(SchoolFactory(), Role.CONTRIBUTOR))
    assert client.get("/katalog/dasar-hukum/")["Cache-Control"] == "private"


def test_only_reading_is_allowed(client, library):
    assert client.post("/katalog/").status_code == 405
    assert client.post("/katalog/cari/", {"q": "x"}).status_code == 405
    assert InstrumentVersion.objects.count() == 4


def test_a_question_is_read_in_the_words_of_the_form(client, library):
    at = {form: text_of(page(client, "item", "eds-snp", "2026.1", "5.2.8.a", bentuk=form)) for form in ("SD", "MI")}
    assert "kepala madrasah mengelola lima pekerjaan pokok (RKT, pembagian tugas, jadwal pelajaran, RKAM" in at["MI"]
    assert "kepala sekolah mengelola lima pekerjaan pokok (RKT, pembagian tugas, jadwal pelajaran, RKAS" in at["SD"]
    instrument = text_of(page(client, "instrument", "eds-snp", "2026.1", bentuk="MI"))
    assert "bentuk madrasah Anda" in instrument
    assert "bentuk sekolah Anda" not in instrument


# --- crosswalks --------------------------------------------------------------------------------------


def test_a_question_names_what_it_lets_one_expect_elsewhere_as_an_estimate(client, library, django_assert_num_queries):
    html = page(client, "item", "eds-snp", "2026.1", "8.3.1.a", bentuk="SD")
    assert {"/katalog/instrumen/ia-2024/2025.1/2.7.1/?bentuk=SD"} <= links(html)
    shown = text_of(html)
    assert "Perkiraan ke instrumen lain" in shown
    assert "bukan hasil instrumen itu" in shown
    assert "perkiraan, disusun sendiri Menyangkut intinya. Level 4 keduanya sama" in shown
    assert "Level 4 → level 4; Level 3 → level 3 sampai 4" in shown
    assert "lima aspek budaya mutu" not in shown  # a school, not a madrasah
    with django_assert_num_queries(3):
        client.get("/katalog/instrumen/eds-snp/2026.1/8.3.1.a/?bentuk=SD")


def test_a_madrasah_reads_where_its_answers_meet_edm(client, library):
    shown = text_of(page(client, "item", "eds-snp", "2026.1", "8.3.1.a", bentuk="MI"))
    assert "Evaluasi Diri Madrasah (EDM): lima aspek budaya mutu" in shown
    assert "nilai EDM tidak dapat dihitung dari EDS" in shown


def test_a_target_names_the_questions_that_lead_to_it_or_why_none_does(client, library):
    html = page(client, "item", "ia-2024", "2025.1", "2.7.1", bentuk="SD")
    assert "/katalog/instrumen/eds-snp/2026.1/8.3.1.a/?bentuk=SD" in links(html)
    assert "Perkiraan dari instrumen lain" in text_of(html)
    shown = text_of(page(client, "item", "ia-2024", "2025.1", "1.4.4", bentuk="SMK"))
    assert "Tidak ada pertanyaan yang dapat memperkirakannya. Misi utama SMK/MAK tidak ditanyakan EDS" in shown


def test_a_version_without_crosswalk_shows_no_estimate(client, library):
    assert "Perkiraan" not in page(client, "item", "eds-snp", "2025.1", "8.3.1.a", bentuk="SD")
