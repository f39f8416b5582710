"""The command that makes a report of a run, to be handed on."""

import sys
from pathlib import Path

import click

from swarm.cli.here import Here
from swarm.cli.options import speaking

REPORT_EXAMPLES = """\b
Examples:
  swarm report --html --out report.html
  swarm report 3f2a --md >> "$GITHUB_STEP_SUMMARY"
"""


@click.command(epilog=REPORT_EXAMPLES)
@click.argument("run", default="last")
@click.option("--html", "form", flag_value="html", help="One HTML file, with pictures, which needs nothing from elsewhere.")
@click.option("--md", "form", flag_value="md", default="md", help="Markdown. [this]")
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there, not to standard output.")
@speaking
@click.pass_obj
def report(here: Here, run: str, form: str, out: Path | None) -> None:
    """Write a report of a run: outcome, proof, change, timeline, cost and findings.

    RUN is the name of a run, or its beginning; the last one if none is given.
    """
    from swarm.errors import UsageError
    from swarm.landings import opened_harbour
    from swarm.patches import patch_bytes
    from swarm.reporting.gathering import gathered
    from swarm.reporting.writing import html, markdown

    repository = here.repository()
    with opened_harbour(repository, here.settings(repository).settings) as place:
        found = gathered(place.store, place.store.run(run), lambda candidate: patch_bytes(place.mirror, candidate))
    written = (html(found) if form == "html" else markdown(found)).encode("utf-8", "replace")
    if out is None and here.speech.form == "text":
        sys.stdout.buffer.write(written)
        sys.stdout.buffer.flush()
        return
    if out is not None:
        try:
            out.write_bytes(written)
        except OSError as error:
            raise UsageError(what=f"{out} cannot be written: {error.strerror}.", remedy="Name a file that can.") from error
    value = {"run": found.run.name, "form": form, "file": str(out) if out else None}
    here.speech.say(f"wrote {out}", value if out else {**value, "report": written.decode()})


COMMANDS = (report,)
