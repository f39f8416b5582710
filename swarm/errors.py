"""What can go wrong, as one tree. The docstring of an error is its message: what happened, why, what to do.

Trouble                          1    the root, in sandboxes/trouble.py
├── SandboxTrouble               7    sandboxes/sandbox.py
│   ├── NoSandbox
│   ├── NoPython                      sandboxes/environment.py
│   ├── Leaky                         sandboxes/probe.py
│   └── NoSuitablePython              sandboxes/interpreters.py
├── GitTrouble                   6    sandboxes/git.py
│   ├── NoGit                    7
│   ├── NotARepository           2    sandboxes/repository.py
│   ├── NotYours                 3    sandboxes/repository.py
│   ├── NoCommit                 2    sandboxes/repository.py
│   ├── BranchExists                  sandboxes/repository.py
│   ├── RefMoved                      sandboxes/repository.py
│   ├── InTheWay                      sandboxes/repository.py
│   ├── NoSuchPlace              2    sandboxes/revision.py
│   ├── Unmerged                      sandboxes/staging.py
│   ├── NoCheckout               2    sandboxes/staging.py
│   ├── HooksOfAll               3    sandboxes/hooks.py
│   ├── TooMuch                  5    sandboxes/importer.py
│   └── Unreadable                    sandboxes/importer.py
├── WrongRecipe                  7    sandboxes/recipe.py
├── NotBuilt                     7    sandboxes/build.py
├── NoNetwork                    7    sandboxes/build.py
├── NativeProject                7    sandboxes/build.py
├── NothingToInherit             7    sandboxes/environments.py
├── PoorImage                    7    sandboxes/environments.py
└── SwarmError                   1
    ├── UsageError               2
    ├── SettingsError            3
    │   ├── UnknownSetting
    │   ├── WrongSetting
    │   ├── UnreadableSettings
    │   ├── NotTrusted
    │   ├── TrustNotKept
    │   ├── NotWritten                swarm/settings/writing.py
    │   ├── UnpricedModel             swarm/agents/faults.py
    │   ├── KeysReadable              swarm/agents/keys.py
    │   └── KeysDamaged               swarm/agents/keys.py
    ├── RunEnding                     a run came to its end without a fix
    │   ├── NoVerifiedFix        4
    │   │   └── AwaitsReview
    │   ├── Inconclusive         9
    │   │   ├── NotMeasured           swarm/evidence/baseline.py
    │   │   ├── NotAdmitted           swarm/evidence/reproduction.py
    │   │   ├── NoTests               swarm/evidence/detection.py
    │   │   └── NothingPasses         swarm/introducing.py
    │   └── LimitReached         5
    │       └── CapReached
    ├── Interrupted              130
    │   └── Terminated           143
    ├── NeedsReview              4
    ├── Conflict                 6
    │   ├── DoesNotApply              swarm/evidence/patch.py
    │   └── HookInTheWay              swarm/hook.py
    ├── EnvironmentTrouble       7
    ├── StoreTrouble
    │   ├── StoreDamaged
    │   ├── StoreTooNew
    │   ├── StoreFull
    │   ├── StoreReadOnly
    │   └── StoreUnsafe
    ├── JournalTooNew
    ├── JournalDamaged
    ├── Refused                       the blackboard refuses a write
    │   ├── StaleLease
    │   ├── CyclicNeeds
    │   ├── TooManyTasks
    │   ├── TooDeep
    │   └── Unknown              2
    ├── NotPython                     swarm/repair/source.py
    ├── UnreadableDiff                swarm/evidence/patch.py
    ├── NotPlanted                    swarm/repair/planting.py
    ├── UnknownStrategy               swarm/agents/repairer.py
    ├── ProviderTrouble          8    swarm/agents/faults.py
    │   ├── NoKey                     swarm/agents/faults.py
    │   ├── KeyRefused                swarm/agents/faults.py
    │   ├── QuotaExhausted            swarm/agents/faults.py
    │   ├── UnknownModel              swarm/agents/faults.py
    │   ├── RequestRefused            swarm/agents/faults.py
    │   └── ProviderDown              swarm/agents/faults.py
    ├── Transient                     swarm/agents/faults.py
    ├── TooLong                       swarm/agents/faults.py
    ├── Unusable                      swarm/agents/bench.py
    ├── Damage                        swarm/evidence/runners/report.py
    ├── Cold                          swarm/evidence/runners/warm.py
    └── EngineFailed                  swarm/repair/engine/program.py
"""

from typing import ClassVar

from sandboxes.trouble import Trouble
from swarm.visible import visible


def shown(trouble: Trouble) -> str:
    """The message for a terminal: what strangers wrote is harmless in it, on one line, and not without end."""
    return trouble.message({name: _shown_fact(fact) for name, fact in trouble.facts.items()})


def _shown_fact(fact: object) -> object:
    if isinstance(fact, int | float):
        return fact
    text = visible(str(fact))
    return text if len(text) <= _LONGEST_FACT else f"{text[: _LONGEST_FACT - 1]}…"


_LONGEST_FACT = 1000
"""Characters of a fact in a message."""


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
    """The repository's own settings ({origin}) {state}: {keys}
    Whoever wrote them decides what runs on this machine and what it costs.
    Read them, then say `swarm config trust`; or give these settings yourself, as flags."""


class TrustNotKept(SettingsError):
    """What you trust cannot be kept in {place}: {reason}
    Nothing was changed.
    Set XDG_STATE_HOME to a folder that is yours, or give the settings that need trust as flags."""


class RunEnding(SwarmError):
    """{sentence}"""

    outcome: ClassVar[str] = "failed"
    """The end of the run in one word, for the journal and for scripts."""


class NoVerifiedFix(RunEnding):
    """No verified fix was found: {sentence}
    Nothing in your repository was changed.
    `swarm show {run}` tells what was tried."""

    exit_code = 4
    outcome = "no-verified-fix"


class AwaitsReview(NoVerifiedFix):
    """No verified fix was found, but c{candidate} may be one: {reason}
    Nothing in your repository was changed.
    See `swarm diff {run} c{candidate}`; if you agree: `swarm merge {run} c{candidate} --yes`."""

    outcome = "needs-review"


class Inconclusive(RunEnding):
    """Nothing could be verified: {sentence}
    Nothing in your repository was changed.
    {remedy}"""

    exit_code = 9
    outcome = "inconclusive"


class LimitReached(RunEnding):
    """A limit was reached first: {limit}
    Nothing in your repository was changed."""

    exit_code = 5
    outcome = "limit"


class Interrupted(SwarmError):
    """Interrupted. Nothing in your repository was changed.
    `swarm resume {run}` goes on from here."""

    exit_code = 130


class Terminated(Interrupted):
    """Ended by a signal. Nothing in your repository was changed.
    `swarm resume {run}` goes on from here."""

    exit_code = 143


class CapReached(LimitReached):
    """The cap of {scope} is reached: {wanted} more would pass {cap}, and {used} is spent or reserved.
    Nothing was spent on what was refused.
    Raise it with --max-cost or --max-tokens."""


class NeedsReview(SwarmError):
    """It was not merged, since a person has to look first: {reason}
    Nothing was changed.
    See `swarm diff {run}`; if you agree: `swarm merge {run} --yes`."""

    exit_code = 4


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
    Work with those there are, or raise `max_tasks`."""


class TooDeep(Refused):
    """Task t{parent} is already {depth} splits deep, the cap.
    Do it as it is, or give it back."""


class Unknown(Refused):
    """There is no {what} here.
    {remedy}"""

    exit_code = 2
