"""The quality profile page: three views side by side, gaps, and where the numbers come from."""

from __future__ import annotations

import pytest
from django.urls import reverse

from evaluations.services import answers, reviews
from evaluations.services.profiles import refresh_summary
from schools.choices import Role
from schools.models import User
from tests.factories import AssignmentFactory, OfficeFactory, Place, UserFactory, person_at

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
HTMX = {"HX-Request": "true"}


def page(client, place: Place, user: User, query: str = "", *, htmx: bool = False):
    client.force_login(user)
    address = reverse("evaluations:profile", args=[place.school.npsn, 2026])
    return client.get(address + query, headers=HTMX if htmx else {})


@pytest.fixture
def place() -> Place:
    """Standard 8: filled with level 3, in review, one item confirmed and one corrected down to level 1."""
    place = Place()
    place.fill("8", 3)
    place.submit()
    place.open()
    section = place.section()
    reviews.review_item(section.pk, "8.3.1.a", "CONFIRMED", actor=place.team)
    correction = answers.AnswerInput("ANSWERED", {"level": 1})
    reviews.review_item(
        section.pk, "8.3.3.a", "CORRECTED", actor=place.team, correction=correction, reason="Belum dipasang."
    )
    return place


def cells(response, code: str) -> dict[str, object]:
    row = next(row for row in response.context["rows"] if row.catalogue.code == code)
    return {cell.kind: cell for cell in row.cells}


def test_claimed_verified_and_backed_stand_side_by_side(client, place):
    standard = cells(page(client, place, place.team), "8")
    assert {kind: cell.count.answered for kind, cell in standard.items()} == {
        "claimed": 7, "verified": 2, "backed": 1,
    }  # fmt: skip
    assert standard["verified"].figure.printed == "3.50"  # level 3 and level 1: (5.25 + 1.75) / 2
    assert standard["backed"].figure.printed == "1.75"  # the lowest level needs no evidence


def test_a_standard_that_the_instrument_does_not_measure_is_a_gap(client, place):
    response = page(client, place, place.team)
    asked = place.evaluation.spec.standards_for("SD")
    assert response.context["asked_standards"] == len(asked)
    assert f"mengukur {len(asked)} dari 8 standar" in response.content.decode()
    for row in response.context["rows"]:
        empty = {cell.empty for cell in row.cells}
        assert (empty == {"belum diukur"}) == (row.catalogue.code not in asked)


def test_a_measured_standard_without_answers_says_what_is_missing(client, place):
    standard = cells(page(client, place, place.team), "7")
    assert [cell.empty for cell in standard.values()] == [
        "belum dijawab", "belum diputuskan", "belum didukung bukti",
    ]  # fmt: skip
    assert "belum didukung bukti" in page(client, place, place.team).content.decode()


def test_a_question_that_does_not_apply_is_not_called_unanswered(client):
    place = Place()
    wanted = answers.AnswerInput("NOT_APPLICABLE", na_reason="tidak-ada-iuran")
    answers.record_answer(place.section().pk, "8.1.3.a", wanted, version=0, actor=place.teacher)
    rows = page(client, place, place.team).context["rows"]
    empty = {part.catalogue.code: part.cells[0].empty for row in rows for part in row.parts}
    assert (empty["8.1.3"], empty["8.1.2"], empty["8.1"]) == ("tidak berlaku", "belum dijawab", "belum dijawab")


def test_the_radar_shows_the_numbers_of_the_table(client, place):
    response = page(client, place, place.team)
    drawing = response.context["radar"]
    assert drawing.startswith("<svg")
    assert cells(response, "8")["verified"].figure.printed.replace(".", ",") in drawing


def test_the_profile_is_provisional_until_it_is_approved(client):
    place = Place()
    assert "sementara" in page(client, place, place.team).content.decode()
    place.complete()
    body = page(client, place, place.team).content.decode()
    assert "sementara" not in body
    assert str(place.principal) in body


def test_the_explanation_of_a_standard_opens_by_a_plain_link(client, place):
    response = page(client, place, place.team, "?rinci=verified&standar=8")
    detail = response.context["detail"]
    assert (detail.kind, detail.standard) == ("verified", "8")
    body = response.content.decode()
    assert "<html" in body
    for words in ("8.3.1.a", "level 3 bernilai 3/4", "Menuju SNP", place.evaluation.spec.rules.source[:20]):
        assert words in body


def test_the_explanation_comes_as_a_fragment_with_htmx(client, place):
    response = page(client, place, place.team, "?rinci=claimed&standar=8", htmx=True)
    body = response.content.decode()
    assert body.lstrip().startswith('<section id="rincian"')
    assert "<html" not in body
    assert "HX-Request" in response["Vary"]


def test_the_total_is_explained_by_its_standards_alone(client, place):
    detail = page(client, place, place.team, "?rinci=backed").context["detail"]
    assert len(detail.explanation.parts) == 8
    assert not any(part.parts for part in detail.explanation.parts)


@pytest.mark.parametrize("query", ["?rinci=sembarang", "?rinci=claimed&standar=9", "?rinci=claimed&standar=8.1"])
def test_an_unknown_explanation_answers_404(client, place, query):
    assert page(client, place, place.team, query).status_code == 404


def test_people_of_the_school_read_the_profile(client, place):
    for user in (place.principal, place.teacher, place.operator, person_at(place.school, Role.COMMITTEE)):
        assert page(client, place, user).status_code == 200


def test_a_supervisor_reads_the_profile_after_the_first_submission(client, place):
    fresh = Place()
    assert page(client, fresh, fresh.supervisor).status_code == 403
    assert page(client, place, place.supervisor).status_code == 200


def test_a_supervisor_does_not_see_inside_a_standard_that_was_never_submitted(client, place):
    place.answer("7.1.1.a", 3)
    response = page(client, place, place.supervisor)
    assert "Memiliki visi" not in response.content.decode()
    assert "rinci=claimed&amp;standar=8" in response.content.decode()
    assert page(client, place, place.supervisor, "?rinci=claimed&standar=7").status_code == 403
    assert page(client, place, place.team, "?rinci=claimed&standar=7").status_code == 200


def test_the_figures_of_a_supervisor_leave_out_drafts_and_those_of_the_school_do_not(client, place):
    before = cells(page(client, place, place.supervisor), "8")["claimed"].figure
    place.answer("7.1.1.a", 4)
    for user, answered in ((place.team, 1), (place.supervisor, 0)):
        assert cells(page(client, place, user), "7")["claimed"].count.answered == answered
    assert cells(page(client, place, place.supervisor), "8")["claimed"].figure == before
    totals = {
        user: page(client, place, user).context["profiles"].claimed.profile.total.score
        for user in (place.team, place.supervisor)
    }
    assert totals[place.team] != totals[place.supervisor]


def test_the_summary_for_lists_leaves_out_drafts(place):
    place.answer("7.1.1.a", 4)
    assert refresh_summary(place.evaluation.pk).data["claimed"]["answered"] == 7


def test_an_office_reads_summaries_and_not_the_profile(client, place):
    office = OfficeFactory()
    office.regions.add(place.school.region)
    officer = UserFactory()
    AssignmentFactory(person=officer, school=None, office=office, role=Role.OFFICE)
    assert page(client, place, officer).status_code == 403


def test_a_foreign_school_answers_404(client, place):
    assert page(client, place, Place().principal).status_code == 404


@pytest.mark.parametrize("filled", [1, 7])
def test_the_profile_takes_the_same_queries_for_any_number_of_answers(client, django_assert_num_queries, filled):
    place = Place()
    for item in place.section().items[:filled]:
        place.answer(item.code)
    place.submit(reasons={item.code: "Belum sempat." for item in place.section().items[filled:]})
    place.open()
    place.confirm_all()
    page(client, place, place.team)
    address = reverse("evaluations:profile", args=[place.school.npsn, 2026])
    # session, user, appointments, evaluation, sections, answers, submissions, reviews, links, decisions on targets,
    # own instruments
    with django_assert_num_queries(11):
        client.get(address)
