#!/bin/sh
# Prepares .venv: scripts/setup.sh base (what the application needs) or dev (also tests and checks).
# A stamp with the checksum of the requirements lets the next start skip everything.
set -eu
cd "$(dirname "$0")/.."

wanted=${1:-base}
requirements=requirements/$wanted.txt
stamp=.venv/.spmi-$wanted
log=.venv/setup.log
checksum=$(cksum < "$requirements")

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$checksum" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

# Installs Debian packages where that is possible without asking for a password; silent on success.
apt_install() {
    command -v apt-get > /dev/null || return 1
    if [ "$(id -u)" = 0 ]; then
        as_root=env
    elif command -v sudo > /dev/null && sudo -n true 2> /dev/null; then
        as_root="sudo -n env"
    else
        return 1
    fi
    say "Memasang paket sistem: $*"
    install="$as_root DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends"
    apt_log=$(mktemp)
    status=0
    # The first try fails where the package lists were never fetched.
    $install "$@" > "$apt_log" 2>&1 || {
        $as_root apt-get update -q > "$apt_log" 2>&1
        $install "$@" >> "$apt_log" 2>&1
    } || status=1
    [ "$status" = 0 ] || cat "$apt_log" >&2
    rm -f "$apt_log"
    return "$status"
}

find_python() {
    for name in python3.11 python3.12 python3.13 python3.14 python3 python; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' > /dev/null 2>&1; then
            say "$name"
            return
        fi
    done
    return 1
}

if ! .venv/bin/python -m pip --version > /dev/null 2>&1; then
    python=$(find_python) || fail "SPMI memerlukan Python 3.11 atau lebih baru, dan komputer ini belum memilikinya.
  Debian/Ubuntu: sudo apt-get install python3 python3-venv
  Fedora:        sudo dnf install python3
  macOS:         brew install python@3.11"
    if ! "$python" -c 'import ensurepip, venv' 2> /dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        apt_install python3-venv "python$version-venv" || fail "Modul venv dari Python belum terpasang. Pasang dulu:
  sudo apt-get install python3-venv"
    fi
    say "Membuat lingkungan Python di .venv dengan $("$python" --version)"
    "$python" -m venv --clear .venv
fi

say "Memasang pustaka Python dari $requirements (hanya sekali, beberapa menit)"
if ! .venv/bin/python -m pip install --disable-pip-version-check --no-input --require-hashes \
    -r "$requirements" > "$log" 2>&1; then
    tail -n 20 "$log" >&2
    fail "Pustaka Python gagal dipasang; catatan lengkap ada di $log. Periksa sambungan internet, lalu coba lagi."
fi

if ! .venv/bin/python -c 'import weasyprint' > "$log" 2>&1; then
    if ! { apt_install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
        && .venv/bin/python -c 'import weasyprint' > "$log" 2>&1; }; then
        fail "Laporan PDF memerlukan pustaka Pango, yang belum ada di komputer ini. Pasang dulu, lalu ulangi:
  Debian/Ubuntu: sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
  Fedora:        sudo dnf install pango harfbuzz
  macOS:         brew install pango
Keterangan lengkap ada di $log."
    fi
fi

say "$checksum" > "$stamp"
