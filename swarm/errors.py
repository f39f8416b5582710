"""What can go wrong, as one tree. The docstring of an error is its message: what happened, why, what to do.

Trouble                          1   the root, in sandboxes/trouble.py
├── SandboxTrouble               7   sandboxes/sandbox.py
│   └── NoSandbox
├── GitTrouble                   6   sandboxes/git.py
└── SwarmError                   1
    ├── UsageError               2
    ├── SettingsError            3
    │   ├── UnknownSetting
    │   ├── WrongSetting
    │   ├── UnreadableSettings
    │   └── NotTrusted
    ├── LimitReached             5
    │   └── CapReached
    ├── Conflict                 6
    ├── EnvironmentTrouble       7
    ├── StoreTrouble             1
    │   ├── StoreDamaged
    │   ├── StoreTooNew
    │   ├── StoreFull
    │   ├── StoreReadOnly
    │   └── StoreUnsafe
    ├── JournalTooNew            1
    ├── JournalDamaged           1
    └── Refused                  1   the blackboard refuses a write
        ├── StaleLease
        ├── CyclicNeeds
        ├── TooManyTasks
        ├── TooDeep
        └── Unknown
"""

from sandboxes.trouble import Trouble


class SwarmError(Trouble):
    """Something went wrong in swarm."""


class UsageError(SwarmError):
    """{what}
    {remedy}"""

    exit_code = 2


class SettingsError(SwarmError):
    """The settings cannot be used: {reason}"""

    exit_code = 3


class UnknownSetting(SettingsError):
    """Unknown setting `{key}` in {origin}.
    {hint}
    `swarm config` lists every setting, its value and where it comes from."""


class WrongSetting(SettingsError):
    """Setting `{key}` in {origin} is {found}, but it takes {wanted}."""


class UnreadableSettings(SettingsError):
    """The settings in {origin} cannot be read: {reason}"""


class NotTrusted(SettingsError):
    """The repository's own settings ({origin}) name commands to run: {keys}
    Whoever wrote them could run anything on this machine.
    Read them, then say `swarm config trust`."""


class LimitReached(SwarmError):
    """A limit was reached first: {limit}"""

    exit_code = 5


class CapReached(LimitReached):
    """The cap of {scope} is reached: {wanted} more would pass {cap}, and {used} is spent or reserved.
    Nothing was spent on what was refused.
    Raise it with --max-cost or --max-tokens."""


class Conflict(SwarmError):
    """{what}
    Nothing was changed.
    {remedy}"""

    exit_code = 6


class EnvironmentTrouble(SwarmError):
    """The environment is not ready: {reason}
    {remedy}"""

    exit_code = 7


class StoreTrouble(SwarmError):
    """The blackboard at {place} cannot be used: {reason}"""


class StoreDamaged(StoreTrouble):
    """The blackboard at {place} is damaged: {reason}
    Nothing was changed in it.
    Move the file away to begin a new one; your repository does not depend on it."""


class StoreTooNew(StoreTrouble):
    """The blackboard at {place} was written by a newer swarm (format {found}; this one knows {known}).
    Nothing was changed in it.
    Upgrade swarm, or set XDG_STATE_HOME to another folder."""


class StoreFull(StoreTrouble):
    """There is no space left for the blackboard at {place}.
    What was acknowledged before is kept; the last step was not.
    Free some space, then `swarm resume`."""


class StoreReadOnly(StoreTrouble):
    """The blackboard at {place} cannot be written: {reason}
    Give yourself the right to write there, or set XDG_STATE_HOME to a folder that is yours."""


class StoreUnsafe(StoreTrouble):
    """The blackboard cannot live at {place}: {reason}
    Locks do not hold there, so two processes could both own one task.
    Set XDG_STATE_HOME to a folder on a local disk."""


class JournalTooNew(SwarmError):
    """This journal was written by a newer swarm: {what}
    This one knows format {known}.
    Upgrade swarm to read it."""


class JournalDamaged(SwarmError):
    """A line of the journal cannot be read: {reason}
    The line begins: {line}"""


class Refused(SwarmError):
    """The blackboard refused this: {reason}"""


class StaleLease(Refused):
    """Worker {worker} no longer holds task t{task}: its token {token} is old.
    Another worker may hold the task by now, so this result was not kept."""


class CyclicNeeds(Refused):
    """Task t{task} cannot need t{need}: they would wait for each other for ever."""


class TooManyTasks(Refused):
    """This run already has {count} tasks, its cap.
    Finish or cancel some, or raise `max_tasks`."""


class TooDeep(Refused):
    """Task t{parent} is already {depth} splits deep, the cap.
    Do it as it is, or give it back."""


class Unknown(Refused):
    """There is no {what} here.
    {remedy}"""
