"""What a person waits for in the simulation: from a changed level to the new figure, in a browser.

``round_trips`` works on any open page of the simulation (Playwright), wherever it is served. The clock is the page's
own: it starts when the level changes and stops when the figure at the edge of the page is another one.
"""

from __future__ import annotations

from statistics import median
from typing import Any, NamedTuple

_MEASURE = """
([field, value]) => new Promise((done, fail) => {
  const select = document.querySelector(`#simulasi select[name="${field}"]`);
  const result = document.getElementById("hasil");
  const observer = new MutationObserver(() => {
    observer.disconnect();
    requestAnimationFrame(() => done(performance.now() - start));
  });
  observer.observe(result, { childList: true, subtree: true });
  setTimeout(() => { observer.disconnect(); fail(new Error("the figure did not change")); }, 10000);
  select.value = value;
  const start = performance.now();
  select.dispatchEvent(new Event("change", { bubbles: true }));
})
"""


class RoundTrips(NamedTuple):
    """Milliseconds from change to new figure, and bytes of the page without what it links to."""

    median: float
    worst: float
    page_bytes: int


def round_trips(page: Any, address: str, *, field: str, values: tuple[str, ...], times: int = 20) -> RoundTrips:
    """Open *address* and set the level *field* to each of *values* in turn, *times* altogether."""
    response = page.goto(address)
    page.wait_for_function("window.htmx")
    size = len(response.body())
    page.evaluate(_MEASURE, [field, values[-1]])  # the first one opens the connection
    taken = [page.evaluate(_MEASURE, [field, values[at % len(values)]]) for at in range(times)]
    return RoundTrips(median(taken), max(taken), size)
