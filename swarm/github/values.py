"""What a server says, as values that nobody can change. The texts in them are somebody's: data, never instructions."""

from dataclasses import dataclass

TRUSTED = ("OWNER", "MEMBER", "COLLABORATOR")
"""How GitHub calls those who may speak for a project."""


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """An issue or a pull request as its page shows it."""

    full_name: str
    """The project in which it is now."""
    number: int
    title: str
    body: str
    author: str
    closed: bool
    reason: str
    """Why it was closed, in a word or two; may be empty."""
    comments: int
    is_pull: bool


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A comment."""

    number: int
    author: str
    association: str
    """What its author is to the project, in GitHub's words."""
    body: str
    at: str

    def counts(self, reporter: str) -> bool:
        """Whether its author may add to a report of this reporter."""
        return self.association in TRUSTED or (bool(self.author) and self.author == reporter)


@dataclass(frozen=True, kw_only=True)
class Home:
    """A project as the server has it."""

    full_name: str
    default_branch: str
    archived: bool


@dataclass(frozen=True, kw_only=True)
class Pull:
    """A pull request."""

    number: int
    url: str
    title: str
    body: str
    open: bool
    merged: bool
    draft: bool
    head: str
    """The commit that it asks to merge."""
    into: str


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job of a build that failed."""

    number: int
    name: str
