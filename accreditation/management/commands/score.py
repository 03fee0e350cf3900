"""``manage.py score SCHEME --form FORM --input FILE``: one school's figures, from data files alone."""

import json
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accreditation.json_input import named, parse_json
from accreditation.schemes import all_schemes
from accreditation.scoring import CannotScoreError, InputError
from common.formats import format_bytes
from common.yamlfile import DataFileError
from standards.library import load_library

WRONG_INPUT = 2
CANNOT_SCORE = 3
WANTED = {"scheme": "SKEMA", "form": "--form", "input": "--input"}  # told in Indonesian, which argparse does not speak
LARGEST_INPUT = 16 * 1024 * 1024  # bytes; the answers of one school are a few kilobytes


class Command(BaseCommand):
    help = (
        "Menghitung nilai satu sekolah dari JSON, tanpa basis data. Skema: snp-profile (profil mutu 0-7), ia-2024, "
        "iasp-2020, ban-2017. Kode keluar 2: masukan salah; 3: aturan untuk bentuk pendidikan itu tidak diketahui."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("scheme", nargs="?", help="wajib: skema penilaian, misalnya snp-profile")
        parser.add_argument("--form", help="wajib: bentuk pendidikan: SD, MI, SMP, MTs, SMA, MA, SMK, MAK, SLB")
        parser.add_argument("--input", help="wajib: berkas JSON, atau - untuk masukan standar")
        parser.add_argument("--explain", action="store_true", help="sertakan asal setiap angka")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if missing := [shown for name, shown in WANTED.items() if options[name] is None]:
                raise InputError(f"{', '.join(missing)}: wajib diisi, misalnya: score ia-2024 --form SD --input -")
            known = all_schemes(load_library())
            scheme = known.get(options["scheme"])
            if scheme is None:
                raise InputError(f"Skema “{named(options['scheme'])}” tidak dikenal; yang ada: {', '.join(known)}.")
            result = scheme.score(options["form"], parse_json(self._read(options["input"])))
        except (InputError, DataFileError) as error:
            raise CommandError(str(error), returncode=WRONG_INPUT) from None
        except CannotScoreError as error:
            self._print({"scheme": options["scheme"], "form": options["form"], "reason": str(error)})
            raise CommandError(str(error), returncode=CANNOT_SCORE) from None
        output = result.as_dict()
        if options["explain"]:
            output["explanation"] = result.explain().as_dict()
        self._print(output)

    def _print(self, output: dict[str, Any]) -> None:
        encoding = (getattr(self.stdout, "encoding", None) or "utf-8").lower()
        narrow = not encoding.startswith("utf")  # a console that cannot write every sign; escaped JSON says the same
        try:
            self.stdout.write(json.dumps(output, ensure_ascii=narrow, indent=2))
            self.stdout.flush()
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python tries once more at its end
            if not isinstance(error, BrokenPipeError):  # else who was reading has left, as ``| head`` does
                raise CommandError(f"Hasil tidak dapat ditulis ({error.strerror}).", returncode=WRONG_INPUT) from None

    def _read(self, name: str) -> bytes:
        if name == "-":
            if sys.stdin is None:
                raise InputError("Masukan standar tertutup; beri berkas dengan --input.")
            try:
                data = sys.stdin.buffer.read(LARGEST_INPUT + 1)
            except OSError:
                raise InputError("Masukan standar tidak dapat dibaca; beri berkas dengan --input.") from None
        else:
            try:
                with Path(name).open("rb") as file:
                    data = file.read(LARGEST_INPUT + 1)
            except OSError as error:
                raise InputError(f"Berkas {name} tidak dapat dibaca: {_reason(error)}.") from None
        if len(data) > LARGEST_INPUT:
            raise InputError(f"Masukan lebih besar dari {format_bytes(LARGEST_INPUT)}.")
        return data


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "tidak ditemukan"
    return "itu folder" if isinstance(error, IsADirectoryError) else "periksa izinnya"
