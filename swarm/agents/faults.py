"""What can go wrong between swarm and a provider of models. Who meets it knows by its class what to do."""

from swarm.agents.reply import Usage
from swarm.errors import SettingsError, SwarmError


class ProviderTrouble(SwarmError):
    """The provider of {model} does not work: {said}
    Nothing in your repository was changed, and nothing of the run is lost.
    Then `swarm resume` goes on from here."""

    exit_code = 8


class NoKey(ProviderTrouble):
    """There is no key for {model}.
    Set {variable}, put it into {place}, or keep it in the keyring as `swarm` / `{variable}`.
    Then `swarm resume` goes on from here."""


class KeyRefused(ProviderTrouble):
    """The provider of {model} refuses the key: {said}
    Look at {variable}, or at what the key may be used for.
    Then `swarm resume` goes on from here."""


class QuotaExhausted(ProviderTrouble):
    """The account for {model} has nothing left: {said}
    Nothing of the run is lost.
    When the account is filled, `swarm resume` goes on from here."""


class UnknownModel(ProviderTrouble):
    """The provider knows no model {model}: {said}
    Look at --model and --api-base, and begin again."""


class RequestRefused(ProviderTrouble):
    """The provider of {model} does not take what swarm sends: {said}
    Another model may; or try `tool_form = "text"`, for models that cannot call tools."""


class ProviderDown(ProviderTrouble):
    """The provider of {model} does not answer ({tries} tries): {said}
    Nothing of the run is lost.
    When it is back, `swarm resume` goes on from here."""


class UnpricedModel(SettingsError):
    """The price of {model} is not known, so no cap on money could hold.
    Nothing was spent.
    Cap its tokens instead: --max-tokens N, and no --max-cost."""


class Transient(SwarmError):
    """For now, {model} does not answer: {said}"""

    def __init__(self, *, model: str, said: str, wait: float | None = None, spent: Usage | None = None) -> None:
        super().__init__(model=model, said=said)
        self.wait = wait
        """Seconds that the provider asks us to wait; None: it does not say."""
        self.spent = spent
        """What the call used up before it broke; None: it was never begun."""


class TooLong(SwarmError):
    """The conversation is longer than {model} can read: {said}"""
