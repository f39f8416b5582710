"""Who wins: defaults, then the user's file, the repository's, the environment, and flags."""

import math
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm.settings.resolved import Source
from swarm.settings.sources import load
from swarm.settings.values import Key, Settings, keys

WEAKEST_FIRST = (Source.USER, Source.REPOSITORY, Source.ENVIRONMENT, Source.FLAG)


def fitting(key: Key) -> st.SearchStrategy[Any]:
    if key.takes.choices:
        return st.sampled_from(key.takes.choices)
    if key.kind is bool:
        return st.booleans()
    if key.kind is str:
        letters = st.characters(categories=["L", "N", "P", "S"], exclude_characters="\u2800\u3164\uffa0\u115f\u1160")
        return st.text(letters, min_size=1).filter(lambda text: not text.startswith("-"))
    least, most = key.takes.least, key.takes.most
    whole = st.integers(math.ceil(least), int(most))
    return whole if key.kind is int else whole | st.floats(least, most)


def some_values() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={key.name: fitting(key) for key in keys()})


def literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "'''" + value + "'''" if isinstance(value, str) else str(value)


def as_toml(values: dict[str, Any]) -> str:
    return "".join(f"{name} = {literal(value)}\n" for name, value in values.items())


@given(
    given_values=st.fixed_dictionaries({source: some_values() for source in WEAKEST_FIRST}),
    own_file=st.booleans(),
)
def test_of_all_sources_the_strongest_that_says_anything_wins_and_is_named(
    given_values: dict[Source, dict[str, Any]], *, own_file: bool
):
    # An apostrophe would end the literal strings in which this test writes text down.
    given_values = {
        source: {name: value for name, value in values.items() if not (isinstance(value, str) and "'" in value)}
        for source, values in given_values.items()
    }
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        (top / "swarm").mkdir()
        (top / "swarm" / "config.toml").write_text(as_toml(given_values[Source.USER]), "utf-8")
        table = as_toml(given_values[Source.REPOSITORY])
        if own_file:
            (top / ".swarm.toml").write_text(table, "utf-8")
        else:
            (top / "pyproject.toml").write_text(f"[tool.swarm]\n{table}", "utf-8")
        variables = {f"SWARM_{name.upper()}": str(value) for name, value in given_values[Source.ENVIRONMENT].items()}
        resolved = load(top, {"XDG_CONFIG_HOME": name, **variables}, given_values[Source.FLAG])
    for key in keys():
        said = [source for source in WEAKEST_FIRST if key.name in given_values[source]]
        winner = said[-1] if said else Source.DEFAULT
        assert resolved.origins[key.name].source is winner
        expected = given_values[winner][key.name] if said else getattr(Settings(), key.name)
        assert resolved.value(key) == expected
        assert type(resolved.value(key)) in {key.kind, type(key.default)}


def test_every_origin_says_where_to_look(environ: dict[str, str], user_file: Path, top: Path):
    user_file.write_text("# mine\n\nmax_tasks = 10\n")
    (top / "pyproject.toml").write_text('[project]\nname = "x"\n\n[tool.swarm]\n# theirs\ntest = "pytest"\n')
    origins = load(top, {**environ, "SWARM_MAX_COST": "1.5"}, {"agents": 3, "test": None}).origins
    assert str(origins["base"]) == "default"
    assert str(origins["max_tasks"]) == "~/.config/swarm/config.toml:3"
    assert str(origins["test"]) == "pyproject.toml:6 [tool.swarm]"
    assert str(origins["max_cost"]) == "SWARM_MAX_COST"
    assert str(origins["agents"]) == "--agents"


def test_a_users_file_outside_of_home_is_named_in_full(tmp_path: Path):
    (tmp_path / "swarm").mkdir()
    (tmp_path / "swarm" / "config.toml").write_text("agents = 5")
    origins = load(None, {"XDG_CONFIG_HOME": str(tmp_path), "HOME": "/somewhere/else"}, {}).origins
    assert str(origins["agents"]) == f"{tmp_path}/swarm/config.toml:1"


def test_the_repositorys_own_file_silences_pyproject_and_that_is_said(environ: dict[str, str], top: Path):
    (top / ".swarm.toml").write_text("agents = 7")
    (top / "pyproject.toml").write_text("[tool.swarm]\nagents = 8\nmax_tasks = 9")
    resolved = load(top, environ, {})
    assert (resolved.settings.agents, resolved.settings.max_tasks) == (7, 1000)
    assert resolved.notices == ("Both .swarm.toml and [tool.swarm] of pyproject.toml are here; only .swarm.toml counts.",)


def test_an_empty_own_file_silences_pyproject_as_well(environ: dict[str, str], top: Path):
    (top / ".swarm.toml").write_text("")
    (top / "pyproject.toml").write_text("[tool.swarm]\nagents = 8")
    resolved = load(top, environ, {})
    assert resolved.settings == Settings()
    assert len(resolved.notices) == 1


@pytest.mark.parametrize("text", ["", "[tool.other]\nagents = 8\n", "[tool.swarm]\n", "[build-system]\n"])
def test_a_pyproject_that_says_nothing_of_swarm_changes_nothing(environ: dict[str, str], top: Path, text: str):
    (top / "pyproject.toml").write_text(text)
    resolved = load(top, environ, {})
    assert resolved.settings == Settings()
    assert resolved.notices == ()


def test_without_repository_and_files_everything_is_default(environ: dict[str, str]):
    resolved = load(None, environ, {})
    assert resolved.settings == Settings()
    assert {origin.source for origin in resolved.origins.values()} == {Source.DEFAULT}


def test_an_empty_variable_says_nothing(environ: dict[str, str], user_file: Path):
    user_file.write_text("agents = 5\ntest = 'make test'")
    resolved = load(None, {**environ, "SWARM_AGENTS": "", "SWARM_TEST": ""}, {})
    assert (resolved.settings.agents, resolved.settings.test) == (5, "make test")


def test_the_word_false_of_a_flag_is_not_the_same_as_silence(environ: dict[str, str], user_file: Path):
    user_file.write_text("max_cost = 5\n")
    resolved = load(None, environ, {"max_cost": 0.0})
    assert resolved.settings.max_cost == 0.0
    assert str(resolved.origins["max_cost"]) == "--max-cost"


@pytest.mark.parametrize("text", ["[tool]\nswarm.agents = 6", "tool.swarm.agents = 6", "tool = { swarm = { agents = 6 } }"])
def test_every_way_to_write_a_table_is_read(environ: dict[str, str], top: Path, text: str):
    (top / "pyproject.toml").write_text(text)
    resolved = load(top, environ, {})
    assert resolved.settings.agents == 6
    assert str(resolved.origins["agents"]) == f"pyproject.toml:{text.count(chr(10)) + 1} [tool.swarm]"


def test_unicode_in_a_value_arrives_whole(environ: dict[str, str], top: Path):
    (top / ".swarm.toml").write_text('test = "pytest tests/prüfung — 例 🐛"', "utf-8")
    assert load(top, environ, {}).settings.test == "pytest tests/prüfung — 例 🐛"


def test_a_byte_order_mark_and_carriage_returns_mean_nothing(environ: dict[str, str], top: Path):
    (top / ".swarm.toml").write_bytes(b"\xef\xbb\xbf# windows\r\n\r\nagents = 4\r\n")
    resolved = load(top, environ, {})
    assert resolved.settings.agents == 4
    assert str(resolved.origins["agents"]) == ".swarm.toml:3"


def test_where_one_stands_is_the_project_unless_somebody_names_another(environ: dict[str, str], top: Path):
    standing = load(top, environ, {}, "services/api")
    (top / ".swarm.toml").write_text("project = 'backend'")
    written = load(top, environ, {}, "services/api")
    asked = load(top, environ, {"project": "services/web"}, "services/api")

    assert [(one.settings.project, str(one.origins["project"])) for one in (standing, written, asked)] == [
        ("services/api", "where you stand"),
        ("backend", ".swarm.toml:1"),
        ("services/web", "--project"),
    ]
