"""Two versions beside each other: every question once, the fields that differ, the words that differ."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.comparison import compare, mark_words
from standards.instruments import INSTRUMENTS_DIR, InstrumentSpec, load_instrument
from standards.items import ItemSpec, NaReason
from tests.factories import the_library

LIBRARY = the_library()
OLD, NEW = (
    load_instrument(
        INSTRUMENTS_DIR / "eds-snp" / version, LIBRARY.catalogue, {basis.key for basis in LIBRARY.legal_bases}
    )
    for version in ("2025.1", "2026.1")
)
IA = LIBRARY.newest("ia-2024")


def changed(spec: InstrumentSpec = OLD, **changes) -> InstrumentSpec:
    return InstrumentSpec.model_validate({name: getattr(spec, name) for name in type(spec).model_fields} | changes)


def with_item(at: int, spec: InstrumentSpec = OLD, **changes) -> InstrumentSpec:
    items = list(spec.items)
    items[at] = items[at].model_copy(update=changes)
    return changed(spec, items=tuple(items))


def codes(items) -> list[str]:
    return [item.code for item in items]


@pytest.mark.parametrize("form", OLD.forms)
def test_every_question_of_both_versions_stands_in_one_place(form):
    result = compare(OLD, NEW, form)
    both = [*(change.new.code for change in (*result.changed, *result.moved)), *codes(result.unchanged)]
    assert sorted([*both, *codes(result.added)]) == sorted(NEW.asked(form))
    assert sorted([*both, *codes(result.removed)]) == sorted(OLD.asked(form))
    assert len(result.added) > 100
    assert "Catatan" in {field.name for field in result.header}


def test_a_version_and_itself_are_the_same():
    for spec, form in ((OLD, "SD"), (NEW, "SMK"), (IA, "SMK")):
        result = compare(spec, spec, form)
        assert result.same
        assert len(result.unchanged) == len(spec.asked(form))


def test_a_changed_question_says_which_fields_changed_and_how():
    item = OLD.items[0]
    result = compare(OLD, with_item(0, question="Pertanyaan baru?", levels={**item.levels, 4: "Penuh."}), "SD")
    (change,) = result.changed
    assert [(field.name, field.old, field.new) for field in change.fields] == [
        ("Pertanyaan", item.question, "Pertanyaan baru?"),
        ("Level 4" if item.kind != "yesno" else "Ya", item.levels[4], "Penuh."),
    ]
    assert not change.moved


def test_every_field_of_a_question_is_compared():
    """Code, place and forms are no texts of the question, and an unanswerable one has none."""
    item = next(item for item in NEW.items if item.kind == "checklist" and item.cap is not None)
    ratio = next(one.ratio for one in NEW.items if one.ratio)
    samples = {
        "kind": "rubric", "dimension": next(d for d in ("input", "output") if d != item.dimension), "window": "lain",
        "answered_by": ("komite",), "not_by": ("tendik",), "gather": ("angket",), "informants": ("murid",),
        "weight": Fraction(7), "group": "lain", "na": (NaReason(code="x", text="y"),), "question": "lain",
        "levels": {**item.levels, 2: "lain"}, "ratio": ratio, "points": item.points[:-1], "cap": item.cap / 2,
        "bands": {**item.bands, 4: Fraction(99, 100)}, "evidence": ("lain",), "help": "lain", "basis": ("lain",),
        "status": "unverified", "note": "lain", "snp": ("1",), "mapping_origin": "own", "source": "lain",
    }  # fmt: skip
    assert set(samples) == set(type(item).model_fields) - {"code", "part", "answerable", "forms"}
    old = bare(item)
    assert compare(old, bare(item), "SD").same
    for name, value in samples.items():
        assert compare(old, bare(item.model_copy(update={name: value})), "SD").changed, name


def bare(item: ItemSpec) -> InstrumentSpec:
    """A version with this question alone, asked everywhere, without the checks of the format."""
    fields = {name: getattr(OLD, name) for name in InstrumentSpec.model_fields}
    return InstrumentSpec.model_construct(**fields | {"items": (item.model_copy(update={"forms": None}),)})


def test_a_question_under_another_code_is_moved_and_not_lost():
    item = OLD.items[0]
    result = compare(OLD, with_item(0, code=f"{item.subindicator}.z"), "SD")
    (move,) = result.moved
    assert (move.old.code, move.new.code, move.renumbered) == (item.code, f"{item.subindicator}.z", True)
    assert (result.added, result.removed, result.changed) == ((), (), ())


def test_of_questions_in_another_order_only_the_moved_one_is_named():
    first, *rest = OLD.items
    result = compare(OLD, changed(items=(*rest, first)), "SD")
    assert [move.new.code for move in result.moved] == [first.code]
    assert len(result.unchanged) == len(OLD.asked("SD")) - 1


def test_a_form_sees_only_its_own_changes():
    at = next(at for at, item in enumerate(NEW.items) if item.forms and "SD" not in item.forms)
    new = with_item(at, NEW, question="Lain?")
    assert compare(NEW, new, "SD").same
    assert [one.new.question for one in compare(NEW, new, NEW.items[at].forms[0]).changed] == ["Lain?"]


def test_a_renamed_part_of_an_instruments_own_tree_is_named():
    rows = (IA.tree[0].model_copy(update={"name": "Nama lain"}), *IA.tree[1:])
    form = (IA.tree[0].forms or IA.forms)[0]
    (part,) = compare(IA, changed(IA, tree=rows), form).parts
    assert (part.name, part.old, part.new) == (IA.tree[0].code, IA.tree[0].name, "Nama lain")


def test_words_are_marked_where_they_differ():
    old, new = mark_words("Rencana kerja belum cukup lengkap.", "Rencana kerja sudah sangat lengkap.")
    assert [(piece.text, piece.marked) for piece in old] == [
        ("Rencana kerja ", False),
        ("belum cukup", True),
        (" lengkap.", False),
    ]
    assert [piece.text for piece in new if piece.marked] == ["sudah sangat"]


@given(st.text(alphabet="ab \n<&"), st.text(alphabet="ab \n<&"))
def test_marked_pieces_are_the_whole_text_again(old, new):
    left, right = mark_words(old, new)
    assert "".join(piece.text for piece in left) == old
    assert "".join(piece.text for piece in right) == new
    assert all(piece.text for piece in (*left, *right))
    if old == new:
        assert not any(piece.marked for piece in (*left, *right))
