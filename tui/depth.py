"""Looking deeper: what the person opens is looked up in a thread and shown in the detail pane."""

from textual import on, work
from textual.reactive import reactive

from tui.given import Given
from tui.messages import Seen
from tui.panels.candidates import Candidates
from tui.panels.detail import Detail
from tui.panels.findings import Findings
from tui.panels.rows import Rows
from tui.steering import Steering

DEPTHS = {"t": ("task",), "f": ("finding", "evidence"), "c": ("candidate", "diff")}
"""What Enter opens of a thing, and what it opens next."""


class Depth(Steering):
    """An application in which a thing can be opened, one depth after the other."""

    pane: reactive[str] = reactive("tasks")

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self._opened = ("", 0)
        self._came_from = "tasks"

    def come_back(self) -> None:
        """Go back to where the person looked deeper from."""
        self.pane, self._opened = self._came_from, ("", 0)

    @on(Rows.Opened)
    def open(self, opened: Rows.Opened) -> None:
        """Show a thing; if it is shown already, its next depth."""
        kinds = DEPTHS.get(opened.name[:1])
        if kinds is None:
            task = self.board.workers[opened.name].task
            kinds, number = DEPTHS["t"], task or 0
        else:
            number = int(opened.name[1:])
        kind, shown = self._opened
        deeper = kinds.index(kind) + 1 if kind in kinds and shown == number else 0
        if number:
            self._open(kinds[deeper % len(kinds)], number)

    def action_diff(self) -> None:
        """Show what the candidate changes."""
        self._open_pointed(Candidates, "diff", "candidate")

    def action_tests(self) -> None:
        """Show what verification says of the candidate."""
        self._open_pointed(Candidates, "candidate", "candidate")

    def action_evidence(self) -> None:
        """Show a finding down to what was run for it."""
        self._open_pointed(Findings, "evidence", "finding")

    def _open_pointed(self, panel: type[Rows], kind: str, what: str) -> None:
        pointed = self.screen_stack[0].query_one(panel).pointed
        if pointed:
            self._open(kind, int(pointed[1:]))
        else:
            self.say(f"there is no {what} yet")

    def _open(self, kind: str, number: int) -> None:
        self._opened = (kind, number)
        self._came_from = self._came_from if self.pane == "detail" else self.pane
        self._look(kind, number)

    @work(thread=True, exit_on_error=False, group="look")
    def _look(self, kind: str, number: int) -> None:
        self.post_message(Seen(kind, number, self.given.look(kind, number)))

    @on(Seen)
    def show(self, seen: Seen) -> None:
        """Show what was looked up, unless the person wants something else by now."""
        if (seen.kind, seen.number) == self._opened:
            title = f"{seen.kind.capitalize()} {({'evidence': 'f', 'diff': 'c'}).get(seen.kind, seen.kind[0])}{seen.number}"
            self.query_one(Detail).show(title, seen.text, diff=seen.kind == "diff")
            self.pane = "detail"
