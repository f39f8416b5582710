"""Which models may take part, and with which keys."""

import asyncio
from pathlib import Path

import keyring
import pytest
from keyring_of_tests import Keyring

from swarm.agents.exchange import NotWanted, Wanted, opened_exchange
from swarm.agents.faults import NoKey, UnknownModel, UnpricedModel
from swarm.agents.keys import Keys, KeysDamaged, KeysReadable
from swarm.agents.model import Model
from swarm.agents.prices import Prices
from swarm.agents.reply import Usage
from swarm.errors import SwarmError
from swarm.settings.values import Settings

ENV = {"OPENAI_API_KEY": "k", "XDG_CONFIG_HOME": "/nowhere"}
HOME = "http://127.0.0.1:9/v1"
AWAY = "https://models.example.org/v1"


def models(environment: dict[str, str], **settings: object) -> list[Model]:
    with opened_exchange(Wanted.by(Settings(**settings)), environment) as exchange:  # type: ignore[arg-type]
        return list(exchange.models())


@pytest.mark.parametrize(
    ("settings", "trouble"),
    [
        ({"model": "openai/nobody-knows-it"}, UnpricedModel),
        ({"model": "openai/nobody-knows-it", "api_base": AWAY}, UnpricedModel),
        ({"model": "openai/nobody-knows-it", "api_base": HOME, "max_cost": 1.0}, UnpricedModel),
        ({"model": "openai/nobody-knows-it", "max_cost": 1.0, "max_tokens": 1000}, UnpricedModel),
        ({"model": "anthropic/claude-sonnet-4-5"}, NoKey),
        ({"model": "nobody-knows-whose-it-is"}, UnknownModel),
        ({"model": "openai/nobody-knows-it", "max_tokens": 1000}, None),
        ({"model": "openai/nobody-knows-it", "api_base": HOME}, None),
        ({"model": "openai/gpt-4o", "api_base": AWAY, "max_cost": 1.0}, None),
        ({"model": "ollama/llama3", "max_cost": 1.0}, None),
    ],
    ids=str,
)
def test_a_model_takes_part_only_if_its_key_and_what_it_costs_are_known_or_capped(
    settings: dict[str, object], trouble: type[SwarmError] | None
) -> None:
    if trouble is None:
        assert [model.name for model in models(ENV, **settings)] == [settings["model"]]
    else:
        with pytest.raises(trouble):
            models(ENV, **settings)


def test_several_models_make_a_mixed_team_each_with_its_own_key() -> None:
    found = models({**ENV, "ANTHROPIC_API_KEY": "a"}, model="openai/gpt-4o, anthropic/claude-sonnet-4-5")

    assert [(model.name, model.key, model.marks_cache) for model in found] == [
        ("openai/gpt-4o", "k", False),
        ("anthropic/claude-sonnet-4-5", "a", True),
    ]
    assert "key" not in repr(found[0]).replace("_API_KEY", "")


def test_a_key_comes_from_the_environment_then_from_a_private_file_then_from_the_keyring(
    tmp_path: Path,
) -> None:
    environment = {"XDG_CONFIG_HOME": str(tmp_path)}
    file = tmp_path / "swarm" / "keys.toml"
    file.parent.mkdir()
    file.write_text('OPENAI_API_KEY = "filed"\n')
    file.chmod(0o600)
    keyring.set_keyring(Keyring())

    assert Keys({**environment, "OPENAI_API_KEY": "told"}).get("OPENAI_API_KEY") == "told"
    assert Keys(environment).get("OPENAI_API_KEY") == "filed"
    assert Keys(environment).get("GROQ_API_KEY") == "kept for swarm: GROQ_API_KEY"
    assert Keys(environment).get("MISSING_API_KEY") == ""


def test_a_file_of_keys_that_others_can_read_is_refused_and_a_damaged_one_is_not_quoted(tmp_path: Path) -> None:
    file = tmp_path / "swarm" / "keys.toml"
    file.parent.mkdir()
    file.write_text("OPENAI_API_KEY = sk-canary\n")
    file.chmod(0o644)
    keys = Keys({"XDG_CONFIG_HOME": str(tmp_path)})
    with pytest.raises(KeysReadable, match="chmod 600"):
        keys.get("OPENAI_API_KEY")

    file.chmod(0o600)
    with pytest.raises(KeysDamaged) as caught:
        keys.get("OPENAI_API_KEY")
    assert "sk-canary" not in str(caught.value)


def test_prices_know_cached_and_written_tokens_and_dear_prompts_and_round_up() -> None:
    table = {
        "input_cost_per_token": 3e-06,
        "output_cost_per_token": 1.5e-05,
        "cache_read_input_token_cost": 3e-07,
        "cache_creation_input_token_cost": 3.75e-06,
        "input_cost_per_token_above_200k_tokens": 6e-06,
        "output_cost_per_token_above_200k_tokens": 2.25e-05,
    }
    prices = Prices.read(table)
    assert prices is not None
    assert prices.cost(Usage(1000, 10, cached=600, written=200)) == 200 * 3 + 180 + 750 + 150
    assert prices.cost(Usage(1, 0, cached=1)) == 1
    assert prices.cost(Usage(300_000, 0)) == 1_800_000
    assert prices.worst(1000, 10).money == 3750 + 150
    assert Prices.read({"input_cost_per_token": 0.0}) is None


def test_a_call_that_nobody_waits_for_any_more_is_given_up() -> None:
    ends = []

    async def call() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ends.append("given up")

    wanted = Wanted(("openai/gpt-4o",), HOME, money=True, tokens=False, form="auto")
    with opened_exchange(wanted, ENV) as exchange:
        exchange.models()
        with pytest.raises(NotWanted):
            exchange.wait_for(call(), lambda: True)

    assert ends == ["given up"]
