"""From answers to figures: direct before estimated, three views apart, nothing of one school in another."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from django.db import connection, transaction
from django.urls import reverse

from accreditation.estimating import estimate
from accreditation.models import ReadinessSummary, SchemeSheet
from accreditation.scoring import CannotScoreError
from accreditation.services import summaries
from accreditation.services.readiness import assess, explain_view, gather, scheme_in_force, the_schemes
from common import clock
from evaluations.models import Evaluation
from evaluations.services import answers
from evaluations.services.instruments import open_evaluation
from schools.choices import Role
from standards.services import the_library
from tests.accreditation import scenario_steps
from tests.factories import Place, person_at, whole_catalogue
from tests.threads import at_once

pytestmark = pytest.mark.django_db
SCHEMES = the_schemes()
IA, IASP, BAN = (SCHEMES[key] for key in ("ia-2024", "iasp-2020", "ban-2017"))
TARGET, SOURCES = "2.7.1", ("8.3.1.a", "7.1.3.a", "7.1.2.a", "8.2.1.a")  # the example of docs/crosswalk.md


@pytest.fixture
def place() -> Place:
    """A school that is asked everything; nothing is answered."""
    return Place(edition="2026.1", scope="lengkap")


def say(place: Place, code: str, level: int) -> None:
    place.answer(code, level, actor=place.teacher)


def directly(place: Place, code: str, level: int | None) -> None:
    """Answer an item of IA2024 itself; None: tidak berlaku."""
    whole_catalogue()
    evaluation = Evaluation.objects.filter(cycle=place.cycle, version__instrument="ia-2024").first()
    evaluation = evaluation or open_evaluation(place.cycle.pk, "ia-2024", actor=place.team)
    section = evaluation.sections.get(standard=code.partition(".")[0])
    reason = section.item(code).na[0].code if level is None else ""
    wanted = answers.AnswerInput(
        "NA" if level is None else "ANSWERED", None if level is None else {"level": level}, reason
    )
    if level is None:
        wanted = answers.AnswerInput(answers.AnswerState.NOT_APPLICABLE, na_reason=reason)
    answers.record_answer(section.pk, code, wanted, version=0, actor=place.teacher)


def readiness(place: Place, scheme=IA, **kwargs):
    return assess(gather(place.cycle, **kwargs), scheme)


# --- estimates ----------------------------------------------------------------------------------------


def test_the_example_of_the_crosswalk_page_is_the_estimate_of_the_school(place):
    for code, level in zip(SOURCES, (3, 2, None, 4), strict=True):
        if level:
            say(place, code, level)
    found = readiness(place).estimates["claimed"][TARGET]
    assert (found.low, found.high) == (Fraction(18, 7), Fraction(26, 7))
    assert [link.source for link in found.missing] == ["7.1.2.a"]
    rating = found.rating
    assert (rating.low, rating.level, rating.high, rating.estimated) == (2, 3, 4, True)


def test_exactly_between_two_levels_the_estimate_is_the_lower_one(place):
    say(place, "8.3.1.a", 3)  # 3 to 4
    rating = readiness(place).estimates["claimed"][TARGET].rating
    assert (rating.low, rating.level, rating.high) == (3, 3, 4)


def test_without_answered_questions_there_is_no_estimate():
    walk = next(walk for walk in the_library().crosswalks if walk.target.instrument == "ia-2024")
    assert estimate(walk.sources(TARGET, "SD"), {}) is None


def test_an_estimate_counts_and_widens_the_interval(place):
    say(place, "8.3.1.a", 3)
    result = readiness(place).claimed
    assert result.answers.ratings[TARGET].estimated
    low, high = result.interval
    assert low < result.whole.mean < high


def test_a_direct_answer_goes_before_the_estimate_and_does_not_touch_the_others(place):
    say(place, "8.3.1.a", 4)
    before = readiness(place)
    directly(place, TARGET, 1)
    after = readiness(place)
    assert TARGET in before.estimated
    assert TARGET not in after.estimated
    assert after.direct == {TARGET}
    assert after.claimed.answers.ratings[TARGET].level == 1
    others = before.claimed.answers.ratings.keys() - {TARGET}
    assert {code: after.claimed.answers.ratings[code] for code in others} == {
        code: before.claimed.answers.ratings[code] for code in others
    }


def test_what_does_not_apply_is_direct_and_leaves_the_means(place):
    directly(place, "1.4.4", None)
    result = readiness(place).claimed
    assert result.answers.not_applicable == {"1.4.4"}
    assert result.whole.applicable == 44


def test_the_rubric_that_a_school_names_on_its_sheet_stands_in_the_explanation(place):
    directly(place, "3.10.3", 3)
    scenario_steps.enter(place, "ia-2024", {"levels": {"3.10.3": {"level": None, "context": "terpisah"}}})
    said = {node.title: node.formula for _, node in explain_view(readiness(place), "claimed").walk()}
    assert next(said[title] for title in said if "3.10.3" in title) == "rubrik: Kelas terpisah"


def test_an_item_answered_directly_is_no_estimate_in_any_view(place):
    """Otherwise the verified column would show an estimate where the team has not decided yet."""
    say(place, "8.3.1.a", 4)
    directly(place, TARGET, 2)
    for kind in ("verified", "backed"):
        assert TARGET not in readiness(place).results[kind].answers.ratings


# --- three views --------------------------------------------------------------------------------------


def test_the_views_follow_answer_decision_and_proof(place):
    for code in [item.code for item in place.section("8").items]:
        say(place, code, 4)
    assert TARGET in readiness(place).claimed.answers.ratings
    assert not readiness(place).results["verified"].answers.ratings
    place.submit("8")
    place.open("8")
    place.confirm_all("8")
    found = readiness(place)
    assert TARGET in found.results["verified"].answers.ratings
    assert TARGET not in found.results["backed"].answers.ratings, "a high level without accepted proof is not backed"


def test_what_was_never_submitted_is_not_seen_from_outside(place):
    say(place, "8.3.1.a", 4)
    directly(place, "1.1.1", 4)
    SchemeSheet.objects.create(
        cycle=place.cycle,
        scheme="ia-2024",
        data={"thresholds": {"A": 3}},
        updated_by=place.team,
        updated_at=clock.now(),
    )
    inside, outside = readiness(place), readiness(place, submitted_only=True)
    assert inside.claimed.answers.ratings
    assert inside.claimed.answers.thresholds
    assert not outside.claimed.answers.ratings
    assert not outside.claimed.answers.thresholds


# --- the older schemes --------------------------------------------------------------------------------


def test_a_standard_of_the_2017_instrument_is_estimated_from_the_profile_and_decides_nothing(place):
    for code in [item.code for item in place.section("8").items]:
        say(place, code, 4)
    result = readiness(place, BAN).claimed
    financing = next(f for f in result.present.components if f.component.code == "pembiayaan")
    assert result.answers.estimated == {"pembiayaan"}
    assert financing.scaled == 100
    assert (result.status, result.rank) == (None, None)
    assert result.interval == (0, 100)


def test_letters_of_the_school_go_before_the_estimate_of_their_standard(place):
    say(place, "8.3.1.a", 4)
    SchemeSheet.objects.create(
        cycle=place.cycle,
        scheme="ban-2017",
        data={"answers": {"91": "C"}},
        updated_by=place.team,
        updated_at=clock.now(),
    )
    found = readiness(place, BAN)
    assert found.direct == {"pembiayaan"}
    assert not found.claimed.answers.estimated
    assert found.claimed.answers.ratings["91"].level == 2
    assert not found.results["verified"].answers.ratings, "nobody reviews what is entered on the sheet"


def test_forms_whose_weights_are_not_known_are_not_scored():
    place = Place(edition="2026.1", scope="inti", form="SMP")
    with pytest.raises(CannotScoreError, match="SMP"):
        readiness(place, BAN)


def test_ipr_of_the_sheet_counts_for_the_school_alone(place):
    SchemeSheet.objects.create(
        cycle=place.cycle, scheme="iasp-2020", data={"ipr": [4] * 8, "ipm": {"izin": False}}, updated_by=place.team,
        updated_at=clock.now(),
    )  # fmt: skip
    found = readiness(place, IASP)
    assert found.claimed.present.index == 100
    assert found.results["verified"].present.index is None
    assert any("Izin operasional" in note for note in found.claimed.notes)


def test_a_sheet_that_no_longer_fits_the_scheme_is_left_out(place):
    SchemeSheet.objects.create(
        cycle=place.cycle, scheme="iasp-2020", data={"ipr": [9]}, updated_by=place.team, updated_at=clock.now()
    )
    assert readiness(place, IASP).claimed.present.index is None


# --- explanation --------------------------------------------------------------------------------------


def test_the_explanation_goes_down_to_the_answers_below_an_estimate(place):
    say(place, "8.3.1.a", 3)
    texts = [node.title for _, node in explain_view(readiness(place), "claimed").walk()]
    assert any(text.startswith("Indikator 2.7.1") for text in texts)
    assert any(text.startswith("8.3.1.a ") for text in texts)


# --- stored figures -----------------------------------------------------------------------------------


def test_the_sweep_stores_the_figures_of_every_year_and_scheme_once(place):
    assert summaries.catch_up() == 1
    assert set(ReadinessSummary.objects.values_list("scheme", flat=True)) == set(SCHEMES)
    assert summaries.catch_up() == 0


def test_a_change_of_state_makes_them_stale_and_the_sweep_computes_them_again(
    place, django_capture_on_commit_callbacks
):
    summaries.catch_up()
    for code in [item.code for item in place.section("8").items]:
        say(place, code, 4)
    assert summaries.catch_up() == 0, "what was not submitted changes nothing"
    with django_capture_on_commit_callbacks(execute=True):
        place.submit("8")
    assert summaries.catch_up() == 1
    stored = ReadinessSummary.objects.get(scheme="ia-2024").data
    assert stored["claimed"]["estimated"] > 0
    assert stored["verified"]["estimated"] == 0
    assert stored["scope"] == "Lengkap"


def test_a_process_that_ends_right_after_a_submission_leaves_no_old_figure_behind(
    place, django_capture_on_commit_callbacks
):
    summaries.catch_up()
    for code in [item.code for item in place.section("8").items]:
        say(place, code, 4)
    with django_capture_on_commit_callbacks(execute=False):
        place.submit("8")
    assert summaries.catch_up() == 1


@pytest.mark.row_locks
@pytest.mark.django_db(transaction=True)
def test_a_submission_does_not_wait_for_whoever_holds_the_evaluation():
    """An approval holds the evaluation and waits for the sections; a submission must not wait the other way round."""
    place = Place(edition="2026.1", scope="inti")
    summaries.catch_up()
    with transaction.atomic():
        Evaluation.objects.select_for_update().get(pk=place.evaluation.pk)
        (result,) = at_once(lambda: _impatient(place))
    assert result is None


def _impatient(place: Place) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
    summaries.make_stale(place.evaluation.pk)


def test_other_rules_make_every_figure_stale(place, monkeypatch):
    summaries.catch_up()
    monkeypatch.setattr(summaries, "formula", lambda: "another")
    assert summaries.catch_up() == 1
    assert set(ReadinessSummary.objects.values_list("formula", flat=True)) == {"another"}


def test_a_year_that_cannot_be_computed_does_not_stop_the_others(place, monkeypatch):
    other = Place(edition="2026.1", scope="inti")
    real = summaries.gather

    def failing(cycle, **kwargs):
        if cycle.pk == place.cycle.pk:
            raise ValueError("broken")
        return real(cycle, **kwargs)

    monkeypatch.setattr(summaries, "_failed", {})
    monkeypatch.setattr(summaries, "gather", failing)
    assert summaries.catch_up() == 1
    assert set(ReadinessSummary.objects.values_list("cycle", flat=True)) == {other.cycle.pk}


def test_a_year_that_failed_is_left_alone_for_a_while_so_that_older_ones_get_their_turn(place, monkeypatch):
    older = Place(2025, edition="2026.1", scope="inti")
    real, broken = summaries.gather, {place.cycle.pk}

    def failing(cycle, **kwargs):
        if cycle.pk in broken:
            raise ValueError("broken")
        return real(cycle, **kwargs)

    monkeypatch.setattr(summaries, "_failed", {})
    monkeypatch.setattr(summaries, "gather", failing)
    assert summaries.catch_up(limit=1) == 0
    assert summaries.catch_up(limit=1) == 1
    assert set(ReadinessSummary.objects.values_list("cycle", flat=True)) == {older.cycle.pk}
    broken.clear()
    assert summaries.catch_up() == 0, "not yet"
    summaries._failed[place.cycle.pk] = 0
    assert summaries.catch_up() == 1


def test_storing_takes_the_same_number_of_queries_whatever_was_answered(place, django_assert_max_num_queries):
    summaries.refresh_readiness(place.cycle.pk)
    for standard in ("7", "8"):
        for code in [item.code for item in place.section(standard).items]:
            say(place, code, 3)
    with django_assert_max_num_queries(12):
        summaries.refresh_readiness(place.cycle.pk)


# --- pages --------------------------------------------------------------------------------------------


def url(place: Place, name: str = "readiness", scheme: str = "ia-2024") -> str:
    return reverse(f"accreditation:{name}", args=[place.school.npsn, 2026, scheme])


def text(response) -> str:
    return response.content.decode()


def test_the_scheme_in_force_opens_first_and_the_old_ones_stand_under_their_heading(client, place):
    client.force_login(place.team)
    first = client.get(reverse("accreditation:in_force", args=[place.school.npsn, 2026]))
    assert first.url == url(place, scheme=scheme_in_force().key)
    page = text(client.get(first.url))
    assert page.index("Kalkulator instrumen lama") < page.index("IASP 2020</span>")
    assert "Keputusan akreditasi ada pada BAN-PDM" in page
    assert "prediksi" not in page.casefold()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_page_names_scheme_version_and_source_empty_or_filled(client, place, scheme):
    client.force_login(place.team)
    for filled in (False, True):
        if filled:
            for code in [item.code for item in place.section("8").items]:
                say(place, code, 4)
        for name in ("readiness", "gaps"):
            page = text(client.get(url(place, name, scheme)))
            assert f"skema {scheme} versi {SCHEMES[scheme].spec.version}" in page
            assert SCHEMES[scheme].spec.basis in page


def test_the_page_of_a_form_that_cannot_be_scored_says_why(client):
    place = Place(edition="2026.1", scope="inti", form="SMK")
    client.force_login(place.team)
    page = text(client.get(url(place, scheme="ban-2017")))
    assert BAN.reason("SMK") in page
    assert client.get(url(place, "gaps", "ban-2017")).status_code == 302


def test_where_a_figure_comes_from_unfolds_as_page_and_as_fragment(client, place):
    say(place, "8.3.1.a", 3)
    client.force_login(place.teacher)
    page = client.get(url(place), {"rinci": "claimed"})
    fragment = client.get(url(place), {"rinci": "claimed"}, headers={"HX-Request": "true"})
    assert "8.3.1.a" in text(page)
    assert "<html" not in text(fragment)
    assert client.get(url(place), {"rinci": "x"}).status_code == 404


def test_the_gap_list_filters_and_leads_to_the_questions(client, place):
    say(place, "8.3.1.a", 3)
    client.force_login(place.team)
    every = client.get(url(place, "gaps")).context["gaps"]
    row = next(row for row in every.rows if row.item.code == TARGET)
    assert {question.item.code for question in row.questions} == set(SOURCES)
    assert {q.item.code: q.proof for q in row.questions}["8.3.1.a"] == "belum ada bukti"
    assert {q.item.code: q.proof for q in row.questions}["7.1.2.a"] == ""
    assert "8.3.1" in {one.code for one in row.subindicators}
    second = client.get(url(place, "gaps"), {"komponen": "2"}).context["gaps"].rows
    assert {one.item.component for one in second} == {"2"}
    financing = client.get(url(place, "gaps"), {"standar": "8"}).context["gaps"].rows
    assert TARGET in {one.item.code for one in financing}
    assert len(financing) < len(every.rows)
    assert client.get(url(place, "gaps"), {"komponen": "tidak-ada"}).context["gaps"].rows == []


def test_the_pages_take_few_queries_whatever_was_answered(client, place, django_assert_max_num_queries):
    client.force_login(place.team)
    client.get(url(place))
    with django_assert_max_num_queries(20):
        client.get(url(place))
    for standard in ("3", "7", "8"):
        for code in [item.code for item in place.section(standard).items]:
            if not place.section(standard).item(code).not_by:
                say(place, code, 3)
    directly(place, TARGET, 2)
    with django_assert_max_num_queries(25):
        client.get(url(place))
    with django_assert_max_num_queries(22):
        client.get(url(place, "gaps"))


def test_years_stand_side_by_side_from_what_was_submitted(client, place):
    for code in [item.code for item in place.section("8").items]:
        say(place, code, 4)
    place.submit("8")
    summaries.catch_up()
    client.force_login(place.team)
    (year,) = client.get(url(place)).context["history"]
    assert str(year.year) == "2026/2027"
    claimed, *others = (cell.text for cell in year.texts)
    assert claimed == client.get(url(place)).context["columns"][0].headline != "–"
    assert others == ["–", "–"], "nothing is reviewed yet"


def test_an_empty_year_shows_what_to_do_next_and_no_tables_of_nothing(client, place):
    summaries.catch_up()
    client.force_login(place.team)
    page = client.get(url(place))
    assert page.context["history"] == []
    html = page.content.decode()
    assert "Belum ada yang dapat dihitung." in html
    assert "jawabannya memberi perkiraan" in html
    for absent in ("Tiga angka berdampingan", "Celah terbesar", "<figure", "Dari mana angka ini?"):
        assert absent not in html


def test_standards_known_by_their_sum_are_not_said_to_be_without_gaps(client, place):
    sums = {component.code: 1 for component in BAN.layouts[place.school.form].components}
    SchemeSheet.objects.create(
        cycle=place.cycle, scheme=BAN.key, data={"obtained": sums}, updated_by=place.team, updated_at=clock.now()
    )
    client.force_login(place.team)
    for name in ("readiness", "gaps"):
        html = client.get(url(place, name, BAN.key)).content.decode()
        assert "celah tiap butir belum terlihat" in html
        assert "Tidak ada" not in html.partition("Syarat menurut")[0].partition("<h1")[2]


def test_an_edition_without_crosswalk_is_not_promised_to_give_estimates(client, place, monkeypatch):
    monkeypatch.setattr("accreditation.services.readiness.crosswalks_from", lambda version: [])
    client.force_login(place.team)
    html = client.get(url(place)).content.decode()
    assert "belum dapat dibaca sebagai perkiraan untuk IA2024" in html
    assert "memberi perkiraan" not in html


def test_compulsory_documents_are_there_or_not_and_never_fulfilled(client, place):
    client.force_login(place.team)
    checks = client.get(url(place)).context["documents"]
    assert checks
    assert {check.state for check in checks} == {"belum ada"}


def test_the_page_begins_with_what_is_still_missing_and_where_to_see_to_it(client, place):
    say(place, "8.3.1.a", 3)
    client.force_login(place.teacher)
    page = client.get(url(place))
    empty, unproved, documents = page.context["steps"]
    claimed = page.context["columns"][0]
    assert f" {claimed.asked - claimed.answered} " in empty.text
    assert empty.url == reverse("evaluations:instruments", args=[place.school.npsn, 2026])
    assert unproved.url == url(place, "gaps")
    assert documents.url == f"{url(place, 'sispena')}#dokumen"
    directly(place, TARGET, 4)
    assert client.get(url(place)).context["steps"][0].url.endswith("/ia-2024/"), "the instrument is open by now"


def test_nobody_is_sent_to_prepare_for_an_old_instrument_nor_to_do_what_others_do(client, place):
    place.fill("8", 3)
    place.submit("8")
    client.force_login(place.team)
    assert client.get(url(place, scheme="iasp-2020")).context["steps"] == []
    for reader in (person_at(place.school, Role.COMMITTEE), place.supervisor):
        client.force_login(reader)
        assert client.get(url(place)).context["steps"] == []


def test_from_outside_the_page_says_on_what_it_rests_and_invites_nobody_to_answer(client, place):
    place.fill("8", 3)
    place.submit("8")
    asked = reverse("evaluations:instruments", args=[place.school.npsn, 2026])
    client.force_login(place.team)
    inside = text(client.get(url(place)))
    client.force_login(place.supervisor)
    outside = text(client.get(url(place)))
    assert asked in inside
    assert asked not in outside
    said = "hanya yang sudah diajukan"
    assert (said in inside, said in outside) == (False, True)


def test_madrasah_read_their_own_words_in_titles_links_and_reasons():
    place = Place(edition="2026.1", scope="lengkap", form="MI", naungan="KEMENAG")
    for code in [item.code for item in place.section("8").items]:
        say(place, code, 3)
    found = readiness(place)
    names = [item.name for item in found.layout.items.values()]
    assert any("kepala madrasah" in name for name in names)
    said = [found.reasons[code] for code in found.layout.items] + names
    said += [f"{node.title} {node.source}" for _, node in explain_view(found, "claimed").walk() if node.title[0] == "8"]
    assert not [one for one in said if re.search(r"(?<!/)\b[Ss]ekolah\b", one)]
    assert IASP.layouts["MI"].by_code["manajemen"].name == "Manajemen Madrasah"


def test_supervisors_see_no_entries_drafts_or_ways_to_simulations(client, place):
    for code in [item.code for item in place.section("8").items]:
        say(place, code, 4)
    say(place, "7.1.3.a", 2)
    place.submit("8")
    client.force_login(place.supervisor)
    page = client.get(url(place))
    assert [tab.name for tab in page.context["place"].tabs] == ["readiness", "gaps"]
    estimates = page.context["place"].readiness.estimates["claimed"]
    assert "7.1.3.a" not in {link.source for link, _ in estimates[TARGET].links}
    client.force_login(person_at(place.school, Role.GUEST_REVIEWER))
    assert client.get(url(place)).status_code == 200
