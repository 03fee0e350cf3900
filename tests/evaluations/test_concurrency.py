"""Two people at the same moment: real threads with connections of their own, on either database."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from common.errors import StateError
from evaluations.models import Answer, ProfileSummary, QualityCycle, SectionState, Submission
from evaluations.services import cycles, evidence, reviews
from evaluations.services.answers import AnswerConflict, AnswerInput, record_answer
from evaluations.services.submissions import submit_section
from schools.academic_year import AcademicYear
from schools.models import AuditEvent, User
from tests.evaluations import uploads
from tests.factories import Place
from tests.threads import at_once, fresh, split

pytestmark = pytest.mark.django_db(transaction=True)

ITEM = "8.3.1.a"
ROUNDS = 5  # a race that is lost once in a while shows sooner


def saving(place: Place, level: int, version: int, actor: User) -> Callable[[], Any]:
    section, actor = place.section().pk, fresh(actor)
    wanted = AnswerInput("ANSWERED", {"level": level})
    return lambda: record_answer(section, ITEM, wanted, version=version, actor=actor)


def test_of_two_savers_with_the_same_version_exactly_one_wins_and_the_other_sees_it():
    place = Place()
    version = 0
    for turn in range(ROUNDS):
        one, other = (1, 2) if turn % 2 else (3, 4)
        results = at_once(saving(place, one, version, place.teacher), saving(place, other, version, place.principal))
        won, lost = split(results, AnswerConflict)
        assert (len(won), len(lost)) == (1, 1), results
        stored = Answer.objects.get(section=place.section(), item_code=ITEM)
        assert won[0][1].value == stored.value == lost[0].current.value
        assert place.section().answered_count == 1
        assert stored.version > version
        version = stored.version
    assert AuditEvent.objects.filter(action="answer.recorded").count() == ROUNDS


def test_savers_of_different_questions_both_win_and_the_count_fits():
    place = Place()
    section = place.section().pk
    values = {"8.1.3.a": {"level": 3}, "8.3.1.a": {"level": 3}, "8.3.3.a": {"level": 3}, "8.1.2.a": {"value": True}}

    def save(code: str) -> Callable[[], Any]:
        actor = fresh(place.teacher)
        return lambda: record_answer(section, code, AnswerInput("ANSWERED", values[code]), version=0, actor=actor)

    results = at_once(*(save(code) for code in values))
    assert not [result for result in results if isinstance(result, Exception)]
    assert place.section().answered_count == Answer.objects.filter(section=section).count() == len(values)
    versions = list(Answer.objects.filter(section=section).values_list("version", flat=True))
    assert sorted(versions) == [1, 2, 3, 4]


def test_an_answer_saved_while_the_section_is_submitted_is_in_the_submission_or_refused():
    for _ in range(ROUNDS):
        place = Place()
        place.fill(level=3)
        section, principal = place.section().pk, fresh(place.principal)
        version = Answer.objects.get(section=section, item_code=ITEM).version
        saved, submission = at_once(
            saving(place, 1, version, place.teacher), partial(submit_section, section, actor=principal)
        )
        assert isinstance(submission, Submission), submission
        frozen = submission.content["items"][ITEM]
        stored = Answer.objects.get(section=section, item_code=ITEM)
        assert (frozen["value"], frozen["version"]) == (stored.value, stored.version)
        if isinstance(saved, Exception):
            assert isinstance(saved, StateError)
            assert stored.value == {"level": 3}
        else:
            assert stored.value == {"level": 1}


def test_evidence_added_while_the_section_is_submitted_is_in_the_submission_or_refused():
    for turn in range(ROUNDS):
        place = Place()
        place.fill()
        section, principal, teacher = place.section().pk, fresh(place.principal), fresh(place.teacher)
        data = uploads.pdf(seed=turn)
        link, submission = at_once(
            partial(evidence.add_evidence, section, ITEM, name="a.pdf", data=data, actor=teacher),
            partial(submit_section, section, actor=principal),
        )
        frozen = [one["revision"] for one in submission.content["items"][ITEM]["evidence"]]
        linked = list(place.section().links.values_list("revision__code", flat=True))
        assert frozen == linked
        assert len(linked) == (0 if isinstance(link, StateError) else 1)


def test_two_submits_at_once_make_one_receipt():
    for _ in range(ROUNDS):
        place = Place()
        place.fill()
        section = place.section().pk
        results = at_once(*(partial(submit_section, section, actor=fresh(place.principal)) for _ in range(2)))
        won, lost = split(results, StateError)
        assert (len(won), len(lost)) == (1, 1), results
        assert Submission.objects.filter(section=section).get() == won[0]
        assert (place.section().round, place.section().state) == (1, SectionState.SUBMITTED)


def test_verify_and_return_at_once_leave_one_state():
    for _ in range(ROUNDS):
        place = Place()
        place.fill()
        link = evidence.add_evidence(place.section().pk, ITEM, name="a.pdf", data=uploads.pdf(), actor=place.teacher)
        place.submit()
        place.open()
        place.confirm_all()
        section = place.section().pk
        reviews.review_link(section, ITEM, link.revision.code, accept=False, reason="Buram.", actor=place.team)
        results = at_once(
            partial(reviews.verify_section, section, actor=fresh(place.team)),
            partial(reviews.return_section, section, actor=fresh(place.team)),
        )
        won, lost = split(results, StateError)
        assert (len(won), len(lost)) == (1, 1), results
        assert place.section().state == won[0].state
        closing = AuditEvent.objects.about(place.section()).filter(action__in=["section.verified", "section.returned"])
        assert closing.count() == 1


def test_a_decision_made_while_the_section_is_verified_belongs_to_it_or_is_refused():
    for _ in range(ROUNDS):
        place = Place()
        place.fill()
        place.submit()
        place.open()
        place.confirm_all()
        section = place.section().pk
        decided, verified = at_once(
            partial(reviews.review_item, section, ITEM, "RETURNED", actor=fresh(place.team), reason="x"),
            partial(reviews.verify_section, section, actor=fresh(place.team)),
        )
        assert isinstance(decided, Exception) != isinstance(verified, Exception)
        wanted = SectionState.VERIFIED if isinstance(decided, Exception) else SectionState.IN_REVIEW
        assert place.section().state == wanted


def test_the_same_file_sent_twice_at_once_is_one_piece_of_evidence():
    for turn in range(ROUNDS):
        place = Place()
        section, data = place.section().pk, uploads.pdf(seed=turn)
        results = at_once(
            *(
                partial(evidence.add_evidence, section, ITEM, name="a.pdf", data=data, actor=fresh(place.teacher))
                for _ in range(2)
            )
        )
        assert results[0] == results[1]
        assert place.section().links.count() == 1


def test_one_proof_for_a_group_sent_from_two_of_its_questions_at_once_is_linked_once_to_each():
    place = Place(edition="2026.1", scope="lengkap")
    section = place.section("6").pk
    for turn in range(ROUNDS):
        act = partial(
            evidence.add_evidence, section, name=f"{turn}.pdf", data=uploads.pdf(seed=turn), whole_group=True,
        )  # fmt: skip
        results = at_once(*(partial(act, code, actor=fresh(place.teacher)) for code in ("6.2.1.a", "6.2.10.a")))
        assert [link.item_code for link in results] == ["6.2.1.a", "6.2.10.a"]
        assert len({link.revision_id for link in results}) == 1
        assert place.section("6").links.filter(revision=results[0].revision).count() == 2


def test_a_proof_for_a_group_sent_while_the_section_is_submitted_is_in_all_of_it_or_in_none():
    for turn in range(ROUNDS):
        place = Place(edition="2026.1", scope="inti")
        place.fill("1")
        section = place.section("1").pk
        data, teacher, principal = uploads.pdf(seed=turn), fresh(place.teacher), fresh(place.principal)
        link, submission = at_once(
            partial(
                evidence.add_evidence, section, "1.1.1.a", name="a.pdf", data=data, actor=teacher, whole_group=True
            ),
            partial(submit_section, section, actor=principal),
        )
        group = [item.code for item in place.section("1").items if item.group == "lembar_pengamatan_sikap"]
        frozen = [code for code in group if submission.content["items"][code]["evidence"]]
        assert frozen == ([] if isinstance(link, StateError) else group)


def test_a_year_is_started_once():
    place = Place()
    results = at_once(
        *(partial(cycles.start_cycle, place.school, AcademicYear(2027), actor=fresh(place.principal)) for _ in range(2))
    )
    won, lost = split(results, StateError)
    assert (len(won), len(lost)) == (1, 1), results
    assert QualityCycle.objects.filter(school=place.school, year=2027).count() == 1


def test_the_summary_is_that_of_the_last_of_two_transitions_at_once():
    for _ in range(ROUNDS):
        place = Place()
        place.fill("7")
        place.fill("8")
        sections = [place.section(code).pk for code in ("7", "8")]
        for pk in sections:
            submit_section(pk, actor=place.principal)
            reviews.open_review(pk, actor=place.team)
        place.confirm_all("7")
        place.confirm_all("8")
        at_once(*(partial(reviews.verify_section, pk, actor=fresh(place.team)) for pk in sections))
        summary = ProfileSummary.objects.get(evaluation=place.evaluation)
        assert summary.data["verified"]["answered"] == 23
