"""Template filters of every page (a builtin library, see settings): Indonesian dates, numbers and states."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template

from common import formats
from common.clock import DEFAULT_ZONE

register = template.Library()

# Which of the five tones (colour and icon) a state of the field has; an unknown one is neutral.
TONES = {
    "progress": {"submitted", "proposed", "in_review", "waiting", "queued", "running"},
    "attention": {"returned", "late", "conflict"},
    "good": {"answered", "accepted", "confirmed", "corrected", "verified", "approved", "ready", "done"},
    "bad": {"failed"},
}
_TONE_OF = {state: tone for tone, states in TONES.items() for state in (tone, *states)}


@register.filter
def tanggal(value: date | datetime | None, zone: str = DEFAULT_ZONE) -> str:
    """``21 November 2026``; a moment is shown as its day in *zone*. "" for None."""
    return formats.format_date(value, zone) if value else ""


@register.filter
def pukul(value: datetime | None, zone: str = DEFAULT_ZONE) -> str:
    """``10.32 WIB``. "" for None."""
    return formats.format_time(value, zone) if value else ""


@register.filter
def saat(value: datetime | None, zone: str = DEFAULT_ZONE) -> str:
    """``21 November 2026 pukul 10.32 WIB``. "" for None."""
    return formats.format_moment(value, zone) if value else ""


@register.filter
def desimal(value: Decimal | int | str | None) -> str:
    """``6,83``; a dash for None, which is not zero."""
    return formats.format_decimal(value)


@register.filter
def rupiah(value: int) -> str:
    """``Rp1.250.000``."""
    return formats.format_rupiah(value)


@register.filter
def nip(value: str) -> str:
    """``19760606 200312 1 005``."""
    return formats.format_nip(value)


@register.filter
def ukuran(value: int) -> str:
    """``1,4 MB``."""
    return formats.format_bytes(value)


@register.filter
def get_item(mapping: Mapping[Any, Any], key: Any) -> Any:
    """``mapping[key]``, or None: a template cannot look up a variable key by itself."""
    return mapping.get(key)


@register.filter
def state_tone(state: object) -> str:
    """The tone of a state badge: neutral, progress, attention, good or bad."""
    return _TONE_OF.get(str(state).lower(), "neutral")
