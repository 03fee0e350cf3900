"""``manage.py score``: output, exit codes, and no need of a database."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).parents[2]
INPUT = {"levels": {"8.1.1": {"count": 45, "of": 60}, "8.1.2": True}, "scores": {"5.2.7": "6,83"}}


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "sekolah.json"
    path.write_text(json.dumps(INPUT), encoding="utf-8")
    return path


def run(*args: str, tmp_path: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """A process of its own, with a database that nobody can reach."""
    environment = os.environ | {
        "SPMI_DATABASE_URL": "postgres://siapa:apa@127.0.0.1:1/tidak-ada",
        "SPMI_DATA_DIR": str(tmp_path / "data"),
    }
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "score", *args],
        input=stdin, capture_output=True, env=environment, cwd=tmp_path, check=False, timeout=120,
    )  # fmt: skip


def test_a_closed_standard_input_and_an_endless_file_end_with_a_message(tmp_path):
    environment = os.environ | {"SPMI_DATA_DIR": str(tmp_path / "data")}
    command = f"{sys.executable} {ROOT / 'manage.py'} score snp-profile --form SD --input"
    for tail, named in (("- <&-", "Masukan standar tertutup"), ("/dev/zero", "lebih besar dari 16")):
        result = subprocess.run(
            ["sh", "-c", f"{command} {tail}"], capture_output=True, env=environment, check=False, timeout=120
        )
        assert result.returncode == 2
        assert named in result.stderr.decode()
        assert "Traceback" not in result.stderr.decode()


def scored(file: Path, *args: str) -> dict:
    out = io.StringIO()
    call_command("score", "snp-profile", "--form", "SD", "--input", str(file), *args, stdout=out)
    return json.loads(out.getvalue())


def test_the_output_has_exactly_the_promised_keys(file):
    output = scored(file)
    assert list(output) == ["total", "measured", "standards", "indicators", "coverage"]
    assert set(output["total"]) == {"score", "category"}
    assert [set(row) for row in output["standards"]] == [{"code", "score", "category"}] * 8
    assert [set(row) for row in output["indicators"]] == [{"code", "score"}] * 29
    assert output["measured"] == 2


def test_scores_are_texts_with_two_decimals_and_null_where_unmeasured(file):
    output = scored(file)
    by_code = {row["code"]: row["score"] for row in output["standards"]}
    assert (by_code["5"], by_code["8"], by_code["1"]) == ("6.83", "6.13", None)
    assert output["total"] == {"score": "6.48", "category": "Menuju SNP 4"}
    assert output["coverage"] == "0.02"


def test_explain_adds_where_the_numbers_come_from(file):
    explanation = scored(file, "--explain")["explanation"]
    assert set(explanation) == {"title", "value", "formula", "source", "parts"}
    assert explanation["value"].startswith("6,48")


def test_input_is_read_from_a_pipe_without_a_database(tmp_path):
    result = run("snp-profile", "--form", "SMK", "--input", "-", stdin=json.dumps(INPUT).encode(), tmp_path=tmp_path)
    assert (result.returncode, result.stderr) == (0, b"")
    assert json.loads(result.stdout)["total"]["score"] == "6.48"


@pytest.mark.parametrize(
    ("args", "stdin", "named"),
    [
        (["snp-profile", "--form", "SD", "--input", "-"], b"{}", "levels"),
        (["snp-profile", "--form", "SD", "--input", "-"], b'{"levels": {"9.9.9": 1}}', "9.9.9"),
        (["snp-profile", "--form", "SD", "--input", "-"], b"\xff\xfe\x00", "UTF-8"),
        (["snp-profile", "--form", "TK", "--input", "-"], b'{"levels": {}}', "TK"),
        (["ban-0000", "--form", "SD", "--input", "-"], b"{}", "ban-0000"),
        (["snp-profile", "--form", "SD"], b"", "--input"),
    ],
)
def test_wrong_input_ends_with_exit_code_2_and_a_message_without_traceback(tmp_path, args, stdin, named):
    result = run(*args, stdin=stdin, tmp_path=tmp_path)
    assert (result.returncode, result.stdout) == (2, b"")
    assert named in result.stderr.decode()
    assert "Traceback" not in result.stderr.decode()


@pytest.mark.parametrize("content", [None, b"{", b"[]", b'{"scores": {"5.2.7": "8"}}', b"\xff"])
def test_every_refusal_asks_for_exit_code_2(tmp_path, content):
    path = tmp_path / "masukan.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError) as caught:
        scored(path)
    assert caught.value.returncode == 2


def test_a_folder_is_not_an_input(tmp_path):
    with pytest.raises(CommandError, match="itu folder"):
        scored(tmp_path)
