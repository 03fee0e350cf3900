"""Errors of the field: a clear Indonesian message that says what to do next, and an HTTP status."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied

from common.decisions import Decision


class DomainError(Exception):
    """A rule of the field says no. ``status`` is the HTTP status that a view answers with.

    ``fields`` names form fields with their own messages, so that a page can show them in place.
    """

    status = 422

    def __init__(self, message: str, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields: dict[str, str] = dict(fields or {})


class StateError(DomainError):
    """The thing is in another state than the action needs (already submitted, not yet open)."""

    status = 409


def require(decision: Decision) -> None:
    """Raise PermissionDenied (HTTP 403), or StateError (409) for "not now", with the reason of a refusal."""
    if decision:
        return
    if decision.wrong_state:
        raise StateError(decision.reason)
    raise PermissionDenied(decision.reason)
