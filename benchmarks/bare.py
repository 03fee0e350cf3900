"""The yardstick of `make bench`: all addresses of the application, and one view that does the bare minimum."""

from __future__ import annotations

from functools import cache

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template, engines
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from evaluations.models import Section
from spmi.urls import handler400, handler403, handler404, handler500
from spmi.urls import urlpatterns as application

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

FRAGMENT = """<form method="post" action="/bare/">{% csrf_token %}
<label>Catatan <input name="note" value="{{ section.return_note }}"></label><p>Tersimpan.</p></form>"""


PAGE = """{% extends "base.html" %}{% block content %}<h1>{{ section.standard }}</h1>{% endblock %}"""


@cache
def page() -> Template:
    return engines["django"].from_string(PAGE).template


@cache
def fragment() -> Template:
    return engines["django"].from_string(FRAGMENT).template


@login_required
@require_POST
def bare(request: HttpRequest) -> HttpResponse:
    """Reads one row, writes it, answers with a small form: what any Django view that saves something does."""
    section = Section.objects.get(pk=request.POST["pk"])
    section.return_note = request.POST["note"]
    section.save()
    return HttpResponse(fragment().render(RequestContext(request, {"section": section})))


@login_required
@require_safe
def bare_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Reads one row and shows it in the frame of every page: what any Django view that shows something does."""
    section = Section.objects.get(pk=pk)
    return HttpResponse(page().render(RequestContext(request, {"section": section})))


urlpatterns = [*application, path("bare/", bare), path("bare/<int:pk>/", bare_page)]
