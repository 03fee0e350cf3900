"""docker-compose.yml and Dockerfile name real commands, and these start with exactly that environment."""

import os
import re
import shlex
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from tests.serving import BASE_DIR, app_environment, free_port, scratch_database

VALUES = {  # what an operator writes into .env
    "SPMI_SECRET_KEY": "Zr4-vQ9_pLx2Wm7TnB6yKd8HsJf3GcE5RaUoXi1NzVtMqSwPb0Yk",
    "SPMI_ALLOWED_HOSTS": "spmi.sekolah.id",
    "POSTGRES_PASSWORD": "rahasia123",
}
OURS = ("setup", "web", "worker", "beat")


def substitute(text: str, values: dict[str, str] = VALUES) -> str:
    """What docker compose makes of ``${NAME:-default}``, ``${NAME:?message}`` and ``$$``."""

    def value(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        name, operator, rest = match["name"], match["operator"], match["rest"]
        if found := values.get(name):
            return found
        if operator == ":?":
            raise ValueError(f"{name}: {rest}")
        return rest

    return re.sub(r"\$\$|\$\{(?P<name>\w+)(?P<operator>:[-?])(?P<rest>[^}]*)\}", value, text)


def substituted(node: Any) -> Any:
    """Every text in *node* with its variables filled in, as compose does after reading the YAML."""
    if isinstance(node, dict):
        return {key: substituted(value) for key, value in node.items()}
    if isinstance(node, list):
        return [substituted(value) for value in node]
    return substitute(node) if isinstance(node, str) else node


@cache
def compose() -> dict[str, Any]:
    return substituted(yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text()))


def service(name: str) -> dict[str, Any]:
    return compose()["services"][name]


def words(command: str | list[str]) -> list[str]:
    return command if isinstance(command, list) else shlex.split(command)


def health_words(name: str) -> list[str]:
    kind, *rest = service(name)["healthcheck"]["test"]
    return rest if kind == "CMD" else ["sh", "-c", *rest]


def environment(name: str, data_dir: Path, **changes: str) -> dict[str, str]:
    """The environment of the service as the container would have it; the volume /data is *data_dir*."""
    given = {key: str(value) for key, value in service(name)["environment"].items()}
    assert given["SPMI_DATA_DIR"] == "/data"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    image = {"PATH": path, "HOSTNAME": socket.gethostname(), "SPMI_STATIC_ROOT": str(data_dir / "static")}
    return app_environment(**{**image, **given, "SPMI_DATA_DIR": str(data_dir), **changes})


def run(arguments: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, cwd=BASE_DIR, env=variables, capture_output=True, text=True, timeout=120)


def test_every_service_is_there_and_its_image_is_pinned():
    assert set(compose()["services"]) == {*OURS, "postgres", "redis"}
    for name, definition in compose()["services"].items():
        image, _, tag = definition["image"].partition(":")
        assert re.match(r"\d+\.\d+", tag), f"{name}: {image}:{tag}"
        assert "/" not in image


@pytest.mark.parametrize("missing", sorted(VALUES))
def test_a_missing_secret_stops_compose_with_its_name(missing):
    text = (BASE_DIR / "docker-compose.yml").read_text()
    with pytest.raises(ValueError, match=f"{missing}: .+"):
        substitute(text, {key: value for key, value in VALUES.items() if key != missing})


def test_no_secret_is_written_down():
    text = (BASE_DIR / "docker-compose.yml").read_text()
    for line in text.splitlines():
        if re.search(r"(KEY|PASSWORD):", line):
            assert "${" in line


@pytest.mark.parametrize("name", OURS)
def test_the_environment_is_a_safe_production_start(name, tmp_path):
    variables = environment(name, tmp_path)
    checked = run(["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"], variables)
    assert checked.returncode == 0, checked.stderr


def test_every_documented_variable_reaches_the_containers():
    page = (BASE_DIR / "docs/operations.md").read_text()
    documented = {
        name
        for line in page.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(SPMI_\w+)`", line.split("|")[1])
    }
    given = {key for key in service("web")["environment"] if key.startswith("SPMI_")}
    # The image sets where static files lie; the other two are refused in production.
    assert documented - given == {"SPMI_STATIC_ROOT", "SPMI_DEMO", "SPMI_DEBUG"}


@pytest.mark.parametrize("name", OURS)
def test_all_state_is_on_a_volume(name):
    assert service(name)["volumes"] == ["data:/data"]
    assert service(name)["environment"]["SPMI_DATA_DIR"] == "/data"
    assert "data" in compose()["volumes"]


def test_databases_keep_their_state_on_volumes():
    for name in ("postgres", "redis"):
        volume, _, _ = service(name)["volumes"][0].partition(":")
        assert volume in compose()["volumes"]


def test_every_long_running_service_has_a_health_check_and_waits_for_what_it_needs():
    for name in ("web", "worker", "beat", "postgres", "redis"):
        assert len(service(name)["healthcheck"]["test"]) > 1
        assert service(name)["restart"] == "unless-stopped"
    for name in ("web", "worker", "beat"):
        waits = {other: rule["condition"] for other, rule in service(name)["depends_on"].items()}
        assert waits == {
            "setup": "service_completed_successfully",
            "postgres": "service_healthy",
            "redis": "service_healthy",
        }


def test_only_the_web_is_published_and_only_to_the_machine_itself():
    published = {name: item["ports"] for name, item in compose()["services"].items() if "ports" in item}
    assert published == {"web": ["127.0.0.1:8000:8000"]}


def test_the_web_command_is_one_that_gunicorn_accepts(tmp_path):
    program, *arguments = words(service("web")["command"])
    assert program == "gunicorn"
    checked = run([sys.executable, "-m", "gunicorn", *arguments, "--check-config"], environment("web", tmp_path))
    assert checked.returncode == 0, checked.stderr


def dockerfile() -> str:
    return (BASE_DIR / "Dockerfile").read_text().replace("\\\n", " ")


def test_the_image_contains_every_room_and_nothing_private():
    copied = {line.split()[1] for line in dockerfile().splitlines() if line.startswith("COPY")}
    assert all((BASE_DIR / source).exists() for source in copied)
    rooms = {path.parent.name for path in BASE_DIR.glob("*/apps.py")}
    assert rooms | {"manage.py", "requirements/base.txt", "static", "templates"} == copied
    allowed = {line[1:] for line in (BASE_DIR / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert allowed == copied


def test_the_image_runs_without_root_and_installs_only_what_the_lock_names():
    text = dockerfile()
    assert re.search(r"pip install .*--require-hashes -r requirements/base.txt", text)
    user = re.findall(r"^USER (\S+)", text, re.MULTILINE)[-1]
    assert user not in {"root", "0"}
    assert yaml.safe_load(re.search(r"^HEALTHCHECK .* CMD (\[.*\])", text, re.MULTILINE)[1]) == [
        "python",
        "-m",
        "spmi.healthcheck",
    ]
    program, *arguments = yaml.safe_load(re.search(r"^CMD (\[.*\])", text, re.MULTILINE)[1])
    assert program == "gunicorn"
    assert run([sys.executable, "-m", "gunicorn", *arguments, "--help"], dict(os.environ)).returncode == 0


@pytest.mark.processes
@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.timeout(300)
def test_setup_web_worker_and_beat_really_start_and_report_health(tmp_path, postgres_url, redis_url):
    port = str(free_port())
    log = (tmp_path / "log").open("w+")
    with ExitStack() as stack:
        elsewhere = {
            "SPMI_DATABASE_URL": stack.enter_context(scratch_database(postgres_url)),
            "SPMI_REDIS_URL": redis_url,
            "PORT": port,
        }
        variables = environment("setup", tmp_path, **elsewhere)
        collected = run(["python", "manage.py", "collectstatic", "--no-input"], variables)
        assert collected.returncode == 0, collected.stderr
        prepared = run(words(service("setup")["command"]), variables)
        assert prepared.returncode == 0, prepared.stderr

        started = []
        for name in ("web", "worker", "beat"):
            command = [word.replace(":8000", f":{port}") for word in words(service(name)["command"])]
            process = psutil.Popen(
                [sys.executable, "-m", *command],
                cwd=BASE_DIR,
                env=environment(name, tmp_path, **elsewhere),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)
            started.append(process)

        for name in ("web", "worker", "beat"):
            deadline = time.monotonic() + 90
            while True:
                asked = run(health_words(name), environment(name, tmp_path, **elsewhere))
                if asked.returncode == 0:
                    break
                log.seek(0)
                assert time.monotonic() < deadline, f"{name}: {asked.stdout}{asked.stderr}\n{log.read()}"
                assert all(process.poll() is None for process in started), log.read()
    assert [process.returncode for process in started] == [0, 0, 0]
    log.close()
