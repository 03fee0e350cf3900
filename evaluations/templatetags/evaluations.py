"""Addresses of an evaluation's pages, which depend on its instrument."""

from __future__ import annotations

from typing import Any

from django import template

from evaluations.models import Evaluation

register = template.Library()


@register.simple_tag
def evaluation_url(evaluation: Evaluation, name: str, *args: Any) -> str:
    """``{% evaluation_url evaluation "section" "8" %}``, like ``{% url %}``."""
    return evaluation.address(name, *args)
