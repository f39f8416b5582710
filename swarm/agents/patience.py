"""How long a provider is waited for."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Seconds, and how often."""

    connect: float = 10.0
    first: float = 120.0
    """Until the first word of a reply."""
    idle: float = 60.0
    """Between two words of it."""
    whole: float = 1200.0
    """For all of it."""
    tries: int = 8
    """Calls in a row that may fail before the provider counts as down."""
    shortest: float = 1.0
    """The first wait after a failure; every further one is twice as long."""
    longest: float = 300.0
    """No wait is longer, whatever the provider asks for."""
