"""Recorded journals, and a screen that is given them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import team

from swarm import events as e
from tui.app import SwarmApp
from tui.given import Ask, Given, Moment
from tui.recorded import moments

JOURNALS = Path(__file__).parent / "journals"


@dataclass
class Stage:
    """A whole run as the screen is given it; what is added happens next, and every wish is kept."""

    told: list[Moment] = field(default_factory=list)
    wishes: list[tuple[str, str, str]] = field(default_factory=list)
    deeds: list[tuple[str, str]] = field(default_factory=list)
    depth: str = "in depth"
    diff: str = ""
    """What candidates change; empty: it is said in words."""
    alive: bool = True
    reason: str = ""
    """Why a deed needs the person's word once more."""

    def source(self, after: int, limit: int) -> Sequence[Moment]:
        return [moment for moment in self.told if moment.position > after][:limit]

    def look(self, kind: str, number: int) -> str:
        return self.diff if kind == "diff" and self.diff else f"{kind} {number}: {self.depth}"

    def raw(self, digest: str) -> str:
        return f"printed {digest[:4]}: {self.depth}"

    def deed(self, kind: str, target: str, ask: Ask) -> str:
        self.deeds.append((kind, target))
        if self.reason and not ask(self.reason):
            return f"{kind}: not done"
        return f"{kind}: well done"

    def wish(self, kind: str, target: str, text: str) -> str:
        self.wishes.append((kind, target, text))
        return f"asked: {kind} {target}"

    def happen(self, *events: e.Event) -> None:
        last = self.told[-1] if self.told else Moment(0, 0.0, e.RunPaused())
        self.told += [Moment(last.position + n, last.seconds + n, event) for n, event in enumerate(events, start=1)]

    def app(self, *, plain_signs: bool = False, theme: str = "dark", bell: bool = True) -> SwarmApp:
        given = Given(
            source=self.source, look=self.look, wish=self.wish, clock=lambda: 61.0, plain_signs=plain_signs, raw=self.raw,
            deed=self.deed, alive=lambda: self.alive, theme=theme, bell=bell,
        )  # fmt: skip
        return SwarmApp(given)


@pytest.fixture
def demo() -> Stage:
    """The demo, as it really went."""
    return Stage(moments((JOURNALS / "demo.jsonl").read_text(encoding="utf-8").splitlines()))


@pytest.fixture
def exhaustive() -> Stage:
    """The demo as it really went when every task was done."""
    return Stage(moments((JOURNALS / "exhaustive.jsonl").read_text(encoding="utf-8").splitlines()))


@pytest.fixture
def team_at_work(stage: Callable[..., Stage]) -> Stage:
    """A mixed team at work, with two candidates."""
    made = stage(*team.beginning(), *team.judging())
    made.diff = team.DIFF
    return made


@pytest.fixture
def nothing_yet(stage: Callable[..., Stage]) -> Stage:
    """A run of which nothing has been told."""
    return stage()


@pytest.fixture
def team_done(stage: Callable[..., Stage]) -> Stage:
    """The same run when it has ended."""
    made = stage(*team.beginning(), *team.judging(), *team.ending())
    made.diff = team.DIFF
    return made


@pytest.fixture
def running(demo: Stage) -> Stage:
    """The demo while both candidates are judged."""
    return Stage(demo.told[:32])


@pytest.fixture
def stage() -> Callable[..., Stage]:
    """A run in which these events have happened."""

    def make(*events: e.Event) -> Stage:
        made = Stage()
        made.happen(*events)
        return made

    return make
