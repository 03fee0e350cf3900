"""Instruments beside the national one: IA2024 and IASP 2020, opened per year and answered like any other."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from common import clock
from common.errors import DomainError, StateError
from evaluations.distribution import distribution
from evaluations.models import CycleStage, Evaluation, ProfileSummary, SectionState, StageState
from evaluations.scoring import NOT_APPLICABLE, Outcome, OutcomeState
from evaluations.services import answers, reviews, submissions
from evaluations.services.instruments import offered_versions, open_evaluation
from schools.choices import SchoolStatus
from schools.models import AuditEvent
from standards.models import InstrumentVersion
from tests.factories import Place, the_library, whole_catalogue

pytestmark = pytest.mark.django_db
IASP = the_library().newest("iasp-2020")
IA = the_library().newest("ia-2024")


@pytest.fixture
def place() -> Place:
    whole_catalogue()
    return Place()


def beside(place: Place, key: str) -> Place:
    """The same place, with another instrument as its evaluation."""
    whole_catalogue()
    open_evaluation(place.cycle.pk, key, actor=place.team)
    other = object.__new__(Place)
    other.__dict__ |= place.__dict__
    other.evaluation = Evaluation.objects.with_place().get(cycle=place.cycle, version__instrument=key)
    return other


def fill(place: Place, standard: str) -> None:
    section = place.section(standard)
    for item in section.items:
        if item.answerable:
            wanted = answers.AnswerInput("ANSWERED", {"level": 3})
            answers.record_answer(section.pk, item.code, wanted, version=0, actor=place.teacher)


def test_what_is_offered_fits_the_form_and_is_not_open_yet(place):
    assert [version.instrument for version in offered_versions(place.cycle)] == ["ia-2024", "iasp-2020"]
    open_evaluation(place.cycle.pk, "ia-2024", actor=place.team)
    assert [version.instrument for version in offered_versions(place.cycle)] == ["iasp-2020"]
    special = Place(form="SLB")
    assert [version.instrument for version in offered_versions(special.cycle)] == ["iasp-2020"]


def test_a_retired_version_is_not_offered(place):
    InstrumentVersion.objects.filter(instrument="iasp-2020").update(status="RETIRED", retired_at=clock.now())
    assert [version.instrument for version in offered_versions(place.cycle)] == ["ia-2024"]


def test_opening_makes_one_section_per_component_and_happens_once(place):
    evaluation = open_evaluation(place.cycle.pk, "ia-2024", actor=place.principal)
    sections = {s.standard: s.item_count for s in evaluation.sections.all()}
    assert set(sections) == {"1", "2", "3"}
    assert sum(sections.values()) == 45
    with pytest.raises(StateError, match="sudah dibuka"):
        open_evaluation(place.cycle.pk, "ia-2024", actor=place.principal)
    with pytest.raises(DomainError):
        open_evaluation(place.cycle.pk, "eds-lain", actor=place.principal)
    for actor in (place.teacher, place.operator, place.supervisor):
        with pytest.raises(PermissionDenied):
            open_evaluation(place.cycle.pk, "iasp-2020", actor=actor)
    assert AuditEvent.objects.filter(action="evaluation.opened").count() == 1


def test_a_closed_school_opens_nothing(place):
    place.school.status = SchoolStatus.CLOSED
    place.school.save()
    with pytest.raises(DomainError):
        open_evaluation(place.cycle.pk, "ia-2024", actor=place.team)


def test_a_question_without_a_public_title_cannot_be_answered_and_counts_as_unanswered():
    place = beside(Place(form="SMK"), "iasp-2020")
    closed = [item for item in place.evaluation.asked.values() if not item.answerable]
    assert len(closed) == 10
    section = place.section(closed[0].standard)
    with pytest.raises(DomainError, match="belum dapat dijawab"):
        answers.record_answer(
            section.pk, closed[0].code, answers.AnswerInput("ANSWERED", {"level": 3}), version=0, actor=place.teacher
        )
    fill(place, section.standard)
    section = place.section(section.standard)
    assert section.left_count == 0
    assert section.answered_count < section.item_count
    submission = place.submit(section.standard)
    frozen = submission.content["items"][closed[0].code]
    assert frozen["state"] == "UNANSWERED"
    assert frozen["unanswered_reason"]
    place.open(section.standard)
    place.confirm_all(section.standard)
    place.verify(section.standard)
    assert place.section(section.standard).state == SectionState.VERIFIED


def test_the_whole_way_beside_the_national_one_touches_neither_its_stage_nor_its_summary(place):
    other = beside(place, "ia-2024")
    before = CycleStage.objects.get(cycle=place.cycle, key="memetakan").state
    for standard in ("1", "2", "3"):
        fill(other, standard)
        other.submit(standard)
        other.open(standard)
        other.confirm_all(standard)
        other.verify(standard)
    approved = reviews.approve_evaluation(other.evaluation.pk, actor=place.principal)
    assert approved.is_approved
    assert CycleStage.objects.get(cycle=place.cycle, key="memetakan").state == before != StageState.DONE
    assert not ProfileSummary.objects.exists()
    national = Evaluation.objects.get(cycle=place.cycle, version__instrument="eds-snp")
    assert not national.is_approved


def test_a_submission_names_instrument_and_component(place):
    other = beside(place, "ia-2024")
    fill(other, "1")
    submission = submissions.submit_section(other.section("1").pk, actor=place.principal)
    assert submission.content["instrument"]["key"] == "ia-2024"
    assert submission.content["standard"]["name"].startswith("Kinerja Pendidik")


def test_levels_are_counted_and_sum_up():
    items = IASP.items_for("SMK")
    answered = Outcome(OutcomeState.ANSWERED, None, 3)
    open_items = [item for item in items if item.answerable]
    outcomes = {open_items[0].code: answered, open_items[1].code: NOT_APPLICABLE}
    found = distribution(items, outcomes)
    assert found.levels == (0, 1, 0, 0)
    assert (found.not_applicable, found.unknown) == (1, 10)
    assert found.total == len(items) == found.answered + found.not_applicable + found.unanswered
    assert found.applicable == len(items) - 1
    assert distribution([], {}).total == 0


# --- pages --------------------------------------------------------------------------------------------


def page(client, evaluation: Evaluation, name: str, *args: str):
    return client.get(evaluation.address(name, *args))


def test_every_page_of_another_instrument_opens_and_speaks_its_words(place, client):
    other = beside(place, "ia-2024")
    client.force_login(place.principal)
    for name, args in [
        ("instrument", ()), ("section", ("1",)), ("submit", ("1",)), ("queue", ()), ("profile", ()), ("scope", ()),
    ]:  # fmt: skip
        response = page(client, other.evaluation, name, *args)
        assert response.status_code == 200, name
    text = page(client, other.evaluation, "section", "1").content.decode()
    assert "Komponen 1" in text
    assert "Kinerja Pendidik" in text
    assert "belum terverifikasi" in text.lower()
    assert "/instrumen/ia-2024/isi/1/1.1.1/" in text
    assert page(client, other.evaluation, "section", "5").status_code == 404
    listed = client.get(reverse("evaluations:instruments", args=[place.school.npsn, place.cycle.year]))
    assert "terisi 0 dari 45" in listed.content.decode()


def test_an_answer_is_saved_through_the_page_of_its_instrument(place, client):
    other = beside(place, "ia-2024")
    client.force_login(place.teacher)
    url = other.evaluation.address("answer", "1", "1.1.1")
    assert client.post(url, {"version": "0", "level": "2"}).status_code == 302
    assert other.section("1").answers.get().value == {"level": 2}
    spread = page(client, other.evaluation, "profile").content.decode()
    assert "1 dari 45" in spread
    assert "Tidak ada nilai tunggal" in spread


def test_a_question_without_a_title_has_no_form(client):
    place = beside(Place(form="SMK"), "iasp-2020")
    client.force_login(place.teacher)
    closed = next(item for item in place.evaluation.asked.values() if not item.answerable)
    text = page(client, place.evaluation, "section", closed.standard).content.decode()
    assert f"Pertanyaan {closed.code}: judul belum diketahui" in text
    assert f'action="{place.evaluation.address("answer", closed.standard, closed.code)}"' not in text
    url = place.evaluation.address("answer", closed.standard, closed.code)
    assert client.post(url, {"version": "0", "level": "3"}).status_code == 422


def test_the_review_of_another_instrument_has_its_own_addresses(place, client):
    other = beside(place, "ia-2024")
    fill(other, "1")
    other.submit("1")
    client.force_login(place.team)
    assert client.post(other.evaluation.address("review_open", "1")).url == other.evaluation.address("review", "1")
    review = page(client, other.evaluation, "review", "1")
    assert "Indikator 1.1.1" in review.content.decode()
    decided = client.post(
        other.evaluation.address("review_item", "1", "1.1.1"), {"decision": "CONFIRMED", "mode": "TEAM"}
    )
    assert decided.url.startswith(other.evaluation.address("review", "1"))


def test_the_address_of_the_national_one_is_the_page_of_the_year(place, client):
    client.force_login(place.principal)
    url = reverse("evaluations:instrument", args=[place.school.npsn, place.cycle.year, "eds-snp"])
    assert client.get(url).url == reverse("evaluations:cycle", args=[place.school.npsn, place.cycle.year])


def test_opening_from_the_page_answers_what_went_wrong(place, client):
    client.force_login(place.team)
    url = reverse("evaluations:instruments", args=[place.school.npsn, place.cycle.year])
    opened = client.post(url, {"instrument": "iasp-2020"})
    assert opened.url.endswith("/instrumen/iasp-2020/")
    assert client.post(url, {"instrument": "iasp-2020"}).status_code == 409
    assert client.post(url, {"instrument": "bukan"}).status_code == 422
    assert client.post(url).status_code == 422


def test_the_list_of_instruments_takes_the_same_queries_however_many_are_open(place, client, django_assert_num_queries):
    client.force_login(place.supervisor)
    url = reverse("evaluations:instruments", args=[place.school.npsn, place.cycle.year])
    client.get(url)
    with django_assert_num_queries(5):  # session, user, appointments, evaluation, others
        client.get(url)
    for key in ("ia-2024", "iasp-2020"):
        open_evaluation(place.cycle.pk, key, actor=place.team)
    client.get(url)
    with django_assert_num_queries(5):
        client.get(url)
