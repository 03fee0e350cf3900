"""Every transition, from every state, by every role: allowed and refused share one setup.

The table below says what should happen; the predicate, the service and the state afterwards must all agree
with it. "not you" is a refusal by role (403), "not now" one by state (409).
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from common.decisions import Decision
from common.errors import StateError
from evaluations import permissions
from evaluations.models import Evaluation, Section, SectionState, Submission
from evaluations.services import reviews, submissions
from schools.choices import Role
from schools.models import AuditEvent, User
from tests.factories import AssignmentFactory, OfficeFactory, Place, SchoolFactory, UserFactory, person_at

DRAFT, SUBMITTED, IN_REVIEW, RETURNED, VERIFIED = SectionState
APPROVED = "APPROVED"  # a verified section of an approved evaluation
STATES = (*SectionState, APPROVED)
WHO = (*Role, "ADMIN", "FOREIGN_PRINCIPAL", "FOREIGN_TEAM")

# transition: (who may, from which states, to which state)
TRANSITIONS: dict[str, tuple[Role, tuple[str, ...], str]] = {
    "submit": (Role.PRINCIPAL, (DRAFT, RETURNED), SUBMITTED),
    "open": (Role.QUALITY_TEAM, (SUBMITTED,), IN_REVIEW),
    "return": (Role.QUALITY_TEAM, (IN_REVIEW,), RETURNED),
    "verify": (Role.QUALITY_TEAM, (IN_REVIEW,), VERIFIED),
}

PREDICATES: dict[str, Callable[[User, Section], Decision]] = {
    "submit": permissions.can_submit,
    "open": permissions.can_open_review,
    "return": permissions.can_close_review,
    "verify": permissions.can_close_review,
}
SERVICES: dict[str, Callable[..., Any]] = {
    "submit": submissions.submit_section,
    "open": reviews.open_review,
    "return": reviews.return_section,
    "verify": reviews.verify_section,
}

pytestmark = pytest.mark.django_db


def somebody(place: Place, who: str) -> User:
    """A person with this role at the place (or at another school, or nowhere)."""
    if who == "ADMIN":
        return UserFactory(is_staff=True, is_superuser=True)
    if who.startswith("FOREIGN"):
        return person_at(SchoolFactory(), Role.PRINCIPAL if who == "FOREIGN_PRINCIPAL" else Role.QUALITY_TEAM)
    if who == Role.OFFICE:
        office = OfficeFactory()
        office.regions.add(place.school.region)
        return AssignmentFactory(school=None, office=office, role=Role.OFFICE).person
    return person_at(place.school, Role(who))


def verify_standards(place: Place, *, except_for: str = "") -> None:
    for standard in place.evaluation.spec.standards_for(place.evaluation.form):
        if standard != except_for:
            place.fill(standard)
            place.submit(standard)
            place.open(standard)
            place.confirm_all(standard)
            place.verify(standard)


def bring_to(place: Place, state: str, *, transition: str) -> None:
    """Standard 8 in *state*, ready for *transition* as far as everything except role and state goes."""
    place.fill()
    if state == DRAFT:
        return
    place.submit()
    if state == SUBMITTED:
        return
    place.open()
    if state == RETURNED or (state == IN_REVIEW and transition == "return"):
        reviews.review_item(place.section().pk, "8.1.2.a", "RETURNED", actor=place.team, reason="Lengkapi dasarnya.")
    if state == RETURNED:
        reviews.return_section(place.section().pk, actor=place.team)
    elif state == IN_REVIEW and transition != "return":
        place.confirm_all()
    elif state in (VERIFIED, APPROVED):
        place.confirm_all()
        place.verify()
    if state == APPROVED:
        # Approval itself is the last test of this file; here only its effect on a section matters.
        head = place.school.assignments.heads(place.cycle.started_at.date()).first()
        Evaluation.objects.filter(pk=place.evaluation.pk).update(
            approved_at=place.cycle.started_at, approved_by=head.person, approved_as=head
        )


@pytest.mark.parametrize("transition", TRANSITIONS)
@pytest.mark.parametrize("state", STATES)
def test_a_transition_is_open_to_one_role_in_its_states_alone(transition, state):
    role, states, to = TRANSITIONS[transition]
    place = Place()
    bring_to(place, state, transition=transition)
    stored = place.section()
    events = AuditEvent.objects.count()
    rounds = Submission.objects.count()

    # First everybody who is refused, then the one who is allowed: the same place, the same moment.
    for who in sorted(WHO, key=lambda who: who == role):
        person = somebody(place, who)
        decision = PREDICATES[transition](person, place.section())
        expected = who == role and state in states
        assert bool(decision) is expected, f"{transition} from {state} by {who}"
        if expected:
            SERVICES[transition](stored.pk, actor=person)
            assert place.section().state == to
            assert AuditEvent.objects.count() > events
            continue
        assert decision.reason
        assert decision.wrong_state is (who == role), f"{who} should hear why exactly"
        with pytest.raises(StateError if who == role else PermissionDenied) as refused:
            SERVICES[transition](stored.pk, actor=person)
        assert decision.reason in str(refused.value)
        assert place.section().state == stored.state
        assert (AuditEvent.objects.count(), Submission.objects.count()) == (events, rounds)


@pytest.mark.parametrize("state", [*SectionState, APPROVED])
def test_only_the_principal_approves_and_only_when_all_standards_are_verified(state):
    place = Place()
    verify_standards(place, except_for="8")
    bring_to(place, state, transition="approve")

    for who in sorted(WHO, key=lambda who: who == Role.PRINCIPAL):
        person = somebody(place, who)
        evaluation = Evaluation.objects.with_place().get(pk=place.evaluation.pk)
        states = list(evaluation.sections.values_list("state", flat=True))
        decision = permissions.can_approve(person, evaluation, states=states)
        expected = who == Role.PRINCIPAL and state == VERIFIED
        assert bool(decision) is expected, f"approve in {state} by {who}"
        if expected:
            approved = reviews.approve_evaluation(evaluation.pk, actor=person)
            assert approved.is_approved
            assert (approved.approved_by, approved.approved_as.role) == (person, Role.PRINCIPAL)
            continue
        assert decision.wrong_state is (who == Role.PRINCIPAL)
        with pytest.raises(StateError if who == Role.PRINCIPAL else PermissionDenied) as refused:
            reviews.approve_evaluation(evaluation.pk, actor=person)
        assert decision.reason in str(refused.value)
        fresh = Evaluation.objects.get(pk=evaluation.pk)
        assert (fresh.approved_at, fresh.approved_by_id) == (evaluation.approved_at, evaluation.approved_by_id)


def test_an_acting_head_approves_and_the_record_names_the_acting_appointment():
    place = Place()
    acting = person_at(place.school, Role.PRINCIPAL, kind="PLT")
    verify_standards(place)
    approved = reviews.approve_evaluation(place.evaluation.pk, actor=acting)
    assert approved.approved_as.title == "Plt. Kepala Sekolah"
