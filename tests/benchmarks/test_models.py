"""What agents with models cost beyond model and command, beside mini-swe-agent against the same server in the same run."""

import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from model_server import Answer, Asked, ModelServer, Say, Use

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1800)]
HERE = Path(__file__).parent
STEPS, DELAY = 12, 0.2
QUIET = {"MSWEA_SILENT_STARTUP": "1", "MSWEA_CONFIGURED": "true", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}


@dataclass(frozen=True)
class Cost:
    """What some agents cost together."""

    wall: float
    cpu: float
    memory: float
    first: float
    gap: float


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with mini-swe-agent and the litellm that swarm has."""
    folder = tmp_path_factory.mktemp("mini")
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "venv", "-q", "-p", sys.executable, folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    packages = ["mini-swe-agent==2.4.6", "litellm==1.100.0"]
    subprocess.run([uv, "pip", "install", "-q", "--compile-bytecode", "-p", python, *packages], check=True)
    # Who is measured first must not pay for what is compiled once for ever.
    subprocess.run([sys.executable, "-c", "import litellm"], check=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""})
    return python


def agent_of(asked: Asked) -> str:
    found = re.search(r"agent-\d+;", asked.text)
    assert found
    return found[0]


def scripted(asked: Asked) -> Answer:
    """So many commands, then the end, in the words of whoever asks."""
    mini = asked.body["tools"][0]["function"]["name"] == "bash"
    if asked.turns < STEPS:
        return Say(uses=(Use("bash" if mini else "run", {"command": f"echo {asked.turns}"}),), delay=DELAY)
    if mini:
        return Say(uses=(Use("bash", {"command": "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"}),), delay=DELAY)
    return Say(uses=(Use("give_up", {"reason": "enough"}),), delay=DELAY)


def command_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def pss(pids: set[int]) -> float:
    """Memory of processes and all that they started, in MB, with what they share counted once."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue  # it has ended meanwhile
    family = set(pids)
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    total = 0
    for pid in family:
        try:
            # Whoever is about to become another program still has all the memory of whoever started it, and no part in it.
            if (parent := parents.get(pid)) in family and command_of(pid) == command_of(parent):
                continue
            total += int(re.search(r"^Pss: +(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)[1])  # type: ignore[index]
        except (OSError, TypeError):
            continue
    return total / 1024


def measured(commands: Sequence[Sequence[str]], provider: ModelServer, env: dict[str, str]) -> Cost:
    provider.asked.clear()
    before, begin, peak = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic(), 0.0
    running = [subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.DEVNULL) for command in commands]
    while any(process.poll() is None for process in running):
        peak = max(peak, pss({process.pid for process in running}))
        time.sleep(0.25)
    wall, after = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert [process.wait() for process in running] == [0] * len(running)
    agents: dict[str, list[float]] = {}
    for asked in provider.asked:
        agents.setdefault(agent_of(asked), []).append(asked.at)
    gaps = [late - early - DELAY for times in agents.values() for early, late in pairwise(times)]
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, peak, max(times[0] for times in agents.values()) - begin, statistics.median(gaps))


def median(costs: Sequence[Cost]) -> Cost:
    """What is usual of each."""
    return Cost(*(statistics.median(values) for values in zip(*map(astuple, costs), strict=True)))


@pytest.mark.parametrize("count", [1, 4, 16])
def test_agents_in_one_process_cost_less_than_a_process_each(
    count: int, mini: Path, provider: ModelServer, tmp_path: Path
) -> None:
    provider.script = scripted
    env = {**QUIET, "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}
    theirs = [[str(mini), str(HERE / "mini_agent.py"), provider.base, str(tmp_path), str(number)] for number in range(count)]
    costs = []
    # One agent alone is over in seconds, so that whatever else the machine does weighs much: they take turns.
    for turn in range(3 if count == 1 else 1):
        folder = tmp_path / f"swarm-{turn}"
        folder.mkdir()
        ours = [[sys.executable, str(HERE / "swarm_agents.py"), str(folder), provider.base, str(count)]]
        costs.append((measured(theirs, provider, env), measured(ours, provider, env)))
    two, one = (median(side) for side in zip(*costs, strict=True))

    ratios = {name: round(getattr(one, name) / getattr(two, name), 2) for name in ("wall", "cpu", "memory", "first", "gap")}
    print(f"\n{count} agents, {STEPS} steps, {DELAY} s a reply\n  swarm {one}\n  mini  {two}\n  ratios {json.dumps(ratios)}")
    goals = (
        {"cpu": 0.2, "memory": 0.15, "first": 0.15, "wall": 0.35}
        if count == 16
        else {"first": 0.8, "gap": 1.5}
        if count == 1
        else {}
    )
    assert {name: (ratios[name], goal) for name, goal in goals.items() if ratios[name] > goal} == {}


def shared(one: str, other: str) -> int:
    """How many characters of their beginning two texts have in common."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one.startswith(other[:middle]) else (low, middle - 1)
    return low


def test_most_of_what_is_sent_repeats_a_beginning_that_was_sent_before(provider: ModelServer, tmp_path: Path) -> None:
    long = "\\n".join(f"line {number} of what a command prints" for number in range(20))

    def script(asked: Asked) -> Answer:
        if asked.turns < 30:
            return Say(uses=(Use("run", {"command": f"echo {asked.turns}; printf '{long}'"}),))
        return Say(uses=(Use("give_up", {"reason": "enough"}),))

    provider.script = script
    command = [sys.executable, str(HERE / "swarm_agents.py"), str(tmp_path), provider.base, "4"]
    subprocess.run(command, check=True, env={**os.environ, **QUIET})

    sent: list[str] = []
    repeated = total = 0
    for asked in provider.asked:
        said = json.dumps(asked.body["tools"]) + json.dumps(asked.messages)[:-1]
        repeated += max((shared(said, one) for one in sent), default=0)
        total += len(said)
        sent.append(said)
    print(f"\n{repeated / total:.1%} of {total} characters in {len(sent)} requests repeat a beginning sent before")
    assert repeated / total > 0.9


def test_the_model_seam_costs_hardly_more_than_litellm_alone(provider: ModelServer) -> None:
    provider.script = lambda _: Say(text="I look at it. " * 20, uses=(Use("run", {"command": "ls"}),))
    command = [sys.executable, str(HERE / "model_seam.py"), provider.base, "6", "20"]
    told = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **QUIET}).stdout

    bare, seam = map(float, told.split())
    print(
        f"\nCPU for a question: {1000 * bare:.1f} ms by litellm alone, {1000 * seam:.1f} ms by the seam, {seam / bare:.2f} times"
    )
    assert seam / bare <= 1.15
