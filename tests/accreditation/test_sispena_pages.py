"""The pages for Sispena: what stands there, for whom, and what happens to what people type."""

from __future__ import annotations

import io
from datetime import date, timedelta
from html.parser import HTMLParser

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.urls import reverse

from accreditation.models import CompulsoryUpload, PerformanceText
from accreditation.performance_docx import CONTENT_TYPE
from common import clock
from evaluations.models import Evidence, EvidenceLink
from schools.choices import Role
from schools.models import SchoolIdentifier, User
from tests.accreditation.sispena_steps import SispenaPlace
from tests.evaluations import uploads
from tests.factories import AssignmentFactory, OfficeFactory, Place, SchoolFactory, person_at

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
HOSTILE = "<script>alert(1)</script></textarea><b>"


@pytest.fixture
def place() -> SispenaPlace:
    return SispenaPlace()


def url(place: Place, name: str = "sispena", *args: str, scheme: str = "ia-2024") -> str:
    return reverse(f"accreditation:{name}", args=[place.school.npsn, place.cycle.year, scheme, *args])


def get(client, place: Place, name: str = "sispena", *args: str, user: User | None = None, more: str = "", **kw):
    client.force_login(user or place.team)
    return client.get(url(place, name, *args, **kw) + more)


def post(client, place: Place, name: str, arg: str, data: dict, user: User | None = None):
    client.force_login(user or place.team)
    return client.post(url(place, name, arg), data)


def text(response) -> str:
    return " ".join(response.content.decode().split())


class _Field(HTMLParser):
    """What stands in the field of the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.inside, self.found = False, ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.inside = self.inside or (tag == "textarea" and dict(attrs).get("id") == "id_text")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "textarea"

    def handle_data(self, data):
        self.found += data if self.inside else ""


def field(response) -> str:
    return _Field(response.content.decode()).found.strip()


def basis(response) -> str:
    return response.context["view"].seen


def save(client, place: SispenaPlace, typed: str = "Naskah", *, version: int | str = 0, mark: str = "", **kw):
    return post(client, place, "sispena_text", "1.1", {"text": typed, "version": version, "basis": mark}, **kw)


def file(seed: int = 5) -> SimpleUploadedFile:
    return SimpleUploadedFile("kurikulum.pdf", uploads.pdf(seed=seed), "application/pdf")


# --- who ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.GUEST_REVIEWER, Role.SUPERVISOR])
def test_nobody_from_outside_reads_anything(client, place, role):
    person = person_at(place.school, role)
    for name, args in (
        ("sispena", ()),
        ("sispena_text", ("1.1",)),
        ("sispena_docx", ()),
        ("sispena_text_docx", ("1.1",)),
    ):
        assert get(client, place, name, *args, user=person).status_code == 403, name
    assert post(client, place, "sispena_document", "kurikulum", {"file": file()}, user=person).status_code == 403
    assert save(client, place, user=person).status_code == 403
    assert not PerformanceText.objects.exists()


def test_an_office_is_refused_and_a_foreign_school_does_not_find_it(client, place):
    office = OfficeFactory()
    office.regions.add(place.school.region)
    person = AssignmentFactory(school=None, office=office, role=Role.OFFICE).person
    assert get(client, place, user=person).status_code == 403
    assert get(client, place, user=person_at(SchoolFactory(), Role.PRINCIPAL)).status_code == 404


def test_who_may_only_read_sees_no_way_to_change_and_is_refused(client, place):
    person = person_at(place.school, Role.COMMITTEE)
    page = text(get(client, place, user=person))
    assert "Halaman ini untuk dibaca." in page
    assert "Tautkan atau unggah" not in page
    butir = get(client, place, "sispena_text", "1.1", user=person)
    assert "readonly" in text(butir)
    assert "Simpan naskah" not in text(butir)
    assert save(client, place, user=person).status_code == 403
    assert post(client, place, "sispena_document", "kurikulum", {"file": file()}, user=person).status_code == 403
    assert (
        post(client, place, "sispena_document_unlink", "kurikulum", {"evidence": "X"}, user=person).status_code == 403
    )


def test_the_tab_stands_where_there_are_documents(client, place):
    assert url(place) in text(get(client, place, "readiness"))
    assert url(place, scheme="ban-2017") not in text(get(client, place, "readiness", scheme="ban-2017"))
    assert get(client, place, scheme="ban-2017").status_code == 404


def test_a_former_number_leads_to_the_present_one(client, place):
    SchoolIdentifier.objects.create(
        school=place.school, kind="NPSN", value="20000001", valid_from=date(2010, 1, 1), valid_to=date(2020, 6, 30)
    )
    for name, args in (("sispena", ()), ("sispena_text", ("1.1",)), ("sispena_docx", ())):
        address = url(place, name, *args)
        client.force_login(place.team)
        response = client.get(address.replace(place.school.npsn, "20000001"))
        assert (response.status_code, response.url) == (302, address)


# --- descriptions ---------------------------------------------------------------------------------------


def test_a_butir_begins_with_a_draft_from_the_notes(client, place):
    place.say("1.1.1", 3, note="Guru menyimak murid.")
    page = get(client, place, "sispena_text", "1.1")
    assert "Catatan sekolah: Guru menyimak murid." in field(page)
    assert "Belum ada catatan untuk indikator ini." in field(page)
    assert "Ini usulan dari catatan dan belum disimpan." in text(page)
    assert not PerformanceText.objects.exists()


def test_the_overview_says_how_each_butir_stands(client, place):
    def states() -> dict[str, str]:
        return {one.group.code: one.state[1] for one in get(client, place).context["page"].all_butir}

    assert set(states().values()) == {"Belum ada naskah"}
    save(client, place, mark=basis(get(client, place, "sispena_text", "1.1")))
    assert states()["1.1"] == "Naskah tersimpan"
    place.say("1.1.1", 2, note="baru")
    assert states()["1.1"] == "Catatan berubah"
    assert "berubah sesudah naskah ini disimpan" in text(get(client, place, "sispena_text", "1.1"))
    save(client, place, version=1, mark=basis(get(client, place, "sispena_text", "1.1")))
    assert states()["1.1"] == "Naskah tersimpan"
    link = place.prove("1.1.1", "Bukti")
    assert states()["1.1"] == "Catatan berubah"
    link.delete()
    assert states()["1.1"] == "Naskah tersimpan"
    assert states()["1.2"] == "Belum ada naskah"


def test_what_was_saved_stands_there_again_with_its_length(client, place):
    typed = "Satu dua\ntiga"
    assert save(client, place, typed.replace("\n", "\r\n")).status_code == 302
    page = get(client, place, "sispena_text", "1.1")
    assert field(page) == typed
    assert "3 kata, 13 tanda" in text(page)


def test_a_text_that_starts_with_an_empty_line_keeps_its_length_in_the_field(client, place):
    save(client, place, "\n\nIsi")
    assert field(get(client, place, "sispena_text", "1.1")) == "Isi"


def test_a_conflict_shows_both_texts_and_the_next_save_takes_place(client, place):
    save(client, place, "Milik rekan")
    page = save(client, place, "Milik saya")
    assert page.status_code == 409
    assert field(page) == "Milik saya"
    assert "Milik rekan" in text(page)
    assert save(client, place, "Gabungan", version=page.context["view"].version).status_code == 302
    assert PerformanceText.objects.get().text == "Gabungan"


def test_composing_anew_shows_both_and_changes_nothing_until_it_is_saved(client, place):
    save(client, place, "Naskah lama")
    place.say("1.1.1", 4, note="Catatan segar")
    page = get(client, place, "sispena_text", "1.1", more="?susun=1")
    assert "Catatan segar" in field(page)
    assert "Naskah lama" in text(page)
    assert "Ganti dengan naskah ini" in text(page)
    assert PerformanceText.objects.get().text == "Naskah lama"
    save(client, place, field(page), version=1, mark=basis(page))
    history = text(get(client, place, "sispena_text", "1.1"))
    assert "Catatan segar" in PerformanceText.objects.get().text
    assert "Naskah sebelumnya" in history
    assert "Naskah lama" in history


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999", "²"])
def test_without_a_version_nothing_is_saved_and_nothing_is_lost(client, place, version):
    page = save(client, place, "Yang saya ketik", version=version)
    assert page.status_code == 422
    assert field(page) == "Yang saya ketik"
    assert not PerformanceText.objects.exists()


def test_an_empty_text_is_refused(client, place):
    assert save(client, place, "  ").status_code == 422


def test_a_butir_that_does_not_exist_is_not_found(client, place):
    for name in ("sispena_text", "sispena_text_docx"):
        assert get(client, place, name, "9.9").status_code == 404


def test_hostile_text_is_shown_as_text(client, place):
    place.say("1.1.1", 3, note=HOSTILE)
    place.prove("2.5.1", HOSTILE)
    save(client, place, HOSTILE)
    save(client, place, HOSTILE + "2", version=1)
    for page in (
        get(client, place),
        get(client, place, "sispena_text", "1.1"),
        get(client, place, "sispena_text", "1.1", more="?susun=1"),
    ):
        assert "<script>alert" not in page.content.decode()
    assert field(get(client, place, "sispena_text", "1.1")) == HOSTILE + "2"


# --- files ----------------------------------------------------------------------------------------------


def paragraphs(response) -> list[tuple[str, str]]:
    assert response["Content-Type"] == CONTENT_TYPE
    return [(p.style.name, p.text) for p in docx.Document(io.BytesIO(response.content)).paragraphs if p.text.strip()]


def test_the_file_of_one_butir_says_whose_draft_it_is(client, place):
    save(client, place, "Kalimat pertama.\nKalimat kedua.")
    response = get(client, place, "sispena_text_docx", "1.1")
    rows = paragraphs(response)
    said = [row[1] for row in rows]
    assert said[:3] == ["Deskripsi Kinerja Asesi", place.school.name, f"NPSN: {place.school.npsn}"]
    assert "Tahun pelajaran: 2026/2027" in said
    assert "Skema: IA2024 (ia-2024 versi 2025.1)" in said
    assert any("bukan naskah resmi" in line for line in said)
    assert said[-2:] == ["Kalimat pertama.", "Kalimat kedua."]
    assert next(row for row in rows if row[0] == "Heading 2")[1].startswith("Butir 1.1. ")
    assert f'filename="deskripsi-kinerja-{place.school.npsn}-2026-1.1.docx"' in response["Content-Disposition"]


def test_the_file_of_all_has_every_butir_and_marks_what_was_not_saved(client, place):
    save(client, place, "Tersimpan.")
    rows = paragraphs(get(client, place, "sispena_docx"))
    assert sum(style == "Heading 2" for style, _ in rows) == 14
    assert sum(line.startswith("Usulan dari catatan") for _, line in rows) == 13
    assert sum(line.startswith("Disimpan oleh ") for _, line in rows) == 1
    assert ("Heading 3", place.scheme.layouts["SD"].items["1.2.1"].code) in [
        (style, line.split()[0]) for style, line in rows
    ]


def test_confidential_proof_reaches_neither_draft_nor_file(client, place):
    place.say("2.5.1", 3, note="terbuka")
    place.prove("2.5.1", "RAHASIA-SEKALI", confidential=True)
    assert "RAHASIA-SEKALI" not in text(get(client, place, "sispena_text", "2.5"))
    assert "1 bukti bertanda rahasia" in text(get(client, place, "sispena_text", "2.5"))
    for name, args in (("sispena_docx", ()), ("sispena_text_docx", ("2.5",))):
        content = get(client, place, name, *args).content
        assert "RAHASIA-SEKALI" not in str(paragraphs_of(content))
    assert "RAHASIA-SEKALI" in text(get(client, place))  # under the windows, inside the school


def test_proof_that_becomes_confidential_after_a_text_named_it_is_taken_out_of_the_file(client, place):
    evidence = place.prove("1.1.1", "Rapor  murid").revision.evidence
    save(client, place, field(get(client, place, "sispena_text", "1.1")))
    assert "“Rapor murid”" in PerformanceText.objects.get().text
    assert "kini bertanda rahasia" not in text(get(client, place, "sispena_text", "1.1"))
    evidence.confidential = True
    evidence.save()
    page = text(get(client, place, "sispena_text", "1.1"))
    assert "Naskah yang tersimpan menyebut bukti yang kini bertanda rahasia: Rapor murid." in page
    assert "Catatan berubah" in page
    for name, args in (("sispena_docx", ()), ("sispena_text_docx", ("1.1",))):
        said = "\n".join(paragraphs_of(get(client, place, name, *args).content))
        assert "Rapor murid" not in said
        assert "(bukti rahasia)" in said
    EvidenceLink.objects.all().delete()
    said = "\n".join(paragraphs_of(get(client, place, "sispena_docx").content))
    assert "Rapor murid" not in said, "taken off the question, it is as confidential as before"


def test_open_proof_with_the_title_of_confidential_proof_is_named(client, place):
    place.prove("3.10.1", "Notulen", confidential=True)
    place.prove("1.1.1", "Notulen", seed=2)
    save(client, place, field(get(client, place, "sispena_text", "1.1")))
    assert "“Notulen”" in "\n".join(paragraphs_of(get(client, place, "sispena_docx").content))


def paragraphs_of(content: bytes) -> list[str]:
    return [p.text for p in docx.Document(io.BytesIO(content)).paragraphs]


def test_hostile_text_makes_a_file_that_opens(client, place):
    place.say("1.1.1", 3, note=HOSTILE + "\x0b\x1f" + "x" * 1900)
    save(client, place, HOSTILE + "\x0b" + "y" * 20000)
    assert HOSTILE + "\n" not in paragraphs_of(get(client, place, "sispena_docx").content)
    assert any(line.startswith(HOSTILE) for line in paragraphs_of(get(client, place, "sispena_docx").content))


# --- documents ------------------------------------------------------------------------------------------


def test_the_list_says_what_is_missing_and_that_there_is_no_template(client, place):
    page = get(client, place)
    assert [one.code for one in page.context["page"].missing] == [
        "kurikulum", "rencana-kerja", "anggaran", "kalender", "modul-ajar", "lingkungan",
    ]  # fmt: skip
    assert "tidak ada satu templat" in text(page)
    assert "terverifikasi sebagian" in text(page)


def test_a_new_file_is_kept_shown_and_can_be_downloaded(client, place):
    response = post(client, place, "sispena_document", "kurikulum", {"file": file(), "dated": "2026-07-01"})
    assert response.status_code == 302
    assert response.url.endswith("#dokumen-kurikulum")
    page = get(client, place)
    assert "Kurikulum satuan pendidikan 2026/2027" in text(page)
    assert "tertanggal 1 Juli 2026" in text(page)
    assert f"Ditautkan oleh {place.team}" in text(page)
    assert "Belum pernah diterima telaah" in text(page)
    document = page.context["page"].documents[0]
    download = client.get(document.uploads[0].url)
    assert b"".join(download.streaming_content) == uploads.pdf(seed=5)


def test_evidence_of_another_year_serves_and_can_be_taken_off(client, place):
    evidence = place.keep("Kalender tahun lalu", confidential=True)
    assert evidence.code in text(get(client, place))  # offered in the list
    assert post(client, place, "sispena_document", "kalender", {"existing": evidence.code}).status_code == 302
    assert "Rahasia." in text(get(client, place))
    response = post(client, place, "sispena_document_unlink", "kalender", {"evidence": evidence.code})
    assert response.status_code == 302
    assert not CompulsoryUpload.objects.exists()
    again = post(client, place, "sispena_document_unlink", "kalender", {"evidence": evidence.code})
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Pilih berkas"),
        ({"existing": "tidak ada"}, "tidak ditemukan"),
        ({"dated": "kemarin"}, "Tulis tanggal yang benar"),
        ({"kind": "VIDEO"}, "Pilih jenis bukti"),
    ],
)
def test_what_was_refused_says_why_and_keeps_what_was_typed(client, place, data, said):
    place.keep("Apa saja")
    page = post(client, place, "sispena_document", "kurikulum", {"title": "Judul saya", **data})
    assert page.status_code == 422
    assert said in text(page)
    if "existing" in data:
        assert 'value="tidak ada"' in text(page)
    else:
        assert 'value="Judul saya"' in text(page)
    assert not CompulsoryUpload.objects.exists()


def test_a_bad_and_a_large_file_are_refused(client, place):
    bad = SimpleUploadedFile("kurikulum.pdf", uploads.EXE)
    assert post(client, place, "sispena_document", "kurikulum", {"file": bad}).status_code == 422
    with override_settings(UPLOAD_LIMIT=100):
        assert post(client, place, "sispena_document", "kurikulum", {"file": file()}).status_code == 413
    assert not Evidence.objects.exists()


def test_a_document_that_nobody_asks_for_is_not_found(client, place):
    assert post(client, place, "sispena_document", "lainnya", {"file": file()}).status_code == 404


# --- windows --------------------------------------------------------------------------------------------


def test_old_and_undated_proof_is_named_with_the_day_from_which_it_counts(client, place):
    today = clock.today(place.school.time_zone)
    place.prove("2.5.3", "Bukti lama", dated=today - timedelta(days=400))
    place.prove("2.5.3", "Bukti baru", dated=today - timedelta(days=300))
    place.prove("2.5.3", "Bukti tanpa hari")
    page = get(client, place)
    window = next(one for one in page.context["page"].windows if one.code == "2.5.3")
    assert [(list_.name, [proof.title for proof in list_.proofs]) for list_ in window.standings] == [
        ("Terlalu lama", ["Bukti lama"]),
        ("Tanpa tanggal", ["Bukti tanpa hari"]),
        ("Masih berlaku", ["Bukti baru"]),
    ]
    assert window.state == ("attention", "2 dari 3 perlu dilihat")
    assert "setahun terakhir" in text(page)
    assert len(page.context["page"].windows) == 9


def test_a_form_without_butir_can_still_prepare_its_documents(client):
    slb = Place(edition="2026.1", form="SLB")
    page = get(client, slb)
    assert page.status_code == 200
    assert "Tidak ada rentang waktu yang diketahui" in text(page)
    assert len(page.context["page"].documents) == 6
    assert get(client, slb, "sispena_docx").status_code == 404
    readiness = get(client, slb, "readiness")
    assert [tab.name for tab in readiness.context["place"].tabs] == ["readiness", "sispena"]
    assert text(readiness).count("belum dapat dihitung untuk SLB") == 2, "the old instruments lead nowhere"


# --- queries --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 10])
def test_pages_take_the_same_queries_for_any_number_of_evidence(client, django_assert_num_queries, place, rows):
    for number in range(rows):
        evidence = place.prove("2.5.3", f"Bukti {number}", seed=number + 1).revision.evidence
        post(client, place, "sispena_document", "kurikulum", {"existing": evidence.code})
        save(client, place, f"Naskah {number}", version=number)
    get(client, place)
    # session, user, appointments, evaluation; IA2024, answers, links, confidential titles; texts; documents; shelf
    with django_assert_num_queries(11):
        client.get(url(place))
    # the first nine, and the history of the text
    with django_assert_num_queries(10):
        client.get(url(place, "sispena_text", "1.1"))
    with django_assert_num_queries(9):
        client.get(url(place, "sispena_docx"))
