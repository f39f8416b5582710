"""Why a person should look at what a patch names: a name by itself, one reached through something else, and an import."""

import ast
import sys
from collections.abc import Mapping
from fnmatch import fnmatchcase

from swarm.evidence import suspicious
from swarm.evidence.added import Added, is_attribute


def of_import(name: str) -> str:
    """The reason for importing this."""
    return _of_module(name) or listed(name, suspicious.NAMES) or _of_everything(name)


def of_name(node: ast.AST, added: Added) -> tuple[str, ...]:
    """Why a person should look at a name or an attribute."""
    full = added.full_name(node)
    known = full.partition(".")[0] in {name.partition(".")[0] for name in added.imported.values()}
    by_name = (listed(full, suspicious.NAMES) or (_of_module(full) or _through_another(full) if known else "")) if full else ""
    last = node.attr if isinstance(node, ast.Attribute) else full.rpartition(".")[2] if is_attribute(node) else ""
    by_attribute = listed(last, suspicious.ATTRIBUTES) or (suspicious.REPLACES if known and last == "__dict__" else "")
    return tuple(reason for reason in (by_name, by_attribute) if reason)


def listed(name: str, table: Mapping[str, str]) -> str:
    """The reason under which a name stands in a table; empty: it does not."""
    return next((reason for reason, words in table.items() if any(fnmatchcase(name, word) for word in words.split())), "")


def _through_another(name: str) -> str:
    """The reason for something that is reached through a module which happens to have imported it: `shutil.os.getpid`."""
    parts = name.split(".")
    inner = (".".join(parts[at:]) for at in range(1, len(parts) - 1))
    own = parts[0] not in sys.stdlib_module_names
    return next((reason for one in inner if (reason := listed(one, suspicious.NAMES) or ("" if own else _of_module(one)))), "")


def _of_everything(name: str) -> str:
    """The reason for `from os import *`: names that come so stand for themselves no more."""
    origin, _, last = name.rpartition(".")
    origins = (word.rpartition(".")[0] for words in suspicious.NAMES.values() for word in words.split())
    return suspicious.SNIFFS if last == "*" and origin in origins else ""


def _of_module(name: str) -> str:
    parts = name.split(".")
    if parts[0].startswith("_") and parts[0] in sys.stdlib_module_names - {"__future__"}:
        return suspicious.BELOW
    heads = [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return next((reason for head in heads if (reason := listed(head, suspicious.MODULES))), "")
