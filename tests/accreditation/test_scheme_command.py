"""``manage.py score`` for the three schemes of accreditation: shapes, exit codes, messages, and ``--explain``."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from accreditation.json_input import shown
from accreditation.management.commands import score as module
from accreditation.schemes import all_schemes, explain
from accreditation.scoring import InputError
from common.explanation import Explanation
from tests.accreditation import second
from tests.accreditation.scheme_inputs import items, key_of, schools, scored
from tests.factories import the_library

ROOT = Path(__file__).parents[2]
OBTAINED = {"isi": 109, "proses": 210, "skl": 95, "ptk": 200, "sarpras": 210, "pengelolaan": 160, "pembiayaan": 150,
            "penilaian": 174}  # fmt: skip
DEEP = "[" * 300 + "]" * 300
ALL = all_schemes(the_library())
KINDS = [("ban-2017", "SD"), ("iasp-2020", "SD"), ("iasp-2020", "SMK"), ("ia-2024", "SD"), ("ia-2024", "SMK")]


def run(
    scheme: str, form: str, stdin: str, tmp_path: Path, *args: str, **environment: str
) -> subprocess.CompletedProcess:
    """A process of its own, with a database that nobody can reach."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "score", scheme, "--form", form, "--input", "-", *args],
        input=stdin.encode(), capture_output=True, cwd=tmp_path, check=False, timeout=120,
        env=os.environ | environment | {
            "SPMI_DATABASE_URL": "postgres://siapa:apa@127.0.0.1:1/tidak-ada", "SPMI_DATA_DIR": str(tmp_path / "data"),
        },
    )  # fmt: skip


@pytest.fixture
def command(tmp_path, monkeypatch):
    """The command in this process, with the data files read once: output as text, or CommandError."""
    monkeypatch.setattr(module, "load_library", the_library)
    monkeypatch.setattr(module, "all_schemes", lambda library: ALL)

    def called(scheme: str, form: str, data: dict[str, Any] | str, *args: str) -> str:
        path, out = tmp_path / "sekolah.json", io.StringIO()
        path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
        try:
            call_command("score", scheme, "--form", form, "--input", str(path), *args, stdout=out)
        except CommandError as error:
            error.printed = out.getvalue()  # type: ignore[attr-defined]
            raise
        return out.getvalue()

    return called


# --- shapes -----------------------------------------------------------------------------------------------


def test_the_school_of_the_issue_gets_exactly_this_json(command):
    values = {"isi": ("10.31", 74), "proses": ("10.97", 78), "skl": ("12.79", 91), "ptk": ("14.55", 91),
              "sarpras": ("10.50", 88), "pengelolaan": ("7.69", 77), "pembiayaan": ("8.52", 85),
              "penilaian": ("9.46", 95)}  # fmt: skip
    assert json.loads(command("ban-2017", "SD", {"obtained": OBTAINED})) == {
        "scheme": "ban-2017",
        "version": "2017.1",
        "form": "SD",
        "score": "84.79",
        "rounded": 85,
        "status": "TERAKREDITASI",
        "rank": "B",
        "components": [{"code": code, "value": value, "scaled": scaled} for code, (value, scaled) in values.items()],
        "conditions": [{"code": code, "met": True} for code in ("nilai-akhir", "sarpras", "komponen")],
        "coverage": "1.00",
        "interval": {"low": "84.79", "high": "84.79"},
        "notes": [],
    }


def test_iasp_gives_the_same_shape_with_ik_and_ipr(command):
    levels = dict.fromkeys(items("iasp-2020", "SMP"), 3)
    assert json.loads(command("iasp-2020", "SMP", {"levels": levels, "ipr": [4, 4, 4, 4, 4, 4, 4, 4, 4]})) == {
        "scheme": "iasp-2020",
        "version": "2020.1",
        "form": "SMP",
        "score": "78.75",
        "rounded": 79,
        "status": "TERAKREDITASI",
        "rank": "C",
        "ik": "75.00",
        "ipr": "100.00",
        "components": [
            {"code": "lulusan", "value": "26.25", "scaled": 75},
            {"code": "proses", "value": "21.75", "scaled": 75},
            {"code": "guru", "value": "13.50", "scaled": 75},
            {"code": "manajemen", "value": "13.50", "scaled": 75},
        ],
        "conditions": [{"code": "nilai-akhir", "met": True}, {"code": "ipr", "met": True}],
        "coverage": "1.00",
        "interval": {"low": "78.75", "high": "78.75"},
        "notes": [],
    }


def test_ia2024_gives_distribution_means_coverage_and_no_rank(command):
    output = json.loads(command("ia-2024", "SMA", {"levels": {"1.1.1": 3, "1.4.4": "NA"}}))
    means = {part: {row["code"]: row["mean"] for row in output.pop(part)} for part in ("butir", "components")}
    assert output == {
        "scheme": "ia-2024",
        "version": "2025.1",
        "form": "SMA",
        "distribution": {"4": 0, "3": 1, "2": 0, "1": 0},
        "shares": {"4": "0.00", "3": "1.00", "2": "0.00", "1": "0.00"},
        "categories": {"4": "Sangat Baik", "3": "Baik", "2": "Cukup Baik", "1": "Kurang"},
        "not_applicable": 1,
        "unanswered": 43,
        "mean": "3.00",
        "weakest": ["1.1.1"],
        "rank": None,
        "coverage": "0.02",
        "interval": {"low": "1.05", "high": "3.98"},
    }
    assert list(means["butir"]) == list(second.ia_butir("SMA"))
    assert {code for part in means.values() for code, mean in part.items() if mean == "3.00"} == {"1.1", "1"}
    assert {mean for part in means.values() for mean in part.values()} == {"3.00", None}


@pytest.mark.parametrize(
    ("scheme", "data"), [("ban-2017", {"answers": {}}), ("iasp-2020", {"levels": {}}), ("ia-2024", {"levels": {}})]
)
def test_nothing_answered_is_null_and_anything_is_possible(command, scheme, data):
    output = json.loads(command(scheme, "SD", data))
    low, high = {"ban-2017": ("0.00", "100.00"), "iasp-2020": ("25.00", "100.00"), "ia-2024": ("1.00", "4.00")}[scheme]
    assert output["interval"] == {"low": low, "high": high}
    assert (output["coverage"], output["rank"]) == ("0.00", None)
    assert output["mean" if scheme == "ia-2024" else "score"] is None
    assert {row.get("met") for row in output.get("conditions", [])} <= {None}


def test_the_ipm_and_special_numbers_are_understood(command):
    school = {"levels": {"36": 4, "44": 2}, "ipm": {"izin": True, "lulusan": False}}
    output = json.loads(command("iasp-2020", "SMK", school))
    assert (output["status"], output["rank"], output["score"]) == ("TIDAK_TERAKREDITASI", None, "83.02")
    assert "Sudah pernah meluluskan murid" in output["notes"][0]
    assert output == json.loads(command("iasp-2020", "SMK", school | {"levels": {"SMK-1": 4, "SMK-9": 2}}))


# --- what is not known: exit code 3 -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheme", "form"),
    [("ban-2017", form) for form in ("SMP", "MTs", "SMA", "MA", "SMK", "MAK", "SLB")]
    + [("iasp-2020", "SLB"), ("ia-2024", "SLB")],
)
def test_a_form_without_a_known_rule_ends_with_3_and_json_with_the_reason(command, scheme, form):
    for data in ({"answers": {"1": "A"}}, {"levels": {"1": 4}}, {}):
        with pytest.raises(CommandError) as caught:
            command(scheme, form, data)
        assert caught.value.returncode == 3
        output = json.loads(caught.value.printed)
        assert (output["scheme"], output["form"]) == (scheme, form)
        assert output["reason"] == str(caught.value)
        assert "tidak ditemukan" in output["reason"]


# --- wrong input: exit code 2 -----------------------------------------------------------------------------

HUGE = "9" * 5000
WRONG = [
    # scheme, form, input, what the message names
    ("ban-2017", "SD", "{", "baris 1"),
    ("ban-2017", "SD", "", "baris 1"),
    ("ban-2017", "SD", "[]", "objek"),
    ("ban-2017", "SD", "{}", "answers atau obtained"),
    ("iasp-2020", "SD", "{}", "levels"),
    ("ia-2024", "SD", "{}", "levels"),
    ("ban-2017", "SD", '{"levels": {"1": 4}}', '"levels"'),
    ("ia-2024", "SD", '{"answers": {"1.1.1": 4}}', '"answers"'),
    ("ia-2024", "SD", '{"levels": {}, "ipr": [4]}', '"ipr"'),
    ("ban-2017", "SD", '{"answers": {"1": "A"}, "obtained": {"isi": 4}}', "answers dan obtained"),
    ("ban-2017", "SD", '{"answers": {"1": "A", "1": "B"}}', "1: diberikan dua kali"),
    ("ban-2017", "SD", f'{{"{HUGE}": 1, "{HUGE}": 2}}', "9…: diberikan dua kali"),
    ("snp-profile", "SD", f'{{"{HUGE}": 1}}', "9…” tidak dikenal"),
    ("snp-profile", "SD", f'{{"levels": {{"{HUGE}": 1}}}}', "9… tidak dikenal"),
    ("snp-profile", "SD", f'{{"scores": {{"5.2.7": {DEEP}}}}}', "5.2.7: nilai [["),
    ("ia-2024", "SD", '{"levels": {"\\u001b[31m\\n": 3}}', "levels �[31m�: tidak ada indikator"),
    (HUGE, "SD", '{"levels": {}}', "9…” tidak dikenal"),
    ("ban-2017", "SD", '{"answers": {}, "answers": {}}', "answers: diberikan dua kali"),
    ("ban-2017", "SD", '{"answers": ["A"]}', "answers: harus objek"),
    ("ban-2017", "SD", '{"answers": {"0": "A"}}', "0: tidak ada butir"),
    ("ban-2017", "SD", '{"answers": {"120": "A"}}', "120: tidak ada butir"),
    ("ban-2017", "SD", '{"answers": {"01": "A"}}', "01: tidak ada butir"),
    *[("ban-2017", "SD", f'{{"answers": {{"7": {value}}}}}', "7: ")
      for value in ('"F"', '"a"', '""', "4", "true", "1.5", HUGE, '"NA"', '["A"]', '{"level": "A"}', DEEP)],
    ("ban-2017", "SD", '{"obtained": {"seni": 1}}', "seni: komponen"),
    ("ban-2017", "SD", '{"obtained": 109}', "obtained: harus objek"),
    *[("ban-2017", "SD", f'{{"obtained": {{"isi": {value}}}}}', "isi: jumlah skor")
      for value in ("149", "-1", "109.0", "109.5", "1e2", "true", '"109"', HUGE, "1e999999999", "NaN", DEEP)],
    *[("iasp-2020", "SMA", f'{{"levels": {{"12": {value}}}}}', "12: level")
      for value in ("0", "5", "-3", "2.0", "2.5", "true", "false", '"3"', HUGE, "NaN", "[3]", '{"level": 3}', DEEP)],
    ("iasp-2020", "SMA", '{"levels": {"12": "NA"}}', "12: “tidak berlaku”"),
    ("iasp-2020", "SMA", '{"levels": {"36": 3}}', "36: tidak ada butir"),
    ("iasp-2020", "SMA", '{"levels": {"SMK-1": 3}}', "SMK-1: tidak ada butir"),
    ("iasp-2020", "SMK", '{"levels": {"36": 3, "SMK-1": 3}}', "SMK-1: diberikan dua kali"),
    ("iasp-2020", "SMK", '{"levels": {"SMK-1": 3, "36": 3}}', "36: diberikan dua kali"),
    ("iasp-2020", "SD", '{"ipr": [4, 4, 4, 4, 4, 4, 4, 4, 4]}', "ipr: SD memiliki 8"),
    ("iasp-2020", "SMA", '{"ipr": [4, 4, 4, 4, 4, 4, 4, 4, 4, null]}', "ipr: SMA memiliki 9"),
    ("iasp-2020", "SMK", '{"ipr": [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4]}', "ipr: SMK memiliki 10"),
    *[("iasp-2020", "SD", f'{{"ipr": [4, {value}]}}', "ipr pernyataan 2")
      for value in ("0", "5", "true", "3.0", '"3"', '"NA"', HUGE, "[3]", DEEP)],
    *[("iasp-2020", "SD", f'{{"ipr": {value}}}', "ipr: harus daftar") for value in ("4", '"44"', '{"1": 4}', "true")],
    ("iasp-2020", "SD", '{"ipm": {"gedung": true}}', "ipm gedung"),
    ("iasp-2020", "SD", '{"ipm": {"izin": 1}}', "ipm izin"),
    ("iasp-2020", "SD", '{"ipm": {"izin": "ya"}}', "ipm izin"),
    ("iasp-2020", "SD", '{"ipm": [true]}', "ipm: harus objek"),
    ("ia-2024", "SMA", '{"levels": {"1.1": 3}}', "1.1: tidak ada indikator"),
    ("ia-2024", "SMA", '{"levels": {"3.15.1": 3}}', "3.15.1: tidak ada indikator"),
    ("ia-2024", "SMK", '{"levels": {"3.10.3": 3}}', "3.10.3: tidak ada indikator"),
    ("ia-2024", "SMA", '{"levels": {"1.1.1": "NA"}}', "1.1.1: “tidak berlaku”"),
    ("ia-2024", "SMK", '{"levels": {"1.4.3": "NA"}}', "1.4.3: “tidak berlaku”"),
    ("ia-2024", "SMA", '{"levels": {"1.4.4": "na"}}', "1.4.4: level"),
    ("ia-2024", "SMA", '{"levels": {"1.1.1": 0}}', "1.1.1: level"),
    ("ia-2024", "SMA", '{"levels": {"1.1.1": 5}}', "1.1.1: level"),
    ("ia-2024", "SMA", '{"levels": {"1.1.1": {"level": 3, "context": "campuran"}}}', "1.1.1: level"),
    ("ia-2024", "SMA", '{"levels": {"3.10.3": {"level": 3}}}', "3.10.3: tulis level dan context"),
    ("ia-2024", "SMA", '{"levels": {"3.10.3": {"level": 3, "context": "putra"}}}', "3.10.3: tulis level dan context"),
    ("ia-2024", "SMA", '{"levels": {"3.10.3": {"level": 3, "context": ["campuran"]}}}', "3.10.3: tulis level"),
    ("ia-2024", "SMA", '{"levels": {"3.10.3": {"level": 9, "context": "campuran"}}}', "3.10.3: level"),
    ("ia-2024", "SMA", '{"levels": {"3.10.3": {"level": 3, "context": "campuran", "x": 1}}}', "3.10.3: tulis level"),
    ("ia-2024", "SMA", '{"thresholds": {"A": 3, "B": 3}}', "thresholds: ambang harus menurun"),
    ("ia-2024", "SMA", '{"thresholds": {"A": 2, "C": 3}}', "thresholds: ambang harus menurun"),
    ("ia-2024", "SMA", '{"thresholds": {"D": 2}}', "thresholds D"),
    *[("ia-2024", "SMA", f'{{"thresholds": {{"B": {value}}}}}', "thresholds B")
      for value in ("0.99", "4.01", "-1", "true", '""', '"tiga"', '"3,5,1"', "NaN", "1e-30", HUGE, "[3]", DEEP)],
    ("ia-2024", "SMA", '{"thresholds": [3]}', "thresholds: harus objek"),
    ("ia-2024", "TK", '{"levels": {}}', "“TK”"),
    ("ia-2024", "sma", '{"levels": {}}', "“sma”"),
    ("ban-2017", "", '{"answers": {}}', "“”"),
    ("ban-2018", "SD", '{"answers": {}}', "“ban-2018”"),
    ("ia-2024", "SMA", "[" * 100_000, "bersarang"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("scheme", "data", "field"),
    [
        ("ban-2017", {"answers": {"1": "F"}}, "answers 1: "),
        ("ban-2017", {"answers": {"120": "A"}}, "answers 120: "),
        ("ban-2017", {"obtained": {"isi": 149}}, "obtained isi: "),
        ("ban-2017", {"obtained": {"gaji": 1}}, "obtained gaji: "),
        ("iasp-2020", {"levels": {"1": "4"}}, "levels 1: "),
        ("ia-2024", {"levels": {"1.1.1": "NA"}}, "levels 1.1.1: "),
        ("ia-2024", {"levels": {"3.10.3": {"level": 3}}}, "levels 3.10.3: "),
        ("ia-2024", {"levels": {"": 3}}, "levels : "),
    ],
)
def test_the_message_names_the_field_with_the_key_that_it_stands_in(command, scheme, data, field):
    with pytest.raises(CommandError, match=f"^{re.escape(field)}") as caught:
        command(scheme, "SD", data)
    assert caught.value.returncode == 2


def test_a_null_beside_the_other_way_of_filling_in_says_nothing(command):
    assert command("ban-2017", "SD", {"obtained": OBTAINED, "answers": None}) == command(
        "ban-2017", "SD", {"obtained": OBTAINED}
    )


@pytest.mark.parametrize(("scheme", "form", "text", "named"), WRONG)
def test_wrong_input_ends_with_2_and_a_short_message_that_names_the_field(command, scheme, form, text, named):
    with pytest.raises(CommandError) as caught:
        command(scheme, form, text)
    assert (caught.value.returncode, caught.value.printed) == (2, "")
    assert named in str(caught.value)
    assert len(str(caught.value)) < 300


def test_what_was_just_shallow_enough_to_be_read_is_still_told():
    """Python writes one level less than it reads; somewhere near that border every reader must still answer."""
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    assert shown(deep) == "isi yang terlalu dalam bersarang"


def test_a_forgotten_argument_is_named(command):
    for arguments, named in (
        ([], "SKEMA, --form, --input: "),
        (["ban-2017", "--input", "-"], "--form: "),
        (["ban-2017", "--form", "SD"], "--input: "),
    ):
        with pytest.raises(CommandError, match=f"^{named}wajib diisi") as caught:
            call_command("score", *arguments)
        assert caught.value.returncode == 2


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


@given(st.sampled_from(KINDS), JUNK)
def test_whatever_is_typed_ends_in_figures_or_in_a_message(kind, junk):
    """Nothing but InputError leaves the reader, wherever the junk stands."""
    scheme, form = kind
    codes = list(items(scheme, form))
    places = [junk, {key_of(scheme): junk}, {key_of(scheme): {codes[0]: junk}}, {"obtained": {"isi": junk}}]
    places += [{"ipr": junk}, {"ipr": [junk]}, {"ipm": junk}, {"ipm": {"izin": junk}}, {"thresholds": {"A": junk}}]
    places += [{"levels": {"3.10.3": {"level": junk, "context": junk}}}, {"levels": {"1.4.4": junk}}]
    for place in places:
        with suppress(InputError):
            assert scored(scheme, form, json.dumps(place)).as_dict()["form"] == form


# --- a process of its own ---------------------------------------------------------------------------------


def test_figures_need_no_database(tmp_path):
    result = run("ban-2017", "MI", json.dumps({"obtained": OBTAINED}), tmp_path)
    assert (result.returncode, result.stderr) == (0, b"")
    assert json.loads(result.stdout)["score"] == "84.79"


def test_a_form_without_a_known_rule_ends_the_process_with_3(tmp_path):
    result = run("iasp-2020", "SLB", '{"levels": {"1": 4}}', tmp_path)
    assert result.returncode == 3
    assert set(json.loads(result.stdout)) == {"scheme", "form", "reason"}
    assert b"Traceback" not in result.stderr


def test_wrong_input_ends_the_process_with_2_without_traceback(tmp_path):
    result = run("ia-2024", "SMA", '{"levels": {"\\ud800": 1}}', tmp_path)
    assert (result.returncode, result.stdout) == (2, b"")
    assert b"tidak ada indikator" in result.stderr
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("{ score SD; echo $? >&2; } | head -c 0", 0, "0\n"),
        ("{ score SLB; echo $? >&2; } | head -c 0", 0, "dipinjam.\n3\n"),
        ("score SD >&-", 0, ""),
        ("score SD >/dev/full", 2, "tidak dapat ditulis"),
        ("score PAUD 2>&-", 2, ""),
        ("score SD 0>masukan", 2, "Masukan standar tidak dapat dibaca"),
    ],
)
def test_closed_broken_and_full_streams_leave_the_exit_code_and_no_traceback(tmp_path, command, code, said):
    """Python buffers what goes to a pipe, as it does for everybody outside these tests."""
    score = f'score() {{ {sys.executable} {ROOT / "manage.py"} score iasp-2020 --form "$1" --input - --explain; }}'
    result = subprocess.run(
        ["sh", "-c", f"{score}; {command}"], input=b'{"levels": {"1": 4}}', capture_output=True, check=False,
        cwd=tmp_path, timeout=120, env=os.environ | {"SPMI_DATA_DIR": str(tmp_path), "PYTHONUNBUFFERED": ""},
    )  # fmt: skip
    assert result.returncode == code
    assert said in result.stderr.decode()
    assert (result.stderr == b"") is (said == "")
    assert b"Traceback" not in result.stderr


def test_figures_need_no_folder_for_data(tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    result = run("ia-2024", "SMA", '{"levels": {"1.1.1": 3}}', tmp_path)
    assert (result.returncode, result.stderr) == (0, b"")
    assert json.loads(result.stdout)["mean"] == "3.00"
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_console_that_cannot_write_every_sign_gets_escaped_json(tmp_path):
    result = run("ia-2024", "SMA", '{"levels": {"1.1.1": 3}}', tmp_path, "--explain", PYTHONIOENCODING="ascii")
    assert (result.returncode, result.stderr) == (0, b"")
    assert "…" in json.dumps(json.loads(result.stdout), ensure_ascii=False)


# --- --explain --------------------------------------------------------------------------------------------


def test_explain_adds_the_tree_and_changes_nothing_else(command):
    plain = json.loads(command("ban-2017", "SD", {"obtained": OBTAINED}))
    told = json.loads(command("ban-2017", "SD", {"obtained": OBTAINED}, "--explain"))
    tree = told.pop("explanation")
    assert told == plain
    assert (tree["title"], tree["value"]) == ("Nilai akhir", "84,79")
    assert "10,31 + 10,97 + 12,79 + 14,55 + 10,5 + 7,69 + 8,52 + 9,46 = 84,79" in tree["formula"]


def comma(text: str) -> str:
    return text.replace(".", ",")


def nodes(tree: Explanation) -> dict[str, Explanation]:
    return {node.title: node for _, node in tree.walk()}


def ends_and_coverage(found: dict[str, Explanation], output: dict[str, Any], title: str) -> None:
    low, high = (comma(end) for end in output["interval"].values())
    assert found[title].value == f"{low} sampai {high}"
    if low != high:
        assert [part.value for part in found[title].parts] == [low, high]
        assert all("=" in part.formula for part in found[title].parts)
    coverage = found["Kelengkapan isian"]
    assert coverage.value == comma(output["coverage"])
    assert "terisi" in coverage.formula


MET = {True: "terpenuhi", False: "belum terpenuhi", None: "belum dapat ditentukan"}
STATUS = {"TERAKREDITASI": "terakreditasi", "TIDAK_TERAKREDITASI": "tidak terakreditasi", None: MET[None]}
few = settings(max_examples=30)


@pytest.mark.parametrize(("scheme", "form"), KINDS[:3])
@few
@given(st.data())
def test_every_figure_of_a_weighted_scheme_is_explained(scheme, form, data):
    result = scored(scheme, form, data.draw(schools(scheme, form)))
    output, tree = result.as_dict(), explain(result)
    found = nodes(tree)
    if output["score"] is None:
        assert tree.value == "belum terisi"
    else:
        assert tree.value == comma(output["score"])
        assert re.search(rf"menjadi {output['rounded']}\b", tree.formula)
    for part in output["components"]:
        component = result.layout.by_code[part["code"]]
        node = found[f"{component.name}, bobot {component.weight}"]
        if part["value"] is None:
            assert node.value == "belum terisi"
        else:
            assert node.value == f"{comma(part['value'])} (skala 100: {part['scaled']})"
            assert f"dibulatkan menjadi {part['scaled']}" in node.formula
            assert len(node.parts) == len(component.items)
    texts = {condition.code: condition.text for condition in result.spec.conditions}
    for row in output["conditions"]:
        node = found[texts[row["code"]]]
        assert node.value == MET[row["met"]]
        assert "batasnya" in node.formula
    status = found["Status dan peringkat hasil hitung"].value
    assert status.partition(", ")[0] == STATUS[output["status"]]
    names = {rank.letter: rank.name for rank in result.spec.ranks}
    if output["rank"]:
        assert status.endswith(f", {output['rank']} ({names[output['rank']]})")
    else:
        assert status.endswith(("tanpa huruf", "belum dapat ditentukan"))
    for key, title in (("ik", "Kinerja (IK)"), ("ipr", "Indeks Pemenuhan Relatif (IPR)")):
        if key in output:
            assert found[title].value == (comma(output[key]) if output[key] else "belum terisi")
            assert output[key] is None or "=" in found[title].formula
    ends_and_coverage(found, output, "Rentang nilai akhir")


@pytest.mark.parametrize(("scheme", "form"), KINDS[3:])
@few
@given(st.data())
def test_every_figure_of_ia2024_is_explained(scheme, form, data):
    result = scored(scheme, form, data.draw(schools(scheme, form)))
    output, tree = result.as_dict(), explain(result)
    found = nodes(tree)
    assert tree.value == (comma(output["mean"]) if output["mean"] else "belum terisi")
    for key, label in (("butir", "Butir"), ("components", "Komponen")):
        for row in output[key]:
            (node,) = [node for title, node in found.items() if title.startswith(f"{label} {row['code']} ")]
            assert node.value == (comma(row["mean"]) if row["mean"] else "belum terisi")
            assert row["mean"] is None or "=" in node.formula
    for level, count in output["distribution"].items():
        node = found[f"{level} ({output['categories'][level]})"]
        share = output["shares"][level]
        assert node.value == f"{count} indikator, bagian {comma(share) if share else 'belum terisi'}"
        assert share is None or "=" in node.formula
    assert found["Indikator terlemah"].value == (", ".join(output["weakest"]) or "belum terisi")
    assert found["Peringkat"].value == "tidak dihitung"
    ends_and_coverage(found, output, "Rentang rata-rata")


def test_the_ends_of_the_interval_say_what_stands_for_what_is_missing():
    found = nodes(explain(scored("iasp-2020", "SMP", {"levels": {"1": 3}, "ipr": [4]})))
    ends = [found[f"{name} yang masih mungkin"].source for name in ("Terendah", "Tertinggi")]
    assert ends == [
        f"Setiap butir yang belum terisi dihitung {n}, pernyataan IPR yang belum terisi {n}." for n in (1, 4)
    ]
    found = nodes(explain(scored("ban-2017", "SD", {"answers": {"1": "A"}})))
    assert found["Terendah yang masih mungkin"].source == "Setiap butir yang belum terisi dihitung E."


def test_a_rank_that_is_still_open_is_not_called_no_letter():
    """B or A is still possible, the status is certain."""
    answers = {str(item): "A" for item in range(1, 120)} | {str(item): "B" for item in range(11, 41)}
    for item in (60, 61, 62, 63, 64, 65, 66):
        answers.pop(str(item))
    result = scored("ban-2017", "SD", {"answers": answers})
    assert (result.status, result.rank) == ("TERAKREDITASI", None)
    found = nodes(explain(result))["Status dan peringkat hasil hitung"]
    assert found.value == "terakreditasi, peringkat belum dapat ditentukan"
    failed = scored("ban-2017", "SD", {"obtained": OBTAINED | {"sarpras": 145}})
    assert nodes(explain(failed))["Status dan peringkat hasil hitung"].value == "tidak terakreditasi, tanpa huruf"


@pytest.mark.parametrize(("level", "said"), [(1, "di bawah semua ambang"), (2, "C"), (None, "belum dapat ditentukan")])
def test_own_thresholds_say_whose_assumption_the_letter_is(level, said):
    levels = dict.fromkeys(items("ia-2024", "SMA"), level)
    tree = explain(scored("ia-2024", "SMA", {"levels": levels, "thresholds": {"B": "2,5", "C": 2}}))
    node = nodes(tree)["Huruf menurut ambang sendiri"]
    assert (node.value, node.source) == (said, "Asumsi sendiri; bukan aturan badan akreditasi.")
    assert "B mulai 2,5; C mulai 2" in node.formula


def test_the_rubric_of_3_10_3_and_the_ipm_are_told():
    plain, told = ({"3.10.3": 3}, {"3.10.3": {"level": 3, "context": "terpisah"}})
    for levels, words in ((plain, "rubrik yang dipakai tidak disebut"), (told, "rubrik: Kelas terpisah")):
        found = nodes(explain(scored("ia-2024", "MA", {"levels": levels})))
        assert [node.formula for title, node in found.items() if title.startswith("Indikator 3.10.3")] == [words]
    for ipm, value in (({}, MET[None]), ({"izin": False}, MET[False])):
        found = nodes(explain(scored("iasp-2020", "MA", {"levels": {}, "ipm": ipm})))
        assert found["Indikator Pemenuhan Mutlak (IPM)"].value == value


@pytest.mark.parametrize(("scheme", "form"), KINDS)
def test_explanations_speak_indonesian_with_commas_and_promise_nothing(scheme, form):
    levels = {code: options[2] for code, options in list(items(scheme, form).items())[:20]}
    tree = explain(scored(scheme, form, {key_of(scheme): levels}))
    text = " ".join(
        f"{node.value} {node.formula}" for _, node in tree.walk() if not node.title.startswith("Indikator t")
    )
    assert not re.search(r"\d\.\d{2}(?!\d)", text)  # a decimal point; dots stand between thousands alone
    for word in ("None", "Fraction", "True", "prediksi resmi", "resmi:"):
        assert word not in text
    assert "skema" in tree.source
