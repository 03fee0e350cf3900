"""The answer to "may this person do this, and if not, why?"."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decision:
    """Allowed, or refused with a reason in Indonesian that is shown to the person.

    ``wrong_state`` tells "not now" (the thing is in another state, HTTP 409) from "not you" (HTTP 403).
    """

    allowed: bool
    reason: str = ""
    wrong_state: bool = False

    def __bool__(self) -> bool:
        return self.allowed


ALLOWED = Decision(True)


def refuse(reason: str) -> Decision:
    """Not you: the person's role does not allow it."""
    return Decision(False, reason)


def not_now(reason: str) -> Decision:
    """Not now: the person might, but the thing is in another state."""
    return Decision(False, reason, wrong_state=True)
