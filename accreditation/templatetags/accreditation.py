"""Filters and tags of the readiness pages."""

from __future__ import annotations

from django import template

from accreditation.place import Place
from accreditation.result_view import ResultView
from accreditation.schemes import Result
from evaluations.grouping import anchor_of
from standards.naming import STATUSES

register = template.Library()


@register.filter
def status_name(status: str) -> str:
    """How well a rule or name is known: "terverifikasi", "terverifikasi sebagian" or "belum terverifikasi"."""
    return STATUSES[status]


@register.filter
def item_anchor(code: str) -> str:
    """Where the item stands in the gap list."""
    return anchor_of(code)


@register.simple_tag
def scheme_url(place: Place, name: str, *args: str) -> str:
    """The address of a page of the same school, year and scheme."""
    return place.url(name, *args)


@register.filter
def presented(result: Result) -> ResultView:
    """A result in the words and rows of a page."""
    return ResultView(result)
