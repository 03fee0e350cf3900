# Perintah untuk menjalankan dan mengembangkan SPMI; daftarnya: make help

PYTHON := .venv/bin/python
COMPILE := .venv/bin/uv pip compile -q --generate-hashes --no-header --no-emit-index-url \
	--python-version 3.11 --universal

.PHONY: help setup run test check bench drill story demo-reset lock

help: ## Tampilkan daftar perintah ini
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

setup: ## Siapkan lingkungan pengembangan di .venv
	@scripts/setup.sh dev

run: ## Siapkan semuanya dan jalankan SPMI (PORT, HOST, SPMI_DATA_DIR)
	@scripts/setup.sh base && exec $(PYTHON) manage.py serve

test: ## Jalankan semua tes pada SQLite, lalu pada PostgreSQL bila ada (ARGS="-k kata")
	@scripts/setup.sh dev && exec scripts/test.sh $(ARGS)

check: ## Periksa gaya, tipe, arah impor, migrasi, setelan produksi, templat, dan katalog
	@scripts/setup.sh dev && exec scripts/check.sh

bench: ## Ukur kecepatan menyimpan jawaban dan membuat laporan (var/bench.json)
	@scripts/setup.sh dev && exec $(PYTHON) -m benchmarks.bench

drill: ## Bunuh pekerja laporan 20 kali; setiap laporan tetap harus jadi
	@scripts/setup.sh dev && exec $(PYTHON) -m benchmarks.drill

story: ## Jalankan satu tahun sekolah di peramban dan simpan gambarnya (var/story)
	@scripts/setup.sh dev && exec $(PYTHON) -m benchmarks.story

demo-reset: ## Hapus data contoh; make run berikutnya membangunnya lagi
	@scripts/setup.sh base && exec $(PYTHON) manage.py demo_reset

lock: ## Perbarui requirements/*.txt dari requirements/*.in
	@scripts/setup.sh dev
	$(COMPILE) requirements/base.in -o requirements/base.txt
	$(COMPILE) requirements/dev.in -o requirements/dev.txt
