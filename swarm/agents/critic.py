"""The critic: looks at what is verified, by tests and inputs that are run. Its opinion verifies nothing and rejects nothing."""

import json
from dataclasses import dataclass
from typing import ClassVar

from prompts import render
from swarm.agents.agent import Desk, Result
from swarm.agents.asking import Line
from swarm.agents.briefing import briefing
from swarm.agents.budget import UnderWay
from swarm.agents.coder import Role, converse
from swarm.agents.exchange import Exchange
from swarm.agents.faults import ProviderTrouble
from swarm.agents.review import CRITICISE, Review
from swarm.agents.tools.criticising import CRITICISING, shown
from swarm.agents.tools.files import FILES
from swarm.agents.tools.looking import LOOKING
from swarm.agents.tools.running import RUNNING
from swarm.agents.tools.tool import Toolbox
from swarm.blackboard.tasks import Task

STEPS = 20
"""Replies that a critic may take: what it looks at is verified, so everybody waits for it."""
READING = tuple(tool for tool in FILES if tool.name == "read")
TOOLS = Toolbox((*RUNNING, *READING, *LOOKING, *CRITICISING))


@dataclass(frozen=True)
class Critic:
    """Does `criticise`: one task for each verified candidate, one after the other."""

    exchange: Exchange
    under_way: UnderWay
    name: str = "critic"
    kinds: ClassVar[tuple[str, ...]] = (CRITICISE,)

    def model(self, task: Task) -> str:
        """Another model than the one that wrote the candidate, if the team has several."""
        names, wrote = self.exchange.names, json.loads(task.payload).get("wrote", "")
        return next((name for name in names if name != wrote), names[0])

    def work(self, task: Task, desk: Desk) -> Result:
        """Look at the candidates. Whatever becomes of the critic, what was judged stays as it was judged."""
        review = desk.review()
        review.judge_again()
        if review.tried and len(review.candidates()) < 2:
            return Result(f"There is nothing to compare c{_candidate(task)} with.")
        try:
            result = converse(_role(review), task, desk, self._line)
        except ProviderTrouble as trouble:
            result = Result(f"No critic could look: {str(trouble).splitlines()[0]}")
        if result.finished and (offered := review.offer_again()):
            names = ", ".join(f"t{number}" for number in offered)
            return Result(f"{result.sentence.rstrip('.')}; so {names} {'is' if len(offered) == 1 else 'are'} offered again.")
        return result

    def _line(self, task: Task, desk: Desk) -> Line:
        model = next(model for model in self.exchange.models() if model.name == self.model(task))
        return Line(self.exchange, model, desk.purse(self.under_way), desk.stopped)


def _role(review: Review) -> Role:
    def opening(task: Task) -> str:
        return render("critic-task", number=task.number, shown=shown(review) if review.tried else "")

    return Role(
        rules="critic-rules",
        toolbox=TOOLS,
        brief=lambda desk: briefing(desk, blind=True),
        opening=opening,
        steps=STEPS,
        shares=False,
    )


def _candidate(task: Task) -> int:
    return int(json.loads(task.payload)["candidate"])
