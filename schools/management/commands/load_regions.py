from django.core.management.base import BaseCommand

from schools.regions import load_regions


class Command(BaseCommand):
    help = "Memuat provinsi, kabupaten/kota, dan kecamatan; aman diulang."

    def handle(self, *args, **options):
        written = load_regions()
        self.stdout.write(f"Wilayah: {written} baris ditulis." if written else "Wilayah: sudah lengkap.")
