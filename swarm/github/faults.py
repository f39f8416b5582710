"""What can go wrong with a server of issues."""

from swarm.errors import SwarmError, UsageError


class NoIssue(UsageError):
    """There is no issue {issue} for you: {reason}
    Nothing was begun.
    {remedy}"""


class Moved(NoIssue):
    """The issue {issue} was transferred: it is {now} now.
    Nothing was begun.
    If it still is a bug of this repository: swarm fix {link}"""


class Deleted(NoIssue):
    """The issue {issue} was deleted on {host}.
    Nothing was begun.
    If you still have its text: swarm fix FILE"""


class Closed(NoIssue):
    """The issue {issue} is closed{why}, so it may be fixed already.
    Nothing was begun.
    If the bug is there all the same, say --yes, or reopen the issue."""


class NoProject(UsageError):
    """No project on a server is known for {what}: {reason}
    {remedy}"""


class Missing(SwarmError):
    """The server shows nothing there: {reason}."""

    exit_code = 2


class ServerTrouble(SwarmError):
    """{host} did not do this: {reason}
    {remedy}"""

    exit_code = 8


class TokenRefused(ServerTrouble):
    """{host} refused {token}: {reason}
    {remedy}"""


class OverLimit(ServerTrouble):
    """{host} answers no more for now: {reason}
    It begins again {when}.
    {remedy}"""


class ServerDown(ServerTrouble):
    """{host} cannot be reached: {reason}
    Nothing was changed there by this call, as far as can be seen.
    Look at your network and proxy, then try again."""


class StrangeAnswer(ServerTrouble):
    """{host} gave an answer that makes no sense: {reason}
    Is this the API of a GitHub server?
    For a GitHub Enterprise server set GITHUB_SERVER_URL and GITHUB_API_URL."""


class NoSite(ServerTrouble):
    """{address} is no place for a token: it is neither https nor this machine.
    Nothing was asked there.
    Give the address with https."""

    exit_code = 3
