"""The server of the Model Context Protocol, on standard input and output. The only place that knows its SDK."""

import json
import os
import subprocess
from collections.abc import Callable
from typing import Any, TypeVar

import anyio
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

from prompts import render
from sandboxes.trouble import Trouble
from swarm import __version__
from swarm.errors import shown
from swarm.serving.clerk import Clerk, Seen, command
from swarm.visible import visible

T = TypeVar("T")

PAUSE = 0.5
"""Seconds between two looks at a run."""
LONGEST_WAIT = 600.0
READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=False)
BEGINS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True)


def served(clerk: Clerk, flags: list[str]) -> MCPServer:
    """A server for one repository. The flags are what its own commands are called with."""
    server = MCPServer("swarm", instructions=render("mcp"), version=__version__, log_level="ERROR")

    @server.tool(description=render("mcp-fix"), annotations=BEGINS)
    async def fix(issue: str, tests: list[str] | None = None, max_cost: float | None = None) -> dict[str, Any]:
        return await _done(lambda: clerk.fix(issue, tests or [], max_cost))

    @server.tool(description=render("mcp-status"), annotations=READS)
    async def status(context: Context[Any, Any], run: str = "last", wait_seconds: float = 0) -> dict[str, Any]:
        return await _followed(clerk, context, run, min(max(wait_seconds, 0.0), LONGEST_WAIT))

    @server.tool(description=render("mcp-triage"), annotations=READS)
    async def triage(context: Context[Any, Any], commits: str = "", worktree: bool = False) -> dict[str, Any]:
        words = [*(["--worktree"] if worktree else []), *([f"--range={commits}"] if commits else [])]
        return await _asked(context, clerk, ["triage", *words, "--json", *flags], "")

    @server.tool(description=render("mcp-verify"), annotations=READS)
    async def verify(
        context: Context[Any, Any],
        diff: str = "",
        branch: str = "",
        reproductions: list[str] | None = None,
        issue: str = "",
    ) -> dict[str, Any]:
        if bool(diff) == bool(branch):
            raise ToolError("Give either a diff or a branch.")
        patch = await _done(lambda: clerk.repository.commit(branch)) if branch else "-"
        shows = await _done(lambda: [f"--reproduction={clerk.inside(path)}" for path in reproductions or ()])
        told = [f"--issue={' '.join(issue.split())}"] if issue.strip("- \n\t") else []
        return await _asked(context, clerk, ["verify", patch, *shows, *told, "--json", *flags], diff)

    return server


def serve(clerk: Clerk, flags: list[str]) -> None:
    """Serve until whoever asks has gone. Runs that were begun go on."""
    os.environ.setdefault("OTEL_SDK_DISABLED", "true")  # the SDK can tell others what it does; nothing gets out of here
    served(clerk, flags).run("stdio")


async def _done(work: Callable[[], T]) -> T:
    """What a piece of work comes to; its trouble is told as a person would be told."""
    try:
        return await anyio.to_thread.run_sync(work)
    except Trouble as trouble:
        raise ToolError(f"{shown(trouble)}\n(exit code {trouble.exit_code})") from trouble


async def _followed(clerk: Clerk, context: Context[Any, Any], run: str, wait: float) -> dict[str, Any]:
    """How a run stands, once it has ended or the time is up; what happens meanwhile is reported."""
    until, seen = anyio.current_time() + wait, Seen({}, (), 0)
    while True:
        after, name = seen.position, seen.status.get("run", run)
        seen = await _done(lambda after=after, name=name: clerk.see(name, after))  # type: ignore[misc]  # the loop's values
        for number, news in enumerate(seen.news if wait else ()):
            await context.report_progress(seen.position - len(seen.news) + number + 1, message=visible(news)[:300])
        if seen.over or anyio.current_time() >= until:
            return seen.status
        await anyio.sleep(PAUSE)


async def _asked(context: Context[Any, Any], clerk: Clerk, words: list[str], stdin: str) -> dict[str, Any]:
    """What one of swarm's own commands says. It ends with the question: whoever gives up waiting ends it in order."""
    argv = [*command(clerk.repository.top / clerk.repository.place), *words]
    async with await anyio.open_process(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        said: list[bytes] = []
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(_report, context, process.stderr)
                group.start_soon(_give, process.stdin, stdin.encode("utf-8", "replace"))
                said.extend([chunk async for chunk in process.stdout])
        except BaseException:
            if process.returncode is None:
                process.terminate()
            with anyio.CancelScope(shield=True):
                await process.wait()
            raise
    return _value(b"".join(said))


async def _give(stdin: Any, content: bytes) -> None:
    try:
        await stdin.send(content)
    except (anyio.BrokenResourceError, anyio.ClosedResourceError):
        return  # it wants no more, and says why itself
    finally:
        await stdin.aclose()


async def _report(context: Context[Any, Any], stderr: Any) -> None:
    """Report the lines that a command says beside its result."""
    count, rest = 0, b""
    async for chunk in stderr:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            count += 1
            await context.report_progress(count, message=visible(line.decode("utf-8", "replace"))[:300])


def _value(said: bytes) -> dict[str, Any]:
    lines = said.decode().strip().splitlines()
    if not lines:
        raise ToolError("The command ended without a result.")
    value: dict[str, Any] = json.loads(lines[-1])
    if "error" in value:
        raise ToolError(f"{value['message']}\n(exit code {value['exit_code']})")
    return value
