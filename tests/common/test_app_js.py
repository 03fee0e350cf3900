"""What an answer goes through in the browser: kept on the phone, sent, refused, in conflict, left behind.

The pages are the real frame (base.html, htmx, app.js, the Content-Security-Policy) around one question form; the
server behind them is a few lines here, so that each kind of answer and of bad luck can be had at will.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from csp.utils import build_policy
from django.contrib.staticfiles import finders
from django.template import Context, Template

pytestmark = pytest.mark.chromium

HOST = "http://spmi.test"
KEY = "20999901:2026:8.2.1.a"
PAGE = "{% extends 'base.html' %}{% block content %}<h1>Standar 8</h1>{{ content }}{% endblock %}"
QUESTION = """<article class="question" id="q"><h2>Pertanyaan</h2>
    {% if error %}<div class="notice notice-error" role="alert"><p>{{ error }}</p></div>{% endif %}
    <form method="post" action="/jawab/" hx-post="/jawab/" hx-target="#q" hx-swap="outerHTML"
          data-draft="{{ key }}" data-version="{{ version }}">
      <input type="hidden" name="version" value="{{ version }}">
      <fieldset class="levels"><legend>Level capaian</legend>
        {% for n in levels %}<label class="level"><input type="radio" name="level" value="{{ n }}"
          {% if n == level %}checked{% endif %}><span class="level-name">Level {{ n }}</span></label>{% endfor %}
      </fieldset>
      <label for="note">Catatan</label><textarea id="note" name="note">{{ note }}</textarea>
      <p class="sync" data-draft-status{% if saved %} data-saved="{{ key }}"{% endif %}>{{ status }}</p>
      <button type="submit">Simpan</button>
    </form></article>"""
UPLOAD = """<form method="post" action="/unggah/" hx-post="/unggah/" novalidate><label for="file">Berkas</label>
    <input type="file" id="file" name="file" data-max-bytes="1048576" data-accept=".pdf,.jpg">
    <button type="submit">Unggah</button></form>
    <form method="post" action="/unggah/" data-once><button type="submit">Ajukan</button></form>
    <button type="button" data-print hidden>Cetak</button>"""


CLOSED = {
    "/naskah/": """<textarea id="naskah">dua kata</textarea><p data-count="naskah">2 kata, 8 tanda</p>
        <button type="button" data-copy="naskah" hidden>Salin</button>""",
    "/ajukan/": """<form method="post" data-once data-drafts="20999901:2026:8." data-drafts-page="/eds/8/">
        <button type="submit">Ajukan untuk ditelaah</button></form>""",
    "/tertutup/": f"""<article class="question"><p class="sync" data-draft-kept="{KEY}" hidden></p></article>""",
    "/telaah/": """<form class="decide" method="post" action="/telaah/" hx-post="/telaah/">
        <textarea name="reason"></textarea>
        <details><summary>Cara telaah: Tim mutu</summary><select name="mode">
          <option value="TEAM">Tim mutu</option><option value="MEETING">Rapat telaah</option></select></details>
        <button type="submit">Simpan keputusan</button></form>
        <form class="decide" id="lain"><details><summary>Cara telaah: Tim mutu</summary><select name="mode">
          <option value="TEAM">Tim mutu</option><option value="MEETING">Rapat telaah</option></select></details>
        </form>""",
}


@dataclass
class School:
    """The server: one stored answer, and how it behaves next."""

    level: str = ""
    note: str = ""
    version: int = 0
    behaviour: str = ""  # offline, broken, refused, invalid, login, slow
    user: int = 7
    posts: list[dict[str, str]] = field(default_factory=list)

    def question(self, **shown: object) -> str:
        status = f"aman di server 10.0{self.version}" if self.version else ""
        given = {"level": self.level, "note": self.note, "version": self.version, "status": status, **shown}
        return Template(QUESTION).render(Context({"key": KEY, "levels": ["4", "3", "2", "1"], **given}))

    def page(self, content: str) -> str:
        user = SimpleNamespace(pk=self.user, is_authenticated=True)
        return Template(PAGE).render(Context({"content": content, "user": user}, autoescape=False))

    def save(self, posted: dict[str, str]) -> tuple[int, str]:
        if self.behaviour == "broken":
            return 500, "Traceback"
        if self.behaviour == "refused":
            return 403, "<main><p data-reason>Standar ini sudah diajukan.</p></main>"
        if self.behaviour == "invalid":
            return 422, self.question(**posted, error="Catatan terlalu pendek.")
        if posted["version"] != str(self.version):
            return 409, self.question(**{**posted, "version": self.version}, error="Ada dua isian berbeda.")
        self.level, self.note = posted.get("level", ""), posted["note"].strip()
        self.version += 1
        return 200, self.question(saved=True)

    def answer(self, route: Any) -> None:
        request = route.request
        path = urlsplit(request.url).path
        headers = {"Content-Security-Policy": build_policy(), "Content-Type": "text/html; charset=utf-8"}
        if path.startswith("/static/"):
            route.fulfill(path=finders.find(path.removeprefix("/static/")))
        elif request.method == "POST" and path == "/jawab/":
            posted = {name: v[0] for name, v in parse_qs(request.post_data, keep_blank_values=True).items()}
            self.posts.append(posted)
            if self.behaviour == "offline":
                route.abort("internetdisconnected")
                return
            status, html = self.save(posted)
            if self.behaviour == "slow":
                time.sleep(0.6)
            route.fulfill(status=status, body=html, headers=headers)
        elif request.method == "POST" and path == "/telaah/":
            route.fulfill(body="<main><h1>Masuk</h1></main>", headers=headers)
        elif request.method == "POST":
            self.posts.append({"path": path})
            route.fulfill(body="", status=204 if path == "/unggah/" else 200, headers=headers)
        elif path in CLOSED:
            # As if what follows a POST there had come from the login page.
            route.fulfill(
                body=self.page(CLOSED[path]).replace('content="/masuk/"', f'content="{path}"'), headers=headers
            )
        elif path == "/berkas/":
            route.fulfill(body=self.page(Template(UPLOAD).render(Context())), headers=headers)
        else:
            page = self.page(self.question())
            if self.behaviour == "login":  # as if the answer had come from the login page
                page = page.replace('content="/masuk/"', 'content="/jawab/"')
            route.fulfill(body=page, headers=headers)


@pytest.fixture
def school() -> School:
    return School()


@pytest.fixture
def page(chromium, school) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    context.route(f"{HOST}/**", school.answer)
    page = context.new_page()
    page.set_default_timeout(10_000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)
    page.goto(f"{HOST}/tanya/")
    yield page
    context.close()
    assert problems == []


def save(page: Any) -> None:
    page.click("form[data-draft] > button[type=submit]")


def status(page: Any) -> str:
    return page.inner_text("[data-draft-status] > span, [data-draft-status]:not(:has(span))")


def drafts(page: Any) -> int:
    return page.evaluate("Object.keys(localStorage).length")


def note(page: Any) -> str:
    return page.input_value("#note")


def wait_for_status(page: Any, text: str) -> None:
    page.wait_for_selector(f"[data-draft-status]:has-text('{text}')")


def wait_until_saved(page: Any) -> None:
    page.wait_for_selector("form[data-settled] [data-saved]")


def wait_for_posts(page: Any, school: School, count: int) -> None:
    """A moment longer than the last one needs, so that one too many would be seen."""
    deadline = time.monotonic() + 10
    while len(school.posts) < count and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    page.wait_for_timeout(300)
    assert len(school.posts) == count


def test_an_edit_survives_a_reload_and_is_forgotten_once_it_is_saved(page, school):
    page.fill("#note", "Rekap ada di ruang guru.")
    page.check("input[value='3']")
    assert status(page) == "Tersimpan di HP, belum terkirim."
    page.reload()
    assert note(page) == "Rekap ada di ruang guru."
    assert page.is_checked("input[value='3']")
    assert status(page) == "Tersimpan di HP, belum terkirim."
    save(page)
    wait_until_saved(page)
    assert (school.level, school.note, drafts(page)) == ("3", "Rekap ada di ruang guru.", 0)
    assert page.inner_text("#kabar") == "aman di server 10.01"


def test_a_kept_edit_can_be_discarded_and_an_undone_one_leaves_nothing(page):
    page.fill("#note", "salah")
    page.click("text=Buang isian di HP")
    assert (note(page), drafts(page)) == ("", 0)
    page.fill("#note", "x")
    page.fill("#note", "")
    assert drafts(page) == 0


def test_without_a_connection_the_text_stays_and_goes_out_once_the_connection_is_back(page, school):
    school.behaviour = "offline"
    page.fill("#note", "dari lapangan")
    save(page)
    wait_for_status(page, "Tidak tersimpan: sambungan internet terputus.")
    assert "Isian Anda aman di HP ini." in status(page)
    assert note(page) == "dari lapangan"
    for _ in range(2):
        page.evaluate("window.dispatchEvent(new Event('online'))")
        wait_for_posts(page, school, 2)  # once by hand, once by itself, and no more
    school.behaviour = ""
    page.click("text=Coba kirim lagi")
    wait_until_saved(page)
    assert (school.note, drafts(page)) == ("dari lapangan", 0)


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        ("broken", "Tidak tersimpan: server sedang bermasalah."),
        ("refused", "Tidak tersimpan: Standar ini sudah diajukan."),
        ("login", "Tidak tersimpan: Anda sudah keluar."),
    ],
)
def test_an_answer_that_is_not_the_question_never_replaces_what_was_typed(page, school, behaviour, message):
    school.behaviour = behaviour
    page.reload()
    page.fill("#note", "jangan hilang")
    save(page)
    wait_for_status(page, message)
    assert note(page) == "jangan hilang"
    school.behaviour = ""
    if behaviour != "login":  # there the save itself had arrived
        page.reload()
        assert note(page) == "jangan hilang"
        assert status(page) == "Tersimpan di HP, belum terkirim."


def test_a_refused_entry_is_still_kept_on_the_phone(page, school):
    school.behaviour = "invalid"
    page.fill("#note", "pendek")
    save(page)
    page.wait_for_selector("text=Catatan terlalu pendek.")
    wait_for_status(page, "Tersimpan di HP, belum terkirim.")
    page.reload()
    assert note(page) == "pendek"


def test_a_conflict_on_saving_shows_both_and_can_be_sent_knowingly(page, school):
    page.fill("#note", "isian saya")
    school.note, school.version = "isian rekan", 1
    save(page)
    page.wait_for_selector("text=Ada dua isian berbeda.")
    wait_for_status(page, "Tersimpan di HP, belum terkirim.")
    assert (note(page), school.note) == ("isian saya", "isian rekan")
    save(page)
    wait_until_saved(page)
    assert (school.note, drafts(page)) == ("isian saya", 0)


@pytest.mark.parametrize(("choice", "kept"), [("server", "isian rekan"), ("HP", "isian saya")])
def test_a_draft_older_than_the_server_version_is_a_choice_and_not_an_overwrite(page, school, choice, kept):
    page.fill("#note", "isian saya")
    school.note, school.version = "isian rekan", 1
    page.reload()
    assert page.locator(".version dd").all_inner_texts() == ["isian rekan", "isian saya"]
    page.focus("body")
    page.evaluate("document.querySelector('#note').focus()")
    page.keyboard.type("tidak boleh masuk")
    assert note(page) == "isian rekan"
    page.click(f"text=Pakai isian di {choice}")
    assert note(page) == kept
    assert page.locator(".versions").count() == 0
    assert drafts(page) == (1 if choice == "HP" else 0)


def test_words_typed_while_a_save_is_under_way_are_kept(page, school):
    school.behaviour = "slow"
    page.fill("#note", "kalimat pertama")
    save(page)
    page.wait_for_timeout(150)
    page.fill("#note", "kalimat pertama dan kedua")
    page.wait_for_selector("form[data-version='1']")
    wait_for_status(page, "Tersimpan di HP, belum terkirim.")
    assert (note(page), school.note) == ("kalimat pertama dan kedua", "kalimat pertama")
    school.behaviour = ""
    save(page)
    wait_until_saved(page)
    assert (school.note, drafts(page)) == ("kalimat pertama dan kedua", 0)


def test_a_save_whose_answer_got_lost_is_recognised_on_the_next_visit(page, school):
    page.fill("#note", "sudah sampai ")
    school.note, school.version = "sudah sampai", 1
    page.reload()
    assert (drafts(page), page.locator(".versions").count()) == (0, 0)


def test_another_person_on_the_same_phone_sees_no_foreign_draft(page, school):
    page.fill("#note", "rahasia guru")
    school.user = 8
    page.reload()
    assert (note(page), status(page)) == ("", "")
    school.user = 7
    page.reload()
    assert note(page) == "rahasia guru"


def test_logging_out_asks_before_it_clears_unsent_entries(page, school):
    page.fill("#note", "belum terkirim")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.click("text=Keluar")
    assert "Ada 1 isian di HP ini yang belum terkirim." in asked[0]
    assert (drafts(page), school.posts) == (1, [])
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("text=Keluar")
    page.wait_for_url("**/keluar/")
    assert (drafts(page), len(school.posts)) == (0, 1)


def test_without_storage_the_page_says_so_and_still_saves(page, school):
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('private'); } });")
    page.reload()
    page.fill("#note", "mode pribadi")
    assert status(page).startswith("Belum tersimpan di HP ini")
    save(page)
    wait_until_saved(page)
    assert school.note == "mode pribadi"


@pytest.mark.parametrize(
    ("name", "size", "message"),
    [
        ("program.exe", 10, "“program.exe” tidak dapat dipakai. Pilih berkas .pdf, .jpg."),
        ("rekap.pdf", 2 * 1024 * 1024, "“rekap.pdf” berukuran 2,0 MB, lebih besar dari batas 1,0 MB."),
        ("rekap.pdf", 0, "“rekap.pdf” kosong. Pilih berkas lain."),
    ],
)
def test_a_file_that_the_server_would_refuse_is_named_before_the_upload(page, school, name, size, message):
    page.goto(f"{HOST}/berkas/")
    page.set_input_files("#file", {"name": name, "mimeType": "application/pdf", "buffer": b"x" * size})
    assert message in page.inner_text("[data-file-error]")
    page.click("text=Unggah")
    wait_for_posts(page, school, 0)
    good = {"name": "REKAP.PDF", "mimeType": "application/pdf", "buffer": b"x"}
    page.set_input_files("#file", good)
    assert page.locator("[data-file-error]").count() == 0
    page.click("text=Unggah")
    wait_for_posts(page, school, 1)


def test_a_second_tap_does_not_send_an_ordinary_form_again(page, school):
    page.goto(f"{HOST}/berkas/")
    page.click("text=Ajukan")  # answered by 204: the page stays, as after a download
    page.click("text=Ajukan", force=True)
    wait_for_posts(page, school, 1)
    page.evaluate("window.dispatchEvent(new Event('pageshow'))")  # coming back to the page
    page.click("text=Ajukan")
    wait_for_posts(page, school, 2)


def test_what_the_phone_has_not_sent_is_named_before_a_standard_is_submitted(page):
    page.goto(f"{HOST}/ajukan/")
    assert page.locator("[data-unsent]").count() == 0
    page.goto(f"{HOST}/tanya/")
    page.fill("#note", "Belum terkirim")
    page.goto(f"{HOST}/ajukan/")
    assert "1 isian di HP ini belum terkirim" in page.inner_text("[data-unsent]")
    assert page.get_attribute("[data-unsent] a", "href") == "/eds/8/#butir-8-2-1-a"


def test_an_entry_left_behind_under_a_closed_question_can_be_read_and_discarded(page):
    page.goto(f"{HOST}/tertutup/")
    assert not page.is_visible("[data-draft-kept]")
    page.goto(f"{HOST}/tanya/")
    page.fill("#note", "Belum terkirim")
    page.goto(f"{HOST}/tertutup/")
    assert "Belum terkirim" in page.inner_text("[data-draft-kept]")
    page.click("[data-draft-kept] button")
    assert not page.is_visible("[data-draft-kept]")
    assert drafts(page) == 0


def test_a_reason_stays_on_the_page_when_the_session_is_over(page):
    page.goto(f"{HOST}/telaah/")
    page.fill("[name=reason]", "Papan informasinya belum tampak.")
    page.click("text=Simpan keputusan")
    page.wait_for_selector("[data-signed-out]")
    assert page.input_value("[name=reason]") == "Papan informasinya belum tampak."
    assert page.get_attribute("[data-signed-out] a", "target") == "_blank"
    assert "/telaah/" in page.url


def test_the_way_of_review_goes_along_to_the_other_questions(page):
    page.goto(f"{HOST}/telaah/")
    page.click("summary >> nth=0")
    page.select_option("[name=mode] >> nth=0", "MEETING")
    assert page.eval_on_selector("#lain [name=mode]", "one => one.value") == "MEETING"
    assert page.inner_text("#lain summary") == "Cara telaah: Rapat telaah"


def test_the_print_button_appears_only_where_it_can_print(page):
    page.goto(f"{HOST}/berkas/")
    page.evaluate("window.print = () => { document.title = 'dicetak'; }")
    page.click("text=Cetak")
    assert page.title() == "dicetak"


def test_a_text_is_counted_while_it_is_typed_and_selected_where_copying_is_not_allowed(page):
    page.goto(f"{HOST}/naskah/")
    page.fill("#naskah", "tiga kata\nini 🙂")
    assert page.inner_text("[data-count]") == "4 kata, 15 tanda"
    page.click("text=Salin")  # without https there is no clipboard
    page.wait_for_selector("#kabar:has-text('Naskah sudah dipilih')")
    assert page.evaluate("document.activeElement.id") == "naskah"
    assert page.evaluate("document.activeElement.selectionEnd") == 16  # in units of the browser
    page.fill("#naskah", "")
    assert page.inner_text("[data-count]") == "0 kata, 0 tanda"
