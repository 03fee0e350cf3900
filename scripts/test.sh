#!/bin/sh
# The whole suite on SQLite, then on PostgreSQL, when it answers, all tests that the database has a part in
# (tests/conftest.py leaves out the others). Arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."

python=.venv/bin/python
workers=$(($(nproc) + 2)) # many tests wait for a browser or for real processes, and leave their core to others
failed=

run() { # name, then pytest arguments
    name=$1
    shift
    printf '\n== %s\n' "$name"
    status=0
    "$python" -m pytest -q -n "$workers" --dist loadfile --no-loadscope-reorder "$@" || status=$?
    if [ "$status" = 5 ] && [ "$selected" = yes ]; then
        status=0 # a selection may leave one of the runs without tests
    fi
    [ "$status" = 0 ] || failed="$failed [$name]"
}

selected=no
[ "$#" = 0 ] || selected=yes
unset SPMI_TEST_DATABASE_URL
unset PYTHONDONTWRITEBYTECODE # hundreds of processes start here; each would compile the whole application again

run "SQLite" "$@"

problem=$("$python" -c 'from tests import services; print(services.postgres_problem())')
if [ -z "$problem" ]; then
    SPMI_TEST_DATABASE_URL=$("$python" -c 'from tests import services; print(services.POSTGRES_URL)')
    export SPMI_TEST_DATABASE_URL
    run "PostgreSQL" "$@"
else
    printf '\nTidak diuji pada PostgreSQL: %s\n' "$problem"
    case ",${SPMI_REQUIRE:-}," in *,postgres,*) failed="$failed [PostgreSQL]" ;; esac
fi

if [ -n "$failed" ]; then
    printf '\nGagal:%s\n' "$failed"
    exit 1
fi
