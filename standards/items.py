"""One question to a school, as data: its kind, its levels or points, and who is asked.

Pure: knows neither Django nor the database. standards.instruments reads questions from files.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    field_validator,
    model_validator,
)

from common.yamlfile import FieldError

SNP_ITEM_CODE = re.compile(r"\d+\.\d+\.\d+\.[a-z]")
# Of an own instrument: below an indicator (7.2.s1) or a subindicator (8.2.1.s2); never the code of a national question.
OWN_ITEM_CODE = re.compile(r"[1-8]\.[1-9]\d?(\.[1-9]\d?)?\.s[1-9]\d{0,2}")
FRACTION = re.compile(r"-?\d{1,9}([/.]\d{1,9})?")
ITEM_CODE_LENGTH = 12  # of a code in the tables of the answers
LEVELS = (1, 2, 3, 4)

Form = Literal["SD", "MI", "SMP", "MTs", "SMA", "MA", "SMK", "MAK", "SLB"]
Kind = Literal["rubric", "ratio", "yesno", "checklist"]
Answerer = Literal["guru", "kepala", "tendik", "operator", "komite"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _fraction(value: Any) -> Fraction:
    if isinstance(value, Fraction):
        return value
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError('harus pecahan, misalnya "3/4"')
    try:
        if not FRACTION.fullmatch(str(value)):  # Fraction("1e999999999") would be worked out for minutes
            raise ValueError
        return Fraction(value)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f'harus pecahan, misalnya "3/4", bukan "{str(value)[:40]}"') from None


ExactFraction = Annotated[Fraction, BeforeValidator(_fraction), PlainSerializer(str, return_type=str)]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


def later(default: Any, **limits: Any) -> Any:
    """A field, or the freedom to leave one out, that the format has not had from the start.

    Its default is not written into the dumped content, so that versions published before keep their text and hash.
    """
    return Field(default=default, exclude_if=lambda value: value == default, **limits)


class NaReason(Frozen):
    """A reason for "tidak berlaku" that an item offers."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$", max_length=40)]
    text: Text


class Point(Frozen):
    """One point of a checklist. A ``must`` point caps the item when it is missing."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z]$")]
    text: Text
    must: bool = False


class RatioSpec(Frozen):
    """What is counted, of what, and where the figures stand."""

    count: Text
    of: Text
    where: str = ""
    unit: Text


ANSWERING = ("window", "answered_by", "gather", "question", "levels")  # without these nobody can answer
PROVING = ("not_by", "na", "ratio", "points", "cap", "bands", "evidence", "help", "basis", "informants", "group")


class ItemSpec(Frozen):
    """One question to a school. ``levels`` describe a rubric's levels and are reading help for other kinds.

    It hangs below one part of the third level: ``part`` names it where the code of the question does not. An item that
    is not ``answerable`` holds the place of a question whose title is not public: it has no texts, takes no answer and
    counts as unanswered.
    """

    code: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+([.-][A-Za-z0-9]+)*$", max_length=ITEM_CODE_LENGTH)]
    part: Text = later("")
    kind: Kind
    answerable: bool = later(True)
    dimension: Literal["input", "process", "output"] | None = later(None)
    window: Text = later("")
    answered_by: tuple[Answerer, ...] = later((), min_length=1)
    not_by: tuple[Answerer, ...] = ()
    gather: tuple[Literal["dokumen", "observasi", "wawancara", "angket"], ...] = later((), min_length=1)
    informants: tuple[Text, ...] = later(())
    weight: ExactFraction = Fraction(1)
    forms: tuple[Form, ...] | None = Field(default=None, min_length=1)
    group: str | None = None
    na: tuple[NaReason, ...] = ()
    question: Text = later("")
    levels: dict[int, Text] = later({})
    ratio: RatioSpec | None = None
    points: tuple[Point, ...] | None = None
    cap: ExactFraction | None = None
    bands: dict[int, ExactFraction] | None = None
    evidence: tuple[Text, ...] = ()
    help: str = ""
    basis: tuple[Text, ...] = ()
    status: Literal["official", "own", "unverified"] | None = later(None)
    note: str = later("")
    snp: tuple[Annotated[str, StringConstraints(pattern=r"^[1-8]$")], ...] = later(())
    mapping_origin: Literal["official", "own"] | None = later(None)
    source: str = later("")

    @field_validator("forms", "answered_by", "not_by", "gather", "informants", "snp")
    @classmethod
    def _once(cls, values: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if twice := sorted({value for value in values or () if (values or ()).count(value) > 1}):
            raise ValueError(f"tertulis dua kali: {', '.join(twice)}")
        return values

    @field_validator("weight")
    @classmethod
    def _weight(cls, weight: Fraction) -> Fraction:
        if weight <= 0:
            raise ValueError("bobot harus lebih dari 0")
        return weight

    @field_validator("bands")
    @classmethod
    def _bands(cls, bands: dict[int, Fraction] | None) -> dict[int, Fraction] | None:
        if bands is None:
            return None
        if set(bands) != {2, 3, 4}:
            raise ValueError("batas baca harus ada untuk level 4, 3, dan 2")
        if not 0 < bands[2] < bands[3] < bands[4] <= 1:
            raise ValueError("batas baca harus naik dari level 2 ke 4, di antara 0 dan 1")
        return bands

    @field_validator("points")
    @classmethod
    def _points(cls, points: tuple[Point, ...] | None) -> tuple[Point, ...] | None:
        if points is not None:
            if len(points) < 2:
                raise ValueError("daftar periksa memerlukan sedikitnya dua hal")
            codes = [point.code for point in points]
            if len(set(codes)) != len(codes):
                raise ValueError("kode hal tertulis dua kali")
        return points

    @model_validator(mode="after")
    def _whole(self) -> ItemSpec:
        if bool(self.snp) != (self.mapping_origin is not None):
            raise ValueError("snp dan mapping_origin diisi bersama")
        if not self.answerable:
            return self._placeholder()
        if missing := [name for name in ANSWERING if not getattr(self, name)]:
            raise ValueError(f"wajib diisi: {', '.join(missing)}")
        wanted = {1, 4} if self.kind == "yesno" else set(LEVELS)
        if set(self.levels) != wanted:
            raise FieldError("levels", f"levels harus memuat tepat {', '.join(map(str, sorted(wanted)))}")
        for field, kinds in {
            "ratio": {"ratio"},
            "points": {"checklist"},
            "bands": {"ratio", "checklist"},
        }.items():
            given = getattr(self, field) is not None
            if given != (self.kind in kinds):
                raise FieldError(field, f"{field} {'tidak dipakai' if given else 'wajib'} untuk jenis {self.kind}")
        must = any(point.must for point in self.points or ())
        if must != (self.cap is not None):
            raise FieldError("cap", "cap diisi bila, dan hanya bila, ada hal yang wajib (must)")
        if self.cap is not None and not 0 <= self.cap < 1:
            raise FieldError("cap", "cap harus sedikitnya 0 dan kurang dari 1")
        reasons = [reason.code for reason in self.na]
        if len(set(reasons)) != len(reasons):
            raise FieldError("na", "kode alasan tidak berlaku tertulis dua kali")
        if set(self.answered_by) & set(self.not_by):
            raise FieldError("not_by", "answered_by dan not_by saling bertentangan")
        return self

    def _placeholder(self) -> ItemSpec:
        if self.kind != "rubric":
            raise ValueError("pertanyaan yang tidak dapat dijawab (answerable: false) berjenis rubric")
        if given := [name for name in (*ANSWERING, *PROVING) if getattr(self, name)]:
            raise ValueError(f"tidak dipakai selama answerable: false: {', '.join(given)}")
        return self

    @property
    def subindicator(self) -> str:
        """Code of the part below which it hangs, of the third level except for own questions below an indicator:
        ``part``, else of its own code what stands before the letter (SNP: "8.2.1.a" hangs below "8.2.1", an own
        "7.2.s1" below "7.2"), else the code itself."""
        below = SNP_ITEM_CODE.fullmatch(self.code) or OWN_ITEM_CODE.fullmatch(self.code)
        return self.part or (self.code.rpartition(".")[0] if below else self.code)

    @property
    def standard(self) -> str:
        """Code of the part of the first level."""
        return self.subindicator.partition(".")[0]

    @property
    def meaning(self) -> tuple[Any, ...]:
        """What an answer to it says. Two questions of equal meaning may carry an answer over; examples of proof, help,
        weight and group may differ."""
        return (
            self.kind, self.question, self.window, sorted(self.levels.items()), self.ratio, self.points, self.cap,
            self.bands, self.na,
        )  # fmt: skip

    def asked_at(self, form: str) -> bool:
        """Whether schools of this form of education are asked this item."""
        return self.forms is None or form in self.forms
