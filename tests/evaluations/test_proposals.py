"""Answers that may be confirmed: from data pokok and from the year before. Nothing counts before somebody confirms."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from common import clock
from common.errors import DomainError, StateError
from evaluations.feeds import feeds_for
from evaluations.models import Answer, AnswerOrigin, Evaluation
from evaluations.services import answers, cycles, reviews
from evaluations.services.profiles import evaluation_profiles
from evaluations.services.proposals import changed_since, confirm_proposals, confirming, section_proposals, unsupported
from schools.academic_year import AcademicYear
from schools.basic_data_models import BasicData
from schools.models import AuditEvent
from standards.services import publish
from tests.factories import Place, the_spec, the_version

pytestmark = pytest.mark.django_db
TEACHERS = "3.2.1.a"


def next_year(place: Place, edition: str = "2025.1", scope: str | None = None) -> Place:
    """The same school and people one year later."""
    later = object.__new__(Place)
    later.__dict__ |= place.__dict__
    year = AcademicYear(place.cycle.year + 1)
    later.cycle = cycles.start_cycle(
        place.school, year, actor=place.principal, version=the_version(edition), scope=scope
    )
    later.evaluation = Evaluation.objects.with_place().get(cycle=later.cycle)
    return later


def sheet(place: Place, **values: int) -> BasicData:
    row, _ = BasicData.objects.update_or_create(
        school=place.school, year=place.cycle.year,
        defaults={"values": values, "updated_by": place.operator, "updated_at": clock.now()},
    )  # fmt: skip
    return row


@pytest.fixture
def verified() -> Place:
    """Standard 8 of the year 2025, submitted and verified; 8.1.3.a was corrected from level 3 to level 2."""
    place = Place(year=2025)
    place.fill()
    place.submit()
    place.open()
    wanted = answers.AnswerInput("ANSWERED", {"level": 2})
    section = place.section()
    reviews.review_item(section.pk, "8.1.3.a", "CORRECTED", actor=place.team, correction=wanted, reason="Belum merata.")
    for code in [item.code for item in section.items if item.code != "8.1.3.a"]:
        reviews.review_item(section.pk, code, "CONFIRMED", actor=place.team)
    place.verify()
    return place


@pytest.fixture
def fed() -> tuple[Place, str, dict[str, int], dict[str, int]]:
    """A place, an item that data pokok feeds, and two states of the sheet that give different answers."""
    place = Place(edition="2026.1", scope="lengkap")
    feeds = feeds_for(place.evaluation.spec, "SD", place.school.naungan)
    for code, feed in feeds.by_item.items():
        if feed.ratio and not feed.when and len(feed.ratio.count) == len(feed.ratio.of) == 1:
            count, of = feed.ratio.count[0], feed.ratio.of[0]
            if count != of and feeds.sheet.codes(count, {}) == (count,) and feeds.sheet.codes(of, {}) == (of,):
                return place, code, {count: 3, of: 4}, {count: 4, of: 4}
    raise AssertionError("no plain ratio is fed")


# --- from the year before -----------------------------------------------------------------------------


def test_unchanged_questions_carry_their_answers_as_the_review_left_them(verified):
    later = next_year(verified)
    found = section_proposals(later.section())
    assert set(found) == {item.code for item in later.section().items}
    assert all(one.origin == AnswerOrigin.EARLIER for one in found.values())
    assert found["8.1.3.a"].value == {"level": 2}
    assert "hasil telaah tahun 2025/2026" in found["8.1.3.a"].source
    assert "jawaban tahun 2025/2026" in found["8.1.1.a"].source
    assert not Answer.objects.filter(section__evaluation=later.evaluation).exists()
    assert evaluation_profiles(later.evaluation).claimed.profile.items.answered == 0, "a proposal counts nowhere"


def test_a_question_that_changed_is_asked_afresh():
    place = Place(year=2025)
    place.fill()
    place.submit()
    items = {item.code: item for item in the_spec().items}
    reworded = items["8.1.3.a"].model_copy(update={"question": "Apa yang kini ditanyakan?"})
    helped = items["8.3.1.a"].model_copy(update={"help": "Petunjuk yang lebih jelas."})
    items |= {"8.1.3.a": reworded, "8.3.1.a": helped}
    publish(the_spec().model_copy(update={"version": "2025.9", "items": tuple(items.values())}))
    later = next_year(place, "2025.9")
    assert set(section_proposals(later.section())) == {i.code for i in place.section().items} - {"8.1.3.a"}


def test_of_standards_7_and_8_the_two_editions_changed_one_question():
    old, new = the_spec().asked("SD"), the_spec("2026.1").asked("SD")
    assert [code for code in old if old[code].meaning != new[code].meaning] == ["7.1.2.a"]


def test_what_was_never_submitted_is_not_carried():
    place = Place(year=2025)
    place.fill()
    assert section_proposals(next_year(place).section()) == {}


def test_another_school_or_another_instrument_proposes_nothing(verified):
    other = Place(year=2026)
    assert section_proposals(other.section()) == {}


def test_not_applicable_is_carried_with_its_reason():
    place = Place(year=2025)
    item = next(item for item in place.section("8").items if item.na)
    section = place.section("8")
    wanted = answers.AnswerInput("NOT_APPLICABLE", None, item.na[0].code)
    answers.record_answer(section.pk, item.code, wanted, version=0, actor=place.teacher)
    for other in section.items:
        if other.code != item.code:
            place.answer(other.code)
    place.submit("8")
    later = next_year(place)
    proposal = section_proposals(later.section("8"))[item.code]
    assert (proposal.state, proposal.value, proposal.na_reason) == ("NOT_APPLICABLE", None, item.na[0].code)
    assert confirm_proposals(later.section("8").pk, [item.code], actor=later.teacher) == [item.code]
    assert Answer.objects.get(section=later.section("8")).na_reason == item.na[0].code


# --- from data pokok ----------------------------------------------------------------------------------


def test_the_present_figures_come_before_last_years_answer(fed):
    place, code, three, _ = fed
    assert section_proposals(place.section(code[0])).get(code) is None, "an empty sheet proposes nothing"
    sheet(place, **three)
    proposal = section_proposals(place.section(code[0]))[code]
    assert proposal.origin == AnswerOrigin.SHEET
    assert proposal.value == {"count": 3, "of": 4}
    assert "data pokok 2026/2027" in proposal.source


def test_a_confirmed_figure_is_marked_when_the_sheet_changes_later(fed):
    place, code, three, four = fed
    sheet(place, **three)
    assert confirm_proposals(place.section(code[0]).pk, [code], actor=place.teacher) == [code]
    answer = Answer.objects.get()
    assert (answer.origin, answer.value) == (AnswerOrigin.SHEET, {"count": 3, "of": 4})
    assert answer.origin_note.startswith("data pokok 2026/2027 (")
    section = place.section(code[0])
    assert changed_since(section_proposals(section), {code: answer}) == {}
    sheet(place, **four)
    assert changed_since(section_proposals(section), {code: answer})[code].value == {"count": 4, "of": 4}
    assert Answer.objects.get().value == {"count": 3, "of": 4}, "nothing changes by itself"


def test_an_answer_of_another_value_is_no_longer_from_the_sheet_but_a_note_changes_nothing(fed):
    place, code, three, _ = fed
    sheet(place, **three)
    section = place.section(code[0])
    confirm_proposals(section.pk, [code], actor=place.teacher)
    version = Answer.objects.get().version
    noted = answers.AnswerInput("ANSWERED", {"count": 3, "of": 4}, note="Satu guru cuti.")
    _, answer = answers.record_answer(section.pk, code, noted, version=version, actor=place.teacher)
    assert answer.origin == AnswerOrigin.SHEET
    other = answers.AnswerInput("ANSWERED", {"count": 2, "of": 4})
    _, answer = answers.record_answer(section.pk, code, other, version=answer.version, actor=place.teacher)
    assert (answer.origin, answer.origin_note) == ("", "")


# --- confirming ---------------------------------------------------------------------------------------


def test_confirming_several_keeps_what_was_answered_meanwhile(verified):
    later = next_year(verified)
    later.answer("8.1.1.a", level=1)
    codes = [item.code for item in later.section().items]
    done = confirm_proposals(later.section().pk, [*codes, "8.9.9.a"], actor=later.teacher)
    assert set(done) == set(codes) - {"8.1.1.a"}
    assert later.section().answered_count == len(codes)
    assert Answer.objects.get(section=later.section(), item_code="8.1.1.a").origin == ""
    carried = Answer.objects.filter(section=later.section(), origin=AnswerOrigin.EARLIER)
    assert carried.count() == len(codes) - 1
    assert AuditEvent.objects.filter(action="answer.recorded", after__origin="EARLIER").count() == len(codes) - 1


def test_a_proposal_that_says_something_else_by_now_is_refused(verified):
    later = next_year(verified)
    section = later.section()
    item = section.item("8.1.3.a")
    with pytest.raises(StateError, match="sudah berubah"):
        confirming(section, item, answers.AnswerInput("ANSWERED", {"level": 4}), "EARLIER")
    with pytest.raises(StateError):
        confirming(section, item, answers.AnswerInput("ANSWERED", {"level": 2}), "SHEET")
    with pytest.raises(DomainError):
        confirming(section, item, answers.AnswerInput("ANSWERED", {"level": 9}), "EARLIER")
    assert confirming(section, item, answers.AnswerInput("ANSWERED", {"level": 2}), "EARLIER").origin == "EARLIER"


def test_only_those_who_answer_confirm(verified):
    later = next_year(verified)
    for actor in (later.team, later.supervisor, later.operator):
        with pytest.raises(PermissionDenied):
            confirm_proposals(later.section().pk, ["8.1.1.a"], actor=actor)
    done = confirm_proposals(later.section().pk, ["8.1.1.a"], actor=later.operator, on_behalf_of=later.teacher)
    assert done == ["8.1.1.a"]
    answer = Answer.objects.get(section=later.section())
    assert (answer.answered_by, answer.typed_by) == (later.teacher, later.operator)


def test_the_head_confirms_no_proposal_about_the_head(client):
    place = Place(year=2025)
    place.fill("7")
    place.submit("7")
    later = next_year(place)
    codes = ["7.3.1.a", "7.1.1.a"]
    client.force_login(later.principal)
    page = client.get(reverse("evaluations:proposals", args=[later.school.npsn, 2026, "7"]))
    assert {"7.1.1.a"} == {card.item.code for card in page.context["cards"]} & set(codes)
    assert confirm_proposals(later.section("7").pk, codes, actor=later.principal) == ["7.1.1.a"]
    assert confirm_proposals(later.section("7").pk, codes, actor=later.teacher) == ["7.3.1.a"]


def test_a_submission_says_where_confirmed_answers_came_from(verified):
    later = next_year(verified)
    confirm_proposals(later.section().pk, [item.code for item in later.section().items], actor=later.teacher)
    frozen = later.submit().content["items"]["8.1.3.a"]
    assert frozen["origin"] == "EARLIER"
    assert "2025/2026" in frozen["origin_note"]


# --- pages --------------------------------------------------------------------------------------------


def test_one_tap_on_the_question_confirms_its_proposal(verified, client):
    later = next_year(verified)
    client.force_login(later.teacher)
    text = client.get(later.evaluation.address("section", "8")).content.decode()
    assert "Usulan: Level 2" in text
    assert "Pakai usulan ini" in text
    url = later.evaluation.address("answer", "8", "8.1.3.a")
    posted = {"version": "0", "usulan": "EARLIER", "level": "2"}
    response = client.post(url, posted, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert "usulan dikonfirmasi" in response.content.decode()
    assert Answer.objects.get(section=later.section()).origin == "EARLIER"
    stale = client.post(later.evaluation.address("answer", "8", "8.1.1.a"), posted | {"count": "1", "of": "9"})
    assert stale.status_code == 409
    assert "sudah berubah sejak halaman dibuka" in stale.content.decode()


def test_the_page_of_all_proposals_confirms_what_is_ticked(verified, client):
    later = next_year(verified)
    client.force_login(later.teacher)
    url = later.evaluation.address("proposals", "8")
    shown = {"dilihat": [f"{card.item.code}:{card.proposal.mark}" for card in client.get(url).context["cards"]]}
    assert f'name="dilihat" value="{shown["dilihat"][0]}"' in client.get(url).content.decode()
    assert client.post(url, {}).status_code == 422
    response = client.post(url, shown | {"item": ["8.1.1.a", "8.1.3.a", "8.1.3.a"]})
    assert response.url == later.evaluation.address("section", "8")
    assert later.section().answered_count == 2
    client.force_login(later.operator)
    refused = client.post(url, {"item": ["8.2.1.a"]})
    assert refused.status_code == 422
    assert 'value="8.2.1.a" checked' in refused.content.decode()
    named = shown | {"item": ["8.2.1.a"], "on_behalf_of": later.teacher.username}
    assert client.post(url, named).status_code == 302
    assert Answer.objects.get(section=later.section(), item_code="8.2.1.a").answered_by == later.teacher


def test_a_page_that_shows_older_figures_confirms_nothing_that_was_not_read(fed, client):
    place, code, three, four = fed
    sheet(place, **three)
    client.force_login(place.teacher)
    url = place.evaluation.address("proposals", code[0])
    shown = {"dilihat": [f"{card.item.code}:{card.proposal.mark}" for card in client.get(url).context["cards"]]}
    sheet(place, **four)
    response = client.post(url, shown | {"item": [code]}, follow=True)
    assert not Answer.objects.exists()
    said = [str(message) for message in response.context["messages"]]
    assert len(said) == 1
    assert said[0].startswith("1 usulan tidak dipakai")


def test_changed_figures_show_on_the_question_and_are_taken_over_by_a_tap(fed, client):
    place, code, three, four = fed
    sheet(place, **three)
    confirm_proposals(place.section(code[0]).pk, [code], actor=place.teacher)
    sheet(place, **four)
    client.force_login(place.teacher)
    url = place.evaluation.address("section", code[0])
    text = client.get(url).content.decode()
    assert "Data pokok berubah sejak jawaban ini dikonfirmasi" in text
    posted = {"version": Answer.objects.get().version, "usulan": "SHEET", "count": "4", "of": "4"}
    assert client.post(place.evaluation.address("answer", code[0], code), posted).status_code == 302
    assert Answer.objects.get().value == {"count": 4, "of": 4}
    assert "Data pokok berubah" not in client.get(url).content.decode()


def test_an_answer_that_the_sheet_no_longer_gives_is_marked(client):
    """A certificate is only ever proposed as "ya": without it nothing is, and the answer must not stand unmarked."""
    place = Place(edition="2026.1", scope="lengkap")
    sheet(place, kepala_definitif=True, kepala_sertifikat=True)
    confirm_proposals(place.section("5").pk, ["5.2.6.a"], actor=place.teacher)
    answered = {"5.2.6.a": Answer.objects.get()}
    assert unsupported(section_proposals(place.section("5")), answered) == frozenset()
    for values in ({"kepala_definitif": True, "kepala_sertifikat": False}, {"kepala_sertifikat": True}):
        sheet(place, **values)
        assert unsupported(section_proposals(place.section("5")), answered) == {"5.2.6.a"}
    client.force_login(place.teacher)
    text = client.get(place.evaluation.address("section", "5")).content.decode()
    assert text.count("Data pokok berubah sejak jawaban ini dikonfirmasi") == 1
    assert "tidak lagi dapat diusulkan" in text


def test_who_reviews_is_told_as_long_as_the_decision_is_open(fed, client):
    place, code, three, four = fed
    sheet(place, **three)
    place.fill(code[0])
    mine = Answer.objects.get(item_code=code)
    wanted = answers.AnswerInput("ANSWERED", {"count": 3, "of": 4}, origin="SHEET", origin_note="data pokok")
    answers.record_answer(mine.section_id, code, wanted, version=mine.version, actor=place.teacher)
    place.submit(code[0])
    place.open(code[0])
    client.force_login(place.team)
    url = place.evaluation.address("review", code[0])
    told = "Data pokok berubah sejak jawaban ini dikonfirmasi"
    assert told not in client.get(url).content.decode()
    for values in (four, {}):
        sheet(place, **values)
        assert client.get(url).content.decode().count(told) == 1
    place.confirm_all(code[0])
    place.verify(code[0])
    assert told not in client.get(url).content.decode()


def test_people_who_only_read_are_shown_no_proposals(verified, client):
    later = next_year(verified)
    client.force_login(later.team)
    assert "Pakai usulan ini" not in client.get(later.evaluation.address("section", "8")).content.decode()
    assert client.get(later.evaluation.address("proposals", "8")).status_code == 403


def test_the_section_page_with_proposals_takes_few_queries(verified, client, django_assert_max_num_queries):
    later = next_year(verified)
    client.force_login(later.teacher)
    url = reverse("evaluations:section", args=[later.school.npsn, later.cycle.year, "8"])
    client.get(url)
    with django_assert_max_num_queries(17):
        client.get(url)
