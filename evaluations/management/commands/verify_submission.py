import sys

from django.core.management.base import BaseCommand

from evaluations.models import Submission
from evaluations.services.submissions import check_submission


class Command(BaseCommand):
    help = "Menghitung ulang hash sebuah tanda terima dan berkas buktinya."

    def add_arguments(self, parser):
        parser.add_argument("number", metavar="NOMOR")

    def handle(self, *args, number, **options):
        submission = (
            Submission.objects.select_related("section__evaluation__cycle")
            .filter(number=number.strip().upper())
            .first()
        )
        if submission is None:
            self.stderr.write(f"Tanda terima {number} tidak ditemukan.")
            sys.exit(2)
        if faults := check_submission(submission):
            self.stderr.write(f"{submission.number} TIDAK cocok: {'; '.join(faults)}.")
            sys.exit(1)
        self.stdout.write(f"{submission.number} cocok, SHA-256 {submission.sha256}")
