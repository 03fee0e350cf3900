"""What people type on the school's pages, read strictly and answered kindly. Rules stay in the services."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict

from common.numbers import parse_whole
from evaluations.models import Answer, AnswerState, EvidenceKind, StageState
from evaluations.services.answers import NOTE_LIMIT, AnswerInput
from evaluations.values import LARGEST_COUNT
from schools.models import User
from standards.items import ItemSpec

VERSION_MESSAGE = (
    "Halaman ini terkirim tanpa penanda versi, sehingga tidak ada yang disimpan. Muat ulang halaman, lalu isi kembali."
)
CHOOSE_ONE = "Pilih salah satu: isi jawabannya, atau pilih alasan “tidak berlaku” saja."


class WholeNumberField(forms.CharField):
    """A whole number as people here type it: ``1250000`` or ``1.250.000``, with or without ``Rp``."""

    def to_python(self, value: Any) -> Any:
        try:
            return parse_whole(str(value or ""), LARGEST_COUNT)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,}".replace(",", ".") if isinstance(value, int) else value


class LinesField(forms.CharField):
    """Text of several lines. Forms send a line break as two signs; the limit counts it as one, as the browser does."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text


class Piece:
    """A crispy-forms layout object: a part drawn by a template of its own, which sees ``form`` and ``item``."""

    def __init__(self, template: str) -> None:
        self.template = template

    def render(self, form: AnswerForm, context: Any, template_pack: Any = None, **kwargs: Any) -> str:
        return render_to_string(self.template, {"form": form, "item": form.item})


def initial_answer(
    item: ItemSpec,
    *,
    state: str,
    value: Mapping[str, Any] | None,
    na_reason: str = "",
    note: str = "",
    version: int = 0,
) -> dict[str, Any]:
    """``initial`` of an AnswerForm from an answer in its stored form (of a row, a submission or a correction)."""
    initial: dict[str, Any] = {"note": note, "version": version}
    if state == AnswerState.NOT_APPLICABLE:
        return initial | {"na_reason": na_reason}
    if state != AnswerState.ANSWERED or value is None:
        return initial
    if item.kind == "yesno":
        return initial | {"value": "ya" if value["value"] else "tidak"}
    return initial | dict(value)


def form_fields(item: ItemSpec, value: Mapping[str, Any] | None, na_reason: str = "") -> list[tuple[str, str]]:
    """The fields that an AnswerForm would be sent with for an answer in its stored form."""
    if value is None:
        return [("na_reason", na_reason)]
    if item.kind == "yesno":
        return [("value", "ya" if value["value"] else "tidak")]
    if item.kind == "checklist":
        return [("met", code) for code in value["met"]]
    return [(name, str(number)) for name, number in value.items()]


class AnswerForm(forms.Form):
    """One answer to *item*: ``level``, ``count`` and ``of``, ``value`` or ``met`` by its kind; ``na_reason``;
    ``note``; ``version``; ``on_behalf_of`` when *people* are offered.

    The submit button ``kosongkan`` takes the answer back. A valid form gives :meth:`to_input`; ``notices`` hold
    what is unusual but allowed. The item decides which fields there are, so nothing can be posted that it does not
    offer.
    """

    def __init__(
        self,
        data: MultiValueDict[str, str] | None = None,
        *,
        item: ItemSpec,
        initial: dict[str, Any] | None = None,
        people: Iterable[User] = (),
        person_required: bool = False,
        versioned: bool = True,
    ) -> None:
        slug = item.code.replace(".", "-")
        super().__init__(data, initial=initial, auto_id=f"id-{slug}-%s")
        self.item = item
        self.notices: list[str] = []
        self.clears = data is not None and "kosongkan" in data
        self._add_answer_fields()
        if item.na:
            # The empty choice is a way back from "tidak berlaku" without JavaScript.
            choices = [
                ("", "Pertanyaan ini berlaku bagi kami"),
                *((reason.code, reason.text) for reason in item.na),
            ]
            self.fields["na_reason"] = forms.ChoiceField(
                label="Alasan tidak berlaku", choices=choices, required=False, widget=forms.RadioSelect,
                error_messages={"invalid_choice": "Alasan itu tidak ada dalam pertanyaan ini. Pilih dari daftar."},
            )  # fmt: skip
        self.fields["note"] = LinesField(
            label="Catatan", required=False, max_length=NOTE_LIMIT,
            widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
            error_messages={"max_length": f"Catatan paling banyak {NOTE_LIMIT} tanda. Ringkaskan dahulu."},
        )  # fmt: skip
        people = list(people)
        if people:
            own = [] if person_required else [("", "Saya sendiri")]
            blank = [("", "Pilih nama")] if person_required else []
            self.fields["on_behalf_of"] = forms.ChoiceField(
                label="Diketikkan untuk", choices=[*blank, *own, *((p.username, str(p)) for p in people)],
                required=person_required, widget=forms.Select(attrs={"class": "form-select"}),
                error_messages={
                    "required": "Pilih nama orang yang menjawab.",
                    "invalid_choice": "Orang itu tidak dapat menjawab di sini. Pilih dari daftar.",
                },
            )  # fmt: skip
        if versioned:
            self.fields["version"] = forms.IntegerField(
                min_value=0, widget=forms.HiddenInput,
                error_messages=dict.fromkeys(("required", "invalid", "min_value"), VERSION_MESSAGE),
            )  # fmt: skip
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.form_show_errors = False  # the pieces show their own, next to their field
        pieces = ["errors", item.kind, *(["na"] if item.na else []), "note", *(["person"] if people else [])]
        if versioned:
            pieces.append("version")
        self.helper.layout = Layout(*(Piece(f"evaluations/answer/{piece}.html") for piece in pieces))

    def _add_answer_fields(self) -> None:
        def radio(label: str, choices: list[tuple[str, str]], wrong: str) -> forms.ChoiceField:
            # A chosen radio cannot be let go; the empty card is the way to "tidak berlaku" without JavaScript.
            empty = [("", "Tidak berlaku")] if self.item.na else []
            return forms.ChoiceField(
                label=label, choices=[*choices, *empty], required=False, widget=forms.RadioSelect,
                error_messages={"invalid_choice": wrong},
            )  # fmt: skip

        if self.item.kind == "rubric":
            levels = [(str(level), f"Level {level}") for level in sorted(self.item.levels, reverse=True)]
            wrong = "Level itu tidak ada. Pilih level 1, 2, 3, atau 4."
            self.fields["level"] = radio("Level yang paling sesuai", levels, wrong)
        elif self.item.kind == "yesno":
            wrong = "Pilih “Ya” atau “Tidak”."
            self.fields["value"] = radio("Jawaban Anda", [("ya", "Ya"), ("tidak", "Tidak")], wrong)
        elif self.item.kind == "ratio":
            for name, label in (("count", "Jumlah"), ("of", "Dari")):
                widget = forms.TextInput(
                    attrs={"class": "form-control", "inputmode": "numeric", "autocomplete": "off", "maxlength": 40}
                )
                self.fields[name] = WholeNumberField(label=label, required=False, widget=widget)
        else:
            self.fields["met"] = forms.MultipleChoiceField(
                label="Yang sudah terpenuhi", required=False, widget=forms.CheckboxSelectMultiple,
                choices=[(point.code, point.text) for point in self.item.points or ()],
                error_messages={"invalid_choice": "Hal itu tidak ada dalam pertanyaan ini. Pilih dari daftar."},
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "version" in self.errors:  # a hidden field has no place of its own for a message
            self.add_error(None, VERSION_MESSAGE)
        if self.clears:
            for name in set(self.errors) - {"version", "on_behalf_of", "__all__"}:
                del self.errors[name]  # what stands in the other fields does not matter any more
            return data
        if not self.item.na and self.data.get("na_reason"):
            self.add_error(None, "Pertanyaan ini selalu berlaku; “tidak berlaku” tidak tersedia. Isi jawabannya.")
        elif data.get("na_reason"):
            if any(data.get(name) not in (None, "", []) for name in ("level", "value", "count", "of", "met")):
                self.add_error("na_reason", CHOOSE_ONE)
        elif "na_reason" not in self.errors:
            getattr(self, f"_check_{self.item.kind}")(data)
        return data

    def _check_rubric(self, data: dict[str, Any]) -> None:
        self._chosen(data, "level", "Pilih satu level yang paling sesuai.")

    def _check_yesno(self, data: dict[str, Any]) -> None:
        self._chosen(data, "value", "Pilih “Ya” atau “Tidak”.")

    def _chosen(self, data: dict[str, Any], name: str, message: str) -> None:
        if name not in self.errors and not data.get(name):
            self.add_error(name, f"{message} Bila tidak berlaku, pilih alasannya." if self.item.na else message)

    def _check_checklist(self, data: dict[str, Any]) -> None:
        """No point ticked is an answer too."""

    def _check_ratio(self, data: dict[str, Any]) -> None:
        for name in ("count", "of"):
            if name not in self.errors and data.get(name) is None:
                self.add_error(name, "Isi angka ini; tulis 0 bila memang tidak ada.")
        count, of = data.get("count"), data.get("of")
        if count is None or of is None:
            return
        if of == 0 and count > 0:
            self.add_error("of", "Jumlahnya lebih dari 0, jadi pembaginya tidak mungkin 0. Periksa kedua angka.")
        elif count > of:
            self.notices.append(
                "Tersimpan, tetapi angka pertama lebih besar daripada angka kedua. Bila memang begitu, jelaskan dalam "
                "catatan; nilainya dihitung paling tinggi penuh."
            )

    def to_input(self) -> AnswerInput:
        """Call it on a valid form."""
        data = self.cleaned_data
        if self.clears:
            return AnswerInput(None)
        if data.get("na_reason"):
            return AnswerInput(AnswerState.NOT_APPLICABLE, None, data["na_reason"], data["note"])
        kind = self.item.kind
        if kind == "rubric":
            value: dict[str, Any] = {"level": int(data["level"])}
        elif kind == "yesno":
            value = {"value": data["value"] == "ya"}
        elif kind == "ratio":
            value = {"count": data["count"], "of": data["of"]}
        else:
            value = {"met": data["met"]}
        return AnswerInput(AnswerState.ANSWERED, value, "", data["note"])

    @property
    def chosen(self) -> frozenset[str]:
        """What a choice widget shows as chosen, for the templates that draw it."""
        name = {"rubric": "level", "yesno": "value", "checklist": "met"}.get(self.item.kind)
        return self._chosen_of(name) if name else frozenset()

    @property
    def chosen_reason(self) -> str:
        return next(iter(self._chosen_of("na_reason")), "") if self.item.na else ""

    @property
    def chose_not_applicable(self) -> bool:
        """The card "tidak berlaku" among the answers was sent, which needs a reason from the list below it."""
        return self.is_bound and bool(self.item.na) and any(self.data.get(name) == "" for name in ("level", "value"))

    def _chosen_of(self, name: str) -> frozenset[str]:
        raw = self[name].value()
        if raw is None:
            return frozenset()
        return frozenset(map(str, raw)) if isinstance(raw, list | tuple | set | frozenset) else frozenset({str(raw)})

    @property
    def level_texts(self) -> dict[str, str]:
        """What each level, or yes and no, means. "Ya: ..." loses its first word, which stands above it."""
        levels = self.item.levels
        if self.item.kind == "rubric":
            return {str(level): text for level, text in levels.items()}
        texts = {"ya": levels[4], "tidak": levels[1]}
        plain = {key: re.sub(r"^(ya|tidak|belum)\s*[:,]\s*", "", text, flags=re.I) for key, text in texts.items()}
        return {key: text[:1].upper() + text[1:] for key, text in plain.items()}

    @property
    def summary_errors(self) -> list[str]:
        """Messages that belong to no single field."""
        return [str(error) for error in self.non_field_errors()]


def answer_form(
    item: ItemSpec, answer: Answer | None, data: MultiValueDict[str, str] | None = None, **kwargs: Any
) -> AnswerForm:
    """The form of one question, showing *answer* (None: unanswered) unless *data* was posted."""
    initial: dict[str, Any] = {"version": 0}
    if answer is not None:
        stored = {name: getattr(answer, name) for name in ("state", "value", "na_reason", "note", "version")}
        initial = initial_answer(item, **stored)
    return AnswerForm(data, item=item, initial=initial, **kwargs)


def date_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"})


_DATE = {"invalid": "Tulis tanggal yang benar, misalnya 2026-11-21."}


class EvidenceForm(forms.Form):
    """What is said about uploaded proof; the files themselves are read by the view."""

    existing = forms.CharField(
        required=False, max_length=150, error_messages={"max_length": "Judul paling banyak 150 tanda."}
    )
    replaces = forms.CharField(
        required=False, max_length=12, error_messages={"max_length": "Pilih bukti yang diganti dari daftar."}
    )
    title = forms.CharField(
        required=False, max_length=150, error_messages={"max_length": "Judul paling banyak 150 tanda."}
    )
    kind = forms.ChoiceField(
        choices=EvidenceKind.choices,
        required=False,
        error_messages={"invalid_choice": "Pilih jenis bukti dari daftar."},
    )
    dated = forms.DateField(required=False, error_messages=_DATE)
    valid_until = forms.DateField(required=False, error_messages=_DATE)
    confidential = forms.BooleanField(required=False)
    also = forms.BooleanField(required=False)  # for the other questions of the group too


class StageForm(forms.Form):
    """The dates and the state of one stage; one form per stage, told apart by their prefix."""

    starts_on = forms.DateField(
        label="Mulai", widget=date_input(), error_messages=_DATE | {"required": "Isi tanggal mulai."}
    )
    ends_on = forms.DateField(
        label="Sampai", widget=date_input(), error_messages=_DATE | {"required": "Isi tanggal selesai."}
    )
    state = forms.ChoiceField(
        label="Keadaan", choices=StageState.choices, widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={"invalid_choice": "Pilih keadaan tahap dari daftar.", "required": "Pilih keadaan tahap."},
    )  # fmt: skip
