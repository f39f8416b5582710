"""What every agent with a model is told first: the same bytes for all of them, so that their provider knows them already."""

from collections.abc import Mapping

from prompts import render
from swarm.agents.agent import Desk
from swarm.agents.texts import clipped, harmless, quoted
from swarm.code.outline import outline, speaks
from swarm.evidence.ground import Ground
from swarm.evidence.patch import is_test
from swarm.hidden import cleaned

OUTLINE = 12_000
"""Characters."""
ISSUE = 20_000
INSTRUCTIONS = 6_000
GUIDES = ("AGENTS.md", "CLAUDE.md", "GEMINI.md", ".cursorrules", ".github/copilot-instructions.md", "CONTRIBUTING.md")
"""Where projects tell how to work on them; the first one that is there counts."""
LARGEST = 200_000
"""Bytes of a source that is worth outlining."""
TESTS = 20


def briefing(desk: Desk, *, blind: bool = False) -> str:
    """The briefing of a run, as of now; who is blind is told nothing of what others found."""
    ground = desk.ground
    files = ground.rooms.mirror.read_all(ground.tree)
    issue = cleaned(desk.issue)
    return render(
        "briefing",
        outline=quoted(project_outline(files), "outline"),
        instructions=_instructions(files),
        issue=quoted(clipped(issue.text, ISSUE), "issue"),
        hidden=issue.removed.total(),
        failing=quoted(_failing(ground), "tests") if ground.red else "",
        findings="" if blind else _known(desk),
    )


def _known(desk: Desk) -> str:
    gists = desk.gists()
    return quoted("\n".join(gist.line() for gist in gists), "findings") if gists else ""


def project_outline(files: Mapping[str, bytes], size: int = OUTLINE) -> str:
    """The files of a project with what they define, in as much detail as there is room for."""
    sources = sorted((is_test(path), path) for path in files if speaks(path) and len(files[path]) <= LARGEST)
    full = [_of_file(path, files[path]) for _, path in sources]
    others = [path for path in sorted(files) if not speaks(path)]
    for lines in ((*full, *others), (*(path for _, path in sources), *others)):
        text = "\n".join(lines)
        if len(text) <= size:
            return text
    folders: dict[str, int] = {}
    for path in files:
        folder = "/".join(path.split("/")[:2]) if "/" in path else "."
        folders[folder] = folders.get(folder, 0) + 1
    counts = [f"{folder}: {count} file{'s' if count != 1 else ''}" for folder, count in sorted(folders.items())]
    return clipped("\n".join(counts), size)


def _of_file(path: str, source: bytes) -> str:
    names = ", ".join(symbol.name if symbol.depth == 0 else f".{symbol.name}" for symbol in outline(path, source))
    return f"{path}: {names}" if names else path


def _instructions(files: Mapping[str, bytes]) -> str:
    guide = next((name for name in GUIDES if name in files), None)
    if guide is None:
        return ""
    text = cleaned(files[guide].decode("utf-8", "replace")).text
    return f"From {guide}:\n\n{quoted(clipped(text, INSTRUCTIONS), 'project')}"


def _failing(ground: Ground) -> str:
    lines = []
    for name in ground.red[:TESTS]:
        failure = ground.baseline.failing.get(name)
        lines.append(f"{name}\n{clipped(harmless(failure.text or failure.message), 1500)}" if failure else name)
    return "\n".join(lines) + (f"\n… and {len(ground.red) - TESTS} more" if len(ground.red) > TESTS else "")
