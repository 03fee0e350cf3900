"""A production start with unsafe values refuses and names the variable."""

import json
import re
import secrets
import subprocess
import sys

import pytest

from tests.serving import BASE_DIR, app_environment

SAFE = {
    "SPMI_MODE": "production",
    "SPMI_SECRET_KEY": secrets.token_urlsafe(64),
    "SPMI_ALLOWED_HOSTS": "spmi.sekolah.id",
    "SPMI_DATABASE_URL": "postgres://spmi@127.0.0.1:1/spmi",
    "SPMI_REDIS_URL": "redis://127.0.0.1:1/0",
}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=BASE_DIR,
        env=app_environment(**environment),
        capture_output=True,
        text=True,
        timeout=120,
    )


def check_deploy(**environment: str) -> subprocess.CompletedProcess[str]:
    return run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **environment)


def read_settings(*names: str, **environment: str) -> dict:
    code = (
        "import json, sys; from django.conf import settings;"
        "print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))"
    )
    result = run("-c", code, *names, DJANGO_SETTINGS_MODULE="spmi.settings", **environment)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_safe_production_values_pass_the_deployment_check_without_a_warning(tmp_path):
    result = check_deploy(**SAFE, SPMI_DATA_DIR=str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SPMI_SECRET_KEY": ""}, "SPMI_SECRET_KEY"),
        ({"SPMI_SECRET_KEY": "pendek"}, "SPMI_SECRET_KEY"),
        ({"SPMI_SECRET_KEY": "ab" * 40}, "SPMI_SECRET_KEY"),
        ({"SPMI_DEBUG": "1"}, "SPMI_DEBUG"),
        ({"SPMI_ALLOWED_HOSTS": ""}, "SPMI_ALLOWED_HOSTS"),
        ({"SPMI_ALLOWED_HOSTS": "*"}, "SPMI_ALLOWED_HOSTS"),
        ({"SPMI_ALLOWED_HOSTS": " , "}, "SPMI_ALLOWED_HOSTS"),
        ({"SPMI_ALLOWED_HOSTS": "spmi.sekolah.id, *"}, "SPMI_ALLOWED_HOSTS"),
        ({"SPMI_ALLOWED_HOSTS": "spmi.sekolah.id,*"}, "SPMI_ALLOWED_HOSTS"),
        ({"SPMI_DEMO": "1"}, "SPMI_DEMO"),
        ({"SPMI_DATABASE_URL": ""}, "SPMI_DATABASE_URL"),
        ({"SPMI_DATABASE_URL": "sqlite:////tmp/spmi.sqlite3"}, "SPMI_DATABASE_URL"),
        ({"SPMI_REDIS_URL": ""}, "SPMI_REDIS_URL"),
        ({"SPMI_MODE": "produksi"}, "SPMI_MODE"),
    ],
)
def test_production_refuses_to_start_with(change, named, tmp_path):
    result = run("-c", "import spmi.wsgi", **{**SAFE, "SPMI_DATA_DIR": str(tmp_path), **change})
    assert result.returncode != 0
    last_line = result.stderr.strip().splitlines()[-1]
    assert "ImproperlyConfigured" in last_line
    assert named in last_line


def test_production_without_https_does_not_pass_the_deployment_check(tmp_path):
    result = check_deploy(**SAFE, SPMI_DATA_DIR=str(tmp_path), SPMI_HTTPS="0")
    assert result.returncode == 1
    assert "security.W004" in result.stderr


def test_numbers_that_would_stop_the_work_are_errors(tmp_path):
    values = {"SPMI_UPLOAD_LIMIT": "0", "SPMI_REPORT_SWEEP_SECONDS": "-1"}
    result = check_deploy(**SAFE, **values, SPMI_DATA_DIR=str(tmp_path))
    assert result.returncode == 1
    assert "spmi.E001" in result.stderr
    for name in values:
        assert name in result.stderr


def test_a_sweep_slower_than_the_lease_is_a_warning(tmp_path):
    result = check_deploy(**SAFE, SPMI_REPORT_SWEEP_SECONDS="600", SPMI_DATA_DIR=str(tmp_path))
    assert result.returncode == 1
    assert "spmi.W001" in result.stderr


def test_embedded_start_makes_a_key_of_its_own_and_a_directory_that_others_cannot_read(tmp_path):
    data_dir = tmp_path / "data"
    keys = {
        run(
            "manage.py",
            "shell",
            "--verbosity=0",
            "-c",
            "from django.conf import settings; print(settings.SECRET_KEY)",
            SPMI_DATA_DIR=str(data_dir),
        ).stdout.strip()
        for _ in range(2)
    }
    assert len(keys) == 1
    assert len(keys.pop()) >= 50
    assert (data_dir / "secret_key").stat().st_mode & 0o777 == 0o600
    assert data_dir.stat().st_mode & 0o777 == 0o700


def test_embedded_defaults_listen_to_local_names_and_keep_the_database_in_the_data_directory(tmp_path):
    values = read_settings(
        "ALLOWED_HOSTS", "DEBUG", "DEMO", "DATABASES", SPMI_DATA_DIR=str(tmp_path), SPMI_SECRET_KEY="x"
    )
    assert values["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]"]
    assert values["DEBUG"] is False
    assert values["DEMO"] is True
    assert values["DATABASES"]["default"]["NAME"] == str(tmp_path / "spmi.sqlite3")
    assert values["DATABASES"]["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_production_trusts_one_proxy_for_the_address_of_the_visitor(tmp_path):
    values = read_settings("ALLAUTH_TRUSTED_PROXY_COUNT", **SAFE, SPMI_DATA_DIR=str(tmp_path))
    assert values["ALLAUTH_TRUSTED_PROXY_COUNT"] == 1


def test_a_space_after_a_comma_disables_no_host(tmp_path):
    names = {
        "SPMI_ALLOWED_HOSTS": "spmi.a.id, spmi.b.id ",
        "SPMI_TRUSTED_ORIGINS": "https://spmi.a.id, https://spmi.b.id",
    }
    for mode in (SAFE, {"SPMI_SECRET_KEY": "x"}):
        variables = {**mode, **names, "SPMI_DATA_DIR": str(tmp_path)}
        values = read_settings("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", **variables)
        assert values["ALLOWED_HOSTS"] == ["spmi.a.id", "spmi.b.id"]
        assert values["CSRF_TRUSTED_ORIGINS"] == ["https://spmi.a.id", "https://spmi.b.id"]


def test_collected_files_are_readable_by_another_user_than_the_collecting_one(tmp_path):
    variables = {**SAFE, "SPMI_DATA_DIR": str(tmp_path), "SPMI_STATIC_ROOT": str(tmp_path / "static")}
    result = run("manage.py", "collectstatic", "--no-input", "--verbosity=0", **variables)
    assert result.returncode == 0, result.stderr
    modes = {path: path.stat().st_mode & 0o777 for path in (tmp_path / "static").rglob("*")}
    assert len(modes) > 10
    assert not [path for path, mode in modes.items() if mode & (0o555 if path.is_dir() else 0o444) == 0]
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o644}
    assert {mode for path, mode in modes.items() if path.is_dir()} <= {0o755}


@pytest.mark.parametrize("place", ["berkas", "berkas/di-bawahnya"])
def test_a_data_directory_that_cannot_be_made_is_named_without_a_traceback(tmp_path, place):
    (tmp_path / "berkas").write_text("bukan folder")
    result = run("manage.py", "check", SPMI_DATA_DIR=str(tmp_path / place))
    assert result.returncode == 1
    assert "SPMI_DATA_DIR" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("name", ["data #1", "50%", "apa?", "Tahun 2026/2027", "kepala@sekolah:1"])
def test_the_data_directory_may_have_any_name(name, tmp_path):
    values = read_settings("DATABASES", SPMI_DATA_DIR=str(tmp_path / name), SPMI_SECRET_KEY="x")
    assert values["DATABASES"]["default"]["NAME"] == str(tmp_path / name / "spmi.sqlite3")


def test_the_operations_page_lists_exactly_the_variables_that_the_application_reads():
    page = (BASE_DIR / "docs/operations.md").read_text()
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`(SPMI_\w+)`", row)}
    sources = [BASE_DIR / "spmi/settings.py", BASE_DIR / "spmi/runtime.py"]
    read = {name for path in sources for name in re.findall(r"\"(SPMI_\w+)\"", path.read_text())}
    assert documented == read
