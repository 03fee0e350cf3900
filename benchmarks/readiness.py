"""The part of `make bench` that looks at accreditation readiness: scoring, and recalculating very many schools."""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SCHOOLS = 10_000
SCORINGS = 300
SEARCHES = 10
ROUND_TRIPS = 20
SCHOOL, PASSWORD = "20999901", "mutu-2026"
GOALS = {"score_ms": 1.0, "optimum_s": 1.0}


def whole_school(scheme: Any, form: str, numbers: random.Random) -> Any:
    """Random levels for everything that the scheme asks."""
    from accreditation.scoring import Answers, Rating

    index = scheme.spec.index
    return Answers(
        {code: Rating.given(numbers.choice(scheme.spec.scale.levels)) for code in scheme.layouts[form].items},
        statements=tuple(numbers.randint(1, index.highest) for _ in range(index.statements[form])) if index else (),
    )


def measure_scoring() -> dict[str, float]:
    """Milliseconds to score one whole school, by scheme, for the form with the most items."""
    from accreditation.schemes import score
    from accreditation.services.readiness import the_schemes

    numbers = random.Random(20)  # noqa: S311 - the same school in every run
    found = {}
    for key, scheme in the_schemes().items():
        form = max(scheme.forms, key=lambda form: len(scheme.layouts[form].items))
        answers = whole_school(scheme, form, numbers)
        times = []
        for _ in range(SCORINGS):
            started = time.perf_counter()
            score(scheme, form, answers).as_dict()
            times.append(time.perf_counter() - started)
        found[key] = round(statistics.median(times) * 1000, 3)
    return found


def measure_optimum() -> dict[str, Any]:
    """Seconds to find the shortest way to a high target, by scheme, over schools with random levels and efforts."""
    from accreditation.services.readiness import the_schemes
    from accreditation.shortest import Target, shortest_path

    numbers = random.Random(7)  # noqa: S311 - the same questions in every run
    found: dict[str, Any] = {}
    for key, scheme in the_schemes().items():
        form = max(scheme.forms, key=lambda form: len(scheme.layouts[form].items))
        weighted = scheme.spec.kind == "weighted"
        times, proven = [], 0
        for turn in range(SEARCHES):
            answers = whole_school(scheme, form, numbers)
            efforts = {code: numbers.randint(1, 9) for code in answers.ratings} if turn % 2 else {}
            target = Target(rank="C") if weighted else Target(at_least={3: 40}, at_most={1: 0})
            started = time.perf_counter()
            path = shortest_path(scheme, form, answers, target, efforts=efforts, seconds=30)
            times.append(time.perf_counter() - started)
            proven += path.proven
        assert proven == SEARCHES, f"{key}: {proven} of {SEARCHES} proven"
        found[key] = {"median_s": round(statistics.median(times), 3), "worst_s": round(max(times), 3)}
    return found


def measure_what_if() -> dict[str, Any] | None:
    """Milliseconds from a changed level to the new figure, in Chromium against a served application of its own; None
    where there is no Chromium."""
    from playwright.sync_api import sync_playwright

    from benchmarks.what_if import round_trips
    from tests.services import CHROMIUM_ARGS, chromium_path, chromium_problem
    from tests.serving import Serve

    if chromium_problem():
        return None
    with tempfile.TemporaryDirectory(prefix="spmi-bench-") as place:
        serve = Serve(Path(place) / "var")
        try:
            serve.wait_ready(600)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGS)
                page = browser.new_page(
                    base_url=f"http://127.0.0.1:{serve.port}", viewport={"width": 360, "height": 780}
                )
                page.goto("/masuk/")
                page.fill("input[name=login]", "mutu.sd@contoh.id")
                page.fill("input[name=password]", PASSWORD)
                page.click("main button[type=submit]")
                school = f"/sekolah/{SCHOOL}/2026/kesiapan/ban-2017/"
                page.goto(f"{school}isian/")
                for number in range(1, 11):  # letters of one whole standard, so that there is a figure to move
                    page.select_option(f"[name='item-{number}']", "C")
                page.click("main form button[type=submit]")
                found = round_trips(page, f"{school}simulasi/", field="item-1", values=("A", "B"), times=ROUND_TRIPS)
                browser.close()
        finally:
            serve.destroy()
    return {
        "median_ms": round(found.median, 1),
        "worst_ms": round(found.worst, 1),
        "page_kb": round(found.page_bytes / 1024),
    }


def measure_recalculation(data_dir: str) -> dict[str, Any]:
    """Seconds and memory of computing the figures of SCHOOLS schools as the worker does, in a process of its own."""
    output = subprocess.run(
        [sys.executable, "-m", "benchmarks.readiness", data_dir], check=True, capture_output=True, text=True
    ).stdout
    return json.loads(output)


def recalculate(data_dir: str) -> None:
    """Every school has the answers of standards 7 and 8, submitted, on the newest edition. Prints the measurement."""
    from benchmarks.bench import grow_to, start_django

    start_django(data_dir)
    import psutil

    from accreditation.models import ReadinessSummary
    from accreditation.services.summaries import BATCH, catch_up
    from evaluations.models import Evaluation, QualityCycle, Section, SectionState
    from standards.models import InstrumentVersion

    grow_to(SCHOOLS)
    newest = InstrumentVersion.objects.newest("eds-snp")
    grown = Evaluation.objects.filter(cycle__school__npsn__startswith="1", version__version="2025.1")
    grown.update(version=newest, scope=newest.spec.scopes[0].key)
    Section.objects.filter(round=0).update(round=1, state=SectionState.SUBMITTED)
    ReadinessSummary.objects.all().delete()
    process = psutil.Process()
    megabytes, done = [], 0
    started = time.perf_counter()
    while count := catch_up():
        done += count
        megabytes.append(process.memory_info().rss / 1024 / 1024)
    seconds = time.perf_counter() - started
    assert done == QualityCycle.objects.count(), f"{done} computed"
    early, late = statistics.median(megabytes[2:12]), statistics.median(megabytes[-10:])
    print(
        json.dumps(
            {
                "schools": done,
                "seconds": round(seconds, 1),
                "ms_per_school": round(seconds / done * 1000, 2),
                "batch": BATCH,
                "peak_mb": round(max(megabytes), 1),
                "early_mb": round(early, 1),
                "last_mb": round(late, 1),
                "growth_percent": round(100 * (late / early - 1), 1),
            }
        )
    )


if __name__ == "__main__":
    recalculate(sys.argv[1])
