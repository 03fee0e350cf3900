"""The demonstration: who is there, what happened, and that it can be built again and again."""

import re
import time
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import TestCase, override_settings
from django.urls import reverse
from PIL import Image

from common import clock
from evaluations import files as evidence_files
from evaluations.models import (
    INSTRUMENT,
    Answer,
    AnswerOrigin,
    Evaluation,
    EvidenceLink,
    EvidenceRevision,
    LinkState,
    QualityCycle,
    Review,
    ReviewDecision,
    ReviewMode,
    SectionState,
    Submission,
    TargetDecision,
)
from evaluations.services.proposals import changed_since, section_proposals
from evaluations.services.submissions import check_submission
from reports.models import AnnualReport, ReportState
from schools.academic_year import AcademicYear
from schools.basic_data import check
from schools.choices import AppointmentKind, Role
from schools.models import Assignment, AuditEvent, BasicData, School, User
from spmi.demo import files
from spmi.demo.accounts import PASSWORD, demo_accounts
from spmi.demo.specs import documents, stories, world
from spmi.management.commands.serve import refuse_open_accounts
from tests.factories import SchoolFactory, UserFactory

LOGINS = [
    *(f"{who}.{where}@contoh.id" for where in ("sd", "smp", "smk", "mi") for who in ("kepsek", "mutu", "guru")),
    "komite.sd@contoh.id", "operator.sd@contoh.id", "pengawas@contoh.id", "pengawas.mi@contoh.id",
    "dinas@contoh.id", "admin@contoh.id",
]  # fmt: skip
SD, SMP, SMK, MI, SD_2 = "20999901", "20999902", "20999903", "20999904", "20999905"


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """The whole demonstration, built once for this module and rolled back after it."""
    places = {"DEMO": True, "MEDIA_ROOT": tmp_path_factory.mktemp("media"), "QUEUE_DIR": tmp_path_factory.mktemp("q")}
    with django_db_blocker.unblock(), override_settings(**places), transaction.atomic():
        with TestCase.captureOnCommitCallbacks(execute=True):
            call_command("seed_demo", verbosity=0)
        yield
        transaction.set_rollback(True)


built = pytest.mark.usefixtures("demo")
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("username", "changes", "refused"),
    [
        ("admin", {}, True),
        ("dwi.sd", {}, True),
        ("admin", {"is_active": False}, False),
        ("admin", {"password": "rahasia-lain-27"}, False),
        ("admin.asli", {}, False),
    ],
)
def test_without_demo_mode_no_demo_account_with_the_public_password_may_work(username, changes, refused):
    UserFactory(username=username, **{"password": PASSWORD, **changes})
    if refused:
        with pytest.raises(CommandError, match=f"akun contoh {username} "):
            refuse_open_accounts()
    else:
        refuse_open_accounts()


def evaluation(npsn, year, instrument=INSTRUMENT):
    return Evaluation.objects.get(cycle__school__npsn=npsn, cycle__year=year, version__instrument=instrument)


def section(npsn, year, standard):
    return evaluation(npsn, year).sections.get(standard=standard)


def test_it_is_refused_outside_demo_mode():
    with pytest.raises(CommandError, match="SPMI_DEMO"):
        call_command("seed_demo")
    assert not User.objects.exists()


@built
@pytest.mark.pages
@pytest.mark.parametrize("login", LOGINS)
def test_everybody_on_the_list_can_log_in(client, login):
    response = client.post(reverse("account_login"), {"login": login, "password": PASSWORD})
    assert response.status_code == 302
    assert User.objects.get(pk=client.session["_auth_user_id"]).email == login


@built
def test_a_teacher_without_email_logs_in_with_the_user_name(client):
    client.post(reverse("account_login"), {"login": "dwi.sd", "password": PASSWORD})
    assert "_auth_user_id" in client.session


@built
def test_the_login_page_shows_the_accounts_in_demo_mode_alone(client):
    page = client.get(reverse("account_login")).content.decode()
    for login in LOGINS:
        assert login in page
    assert PASSWORD in page
    with override_settings(DEMO=False):
        page = client.get(reverse("account_login")).content.decode()
    assert "contoh.id" not in page
    assert PASSWORD not in page


def test_the_list_names_every_account_once():
    assert sorted(account.username for account in demo_accounts()) == sorted(LOGINS)


@built
def test_the_schools_are_those_of_the_story():
    assert set(School.objects.values_list("npsn", flat=True)) == {SD, SMP, SMK, MI, SD_2}
    heads = Assignment.objects.heads(clock.today()).filter(school__npsn__in=[SD, SD_2])
    assert {(a.school.npsn, a.kind, a.person.username) for a in heads} == {
        (SD, AppointmentKind.DEFINITIVE, "kepsek.sd"),
        (SD_2, AppointmentKind.PLT, "kepsek.sd"),
    }
    assert Assignment.objects.filter(school__npsn=SD, role=Role.CONTRIBUTOR).count() == 6


@built
@pytest.mark.parametrize(
    ("username", "npsns"),
    [
        ("pengawas", {SD, SMP, SMK}),
        ("pengawas.mi", {MI}),
        ("dinas", {SD, SMP, SD_2}),
        ("admin", set()),
        ("kepsek.sd", {SD, SD_2}),
    ],
)
def test_everybody_sees_the_schools_of_their_duty(username, npsns):
    user = User.objects.get(username=username)
    assert set(School.objects.visible_to(user).values_list("npsn", flat=True)) == npsns


@built
def test_civil_servants_have_a_nip_and_people_of_private_schools_have_none():
    private = User.objects.filter(assignments__school__ownership="SWASTA").exclude(assignments__role=Role.SUPERVISOR)
    assert private.exists()
    assert not private.exclude(nip="").exists()
    for nip in User.objects.exclude(nip="").values_list("nip", flat=True):
        assert re.fullmatch(r"(19[5-9]\d|200\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(19|20)\d\d(0[1-9]|1[0-2])[12]\d{3}", nip)


@built
@pytest.mark.parametrize(
    ("npsn", "year", "standard", "state", "answered"),
    [
        (SD, 2025, "7", SectionState.VERIFIED, 16),
        (SD, 2025, "8", SectionState.VERIFIED, 7),
        (SD, 2026, "7", SectionState.DRAFT, 1),
        (SD, 2026, "8", SectionState.DRAFT, 4),
        (SMP, 2026, "1", SectionState.DRAFT, 6),
        (SMP, 2026, "3", SectionState.DRAFT, 6),
        (SMP, 2026, "5", SectionState.DRAFT, 7),
        (SMP, 2026, "6", SectionState.DRAFT, 7),
        (SMP, 2026, "7", SectionState.DRAFT, 6),
        (SMP, 2026, "8", SectionState.SUBMITTED, 7),
        (SMK, 2026, "3", SectionState.DRAFT, 2),
        (SMK, 2026, "8", SectionState.IN_REVIEW, 6),
        (MI, 2026, "1", SectionState.DRAFT, 3),
        (MI, 2026, "8", SectionState.RETURNED, 7),
    ],
)
def test_every_state_of_a_standard_can_be_seen_somewhere(npsn, year, standard, state, answered):
    found = section(npsn, year, standard)
    assert (found.state, found.answered_count) == (state, answered)
    assert found.answers.count() == answered


@built
@pytest.mark.parametrize(
    ("npsn", "year", "edition", "scope", "standards"),
    [
        (SD, 2025, "2025.1", "", 2),
        (SD, 2026, "2025.1", "", 2),
        (SMP, 2026, "2026.1", "lengkap", 8),
        (SMK, 2026, "2026.1", "lengkap", 8),
        (MI, 2026, "2026.1", "lengkap", 8),
    ],
)
def test_both_editions_of_the_instrument_are_in_use(npsn, year, edition, scope, standards):
    found = evaluation(npsn, year)
    assert (found.version.version, found.scope, found.sections.count()) == (edition, scope, standards)


@built
@pytest.mark.parametrize(("npsn", "least"), [(SMP, 25), (SMK, 10), (MI, 10)])
def test_the_other_standards_are_not_empty_where_the_whole_instrument_is_asked(npsn, least):
    found = Answer.objects.filter(section__evaluation=evaluation(npsn, 2026), section__standard__lt="7")
    assert found.count() >= least
    assert found.filter(origin=AnswerOrigin.SHEET).count() >= 4
    assert EvidenceLink.objects.filter(section__evaluation=evaluation(npsn, 2026), section__standard__lt="7").exists()


@built
def test_nobody_rates_himself():
    """An item that the head must not answer was answered by somebody else, and so for the teachers."""
    seen = 0
    for answer in Answer.objects.select_related("section__evaluation__version", "section__evaluation__cycle__school"):
        place = answer.section.evaluation
        not_by = place.asked[answer.item_code].not_by
        is_head = Role.PRINCIPAL in answer.answered_by.roles_at(place.school)
        assert ("kepala" if is_head else "guru") not in not_by, answer
        seen += bool(not_by)
    assert seen > 10


@built
def test_every_proposal_of_the_story_was_confirmed_on_its_day_and_says_where_it_comes_from():
    for story in stories():
        for step in story.steps:
            taken = Answer.objects.filter(
                section__evaluation=evaluation(story.school, story.year), item_code__in=step.proposals
            )
            assert {answer.item_code for answer in taken} == set(step.proposals)
            for answer in taken:
                assert answer.origin == AnswerOrigin.SHEET
                assert f"data pokok {AcademicYear(story.year)}" in answer.origin_note
                assert (answer.answered_by.username, clock.local_date(answer.updated_at)) == (step.by, step.at.date())


@built
def test_data_pokok_changed_after_two_of_its_proposals_were_confirmed():
    changed = {}
    for one in evaluation(SMP, 2026).sections.all():
        changed |= changed_since(section_proposals(one), {answer.item_code: answer for answer in one.answers.all()})
    assert {code: proposal.value for code, proposal in changed.items()} == {
        "5.1.4.a": {"count": 27, "of": 32},
        "6.3.18.a": {"count": 21, "of": 22},
    }


@built
@pytest.mark.parametrize(
    ("npsn", "pupils", "classes", "teachers"),
    [(SD, 127, 6, 7), (SMP, 540, 18, 32), (SMK, 384, 12, 24), (MI, 104, 6, 8)],
)
def test_data_pokok_is_whole_and_agrees_with_itself_and_with_the_answers(npsn, pupils, classes, teachers):
    stored = BasicData.objects.of(School.objects.get(npsn=npsn), AcademicYear(2026))
    amounts = [stored.sheet.amount([name], stored.known) for name in ("semua_murid", "semua_rombel", "guru")]
    assert amounts == [pupils, classes, teachers]
    assert [cell.code for cell in stored.sheet.expected(stored.known) if cell.code not in stored.known] == []
    assert check(stored.known, stored.sheet) == []
    for one in evaluation(npsn, 2026).sections.all():
        proposals = section_proposals(one)
        for answer in one.answers.filter(origin=""):
            proposal = proposals.get(answer.item_code)
            if proposal is not None and proposal.origin == AnswerOrigin.SHEET:
                assert proposal.fits(answer.state, answer.value, answer.na_reason), answer


@built
def test_every_trade_of_the_vocational_school_has_its_row():
    values = BasicData.objects.get(school__npsn=SMK, year=2026).values
    trades = [values[f"keahlian_nama_{row}"] for row in "123"]
    assert trades == ["Teknik Pemesinan", "Teknik Kendaraan Ringan", "Teknik Komputer dan Jaringan"]
    assert sum(values[f"keahlian_murid_{row}"] for row in "123") == 384


@built
def test_one_school_answers_another_instrument_beside_the_national_one():
    other = evaluation(SMP, 2026, "ia-2024")
    assert Answer.objects.filter(section__evaluation=other).count() == 8
    opened = AuditEvent.objects.get(action="evaluation.opened")
    assert (opened.actor.username, clock.local_date(opened.at)) == ("mutu.smp", date(2026, 10, 29))


@built
def test_the_second_school_of_the_head_has_not_started():
    assert not QualityCycle.objects.filter(school__npsn=SD_2).exists()


@built
def test_the_finished_year_went_the_whole_way():
    finished = Evaluation.objects.get(cycle__school__npsn=SD, cycle__year=2025)
    assert finished.approved_by.username == "kepsek.sd"
    assert clock.local_date(finished.approved_at) == date(2026, 6, 26)
    assert not finished.cycle.stages.exclude(state="DONE").exists()
    rounds = section(SD, 2025, "8").submissions.all()
    assert [submission.round for submission in rounds] == [1, 2]
    decisions = Review.objects.filter(submission__section__evaluation=finished)
    assert set(decisions.values_list("decision", flat=True)) == set(ReviewDecision.values)
    assert {ReviewMode.TEAM, ReviewMode.MEETING} <= set(decisions.values_list("mode", flat=True))
    assert Answer.objects.filter(section__evaluation=finished).values("answered_by").distinct().count() >= 5
    assert finished.summary.data["verified"]["total"] is not None


@built
def test_the_finished_year_has_a_report_to_download():
    report = AnnualReport.objects.get(evaluation__cycle__school__npsn=SD)
    assert (report.state, report.progress) == (ReportState.READY, 100)
    with evidence_files.open_stored(report.path) as file:
        data = file.read()
    assert data.startswith(b"%PDF")
    assert evidence_files.digest(data) == report.sha256


@built
def test_every_submission_of_the_story_still_proves_itself():
    submissions = list(Submission.objects.all())
    assert len(submissions) == len([step for story in stories() for step in story.steps if step.submit])
    assert [check_submission(submission) for submission in submissions] == [[]] * len(submissions)


@built
def test_something_waits_to_be_mended_and_something_to_be_reviewed():
    assert EvidenceLink.objects.filter(section=section(MI, 2026, "8"), state=LinkState.RETURNED).exists()
    assert EvidenceLink.objects.filter(section=section(SMK, 2026, "8"), state=LinkState.RETURNED).exists()
    assert EvidenceLink.objects.filter(section=section(SMP, 2026, "8"), state=LinkState.WAITING).exists()


@built
def test_the_targets_of_the_schools_stand_in_every_state():
    rows = TargetDecision.objects.values_list("cycle__school__npsn", "cycle__year", "state")
    assert set(rows) == {
        (SD, 2025, "APPROVED"), (SD, 2026, "APPROVED"), (SMP, 2026, "APPROVED"), (SMK, 2026, "PROPOSED"),
        (MI, 2026, "RETURNED"),
    }  # fmt: skip
    approved = TargetDecision.objects.get(cycle__school__npsn=SD, cycle__year=2025)
    assert clock.local_date(approved.approved_at) == date(2025, 8, 11)
    assert approved.approved_as.person.username == "kepsek.sd"
    assert "8.3.3" in approved.content


@built
def test_history_has_the_dates_of_the_story_and_nothing_lies_in_the_future():
    submitted = AuditEvent.objects.filter(action="section.submitted", school__npsn=SD).order_by("at").first()
    assert clock.local_date(submitted.at) == date(2026, 5, 11)
    assert not AuditEvent.objects.filter(at__gt=clock.now()).exists()


@built
def test_evidence_is_real_pdf_and_real_pictures_and_small():
    revisions = list(EvidenceRevision.objects.select_related("file"))
    assert len(revisions) == len(documents())
    assert {revision.file.content_type for revision in revisions} == {
        "application/pdf", "image/jpeg", "image/png",
    }  # fmt: skip
    assert max(revision.file.size for revision in revisions) < 200_000


@built
def test_a_second_run_changes_nothing_and_is_quick(capsys):
    before = (AuditEvent.objects.count(), User.objects.count(), AnnualReport.objects.count())
    begin = time.process_time()  # a busy machine is not a defect
    call_command("seed_demo")
    assert time.process_time() - begin < 1
    assert (AuditEvent.objects.count(), User.objects.count(), AnnualReport.objects.count()) == before
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize("key", ["sd-berita-acara-kas", "sd-papan-dana", "sd-grup-orang-tua"])
def test_a_document_has_the_same_bytes_every_time(key, tmp_path):
    school = SchoolFactory.build(region=SchoolFactory().region)
    school.region.parent = school.region
    head = UserFactory.build(nip="197203141998032005")
    first, second = (files.document_bytes(documents()[key], school=school, head=head) for _ in range(2))
    assert first == second
    if not first.startswith(b"%PDF"):
        (tmp_path / "picture").write_bytes(first)
        with Image.open(tmp_path / "picture") as picture:
            assert min(picture.size) > 600


def test_the_stories_speak_of_known_people_schools_and_documents():
    people = {person.username for person in world().people}
    npsns = {school.npsn for school in world().schools}
    for story in stories():
        assert story.school in npsns
        used = {key for step in story.steps for said in step.answers.values() for key in said.evidence}
        used |= {step.propose_targets.minutes for step in story.steps if step.propose_targets}
        assert {documents()[key].school for key in used} <= {story.school}
        actors = {story.started.by, *(step.by for step in story.steps)}
        actors |= {step.on_behalf_of for step in story.steps if step.on_behalf_of}
        assert actors <= people
        moments = [story.started.at, *(step.at for step in story.steps)]
        assert moments == sorted(moments)
