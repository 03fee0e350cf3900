"""`manage.py seed_demo`: the demonstration schools, their people and their years."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accreditation.services.summaries import catch_up
from spmi.demo import build


class Command(BaseCommand):
    help = "Membangun sekolah, akun, dan data contoh; aman diulang. Hanya dalam mode demo (SPMI_DEMO=1)."

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("seed_demo membuat akun contoh dengan kata sandi terbuka; SPMI_DEMO tidak menyala.")
        if new := not build.is_built():
            build.build()
        reports = build.finish_reports()
        catch_up()  # so that the years stand side by side at once, and not after the first sweep
        if verbosity:
            done = "dibangun" if new else "sudah ada"
            self.stdout.write(f"Data contoh {done}; {reports} laporan dibuat.")
