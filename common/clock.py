"""The one source of "now". Services take ``at`` so that a finished year can be built with its own dates."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from common.zones import DEFAULT_ZONE


def now(at: datetime | None = None) -> datetime:
    """*at* when given (must be aware), else the current time in UTC. Raises ValueError for a naive time."""
    if at is None:
        return timezone.now()
    if timezone.is_naive(at):
        raise ValueError("at must be an aware datetime")
    return at


def local_date(moment: datetime, zone: str = DEFAULT_ZONE) -> date:
    """The calendar day of *moment* in *zone*; a deadline ends in the school's zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def today(zone: str = DEFAULT_ZONE) -> date:
    return local_date(now(), zone)
