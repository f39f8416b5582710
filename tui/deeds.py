"""What is done with the result of a run that has ended: merged, taken back, handed on. Each is shown first, then asked for."""

import queue
import threading

from textual import on, work
from textual.content import Content
from textual.reactive import reactive

from swarm.board import CandidateSeen
from swarm.visible import visible
from tui.dialogs import Question
from tui.given import Given
from tui.messages import Asked, Considered, Doing, Wished
from tui.pages import DARK, LIGHT, Ink, Page, diff_page, text_page
from tui.panels.candidates import tests_of
from tui.steering import Steering

LOOK = 0.1
UNDER_WAY = {"merge": "merging", "undo": "taking back", "pull-request": "opening the pull request"}
"""What the header says while it is being done."""


class Deeds(Steering):
    """An application that can do something with a result."""

    doing: reactive[str] = reactive("")
    """What is being done with the result right now."""

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self.over = threading.Event()
        """Set when the screen is gone."""
        self.position = 0
        """How far the run has been told."""

    @property
    def ink(self) -> Ink:
        """How code is coloured on this ground."""
        return DARK if self.current_theme.dark else LIGHT

    def action_merge(self) -> None:
        """Show what would be merged and what will happen, then ask."""
        name = self.pointed("candidates")
        if not name:
            self.say("there is no candidate yet")
        elif self.board.state != "ended":
            self.say("the run is still going on: m merges what it ends with. X stops it now.")
        elif self.board.merged:
            self.say(f"it was merged into {self.board.merged} already; u takes that back")
        else:
            self._consider(int(name[1:]))

    @work(thread=True, exit_on_error=False, group="look")
    def _consider(self, candidate: int) -> None:
        diff, said = self.given.look("diff", candidate), self.given.look("candidate", candidate)
        code, words = diff_page(diff, self.ink), text_page(f"\n{said}")
        page: Page = lambda width: [*code(width), *words(width)]  # noqa: E731 - a page is a function
        self.post_message(Considered(candidate, page))

    @on(Considered)
    def ask_to_merge(self, considered: Considered) -> None:
        """Ask, with all that there is to know."""
        candidate = self.board.candidates[considered.candidate]
        self.ask(merge_question(candidate, tests_of(candidate, self.board)),
                 lambda: self.do("merge", f"c{candidate.candidate}"), considered.page)  # fmt: skip

    def action_undo(self) -> None:
        """Take back what was done to the person's repository."""
        board = self.board
        if board.state != "ended" or not (board.merged or board.branch):
            self.say("there is nothing to take back yet")
        elif board.merged:
            self.ask(f"Take the merge back?\n\n{board.merged} goes back to where it was, if nothing was built on it since.",
                     lambda: self.do("undo"))  # fmt: skip
        else:
            self.ask(f"Delete the branch {board.branch}?\n\nOnly if nobody built on it. The run keeps the fix: `swarm diff`.",
                     lambda: self.do("undo"))  # fmt: skip

    def action_pull_request(self) -> None:
        """Hand the fix on as a pull request."""
        if self.board.state != "ended" or not self.board.branch:
            self.say("a pull request needs a run that has ended with a branch")
        else:
            self.do("pull-request")

    @work(thread=True, exit_on_error=False, group="deed")
    def do(self, kind: str, target: str = "") -> None:
        """Do it, show that it is under way, and say what became of it."""
        self.post_message(Doing(" ".join(filter(None, (UNDER_WAY[kind], target)))))
        if kind == "merge":
            self.post_message(Wished("merging: judged again on the head of today first; the log tells how it goes"))
        answer = self.given.deed(kind, target, self._asked)
        # Nobody may be asked by a board that does not know of the deed: whether to delete a branch that is merged by now.
        while self.given.source(self.position, 1) and not self.over.wait(LOOK):
            pass
        self.post_message(Wished(answer))
        self.post_message(Doing(""))

    @on(Doing)
    def show_doing(self, doing: Doing) -> None:
        """Show what is under way."""
        self.doing = doing.what

    def _asked(self, reason: str) -> bool:
        """Ask the person from a thread; once the screen is gone the answer is no."""
        answers = queue.Queue[bool | None]()
        self.post_message(Asked(reason, answers.put))
        while not self.over.is_set():
            try:
                return bool(answers.get(timeout=LOOK))
            except queue.Empty:
                continue
        return False

    @on(Asked)
    def pass_on(self, asked: Asked) -> None:
        """Put a question of somebody else to the person."""
        self.push_screen(Question(Content(visible(asked.reason, keep="\n"))), asked.answer)


def merge_question(candidate: CandidateSeen, tests: str) -> str:
    """What the person is asked before a merge."""
    return "\n".join((
        f"Merge c{candidate.candidate} into the branch that you have checked out?",
        "",
        f"{candidate.summary} (by {candidate.author})",
        f"{candidate.verdict or 'not judged'}: {tests}, +{candidate.added} -{candidate.removed}; {candidate.reason}",
        "",
        "It is merged with the head of today in a scratch worktree and judged there again; only then your branch moves.",
        "Hooks are not run. u takes it back.",
    ))  # fmt: skip
