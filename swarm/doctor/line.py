"""One line of what the doctor says."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from sandboxes.trouble import Trouble
from swarm.errors import shown


class Health(Enum):
    """How something is."""

    OK = "ok"
    WARNING = "warning"
    """Runs are possible, with less than there could be."""
    TROUBLE = "trouble"
    """No run is possible before this is mended."""


@dataclass(frozen=True)
class Line:
    """What was looked at, how it is, and what to do."""

    name: str
    health: Health
    text: str
    remedy: str = ""


Check = Callable[[], Line]


def ok(name: str, text: str) -> Line:
    """All is well."""
    return Line(name, Health.OK, text)


def warning(name: str, text: str, remedy: str = "") -> Line:
    """Something is less than it could be."""
    return Line(name, Health.WARNING, text, remedy)


def trouble(name: str, text: str, remedy: str = "") -> Line:
    """Nothing goes before this is mended."""
    return Line(name, Health.TROUBLE, text, remedy)


def troubled(name: str, error: Trouble) -> Line:
    """What an error says, as a line."""
    first, *rest = shown(error).splitlines()
    return trouble(name, first, " ".join(rest))


def seen(name: str, checks: Iterable[Check]) -> tuple[Line, ...]:
    """What these checks find; a check that itself runs into trouble has found that."""
    return tuple(_line(name, check) for check in checks)


def _line(name: str, check: Check) -> Line:
    try:
        return check()
    except Trouble as error:
        return troubled(name, error)
