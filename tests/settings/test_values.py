"""What settings are: explained, bounded, and the same after a run has kept them."""

import json
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm.errors import UnknownSetting, WrongSetting
from swarm.settings.sources import load
from swarm.settings.values import Settings, keys, meanings


def test_every_setting_is_explained_beneath_it_in_sentences():
    texts = meanings()
    assert list(texts) == [field.name for field in fields(Settings)]
    assert all(text.endswith(".") and text[0].isupper() for text in texts.values())


def test_every_default_fits_its_own_setting():
    assert {key.name: key.checked(key.default, "default") for key in keys() if key.default is not None} == {
        field.name: field.default for field in fields(Settings) if field.default is not None
    }


def test_the_table_has_a_row_for_each_setting_and_goes_into_json(environ: dict[str, str]):
    rows = load(None, {**environ, "SWARM_AGENTS": "5"}, {"sandbox": "none"}).table()
    assert [row.key for row in rows] == [field.name for field in fields(Settings)]
    first, second = rows[:2]
    assert (first.key, first.value, first.origin) == ("agents", 5, "SWARM_AGENTS")
    assert (second.key, second.value, second.origin) == ("sandbox", "none", "--sandbox")
    assert json.loads(json.dumps([row.value for row in rows])) == [row.value for row in rows]
    assert all(row.meaning for row in rows)


def test_settings_do_not_change():
    with pytest.raises(FrozenInstanceError):
        Settings().agents = 3  # type: ignore[misc]


numbers = st.floats(0, 1e9) | st.none()


@given(st.builds(Settings, agents=st.integers(1, 256), max_cost=numbers, max_cost_per_day=numbers, base=st.just("main")))
def test_a_run_gets_back_the_settings_it_was_started_with(settings: Settings):
    assert Settings.from_json(settings.as_json()) == settings


def test_settings_of_an_older_run_lack_only_what_is_new():
    assert Settings.from_json('{"agents": 7}') == Settings(agents=7)


def test_settings_of_a_newer_run_are_refused():
    with pytest.raises(UnknownSetting, match="newer swarm"):
        Settings.from_json('{"agents": 7, "wings": 2}')


@pytest.mark.parametrize("kept", [{"agents": -1}, {"test": "-x"}, {"sandbox": "chroot"}, {"timeout": None}])
def test_settings_of_a_run_that_do_not_fit_are_refused(kept: dict[str, Any]):
    with pytest.raises(WrongSetting, match="the run"):
        Settings.from_json(json.dumps(kept))


def test_the_settings_alone_load_no_parser_and_no_platform():
    program = "import sys; before = set(sys.modules); import swarm.settings.values; print(*sorted(set(sys.modules) - before))"
    answer = subprocess.run([sys.executable, "-I", "-c", program], check=True, capture_output=True, text=True, timeout=60)
    loaded = set(answer.stdout.split())
    assert "swarm.settings.values" in loaded
    assert not loaded & {"tomllib", "difflib", "platformdirs", "hashlib", "subprocess", "click", "docker", "git", "litellm"}


def test_the_number_of_agents_can_be_left_to_swarm_by_a_word_and_by_nothing_else() -> None:
    agents = next(key for key in keys() if key.name == "agents")

    assert (agents.checked("auto", "--agents"), agents.parsed("auto", "SWARM_AGENTS"), agents.parsed("3", "x")) == (0, 0, 3)
    assert (agents.shown(0), agents.shown(3)) == ("auto", 3)
    kept = Settings(agents=0).as_json()
    assert Settings.from_json(kept).agents == 0
    for other in (0, "many", "", True):
        with pytest.raises(WrongSetting, match="a whole number from 1 to 256, or auto"):
            agents.checked(other, "--agents")


def test_setup_may_be_a_list_of_lines():
    (setup,) = (key for key in keys() if key.name == "setup")
    joined = setup.checked(["apt-get install -y x", "make"], "a file")
    assert joined == "apt-get install -y x\nmake"
    assert Settings.from_json(Settings(setup=str(joined)).as_json()).setup == joined
    for wrong in (["make", ""], ["make", 3], ["-x"], ["a\rb"], {"make": 1}):
        with pytest.raises(WrongSetting, match="a line or a list of lines"):
            setup.checked(wrong, "a file")
