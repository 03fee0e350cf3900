"""Dates, times, numbers and names as Indonesian readers expect them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from common.zones import DEFAULT_ZONE, ZONE_NAMES

MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip


def format_date(value: date | datetime, zone: str = DEFAULT_ZONE) -> str:
    """``21 November 2026``, a moment being shown as its day in *zone*."""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(zone)).date()
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def format_time(value: datetime, zone: str = DEFAULT_ZONE) -> str:
    """``10.32 WIB``."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{local:%H.%M} {ZONE_NAMES.get(zone, zone)}"


def format_moment(value: datetime, zone: str = DEFAULT_ZONE) -> str:
    """``21 November 2026 pukul 10.32 WIB``."""
    return f"{format_date(value, zone)} pukul {format_time(value, zone)}"


def format_decimal(value: Decimal | int | str | None, empty: str = "–") -> str:
    """``6,83``; thousands with dots; *empty* for None, which is not zero."""
    if value is None:
        return empty
    number = Decimal(value)
    return f"{number:,f}".replace(",", "·").replace(".", ",").replace("·", ".")


def format_rupiah(value: int) -> str:
    """``Rp1.250.000``."""
    return f"Rp{format_decimal(value)}"


def format_bytes(size: int) -> str:
    """``1,4 MB`` (1 MB = 1.048.576 byte, as phones show it)."""
    if size < 1024:
        return f"{size} byte"
    if size < 1024 * 1024:
        return f"{format_decimal(Decimal(size) / 1024 // 1)} KB"
    return f"{format_decimal((Decimal(size) / (1024 * 1024)).quantize(Decimal('0.1')))} MB"


def format_nip(nip: str) -> str:
    """``19760606 200312 1 005`` (8-6-1-3), however the 18 digits were typed; "" for anything that is no NIP."""
    digits = "".join(sign for sign in nip if sign not in " .-")
    if len(digits) != 18 or not (digits.isascii() and digits.isdigit()):
        return ""
    return f"{digits[:8]} {digits[8:14]} {digits[14]} {digits[15:]}"
