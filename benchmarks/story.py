"""`make story`: one school's year in a real browser, as the people who live it, with a picture of every step.

Starts `manage.py serve` on a free port and a data directory of its own, drives Chromium through the journey with
the accounts of the demonstration, and writes ``story/NN-role-{360,1280}.png`` into the data directory of this
copy. Ends with status 1 at the first step that fails. The same journey is a test: tests/browser/test_story.py.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import Browser, Error, Locator, Page, Response, expect, sync_playwright

PASSWORD = "mutu-2026"
NPSN, YEAR, FOREIGN_NPSN = "20999901", 2026, "20999904"
NPSN_AHEAD, TEAM_AHEAD = "20999902", "mutu.smp"
TEACHER, PRINCIPAL, TEAM, SUPERVISOR = "guru.sd", "kepsek.sd", "mutu.sd", "pengawas"
SIZES = {360: 780, 1280: 860}
PATIENCE = 30_000  # milliseconds for one step of the page
OPEN_FORMS = "article.question form.decide:not(details *)"  # a decided question hides its form in a details
STATES = ("QUEUED", "RUNNING", "READY")


class Journey:
    """The people, each in a browser context of their own, and what they do one after the other.

    ``steps`` names what happens. Problems on the browser's console (a broken script, something that
    the content security policy stopped) are collected in ``console``.
    """

    def __init__(self, browser: Browser, address: str, pictures: Path | None = None) -> None:
        self.browser = browser
        self.address = address
        self.pictures = pictures
        self.console: list[str] = []
        self.number = 0
        self.year = f"/sekolah/{NPSN}/{YEAR}/"

    # --- tools ----------------------------------------------------------------------------------------

    @contextmanager
    def person(self, name: str) -> Iterator[Page]:
        """A logged-in person on the first page that they are led to."""
        context = self.browser.new_context(
            base_url=self.address, locale="id-ID", viewport={"width": 360, "height": SIZES[360]}
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.goto("/masuk/")
        page.fill("input[name=login]", f"{name}@contoh.id")
        page.fill("input[name=password]", PASSWORD)
        page.click("main form button[type=submit]")
        page.wait_for_url(lambda url: "/masuk/" not in url)
        try:
            yield page
        finally:
            context.close()

    def _listen(self, message: Any) -> None:
        # The browser reports every 4xx as an error too; those are answers, and the steps look at them.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.console.append(message.text)

    def picture(self, page: Page, role: str) -> None:
        """The page as it stands, on a phone and on a desk. No page may be wider than the phone."""
        self.number += 1
        for width, height in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            if width == 360:
                assert page.evaluate("document.documentElement.scrollWidth") <= 360, f"{page.url} scrolls sideways"
            if self.pictures:
                page.screenshot(path=self.pictures / f"{self.number:02d}-{role}-{width}.png")
        page.set_viewport_size({"width": 360, "height": SIZES[360]})

    def go(self, page: Page, path: str = "", status: int = 200) -> Response:
        response = page.goto(path if path.startswith("/") else self.year + path)
        assert response is not None
        assert response.status == status, f"{response.url}: {response.status}, not {status}"
        return response

    # --- the steps ------------------------------------------------------------------------------------

    @property
    def steps(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            ("halaman masuk menampilkan akun contoh", self.login_page),
            ("kepala sekolah melihat siklus dan langkah berikutnya", self.principal_home),
            ("guru menjawab pertanyaan dan mengunggah bukti", self.teacher_answers),
            ("kepala sekolah mengajukan standar dan mendapat tanda terima", self.principal_submits),
            ("tim mutu menelaah dan mengembalikan satu standar", self.team_returns),
            ("guru memperbaiki, kepala mengajukan putaran kedua", self.school_mends),
            ("tim mutu memverifikasi semua standar", self.team_verifies),
            ("kepala sekolah mengesahkan dan membaca profil", self.principal_approves),
            ("laporan tahunan dibuat dan diunduh", self.principal_report),
            ("pengawas melihat sekolahnya dan mengunduh laporan", self.supervisor_reads),
            ("tim mutu melihat kesiapan, mencoba level lain, dan mencari jalan terpendek", self.team_looks_ahead),
        ]

    def login_page(self) -> None:
        context = self.browser.new_context(base_url=self.address, viewport={"width": 360, "height": SIZES[360]})
        page = context.new_page()
        page.on("console", self._listen)
        page.goto("/")
        expect(page).to_have_url(re.compile("/masuk/"))
        expect(page.locator(".demo-box")).to_contain_text("kepsek.sd@contoh.id")
        self.picture(page, "masuk")
        context.close()

    def principal_home(self) -> None:
        with self.person(PRINCIPAL) as page:
            if urljoin(self.address, self.year) != page.url:
                self.go(page)
            for stage in ("Menetapkan", "Memetakan", "Merencanakan", "Melaksanakan", "Mengevaluasi", "Mengendalikan"):
                expect(page.get_by_text(stage).first).to_be_visible()
            self.picture(page, "kepala-siklus")
            self.go(page, "eds/8/ajukan/")
            follow(page.locator("main form:has(textarea) button.btn-primary"))
            expect(page.locator("main [role=alert]").first).to_contain_text("belum dijawab")
            self.picture(page, "kepala-belum-lengkap")

    def teacher_answers(self) -> None:
        with self.person(TEACHER) as page:
            for standard in ("8", "7"):
                self.go(page, f"eds/{standard}/")
                for code in self.unanswered(page):
                    self.answer(page, code)
                    if code == "8.1.3.a":
                        self.attach(page, "8.3.1.a")
                        page.locator(f"#{anchor(code)}").scroll_into_view_if_needed()
                        self.picture(page, "guru-mengisi")
                assert not self.unanswered(page)
                text = page.locator("#kemajuan").inner_text()
                match = re.search(r"(\d+) dari (\d+)", text)
                assert match is not None, text
                assert match[1] == match[2], text
            self.picture(page, "guru-terisi")

    def unanswered(self, page: Page) -> list[str]:
        """Codes of the questions of this page that the server holds no answer to."""
        cards = page.locator("article.question:has(form[data-version='0'])")
        return [text.strip() for text in cards.locator(".question-head .code").all_inner_texts()]

    def answer(self, page: Page, code: str, level: int = 3, note: str = "Dibahas dalam rapat guru.") -> None:
        """Fill in one question as a person does, and wait until the page says that it is on the server."""
        form = page.locator(f"#jawaban-{slug(code)} form[data-version]")  # beside it a proposal has its own form
        if form.locator("input[name=level]").count():
            form.locator(f"input[name=level][value='{level}']").check()
        elif form.locator("input[name=count]").count():
            form.locator("input[name=count]").fill("45")
            form.locator("input[name=of]").fill("60")
        elif form.locator("input[name=value]").count():
            form.locator("input[name=value][value=ya]").check()
        else:
            for box in form.locator("input[name=met]").all()[:6]:
                box.check()
        form.locator("textarea[name=note]").fill(note)
        self.save(page, form, f"/{code}/")
        expect(page.locator(f"#jawaban-{slug(code)} [data-saved]")).to_be_visible()

    def save(self, page: Page, form: Locator, ends: str) -> None:
        with page.expect_response(lambda r: r.request.method == "POST" and r.url.endswith(ends)) as sent:
            form.locator("button.btn-primary").last.click()
        assert sent.value.status == 200, f"{sent.value.url}: {sent.value.status}"

    def attach(self, page: Page, code: str, title: str = "Rekap RKAS per sumber dana") -> None:
        box = page.locator(f"#bukti-{slug(code)}")
        before = box.locator(".evidence-item").count()
        box.locator("summary").first.click()
        form = box.locator("form:has(input[type=file])")
        form.locator("input[type=file]").set_input_files(
            {"name": "rekap.pdf", "mimeType": "application/pdf", "buffer": a_pdf(title)}
        )
        form.locator("input[name=title]").fill(title)
        self.save(page, form, "/bukti/")
        expect(page.locator(f"#bukti-{slug(code)} .evidence-item")).to_have_count(before + 1)

    def submit(self, page: Page, standard: str) -> str:
        """Submit a standard; returns the number of the receipt."""
        self.go(page, f"eds/{standard}/ajukan/")
        follow(page.locator("main form[data-once] button.btn-primary"))
        expect(page).to_have_url(re.compile("/tanda-terima/"))
        return page.locator(".receipt-number").inner_text().strip()

    def principal_submits(self) -> None:
        with self.person(PRINCIPAL) as page:
            numbers = [self.submit(page, "7"), self.submit(page, "8")]
            self.picture(page, "kepala-tanda-terima")
        context = self.browser.new_context(base_url=self.address)
        page = context.new_page()
        for number in numbers:  # without login
            response = page.goto(f"/tanda-terima/{number}/")
            assert response is not None
            assert response.status == 200
            expect(page.locator(".receipt .hash")).to_have_text(re.compile(r"^[0-9a-f ]{64,}$"))
            assert "Dibahas dalam rapat guru" not in page.content()
        context.close()

    def decide(self, page: Page, code: str, decision: str, reason: str = "") -> None:
        card = page.locator(f"article.question:has(form[action$='/{code}/'])")
        form = card.locator("form.decide")
        form.locator(f"input[name=decision][value={decision}]").check()
        if reason:
            form.locator("textarea[name=reason]").fill(reason)
        self.save(page, form, f"/{code}/")

    def undecided(self, page: Page) -> list[str]:
        """Codes of the questions whose decision form stands open."""
        forms = page.locator(OPEN_FORMS)
        return [path.rstrip("/").rpartition("/")[2] for path in forms.evaluate_all("all => all.map(f => f.action)")]

    def open_review(self, page: Page, standard: str) -> None:
        self.go(page, f"telaah/{standard}/")
        follow(page.locator(f"form[action$='/telaah/{standard}/mulai/'] button"))
        expect(page.locator("form[action$='/verifikasi/']")).to_be_visible()

    def team_returns(self) -> None:
        with self.person(TEAM) as page:
            self.go(page, "telaah/")
            self.picture(page, "tim-antrean")
            self.open_review(page, "8")
            card = page.locator("article.question:has(form[action$='/8.3.1.a/'])")
            waiting = card.locator("button[value=accept]")
            while count := waiting.count():
                waiting.first.click()
                expect(waiting).to_have_count(count - 1)
            for code in self.undecided(page):
                if code == "8.3.2.a":
                    self.decide(page, code, "RETURNED", "Tuliskan sampai bulan apa buku kas sudah dicocokkan.")
                else:
                    self.decide(page, code, "CONFIRMED")
            card.scroll_into_view_if_needed()
            self.picture(page, "tim-menelaah")
            page.fill("#telaah-tutup textarea[name=note]", "Tinggal satu catatan; yang lain sudah sesuai.")
            follow(page.locator("form[action$='/kembalikan/'] button"))
            self.open_review(page, "7")
            for code in self.undecided(page):
                self.decide(page, code, "CONFIRMED")
            follow(page.locator("form[action$='/verifikasi/'] button"))

    def school_mends(self) -> None:
        with self.person(TEACHER) as page:
            self.go(page, "eds/8/")
            expect(page.locator("#perbaikan")).to_contain_text("8.3.2.a")
            expect(page.locator("#perbaikan")).to_contain_text("buku kas")
            self.picture(page, "guru-memperbaiki")
            form = page.locator("#jawaban-8-3-2-a form")
            form.locator("textarea[name=note]").fill("Buku kas dicocokkan setiap bulan sampai Oktober 2026.")
            self.save(page, form, "/8.3.2.a/")
        with self.person(PRINCIPAL) as page:
            self.submit(page, "8")
            expect(page.locator(".receipt")).to_contain_text(re.compile(r"Putaran\s*2"))

    def team_verifies(self) -> None:
        with self.person(TEAM) as page:
            self.open_review(page, "8")
            assert self.undecided(page) == ["8.3.2.a"], "unchanged questions keep their decision"
            self.decide(page, "8.3.2.a", "CONFIRMED")
            follow(page.locator("form[action$='/verifikasi/'] button"))
            self.go(page, "telaah/")
            self.picture(page, "tim-selesai")

    def principal_approves(self) -> None:
        with self.person(PRINCIPAL) as page:
            self.go(page, "laporan/")
            assert not page.locator("form[action$='/buat/']").count(), "a report before the approval"
            self.go(page, "sahkan/")
            follow(page.locator("form[action$='/sahkan/'] button.btn-primary"))
            self.go(page, "profil/")
            expect(page.locator("svg").first).to_be_visible()
            self.picture(page, "kepala-profil")
            page.locator("main details summary").first.click()
            page.locator("main details").first.scroll_into_view_if_needed()
            self.picture(page, "kepala-dari-mana-angka-ini")

    def principal_report(self) -> None:
        with self.person(PRINCIPAL) as page:
            self.go(page, "laporan/")
            page.click("form[action$='/buat/'] button")
            card = page.locator("section[id^='laporan-']").first
            expect(card).to_be_visible()
            code = (card.get_attribute("id") or "").removeprefix("laporan-")
            seen: list[tuple[str, int]] = []
            self.picture(page, "kepala-laporan-berjalan")
            deadline = time.monotonic() + 120
            while time.monotonic() < deadline:
                state = page.request.get(f"{self.year}laporan/{code}/status.json").json()
                seen.append((state["state"], state["progress"]))
                assert state["state"] in STATES, state
                if state["state"] == "READY":
                    break
                time.sleep(0.2)
            assert seen[-1] == ("READY", 100), seen[-1]
            assert seen == sorted(seen, key=lambda one: (STATES.index(one[0]), one[1])), "the progress went back"
            expect(page.locator(f"#laporan-{code} a[href$='/unduh/']")).to_be_visible()  # without reloading
            self.picture(page, "kepala-laporan-siap")
            self.check_download(page, code)

    def check_download(self, page: Page, code: str) -> None:
        state = page.request.get(f"{self.year}laporan/{code}/status.json").json()
        answer = page.request.get(state["url"])
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.body().startswith(b"%PDF")
        assert hashlib.sha256(answer.body()).hexdigest() == state["sha256"]

    def supervisor_reads(self) -> None:
        with self.person(SUPERVISOR) as page:
            self.go(page, "/pengawas/")
            expect(page.locator("main")).to_contain_text("SD Negeri 1 Contoh")
            self.picture(page, "pengawas-sekolah")
            self.go(page, "profil/")
            self.picture(page, "pengawas-profil")
            self.go(page, "laporan/")
            card = page.locator("section[id^='laporan-']").first
            self.check_download(page, (card.get_attribute("id") or "").removeprefix("laporan-"))
            for path in ("", f"{YEAR}/", f"{YEAR}/profil/", f"{YEAR}/laporan/", f"{YEAR}/eds/8/"):
                self.go(page, f"/sekolah/{FOREIGN_NPSN}/{path}", status=404)

    def team_looks_ahead(self) -> None:
        """At the school of the demonstration whose answers lead to the instrument in force."""
        with self.person(TEAM_AHEAD) as page:
            page.goto(f"/sekolah/{NPSN_AHEAD}/{YEAR}/")
            follow(page.locator("a.link-card", has_text="Kesiapan akreditasi"))
            expect(page.locator("main")).to_contain_text("Keputusan akreditasi ada pada")
            self.picture(page, "tim-kesiapan")
            page.locator(".actions a", has_text="Penilaian sekolah").click()  # htmx brings the part alone
            expect(page.locator("#rincian")).to_contain_text("Rata-rata semua indikator")
            follow(page.locator(".tabs a", has_text="Celah"))
            expect(page.locator("article.question").first).to_contain_text("Sekarang:")
            self.picture(page, "tim-celah")
            follow(page.locator(".tabs a", has_text="Simulasi"))
            self.picture(page, "tim-simulasi")
            follow(page.locator(".tabs a", has_text="Jalan terpendek"))
            page.locator("[name='mean']").fill("2,5")
            page.locator("main form button[type=submit]").first.click()
            expect(page.locator("main")).to_contain_text("kenaikan")
            self.picture(page, "tim-jalan")
            follow(page.locator(".tabs a", has_text="Sispena"))
            expect(page.locator("main")).to_contain_text("Dokumen wajib")


def follow(link: Locator) -> None:
    """Click what leads to another page, and wait until that page is there: a click alone returns before it is."""
    with link.page.expect_navigation():
        link.click()


def slug(code: str) -> str:
    return code.replace(".", "-")


def anchor(code: str) -> str:
    return f"butir-{slug(code)}"


def a_pdf(title: str) -> bytes:
    from weasyprint import HTML

    data: bytes = HTML(string=f"<html lang=id><title>{title}</title><h1>{title}</h1>").write_pdf()
    return data


def main() -> int:
    from spmi import runtime
    from tests.services import CHROMIUM_ARGS, chromium_path, chromium_problem
    from tests.serving import Serve

    if problem := chromium_problem():
        print(f"Cerita ini memerlukan Chromium: {problem}", file=sys.stderr)
        return 1
    pictures = runtime.data_dir() / "story"
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir(parents=True)
    place = Path(tempfile.mkdtemp(prefix="spmi-story-"))
    print("Menyiapkan sekolah contoh", flush=True)
    serve = Serve(place / "var")
    try:
        serve.wait_ready(600)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGS)
            journey = Journey(browser, f"http://127.0.0.1:{serve.port}", pictures)
            for name, step in journey.steps:
                try:
                    step()
                    if journey.console:
                        raise AssertionError(f"konsol peramban: {json.dumps(journey.console)}")
                except (AssertionError, Error) as error:
                    what = str(error).partition("Aria snapshot")[0]  # the whole page in words helps nobody
                    print(f"GAGAL  {name}\n{what}", file=sys.stderr)
                    return 1
                print(f"  ok   {name}", flush=True)
            browser.close()
    finally:
        serve.destroy()
        shutil.rmtree(place, ignore_errors=True)
    print(f"{journey.number * len(SIZES)} gambar di {pictures}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
