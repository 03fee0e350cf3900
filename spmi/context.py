"""What the login page shows in demo mode."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def demo(request: HttpRequest) -> dict[str, object]:
    """``demo_accounts`` and ``demo_password``; nothing at all outside demo mode."""
    if not settings.DEMO:
        return {}
    from spmi.demo.accounts import PASSWORD, demo_accounts

    return {"demo_accounts": demo_accounts, "demo_password": PASSWORD}
