"""Setting targets, the meeting, proposal, approval and later rounds: states, conflicts, history, frozen content."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from common import clock
from common.errors import DomainError, StateError
from evaluations.models import DecisionState, Evidence, StageState, Target, TargetDecision
from evaluations.services import reviews, targets
from evaluations.services.answers import AnswerInput
from evaluations.services.profiles import evaluation_profiles
from evaluations.services.targets import Meeting, Person, TargetConflict, TargetYear, seen_mark
from evaluations.target_forms import ScoreField
from evaluations.targets import Wanted
from schools.choices import Role
from schools.models import Assignment, AuditEvent
from tests.evaluations import uploads
from tests.evaluations.target_steps import (
    HELD,
    MEETING,
    PEOPLE,
    approve,
    decide,
    hold_meeting,
    propose,
    seen,
    set_targets,
    wanted,
)
from tests.evaluations.test_concurrency import at_once, fresh, split
from tests.factories import Place, RegionFactory, person_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Place:
    return Place()


def stage(place: Place) -> str:
    return place.cycle.stages.get(key="menetapkan").state


# --- setting ----------------------------------------------------------------------------------------


def test_targets_are_kept_with_two_decimals_and_an_empty_one_takes_the_target_back(place):
    stored = set_targets(place, {"8.1": "5.5", "8.1.2": wanted(note="  Menyusul \r\n rapat "), "8.2": wanted("-0")})
    assert stored == {"8.1": wanted("5.50"), "8.1.2": wanted(note="Menyusul \n rapat"), "8.2": wanted("0.00")}
    assert [str(row.score) for row in Target.objects.exclude(score=None).order_by("code")] == ["5.50", "0.00"]
    set_targets(place, {"8.1": wanted(), "8.1.2": wanted()})
    assert [row.code for row in Target.objects.all()] == ["8.2"]  # zero was set, and stays


def test_rows_that_are_not_named_stay_and_other_standards_too(place):
    set_targets(place, {"8.1": "5"})
    set_targets(place, {"7.1": "4"}, "7")
    set_targets(place, {"8.2": "6"})
    assert set(TargetYear(place.evaluation).working) == {"7.1", "8.1", "8.2"}


@pytest.mark.parametrize("code", ["7.1", "8", "8.1.2.a", "9.9", ""])
def test_a_code_that_is_not_measured_in_the_standard_is_refused(place, code):
    with pytest.raises(DomainError, match="tidak diukur dalam standar ini"):
        set_targets(place, {code: "5"})
    assert not TargetDecision.objects.exists()


@pytest.mark.parametrize("score", ["7.01", "-0.01", "NaN", "Infinity", "5.251"])
def test_a_number_that_is_no_target_is_refused_with_its_field(place, score):
    with pytest.raises(DomainError) as refusal:
        set_targets(place, {"8.1": score, "8.2": "5"})
    assert set(refusal.value.fields) == {"8.1-score"}
    assert not Target.objects.exists()


def test_beyond_snp_needs_a_note_and_no_number(place):
    with pytest.raises(DomainError) as refusal:
        set_targets(place, {"8.1": wanted(beyond=True, beyond_note=" ")})
    assert set(refusal.value.fields) == {"8.1-beyond_note"}
    set_targets(place, {"8.1": wanted(beyond=True, beyond_note="Lomba antarsekolah")})
    set_targets(place, {"8.2": wanted("5", beyond=False, beyond_note="tertinggal")})
    book = TargetYear(place.evaluation).draft()
    assert book.beyond == {"8.1": wanted(beyond=True, beyond_note="Lomba antarsekolah")}
    assert not book.goals.by_code["8.1"].is_set
    assert Target.objects.get(code="8.2").beyond_note == ""


def test_texts_have_a_limit(place):
    with pytest.raises(DomainError) as refusal:
        set_targets(place, {"8.1": wanted("5", note="x" * 501)})
    assert set(refusal.value.fields) == {"8.1-note"}


def test_a_standard_that_changed_meanwhile_is_a_conflict_and_the_same_content_is_none(place):
    mark = seen(place)
    set_targets(place, {"8.1": "5"}, actor=place.principal)
    with pytest.raises(TargetConflict) as conflict:
        set_targets(place, {"8.1": "6"}, seen=mark)
    assert conflict.value.current == {"8.1": wanted("5.00")}
    assert set_targets(place, {"8.1": "5"}, seen=mark) == {"8.1": wanted("5.00")}
    set_targets(place, {"7.1": "6"}, "7")
    set_targets(place, {"8.1": "4"}, seen=seen_mark({"8.1": wanted("5.00")}, ["8.1"]))  # another standard is no matter


def test_history_tells_before_and_after_of_what_changed(place):
    set_targets(place, {"8.1": "5", "8.2": "4"})
    set_targets(place, {"8.1": "6", "8.2": "4"})
    event = AuditEvent.objects.filter(action="targets.saved").order_by("-at", "-pk").first()
    assert (event.before["8.1"]["score"], event.after["8.1"]["score"], set(event.after)) == ("5.00", "6.00", {"8.1"})
    assert event.actor == place.team


@pytest.mark.parametrize(
    "role", [Role.CONTRIBUTOR, Role.OPERATOR, Role.COMMITTEE, Role.GUEST_REVIEWER, Role.SUPERVISOR]
)
def test_only_team_and_principal_set_targets(place, role):
    with pytest.raises(PermissionDenied, match="disusun oleh tim mutu"):
        set_targets(place, {"8.1": "5"}, actor=person_at(place.school, role))
    with pytest.raises(PermissionDenied):
        set_targets(place, {"8.1": "5"}, actor=Place().team)


def test_the_database_refuses_what_the_services_would_never_write(place):
    row = {"cycle": place.cycle, "code": "8.1", "updated_by": place.team, "updated_at": clock.now()}
    for bad in ({"score": -1}, {"beyond": True}, {"beyond_note": "tanpa tanda"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Target.objects.create(**row, **bad)
    for bad in ({"state": "PROPOSED"}, {"state": "APPROVED"}, {"state": "RETURNED"}, {"state": "X"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            TargetDecision.objects.create(cycle=place.cycle, **bad)


@given(st.text(max_size=20))
def test_any_text_typed_as_a_score_is_a_number_nothing_or_a_clear_refusal(text):
    try:
        value = ScoreField(required=False).clean(text)
    except ValidationError:
        return
    assert value is None or value.is_finite()


# --- the meeting ------------------------------------------------------------------------------------


def test_the_meeting_is_kept_with_its_minutes_as_evidence_of_the_school(place):
    decision = hold_meeting(place, Meeting(HELD, " Ruang  guru ", (*PEOPLE, PEOPLE[0], Person(" ", "x"))))
    assert (decision.met_on, decision.place, decision.state) == (HELD, "Ruang guru", DecisionState.DRAFT)
    assert decision.participants == [one.stored() for one in PEOPLE]
    evidence = Evidence.objects.get()
    assert (evidence.title, evidence.kind, evidence.dated) == (
        "Notulen penetapan target 2026/2027", "MINUTES", HELD,
    )  # fmt: skip
    assert decision.minutes.evidence == evidence


def test_better_minutes_are_the_next_revision_and_the_same_file_is_none(place):
    first = hold_meeting(place).minutes
    assert hold_meeting(place).minutes == first
    second = hold_meeting(place, file=("notulen 2.pdf", uploads.pdf(seed=2)))
    assert (second.minutes.number, second.minutes.evidence) == (2, first.evidence)
    assert hold_meeting(place, file=None).minutes == second.minutes


def test_confidential_can_be_added_and_is_never_taken_away(place):
    hold_meeting(place)
    hold_meeting(place, file=None, confidential=True)
    assert hold_meeting(place, file=None, confidential=False).minutes.evidence.confidential


def test_a_meeting_may_lie_before_the_cycle_and_not_in_the_future_of_the_school(place):
    hold_meeting(place, Meeting(date(2026, 3, 2), "", PEOPLE))
    with pytest.raises(DomainError, match="lebih dari setahun"):
        hold_meeting(place, Meeting(date(206, 7, 21), "", PEOPLE))
    with pytest.raises(DomainError, match="belum tiba"):
        hold_meeting(place, Meeting(clock.today(place.school.time_zone) + timedelta(days=1), "", PEOPLE))


def test_the_day_is_that_of_the_school_and_not_of_jakarta():
    east = Place(region=RegionFactory(code="91.01", time_zone="Asia/Jayapura"))
    moment = datetime(2026, 7, 20, 16, 0, tzinfo=ZoneInfo("UTC"))  # 23.00 WIB, and already the 21st in WIT
    assert hold_meeting(east, MEETING, at=moment).met_on == HELD
    with pytest.raises(DomainError, match="belum tiba"):
        hold_meeting(Place(), MEETING, at=moment)


@pytest.mark.parametrize(
    ("meeting", "field"),
    [
        (Meeting(HELD, "x" * 151, PEOPLE), "place"),
        (Meeting(HELD, "", [Person("Suparman", "")]), "others"),
        (Meeting(HELD, "", [Person("S" * 101, "guru")]), "others"),
        (Meeting(HELD, "", [Person(f"Guru {n}", "guru") for n in range(61)]), "others"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_field(place, meeting, field):
    with pytest.raises(DomainError) as refusal:
        hold_meeting(place, meeting)
    assert set(refusal.value.fields) == {field}
    assert not TargetDecision.objects.exists()


def test_a_bad_file_leaves_nothing_behind(place):
    with pytest.raises(DomainError) as refusal:
        hold_meeting(place, file=("notulen.pdf", uploads.EXE))
    assert "file" in refusal.value.fields
    assert not TargetDecision.objects.exists()


# --- proposal, approval, later rounds ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("meeting", "file", "field"),
    [
        (Meeting(None, "", PEOPLE), ("n.pdf", uploads.pdf()), "met_on"),
        (Meeting(HELD, "", PEOPLE[:1]), ("n.pdf", uploads.pdf()), "people"),
        (MEETING, None, "file"),
    ],
)
def test_a_proposal_needs_date_people_and_minutes(place, meeting, file, field):
    set_targets(place, {"8.1": "5"})
    with pytest.raises(DomainError) as refusal:
        propose(place, meeting=meeting, file=file)
    assert set(refusal.value.fields) == {field}
    assert TargetDecision.objects.get().met_on is None  # nothing of it was written


def test_a_proposal_needs_a_target_or_something_beyond_snp(place):
    set_targets(place, {"8.1": wanted(note="Nanti")})
    with pytest.raises(DomainError, match="Belum ada target"):
        propose(place)
    set_targets(place, {"8.1": wanted(beyond=True, beyond_note="Lomba")})
    assert propose(place).state == DecisionState.PROPOSED


def test_only_the_team_proposes_and_only_the_principal_decides(place):
    set_targets(place, {"8.1": "5"})
    with pytest.raises(PermissionDenied, match="diusulkan oleh tim mutu"):
        propose(place, actor=place.principal)
    propose(place)
    for act in (targets.approve_targets, targets.return_targets):
        with pytest.raises(PermissionDenied, match="disahkan atau dikembalikan"):
            act(place.evaluation.pk, actor=place.team, **({"reason": "x"} if act is targets.return_targets else {}))


def test_while_proposed_nothing_changes_and_a_return_opens_it_again(place):
    set_targets(place, {"8.1": "5"})
    propose(place)
    for act in (lambda: set_targets(place, {"8.1": "6"}), lambda: hold_meeting(place), lambda: propose(place)):
        with pytest.raises(StateError, match="menunggu pengesahan"):
            act()
    with pytest.raises(DomainError, match="Tuliskan alasannya"):
        targets.return_targets(place.evaluation.pk, reason=" ", actor=place.principal)
    returned = targets.return_targets(place.evaluation.pk, reason="Terlalu rendah", actor=place.principal)
    assert (returned.state, returned.return_reason) == (DecisionState.RETURNED, "Terlalu rendah")
    set_targets(place, {"8.1": "6"})
    assert propose(place).return_reason == ""


def test_approval_freezes_the_targets_and_moves_the_stage_on(place):
    assert stage(place) == StageState.NOT_STARTED
    set_targets(place, {"8.1": "5"})
    assert stage(place) == StageState.RUNNING
    propose(place)
    decision = approve(place)
    assert stage(place) == StageState.DONE
    assert decision.approved_as == Assignment.objects.get(person=place.principal)
    assert decision.content == {"8.1": wanted("5.00").stored()}
    for act in (lambda: set_targets(place, {"8.1": "6"}), lambda: propose(place)):
        with pytest.raises(StateError, match="Buka putaran baru"):
            act()
    with pytest.raises(StateError, match="sudah disahkan"):
        approve(place)
    event = AuditEvent.objects.get(action="targets.approved")
    assert (event.before["targets"], event.after["targets"]) == (None, decision.content)


def test_a_later_round_leaves_the_approved_targets_in_force_until_it_is_approved_too(place):
    decide(place, {"8.1": "5"})
    targets.revise_targets(place.evaluation.pk, actor=place.team)
    assert stage(place) == StageState.RUNNING
    set_targets(place, {"8.1": "6.5"})
    year = TargetYear(place.evaluation)
    assert (year.current.round, year.in_force.round) == (2, 1)
    assert year.book(drafts=True).values == year.book(drafts=False).values == {"8.1": wanted("5.00")}
    assert year.draft().values == {"8.1": wanted("6.50")}
    propose(place)
    approve(place)
    year = TargetYear(place.evaluation)
    assert year.in_force.round == 2
    assert year.book(drafts=False).values == {"8.1": wanted("6.50")}
    event = AuditEvent.objects.filter(action="targets.approved").order_by("-at", "-pk").first()
    assert [event.before["targets"]["8.1"]["score"], event.after["targets"]["8.1"]["score"]] == ["5.00", "6.50"]
    assert TargetDecision.objects.get(round=1).content == {"8.1": wanted("5.00").stored()}


def test_a_new_round_is_opened_only_after_an_approval(place):
    set_targets(place, {"8.1": "5"})
    with pytest.raises(StateError, match="masih dapat diubah"):
        targets.revise_targets(place.evaluation.pk, actor=place.team)
    with pytest.raises(PermissionDenied):
        targets.revise_targets(place.evaluation.pk, actor=place.teacher)


def test_drafts_are_no_targets_for_people_outside(place):
    assert TargetYear(place.evaluation).book(drafts=True) is None
    set_targets(place, {"8.1": "5"})
    year = TargetYear(place.evaluation)
    assert year.book(drafts=False) is None
    assert not year.book(drafts=True).approved


def test_after_the_evaluation_is_approved_targets_stand_and_a_waiting_proposal_may_still_be_approved():
    place = Place()
    set_targets(place, {"8.1": "5"})
    propose(place)
    place.complete()
    with pytest.raises(StateError, match="Evaluasi tahun ini sudah disahkan"):
        targets.return_targets(place.evaluation.pk, reason="Naikkan", actor=place.principal)
    approve(place)
    for act in (
        lambda: set_targets(place, {"8.1": "6"}),
        lambda: targets.revise_targets(place.evaluation.pk, actor=place.team),
    ):
        with pytest.raises(StateError, match="Evaluasi tahun ini sudah disahkan"):
            act()


def test_the_acting_head_approves_as_such():
    place = Place()
    Assignment.objects.filter(person=place.principal).update(kind="PLT")
    place.principal = fresh(place.principal)
    assert decide(place).approved_as.title == "Plt. Kepala Sekolah"


def test_results_come_from_the_team_where_the_standard_is_verified(place):
    for standard in ("7", "8"):
        place.fill(standard, 3)
    place.submit("8")
    place.open("8")
    place.confirm_all("8")
    reviews.review_item(
        place.section("8").pk, "8.3.3.a", "CORRECTED", actor=place.team, reason="Belum dipasang.",
        correction=AnswerInput("ANSWERED", {"level": 1}),
    )  # fmt: skip
    place.verify("8")
    evaluation = place.evaluation
    profiles = evaluation_profiles(evaluation)
    states = {section.standard: section.state for section in evaluation.sections.all()}
    found = targets.reached(evaluation, profiles, states)
    assert found.profile.figure("8") == profiles.verified.profile.figure("8") != profiles.claimed.profile.figure("8")
    assert found.profile.figure("7") == profiles.claimed.profile.figure("7")
    assert (found.origin("8.1"), found.origin("7")) == ("hasil telaah tim", "penilaian sekolah")


# --- at the same moment -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_savers_of_one_standard_exactly_one_wins():
    place = Place()
    mark = seen(place)

    def saving(score: str, actor):
        actor = fresh(actor)
        values = {"8.1": Wanted(Decimal(score))}
        return lambda: targets.save_targets(place.evaluation.pk, "8", values, seen=mark, actor=actor)

    won, lost = split(at_once(saving("5", place.team), saving("6", place.principal)), TargetConflict)
    assert (len(won), len(lost)) == (1, 1)
    assert won[0] == lost[0].current == TargetYear(place.evaluation).working


@pytest.mark.django_db(transaction=True)
def test_a_target_saved_while_it_is_approved_is_in_the_approval_or_refused():
    place = Place()
    set_targets(place, {"8.1": "5"})
    propose(place)
    principal, team = fresh(place.principal), fresh(place.team)
    values, mark = {"8.1": Wanted(Decimal(6))}, seen(place)
    results = at_once(
        lambda: targets.approve_targets(place.evaluation.pk, actor=principal),
        lambda: targets.save_targets(place.evaluation.pk, "8", values, seen=mark, actor=team),
        lambda: targets.return_targets(place.evaluation.pk, reason="Naikkan", actor=principal),
    )
    decision = TargetDecision.objects.get()
    if decision.state == DecisionState.APPROVED:
        assert decision.content == {"8.1": wanted("5.00").stored()}
        assert Target.objects.get().score == 5
    else:
        assert decision.state == DecisionState.RETURNED
    assert sum(isinstance(result, TargetDecision) for result in results) == 1
