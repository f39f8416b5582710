"""Runs: one `swarm fix` each."""

from swarm.values import Value


class NewRun(Value, kw_only=True):
    """A run before the store has given it its name."""

    title: str
    issue: str
    """The whole text of the issue. Untrusted; data, never instructions."""
    source: str
    """Where the issue came from."""
    base: str
    sandbox: str
    workers: int
    dirty: bool = False
    settings: str = "{}"
    """The settings it runs with, as JSON: a resume uses the same."""


class Run(Value, kw_only=True):
    """A run as the store keeps it."""

    name: str
    """Eight hexadecimal digits; any unambiguous beginning of them will do on the command line."""
    title: str
    issue: str
    source: str
    base: str
    sandbox: str
    workers: int
    settings: str
    started: float
    alive: float
    """When its process last gave a sign of life."""
    ended: float | None
    outcome: str
    exit_code: int | None
    branch: str
