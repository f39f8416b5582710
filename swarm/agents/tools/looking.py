"""Tools that look around."""

from swarm.agents.bench import Unusable
from swarm.agents.texts import clipped, harmless
from swarm.agents.tools.tool import Outcome, Shift, Tool
from swarm.code.outline import Symbol, mentions, outline, speaks

HITS = 100
SKIPPED = [f"--exclude-dir={name}" for name in (".git", ".pytest_cache", "__pycache__", "node_modules", ".venv")]
FILES = 40
"""Files in which a name is looked for."""


def search(shift: Shift, pattern: str, path: str = ".", literal: str = "no") -> Outcome:
    """Look for a pattern in the files of a folder."""
    how = "-F" if literal == "yes" else "-E"
    where = path if path.startswith("/") else f"./{path}"
    ran = shift.bench.call(["grep", "-rnI", how, *SKIPPED, "-m", "30", "-e", pattern, "--", where])
    if ran.exit_code > 1:
        raise Unusable(why=ran.stderr.text().strip()[:500] or "The search failed.")
    lines = sorted(line.removeprefix("./")[:300] for line in ran.stdout.text().splitlines())
    more = f"\n[{len(lines) - HITS} more]" if len(lines) > HITS else ""
    return Outcome(harmless("\n".join(lines[:HITS])) + more if lines else "Nothing was found.")


def show_outline(shift: Shift, path: str = "", symbol: str = "") -> Outcome:
    """Show what a file or a folder defines, or where a name is defined and used."""
    if bool(path) == bool(symbol):
        raise Unusable(why="Give `path` or `symbol`, one of the two.")
    return Outcome(clipped(_of_symbol(shift, symbol) if symbol else _of_path(shift, path)))


def _of_path(shift: Shift, path: str) -> str:
    if shift.bench.exists(path):
        if not speaks(path):
            raise Unusable(why=f"The language of {path} is not known here; read it.")
        return _listed(path, outline(path, shift.bench.read(path)))
    listed = shift.bench.call(
        ["find", f"./{path}" if not path.startswith("/") else path, "-name", ".git", "-prune", "-o", "-type", "f", "-print"]
    )
    files = sorted(line.removeprefix("./") for line in listed.stdout.text().splitlines())
    known = [file for file in files if speaks(file)]
    if not known:
        raise Unusable(why=listed.stderr.text().strip() or f"There is no source in {path}.")
    parts = [_listed(file, outline(file, shift.bench.read(file)), deep=False) for file in known[:FILES]]
    rest = f"\n[{len(known) - FILES} more files]" if len(known) > FILES else ""
    return "\n".join(parts) + rest


def _of_symbol(shift: Shift, symbol: str) -> str:
    ran = shift.bench.call(["grep", "-rlIwF", *SKIPPED, "-e", symbol, "--", "."])
    files = sorted(line.removeprefix("./") for line in ran.stdout.text().splitlines() if speaks(line))
    found = [mention for file in files[:FILES] for mention in mentions(file, shift.bench.read(file), symbol)]
    if not found:
        return f"No source mentions `{symbol}`."
    lines = [
        f"{mention.how:<8} {mention.path}:{mention.line}: {mention.text}"
        for mention in sorted(found, key=lambda one: one.how != "defines")
    ]
    return harmless("\n".join(lines[:HITS]))


def _listed(path: str, symbols: list[Symbol], *, deep: bool = True) -> str:
    shown = [symbol for symbol in symbols if deep or symbol.depth == 0]
    return harmless("\n".join([path, *(f"  {'  ' * symbol.depth}{symbol.line}-{symbol.end}: {symbol.text}" for symbol in shown)]))


LOOKING = (
    Tool("search", search, {"pattern": "text", "path": "text?", "literal": "text?"}),
    Tool("outline", show_outline, {"path": "text?", "symbol": "text?"}),
)
