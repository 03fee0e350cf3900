from django.core.management.base import BaseCommand, CommandError

from common import datafiles
from common.yamlfile import DataFileError
from standards.instruments import load_library as read_library
from standards.services import load_library


class Command(BaseCommand):
    help = (
        "Memuat katalog SNP, dasar hukum, dan instrumen; aman diulang. "
        "Dengan --check hanya memeriksa berkas, juga peta padanan, data pokok, dan rumus."
    )

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="periksa berkas saja, tanpa basis data")

    def handle(self, *args, check, **options):
        try:
            if check:
                self.check_files()
                return
            written = load_library(read_library())
        except DataFileError as error:
            lines = "\n".join(str(problem) for problem in error.problems)
            raise CommandError(f"{len(error.problems)} masalah, tidak ada yang dimuat:\n{lines}") from None
        self.stdout.write(f"Katalog: {written} baris ditulis." if written else "Katalog: sudah lengkap.")

    def check_files(self):
        """Report on all data files, those of the rooms above included; raises DataFileError with every problem."""
        sound, problems = datafiles.run_checks()
        try:
            library = read_library()
        except DataFileError as error:
            problems = [*error.problems, *problems]
        if problems:
            raise DataFileError(problems)
        items = [item for spec in library.instruments for item in spec.items]
        closed = sum(not item.answerable for item in items)
        links = sum(len(crosswalk.links) for crosswalk in library.crosswalks)
        self.stdout.write(
            f"Berkas sah: {len(library.catalogue.rows)} baris SNP, "
            f"{len(library.legal_bases)} dasar hukum, {len(library.instruments)} versi instrumen, "
            f"{len(items)} pertanyaan, {closed} di antaranya belum dapat dijawab (judul belum diketahui), "
            f"{len(library.crosswalks)} peta padanan dengan {links} tautan; juga {', '.join(sound)}."
        )
