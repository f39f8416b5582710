"""Recorded journals, and a screen that is given them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from swarm import events as e
from tui.app import SwarmApp
from tui.given import Given, Moment
from tui.recorded import moments

JOURNALS = Path(__file__).parent / "journals"


@dataclass
class Stage:
    """A whole run as the screen is given it; what is added happens next, and every wish is kept."""

    told: list[Moment] = field(default_factory=list)
    wishes: list[tuple[str, str, str]] = field(default_factory=list)
    depth: str = "in depth"

    def source(self, after: int, limit: int) -> Sequence[Moment]:
        return [moment for moment in self.told if moment.position > after][:limit]

    def look(self, kind: str, number: int) -> str:
        return f"{kind} {number}: {self.depth}"

    def wish(self, kind: str, target: str, text: str) -> str:
        self.wishes.append((kind, target, text))
        return f"asked: {kind} {target}"

    def happen(self, *events: e.Event) -> None:
        last = self.told[-1] if self.told else Moment(0, 0.0, e.RunPaused())
        self.told += [Moment(last.position + n, last.seconds + n, event) for n, event in enumerate(events, start=1)]

    def app(self, *, plain_signs: bool = False) -> SwarmApp:
        given = Given(source=self.source, look=self.look, wish=self.wish, clock=lambda: 61.0, plain_signs=plain_signs)
        return SwarmApp(given)


@pytest.fixture
def demo() -> Stage:
    """The demo, as it really went."""
    return Stage(moments((JOURNALS / "demo.jsonl").read_text(encoding="utf-8").splitlines()))


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
