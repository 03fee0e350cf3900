"""A phone that opens pages as a person and complains about whatever its browser complains about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page

PHONE = {"width": 360, "height": 780}
Open = Callable[..., Page]


def check_page(page: Page) -> None:
    """WCAG 2.2 AA, and never wider than a phone, or than a narrow one."""
    results = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size(PHONE)


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about so far."""
    return []


@pytest.fixture
def open_page(chromium: Any, live_server: Any, complaints: list[str]) -> Iterator[Open]:
    """Opens a page on a phone as a person; whatever the browser complains about fails the test at its end."""
    contexts = []

    def listen(message: Any) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    def opened(path: str, user: Any = None, **options: Any) -> Page:
        context = chromium.new_context(base_url=live_server.url, viewport=PHONE, locale="id-ID", **options)
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            context.add_cookies(
                [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
            )
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, f"{path}: {response.status}"
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
