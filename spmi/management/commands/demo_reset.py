"""`manage.py demo_reset`: removes the state of the data directory, so that the next start builds the demo anew."""

import shutil
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from spmi import datalock

# Named one by one: a mistyped SPMI_DATA_DIR must not empty somebody's home directory.
STATE = {
    "spmi.sqlite3": "basis data",
    "spmi.sqlite3-wal": "basis data",
    "spmi.sqlite3-shm": "basis data",
    "media": "bukti dukung dan laporan",
    "queue": "antrean laporan",
    "static": "berkas tampilan",
    "static.fingerprint": "berkas tampilan",
}


class Command(BaseCommand):
    help = "Menghapus data di SPMI_DATA_DIR (kecuali secret_key); start berikutnya membangun data contoh lagi."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("demo-reset hanya untuk data contoh; SPMI_DEMO tidak menyala di sini.")
        # The files belong to the rows: without its media another database would be left with dangling evidence.
        if settings.DATABASES["default"]["NAME"] != str(settings.DATA_DIR / "spmi.sqlite3"):
            raise CommandError(
                "demo-reset hanya untuk basis data di dalam SPMI_DATA_DIR, sedangkan SPMI_DATABASE_URL menunjuk "
                "ke tempat lain. Kosongkan basis data itu sendiri."
            )
        lock = datalock.try_lock(settings.DATA_DIR)
        if lock is None:
            raise CommandError("SPMI sedang berjalan. Hentikan dulu dengan Ctrl-C, lalu ulangi.")
        with lock:
            if left := datalock.left_over(settings.DATA_DIR):
                raise CommandError(
                    f"Masih ada proses SPMI yang tertinggal: {sorted(left)}. Jalankan make run lalu hentikan dengan "
                    "Ctrl-C supaya proses itu dibereskan, lalu ulangi."
                )
            found = [name for name in STATE if (settings.DATA_DIR / name).exists()]
            for name in found:
                path = settings.DATA_DIR / name
                print(f"Menghapus {path} ({STATE[name]})")
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
            if not found:
                print(f"Tidak ada data di {settings.DATA_DIR}.")
        print("Kunci rahasia tetap disimpan. Jalankan make run untuk membangun data contoh lagi.")
