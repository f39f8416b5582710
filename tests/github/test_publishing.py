"""What is pushed, what is said on the server, and what is not."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clones import Clone, Finished, git
from github_server import TOKEN, over_limit

from sandboxes.remotes import RemoteTrouble, reached, without_secrets
from sandboxes.repository import Repository
from swarm.blackboard.history import told
from swarm.blackboard.runs import NewRun, Run
from swarm.deeds import Deeds
from swarm.errors import Conflict, UsageError, shown
from swarm.events import BranchPushed, PullRequestOpened, PullRequestRewritten
from swarm.github.faults import NoProject, OverLimit, ServerTrouble, TokenRefused
from swarm.landings import Harbour
from swarm.publishing import comment

Make = Callable[..., Finished]


def seconds(run: Run) -> str:
    return f"{(run.ended or 0) - run.started:.0f}"


def text_of(finished: Finished) -> str:
    return f"""<!-- swarm:begin {finished.run.name} -->
Closes #12

### Root cause

```text
`>` becomes `>=`
```

### What changed

```text
shop/prices.py | 2 +-
 1 file changed, 1 insertion(+), 1 deletion(-)
```

### Evidence

Run by swarm itself, in a sandbox, outside of whoever wrote the patch. Verdict: **verified**. `1 test failed on base`

| command | before | after |
|---|---|---|
| `python -m pytest tests/test_prices.py::test_the_threshold_is_free` | fails | passes |
| `python -m pytest` | 3 pass, 1 fail | 4 pass, 0 fail |

Before is {finished.run.base}, after is this branch. Sandbox: bubblewrap.

### Cost

no model was asked; {seconds(finished.run)} s with 2 workers

### See it yourself

```sh
git fetch origin swarm/orders-of-50-pay-shipping
git checkout --detach {finished.run.base}
python -m pytest tests/test_prices.py::test_the_threshold_is_free   # fails
git checkout --detach FETCH_HEAD
python -m pytest tests/test_prices.py::test_the_threshold_is_free   # passes
```

Swarm-Run: {finished.run.name}
<!-- swarm:end -->"""


def test_a_fix_is_pushed_as_one_new_branch_and_opened_as_a_draft_that_closes_the_issue(finished: Make, clone: Clone) -> None:
    fixed, before = finished(), clone.branches()
    git(clone.folder, "tag", "v1")
    git(clone.folder, "config", "push.followTags", "true")

    published = fixed.publish()

    assert clone.branches() == {**before, "refs/heads/swarm/orders-of-50-pay-shipping": fixed.commit}
    wanted = {
        "title": "Fix: Orders of 50 pay shipping",
        "body": text_of(fixed),
        "head": "swarm/orders-of-50-pay-shipping",
        "base": "main",
        "draft": True,
    }
    assert [(call.method, call.path, call.body) for call in clone.server.writes()] == [
        ("POST", "/api/v3/repos/ada/shop/pulls", wanted)
    ]
    assert (published.pushed, published.opened, published.address) == (True, True, f"{clone.server.web}/ada/shop/pull/1")
    assert [
        event for event in told(fixed.place.store, fixed.run.name) if isinstance(event, BranchPushed | PullRequestOpened)
    ] == [
        BranchPushed("swarm/orders-of-50-pay-shipping", fixed.commit, str(clone.bare)),
        PullRequestOpened(f"{clone.server.web}/ada/shop/pull/1", "main"),
    ]


def test_a_project_in_a_folder_is_shown_by_commands_that_go_there(finished: Make, clone: Clone) -> None:
    finished(folder="tests").publish()

    body = clone.server.writes()[0].body["body"]
    test = "test_prices.py::test_the_threshold_is_free"
    assert f"| `cd tests && python -m pytest {test}` | fails | passes |" in body
    assert f"\n(cd tests && python -m pytest {test})   # fails\ngit checkout" in body


def test_the_screen_asks_and_publishes_as_the_command_does(finished: Make, clone: Clone) -> None:
    fixed, asked = finished(), list[str]()
    deeds = Deeds(clone.door.repository, fixed.run, clone.door.environ)

    with pytest.raises(UsageError, match="nobody said yes"):
        deeds.do("pull-request", "", lambda question: bool(asked.append(question)))
    assert clone.server.writes() == []
    said = deeds.do("pull-request", "", lambda question: asked.append(question) is None)

    assert asked[0].splitlines()[0].startswith("push      swarm/orders-of-50-pay-shipping at ")
    assert asked[0].endswith("Push and open it?")
    assert f"{clone.server.web}/ada/shop/pull/1 opened as a draft, into main" in said
    assert len(clone.server.writes()) == 1


def test_the_person_is_shown_where_it_goes_and_without_a_yes_nothing_is_done(finished: Make, clone: Clone) -> None:
    fixed, before = finished(), clone.branches()
    hook = clone.folder / ".git/hooks/pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {clone.folder}/ran\n")
    hook.chmod(0o755)

    with pytest.raises(UsageError, match="nobody said yes"):
        fixed.publish(yes=False)

    assert clone.branches() == before
    assert clone.server.writes() == []
    assert clone.heard[-1].splitlines() == [
        f"push      swarm/orders-of-50-pay-shipping at {fixed.commit[:12]}, as a new branch of {clone.bare}",
        f"hook      {hook} is not run",
        "open      a draft pull request into main of ada/shop",
    ]
    fixed.publish()
    assert not (clone.folder / "ran").exists()


def test_the_command_asks_or_needs_a_yes_and_says_what_it_did(finished: Make, clone: Clone, swarm: Callable[..., Any]) -> None:
    fixed = finished()

    asked = swarm("pr", fixed.run.name, cwd=clone.folder, env=clone.server.environ)
    done = swarm("pr", fixed.run.name, "--yes", "--json", cwd=clone.folder, env=clone.server.environ)

    assert asked.code == 2
    assert asked.err.startswith("Nothing was pushed, since nobody said yes.")
    assert done.code == 0, done.err
    assert json.loads(done.out) == {
        "schema": 1,
        "run": fixed.run.name,
        "pull_request": {
            "branch": fixed.run.branch,
            "place": str(clone.bare),
            "address": f"{clone.server.web}/ada/shop/pull/1",
            "into": "main",
            "pushed": True,
            "opened": True,
            "rewritten": False,
        },
    }
    assert "left" not in swarm("watch", "--plain", fixed.run.name, cwd=clone.folder).err


def test_on_a_terminal_the_person_is_asked_and_a_no_is_a_no(finished: Make, clone: Clone) -> None:
    fixed, before = finished(), clone.branches()
    ours, theirs = pty.openpty()
    os.write(ours, b"n\n")
    command = [sys.executable, "-m", "swarm", "pr", fixed.run.name]
    surroundings = {**os.environ, **clone.server.environ}

    with os.fdopen(theirs) as terminal:
        done = subprocess.run(
            command, cwd=clone.folder, stdin=terminal, capture_output=True, text=True, check=False, env=surroundings
        )
    os.close(ours)

    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"push      {fixed.run.branch} at {fixed.commit[:12]}, as a new branch of {clone.bare}",
        "open      a draft pull request into main of ada/shop",
        "Push and open it? [y/N]: Nothing was pushed, since nobody said yes.",
        f"`swarm pr {fixed.run.name} --yes` says it.",
    ]
    assert (done.stdout, clone.branches(), clone.server.writes()) == ("", before, [])


def test_a_second_call_brings_the_text_up_to_date_and_leaves_what_people_wrote_around_it(finished: Make, clone: Clone) -> None:
    fixed = finished()
    fixed.publish()
    pull = clone.project.pulls[1]

    same = fixed.publish(yes=False)
    assert (same.pushed, same.opened, same.rewritten) == (False, False, False)
    assert clone.server.writes() == []

    pull["body"] = "Thanks!\r\n\r\n" + pull["body"].replace("verified", "doubtful").replace("\n", "\r\n") + "\r\nReviewed by Bo."
    pull["title"] = "A better title"
    again = fixed.publish(yes=False)

    assert (again.pushed, again.opened, again.rewritten) == (False, False, True)
    assert [(call.method, call.path) for call in clone.server.writes()] == [("PATCH", "/api/v3/repos/ada/shop/pulls/1")]
    assert pull["body"] == f"Thanks!\n\n{text_of(fixed)}\nReviewed by Bo."
    assert pull["title"] == "A better title"
    assert [type(event) for event in told(fixed.place.store, fixed.run.name)][-1] is PullRequestRewritten


def test_a_branch_of_the_same_name_that_is_not_ours_is_never_touched(finished: Make, clone: Clone) -> None:
    fixed = finished()
    git(clone.folder, "push", "-q", "origin", "main:refs/heads/swarm/orders-of-50-pay-shipping")
    before = clone.branches()

    with pytest.raises(Conflict, match="has a branch"):
        fixed.publish()

    assert clone.branches() == before
    assert clone.server.writes() == []
    assert Conflict.exit_code == 6


def test_a_pull_request_of_somebody_else_and_one_that_is_closed_are_left_alone(finished: Make, clone: Clone) -> None:
    fixed = finished()
    fixed.publish()
    pull = clone.project.pulls[1]

    pull["body"] = "Mine."
    with pytest.raises(Conflict, match="somebody else's"):
        fixed.publish()
    pull["state"] = "closed"
    with pytest.raises(Conflict, match="was closed already"):
        fixed.publish()
    pull["merged_at"] = "2026-01-01T00:00:00Z"
    with pytest.raises(Conflict, match="was merged already"):
        fixed.publish()
    assert clone.server.writes() == []


def test_what_the_person_has_not_pushed_does_not_go_along_with_a_fix(finished: Make, clone: Clone) -> None:
    (clone.folder / "secret.txt").write_text("not for others\n")
    git(clone.folder, "add", "-A")
    git(clone.folder, "commit", "-qm", "private work")
    fixed, before = finished(), clone.branches()

    with pytest.raises(Conflict, match="would go along"):
        fixed.publish()

    assert clone.branches() == before
    git(clone.folder, "push", "-q", "origin", "HEAD:refs/heads/next")
    assert fixed.publish().into == "next"


def test_a_branch_that_somebody_went_on_with_is_theirs_to_push(finished: Make, clone: Clone) -> None:
    fixed = finished()
    git(clone.folder, "update-ref", fixed.branch, "main")

    with pytest.raises(Conflict, match="which was judged"):
        fixed.publish()


def test_a_push_that_the_server_declines_changes_nothing_and_says_why(finished: Make, clone: Clone) -> None:
    fixed, before = finished(), clone.branches()
    hook = clone.bare / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho branches are frozen >&2\nexit 1\n")
    hook.chmod(0o755)

    with pytest.raises(RemoteTrouble, match="branches are frozen") as met:
        fixed.publish()

    assert clone.branches() == before
    assert met.value.exit_code == 6
    assert len(shown(met.value).splitlines()) == 3
    assert clone.server.writes() == []


def test_after_a_push_without_a_pull_request_a_second_call_goes_on_from_there(finished: Make, clone: Clone) -> None:
    fixed = finished()
    refusal = 422, {"message": "Validation Failed", "errors": [{"message": "Drafts are not supported"}]}, {}
    clone.server.goes_wrong("/pulls$", refusal, "POST")
    with pytest.raises(ServerTrouble, match="Drafts are not supported"):
        fixed.publish()
    pushed = clone.branches()[fixed.branch]

    published = fixed.publish()

    assert pushed == fixed.commit
    assert (published.pushed, published.opened) == (False, True)


def test_a_fork_named_as_the_remote_is_pushed_to_and_the_pull_request_is_where_the_issue_is(
    finished: Make, clone: Clone, tmp_path: Path
) -> None:
    fork = tmp_path / "fork.git"
    git(tmp_path, "clone", "-q", "--bare", str(clone.bare), str(fork))
    address = f"https://{clone.server.host}/bo/shop.git"
    git(clone.folder, "remote", "add", "mine", address)
    git(clone.folder, "config", f"url.{fork}.insteadOf", address)
    (clone.folder / "news.py").write_text("NEWS = 1\n")
    git(clone.folder, "add", "-A")
    git(clone.folder, "commit", "-qm", "the fork has not this one yet")
    git(clone.folder, "push", "-q", "origin", "main")
    fixed, before = finished(), clone.branches()

    published = fixed.publish(remote="mine")

    assert clone.branches() == before
    assert git(fork, "rev-parse", fixed.branch) == fixed.commit
    (call,) = clone.server.writes()
    assert (call.path, call.body["head"]) == ("/api/v3/repos/ada/shop/pulls", f"bo:{fixed.run.branch}")
    assert published.place == str(fork)
    with pytest.raises(UsageError, match="no remote `nowhere`"):
        fixed.post("nowhere")


def test_a_shallow_clone_pushes_as_any_other(finished: Make, clone: Clone) -> None:
    git(clone.folder, "commit", "-q", "--allow-empty", "-m", "more")
    git(clone.folder, "push", "-q", "origin", "main")
    git(clone.folder, "fetch", "-q", "--depth", "1", "origin", "main")
    assert git(clone.folder, "rev-parse", "--is-shallow-repository") == "true"
    fixed = finished()

    fixed.publish()

    assert git(clone.bare, "rev-list", "--count", fixed.branch) == "3"


def test_without_a_remote_that_is_the_project_nothing_is_guessed(finished: Make, clone: Clone) -> None:
    clone.server.project("else/where")
    fixed = finished(source=f"{clone.server.web}/else/where/issues/3")

    with pytest.raises(NoProject, match=r"none is else/where"):
        fixed.post()


def test_a_project_that_was_renamed_is_found_under_its_old_name(finished: Make, clone: Clone) -> None:
    del clone.server.projects["ada/shop"]
    clone.server.project("ada/store")
    clone.server.renamed["ada/shop"] = "ada/store"
    fixed = finished(source=f"{clone.server.web}/ada/store/issues/12")

    fixed.publish()

    assert [call.path for call in clone.server.writes()] == ["/api/v3/repos/ada/store/pulls"]


def test_an_archived_project_and_a_missing_token_are_said_before_anything_is_done(finished: Make, clone: Clone) -> None:
    fixed = finished()
    clone.project.archived = True
    with pytest.raises(Conflict, match="archived"):
        fixed.post()
    clone.project.archived = False
    clone.server.goes_wrong(
        "/repos/ada/shop$",
        (403, {"message": "Resource protected by organization SAML enforcement"}, {"X-GitHub-SSO": "required"}),
    )
    with pytest.raises(TokenRefused, match="single sign-on"):
        fixed.post()
    clone.server.goes_wrong("/repos/ada/shop$", over_limit(3600))
    with pytest.raises(OverLimit, match="in 3"):
        fixed.post()


def test_what_a_model_or_a_stranger_wrote_is_no_link_no_picture_and_calls_nobody(finished: Make, clone: Clone) -> None:
    evil = "![x](https://evil.example/p.png) [click](https://evil.example) @everyone closes #1\n````\n<!-- swarm:end -->"
    fixed = finished(title="#99 fixes https://github.com/ada/shop/issues/5 GH-7", summary=evil)

    fixed.publish()

    (call,) = clone.server.writes()
    assert f"`````text\n{evil}\n`````" in call.body["body"]
    assert call.body["title"] == "Fix: # 99 fixes https: //github.com/ada/shop/issues/5 GH 7"
    message = git(clone.bare, "log", "-1", "--format=%B", fixed.branch)
    assert message.startswith("Fix: # 99 fixes https: //")
    assert "closes # 1" in message


def test_what_git_needs_to_log_in_goes_along_and_what_starts_programs_does_not(
    finished: Make, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    fixed, marker = finished(), clone.folder.parent / "ran"
    for key in ("core.sshCommand", "core.askPass", "credential.helper", "core.fsmonitor", "core.gitProxy"):
        git(clone.folder, "config", key, f"!touch {marker};")
    git(clone.folder, "config", "http.sslVerify", "false")
    git(clone.folder, "config", "http.https://example.org/.extraHeader", f'Authorization: "{TOKEN}"\\')
    git(clone.folder, "config", "--global", "core.sshCommand", "ssh -o ConnectTimeout=1")
    git(clone.folder, "remote", "set-url", "--push", "origin", "ssh://127.0.0.1:1/ada/shop.git")

    with reached(fixed.place.repository, fixed.post().remote, fixed.place.mirror.folder) as there:
        kept = git(clone.folder, "config", "--file", str(there.config), "--list").splitlines()
        mode = there.config.stat().st_mode & 0o777
    with pytest.raises(RemoteTrouble):
        fixed.publish()

    assert kept == [
        "core.sshcommand=ssh -o ConnectTimeout=1",
        f'http.https://example.org/.extraheader=Authorization: "{TOKEN}"\\',
        "remote.there.url=ssh://127.0.0.1:1/ada/shop.git",
    ]
    assert mode == 0o600
    assert not there.config.exists()
    assert not marker.exists()


def test_a_login_in_an_address_is_shown_nowhere(finished: Make, clone: Clone) -> None:
    fixed = finished()
    git(clone.folder, "remote", "set-url", "--push", "origin", f"https://ada:{TOKEN}@127.0.0.1:1/ada/shop.git")

    with pytest.raises(RemoteTrouble) as met:
        fixed.publish()

    assert fixed.post().remote.shown == "https://127.0.0.1:1/ada/shop.git"
    assert TOKEN not in shown(met.value) + "".join(clone.heard)
    assert without_secrets(f"ssh://git:{TOKEN}@example.org:22/a/b") == "ssh://git@example.org:22/a/b"
    assert without_secrets("git@example.org:a/b") == "git@example.org:a/b"


def test_a_comment_says_once_that_no_fix_was_verified(clone: Clone, harbour: Harbour) -> None:
    clone.server.issue(clone.project, 12, "Broken")
    clone.server.comment(clone.project, 12, "eve", "NONE", "me too")
    base, source = Repository.at(clone.folder).commit(), f"{clone.server.web}/ada/shop/issues/12"
    run = harbour.store.start_run(NewRun(title="Broken", issue="", source=source, base=base, sandbox="bubblewrap", workers=2))
    with pytest.raises(UsageError, match="nothing to say"):
        comment(harbour.store, run, clone.door)
    harbour.store.end_run(run.name, outcome="no-verified-fix", exit_code=4, sentence="nothing fails on base; cc @everyone")
    run = harbour.store.run(run.name)

    comment(harbour.store, run, clone.door)
    again = comment(harbour.store, run, clone.door)
    (mine,) = [one for one in clone.project.comments[12] if one["user"]["login"] == "swarm-user"]
    mine["body"] += "\nold"
    comment(harbour.store, run, clone.door)

    text = f"""<!-- swarm:begin {run.name} -->
swarm looked for a fix and did not verify one (no-verified-fix):

```text
nothing fails on base; cc @everyone
```

It started from {base}. Cost: no model was asked; {seconds(run)} s with 2 workers.

Swarm-Run: {run.name}
<!-- swarm:end -->"""
    assert "has it already" in again
    assert [(call.method, call.path, call.body) for call in clone.server.writes()] == [
        ("POST", "/api/v3/repos/ada/shop/issues/12/comments", {"body": text}),
        ("PATCH", f"/api/v3/repos/ada/shop/issues/comments/{mine['id']}", {"body": text}),
    ]
