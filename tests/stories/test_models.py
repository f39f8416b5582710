"""`swarm fix -m`, as its user sees it: language models join, and nothing of the user's leaks or is lost."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from model_server import Answer, Asked, Fail, ModelServer, Say, Use, plays
from office import KEY, SHOP

Swarm = Callable[..., Any]
OPTIONS = ("-n", "1", "-m", "openai/x", "--no-critic")
"""A model that nobody knows the price of; it is served on this machine, so nobody is paid. And whose every request is told."""


PROMISE = '    """Orders from 50 on are sent for free."""\n'
UNWRITTEN = f"""def shipping(total):
{PROMISE}

def discounted(price, percent):
    return price - price * percent // 100
"""
"""The body is missing: there is nothing in it that the search could edit, so the model's turn comes soon."""
FIX = {"path": "shop/prices.py", "old": PROMISE, "new": f"{PROMISE}    return 0 if total >= 50 else 5\n"}


@pytest.fixture
def hard_shop(make_repository: Callable[[Mapping[str, str]], Path]) -> Path:
    """A repository with a bug that no edit of what is there fixes, and a bug report beside it."""
    folder = make_repository({**SHOP, "shop/prices.py": UNWRITTEN})
    (folder.parent / "ISSUE.md").write_text("Large orders pay shipping\n\nFrom 50 on it should be free.\n")
    return folder


def found_below(folder: Path, secret: bytes) -> list[str]:
    """The files in which a secret stands."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [str(path) for path in files if secret in path.read_bytes()]


STEPS = (
    Say(text="I look.", uses=(Use("read", {"path": "shop/prices.py"}), Use("run", {"command": "env; cat /proc/*/environ"}))),
    Say(uses=(Use("edit", FIX),)),
    Say(uses=(Use("test", {}),)),
    Say(uses=(Use("submit", {"summary": "free from 50 on"}),)),
)
"""A good agent, but for its curiosity."""
ENV = {"OPENAI_API_KEY": KEY, "PYTHONDONTWRITEBYTECODE": ""}


@pytest.mark.timeout(300)
def test_a_run_whose_provider_refuses_the_key_goes_on_later_and_the_key_is_nowhere(
    hard_shop: Path, swarm: Swarm, home: Path, provider: ModelServer
) -> None:
    provider.script = plays(Fail(status=401, type="authentication_error", message=f"Incorrect API key provided: {KEY}"))

    refused = swarm("fix", "../ISSUE.md", *OPTIONS, "--api-base", provider.base, cwd=hard_shop, env=ENV)

    assert refused.code == 8, refused.err
    assert refused.err.strip().splitlines()[-3:] == [
        "The provider of openai/x refuses the key: Incorrect API key provided: [key]",
        "Look at OPENAI_API_KEY, or at what the key may be used for.",
        "Then `swarm resume` goes on from here.",
    ]
    assert len(provider.asked) == 1

    provider.asked.clear()
    provider.script = plays(*STEPS)
    said = swarm("resume", "--json", cwd=hard_shop, env=ENV)

    result = json.loads(said.out)
    assert said.code == 0, said.err
    assert [candidate["judgement"]["verdict"] for candidate in result["candidates"]] == ["verified"]
    shown = subprocess.run(["git", "show", result["branch"]], cwd=hard_shop, capture_output=True, check=True).stdout
    assert b"+    return 0 if total >= 50 else 5" in shown
    assert [asked for asked in provider.asked if KEY in asked.text] == []
    assert found_below(home, KEY.encode()) + found_below(hard_shop, KEY.encode()) == []
    assert KEY not in said.out + said.err + refused.out + refused.err


@pytest.mark.timeout(300)
def test_a_run_that_is_killed_while_a_model_speaks_goes_on_with_the_same_words_and_files(
    hard_shop: Path, swarm: Swarm, provider: ModelServer
) -> None:
    provider.script = lambda asked: plays(*STEPS)(asked) if asked.turns < 2 else Say(text="never comes", delay=600)
    command = [sys.executable, "-m", "swarm", "fix", "../ISSUE.md", *OPTIONS, "--api-base", provider.base, "--quiet"]
    with subprocess.Popen(command, cwd=hard_shop, env={**os.environ, **ENV}) as killed:
        deadline = time.monotonic() + 200
        while len(provider.asked) < 3 and time.monotonic() < deadline and killed.poll() is None:
            time.sleep(0.02)
        killed.send_signal(signal.SIGKILL)
    interrupted = provider.asked[2].messages

    provider.asked.clear()
    provider.script = plays(*STEPS)
    said = swarm("resume", "--json", cwd=hard_shop, env=ENV)

    assert said.code == 0, said.err
    assert provider.asked[0].messages == interrupted
    assert [asked.turns for asked in provider.asked] == [2, 3]


@pytest.mark.timeout(300)
def test_a_cap_that_is_reached_ends_the_run_with_its_own_code(hard_shop: Path, swarm: Swarm, provider: ModelServer) -> None:
    wander = Say(uses=(Use("read", {"path": "AGENTS.md"}),), prompt=9000, completion=900)

    def script(asked: Asked) -> Answer:
        return Say(uses=(Use("run", {"command": f"echo {asked.turns}"}),), prompt=9000 + asked.turns) if asked.turns else wander

    provider.script = script

    said = swarm(
        "fix", "../ISSUE.md", *OPTIONS, "--api-base", provider.base, "--max-tokens", "50000", "--json", cwd=hard_shop, env=ENV
    )

    result = json.loads(said.out)
    assert said.code == result["exit_code"] == 5, said.err
    assert result["outcome"] == "limit"
    assert 2 <= len(provider.asked) <= 5


TILL = {
    "till/__init__.py": "",
    "till/sums.py": 'def total(prices):\n    """All prices."""\n\n\ndef tax(net):\n    """19 of 100, in whole cents."""\n',
    "tests/test_sums.py": (
        "from till.sums import tax, total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n\n\n"
        "def test_tax():\n    assert tax(200) == 38\n\n\ndef test_there():\n    assert total and tax\n"
    ),
    "pytest.ini": SHOP["pytest.ini"],
}
"""Two things are missing, and nothing is there that the search could edit."""
SUM = {"path": "till/sums.py", "line": 2, "new": "    return sum(prices)\n"}
TAX = {"path": "till/sums.py", "old": 'cents."""\n', "new": 'cents."""\n    return net * 19 // 100\n'}
SECOND = "from till.sums import tax, total\n\n\ndef test_more():\n    assert (total([]), tax(100)) == (0, 19)\n"


def many_hands(asked: Asked) -> Answer:
    """A team: one looks first, two fix a part each, and a critic writes a test of its own."""
    tools = {tool["function"]["name"] for tool in asked.body["tools"]}
    if "plan" in tools:
        parts = [{"goal": "Look first"}, {"goal": "Write total", "needs": [1]}, {"goal": "Write tax", "needs": [1]}]
        return Say(uses=(Use("plan", {"tasks": parts}),))
    if "reproduce" in tools:
        return Say(uses=(Use("reproduce", {"content": SECOND}),))
    if "Look first" in asked.text or asked.turns:
        return Say(uses=(Use("give_up", {"reason": "that was my part"}),))
    edit = SUM if "Write total" in asked.text else TAX
    return Say(uses=(Use("edit", edit), Use("submit", {"summary": f"writes {'the sum' if edit is SUM else 'the tax'}"})))


@pytest.mark.timeout(300)
def test_parts_of_a_divided_issue_are_put_together_judged_criticised_and_delivered(
    make_repository: Callable[[Mapping[str, str]], Path], swarm: Swarm, provider: ModelServer
) -> None:
    folder = make_repository(TILL)
    (folder.parent / "ISSUE.md").write_text("The till answers nothing\n\nIt should say what things cost.\n")
    provider.script = many_hands

    said = swarm("fix", "../ISSUE.md", "-n", "2", "-m", "openai/x", "--api-base", provider.base, "--json", cwd=folder, env=ENV)

    result = json.loads(said.out)
    assert said.code == 0, said.err
    first, second, whole = result["candidates"]
    assert {first["judgement"]["verdict"], second["judgement"]["verdict"]} == {"rejected"}
    assert (whole["author"].partition("@")[0], whole["judgement"]["verdict"], whole["chosen"]) == ("combiner", "verified", True)
    assert [held["author"].partition("@")[0] for held in json.loads(whole["judgement"]["record"])["held"]] == ["critic"]
    done = {task["kind"]: task for task in result["tasks"] if task["state"] == "done"}
    assert done["criticise"]["result"] == f"A second reproduction passes with c{whole['number']} as well."
    looked, *parts = [task for task in result["tasks"] if task["kind"] == "code"]
    assert [task["needs"][-1] for task in parts] == [looked["number"]] * 2
    assert result["difference"]["candidates"] == 3
    shown = subprocess.run(["git", "show", result["branch"]], cwd=folder, capture_output=True, check=True).stdout
    assert b"+    return sum(prices)" in shown
    assert b"+    return net * 19 // 100" in shown
    assert b"test_more" not in shown

    # What nobody but the critic asks is asked on the head of today as well.
    forgets = "from till import sums\n\nof_some = sums.total\nsums.total = lambda prices: of_some(prices) if prices else None\n"
    (folder / "till/__init__.py").write_text(forgets)
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qam", "forget"], cwd=folder, check=True)
    merged = swarm("merge", cwd=folder, env=ENV)
    assert merged.code == 4, merged.err
    assert "judged with a second reproduction, by critic" in merged.err
    assert "return sum(prices)" not in (folder / "till/sums.py").read_text()


@pytest.mark.timeout(300)
def test_agents_left_to_swarm_begin_as_one_and_a_new_attempt_begins_elsewhere(
    hard_shop: Path, swarm: Swarm, provider: ModelServer
) -> None:
    def script(asked: Asked) -> Answer:
        if "Begin with the source" in asked.text:
            return plays(Say(uses=(Use("edit", FIX), Use("submit", {"summary": "free from 50 on"}))))(asked)
        return Say(uses=(Use("edit", {**FIX, "new": f"{PROMISE}    return 0\n"}), Use("give_up", {"reason": "no idea"})))

    provider.script = script

    options = ("-n", "auto", "-m", "openai/x", "--no-critic", "--api-base", provider.base, "--json")
    said = swarm("fix", "../ISSUE.md", *options, cwd=hard_shop, env=ENV)

    result = json.loads(said.out)
    assert said.code == 0, said.err
    assert "1 workers" in said.err
    assert "worker w2 looks for" in said.err
    first, second = [task for task in result["tasks"] if task["kind"] == "code"]
    assert (first["result"], second["result"]) == ("Gave up: no idea", "c1 is verified.")
    assert json.loads(second["payload"]) == {"start": "code", "model": "openai/x", "number": 1, "tried": ["shop/prices.py"]}
    last = next(asked for asked in provider.asked if "Begin with the source" in asked.text)
    assert "Others have already changed these files without fixing it: shop/prices.py." in last.text
    assert result["difference"]["tasks"] == [first["number"], second["number"]]
