"""What a reviewer posts, read as fields. The rules (needed reasons, offered values) stay in the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from common.errors import DomainError
from evaluations.forms import AnswerForm, initial_answer
from evaluations.models import Review, ReviewDecision, ReviewMode
from evaluations.services.reviews import REASON_LIMIT
from standards.items import ItemSpec

CHOOSE = "Pilih keputusan telaah: sesuai, koreksi, atau perlu diperbaiki."


class CorrectionForm(AnswerForm):
    """The answer as the team sees it: the fields of the item, without note and version."""

    def __init__(
        self,
        data: MultiValueDict[str, str] | None = None,
        *,
        item: ItemSpec,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, item=item, initial=initial, versioned=False)
        del self.fields["note"]

    def clean(self) -> dict[str, Any]:
        return super().clean() | {"note": ""}  # the reviewer's words are the reason, not a note

    @property
    def answer_field(self) -> forms.BoundField:
        """The radio buttons of a rubric or a yes/no question."""
        return self["level" if self.item.kind == "rubric" else "value"]


class ReviewForm(forms.Form):
    """The decision on one item. A service's refusal is shown in place with :meth:`take`."""

    decision = forms.ChoiceField(
        choices=ReviewDecision.choices, error_messages={"required": CHOOSE, "invalid_choice": CHOOSE}
    )
    reason = forms.CharField(
        required=False, label="Alasan", widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"})
    )
    mode = forms.ChoiceField(
        required=False,
        label="Cara telaah",
        choices=[choice for choice in ReviewMode.choices if choice[0] != ReviewMode.GUEST],
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={"invalid_choice": "Pilih cara telaah dari daftar."},
    )
    attendance = forms.CharField(
        required=False,
        label="Daftar hadir rapat telaah",
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
    )

    def __init__(
        self,
        data: MultiValueDict[str, str] | None = None,
        *,
        item: ItemSpec,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial, auto_id=f"telaah-{slug(item.code)}-%s")
        self.fields["reason"].widget.attrs["maxlength"] = REASON_LIMIT

    def take(self, error: DomainError) -> bool:
        """Show a refusal beside the fields that it names; False when it names none of this form."""
        named = [name for name in error.fields if name in self.fields]
        for name in named:
            self.add_error(name, error.fields[name])
        return bool(named)

    @property
    def chosen(self) -> str:
        return str(self["decision"].value() or "")


def slug(code: str) -> str:
    """``8-1-1-a``: an item code as part of an element id."""
    return code.replace(".", "-")


def correction_initial(item: ItemSpec, frozen: dict[str, Any], review: Review | None) -> dict[str, Any]:
    """Where a correction starts: the last correction, else the school's answer."""
    if review is not None and review.decision == ReviewDecision.CORRECTED:
        return initial_answer(item, state=review.state, value=review.value, na_reason=review.na_reason)
    return initial_answer(item, state=frozen["state"], value=frozen["value"], na_reason=frozen["na_reason"])
