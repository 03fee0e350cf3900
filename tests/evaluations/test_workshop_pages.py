"""The pages of the workshop: each kind written and changed, conflicts, files, publishing, and who may look."""

from __future__ import annotations

import pytest

from evaluations.services import workshop
from schools.choices import Role
from standards.models import InstrumentVersion
from tests.evaluations.workshop_steps import (
    DATA,
    HTMX,
    LEVELS,
    TYPED,
    add,
    codes,
    filled,
    fresh,
    get,
    post,
    published,
    started,
    text,
    url,
)
from tests.factories import AssignmentFactory, OfficeFactory, Place, RegionFactory, person_at

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
HOSTILE = "<script>alert(1)</script>{{ 7*7 }}\"'&"


@pytest.fixture
def place():
    return Place(region=RegionFactory(code="33.01"))


@pytest.fixture
def draft(place):
    return filled(place.school, place.team)


# --- the list and the header ------------------------------------------------------------------------


def test_somebody_who_writes_for_nobody_is_told_so(client, place):
    for person in (place.principal, place.teacher, place.supervisor):
        assert get(client, person, url("")).status_code == 403


def test_the_list_holds_the_own_instruments_alone_with_all_their_versions(client, place):
    first = published(place.school, place.team)
    workshop.new_version(first.pk, actor=place.team)
    other = Place()
    published(other.school, other.team)
    [one] = get(client, place.team, url("")).context["instruments"]
    assert [version.version.partition(".")[2] for version in one.versions] == ["2", "1"]


def test_the_list_costs_the_same_for_any_number(client, place, django_assert_max_num_queries):
    for _ in range(6):
        filled(place.school, place.team)
    client.force_login(place.team)
    with django_assert_max_num_queries(5):
        assert len(client.get(url("")).context["instruments"]) == 6


def test_an_instrument_is_started_from_its_header(client, place):
    response = post(client, place.team, url("_new"), {"title": "Literasi kami", "source": "Rapat", "note": ""})
    version = InstrumentVersion.objects.get(owner_school=place.school)
    assert response.url == url("_version", version)
    assert version.spec.forms == ("SD",)


def test_a_header_without_a_title_is_not_saved_and_says_so(client, place, draft):
    for address in (url("_new"), url("_header", draft)):
        response = post(client, place.team, address, {"title": " ", "source": "Rapat kita", "seen": draft.sha256})
        assert response.status_code == 422
        assert response.context["form"].errors.keys() == {"title"}
        assert "Rapat kita" in text(response)


def test_a_title_of_signs_that_nobody_sees_is_no_title(client, place, draft):
    for address in (url("_new"), url("_header", draft)):
        data = {"title": "\u200b", "source": "\u2060", "seen": draft.sha256}
        response = post(client, place.team, address, data)
        assert response.status_code == 422
        assert response.context["form"].errors.keys() == {"title", "source"}


def test_texts_of_signs_that_nobody_sees_are_empty(client, place):
    version = started(place.school, place.team)
    hidden = dict.fromkeys(("question", "window", "level_4", "na", "evidence"), "\u200b")
    address = f"{url('_add', version)}?di=7.2&jenis=yesno"
    response = post(client, place.team, address, TYPED["yesno"] | hidden | {"seen": version.sha256})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"question", "window"}


def test_whoever_writes_for_several_chooses_whose_it_is(client, place):
    other = AssignmentFactory(person=place.team, role=Role.QUALITY_TEAM).school
    choices = get(client, place.team, url("_new")).context["choices"]
    assert {one.owner for one in choices} == {place.school, other}
    post(client, place.team, f"{url('_new')}?milik={other.npsn}", {"title": "Judul", "source": "Rapat"})
    assert InstrumentVersion.objects.get(owner_school__isnull=False).owner == other
    strange = Place()
    response = post(client, place.team, f"{url('_new')}?milik={strange.school.npsn}", {"title": "J", "source": "R"})
    assert response.status_code == 404


# --- questions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TYPED)
def test_a_question_of_each_kind_is_added_changed_and_deleted(client, place, kind):
    version = started(place.school, place.team)
    address = f"{url('_add', version)}?di=7.2&jenis={kind}"
    form = get(client, place.team, address).context["form"]
    assert form.kind == kind
    assert post(client, place.team, address, TYPED[kind] | {"seen": version.sha256}).status_code == 302
    [item] = fresh(version).spec.items
    assert (item.code, item.kind, item.evidence) == ("7.2.s1", kind, ("Jadwal", "Catatan"))
    edit = url("_item", version, "7.2.s1")
    shown = get(client, place.team, edit).context["form"]
    changed = TYPED[kind] | {"seen": fresh(version).sha256, "question": "Berubah?"}
    for row in shown.points:
        changed[row.code.html_name] = row.code.value() or ""
    assert post(client, place.team, edit, changed).status_code == 302
    again = fresh(version).spec.items[0]
    assert again == item.model_copy(update={"question": "Berubah?"})
    gone = post(client, place.team, url("_delete", version, "7.2.s1"), {"seen": fresh(version).sha256})
    assert gone.status_code == 302
    assert codes(version) == []


def test_a_checklist_gets_letters_a_cap_and_more_lines(client, place):
    version = started(place.school, place.team)
    address = f"{url('_add', version)}?di=8.2.1&jenis=checklist"
    more = post(client, place.team, address, {"rows": "5", "more": "1", "point_1": "Setengah jadi", "seen": ""})
    assert more.status_code == 200
    assert (len(more.context["form"].points), more.context["form"].errors) == (8, {})
    assert "Setengah jadi" in text(more)
    post(client, place.team, address, TYPED["checklist"] | {"seen": version.sha256})
    item = fresh(version).spec.items[0]
    assert [(point.code, point.must) for point in item.points] == [("a", True), ("b", False)]
    assert str(item.cap) == "1/2"


def test_a_point_that_stays_keeps_its_letter(client, place):
    version = started(place.school, place.team)
    code = add(version, "checklist", "7.2", place.team)
    now = fresh(version)
    typed = TYPED["checklist"] | {
        "seen": now.sha256, "point_0": "Baru", "must_0": "", "point_2": "Karya dari semua kelas", "letter_2": "b",
    }  # fmt: skip
    post(client, place.team, url("_item", version, code), typed)
    points = fresh(version).spec.items[0].points
    assert [(point.code, point.text) for point in points] == [("a", "Baru"), ("b", "Karya dari semua kelas")]


def test_a_reason_gets_its_code_whatever_signs_it_is_written_with(client, place):
    version = started(place.school, place.team)
    reasons = ["Lihat data_pokok", "_", "__", "???", "É" + "é_" * 40]
    typed = TYPED["yesno"] | {"seen": fresh(version).sha256, "na": "\r\n".join(reasons)}
    assert post(client, place.team, url("_add", version) + "?di=7.2&jenis=yesno", typed).status_code == 302
    codes_of_reasons = [reason.code for reason in fresh(version).spec.items[0].na]
    assert codes_of_reasons[:4] == ["lihat-data-pokok", "alasan", "alasan-2", "alasan-3"]
    assert len(codes_of_reasons) == 5


@pytest.mark.parametrize(
    ("kind", "changes", "fields"),
    [
        ("rubric", {"level_3": "", "window": ""}, {"level_3", "window"}),
        ("ratio", {"band_3": "banyak"}, {"band_3"}),
        ("ratio", {"band_2": "0,9"}, {"band_4"}),
        ("checklist", {"point_0": "", "must_0": ""}, {"point_0"}),
        ("checklist", {"point_2": "x" * 501}, {"point_2"}),
        ("checklist", {"cap": "2"}, {"cap"}),
        ("yesno", {"not_by": ["guru"]}, {"not_by"}),
        ("yesno", {"answered_by": ["siapa"]}, {"answered_by"}),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(client, place, kind, changes, fields):
    version = started(place.school, place.team)
    typed = TYPED[kind] | changes | {"seen": version.sha256}
    response = post(client, place.team, f"{url('_add', version)}?di=7.2&jenis={kind}", typed)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == fields
    assert typed["question"] in text(response)
    assert codes(version) == []


def test_hostile_texts_are_shown_as_texts_everywhere(client, place):
    version = started(place.school, place.team, title=f"Judul {HOSTILE}", note=HOSTILE)
    add(
        version,
        "rubric",
        "7.2",
        place.team,
        question=HOSTILE,
        help=HOSTILE,
        levels={k: f"{k} {HOSTILE}" for k in LEVELS},
    )
    add(version, "ratio", "7.2", place.team, ratio={"count": HOSTILE, "of": HOSTILE, "unit": HOSTILE})
    pages = [url(name, version) for name in ("_version", "_header", "_preview", "_publish", "_import", "_discard")]
    for address in (*pages, url(""), url("_item", version, "7.2.s1")):
        body = get(client, place.team, address).content.decode()
        assert "<script>alert" not in body, address
        assert "Judul &lt;script&gt;" in body or address.endswith("ambil/"), address


def test_an_unknown_place_kind_or_question_is_not_found(client, place, draft):
    for address in (
        f"{url('_add', draft)}?di=9.9&jenis=rubric",
        f"{url('_add', draft)}?standar=9",
        url("_item", draft, "7.2.s9"),
        f"{url('_preview', draft)}?butir=7.2.s9",
        f"{url('_preview', draft)}?bentuk=SMA",
        url("_export", draft, "docx"),
    ):
        assert get(client, place.team, address).status_code == 404, address


def test_the_place_is_chosen_step_by_step(client, place, draft):
    assert len(get(client, place.team, url("_add", draft)).context["standards"]) == 8
    second = get(client, place.team, f"{url('_add', draft)}?di=7.2")
    assert second.context["chosen"] == "7.2"
    assert {row.code[0] for row in second.context["parts"]} == {"7"}
    assert get(client, place.team, f"{url('_add', draft)}?standar=7&kirim=1").context["missing"]


def test_questions_move_and_htmx_gets_the_list_alone(client, place, draft):
    address = url("_move", draft, "7.2.s2")
    response = post(client, place.team, address, {"arah": "naik", "seen": draft.sha256}, headers=HTMX)
    assert response.content.decode().lstrip().startswith('<section id="pertanyaan"')
    assert codes(draft)[:2] == ["7.2.s2", "7.2.s1"]
    moved = post(client, place.team, address, {"arah": "turun", "seen": fresh(draft).sha256})
    assert moved.url.endswith("#butir-7-2-s2")
    assert codes(draft)[:2] == ["7.2.s1", "7.2.s2"]


# --- two at once ------------------------------------------------------------------------------------


def test_the_second_editor_keeps_what_was_typed_and_may_send_it_again(client, place, draft):
    second = person_at(place.school, Role.QUALITY_TEAM)
    workshop.change_item(
        draft.pk, "7.2.s1", DATA["rubric"] | {"question": "Dari orang lain?"}, seen=draft.sha256, actor=second
    )
    typed = TYPED["rubric"] | {"seen": draft.sha256, "question": "Dari saya?"}
    response = post(client, place.team, url("_item", draft, "7.2.s1"), typed)
    assert response.status_code == 409
    assert response.context["form"]["question"].value() == "Dari saya?"
    assert response.context["theirs"].question == "Dari orang lain?"
    assert fresh(draft).spec.items[0].question == "Dari orang lain?"
    again = post(client, place.team, url("_item", draft, "7.2.s1"), typed | {"seen": response.context["seen"]})
    assert again.status_code == 302
    assert fresh(draft).spec.items[0].question == "Dari saya?"


def test_a_conflict_about_another_question_shows_no_other_text(client, place, draft):
    workshop.delete_item(draft.pk, "7.2.s2", seen=draft.sha256, actor=place.team)
    response = post(client, place.team, url("_item", draft, "7.2.s1"), TYPED["rubric"] | {"seen": draft.sha256})
    assert (response.status_code, response.context["theirs"]) == (409, None)
    bogus = post(client, place.team, url("_item", draft, "7.2.s1"), TYPED["rubric"] | {"seen": "x" * 64})
    assert bogus.status_code == 409


def test_what_was_typed_on_a_question_that_is_gone_can_become_a_new_one(client, place, draft):
    workshop.delete_item(draft.pk, "7.2.s2", seen=draft.sha256, actor=place.team)
    typed = TYPED["yesno"] | {"seen": draft.sha256, "kind": "yesno"}
    response = post(client, place.team, url("_item", draft, "7.2.s2"), typed)
    assert response.status_code == 409
    assert "Apakah ada?" in text(response)
    again = post(client, place.team, response.context["action"], typed | {"seen": response.context["seen"]})
    assert again.status_code == 302
    assert fresh(draft).spec.items[-1].question == "Apakah ada?"


def test_what_was_typed_stays_when_the_draft_was_published_meanwhile(client, place, draft):
    workshop.publish(draft.pk, seen=draft.sha256, actor=place.team)
    response = post(client, place.team, url("_item", draft, "7.2.s1"), TYPED["rubric"] | {"seen": draft.sha256})
    assert response.status_code == 409
    assert fresh(draft).sha256 == draft.sha256


@pytest.mark.parametrize("name", ["_move", "_delete"])
def test_a_button_on_an_old_list_changes_nothing_and_shows_the_new_one(client, place, draft, name):
    workshop.delete_item(draft.pk, "8.2.1.s1", seen=draft.sha256, actor=place.team)
    before = fresh(draft).sha256
    for headers in ({}, HTMX):
        data = {"arah": "turun", "seen": draft.sha256}
        response = post(client, place.team, url(name, draft, "7.2.s1"), data, headers=headers)
        assert response.status_code == 409
        assert 'role="alert"' in response.content.decode()
    assert fresh(draft).sha256 == before


def test_a_header_on_an_old_draft_is_a_conflict_that_keeps_the_text(client, place, draft):
    workshop.delete_item(draft.pk, "8.2.1.s1", seen=draft.sha256, actor=place.team)
    data = {"title": "Judul saya", "source": "Rapat", "seen": draft.sha256}
    response = post(client, place.team, url("_header", draft), data)
    assert response.status_code == 409
    assert "Judul saya" in text(response)
    again = post(client, place.team, url("_header", draft), data | {"seen": response.context["seen"]})
    assert again.status_code == 302


# --- preview ----------------------------------------------------------------------------------------


def test_the_preview_is_the_real_card_closed_for_input(client, place, draft):
    body = get(client, place.principal, f"{url('_preview', draft)}?standar=8").content.decode()
    assert '<fieldset class="phone" disabled>' in body
    assert 'id="butir-8-2-1-s1"' in body
    assert "7.2.s1" not in body.partition('<fieldset class="phone"')[2]
    assert place.school.cycles.count() == 1


def test_an_office_previews_for_each_of_its_forms(client):
    office = OfficeFactory()
    office.regions.add(RegionFactory(code="33.01"))
    official = AssignmentFactory(school=None, office=office, role=Role.OFFICE).person
    version = started(office, official, forms=("SD", "MI"))
    add(version, "rubric", "7.2", official)
    for form in ("SD", "MI"):
        response = get(client, official, f"{url('_preview', version)}?bentuk={form}")
        assert response.context["forms"] == ["SD", "MI"]
        assert response.context["page"].school.form == form


# --- who --------------------------------------------------------------------------------------------


def test_inside_the_school_a_draft_is_read_and_only_the_team_writes(client, place, draft):
    for person in (place.principal, place.teacher):
        page = get(client, person, url("_version", draft))
        assert page.status_code == 200
        assert b"Tambah pertanyaan" not in page.content
        assert get(client, person, url("_add", draft)).status_code == 403
        assert post(client, person, url("_delete", draft, "7.2.s1"), {"seen": draft.sha256}).status_code == 403
    for outside in (place.supervisor, Place().team):
        assert get(client, outside, url("_version", draft)).status_code == 404


def test_a_national_instrument_has_no_page_here(client, place):
    version = place.evaluation.version
    assert get(client, place.team, url("_version", version)).status_code == 404


def test_a_version_with_many_questions_costs_the_same(client, place, django_assert_max_num_queries):
    version = started(place.school, place.team)
    for _ in range(12):
        add(version, "rubric", "7.2", place.team)
    client.force_login(place.team)
    with django_assert_max_num_queries(10):
        client.get(url("_version", version))
    with django_assert_max_num_queries(10):
        client.get(url("_preview", version))
    with django_assert_max_num_queries(12):
        client.get(url("_publish", version))
