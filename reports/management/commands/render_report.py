"""`manage.py render_report`: the PDF of an approved evaluation as a file, without touching the database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evaluations.files import digest
from evaluations.models import Evaluation
from evaluations.services.cycles import INSTRUMENT
from reports.pdf import render_pdf
from reports.snapshot import build_snapshot
from schools.models import School


def refused(message: str) -> CommandError:
    return CommandError(message, returncode=2)


class Command(BaseCommand):
    help = "Membuat PDF laporan tahunan dari evaluasi yang sudah disahkan; mencetak SHA-256 berkasnya."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--npsn", required=True, help="misalnya 20999901")
        parser.add_argument("--year", required=True, type=int, help="tahun mulai, misalnya 2025 untuk 2025/2026")
        parser.add_argument("--output", required=True, type=Path, help="berkas PDF yang ditulis")

    def handle(self, *args: Any, npsn: str, year: int, output: Path, **options: Any) -> None:

        school = School.objects.by_number(npsn).first()
        if school is None:
            raise refused(f"Tidak ada sekolah dengan NPSN {npsn}. Periksa kembali nomornya.")
        evaluation = (
            Evaluation.objects.with_place()
            .filter(cycle__school=school, cycle__year=year, version__instrument=INSTRUMENT)
            .first()
        )
        if evaluation is None:
            raise refused(f"{school} belum memiliki siklus mutu tahun {year}.")
        if not evaluation.is_approved:
            raise refused(f"Evaluasi diri {school} tahun {year} belum disahkan; laporan dibuat setelah pengesahan.")
        data = render_pdf(build_snapshot(evaluation))
        try:
            output.write_bytes(data)
        except OSError as error:
            raise CommandError(f"{output} tidak dapat ditulis: {error.strerror}.") from None
        self.stdout.write(digest(data))
