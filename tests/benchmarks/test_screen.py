"""How soon the screen is there, how soon it reacts, and what it keeps, on a real terminal, with the real store.

The figures are printed, not asserted: a shared machine would make them fail at random. That no line is lost is asserted.
"""

import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from made_up_run import MadeUpRun
from terminal import Terminal

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1200)]

AGENTS, LINES, RATE = 16, 100_000, 200
KEYS = 60
INSTALLED = {"PYTHONDONTWRITEBYTECODE": ""}
"""What lets swarm's modules be compiled once, as they are for whoever has installed it; those of Textual are in any case."""
EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("nothing but this")
Empty().run()
"""
UNBOUNDED = """
import sys
from pathlib import Path
from textual.app import App
from textual.widgets import RichLog
class Log(App):
    def compose(self):
        yield RichLog()
    def on_ready(self):
        self.grow(0)
    def grow(self, begun):
        log = self.query_one(RichLog)
        for number in range(begun, min(begun + 1000, {lines})):
            who = f"worker w{{number % 16 + 1}} t{{number % 16 + 1}}"
            log.write(f"{{number / 200:7.1f}}s  {{who}}: looks at line {{number}} of the source once more")
        if begun + 1000 < {lines}:
            self.call_later(self.grow, begun + 1000)
        else:
            log.write("that was all")
Log().run()
"""


@contextmanager
def going_on(run: MadeUpRun) -> Iterator[None]:
    """At two hundred steps a second."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(1 / 20):
            run.act(RATE // 20)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture
def run(make_repository: Callable[[Mapping[str, str]], Path]) -> MadeUpRun:
    made = MadeUpRun(make_repository({"a.py": "x = 1\n"}), AGENTS)
    for _ in range(LINES // 5000):
        made.act(5000)
    return made


def seconds_until(words: str, *args: str, cwd: Path, command: tuple[str, ...] | None = None) -> float:
    began = time.monotonic()
    terminal = Terminal(*args, cwd=cwd, env=INSTALLED, **({"command": command} if command else {}))
    there = terminal.until(words)
    terminal.press("\x11" if command else "q")
    terminal.end()
    return there - began


def memory(process: int) -> float:
    """Megabytes that a process holds."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def test_the_start_beside_an_empty_application(make_repository: Callable[[Mapping[str, str]], Path]) -> None:
    small = MadeUpRun(make_repository({"a.py": "x = 1\n"}))
    empty, own = [], []
    seconds_until("Search for the edit", "watch", cwd=small.folder)  # the first one compiles
    for _ in range(7):
        empty.append(seconds_until("nothing but this", cwd=small.folder, command=(sys.executable, "-c", EMPTY)))
        own.append(seconds_until("Search for the edit", "watch", cwd=small.folder))
    ratio = statistics.median(own) / statistics.median(empty)
    print(
        f"\nstart: screen {statistics.median(own):.2f} s, empty application {statistics.median(empty):.2f} s, {ratio:.2f} times"
    )


def test_joining_a_run_of_a_hundred_thousand_events(run: MadeUpRun) -> None:
    times = [seconds_until(run.last, "watch", cwd=run.folder) for _ in range(5)]
    print(f"\njoining {LINES:,} events: {statistics.median(times):.2f} s from the command, {min(times):.2f} at best")


def test_keys_while_sixteen_agents_work(run: MadeUpRun) -> None:
    terminal = Terminal("watch", cwd=run.folder, size=(80, 24))
    terminal.until(run.last)
    names = ("Findings", "Candidates", "Detail", "Transcript", "Log", "Agents", "Tasks")
    times = []
    with going_on(run):
        time.sleep(2)
        for number in range(KEYS):
            began = time.monotonic()
            terminal.press("\t")
            times.append(terminal.until(f"[{names[number % len(names)]}]") - began)
            time.sleep(0.05 + number % 7 / 50)
    terminal.press("q")
    terminal.end()
    ranked = sorted(times)
    p95 = ranked[int(0.95 * len(ranked))]
    middle = statistics.median(times)
    print(f"\nkey to reaction, {AGENTS} agents at {RATE}/s: median {middle * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms")


def test_what_is_kept_beside_an_unbounded_log_and_nothing_is_lost(run: MadeUpRun) -> None:
    small = Terminal(cwd=run.folder, command=(sys.executable, "-c", EMPTY))
    small.until("nothing but this")
    bare = memory(small.process.pid)
    small.press("\x11")
    small.end()
    log = Terminal(cwd=run.folder, command=(sys.executable, "-c", UNBOUNDED.format(lines=LINES)))
    log.until("that was all")
    unbounded = memory(log.process.pid) - bare
    log.press("\x11")
    log.end()

    terminal = Terminal("watch", cwd=run.folder)
    terminal.until(run.last)
    before = memory(terminal.process.pid)
    with going_on(run):
        time.sleep(20)
    grown = memory(terminal.process.pid) - bare
    print(f"\nmemory beyond an empty application: screen {grown:.0f} MB ({before - bare:.0f} when it had joined), ")
    print(f"unbounded log {unbounded:.0f} MB, that is {grown / unbounded:.2f} of it")
    terminal.press("l")
    while "run starts from commit" not in terminal.shown:
        terminal.press("g")
        time.sleep(0.05)
    terminal.press("q")
    terminal.end()
