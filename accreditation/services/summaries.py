"""Stored figures per school, year and scheme: what lists and later years read, and nothing computes on a page.

They rest on what the school submitted. A change of state of an evaluation takes away their ``formula``, and so does,
in effect, a change of the rules or data of a scheme; the sweep computes again whatever lacks the present one, a few
hundred years at a time.
"""

from __future__ import annotations

import logging
import time
from functools import lru_cache

from django.db import transaction
from django.db.models import Count, Q

from accreditation.models import ReadinessSummary
from accreditation.schemes import Result
from accreditation.services.readiness import assess, gather, the_schemes
from common import clock
from common.canonical import canonical_json, sha256_text
from evaluations.models import QualityCycle
from evaluations.services.profiles import KINDS
from standards.services import the_library

logger = logging.getLogger(__name__)

RULES = "2026.1"  # of the code; raise it when the same answers and data can give another figure
BATCH = 200  # cycles per round of the sweep
RETRY = 15 * 60  # seconds
_failed: dict[int, float] = {}  # cycle: when this process may try it again


@lru_cache(maxsize=1)
def formula() -> str:
    """A name for everything that the figures follow from, besides the answers."""
    schemes = [scheme.spec.model_dump(mode="json") for scheme in the_schemes().values()]
    links = [repr(walk.links) for walk in the_library().crosswalks]
    return sha256_text(canonical_json({"rules": RULES, "schemes": schemes, "links": links}))


def summary_data(result: Result) -> dict[str, object]:
    """A result as it is stored."""
    ratings = result.answers.ratings.values()
    estimated = sum(rating.estimated for rating in ratings) + len(result.answers.estimated)
    return {**result.as_dict(), "estimated": estimated}


@transaction.atomic
def refresh_readiness(cycle_id: int) -> None:
    """Compute and store the figures of one year under all schemes that score this form. Harmless to repeat.

    Under the lock of the year, which :func:`make_stale` takes too: no change is missed. Raises
    QualityCycle.DoesNotExist.
    """
    cycle = QualityCycle.objects.select_for_update(of=("self",)).select_related("school__region").get(pk=cycle_id)
    material = gather(cycle, submitted_only=True)
    moment, name = clock.now(), formula()
    rows = []
    for scheme in the_schemes().values():
        data: dict[str, object] = {}  # stays empty where the form is not scored, so that nobody looks again
        if material.form in scheme.layouts:
            readiness = assess(material, scheme)
            data = {kind: summary_data(readiness.results[kind]) for kind in KINDS}
            data["scope"] = readiness.scope_name
        rows.append(ReadinessSummary(cycle=cycle, scheme=scheme.key, formula=name, data=data, refreshed_at=moment))
    ReadinessSummary.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["cycle", "scheme"],
        update_fields=["formula", "data", "refreshed_at"],
    )


@transaction.atomic
def make_stale(evaluation_id: int) -> None:
    """The state of an evaluation changes: the figures of its year wait for the sweep.

    In the transaction of the change, so that a process that ends right after it forgets nothing. Of the joined rows the
    year alone is locked: whoever approves holds the evaluation and waits for sections.
    """
    cycle = QualityCycle.objects.select_for_update(of=("self",)).get(evaluations=evaluation_id)
    ReadinessSummary.objects.filter(cycle=cycle).update(formula="")


def _stale(limit: int) -> list[int]:
    """Cycles that lack a figure of the present formula, the newest years first; not those that failed a while ago."""
    fits = Count("readiness", filter=Q(readiness__formula=formula()))
    rows = QualityCycle.objects.annotate(fitting=fits).filter(fitting__lt=len(the_schemes()))
    waiting = [pk for pk, again in _failed.items() if again > time.monotonic()]
    return list(rows.exclude(pk__in=waiting).order_by("-year", "pk").values_list("pk", flat=True)[:limit])


def catch_up(limit: int = BATCH) -> int:
    """Compute what is missing or was made by older rules, at most *limit* years; returns how many were computed.

    A year that cannot be computed is logged, does not stop the others, and is left alone for RETRY by this process.
    """
    done = 0
    for pk in _stale(limit):
        try:
            refresh_readiness(pk)
        except Exception:
            logger.exception("readiness of cycle %s could not be computed", pk)
            _failed[pk] = time.monotonic() + RETRY
        else:
            _failed.pop(pk, None)
            done += 1
    return done
