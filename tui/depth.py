"""Looking deeper: what the person opens is looked up in a thread and shown in a pane of its own."""

from textual import on, work
from textual.reactive import reactive

from swarm.board import Board
from tui.deeds import Deeds
from tui.given import Given
from tui.messages import Seen
from tui.pages import Page, diff_page, pair_page, text_page
from tui.panels.candidates import Candidates, tests_of
from tui.panels.detail import Detail
from tui.panels.findings import Findings
from tui.panels.rows import Rows

FIRST = "tasks"
"""The pane that is in front at first."""
DEPTHS = {"t": ("task",), "f": ("finding", "evidence"), "c": ("candidate", "diff")}
"""What Enter opens of a thing, and what it opens next."""
LETTERS = {"evidence": "f", "diff": "c", "compare": "c"}


class Depth(Deeds):
    """An application in which a thing can be opened, one depth after the other."""

    pane: reactive[str] = reactive(FIRST)
    plain_signs: reactive[bool] = reactive(False)

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self._opened = ("", 0)
        self._came_from = FIRST

    def come_back(self) -> None:
        """Go back to where the person looked deeper from."""
        self.pane, self._opened = self._came_from, ("", 0)

    def go_deeper(self, pane: str) -> None:
        """Go to a pane from which there is a way back."""
        self._came_from = self._came_from if self.pane in {"detail", "transcript"} else self.pane
        self.pane = pane

    @on(Rows.Opened)
    def open(self, opened: Rows.Opened) -> None:
        """Show a thing; if it is shown already, its next depth."""
        kinds = DEPTHS.get(opened.name[:1])
        if opened.name in self.board.workers or kinds is None:
            self.action_transcript()
            return
        number = int(opened.name[1:])
        kind, shown = self._opened
        deeper = kinds.index(kind) + 1 if kind in kinds and shown == number else 0
        self._open(kinds[deeper % len(kinds)], number)

    def action_transcript(self) -> None:
        """Show what an agent says; where transcripts are shown."""
        raise NotImplementedError

    def action_diff(self) -> None:
        """Show what the candidate changes."""
        self._open_pointed(Candidates, "diff", "candidate")

    def action_tests(self) -> None:
        """Show what verification says of the candidate."""
        self._open_pointed(Candidates, "candidate", "candidate")

    def action_compare(self) -> None:
        """Show two candidates side by side."""
        if len(self.board.candidates) < 2:
            self.say("there are no two candidates to compare yet")
        else:
            self._open_pointed(Candidates, "compare", "candidate")

    def action_evidence(self) -> None:
        """Show a finding down to what was run for it."""
        self._open_pointed(Findings, "evidence", "finding")

    def look_again(self, before: Board, after: Board) -> None:
        """Show anew what is opened, if it has changed."""
        kind, number = self._opened
        things = {"t": "tasks", "f": "findings", "c": "candidates"}.get(LETTERS.get(kind, kind[:1]), "")
        if things and getattr(before, things).get(number) != getattr(after, things).get(number):
            self._look(kind, number, again=True)

    def look_in_other_colours(self) -> None:
        """Show anew what is opened, for another ground."""
        if self._opened[0]:
            self._look(*self._opened, again=True)

    def _open_pointed(self, panel: type[Rows], kind: str, what: str) -> None:
        pointed = self.screen_stack[0].query_one(panel).pointed
        if pointed:
            self._open(kind, int(pointed[1:]))
        else:
            self.say(f"there is no {what} yet")

    def _open(self, kind: str, number: int) -> None:
        self._opened = (kind, number)
        self._look(kind, number)

    @work(thread=True, exit_on_error=False, group="look")
    def _look(self, kind: str, number: int, *, again: bool = False) -> None:
        title = f"{kind.capitalize()} {LETTERS.get(kind, kind[0])}{number}"
        if kind == "compare":
            other = other_than(number, self.board)
            title = f"Compare c{number} and c{other}"
            page = pair_page(self._whole(number), self._whole(other), plain=self.plain_signs)
        elif kind == "diff":
            page = diff_page(self.given.look(kind, number), self.ink)
        else:
            page = text_page(self.given.look(kind, number))
        self.post_message(Seen((kind, number), title, page, again=again))

    def _whole(self, number: int) -> Page:
        """A candidate as it stands beside another one."""
        candidate = self.board.candidates[number]
        facts = (
            f"c{number}{' CHOSEN' if candidate.chosen else ''}: {candidate.verdict or 'judging'}",
            f"{tests_of(candidate, self.board) or 'not judged yet'}, +{candidate.added} -{candidate.removed}",
            f"by {candidate.author}",
            candidate.summary,
            candidate.reason,
        )
        head, diff = text_page("\n".join((*facts, ""))), diff_page(self.given.look("diff", number), self.ink)
        return lambda width: [*head(width), *diff(width)]

    @on(Seen)
    def show(self, seen: Seen) -> None:
        """Show what was looked up, unless the person wants something else by now."""
        if seen.thing == self._opened:
            self.screen_stack[0].query_one("#detail", Detail).show(seen.title, seen.page, again=seen.again)
            if not seen.again:
                self.go_deeper("detail")


def other_than(number: int, board: Board) -> int:
    """With what a candidate is compared: the chosen one, or else the one handed in before it, or after."""
    others = [one for one in board.candidates.values() if one.candidate != number]
    chosen = [one.candidate for one in others if one.chosen]
    before = [one.candidate for one in others if one.candidate < number]
    return (chosen or before[::-1] or [one.candidate for one in others])[0]
