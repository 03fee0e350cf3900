"""Which questions stand together: pure, on the questions of eds-snp 2026.1 and on small ones."""

from __future__ import annotations

from evaluations.grouping import Bundle, bundles, members, partners
from standards.groups import GroupSpec
from tests.factories import the_spec

SPEC = the_spec("2026.1")


def items(form: str, standard: str, scope: str = "lengkap"):
    return SPEC.items_for(form, standard, scope)


def shown(form: str, standard: str, scope: str = "lengkap") -> dict[str, list[Bundle]]:
    return bundles(items(form, standard, scope), SPEC.groups_for(form))


def codes(bundle: Bundle) -> list[str]:
    return [item.code for item in bundle.items]


def test_a_room_and_its_condition_share_a_card_where_the_first_of_them_stands():
    cards = shown("SD", "6")["6.2"]
    assert [codes(card) for card in cards] == [
        ["6.2.1.a", "6.2.10.a"],
        ["6.2.3.a", "6.2.12.a"],
        ["6.2.4.a", "6.2.13.a"],
    ]
    assert [card.group.heading for card in cards] == ["Ruang kelas", "Perpustakaan", "Tempat bermain dan berolahraga"]


def test_every_question_is_shown_exactly_once_in_every_form_and_scope():
    for form in SPEC.forms:
        for scope in SPEC.scopes:
            for standard in SPEC.standards_for(form, scope.key):
                asked = [item.code for item in items(form, standard, scope.key)]
                found = [
                    code for row in shown(form, standard, scope.key).values() for card in row for code in codes(card)
                ]
                assert sorted(found) == sorted(asked), (form, scope.key, standard)


def test_what_stands_alone_keeps_the_order_of_the_codes():
    cards = shown("SD", "8", "lengkap")
    assert [codes(card) for row in cards.values() for card in row] == [[item.code] for item in items("SD", "8")]
    assert all(card.group is None for row in cards.values() for card in row)


def test_questions_of_a_group_under_another_indicator_are_pointed_to():
    cards = shown("SD", "4")
    first = next(card for card in cards["4.2"] if card.group)
    second = next(card for card in cards["4.5"] if card.group)
    assert (codes(first), [item.code for item in first.elsewhere]) == (["4.2.2.a"], ["4.5.2.a"])
    assert (codes(second), [item.code for item in second.elsewhere]) == (["4.5.2.a"], ["4.2.2.a"])
    assert first.beside("4.2.2.a") == ("4.5.2.a",)


def test_a_question_whose_partners_are_not_asked_is_an_ordinary_one():
    lone = [item for item in items("SD", "6") if item.code == "6.2.1.a"]
    (card,) = bundles(lone, SPEC.groups_for("SD"))["6.2"]
    assert card == Bundle(None, tuple(lone))
    assert card.beside("6.2.1.a") == ()


def test_a_question_left_alone_keeps_its_sheet():
    lone = [item for item in items("SD", "1") if item.code == "1.1.3.a"]
    (card,) = bundles(lone, SPEC.groups_for("SD"))["1.1"]
    assert card.with_sheet
    assert card.group.heading == "Lembar pengamatan sikap murid"


def test_a_group_without_an_entry_is_shown_question_by_question():
    pair = [item for item in items("SD", "6") if item.group == "kartu_uks"]
    assert [codes(card) for card in bundles(pair, {})["6.3"]] == [["6.3.3.a"], ["6.3.16.a"]]
    other = {"kartu_uks": GroupSpec(key="kartu_uks", heading="UKS", how="Satu kunjungan.")}
    assert [codes(card) for card in bundles(pair, other)["6.3"]] == [["6.3.3.a", "6.3.16.a"]]


def test_partners_are_the_others_of_a_group_and_nobody_for_a_question_without_one():
    section = items("SD", "6")
    by_code = {item.code: item for item in section}
    assert [item.code for item in partners(section, by_code["6.2.1.a"])] == ["6.2.10.a"]
    assert partners(section, by_code["6.1.1.a"]) == ()
    assert members(section, by_code["6.1.1.a"]) == (by_code["6.1.1.a"],)
