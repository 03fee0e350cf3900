"""Logging in with an e-mail address or a user name, and what happens to people who guess."""

import pytest
from django.urls import reverse

from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def log_in(client, login, password=PASSWORD):
    client.post(reverse("account_login"), {"login": login, "password": password})
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("typed", ["guru.contoh@sekolah.id", "GURU.contoh@Sekolah.ID", "guru.contoh", "Guru.Contoh"])
def test_people_log_in_with_either_name_in_any_case(client, typed):
    UserFactory(username="guru.contoh", email="guru.contoh@sekolah.id")
    assert log_in(client, typed)


def test_people_without_email_log_in_with_the_name_the_school_gave(client):
    UserFactory(username="dwi.sd", email="")
    assert log_in(client, "dwi.sd")


@pytest.mark.parametrize(("login", "password"), [("guru.contoh", "salah"), ("tidak.ada", PASSWORD), ("", "")])
def test_a_wrong_name_or_password_does_not_log_in(client, login, password):
    UserFactory(username="guru.contoh")
    assert not log_in(client, login, password)


def test_an_inactive_person_does_not_log_in(client):
    UserFactory(username="guru.contoh", is_active=False)
    assert not log_in(client, "guru.contoh")


def test_guessing_one_account_is_throttled_and_leaves_others_alone(client):
    UserFactory(username="guru.contoh")
    UserFactory(username="guru.lain")
    for number in range(8):
        assert not log_in(client, "guru.contoh", f"salah-{number}")
    assert not log_in(client, "guru.contoh")  # right at last, but too late
    assert log_in(client, "guru.lain")  # a colleague behind the same address


def test_strangers_cannot_sign_up(client):
    before = client.get(reverse("account_signup"))
    assert before.status_code == 200
    client.post(reverse("account_signup"), {"username": "orang.asing", "password1": PASSWORD, "password2": PASSWORD})
    assert not log_in(client, "orang.asing")


def test_logging_out_ends_the_session(client):
    user = UserFactory()
    client.force_login(user)
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


def test_a_page_behind_the_login_leads_back_to_itself(client):
    response = client.get(reverse("accounts", args=["20999901"]))
    assert response.status_code == 302
    assert response.url == f"{reverse('account_login')}?next={reverse('accounts', args=['20999901'])}"
