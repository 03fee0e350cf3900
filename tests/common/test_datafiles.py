"""One command checks the data files of all rooms."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from common import datafiles
from common.yamlfile import DataFileError, Problem
from evaluations.feeds import FEEDS_DIR, load_all_feeds


def broken() -> None:
    raise DataFileError([Problem("satu.yaml", 3, "a", "salah"), Problem("dua.yaml", 0, "", "kosong")])


def test_every_room_with_data_files_has_registered_them():
    sound, problems = datafiles.run_checks()
    assert problems == []
    assert set(sound) == {"data pokok", "istilah naungan", "model siklus", "rumus usulan dari data pokok"}


def test_problems_of_one_room_hide_no_other(monkeypatch):
    monkeypatch.setattr(datafiles, "_CHECKS", {"rusak": broken, "baik": lambda: None})
    sound, problems = datafiles.run_checks()
    assert sound == ["baik"]
    assert [str(problem) for problem in problems] == ["satu.yaml:3: a: salah", "dua.yaml: kosong"]


def test_the_command_names_them_and_fails(monkeypatch):
    monkeypatch.setattr(datafiles, "_CHECKS", {"rusak": broken})
    with pytest.raises(CommandError, match=r"2 masalah.*\n.*satu\.yaml:3: a: salah\ndua\.yaml: kosong"):
        call_command("load_catalogue", "--check")


def test_formulas_are_checked_against_the_version_that_their_file_is_called_after(tmp_path: Path):
    good = (FEEDS_DIR / "eds-snp-2026.1.yaml").read_text("utf-8")
    (tmp_path / "eds-snp-2026.1.yaml").write_text(good.replace('version: "2026.1"', 'version: "2025.1"', 1), "utf-8")
    (tmp_path / "eds-snp-1999.1.yaml").write_text(good, "utf-8")
    with pytest.raises(DataFileError) as caught:
        load_all_feeds(tmp_path)
    shown = [str(problem) for problem in caught.value.problems]
    assert shown[0].startswith("eds-snp-1999.1.yaml: tidak ada versi instrumen")
    assert any(line.startswith("eds-snp-2026.1.yaml:") and "bukan rumus untuk" in line for line in shown)
