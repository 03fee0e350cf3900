"""Page or fragment: one template each, chosen by the request."""

from django.http import HttpRequest


def fragment_or(request: HttpRequest, fragment: str, page: str) -> str:
    """*fragment* for an htmx request that is not a boosted page visit, else *page*."""
    return fragment if request.htmx and not request.htmx.boosted else page  # type: ignore[attr-defined]
