"""`make bench`: what saving an answer and making a report cost beside doing the bare minimum.

Every figure is a ratio of medians of paired, interleaved runs in one process, so that a slow or busy machine
moves both sides. The measured application lives in a directory of its own that is removed afterwards; only the
result goes to ``bench.json`` in the data directory.

Saving: the POST that the page sends (htmx, logged in, through middleware, session and CSRF check) against a bare
view in the same stack on the same database file, which writes one row and answers with a small template.
Pages: the longest page of questions that a school can open, every question answered, and a search in the catalogue,
against a bare view in the same stack that shows one row in the same frame.
Readiness: scoring a school and finding the shortest way to a target (benchmarks/readiness.py), and computing the stored
figures of 10,000 schools as the worker does, with its memory.
Report: the worker's whole way (claim, lease, progress, stored file) against WeasyPrint alone on the same HTML.
"""

from __future__ import annotations

import gc
import io
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.readiness import GOALS as READINESS
from benchmarks.readiness import measure_optimum, measure_recalculation, measure_scoring, measure_what_if

SIZES = (100, 2_000)  # schools
SAVES = 300
PAGES = 60
RENDERS = 9
SEARCH = "murid guru"
WORKER_REPORTS = 50
GOALS = {"save_answer": 3.0, "queries": 12, "pdf": 1.2}


def start_django(data_dir: str) -> None:
    """Embedded mode on *data_dir*, whatever this shell is set to."""
    for name in [name for name in os.environ if name.startswith("SPMI_")]:
        del os.environ[name]
    os.environ |= {"SPMI_DATA_DIR": data_dir, "SPMI_DEMO": "1", "SPMI_LOG_LEVEL": "ERROR"}
    from spmi import runtime

    runtime.prepare()
    import django

    django.setup()
    from django.conf import settings

    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)
    settings.ROOT_URLCONF = "benchmarks.bare"
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"


# --- the data -----------------------------------------------------------------------------------------


def build_demo() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("seed_demo", verbosity=0)


def grow_to(size: int) -> None:
    """Schools beside the demonstration until there are *size*: each with a principal, a cycle and 23 answers."""
    from django.utils import timezone

    from evaluations.models import Answer, CycleStage, Evaluation, QualityCycle, Section
    from schools.models import Assignment, Region, School, User
    from standards.models import InstrumentVersion

    have = School.objects.count()
    version = InstrumentVersion.objects.get(instrument="eds-snp", version="2025.1")
    region = Region.objects.get(code="33.01")
    numbers = range(have, size)
    schools = School.objects.bulk_create(
        School(
            npsn=f"1{n:07d}", name=f"SD Ukur {n}", form="SD", ownership="NEGERI", naungan="KEMENDIKDASMEN",
            region=region,
        )
        for n in numbers
    )  # fmt: skip
    people = User.objects.bulk_create(User(username=f"ukur{n}", name=f"Kepala {n}", password="!") for n in numbers)
    Assignment.objects.bulk_create(
        Assignment(person=person, school=school, role="PRINCIPAL", valid_from="2020-07-01")
        for person, school in zip(people, schools, strict=True)
    )
    now = timezone.now()
    cycles = QualityCycle.objects.bulk_create(
        QualityCycle(school=school, year=2026, model="6m", started_at=now) for school in schools
    )
    CycleStage.objects.bulk_create(
        CycleStage(
            cycle=cycle, key=f"tahap{n}", name="Tahap", about="-", position=n, starts_on="2026-07-01",
            ends_on="2027-06-30",
        )
        for cycle in cycles
        for n in range(1, 7)
    )  # fmt: skip
    evaluations = Evaluation.objects.bulk_create(
        Evaluation(cycle=cycle, version=version, form="SD") for cycle in cycles
    )
    sections = Section.objects.bulk_create(
        Section(
            evaluation=evaluation, standard=standard, item_count=len(items), answered_count=len(items),
            writes=len(items),
        )
        for evaluation in evaluations
        for standard in version.spec.standards_for("SD")
        if (items := version.spec.items_for("SD", standard))
    )  # fmt: skip
    writers = {evaluation.pk: person for evaluation, person in zip(evaluations, people, strict=True)}
    Answer.objects.bulk_create(
        (
            Answer(
                section=section, item_code=item.code, state="ANSWERED", value=value_of(item, 3), version=index,
                answered_by=writers[section.evaluation_id], typed_by=writers[section.evaluation_id],
                updated_at=now, note="Sudah dibahas dalam rapat guru.",
            )
            for section in sections
            for index, item in enumerate(version.spec.items_for("SD", section.standard), start=1)
        ),
        batch_size=2_000,
    )  # fmt: skip


def value_of(item: Any, level: int) -> dict[str, Any]:
    if item.kind == "rubric":
        return {"level": level}
    if item.kind == "ratio":
        return {"count": level, "of": 4}
    if item.kind == "yesno":
        return {"value": level == 3}
    return {"met": [point.code for point in item.points][: level + 1]}


def posted(item: Any, level: int) -> dict[str, Any]:
    """The fields of the page's form for that value."""
    value = value_of(item, level)
    return {"value": "ya" if value["value"] else "tidak"} if item.kind == "yesno" else value


# --- requests -----------------------------------------------------------------------------------------


class Browser:
    """A logged-in person whose requests go straight into the WSGI application, as gunicorn hands them over."""

    def __init__(self, user: Any) -> None:
        from django.conf import settings
        from django.contrib.sessions.backends.db import SessionStore
        from django.core.wsgi import get_wsgi_application
        from django.middleware.csrf import _get_new_csrf_string

        self.application = get_wsgi_application()
        session = SessionStore()
        session.update(
            {"_auth_user_id": str(user.pk), "_auth_user_backend": settings.AUTHENTICATION_BACKENDS[0],
             "_auth_user_hash": user.get_session_auth_hash()}
        )  # fmt: skip
        session.create()
        self.token = _get_new_csrf_string()
        self.cookies = f"{settings.SESSION_COOKIE_NAME}={session.session_key}; csrftoken={self.token}"

    def post(self, path: str, fields: dict[str, Any]) -> tuple[float, bytes, dict[str, str]]:
        """Seconds, body and headers of a form sent by htmx. Raises AssertionError unless it was accepted."""
        body = urlencode({"csrfmiddlewaretoken": self.token, **fields}, doseq=True).encode()
        return self._send(
            path, body, REQUEST_METHOD="POST", HTTP_HX_REQUEST="true",
            CONTENT_TYPE="application/x-www-form-urlencoded", CONTENT_LENGTH=str(len(body)),
        )  # fmt: skip

    def get(self, path: str, query: str = "") -> tuple[float, bytes, dict[str, str]]:
        """Seconds, body and headers of a page. Raises AssertionError unless it is there."""
        return self._send(path, b"", REQUEST_METHOD="GET", QUERY_STRING=query)

    def _send(self, path: str, body: bytes, **special: str) -> tuple[float, bytes, dict[str, str]]:
        from django.db import connection

        environ = {
            "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1", "REMOTE_ADDR": "127.0.0.1", "HTTP_COOKIE": self.cookies,
            "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr,
            "wsgi.url_scheme": "http", "wsgi.version": (1, 0), "wsgi.multithread": True,
            "wsgi.multiprocess": False, "wsgi.run_once": False, **special,
        }  # fmt: skip
        seen: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            seen.update(status=status, headers=dict(headers))

        connection.close()  # what this script read before belongs to no request
        started = time.perf_counter()
        response = self.application(environ, start_response)
        content = b"".join(response)
        response.close()
        seconds = time.perf_counter() - started
        assert seen["status"].startswith("200"), f"{path}: {seen['status']}\n{content.decode()[:2000]}"
        return seconds, content, seen["headers"]


def measure_saving() -> dict[str, Any]:
    """Milliseconds of both sides, their ratio and the number of queries, at the present number of schools."""
    from django.conf import settings

    from evaluations.models import Answer, Section
    from schools.models import School, User

    school = School.objects.get(npsn=f"1{99:07d}")
    section = Section.objects.get(evaluation__cycle__school=school, standard="8")
    user = User.objects.get(assignments__school=school)
    address = f"/sekolah/{school.npsn}/2026/eds/8/"
    turns = itertools.cycle(section.items)
    browser = Browser(user)

    def save(sender: Browser) -> tuple[float, dict[str, str]]:
        item = next(turns)
        before = Answer.objects.get(section=section, item_code=item.code)
        level = 2 if before.value == value_of(item, 3) else 3
        fields = {**posted(item, level), "note": before.note, "version": before.version}
        seconds, _, headers = sender.post(f"{address}{item.code}/", fields)
        after = Answer.objects.get(pk=before.pk)
        assert after.version > before.version, f"{item.code} was not saved"
        assert after.value == value_of(item, level)
        return seconds, headers

    def bare(turn: int) -> float:
        return browser.post("/bare/", {"pk": section.pk, "note": f"Catatan {turn}"})[0]

    for turn in range(len(section.items) * 2):  # templates, instrument and code are read once per process
        save(browser), bare(turn)
    gc.collect()
    times: dict[str, list[float]] = {"save": [], "bare": []}
    for turn in range(SAVES):
        order: list[Callable[[], None]] = [
            lambda: times["save"].append(save(browser)[0]),
            lambda turn=turn: times["bare"].append(bare(turn)),
        ]
        for act in order if turn % 2 else reversed(order):
            act()
    settings.SERVER_TIMING = True
    counted = Browser(user)
    settings.SERVER_TIMING = False
    queries = {int(save(counted)[1]["Server-Timing"].split('"')[1]) for _ in range(len(section.items) * 2)}
    saved, plain = (statistics.median(times[side]) * 1000 for side in ("save", "bare"))
    return {
        "schools": School.objects.count(),
        "ratio": round(saved / plain, 2),
        "queries": max(queries),
        "save_ms": round(saved, 2),
        "bare_ms": round(plain, 2),
    }


# --- pages --------------------------------------------------------------------------------------------


def longest_standard() -> tuple[Any, Any]:
    """The section with the most questions that any form of education has, all answered, and its principal."""
    from django.utils import timezone

    from evaluations.models import Answer, Section
    from evaluations.services.cycles import start_cycle
    from schools.academic_year import AcademicYear
    from schools.models import Assignment, Region, School, User
    from standards.models import InstrumentVersion

    spec = InstrumentVersion.objects.newest("eds-snp").spec
    lengths = {(len(spec.items_for(form, s)), form, s) for form in spec.forms for s in spec.standards_for(form)}
    _, form, standard = max(lengths)
    school = School.objects.create(
        npsn="10999999", name="Sekolah Terpanjang", form=form, ownership="NEGERI",
        naungan="KEMENAG" if form in {"MI", "MTs", "MA", "MAK"} else "KEMENDIKDASMEN",
        region=Region.objects.get(code="33.01"),
    )  # fmt: skip
    person = User.objects.create(username="ukur-terpanjang", name="Kepala", password="!")
    Assignment.objects.create(person=person, school=school, role="PRINCIPAL", valid_from="2020-07-01")
    scope = spec.scopes[-1].key if spec.scopes else None
    cycle = start_cycle(school, AcademicYear(2026), actor=person, scope=scope)
    section = Section.objects.get(evaluation__cycle=cycle, standard=standard)
    Answer.objects.bulk_create(
        Answer(
            section=section, item_code=item.code, state="ANSWERED", value=value_of(item, 3), version=index,
            answered_by=person, typed_by=person, updated_at=timezone.now(), note="Sudah dibahas dalam rapat guru.",
        )
        for index, item in enumerate(section.items, start=1)
    )  # fmt: skip
    section.writes = section.answered_count = len(section.items)
    section.save()
    return section, person


def measure_page(person: Any, section: Any, path: str, query: str = "") -> dict[str, Any]:
    """Milliseconds of a page and of the bare one, their ratio, the number of queries, and the size of the page."""
    from django.conf import settings

    browser = Browser(person)
    for _ in range(5):  # templates, instrument and index are read once per process
        size = len(browser.get(path, query)[1])
        browser.get(f"/bare/{section.pk}/")
    gc.collect()
    times: dict[str, list[float]] = {"page": [], "bare": []}
    for turn in range(PAGES):
        order: list[Callable[[], None]] = [
            lambda: times["page"].append(browser.get(path, query)[0]),
            lambda: times["bare"].append(browser.get(f"/bare/{section.pk}/")[0]),
        ]
        for act in order if turn % 2 else reversed(order):
            act()
    settings.SERVER_TIMING = True
    counted = Browser(person)
    settings.SERVER_TIMING = False
    queries = int(counted.get(path, query)[2]["Server-Timing"].split('"')[1])
    shown, plain = (statistics.median(times[side]) * 1000 for side in ("page", "bare"))
    return {
        "ratio": round(shown / plain, 2),
        "queries": queries,
        "page_ms": round(shown, 2),
        "bare_ms": round(plain, 2),
        "size_kb": size // 1024,
    }


# --- the report ---------------------------------------------------------------------------------------


def measure_report() -> dict[str, Any]:
    from pypdf import PdfReader

    from reports.models import AnnualReport, ReportState
    from reports.pdf import html_document, render_html
    from reports.services import build_report

    report = AnnualReport.objects.filter(state=ReportState.READY).order_by("pk").first()
    assert report is not None, "the demonstration has no finished report"
    html = render_html(report.snapshot_text)

    def whole() -> None:
        AnnualReport.objects.filter(pk=report.pk).update(
            state=ReportState.QUEUED, attempt=0, progress=0, sha256="", size=None, finished_at=None
        )
        build_report(report.pk)
        report.refresh_from_db()
        assert report.state == ReportState.READY, report.state

    def alone() -> bytes:
        return html_document(html).write_pdf()

    sides: dict[str, Callable[[], object]] = {"report": whole, "weasyprint": alone}
    times: dict[str, list[float]] = {side: [] for side in sides}
    for turn in range(RENDERS + 1):
        for side in sorted(sides, reverse=bool(turn % 2)):
            started = time.perf_counter()
            sides[side]()
            if turn:  # the first pair fills the caches of fonts and templates
                times[side].append(time.perf_counter() - started)
    ours, theirs = statistics.median(times["report"]), statistics.median(times["weasyprint"])
    return {
        "ratio": round(ours / theirs, 3),
        "report_s": round(ours, 2),
        "weasyprint_s": round(theirs, 2),
        "pages": len(PdfReader(io.BytesIO(alone())).pages),
        "size_kb": report.size // 1024,
    }


def measure_memory(data_dir: str) -> dict[str, Any]:
    """Resident memory of one worker process over many reports, in a process of its own."""
    output = subprocess.run(
        [sys.executable, "-m", "benchmarks.bench", "--worker", data_dir], check=True, capture_output=True, text=True
    ).stdout
    megabytes = json.loads(output)
    early, late = statistics.median(megabytes[5:15]), statistics.median(megabytes[-10:])
    return {
        "peak_mb": round(max(megabytes), 1),
        "after_first_mb": round(megabytes[0], 1),
        "reports_6_to_15_mb": round(early, 1),
        "last_10_mb": round(late, 1),
        "growth_percent": round(100 * (late / early - 1), 1),
    }


def worker(data_dir: str) -> None:
    """Render as one worker child does between two restarts; prints the memory after every report."""
    start_django(data_dir)
    import psutil

    from reports.models import AnnualReport
    from reports.pdf import render_pdf

    text = AnnualReport.objects.order_by("pk").values_list("snapshot_text", flat=True)[0]
    process = psutil.Process()
    megabytes = []
    for _ in range(WORKER_REPORTS):
        render_pdf(text)
        megabytes.append(process.memory_info().rss / 1024 / 1024)
    print(json.dumps(megabytes))


# --- all of it ----------------------------------------------------------------------------------------


def show(result: dict[str, Any]) -> None:
    def verdict(good: bool) -> str:
        return "tercapai" if good else "BELUM tercapai"

    print(f"\n{'Menyimpan satu jawaban':<36}{'SPMI':>10}{'dasar':>10}{'rasio':>8}{'kueri':>7}")
    for row in result["save_answer"]["at"]:
        label = f"  pada {row['schools']} sekolah"
        print(f"{label:<36}{row['save_ms']:>7.2f} ms{row['bare_ms']:>7.2f} ms{row['ratio']:>8.2f}{row['queries']:>7}")
    saving, pdf = result["save_answer"], result["pdf"]
    print(
        f"  sasaran: rasio <= {GOALS['save_answer']:g} {verdict(saving['ratio'] <= GOALS['save_answer'])},"
        f" kueri <= {GOALS['queries']} {verdict(saving['queries'] <= GOALS['queries'])}"
    )
    print(f"\n{'Membuka halaman':<36}{'SPMI':>10}{'dasar':>10}{'rasio':>8}{'kueri':>7}")
    for label, row in (
        (f"  standar terpanjang ({result['largest_standard_page']['items']} soal)", result["largest_standard_page"]),
        ("  pencarian katalog", result["catalogue_search"]),
    ):
        print(f"{label:<36}{row['page_ms']:>7.2f} ms{row['bare_ms']:>7.2f} ms{row['ratio']:>8.2f}{row['queries']:>7}")
    print(f"\n{'Membuat laporan PDF':<36}{'SPMI':>10}{'dasar':>10}{'rasio':>8}")
    print(f"{'  23 pertanyaan':<36}{pdf['report_s']:>8.2f} s{pdf['weasyprint_s']:>8.2f} s{pdf['ratio']:>8.3f}")
    print(f"  sasaran: rasio <= {GOALS['pdf']:g} {verdict(pdf['ratio'] <= GOALS['pdf'])}")
    print(
        f"\nIngatan pekerja selama {WORKER_REPORTS} laporan: puncak {pdf['peak_mb']} MB;"
        f" laporan 6-15 {pdf['reports_6_to_15_mb']} MB, 10 terakhir {pdf['last_10_mb']} MB"
        f" ({pdf['growth_percent']:+.1f}%)"
    )
    scoring, optimum = result["readiness"]["score_ms"], result["readiness"]["shortest_path"]
    print("\nKesiapan akreditasi")
    for key, milliseconds in scoring.items():
        worst = optimum[key]["worst_s"]
        print(
            f"  {key:<12} menilai satu sekolah {milliseconds:.3f} ms, sasaran <= {READINESS['score_ms']:g}"
            f" {verdict(milliseconds <= READINESS['score_ms'])}; jalan terpendek paling lama {worst:.2f} s, sasaran <="
            f" {READINESS['optimum_s']:g} {verdict(worst <= READINESS['optimum_s'])}"
        )
    if tried := result["readiness"]["what_if"]:
        print(
            f"  simulasi 119 butir di peramban: {tried['median_ms']} ms dari perubahan sampai angka baru (paling lama"
            f" {tried['worst_ms']} ms), halaman {tried['page_kb']} KB"
        )
    else:
        print("  simulasi di peramban: tidak diukur, Chromium tidak ada")
    again = result["readiness"]["recalculation"]
    print(
        f"  {again['schools']} sekolah dihitung ulang dalam {again['seconds']:.0f} s ({again['ms_per_school']} ms tiap"
        f" sekolah); ingatan {again['early_mb']} MB lalu {again['last_mb']} MB ({again['growth_percent']:+.1f}%)"
    )


def main() -> None:
    from spmi import runtime

    target = runtime.data_dir() / "bench.json"
    data_dir = tempfile.mkdtemp(prefix="spmi-bench-")
    try:
        start_django(data_dir)
        print("Menyiapkan data contoh", flush=True)
        build_demo()
        at = []
        for size in SIZES:
            grow_to(size)
            print(f"Mengukur penyimpanan jawaban pada {size} sekolah", flush=True)
            at.append(measure_saving())
            print(f"  {at[-1]}", flush=True)
        print("Mengukur halaman standar terpanjang dan pencarian katalog", flush=True)
        section, person = longest_standard()
        largest = {"items": section.item_count, "form": section.evaluation.form, "standard": section.standard}
        largest |= measure_page(person, section, section.evaluation.address("section", section.standard))
        search = measure_page(person, section, "/katalog/cari/", urlencode({"q": SEARCH}))
        print(f"  {largest}\n  {search}", flush=True)
        print("Mengukur kesiapan akreditasi: penilaian dan jalan terpendek", flush=True)
        readiness = {"score_ms": measure_scoring(), "shortest_path": measure_optimum()}
        readiness["what_if"] = measure_what_if()
        print(f"  {readiness}", flush=True)
        print("Mengukur pembuatan laporan", flush=True)
        pdf = measure_report()
        print(f"  {pdf}", flush=True)
        print(f"Mengukur ingatan selama {WORKER_REPORTS} laporan", flush=True)
        pdf |= measure_memory(data_dir)
        print("Menghitung ulang kesiapan 10.000 sekolah (beberapa menit)", flush=True)
        readiness["recalculation"] = measure_recalculation(data_dir)
        print(f"  {readiness['recalculation']}", flush=True)
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)
    worst = {name: max(row[name] for row in at) for name in ("ratio", "queries")}
    result = {
        "save_answer": {**worst, "at": at},
        "largest_standard_page": largest,
        "catalogue_search": search,
        "pdf": pdf,
        "readiness": readiness,
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=2) + "\n")
    show(result)
    print(f"\nTersimpan di {target}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        worker(sys.argv[2])
    else:
        main()
