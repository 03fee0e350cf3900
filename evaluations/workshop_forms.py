"""What people type in the workshop of own instruments. Which texts are fit is asked of the services."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.datastructures import MultiValueDict
from django.utils.text import slugify

from common.texts import plain_text
from evaluations.forms import LinesField
from evaluations.services.workshop import ADD, REPLACE, Header
from standards import naming
from standards.exchange import in_words
from standards.items import LEVELS, ItemSpec
from standards.own import MAX_LIST, MAX_TEXT

TOO_LONG = {"max_length": f"Terlalu panjang; paling banyak {MAX_TEXT} tanda."}
FIRST_POINTS, MORE_POINTS = 5, 3
LETTERS = "abcdefghijklmnopqrstuvwxyz"
BANDS = {4: "1", 3: "3/4", 2: "1/2"}

LEVEL_HELP = {
    "rubric": {
        4: "Target tercapai di mana-mana: di semua kelas, bagi semua murid, selama jangka waktunya.",
        3: "Sebagian besar tercapai. Sebutkan apa yang masih kurang dibandingkan level 4.",
        2: "Baru dimulai, atau baru di sebagian kecil tempat.",
        1: "Belum berjalan. Tulis apa adanya; jujur di level 1 bukan aib.",
    },
    "yesno": {4: "Kapan sekolah boleh menjawab “ya”.", 1: "Kapan jawabannya “tidak”."},
}
COUNTED_HELP = {
    4: "Kalimat bagi pembaca hasil, misalnya: semua kelas memilikinya.",
    3: "Misalnya: sedikitnya tiga perempat kelas memilikinya.",
    2: "Misalnya: sedikitnya separuh kelas memilikinya.",
    1: "Di bawah batas level 2.",
}
KIND_HELP = {
    "rubric": "Pilih satu dari empat level yang diuraikan. Cocok untuk cara kerja dan mutu.",
    "ratio": "Berapa dari berapa, misalnya kelas dengan sudut baca dari semua kelas. Levelnya dihitung.",
    "yesno": "Ada atau tidak ada, dengan uraian kapan boleh menjawab “ya”.",
    "checklist": "Beberapa hal yang dicentang bila terpenuhi. Levelnya dihitung dari banyaknya.",
}


def area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "form-control"})


def line(**attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", **attrs})


REQUIRED = {"required": "Wajib diisi."}


def _text(
    label: str, help_text: str = "", *, rows: int = 0, length: int = MAX_TEXT, required: bool = True
) -> forms.CharField:
    messages = REQUIRED | {"max_length": f"Terlalu panjang; paling banyak {length} tanda."}
    if rows:
        return LinesField(
            label=label, help_text=help_text, required=required, max_length=length, widget=area(rows),
            error_messages=messages,
        )  # fmt: skip
    return forms.CharField(
        label=label, help_text=help_text, required=required, max_length=length, widget=line(), error_messages=messages
    )


def _several(
    label: str, help_text: str, choices: Iterable[tuple[str, str]], *, required: bool = False
) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, help_text=help_text, required=required, choices=list(choices),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Pilih sedikitnya satu.", "invalid_choice": "Pilihan itu tidak ada. Pilih dari daftar.",
        },
    )  # fmt: skip


# --- header -------------------------------------------------------------------------------------------


class HeaderForm(forms.Form):
    """Title, for which of the *education_forms*, source and note."""

    title = forms.CharField(
        label="Nama instrumen", max_length=200, widget=line(),
        help_text="Seperti dibaca orang, misalnya “Standar literasi sekolah kami”.",
        error_messages={"required": "Tulis nama instrumen.", "max_length": "Paling banyak 200 tanda."},
    )  # fmt: skip
    source = LinesField(
        label="Sumber", max_length=MAX_TEXT, widget=area(2),
        help_text="Siapa menyusunnya dan dari mana: rapat apa, naskah apa.",
        error_messages=TOO_LONG | {"required": "Tulis dari mana pertanyaan-pertanyaan ini."},
    )  # fmt: skip
    note = LinesField(
        label="Catatan", required=False, max_length=MAX_TEXT, widget=area(3), error_messages=TOO_LONG,
        help_text="Boleh kosong. Dibaca orang yang hendak membuka instrumen ini.",
    )  # fmt: skip

    def __init__(
        self,
        data: MultiValueDict[str, str] | None = None,
        *,
        education_forms: Sequence[str] = (),
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        if len(education_forms) > 1:
            self.fields["forms"] = _several(
                "Bentuk pendidikan", "Siapa yang ditanya.", [(one, one) for one in education_forms], required=True
            )
        self.education_forms = tuple(education_forms)
        self.order_fields(["title", "forms", "source", "note"])

    def to_header(self) -> Header:
        """Call it on a valid form."""
        data = self.cleaned_data
        chosen = data["forms"] if "forms" in self.fields else self.education_forms
        return Header(data["title"], tuple(chosen), data["source"], data["note"])

    @property
    def several(self) -> frozenset[str]:
        """Names of the fields that are lists to tick."""
        return frozenset({"forms"})


# --- a question ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PointRow:
    """One line of a checklist in the form."""

    number: int
    text: BoundField
    must: BoundField
    code: BoundField


class ItemForm(forms.Form):
    """One question of *kind*; the fields that its kind does not have are not there.

    What must be filled in is said here, everything else by the rules of questions: ``to_data`` gives the question as
    they read it, ``show`` puts what they say at its field.
    """

    def __init__(
        self,
        data: MultiValueDict[str, str] | None = None,
        *,
        kind: str,
        item: ItemSpec | None = None,
        education_forms: Sequence[str] = (),
        bases: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.kind, self.item = kind, item
        super().__init__(data, initial=initial_item(item) if item else {f"band_{k}": v for k, v in BANDS.items()})
        self.fields["question"] = _text(
            "Pertanyaan", "Satu kalimat tanya tentang satu hal, paling banyak 35 kata. Tulis “murid”.", rows=3
        )
        self.fields["window"] = _text(
            "Jangka waktu", "Misalnya: semester ini, 12 bulan terakhir, hari pengisian.", length=200
        )
        self._add_kind_fields()
        self.fields["answered_by"] = _several(
            "Dijawab oleh", "Siapa yang paling tahu keadaannya.", naming.ANSWERERS.items(), required=True
        )
        self.fields["not_by"] = _several(
            "Jangan dijawab oleh", "Boleh kosong. Tidak seorang pun menilai dirinya sendiri.", naming.ANSWERERS.items()
        )
        self.fields["gather"] = _several(
            "Dikumpulkan lewat", "Dari mana jawabannya diketahui.", naming.GATHERING.items(), required=True
        )
        self.fields["evidence"] = _text(
            "Contoh bukti dukung", "Satu per baris, dua sampai lima contoh.", rows=3, required=False
        )
        self.fields["help"] = _text(
            "Petunjuk pengisian", "Arti kata yang dapat disalahpahami, dan cara menghitung.", rows=3, required=False
        )
        self.fields["na"] = _text(
            "Alasan “tidak berlaku”",
            "Satu per baris, misalnya: Sekolah belum memiliki perpustakaan. Kosong berarti pertanyaan selalu berlaku.",
            rows=2,
            required=False,
        )
        self.fields["dimension"] = forms.ChoiceField(
            label="Dimensi mutu", required=False, choices=[("", "tidak disebut"), *naming.DIMENSIONS.items()],
            widget=forms.Select(attrs={"class": "form-select"}),
            error_messages={"invalid_choice": "Pilih dari daftar."},
        )  # fmt: skip
        if len(education_forms) > 1:
            self.fields["forms"] = _several(
                "Hanya untuk bentuk",
                "Kosong berarti semua bentuk instrumen ini.",
                [(one, one) for one in education_forms],
            )
        if bases:
            self.fields["basis"] = _several("Dasar hukum", "Boleh kosong.", bases)

    def _add_kind_fields(self) -> None:
        helps = LEVEL_HELP.get(self.kind, COUNTED_HELP)
        for level in (4, 1) if self.kind == "yesno" else sorted(LEVELS, reverse=True):
            name = {4: "Ya, artinya", 1: "Tidak, artinya"}[level] if self.kind == "yesno" else f"Level {level}"
            self.fields[f"level_{level}"] = _text(name, helps[level], rows=3)
        if self.kind == "ratio":
            self.fields["count"] = _text("Yang dihitung", "Misalnya: kelas dengan sudut baca.", length=500)
            self.fields["of"] = _text("Dari", "Misalnya: semua kelas yang sedang berjalan.", length=500)
            self.fields["unit"] = _text("Satuan", "Misalnya: kelas, murid, guru.", length=50)
            self.fields["where"] = _text(
                "Letak angkanya", "Boleh kosong; misalnya: daftar kelas.", length=500, required=False
            )
        if self.kind == "checklist":
            for number in range(self._rows()):
                self.fields[f"point_{number}"] = _text(f"Hal {number + 1}", length=500, required=False)
                self.fields[f"must_{number}"] = forms.BooleanField(label="wajib", required=False)
                self.fields[f"letter_{number}"] = forms.CharField(
                    required=False, max_length=1, widget=forms.HiddenInput
                )
            self.fields["cap"] = _text(
                "Nilai tertinggi tanpa hal wajib",
                "Hanya bila ada hal wajib: bagian tertinggi selama satu hal wajib belum terpenuhi. "
                "Kosong berarti sama dengan batas level 2.",
                length=20,
                required=False,
            )
        if self.kind in {"ratio", "checklist"}:
            for level in (4, 3, 2):
                self.fields[f"band_{level}"] = _text(f"Level {level} mulai dari", length=20)

    def full_clean(self) -> None:
        """A half-written question is not complained about while somebody only asks for more lines."""
        super().full_clean()
        if self.wants_rows:
            self.errors.clear()

    def _rows(self) -> int:
        """As many lines as were sent or stored, and some to spare."""
        have = len(self.item.points or ()) if self.item else 0
        rows = max(FIRST_POINTS, have + 1)
        if self.is_bound:
            sent = str(self.data.get("rows", ""))
            rows = int(sent) if re.fullmatch(r"\d{1,2}", sent, re.ASCII) else rows
            rows += MORE_POINTS if self.wants_rows else 0
        return max(have, min(rows, len(LETTERS)))

    @property
    def wants_rows(self) -> bool:
        """The button for more lines was pressed: nothing is to be saved yet."""
        return self.kind == "checklist" and self.is_bound and "more" in self.data

    # what the template draws
    @property
    def points(self) -> list[PointRow]:
        numbers = range(sum(name.startswith("point_") for name in self.fields))
        return [
            PointRow(number, self[f"point_{number}"], self[f"must_{number}"], self[f"letter_{number}"])
            for number in numbers
        ]

    @property
    def can_grow(self) -> bool:
        return len(self.points) < len(LETTERS)

    def _named(self, *names: str) -> list[BoundField]:
        return [self[name] for name in names if name in self.fields]

    @property
    def level_fields(self) -> list[BoundField]:
        return self._named("level_4", "level_3", "level_2", "level_1")

    @property
    def count_fields(self) -> list[BoundField]:
        return self._named("count", "of", "unit", "where")

    @property
    def band_fields(self) -> list[BoundField]:
        return self._named("band_4", "band_3", "band_2")

    @property
    def people_fields(self) -> list[BoundField]:
        return self._named("answered_by", "not_by", "gather")

    @property
    def further_fields(self) -> list[BoundField]:
        return self._named("na", "dimension", "forms", "basis")

    @property
    def further_open(self) -> bool:
        return any(field.errors for field in self.further_fields)

    @property
    def several(self) -> frozenset[str]:
        return frozenset({"answered_by", "not_by", "gather", "forms", "basis"})

    # to the model and back
    def to_data(self) -> dict[str, Any]:
        """The question without its code. Call it on a valid form; empty fields are left out."""
        data = self.cleaned_data
        found: dict[str, Any] = {"kind": self.kind}
        for name in ("question", "window", "answered_by", "not_by", "gather", "help", "dimension", "forms", "basis"):
            if data.get(name):
                found[name] = data[name]
        if evidence := _lines(data["evidence"]):
            found["evidence"] = evidence
        if reasons := _lines(data["na"]):
            found["na"] = _reasons(reasons, self.item)
        found["levels"] = {
            level: data[f"level_{level}"] for level in LEVELS if plain_text(data.get(f"level_{level}") or "")
        }
        if self.kind == "ratio":
            found["ratio"] = {name: data[name] for name in ("count", "of", "unit", "where") if data[name]}
        if self.kind in {"ratio", "checklist"}:
            found["bands"] = {level: fraction_text(data[f"band_{level}"]) for level in (4, 3, 2)}
        if self.kind == "checklist":
            found["points"] = [point for _, point in self._sent_points()]
            if any(point["must"] for point in found["points"]):
                found["cap"] = fraction_text(data["cap"]) or found["bands"][2]
        return found

    def _sent_points(self) -> list[tuple[int, dict[str, Any]]]:
        """Number of the line and the point; an old point keeps its letter, a new one gets a free one."""
        data = self.cleaned_data
        lines = [row.number for row in self.points if data[f"point_{row.number}"]]
        taken: set[str] = set()
        letters: dict[int, str] = {}
        for number in lines:
            letter = data[f"letter_{number}"]
            if letter in LETTERS and letter and letter not in taken:
                taken.add(letter)
                letters[number] = letter
        free = (letter for letter in LETTERS if letter not in taken)
        return [
            (
                number,
                {
                    "code": letters.get(number) or next(free),
                    "text": data[f"point_{number}"],
                    "must": data[f"must_{number}"],
                },
            )
            for number in lines
        ]

    def show(self, problems: Mapping[str, Sequence[str]]) -> None:
        """What the rules say, at the field that has to change."""
        lines = [number for number, _ in self._sent_points()] if self.kind == "checklist" else []
        for place, messages in problems.items():
            name = self._field_of(place, lines)
            for message in messages:
                text = in_words(message)
                if name is None and place:
                    text = f"{in_words(place)}: {text}"
                self.add_error(name, text[:1].upper() + text[1:].rstrip(".") + ".")

    def _field_of(self, place: str, lines: Sequence[int]) -> str | None:
        head, _, rest = place.partition(".")
        number = rest.partition(".")[0]
        if head == "points":
            name = f"point_{lines[int(number)]}" if number.isdigit() and int(number) < len(lines) else "point_0"
        elif head in {"levels", "bands"}:
            name = f"{head[:-1]}_{number or 4}"
        else:
            name = rest if head == "ratio" and rest else {"ratio": "count"}.get(head, head)
        return name if name in self.fields else None


def _lines(text: str) -> list[str]:
    return [line for one in text.split("\n") if (line := plain_text(one))]


def _reasons(texts: Sequence[str], item: ItemSpec | None) -> list[dict[str, str]]:
    """Each with the code that it had, else one made of its words."""
    known = {reason.text: reason.code for reason in item.na} if item else {}
    used = {known[text] for text in texts if text in known}
    found = []
    for text in texts:
        code = known.get(text)
        if code is None:
            base = slugify(text).replace("_", "-")[:36].strip("-") or "alasan"
            code = next(one for one in (base, *(f"{base}-{n}" for n in range(2, MAX_LIST + 9))) if one not in used)
            used.add(code)
        found.append({"code": code, "text": text})
    return found


def fraction_text(text: str) -> str:
    """3/4, 0,75 and 75% as the model reads them; anything else as it is, for the model to refuse."""
    text = re.sub(r"\s", "", text).replace(",", ".")
    if re.fullmatch(r"\d{1,3}(\.\d{1,4})?%", text, re.ASCII):
        return str(Fraction(text[:-1]) / 100)
    return text


def initial_item(item: ItemSpec) -> dict[str, Any]:
    """What the form shows of a question."""
    initial: dict[str, Any] = {
        name: getattr(item, name) for name in ("question", "window", "help", "answered_by", "not_by", "gather", "basis")
    }
    initial |= {"dimension": item.dimension or "", "forms": item.forms or ()}
    initial |= {"evidence": "\n".join(item.evidence), "na": "\n".join(reason.text for reason in item.na)}
    initial |= {f"level_{level}": text for level, text in item.levels.items()}
    initial |= {f"band_{level}": str(bound) for level, bound in (item.bands or {}).items()}
    if item.ratio:
        initial |= {name: getattr(item.ratio, name) for name in ("count", "of", "unit", "where")}
    for number, point in enumerate(item.points or ()):
        initial |= {f"point_{number}": point.text, f"must_{number}": point.must, f"letter_{number}": point.code}
    return initial | {"cap": "" if item.cap is None else str(item.cap)}


# --- a file -------------------------------------------------------------------------------------------


class ImportForm(forms.Form):
    """How a file is taken over; the file itself is read by the view."""

    mode = forms.ChoiceField(
        label="Cara mengambil",
        choices=[
            (ADD, "Tambahkan pertanyaan dari berkas ke draf ini"),
            (REPLACE, "Ganti seluruh isi draf ini dengan isi berkas"),
        ],
        initial=ADD,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Pilih salah satu cara."),
    )
