"""The pages of data pokok: reading, filling in, conflicts, template, preview and confirmation of an import."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from schools import basic_data_import
from schools.academic_year import AcademicYear
from schools.basic_data import form_sheet
from schools.basic_data_xlsx import PAGE, read_upload, write_template
from schools.choices import Naungan, Role, SchoolStatus
from schools.models import BasicData
from schools.services import save_basic_data
from tests.factories import SchoolFactory, person_at

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
YEAR = AcademicYear(2026)


@pytest.fixture(autouse=True)
def in_the_year(monkeypatch):
    moment = datetime(2026, 11, 21, 10, tzinfo=ZoneInfo("Asia/Jakarta"))
    monkeypatch.setattr("common.clock.timezone.now", lambda: moment)


@pytest.fixture
def school():
    return SchoolFactory(npsn="20999901")


@pytest.fixture
def operator(client, school):
    person = person_at(school, Role.OPERATOR)
    client.force_login(person)
    return person


def url(school, name="basic_data", year=YEAR.start):
    return reverse(name, args=[school.npsn, year])


def save(school, actor, values, version=0):
    return save_basic_data(school, YEAR, values, version=version, actor=actor)


def page_of(response):
    return response.content.decode()


def field(page, code):
    return re.search(rf'<(?:input|select)[^>]* name="{code}"[^>]*>', page)[0]


# --- reading and filling in -------------------------------------------------------------------------


def test_figures_are_saved_and_shown_again(client, school, operator):
    response = client.post(url(school), {"version": "0", "guru": "12", "lahan": "1.250", "kepala_s1": "Tidak"})
    assert response["Location"] == url(school)
    assert BasicData.objects.get().values == {"guru": 12, "lahan": 1250, "kepala_s1": False}
    page = page_of(client.get(url(school)))
    assert 'value="12"' in field(page, "guru")
    assert 'value="1.250"' in field(page, "lahan")
    assert '<option value="Tidak" selected>' in page
    assert "Data pokok tersimpan: 3 dari" in page


def test_empty_is_not_zero_and_is_counted_as_missing(client, school, operator):
    save(school, operator, {"lahan": 0})
    view = client.get(url(school)).context["view"]
    land = next(group for group in view.groups if group.group.key == "lahan")
    assert (land.filled, land.expected) == (1, 2)
    assert [cell.text for cell in land.cells] == ["0", ""]


def test_emptying_a_field_empties_the_cell_and_a_field_that_was_not_sent_stays(client, school, operator):
    save(school, operator, {"guru": 12, "mapel": 8})
    client.post(url(school), {"version": "1", "mapel": ""})
    assert BasicData.objects.get().values == {"guru": 12}


@pytest.mark.parametrize(
    ("sent", "at"),
    [
        ({"guru": "dua belas"}, "guru"),
        ({"guru": "-1"}, "guru"),
        ({"guru": "12", "guru_sertifikat": "13"}, "guru_sertifikat"),
        ({"ruang_ada_kelas": "6", "ruang_layak_kelas": "7"}, "ruang_layak_kelas"),
        ({"kepala_s1": "mungkin"}, "kepala_s1"),
    ],
)
def test_what_was_typed_stays_with_the_message_beside_its_field(client, school, operator, sent, at):
    response = client.post(url(school), {"version": "0", "mapel": "8", **sent})
    page = page_of(response)
    assert response.status_code == 422
    assert not BasicData.objects.exists()
    assert 'value="8"' in field(page, "mapel")
    assert 'aria-invalid="true"' in field(page, at)
    assert f'href="#isian-{at}"' in page
    assert sent[at] in page


def test_both_kinds_of_faults_are_told_at_once(client, school, operator):
    response = client.post(url(school), {"version": "0", "mapel": "x", "guru": "1", "guru_s1": "2"})
    assert {cell.cell.code for cell in response.context["view"].troubled} == {"mapel", "guru_s1"}


def test_what_is_unusual_is_saved_and_pointed_out(client, school, operator):
    client.post(url(school), {"version": "0", "murid_l_1": "12", "murid_p_1": "9", "rombel_1": "0"})
    page = page_of(client.get(url(school)))
    assert BasicData.objects.get().values["rombel_1"] == 0
    assert "Ada murid pada tingkat ini, tetapi rombelnya 0." in page


def test_a_conflict_shows_both_and_the_next_save_decides(client, school, operator):
    head = person_at(school, Role.PRINCIPAL)
    save(school, head, {"guru": 10, "mapel": 8})
    response = client.post(url(school), {"version": "0", "guru": "12", "mapel": "8"})
    page = page_of(response)
    assert response.status_code == 409
    assert BasicData.objects.get().values["guru"] == 10
    assert head.name in page
    assert page.count("Yang tersimpan sekarang:") == 1
    assert "Yang tersimpan sekarang: 10" in page
    assert 'value="12"' in field(page, "guru")
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    client.post(url(school), {"version": version, "guru": "12", "mapel": "8"})
    assert BasicData.objects.get().values["guru"] == 12


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "١"])
def test_a_form_without_a_version_saves_nothing_and_keeps_what_was_typed(client, school, operator, version):
    response = client.post(url(school), {"version": version, "guru": "12"})
    assert response.status_code == 422
    assert 'value="12"' in field(page_of(response), "guru")
    assert not BasicData.objects.exists()


def test_a_reader_sees_the_figures_and_no_fields(client, school, operator):
    save(school, operator, {"guru": 12})
    client.force_login(person_at(school, Role.COMMITTEE))
    page = page_of(client.get(url(school)))
    assert "12 guru" in page
    assert 'name="guru"' not in page
    assert "operator, kepala, atau tim mutu" in page
    assert url(school, "basic_data_import") not in page
    assert client.post(url(school), {"version": "1", "guru": "1"}).status_code == 403


def test_a_madrasah_reads_its_own_words(client):
    school = SchoolFactory(form="MI", naungan=Naungan.KEMENAG)
    client.force_login(person_at(school, Role.OPERATOR))
    page = page_of(client.get(url(school)))
    assert "EMIS" in page
    assert "Dapodik" not in page


def test_a_vocational_school_gets_spare_rows_for_its_programmes(client):
    school = SchoolFactory(form="SMK")
    client.force_login(person_at(school, Role.OPERATOR))
    sent = {"version": "0", "keahlian_nama_1": "Teknik Otomotif", "keahlian_murid_1": "60", "keahlian_nama_2": "TKJ"}
    client.post(url(school), sent)
    page = page_of(client.get(url(school)))
    assert 'value="Teknik Otomotif"' in field(page, "keahlian_nama_1")
    assert 'name="keahlian_nama_4"' in page
    assert 'name="keahlian_nama_5"' not in page


def test_the_page_says_that_no_personal_data_belongs_here(client, school, operator):
    assert "data pribadi murid atau guru tidak disimpan di sini" in page_of(client.get(url(school)))


@pytest.mark.parametrize("year", [1999, 2028, 2101])
def test_years_that_are_none_or_too_far_ahead_are_not_found(client, school, operator, year):
    assert client.get(url(school, year=year)).status_code == 404
    assert client.get(url(school, "basic_data_template", year)).status_code == 404
    assert client.post(url(school, "basic_data_import", year), {}).status_code == 404


def test_a_closed_school_is_told_why_nothing_changes_any_more(client, school, operator):
    school.status = SchoolStatus.CLOSED
    school.save()
    assert "tidak diubah lagi" in page_of(client.get(url(school)))
    assert client.post(url(school), {"version": "0", "guru": "1"}).status_code == 409


@pytest.mark.parametrize("form", ["SD", "SMK"])
def test_the_number_of_queries_does_not_depend_on_the_number_of_figures(client, django_assert_num_queries, form):
    school = SchoolFactory(form=form)
    operator = person_at(school, Role.OPERATOR)
    client.force_login(operator)
    with django_assert_num_queries(5):  # session, person, appointments, school, sheet
        client.get(url(school))
    cells = form_sheet(form, school.naungan).cells
    save(school, operator, {code: 0 for code, cell in cells.items() if cell.kind in ("number", "area")})
    with django_assert_num_queries(5):
        client.get(url(school))


# --- the spreadsheet --------------------------------------------------------------------------------


def filled(school, values):
    sheet = form_sheet(school.form, school.naungan)
    return write_template(sheet, values, npsn=school.npsn, school=school.name, year=YEAR)


def send(client, school, data, name="data-pokok.xlsx"):
    return client.post(url(school, "basic_data_import"), {"file": SimpleUploadedFile(name, data)})


def token(response):
    return response.context["token"]


def test_the_template_carries_the_present_values(client, school, operator):
    save(school, operator, {"guru": 12, "kepala_s1": True})
    response = client.get(url(school, "basic_data_template"))
    assert response["Content-Disposition"] == 'attachment; filename="data-pokok-20999901-2026.xlsx"'
    found = read_upload(response.content, form_sheet("SD", school.naungan), npsn=school.npsn, year=YEAR)
    assert found.values == {"guru": 12, "kepala_s1": True}


def test_a_template_that_comes_back_unchanged_changes_nothing(client, school, operator):
    save(school, operator, {"guru": 12, "kepala_s1": True})
    response = send(client, school, client.get(url(school, "basic_data_template")).content)
    assert response.status_code == 200
    assert response.context["preview"].changes == []
    assert response.context["preview"].emptied == []
    assert 'name="pratinjau"' not in page_of(response)


def test_the_preview_shows_old_and_new_and_stores_nothing(client, school, operator):
    save(school, operator, {"guru": 12})
    response = send(client, school, filled(school, {"guru": 14, "mapel": 8}))
    assert [(change.cell.code, change.old, change.new) for change in response.context["preview"].changes] == [
        ("guru", "12", "14"),
        ("mapel", "", "8"),
    ]
    assert BasicData.objects.get().values == {"guru": 12}


def test_the_confirmation_stores_what_the_preview_showed(client, school, operator):
    save(school, operator, {"guru": 12, "lahan": 900})
    shown = send(client, school, filled(school, {"guru": 14, "mapel": 8}))
    response = client.post(url(school, "basic_data_import"), {"pratinjau": token(shown)})
    assert response["Location"] == url(school)
    assert BasicData.objects.get().values == {"guru": 14, "mapel": 8, "lahan": 900}


def test_empty_cells_keep_the_old_value_unless_they_are_ticked(client, school, operator):
    save(school, operator, {"guru": 12, "lahan": 900, "lantai": 400})
    shown = send(client, school, filled(school, {"guru": 12}))
    assert [change.cell.code for change in shown.context["preview"].emptied] == ["lahan", "lantai"]
    client.post(url(school, "basic_data_import"), {"pratinjau": token(shown), "kosongkan": ["lahan", "guru"]})
    assert BasicData.objects.get().values == {"guru": 12, "lantai": 400}


def test_figures_of_the_file_that_contradict_stored_ones_are_named_with_their_place(client, school, operator):
    save(school, operator, {"guru": 12})
    data = filled(school, {"guru_sertifikat": 13})
    response = send(client, school, data)
    page = load_workbook(io.BytesIO(data))[PAGE]
    row = next(row[0].row for row in page.iter_rows() if row[0].value == "guru_sertifikat")
    assert response.status_code == 422
    assert response.context["problems"][0].startswith(f"{PAGE}!D{row}: Guru bersertifikat pendidik")
    assert 'name="pratinjau"' not in page_of(response)


def test_emptying_a_cell_that_others_need_not_is_checked_again(client, school, operator):
    save(school, operator, {"murid_tidak_mampu": 5, "murid_bebas_biaya": 3})
    shown = send(client, school, filled(school, {"murid_bebas_biaya": 4}))
    client.post(url(school, "basic_data_import"), {"pratinjau": token(shown), "kosongkan": ["murid_tidak_mampu"]})
    assert BasicData.objects.get().values == {"murid_bebas_biaya": 4}


def test_a_sheet_that_changed_after_the_preview_is_compared_anew(client, school, operator):
    save(school, operator, {"guru": 12})
    shown = send(client, school, filled(school, {"guru": 14}))
    save(school, person_at(school, Role.PRINCIPAL), {"guru": 13, "mapel": 8}, version=1)
    response = client.post(url(school, "basic_data_import"), {"pratinjau": token(shown)})
    assert response.status_code == 409
    assert [(change.old, change.new) for change in response.context["preview"].changes] == [("13", "14")]
    assert BasicData.objects.get().values == {"guru": 13, "mapel": 8}
    client.post(url(school, "basic_data_import"), {"pratinjau": token(response)})
    assert BasicData.objects.get().values == {"guru": 14, "mapel": 8}


def test_a_preview_serves_only_its_person_school_and_year_and_only_for_two_hours(client, school, operator, monkeypatch):
    good = token(send(client, school, filled(school, {"guru": 14})))
    address = url(school, "basic_data_import")
    assert client.post(address, {"pratinjau": good + "x"}).status_code == 422
    assert client.post(address, {"pratinjau": ""}).status_code == 422
    assert client.post(address, {"pratinjau": signing.dumps({"values": {}})}).status_code == 422
    assert client.post(url(school, "basic_data_import", 2025), {"pratinjau": good}).status_code == 422
    client.force_login(person_at(school, Role.PRINCIPAL))
    assert client.post(address, {"pratinjau": good}).status_code == 422
    client.force_login(operator)
    monkeypatch.setattr(basic_data_import, "LIFETIME", timedelta(seconds=-1))
    assert client.post(address, {"pratinjau": good}).status_code == 409
    assert not BasicData.objects.exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"", "kosong"), (b"nama;jumlah\n", "teks atau CSV"), (b"PK\x03\x04 x", "rusak"), (b"%PDF-1.7", "PDF")],
)
def test_a_file_that_cannot_be_read_says_what_to_do_and_changes_nothing(client, school, operator, data, message):
    save(school, operator, {"guru": 12})
    response = send(client, school, data)
    assert response.status_code == 422
    assert message in response.context["problems"][0]
    assert BasicData.objects.get().values == {"guru": 12}


def test_a_form_without_a_file_and_a_file_that_is_too_large_say_so(client, school, operator, settings):
    assert client.post(url(school, "basic_data_import"), {}).status_code == 422
    settings.UPLOAD_LIMIT = 1000
    assert send(client, school, filled(school, {})).status_code == 413


def test_a_file_of_another_school_is_refused(client, school, operator):
    other = SchoolFactory()
    response = send(client, school, filled(other, {"guru": 12}))
    assert response.status_code == 422
    assert f"berkas ini untuk NPSN '{other.npsn}'" in response.context["problems"][0]
