"""The school's home, its year, one standard, and saving an answer, through the addresses."""

import io
import re
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pikepdf
import pytest
from django.db import connection
from django.urls import reverse

from evaluations.models import Answer, AnswerState, QualityCycle, StageState
from evaluations.services import cycles, reviews
from evaluations.services.answers import AnswerInput, record_answer
from evaluations.services.evidence import add_evidence
from schools.academic_year import AcademicYear
from schools.choices import IdentifierKind, Role, SchoolStatus
from schools.models import AuditEvent, School, SchoolIdentifier
from tests.factories import OfficeFactory, Place, SchoolFactory, person_at, the_version

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
HTMX = {"HTTP_HX_REQUEST": "true"}


def a_pdf() -> bytes:
    file = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(file)
    return file.getvalue()


PDF = a_pdf()


def url(place, name, *args):
    return reverse(f"evaluations:{name}", args=[place.school.npsn, place.cycle.year, *args])


def section_url(place, standard="8"):
    return url(place, "section", standard)


def answer_url(place, code="8.3.1.a"):
    return url(place, "answer", code.partition(".")[0], code)


def text(response):
    return response.content.decode()


@pytest.fixture
def place():
    return Place()


# --- home and year ------------------------------------------------------------------------------------


def test_home_shows_the_current_year_with_stages_standards_and_the_next_step(client, monkeypatch, place):
    monkeypatch.setattr("common.clock.now", lambda at=None: at or datetime(2026, 9, 1, tzinfo=UTC))
    client.force_login(place.principal)
    response = client.get(reverse("evaluations:school", args=[place.school.npsn]))
    view = response.context["view"]
    assert response.status_code == 200
    assert view.cycle == place.cycle
    assert len(view.stages) == 6
    assert [row.section is not None for row in view.standards] == [False] * 6 + [True, True]
    assert "#belum-dijawab" in view.steps[0].url


def test_without_a_cycle_home_explains_and_starts_one(client):
    the_version()
    school = SchoolFactory()
    principal, teacher = person_at(school, Role.PRINCIPAL), person_at(school, Role.CONTRIBUTOR)
    home, start = (reverse(f"evaluations:{name}", args=[school.npsn]) for name in ("school", "start_cycle"))
    client.force_login(teacher)
    assert start not in text(client.get(home))
    assert client.post(start).status_code == 403
    client.force_login(principal)
    assert start in text(client.get(home))
    assert client.post(start, {"year": "2025/2026"}).status_code == 302
    assert client.post(start, {"year": "2025/2026"}).status_code == 409
    assert client.post(start, {"year": "2025/2029"}).status_code == 422
    assert QualityCycle.objects.filter(school=school).count() == 1


def test_the_newest_year_is_shown_when_the_current_one_is_not_open(client):
    place = Place(year=2020)
    cycles.start_cycle(place.school, AcademicYear(2019), actor=place.principal)
    client.force_login(place.team)
    response = client.get(reverse("evaluations:school", args=[place.school.npsn]))
    assert response.context["view"].cycle.year == 2020
    assert response.context["missing"]
    assert [year.start for year in response.context["other_years"]] == [2019]


def test_a_former_npsn_leads_to_the_present_one_and_a_malformed_one_is_not_found(client, place):
    SchoolIdentifier.objects.create(
        school=place.school, kind=IdentifierKind.NPSN, value="10000001", valid_from=date(2010, 1, 1),
        valid_to=date(2019, 1, 1),
    )  # fmt: skip
    client.force_login(place.principal)
    response = client.get("/sekolah/10000001/2026/eds/8/?a=b")
    assert response["Location"] == f"/sekolah/{place.school.npsn}/2026/eds/8/?a=b"
    assert client.get("/sekolah/10000001/")["Location"] == f"/sekolah/{place.school.npsn}/"
    for wrong in ("123", "ABCDEFGH", "10000009"):
        assert client.get(f"/sekolah/{wrong}/").status_code == 404


def test_a_merged_school_names_its_successor_and_opens_no_cycle(client, place):
    successor = SchoolFactory(name="SD Penerus")
    School.objects.filter(pk=place.school.pk).update(status=SchoolStatus.MERGED, successor=successor)
    client.force_login(place.principal)
    page = text(client.get(reverse("evaluations:school", args=[place.school.npsn])))
    assert "SD Penerus" in page
    assert reverse("evaluations:start_cycle", args=[place.school.npsn]) not in page


def test_foreign_schools_answer_404_and_people_without_login_are_asked_to_log_in(client, place):
    stranger = Place().principal
    addresses = [reverse("evaluations:school", args=[place.school.npsn]), url(place, "cycle"), section_url(place)]
    for address in [*addresses, url(place, "stages"), url(place, "submit", "8"), answer_url(place)]:
        assert client.get(address).status_code == 302
    client.force_login(stranger)
    for address in [*addresses, url(place, "stages"), url(place, "submit", "8"), answer_url(place)]:
        assert client.get(address).status_code == 404
    assert client.post(answer_url(place), {"level": 3, "version": 0}).status_code == 404


def test_the_next_step_follows_role_and_state(client, place):
    def first(person):
        client.force_login(person)
        return client.get(url(place, "cycle")).context["view"].steps[0]

    assert first(place.teacher).url.endswith("#belum-dijawab")
    place.fill("8")
    assert any("ajukan" in step.url for step in client_steps(client, place, place.principal))
    place.submit("8")
    assert first(place.team).url == url(place, "queue")
    place.open("8")
    section = place.section("8")
    reviews.review_item(section.pk, "8.1.1.a", "RETURNED", actor=place.team, reason="Periksa jumlah murid.")
    reviews.return_section(section.pk, actor=place.team)
    assert first(place.teacher).title.startswith("1 hal")


def client_steps(client, place, person):
    client.force_login(person)
    return client.get(url(place, "cycle")).context["view"].steps


def test_a_phone_is_shown_three_standards_to_fill_and_one_card_for_the_rest(client):
    place = Place(edition="2026.1", scope="inti")
    client.force_login(place.teacher)
    page = client.get(url(place, "cycle"))
    titles = [step.title for step in page.context["view"].steps]
    left = sum(section.item_count for section in page.context["view"].sections[3:])
    assert [title for title in titles if " lain" in title] == [f"Isi {left} pertanyaan di 5 standar lain"]
    assert sum(title.startswith("Isi ") for title in titles) == 4
    assert 'href="#standar-judul"' in text(page)
    assert 'id="standar-judul"' in text(page)


def test_a_question_leads_to_its_page_in_the_catalogue(client, place):
    client.force_login(place.teacher)
    address = reverse("standards:item", args=["eds-snp", "2025.1", "8.3.1.a"])
    assert f'href="{address}?bentuk=SD"' in text(client.get(section_url(place)))
    assert client.get(address, {"bentuk": "SD"}).status_code == 200


def test_an_approved_year_offers_the_report_and_one_before_offers_the_approval(client, place):
    place.fill("7")
    place.fill("8")
    for standard in ("7", "8"):
        place.submit(standard)
        place.open(standard)
        place.confirm_all(standard)
        place.verify(standard)
    assert client_steps(client, place, place.principal)[0].url == "#sahkan"
    assert url(place, "approve") in text(client.get(url(place, "cycle")))
    reviews.approve_evaluation(place.evaluation.pk, actor=place.principal)
    assert "laporan" in client_steps(client, place, place.principal)[0].url
    assert url(place, "approve") not in text(client.get(url(place, "cycle")))


def test_supervisors_and_offices_see_progress_but_no_links_to_content_before_a_submission(client, place):
    office = OfficeFactory()
    office.regions.add(place.school.region)
    officer = person_at(None, Role.OFFICE, office=office)
    for person in (place.supervisor, officer):
        client.force_login(person)
        page = client.get(url(place, "cycle"))
        assert page.status_code == 200
        assert f'href="{section_url(place)}"' not in text(page)
        assert client.get(section_url(place)).status_code == 403
    place.fill()
    place.submit()
    assert client.get(section_url(place)).status_code == 403
    client.force_login(place.supervisor)
    assert client.get(section_url(place)).status_code == 200


# --- stages -------------------------------------------------------------------------------------------


def stage_data(**changes):
    data = {"key": "memetakan", "memetakan-starts_on": "2026-08-05", "memetakan-ends_on": "2026-12-01"}
    return data | {"memetakan-state": StageState.RUNNING} | changes


def test_each_stage_is_saved_by_itself(client, place):
    client.force_login(place.principal)
    assert client.get(url(place, "stages")).status_code == 200
    assert client.post(url(place, "stages"), stage_data()).status_code == 302
    stage = place.cycle.stages.get(key="memetakan")
    assert (stage.starts_on, stage.ends_on, stage.state) == (date(2026, 8, 5), date(2026, 12, 1), "RUNNING")


@pytest.mark.parametrize(
    "change",
    [
        {"memetakan-ends_on": "2026-08-01"},
        {"memetakan-ends_on": "kapan-kapan"},
        {"memetakan-state": "DELETED"},
        {"key": "tidur"},
    ],
)
def test_a_wrong_stage_is_refused_and_changes_nothing(client, place, change):
    before = place.cycle.stages.get(key="memetakan")
    client.force_login(place.team)
    assert client.post(url(place, "stages"), stage_data(**change)).status_code == 422
    after = place.cycle.stages.get(key="memetakan")
    assert (after.starts_on, after.ends_on, after.state) == (before.starts_on, before.ends_on, before.state)


def test_only_head_and_team_edit_stages(client, place):
    client.force_login(place.teacher)
    assert client.get(url(place, "stages")).status_code == 403
    assert client.post(url(place, "stages"), stage_data()).status_code == 403


# --- one standard -------------------------------------------------------------------------------------


def test_the_standard_shows_every_question_in_order_with_its_form(client, place):
    client.force_login(place.teacher)
    page = text(client.get(section_url(place)))
    places = [page.index(f'id="butir-{item.code.replace(".", "-")}"') for item in place.section().items]
    assert places == sorted(places)
    for name in ("level", "count", "of", "value", "met", "na_reason", "note", "version"):
        assert f'name="{name}"' in page
    assert "<script>" not in page
    assert "style=" not in page


def test_a_standard_that_is_not_measured_or_unknown_is_not_found(client, place):
    client.force_login(place.teacher)
    assert client.get(section_url(place, "1")).status_code == 404
    assert client.get(section_url(place, "99")).status_code == 404
    assert client.get(answer_url(place, "8.9.9.z")).status_code == 404


def test_an_unverified_name_is_never_shown_as_official(client, place):
    client.force_login(place.teacher)
    assert "nama belum terverifikasi" in text(client.get(section_url(place, "7")))


def test_readers_get_the_answers_without_forms(client, place):
    place.answer("8.3.1.a", 3, note="Rapat komite bulan Juli")
    client.force_login(person_at(place.school, Role.COMMITTEE))
    page = text(client.get(section_url(place)))
    assert "Rapat komite bulan Juli" in page
    assert "data-draft=" not in page
    assert client.post(answer_url(place), {"level": 4, "version": 1}).status_code == 403


def test_the_head_reads_what_is_asked_about_the_head_and_brings_proof_but_does_not_answer(client, place):
    client.force_login(place.principal)
    own = {card.item.code: card for card in cards(client.get(section_url(place, "7")))}
    assert own["7.3.2.a"].kind_notice
    assert own["7.3.2.a"].form is None
    assert own["7.3.2.a"].editable
    assert own["7.1.1.a"].form
    refused = client.post(
        reverse("evaluations:answer", args=[place.school.npsn, 2026, "7", "7.3.2.a"]), {"level": 4, "version": 0}
    )
    assert refused.status_code == 403
    assert "menilai kepemimpinan kepala" in text(refused)
    client.force_login(place.teacher)
    theirs = cards(client.get(section_url(place, "7")))
    assert not any(card.kind_notice for card in theirs)
    assert all(card.form for card in theirs)


def test_an_operator_may_not_type_for_the_head_what_is_asked_about_the_head(client, place):
    client.force_login(place.operator)
    names = {
        card.item.code: [value for value, _ in card.form.fields["on_behalf_of"].choices]
        for card in cards(client.get(section_url(place, "7")))
    }
    assert place.principal.username in names["7.1.1.a"]
    assert place.principal.username not in names["7.3.2.a"]
    assert place.teacher.username in names["7.3.2.a"]


def cards(response):
    return [card for group in response.context["groups"] for part in group.parts for card in part.parts]


def test_a_returned_standard_lists_exactly_what_to_mend(client, place):
    place.fill()
    section = place.section()
    add_evidence(section.pk, "8.1.2.a", name="daftar.pdf", data=PDF, title="Daftar murid", actor=place.teacher)
    place.submit()
    place.open()
    link = place.section().links.select_related("revision").get()
    reviews.review_item(section.pk, "8.3.1.a", "RETURNED", actor=place.team, reason="Sebutkan sumber yayasan.")
    reviews.review_link(
        section.pk, "8.1.2.a", link.revision.code, accept=False, actor=place.team, reason="Halaman kedua kabur."
    )
    reviews.return_section(section.pk, actor=place.team, note="Hampir selesai.")
    client.force_login(place.teacher)
    response = client.get(section_url(place))
    page = text(response)
    assert [thing.code for thing in response.context["view"].things_to_mend] == ["8.1.2.a", "8.3.1.a"]
    for part in ("Sebutkan sumber yayasan.", "Halaman kedua kabur.", "Hampir selesai."):
        assert part in page
    place.answer("8.3.1.a", 2)
    things = client.get(section_url(place)).context["view"].things_to_mend
    assert [thing.handled for thing in things] == [False, True]


# --- saving an answer ---------------------------------------------------------------------------------


def test_a_plain_post_saves_and_goes_back_to_the_question(client, place):
    client.force_login(place.teacher)
    response = client.post(answer_url(place), {"level": "3", "note": "Ada notulen", "version": "0"})
    assert response.status_code == 302
    assert response["Location"] == section_url(place) + "#butir-8-3-1-a"
    answer = Answer.objects.get(item_code="8.3.1.a")
    assert (answer.value, answer.note, answer.answered_by) == ({"level": 3}, "Ada notulen", place.teacher)
    assert "Aman di server" in text(client.get(section_url(place)))
    assert client.get(answer_url(place))["Location"] == response["Location"]


def test_htmx_gets_the_question_in_its_new_state_and_the_progress(client, place):
    client.force_login(place.teacher)
    response = client.post(answer_url(place), {"level": "3", "version": "0"}, **HTMX)
    page = text(response)
    assert response.status_code == 200
    assert f'data-saved="{place.school.npsn}:2026:8.3.1.a"' in page
    assert 'id="jawaban-8-3-1-a"' in page
    assert "terisi 1 dari 7" in page
    assert "<html" not in page


@pytest.mark.parametrize("htmx", [{}, HTMX])
@pytest.mark.parametrize("data", [{"level": "9", "version": "0"}, {"level": "3"}, {"level": "3", "version": "x"}])
def test_tampered_values_are_refused_and_nothing_is_saved(client, place, data, htmx):
    client.force_login(place.teacher)
    response = client.post(answer_url(place), data | {"note": "kata saya"}, **htmx)
    assert response.status_code == 422
    assert "kata saya" in text(response)
    assert "data-saved" not in text(response)
    assert not Answer.objects.exists()


@pytest.mark.parametrize("htmx", [{}, HTMX])
def test_two_different_entries_are_shown_side_by_side_and_nothing_is_lost(client, place, htmx):
    client.force_login(place.teacher)
    client.post(answer_url(place), {"level": "2", "note": "isian pertama", "version": "0"})
    client.force_login(place.principal)
    response = client.post(answer_url(place), {"level": "4", "note": "isian kedua", "version": "0"}, **htmx)
    page = text(response)
    assert response.status_code == 409
    assert "isian pertama" in page
    assert "isian kedua" in page
    version = Answer.objects.get().version
    assert f'data-version="{version}"' in page
    assert "data-pending" in page
    client.post(answer_url(place), {"level": "4", "note": "isian kedua", "version": version}, **htmx)
    assert Answer.objects.get().note == "isian kedua"


def test_the_enter_key_never_empties_an_answer_or_drops_what_was_typed(client, place):
    place.answer("8.2.1.a", 2)
    client.force_login(place.teacher)
    page = text(client.post(answer_url(place, "8.2.1.a"), {"count": "9", "of": "10", "version": "0"}, **HTMX))
    assert "Ada dua isian" in page
    assert re.search(r"<button([^>]*)>", page)[1].strip() == 'type="submit" class="btn btn-secondary"'
    page = text(client.get(section_url(place))).partition('id="jawaban-8-2-1-a"')[2]
    assert re.search(r"<button([^>]*)>", page)[1].strip() == 'type="submit" class="btn btn-primary"'


def test_choosing_the_entry_of_the_server_writes_nothing(client, place):
    place.answer("8.3.1.a", 2, note="isian pertama")
    client.force_login(place.principal)
    data = {"level": "4", "note": "isian kedua", "version": "1", "pakai": "server"}
    response = client.post(answer_url(place), data, **HTMX)
    assert "isian pertama" in text(response)
    assert "data-saved" in text(response)
    assert Answer.objects.get().note == "isian pertama"


def test_the_same_answer_sent_twice_is_harmless(client, place):
    client.force_login(place.teacher)
    for _ in range(2):
        assert client.post(answer_url(place), {"level": "3", "version": "0"}, **HTMX).status_code == 200
    assert AuditEvent.objects.filter(action="answer.recorded").count() == 1


def test_an_answer_can_be_taken_back(client, place):
    place.answer("8.3.1.a")
    client.force_login(place.teacher)
    client.post(answer_url(place), {"level": "3", "version": "1", "kosongkan": "1"})
    assert not Answer.objects.exists()
    assert place.section().answered_count == 0


def test_not_applicable_is_saved_with_its_reason(client, place):
    client.force_login(place.teacher)
    client.post(answer_url(place, "8.1.3.a"), {"na_reason": "tidak-ada-iuran", "version": "0"})
    answer = Answer.objects.get()
    assert (answer.state, answer.value, answer.na_reason) == ("NOT_APPLICABLE", None, "tidak-ada-iuran")


def test_an_operator_types_for_a_named_person_only(client, place):
    client.force_login(place.operator)
    assert client.post(answer_url(place), {"level": "3", "version": "0"}).status_code == 422
    refused = client.post(answer_url(place), {"level": "3", "version": "0", "on_behalf_of": place.team.username})
    assert refused.status_code == 422
    client.post(answer_url(place), {"level": "3", "version": "0", "on_behalf_of": place.teacher.username})
    answer = Answer.objects.get()
    assert (answer.answered_by, answer.typed_by) == (place.teacher, place.operator)
    assert "diketik" in text(client.get(section_url(place)))


def test_what_was_typed_stays_when_the_standard_was_submitted_meanwhile(client, place):
    place.fill()
    place.submit()
    client.force_login(place.teacher)
    data = {"level": "1", "note": "kata saya", "version": "1"}
    for htmx in ({}, HTMX):
        response = client.post(answer_url(place), data, **htmx)
        assert response.status_code == 409
        assert "kata saya" in text(response)


def test_supervisors_cannot_answer(client, place):
    place.fill()
    place.submit()
    client.force_login(place.supervisor)
    assert client.post(answer_url(place), {"level": "1", "version": "1"}).status_code == 403


# --- query budget -------------------------------------------------------------------------------------


@contextmanager
def statements():
    """Statements as Server-Timing counts them: BEGIN is one on SQLite, COMMIT is none."""
    seen = []

    def note(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


@pytest.mark.parametrize("who", ["teacher", "operator"])
@pytest.mark.django_db(transaction=True)
def test_saving_an_answer_takes_at_most_twelve_queries_however_much_there_is(client, who):
    place = Place()
    client.force_login(getattr(place, who))
    extra = {"on_behalf_of": place.teacher.username} if who == "operator" else {}

    def save(level):
        row = Answer.objects.filter(section=place.section(), item_code="8.3.1.a").first()
        data = {"level": level, "version": row.version if row else 0} | extra
        with statements() as seen:
            assert client.post(answer_url(place), data, **HTMX).status_code == 200
        return len(seen)

    save("1")  # the instrument is parsed once per process
    few = save("2")
    assert few <= 12
    for _ in range(3):
        Place()
    for _ in range(10):
        person_at(place.school, Role.CONTRIBUTOR)
    place.fill("8")
    for code in ("8.1.1.a", "8.3.1.a"):
        add_evidence(place.section().pk, code, name="a.pdf", data=PDF, actor=place.teacher, title=code)
    assert save("4") == few
    place.submit("8")
    place.open("8")
    reviews.review_item(place.section().pk, "8.1.1.a", "RETURNED", actor=place.team, reason="Periksa.")
    reviews.return_section(place.section().pk, actor=place.team)
    assert save("1") == few


@pytest.mark.parametrize("who", ["teacher", "operator"])
def test_reading_a_standard_takes_the_same_queries_however_much_it_holds(
    client, django_assert_num_queries, django_assert_max_num_queries, place, who
):
    place.answer("8.1.1.a")
    client.force_login(getattr(place, who))
    with django_assert_max_num_queries(13) as captured:
        client.get(section_url(place))
    place.fill()
    for number in range(4):
        for item in place.section().items:
            title = f"{item.code} {number}"
            add_evidence(place.section().pk, item.code, name="a.pdf", data=PDF, actor=place.teacher, title=title)
    person_at(place.school, Role.CONTRIBUTOR)
    row = Answer.objects.get(item_code="8.3.1.a")
    wanted = AnswerInput(AnswerState.ANSWERED, {"level": 1})
    record_answer(place.section().pk, "8.3.1.a", wanted, version=row.version, actor=place.principal)
    with django_assert_num_queries(len(captured)):
        client.get(section_url(place))


def test_home_takes_the_same_queries_however_many_years_and_answers(client, django_assert_num_queries, place):
    client.force_login(place.principal)
    home = reverse("evaluations:school", args=[place.school.npsn])
    client.get(home)
    # session, user, appointments, school, years, evaluation, sections, decisions on targets, stages, other instruments
    with django_assert_num_queries(10):
        client.get(home)
    for year in (2023, 2024, 2022):
        cycles.start_cycle(place.school, AcademicYear(year), actor=place.principal)
    place.fill("8")
    with django_assert_num_queries(10):
        client.get(home)
