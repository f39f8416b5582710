"""Steering: what the person wants is wished for, after a question where it cannot be taken back, and the answer is shown."""

from collections.abc import Callable

from rich.text import Text
from textual import on, work
from textual.app import App
from textual.reactive import reactive

from swarm.board import Board
from swarm.visible import visible
from tui.dialogs import Question
from tui.given import Given
from tui.messages import Wished
from tui.panels.rows import Rows
from tui.safe import safe_block


class Steering(App[None]):
    """An application whose keys steer a run."""

    board: reactive[Board] = reactive(Board())

    def __init__(self, given: Given) -> None:
        super().__init__()
        self.given = given

    def say(self, text: str) -> None:
        """Show a sentence for a while."""
        self.notify(safe_block(text), markup=False)

    def tell_answers(self, before: Board, after: Board) -> None:
        """Say what became of wishes that were still open when the screen last looked."""
        for number, request in before.requests.items():
            answer = after.requests[number].answer
            if answer and not request.answer:
                self.say(f"{request.kind} {request.target}: {answer}")

    def action_pause(self) -> None:
        """Pause the run, or let it go on."""
        self._wish("resume" if self.board.state == "paused" else "pause")

    def action_retry(self) -> None:
        """Offer the task again that is pointed at."""
        pointed = self._pointed("tasks")
        state = self.board.tasks[int(pointed[1:])].state if pointed else ""
        if state in {"dead", "cancelled"}:
            self._wish("retry", pointed)
        else:
            self.say("retry is for a task that is dead or cancelled: point at one first")

    def action_stop(self) -> None:
        """Stop the worker or task that is pointed at."""
        target = self._pointed("workers" if self.focused is not None and self.focused.id == "workers" else "tasks")
        if target:
            self._ask(f"Stop {target}?\n\nWhat it has done so far is kept. Nothing in your repository changes.",
                      lambda: self._wish("stop-one", target))  # fmt: skip
        else:
            self.say("point at a worker or a task first")

    def action_merge(self) -> None:
        """Merge the candidate that is pointed at."""
        name = self._pointed("candidates")
        if not name:
            self.say("there is no candidate yet")
            return
        candidate = self.board.candidates[int(name[1:])]
        words = f"Merge {name} ({candidate.verdict or 'not judged'}, +{candidate.added} -{candidate.removed})?"
        tests = f"{candidate.passed} tests passed, {candidate.failed} failed. {candidate.reason}"
        self._ask(f"{words}\n\n{candidate.summary}\n{tests}", lambda: self._wish("merge", name))

    def action_leave(self) -> None:
        """Leave; the run goes on."""
        self.exit()

    def action_end(self) -> None:
        """Stop the whole run and leave."""
        if self.board.state == "ended":
            self.exit()
        else:
            self._ask("Stop the whole run and leave?\n\n`swarm resume` goes on with it later; q leaves without stopping it.",
                      lambda: self._wish("stop-all", leave=True))  # fmt: skip

    def _pointed(self, panel: str) -> str:
        return self.screen_stack[0].query_one(f"#{panel}", Rows).pointed

    def _ask(self, question: str, then: Callable[[], object]) -> None:
        def answered(yes: bool | None) -> None:
            if yes:
                then()

        self.push_screen(Question(Text(visible(question, keep="\n"))), answered)

    @work(thread=True, exit_on_error=False, group="wish")
    def _wish(self, kind: str, target: str = "", *, leave: bool = False) -> None:
        self.post_message(Wished(self.given.wish(kind, target, ""), leave=leave))

    @on(Wished)
    def confirm(self, wished: Wished) -> None:
        """Say whether the wish was taken down."""
        if wished.leave:
            self.exit()
        else:
            self.say(wished.answer)
