"""What every address answers to requests that are out of the ordinary: a NUL, far too much at once."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from schools.choices import Role
from tests.factories import Place, person_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(client) -> Place:
    place = Place()
    client.force_login(place.principal)
    return place


@pytest.mark.parametrize(
    "path",
    [
        "/sekolah/%00/",
        "/sekolah/%00/2026/",
        "/sekolah/%00/2026/eds/8/",
        "/sekolah/{npsn}/2026/eds/%00/",
        "/sekolah/{npsn}/2026/eds/8/%00/",
        "/sekolah/{npsn}/2026/bukti/%00/",
        "/sekolah/{npsn}/2026/laporan/%00/status.json",
        "/sekolah/{npsn}/2026/laporan/%00/unduh/",
        "/tanda-terima/%00/",
    ],
)
def test_a_nul_in_an_address_is_not_found_on_either_database(client, place, path):
    assert client.get(path.format(npsn=place.school.npsn)).status_code == 404


def test_a_nul_in_an_address_that_takes_posts_is_not_found(client, place):
    person_at(place.school, Role.CONTRIBUTOR)
    assert client.post(f"/sekolah/{place.school.npsn}/akun/%00/kode/").status_code == 404


def test_far_too_long_a_text_is_answered_with_the_limit(client, place, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = client.post(f"/sekolah/{place.school.npsn}/2026/eds/8/8.3.1.a/", {"note": "a" * 2000, "level": "3"})
    assert response.status_code == 413
    assert "terlalu panjang" in response.content.decode()


def test_too_many_files_are_answered_with_the_limit(client, place, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 1
    files = [("a.pdf", b"1"), ("b.pdf", b"2")]
    sent = {"item": "8.3.1.a", "file": [SimpleUploadedFile(name, data) for name, data in files]}
    response = client.post(f"/sekolah/{place.school.npsn}/2026/eds/8/bukti/", sent)
    assert response.status_code == 413
    assert "Bagi menjadi beberapa kali unggah" in response.content.decode()


def test_too_many_fields_are_answered_with_a_message(client, place):
    response = client.post(f"/sekolah/{place.school.npsn}/2026/eds/8/8.3.1.a/", {f"x{n}": "1" for n in range(1100)})
    assert response.status_code == 413
    assert "terlalu banyak" in response.content.decode()
