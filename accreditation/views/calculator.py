"""The public calculator: any scheme, without login. Nothing is stored, and no answer reaches a log."""

from __future__ import annotations

from typing import get_args

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accreditation.place import scheme_or_404
from accreditation.scheme_form import SchemeForm
from accreditation.scheme_input import read_answers
from accreditation.schemes import Result, score
from accreditation.services.readiness import scheme_in_force, the_bodies, the_schemes
from schools.addresses import NotFound
from standards.items import Form

FORMS = get_args(Form)
WINDOW = 60  # seconds of the limit "calculator" in the settings
BUSY = (
    "Dari alamat internet Anda terlalu banyak hitungan dalam satu menit, jadi yang ini belum dihitung. "
    "Tunggu satu menit, lalu tekan Hitung lagi."
)


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """The scheme in force first, then the old ones."""
    current, *old = the_schemes().values()
    context = {"current": current, "old": old, "forms": FORMS, "bodies": the_bodies()}
    return render(request, "accreditation/calculator.html", context)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def calculate(request: HttpRequest, scheme: str, form: str) -> HttpResponse:
    """The form of a scheme, and what follows from it; of a form of education that is not scored, the reason."""
    data = scheme_or_404(scheme)
    if form not in FORMS:
        raise NotFound(f"Bentuk pendidikan “{form[:20]}” tidak dikenal; pilih {', '.join(FORMS)}.")
    context = {"scheme": data, "education_form": form, "bodies": the_bodies(), "current": scheme_in_force()}
    if reason := data.reason(form):
        status = 422 if request.method == "POST" else 200
        return render(request, "accreditation/calculate.html", context | {"reason": reason}, status=status)
    if request.method != "POST":
        return render(request, "accreditation/calculate.html", context | {"form": SchemeForm(data, form)})
    filled = SchemeForm(data, form, request.POST)
    context["form"] = filled
    if not ratelimit.consume(request, action="calculator"):
        response = render(request, "accreditation/calculate.html", context | {"busy": BUSY}, status=429)
        response["Retry-After"] = str(WINDOW)
        return response
    context["result"] = result = _result(filled)
    return render(request, "accreditation/calculate.html", context, status=200 if result else 422)


def _result(filled: SchemeForm) -> Result | None:
    """The result of what was filled in; None when that cannot be read, or is nothing."""
    if not filled.is_valid():
        return None
    given = filled.to_input()
    if not given:
        filled.add_error("Belum ada yang diisi. Isi sedikitnya satu, lalu tekan Hitung; yang kosong boleh dibiarkan.")
        return None
    return score(filled.scheme, filled.form, read_answers(filled.scheme, filled.form, given))
