"""The quality team's pages: queue, review of one standard, closing, approval."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse
from PIL import Image

from evaluations.models import EvidenceLink, LinkState, Review, SectionState
from evaluations.services import answers, evidence, reviews
from schools.choices import Role
from schools.models import User
from tests.factories import Place, person_at

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
HTMX = {"HX-Request": "true"}
RUBRIC, RATIO, CHECKLIST = "8.1.3.a", "8.1.1.a", "8.3.2.a"


def picture(shade: int = 200) -> bytes:
    out = io.BytesIO()
    Image.new("L", (8, 8), shade).save(out, "PNG")
    return out.getvalue()


def attach(place: Place, code: str, title: str = "Notulen rapat", shade: int = 200) -> EvidenceLink:
    section = place.section(code.partition(".")[0])
    evidence.add_evidence(section.pk, code, name=f"{title}.png", data=picture(shade), actor=place.teacher, title=title)
    return section.links.select_related("revision").get(item_code=code, revision__evidence__title=title)


@pytest.fixture
def place() -> Place:
    """Standard 8 filled, with one piece of evidence, and in review."""
    place = Place()
    place.fill()
    attach(place, RUBRIC)
    place.submit()
    place.open()
    return place


def address(place: Place, name: str, *args: str) -> str:
    return reverse(f"evaluations:{name}", args=[place.school.npsn, 2026, *args])


def get(client, place: Place, user: User, name: str, *args: str):
    client.force_login(user)
    return client.get(address(place, name, *args))


def post(client, place: Place, user: User, name: str, *args: str, htmx: bool = False, **data):
    client.force_login(user)
    return client.post(address(place, name, *args), data, headers=HTMX if htmx else {})


def decide(client, place: Place, user: User, code: str, *, htmx: bool = False, **data):
    return post(client, place, user, "review_item", "8", code, htmx=htmx, **data)


# --- queue ------------------------------------------------------------------------------------------


def test_the_queue_counts_decisions_and_waiting_evidence(client, place):
    reviews.review_item(place.section().pk, RATIO, "CONFIRMED", actor=place.team)
    response = get(client, place, place.team, "queue")
    (row,) = response.context["waiting"]
    assert (row.section.standard, row.decided, row.answered, row.waiting_links) == ("8", 1, 7, 1)
    assert "7" in [row.section.standard for row in response.context["drafts"]]


def test_what_waits_longest_comes_first(client, place):
    place.fill("7")
    place.submit("7")
    waiting = get(client, place, place.team, "queue").context["waiting"]
    assert [row.section.standard for row in waiting] == ["8", "7"]


def test_returned_and_verified_standards_stand_in_their_own_sections(client, place):
    place.fill("7")
    place.submit("7")
    place.open("7")
    place.confirm_all("7")
    place.verify("7")
    reviews.review_item(place.section().pk, RATIO, "RETURNED", reason="Lengkapi rekap.", actor=place.team)
    reviews.return_section(place.section().pk, actor=place.team)
    context = get(client, place, place.team, "queue").context
    assert [row.section.standard for row in context["verified"]] == ["7"]
    assert [(row.section.standard, row.returned) for row in context["returned"]] == [("8", 1)]


@pytest.mark.parametrize("filled", [["8"], ["7", "8"]])
def test_the_queue_takes_the_same_queries_for_any_number_of_standards(client, django_assert_num_queries, filled):
    place = Place()
    for standard in filled:
        place.fill(standard)
        place.submit(standard)
        place.open(standard)
        place.confirm_all(standard)
    client.force_login(place.team)
    client.get(address(place, "queue"))
    # session, user, appointments, evaluation, sections, submissions, reviews, evidence counts
    with django_assert_num_queries(8):
        client.get(address(place, "queue"))


def test_the_team_starts_a_review_from_the_queue(client):
    place = Place()
    place.fill()
    place.submit()
    page = get(client, place, place.team, "queue").content.decode()
    assert address(place, "review_open", "8") in page
    response = post(client, place, place.team, "review_open", "8")
    assert response.status_code == 302
    assert place.section().state == SectionState.IN_REVIEW


def test_the_principal_follows_the_queue_without_starting_reviews(client):
    place = Place()
    place.fill()
    place.submit()
    response = get(client, place, place.principal, "queue")
    assert response.status_code == 200
    assert address(place, "review_open", "8") not in response.content.decode()
    assert post(client, place, place.principal, "review_open", "8").status_code == 403
    assert place.section().state == SectionState.SUBMITTED


def test_a_review_that_runs_already_is_not_started_again(client, place):
    assert post(client, place, place.team, "review_open", "8").status_code == 409


# --- who ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["teacher", "operator", "supervisor"])
@pytest.mark.parametrize(("name", "args"), [("queue", []), ("review", ["8"])])
def test_only_reviewers_and_the_principal_read_the_review(client, place, role, name, args):
    assert get(client, place, getattr(place, role), name, *args).status_code == 403


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("queue", []),
        ("review", ["8"]),
        ("approve", []),
    ],
)
def test_a_foreign_school_answers_404(client, place, name, args):
    stranger = Place(year=2026)
    assert get(client, place, stranger.team, name, *args).status_code == 404
    assert get(client, place, stranger.principal, name, *args).status_code == 404


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("review_open", ["8"]),
        ("review_item", ["8", RATIO]),
        ("review_link", ["8"]),
        ("review_return", ["8"]),
        ("review_verify", ["8"]),
        ("approve", []),
    ],
)
def test_posting_to_a_foreign_school_answers_404(client, place, name, args):
    stranger = Place(year=2026)
    assert post(client, place, stranger.team, name, *args, decision="CONFIRMED").status_code == 404


@pytest.mark.parametrize("role", ["principal", "teacher", "operator", "supervisor"])
def test_only_reviewers_decide(client, place, role):
    assert decide(client, place, getattr(place, role), RATIO, decision="CONFIRMED").status_code == 403
    assert decide(client, place, place.team, RATIO, decision="CONFIRMED").status_code == 302


def test_the_principal_reads_the_review_without_forms(client, place):
    response = get(client, place, place.principal, "review", "8")
    assert all(card.form is None for card in response.context["page"].cards)
    assert 'name="decision"' not in response.content.decode()


def test_a_return_message_counts_a_line_break_as_one_sign(client, place):
    decide(client, place, place.team, RATIO, decision="RETURNED", reason="a" * 499 + "\r\n" + "b" * 500)
    assert Review.objects.get(item_code=RATIO).reason == "a" * 499 + "\n" + "b" * 500


def test_nobody_gets_a_form_for_the_own_answer_but_reads_why(client):
    place = Place()
    both = person_at(place.school, Role.CONTRIBUTOR)
    person_at(place.school, Role.QUALITY_TEAM, person=both)
    for item in place.section().items:
        place.answer(item.code, actor=both if item.code == RATIO else place.teacher)
    place.submit()
    place.open()
    page = get(client, place, both, "review", "8").context["page"]
    assert page.card(RATIO).form is None
    assert page.card(RUBRIC).form is not None
    assert page.card(RATIO).allowed.reason in get(client, place, both, "review", "8").content.decode()
    assert decide(client, place, both, RATIO, decision="CONFIRMED").status_code == 403
    assert decide(client, place, place.team, RATIO, decision="CONFIRMED").status_code == 302


# --- one standard -------------------------------------------------------------------------------------


def test_the_page_shows_what_was_submitted_and_not_a_later_answer(client, place):
    reviews.review_item(place.section().pk, RUBRIC, "RETURNED", reason="Jelaskan.", actor=place.team)
    reviews.return_section(place.section().pk, actor=place.team)
    place.answer(RUBRIC, 4, note="Jawaban sesudah dikembalikan")
    card = get(client, place, place.team, "review", "8").context["page"].card(RUBRIC)
    assert card.answer.level == 3
    assert "Jawaban sesudah" not in card.frozen["note"]


def test_an_unanswered_question_shows_the_reason_of_the_school_and_is_never_corrected(client):
    place = Place()
    for item in place.section().items:
        if item.code != RUBRIC:
            place.answer(item.code)
    place.submit(reasons={RUBRIC: "Komite baru terbentuk bulan depan."})
    place.open()
    response = get(client, place, place.team, "review", "8")
    page = response.context["page"]
    assert (page.answered, page.unanswered) == (6, 1)
    assert "Komite baru terbentuk bulan depan." in response.content.decode()
    refused = decide(client, place, place.team, RUBRIC, decision="CORRECTED", level="2", reason="Level 2.")
    assert refused.status_code == 422
    assert decide(client, place, place.team, RUBRIC, decision="RETURNED", reason="Jawab segera.").status_code == 302
    assert decide(client, place, place.team, RUBRIC, decision="CONFIRMED").status_code == 302


def test_the_share_of_tidak_berlaku_is_counted(client):
    place = Place()
    place.fill()
    wanted = answers.AnswerInput("NOT_APPLICABLE", na_reason="tidak-ada-iuran")
    section = place.section()
    version = section.answers.get(item_code=RUBRIC).version
    answers.record_answer(section.pk, RUBRIC, wanted, version=version, actor=place.teacher)
    place.submit()
    response = get(client, place, place.team, "review", "8")
    assert response.context["page"].not_applicable == 1
    assert "1 dari 7 pertanyaan" in response.content.decode()


def test_the_review_page_takes_the_same_queries_for_a_long_history(client, django_assert_num_queries, place):
    client.force_login(place.team)
    client.get(address(place, "review", "8"))

    def look() -> None:
        # session, user, appointments, section, submissions, reviews, links,
        # and the helpers of the services: undecided (1), to_mend (2)
        with django_assert_num_queries(11):
            client.get(address(place, "review", "8"))

    look()
    for turn in range(2):
        place.confirm_all()
        reviews.review_item(place.section().pk, RUBRIC, "RETURNED", reason="Lengkapi.", actor=place.team)
        reviews.return_section(place.section().pk, actor=place.team)
        for code in (RATIO, CHECKLIST):
            attach(place, code, f"Bukti {code} {turn}", 10 + turn)
        place.submit()
        place.open()
    look()


def test_earlier_rounds_stand_in_the_history_and_carried_decisions_are_marked(client, place):
    place.confirm_all()
    reviews.review_item(place.section().pk, RUBRIC, "RETURNED", reason="Tambah notulen.", actor=place.team)
    reviews.return_section(place.section().pk, actor=place.team)
    place.answer(RUBRIC, 4)
    place.submit()
    place.open()
    response = get(client, place, place.team, "review", "8")
    page = response.context["page"]
    assert page.card(RATIO).carried_from == 1
    assert "dari putaran 1" in response.content.decode()
    changed = page.card(RUBRIC)
    assert changed.review is None
    assert changed.answer.level == 4
    assert [(past.round, past.decision, past.answer) for past in changed.history] == [
        (1, "Sesuai", "Level 3"),
        (1, "Perlu diperbaiki", "Level 3"),
    ]
    assert changed.history[-1].reason == "Tambah notulen."
    assert (page.decided, page.answered) == (6, 7)


def test_a_standard_that_was_never_submitted_says_so(client, place):
    assert get(client, place, place.team, "review", "7").status_code == 200
    assert decide(client, place, place.team, "7.1.1.a", decision="CONFIRMED").status_code == 404
    assert get(client, place, place.team, "review", "1").status_code == 404


# --- decisions ------------------------------------------------------------------------------------------


def test_confirming_with_a_plain_post_leads_back_to_the_card(client, place):
    response = decide(client, place, place.team, RATIO, decision="CONFIRMED")
    assert response.status_code == 302
    assert response.url == address(place, "review", "8") + "#telaah-8-1-1-a"
    assert Review.objects.get(item_code=RATIO).reviewer == place.team


def test_confirming_with_htmx_brings_the_card_and_the_counters(client, place):
    response = decide(client, place, place.team, RATIO, htmx=True, decision="CONFIRMED")
    body = response.content.decode()
    assert response.status_code == 200
    assert '<article class="question" id="telaah-8-1-1-a"' in body
    assert 'id="telaah-hitungan" hx-swap-oob="true"' in body
    assert "1 dari 7" in body
    assert "<html" not in body
    assert 'href="#telaah-8-1-2-a"' in body  # on to the next one


@pytest.mark.parametrize(
    ("code", "fields", "value"),
    [
        (RUBRIC, {"level": "2"}, {"level": 2}),
        (RATIO, {"count": "3", "of": "10"}, {"count": 3, "of": 10}),
        ("8.1.2.a", {"value": "tidak"}, {"value": False}),
        (CHECKLIST, {"met": ["a", "b"]}, {"met": ["a", "b"]}),
    ],
)
def test_every_kind_of_answer_can_be_corrected(client, place, code, fields, value):
    response = decide(client, place, place.team, code, decision="CORRECTED", reason="Sesuai bukti.", **fields)
    assert response.status_code == 302
    assert Review.objects.get(item_code=code).value == value


def test_a_correction_may_be_tidak_berlaku(client, place):
    decide(client, place, place.team, RUBRIC, decision="CORRECTED", reason="Tanpa iuran.", na_reason="tidak-ada-iuran")
    review = Review.objects.get(item_code=RUBRIC)
    assert (review.state, review.na_reason) == ("NOT_APPLICABLE", "tidak-ada-iuran")


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"decision": "RETURNED"}, "reason"),
        ({"decision": "CORRECTED", "level": "2"}, "reason"),
        ({"reason": "Kata-kata saya"}, "decision"),
        ({"decision": "SEMBARANG", "reason": "Kata-kata saya"}, "decision"),
        ({"decision": "CONFIRMED", "mode": "GUEST", "reason": "Kata-kata saya"}, "mode"),
        ({"decision": "CONFIRMED", "mode": "MEETING", "attendance": "Budi\nAni"}, "attendance"),
    ],
)
def test_what_is_missing_is_named_and_typed_text_stays(client, place, htmx, data, field):
    response = decide(client, place, place.team, RUBRIC, htmx=htmx, **data)
    assert response.status_code == 422
    page = response.context["page"]
    card = page.card(RUBRIC)
    assert field in card.form.errors
    body = response.content.decode()
    for typed in (data.get("reason", ""), data.get("attendance", "")):
        assert typed in body
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [{"level": "5"}, {}, {"level": "3"}, {"na_reason": "ngarang"}],
    ids=["outside", "none", "same as the school", "unknown reason"],
)
def test_a_correction_that_the_item_does_not_offer_is_refused(client, place, fields):
    response = decide(client, place, place.team, RUBRIC, decision="CORRECTED", reason="Alasan saya", **fields)
    assert response.status_code == 422
    assert "Alasan saya" in response.content.decode()
    assert not Review.objects.exists()


def test_a_meeting_is_recorded_with_its_attendance_and_offered_for_the_next_item(client, place):
    people = "Budi\nAni\nSiti (wakil orang tua)"
    decide(client, place, place.team, RATIO, decision="CONFIRMED", mode="MEETING", attendance=people)
    assert Review.objects.get(item_code=RATIO).attendance == people
    form = get(client, place, place.team, "review", "8").context["page"].card(RUBRIC).form
    assert (form["mode"].value(), form["attendance"].value()) == ("MEETING", people)


@pytest.mark.parametrize("htmx", [False, True])
def test_a_decision_after_the_review_was_closed_answers_409(client, place, htmx):
    place.confirm_all()
    place.verify()
    response = decide(client, place, place.team, RATIO, htmx=htmx, decision="CONFIRMED")
    assert response.status_code == 409
    assert "Terverifikasi" in response.content.decode()


def test_a_refused_htmx_decision_keeps_the_card_and_says_why(client, place):
    response = decide(client, place, place.principal, RATIO, htmx=True, decision="CONFIRMED")
    assert response.status_code == 403
    assert 'id="telaah-8-1-1-a"' in response.content.decode()
    assert 'role="alert"' in response.content.decode()


def test_an_unknown_question_answers_404(client, place):
    assert decide(client, place, place.team, "8.9.9.z", decision="CONFIRMED").status_code == 404
    assert decide(client, place, place.team, "7.1.1.a", decision="CONFIRMED").status_code == 404


def test_reading_an_item_address_is_not_offered(client, place):
    assert get(client, place, place.team, "review_item", "8", RATIO).status_code == 405


# --- evidence -------------------------------------------------------------------------------------------


def judge(client, place: Place, user: User, *, htmx: bool = False, code: str = RUBRIC, **data):
    link = EvidenceLink.objects.get(item_code=RUBRIC)
    data = {"item": code, "revision": link.revision.code, **data}
    return post(client, place, user, "review_link", "8", htmx=htmx, **data)


def test_evidence_is_accepted_in_place(client, place):
    response = judge(client, place, place.team, htmx=True, decision="accept")
    assert response.status_code == 200
    assert EvidenceLink.objects.get().state == LinkState.ACCEPTED
    assert response.context["page"].evidence_waiting == 0


def test_after_judging_evidence_the_page_stays_at_the_undecided_question(client, place):
    response = judge(client, place, place.team, htmx=True, decision="accept")
    assert response.context["following"] is None
    decided = decide(client, place, place.team, RUBRIC, htmx=True, decision="CONFIRMED")
    assert decided.context["following"].item.code == "8.2.1.a"


def test_evidence_is_returned_with_a_reason(client, place):
    response = judge(client, place, place.team, decision="return", reason="Tanggalnya belum terbaca.")
    assert response.url.endswith("#telaah-8-1-3-a")
    link = EvidenceLink.objects.get()
    assert (link.state, link.reason) == (LinkState.RETURNED, "Tanggalnya belum terbaca.")
    assert "Tanggalnya belum terbaca." in get(client, place, place.team, "review", "8").content.decode()


@pytest.mark.parametrize("htmx", [False, True])
def test_returning_evidence_without_a_reason_is_refused_beside_it(client, place, htmx):
    response = judge(client, place, place.team, htmx=htmx, decision="return", reason=" ")
    assert response.status_code == 422
    assert EvidenceLink.objects.get().state == LinkState.WAITING
    assert 'aria-invalid="true"' in response.content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {"decision": "mungkin"},
        {"decision": "accept", "revision": "TIDAKADA"},
        {"decision": "accept", "revision": "\0"},
    ],
)
def test_tampered_evidence_decisions_are_refused(client, place, data):
    assert judge(client, place, place.team, **data).status_code == 422
    assert EvidenceLink.objects.get().state == LinkState.WAITING


def test_the_principal_does_not_judge_evidence(client, place):
    assert judge(client, place, place.principal, decision="accept").status_code == 403
    assert judge(client, place, place.principal, htmx=True, decision="accept").status_code == 403
    assert judge(client, place, place.team, decision="accept", code="8.9.9.z").status_code == 404


# --- closing ----------------------------------------------------------------------------------------------


def test_returning_needs_something_to_mend(client, place):
    page = get(client, place, place.team, "review", "8").context["page"]
    assert not page.can_return
    response = post(client, place, place.team, "review_return", "8", note="Pesan saya")
    assert response.status_code == 422
    assert "Pesan saya" in response.content.decode()
    assert place.section().state == SectionState.IN_REVIEW


def test_a_returned_standard_lists_what_is_given_back(client, place):
    decide(client, place, place.team, RATIO, decision="RETURNED", reason="Lampirkan rekap.")
    judge(client, place, place.team, decision="return", reason="Foto buram.")
    response = get(client, place, place.team, "review", "8")
    assert response.context["page"].can_return
    for reason in ("Lampirkan rekap.", "Foto buram."):
        assert reason in response.content.decode()
    response = post(client, place, place.team, "review_return", "8", note="Terima kasih, tinggal sedikit lagi.")
    assert response.status_code == 302
    section = place.section()
    assert (section.state, section.return_note) == (SectionState.RETURNED, "Terima kasih, tinggal sedikit lagi.")


def test_verifying_waits_for_every_question(client, place):
    page = get(client, place, place.team, "review", "8").context["page"]
    assert not page.can_verify
    assert RATIO in page.can_verify.reason
    response = post(client, place, place.team, "review_verify", "8")
    assert response.status_code == 422
    assert RATIO in response.content.decode()
    place.confirm_all()
    assert get(client, place, place.team, "review", "8").context["page"].can_verify
    assert post(client, place, place.team, "review_verify", "8").status_code == 302
    assert place.section().state == SectionState.VERIFIED


def test_a_question_marked_for_mending_keeps_the_standard_from_being_verified(client, place):
    place.confirm_all()
    decide(client, place, place.team, RATIO, decision="RETURNED", reason="Lampirkan rekap.")
    page = get(client, place, place.team, "review", "8").context["page"]
    assert not page.can_verify
    assert page.decided == 7
    assert post(client, place, place.team, "review_verify", "8").status_code == 422


def test_closing_twice_answers_409(client, place):
    place.confirm_all()
    place.verify()
    assert post(client, place, place.team, "review_verify", "8").status_code == 409
    assert post(client, place, place.team, "review_return", "8").status_code == 409


def test_only_the_team_closes(client, place):
    place.confirm_all()
    for user in (place.principal, place.teacher, place.supervisor):
        assert post(client, place, user, "review_verify", "8").status_code == 403
    assert place.section().state == SectionState.IN_REVIEW


# --- approval ---------------------------------------------------------------------------------------------


def verified_place() -> Place:
    place = Place()
    for standard in place.evaluation.spec.standards_for("SD"):
        place.fill(standard)
        place.submit(standard)
        place.open(standard)
        place.confirm_all(standard)
        place.verify(standard)
    return place


def test_the_principal_approves_after_a_last_look(client):
    place = verified_place()
    assert get(client, place, place.principal, "queue").context["can_approve"]
    response = get(client, place, place.principal, "approve")
    assert response.status_code == 200
    assert 'method="post"' in response.content.decode()
    response = post(client, place, place.principal, "approve")
    assert response.url == address(place, "profile")
    place.evaluation.refresh_from_db()
    assert place.evaluation.approved_by == place.principal


def test_approval_waits_for_all_standards_and_says_so(client, place):
    decision = get(client, place, place.principal, "queue").context["can_approve"]
    assert not decision
    assert decision.reason in get(client, place, place.principal, "queue").content.decode()
    assert decision.reason in get(client, place, place.principal, "approve").content.decode()
    assert post(client, place, place.principal, "approve").status_code == 409


def test_approving_twice_answers_409(client):
    place = verified_place()
    post(client, place, place.principal, "approve")
    assert post(client, place, place.principal, "approve").status_code == 409


@pytest.mark.parametrize("role", ["team", "teacher", "operator", "supervisor"])
def test_only_the_principal_approves(client, role):
    place = verified_place()
    assert post(client, place, getattr(place, role), "approve").status_code == 403
    assert get(client, place, getattr(place, role), "approve").status_code == 403
    place.evaluation.refresh_from_db()
    assert place.evaluation.approved_at is None
