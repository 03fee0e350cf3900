"""The main pages on a phone: readable for everybody, narrow enough, quiet, and usable without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from evaluations.models import Answer
from evaluations.services import evidence
from tests.browser.conftest import check_page
from tests.evaluations import uploads
from tests.factories import Place

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]

ITEM, CARD = "8.3.1.a", "#jawaban-8-3-1-a"


@pytest.fixture
def place() -> Place:
    """Standard 8 submitted with evidence and in review, standard 7 begun."""
    place = Place()
    place.fill("8")
    evidence.add_evidence(
        place.section().pk, ITEM, name="rapat.pdf", data=uploads.pdf(), actor=place.teacher, title="Notulen rapat"
    )
    place.submit("8")
    place.open("8")
    place.answer("7.1.1.a")
    return place


def year(place: Place, rest: str = "") -> str:
    return f"/sekolah/{place.school.npsn}/2026/{rest}"


PAGES = {
    "login": (None, lambda place: "/masuk/"),
    "receipt": (None, lambda place: f"/tanda-terima/{place.section().submissions.get().number}/"),
    "school": ("principal", lambda place: f"/sekolah/{place.school.npsn}/"),
    "cycle": ("principal", year),
    "stages": ("principal", lambda place: year(place, "tahap/")),
    "standard to fill": ("teacher", lambda place: year(place, "eds/7/")),
    "standard to read": ("teacher", lambda place: year(place, "eds/8/")),
    "submit": ("principal", lambda place: year(place, "eds/7/ajukan/")),
    "queue": ("team", lambda place: year(place, "telaah/")),
    "review": ("team", lambda place: year(place, "telaah/8/")),
    "targets": ("team", lambda place: year(place, "target/")),
    "targets of a standard": ("team", lambda place: year(place, "target/8/")),
    "decision on targets": ("team", lambda place: year(place, "target/keputusan/")),
    "profile": ("principal", lambda place: year(place, "profil/")),
    "reports": ("principal", lambda place: year(place, "laporan/")),
    "supervisor": ("supervisor", lambda place: "/pengawas/"),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_never_wider_than_a_phone(open_page, place, name):
    role, address = PAGES[name]
    check_page(open_page(address(place), getattr(place, role) if role else None))


GROUPED = {
    "attitudes to fill": lambda place: year(place, "eds/1/"),
    "rooms to fill": lambda place: year(place, "eds/6/"),
    "blank sheet": lambda place: year(place, "eds/1/lembar/lembar_pengamatan_sikap/"),
}


@pytest.mark.parametrize("name", GROUPED)
def test_questions_that_are_answered_together_are_check_page(open_page, name):
    place = Place(edition="2026.1", scope="lengkap")
    check_page(open_page(GROUPED[name](place), place.teacher))


def test_one_file_uploaded_for_a_room_appears_at_both_questions(open_page):
    place = Place(edition="2026.1", scope="lengkap")
    page = open_page(year(place, "eds/6/#butir-6-2-1-a"), place.teacher)
    box = page.locator("#bukti-6-2-1-a")
    box.locator("summary").first.click()
    box.locator("input[type=file]").set_input_files(
        {"name": "kelas.pdf", "mimeType": "application/pdf", "buffer": uploads.pdf()}
    )
    box.locator("form:has(input[type=file]) button.btn-primary").click()
    for code in ("6-2-1-a", "6-2-10-a"):
        expect(page.locator(f"#daftar-bukti-{code} .evidence-item")).to_contain_text("kelas")


def choose(page: Page, level: int, note: str) -> None:
    page.locator(f"{CARD} input[name=level][value='{level}']").check()
    page.locator(f"{CARD} textarea[name=note]").fill(note)


def save(page: Page) -> None:
    page.locator(f"{CARD} .question-foot button.btn-primary").click()


@pytest.fixture
def open_place() -> Place:
    return Place()


def _press(page: Page, button: str, height: int = 640) -> None:
    """Tap a button that stands in the lower part of the screen, as a thumb does."""
    page.evaluate(
        "([what, y]) => { const b = document.querySelector(what); scrollBy(0, b.getBoundingClientRect().top - y); }",
        [button, height],
    )
    page.locator(button).click()


def _comes_into_sight(page: Page, what: str) -> None:
    page.wait_for_function(
        "what => { const y = document.querySelector(what).getBoundingClientRect().top;"
        " return y >= 0 && y < innerHeight; }",
        arg=what,
    )


def test_the_page_stays_where_it_is_after_a_save(open_page, open_place):
    page = open_page(year(open_place, "eds/8/"), open_place.teacher)
    page.locator(f"{CARD} input[value='4']").check()
    _press(page, f"{CARD} .question-foot .btn-primary")
    expect(page.locator(f"{CARD} [data-saved]")).to_be_visible()
    _comes_into_sight(page, f"{CARD} .question-foot")


def test_a_refusal_and_a_conflict_come_into_sight(open_page, open_place):
    page = open_page(year(open_place, "eds/8/"), open_place.teacher)
    _press(page, f"{CARD} .question-foot .btn-primary")
    expect(page.locator(f"{CARD} .notice-error")).to_be_focused()
    _comes_into_sight(page, f"{CARD} .notice-error")

    open_place.answer(ITEM, 2, actor=open_place.principal)
    page.locator(f"{CARD} input[value='4']").check()
    _press(page, f"{CARD} .question-foot .btn-primary")
    expect(page.locator(f"{CARD} .notice-warning")).to_be_focused()
    _comes_into_sight(page, f"{CARD} .notice-warning")
    assert page.locator(f"{CARD} .question-foot button[type=submit]").count() == 0, "nothing overwrites unseen"
    page.get_by_role("button", name="Pakai isian saya").click()
    expect(page.locator(f"{CARD} [data-saved]")).to_be_visible()
    assert open_place.section().answers.get(item_code=ITEM).value == {"level": 4}


def test_saving_replaces_only_the_question_and_its_progress(open_page, open_place):
    page = open_page(year(open_place, "eds/8/"), open_place.teacher)
    page.evaluate("window.stillHere = true")
    choose(page, 3, "Dibahas dalam rapat.")
    save(page)
    expect(page.locator(f"{CARD} [data-saved]")).to_be_visible()
    expect(page.locator("#kemajuan")).to_contain_text("1 dari 7")
    assert page.evaluate("window.stillHere")
    assert Answer.objects.get().value == {"level": 3}


def test_an_answer_is_saved_without_javascript(open_page, open_place):
    page = open_page(year(open_place, "eds/8/"), open_place.teacher, java_script_enabled=False)
    choose(page, 2, "Tanpa JavaScript.")
    save(page)
    expect(page).to_have_url(re.compile("#butir-8-3-1-a$"))
    answer = Answer.objects.get()
    assert (answer.value, answer.note) == ({"level": 2}, "Tanpa JavaScript.")
    expect(page.locator(f"{CARD} input[name=level][value='2']")).to_be_checked()


def only_lost_requests(complaints: list[str]) -> None:
    """htmx reports a request that did not arrive on the console; nothing else may stand there."""
    assert complaints
    assert all(complaint.startswith("htmx:") or "net::" in complaint for complaint in complaints), complaints
    complaints.clear()


def test_what_could_not_be_sent_is_still_there_after_a_reload(open_page, open_place, complaints):
    page = open_page(year(open_place, "eds/8/"), open_place.teacher)
    page.route("**/8.3.1.a/", lambda route: route.abort())
    choose(page, 4, "Diketik tanpa sinyal.")
    save(page)
    expect(page.locator(f"{CARD} [data-draft-status]")).to_contain_text("sambungan internet terputus")
    only_lost_requests(complaints)
    page.unroute("**/8.3.1.a/")
    page.reload()
    expect(page.locator(f"{CARD} textarea[name=note]")).to_have_value("Diketik tanpa sinyal.")
    expect(page.locator(f"{CARD} input[name=level][value='4']")).to_be_checked()
    assert not Answer.objects.exists()
    save(page)
    expect(page.locator(f"{CARD} [data-saved]")).to_be_visible()
    assert Answer.objects.get().value == {"level": 4}


def test_what_could_not_be_sent_is_sent_when_the_connection_is_back(open_page, open_place, complaints):
    page = open_page(year(open_place, "eds/8/"), open_place.teacher)
    page.context.set_offline(True)
    choose(page, 4, "Diketik tanpa sinyal.")
    save(page)
    expect(page.locator(f"{CARD} [data-draft-status]")).to_contain_text("sambungan internet terputus")
    assert not Answer.objects.exists()
    only_lost_requests(complaints)
    page.context.set_offline(False)
    expect(page.locator(f"{CARD} [data-saved]")).to_be_visible()
    assert Answer.objects.get().note == "Diketik tanpa sinyal."


def test_two_phones_with_different_answers_are_both_shown_and_nothing_is_lost(open_page, open_place):
    mine = open_page(year(open_place, "eds/8/"), open_place.teacher)
    theirs = open_page(year(open_place, "eds/8/"), open_place.principal)
    choose(theirs, 1, "Isian kepala.")
    save(theirs)
    expect(theirs.locator(f"{CARD} [data-saved]")).to_be_visible()
    choose(mine, 4, "Isian guru.")
    save(mine)
    both = mine.locator(f"{CARD} .versions")
    expect(both).to_contain_text("Isian kepala.")
    expect(both).to_contain_text("Isian guru.")
    assert Answer.objects.get().note == "Isian kepala."
    both.get_by_role("button", name="Pakai isian saya").click()
    expect(mine.locator(f"{CARD} [data-saved]")).to_be_visible()
    assert Answer.objects.get().note == "Isian guru."


def test_a_file_uploaded_on_a_phone_appears_at_its_question(open_page, open_place):
    page = open_page(year(open_place, "eds/8/"), open_place.teacher)
    box = page.locator("#bukti-8-3-1-a")
    box.locator("summary").first.click()
    box.locator("input[type=file]").set_input_files(
        {"name": "rapat.pdf", "mimeType": "application/pdf", "buffer": uploads.pdf()}
    )
    box.locator("form:has(input[type=file]) button.btn-primary").click()
    expect(page.locator("#bukti-8-3-1-a .evidence-item")).to_contain_text("rapat")


def test_on_a_long_page_a_link_opens_the_question_that_it_leads_to(open_page):
    place = Place(edition="2026.1", scope="lengkap")
    items = place.section("3").items
    page = open_page(year(place, f"eds/3/#butir-{items[4].code.replace('.', '-')}"), place.teacher)
    opened = page.locator("article.question > details.fold[open]")
    expect(opened).to_have_count(1)
    expect(page.locator(f"#butir-{items[4].code.replace('.', '-')} > details.fold")).to_have_attribute("open", "")
    page.locator(f'#belum-dijawab a[href="#butir-{items[9].code.replace(".", "-")}"]').click()
    expect(opened).to_have_count(2)
