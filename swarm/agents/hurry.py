"""How a library that takes seconds to load takes fewer: what it prepares in case it is used is prepared once it is used."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Two threads may be in a hurry at once. Nothing here remembers what it found and puts that back, which could be what the other
# one set: each saving has one way to be off, and whoever leaves first switches it off, which then only saves less.


@contextmanager
def hurried() -> Iterator[None]:
    """Let what is loaded meanwhile put off what can wait. All that it brings works as if it had not been put off."""
    with _collecting_nothing(), _building_models_late(), _reading_ranks_late():
        yield


@contextmanager
def _collecting_nothing() -> Iterator[None]:
    """Look for no garbage: among what a library makes while it loads there is none, and looking takes a quarter of that time.

    What is there by then stays to the end, so nobody looks through that million of objects later either: each time would take
    a quarter of a second, and the first would come just before the first question.
    """
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.freeze()
            gc.enable()


@contextmanager
def _building_models_late() -> Iterator[None]:
    """Have pydantic build the validator of a class when it is first used: of the two thousand that litellm brings, few ever are.

    A class that another thread defines meanwhile is built late as well, and is none the worse for it: it is built under a lock.
    """
    from pydantic import BaseModel  # noqa: PLC0415 - only who uses a model needs it

    config = BaseModel.model_config
    decided = "defer_build" in config
    if not decided:
        config["defer_build"] = True
    try:
        yield
    finally:
        if not decided:
            config.pop("defer_build", None)


@contextmanager
def _reading_ranks_late() -> Iterator[None]:
    """Have tiktoken read its hundred thousand ranks when somebody counts tokens; litellm asks for them while it loads.

    Whoever asks for an encoding meanwhile, in whatever thread, gets one that does all that others do.
    """
    import tiktoken  # noqa: PLC0415 - as above
    from tiktoken.registry import get_encoding  # noqa: PLC0415 - as above

    class Late(tiktoken.Encoding):
        """An encoding that becomes what it stands for when more than its name is wanted."""

        def __init__(self, encoding_name: str) -> None:
            self.name = encoding_name

        def __getattr__(self, attribute: str) -> Any:
            known = vars(get_encoding(self.name))
            if attribute not in known:
                raise AttributeError(attribute)
            vars(self).update(known)
            return known[attribute]

    def late(encoding_name: str) -> tiktoken.Encoding:
        return Late(encoding_name)

    tiktoken.get_encoding = late
    try:
        yield
    finally:
        tiktoken.get_encoding = get_encoding
