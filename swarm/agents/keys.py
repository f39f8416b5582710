"""Keys of providers: from the environment, from a file, or from the keyring; never from an argument or a repository."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from swarm.errors import SettingsError
from swarm.settings.places import keys_file

SERVICE = "swarm"


class KeysReadable(SettingsError):
    """Others can read the keys in {place}.
    Nothing was read from it.
    Make it yours alone: chmod 600 {place}"""


class KeysDamaged(SettingsError):
    """The keys in {place} cannot be read: {reason}
    It takes lines like OPENAI_API_KEY = "…"."""


@dataclass(frozen=True)
class Keys:
    """Where keys are looked for, in this order: environment, file, keyring."""

    environment: Mapping[str, str]

    def get(self, variable: str) -> str:
        """The key of this name; empty: there is none."""
        return self.environment.get(variable, "").strip() or self._kept().get(variable, "") or _in_keyring(variable)

    @property
    def place(self) -> Path:
        """The file with keys, whether it is there or not."""
        return keys_file(self.environment)

    def _kept(self) -> Mapping[str, str]:
        if not self.place.is_file():
            return {}
        if self.place.stat().st_mode & 0o077:
            raise KeysReadable(place=self.place)
        try:
            return {name: str(key).strip() for name, key in tomllib.loads(self.place.read_text(encoding="utf-8")).items()}
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            # The text of the error could quote a key.
            raise KeysDamaged(place=self.place, reason=type(error).__name__) from None


def _in_keyring(variable: str) -> str:
    """The keyring of the desktop, where there is one: `pip install keyring`."""
    try:
        import keyring  # noqa: PLC0415 - an extra: who has no keyring does without
        from keyring.errors import KeyringError  # noqa: PLC0415 - as above
    except ImportError:
        return ""
    try:
        return keyring.get_password(SERVICE, variable) or ""
    except KeyringError:
        return ""  # there is no keyring, or it is locked, which for a process without a screen is the same


def variable_of(provider: str) -> str:
    """The name of a provider's key."""
    return f"{provider.upper().replace('-', '_')}_API_KEY"
