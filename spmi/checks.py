"""System checks on values that settings.py takes from the environment and cannot judge on its own."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

POSITIVE = {
    "UPLOAD_LIMIT": "SPMI_UPLOAD_LIMIT",
    "REPORT_LEASE_SECONDS": "SPMI_REPORT_LEASE_SECONDS",
    "REPORT_SWEEP_SECONDS": "SPMI_REPORT_SWEEP_SECONDS",
}


@register("spmi")
def numbers_are_positive(**kwargs: object) -> list[CheckMessage]:
    """A limit or a period of zero would refuse every file, or sweep without a pause."""
    return [
        Error(f"{variable} harus lebih dari 0, bukan {getattr(settings, name)}.", id="spmi.E001")
        for name, variable in POSITIVE.items()
        if getattr(settings, name) <= 0
    ]


@register("spmi")
def sweep_fits_into_lease(**kwargs: object) -> list[CheckMessage]:
    """A report whose worker died waits for its lease to end and then for the next sweep."""
    if settings.REPORT_SWEEP_SECONDS <= settings.REPORT_LEASE_SECONDS:
        return []
    return [
        Warning(
            "SPMI_REPORT_SWEEP_SECONDS lebih lama daripada SPMI_REPORT_LEASE_SECONDS; "
            "laporan yang terputus menunggu lebih lama daripada perlu.",
            id="spmi.W001",
        )
    ]
