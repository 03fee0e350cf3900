"""The public calculator on a phone, by somebody without account."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from benchmarks.story import follow
from tests.browser.conftest import check_page
from tests.factories import Place

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


def test_a_visitor_chooses_fills_in_and_reads_the_result(open_page):
    page = open_page("/masuk/")
    follow(page.locator("main").get_by_role("link", name="kalkulator akreditasi"))
    check_page(page)
    follow(page.locator("[aria-labelledby=pilih-ia-2024]").get_by_role("link", name="SD", exact=True))
    check_page(page)
    page.get_by_label("1.1.1 Interaksi guru").select_option("3")
    page.get_by_label("1.4.4").select_option("NA")
    page.locator("#bagian-thresholds > summary").click()
    page.get_by_label("A mulai rata-rata").fill("2,5")
    page.get_by_role("button", name="Hitung").click()
    result = page.locator("#hasil")
    expect(result).to_be_focused()
    expect(result).to_contain_text("Asumsi sendiri")
    expect(result).to_contain_text("terisi 1 dari 44")
    result.locator(".explain > summary").first.click()
    expect(result).to_contain_text("Hitungan: (1 x 3) : 1 = 3")
    result.get_by_text("Rata-rata tiap butir").first.click()
    check_page(page)
    assert {cookie["name"] for cookie in page.context.cookies()} <= {"csrftoken"}


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_old_instrument_is_filled_in_by_letters_or_by_sums(open_page, scripts):
    page = open_page("/kalkulator/ban-2017/SD/", java_script_enabled=scripts)
    letters, sums = page.locator("#item-1"), page.locator("#sum-isi")
    expect(letters).to_be_visible()
    expect(sums).to_be_hidden()
    letters.select_option("B")
    page.get_by_text("Jumlah skor tertimbang tiap standar").click()
    expect(sums).to_be_visible()
    expect(letters).to_be_hidden()
    sums.fill("seratus")
    page.get_by_role("button", name="Hitung").click()
    expect(page.get_by_role("alert")).to_contain_text("bilangan bulat 0 sampai 148")
    expect(sums).to_have_value("seratus")
    expect(letters).to_have_value("B")
    if scripts:
        check_page(page)
    page.get_by_role("alert").get_by_role("link", name="Standar Isi").click()
    sums.fill("109")
    page.get_by_role("button", name="Hitung").click()
    expect(page.locator("#hasil")).to_contain_text("10,31")
    if scripts:
        check_page(page)


@pytest.mark.parametrize("scheme", ["ban-2017", "iasp-2020", "ia-2024"])
def test_the_own_entries_of_a_school_are_filled_in_on_a_phone(open_page, scheme):
    place = Place()
    page = open_page(f"/sekolah/{place.school.npsn}/2026/kesiapan/{scheme}/isian/", place.team)
    check_page(page)
    if scheme == "ia-2024":
        page.get_by_label("A mulai rata-rata").fill("3,5")
    else:
        page.locator("select").first.select_option(index=1)
    page.get_by_role("button", name="Simpan isian").click()
    expect(page.get_by_text("Isian tersimpan.")).to_be_visible()
    check_page(page)
