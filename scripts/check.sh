#!/bin/sh
# Everything that can be checked without running the application. All checks run; the exit status is 1
# when one of them fails.
set -u
cd "$(dirname "$0")/.."

bin=.venv/bin
failed=
SPMI_DATA_DIR=$(mktemp -d) # the checks leave the data of this copy alone
export SPMI_DATA_DIR SPMI_SECRET_KEY="only for these checks"
trap 'rm -rf "$SPMI_DATA_DIR"' EXIT

check() { # name, then command
    name=$1
    shift
    printf '== %s\n' "$name"
    "$@" || failed="$failed [$name]"
}

# What a production machine would set; the key is made up for this run.
production() {
    env SPMI_MODE=production \
        SPMI_SECRET_KEY="$($bin/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
        SPMI_ALLOWED_HOSTS=spmi.sekolah.id \
        SPMI_DATABASE_URL=postgres://spmi@127.0.0.1/spmi \
        SPMI_REDIS_URL=redis://127.0.0.1/0 \
        "$@"
}

check "gaya (ruff)" $bin/ruff check
check "bentuk (ruff format)" $bin/ruff format --check
check "tipe (mypy)" $bin/mypy schools standards evaluations accreditation reports common spmi
check "arah impor (import-linter)" $bin/lint-imports
check "templat (djlint)" $bin/djlint --lint --quiet templates
check "setelan (check)" $bin/python manage.py check
check "setelan produksi (check --deploy)" \
    production $bin/python manage.py check --deploy --fail-level WARNING
check "migrasi (makemigrations --check)" $bin/python manage.py makemigrations --check --dry-run
check "katalog (load_catalogue --check)" $bin/python manage.py load_catalogue --check

if [ -n "$failed" ]; then
    printf '\nBelum lolos:%s\n' "$failed"
    exit 1
fi
printf '\nSemua pemeriksaan lolos.\n'
