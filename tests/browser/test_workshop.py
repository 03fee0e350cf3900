"""The workshop of own instruments on a phone, with and without JavaScript."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, check_page
from tests.evaluations.workshop_steps import LEVELS, codes, filled, fresh, published
from tests.factories import Place

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def place() -> Place:
    return Place()


def url(name, version, *args):
    return reverse(f"evaluations:workshop{name}", args=[version.instrument, version.version, *args])


def test_every_page_is_accessible_and_never_wider_than_a_phone(open_page, place):
    draft, live = filled(place.school, place.team), published(place.school, place.team)
    pages = [
        url(name, draft) for name in ("_version", "_header", "_add", "_import", "_publish", "_preview", "_discard")
    ]
    pages += [f"{url('_add', draft)}?di=7.2", url("_retire", live), url("_version", live)]
    pages += [url("_item", draft, code) for code in codes(draft)]
    pages += [reverse("evaluations:workshop"), reverse("evaluations:workshop_new")]
    page = open_page(pages[0], place.team)
    for address in pages:
        page.goto(address)
        check_page(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{url('_preview', draft)}?standar=8")
    assert page.locator(".phone").evaluate("phone => phone.clientWidth") == PHONE["width"]
    assert page.locator(".phone input:not([type=hidden]):enabled, .phone button:enabled").count() == 0


@pytest.mark.parametrize("javascript", [True, False])
def test_a_question_is_written_mended_and_moved(open_page, place, javascript):
    draft = filled(place.school, place.team)
    page = open_page(f"{url('_add', draft)}?di=7.2", place.team, java_script_enabled=javascript)
    page.get_by_label("Rubrik").check()
    page.get_by_role("button", name="Lanjut menulis").click()
    page.locator("#id_question").fill("Seberapa sering murid meminjam buku?")
    page.locator("#id_window").fill("semester ini")
    for level, text in LEVELS.items():
        page.locator(f"#id_level_{level}").fill(text if level != 3 else "")
    page.get_by_role("group", name="Dijawab oleh", exact=True).get_by_label("guru").check()
    page.get_by_label("dokumen").check()
    page.get_by_role("button", name="Simpan", exact=True).click()
    expect(page.locator("#id_level_3_error")).to_have_text("Wajib diisi.")
    expect(page.locator("#id_level_4")).to_have_value(LEVELS[4])
    page.locator("#id_level_3").fill(LEVELS[3])
    page.get_by_role("button", name="Simpan", exact=True).click()
    expect(page.locator("#butir-7-2-s3")).to_contain_text("meminjam buku")
    page.locator("#naik-7-2-s3").click()
    expect(page.locator(".draft-list").first.locator("li").nth(1)).to_contain_text("7.2.s3")
    assert codes(draft) == ["7.2.s1", "7.2.s3", "8.2.1.s1", "8.2.1.s2", "7.2.s2"]
    assert fresh(draft).spec.items[1].question == "Seberapa sering murid meminjam buku?"
