"""Answers in words, as pages, conflicts and proposals show them."""

from __future__ import annotations

from typing import Any

from evaluations.models import Answer, AnswerState
from evaluations.values import describe, parse_value, reading_level
from standards.instruments import InstrumentSpec
from standards.items import ItemSpec


def stored_text(spec: InstrumentSpec, item: ItemSpec, state: str | None, value: Any, na_reason: str) -> str:
    """An answer in its stored form as a sentence for people, with the level as which it reads."""
    if state is None:
        return "Dikosongkan (belum dijawab)"
    if state == AnswerState.NOT_APPLICABLE:
        reason = next((reason.text for reason in item.na if reason.code == na_reason), na_reason)
        return f"Tidak berlaku: {reason}"
    parsed = parse_value(item, value)
    text = describe(item, parsed)
    if item.kind not in {"ratio", "checklist"}:
        return text
    level = reading_level(item, parsed)
    return f"{text}; dihitung tidak berlaku" if level is None else f"{text}; terbaca sebagai level {level}"


def answer_text(spec: InstrumentSpec, item: ItemSpec, answer: Answer | None) -> str:
    if answer is None:
        return "Belum dijawab"
    return stored_text(spec, item, answer.state, answer.value, answer.na_reason)
