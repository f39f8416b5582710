"""Listening to one agent: its transcript is looked up in a thread, and grows while the run goes on."""

from collections.abc import Sequence

from textual import on, work

from tui.depth import Depth
from tui.given import Given, Moment
from tui.messages import Heard, Printed
from tui.panels.transcript import Transcript
from tui.recall import earlier
from tui.safe import safe
from tui.sayings import about, sayings

HANDFUL = 150
"""How many moments of a worker a transcript gets at once."""


class Hearing(Depth):
    """An application in which one can listen to an agent."""

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self._worker, self._heard = "", 0

    def action_transcript(self) -> None:
        """Show what the agent says whose worker is pointed at."""
        worker = self.pointed("workers")
        if not worker:
            self.say("there is no agent yet")
            return
        self._worker, self._heard = worker, self.position
        self.go_deeper("transcript")
        self._listen(worker, self.position + 1)

    def listen_on(self, news: Sequence[Moment]) -> None:
        """Hear what has happened since."""
        if not self._worker or not news:
            return
        if news[0].position > self._heard + 1:  # more has happened than the news holds
            self._listen(self._worker, news[-1].position + 1)
        else:
            fresh = [moment for moment in news if moment.position > self._heard and about(moment, self._worker)]
            self._transcript.add(sayings(fresh))
            self._name_transcript()
        self._heard = news[-1].position

    @on(Transcript.OlderWanted)
    def hear_older(self, wanted: Transcript.OlderWanted) -> None:
        """Get what was said before the window."""
        self._listen(self._worker, wanted.before, older=True)

    @on(Transcript.NewestWanted)
    def hear_newest(self) -> None:
        """Get what was said last."""
        self._heard = self.position
        self._listen(self._worker, self.position + 1)

    @work(thread=True, exit_on_error=False, group="look")
    def _listen(self, worker: str, before: int, *, older: bool = False) -> None:
        found = earlier(self.given.source, before, HANDFUL, lambda moment: about(moment, worker))
        self.post_message(Heard(worker, sayings(found), older=older))

    @on(Heard)
    def show_sayings(self, heard: Heard) -> None:
        """Show what was heard, unless the person listens to somebody else by now."""
        if heard.worker == self._worker:
            (self._transcript.put_before if heard.older else self._transcript.show)(heard.sayings)
            self._name_transcript()

    @on(Transcript.OutputWanted)
    def look_at_output(self, wanted: Transcript.OutputWanted) -> None:
        """Get what a command had printed."""
        self._fetch_output(wanted)

    @work(thread=True, exit_on_error=False, group="look")
    def _fetch_output(self, wanted: Transcript.OutputWanted) -> None:
        self.post_message(Printed(wanted.saying, self.given.raw(wanted.saying.digest)))

    @on(Printed)
    def show_output(self, printed: Printed) -> None:
        """Unfold what a command had printed."""
        self._transcript.put_output(printed.saying, printed.text)

    @property
    def _transcript(self) -> Transcript:
        return self.screen_stack[0].query_one(Transcript)

    def _name_transcript(self) -> None:
        worker = self.board.workers.get(self._worker)
        agent = "/".join(filter(None, (worker.agent, worker.model))) if worker else ""
        self._transcript.border_title = safe(" ".join(filter(None, ("Transcript of", self._worker, agent))))
