"""The pages of the simulation: change levels in a copy, keep it, compare it. All of it stays inside the school."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from accreditation.models import Scenario, ScenarioKind
from accreditation.services import scenarios
from evaluations.models import Answer
from schools.choices import Role
from tests.accreditation.scenario_steps import (
    SUMS,
    answer_directly,
    enter,
    keep,
    letters,
    present,
    sent,
    url,
)
from tests.factories import Place, person_at

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
HTMX = {"HX-Request": "true"}
KILOBYTE = 1024


@pytest.fixture
def place() -> Place:
    place = Place()
    answer_directly(place, only="1.")
    return place


@pytest.fixture
def old(place) -> Place:
    """The same school with all letters of the instrument of 2017."""
    enter(place, "ban-2017", letters("B"))
    return place


def get(client, place, address, who="team", **kwargs):
    client.force_login(getattr(place, who))
    return client.get(address, **kwargs)


def post(client, place, address, data, who="team", **kwargs):
    client.force_login(getattr(place, who))
    return client.post(address, data, **kwargs)


def text(response) -> str:
    """The words of a page, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def chosen(response, name: str) -> str:
    found = re.search(rf'<select[^>]* name="{name}".*?</select>', response.content.decode(), re.DOTALL)
    assert found, name
    picked = re.search(r'<option value="([^"]*)" selected', found[0])
    return picked[1] if picked else ""


# --- calculating --------------------------------------------------------------------------------------


def test_the_page_opens_with_a_copy_of_the_present_levels(client, place):
    response = get(client, place, url(place, "what_if"))
    assert chosen(response, "item-1.1.1") == "3"
    assert chosen(response, "item-3.14.1") == ""
    assert "Rata-rata 3,00" in text(response)


def test_a_changed_level_moves_the_figures_and_nothing_is_stored(client, place):
    before = list(Answer.objects.order_by("pk").values())
    data = sent("ia-2024", scenarios.present_copy(present(place)).data) | {"item-1.1.1": "4"}
    page = post(client, place, url(place, "what_if"), data)
    assert page.status_code == 200
    assert "Rata-rata 3,06 +0,06" in text(page)
    assert chosen(page, "item-1.1.1") == "4"
    assert list(Answer.objects.order_by("pk").values()) == before
    assert not Scenario.objects.exists()


def test_a_change_on_the_page_brings_a_small_fragment(client, old):
    data = sent("ban-2017", letters("B")) | {"item-35": "E"}
    response = post(client, old, url(old, "what_if", key="ban-2017"), data, headers=HTMX)
    assert response.status_code == 200
    assert len(response.content) < 6 * KILOBYTE
    assert b"<html" not in response.content
    assert b'hx-swap-oob="true"' in response.content
    assert "Nilai akhir 73,79 −1,21" in text(response)
    assert "peringkat hitung C (Cukup)" in text(response)
    assert "Syarat terpenuhi 3 dari 3" in text(response)


def test_conditions_that_fail_are_named(client, old):
    room = {f"item-{number}": "E" for number in range(55, 76)}
    response = post(client, old, url(old, "what_if", key="ban-2017"), sent("ban-2017", letters("B")) | room)
    assert "Syarat terpenuhi 0 dari 3. Belum: Nilai akhir sedikitnya 71; Standar Sarana" in text(response)


def test_all_119_letters_make_a_light_page(client, old):
    response = get(client, old, url(old, "what_if", key="ban-2017"))
    assert response.content.count(b"<select") == 119
    assert len(response.content) < 150 * KILOBYTE


def test_faulty_input_is_named_and_everything_typed_stays(client, place):
    enter(place, "ban-2017", {"obtained": SUMS})
    data = sent("ban-2017", {"obtained": SUMS}) | {"sum-isi": "9999", "name": "Nama saya"}
    address = url(place, "what_if", key="ban-2017")
    fragment = post(client, place, address, data, headers=HTMX)
    assert fragment.status_code == 422
    assert "Belum dihitung: Standar Isi: " in text(fragment)
    assert b"oob" not in fragment.content
    page = post(client, place, address, data)
    assert page.status_code == 422
    assert b'value="9999"' in page.content
    assert b'value="Nama saya"' in page.content
    refused = post(client, place, url(place, "scenario_new", key="ban-2017"), data)
    assert refused.status_code == 422
    assert not Scenario.objects.exists()


def test_without_any_answer_the_page_says_what_to_do(client):
    place = Place()
    response = get(client, place, url(place, "what_if"))
    assert "Belum ada jawaban yang dapat disalin" in text(response)
    assert "Rata-rata belum terisi" in text(response)


def test_estimates_are_named(client):
    place = Place(edition="2026.1", scope="lengkap")
    place.fill("3")
    count = len(present(place).estimated)
    assert f"{count} angka sekarang baru perkiraan" in text(get(client, place, url(place, "what_if")))


def test_a_sum_that_has_no_place_beside_letters_is_named(client):
    place = Place()
    place.fill("8")
    enter(place, "ban-2017", {"answers": {"1": "A"}})
    response = get(client, place, url(place, "what_if", key="ban-2017"))
    assert "Standar Pembiayaan baru berupa perkiraan tanpa huruf" in text(response)


# --- keeping ------------------------------------------------------------------------------------------


def test_a_simulation_is_saved_by_name_and_opens_again(client, place):
    data = sent("ia-2024", {"levels": {"1.1.1": 4}}) | {"name": "Bila guru naik"}
    response = post(client, place, url(place, "scenario_new"), data, follow=True)
    made = Scenario.objects.get()
    assert response.redirect_chain == [(url(place, "scenario", made.code), 302)]
    assert (made.name, made.data["levels"]["1.1.1"]) == ("Bila guru naik", 4)
    assert chosen(response, "item-1.1.1") == "4"
    assert "Bila guru naik" in text(get(client, place, url(place, "what_if")))


def test_a_bad_name_is_told_at_its_field(client, place):
    keep(place, "Ada")
    for name in ("", "Ada", "x" * 81):
        data = sent("ia-2024", {"levels": {"1.1.1": 4}}) | {"name": name}
        response = post(client, place, url(place, "scenario_new"), data)
        assert response.status_code == 422
        assert b'id="nama-error"' in response.content
        assert chosen(response, "item-1.1.1") == "4"


def test_a_twenty_first_scenario_is_refused_and_what_was_chosen_stays(client, place):
    for number in range(scenarios.MOST):
        keep(place, f"Nomor {number}")
    data = sent("ia-2024", {"levels": {"1.1.1": 4}}) | {"name": "Lagi"}
    response = post(client, place, url(place, "scenario_new"), data)
    assert response.status_code == 422
    assert "Sudah ada 20 skenario" in text(response)
    assert chosen(response, "item-1.1.1") == "4"


def test_a_scenario_is_changed_and_renamed(client, place):
    made = keep(place)
    data = sent("ia-2024", made.data) | {"item-1.1.1": "1", "name": "Turun", "seen": scenarios.mark_of(made)}
    assert post(client, place, url(place, "scenario_save", made.code), data).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.data["levels"]["1.1.1"]) == ("Turun", 1)


def test_a_conflict_shows_both_and_a_second_press_replaces(client, place):
    made = keep(place)
    seen = scenarios.mark_of(made)
    theirs = sent("ia-2024", made.data) | {"item-1.1.1": "1", "name": "Milik kepala", "seen": seen}
    post(client, place, url(place, "scenario_save", made.code), theirs, "principal")
    mine = sent("ia-2024", made.data) | {"item-1.1.1": "4", "name": "Milik saya", "seen": seen}
    response = post(client, place, url(place, "scenario_save", made.code), mine)
    assert response.status_code == 409
    assert "Milik kepala" in text(response)
    assert "1 (Kurang) 4 (Sangat Baik)" in text(response)
    assert chosen(response, "item-1.1.1") == "4"
    assert Scenario.objects.get().name == "Milik kepala"
    fresh = re.search(r'name="seen" value="([^"]+)"', response.content.decode())[1]
    post(client, place, url(place, "scenario_save", made.code), mine | {"seen": fresh})
    assert Scenario.objects.get().name == "Milik saya"


def test_deleting_asks_first(client, place):
    made = keep(place)
    address = url(place, "scenario_delete", made.code)
    assert "Ya, hapus skenario" in text(get(client, place, address))
    assert Scenario.objects.exists()
    stale = post(client, place, address, {"seen": "lama"})
    assert stale.status_code == 409
    assert Scenario.objects.exists()
    done = post(client, place, address, {"seen": scenarios.mark_of(made)})
    assert done.url == url(place, "what_if")
    assert not Scenario.objects.exists()


def test_a_scenario_that_does_not_fit_any_more_is_listed_and_can_be_deleted(client, place):
    made = keep(place)
    Scenario.objects.update(data={"levels": {"9.9.9": 3}})
    assert "Tidak cocok lagi" in text(get(client, place, url(place, "what_if")))
    response = get(client, place, url(place, "scenario", made.code))
    assert response.status_code == 422
    assert "tidak cocok lagi" in text(response)
    assert get(client, place, url(place, "scenario_delete", made.code)).status_code == 200


def test_what_was_changed_in_a_scenario_that_somebody_deleted_stays_on_the_page(client, place):
    made = keep(place)
    data = sent("ia-2024", made.data) | {"item-1.1.1": "1", "name": "Milik saya", "seen": scenarios.mark_of(made)}
    scenarios.delete_scenario(made.pk, seen=scenarios.mark_of(made), actor=place.principal)
    for name in ("scenario_save", "scenario"):
        page = post(client, place, url(place, name, made.code), data)
        assert page.status_code == 404
        assert "Yang Anda isi masih ada di bawah" in text(page)
        assert chosen(page, "item-1.1.1") == "1"
        assert b'value="Milik saya"' in page.content
        assert url(place, "scenario_new").encode() in page.content
        assert made.code.encode() not in page.content
    fragment = post(client, place, url(place, "scenario", made.code), data, headers=HTMX)
    assert "Rata-rata 2,88 −0,12" in text(fragment)
    assert not Scenario.objects.exists()


def test_a_scenario_of_another_version_of_the_scheme_says_so(client, place):
    made = keep(place)
    address = url(place, "scenario", made.code)
    assert "dibuat dengan skema versi" not in text(get(client, place, address))
    Scenario.objects.update(scheme_version="2019.1")
    assert "Skenario ini dibuat dengan skema versi 2019.1." in text(get(client, place, address))
    assert "Dibuat dengan skema versi 2019.1." in text(get(client, place, url(place, "what_if")))


def test_a_path_shows_its_raises(client, place):
    plan = [{"code": "1.1.1", "from": 3, "to": 4, "effort": 2}]
    made = keep(place, kind=ScenarioKind.PATH, target={"mean": "3.1", "at_least": {"4": 2}}, plan=plan)
    page = text(get(client, place, url(place, "scenario", made.code)))
    assert "sedikitnya 2 indikator pada level 4 (Sangat Baik); rata-rata sedikitnya 3,1" in page
    assert "3 (Baik) menjadi 4 (Sangat Baik) (upaya 2)" in page


# --- comparing ----------------------------------------------------------------------------------------


def test_a_comparison_shows_figures_and_only_what_differs(client, old):
    one = keep(old, "Turun", "ban-2017", data=letters("B", b55="E"))
    two = keep(old, "Naik", "ban-2017", data=letters("B", b1="A"))
    address = url(old, "compare", key="ban-2017")
    page = text(get(client, old, address, data={"a": one.code, "b": two.code}))
    assert "Nilai akhir 74," in page
    assert "Butir 55 E B" in page
    assert "Butir 1 B A" in page
    assert "Butir 2 " not in page.partition("Hanya isian yang berbeda")[2]
    real = text(get(client, old, address, data={"a": "sekarang", "b": two.code}))
    assert "Butir 1 B A" in real
    assert "Butir 55" not in real.partition("Hanya isian yang berbeda")[2]


def test_a_comparison_without_a_choice_takes_the_newest_and_the_real_figures(client, place):
    assert "Belum ada skenario" in text(get(client, place, url(place, "compare")))
    keep(place, "Pertama")
    assert "Angka sekarang Pertama" in text(get(client, place, url(place, "compare")))


def test_an_estimate_and_the_same_level_are_no_difference(client):
    place = Place(edition="2026.1", scope="lengkap")
    place.fill("3")
    made = keep(place)
    address = url(place, "compare")
    same = text(get(client, place, address, data={"b": made.code}))
    assert "Tidak ada indikator yang berbeda" in same
    code = next(iter(made.data["levels"]))
    other = keep(place, "Lain", data={"levels": made.data["levels"] | {code: 1}})
    page = text(get(client, place, address, data={"b": other.code}))
    assert page.partition("Hanya isian yang berbeda")[2].count(", perkiraan") == 1


def test_every_figure_says_where_it_comes_from(client, old):
    page = get(client, old, url(old, "what_if", key="ban-2017"))
    assert "14 x 78 : (4 x 26) = 10,5" in text(page)
    data = sent("ban-2017", letters("B")) | {"item-35": "E"}
    later = post(client, old, url(old, "what_if", key="ban-2017"), data, headers=HTMX)
    assert "Tekan “Hitung”" in text(later)
    assert "14 x" not in text(later)
    again = post(client, old, url(old, "what_if", key="ban-2017"), data)
    assert "14 x 69 : (4 x 26) = 9,2884…" in text(again)
    made = keep(old, key="ban-2017")
    compared = get(client, old, url(old, "compare", key="ban-2017"), data={"b": made.code})
    assert "Coba: dari mana angkanya?" in text(compared)
    assert len(compared.content) < 150 * KILOBYTE


def test_conditions_before_a_visit_that_are_missed_are_told(client, place):
    data = {"levels": {"1": 4}, "ipm": {"izin": False, "mapel": False}}
    made = keep(place, "IPM", "iasp-2020", data=data)
    page = text(get(client, place, url(place, "scenario", made.code, key="iasp-2020")))
    assert "Indikator Pemenuhan Mutlak (IPM): 2 syarat belum terpenuhi" in page
    assert "peringkat hitung tanpa huruf" in page


def test_entries_that_differ_are_compared_too(client, place):
    data = {"levels": {"1": 4}, "ipr": [4, None], "ipm": {"izin": False}}
    made = keep(place, "IPR", "iasp-2020", data=data)
    page = text(get(client, place, url(place, "compare", key="iasp-2020"), data={"b": made.code}))
    assert "IPR pernyataan 1 belum terisi 4" in page
    assert "Izin operasional sudah diunggah di Dapodik atau EMIS belum terisi tidak" in page


def test_scenarios_of_others_are_not_compared(client, place):
    other = Place()
    answer_directly(other, only="1.")
    theirs = keep(other, "Rahasia")
    made = keep(place)
    older = keep(place, "Lama", "ban-2017", data=letters("B"))
    for code in (theirs.code, older.code, "TIDAKADA"):
        response = get(client, place, url(place, "compare"), data={"a": made.code, "b": code})
        assert response.status_code == 404
        assert get(client, place, url(place, "scenario", code)).status_code == 404


# --- who ----------------------------------------------------------------------------------------------


def test_a_teacher_tries_but_does_not_keep(client, place):
    page = get(client, place, url(place, "what_if"), "teacher")
    assert "Skenario disimpan oleh" in text(page)
    assert b"formaction" not in page.content
    data = sent("ia-2024", {"levels": {"1.1.1": 4}}) | {"name": "Saya"}
    assert post(client, place, url(place, "what_if"), data, "teacher").status_code == 200
    assert post(client, place, url(place, "scenario_new"), data, "teacher").status_code == 403
    made = keep(place)
    assert get(client, place, url(place, "scenario", made.code), "teacher").status_code == 200
    assert get(client, place, url(place, "scenario_delete", made.code), "teacher").status_code == 403
    saved = data | {"seen": scenarios.mark_of(made)}
    assert post(client, place, url(place, "scenario_save", made.code), saved, "teacher").status_code == 403
    assert Scenario.objects.get().name == "Coba"


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.GUEST_REVIEWER])
def test_nothing_of_it_reaches_people_from_outside(client, place, role):
    place.fill()
    place.submit()
    made = keep(place, "NAMARAHASIA")
    client.force_login(person_at(place.school, role))
    for name, args in (("what_if", ()), ("scenario", (made.code,)), ("compare", ()), ("scenario_delete", (made.code,))):
        assert client.get(url(place, name, *args)).status_code == 403
    year = (place.school.npsn, place.cycle.year)
    pages = [url(place, "readiness"), url(place, "gaps"), reverse("evaluations:cycle", args=year)]
    for address in [*pages, reverse("evaluations:profile", args=year), reverse("evaluations:school", args=year[:1])]:
        page = client.get(address).content.decode()
        assert "NAMARAHASIA" not in page
        assert made.code not in page
        assert "/simulasi/" not in page
        assert "/jalan/" not in page


def test_people_of_another_school_find_nothing(client, place):
    made = keep(place)
    client.force_login(Place().principal)
    for name, args in (("what_if", ()), ("scenario", (made.code,)), ("compare", ()), ("scenario_delete", (made.code,))):
        assert client.get(url(place, name, *args)).status_code == 404


def test_a_form_of_education_without_a_rule_says_so(client):
    place = Place(form="SMP")
    response = get(client, place, url(place, "what_if", key="ban-2017"))
    assert response.status_code == 404
    assert "tidak dipinjam" in text(response)


def test_the_tabs_lead_there_for_people_inside(client, place):
    page = get(client, place, url(place, "readiness"), "teacher").content.decode()
    assert url(place, "what_if") in page
    assert url(place, "path") in page


# --- queries ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, scenarios.MOST])
def test_the_number_of_scenarios_costs_no_queries(client, place, django_assert_num_queries, number):
    for one in range(number):
        keep(place, f"Nomor {one}")
    client.force_login(place.team)
    with django_assert_num_queries(13):
        client.get(url(place, "what_if"))
    with django_assert_num_queries(13):
        client.get(url(place, "compare"))


def test_a_change_on_the_page_reads_only_what_the_real_figures_need(client, place, django_assert_num_queries):
    client.force_login(place.team)
    data = sent("ia-2024", {"levels": {"1.1.1": 4}})
    with django_assert_num_queries(12):
        client.post(url(place, "what_if"), data, headers=HTMX)
