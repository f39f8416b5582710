"""The way in. What was answered before is answered here, before anything else is loaded; all other commands go on to the door."""

import sys

PLAIN = {"--hook", "-q", "--quiet"}


def main() -> None:
    """The command `swarm`."""
    if sys.argv[1:2] == ["triage"] and PLAIN.issuperset(sys.argv[2:]):
        _answered(sys.argv[1:])
    from swarm.cli.door import main as door

    door()


def _answered(words: list[str]) -> None:
    """End here, if this very question has an answer."""
    import os
    from pathlib import Path

    from swarm.triage.answers import Question

    question = Question.of(Path.cwd(), os.environ, words)
    answer = question.known() if question else None
    if answer is None:
        return
    if not ("--hook" in words and answer.exit_code == 0):
        from swarm.speech import Speech

        Speech().say_change(answer.forms["text"])
    sys.exit(answer.exit_code)
