"""Celery entry points; the work is in accreditation.services."""

import time

from celery import shared_task

from accreditation.services.summaries import catch_up

PATIENCE = 20  # seconds; the sweep comes again, and reports wait behind this


@shared_task
def catch_up_readiness() -> None:
    end = time.monotonic() + PATIENCE
    while catch_up() and time.monotonic() < end:
        pass
