"""The public calculator: every scheme without login, nothing stored, hostile input answered, a limit per address."""

from __future__ import annotations

import logging
from typing import get_args

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accreditation.services.readiness import the_schemes
from schools.choices import Role
from standards.items import Form
from tests.factories import SchoolFactory, person_at

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
EVERY = [(key, form) for key in the_schemes() for form in get_args(Form)]
SUMS = {"isi": 109, "proses": 210, "skl": 95, "ptk": 200, "sarpras": 210, "pengelolaan": 160, "pembiayaan": 150,
        "penilaian": 174}  # fmt: skip


def address(key: str, form: str = "SD") -> str:
    return reverse("accreditation:calculate", args=[key, form])


def rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def filled(key: str, form: str, level: int = 3) -> dict[str, str]:
    scheme = the_schemes()[key]
    shown = scheme.spec.scale.letters[level] if scheme.spec.scale.letters else str(level)
    return {"way": "answers", **{f"item-{code}": shown for code in scheme.layouts[form].items}}


@pytest.mark.parametrize(("key", "form"), EVERY)
def test_every_scheme_answers_for_every_form_of_education(client, key, form):
    scheme = the_schemes()[key]
    page = client.get(address(key, form))
    assert page.status_code == 200
    assert f"skema {key} versi {scheme.spec.version}" in page.content.decode()
    if reason := scheme.reason(form):
        assert reason in page.content.decode()
        assert "<select" not in page.content.decode()
        refused = client.post(address(key, form), {"item-1": "3"})
        assert refused.status_code == 422
        assert reason in refused.content.decode()
        return
    answer = client.post(address(key, form), filled(key, form))
    html = answer.content.decode()
    assert answer.status_code == 200
    assert 'id="hasil"' in html
    assert "Dari mana angka ini?" in html
    assert "menurut hitungan ini" in html or "Tidak ada huruf di sini" in html


def test_the_one_in_force_stands_first_and_the_old_ones_under_their_heading(client):
    html = client.get(reverse("accreditation:calculator")).content.decode()
    for scheme in the_schemes().values():
        assert f"skema {scheme.key} versi {scheme.spec.version}" in html
    new, heading = html.index("Yang berlaku sekarang: IA2024"), html.index("Kalkulator instrumen lama")
    assert new < html.index(address("ia-2024")) < heading < html.index(address("iasp-2020"))
    assert heading < html.index(address("ban-2017"))
    assert "instrumen yang salah" in html


def test_an_old_calculator_leads_to_the_one_in_force(client):
    assert address("ia-2024", "MTs") in client.get(address("iasp-2020", "MTs")).content.decode()


def test_a_visitor_finds_it_from_the_login_page(client):
    html = client.get(reverse("account_login")).content.decode()
    assert html.count(f'href="{reverse("accreditation:calculator")}"') == 2  # the text and the footer


def test_the_sums_of_the_official_example_give_its_value(client):
    """docs/algorithms/ban-2017.md works this example out by hand: 84,79, rounded 85, B."""
    data = {"way": "obtained", **{f"sum-{code}": str(value) for code, value in SUMS.items()}}
    html = client.post(address("ban-2017"), data).content.decode()
    assert '<p class="figure-value">84,79</p>' in html
    assert "dibulatkan menjadi 85" in html
    assert '<p class="figure-value">B</p><p class="figure-note">Baik</p>' in html
    assert "Terakreditasi menurut hitungan ini" in html
    assert html.count("Terpenuhi") == 3
    assert "terletak antara" not in html
    assert 'value="109"' in html


def test_a_failed_condition_takes_the_letter(client):
    data = {"way": "obtained", **{f"sum-{code}": str(value) for code, value in (SUMS | {"sarpras": 130}).items()}}
    html = client.post(address("ban-2017"), data).content.decode()
    assert "Tidak terakreditasi menurut hitungan ini" in html
    assert "Belum terpenuhi" in html
    assert "Tanpa huruf" in html


def test_partial_input_gives_coverage_and_an_interval(client):
    html = client.post(address("iasp-2020"), {"item-1": "4", "item-2": "3"}).content.decode()
    assert "terisi 2 dari 44" in html  # 36 items and 8 statements
    assert "terletak antara" in html
    assert "Status belum dapat ditentukan dari yang terisi" in html


def test_iasp_shows_performance_and_index_and_says_what_the_entry_rule_means(client):
    data = filled("iasp-2020", "SMP") | {f"statement-{n}": "2" for n in range(1, 10)} | {"entry-izin": "tidak"}
    html = client.post(address("iasp-2020", "SMP"), data).content.decode()
    assert "Kinerja (IK)" in html
    assert "Indeks Pemenuhan Relatif (IPR): 50,00" in html
    assert "belum divisitasi" in html
    assert "Indikator Pemenuhan Mutlak (IPM) belum terpenuhi: Izin operasional" in html


def test_ia_2024_shows_the_spread_and_no_letter(client):
    html = client.post(address("ia-2024"), filled("ia-2024", "SD") | {"item-1.4.4": "NA", "item-2.6.3": "1"})
    html = html.content.decode()
    assert "Tidak ada huruf di sini" in html
    assert '<td class="num">43</td><td class="num">97,7 %</td>' in html
    assert "Yang terlemah: 1 indikator pada level 1 (Kurang)" in html
    assert "Rata-rata tiap butir" in html
    assert "Huruf menurut ambang" not in html


def test_a_letter_from_own_thresholds_is_marked_as_the_schools_assumption(client):
    data = filled("ia-2024", "SD") | {"threshold-A": "3,5", "threshold-B": "2,5"}
    html = client.post(address("ia-2024"), data).content.decode()
    assert '<p class="figure-value">B</p>' in html
    assert "Asumsi sendiri, bukan aturan badan akreditasi." in html


WRONG = [
    ("iasp-2020", {"item-1": "9"}, '<option value="9" selected>'),
    ("iasp-2020", {"item-1": "4" * 100_000, "item-2": "3"}, 'value="3" selected'),
    ("iasp-2020", {"item-1.1.1": "3", "item-2": "3"}, 'value="3" selected'),
    ("ban-2017", {"way": "obtained", "sum-isi": "banyak", "sum-skl": "95"}, 'value="banyak"'),
    ("ban-2017", {"way": "obtained", "sum-isi": "9" * 50_000, "sum-skl": "95"}, 'value="95"'),
    ("ban-2017", {"way": "keduanya", "sum-isi": "95"}, 'value="95"'),
    ("ban-2017", {"statement-1": "4", "sum-isi": "95"}, 'value="95"'),
    ("ia-2024", {"threshold-A": "2", "threshold-B": "3", "item-1.1.1": "3"}, 'value="3" selected'),
    ("ia-2024", {"item-1.1.1": "NA", "item-1.1.2": "2"}, 'value="2" selected'),
    ("ia-2024", {"item-1.1.1": "\0", "item-1.1.2": "2"}, 'value="2" selected'),
    ("ia-2024", {}, "Belum ada yang diisi"),
    ("ban-2017", {"way": "obtained", "item-1": "A"}, "Belum ada yang diisi"),
]


@pytest.mark.parametrize(("key", "data", "kept"), WRONG)
def test_wrong_input_is_answered_with_a_message_and_everything_typed(client, key, data, kept):
    answer = client.post(address(key), data)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'role="alert"' in html
    assert kept in html
    assert 'id="hasil"' not in html
    assert len(html) < 150_000


def test_more_fields_than_any_form_has_are_refused_before_they_are_read(client):
    answer = client.post(address("ban-2017"), {f"item-{n}": "A" for n in range(10_000)})
    assert answer.status_code == 413
    assert "terlalu banyak" in answer.content.decode()


@pytest.mark.parametrize("path", ["/kalkulator/ban-2020/SD/", "/kalkulator/ban-2017/TK/", "/kalkulator/ban-2017/sd/"])
def test_unknown_schemes_and_forms_do_not_exist(client, path):
    assert client.get(path).status_code == 404
    assert client.post(path, {"item-1": "A"}).status_code == 404


def test_nothing_is_stored_and_nobody_gets_a_session(client, caplog):
    before = rows()
    with caplog.at_level(logging.DEBUG):
        for key in the_schemes():
            answer = client.post(address(key), filled(key, "SD"))
            assert answer.status_code == 200
            assert "no-store" in answer["Cache-Control"]
    assert rows() == before
    assert not Session.objects.exists()
    assert set(client.cookies) <= {settings.CSRF_COOKIE_NAME}
    assert "item-1" not in caplog.text


@pytest.mark.parametrize("key", the_schemes())
def test_a_visitor_costs_no_query_at_all(client, key, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get(reverse("accreditation:calculator"))
        client.get(address(key))
        client.post(address(key), filled(key, "SD"))


def test_people_who_are_logged_in_may_use_it_too_and_nothing_is_written(client, django_assert_num_queries):
    client.force_login(person_at(SchoolFactory(), Role.CONTRIBUTOR))
    client.get(address("ia-2024"))
    before = rows()
    with django_assert_num_queries(3) as captured:  # session, person, appointments for the header
        assert client.post(address("ia-2024"), filled("ia-2024", "SD")).status_code == 200
    assert all(query["sql"].startswith("SELECT") for query in captured.captured_queries)
    assert rows() == before


def test_a_form_without_token_is_refused():
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(address("ia-2024"), filled("ia-2024", "SD")).status_code == 403


def test_one_address_calculates_only_so_often_and_keeps_what_was_typed(client, monkeypatch):
    monkeypatch.setitem(settings.ACCOUNT_RATE_LIMITS, "calculator", "3/m/ip")
    data = {"item-1.1.1": "3"}
    assert [client.post(address("ia-2024"), data).status_code for _ in range(3)] == [200] * 3
    busy = client.post(address("ia-2024"), data)
    assert busy.status_code == 429
    assert busy["Retry-After"] == "60"
    html = busy.content.decode()
    assert "Tunggu satu menit" in html
    assert '<option value="3" selected>' in html
    assert 'id="hasil"' not in html
    assert client.get(address("ia-2024")).status_code == 200  # reading is not counted
    assert client.post(address("ia-2024"), data, REMOTE_ADDR="203.0.113.9").status_code == 200


@pytest.mark.parametrize(
    ("proxies", "first", "second", "counted_together"),
    [
        (0, "10.0.0.1", "10.0.0.2", True),  # nobody stands before us: whatever is written there is made up
        (1, "10.0.0.1, 203.0.113.9", "10.0.0.2, 203.0.113.9", True),  # our proxy adds the last one alone
        (1, "203.0.113.9", "203.0.113.10", False),
    ],
)
def test_a_made_up_address_does_not_lead_the_limit_astray(client, settings, proxies, first, second, counted_together):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"calculator": "1/m/ip"}
    data = {"item-1.1.1": "3"}
    assert client.post(address("ia-2024"), data, headers={"X-Forwarded-For": first}).status_code == 200
    again = client.post(address("ia-2024"), data, headers={"X-Forwarded-For": second})
    assert again.status_code == (429 if counted_together else 200)


def test_the_limit_of_the_settings_is_the_one_that_the_page_names():
    assert settings.ACCOUNT_RATE_LIMITS["calculator"].endswith("/m/ip")


def test_no_page_calls_its_figures_official(client):
    pages = [client.get(reverse("accreditation:calculator"))]
    pages += [client.post(address(key), filled(key, "SD")) for key in the_schemes()]
    for page in pages:
        text = page.content.decode().lower()
        assert "prediksi" not in text
        assert "keputusan akreditasi ada pada ban-pdm" in text


@pytest.mark.parametrize("key", the_schemes())
def test_the_pages_stay_light(client, key):
    """Before compression: the largest form below 60 KB, with its result below 160 KB."""
    assert len(client.get(address(key)).content) < 60_000
    assert len(client.post(address(key), filled(key, "SD")).content) < 160_000
