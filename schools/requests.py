"""Requests of people who have signed in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required as redirect_to_login_page
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from schools.models import User

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
LOST = "Anda sudah keluar, jadi yang baru dikirim belum tersimpan. Masuk, lalu kirim sekali lagi."


class SignedInRequest(HttpRequest):
    """A request whose user is a person of ours and not anonymous; only ever used as an annotation."""

    user: User  # type: ignore[assignment]
    htmx: HtmxDetails  # set by HtmxMiddleware


def login_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Django's decorator, which leads a form that was sent too late back to its page instead of to its own address.

    That address would only answer 405 to the browser that comes from the login page.
    """
    checked = redirect_to_login_page(view)

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated or request.method in SAFE_METHODS:
            return checked(request, *args, **kwargs)
        messages.warning(request, LOST)
        return redirect_to_login(_page_before(request))

    return wrapped


def _page_before(request: HttpRequest) -> str:
    page = request.headers.get("referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return reverse("home")
    return urlsplit(page)._replace(scheme="", netloc="", fragment="").geturl() or reverse("home")
