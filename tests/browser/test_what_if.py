"""The simulation on a phone: change a level, see the figure move, save, come back, compare."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from accreditation.models import Scenario
from benchmarks.story import follow
from benchmarks.what_if import round_trips
from tests.accreditation.scenario_steps import answer_directly, enter, letters, url
from tests.browser.conftest import check_page
from tests.factories import Place

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def place() -> Place:
    place = Place()
    enter(place, "ban-2017", letters("B"))
    return place


def test_a_changed_level_moves_the_figure_is_saved_and_compared(open_page, place):
    page = open_page(url(place, "what_if", key="ban-2017"), place.team)
    result = page.locator("#hasil")
    expect(result).to_contain_text("75,00")
    page.evaluate("window.stillHere = true")
    page.locator("#item-1").scroll_into_view_if_needed()
    page.locator("#item-1").select_option("A")
    expect(result).to_contain_text("75,38")
    expect(result).to_contain_text("+0,38")
    box = page.locator(".sim-bar").bounding_box()
    assert box["y"] + box["height"] <= 780, "the result stays in view"
    assert box["height"] < 200
    assert page.evaluate("window.stillHere"), "the page was not loaded again"
    check_page(page)

    page.locator("#nama").fill("Bila butir 1 naik")
    page.get_by_role("button", name="Simpan sebagai skenario baru").click()
    expect(page.locator("h1")).to_have_text("Bila butir 1 naik")
    page.reload()
    expect(page.locator("#item-1")).to_have_value("A")
    expect(result).to_contain_text("75,38")
    check_page(page)

    page.get_by_role("link", name="Bandingkan dengan angka sekarang").click()
    expect(page.locator("main")).to_contain_text(re.compile(r"Butir 1\s*B\s*A"))
    check_page(page)


def test_the_figure_follows_quick_changes_the_back_button_and_a_lost_network(open_page, place, complaints):
    page = open_page(url(place, "what_if", key="ban-2017"), place.team)
    page.evaluate(
        "for (const id of ['item-1', 'item-2', 'item-3']) { const s = document.getElementById(id); s.value = 'A';"
        " s.dispatchEvent(new Event('change', { bubbles: true })); }"
    )
    expect(page.locator("#hasil")).to_contain_text("76,14")
    expect(page.locator("#kabar")).to_be_empty()

    page.get_by_role("link", name="Celah", exact=True).click()
    expect(page.locator("h1")).not_to_have_text("Simulasi")
    page.go_back()  # the browser fills in the levels that were chosen
    expect(page.locator("#item-1")).to_have_value("A")
    expect(page.locator("#hasil")).to_contain_text("76,14")

    page.context.set_offline(True)
    page.locator("#item-1").select_option("B")
    expect(page.locator("#hasil")).to_contain_text("belum mengikuti pilihan terakhir")
    page.context.set_offline(False)
    expect(page.locator("#hasil")).to_contain_text("75,76")
    assert all(complaint.startswith("htmx:") for complaint in complaints)
    complaints.clear()
    expect(page.locator("#hasil")).not_to_contain_text("belum mengikuti")


def test_a_level_is_calculated_without_javascript(open_page, place):
    page = open_page(url(place, "what_if", key="ban-2017"), place.teacher, java_script_enabled=False)
    page.locator("#item-1").select_option("A")
    page.get_by_role("button", name="Hitung", exact=True).click()
    expect(page.locator("#hasil")).to_contain_text("75,38")
    expect(page.locator("#item-1")).to_have_value("A")


def test_the_shortest_way_is_found_and_kept_on_a_phone(open_page):
    place = Place()
    answer_directly(place)
    answer_directly(place, level=2, only="1.1.")
    page = open_page(url(place, "path"), place.team)
    page.locator("#at_most-2").fill("0")
    page.locator("form > details > summary").click()
    page.locator(".effort-part > summary").first.click()
    check_page(page)
    page.get_by_role("button", name="Cari jalan terpendek").click()
    expect(page.locator("#hasil-judul")).to_have_text("4 kenaikan")
    expect(page.locator("#hasil-jalan")).to_be_focused()
    check_page(page)
    page.locator("#nama").fill("Tanpa cukup")
    page.get_by_role("button", name="Simpan sebagai skenario").click()
    expect(page.locator("h1")).to_have_text("Tanpa cukup")
    check_page(page)
    follow(page.get_by_role("link", name="Hapus skenario ini"))
    check_page(page)
    page.get_by_role("button", name="Ya, hapus skenario").click()
    expect(page.locator("main")).to_contain_text("Belum ada. Ubah level")
    assert not Scenario.objects.exists()


def test_the_way_from_a_change_to_the_new_figure_is_short(open_page, place):
    address = url(place, "what_if", key="ban-2017")
    page = open_page(address, place.team)
    found = round_trips(page, address, field="item-1", values=("A", "B"), times=10)
    assert found.page_bytes < 150 * 1024
    assert found.median < 1000, found
