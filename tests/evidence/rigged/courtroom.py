"""Brings the library's projects before the judge: each measured once, in a mirror of its own, in real sandboxes."""

from collections.abc import Sequence
from pathlib import Path

from sandboxes.environment import inherited
from sandboxes.mirror import Mirror
from sandboxes.repository import Repository
from sandboxes.sandbox import Backend
from swarm.blackboard.candidates import Judgement
from swarm.errors import SwarmError
from swarm.evidence.baseline import measure
from swarm.evidence.ground import Ground
from swarm.evidence.patch import applied
from swarm.evidence.reproduction import Admitted, Reproduction, admit
from swarm.evidence.rooms import Rooms
from swarm.evidence.runners.pytest import PytestRunner
from swarm.evidence.verdict import judge
from tests.evidence.rigged.library import Case, Project, as_patch, git, lay_out

QUICK = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Loading the plugins of swarm's own tests takes longer than running these."""


class Courtroom:
    """One project, with its baseline and the reproductions that only the judge has."""

    def __init__(self, project: Project, backend: Backend, folder: Path) -> None:
        self.project, self.folder = project, folder
        base = folder / "base"
        base.mkdir(parents=True)
        lay_out(project, base)
        git(base, "init", "-q")
        git(base, "add", "-Af")
        git(base, "commit", "-qm", "base")
        mirror, repository = Mirror.at(folder / "mirror.git"), Repository.at(base)
        commit = repository.commit()
        tree = mirror.take(repository, commit)
        environment = inherited(base)
        rooms = Rooms(backend, mirror, environment, folder / "worktrees")
        first = tuple(root for root in project.import_roots if root != ".")
        runner = PytestRunner(environment.python, environment=QUICK, first=first)
        baseline = measure(runner, rooms, tree)
        self.ground = Ground(base=commit, tree=tree, rooms=rooms, runner=runner, baseline=baseline)
        self.held: Sequence[Admitted] = [
            admit(Reproduction(name=name, content=content, author="another"), self.ground, project.issue)
            for name, content in project.hidden.items()
        ]

    def judged(self, case: Case) -> Judgement:
        """What the judge says of a case."""
        folder = self.folder / case.name.replace("/", "-")
        folder.mkdir()
        diff = as_patch(self.project, case, folder)
        tree = applied(self.ground.rooms.mirror, self.ground.base, diff, case.name)
        return judge(tree, self.ground, self.project.failing, held=self.held, keep=lambda output: f"{len(output)} bytes")

    def verdict(self, case: Case) -> tuple[str, str]:
        """The verdict in a word, and why; a patch that is refused before it is judged is rejected."""
        try:
            judgement = self.judged(case)
        except SwarmError as refusal:
            return "rejected", str(refusal)
        return judgement.verdict.value, f"{judgement.rule}: {judgement.reason}"
