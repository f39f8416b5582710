"""The planner: divides a bug into the first tasks, once. From then on nobody plans."""

import json
from dataclasses import dataclass
from typing import Any, ClassVar

from prompts import render
from swarm.agents.agent import Desk, Result
from swarm.agents.asking import Line
from swarm.agents.bench import Unusable
from swarm.agents.briefing import briefing
from swarm.agents.budget import UnderWay
from swarm.agents.conversation import result_of, told
from swarm.agents.exchange import Exchange, NotWanted
from swarm.agents.faults import TooLong
from swarm.agents.reply import Message, Reply
from swarm.agents.starts import STARTS, payload, whole_tasks
from swarm.agents.texts import harmless
from swarm.agents.textual import calls_in, explained, in_text
from swarm.blackboard.tasks import NewTask, Task
from swarm.errors import CapReached

TRIES = 2
MOST = 8
GOAL = 500
"""Characters."""


@dataclass(frozen=True)
class Planned:
    """A task as a plan names it."""

    goal: str
    start: str
    needs: tuple[int, ...]
    """Tasks of the plan, counted from 1, that come before it."""


@dataclass(frozen=True)
class Planner:
    """Does `plan`. Whatever a model makes of it, tasks come out: a plan without sense is replaced by the usual ones."""

    exchange: Exchange
    under_way: UnderWay
    width: int
    """How many agents work at once."""
    name: str = "planner"
    kinds: ClassVar[tuple[str, ...]] = ("plan",)

    def model(self, task: Task) -> str:
        """The model that plans."""
        return self.exchange.names[task.number % len(self.exchange.names)]

    def work(self, task: Task, desk: Desk) -> Result:
        """Plan."""
        try:
            planned, why = self._asked(task, desk)
        except NotWanted:
            return Result("It was told to stop.", finished=False)
        except (CapReached, TooLong) as trouble:
            planned, why = (), str(trouble).splitlines()[0]
        if planned:
            numbers = self._add(planned, task, desk)
            return Result(f"Planned {', '.join(f't{number}' for number in numbers)}.")
        for new in whole_tasks(self.exchange.names, self.width):
            self._once(new, desk)
        return Result(f"There is no plan ({why}), so each agent tries the whole.")

    def _asked(self, task: Task, desk: Desk) -> tuple[tuple[Planned, ...], str]:
        """The plan of a model, or why it has none."""
        model = self.exchange.models()[task.number % len(self.exchange.names)]
        line = Line(self.exchange, model, desk.purse(self.under_way), desk.stopped)
        schema = plan_schema()
        rules = render("planner-rules", most=MOST, agents=self.width)
        system = rules if model.calls_tools else f"{rules}\n\n{explained([schema])}"
        said: list[Message] = [{"role": "system", "content": system}, told(desk.briefing(lambda: briefing(desk)))]
        why = ""
        for turn in range(TRIES):
            desk.act("plans")
            messages = said if model.calls_tools else in_text(said)
            reply = line.ask(messages, [schema] if model.calls_tools else [], lambda _: None, lambda _: None, desk.stopped)
            try:
                return read_plan(reply, turn, native=model.calls_tools), ""
            except Unusable as error:
                why = str(error)
                said += [reply.as_message(), *(result_of(call.id, why) for call in reply.calls)]
                said += [] if reply.calls else [told(why)]
        return (), why

    def _add(self, planned: tuple[Planned, ...], task: Task, desk: Desk) -> list[int]:
        numbers: list[int] = []
        for at, one in enumerate(planned):
            needs = (task.number, *(numbers[need - 1] for need in one.needs))
            goal = harmless(one.goal)
            new = NewTask(kind="code", goal=goal, needs=needs, payload=payload(self.exchange.names, at, one.start))
            numbers.append(self._once(new, desk))
        return numbers

    @staticmethod
    def _once(new: NewTask, desk: Desk) -> int:
        """Add a task, if it is not there from before a crash."""
        there = next((task for task in desk.tasks() if task.kind == "code" and task.payload == new.payload), None)
        return there.number if there else desk.add_task(new).number


def plan_schema() -> dict[str, Any]:
    """The one tool of a planner."""
    number = {"type": "integer"}
    one = {
        "type": "object",
        "properties": {
            "goal": {"type": "string"},
            "start": {"type": "string", "enum": list(STARTS)},
            "needs": {"type": "array", "items": number},
        },
        "required": ["goal"],
        "additionalProperties": False,
    }
    tasks = {"type": "array", "items": one, "minItems": 1, "maxItems": MOST}
    parameters = {"type": "object", "properties": {"tasks": tasks}, "required": ["tasks"], "additionalProperties": False}
    return {"type": "function", "function": {"name": "plan", "description": render("tool-plan"), "parameters": parameters}}


def read_plan(reply: Reply, turn: int, *, native: bool) -> tuple[Planned, ...]:
    """The plan in a reply, if it makes sense: known starts, needs that are there and come before, and no more than is allowed."""
    calls = reply.calls if native else calls_in(reply.text, turn)
    if len(calls) != 1 or calls[0].tool != "plan":
        raise Unusable(why="Call `plan`, once, and nothing else.")
    try:
        given = json.loads(calls[0].arguments)["tasks"]
        planned = tuple(Planned(str(one["goal"]), one.get("start", ""), tuple(one.get("needs", ()))) for one in given)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unusable(why=f"That is no plan: {type(error).__name__} {error}.") from None
    if not 1 <= len(planned) <= MOST:
        raise Unusable(why=f"A plan has one to {MOST} tasks; this one has {len(planned)}.")
    for at, one in enumerate(planned, start=1):
        if not 0 < len(one.goal.strip()) <= GOAL:
            raise Unusable(why=f"Task {at}: a goal is a text of one to {GOAL} characters.")
        if one.start not in ("", *STARTS):
            raise Unusable(why=f"Task {at}: `start` is one of {', '.join(STARTS)}.")
        if not all(type(need) is int and 1 <= need < at for need in one.needs):
            raise Unusable(why=f"Task {at}: `needs` names tasks that stand before it, counted from 1.")
    if len({one.goal.strip().lower() for one in planned}) < len(planned):
        raise Unusable(why="Two tasks have the same goal.")
    return planned
