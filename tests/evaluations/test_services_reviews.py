"""The quality team's work and the three profiles that come of it."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.append_only import AppendOnlyError
from common.errors import DomainError, StateError
from evaluations.models import (
    AnswerState,
    Evidence,
    EvidenceLink,
    LinkState,
    ProfileSummary,
    Review,
    ReviewMode,
    SectionState,
    StageState,
)
from evaluations.services import evidence, reviews
from evaluations.services.answers import AnswerInput, record_answer
from evaluations.services.profiles import evaluation_profiles, refresh_summary
from evaluations.services.submissions import submit_section
from schools.choices import Role
from schools.models import AuditEvent, User
from tests.evaluations import uploads
from tests.factories import AssignmentFactory, Place, person_at, sample_value

pytestmark = pytest.mark.django_db

ITEM, OTHER, WITH_NA = "8.3.1.a", "8.3.3.a", "8.1.3.a"
LEVEL_2 = AnswerInput("ANSWERED", {"level": 2})


@pytest.fixture
def submitted() -> Place:
    """Standard 8 answered by the teacher at level 3, and submitted."""
    place = Place()
    place.fill()
    place.submit()
    return place


@pytest.fixture
def place(submitted) -> Place:
    """The same, in review."""
    submitted.open()
    return submitted


def decide(place: Place, decision: str, item: str = ITEM, **kwargs) -> Review:
    return reviews.review_item(place.section().pk, item, decision, **{"actor": place.team, **kwargs})


def last(place: Place):
    return place.section().submissions.order_by("-round").first()


def also(person: User, place: Place, role: Role) -> User:
    """*person* with one more role at the school, read anew."""
    AssignmentFactory(person=person, school=place.school, role=role)
    return User.objects.get(pk=person.pk)


# --- opening ------------------------------------------------------------------------------------------


def test_the_team_opens_a_submitted_section(submitted):
    section = reviews.open_review(submitted.section().pk, actor=submitted.team)
    assert section.state == SectionState.IN_REVIEW
    event = AuditEvent.objects.about(section).get(action="section.review_opened")
    assert (event.before, event.after) == ({"state": "SUBMITTED"}, {"state": "IN_REVIEW", "round": 1})


def test_nothing_is_decided_before_the_review_is_opened(submitted):
    with pytest.raises(StateError, match="Mulai telaah"):
        decide(submitted, "CONFIRMED")


# --- decisions ----------------------------------------------------------------------------------------


def test_a_confirmation_needs_no_reason(place):
    review = decide(place, "CONFIRMED")
    assert (review.decision, review.mode, review.reviewer, review.value) == ("CONFIRMED", "TEAM", place.team, None)
    assert AuditEvent.objects.about(place.section()).filter(action="item.reviewed").count() == 1


def test_the_last_decision_of_the_round_counts_and_the_earlier_ones_stay(place):
    decide(place, "CONFIRMED")
    decide(place, "RETURNED", reason="Lengkapi notulennya.")
    decide(place, "CORRECTED", reason="Belum semua sumber.", correction=LEVEL_2)
    assert reviews.last_decisions(last(place))[ITEM].decision == "CORRECTED"
    assert Review.objects.filter(item_code=ITEM).count() == 3


@pytest.mark.parametrize("decision", ["CORRECTED", "RETURNED"])
@pytest.mark.parametrize("reason", ["", "  \n", "\x00"])
def test_a_correction_and_a_return_need_a_reason(place, decision, reason):
    with pytest.raises(DomainError) as caught:
        decide(place, decision, reason=reason, correction=LEVEL_2)
    assert "reason" in caught.value.fields
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("item", "correction"),
    [
        (ITEM, None),
        (ITEM, AnswerInput(None)),
        (ITEM, AnswerInput("ANSWERED", {"level": 9})),
        (ITEM, AnswerInput("ANSWERED", {"value": True})),
        (ITEM, AnswerInput("NOT_APPLICABLE", na_reason="tidak-ada-iuran")),
        (WITH_NA, AnswerInput("NOT_APPLICABLE", na_reason="lain")),
        (ITEM, AnswerInput("ANSWERED", {"level": 3})),
    ],
)
def test_a_correction_is_another_answer_that_the_item_offers(place, item, correction):
    with pytest.raises(DomainError):
        decide(place, "CORRECTED", item, reason="Periksa.", correction=correction)
    assert not Review.objects.exists()


def test_a_correction_to_not_applicable_is_kept_with_its_reason(place):
    correction = AnswerInput("NOT_APPLICABLE", na_reason="tidak-ada-iuran")
    review = decide(place, "CORRECTED", WITH_NA, reason="Tidak ada iuran.", correction=correction)
    assert (review.state, review.value, review.na_reason) == ("NOT_APPLICABLE", None, "tidak-ada-iuran")


@pytest.mark.parametrize("decision", ["", "DISETUJUI", "confirmed"])
def test_an_unknown_decision_is_refused(place, decision):
    with pytest.raises(DomainError, match="Pilih keputusan"):
        decide(place, decision)


@pytest.mark.parametrize("item", ["7.1.1.a", "9.9.9.z"])
def test_an_unknown_item_is_refused(place, item):
    with pytest.raises(DomainError, match="tidak ada dalam standar ini"):
        decide(place, "CONFIRMED", item)


def test_an_unanswered_item_is_returned_or_its_reason_accepted_and_never_corrected():
    place = Place()
    place.fill()
    place.section().answers.filter(item_code=ITEM).delete()
    place.submit(reasons={ITEM: "Data belum ada."})
    place.open()
    with pytest.raises(DomainError, match="belum dijawab"):
        decide(place, "CORRECTED", reason="x", correction=LEVEL_2)
    assert decide(place, "RETURNED", reason="Datanya ada di bendahara.").decision == "RETURNED"
    for item in place.section().items:
        if item.code != ITEM:
            decide(place, "CONFIRMED", item.code)
    with pytest.raises(DomainError, match=ITEM):
        place.verify()
    decide(place, "CONFIRMED")  # taken back: the reason is accepted after all
    place.verify()
    verified = evaluation_profiles(place.evaluation).verified
    assert verified.profile.items_by_standard["8"].answered == len(place.section().items) - 1


def test_a_review_looks_at_what_was_submitted_and_never_changes(place):
    review = decide(place, "CONFIRMED")
    review.decision = "RETURNED"
    with pytest.raises(AppendOnlyError):
        review.save()
    with pytest.raises(AppendOnlyError):
        review.delete()


# --- who reviews --------------------------------------------------------------------------------------


def test_nobody_reviews_what_they_answered():
    place = Place()
    place.fill()
    both = also(place.team, place, Role.CONTRIBUTOR)
    place.answer(ITEM, 2, actor=both)
    place.submit()
    place.open()
    with pytest.raises(PermissionDenied, match="Anda jawab sendiri"):
        decide(place, "CONFIRMED", ITEM, actor=both)
    with pytest.raises(PermissionDenied, match="Anda jawab sendiri"):
        decide(place, "RETURNED", ITEM, actor=both, reason="x")
    assert decide(place, "CONFIRMED", OTHER, actor=both)


def test_a_typist_may_review_when_the_answering_person_is_named():
    place = Place()
    place.fill()
    typist = also(place.operator, place, Role.QUALITY_TEAM)
    version = place.section().answers.get(item_code=ITEM).version
    record_answer(place.section().pk, ITEM, LEVEL_2, version=version, actor=typist, on_behalf_of=place.teacher)
    place.submit()
    place.open()
    assert last(place).content["items"][ITEM]["typed_by"]["id"] == typist.pk
    assert decide(place, "CONFIRMED", ITEM, actor=typist)


def test_nobody_accepts_proof_for_what_they_answered():
    place = Place()
    place.fill()
    both = also(place.team, place, Role.CONTRIBUTOR)
    place.answer(ITEM, 2, actor=both)
    link = attach(place)
    place.submit()
    place.open()
    with pytest.raises(PermissionDenied, match="Anda jawab sendiri"):
        reviews.review_link(place.section().pk, ITEM, link.revision.code, accept=True, actor=both)


def test_nobody_accepts_proof_that_they_brought():
    place = Place()
    place.fill()
    both = also(place.team, place, Role.CONTRIBUTOR)
    uploaded = evidence.add_evidence(
        place.section().pk, ITEM, name="a.pdf", data=uploads.pdf(seed=1), actor=both, title="Notulen"
    )
    linked = attach(place, seed=2)
    evidence.link_evidence(place.section().pk, OTHER, linked.revision.evidence.code, actor=both)
    place.submit()
    place.open()
    for item, revision in ((ITEM, uploaded.revision), (OTHER, linked.revision)):
        with pytest.raises(PermissionDenied, match="Anda unggah atau tautkan sendiri"):
            reviews.review_link(place.section().pk, item, revision.code, accept=True, actor=both)
    colleague = person_at(place.school, Role.QUALITY_TEAM)
    link = reviews.review_link(place.section().pk, ITEM, uploaded.revision.code, accept=True, actor=colleague)
    assert link.state == LinkState.ACCEPTED
    assert reviews.review_link(place.section().pk, ITEM, linked.revision.code, accept=True, actor=both)


def test_a_guest_does_not_decide_on_confidential_proof():
    place = Place()
    place.fill()
    link = attach(place)
    Evidence.objects.update(confidential=True)
    place.submit()
    place.open()
    guest = person_at(place.school, Role.GUEST_REVIEWER)
    with pytest.raises(PermissionDenied, match="rahasia"):
        reviews.review_link(place.section().pk, ITEM, link.revision.code, accept=True, actor=guest)
    assert reviews.review_link(place.section().pk, ITEM, link.revision.code, accept=True, actor=place.team)


def test_a_correction_may_name_another_reason_for_not_applicable(place):
    item = next(i for i in place.section().items if len(i.na) > 1)
    first, second = (AnswerInput(AnswerState.NOT_APPLICABLE, None, reason.code) for reason in item.na[:2])
    place = Place()
    place.fill()
    row = place.section().answers.get(item_code=item.code)
    record_answer(place.section().pk, item.code, first, version=row.version, actor=place.teacher)
    place.submit()
    place.open()
    given = {"actor": place.team, "reason": "Sebab yang lain."}
    review = reviews.review_item(place.section().pk, item.code, "CORRECTED", correction=second, **given)
    assert review.na_reason == item.na[1].code
    with pytest.raises(DomainError, match="sama dengan jawaban yang diajukan"):
        reviews.review_item(place.section().pk, item.code, "CORRECTED", correction=first, **given)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.QUALITY_TEAM, Role.GUEST_REVIEWER, Role.OFFICE}))
def test_other_roles_do_not_review(place, role):
    with pytest.raises(PermissionDenied):
        decide(place, "CONFIRMED", actor=person_at(place.school, role))


def test_the_team_of_another_school_does_not_review(place):
    with pytest.raises(PermissionDenied):
        decide(place, "CONFIRMED", actor=Place().team)


# --- ways of review -----------------------------------------------------------------------------------


def test_a_guest_reviewer_decides_items_and_is_always_recorded_as_a_guest(place):
    guest = person_at(place.school, Role.GUEST_REVIEWER)
    assert decide(place, "CONFIRMED", actor=guest, mode=ReviewMode.MEETING).mode == ReviewMode.GUEST
    for act in (reviews.verify_section, reviews.return_section):
        with pytest.raises(PermissionDenied):
            act(place.section().pk, actor=guest)


@pytest.mark.parametrize("mode", ["", "LAIN", "GUEST"])
def test_a_team_member_chooses_a_way_of_review_from_the_list(place, mode):
    with pytest.raises(DomainError, match="cara telaah"):
        decide(place, "CONFIRMED", mode=mode)


def test_a_review_meeting_records_who_was_there(place):
    review = decide(place, "CONFIRMED", mode="MEETING", attendance=" Ani (guru)\n\nBudi (komite); Citra (orang tua) ")
    assert (review.mode, review.attendance) == ("MEETING", "Ani (guru)\nBudi (komite)\nCitra (orang tua)")


@pytest.mark.parametrize("attendance", ["", "Ani", "Ani\nBudi", "Ani\n\n ;Budi"])
def test_a_review_meeting_of_fewer_than_three_is_no_meeting(place, attendance):
    with pytest.raises(DomainError) as caught:
        decide(place, "CONFIRMED", mode="MEETING", attendance=attendance)
    assert "attendance" in caught.value.fields


def test_attendance_is_kept_for_meetings_only(place):
    assert decide(place, "CONFIRMED", mode="CROSS", attendance="Ani\nBudi\nCitra").attendance == ""


# --- evidence -----------------------------------------------------------------------------------------


def attach(place: Place, item: str = ITEM, seed: int = 1) -> EvidenceLink:
    return evidence.add_evidence(
        place.section().pk, item, name="rapat.pdf", data=uploads.pdf(seed=seed), actor=place.teacher
    )


@pytest.fixture
def proven() -> tuple[Place, EvidenceLink]:
    """A section in review with one piece of evidence."""
    place = Place()
    place.fill()
    link = attach(place)
    place.submit()
    place.open()
    return place, link


def test_evidence_is_accepted_or_returned_with_a_reason(proven):
    place, link = proven
    section, code = place.section().pk, link.revision.code
    assert reviews.review_link(section, ITEM, code, accept=True, actor=place.team).state == LinkState.ACCEPTED
    with pytest.raises(DomainError):
        reviews.review_link(section, ITEM, code, accept=False, actor=place.team)
    back = reviews.review_link(section, ITEM, code, accept=False, reason="Tidak terbaca.", actor=place.team)
    assert (back.state, back.reason, back.decided_by) == (LinkState.RETURNED, "Tidak terbaca.", place.team)
    found = AuditEvent.objects.about(place.section()).filter(action__in=["evidence.accepted", "evidence.returned"])
    assert [event.before["state"] for event in found] == ["WAITING", "ACCEPTED"]


def test_evidence_that_is_not_linked_there_cannot_be_decided(proven):
    place, link = proven
    for item, code in ((OTHER, link.revision.code), (ITEM, "TIDAKADA")):
        with pytest.raises(DomainError):
            reviews.review_link(place.section().pk, item, code, accept=True, actor=place.team)


def test_a_section_can_go_back_for_evidence_alone(proven):
    place, link = proven
    reviews.review_link(
        place.section().pk, ITEM, link.revision.code, accept=False, reason="Tidak terbaca.", actor=place.team
    )
    section = reviews.return_section(place.section().pk, actor=place.team)
    assert section.state == SectionState.RETURNED
    items, links = reviews.to_mend(section, last(place))
    assert (items, [one.pk for one in links]) == ({}, [link.pk])


# --- returning and verifying --------------------------------------------------------------------------


def test_a_return_needs_something_to_mend_and_names_it(place):
    with pytest.raises(DomainError, match="sedikitnya satu"):
        reviews.return_section(place.section().pk, actor=place.team)
    decide(place, "RETURNED", reason="Lengkapi.")
    section = reviews.return_section(place.section().pk, actor=place.team, note="Tinggal satu.")
    assert (section.state, section.return_note) == (SectionState.RETURNED, "Tinggal satu.")
    items, links = reviews.to_mend(section, last(place))
    assert (list(items), links) == ([ITEM], [])


def test_a_decision_that_was_changed_to_confirmed_is_nothing_to_mend(place):
    decide(place, "RETURNED", reason="Lengkapi.")
    decide(place, "CONFIRMED")
    with pytest.raises(DomainError, match="sedikitnya satu"):
        reviews.return_section(place.section().pk, actor=place.team)


def test_a_section_is_verified_when_every_answered_item_is_decided(place):
    with pytest.raises(DomainError, match="7 pertanyaan belum diputuskan"):
        reviews.verify_section(place.section().pk, actor=place.team)
    place.confirm_all()
    decide(place, "RETURNED", reason="Lengkapi.")
    with pytest.raises(DomainError, match="1 pertanyaan"):
        reviews.verify_section(place.section().pk, actor=place.team)
    decide(place, "CORRECTED", reason="Belum semua.", correction=LEVEL_2)
    section = reviews.verify_section(place.section().pk, actor=place.team)
    assert (section.state, section.verified_by) == (SectionState.VERIFIED, place.team)


def test_a_verified_section_is_decided_once(place):
    place.confirm_all()
    place.verify()
    for act in (
        lambda: place.verify(),
        lambda: place.open(),
        lambda: decide(place, "CONFIRMED"),
        lambda: reviews.return_section(place.section().pk, actor=place.team),
    ):
        with pytest.raises(StateError):
            act()


# --- approval -----------------------------------------------------------------------------------------


def test_the_principal_approves_when_all_standards_are_verified(place):
    place.confirm_all()
    place.verify()
    with pytest.raises(StateError, match="1 standar"):
        reviews.approve_evaluation(place.evaluation.pk, actor=place.principal)
    place.fill("7")
    place.submit("7")
    place.open("7")
    place.confirm_all("7")
    place.verify("7")
    for person in (place.team, place.teacher, Place().principal):
        with pytest.raises(PermissionDenied):
            reviews.approve_evaluation(place.evaluation.pk, actor=person)
    approved = reviews.approve_evaluation(place.evaluation.pk, actor=place.principal)
    assert approved.is_approved
    assert approved.approved_as.person == place.principal
    assert place.cycle.stages.get(key="memetakan").state == StageState.DONE
    with pytest.raises(StateError, match="sudah disahkan"):
        reviews.approve_evaluation(place.evaluation.pk, actor=place.principal)


# --- the three profiles -------------------------------------------------------------------------------


def score(view, code: str):
    return view.profile.figure(code).printed


def test_claimed_verified_and_backed_are_kept_apart(proven):
    place, link = proven
    before = evaluation_profiles(place.evaluation)
    assert before.claimed.profile.items.answered == 7
    assert (before.verified.profile.items.answered, before.backed.profile.items.answered) == (0, 0)

    decide(place, "CORRECTED", reason="Belum semua sumber.", correction=LEVEL_2)
    decide(place, "CONFIRMED", OTHER)
    reviews.review_link(place.section().pk, ITEM, link.revision.code, accept=True, actor=place.team)
    after = evaluation_profiles(place.evaluation)
    assert [score(view, "8.3.1") for view in after] == ["5.25", "3.50", "3.50"]
    assert [score(view, "8.3.3") for view in after] == ["5.25", "5.25", None]
    assert [view.profile.items.answered for view in after] == [7, 2, 1]


def test_a_returned_item_counts_as_unanswered_in_the_verified_profile(place):
    decide(place, "CONFIRMED")
    assert score(evaluation_profiles(place.evaluation).verified, "8.3.1") == "5.25"
    decide(place, "RETURNED", reason="Lengkapi.")
    assert score(evaluation_profiles(place.evaluation).verified, "8.3.1") is None


@pytest.mark.parametrize("code", ["8.3.1.a", "8.1.2.a", "8.2.1.a", "8.3.2.a"])
def test_the_lowest_answer_of_every_kind_needs_no_proof(code):
    place = Place()
    place.fill()
    place.answer(code, 1)
    place.submit()
    place.open()
    decide(place, "CONFIRMED", code)
    assert score(evaluation_profiles(place.evaluation).backed, code[:-2]) == "0.00" if code != ITEM else "1.75"


def test_proof_that_is_taken_back_no_longer_backs(proven):
    place, link = proven
    decide(place, "CONFIRMED")
    decide(place, "RETURNED", OTHER, reason="Lengkapi.")
    reviews.review_link(place.section().pk, ITEM, link.revision.code, accept=True, actor=place.team)
    assert score(evaluation_profiles(place.evaluation).backed, "8.3.1") == "5.25"
    reviews.return_section(place.section().pk, actor=place.team)
    evidence.unlink_evidence(place.section().pk, ITEM, link.revision.code, actor=place.teacher)
    assert score(evaluation_profiles(place.evaluation).backed, "8.3.1") is None


def test_verified_and_backed_rest_on_the_last_submission_and_claimed_on_the_answers(place):
    place.confirm_all()
    decide(place, "RETURNED", OTHER, reason="Lengkapi.")
    reviews.return_section(place.section().pk, actor=place.team)
    place.answer(ITEM, 1)
    profiles = evaluation_profiles(place.evaluation)
    assert (score(profiles.claimed, "8.3.1"), score(profiles.verified, "8.3.1")) == ("1.75", "5.25")
    submit_section(place.section().pk, actor=place.principal)
    assert score(evaluation_profiles(place.evaluation).verified, "8.3.1") is None  # asked for again


def count_queries(evaluation) -> int:
    with CaptureQueriesContext(connection) as queries:
        evaluation_profiles(evaluation)
    return len(queries)


def test_the_profiles_take_four_queries_for_one_undecided_section_as_for_a_reviewed_evaluation(submitted):
    assert count_queries(submitted.evaluation) == 4
    submitted.fill("7")
    submitted.submit("7")
    for standard in ("7", "8"):
        submitted.open(standard)
        submitted.confirm_all(standard)
    assert count_queries(submitted.evaluation) == 4


def test_every_transition_refreshes_the_summary(django_capture_on_commit_callbacks):
    place = Place()
    seen = []

    def step(act) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            act()
        seen.append(ProfileSummary.objects.get(evaluation=place.evaluation).data)

    place.fill()
    step(place.submit)
    step(place.open)
    place.confirm_all()
    step(place.verify)
    assert [data["verified"]["answered"] for data in seen] == [0, 0, 7]
    assert seen[-1]["claimed"]["standards"]["8"] == seen[-1]["verified"]["standards"]["8"]
    assert seen[-1]["claimed"]["standards"]["1"] is None
    assert refresh_summary(place.evaluation.pk).data == seen[-1]


def test_the_answers_of_the_fixture_read_as_intended(place):
    for item in place.section().items:
        assert last(place).content["items"][item.code]["value"] == sample_value(item, 3)
