"""The root of the one error tree. It stands on the lowest floor, so that every room can fail aloud."""

import inspect
import string
from typing import ClassVar


class Trouble(Exception):
    """Something went wrong."""

    exit_code: ClassVar[int] = 1
    """What the shell is told (design section 8); a child inherits its parent's."""

    def __init__(self, **facts: object) -> None:
        """Keep the facts that the message names; the message itself is the class's docstring."""
        self.facts = facts
        super().__init__(self.message(facts))

    @classmethod
    def message(cls, facts: dict[str, object]) -> str:
        """Fill the docstring with the facts: what happened, why, what to do, a line each."""
        if not cls.__doc__:  # python -OO leaves docstrings out
            return f"{cls.__name__}: {', '.join(f'{name} {fact}' for name, fact in facts.items())}"
        template = inspect.cleandoc(cls.__doc__)
        names = {name for _, name, _, _ in string.Formatter().parse(template) if name}
        if missing := names - facts.keys():
            raise TypeError(f"{cls.__name__} needs {', '.join(sorted(missing))}")
        return template.format_map(facts)
