"""What a project managed by Poetry asks for, in words that every installer understands."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sandboxes.packages import canonical

VERSION = re.compile(r"\d+(?:\.\d+)*")


def constraints(lock: Mapping[str, Any]) -> tuple[str, ...]:
    """The versions in a lock file. What it locks twice, for different platforms, is left to the installer."""
    found: dict[str, set[str]] = {}
    for package in lock.get("package", ()):
        if _table(package, "source").get("type", "legacy") in ("legacy", "pypi"):
            found.setdefault(canonical(str(package.get("name"))), set()).add(str(package.get("version")))
    return tuple(f"{name}=={versions.pop()}" for name, versions in sorted(found.items()) if len(versions) == 1)


def requirements(section: Mapping[str, Any], wanted: frozenset[str], *, main: bool) -> Iterator[str]:
    """The requirements of the wanted groups; of the main one as well where the project itself is not installed."""
    if main:
        yield from _all(_table(section, "dependencies"))
    yield from _all(_table(section, "dev-dependencies"))
    groups = _table(section, "group")
    for name in groups:
        if canonical(name) in wanted:
            yield from _all(_table(groups, name, "dependencies"))


def _table(values: object, *names: str) -> Mapping[str, Any]:
    found = values
    for name in names:
        found = found.get(name, {}) if isinstance(found, Mapping) else {}
    return found if isinstance(found, Mapping) else {}


def _all(dependencies: Mapping[str, Any]) -> Iterator[str]:
    for name, said in dependencies.items():
        if name == "python":
            continue
        for wish in said if isinstance(said, list) else [said]:
            yield _one(name, wish if isinstance(wish, Mapping) else {"version": str(wish)})


def _one(name: str, wish: Mapping[str, Any]) -> str:
    extras = f"[{','.join(map(str, wish['extras']))}]" if isinstance(wish.get("extras"), list) else ""
    markers = f" ; {wish['markers']}" if isinstance(wish.get("markers"), str) else ""
    if "git" in wish:
        at = next((f"@{wish[key]}" for key in ("rev", "tag", "branch") if key in wish), "")
        return f"{name}{extras} @ git+{wish['git']}{at}{markers}"
    if "url" in wish:
        return f"{name}{extras} @ {wish['url']}{markers}"
    if "path" in wish:
        return f"./{wish['path']}"
    return f"{name}{extras}{_range(str(wish.get('version', '*')))}{markers}"


def _range(said: str) -> str:
    """Poetry's own ways to name a range of versions (`^1.2`, `~1.2`, `1.2`, `1.*`), in the common way."""
    return ",".join(filter(None, (_part(part.strip()) for part in said.split(",")))) if "||" not in said else ""


def _part(part: str) -> str:
    if part in ("", "*"):
        return ""
    if part[0] in "<>!=" or part.startswith("~="):
        return part
    found = VERSION.search(part)
    if part[0] not in "^~" or found is None:
        return f"=={part}"
    numbers = [int(number) for number in found[0].split(".")]
    return f">={part[1:].strip()},<{_after(numbers, caret=part[0] == '^')}"


def _after(numbers: list[int], *, caret: bool) -> str:
    """The first version that is no longer meant: a caret holds the first number that is not 0, a tilde the second one."""
    held = next((at for at, number in enumerate(numbers) if number), len(numbers) - 1) if caret else min(1, len(numbers) - 1)
    return ".".join(str(number) for number in (*numbers[:held], numbers[held] + 1))
