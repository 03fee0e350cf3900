"""Celery entry points; the work is in reports.services."""

from celery import shared_task

from reports import services

LIMIT = 15 * 60  # seconds; a layout that never ends dies with its process, and its lease runs out


@shared_task(time_limit=LIMIT)
def build_annual_report(report_id: int) -> None:
    services.build_report(report_id)


@shared_task
def sweep_reports() -> None:
    services.sweep()
