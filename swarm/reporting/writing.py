"""A report written down: as one HTML file that needs nothing from elsewhere, or as Markdown. The only place that knows how.

What tests, issues and models wrote is made harmless by whatever prints it, so that no template can forget to.
"""

import base64
import hashlib
import re
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from swarm import __version__
from swarm.reporting.gathering import Report
from swarm.reporting.picture import clock, dollars, drawn_cost, drawn_timeline
from swarm.visible import visible

if TYPE_CHECKING:
    from jinja2 import Environment  # loaded only when something is written

WIDEST, LONGEST = 1000, 60_000
"""Characters of a line, and of a text of many lines, that are shown."""
TICKS = re.compile("`+")
SIGNS = {"fixed": "✔", "verified": "✔", "done": "✔", "rejected": "✗", "refuted": "✗", "dead": "✗", "failed": "✗"}
"""States that have a sign beside their word."""
GOOD, BAD = frozenset({"fixed", "verified", "done"}), frozenset({"rejected", "refuted", "dead", "failed"})


class Block(str):
    """A text of many lines, harmless already."""

    __slots__ = ()


class Span(str):
    """A piece of Markdown, harmless already."""

    __slots__ = ()


def html(report: Report) -> str:
    """The report as an HTML file: no script, no font, no picture and no style from elsewhere, and a policy that says so."""
    style = _text("report.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    facts = {"style": style, "style_hash": f"sha256-{digest}"}
    page = _environment(autoescape=True, finalize=_for_html).from_string(_text("report.html"))
    return page.render(**_values(report), **facts) + "\n"


def markdown(report: Report) -> str:
    """The report as Markdown, with what strangers wrote as code: there it is no link, no picture, no mention and no HTML."""
    page = _environment(autoescape=False, finalize=_for_markdown).from_string(_text("report.md"))
    return re.sub(r"\n{3,}", "\n\n", page.render(**_values(report))).strip() + "\n"


def _values(report: Report) -> dict[str, Any]:
    return {
        "report": report,
        "run": report.run,
        "board": report.board,
        "timeline": drawn_timeline(report.timeline),
        "cost": report.cost,
        "cost_picture": drawn_cost(report.cost, report.timeline.seconds),
        "version": __version__,
    }


def _environment(*, autoescape: bool, finalize: Any) -> "Environment":
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - so that no command loads it but the one that writes

    environment = Environment(
        undefined=StrictUndefined,
        autoescape=autoescape,  # noqa: S701 - Markdown is no HTML: there `finalize` makes code of what strangers wrote
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "block": _block,
        "clock": clock,
        "command": _command,
        "counted": lambda count, thing: Span(f"{count:,} {thing}{'' if count == 1 else 's'}"),
        "dollars": dollars,
        "fence": _fence,
        "moment": _moment,
        "mood": _mood,
        "sign": lambda state: SIGNS.get(state, "•"),
        "plain": lambda text: Span(visible(str(text))),
    }
    return environment


def _text(name: str) -> str:
    return files("swarm.reporting").joinpath(name).read_text(encoding="utf-8")


def _for_html(value: Any) -> Any:
    """What a template prints; the environment escapes it afterwards. Markup comes from the templates themselves."""
    return value if isinstance(value, Block) or hasattr(value, "__html__") or not isinstance(value, str) else _line(value)


def _for_markdown(value: Any) -> Any:
    return value if isinstance(value, Span) or not isinstance(value, str) else _code(value)


def _line(text: str) -> str:
    """A text on one line, and not without end."""
    left = len(text) - WIDEST
    return visible(text if left <= 0 else f"{text[:WIDEST]}… ({left} characters more)")


def _block(text: str) -> Block:
    """A text of many lines, none of them without end, and neither is the whole."""
    lines = (
        line if len(line) <= WIDEST else f"{line[:WIDEST]}… ({len(line) - WIDEST} characters more)" for line in text.split("\n")
    )
    shown = "\n".join(lines)
    left = len(shown) - LONGEST
    return Block(visible(shown if left <= 0 else f"{shown[:LONGEST]}\n… ({left} characters more)", keep="\n\t"))


def _code(text: str) -> Span:
    """A text as code within a line. A bar would end a cell of a table even there, so it gets its backslash."""
    shown = _line(text).replace("|", "\\|") or " "
    longest = max((len(ticks) for ticks in TICKS.findall(shown)), default=0)
    fence, room = "`" * (longest + 1), " " if shown.startswith("`") or shown.endswith("`") else ""
    return Span(f"{fence}{room}{shown}{room}{fence}")


def _fence(text: str, kind: str = "") -> Span:
    """A text of many lines as a block of code that nothing in it can end."""
    shown = _block(text)
    fence = "`" * max(3, 1 + max((len(ticks) for ticks in TICKS.findall(shown)), default=0))
    return Span(f"{fence}{kind}\n{shown}\n{fence}")


def _command(argv: tuple[str, ...]) -> str:
    """A command as somebody else would type it: where its program lies on this machine is nobody's business."""
    return " ".join((PurePath(argv[0]).name, *argv[1:])) if argv else ""


def _moment(seconds: float) -> Span:
    return Span(datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC"))


def _mood(state: str) -> Span:
    """How a state is coloured, which only repeats what its word says."""
    return Span("good" if state in GOOD else "bad" if state in BAD else "other")
