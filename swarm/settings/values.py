"""The settings, each with its default, what it takes, and what it means."""

import ast
import inspect
import json
import typing
from collections.abc import Mapping
from dataclasses import asdict, field, fields
from typing import Any

from swarm.errors import UnknownSetting, WrongSetting
from swarm.syntax import module_of
from swarm.values import Value
from swarm.visible import visible


class Takes(Value, kw_only=True):
    """What a setting takes beside its type, and how it is called outside."""

    flag: str
    least: float = 0
    most: float = 0
    choices: tuple[str, ...] = ()
    zero: str = ""
    """A word that may stand for a number, which is kept as 0."""
    lines: bool = False
    """Whether it may be several lines, each an item of a list in a file."""
    guarded: str = ""
    """Why a value from the repository needs the user's trust; empty where it does not."""


def _setting(default: Any, **takes: Any) -> Any:
    return field(default=default, metadata={"takes": Takes(**takes)})


class Settings(Value):
    """What a run goes by."""

    agents: int = _setting(2, flag="--agents", least=1, most=256, zero="auto")
    """How many agents work at the same time; auto: few at first, more while evidence is missing and budget is left."""
    sandbox: str = _setting(
        "auto", flag="--sandbox", choices=("auto", "docker", "bubblewrap", "none"), guarded="chooses what holds commands back"
    )
    """Where commands run: the best that this machine has, a named one, or `none`, which holds nothing back."""
    env: str = _setting("auto", flag="--env", choices=("auto", "inherit", "build"))
    """With which Python and packages: the environment that you work in, one built for runs, or whichever there is."""
    image: str = _setting("", flag="--image", guarded="chooses what holds commands back")
    """The container image whose programs commands find, with Python and pytest in it. Empty: the programs of this machine."""
    setup: str = _setting("", flag="--setup", lines=True, guarded="runs a command")
    """Shell lines that complete an environment when it is built: with the network, the new `python` first in its path."""
    test: str = _setting("", flag="--test-cmd", guarded="runs a command")
    """The command that runs the tests. Empty: swarm finds it."""
    project: str = _setting("", flag="--project")
    """The folder of the project whose tests are run, as seen from the top of the repository. Empty: the one where you stand."""
    model: str = _setting("", flag="--model", guarded="decides who is sent your code and what that costs")
    """The language models that take part, as provider/model, with commas between them. Empty: none, and none is needed."""
    api_base: str = _setting("", flag="--api-base", guarded="decides who is sent your code and your key")
    """Where the models are served, if not by their own provider."""
    tool_form: str = _setting("auto", flag="--tool-form", choices=("auto", "native", "text"))
    """How models call tools: by the provider's own means, or in their text; auto: as the model can."""
    critic: bool = _setting(True, flag="--critic")
    """Whether, where models take part, a critic looks at what is verified: by a test of its own, and by inputs."""
    compact_model: str = _setting("", flag="--compact-model", guarded="decides who is sent your code and what that costs")
    """A cheap language model that sums up what a conversation grown too long has to leave out. Empty: what was done is listed."""
    timeout: float = _setting(1800.0, flag="--timeout", least=1, most=1e9)
    """Seconds after which a whole run stops."""
    max_cost: float | None = _setting(None, flag="--max-cost", least=0, most=1e9, guarded="decides what may be spent")
    """Dollars that a run may spend."""
    max_tokens: int | None = _setting(None, flag="--max-tokens", least=0, most=10**15, guarded="decides what may be spent")
    """Tokens that a run may use."""
    max_cost_per_day: float | None = _setting(
        None, flag="--max-cost-per-day", least=0, most=1e9, guarded="decides what may be spent"
    )
    """Dollars that all runs of a repository together may spend in a day."""
    exhaustive: bool = _setting(False, flag="--exhaustive")
    """Whether every task is done even when a fix is verified already, to find a better one."""
    max_tasks: int = _setting(1000, flag="--max-tasks", least=1, most=1_000_000)
    """How many tasks a run may have, those that agents add among them."""
    max_depth: int = _setting(4, flag="--max-depth", least=0, most=100)
    """How often a task may be split, and its parts again."""
    lease_seconds: float = _setting(30.0, flag="--lease-seconds", least=1, most=86_400)
    """Seconds without a sign of life after which a worker's task is offered to others."""
    gist_budget: int = _setting(4000, flag="--gist-budget", least=200, most=1_000_000)
    """How many characters of findings every agent is shown."""
    base: str = _setting("HEAD", flag="--base")
    """The commit that a run starts from."""

    theme: str = _setting("auto", flag="--theme", choices=("auto", "dark", "light", "contrast"))
    """The looks of the screen: as the terminal is, dark, light, or pure colours on black."""
    bell: bool = _setting(True, flag="--bell")
    """Whether the screen rings the terminal's bell when something waits for you."""
    time_box: float = _setting(10.0, flag="--time-box", least=0.1, most=1e6)
    """Seconds in which a triage looks for what a change breaks."""
    hook: str = _setting("open", flag="--hook-fails", choices=("open", "closed"))
    """Whether a commit is let through (`open`) or refused (`closed`) when the triage before it cannot give an answer."""

    spare: float = _setting(10.0, flag="--spare", least=0, most=1440)
    """Minutes for which a triage leaves a process behind that is ready for the next one; 0: it leaves none."""

    def as_json(self) -> str:
        """The settings as a run keeps them, so that a resume uses the same."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Settings":
        """The settings that a run was started with; what it did not know then is as by default."""
        known = {key.name: key for key in keys()}
        kept = json.loads(text)
        if strange := kept.keys() - known.keys():
            hint = "The run was started by a newer swarm, which will know it."
            raise UnknownSetting(key=min(strange), origin="the run", hint=hint)
        given: dict[str, Any] = {
            name: known[name].checked(known[name].shown(value), "the run")
            for name, value in kept.items()
            if value != known[name].default
        }
        return cls(**given)


class Key(Value):
    """One setting, as files, environment and flags call it."""

    name: str
    kind: type
    default: object
    takes: Takes

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return f"SWARM_{self.name.upper()}"

    @property
    def wanted(self) -> str:
        """What it takes, in words."""
        takes = self.takes
        if takes.choices:
            return f"one of {', '.join(takes.choices)}"
        if self.kind is bool:
            return "true or false"
        if self.kind is str:
            how = "a line or a list of lines" if takes.lines else "one line"
            return f"{how} of text without hidden characters, not beginning with `-`"
        least, most = (f"{bound:,.0f}" if bound == int(bound) else f"{bound:,}" for bound in (takes.least, takes.most))
        or_else = f", or {takes.zero}" if takes.zero else ""
        return f"a {'whole ' if self.kind is int else ''}number from {least} to {most}{or_else}"

    def shown(self, value: object) -> object:
        """The value as people give it."""
        return self.takes.zero if self.takes.zero and value == 0 else value

    def checked(self, value: object, origin: str) -> object:
        """The value, as the field holds it, if it fits."""
        if self.takes.zero and value == self.takes.zero:
            return 0
        if self.takes.lines and isinstance(value, list) and all(isinstance(line, str) and line for line in value):
            value = "\n".join(value)
        fit = self._fits_text(value) if self.kind is str else self._fits_range(value)
        fit = isinstance(value, bool) if self.kind is bool else fit
        if not fit:
            raise WrongSetting(key=self.name, origin=origin, found=_described(value), wanted=self.wanted)
        return float(value) if self.kind is float else value  # type: ignore[arg-type]  # it is a number, or it would not fit

    def parsed(self, text: str, origin: str) -> object:
        """The value that a text of the environment means."""
        if self.kind is str or text == self.takes.zero:
            return self.checked(text, origin)
        if self.kind is bool:
            return self.checked({"true": True, "false": False}.get(text.lower(), text), origin)
        try:
            return self.checked(self.kind(text), origin)
        except ValueError as error:
            raise WrongSetting(key=self.name, origin=origin, found=_described(text), wanted=self.wanted) from error

    def _fits_text(self, value: object) -> bool:
        if not isinstance(value, str) or self.takes.choices:
            return value in self.takes.choices
        lines = value.split("\n") if self.takes.lines else [value]
        return all(
            visible(line) == line and not line.startswith("-") and (bool(line.strip()) or self.default == "") for line in lines
        )

    def _fits_range(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int if self.kind is int else int | float):
            return False
        return self.takes.least <= value <= self.takes.most  # never true of nan


def _described(value: object) -> str:
    """A value as a message shows it: short, with its kind."""
    kinds = {str: "text", bool: "a boolean", int: "a whole number", float: "a number", list: "a list", dict: "a table"}
    kind = kinds.get(type(value), "a date or time")
    if isinstance(value, list | dict):
        return kind
    shown = visible(_spelled(value))
    return f"`{shown if len(shown) <= 60 else shown[:59] + '…'}` ({kind})"


def _spelled(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) > 10**60:
        return f"{'-' if value < 0 else ''}{10**60}…"  # Python refuses to print what is longer than a few thousand digits
    return str(value)


def keys() -> tuple[Key, ...]:
    """Every setting, in the order in which it is explained."""
    return tuple(Key(each.name, _kind(each.type), each.default, each.metadata["takes"]) for each in fields(Settings))


def _kind(hint: Any) -> type:
    """The type of a setting, with or without a value."""
    kind: type = next(iter(typing.get_args(hint)), hint)
    return kind


def meanings() -> Mapping[str, str]:
    """What each setting means, from the text beneath it."""
    body = module_of(inspect.getsource(Settings)).body[0]
    assert isinstance(body, ast.ClassDef)
    texts: dict[str, str] = {}
    for named, text in zip(body.body, body.body[1:], strict=False):
        match named, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(meaning))):
                texts[name] = inspect.cleandoc(meaning)
    return texts
