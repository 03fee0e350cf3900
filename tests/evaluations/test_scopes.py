"""Asking more or fewer questions of a running evaluation, without losing an answer."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from common.errors import DomainError, StateError
from evaluations.models import Answer, Evaluation, SectionState
from evaluations.services import answers, cycles, reviews
from evaluations.services.locks import unlocked_section
from evaluations.services.profiles import evaluation_profiles, refresh_summary
from evaluations.services.scopes import change_scope
from schools.academic_year import AcademicYear
from schools.models import AuditEvent
from standards.models import InstrumentVersion
from tests.factories import Place, the_spec, the_version, whole_catalogue

pytestmark = pytest.mark.django_db
SPEC = the_spec("2026.1")
INTI = SPEC.asked("SD", "inti")
WHOLE = SPEC.asked("SD", "lengkap")


@pytest.fixture
def place() -> Place:
    return Place(edition="2026.1", scope="inti")


def counts(place: Place) -> dict[str, tuple[int, int]]:
    return {s.standard: (s.answered_count, s.item_count) for s in place.evaluation.sections.all()}


def widen(place: Place, scope: str = "lengkap", **kwargs) -> Evaluation:
    return change_scope(place.evaluation.pk, scope, actor=kwargs.pop("actor", place.team), **kwargs)


def through_review(place: Place, standard: str) -> None:
    place.fill(standard)
    place.submit(standard)
    place.open(standard)
    place.confirm_all(standard)
    place.verify(standard)


def test_a_new_cycle_takes_the_first_scope_of_the_version_unless_another_is_chosen():
    assert Place(edition="2026.1").evaluation.scope == "inti"
    assert Place(edition="2026.1", scope="lengkap").evaluation.scope == "lengkap"
    assert Place(edition="2025.1").evaluation.scope == ""
    with pytest.raises(DomainError):
        Place(edition="2026.1", scope="sedang")
    with pytest.raises(DomainError):
        Place(edition="2025.1", scope="inti")


def test_sections_count_what_the_scope_asks_and_nothing_else_can_be_answered(place):
    assert sum(total for _, total in counts(place).values()) == len(INTI) < len(WHOLE)
    assert {item.code for n in "12345678" for item in place.section(n).items} == set(INTI)
    outside = next(code for code in WHOLE if code not in INTI)
    wanted = answers.AnswerInput(None)
    with pytest.raises(DomainError, match="tidak ada dalam standar ini"):
        answers.record_answer(place.section(outside[0]).pk, outside, wanted, version=0, actor=place.teacher)


def test_widening_keeps_answers_and_counts_the_new_questions(place):
    place.fill("2")
    before = list(Answer.objects.order_by("pk").values("item_code", "value", "version"))
    answered = counts(place)["2"][0]
    widen(place)
    assert list(Answer.objects.order_by("pk").values("item_code", "value", "version")) == before
    assert counts(place)["2"] == (answered, len(SPEC.items_for("SD", "2")))
    assert sum(total for _, total in counts(place).values()) == len(WHOLE)
    event = AuditEvent.objects.get(action="evaluation.scope_changed")
    assert (event.before["scope"], event.after["scope"]) == ("inti", "lengkap")
    assert widen(place).scope == "lengkap"
    assert AuditEvent.objects.filter(action="evaluation.scope_changed").count() == 1, "the same again changes nothing"


def test_a_verified_standard_opens_again_and_keeps_its_decisions(place):
    through_review(place, "4")
    decided = len(place.section("4").items)
    widen(place)
    section = place.section("4")
    assert section.state == SectionState.RETURNED
    assert "Lengkap" in section.return_note
    new = [item for item in section.items if item.code not in INTI]
    for item in new:
        place.answer(item.code)
    place.submit("4")
    place.open("4")
    submission = place.section("4").submissions.get(round=2)
    assert submission.content["scope"] == {"key": "lengkap", "name": "Lengkap"}
    assert submission.reviews.filter(carried_from__isnull=False).count() == decided
    for item in new:
        reviews.review_item(section.pk, item.code, "CONFIRMED", actor=place.team)
    place.verify("4")
    assert place.section("4").state == SectionState.VERIFIED


def test_what_is_being_reviewed_keeps_the_scope_until_the_review_is_closed(place):
    place.fill("4")
    place.submit("4")
    with pytest.raises(StateError, match="4 sedang ditelaah"):
        widen(place)
    place.open("4")
    with pytest.raises(StateError):
        widen(place)
    assert counts(place)["4"][1] == len(SPEC.items_for("SD", "4", "inti"))


def test_narrowing_is_possible_only_while_nothing_would_be_lost():
    place = Place(edition="2026.1", scope="lengkap")
    widen(place, "inti")
    assert sum(total for _, total in counts(place).values()) == len(INTI)
    widen(place, "lengkap")
    outside = next(code for code in WHOLE if code not in INTI)
    place.answer(outside)
    with pytest.raises(DomainError, match=outside.replace(".", r"\.")):
        widen(place, "inti")
    section, answer = place.section(outside[0]), Answer.objects.get()
    answers.record_answer(section.pk, outside, answers.AnswerInput(None), version=answer.version, actor=place.teacher)
    place.fill("4")
    with pytest.raises(DomainError):
        widen(place, "inti")


def test_nothing_narrows_after_a_submission():
    place = Place(edition="2026.1", scope="lengkap")
    for item in place.section("4").items:
        if item.code in INTI:
            place.answer(item.code)
    place.submit("4", reasons={i.code: "Belum sempat." for i in place.section("4").items if i.code not in INTI})
    with pytest.raises(DomainError, match="Sudah ada standar yang diajukan"):
        widen(place, "inti")


def test_only_head_and_team_choose_and_nobody_after_the_approval(place):
    for actor in (place.teacher, place.operator, place.supervisor):
        with pytest.raises(PermissionDenied):
            widen(place, actor=actor)
    done = Place(edition="2025.1")
    done.complete()
    with pytest.raises(StateError, match="disahkan"):
        change_scope(done.evaluation.pk, "", actor=done.team)
    with pytest.raises(DomainError, match="Pilih cakupan"):
        widen(place, "entah")


def test_the_profile_speaks_of_the_scope_alone(place):
    place.fill("2", level=4)
    claimed = evaluation_profiles(place.evaluation).claimed.profile
    asked = len(SPEC.items_for("SD", "2", "inti"))
    assert (claimed.items.answered, claimed.items.applicable) == (asked, len(INTI))
    assert claimed.figure("2").printed == "7.00"
    subindicators = {item.subindicator for item in INTI.values()}
    assert claimed.coverage.denominator <= len(subindicators), "what the scope leaves out is not missing"
    wide = evaluation_profiles(widen(place)).claimed.profile
    assert wide.items.applicable == len(WHOLE)
    assert wide.coverage < claimed.coverage
    assert refresh_summary(place.evaluation.pk).data["scope"] == "Lengkap"


def test_pages_say_on_which_scope_they_rest(place, client):
    client.force_login(place.principal)
    base = [place.school.npsn, place.cycle.year]
    for name in ("evaluations:cycle", "evaluations:profile", "evaluations:scope"):
        text = client.get(reverse(name, args=base)).content.decode()
        assert "Inti" in text, name
    assert (
        f"cakupan Inti ({len(INTI)} pertanyaan)"
        in client.get(reverse("evaluations:profile", args=base)).content.decode()
    )


def test_the_scope_is_changed_on_its_page_and_a_refusal_keeps_everything(place, client):
    client.force_login(place.team)
    url = reverse("evaluations:scope", args=[place.school.npsn, place.cycle.year])
    assert client.post(url, {"scope": "semua"}).status_code == 422
    place.fill("4")
    place.submit("4")
    response = client.post(url, {"scope": "lengkap"})
    assert response.status_code == 409
    assert "sedang ditelaah" in response.content.decode()
    place.open("4")
    reviews.review_item(
        place.section("4").pk, place.section("4").items[0].code, "RETURNED", actor=place.team, reason="x"
    )
    reviews.return_section(place.section("4").pk, actor=place.team)
    assert client.post(url, {"scope": "lengkap"}).status_code == 302
    place.evaluation.refresh_from_db()
    assert place.evaluation.scope == "lengkap"


def test_the_year_starts_on_the_scope_that_was_chosen(client):
    whole_catalogue()
    place = Place(year=2020)
    client.force_login(place.principal)
    year = AcademicYear(2026)
    page = client.get(reverse("evaluations:school", args=[place.school.npsn])).content.decode()
    assert 'name="scope" value="inti" checked' in page
    assert 'name="scope" value="lengkap"' in page
    start = reverse("evaluations:start_cycle", args=[place.school.npsn])
    refused = client.post(start, {"year": str(year), "scope": "apa"})
    assert refused.status_code == 422
    assert not place.school.cycles.filter(year=2026).exists()
    assert client.post(start, {"year": str(year), "scope": "lengkap"}).status_code == 302
    assert Evaluation.objects.get(cycle__school=place.school, cycle__year=2026).scope == "lengkap"


def test_a_form_that_an_instrument_does_not_know_opens_no_cycle():
    whole_catalogue()
    place = Place(form="SLB")
    version = InstrumentVersion.objects.get(instrument="ia-2024")
    with pytest.raises(DomainError, match="tidak memuat pertanyaan"):
        cycles.start_cycle(place.school, AcademicYear(2027), actor=place.principal, version=version)
    assert not place.school.cycles.filter(year=2027).exists()


def test_an_answer_that_waited_for_a_narrowing_is_not_recorded_for_a_question_that_fell_away():
    place = Place(edition="2026.1", scope="lengkap")
    outside = next(item for item in WHOLE.values() if item.code not in INTI and item.kind == "rubric")
    read = unlocked_section(place.section(outside.standard).pk)  # what the page read before the lock
    widen(place, "inti")
    wanted = answers.AnswerInput("ANSWERED", {"level": 3})
    with pytest.raises(DomainError, match="tidak ada dalam standar ini"):
        answers.record_answer(read.pk, outside.code, wanted, version=0, actor=place.teacher, known=read)
    assert counts(place)[outside.standard][0] == 0


def test_an_answer_that_waited_for_a_widening_is_recorded():
    place = Place(edition="2026.1", scope="inti")
    outside = next(item for item in WHOLE.values() if item.code not in INTI and item.kind == "rubric")
    read = unlocked_section(place.section(outside.standard).pk)
    widen(place)
    wanted = answers.AnswerInput("ANSWERED", {"level": 3})
    answers.record_answer(read.pk, outside.code, wanted, version=0, actor=place.teacher, known=read)
    assert counts(place)[outside.standard][0] == 1


def test_every_page_with_figures_names_the_scope(place, client):
    client.force_login(place.principal)
    for name, args in (("cycle", ()), ("section", ("4",)), ("submit", ("4",)), ("profile", ()), ("targets", ())):
        text = client.get(place.evaluation.address(name, *args) if name != "targets" else targets_url(place))
        assert "cakupan Inti" in text.content.decode().replace("Cakupan <strong>Inti", "cakupan Inti"), name


def targets_url(place: Place) -> str:
    return reverse("evaluations:targets", args=[place.school.npsn, place.cycle.year])


def test_totals_of_two_versions_with_other_standards_do_not_stand_side_by_side(client):
    """Version 2025.1 asks about two standards; both were asked as a whole."""
    place = Place(year=2025, edition="2025.1")
    for standard in ("7", "8"):
        through_review(place, standard)
    later = cycles.start_cycle(place.school, AcademicYear(2026), actor=place.principal, version=the_version("2026.1"),
                               scope="lengkap")  # fmt: skip
    client.force_login(place.principal)
    page = client.get(reverse("evaluations:targets", args=[place.school.npsn, 2026]))
    assert later.year == 2026
    assert page.context["page"].earlier is not None
    assert page.context["page"].earlier_total is None
    assert '<p class="figure-label">Hasil 2025/2026</p>' not in page.content.decode()
