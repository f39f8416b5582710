"""What cannot be used is refused by file and line, with what to do."""

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from swarm.errors import SettingsError, UnknownSetting, UnreadableSettings, WrongSetting, shown
from swarm.settings.files import LARGEST
from swarm.settings.sources import load


def refusal(top: Path | None, environ: dict[str, str], flags: dict[str, object] | None = None) -> str:
    """The message with which loading fails."""
    with pytest.raises(SettingsError) as refused:
        load(top, environ, flags or {})
    assert refused.value.exit_code == 3
    message = shown(refused.value)
    assert len(message.splitlines()) <= 3
    return message


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("agent = 3", 1, "Perhaps `agents` is meant."),
        ("# one\n\nmax-cost = 3", 3, "Perhaps `max_cost` is meant."),
        ("agents = 2\nMAX_TOKENS = 3", 2, "Perhaps `max_tokens` is meant."),
        ("agents = 2\ncolour = 'red'", 2, "Known are agents, sandbox, env,"),
        ("[limits]\nagents = 2", 1, "Known are"),
        ("\n[tool.swarm]\nagents = 2", 2, "settings stand at the top, without `[tool.swarm]`"),
        ("notes = '''\nagents = 3\n'''", 1, "Known are"),
    ],
)
def test_an_unknown_key_is_refused_with_its_line_and_what_may_be_meant(
    environ: dict[str, str], top: Path, text: str, line: int, hint: str
):
    (top / ".swarm.toml").write_text(text)
    message = refusal(top, environ)
    assert message.startswith("Unknown setting `")
    assert f" in .swarm.toml:{line}." in message
    assert hint in message


def test_an_unknown_key_in_pyproject_names_line_and_table(environ: dict[str, str], top: Path):
    (top / "pyproject.toml").write_text("[tool.other]\nagnets = 1\n[tool.swarm]\nagents = 2\nagnets = 3")
    assert "Unknown setting `agnets` in pyproject.toml:5 [tool.swarm]." in refusal(top, environ)


@pytest.mark.parametrize(
    ("text", "found", "wanted"),
    [
        ("agents = '3'", "`3` (text)", "a whole number from 1 to 256"),
        ("agents = true", "`true` (a boolean)", "a whole number"),
        ("agents = 2.0", "`2.0` (a number)", "a whole number"),
        ("agents = 0", "`0` (a whole number)", "from 1 to 256"),
        ("agents = -1", "`-1`", "from 1 to 256"),
        ("agents = [1]", "a list", "a whole number"),
        ("agents = {a = 1}", "a table", "a whole number"),
        ("agents = 2026-01-01", "`2026-01-01` (a date or time)", "a whole number"),
        ("timeout = 'soon'", "`soon` (text)", "a number from 1 to 1,000,000,000"),
        ("timeout = nan", "`nan`", "a number"),
        ("timeout = inf", "`inf`", "a number"),
        ("timeout = 0.5", "`0.5`", "a number from 1"),
        (f"timeout = {'9' * 4000}", "`10000", "a number"),
        (f"max_tokens = {'9' * 400}", "`10000", "a whole number"),
        ("max_cost = -0.01", "`-0.01` (a number)", "a number from 0"),
        ("sandbox = 'chroot'", "`chroot` (text)", "one of auto, docker, bubblewrap, none"),
        ("sandbox = 1", "`1` (a whole number)", "one of auto"),
        ("test = ['pytest']", "a list", "one line of text"),
        ("test = '''\npytest\n\nrm -rf ~'''", "`pytest\\n\\nrm -rf ~`", "one line of text"),
        ('test = "pytest\\u202e"', "`pytest\\u202e`", "without hidden characters"),
        ('test = "a\\u0000b"', "`a\\x00b`", "without hidden characters"),
        ("base = '--upload-pack=x'", "`--upload-pack=x`", "not beginning with `-`"),
        ("base = ' '", "` `", "one line of text"),
        ("base = ''", "``", "one line of text"),
        (f"base = '-{'x' * 100_000}'", "`-" + "x" * 58 + "…`", "one line of text"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_what_would(
    environ: dict[str, str], top: Path, text: str, found: str, wanted: str
):
    (top / ".swarm.toml").write_text(f"# comment\n{text}\n")
    message = refusal(top, environ)
    assert message.startswith(f"Setting `{text.partition(' ')[0]}` in .swarm.toml:2 is {found}")
    assert wanted in message
    assert len(message) < 300


def test_a_table_that_is_none_is_refused(environ: dict[str, str], top: Path):
    (top / "pyproject.toml").write_text("\n[[tool.swarm]]\nagents = 2")
    assert "Setting `tool.swarm` in pyproject.toml:2 is no table" in refusal(top, environ)


@pytest.mark.parametrize("text", ["three", "3.5", "0", "1e3", "3; rm", "9" * 5000, "nan"])
def test_a_variable_that_does_not_fit_is_refused_by_name(environ: dict[str, str], text: str):
    message = refusal(None, {**environ, "SWARM_AGENTS": text})
    assert message.startswith("Setting `agents` in SWARM_AGENTS is `")


def test_a_variable_that_is_no_text_is_refused(environ: dict[str, str]):
    assert "`make \\udcff`" in refusal(None, {**environ, "SWARM_TEST": os.fsdecode(b"make \xff")})


@pytest.mark.parametrize(
    ("variable", "meant"),
    [("SWARM_AGENT", "SWARM_AGENTS"), ("SWARM_MAXCOST", "SWARM_MAX_COST"), ("SWARM_TIMEOUTS", "SWARM_TIMEOUT")],
)
def test_a_misspelled_variable_is_refused(environ: dict[str, str], variable: str, meant: str):
    message = refusal(None, {**environ, variable: "1"})
    assert f"Unknown setting `{variable}` in the environment." in message
    assert f"Perhaps `{meant}` is meant." in message


@pytest.mark.parametrize("variable", ["SWARM_REPORT_FD", "SWARM_MANAGER_HOST", "SWARM_", "SWARMS_AGENT", "swarm_agent"])
def test_a_variable_of_somebody_else_is_left_alone(environ: dict[str, str], variable: str):
    assert load(None, {**environ, variable: "x"}, {}) == load(None, environ, {})


def test_a_flag_that_does_not_fit_is_refused_by_name(environ: dict[str, str]):
    assert refusal(None, environ, {"agents": 0}).startswith("Setting `agents` in --agents is `0`")
    assert refusal(None, environ, {"test": "-x"}).startswith("Setting `test` in --test-cmd is `-x`")


def test_a_flag_that_is_no_setting_is_refused(environ: dict[str, str]):
    with pytest.raises(UnknownSetting, match="the command line"):
        load(None, environ, {"wings": 2})


@pytest.mark.parametrize(
    ("content", "where", "reason"),
    [
        (b"agents = 2\nagents = 3\n", ":2", "Cannot overwrite a value"),
        (b"\n\nagents = \n", ":3", "Invalid value"),
        (b"agents = 2\ntest = 'open", ":2", "no valid TOML"),
        (b'test = """\nopen\n\n', ":4", "no valid TOML"),
        (b"agents = 2\n\ntest = '\xff'", ":3", "no UTF-8"),
        (b"agents = 2\rtest = ''", ":1", "no valid TOML"),
        (b"agents = 2\n\x00", ":2", "no valid TOML"),
        (b"agents = " + b"9" * 5000, "", "digits"),
        (b"agents = " + b"[" * 100_000, "", "nested too deeply"),
        (b"agents = " + b"{a=" * 100_000, "", "nested too deeply"),
        (b"#" * (LARGEST + 1), "", "larger than 1,048,576 bytes"),
    ],
)
def test_a_file_that_is_no_toml_is_refused_with_line_and_reason(
    environ: dict[str, str], top: Path, content: bytes, where: str, reason: str
):
    (top / ".swarm.toml").write_bytes(content)
    message = refusal(top, environ)
    assert message.startswith(f"The settings in .swarm.toml{where} cannot be read: ")
    assert reason in message


def test_a_broken_pyproject_is_refused_by_its_own_name(environ: dict[str, str], top: Path):
    (top / "pyproject.toml").write_text("[project\n")
    assert refusal(top, environ).startswith("The settings in pyproject.toml:1 cannot be read: no valid TOML")


def test_a_broken_users_file_is_refused_by_its_own_name(environ: dict[str, str], user_file: Path):
    user_file.write_text("agents: 2")
    assert refusal(None, environ).startswith("The settings in ~/.config/swarm/config.toml:1 cannot be read")


def test_a_folder_is_no_file(environ: dict[str, str], top: Path):
    (top / ".swarm.toml").mkdir()
    assert "Is a directory" in refusal(top, environ)


def test_a_pipe_is_no_file_and_nobody_waits_for_it(environ: dict[str, str], top: Path):
    os.mkfifo(top / "pyproject.toml")
    begun = time.monotonic()
    assert "it is no regular file" in refusal(top, environ)
    assert time.monotonic() - begun < 5


def test_a_device_without_end_is_no_file(environ: dict[str, str], top: Path):
    (top / ".swarm.toml").symlink_to("/dev/zero")
    assert "it is no regular file" in refusal(top, environ)


def test_a_circle_of_links_is_refused(environ: dict[str, str], top: Path):
    (top / ".swarm.toml").symlink_to("other")
    (top / "other").symlink_to(".swarm.toml")
    assert "Too many levels of symbolic links" in refusal(top, environ)


def test_a_link_to_nothing_is_refused_and_a_link_to_a_file_is_read(environ: dict[str, str], user_file: Path, tmp_path: Path):
    user_file.symlink_to(tmp_path / "dotfiles.toml")
    assert "it is a link to nothing" in refusal(None, environ)
    (tmp_path / "dotfiles.toml").write_text("agents = 9")
    assert load(None, environ, {}).settings.agents == 9


def test_a_file_in_the_place_of_the_users_folder_is_refused(tmp_path: Path):
    (tmp_path / "swarm").write_text("")
    assert "Not a directory" in refusal(None, {"XDG_CONFIG_HOME": str(tmp_path)})


def test_a_file_that_may_not_be_read_is_refused(open_folder: Path, powerless: Callable[[], AbstractContextManager[None]]):
    (open_folder / ".swarm.toml").write_text("agents = 9")
    (open_folder / ".swarm.toml").chmod(0o000)
    with powerless():
        assert "Permission denied" in refusal(open_folder, {"XDG_CONFIG_HOME": str(open_folder)})


def test_a_hostile_key_comes_out_harmless_on_one_line(environ: dict[str, str], top: Path):
    (top / ".swarm.toml").write_text('"\\u001b[2J\\nfake" = 1')
    assert refusal(top, environ).splitlines()[0] == "Unknown setting `\\x1b[2J\\nfake` in .swarm.toml:1."


def test_a_file_as_large_as_can_be_is_read_in_seconds(environ: dict[str, str], top: Path):
    (top / ".swarm.toml").write_bytes(b"agents = 3\n" + b"# filler\n" * 116_000)
    begun = time.monotonic()
    assert load(top, environ, {}).settings.agents == 3
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("error", [UnreadableSettings, WrongSetting])
def test_every_refusal_is_trouble_with_settings(error: type[SettingsError]):
    assert issubclass(error, SettingsError)
    assert error.exit_code == 3
