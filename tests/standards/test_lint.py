"""What a careful reader remarks on own questions; none of it blocks a publication."""

from __future__ import annotations

import pytest

from standards.exchange import TEMPLATE, from_yaml
from standards.instruments import InstrumentSpec
from standards.lint import Remark, remarks
from tests.factories import the_library

GOOD = from_yaml(TEMPLATE.read_bytes(), the_library().catalogue, frozenset())
RUBRIC, RATIO, YESNO, CHECKLIST = GOOD.items
EVIDENCE = ("Jadwal piket",)


def spec(*items) -> InstrumentSpec:
    return InstrumentSpec(**{name: getattr(GOOD, name) for name in InstrumentSpec.model_fields} | {"items": items})


def said(*items) -> list[tuple[str, str]]:
    return [(remark.code, remark.field) for remark in remarks(spec(*items))]


def test_good_questions_get_no_remark():
    assert said(RUBRIC, RATIO, YESNO.model_copy(update={"evidence": EVIDENCE}), CHECKLIST) == []


@pytest.mark.parametrize(
    ("item", "changes", "field"),
    [
        (RUBRIC, {"question": "Apakah siswa membaca?"}, "pertanyaan"),
        (RUBRIC, {"question": "Murid membaca."}, "pertanyaan"),
        (RUBRIC, {"question": f"Apakah {'sangat ' * 35}baik?"}, "pertanyaan"),
        (RUBRIC, {"help": "kata " * 61}, "petunjuk"),
        (RUBRIC, {"levels": {**RUBRIC.levels, 2: "kata lain " * 21}}, "level 2"),
        (RUBRIC, {"levels": {**RUBRIC.levels, 3: RUBRIC.levels[4] + " Baik"}}, "level 4"),
        (RUBRIC, {"evidence": ()}, "contoh bukti"),
        (YESNO, {"evidence": EVIDENCE, "levels": {4: "RPP ada", 1: "Belum ada satu pun"}}, "ya"),
        (CHECKLIST, {"cap": CHECKLIST.bands[3]}, "nilai tertinggi tanpa hal wajib"),
        (RATIO, {"ratio": RATIO.ratio.model_copy(update={"of": "Semua siswa"})}, "dari"),
    ],
)
def test_what_would_confuse_a_reader_is_remarked_at_its_place(item, changes, field):
    assert said(item.model_copy(update=changes)) == [(item.code, field)]


def test_the_word_for_learners_is_offered():
    [remark] = remarks(spec(RUBRIC.model_copy(update={"help": "Hitung siswanya."})))
    assert remark == Remark("7.2.s1", "petunjuk", "memuat istilah yang tidak dipakai lagi: siswanya; tulis “murid”")


def test_two_questions_that_say_the_same_are_remarked_once():
    twin = RUBRIC.model_copy(update={"code": "7.2.s9"})
    assert said(RUBRIC, twin) == [("7.2.s1", "level 4"), ("7.2.s1", "pertanyaan")]


def test_questions_of_different_schools_may_say_the_same():
    wide = GOOD.model_copy(update={"forms": ("SD", "SMP")})
    one, other = (
        RUBRIC.model_copy(update={"code": code, "forms": (form,)})
        for code, form in (("7.2.s1", "SD"), ("7.2.s2", "SMP"))
    )
    whole = {name: getattr(wide, name) for name in InstrumentSpec.model_fields} | {"items": (one, other)}
    assert remarks(InstrumentSpec(**whole)) == []
