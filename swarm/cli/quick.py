"""The way in. What was answered before is answered here, before anything else is loaded; all other commands go on to the door."""

import gc
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from swarm.triage.answers import Question

OTHERS = ("--base", "--range", "--worktree", "--fix", "--bisect", "--json", "--output", "--help")
"""With one of these something else is asked than what is remembered, or another form of it. All other words are part of the
question: it has an answer only if the very same ones were understood before."""

ROOM = 100_000
"""Objects that may come to be before garbage is looked for: to load a program makes nearly as many, and none of them is any."""


def main() -> None:
    """The command `swarm`."""
    gc.set_threshold(ROOM)
    if sys.argv[1:2] == ["triage"] and not any(word.startswith(OTHERS) for word in sys.argv[2:]):
        _answered(sys.argv[1:])
    from swarm.cli.door import main as door

    door()


def _answered(words: list[str]) -> None:
    """End here, if this very question has an answer, or somebody waits to find one."""
    import os
    from pathlib import Path

    from swarm.triage.answers import Question

    question = Question.of(Path.cwd(), os.environ, words)
    answer = question.known() if question else None
    if answer is None:
        _handed_over(question, words)
        return
    if not ("--hook" in words and answer.exit_code == 0):
        from swarm.speech import Speech

        Speech().say_change(answer.forms["text"])
    sys.exit(answer.exit_code)


def _handed_over(question: "Question | None", words: list[str]) -> None:
    """End as the spare ends that does it, if there is one."""
    import os

    if question is None or not question.spares.exists():
        return
    from swarm.spares import door, handed_over

    code = handed_over(door(question.spares, question.facts, os.environ), words)
    if code is not None:
        sys.exit(code)
