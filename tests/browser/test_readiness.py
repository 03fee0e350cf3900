"""The readiness pages in a browser, with figures and unfolded: accessible, and never wider than a phone."""

from __future__ import annotations

import pytest

from tests.browser.conftest import check_page
from tests.factories import Place

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]
PAGES = {
    "readiness": "ia-2024/",
    "where a figure comes from": "ia-2024/?rinci=claimed",
    "an old scheme": "iasp-2020/",
    "a scheme with ranks": "ban-2017/",
    "gaps": "ia-2024/celah/",
    "gaps of one component": "ia-2024/celah/?komponen=2",
    "sispena": "ia-2024/sispena/",
    "a description": "ia-2024/sispena/deskripsi/2.7/",
}


@pytest.fixture
def place() -> Place:
    """A year on the newest edition whose standard 8 was handed in."""
    place = Place(edition="2026.1", scope="inti")
    place.fill("8", 3)
    place.submit("8")
    return place


@pytest.mark.parametrize("name", PAGES)
def test_a_readiness_page_is_accessible_and_never_wider_than_a_phone(open_page, place, name):
    page = open_page(f"/sekolah/{place.school.npsn}/2026/kesiapan/{PAGES[name]}", place.team)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    check_page(page)


def test_a_link_to_a_folded_gap_opens_it(open_page, place):
    page = open_page(f"/sekolah/{place.school.npsn}/2026/kesiapan/ia-2024/celah/", place.team)
    last = page.locator("article.question").last
    assert not last.is_visible()
    anchor = last.get_attribute("id")
    page.goto(f"{page.url}#{anchor}")
    page.reload()
    assert page.locator(f"#{anchor}").is_visible()
