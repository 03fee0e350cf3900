"""Recording what a school answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from common import clock
from common.errors import DomainError, StateError, require
from common.texts import clean_text
from evaluations.models import Answer, AnswerState, Section
from evaluations.permissions import can_answer, can_answer_item
from evaluations.services.locks import locked_section
from evaluations.values import parse_value
from schools.models import User, record_event
from standards.items import ItemSpec

NOTE_LIMIT = 2000
UNKNOWN_TITLE = "judul pertanyaan ini belum diketahui"


@dataclass(frozen=True, slots=True)
class AnswerInput:
    """What a person wants to say to one item. ``state`` None takes the answer back (unanswered again).

    ``origin`` names the proposal that the person confirms, ``origin_note`` says where it comes from.
    """

    state: AnswerState | None
    value: dict[str, Any] | None = None
    na_reason: str = ""
    note: str = ""
    origin: str = ""
    origin_note: str = ""


class AnswerConflict(StateError):
    """Somebody saved another answer meanwhile; ``current`` is theirs (None: taken back). Nothing was written."""

    def __init__(self, current: Answer | None) -> None:
        super().__init__("Ada dua isian berbeda. Isian Anda belum tersimpan; pilih yang dipakai.")
        self.current = current


def check_input(item: ItemSpec, wanted: AnswerInput) -> AnswerInput:
    """*wanted* in its stored form. Raises DomainError for a value or reason that the item does not offer."""
    note = clean_text(wanted.note)
    if len(note) > NOTE_LIMIT:
        raise DomainError(
            f"Catatan terlalu panjang: {len(note)} dari paling banyak {NOTE_LIMIT} tanda. Ringkaskan dahulu.",
            fields={"note": "Catatan terlalu panjang."},
        )
    if wanted.state is None:
        return AnswerInput(None)
    if wanted.state == AnswerState.NOT_APPLICABLE:
        if wanted.na_reason not in {reason.code for reason in item.na}:
            message = (
                "Pilih alasan “tidak berlaku” dari daftar."
                if item.na
                else "Pertanyaan ini selalu berlaku; “tidak berlaku” tidak tersedia."
            )
            raise DomainError(message, fields={"na_reason": message})
        return replace(wanted, value=None, note=note)
    try:
        value = parse_value(item, wanted.value)
    except ValueError as error:
        raise DomainError(f"Jawaban belum dapat disimpan: {error}.") from None
    return replace(wanted, value=value.to_json(), na_reason="", note=note)


def _content(answer: Answer | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    return {
        "state": answer.state,
        "value": answer.value,
        "na_reason": answer.na_reason,
        "note": answer.note,
        "answered_by": answer.answered_by_id,
        "version": answer.version,
        **({"origin": answer.origin} if answer.origin else {}),
    }


@transaction.atomic
def record_answer(
    section_id: int,
    item_code: str,
    wanted: AnswerInput,
    *,
    version: int,
    actor: User,
    on_behalf_of: User | None = None,
    at: datetime | None = None,
    known: Section | None = None,
) -> tuple[Section, Answer | None]:
    """Save one answer against the version that the person saw (0 = unanswered).

    Locks the section (see locked_section for *known*), then the answer. Sending the same content again is
    harmless, whatever the version; for another *on_behalf_of* it corrects who answered.
    Returns the section with fresh counts and the answer (None when taken back).
    Raises PermissionDenied, StateError for a closed section, DomainError for a bad value or unknown item,
    AnswerConflict for a stale version.
    """
    section = locked_section(section_id, known=known)
    require(can_answer(actor, section, on_behalf_of=on_behalf_of))
    item = section.item(item_code)
    if item is None:
        raise DomainError(f"Pertanyaan {item_code} tidak ada dalam {section.label} ini.")
    if not item.answerable:
        raise DomainError(f"Pertanyaan {item_code} belum dapat dijawab: {UNKNOWN_TITLE}.")
    require(can_answer_item(actor, section, item, on_behalf_of=on_behalf_of))
    wanted = check_input(item, wanted)
    person = on_behalf_of or actor
    answer = section.answers.select_for_update(of=("self",)).filter(item_code=item_code).first()

    stored = None if answer is None else (answer.state, answer.value, answer.na_reason, answer.note)
    same = stored == (None if wanted.state is None else (wanted.state, wanted.value, wanted.na_reason, wanted.note))
    # A typist may correct the name alone; saving somebody's answer unchanged in the own name takes nothing over.
    renamed = on_behalf_of is not None and answer is not None and answer.answered_by_id != on_behalf_of.pk
    if same and not renamed:
        return section, answer
    if version != (answer.version if answer else 0):
        raise AnswerConflict(answer)

    before = _content(answer)
    moment = clock.now(at)
    section.writes += 1
    if wanted.state is None:
        if answer is not None:  # always: taking back what is not there counts as the same content above
            answer.delete()
        section.answered_count -= 1
        kept = None
    else:
        if answer is None:
            answer = Answer(section=section, item_code=item_code)
            section.answered_count += 1
        answer.state, answer.value = wanted.state, wanted.value
        answer.na_reason, answer.note = wanted.na_reason, wanted.note
        if wanted.origin or stored is None or stored[:3] != (wanted.state, wanted.value, wanted.na_reason):
            # A note that is added later takes nothing away from where the answer came from.
            answer.origin, answer.origin_note = wanted.origin, wanted.origin_note
        answer.version = section.writes
        answer.answered_by, answer.typed_by, answer.updated_at = person, actor, moment
        answer.save()
        kept = answer
    section.save(update_fields=["writes", "answered_count"])
    record_event(
        "answer.recorded" if kept else "answer.cleared",
        section,
        actor=actor,
        on_behalf_of=person if person != actor else None,
        school_id=section.evaluation.cycle.school_id,
        before={"item": item_code, **(before or {})},
        after={"item": item_code, **(_content(kept) or {})},
        at=moment,
    )
    return section, kept
