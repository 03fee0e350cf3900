"""Tables of the pages in docs/algorithms/, for tests that compare them with the code."""

from __future__ import annotations

from pathlib import Path

PAGES = Path(__file__).parents[2] / "docs" / "algorithms"


def text_of(page: str) -> str:
    return (PAGES / f"{page}.md").read_text(encoding="utf-8")


def table(page: str, *columns: str) -> list[list[str]]:
    """Rows of the one table on the page with these columns, without the marks around code."""
    rows: list[list[str]] = []
    inside = False
    for line in text_of(page).splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        if cells == list(columns):
            inside = True
        elif inside and not line.strip().startswith("|"):
            break
        elif inside and not set(line) <= set(" |-"):
            rows.append(cells)
    assert rows, f"no table {columns} on the page {page}"
    return rows
