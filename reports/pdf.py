"""From a stored snapshot to the bytes of a PDF: the same snapshot gives the same bytes.

WeasyPrint gets nothing but the HTML and the bundled fonts: no network, no files of the machine.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from weasyprint import HTML
from weasyprint.logger import PROGRESS_LOGGER
from weasyprint.urls import URLFetcher, URLFetcherResponse

from common.charts import Axis, Bar, Series, radar, stacked_bars
from reports.snapshot import read_snapshot

TEMPLATE = "reports/pdf/report.html"
FONT_FOLDER = Path(settings.BASE_DIR) / "static" / "vendor" / "fonts"
FONTS = frozenset(f"SourceSans3-{style}.ttf" for style in ("Regular", "Italic", "Semibold", "Bold"))
FONT_SCHEME = "bundled:"

OnProgress = Callable[[int], None]

# WeasyPrint tells its steps on this logger only; the console has no use for them.
PROGRESS_LOGGER.setLevel(logging.INFO)
PROGRESS_LOGGER.propagate = False


class BundledFonts(URLFetcher):
    """Answers ``bundled:<font file>`` and nothing else, so that no text of a school can make the worker fetch."""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        name = url.removeprefix(FONT_SCHEME)
        if not url.startswith(FONT_SCHEME) or name not in FONTS:
            raise ValueError(f"not available in a report: {url}")
        return URLFetcherResponse(url, (FONT_FOLDER / name).read_bytes(), {"Content-Type": "font/ttf"})


class _LayoutSteps(logging.Handler):
    """Turns WeasyPrint's steps into percentages: 20 when layout begins, 80 when all expected pages are laid out.

    An exception of *on_progress* (the lease is lost) goes through WeasyPrint and ends the work.
    """

    FIXED = {"Step 3": 17, "Step 4": 20, "Step 6": 85, "Step 7": 92}

    def __init__(self, on_progress: OnProgress, expected_pages: int) -> None:
        super().__init__()
        self.on_progress = on_progress
        self.expected_pages = expected_pages
        self.thread_id = threading.get_ident()
        self.percent = 0

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread != self.thread_id:
            return
        percent = self.FIXED.get(str(record.msg)[:6])
        if percent is None:
            if not str(record.msg).startswith("Step 5 - Creating layout - Page") or not isinstance(record.args, tuple):
                return
            page = record.args[0]
            percent = 20 + 60 * min(int(str(page)), self.expected_pages) // self.expected_pages
        if percent > self.percent:
            self.percent = percent
            self.on_progress(percent)


@contextmanager
def _told(on_progress: OnProgress, expected_pages: int) -> Iterator[None]:
    handler = _LayoutSteps(on_progress, expected_pages)
    PROGRESS_LOGGER.addHandler(handler)
    try:
        yield
    finally:
        PROGRESS_LOGGER.removeHandler(handler)


def _number(printed: str) -> Decimal | None:
    return Decimal(printed.replace(",", ".")) if printed else None


def _radar(content: dict[str, Any]) -> str:
    standards = content["profile"]["standards"]
    series = [
        Series(view["view"], [_number(row[view["kind"]]) for row in standards], view["kind"])
        for view in content["profile"]["coverage"]
    ]
    if content["targets"] and content["targets"]["total"]:
        targets = content["targets"]["by_code"]
        values = [_number(targets[row["code"]]["target"]) if row["code"] in targets else None for row in standards]
        series.append(Series("Target", values, "target"))
    return radar([Axis(row["code"], row["name"]) for row in standards], series)


def _spread(content: dict[str, Any]) -> str:
    """Bars of the readiness; "" in a report without."""
    readiness = content["readiness"]
    if not readiness or not readiness["spread"]:
        return ""
    bars = [Bar(row["label"], row["counts"]) for row in readiness["spread"]]
    return stacked_bars(bars, readiness["spread_names"], title="Sebaran kategori")


def _expected_pages(content: dict[str, Any]) -> int:
    """A guess for the progress bar alone, from reports of the present layout."""
    items = sum(len(indicator["items"]) for standard in content["standards"] for indicator in standard["indicators"])
    steps = len(content["explanation"]) + len((content["readiness"] or {}).get("explanation", ()))
    return 10 + items // 3 + len(content["evidence"]) // 12 + steps // 20


def _html(content: dict[str, Any]) -> str:
    with translation.override("id"):
        return render_to_string(TEMPLATE, {"report": content, "radar": _radar(content), "spread": _spread(content)})


def render_html(snapshot_text: str) -> str:
    """The whole report as one HTML document. Raises ValueError for an unknown schema."""
    return _html(read_snapshot(snapshot_text))


def html_document(html: str) -> HTML:
    """WeasyPrint's document over *html*, with the bundled fonts as its only resources."""
    return HTML(string=html, url_fetcher=BundledFonts())


def render_pdf(snapshot_text: str, *, on_progress: OnProgress | None = None) -> bytes:
    """Snapshot -> HTML -> PDF. *on_progress* gets growing percentages up to 95; what it raises ends the work."""
    tell = on_progress or (lambda percent: None)
    content = read_snapshot(snapshot_text)
    tell(5)
    html = _html(content)
    tell(15)
    with _told(tell, _expected_pages(content)):
        data: bytes = html_document(html).write_pdf()
    tell(95)
    return data
