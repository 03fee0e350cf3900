"""The pages of the workshop: each kind written and changed, conflicts, files, publishing, and who may look."""

from __future__ import annotations

import html

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import strip_tags

from evaluations.models import Section
from evaluations.services import workshop
from evaluations.services.answers import AnswerInput, record_answer
from evaluations.services.instruments import open_evaluation
from evaluations.services.reviews import open_review
from evaluations.services.submissions import submit_section
from evaluations.views import workshop_files
from schools.choices import Role
from standards import versions
from standards.exchange import template_yaml, to_xlsx, to_yaml
from standards.models import InstrumentVersion
from tests.evaluations.workshop_steps import DATA, LEVELS, add, codes, filled, fresh, published, started
from tests.factories import AssignmentFactory, OfficeFactory, Place, RegionFactory, person_at, sample_value

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
HTMX = {"HX-Request": "true"}
HOSTILE = "<script>alert(1)</script>{{ 7*7 }}\"'&"

COMMON = {"window": "semester ini", "answered_by": ["guru"], "gather": ["dokumen"], "evidence": "Jadwal\r\nCatatan"}
TYPED = {
    "rubric": {**COMMON, "question": "Seberapa sering?", **{f"level_{level}": text for level, text in LEVELS.items()}},
    "ratio": {
        **COMMON, "question": "Berapa kelas?", "count": "Kelas dengan sudut baca", "of": "Semua kelas", "unit": "kelas",
        "level_4": "Semua.", "level_3": "Banyak.", "level_2": "Separuh.", "level_1": "Kurang.",
        "band_4": "100%", "band_3": "0,75", "band_2": "1/2",
    },
    "yesno": {**COMMON, "question": "Apakah ada?", "level_4": "Ada.", "level_1": "Tidak.", "na": "Tanpa ruang baca"},
    "checklist": {
        **COMMON, "question": "Apa yang ada?", "rows": "5", "point_0": "Karya diganti", "must_0": "on",
        "point_2": "Dari semua kelas", "level_4": "Dua.", "level_3": "Wajib.", "level_2": "Satu.", "level_1": "Nol.",
        "band_4": "1", "band_3": "3/4", "band_2": "1/2",
    },
}  # fmt: skip


@pytest.fixture
def place():
    return Place(region=RegionFactory(code="33.01"))


@pytest.fixture
def draft(place):
    return filled(place.school, place.team)


def url(name, version=None, *args):
    place = [version.instrument, version.version] if version else []
    return reverse(f"evaluations:workshop{name}", args=[*place, *args])


def get(client, user, address, **kwargs):
    client.force_login(user)
    return client.get(address, **kwargs)


def post(client, user, address, data=None, **kwargs):
    client.force_login(user)
    return client.post(address, data or {}, **kwargs)


def text(response):
    return html.unescape(response.content.decode())


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


# --- files ------------------------------------------------------------------------------------------


def upload(client, place, version, name, content, mode="ganti"):
    data = {"mode": mode, "file": SimpleUploadedFile(name, content)}
    return post(client, place.team, url("_import", version), data)


def test_a_good_file_is_shown_first_and_stored_when_it_is_confirmed(client, place, draft):
    response = upload(client, place, draft, "a.yaml", template_yaml().encode())
    assert response.status_code == 200
    assert fresh(draft).sha256 == draft.sha256
    assert response.context["changes"][0].result.added
    data = {"mode": "ganti", "content": response.context["content"], "seen": draft.sha256}
    assert post(client, place.team, url("_import", draft), data).status_code == 302
    assert fresh(draft).title == "Standar tambahan sekolah kami"
    assert codes(draft) == ["7.2.s1", "8.2.1.s1", "7.2.s2", "7.2.s3"]


def test_a_workbook_that_was_downloaded_changes_nothing(client, place, draft):
    export = get(client, place.team, url("_export", draft, "xlsx"))
    assert export["Content-Disposition"].endswith(f'{draft.instrument}-{draft.version}.xlsx"')
    assert upload(client, place, draft, "a.xlsx", export.content).context["same"]
    assert upload(
        client, place, draft, "a.yaml", get(client, place.team, url("_export", draft, "yaml")).content
    ).context["same"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.yaml", b"[1"),
        ("a.txt", b"halo"),
        ("a.xlsx", b"PK"),
        ("a.yaml", template_yaml().replace("7.2", "9.9").encode()),
    ],
)
def test_a_broken_file_lists_its_problems_and_changes_nothing(client, place, draft, name, content):
    response = upload(client, place, draft, name, content)
    assert response.status_code == 422
    assert response.context["problems"]
    assert fresh(draft).sha256 == draft.sha256


def test_a_workbook_with_a_wrong_cell_names_sheet_row_and_column(client, place, draft, monkeypatch):
    broken = to_xlsx(draft.spec.model_copy(update={"version": "2026"}))
    response = upload(client, place, draft, "a.xlsx", broken)
    assert any(problem.startswith("Instrumen!B") for problem in response.context["problems"])


def test_no_file_or_one_beyond_the_limit_is_said_plainly(client, place, draft, settings):
    assert post(client, place.team, url("_import", draft), {"mode": "tambah"}).status_code == 422
    settings.UPLOAD_LIMIT = 10
    response = upload(client, place, draft, "a.yaml", template_yaml().encode())
    assert response.status_code == 422
    assert "10 byte" in text(response)


def test_a_file_too_large_to_be_confirmed_is_refused_at_once(client, place, draft, monkeypatch):
    content = to_xlsx(draft.spec)
    monkeypatch.setattr(workshop_files, "YAML_SIZE", 100)
    response = upload(client, place, draft, "a.xlsx", content)
    assert response.status_code == 422
    assert len(response.context["problems"]) == 1


def test_a_confirmed_file_on_an_old_draft_is_a_conflict(client, place, draft):
    content = to_yaml(draft.spec)
    workshop.delete_item(draft.pk, "8.2.1.s1", seen=draft.sha256, actor=place.team)
    data = {"mode": "ganti", "content": content, "seen": draft.sha256}
    assert post(client, place.team, url("_import", draft), data).status_code == 409
    assert len(codes(draft)) == 3


def test_templates_are_for_those_who_write(client, place):
    for kind in workshop_files.TYPES:
        assert get(client, place.team, url("_template", None, kind)).status_code == 200
        assert get(client, place.teacher, url("_template", None, kind)).status_code == 403


# --- the life of a version --------------------------------------------------------------------------


def test_publishing_shows_what_changes_for_whom_and_then_does_it(client, place):
    first = published(place.school, place.team)
    open_evaluation(place.cycle.pk, first.instrument, actor=place.team)
    post(client, place.team, url("_next", first))
    second = InstrumentVersion.objects.get(instrument=first.instrument, status="DRAFT")
    add(second, "rubric", "7.2", place.team, question="Apakah siswa membaca?")
    page = get(client, place.team, url("_publish", second))
    view, difference = page.context["view"], page.context["difference"]
    assert [item.code for item in difference.result.added] == ["7.2.s3"]
    assert view.running == [workshop.Running(first.version, 1, 0)]
    assert {remark.code for remark in view.remarks} >= {"7.2.s3"}
    done = post(client, place.team, url("_publish", second), {"seen": fresh(second).sha256})
    assert done.status_code == 302
    assert fresh(second).status == "PUBLISHED"


def test_a_published_version_leads_to_where_it_is_opened_and_a_draft_does_not(client, place, draft):
    address = reverse("evaluations:instruments", args=[place.school.npsn, place.cycle.year])
    assert address not in get(client, place.team, url("_version", draft)).content.decode()
    version = published(place.school, place.team, title="Sudah terbit")
    assert f'href="{address}"' in get(client, place.team, url("_version", version)).content.decode()


def test_an_empty_draft_says_what_is_missing_and_stays_a_draft(client, place):
    version = started(place.school, place.team)
    page = get(client, place.team, url("_publish", version))
    assert page.context["view"].problems
    assert b"Terbitkan versi" not in page.content
    assert post(client, place.team, url("_publish", version), {"seen": version.sha256}).status_code == 422
    assert fresh(version).status == "DRAFT"


def test_nothing_else_is_published_than_what_was_seen(client, place, draft):
    workshop.delete_item(draft.pk, "7.2.s1", seen=draft.sha256, actor=place.team)
    assert post(client, place.team, url("_publish", draft), {"seen": draft.sha256}).status_code == 409
    assert fresh(draft).status == "DRAFT"


def test_a_published_version_is_closed_and_retired_after_asking(client, place):
    version = published(place.school, place.team)
    for name in ("_header", "_add", "_import", "_publish", "_discard"):
        assert get(client, place.team, url(name, version)).status_code == 409, name
    assert get(client, place.team, url("_item", version, "7.2.s1")).status_code == 409
    assert get(client, place.team, url("_retire", version)).status_code == 200
    assert post(client, place.team, url("_retire", version)).status_code == 302
    assert fresh(version).status == "RETIRED"
    assert post(client, place.team, url("_retire", version)).status_code == 409


def test_the_next_version_is_made_once_and_then_opened(client, place):
    first = published(place.school, place.team)
    addresses = {post(client, place.team, url("_next", first)).url for _ in range(2)}
    assert len(addresses) == 1
    assert InstrumentVersion.objects.filter(instrument=first.instrument).count() == 2


def test_a_draft_is_discarded_after_asking(client, place, draft):
    assert get(client, place.team, url("_discard", draft)).status_code == 200
    post(client, place.team, url("_discard", draft))
    assert not InstrumentVersion.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize("name", ["_move", "_delete", "_item"])
def test_a_draft_that_is_discarded_while_somebody_writes_on_it_is_not_found(client, place, draft, monkeypatch, name):
    """Between the look at the draft and the change."""

    def gone(version_id, *args, **kwargs):
        InstrumentVersion.objects.filter(pk=version_id).delete()
        return versions.existing(version_id)

    for service in ("move_item", "delete_item", "change_item"):
        monkeypatch.setattr(workshop, service, gone)
    code = draft.spec.items[0].code
    typed = TYPED[draft.spec.items[0].kind] | {"seen": draft.sha256}
    assert post(client, place.team, url(name, draft, code), typed).status_code == 404


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


# --- beside the profile -----------------------------------------------------------------------------


def test_own_questions_below_an_indicator_are_on_the_page_of_the_standard(client, place):
    version = published(place.school, place.team)
    evaluation = open_evaluation(place.cycle.pk, version.instrument, actor=place.team)
    body = get(client, place.teacher, evaluation.address("section", "7")).content.decode()
    assert 'id="butir-7-2-s1"' in body
    assert 'id="butir-7-2-s2"' in body


def test_own_questions_below_an_indicator_are_reviewed_under_it(client, place):
    version = published(place.school, place.team)
    evaluation = open_evaluation(place.cycle.pk, version.instrument, actor=place.team)
    section = evaluation.sections.get(standard="7")
    submit_section(section.pk, actor=place.principal, reasons=dict.fromkeys(("7.2.s1", "7.2.s2"), "Belum sempat."))
    open_review(section.pk, actor=place.team)
    body = get(client, place.team, evaluation.address("review", "7")).content.decode()
    assert "Program pengelolaan" in body
    assert body.index("7.2.s1") < body.index("7.2.s2")


def test_the_part_above_an_own_question_is_called_what_it_is(client, place):
    version = published(place.school, place.team)
    evaluation = open_evaluation(place.cycle.pk, version.instrument, actor=place.team)
    for standard, name in (("7", "Indikator 7.2"), ("8", "Subindikator 8.2.1")):
        section = Section.objects.get(evaluation=evaluation, standard=standard)
        body = get(client, place.teacher, evaluation.address("section", standard)).content.decode()
        assert " ".join(name.split()) in " ".join(strip_tags(body).split())
        for item in section.items:
            given = AnswerInput("ANSWERED", sample_value(item, 3))
            record_answer(section.pk, item.code, given, version=0, actor=place.teacher)
        submit_section(section.pk, actor=place.principal)
        reviewed = get(client, place.team, evaluation.address("review", standard)).content.decode()
        assert f"{name} " in " ".join(strip_tags(reviewed).split())


def test_the_profile_shows_own_questions_apart_and_does_not_count_them(client, place):
    address = place.evaluation.address("profile")
    before = get(client, place.team, address)
    assert before.context["own"] == []
    version = published(place.school, place.team)
    evaluation = open_evaluation(place.cycle.pk, version.instrument, actor=place.team)
    after = get(client, place.team, address)
    assert [spread.evaluation for spread in after.context["own"]] == [evaluation]
    assert "Tidak dihitung dalam profil nasional" in text(after)
    figures = [[view.profile.items for view in page.context["profiles"]] for page in (before, after)]
    assert figures[0] == figures[1]


def test_outside_the_school_own_results_appear_once_they_were_submitted(client, place):
    place.fill("8")
    place.submit("8")
    version = published(place.school, place.team)
    open_evaluation(place.cycle.pk, version.instrument, actor=place.team)
    assert get(client, place.supervisor, place.evaluation.address("profile")).context["own"] == []


@pytest.mark.parametrize("name", ["cycle", "targets"])
def test_the_year_and_its_targets_lead_the_team_to_its_workshop(client, place, name):
    address = place.evaluation.address(name)
    assert f'href="{url("")}"' in get(client, place.team, address).content.decode()
    assert f'href="{url("")}"' not in get(client, place.principal, address).content.decode()
