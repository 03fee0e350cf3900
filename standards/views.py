"""The catalogue for everybody, without login: standards, instruments, legal bases, what is not sure, search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from itertools import groupby
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from common import clock
from schools.addresses import NotFound
from standards import presentation
from standards.comparison import Comparison, MarkedItem, compare, marked
from standards.crosswalk_presentation import estimates_from, estimates_to
from standards.models import InstrumentVersion
from standards.presentation import InstrumentPage
from standards.search import QUERY_LENGTH, Entry, Part, QueryError, highlight, snippet, words_of
from standards.services import the_catalogue

FRESH_SECONDS = 300
PAGE_SIZE = 20


def public_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page to read. Visitors without login may keep it for some minutes; with a login a name stands on it."""

    @require_safe
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["Cookie"])
        # A session may hold a message for this one visitor, and so does the cookie "messages".
        if request.COOKIES.keys() & {settings.SESSION_COOKIE_NAME, "messages"}:
            patch_cache_control(response, private=True)
        elif response.status_code == 200:
            patch_cache_control(response, public=True, max_age=FRESH_SECONDS)
        return response

    return wrapped


@public_page
def catalogue(request: HttpRequest) -> HttpResponse:
    versions = InstrumentVersion.objects.public().order_by("instrument", "-position")
    bases = presentation.bases(clock.today())
    context = {
        "standards": presentation.standard_cards(),
        "instruments": [list(rows) for _, rows in groupby(versions, lambda row: row.instrument)],
        "bases": len(bases),
        "in_force": sum(basis.in_force for basis in bases),
        "limit": QUERY_LENGTH,
    }
    return render(request, "standards/catalogue.html", context)


@public_page
def snp(request: HttpRequest, code: str) -> HttpResponse:
    """One standard; the code of an indicator or subindicator leads to its place there."""
    row = the_catalogue().by_code.get(code)
    if row is None:
        raise NotFound(f"Kode “{code[:12]}” tidak ada dalam SNP. Contoh kode: 8, 8.2, 8.2.1.")
    if row.level != "standard":
        return redirect(presentation.snp_url(code))
    specs = presentation.on_snp(presentation.newest_versions())
    today = clock.today()
    context = {
        "row": row,
        "parts": presentation.snp_parts(code, specs),
        "specs": specs,
        "bases": [one for one in presentation.bases(today) if one.row.standard and one.row.standard.code == code],
        "standards": the_catalogue().standards,
    }
    return render(request, "standards/snp.html", context)


@public_page
def instrument(request: HttpRequest, instrument: str, version: str) -> HttpResponse:
    row = presentation.version_or_404(instrument, version)
    page = InstrumentPage(row, presentation.form_or_404(row.spec, request.GET.get("bentuk", "")))
    context = {"page": page, "others": page.others(), "opened": request.GET.get("bagian", "")}
    return render(request, "standards/instrument.html", context)


@public_page
def item(request: HttpRequest, instrument: str, version: str, code: str) -> HttpResponse:
    row = presentation.version_or_404(instrument, version)
    page = presentation.item_page_or_404(row, request.GET.get("bentuk", ""), code)
    before, after = page.neighbours()
    context = {
        "page": page,
        "bases": page.bases(clock.today()),
        "leading_to": estimates_from(row, code, page.form),
        "reached_from": estimates_to(row, code, page.form),
        "before": before, "before_url": page.address_of(before),
        "after": after, "after_url": page.address_of(after),
    }  # fmt: skip
    return render(request, "standards/item.html", context)


# --- comparing two versions -----------------------------------------------------------------------------


@public_page
def compare_versions(request: HttpRequest, instrument: str, version: str, other: str) -> HttpResponse:
    """*version* beside *other*, the older one on the left whatever the order in the address."""
    rows = [presentation.version_or_404(instrument, name) for name in (version, other)]
    if rows[0].pk == rows[1].pk:
        raise NotFound("Pilihlah dua versi yang berbeda untuk dibandingkan.")
    old, new = sorted(rows, key=lambda row: row.position)
    forms = [form for form in new.spec.forms if form in old.spec.forms]
    form = request.GET.get("bentuk", "") or (forms[0] if forms else "")
    if form not in forms:
        raise NotFound(f"Kedua versi tidak sama-sama dipakai untuk bentuk “{form[:10]}”.")
    result: Comparison = compare(old.spec, new.spec, form)
    context = {
        "old": old, "new": new, "form": form, "forms": forms, "result": result,
        "header": marked(result.header),
        "parts": marked(result.parts),
        "changed": [MarkedItem(change, marked(change.fields)) for change in result.changed],
        "added": [(one, presentation.item_url(new.spec, one.code, form)) for one in result.added],
        "removed": [(one, presentation.item_url(old.spec, one.code, form)) for one in result.removed],
    }  # fmt: skip
    return render(request, "standards/compare.html", context)


# --- lists and search -----------------------------------------------------------------------------------


@public_page
def legal_bases(request: HttpRequest) -> HttpResponse:
    """Regulations in force today; with ``?tampil=semua`` all of them."""
    every = presentation.bases(clock.today())
    show_all = request.GET.get("tampil") == "semua"
    context = {
        "bases": [one for one in every if show_all or one.in_force],
        "show_all": show_all,
        "total": len(every),
        "today": clock.today(),
    }
    return render(request, "standards/legal_bases.html", context)


@public_page
def unverified(request: HttpRequest) -> HttpResponse:
    specs = [version.spec for version in presentation.newest_versions()]
    groups = [
        ("snp", "Nama dalam SNP", presentation.unsure_names()),
        *((spec.instrument, f"{spec.title} ({spec.version})", presentation.unsure_parts(spec)) for spec in specs),
        ("dasar-hukum", "Dasar hukum", presentation.unsure_bases(presentation.bases(clock.today()))),
    ]
    return render(request, "standards/unverified.html", {"groups": [group for group in groups if group[2]]})


@dataclass(frozen=True)
class Result:
    """A found entry with the words marked."""

    entry: Entry
    code: tuple[Part, ...]
    title: tuple[Part, ...]
    text: tuple[Part, ...]


def _result(entry: Entry, words: tuple[str, ...]) -> Result:
    title = " tentang ".join(text for text in (entry.name, entry.question) if text)
    text = highlight(snippet(entry, words), words)
    return Result(entry, highlight(entry.code, words), highlight(title, words), text)


@public_page
def search(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "")
    error = ""
    words: tuple[str, ...] = ()
    try:
        words = words_of(query)
    except QueryError as problem:
        error = str(problem)
    found: list[Entry] = []
    if words:
        index = presentation.search_index(presentation.newest_versions(), presentation.bases(clock.today()))
        found = index.find(words)
    page_obj = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "query": query[:QUERY_LENGTH], "words": words, "error": error, "limit": QUERY_LENGTH, "page_obj": page_obj,
        "results": [_result(entry, words) for entry in page_obj],
    }  # fmt: skip
    response = render(request, "standards/search.html", context, status=422 if error else 200)
    response["X-Robots-Tag"] = "noindex"
    return response
