"""The page of the shortest way: a target in, the least raises out, kept as a scenario. It stays inside the school."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from django.http import QueryDict

from accreditation.models import Scenario, SchemeSheet
from accreditation.path_presentation import path_answers
from accreditation.schemes import score
from accreditation.services.scenarios import answers_of
from accreditation.shortest import Target
from accreditation.target_form import PathForm, target_data, target_words
from accreditation.views import path as view
from schools.choices import Role
from tests.accreditation.scenario_steps import SUMS, answer_directly, enter, letters, present, scheme, url
from tests.accreditation.test_what_if_pages import get, post, text
from tests.factories import Place, person_at

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


@pytest.fixture
def place() -> Place:
    """All indicators of IA2024 at level 3, those of butir 1.1 at level 2."""
    place = Place()
    answer_directly(place)
    answer_directly(place, level=2, only="1.1.")
    return place


@pytest.fixture
def old() -> Place:
    place = Place()
    enter(place, "ban-2017", letters("B"))
    return place


def token(response) -> str:
    found = re.search(r'name="jalan" value="([^"]+)"', response.content.decode())
    return found[1] if found else ""


# --- the form -----------------------------------------------------------------------------------------


def form_of(place: Place, key: str = "ia-2024", efforts: dict[str, int] | None = None, **sent: str) -> PathForm:
    data = QueryDict(mutable=True)
    data.update({name.replace("__", "-", 1): value for name, value in sent.items()})
    answers = path_answers(present(place, key).claimed.answers)
    return PathForm(scheme(key), "SD", answers, efforts or {}, data)


def test_a_target_of_a_distribution_is_read(place):
    form = form_of(place, at_least__4="10", at_most__1="0", mean="3,25")
    assert form.is_valid()
    assert form.target == Target(at_least={4: 10}, at_most={1: 0}, mean=Fraction(13, 4))
    assert target_data(form.target) == {"at_least": {"4": 10}, "at_most": {"1": 0}, "mean": "3.25"}
    assert target_words(scheme(), target_data(form.target)) == (
        "sedikitnya 10 indikator pada level 4 (Sangat Baik); paling banyak 0 indikator pada level 1 (Kurang); "
        "rata-rata sedikitnya 3,25"
    )


def test_a_target_of_a_weighted_scheme_is_read(old):
    form = form_of(old, "ban-2017", score="85", rank="B")
    assert (form.is_valid(), form.target) == (True, Target(score=85, rank="B"))
    assert target_words(scheme("ban-2017"), target_data(form.target)) == (
        "peringkat hitung sedikitnya B; nilai akhir sedikitnya 85"
    )


@pytest.mark.parametrize(
    ("key", "field", "typed"),
    [
        ("ia-2024", "at_least-4", "46"),
        ("ia-2024", "at_most-1", "-1"),
        ("ia-2024", "mean", "4,5"),
        ("ia-2024", "mean", "nan"),
        ("ia-2024", "effort-1.1.1", "0"),
        ("ia-2024", "effort-1.1.1", "1000"),
        ("ia-2024", "effort-1.1.1", "1,5"),
        ("ban-2017", "score", "101"),
        ("ban-2017", "rank", "D"),
    ],
)
def test_a_faulty_field_is_named_and_keeps_what_was_typed(client, place, key, field, typed):
    enter(place, "ban-2017", letters("B"))
    usable = {"mean": "3,5"} if key == "ia-2024" else {"score": "85"}
    response = post(client, place, url(place, "path", key=key), usable | {field: typed})
    assert response.status_code == 422
    page = response.content.decode()
    assert "Belum dicari" in page
    assert f'href="#{field.replace(".", "-")}"' in page
    if field != "rank":
        assert f'value="{typed}"' in page


def test_an_empty_target_is_told(client, place):
    response = post(client, place, url(place, "path"), {})
    assert response.status_code == 422
    assert "Isi dahulu apa yang ingin dicapai" in text(response)


# --- the result ---------------------------------------------------------------------------------------


def test_the_raises_stand_by_component_in_the_words_of_the_scheme(client, place):
    response = post(client, place, url(place, "path"), {"at_most-2": "0"})
    page = text(response)
    assert response.status_code == 200
    assert "4 kenaikan" in page
    assert page.count("2 (Cukup Baik) → 3 (Baik)") == 4
    assert "Jumlah level 4" in page
    assert "ya, terbukti" in page
    assert "Rata-rata 2,91 3,00 (+0,09)" in page


def test_every_raise_leads_to_its_gap_and_its_question(client, place):
    page = post(client, place, url(place, "path"), {"at_most-2": "0"}).content.decode()
    where = f"/sekolah/{place.school.npsn}/2026/instrumen/ia-2024/isi/1/#butir-1-1-1"
    assert f'href="{where}"' in page
    assert f'href="{url(place, "gaps")}#butir-1-1-1"' in page
    assert b'id="butir-1-1-1"' in get(client, place, url(place, "gaps")).content


def test_an_estimate_leads_to_the_questions_behind_it(client):
    place = Place(edition="2026.1", scope="lengkap")
    place.fill("3", 1)
    response = post(client, place, url(place, "path"), {"mean": "3,5"})
    assert "(perkiraan)" in text(response)
    assert "belum terisi atau baru perkiraan" in text(response)
    assert re.search(rf'href="/sekolah/{place.school.npsn}/2026/eds/3/#butir-3-', response.content.decode())


def test_efforts_are_avoided_and_items_that_stay_are_not_raised(client, old):
    address = url(old, "path", key="ban-2017")
    cheap = {f"effort-{number}": "50" for number in range(1, 120) if number != 33}
    page = text(post(client, old, address, {"score": "76", **cheap}))
    assert "Butir 33 B → A upaya 1" in page
    fixed = text(post(client, old, address, {"score": "76", "fixed": ["33"], **cheap}))
    assert "Butir 33 B →" not in fixed
    assert "Jumlah upaya 50 " in fixed


def test_statements_of_the_index_are_raised_unless_they_must_stay(client):
    place = Place()
    answer_directly(place, 3, "iasp-2020")
    enter(place, "iasp-2020", {"ipr": [2] * 8})
    address = url(place, "path", key="iasp-2020")
    assert "Pernyataan 1 2 → " in text(post(client, place, address, {"rank": "C"}))
    fixed = text(post(client, place, address, {"rank": "C", "fixed": ["index"]}))
    assert "tidak dapat dicapai" in fixed
    assert "Simpan sebagai skenario" not in fixed


def test_a_rank_is_out_of_reach_while_a_condition_before_the_visit_is_missed(client):
    place = Place()
    answer_directly(place, 3, "iasp-2020")
    enter(place, "iasp-2020", {"ipr": [3] * 8, "ipm": {"izin": False}})
    address = url(place, "path", key="iasp-2020")
    page = text(post(client, place, address, {"rank": "C"}))
    assert "tidak dapat dicapai" in page
    assert "Indikator Pemenuhan Mutlak (IPM) belum terpenuhi, berapa pun levelnya" in page
    assert "Target tercapai" in text(post(client, place, address, {"score": "80"}))


def test_a_target_that_is_already_reached_needs_nothing(client, place):
    page = text(post(client, place, url(place, "path"), {"mean": "2"}))
    assert "Sudah tercapai" in page
    assert "Simpan sebagai skenario" not in page


def test_time_that_ran_out_is_told(client, place, monkeypatch):
    monkeypatch.setattr(view, "SECONDS", 0.0)
    page = text(post(client, place, url(place, "path"), {"at_most-2": "0"}))
    assert "belum ditemukan jalan" in page
    assert "Simpan sebagai skenario" not in page


def test_nothing_real_changes(client, place):
    before = present(place).claimed.as_dict()
    post(client, place, url(place, "path"), {"mean": "4"})
    assert present(place).claimed.as_dict() == before
    assert not SchemeSheet.objects.exists()


# --- where there is nothing to raise ------------------------------------------------------------------


def test_sums_instead_of_letters_say_what_to_do(client):
    place = Place()
    enter(place, "ban-2017", {"obtained": SUMS})
    address = url(place, "path", key="ban-2017")
    page = get(client, place, address)
    assert "memerlukan huruf tiap butir" in text(page)
    assert f'href="{url(place, "entries", key="ban-2017")}">Buka Isian' in page.content.decode()
    assert "Cari jalan" not in text(page)
    assert post(client, place, address, {"score": "90"}).status_code == 422


@pytest.mark.parametrize("key", ["ia-2024", "iasp-2020", "ban-2017"])
def test_nothing_at_all_says_what_to_do(client, key):
    place = Place()
    place.fill("8")  # an estimated sum of ban-2017, which says nothing about its items
    page = text(get(client, place, url(place, "path", key=key)))
    assert "Belum ada level untuk dinaikkan" in page


# --- efforts ------------------------------------------------------------------------------------------


def test_efforts_are_kept_when_asked_and_shown_again(client, place):
    sent = {"at_most-2": "0", "effort-1.1.1": "5", "simpan_upaya": "1", "version": "0"}
    assert post(client, place, url(place, "path"), sent).status_code == 200
    assert SchemeSheet.objects.get().efforts == {"1.1.1": 5}
    page = get(client, place, url(place, "path")).content.decode()
    assert 'name="effort-1.1.1" value="5"' in page
    assert 'name="version" value="1"' in page


def test_efforts_are_used_once_unless_asked(client, place):
    post(client, place, url(place, "path"), {"at_most-2": "0", "effort-1.1.1": "5"})
    assert not SchemeSheet.objects.exists()


def test_efforts_of_items_that_cannot_go_up_now_stay_known(client, place):
    answer_directly(place, level=4, only="1.1.1")
    enter(place, "ia-2024", {"thresholds": {"A": "3.5"}})
    SchemeSheet.objects.update(efforts={"1.1.1": 7})
    sent = {"mean": "3,1", "effort-1.1.2": "5", "simpan_upaya": "1", "version": "1"}
    post(client, place, url(place, "path"), sent)
    assert SchemeSheet.objects.get().efforts == {"1.1.1": 7, "1.1.2": 5}


def test_a_stale_version_of_the_efforts_is_a_conflict(client, place):
    enter(place, "ia-2024", {"thresholds": {"A": "3.5"}})
    sent = {"at_most-2": "0", "effort-1.1.1": "5", "simpan_upaya": "1", "version": "0"}
    response = post(client, place, url(place, "path"), sent)
    assert response.status_code == 409
    assert b'name="effort-1.1.1" value="5"' in response.content
    assert b'name="version" value="1"' in response.content
    assert SchemeSheet.objects.get().efforts == {}
    assert post(client, place, url(place, "path"), sent | {"version": "1"}).status_code == 200
    assert SchemeSheet.objects.get().data == {"thresholds": {"A": "3.5"}}


def test_only_those_who_enter_keep_efforts(client, place):
    sent = {"at_most-2": "0", "effort-1.1.1": "5"}
    assert post(client, place, url(place, "path"), sent, "teacher").status_code == 200
    assert b"simpan_upaya" not in get(client, place, url(place, "path"), "teacher").content
    assert post(client, place, url(place, "path"), sent | {"simpan_upaya": "1"}, "teacher").status_code == 403
    assert not SchemeSheet.objects.exists()


# --- keeping the way ----------------------------------------------------------------------------------


def test_a_way_is_kept_with_levels_target_and_raises(client, place):
    found = post(client, place, url(place, "path"), {"at_most-2": "0", "effort-1.1.2": "4"})
    answer_directly(place, level=1, only="2.")  # what is kept is what the person saw
    response = post(client, place, url(place, "path_keep"), {"jalan": token(found), "name": "Tanpa cukup"})
    made = Scenario.objects.get()
    assert response.url == url(place, "scenario", made.code)
    assert (made.kind, made.name, made.target) == ("PATH", "Tanpa cukup", {"at_most": {"2": 0}})
    assert made.plan == [
        {"code": "1.1.1", "from": 2, "to": 3, "effort": 1},
        {"code": "1.1.2", "from": 2, "to": 3, "effort": 4},
        {"code": "1.1.3", "from": 2, "to": 3, "effort": 1},
        {"code": "1.1.4", "from": 2, "to": 3, "effort": 1},
    ]
    after = score(scheme(), "SD", answers_of(made, scheme(), "SD"))
    assert after.whole.counts == {4: 0, 3: 45, 2: 0, 1: 0}


def test_a_bad_name_keeps_the_way_on_the_page(client, place):
    way = token(post(client, place, url(place, "path"), {"at_most-2": "0"}))
    response = post(client, place, url(place, "path_keep"), {"jalan": way, "name": " "})
    assert response.status_code == 422
    assert token(response) == way
    assert "Beri nama" in text(response)


def test_a_way_of_another_place_or_made_up_is_refused(client, place, old):
    way = token(post(client, place, url(place, "path"), {"at_most-2": "0"}))
    assert post(client, place, url(place, "path_keep", key="ban-2017"), {"jalan": way, "name": "x"}).status_code == 422
    assert post(client, old, url(old, "path_keep"), {"jalan": way, "name": "x"}).status_code == 422
    assert post(client, place, url(place, "path_keep"), {"jalan": way, "name": "x"}, "principal").status_code == 422
    assert post(client, place, url(place, "path_keep"), {"jalan": "x", "name": "x"}).status_code == 422
    assert not Scenario.objects.exists()


def test_an_old_result_is_searched_again(client, place, monkeypatch):
    way = token(post(client, place, url(place, "path"), {"at_most-2": "0"}))
    monkeypatch.setattr("accreditation.path_presentation.LIFETIME", -1)
    assert post(client, place, url(place, "path_keep"), {"jalan": way, "name": "x"}).status_code == 409


# --- who ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.GUEST_REVIEWER])
def test_the_page_is_closed_to_people_from_outside(client, place, role):
    place.fill()
    place.submit()
    client.force_login(person_at(place.school, role))
    assert client.get(url(place, "path")).status_code == 403
    assert client.post(url(place, "path"), {"mean": "4"}).status_code == 403
    client.force_login(Place().principal)
    assert client.get(url(place, "path")).status_code == 404


def test_a_teacher_searches_but_does_not_keep(client, place):
    found = post(client, place, url(place, "path"), {"at_most-2": "0"}, "teacher")
    assert token(found) == ""
    assert "Skenario disimpan oleh" in text(found)
    assert post(client, place, url(place, "path_keep"), {"jalan": "x", "name": "x"}, "teacher").status_code == 403


def test_the_page_is_light_and_reads_no_more_than_the_figures(client, old, django_assert_num_queries):
    client.force_login(old.team)
    address = url(old, "path", key="ban-2017")
    with django_assert_num_queries(9):
        page = client.get(address)
    assert len(page.content) < 150 * 1024
    with django_assert_num_queries(9):
        client.post(address, {"score": "85"})
