"""Questions that are answered together, through the addresses: one card, one upload, a sheet to print."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from evaluations.models import Evidence
from evaluations.services import evidence
from schools.choices import Role
from tests.evaluations import uploads
from tests.factories import Place, person_at

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
HTMX = {"HTTP_HX_REQUEST": "true"}
ROOM, CONDITION = "6.2.1.a", "6.2.10.a"
PDF = uploads.pdf()


@pytest.fixture
def place():
    return Place(edition="2026.1", scope="lengkap")


@pytest.fixture
def teacher(client, place):
    client.force_login(place.teacher)
    return client


def url(place, name, *args):
    return reverse(f"evaluations:{name}", args=[place.school.npsn, place.cycle.year, *args])


def page(client, place, standard="6"):
    response = client.get(url(place, "section", standard))
    assert response.status_code == 200
    return response.content.decode()


def upload(client, place, htmx=None, **data):
    sent = {"item": ROOM, "file": SimpleUploadedFile("kelas.pdf", PDF)} | data
    return client.post(url(place, "evidence_add", "6"), sent, **(htmx or {}))


def linked(place):
    return sorted(place.section("6").links.values_list("item_code", flat=True))


# --- the card -----------------------------------------------------------------------------------------


def test_a_room_is_one_card_with_heading_and_advice_and_both_questions_with_their_own_forms(teacher, place):
    text = page(teacher, place)
    start = '<section class="group" aria-labelledby="butir-6-2-1-a-kelompok">'
    card = text.split(start)[1].split('<section class="group"')[0]
    for part in (
        "Ruang kelas</h3>",
        "Satu keliling kelas untuk kedua pertanyaan",
        'id="butir-6-2-1-a"',
        'id="butir-6-2-10-a"',
        'id="jawaban-6-2-10-a"',
        'id="keadaan-6-2-10-a"',
        'id="bukti-6-2-10-a"',
    ):
        assert part in card, part
    assert text.count('id="butir-6-2-10-a"') == 1


@pytest.mark.parametrize("standard", ["1", "4", "5", "6", "8"])
def test_headings_go_down_one_step_at_a_time(teacher, place, standard):
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", page(teacher, place, standard))]
    assert [(above, below) for above, below in itertools.pairwise(levels) if below > above + 1] == []


def test_the_official_name_stands_small_below_its_question_with_its_mark(teacher, place):
    text = page(teacher, place)
    for row in place.evaluation.catalogue.part("6").rows:
        if row.level == "subindicator" and f"{row.code}.a" in place.evaluation.asked:
            after = text.split(f'id="butir-{row.code.replace(".", "-")}-a-judul"')[1].split("</header>")[0]
            name = re.search(r'<p class="question-name">(.*?)</p>', after, re.S).group(1)
            assert f"{row.code} {row.name}" in " ".join(name.split())
            assert ("belum terverifikasi" in name) == (row.status == "unverified")


def test_what_lies_under_another_indicator_is_pointed_to(teacher, place):
    text = page(teacher, place, "4")
    assert re.search(r'Bagian lain dari Contoh asesmen sumatif: <a href="#butir-4-5-2-a">4.5.2.a</a>', text)
    assert re.search(r'Bagian lain dari Contoh asesmen sumatif: <a href="#butir-4-2-2-a">4.2.2.a</a>', text)


def test_what_was_typed_and_refused_stays_in_its_place_in_the_card(teacher, place):
    response = teacher.post(url(place, "answer", "6", CONDITION), {"count": "x", "of": "9", "version": 0})
    assert response.status_code == 422
    assert response.content.decode().count('id="butir-6-2-10-a"') == 1
    assert 'value="x"' in response.content.decode()


@pytest.mark.parametrize("who", ["teacher", "operator"])
def test_the_largest_standard_takes_the_same_queries_however_much_it_holds(
    client, django_assert_num_queries, django_assert_max_num_queries, who
):
    place = Place(edition="2026.1", scope="lengkap", form="SMK")
    assert len(place.section("5").items) >= 50
    place.answer("5.1.1.a")
    client.force_login(getattr(place, who))
    with django_assert_max_num_queries(13) as captured:
        page(client, place, "5")
    place.fill("5")
    for code in ("5.1.1.a", "5.3.1.a", "5.4.1.a"):
        evidence.add_evidence(
            place.section("5").pk, code, name="a.pdf", data=PDF, actor=place.teacher, title=code, whole_group=True
        )
    with django_assert_num_queries(len(captured)):
        page(client, place, "5")


# --- one upload ---------------------------------------------------------------------------------------


def box(text, code):
    form = text.split(f'id="file-{code.replace(".", "-")}"')[1].split("</form>")[0]
    return re.search(r'<input type="checkbox" name="also"[^>]*>', form)


def test_the_upload_form_proposes_the_whole_group_where_one_proof_is_enough(teacher, place):
    text = page(teacher, place)
    assert "checked" in box(text, ROOM).group()
    assert box(text, "6.1.1.a") is None
    assert "Berlaku juga untuk 6.2.10.a" in text
    assert "checked" not in box(page(teacher, place, "5"), "5.2.1.a").group(), "every paper proves one thing"


def test_one_upload_proves_both_and_both_say_so(teacher, place):
    assert upload(teacher, place, also="1").status_code == 302
    assert linked(place) == [ROOM, CONDITION]
    assert Evidence.objects.count() == 1
    text = page(teacher, place)
    assert "juga untuk 6.2.10.a" in text, "the message of what just happened"
    assert "Berkas yang sama juga bukti untuk 6.2.10.a." in text
    assert "Berkas yang sama juga bukti untuk 6.2.1.a." in text


def test_an_unchecked_box_proves_the_question_alone_and_stays_unchecked_after_a_refusal(teacher, place):
    response = upload(teacher, place, file=SimpleUploadedFile("kelas.pdf", b"bukan pdf"))
    assert response.status_code == 422
    assert "checked" not in box(response.content.decode(), ROOM).group()
    upload(teacher, place)
    assert linked(place) == [ROOM]


def test_htmx_gets_the_lists_of_the_other_questions_too(teacher, place):
    text = upload(teacher, place, htmx=HTMX, also="1").content.decode()
    assert 'id="bukti-6-2-1-a"' in text
    assert '<div id="daftar-bukti-6-2-10-a" hx-swap-oob="true">' in text
    assert "file-6-2-10-a" not in text, "what somebody is typing there stays"
    revision = place.section("6").links.first().revision.code
    gone = teacher.post(url(place, "evidence_unlink", "6"), {"item": ROOM, "revision": revision}, **HTMX)
    assert '<div id="daftar-bukti-6-2-10-a" hx-swap-oob="true">' in gone.content.decode()
    assert linked(place) == [CONDITION]


def test_evidence_that_is_there_already_is_linked_to_the_whole_group(teacher, place):
    upload(teacher, place, item="6.1.1.a", title="Denah sekolah")
    response = teacher.post(url(place, "evidence_add", "6"), {"item": ROOM, "existing": "Denah sekolah", "also": "1"})
    assert response.status_code == 302
    assert linked(place) == ["6.1.1.a", ROOM, CONDITION]


def test_the_name_of_a_confidential_file_stays_inside_under_every_question(client, place):
    evidence.add_evidence(
        place.section("6").pk, ROOM, name="a.pdf", data=PDF, actor=place.teacher, title="Data rahasia",
        confidential=True, whole_group=True,
    )  # fmt: skip
    place.fill("6")
    place.submit("6")
    client.force_login(place.supervisor)
    text = page(client, place)
    assert text.count("Bukti rahasia") == 2
    assert "Data rahasia" not in text


# --- the sheet ----------------------------------------------------------------------------------------


def sheet_url(place, group="lembar_pengamatan_sikap", standard="1"):
    return url(place, "observation_sheet", standard, group)


def test_the_sheet_shows_what_to_observe_with_room_to_write_and_no_answer(teacher, place):
    place.answer("1.1.1.a", 2, note="Catatan rahasia")
    text = teacher.get(sheet_url(place)).content.decode()
    assert text.count('class="sheet-item"') == 10
    for part in ("Nama pengamat", "Kelas</dt>", "Tanggal mulai", "Jangan menulis nama murid", "Level 4.", "Level 1."):
        assert part in text, part
    assert text.index("Level 4.") < text.index("Level 1.")
    assert "Catatan rahasia" not in text
    assert sheet_url(place) in page(teacher, place, "1")


def test_the_sheet_for_a_pen_shares_no_layout_with_the_sheet_of_data_pokok():
    """Both once had a head and fields of the same name, and the rules of one spoilt the other on paper."""
    folder = Path(settings.BASE_DIR) / "templates"
    names = [
        {name for found in re.findall(r'class="([^"{]*)', (folder / path).read_text()) for name in found.split()}
        for path in ("evaluations/observation_sheet.html", "schools/partials/_sheet_group.html")
    ]
    assert {name for name in names[0] & names[1] if name.startswith("sheet-")} == set()


def test_a_sheet_asks_what_the_scope_asks(client):
    place = Place(edition="2026.1", scope="inti")
    asked = [item for item in place.section("1").items if item.group == "lembar_pengamatan_sikap"]
    client.force_login(place.teacher)
    assert client.get(sheet_url(place)).content.decode().count('class="sheet-item"') == len(asked) < 10


def test_every_group_with_a_sheet_has_one_in_every_form_that_is_asked(client):
    place = Place(edition="2026.1", scope="lengkap", form="SMK")
    client.force_login(place.teacher)
    groups = {item.group: item.standard for item in place.evaluation.asked.values() if item.group}
    found = place.evaluation.spec.groups_for("SMK")
    sheets = [(group, standard) for group, standard in groups.items() if found[group].sheet]
    assert len(sheets) == 6
    for group, standard in sheets:
        response = client.get(sheet_url(place, group, standard))
        assert response.status_code == 200, group
        assert found[group].heading in response.content.decode()


@pytest.mark.parametrize(
    ("group", "standard"),
    [
        ("lembar_tidak_ada", "1"),
        ("kartu_ruang_kelas", "6"),  # a group without a sheet
        ("lembar_pengamatan_sikap", "6"),  # of another standard
        ("lembar_petugas_laboratorium", "5"),  # not asked at this form
        ("lembar_pengamatan_sikap", "9"),
    ],
)
def test_an_unknown_sheet_is_not_found(teacher, place, group, standard):
    assert teacher.get(sheet_url(place, group, standard)).status_code == 404


def test_a_sheet_is_read_by_whoever_reads_the_standard(client, place):
    client.force_login(person_at(place.school, Role.COMMITTEE))
    assert client.get(sheet_url(place)).status_code == 200
    client.force_login(place.supervisor)
    assert client.get(sheet_url(place)).status_code == 403
    place.fill("1")
    place.submit("1")
    assert client.get(sheet_url(place)).status_code == 200
    assert client.post(sheet_url(place)).status_code == 405


# --- the review ---------------------------------------------------------------------------------------


def test_a_reviewer_sees_what_was_answered_together(client, place):
    place.fill("6")
    place.submit("6")
    client.force_login(place.team)
    text = client.get(url(place, "review", "6")).content.decode()
    assert 'Ruang kelas: dijawab bersama <a href="#telaah-6-2-10-a">6.2.10.a</a>.' in text
    assert 'id="telaah-6-2-10-a"' in text
