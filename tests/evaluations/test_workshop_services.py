"""Own instruments written question by question: what is checked, what conflicts, what publishing means."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from common.errors import DomainError, StateError
from evaluations.services import workshop
from evaluations.services.instruments import offered_versions, open_evaluation
from evaluations.services.workshop import ADD, REPLACE, DraftConflict, FileRefused, Header, ItemFault
from schools.choices import Role
from schools.models import AuditEvent
from standards import versions
from standards.exchange import template_xlsx, template_yaml, to_xlsx, to_yaml
from standards.models import InstrumentVersion, LegalBasis
from standards.services import the_catalogue
from tests.evaluations.workshop_steps import DATA, HEADER, add, codes, filled, fresh, published, started
from tests.factories import (
    AssignmentFactory,
    OfficeFactory,
    Place,
    RegionFactory,
    SchoolFactory,
    person_at,
    whole_catalogue,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return Place(region=RegionFactory(code="33.01"))


@pytest.fixture
def office():
    office = OfficeFactory(forms=["SD", "SMP"])
    office.regions.add(RegionFactory(code="33.01"))
    return office


@pytest.fixture
def official(office):
    return AssignmentFactory(school=None, office=office, role=Role.OFFICE).person


@pytest.fixture
def draft(place):
    return filled(place.school, place.team)


# --- starting ---------------------------------------------------------------------------------------


def test_an_instrument_starts_as_an_empty_draft_for_the_form_of_its_school(place):
    version = started(place.school, place.team)
    assert (version.status, version.owner, version.spec.items) == ("DRAFT", place.school, ())
    assert version.spec.forms == ("SD",)
    assert version.spec.scoring.status == "levels"
    assert version.instrument.startswith("sekolah-")


def test_only_the_quality_team_starts_one_for_a_school(place):
    for person in (place.principal, place.teacher, place.operator, place.supervisor):
        with pytest.raises(PermissionDenied):
            workshop.start_instrument(place.school, HEADER, actor=person)
    assert not InstrumentVersion.objects.filter(owner_school=place.school).exists()


def test_a_school_asks_no_other_form_and_an_office_only_those_of_its_jurisdiction(place, office, official):
    for owner, actor, forms in (
        (place.school, place.team, ("SMP",)),
        (place.school, place.team, ()),
        (office, official, ("SMA",)),
    ):
        with pytest.raises(DomainError) as caught:
            workshop.start_instrument(owner, Header("Judul", forms, "Rapat", ""), actor=actor)
        assert "forms" in caught.value.fields
    assert started(office, official, forms=("SMP", "SD")).spec.forms == ("SD", "SMP")


def test_a_form_that_a_question_still_needs_stays(office, official):
    version = started(office, official, forms=("SD", "SMP"))
    add(version, "rubric", "7.2", official, forms=["SMP"])
    now = fresh(version)
    with pytest.raises(DomainError) as caught:
        workshop.save_header(now.pk, Header("Judul", ("SD",), "Rapat", ""), seen=now.sha256, actor=official)
    assert "7.2.s1" in caught.value.fields["forms"]
    assert fresh(version).sha256 == now.sha256


def test_the_header_is_saved_tidily(draft, place):
    header = Header("  Judul\u00a0baru ", ("SD",), "Rapat\r\nkedua", "")
    workshop.save_header(draft.pk, header, seen=draft.sha256, actor=place.team)
    spec = fresh(draft).spec
    assert (spec.title, spec.source, len(spec.items)) == ("Judul baru", "Rapat\nkedua", 4)


# --- questions --------------------------------------------------------------------------------------


def test_questions_of_every_kind_get_codes_of_their_own(draft):
    assert codes(draft) == ["7.2.s1", "7.2.s2", "8.2.1.s1", "8.2.1.s2"]
    assert [item.kind for item in draft.spec.items] == ["rubric", "yesno", "ratio", "checklist"]


def test_a_second_tap_on_save_is_no_conflict_and_adds_nothing(draft, place):
    seen, changed = draft.sha256, DATA["rubric"] | {"question": "Seberapa sering murid membaca sendiri?"}
    for _ in range(2):
        _, code = workshop.add_item(draft.pk, "7.2", changed, seen=seen, actor=place.team)
        assert code == "7.2.s3"
    assert codes(draft) == ["7.2.s1", "7.2.s2", "8.2.1.s1", "8.2.1.s2", "7.2.s3"]
    seen = fresh(draft).sha256
    for _ in range(2):
        workshop.change_item(draft.pk, "7.2.s1", changed, seen=seen, actor=place.team)
    seen = fresh(draft).sha256
    for _ in range(2):
        workshop.save_header(draft.pk, Header("Judul lain", ("SD",), "Rapat", ""), seen=seen, actor=place.team)
    with pytest.raises(DraftConflict):
        workshop.add_item(draft.pk, "7.2", DATA["yesno"] | {"question": "Lain?"}, seen=seen, actor=place.team)


def test_a_code_that_a_published_version_gave_is_never_given_again(place):
    first = published(place.school, place.team)
    second = fresh(workshop.new_version(first.pk, actor=place.team))
    workshop.delete_item(second.pk, "7.2.s2", seen=second.sha256, actor=place.team)
    assert add(second, "rubric", "7.2", place.team) == "7.2.s3"


def test_faults_of_a_question_are_named_by_field_and_nothing_is_stored(draft, place):
    bad = DATA["rubric"] | {"levels": {4: "Ada", 3: "Ada"}, "na": [], "help": "x" * 3001}
    with pytest.raises(ItemFault) as caught:
        workshop.add_item(draft.pk, "7.2", bad, seen=draft.sha256, actor=place.team)
    assert set(caught.value.problems) == {"levels.2", "levels.1", "help"}
    assert fresh(draft).sha256 == draft.sha256


def test_a_question_for_a_form_that_the_instrument_does_not_have_is_refused(draft, place):
    with pytest.raises(ItemFault) as caught:
        workshop.add_item(draft.pk, "7.2", DATA["rubric"] | {"forms": ["SMA"]}, seen=draft.sha256, actor=place.team)
    assert set(caught.value.problems) == {"forms"}


@pytest.mark.parametrize("part", ["7", "9.1", "", "7.2.s1"])
def test_a_question_hangs_below_an_indicator_or_a_subindicator(draft, place, part):
    with pytest.raises(DomainError):
        workshop.add_item(draft.pk, part, DATA["rubric"], seen=draft.sha256, actor=place.team)


def test_an_instrument_has_a_largest_size(draft, place, monkeypatch):
    monkeypatch.setattr("standards.own.MAX_ITEMS", 4)
    with pytest.raises(DomainError):
        add(draft, "rubric", "7.2", place.team)
    assert len(codes(draft)) == 4


def test_a_change_keeps_code_and_kind_and_what_the_form_does_not_ask(draft, place):
    now = fresh(draft)
    item = now.spec.items[0].model_copy(update={"informants": ("Pustakawan",), "group": "baca"})
    spec = workshop.spec_with(now.spec, items=(item, *now.spec.items[1:]))
    now = versions.save_draft(now.pk, spec, seen_sha256=now.sha256, actor=place.team)
    data = DATA["yesno"] | {"levels": DATA["rubric"]["levels"], "question": "Berapa sering murid membaca sendiri?"}
    workshop.change_item(now.pk, "7.2.s1", data, seen=now.sha256, actor=place.team)
    changed = fresh(draft).spec.items[0]
    assert (changed.code, changed.kind) == ("7.2.s1", "rubric")
    assert changed.question == "Berapa sering murid membaca sendiri?"
    assert (changed.informants, changed.group) == (("Pustakawan",), "baca")


def test_questions_move_among_those_of_the_same_part_alone(draft, place):
    def move(code, *, up):
        now = fresh(draft)
        workshop.move_item(now.pk, code, up=up, seen=now.sha256, actor=place.team)
        return codes(draft)

    assert move("7.2.s2", up=True)[:2] == ["7.2.s2", "7.2.s1"]
    assert move("7.2.s2", up=True)[:2] == ["7.2.s2", "7.2.s1"]
    assert move("8.2.1.s1", up=True) == ["7.2.s2", "7.2.s1", "8.2.1.s1", "8.2.1.s2"]
    assert move("7.2.s2", up=False)[:2] == ["7.2.s1", "7.2.s2"]


def test_whoever_writes_on_an_old_draft_is_told_and_undoes_nothing(draft, place):
    second = person_at(place.school, Role.QUALITY_TEAM)
    workshop.delete_item(draft.pk, "8.2.1.s2", seen=draft.sha256, actor=second)
    other = DATA["rubric"] | {"question": "Seberapa sering murid membaca sendiri?"}
    for act in (
        lambda: workshop.add_item(draft.pk, "7.2", other, seen=draft.sha256, actor=place.team),
        lambda: workshop.change_item(draft.pk, "7.2.s1", other, seen=draft.sha256, actor=place.team),
        lambda: workshop.move_item(draft.pk, "7.2.s1", up=False, seen=draft.sha256, actor=place.team),
        lambda: workshop.delete_item(draft.pk, "7.2.s1", seen=draft.sha256, actor=place.team),
        lambda: workshop.save_header(
            draft.pk, Header("Lain", ("SD",), "Rapat", ""), seen=draft.sha256, actor=place.team
        ),
        lambda: workshop.take_over(draft.pk, draft.spec, REPLACE, seen=draft.sha256, actor=place.team),
        lambda: workshop.publish(draft.pk, seen=draft.sha256, actor=place.team),
    ):
        with pytest.raises(DraftConflict):
            act()
    assert codes(draft) == ["7.2.s1", "7.2.s2", "8.2.1.s1"]


def test_every_change_is_recorded_with_the_person(draft, place):
    events = AuditEvent.objects.about(draft)
    assert [event.action for event in events] == ["instrument.draft_created"] + ["instrument.draft_saved"] * 4
    assert {event.actor for event in events} == {place.team}


# --- files ------------------------------------------------------------------------------------------


def test_both_kinds_of_file_come_back_as_they_went_out(draft):
    spec = draft.spec
    assert workshop.read_file("a.yaml", to_yaml(spec).encode()) == spec
    assert workshop.read_file("A.XLSX", to_xlsx(spec)) == spec


def test_the_templates_can_be_taken_over_as_they_are(place):
    keys = set(LegalBasis.objects.values_list("key", flat=True))
    version = started(place.school, place.team)
    for name, content in (
        ("templat.yaml", template_yaml().encode()),
        ("templat.xlsx", template_xlsx(the_catalogue(), keys)),
    ):
        spec = workshop.merged(version, workshop.read_file(name, content), REPLACE)
        assert len(spec.items) == 4
        assert (spec.instrument, spec.version) == (version.instrument, version.version)


def test_a_school_of_another_form_may_start_from_the_template(office):
    place = Place(form="SMP", region=RegionFactory(code="33.02"))
    version = started(place.school, place.team, forms=("SMP",))
    spec = workshop.merged(version, workshop.read_file("a.yaml", template_yaml().encode()), REPLACE)
    assert spec.forms == ("SMP",)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.docx", b"PK", "bukan berkas YAML atau XLSX"),
        ("a.yaml", b"items: [", "a.yaml:"),
        ("a.yaml", "judul: \u00e9".encode("latin-1"), "UTF-8"),
        ("a.xlsx", b"not a zip", ""),
        ("a.yaml", template_yaml().replace("8.2.1.s1", "8.9.s1").encode(), "8.9 tidak ada dalam katalog"),
        ("a.yaml", template_yaml().replace("7.2.s2", "7.2.s1").encode(), "tertulis dua kali"),
    ],
)
def test_a_broken_file_is_refused_with_places_and_reasons(place, name, content, said):
    with pytest.raises(FileRefused) as caught:
        workshop.read_file(name, content)
    assert caught.value.problems
    assert any(said in problem for problem in caught.value.problems)


def test_adding_from_a_file_keeps_what_is_there_and_refuses_codes_that_are_taken(draft, place):
    incoming = workshop.read_file("a.yaml", template_yaml().encode())
    with pytest.raises(FileRefused) as caught:
        workshop.merged(draft, incoming, ADD)
    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["7.2.s1", "8.2.1.s1", "7.2.s2"]
    other = template_yaml().replace("7.2.s", "7.1.s").replace("8.2.1.s1", "8.3.s1")
    merged = workshop.merged(draft, workshop.read_file("a.yaml", other.encode()), ADD)
    assert (len(merged.items), merged.title) == (8, draft.title)


def test_a_file_for_other_forms_is_refused_for_an_office(office, official):
    version = started(office, official, forms=("SD",))
    wide = template_yaml().replace("forms: [SD] ", "forms: [SD, SMA] ")
    with pytest.raises(FileRefused) as caught:
        workshop.merged(version, workshop.read_file("a.yaml", wide.encode()), REPLACE)
    assert "SMA" in caught.value.problems[0]


# --- publishing -------------------------------------------------------------------------------------


def test_what_was_published_is_offered_and_answered(draft, place):
    workshop.publish(draft.pk, seen=draft.sha256, actor=place.team)
    offered = [version.instrument for version in offered_versions(place.cycle)]
    assert draft.instrument in offered
    evaluation = open_evaluation(place.cycle.pk, draft.instrument, actor=place.team)
    assert list(evaluation.sections.values_list("standard", "item_count")) == [("7", 2), ("8", 2)]


def test_an_empty_draft_is_not_published(place):
    version = started(place.school, place.team)
    assert workshop.publishing_problems(version)
    with pytest.raises(DomainError):
        workshop.publish(version.pk, seen=version.sha256, actor=place.team)
    assert fresh(version).status == "DRAFT"


def test_a_draft_whose_legal_basis_is_gone_cannot_be_published(draft, place):
    whole_catalogue()
    key = LegalBasis.objects.first().key
    now = fresh(draft)
    data = DATA["rubric"] | {"basis": [key]}
    workshop.change_item(now.pk, "7.2.s1", data, seen=now.sha256, actor=place.team)
    LegalBasis.objects.filter(key=key).delete()
    [problem] = workshop.publishing_problems(fresh(draft))
    assert problem.startswith("7.2.s1 ")
    assert key in problem


def test_a_new_version_copies_the_content_and_one_draft_is_open_at_a_time(place):
    first = published(place.school, place.team)
    second = workshop.new_version(first.pk, actor=place.team)
    assert (second.version.partition(".")[2], second.spec.items) == ("2", first.spec.items)
    with pytest.raises(StateError):
        workshop.new_version(first.pk, actor=place.team)


def test_a_running_year_keeps_its_version_and_is_counted(place):
    first = published(place.school, place.team)
    open_evaluation(place.cycle.pk, first.instrument, actor=place.team)
    second = fresh(workshop.new_version(first.pk, actor=place.team))
    workshop.publish(second.pk, seen=second.sha256, actor=place.team)
    assert workshop.running(first.instrument) == [workshop.Running(first.version, 1, 0)]
    assert place.cycle.evaluations.get(version__instrument=first.instrument).version == first


def test_an_office_reaches_the_open_schools_of_its_jurisdiction(place, office, official):
    SchoolFactory(region=place.school.region, status="CLOSED")
    SchoolFactory(region=place.school.region, form="SMP")
    SchoolFactory(region=RegionFactory(code="33.02"), form="SD")
    version = filled(office, official, forms=("SD", "SMP"))
    assert workshop.reach(version) == [workshop.Reach("SD", 1, 4), workshop.Reach("SMP", 1, 4)]


def test_whatever_is_done_with_a_draft_that_was_just_discarded_is_refused_with_a_reason(draft, place):
    versions.discard_draft(draft.pk, actor=place.team)
    given = {"seen": draft.sha256, "actor": place.team}
    for action in (
        lambda: versions.discard_draft(draft.pk, actor=place.team),
        lambda: versions.retire(draft.pk, actor=place.team),
        lambda: workshop.new_version(draft.pk, actor=place.team),
        lambda: workshop.publish(draft.pk, **given),
        lambda: workshop.save_header(draft.pk, HEADER, **given),
        lambda: workshop.delete_item(draft.pk, draft.spec.items[0].code, **given),
    ):
        with pytest.raises(StateError, match="sudah dibuang"):
            action()
