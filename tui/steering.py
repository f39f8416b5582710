"""Steering: what the person wants is wished for, after a question where it cannot be taken back, and the answer is shown."""

import os
from collections.abc import Callable

from textual import on, work
from textual.app import App
from textual.content import Content
from textual.reactive import reactive

from swarm.board import Board
from swarm.visible import visible
from tui.dialogs import Entry, Question
from tui.given import Given
from tui.messages import Wished
from tui.pages import Page
from tui.panels.rows import Rows
from tui.plain import dollars
from tui.safe import safe_block


class Steering(App[None]):
    """An application whose keys steer a run."""

    board: reactive[Board] = reactive(Board())

    def __init__(self, given: Given) -> None:
        # Otherwise NO_COLOR would mean greys, which are colours to a terminal that was asked for none.
        super().__init__(ansi_color=True if os.environ.get("NO_COLOR") else None)
        self.given = given

    def say(self, text: str) -> None:
        """Show a sentence for a while."""
        self.notify(safe_block(text), markup=False)

    def tell_answers(self, before: Board, after: Board) -> None:
        """Say what became of wishes that were still open when the screen last looked."""
        for number, request in before.requests.items():
            answer = after.requests[number].answer
            if answer and not request.answer:
                self.say(f"{' '.join(filter(None, (request.kind, request.target)))}: {answer}")

    def action_pause(self) -> None:
        """Pause the run, or let it go on."""
        self.wish("resume" if self.board.state == "paused" else "pause")

    def action_retry(self) -> None:
        """Offer the task again that is pointed at."""
        pointed = self.pointed("tasks")
        state = self.board.tasks[int(pointed[1:])].state if pointed else ""
        if state in {"dead", "cancelled"}:
            self.wish("retry", pointed)
        else:
            self.say("retry is for a task that is dead or cancelled: point at one first")

    def action_nudge(self) -> None:
        """Let the person say something to the agents."""
        self.write("What do you want to tell the agents?\n\nEvery agent with a model reads it before its next step.",
                   "Look at the rounding first", lambda text: self.wish("nudge", "", text))  # fmt: skip

    def action_budget(self) -> None:
        """Let the run spend more."""
        budget = self.board.budget
        if budget.money_cap is None and budget.tokens_cap is None:
            self.say("the run has no cap on money or tokens, so there is nothing to raise")
            return
        aside = sum(money for money, _ in budget.reserved.values()), sum(tokens for _, tokens in budget.reserved.values())
        lines = ["How much may the run spend in all?", ""]
        if budget.money_cap is not None:
            lines += [f"Money: {dollars(budget.money)} spent, {dollars(aside[0])} set aside, of {dollars(budget.money_cap)}"]
        if budget.tokens_cap is not None:
            lines += [f"Tokens: {budget.tokens:,} spent, {aside[1]:,} set aside, of {budget.tokens_cap:,}"]
        lines += [f"{worker.worker}: {dollars(worker.money)}" for worker in self.board.workers.values() if worker.money]
        hint = "5.00" if budget.money_cap is not None else "500000 tokens"
        self.write("\n".join(lines), f"like {hint}", lambda text: self.wish("budget", "", text))

    def action_stop(self) -> None:
        """Stop the worker or task that is pointed at."""
        target = self.pointed("workers" if self.focused is not None and self.focused.id == "workers" else "tasks")
        if target:
            self.ask(f"Stop {target}?\n\nWhat it has done so far is kept. Nothing in your repository changes.",
                     lambda: self.wish("stop-one", target))  # fmt: skip
        else:
            self.say("point at a worker or a task first")

    def action_stop_run(self) -> None:
        """Stop the whole run, and stay."""
        if self.board.state == "ended":
            self.say("the run has ended")
        else:
            self.ask("Stop the whole run?\n\nWhat it has done so far is kept: `swarm resume` goes on with it later.",
                     lambda: self.wish("stop-all"))  # fmt: skip

    def action_leave(self) -> None:
        """Leave; the run goes on."""
        self.exit()

    def action_end(self) -> None:
        """Stop the whole run and leave."""
        if self.board.state == "ended":
            self.exit()
        else:
            self.ask("Stop the whole run and leave?\n\n`swarm resume` goes on with it later; q leaves without stopping it.",
                     lambda: self.wish("stop-all", leave=True))  # fmt: skip

    def pointed(self, panel: str) -> str:
        """What is pointed at in a panel."""
        return self.screen_stack[0].query_one(f"#{panel}", Rows).pointed

    def ask(self, question: str, then: Callable[[], object], page: Page | None = None) -> None:
        """Do something only after a clear yes."""

        def answered(yes: bool | None) -> None:
            if yes:
                then()

        self.push_screen(Question(Content(visible(question, keep="\n")), page), answered)

    def write(self, prompt: str, hint: str, then: Callable[[str], object]) -> None:
        """Do something with what the person writes."""

        def written(text: str | None) -> None:
            if text:
                then(text)

        self.push_screen(Entry(Content(visible(prompt, keep="\n")), hint), written)

    @work(thread=True, exit_on_error=False, group="wish")
    def wish(self, kind: str, target: str = "", text: str = "", *, leave: bool = False) -> None:
        """Ask something of the run."""
        self.post_message(Wished(self.given.wish(kind, target, text), leave=leave))

    @on(Wished)
    def confirm(self, wished: Wished) -> None:
        """Say whether the wish was taken down."""
        if wished.leave:
            self.exit()
        else:
            self.say(wished.answer)
