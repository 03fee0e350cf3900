"""The commands that README and the people rely on."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.serving import BASE_DIR, app_environment

TARGETS = ["help", "setup", "run", "test", "check", "bench", "drill", "story", "demo-reset", "lock"]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments], cwd=BASE_DIR, env=app_environment(), capture_output=True, text=True, timeout=60
    )


def test_make_alone_explains_every_command():
    told = make()
    assert told.returncode == 0
    assert re.findall(r"^  make (\S+) +\S", told.stdout, re.MULTILINE) == TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_every_command_leads_to_files_that_exist(target):
    planned = make("--dry-run", target)
    assert planned.returncode == 0, planned.stderr
    for script in re.findall(r"scripts/\S+\.sh", planned.stdout):
        assert os.access(BASE_DIR / script, os.X_OK)
    for module in re.findall(r"-m (benchmarks\.\w+)", planned.stdout):
        assert (BASE_DIR / f"{module.replace('.', '/')}.py").is_file()


def test_scripts_are_valid_shell():
    for script in [*BASE_DIR.glob("scripts/*.sh")]:
        subprocess.run(["sh", "-n", script], check=True)
    subprocess.run(["bash", "-n", BASE_DIR / ".ci/run"], check=True)


def pins(name: str) -> dict[str, str]:
    text = (BASE_DIR / "requirements" / name).read_text()
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", text, re.MULTILINE))


def test_every_requirement_is_locked_with_a_hash_and_without_an_address():
    for name in ("base.txt", "dev.txt"):
        text = (BASE_DIR / "requirements" / name).read_text()
        blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
        assert blocks
        assert all("--hash=sha256:" in block for block in blocks)
        assert "://" not in text


def test_development_adds_to_the_base_and_changes_none_of_it():
    base, dev = pins("base.txt"), pins("dev.txt")
    assert base.items() <= dev.items()
    assert "pytest" not in base


class Machine:
    """A bare machine for scripts/setup.sh: its own copy of the script and a PATH with hardly anything in it."""

    def __init__(self, folder: Path) -> None:
        self.copy, self.tools = folder / "copy", folder / "bin"
        for name in ("scripts/setup.sh", "requirements/base.txt"):
            (self.copy / name).parent.mkdir(parents=True)
            shutil.copy(BASE_DIR / name, self.copy / name)
        self.tools.mkdir()
        for tool in ("sh", "cksum", "cat", "dirname", "mktemp", "rm", "tail", "touch"):
            (self.tools / tool).symlink_to(shutil.which(tool))

    def program(self, path: Path, script: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def has_python_but_no_pango(self) -> None:
        """A .venv that installs everything, and finds Pango only once apt-get has left its mark."""
        script = f'case "$*" in *weasyprint*) [ -f {self.copy}/pango ] ;; esac'
        self.program(self.copy / ".venv/bin/python", script)

    def has_apt_as_root(self) -> None:
        self.program(self.tools / "id", "echo 0")
        self.program(self.tools / "env", 'shift; exec "$@"')
        self.program(self.tools / "apt-get", f'echo "$*" >> {self.copy}/apt; touch {self.copy}/pango')

    def setup(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "scripts/setup.sh", "base"],
            cwd=self.copy,
            env={"PATH": str(self.tools)},
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_setup_explains_what_to_install_when_there_is_no_python(machine):
    result = machine.setup()
    assert result.returncode == 1
    assert "Python 3.11" in result.stderr
    assert "sudo apt-get install python3" in result.stderr


def test_setup_names_the_command_for_pango_where_it_cannot_install_it(machine):
    machine.has_python_but_no_pango()
    for _ in range(2):  # and does not take the second try for a success
        result = machine.setup()
        assert result.returncode == 1
        assert "sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in result.stderr
        assert "sudo dnf install pango" in result.stderr
        assert "brew install pango" in result.stderr


def test_setup_installs_pango_where_it_can_and_is_done_the_next_time(machine):
    machine.has_python_but_no_pango()
    machine.has_apt_as_root()
    first = machine.setup()
    assert first.returncode == 0, first.stderr
    assert "Memasang paket sistem: libpango-1.0-0" in first.stdout
    assert "libpangoft2-1.0-0" in (machine.copy / "apt").read_text()
    second = machine.setup()
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")


def test_setup_starts_over_when_the_requirements_change(machine):
    machine.has_python_but_no_pango()
    machine.has_apt_as_root()
    machine.setup()
    with (machine.copy / "requirements/base.txt").open("a") as requirements:
        requirements.write("# changed\n")
    assert "Memasang pustaka Python" in machine.setup().stdout
