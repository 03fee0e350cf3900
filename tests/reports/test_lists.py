"""Supervisors and offices: many schools on one page, from counters and stored summaries."""

from __future__ import annotations

import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from evaluations.models import Evaluation, ProfileSummary, QualityCycle, Section, SectionState
from reports import services
from reports.lists import Row, Stage
from reports.models import AnnualReport, ReportState
from schools.academic_year import AcademicYear
from schools.choices import Naungan, RegionLevel, Role
from schools.models import Assignment
from tests.factories import AssignmentFactory, OfficeFactory, RegionFactory, SchoolFactory, UserFactory, person_at
from tests.factories import the_version as published_version

pytestmark = pytest.mark.django_db
SUPERVISOR, OFFICE = reverse("reports:supervisor"), reverse("reports:office")
THIS_YEAR = AcademicYear.of(timezone.localdate()).start
VIEW = {"total": "5.12", "category": "Menuju SNP 4", "measured": 2, "answered": 20, "applicable": 23, "standards": {}}
STATES = {
    Stage.FILLING: [SectionState.DRAFT, SectionState.DRAFT],
    Stage.RETURNED: [SectionState.RETURNED, SectionState.IN_REVIEW],
    Stage.REVIEW: [SectionState.SUBMITTED, SectionState.VERIFIED],
    Stage.VERIFIED: [SectionState.VERIFIED, SectionState.VERIFIED],
    Stage.APPROVED: [SectionState.VERIFIED, SectionState.VERIFIED],
}
numbers = itertools.count()


def evaluated(stage: Stage, *, year: int = THIS_YEAR, **school):
    """A school that is so far, written directly: lists read rows, not the way to them."""
    school = SchoolFactory(**school)
    if stage == Stage.NONE:
        return school
    version, person = published_version(), UserFactory()
    cycle = QualityCycle.objects.create(school=school, year=year, model="6M", started_at=timezone.now())
    evaluation = Evaluation.objects.create(cycle=cycle, version=version, form=school.form)
    for standard, state in zip("78", STATES[stage], strict=True):
        Section.objects.create(
            evaluation=evaluation, standard=standard, state=state, round=int(state != SectionState.DRAFT),
            item_count=10, answered_count=4,
        )  # fmt: skip
    if stage != Stage.FILLING:
        data = {"claimed": VIEW, "verified": VIEW, "backed": {**VIEW, "total": None, "category": None}}
        ProfileSummary.objects.create(evaluation=evaluation, data=data, refreshed_at=timezone.now())
    if stage == Stage.APPROVED:
        head = AssignmentFactory(school=school, role=Role.PRINCIPAL)
        Evaluation.objects.filter(pk=evaluation.pk).update(
            approved_at=timezone.now(), approved_by=head.person, approved_as=head
        )
        report = AnnualReport.objects.create(
            evaluation=evaluation, snapshot_text="{}", snapshot_sha256=str(next(numbers)), requested_by=person,
            requested_at=timezone.now(), enqueued_at=timezone.now(),
        )  # fmt: skip
        services.claim(report.pk)
        services.finish(report.pk, 1, b"%PDF")
    return school


@pytest.fixture
def supervisor(client):
    """Somebody who supervises the schools handed to it, signed in."""
    person = UserFactory()

    def take(*schools):
        Assignment.objects.bulk_create(
            Assignment(person=person, school=school, role=Role.SUPERVISOR, valid_from="2020-07-01")
            for school in schools
        )
        client.force_login(person)
        return person

    return take


@pytest.fixture
def officer(client):
    """Somebody at an office of one region, signed in."""
    office = OfficeFactory()
    office.regions.add(RegionFactory())
    client.force_login(person_at(None, Role.OFFICE, office=office))
    return office


def names(answer) -> list[str]:
    return [row.school.name for row in answer.context["rows"]]


# --- supervisor -------------------------------------------------------------------------------------


def test_a_supervisor_sees_the_assigned_schools_only(client, supervisor):
    mine, foreign = evaluated(Stage.FILLING), evaluated(Stage.FILLING)
    supervisor(mine)
    text = client.get(SUPERVISOR).content.decode()
    assert mine.name in text
    assert foreign.name not in text


def test_each_stage_is_named(client, supervisor):
    schools = {evaluated(stage).pk: stage for stage in Stage}
    from schools.models import School

    supervisor(*School.objects.filter(pk__in=schools))
    answer = client.get(SUPERVISOR)
    assert {row.school.pk: row.stage for row in answer.context["rows"]} == schools
    for stage in Stage:
        assert stage.label in answer.content.decode()


def test_states_are_named_once_with_the_standards_that_are_in_them():
    def row(*states):
        sections = [Section(standard=str(number), state=state) for number, state in enumerate(states, 1)]
        return Row(school=None, stage=Stage.FILLING, sections=sections).states

    filling, submitted = SectionState.DRAFT, SectionState.SUBMITTED
    assert row(*[filling] * 7, submitted) == [("Sedang diisi", "1-7"), ("Diajukan", "8")]
    assert row(filling, submitted, filling, filling) == [("Sedang diisi", "1, 3, 4"), ("Diajukan", "2")]
    assert row() == []


def test_the_profile_is_shown_after_the_first_submission_and_explained_before(client, supervisor):
    supervisor(evaluated(Stage.FILLING))
    text = client.get(SUPERVISOR).content.decode()
    assert "setelah standar pertama diajukan" in text
    assert "terisi 8 dari 20" in text
    supervisor(evaluated(Stage.REVIEW))
    text = client.get(SUPERVISOR).content.decode()
    assert "5,12" in text
    assert "20 dari 23" in text


def test_the_newest_ready_report_can_be_downloaded(client, supervisor):
    school = evaluated(Stage.APPROVED)
    supervisor(school)
    report = AnnualReport.objects.get(state=ReportState.READY)
    url = reverse("reports:download", args=[school.npsn, THIS_YEAR, report.code])
    assert url in client.get(SUPERVISOR).content.decode()
    assert client.get(url).status_code == 200


def test_another_year_can_be_chosen_and_a_wrong_one_means_the_current(client, supervisor):
    school = evaluated(Stage.FILLING, year=THIS_YEAR - 1)
    supervisor(school)
    assert client.get(SUPERVISOR).context["rows"][0].stage == Stage.NONE
    assert client.get(SUPERVISOR, {"tahun": THIS_YEAR - 1}).context["rows"][0].stage == Stage.FILLING
    for wrong in ("", "abc", "1999", "99999999999999999999"):
        assert client.get(SUPERVISOR, {"tahun": wrong}).context["year"].start == THIS_YEAR


def test_schools_are_found_by_name_number_and_state_and_sorted(client, supervisor):
    one = evaluated(Stage.FILLING, name="SD Anggrek", npsn="20888801")
    two = evaluated(Stage.APPROVED, name="SD Melati", npsn="20777702")
    supervisor(one, two)
    assert names(client.get(SUPERVISOR, {"q": "melat"})) == ["SD Melati"]
    assert names(client.get(SUPERVISOR, {"q": "208888"})) == ["SD Anggrek"]
    assert names(client.get(SUPERVISOR, {"keadaan": "disahkan"})) == ["SD Melati"]
    assert names(client.get(SUPERVISOR, {"urut": "npsn"})) == ["SD Melati", "SD Anggrek"]
    assert names(client.get(SUPERVISOR, {"urut": "kemajuan"})) == ["SD Melati", "SD Anggrek"]
    assert names(client.get(SUPERVISOR, {"urut": "'; --", "keadaan": "x"})) == ["SD Anggrek", "SD Melati"]
    assert "Tidak ada satuan pendidikan yang cocok" in client.get(SUPERVISOR, {"q": "zzz"}).content.decode()


def test_pages_hold_25_schools_and_a_wrong_page_is_the_last(client, supervisor):
    supervisor(*(SchoolFactory() for _ in range(30)))
    assert len(client.get(SUPERVISOR).context["rows"]) == 25
    assert len(client.get(SUPERVISOR, {"page": "99"}).context["rows"]) == 5


def test_supervisors_of_a_madrasah_are_called_so(client, supervisor):
    supervisor(SchoolFactory(naungan=Naungan.KEMENAG, form="MI"))
    assert "Pengawas Madrasah" in client.get(SUPERVISOR).content.decode()


def queries(client, url: str, **data) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url, data).status_code == 200
    return len(captured)


def test_a_supervisor_of_200_schools_costs_no_more_queries_than_one_of_one(client, supervisor):
    supervisor(evaluated(Stage.APPROVED))
    one = queries(client, SUPERVISOR)
    supervisor(*(evaluated(Stage.REVIEW) for _ in range(24)))
    supervisor(*(SchoolFactory(name=f"Z {n}") for n in range(175)))
    assert queries(client, SUPERVISOR) == one <= 12


# --- office -----------------------------------------------------------------------------------------


def test_an_office_sees_its_jurisdiction_with_counts_and_summaries(client, officer):
    evaluated(Stage.REVIEW)
    evaluated(Stage.APPROVED)
    far = evaluated(Stage.APPROVED, region=RegionFactory(code="52", level=RegionLevel.PROVINCE))
    answer = client.get(OFFICE)
    assert dict(answer.context["counts"]) == {
        stage.label: int(stage in {Stage.REVIEW, Stage.APPROVED}) for stage in Stage
    }
    assert far.name not in answer.content.decode()
    assert "5,12" in answer.content.decode()


def test_an_office_filters_by_form_and_region(client, officer):
    district = RegionFactory(code="33.01.02", name="Kecamatan Satu", level=RegionLevel.DISTRICT)
    evaluated(Stage.NONE, name="SD Anggrek", region=district)
    evaluated(Stage.NONE, name="SMP Melati", form="SMP")
    assert names(client.get(OFFICE, {"bentuk": "SMP"})) == ["SMP Melati"]
    assert names(client.get(OFFICE, {"wilayah": "33.01.02"})) == ["SD Anggrek"]
    assert client.get(OFFICE, {"wilayah": "33.01.02"}).context["total"] == 1


def test_an_office_reads_no_answers_and_costs_the_same_for_1_and_60_schools(client, officer):
    evaluated(Stage.APPROVED)
    one = queries(client, OFFICE)
    for n in range(60):
        evaluated(Stage.APPROVED if n % 2 else Stage.REVIEW)
    with CaptureQueriesContext(connection) as captured:
        client.get(OFFICE)
    assert len(captured) == one <= 14
    text = " ".join(query["sql"] for query in captured)
    assert "evaluations_answer" not in text
    assert "evaluations_submission" not in text
    assert "snapshot_text" not in text


@pytest.mark.parametrize("role", [role for role in Role if role != Role.OFFICE])
def test_the_lists_are_for_supervisors_and_offices_only(client, role):
    client.force_login(person_at(SchoolFactory(), role))
    refused = client.get(OFFICE)
    assert refused.status_code == 403
    assert "petugas dinas" in refused.content.decode()
    assert client.get(SUPERVISOR).status_code == (200 if role == Role.SUPERVISOR else 403)


def test_an_office_is_not_a_supervisor(client, officer):
    refused = client.get(SUPERVISOR)
    assert refused.status_code == 403
    assert "pengawas" in refused.content.decode()


def test_in_a_running_year_the_report_of_the_last_finished_year_is_offered(client):
    row = evaluated(Stage.APPROVED, year=THIS_YEAR - 1)
    supervisor = person_at(row, Role.SUPERVISOR)
    client.force_login(supervisor)
    report = AnnualReport.objects.get(evaluation__cycle__school=row)
    shown = client.get(SUPERVISOR, {"tahun": THIS_YEAR}).content.decode()
    assert reverse("reports:download", args=[row.npsn, THIS_YEAR - 1, report.code]) in shown
    assert str(AcademicYear(THIS_YEAR - 1)) in shown
