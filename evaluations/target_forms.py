"""What the quality team types about targets and the meeting that decided on them. Rules stay in the services."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from common.formats import format_decimal
from evaluations.forms import LinesField, date_input
from evaluations.services.targets import Meeting, Person
from evaluations.targets import Wanted


class ScoreField(forms.CharField):
    """A score as people here type it: ``5,25`` or ``5.25``; empty is not set."""

    _pattern = re.compile(r"\d{1,3}([.,]\d{1,10})?", re.ASCII)

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        if not self._pattern.fullmatch(text):
            raise forms.ValidationError("Tulis angka seperti 5,25, atau kosongkan.")
        return Decimal(text.replace(",", "."))

    def prepare_value(self, value: Any) -> Any:
        return format_decimal(value) if isinstance(value, Decimal) else value


class TargetForm(forms.Form):
    """The target of one indicator or subindicator; one form per row, told apart by its code."""

    score = ScoreField(
        required=False, widget=forms.TextInput(
            attrs={
                "class": "form-control", "inputmode": "decimal", "autocomplete": "off", "list": "pilihan-target",
                "maxlength": 12,
            }
        ),
    )  # fmt: skip
    beyond = forms.BooleanField(required=False, widget=forms.CheckboxInput(attrs={"class": "form-check-input"}))
    beyond_note = LinesField(required=False, widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}))
    note = LinesField(required=False, widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}))

    def __init__(self, code: str, wanted: Wanted, data: Mapping[str, Any] | None = None) -> None:
        initial = {name: getattr(wanted, name) for name in ("score", "beyond", "beyond_note", "note")}
        super().__init__(data, prefix=code.replace(".", "-"), initial=initial)
        self.code = code

    def to_wanted(self) -> Wanted:
        """Call it on a valid form."""
        return Wanted(**self.cleaned_data)

    @property
    def says_more(self) -> bool:
        """Something stands beside the number, or has to be mended there."""
        fields = ("beyond", "beyond_note", "note")
        return any(self[name].value() or self[name].errors for name in fields)

    @property
    def is_filled(self) -> bool:
        return bool(self["score"].value() not in (None, "") or self.says_more or self.errors)


class MeetingForm(forms.Form):
    """Who decided on the targets, when and where; the file is read by the view."""

    met_on = forms.DateField(
        label="Tanggal rapat", required=False, widget=date_input(),
        error_messages={"invalid": "Tulis tanggal yang benar, misalnya 2026-07-21."},
    )  # fmt: skip
    place = forms.CharField(
        label="Tempat (boleh kosong)", required=False, widget=forms.TextInput(attrs={"class": "form-control"})
    )
    people = forms.MultipleChoiceField(
        label="Yang hadir dari sekolah", required=False, widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Orang itu tidak ada dalam daftar. Pilih dari daftar, atau tulis namanya."},
    )  # fmt: skip
    others = LinesField(
        label="Yang hadir selain itu", required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
    )  # fmt: skip
    confidential = forms.BooleanField(required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        known: Mapping[str, Person],
        initial: dict[str, Any] | None = None,
    ) -> None:
        """*known* are the people of the school by user name."""
        super().__init__(data, initial=initial)
        self.known = known
        self.fields["people"].choices = [(name, f"{one.name}, {one.role}") for name, one in known.items()]  # type: ignore[attr-defined]

    def clean_others(self) -> str:
        others: str = self.cleaned_data["others"]
        people = [_person(line) for line in others.splitlines()]
        if any(one.role.strip() and not one.name.strip() for one in people):
            raise forms.ValidationError("Tuliskan nama sebelum koma, misalnya “Suparman, wakil orang tua”.")
        return others

    def to_meeting(self) -> Meeting:
        """Call it on a valid form."""
        data = self.cleaned_data
        others = [_person(line) for line in data["others"].splitlines()]
        # Whoever is ticked and written down as well took part once, in the role that was written.
        written = {one.name.strip().casefold() for one in others}
        chosen = [self.known[name] for name in data["people"]]
        ticked = [one for one in chosen if one.name.casefold() not in written]
        return Meeting(data["met_on"], data["place"], (*ticked, *others))

    @property
    def chosen(self) -> frozenset[str]:
        return frozenset(self["people"].value() or ())


def _person(line: str) -> Person:
    """``Suparman, S.Pd., ketua komite``: academic titles carry commas too, so the last one begins the role."""
    name, comma, role = line.rpartition(",")
    return Person(name, role) if comma else Person(role, "")


def meeting_initial(
    *, met_on: Any, place: str, participants: Sequence[Mapping[str, str]], known: Mapping[str, Person]
) -> dict[str, Any]:
    """``initial`` of a MeetingForm: people of the school are ticked, the others written out."""
    usernames = {one: username for username, one in known.items()}
    people = [Person(one["name"], one["role"]) for one in participants]
    return {
        "met_on": met_on,
        "place": place,
        "people": [usernames[one] for one in people if one in usernames],
        "others": "\n".join(f"{one.name}, {one.role}" for one in people if one not in usernames),
    }
