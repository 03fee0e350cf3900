from django.core.management.base import BaseCommand, CommandError

from common.yamlfile import DataFileError
from standards.instruments import load_library as read_library
from standards.services import load_library


class Command(BaseCommand):
    help = "Memuat katalog SNP, dasar hukum, dan instrumen; aman diulang. Dengan --check hanya memeriksa berkas."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="periksa berkas saja, tanpa basis data")

    def handle(self, *args, check, **options):
        try:
            library = read_library()
            if check:
                items = sum(len(spec.items) for spec in library.instruments)
                self.stdout.write(
                    f"Berkas sah: {len(library.catalogue.rows)} baris SNP, "
                    f"{len(library.legal_bases)} dasar hukum, {len(library.instruments)} versi instrumen, "
                    f"{items} pertanyaan."
                )
                return
            written = load_library(library)
        except DataFileError as error:
            lines = "\n".join(str(problem) for problem in error.problems)
            raise CommandError(f"{len(error.problems)} masalah, tidak ada yang dimuat:\n{lines}") from None
        self.stdout.write(f"Katalog: {written} baris ditulis." if written else "Katalog: sudah lengkap.")
