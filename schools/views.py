"""One-time codes, accounts of a school, switching between appointments."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import login
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import DomainError, require
from schools import services
from schools.addresses import school_or_404
from schools.context import SESSION_KEY
from schools.forms import RedeemCodeForm
from schools.models import Assignment, User
from schools.permissions import can_issue_code, can_see_accounts
from schools.requests import SignedInRequest, login_required


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def redeem_code(request: HttpRequest) -> HttpResponse:
    """Set a new password with a printed one-time code; throttled like the login."""
    form = RedeemCodeForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        name = request.POST.get("username", "").strip().lower()
        if not ratelimit.consume(request, action="redeem_code", key=name):
            form.add_error(None, "Terlalu banyak percobaan. Tunggu lima menit, lalu coba lagi.")
            status = 429
        elif form.is_valid():
            try:
                user = services.redeem_login_code(
                    form.cleaned_data["username"], form.cleaned_data["code"], form.cleaned_data["password"]
                )
            except DomainError as error:
                form.add_error(None, error.message)
                for field, message in error.fields.items():
                    form.add_error(field, message)
            else:
                login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
                messages.success(request, "Kata sandi baru tersimpan. Anda sudah masuk.")
                return redirect("home")
    return render(request, "schools/redeem_code.html", {"form": form}, status=status)


@login_required
@require_POST
def switch(request: SignedInRequest) -> HttpResponse:
    """Act in another of one's own appointments; a foreign one is 404."""
    chosen = request.POST.get("assignment", "")
    if chosen not in {str(a.pk) for a in request.user.held()}:
        raise Http404
    request.session[SESSION_KEY] = int(chosen)
    return redirect("home")


@login_required
@require_safe
def accounts(request: SignedInRequest, npsn: str) -> HttpResponse:
    school = school_or_404(request.user, npsn)
    require(can_see_accounts(request.user, school))
    held = Prefetch("assignments", Assignment.objects.for_permissions())
    people = User.objects.in_school(school).order_by("name", "pk").prefetch_related(held)
    rows = [
        {
            "person": person,
            "titles": [a.title for a in person.held() if a.school_id == school.pk],
            "can_issue": can_issue_code(request.user, school, person),
        }
        for person in people
    ]
    return render(request, "schools/accounts.html", {"school": school, "rows": rows})


@never_cache
@login_required
@require_POST
def issue_code(request: SignedInRequest, npsn: str, username: str) -> HttpResponse:
    """Show the new code once, on a page made for printing."""
    school = school_or_404(request.user, npsn)
    require(can_see_accounts(request.user, school))
    person = get_object_or_404(User.objects.in_school(school), username=username)
    code, row = services.issue_login_code(person, school=school, actor=request.user)
    redeem_url = request.build_absolute_uri(reverse("redeem_code"))
    context = {"school": school, "person": person, "code": code, "row": row, "redeem_url": redeem_url}
    return render(request, "schools/login_code.html", context)
