"""What the person wants, as rows that the run answers."""

from collections.abc import Sequence

from swarm.blackboard.requests import Request, Wish
from swarm.blackboard.sqlite.part import Part
from swarm.blackboard.sqlite.rows import request_of
from swarm.errors import Refused, Unknown
from swarm.events import RequestAnswered, RequestMade


class SqliteRequests(Part):
    """Requests in SQLite."""

    def request(self, run: str, wish: Wish, target: str = "", text: str = "") -> Request:
        """Ask something of a run."""
        with self._database.changing() as change:
            change.must_have_run(run)
            number = int(change.value("next_request", run=run))
            change.run("add_request", run=run, number=number, wish=wish.value, target=target, text=text, now=change.now)
            change.tell(run, RequestMade(number, wish.value, target, text))
            return Request(run=run, number=number, wish=wish, target=target, text=text, answer="")

    def open_requests(self, run: str) -> Sequence[Request]:
        """What has not been answered, oldest first."""
        with self._database.reading() as reading:
            reading.must_have_run(run)
            return [request_of(row) for row in reading.run("open_requests", run=run)]

    def answer(self, run: str, number: int, text: str) -> None:
        """Say what was done about it."""
        if not text:
            raise Refused(reason="an answer needs words.")
        with self._database.changing() as change:
            known = change.first("request", run=run, number=number)
            if known is None:
                change.must_have_run(run)
                raise Unknown(what=f"request {number}", remedy="Answer one of the open requests.")
            if not change.run("answer_request", run=run, number=number, text=text):
                raise Refused(reason=f"request {number} was answered already: {request_of(known).answer}")
            change.tell(run, RequestAnswered(number, text))
