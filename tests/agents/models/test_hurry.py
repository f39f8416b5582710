"""Loading in a hurry: what is put off comes when it is needed, and nobody else is hurried."""

import gc
import subprocess
import sys
from collections.abc import Sequence

import pytest
import tiktoken
import tiktoken.registry
from pydantic import BaseModel

from swarm.agents.hurry import hurried
from swarm.agents.model import load


def printed(program: str) -> Sequence[str]:
    """What a program of its own prints: here, litellm may have been loaded by other tests."""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()


def nothing_is_hurried() -> bool:
    class Defined(BaseModel):
        number: int

    reads_at_once = tiktoken.get_encoding is tiktoken.registry.get_encoding
    return Defined.__pydantic_complete__ and "defer_build" not in BaseModel.model_config and reads_at_once and gc.isenabled()


def test_what_litellm_has_no_use_for_while_it_loads_is_made_when_it_is_used() -> None:
    program = (
        "from swarm.agents.model import load\nlitellm = load()\nimport tiktoken.registry\n"
        "print(litellm.ModelResponse.__pydantic_complete__, len(tiktoken.registry.ENCODINGS))\n"
        "print(litellm.ModelResponse(model='m').model_validate({'model': 'n'}).model)\n"
        "print(litellm.token_counter(model='gpt-4', text='hello world'), litellm.encoding.decode([15339]))\n"
        "print(litellm.ModelResponse.__pydantic_complete__, len(tiktoken.registry.ENCODINGS))\n"
    )
    assert printed(program) == ["False", "0", "n", "2", "hello", "True", "1"]


def test_many_threads_may_be_the_first_to_use_what_was_put_off() -> None:
    program = (
        "import sys, threading\nfrom concurrent.futures import ThreadPoolExecutor\nfrom swarm.agents.model import load\n"
        "litellm, all_there = load(), threading.Barrier(16)\nsys.setswitchinterval(1e-6)\n"
        "def use(_):\n    all_there.wait()\n"
        "    return litellm.ModelResponse(model='m').model_dump()['model'], litellm.token_counter(model='gpt-4', text='hello')\n"
        "with ThreadPoolExecutor(16) as pool:\n    print(*set(pool.map(use, range(16))))\n"
    )
    assert printed(program) == ["('m',", "1)"]


def test_other_classes_and_encodings_are_made_at_once_after_litellm_was_loaded() -> None:
    program = (
        "import gc\nfrom swarm.agents.model import load\nload()\nimport tiktoken\nfrom pydantic import BaseModel\n"
        "class Late(BaseModel):\n    number: int\n"
        "print(Late.__pydantic_complete__, 'defer_build' in BaseModel.model_config, gc.isenabled())\n"
        "print(type(tiktoken.get_encoding('cl100k_base')) is tiktoken.Encoding)\n"
    )
    assert printed(program) == ["True", "False", "True", "True"]


def test_nobody_ever_looks_for_garbage_among_what_litellm_brought() -> None:
    program = (
        "import gc\nfrom swarm.agents.model import load\nload()\nlooked_through = len(gc.get_objects())\n"
        "print(looked_through < 20_000, gc.get_freeze_count() > 200_000)\n"
    )
    assert printed(program) == ["True", "True"]


def test_nothing_is_hurried_any_more_when_loading_has_failed() -> None:
    with pytest.raises(ImportError), hurried():
        raise ImportError

    assert nothing_is_hurried()


def test_nothing_is_hurried_any_more_when_two_have_been_in_a_hurry_at_once() -> None:
    one, other = hurried(), hurried()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    other.__exit__(None, None, None)

    assert nothing_is_hurried()


def test_what_somebody_decided_on_building_classes_stays_as_it_is() -> None:
    BaseModel.model_config["defer_build"] = False
    try:
        with hurried():
            assert BaseModel.model_config["defer_build"] is False
        assert BaseModel.model_config["defer_build"] is False
    finally:
        del BaseModel.model_config["defer_build"]


def test_an_encoding_that_was_asked_for_in_a_hurry_does_what_all_others_do() -> None:
    load()  # it brings the ranks along, which tiktoken would fetch

    with hurried():
        late = tiktoken.get_encoding("cl100k_base")

    assert repr(late) == "<Encoding 'cl100k_base'>"
    assert late.encode("hello world") == tiktoken.get_encoding("cl100k_base").encode("hello world")
    assert late.n_vocab == tiktoken.get_encoding("cl100k_base").n_vocab
    assert not hasattr(late, "soul")
