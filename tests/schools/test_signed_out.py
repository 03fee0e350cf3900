"""A form that is sent after the session has ended leads back to its page, not to an address without one."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from schools.choices import Role
from schools.models import User
from tests.factories import PASSWORD, Place, SchoolFactory, person_at

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("referer", "leads_to"),
    [
        ("http://testserver/sekolah/20300001/2026/telaah/8/?x=1#a", "/sekolah/20300001/2026/telaah/8/?x=1"),
        ("https://jahat.example/sekolah/", "/"),
        ("", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_the_login_leads_back_to_the_page_of_the_form(client, referer, leads_to):
    place = Place()
    address = reverse("evaluations:review_return", args=[place.school.npsn, place.cycle.year, "8"])
    response = client.post(address, {"note": "Lengkapi."}, headers={"referer": referer})
    assert response.status_code == 302
    assert parse_qs(urlsplit(response["Location"]).query)["next"] == [leads_to]
    page = client.get(response["Location"]).content.decode()
    assert "yang baru dikirim belum tersimpan" in page


def test_an_address_without_a_page_says_so(client):
    school = SchoolFactory()
    client.force_login(person_at(school, Role.PRINCIPAL))
    response = client.get(reverse("evaluations:start_cycle", args=[school.npsn]))
    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert "hanya menerima kiriman" in response.content.decode()


def test_a_wrong_login_and_a_wrong_old_password_say_what_is_wrong(client):
    person = User.objects.create_user(username="rina", password=PASSWORD, name="Rina")
    page = client.post(reverse("account_login"), {"login": "rina", "password": "salah-sekali-1"}).content.decode()
    assert "tidak cocok dengan kata sandinya" in page
    client.force_login(person)
    sent = {"oldpassword": "salah-sekali-1", "password1": "sawah-hijau-27", "password2": "sawah-hijau-27"}
    assert (
        "Kata sandi lama yang Anda ketik tidak benar"
        in client.post(reverse("account_change_password"), sent).content.decode()
    )
