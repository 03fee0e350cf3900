from django.core.management.base import BaseCommand, CommandError

from common.yamlfile import DataFileError, Problem
from standards.checks import other_problems
from standards.library import Library
from standards.library import load_library as read_library
from standards.services import load_library


class Command(BaseCommand):
    help = (
        "Memuat katalog SNP, dasar hukum, dan instrumen; aman diulang. "
        "Dengan --check hanya memeriksa berkas, termasuk peta padanan, rumus data pokok, dan istilah."
    )

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="periksa berkas saja, tanpa basis data")

    def handle(self, *args, check, **options):
        try:
            library = self.checked() if check else read_library()
            if check:
                items = [item for spec in library.instruments for item in spec.items]
                closed = sum(not item.answerable for item in items)
                links = sum(len(crosswalk.links) for crosswalk in library.crosswalks)
                self.stdout.write(
                    f"Berkas sah: {len(library.catalogue.rows)} baris SNP, "
                    f"{len(library.legal_bases)} dasar hukum, {len(library.instruments)} versi instrumen, "
                    f"{len(items)} pertanyaan, {closed} di antaranya belum dapat dijawab (judul belum diketahui), "
                    f"{len(library.crosswalks)} peta padanan dengan {links} tautan."
                )
                return
            written = load_library(library)
        except DataFileError as error:
            lines = "\n".join(str(problem) for problem in error.problems)
            raise CommandError(f"{len(error.problems)} masalah, tidak ada yang dimuat:\n{lines}") from None
        self.stdout.write(f"Katalog: {written} baris ditulis." if written else "Katalog: sudah lengkap.")

    def checked(self) -> Library:
        """The library, when no data file of any room has a problem. Raises DataFileError with all of them."""
        library: Library | None = None
        problems: list[Problem] = []
        try:
            library = read_library()
        except DataFileError as error:
            problems += error.problems
        problems += [problem for problem in other_problems(library) if problem not in problems]
        if problems or library is None:
            raise DataFileError(problems)
        return library
