"""Handing in: what is missing is named, what was handed in stands still and can be checked years later."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from common.append_only import AppendOnlyError
from common.canonical import canonical_json
from common.errors import DomainError, StateError
from evaluations.models import Review, SectionState, StageState, Submission
from evaluations.services import evidence, reviews
from evaluations.services.answers import AnswerInput
from evaluations.services.profiles import evaluation_profiles
from evaluations.services.submissions import REASON_LIMIT, MissingAnswers, check_submission, submit_section
from schools.choices import AppointmentKind, Role
from schools.models import AuditEvent, User
from tests.evaluations import uploads
from tests.factories import AssignmentFactory, Place, person_at

pytestmark = pytest.mark.django_db

ITEM, OTHER = "8.3.1.a", "8.3.3.a"
AT = datetime(2026, 9, 1, 3, 15, tzinfo=UTC)


@pytest.fixture
def place() -> Place:
    return Place()


def attach(place: Place, seed: int = 1, item: str = ITEM, **kwargs):
    return evidence.add_evidence(
        place.section().pk, item, name="rapat.pdf", data=uploads.pdf(seed=seed), actor=place.teacher, **kwargs
    )


def hand_back(place: Place, *items: str) -> None:
    for item in items:
        reviews.review_item(place.section().pk, item, "RETURNED", actor=place.team, reason="Lengkapi.")
    reviews.return_section(place.section().pk, actor=place.team, note="Lihat catatan.")


# --- the receipt --------------------------------------------------------------------------------------


def test_a_submission_has_number_time_round_and_the_hash_of_its_content(place):
    place.fill()
    submission = place.submit(at=AT)
    assert submission.number.startswith("TT-")
    assert (submission.round, submission.submitted_by, submission.submitted_at) == (1, place.principal, AT)
    assert submission.sha256 == hashlib.sha256(submission.content_text.encode()).hexdigest()
    assert canonical_json(json.loads(submission.content_text)) == submission.content_text
    section = place.section()
    assert (section.state, section.round) == (SectionState.SUBMITTED, 1)
    event = AuditEvent.objects.about(section).get(action="section.submitted")
    assert event.after["number"] == submission.number
    assert event.after["sha256"] == submission.sha256
    assert event.at == AT


def test_the_frozen_content_names_school_instrument_people_answers_and_files(place):
    place.fill()
    link = attach(place, title="Notulen")
    place.answer(ITEM, 2, note="Baru sebagian.")
    content = place.submit(at=AT).content
    assert content["school"] == {"npsn": place.school.npsn, "name": place.school.name, "form": "SD"}
    assert content["year"] == "2026/2027"
    assert content["instrument"]["sha256"] == place.evaluation.version.sha256
    assert content["submitted_by"]["title"] == "Kepala Sekolah"
    assert list(content["items"]) == sorted(item.code for item in place.section().items)
    item = content["items"][ITEM]
    assert (item["state"], item["value"], item["note"]) == ("ANSWERED", {"level": 2}, "Baru sebagian.")
    assert item["answered_by"] == {"id": place.teacher.pk, "name": place.teacher.name}
    assert item["evidence"][0]["title"] == "Notulen"
    assert item["evidence"][0]["sha256"] == link.revision.file.sha256


def test_an_acting_head_signs_with_the_acting_title(place):
    acting = AssignmentFactory(school=place.school, role=Role.PRINCIPAL, kind=AppointmentKind.PLT).person
    place.fill()
    submission = submit_section(place.section().pk, actor=acting)
    assert submission.content["submitted_by"]["title"] == "Plt. Kepala Sekolah"


def test_the_first_submission_sets_the_stage_running_and_a_later_one_leaves_it(place):
    stage = place.cycle.stages.get(key="memetakan")
    assert stage.state == StageState.NOT_STARTED
    place.fill()
    place.submit()
    stage.refresh_from_db()
    assert stage.state == StageState.RUNNING
    place.cycle.stages.update(state=StageState.DONE)
    place.fill("7")
    place.submit("7")
    stage.refresh_from_db()
    assert stage.state == StageState.DONE


# --- missing answers ----------------------------------------------------------------------------------


def test_unanswered_questions_are_named_and_nothing_is_submitted(place):
    place.fill()
    section = place.section()
    section.answers.filter(item_code__in=[ITEM, OTHER]).delete()
    with pytest.raises(MissingAnswers) as caught:
        place.submit()
    assert caught.value.codes == [ITEM, OTHER]
    assert ITEM in caught.value.message
    assert place.section().state == SectionState.DRAFT
    assert not Submission.objects.exists()


@pytest.mark.parametrize("reason", ["", "   ", "\x00"])
def test_an_empty_reason_is_no_reason(place, reason):
    with pytest.raises(MissingAnswers):
        place.submit(reasons={item.code: reason for item in place.section().items})


def test_a_question_with_a_reason_goes_in_as_unanswered(place):
    place.fill()
    place.section().answers.filter(item_code=ITEM).delete()
    submission = place.submit(reasons={ITEM: " Data  bendahara\nbelum lengkap. ", OTHER: "tidak dipakai", "x": "y"})
    frozen = submission.content["items"]
    assert (frozen[ITEM]["state"], frozen[ITEM]["unanswered_reason"]) == (
        "UNANSWERED",
        "Data bendahara belum lengkap.",
    )
    assert frozen[OTHER]["unanswered_reason"] == ""
    assert "x" not in frozen
    profiles = evaluation_profiles(place.evaluation)
    assert profiles.claimed.profile.figure(ITEM[:-2]).score is None
    assert profiles.verified.profile.figure(ITEM[:-2]).score is None


def test_a_reason_that_is_too_long_is_named(place):
    place.fill()
    place.section().answers.filter(item_code=ITEM).delete()
    with pytest.raises(DomainError, match=ITEM):
        place.submit(reasons={ITEM: "x" * (REASON_LIMIT + 1)})
    assert place.section().state == SectionState.DRAFT


# --- people and states --------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PRINCIPAL, Role.OFFICE}))
def test_only_the_principal_submits(place, role):
    place.fill()
    with pytest.raises(PermissionDenied):
        submit_section(place.section().pk, actor=person_at(place.school, role))
    assert place.section().state == SectionState.DRAFT


def test_the_head_of_another_school_does_not_submit(place):
    place.fill()
    with pytest.raises(PermissionDenied):
        submit_section(place.section().pk, actor=Place().principal)


def test_a_double_submit_makes_one_submission(place):
    place.fill()
    place.submit()
    with pytest.raises(StateError, match="Diajukan"):
        place.submit()
    assert Submission.objects.count() == 1


def test_nothing_is_submitted_in_review_when_verified_or_after_approval(place):
    place.fill()
    place.submit()
    place.open()
    with pytest.raises(StateError, match="Ditelaah"):
        place.submit()
    place.confirm_all()
    place.verify()
    with pytest.raises(StateError, match="Terverifikasi"):
        place.submit()


# --- later rounds -------------------------------------------------------------------------------------


@pytest.fixture
def second_round(place) -> Place:
    """A section handed back in round 1: ITEM returned, all others confirmed or corrected."""
    place.fill()
    attach(place, 1, OTHER)
    place.submit()
    place.open()
    place.confirm_all()
    reviews.review_item(
        place.section().pk, "8.1.3.a", "CORRECTED", actor=place.team, reason="Belum semua.",
        correction=AnswerInput("ANSWERED", {"level": 2}),
    )  # fmt: skip
    hand_back(place, ITEM)
    return place


def test_a_returned_section_is_submitted_as_a_new_round_and_the_first_one_stands_still(second_round):
    first = Submission.objects.get()
    text = first.content_text
    second_round.answer(ITEM, 2)
    second = second_round.submit()
    assert (second.round, second_round.section().round) == (2, 2)
    assert second_round.section().return_note == ""
    assert Submission.objects.get(round=1).content_text == text
    assert first.content["items"][ITEM]["value"] == {"level": 3}
    assert second.content["items"][ITEM]["value"] == {"level": 2}


def test_decisions_on_what_did_not_change_are_carried_and_marked(second_round):
    second_round.answer(ITEM, 2)
    second = second_round.submit()
    carried = {review.item_code: review for review in Review.objects.filter(submission=second)}
    assert ITEM not in carried
    assert set(carried) == {item.code for item in second_round.section().items} - {ITEM}
    correction = carried["8.1.3.a"]
    assert (correction.decision, correction.value, correction.reason) == ("CORRECTED", {"level": 2}, "Belum semua.")
    assert correction.carried_from.submission.round == 1
    assert correction.reviewed_at == correction.carried_from.reviewed_at


@pytest.mark.parametrize(
    "change",
    [
        lambda place: place.answer(OTHER, 4),
        lambda place: place.answer(OTHER, 3, note="Ada catatan baru."),
        lambda place: attach(place, 2, OTHER),
        lambda place: evidence.unlink_evidence(
            place.section().pk, OTHER, place.section().links.get().revision.code, actor=place.teacher
        ),
    ],
    ids=["answer", "note", "new evidence", "evidence taken away"],
)
def test_a_changed_item_is_asked_for_again(second_round, change):
    change(second_round)
    second = second_round.submit()
    assert not Review.objects.filter(submission=second, item_code=OTHER).exists()


def test_a_decision_on_a_reason_is_not_carried_to_another_reason():
    place = Place()
    place.fill()
    place.section().answers.filter(item_code=OTHER).delete()
    place.submit(reasons={OTHER: "Bendahara cuti."})
    place.open()
    reviews.review_item(place.section().pk, OTHER, "CONFIRMED", actor=place.team)
    reviews.review_item(place.section().pk, ITEM, "RETURNED", reason="Lengkapi.", actor=place.team)
    reviews.return_section(place.section().pk, actor=place.team)
    second = place.submit(reasons={OTHER: "Belum sempat."})
    assert not Review.objects.filter(submission=second, item_code=OTHER).exists()


def test_a_returned_item_is_asked_for_again_even_when_nothing_was_changed(second_round):
    second = second_round.submit()
    assert reviews.undecided(second) == [ITEM]


def test_a_decision_is_not_carried_to_the_answer_of_its_own_reviewer(second_round):
    AssignmentFactory(person=second_round.team, school=second_round.school, role=Role.CONTRIBUTOR)
    reviewer = User.objects.get(pk=second_round.team.pk)
    second_round.answer(OTHER, 4, actor=reviewer)
    second_round.answer(OTHER, 3, actor=reviewer)
    second = second_round.submit()
    assert second.content["items"][OTHER]["answered_by"]["id"] == reviewer.pk
    assert OTHER in reviews.undecided(second)


# --- checking -----------------------------------------------------------------------------------------


def tamper(submission: Submission, text: str) -> None:
    """Change what was submitted behind the application's back, as somebody with the database might."""
    drop = "DROP TRIGGER evaluations_submission_append_only" + (
        " ON evaluations_submission" if connection.vendor == "postgresql" else ""
    )
    with connection.cursor() as cursor:
        cursor.execute(drop)
        cursor.execute("UPDATE evaluations_submission SET content_text = %s WHERE id = %s", [text, submission.pk])


def run_command(number: str) -> int:
    with pytest.raises(SystemExit) as caught:
        call_command("verify_submission", number)
    return caught.value.code


def test_what_was_submitted_cannot_be_changed_through_the_application(place):
    place.fill()
    submission = place.submit()
    submission.content_text = "{}"
    with pytest.raises(AppendOnlyError):
        submission.save()
    with pytest.raises(AppendOnlyError):
        submission.delete()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE evaluations_submission SET content_text = '{}'")


def test_an_unchanged_submission_is_confirmed_whatever_happens_later(place, capsys):
    place.fill()
    link = attach(place)
    submission = place.submit()
    place.open()
    hand_back(place, ITEM)
    place.answer(ITEM, 1)
    attach(place, 2, replaces=link.revision.evidence.code)
    User.objects.filter(pk=place.teacher.pk).update(name="Nama Baru")
    assert check_submission(Submission.objects.get(round=1)) == []
    call_command("verify_submission", f" {submission.number.lower()} ")
    assert submission.sha256 in capsys.readouterr().out


@pytest.mark.parametrize(
    "damage", [lambda text: text.replace('"level":3', '"level":4'), lambda text: text + " ", lambda _: "{"]
)
def test_changed_content_is_found(place, capsys, damage):
    place.fill()
    submission = place.submit()
    tamper(submission, damage(submission.content_text))
    assert run_command(submission.number) == 1
    assert "TIDAK cocok" in capsys.readouterr().err


@pytest.mark.parametrize(("loss", "word"), [("delete", "hilang"), ("change", "berubah")])
def test_a_lost_or_changed_evidence_file_is_found(place, capsys, loss, word):
    place.fill()
    path = attach(place, title="Notulen").revision.file.path
    submission = place.submit()
    if loss == "delete":
        default_storage.delete(path)
    else:
        with default_storage.open(path, "wb") as file:
            file.write(b"lain")
    assert run_command(submission.number) == 1
    message = capsys.readouterr().err
    assert word in message
    assert ITEM in message
    assert "Notulen" in message


def test_an_unknown_number_is_another_exit_status(place, capsys):
    assert run_command("TT-XXXX-XXXX-XXXX") == 2
    assert "tidak ditemukan" in capsys.readouterr().err
