"""The coder: a language model with tools. One loop: ask, act, append."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from prompts import render
from swarm.agents.agent import Desk, Result
from swarm.agents.asking import Line
from swarm.agents.bench import Unusable, opened_bench
from swarm.agents.briefing import briefing
from swarm.agents.budget import UnderWay
from swarm.agents.compacting import summed_up
from swarm.agents.conversation import Conversation, marked, read, result_of, told, unanswered, written
from swarm.agents.exchange import Exchange, NotWanted
from swarm.agents.faults import TooLong
from swarm.agents.guard import ENDED, NOTED, Guard
from swarm.agents.model import Model
from swarm.agents.reply import Call, Finish, Message, Reply
from swarm.agents.starts import start_of, tried_before
from swarm.agents.texts import clipped, harmless, quoted
from swarm.agents.textual import calls_in, explained, in_text
from swarm.agents.tools import TOOLBOX
from swarm.agents.tools.tool import Outcome, Shift, Toolbox
from swarm.blackboard.findings import PERSON, Finding, FindingState
from swarm.blackboard.tasks import Task
from swarm.errors import CapReached
from swarm.visible import visible

STEPS = 100
"""Replies that one task may take."""
FULL = 0.6
"""The part of what a model can read that a conversation may fill before it is compacted."""
OFTEN = 1.0
"""Seconds between two looks that others get at what a model is just saying."""


@dataclass(frozen=True, kw_only=True)
class Role:
    """What an agent is there for, which decides what it is told and what it can do."""

    rules: str
    toolbox: Toolbox
    brief: Callable[[Desk], str]
    """What it is told of the project and the run."""
    opening: Callable[[Task], str]
    """What it is told of its task."""
    steps: int = STEPS
    """Replies that one task may take."""
    shares: bool = True
    """Whether it learns of what others find, and they learn of it when it fails."""


def _shared_briefing(desk: Desk) -> str:
    return desk.briefing(lambda: briefing(desk))


def _coder_task(task: Task) -> str:
    return render("coder-task", number=task.number, goal=task.goal, start=start_of(task), tried=tried_before(task))


CODER = Role(rules="coder-rules", toolbox=TOOLBOX, brief=_shared_briefing, opening=_coder_task)


@dataclass(frozen=True)
class Coder:
    """Does `code`: anything that takes understanding."""

    exchange: Exchange
    under_way: UnderWay
    name: str = "coder"
    kinds: ClassVar[tuple[str, ...]] = ("code",)

    def model(self, task: Task) -> str:
        """The model that does the task."""
        return name_of(task, self.exchange)

    def work(self, task: Task, desk: Desk) -> Result:
        """Do the task, from where it was left."""
        return converse(CODER, task, desk, self._line)

    def _line(self, task: Task, desk: Desk) -> Line:
        return Line(self.exchange, model_of(task, self.exchange), desk.purse(self.under_way), desk.stopped)


def converse(role: Role, task: Task, desk: Desk, line: Callable[[Task, Desk], Line]) -> Result:
    """Do a task by talking with a model, from where it was left. The line is asked for last, since models take long to load."""
    memory = desk.memory()
    tree = next((event.tree for event in reversed(memory) if event.tree), desk.ground.tree)
    with opened_bench(desk.ground, tree) as bench:
        brief = role.brief(desk)
        session = Session(role, Shift(desk, task, bench), line(task, desk), brief)
        session.recall(tuple(message for event in memory for message in read(event.messages)))
        try:
            return session.run()
        except NotWanted:
            return Result("It was told to stop.", finished=False)
        except CapReached as cap:
            return Result(f"The budget ended it: {str(cap).splitlines()[0]}")


def model_of(task: Task, exchange: Exchange) -> Model:
    """The model that a task asks for, or else the team's next."""
    models, wanted = exchange.models(), name_of(task, exchange)
    return next(model for model in models if model.name == wanted)


def name_of(task: Task, exchange: Exchange) -> str:
    """The name of the model that a task asks for, or else of the team's next."""
    names = exchange.names
    wanted: str = json.loads(task.payload or "{}").get("model", "")
    return wanted if wanted in names else names[task.number % len(names)]


@dataclass
class Session:
    """One conversation on one task."""

    role: Role
    shift: Shift
    line: Line
    brief: str
    """What it is told of the project and the run."""
    conversation: Conversation = field(init=False)
    _guard: Guard = field(default_factory=Guard)
    _steps: int = 0
    _prompt: int = 0
    _told: float = 0.0
    _pieces: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Lay out what every agent of the run is told, in the very same bytes."""
        rules = render(self.role.rules)
        self._schemas = self.role.toolbox.schemas()
        if not self.model.calls_tools:
            rules = f"{rules}\n\n{explained(self._schemas)}"
        self.conversation = Conversation(({"role": "system", "content": rules}, told(self.brief)))

    @property
    def model(self) -> Model:
        """With whom it talks."""
        return self.line.model

    def recall(self, said: tuple[Message, ...]) -> None:
        """Go on with what was said before, if anything was."""
        if said:
            self.conversation = self.conversation.and_then(*said)
            self._steps = sum(message["role"] == "assistant" for message in said)
            return
        self._append(told(self.role.opening(self.shift.task)), action="reads its task")

    def run(self) -> Result:
        """Ask, act, append, until the task has come to an end."""
        while self._steps < self.role.steps:
            waiting = unanswered(self.conversation.said)
            if waiting is None:
                if self.shift.desk.stopped():
                    raise NotWanted
                self._tell_news()
                self._shorten()
                reply = self._ask()
                self._steps += 1
                if ending := self._odd(reply):
                    return ending
                waiting = unanswered(self.conversation.said)
            if waiting is not None and (ending := self._act(waiting)):
                return ending
        return self._ended(f"it took {self.role.steps} steps without coming to an end")

    # --- asking

    def _ask(self) -> Reply:
        try:
            reply = self._asked()
        except TooLong:
            self._compact()
            try:
                reply = self._asked()
            except TooLong as still:
                return Reply(text=str(still), finish=Finish.REFUSED)
        self._prompt = reply.usage.prompt
        return reply

    def _asked(self) -> Reply:
        messages: list[Message] = list(self.conversation.messages)
        tools: list[Mapping[str, Any]] = self._schemas
        if not self.model.calls_tools:
            messages, tools = in_text(messages), []
        if self.model.marks_cache:
            messages = marked(messages, len(self.conversation.head))
        self._pieces.clear()
        self._told = time.monotonic()
        return self.line.ask(messages, tools, self._keep, self._pieces.append, self._heard)

    def _heard(self) -> bool:
        """Whether the answer is wanted no more; now and then, everybody is shown what there is of it."""
        if self._pieces and time.monotonic() - self._told > OFTEN:
            self._told = time.monotonic()
            self.shift.desk.act(visible(f"says: {' '.join(''.join(self._pieces).split())[-120:]}"))
        return self.shift.desk.stopped()

    def _keep(self, reply: Reply) -> None:
        """Write a reply down before it is paid for. What was cut off or refused calls nothing."""
        if reply.finish in {Finish.LENGTH, Finish.REFUSED}:
            return
        message = dict(reply.as_message())
        if not self.model.calls_tools:
            try:
                calls = calls_in(reply.text, self._steps)
            except Unusable as error:
                self._append(message, told(str(error)), action="wrote a call that is none")
                return
            message |= {"tool_calls": [call.as_message() for call in calls]} if calls else {}
        self._append(message, action=_action(message))

    def _odd(self, reply: Reply) -> Result | None:
        """Deal with a reply that asks for nothing; the end, if that helps no more."""
        if reply.finish is Finish.REFUSED:
            return self._ended(f"the model refused to go on: {' '.join(reply.text.split())[:200] or 'it gave no reason'}")
        last = self.conversation.said[-1]
        if reply.finish is not Finish.LENGTH and last["role"] == "assistant" and last.get("tool_calls"):
            return None
        note = render("note-cut", tokens=reply.usage.completion) if reply.finish is Finish.LENGTH else render("note-no-call")
        if last["role"] == "assistant" or last.get("content") != note:
            self._append(told(note), action="is told that nothing happened")
        return self._ended("none of its replies carried anything out") if self._guard.useless() else None

    # --- acting

    def _act(self, reply: Message) -> Result | None:
        """Do what a reply asks for, one call after the other, and append what came of it."""
        results: list[Message] = []
        note, ending, changed = "", None, False
        for asked in reply.get("tool_calls", ()):
            call = Call(asked["id"], asked["function"]["name"], asked["function"]["arguments"])
            outcome = Outcome("It was not done, since the call before it ends this.") if ending or note else self._do(call)
            results.append(result_of(call.id, clipped(outcome.text)))
            note, ending, changed = note or outcome.note, ending or outcome.ends, changed or outcome.changes
            times = self._guard.did(call.tool, call.arguments, outcome.text)
            if times == NOTED:
                results[-1] = result_of(call.id, f"{clipped(outcome.text)}\n\n{render('note-repeats', times=times)}")
            if times >= ENDED and ending is None:
                ending = self._ended(f"it did the same {times} times with the same result: {call.tool} {call.arguments[:100]}")
        if not results:
            results.append(told(render("note-no-call")))
        if ending is None or ending.finished:
            self._finish_step(results, note, tree=self.shift.bench.tree() if changed else "")
        return ending

    def _do(self, call: Call) -> Outcome:
        try:
            outcome = self.role.toolbox.use(call, self.shift)
        except Unusable as error:
            if error.__cause__ is None and "Nothing was done" in str(error) and self._guard.useless():
                return Outcome(str(error), ends=self._ended("none of its calls could be carried out"))
            return Outcome(str(error))
        self._guard.useful()
        return outcome

    def _finish_step(self, results: list[Message], note: str, tree: str) -> None:
        if not note:
            self._append(*results, tree=tree, action="looks at what came of it")
            return
        words = render("folded", note=note, edited=self._edited(), findings=self._findings())
        self.conversation = self.conversation.anew(words)
        self._remember_anew(tree)

    def _ended(self, reason: str) -> Result:
        """End the task, and let the others know why."""
        if not self.role.shares:
            return Result(f"It came to nothing: {reason}.")
        desk, task = self.shift.desk, self.shift.task
        summary = f"{reason}. Edited: {self._edited() or 'nothing'}. Handed in: {self.shift.submitted}."
        desk.share(kind="attempt-failed", gist=f"t{task.number} came to no fix: {reason}"[:200], summary=summary)
        return Result(f"It came to no fix: {reason}.")

    # --- what is said

    def _tell_news(self) -> None:
        if not self.role.shares:
            return
        news = self.shift.desk.news()
        if words := [finding.summary for finding in news if finding.author == PERSON]:
            self._append(told(render("nudge", words=harmless("\n\n".join(words)))), action="is told what the person says")
        if others := [_line(finding) for finding in news if finding.author != PERSON]:
            self._append(told(render("news", lines=others)), action="is told news")

    def _shorten(self) -> None:
        if self._prompt > FULL * self.model.page:
            self._compact()

    def _compact(self) -> None:
        summary = summed_up(self.conversation.middle, self.line)
        self.conversation = self.conversation.compacted(self._edited(), self._findings(), summary)
        self._prompt = 0
        self._remember_anew()

    def _append(self, *messages: Message, tree: str = "", action: str) -> None:
        self.conversation = self.conversation.and_then(*messages)
        self.shift.desk.remember(written(messages), tree, action)

    def _remember_anew(self, tree: str = "") -> None:
        kept = tree or self.shift.bench.tree()
        self.shift.desk.remember(written(self.conversation.said), kept, "shortens its conversation", anew=True)

    def _edited(self) -> str:
        return ", ".join(f"{path} ({count} times)" if count > 1 else path for path, count in self.shift.edited.items())

    def _findings(self) -> str:
        return ", ".join(f"f{number}" for number in self.shift.desk.shown)


def _line(finding: Finding) -> str:
    """A finding as others are told it: as data, since another agent wrote the words."""
    fell = " It was shown to you before, and is wrong." if finding.state is FindingState.REFUTED else ""
    return quoted(f"[{finding.state.value}] {finding.kind}: {finding.gist}{fell}", f"f{finding.number}")


def _action(message: Mapping[str, Any]) -> str:
    """What everybody sees that the agent does."""
    said = " ".join(str(message.get("content") or "").split())
    calls = [
        f"{call['function']['name']} {' '.join(call['function']['arguments'].split())}"[:100]
        for call in message.get("tool_calls", ())
    ]
    return visible("; ".join(filter(None, (said[:120], *calls[:3]))) or "says nothing")
