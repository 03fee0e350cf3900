"""The request behind ``login_required``, for the type checker."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from schools.models import User


class SignedInRequest(HttpRequest):
    """A request whose user is a person of ours and not anonymous; only ever used as an annotation."""

    user: User  # type: ignore[assignment]
    htmx: HtmxDetails  # set by HtmxMiddleware
