"""Evidence through the addresses: uploading, linking, taking away, and who may read which file."""

import io
import zipfile

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from evaluations import files
from evaluations.models import Evidence, EvidenceLink, EvidenceRevision, StoredFile
from evaluations.services.evidence import add_evidence
from schools.choices import Role
from tests.factories import OfficeFactory, Place, person_at

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
HTMX = {"HTTP_HX_REQUEST": "true"}
ITEM = "8.3.1.a"


def a_pdf(pages: int = 1) -> bytes:
    file = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page()
        pdf.save(file)
    return file.getvalue()


def a_png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(file, "PNG")
    return file.getvalue()


PDF, PNG = a_pdf(), a_png()


@pytest.fixture
def place():
    return Place()


def url(place, name, *args):
    return reverse(f"evaluations:{name}", args=[place.school.npsn, place.cycle.year, *args])


def upload(client, place, *uploads, htmx=None, **data):
    uploads = uploads or (("rkas.pdf", PDF),)
    sent = [SimpleUploadedFile(name, content) for name, content in uploads]
    return client.post(url(place, "evidence_add", "8"), {"item": ITEM, "file": sent} | data, **(htmx or {}))


def attach(place, title="RKAS", data=PDF, **kwargs):
    section = place.section()
    return add_evidence(section.pk, ITEM, name="rkas.pdf", data=data, title=title, actor=place.teacher, **kwargs)


def test_an_upload_is_stored_linked_and_leads_back_to_the_question(client, place):
    client.force_login(place.teacher)
    response = upload(client, place, title="RKAS 2026", kind="DATA", dated="2026-07-20", confidential="1")
    assert response["Location"] == url(place, "section", "8") + "#butir-8-3-1-a"
    evidence = Evidence.objects.get()
    assert (evidence.title, evidence.kind, str(evidence.dated), evidence.confidential) == (
        "RKAS 2026", "DATA", "2026-07-20", True,
    )  # fmt: skip
    assert EvidenceLink.objects.get().item_code == ITEM


def test_htmx_gets_the_evidence_of_that_question_again(client, place):
    client.force_login(place.teacher)
    page = upload(client, place, htmx=HTMX, title="RKAS 2026").content.decode()
    assert 'id="bukti-8-3-1-a"' in page
    assert "RKAS 2026" in page
    assert "<html" not in page


def test_several_files_become_several_pieces_of_evidence(client, place):
    client.force_login(place.teacher)
    upload(client, place, ("a.pdf", PDF), ("b.png", PNG))
    assert sorted(Evidence.objects.values_list("title", flat=True)) == ["a", "b"]


@pytest.mark.parametrize("htmx", [{}, HTMX])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("kosong.pdf", b""),
        ("virus.exe", b"MZ" + b"\0" * 100),
        ("foto.png", PDF),
        ("rusak.pdf", b"%PDF-1.4 terpotong"),
        ("tanpa-akhiran", PDF),
        ("makro.xlsm", b"PK\x03\x04"),
    ],
)
def test_a_bad_file_is_refused_with_a_message_and_nothing_is_stored(client, place, name, content, htmx):
    client.force_login(place.teacher)
    response = upload(client, place, (name, content), htmx=htmx, title="Judul saya")
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert "Judul saya" in response.content.decode()
    assert not StoredFile.objects.exists()


def test_one_bad_file_among_several_leaves_nothing_behind_and_is_named(client, place):
    client.force_login(place.teacher)
    response = upload(client, place, ("baik.pdf", PDF), ("buruk.pdf", b"bukan pdf"))
    assert response.status_code == 422
    assert "buruk.pdf" in response.content.decode()
    assert not Evidence.objects.exists()


@pytest.mark.parametrize("htmx", [{}, HTMX])
def test_a_file_over_the_limit_is_answered_with_413_and_the_limit(client, place, settings, htmx):
    settings.UPLOAD_LIMIT = 1024 * 1024
    client.force_login(place.teacher)
    response = upload(client, place, ("besar.pdf", PDF + b"0" * 1024 * 1024), htmx=htmx)
    assert response.status_code == 413
    assert "1,0 MB" in response.content.decode()
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.pdf", "C:\\Users\\Ani\\rkas.pdf", "rk\u202eas.pdf", "a" * 300 + ".pdf", "rkas “2026”; baru.pdf"],
)
def test_a_strange_file_name_is_cleaned_and_the_file_comes_back(client, place, name):
    client.force_login(place.teacher)
    assert upload(client, place, (name, PDF)).status_code == 302
    revision = EvidenceRevision.objects.get()
    assert "/" not in revision.original_name
    assert len(revision.original_name) <= 150
    assert revision.original_name.endswith(".pdf")
    assert b"".join(client.get(url(place, "evidence_file", revision.code)).streaming_content) == PDF


@pytest.mark.parametrize(
    "data",
    [
        {"item": "8.9.9.z"},
        {"kind": "RAHASIA"},
        {"dated": "kemarin"},
        {"dated": "2026-08-02", "valid_until": "2026-08-01"},
        {"replaces": "TIDAKADA"},
    ],
)
def test_tampered_values_are_refused_and_nothing_is_stored(client, place, data):
    client.force_login(place.teacher)
    assert upload(client, place, **data).status_code in {404, 422}
    assert not Evidence.objects.exists()


@pytest.mark.parametrize("name", ["evidence_add", "evidence_unlink"])
def test_no_question_is_answered_with_a_message_that_says_so(client, place, name):
    client.force_login(place.teacher)
    response = client.post(url(place, name, "8"), {})
    assert response.status_code == 422
    assert "pertanyaan mana" in response.content.decode()


def test_several_files_cannot_replace_one(client, place):
    code = attach(place).revision.evidence.code
    client.force_login(place.teacher)
    response = upload(client, place, ("a.pdf", a_pdf(2)), ("b.png", PNG), replaces=code)
    assert response.status_code == 422
    assert "satu berkas saja" in response.content.decode()
    assert EvidenceRevision.objects.count() == 1


def test_several_files_with_one_title_are_numbered(client, place):
    client.force_login(place.teacher)
    for _ in range(2):
        upload(client, place, ("a.pdf", PDF), ("b.png", PNG), title="Rapat", confidential="1")
    found = Evidence.objects.values_list("title", "confidential").order_by("title")
    assert list(found) == [("Rapat (1)", True), ("Rapat (2)", True)]


def test_a_replacement_marked_confidential_is_confidential(client, place):
    code = attach(place).revision.evidence.code
    client.force_login(place.teacher)
    upload(client, place, ("lebih-jelas.pdf", a_pdf(2)), replaces=code, confidential="1")
    assert Evidence.objects.get().confidential


def test_no_file_is_answered_with_a_message(client, place):
    client.force_login(place.teacher)
    assert client.post(url(place, "evidence_add", "8"), {"item": ITEM}).status_code == 422


def test_a_double_upload_leaves_one_piece_of_evidence(client, place):
    client.force_login(place.teacher)
    for _ in range(2):
        upload(client, place)
    assert EvidenceLink.objects.count() == EvidenceRevision.objects.count() == 1


def test_a_better_file_replaces_the_older_one(client, place):
    first = attach(place)
    client.force_login(place.teacher)
    upload(client, place, ("lebih-jelas.pdf", a_pdf(2)), replaces=first.revision.evidence.code)
    link = EvidenceLink.objects.get()
    assert link.revision.number == 2
    assert link.revision.evidence == first.revision.evidence


def test_evidence_of_the_school_is_linked_to_one_more_question(client, place):
    code = attach(place).revision.evidence.code
    client.force_login(place.teacher)
    data = {"item": "8.1.1.a", "existing": code.lower()}
    assert client.post(url(place, "evidence_add", "8"), data).status_code == 302
    assert set(EvidenceLink.objects.values_list("item_code", flat=True)) == {ITEM, "8.1.1.a"}


def test_evidence_of_another_school_cannot_be_linked(client, place):
    code = attach(Place()).revision.evidence.code
    client.force_login(place.teacher)
    assert client.post(url(place, "evidence_add", "8"), {"item": ITEM, "existing": code}).status_code == 422


def test_evidence_is_taken_away_and_its_file_stays(client, place):
    revision = attach(place).revision
    client.force_login(place.teacher)
    data = {"item": ITEM, "revision": revision.code}
    assert client.post(url(place, "evidence_unlink", "8"), data).status_code == 302
    assert not EvidenceLink.objects.exists()
    assert client.get(url(place, "evidence_file", revision.code)).status_code == 200
    assert client.post(url(place, "evidence_unlink", "8"), data).status_code == 409


def test_only_those_who_fill_in_may_attach_and_only_while_it_is_open(client, place):
    for person in (place.team, place.supervisor, person_at(place.school, Role.COMMITTEE)):
        client.force_login(person)
        assert upload(client, place).status_code == 403
    client.force_login(Place().teacher)
    assert upload(client, place).status_code == 404
    place.fill()
    place.submit()
    client.force_login(place.teacher)
    assert upload(client, place).status_code == 409
    assert not Evidence.objects.exists()


# --- reading files ------------------------------------------------------------------------------------


def read(client, place, person, revision):
    client.force_login(person)
    return client.get(url(place, "evidence_file", revision.code))


def test_a_file_leaves_with_its_sniffed_type_and_safe_headers(client, place):
    revision = attach(place).revision
    response = read(client, place, place.teacher, revision)
    assert response["Content-Type"] == files.PDF
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Disposition"].startswith("inline")
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_a_document_that_browsers_do_not_show_safely_is_an_attachment(client, place):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    section = place.section()
    link = add_evidence(section.pk, ITEM, name="rekap café.xlsx", data=file.getvalue(), actor=place.teacher)
    response = read(client, place, place.principal, link.revision)
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''rekap%20caf")
    assert response["Content-Security-Policy"].startswith("sandbox")


def test_supervisors_read_what_was_submitted_and_never_what_is_confidential(client, place):
    place.fill()
    open_one = attach(place, "Terbuka").revision
    secret = attach(place, "Rahasia", a_pdf(3), confidential=True).revision
    assert read(client, place, place.supervisor, open_one).status_code == 403
    place.submit()
    assert read(client, place, place.supervisor, open_one).status_code == 200
    assert read(client, place, place.supervisor, secret).status_code == 403
    page = client.get(url(place, "section", "8")).content.decode()
    assert "Terbuka" in page
    assert "Rahasia" not in page


def test_offices_strangers_and_people_without_login_read_no_file(client, place):
    revision = attach(place).revision
    place.fill()
    place.submit()
    office = OfficeFactory()
    office.regions.add(place.school.region)
    assert read(client, place, person_at(None, Role.OFFICE, office=office), revision).status_code == 403
    assert read(client, place, Place().principal, revision).status_code == 404
    client.logout()
    assert client.get(url(place, "evidence_file", revision.code)).status_code == 302


@pytest.mark.parametrize("code", ["TIDAKADA", "%00", "..%2f..%2fsecret"])
def test_an_unknown_code_is_not_found(client, place, code):
    client.force_login(place.teacher)
    assert client.get(url(place, "cycle") + f"bukti/{code}/").status_code == 404


def test_a_file_of_another_school_is_not_found_under_the_own_address(client, place):
    foreign = attach(Place()).revision
    assert read(client, place, place.principal, foreign).status_code == 404


def test_a_file_that_the_storage_has_lost_is_not_found_and_logged(client, place, caplog):
    revision = attach(place).revision
    files.default_storage.delete(revision.file.path)
    response = read(client, place, place.teacher, revision)
    assert response.status_code == 404
    assert "penyimpanan" in response.content.decode()
    assert revision.code in caplog.text


def test_a_large_file_over_the_pages_memory_is_stored_whole(client, place):
    noise = io.BytesIO()
    Image.effect_noise((1900, 1900), 90).save(noise, "PNG")
    assert noise.tell() > 2_621_440  # beyond the size that Django keeps in memory
    client.force_login(place.teacher)
    assert upload(client, place, ("besar.png", noise.getvalue())).status_code == 302
    assert StoredFile.objects.get().size == noise.tell()
