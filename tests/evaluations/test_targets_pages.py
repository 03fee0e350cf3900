"""The pages about targets: reading, setting per standard, the decision, and where targets stand beside results."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from common import clock
from evaluations.models import DecisionState, EvidenceRevision, Target, TargetDecision
from evaluations.services import cycles, targets
from evaluations.year_presentation import CycleView
from schools.academic_year import AcademicYear
from schools.choices import Role
from schools.models import User
from tests.evaluations import uploads
from tests.evaluations.target_steps import approve, decide, propose, seen, set_targets, wanted
from tests.factories import AssignmentFactory, OfficeFactory, Place, UserFactory, person_at, the_version

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


@pytest.fixture
def place() -> Place:
    return Place()


def url(place: Place, name: str, *args: str) -> str:
    return reverse(f"evaluations:{name}", args=[place.school.npsn, place.cycle.year, *args])


def get(client, place: Place, user: User, name: str = "targets", *args: str):
    client.force_login(user)
    return client.get(url(place, name, *args))


def text(response) -> str:
    return " ".join(response.content.decode().split())


def save(client, place: Place, values: dict[str, str], user: User | None = None, mark: str | None = None):
    client.force_login(user or place.team)
    body = {"seen": seen(place) if mark is None else mark, **values}
    return client.post(url(place, "targets_standard", "8"), body)


def meeting(place: Place, **more: object) -> dict[str, object]:
    return {
        "met_on": "2026-07-21",
        "people": [place.team.username, place.teacher.username],
        "others": "Suparman, S.E., ketua komite",
        "file": SimpleUploadedFile("daftar hadir.pdf", uploads.pdf(), "application/pdf"),
        **more,
    }


def test_targets_are_set_standard_by_standard_with_a_comma_and_shown_beside_the_results(client, place):
    place.answer("8.1.2.a", 4)
    response = save(client, place, {"8-1-score": "5,25", "8-1-2-score": "7", "8-3-score": ""})
    assert response.status_code == 302
    assert response.url.endswith("/target/#standar-8")
    page = text(client.get(response.url))
    assert "Target standar 8 tersimpan." in page
    assert "5,25" in page
    assert "Belum disahkan" in page
    assert "rata-rata 1 dari 3 indikator" in page
    assert "tercapai" in page  # 8.1.2: yes counts as 7
    assert set(Target.objects.values_list("code", flat=True)) == {"8.1", "8.1.2"}


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("8", "Target ditulis dari 0 sampai 7."),
        ("-1", "Tulis angka seperti 5,25"),
        ("lima", "Tulis angka seperti 5,25"),
        ("5,255", "paling banyak dua angka"),
        ("99999999999", "Tulis angka seperti 5,25"),
        ("NaN", "Tulis angka seperti 5,25"),
    ],
)
def test_a_bad_number_is_told_in_its_place_and_everything_typed_stays(client, place, typed, message):
    response = save(client, place, {"8-1-score": typed, "8-2-score": "4,5", "8-2-note": "Setelah <b>rapat</b>"})
    page = text(response)
    assert response.status_code == 422
    assert message in page
    assert f'value="{typed}"' in page
    assert 'value="4,5"' in page
    assert "Setelah &lt;b&gt;rapat&lt;/b&gt;" in page
    assert not Target.objects.exists()


def test_all_faults_are_told_at_once(client, place):
    response = save(client, place, {"8-1-score": "9", "8-2-1-beyond": "on", "8-3-1-score": "1,999"})
    page = text(response)
    assert "Periksa isian 8.1, 8.2.1, 8.3.1." in page
    for message in ("Target ditulis dari 0", "Tuliskan apa yang dilakukan", "paling banyak dua angka"):
        assert message in page
    assert page.count('<details class="more mt-3" open>') == 2  # where a subindicator has to be mended


def test_a_conflict_keeps_what_was_typed_and_shows_what_the_server_holds(client, place):
    mark = seen(place)
    set_targets(place, {"8.1": wanted("4.00", note="Dari rapat")}, actor=place.principal)
    response = save(client, place, {"8-1-score": "6,5"}, mark=mark)
    page = text(response)
    assert response.status_code == 409
    assert 'value="6,5"' in page
    assert "4,00; catatan: Dari rapat" in page
    assert Target.objects.get().score == 4
    again = save(client, place, {"8-1-score": "6,5"}, mark=response.context["seen"])
    assert again.status_code == 302
    assert str(Target.objects.get().score) == "6.50"


def test_what_was_typed_stays_on_the_page_when_the_targets_were_proposed_meanwhile(client, place):
    set_targets(place, {"8.1": "4"})
    propose(place)
    response = save(client, place, {"8-1-score": "6,5"})
    assert response.status_code == 409
    assert "menunggu pengesahan" in text(response)
    assert 'value="6,5"' in text(response)


def test_a_standard_that_is_not_measured_answers_404_and_a_closed_form_409(client, place):
    assert get(client, place, place.team, "targets_standard", "9").status_code == 404
    assert get(client, place, place.team, "targets_standard", "8.1").status_code == 404
    assert get(client, place, place.team, "targets_standard", "8").status_code == 200
    decide(place)
    assert get(client, place, place.team, "targets_standard", "8").status_code == 409


def test_quick_choices_are_where_the_categories_begin(client, place):
    page = text(get(client, place, place.team, "targets_standard", "8"))
    for choice in ("2,05", "3,71", "5,07", "6,67", "7,00"):
        assert f'<option value="{choice}">' in page
    assert "5,07 sampai 6,66" in page


def test_the_result_of_the_year_before_stands_beside_every_row(client):
    place = Place(year=2025)
    place.complete(4)
    place.cycle = cycles.start_cycle(place.school, AcademicYear(2026), actor=place.principal, version=the_version())
    place.evaluation = place.cycle.evaluations.select_related("cycle__school__region", "version").get()
    for name, args in (("targets", ()), ("targets_standard", ("8",))):
        page = text(get(client, place, place.team, name, *args))
        assert "Hasil 2025/2026" in page
        assert "7,00" in page
    assert "Menurut hasil telaah tim" in text(get(client, place, place.team))


def test_the_meeting_is_written_down_proposed_returned_proposed_again_and_approved(client, place):
    set_targets(place, {"8.1": "6"})
    client.force_login(place.team)
    address = url(place, "targets_decision")
    assert client.post(address, meeting(place, usulkan="1")).status_code == 302
    decision = TargetDecision.objects.get()
    assert decision.state == DecisionState.PROPOSED
    assert {one["name"]: one["role"] for one in decision.participants} == {
        str(place.team): "Tim Mutu (TPMPS)", str(place.teacher): "Guru/Tendik",
        "Suparman, S.E.": "ketua komite",
    }  # fmt: skip
    client.force_login(place.principal)
    assert "Sahkan target" in text(client.get(address))
    assert client.post(url(place, "targets_return"), {"reason": " "}).status_code == 422
    assert client.post(url(place, "targets_return"), {"reason": "Terlalu rendah."}).status_code == 302
    client.force_login(place.team)
    page = text(client.get(address))
    assert "Terlalu rendah." in page
    assert f'value="{place.teacher.username}" checked' in page
    assert "Suparman, S.E., ketua komite" in page
    again = {key: value for key, value in meeting(place, usulkan="1").items() if key != "file"}
    assert client.post(address, again).status_code == 302  # the file is there already
    client.force_login(place.principal)
    for stale in ({}, {"seen": decision.proposal}):  # a tab that still shows what was returned
        refused = client.post(url(place, "targets_approve"), stale)
        assert refused.status_code == 409
        assert "diajukan lagi" in text(refused)
    fresh_page = {"seen": re.search(r'name="seen" value="([^"]+)"', client.get(address).content.decode())[1]}
    assert client.post(url(place, "targets_approve"), fresh_page).status_code == 302
    assert "Disahkan" in text(client.get(url(place, "targets")))
    assert client.post(url(place, "targets_approve"), fresh_page).status_code == 409


def test_a_refused_proposal_says_everything_that_is_missing_and_keeps_the_rest(client, place):
    set_targets(place, {"8.1": "6"})
    client.force_login(place.team)
    response = client.post(url(place, "targets_decision"), {"others": "Ibu Tuti, wakil orang tua", "usulkan": "1"})
    page = text(response)
    assert response.status_code == 422
    for message in ("Isi tanggal rapat.", "sedikitnya 2 orang", "Unggah notulen", "Ibu Tuti, wakil orang tua"):
        assert message in page
    assert not TargetDecision.objects.get().participants


def test_a_bad_file_and_a_future_date_are_told_in_their_place(client, place):
    client.force_login(place.team)
    tomorrow = clock.today(place.school.time_zone) + timedelta(days=1)
    response = client.post(url(place, "targets_decision"), meeting(place, met_on=tomorrow.isoformat()))
    assert response.status_code == 422
    assert "belum tiba" in text(response)
    wrong = SimpleUploadedFile("notulen.pdf", uploads.EXE, "application/pdf")
    response = client.post(url(place, "targets_decision"), meeting(place, file=wrong))
    assert response.status_code == 422
    assert "tidak sesuai dengan namanya" in text(response)
    assert not EvidenceRevision.objects.exists()


def test_whoever_is_ticked_and_written_down_took_part_once_in_the_written_role(client, place):
    client.force_login(place.team)
    client.post(url(place, "targets_decision"), meeting(place, others=f"{place.teacher}, bendahara BOS"))
    roles = {one["name"]: one["role"] for one in TargetDecision.objects.get().participants}
    assert roles == {str(place.team): "Tim Mutu (TPMPS)", str(place.teacher): "bendahara BOS"}


def test_a_name_without_a_role_is_asked_for_its_role(client, place):
    client.force_login(place.team)
    response = client.post(url(place, "targets_decision"), meeting(place, others="Suparman"))
    assert response.status_code == 422
    assert "Suparman, wakil orang tua" in text(response)


def test_a_role_without_a_name_is_asked_for_its_name_and_not_left_out_in_silence(client, place):
    client.force_login(place.team)
    response = client.post(url(place, "targets_decision"), meeting(place, others=" , ketua komite"))
    assert response.status_code == 422
    assert "Tuliskan nama sebelum koma" in text(response)


def test_the_minutes_are_read_by_the_school_at_once_and_by_supervisors_after_the_approval(client, place):
    set_targets(place, {"8.1": "6"})
    decision = propose(place)
    file = url(place, "evidence_file", decision.minutes.code)
    guest = person_at(place.school, Role.GUEST_REVIEWER)

    def status(user: User) -> int:
        client.force_login(user)
        return client.get(file).status_code

    assert [status(user) for user in (place.teacher, place.supervisor, guest)] == [200, 403, 403]
    approve(place)
    assert [status(user) for user in (place.teacher, place.supervisor, guest)] == [200, 200, 200]


def test_confidential_minutes_stay_inside_the_school(client, place):
    set_targets(place, {"8.1": "6"})
    decision = propose(place, confidential=True)
    approve(place)
    client.force_login(place.supervisor)
    assert client.get(url(place, "evidence_file", decision.minutes.code)).status_code == 403
    page = text(client.get(url(place, "targets_decision")))
    assert "Notulen penetapan target" not in page
    assert "Suparman, Ketua komite" in page


def test_supervisors_see_what_is_in_force_and_never_a_draft(client, place):
    set_targets(place, {"8.1": "6.11"})
    assert get(client, place, place.supervisor).status_code == 403
    propose(place)
    approve(place)
    assert "6,11" in text(get(client, place, place.supervisor))
    targets.revise_targets(place.evaluation.pk, actor=place.team)
    set_targets(place, {"8.1": "2.22"})
    page = text(get(client, place, place.supervisor))
    assert "6,11" in page
    assert "2,22" not in page
    inside = text(get(client, place, place.teacher))
    assert "2,22" in inside
    assert "Belum disahkan" in inside
    assert "tetap berlaku" in inside


def test_an_office_sees_the_summary_of_approved_targets_and_no_page(client, place):
    office = OfficeFactory()
    office.regions.add(place.school.region)
    officer = AssignmentFactory(person=UserFactory(), school=None, office=office, role=Role.OFFICE).person
    set_targets(place, {"8.1": "6.11"})
    assert "6,11" not in text(get(client, place, officer, "cycle"))
    propose(place)
    approve(place)
    assert "6,11" in text(get(client, place, officer, "cycle"))
    assert get(client, place, officer).status_code == 403


def test_steps_lead_from_setting_to_approving(place):
    def step(user: User) -> str:
        steps = CycleView(User.objects.get(pk=user.pk), place.evaluation).steps
        return next((step.title for step in steps if "arget" in step.title), "")

    assert (step(place.team), step(place.principal), step(place.teacher)) == (
        "Tetapkan target tahun ini", "Tetapkan target tahun ini", "",
    )  # fmt: skip
    set_targets(place, {"8.1": "6"})
    assert step(place.team) == "Selesaikan dan usulkan target"
    propose(place)
    assert (step(place.team), step(place.principal)) == ("", "Sahkan target")
    assert CycleView(place.principal, place.evaluation).steps[0].title == "Sahkan target"
    targets.return_targets(place.evaluation.pk, reason="Naikkan.", actor=place.principal)
    assert step(place.team) == "Perbaiki usulan target"
    propose(place)
    approve(place)
    assert (step(place.team), step(place.principal)) == ("", "")


def test_the_cycle_page_says_whether_targets_are_approved(client, place):
    assert "Belum ada target yang disahkan." in text(get(client, place, place.teacher, "cycle"))
    set_targets(place, {"8.1": "6"})
    assert "Belum disahkan" in text(get(client, place, place.teacher, "cycle"))
    assert "Belum ada target yang disahkan." in text(get(client, place, place.supervisor, "cycle"))
    propose(place)
    approve(place)
    measured = len(place.evaluation.spec.standards_for("SD"))
    assert f"rata-rata 1 dari {measured} standar" in text(get(client, place, place.supervisor, "cycle"))


@pytest.mark.parametrize("filled", [1, 3])
def test_pages_take_the_same_queries_for_any_number_of_targets(client, django_assert_num_queries, place, filled):
    codes = targets.codes_of(place.evaluation, "8")[: filled * 2]
    set_targets(place, dict.fromkeys(codes, "5"))
    propose(place)
    client.force_login(place.principal)
    client.get(url(place, "targets"))
    # session, user, appointments, evaluation, decisions, targets, sections, answers, submissions, links, year before
    with django_assert_num_queries(11):
        client.get(url(place, "targets"))
    with django_assert_num_queries(11):
        client.get(url(place, "targets_decision"))


def test_the_profile_shows_targets_beside_results_with_the_gap_in_words_and_in_the_radar(client, place):
    place.fill("8", 3)
    set_targets(place, {"8.1": "7", "8.2": "1.00", "8.3": "5.25"})
    response = get(client, place, place.team, "profile")
    page = text(response)
    assert "Target (belum disahkan)" in page
    rows = {part.catalogue.code: part for row in response.context["rows"] for part in row.parts}
    assert rows["8.1"].target.gap.text.startswith("kurang ")
    assert rows["8.2"].target.gap.text.startswith("melampaui ")
    for row in ("8.1", "8.2"):
        assert rows[row].target.gap.text in page
    assert "Target (belum disahkan): " in response.context["radar"]
    propose(place)
    approve(place)
    page = text(get(client, place, place.team, "profile"))
    assert "Target" in page
    assert "belum disahkan" not in page


def test_supervisors_see_no_draft_beside_the_profile(client, place):
    place.fill("8", 3)
    place.submit()
    set_targets(place, {"8.1": "6.11"})
    assert "6,11" not in text(get(client, place, place.supervisor, "profile"))
    propose(place)
    approve(place)
    assert "6,11" in text(get(client, place, place.supervisor, "profile"))


def test_the_result_beside_a_target_is_the_teams_where_the_standard_is_verified(client, place):
    place.fill("8", 3)
    place.submit()
    place.open()
    place.confirm_all()
    set_targets(place, {"8.1": "6"})
    assert "dibandingkan dengan penilaian sekolah" in text(get(client, place, place.team, "profile"))
    place.verify()
    assert "hasil telaah tim untuk 1 standar" in text(get(client, place, place.team, "profile"))
    page = text(get(client, place, place.team))
    assert "menurut hasil telaah tim" in page
