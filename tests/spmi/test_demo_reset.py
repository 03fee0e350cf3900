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
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
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


def test_refused_where_the_data_is_real(data_dir, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="SPMI_DEMO"):
        call_command("demo_reset")
    assert (data_dir / "spmi.sqlite3").exists()


def test_refused_for_a_database_elsewhere(data_dir, settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")
    with pytest.raises(CommandError, match="SPMI_DATABASE_URL"):
        call_command("demo_reset")
    assert (data_dir / "media").exists()
