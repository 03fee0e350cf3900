"""`manage.py instrument_report`: what an instrument asks of whom, and how long that takes."""

import pytest
from django.core.management import CommandError, call_command

from standards.instruments import INSTRUMENTS_DIR, Scope, load_instrument
from tests.factories import the_library


def report(capsys, *arguments: str) -> list[str]:
    call_command("instrument_report", *arguments)
    return capsys.readouterr().out.splitlines()


def test_the_newest_published_version_is_reported_when_none_is_named(capsys):
    lines = report(capsys, "eds-snp")
    spec = the_library().newest("eds-snp")
    assert lines[0].endswith(f"eds-snp versi {spec.version}")
    row = next(line.split() for line in lines if line.split()[:1] == ["SD"])
    assert int(row[2]) == len(spec.items_for("SD"))


def test_every_form_and_scope_has_its_items_kinds_words_and_minutes(capsys):
    library = the_library()
    bases = {basis.key for basis in library.legal_bases}
    spec = load_instrument(INSTRUMENTS_DIR / "eds-snp" / "2026.1", library.catalogue, bases)
    lines = report(capsys, "eds-snp", "--edition", "2026.1")
    rows = [line.split() for line in lines if line.split()[:1] and line.split()[0] in spec.forms]
    assert len(rows) == len(spec.forms) * len(spec.scopes) == 18
    for scope, chunk in zip(spec.scopes, (rows[:9], rows[9:]), strict=True):
        for cells in chunk:
            items = spec.items_for(cells[0], scope=scope.key)
            assert int(cells[1]) == 8
            assert int(cells[2]) == len(items) == sum(map(int, cells[3:7]))
            assert int(cells[8]) == sum(spec.minutes[item.kind] for item in items)
            assert int(cells[7]) > 50 * len(items)
    assert isinstance(spec.scopes[0], Scope)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lain"], "Instrumen “lain” tidak ada. Yang ada: .*eds-snp"),
        (["/etc"], "tidak ada"),
        (["eds-snp", "--edition", "1999.1"], "Versi 1999.1 dari “eds-snp” tidak ada. Yang ada: 2025.1, 2026.1"),
    ],
)
def test_an_unknown_instrument_or_version_is_named_with_what_there_is(arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command("instrument_report", *arguments)
