"""Tab, in the shells that people use: the real ones."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PATH = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
BASH = """
eval "$(swarm completion bash)"
COMP_WORDS=(swarm {words}) COMP_CWORD={at}
_swarm_completion swarm
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def ran(*argv: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, **PATH, **env})


@pytest.mark.parametrize(
    ("words", "at", "expected"),
    [("rep", 1, "report"), ("report --h", 2, "--html"), ("completion z", 2, "zsh"), ("fix --dry", 2, "--dry-run")],
)
def test_bash_completes_commands_options_and_choices(words: str, at: int, expected: str) -> None:
    done = ran("bash", "--norc", "-c", BASH.format(words=words, at=at))

    assert done.stderr == ""
    assert expected in done.stdout.splitlines()


def test_zsh_takes_what_is_printed_for_it() -> None:
    script = 'autoload -Uz compinit && compinit -u -D && eval "$(swarm completion zsh)" && print -r -- $_comps[swarm]'

    done = ran("zsh", "-f", "-c", script)

    assert (done.stderr, done.stdout.strip()) == ("", "_swarm_completion")


def test_fish_takes_what_is_printed_for_it_and_completes() -> None:
    done = ran("fish", "--no-config", "-c", "swarm completion fish | source; complete --do-complete 'swarm rep'")

    assert done.stdout.split("\t")[0].strip() == "report", done.stderr


def test_answering_the_shell_loads_nothing_that_only_the_work_needs() -> None:
    program = (
        "import sys\n"
        "from swarm.cli.quick import main\n"
        "sys.argv = ['swarm']\n"
        "try:\n    main()\n"
        "finally:\n    print('LOADED', *sorted(sys.modules), file=sys.stderr)\n"
    )
    done = ran(sys.executable, "-c", program, _SWARM_COMPLETE="bash_complete", COMP_WORDS="swarm re", COMP_CWORD="1")

    assert "plain,report" in done.stdout
    loaded = done.stderr.split("LOADED")[1].split()
    heavy = ("litellm", "docker", "textual", "git", "apsw", "jinja2", "httpx", "mcp", "swarm.errors", "swarm.fix")
    assert [name for name in heavy if name in loaded] == []
