"""What the doctor says, asked through the real command."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from swarm.doctor.line import Health
from swarm.doctor.machine import GIBIBYTE, room

Ask = Callable[..., tuple[int, dict[str, dict[str, Any]]]]
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
WHO = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "protocol.file.allow=always")


@pytest.fixture
def ask(swarm: Callable[..., Any]) -> Ask:
    """Ask in a folder; the exit code, and the lines by their names."""

    def asking(folder: Path, *flags: str, env: Mapping[str, str] | None = None) -> tuple[int, dict[str, dict[str, Any]]]:
        said = swarm("doctor", "--json", *flags, cwd=folder, env=env)
        answer = json.loads(said.out)
        assert answer["exit_code"] == said.code, said.err
        assert answer["possible"] == (said.code == 0)
        return said.code, {line["name"]: line for line in answer["checks"]}

    return asking


@pytest.fixture
def project(make_repository: Callable[[Mapping[str, str]], Path]) -> Path:
    return make_repository({"shop.py": "", "pytest.ini": "[pytest]\n"})


def git(folder: Path, *args: str) -> None:
    subprocess.run(["git", *WHO, *args], cwd=folder, check=True, capture_output=True)


def only(folder: Path, *programs: str) -> dict[str, str]:
    """A search path on which nothing but these programs is found."""
    folder.mkdir(exist_ok=True)
    for program in programs:
        found = shutil.which(program)
        assert found is not None
        (folder / program).symlink_to(found)
    return {"PATH": str(folder)}


def test_a_machine_on_which_runs_are_possible_is_told_so(project: Path, ask: Ask) -> None:
    code, lines = ask(project)

    assert code == 0
    assert [line["name"] for line in lines.values() if line["health"] == "trouble"] == []
    assert lines["sandbox"]["health"] == "ok"
    assert lines["repository"]["text"].startswith(str(project))
    assert lines["environment"]["text"].startswith("swarm's own")
    assert set(lines) >= {"docker", "bubblewrap", "user namespaces", "cgroups", "disk", "state folder", "git", "sqlite", "tests"}


def test_it_is_said_in_words_as_well(project: Path, swarm: Callable[..., Any]) -> None:
    said = swarm("doctor", cwd=project)

    assert said.code == 0
    assert "ok  bubblewrap" in said.out
    assert said.out.rstrip().endswith("Runs are possible.")


def test_the_machine_is_looked_at_where_there_is_no_repository(tmp_path: Path, ask: Ask) -> None:
    code, lines = ask(tmp_path)

    assert code == 0
    assert lines["repository"]["health"] == "warning"
    assert "environment" not in lines


def test_without_any_sandbox_it_ends_with_7_and_says_what_to_install(project: Path, tmp_path: Path, ask: Ask) -> None:
    code, lines = ask(project, env={**only(tmp_path / "bin", "git"), "DOCKER_HOST": f"unix://{tmp_path}/nothing"})

    assert code == 7
    assert lines["bubblewrap"]["text"] == "bubblewrap is not installed"
    assert lines["sandbox"]["health"] == "trouble"
    assert "bubblewrap" in lines["sandbox"]["remedy"]


def test_no_sandbox_that_was_asked_for_is_a_warning(project: Path, ask: Ask) -> None:
    code, lines = ask(project, "--sandbox", "none")

    assert (code, lines["sandbox"]["health"]) == (0, "warning")
    assert "run as you" in lines["sandbox"]["text"]


@pytest.mark.parametrize(
    ("version", "health", "said"),
    [
        ("2.30.9", "trouble", "too old"),
        ("2.39.3", "warning", "CVE-2024-32002"),
        ("2.45.0.windows.1", "warning", "CVE-2024-32002"),
        ("2.43.4", "warning", "CVE-2025-48384"),
        ("2.43.7", "ok", "2.43.7"),
        ("2.51.0", "ok", "2.51.0"),
        ("3.0.0", "ok", "3.0.0"),
    ],
)
def test_a_git_with_known_holes_is_named(project: Path, tmp_path: Path, ask: Ask, version: str, health: str, said: str) -> None:
    real = shutil.which("git")
    fake = tmp_path / "bin"
    fake.mkdir()
    (fake / "git").write_text(
        f'#!/bin/sh\nfor word; do test "$word" = version && echo "git version {version}" && exit; done\nexec {real} "$@"\n'
    )
    (fake / "git").chmod(0o755)

    code, lines = ask(project, env={"PATH": f"{fake}:{os.environ['PATH']}"})

    assert (lines["git"]["health"], code) == (health, 7 if health == "trouble" else 0)
    assert said in lines["git"]["text"]


def test_keys_of_models_are_named_and_never_shown(project: Path, swarm: Callable[..., Any]) -> None:
    keys = {"ANTHROPIC_API_KEY": "canary-1111", "OPENAI_API_KEY": "canary-2222"}

    for form in ((), ("--json",)):
        said = swarm("doctor", *form, cwd=project, env=keys)
        assert "ANTHROPIC_API_KEY, OPENAI_API_KEY" in said.out
        assert "canary" not in said.out + said.err


def test_submodules_lfs_and_a_sparse_checkout_are_seen(project: Path, tmp_path: Path, ask: Ask) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    git(other, "commit", "-q", "--allow-empty", "-m", "begin")
    git(project, "submodule", "--quiet", "add", str(other), "vendor")
    (project / "deep").mkdir()
    (project / "deep/.gitattributes").write_text("*.bin filter=lfs diff=lfs\n")
    (project / "deep/a.bin").write_text(LFS)
    git(project, "-c", "filter.lfs.clean=cat", "add", "-A")
    git(project, "commit", "-qm", "more")
    git(project, "sparse-checkout", "set", "deep")

    code, lines = ask(project)

    assert code == 0
    assert (lines["submodules"]["health"], lines["lfs"]["health"]) == ("warning", "warning")
    assert "vendor" in lines["submodules"]["text"]
    assert "worktrees hold all of it" in lines["sparse checkout"]["text"]


def test_shallow_and_partial_clones_are_seen(project: Path, tmp_path: Path, ask: Ask) -> None:
    git(project, "commit", "-q", "--allow-empty", "-m", "second")
    git(project, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{project}", "shallow")
    git(tmp_path, "clone", "-q", "--filter=blob:none", f"file://{project}", "partial")

    assert "shallow" in ask(tmp_path / "shallow")[1]["history"]["text"]
    assert "partial" in ask(tmp_path / "partial")[1]["history"]["text"]
    assert ask(project)[1]["history"]["text"] == "complete"


def test_an_environment_that_cannot_be_had_makes_runs_impossible(project: Path, ask: Ask) -> None:
    code, lines = ask(project, "--env", "inherit")

    assert (code, lines["environment"]["health"]) == (7, "trouble")
    assert "--env build" in lines["environment"]["remedy"]


def test_an_environment_that_would_be_built_is_told_and_not_built(
    make_repository: Callable[[Mapping[str, str]], Path], home: Path, ask: Ask
) -> None:
    folder = make_repository({"requirements-dev.txt": "iniconfig\n", "test_shop.py": "def test_it(): pass\n"})

    code, lines = ask(folder)

    assert code == 0
    assert lines["environment"]["text"].startswith("built with uv for Python 3")
    assert "requirements-dev.txt" in lines["environment"]["text"]
    assert not (home / "state").exists()


@pytest.mark.parametrize("text", ["agents = 'many'\n", "agents = \n", "agnets = 3\n"])
def test_settings_that_cannot_be_used_are_in_the_way(project: Path, ask: Ask, text: str) -> None:
    (project / ".swarm.toml").write_text(text)

    code, lines = ask(project)

    assert (code, lines["settings"]["health"]) == (7, "trouble")
    assert ".swarm.toml" in lines["settings"]["text"]


def test_a_repository_without_a_commit_is_in_the_way(tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "-q")

    code, lines = ask(tmp_path / "empty")

    assert (code, lines["repository"]["health"]) == (7, "trouble")


def test_a_state_folder_that_cannot_be_written_is_in_the_way(project: Path, tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "file").write_text("")

    code, lines = ask(project, env={"XDG_STATE_HOME": str(tmp_path / "file")})

    assert (code, lines["state folder"]["health"]) == (7, "trouble")
    assert "XDG_STATE_HOME" in lines["state folder"]["remedy"]


@pytest.mark.parametrize(("free", "health"), [(0.1, Health.TROUBLE), (1, Health.WARNING), (50, Health.OK)])
def test_a_full_disk_is_seen(free: float, health: Health) -> None:
    assert room(int(free * GIBIBYTE), Path("/")).health is health
