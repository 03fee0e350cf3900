"""`make demo-reset` removes what `make run` made, and nothing else."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from spmi import datalock


@pytest.fixture
def data_dir(tmp_path: Path, settings, monkeypatch) -> Path:
    for name in ("spmi.sqlite3", "spmi.sqlite3-wal", "secret_key", "catatan.txt"):
        (tmp_path / name).write_text("isi")
    for name in ("media/1/ab", "queue/messages", "story"):
        (tmp_path / name).mkdir(parents=True)
    settings.DATA_DIR = tmp_path
    settings.DEMO = True
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", str(tmp_path / "spmi.sqlite3"))
    return tmp_path


def test_data_goes_and_the_key_and_other_files_stay(data_dir, capsys):
    call_command("demo_reset")
    assert {path.name for path in data_dir.iterdir()} == {"secret_key", "catatan.txt", "story", "serve.lock"}
    told = capsys.readouterr().out
    for name in ("spmi.sqlite3", "media", "queue"):
        assert f"Menghapus {data_dir / name} " in told


def test_second_reset_says_that_there_is_nothing(data_dir, capsys):
    call_command("demo_reset")
    call_command("demo_reset")
    assert f"Tidak ada data di {data_dir}." in capsys.readouterr().out


def test_refused_while_serve_runs(data_dir):
    with datalock.try_lock(data_dir), pytest.raises(CommandError, match="sedang berjalan"):
        call_command("demo_reset")
    assert (data_dir / "spmi.sqlite3").exists()


def test_refused_while_processes_of_a_killed_serve_live_on(data_dir, monkeypatch):
    monkeypatch.setattr(datalock, "left_over", lambda place: {4711} if place == data_dir else set())
    with pytest.raises(CommandError, match="4711"):
        call_command("demo_reset")
    assert (data_dir / "media").exists()


def test_refused_where_the_data_is_real(data_dir, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="SPMI_DEMO"):
        call_command("demo_reset")
    assert (data_dir / "spmi.sqlite3").exists()


@pytest.mark.parametrize("name", ["spmi", "/srv/lain/spmi.sqlite3"])
def test_refused_for_a_database_elsewhere(data_dir, settings, monkeypatch, name):
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", name)
    with pytest.raises(CommandError, match="SPMI_DATABASE_URL"):
        call_command("demo_reset")
    assert (data_dir / "media").exists()
