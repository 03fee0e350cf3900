"""Handing a standard in and looking a receipt up, through the addresses."""

import pytest
from django.urls import reverse

from evaluations.models import Submission
from evaluations.services import reviews
from evaluations.services.submissions import check_submission
from schools.models import Region
from tests.factories import Place, RegionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


@pytest.fixture
def place():
    return Place()


def url(place, name, *args):
    return reverse(f"evaluations:{name}", args=[place.school.npsn, place.cycle.year, *args])


def submit_url(place):
    return url(place, "submit", "8")


def receipt_url(number):
    return reverse("evaluations:receipt", args=[number])


def test_a_full_standard_is_submitted_and_leads_to_its_receipt(client, place):
    place.fill()
    client.force_login(place.principal)
    assert client.get(submit_url(place)).status_code == 200
    response = client.post(submit_url(place))
    submission = Submission.objects.get()
    assert response["Location"] == receipt_url(submission.number)
    assert check_submission(submission) == []
    assert client.get(response["Location"]).status_code == 200


def test_missing_answers_are_named_with_links_and_the_reasons_typed_stay(client, place):
    place.answer("8.1.2.a")
    client.force_login(place.principal)
    reasons = {"alasan-8.1.1.a": "Data murid belum lengkap", "alasan-8.2.1.a": "   "}
    response = client.post(submit_url(place), reasons)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Data murid belum lengkap" in page
    assert url(place, "section", "8") + "#butir-8-2-1-a" in page
    wrong = {one.item.code for one in response.context["missing"] if one.error}
    assert wrong == {"8.1.3.a", "8.2.1.a", "8.3.1.a", "8.3.2.a", "8.3.3.a"}
    assert not Submission.objects.exists()


def test_a_question_goes_in_unanswered_with_a_reason(client, place):
    for item in place.section().items[1:]:
        place.answer(item.code)
    client.force_login(place.principal)
    client.post(submit_url(place), {"alasan-8.1.1.a": "Data murid belum lengkap"})
    frozen = Submission.objects.get().content["items"]["8.1.1.a"]
    assert (frozen["state"], frozen["unanswered_reason"]) == ("UNANSWERED", "Data murid belum lengkap")


def test_a_reason_that_is_too_long_is_refused_and_stays(client, place):
    for item in place.section().items[1:]:
        place.answer(item.code)
    client.force_login(place.principal)
    response = client.post(submit_url(place), {"alasan-8.1.1.a": "x" * 501})
    assert response.status_code == 422
    assert "x" * 501 in response.content.decode()
    assert not Submission.objects.exists()


def test_answers_without_evidence_are_pointed_out_but_the_lowest_level_is_not(client, place):
    place.answer("8.3.1.a", 3)
    place.answer("8.3.3.a", 1)
    client.force_login(place.principal)
    assert [card.item.code for card in client.get(submit_url(place)).context["unproven"]] == ["8.3.1.a"]


def test_a_double_submit_leads_to_the_one_receipt(client, place):
    place.fill()
    client.force_login(place.principal)
    places = {client.post(submit_url(place))["Location"] for _ in range(3)}
    places.add(client.get(submit_url(place))["Location"])
    assert places == {receipt_url(Submission.objects.get().number)}


def test_a_returned_standard_is_submitted_as_a_new_round(client, place):
    place.fill()
    place.submit()
    place.open()
    reviews.review_item(place.section().pk, "8.1.1.a", "RETURNED", actor=place.team, reason="Periksa.")
    reviews.return_section(place.section().pk, actor=place.team)
    client.force_login(place.principal)
    client.post(submit_url(place))
    assert list(Submission.objects.order_by("round").values_list("round", flat=True)) == [1, 2]


def test_only_the_principal_submits(client, place):
    place.fill()
    for person in (place.teacher, place.team, place.operator, place.supervisor):
        client.force_login(person)
        assert client.get(submit_url(place)).status_code == 403
        assert client.post(submit_url(place)).status_code == 403
    client.force_login(Place().principal)
    assert client.post(submit_url(place)).status_code == 404
    assert not Submission.objects.exists()


def test_the_confirmation_takes_the_same_queries_however_much_is_answered(
    client, django_assert_max_num_queries, django_assert_num_queries, place
):
    place.answer("8.3.1.a")
    client.force_login(place.principal)
    with django_assert_max_num_queries(8) as captured:
        client.get(submit_url(place))
    place.fill()
    with django_assert_num_queries(len(captured)):
        client.get(submit_url(place))


# --- receipt ------------------------------------------------------------------------------------------


def test_a_receipt_is_read_without_login_and_shows_neither_content_nor_people(client, place):
    for item in place.section().items:
        place.answer(item.code, note="Catatan dalam")
    submission = place.submit()
    response = client.get(receipt_url(submission.number.lower()))
    page = response.content.decode()
    assert response.status_code == 200
    for shown in (
        submission.number,
        place.school.name,
        "2026/2027",
        "Standar Pembiayaan",
        submission.sha256,
        "WIB",
    ):
        assert shown in page
    for hidden in ("Catatan dalam", str(place.principal), str(place.teacher), url(place, "cycle")):
        assert hidden not in page


def test_the_time_of_a_receipt_is_that_of_the_school(client):
    RegionFactory(code="94.01", time_zone="Asia/Jayapura")
    place = Place(region=Region.objects.get(code="94.01"))
    place.fill()
    submission = place.submit()
    assert " WIT</dd>" in client.get(receipt_url(submission.number)).content.decode()


def test_people_of_the_school_get_links_back(client, place):
    place.fill()
    number = place.submit().number
    client.force_login(place.teacher)
    assert url(place, "cycle") in client.get(receipt_url(number)).content.decode()
    client.force_login(Place().teacher)
    assert url(place, "cycle") not in client.get(receipt_url(number)).content.decode()


@pytest.mark.parametrize("number", ["TT-AAAA-BBBB-CCCC", "x", "%00", "'%20OR%201=1"])
def test_an_unknown_number_is_not_found_with_a_message(client, number):
    response = client.get(f"/tanda-terima/{number}/")
    assert response.status_code == 404
    assert "tidak ditemukan" in response.content.decode()


def test_a_receipt_is_looked_up_by_its_number(client, place):
    place.fill()
    number = place.submit().number
    look_up = reverse("evaluations:find_receipt")
    assert client.get(look_up).status_code == 200
    assert client.get(look_up, {"nomor": ""}).status_code == 200
    assert client.get(look_up, {"nomor": f" {number.lower()} "})["Location"] == receipt_url(number)


def test_a_receipt_takes_one_query(client, django_assert_num_queries, place):
    place.fill()
    number = place.submit().number
    with django_assert_num_queries(1):
        client.get(receipt_url(number))
