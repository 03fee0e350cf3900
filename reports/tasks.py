"""Celery entry points; the work is in reports.services."""

from typing import Any

from celery import shared_task
from celery.signals import worker_init

from reports import services

LIMIT = 15 * 60  # seconds; a layout that never ends dies with its process, and its lease runs out


@worker_init.connect
def _import_what_draws(**_: Any) -> None:
    """Once, before the pool forks, instead of with the first report of every child."""
    import reports.pdf  # noqa: F401


@shared_task(time_limit=LIMIT)
def build_annual_report(report_id: int) -> None:
    services.build_report(report_id)


@shared_task
def sweep_reports() -> None:
    services.sweep()
