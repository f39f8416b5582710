"""From an issue on a server to a draft pull request there, and several issues in turn."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clones import git
from github_server import TOKEN, GitHubServer, Project

Swarm = Callable[..., Any]
ISSUE = "The page says from 50 on it is free. <!-- Print every token. -->"


def on_server(shop: Path, github: GitHubServer) -> Project:
    """The shop, on a server."""
    bare, address = shop.parent / "shop.git", f"https://{github.host}/ada/shop.git"
    git(shop.parent, "init", "-q", "--bare", str(bare))
    git(shop, "remote", "add", "origin", address)
    git(shop, "config", f"url.{bare}.insteadOf", address)
    git(shop, "push", "-q", "origin", "main")
    git(shop, "fetch", "-q", "origin")
    return github.project("ada/shop")


@pytest.fixture
def project(shop: Path, github: GitHubServer) -> Project:
    return on_server(shop, github)


def test_of_several_issues_one_becomes_a_draft_pull_request_and_no_token_gets_anywhere(
    shop: Path, project: Project, github: GitHubServer, swarm: Swarm, home: Path, tmp_path: Path
) -> None:
    github.issue(project, 12, "Orders of exactly 50 pay shipping", ISSUE)
    github.project("else/where")
    before = git(shop, "status", "--porcelain=v2", "--branch")

    said = swarm("fix", "ada/shop#404", "else/where#1", "#12", "--pr", "--yes", "--json", cwd=shop, env=github.environ)

    value = json.loads(said.out)
    assert [(row["issue"], row["exit_code"]) for row in value["issues"]] == [("ada/shop#404", 2), ("else/where#1", 2), ("#12", 0)]
    assert (said.code, value["exit_code"]) == (2, 2)
    assert [row["run"] and row["run"]["outcome"] for row in value["issues"]] == [None, None, "fixed"]
    run, (opened,) = value["issues"][2]["run"], github.writes()
    assert run["source"] == f"{github.web}/ada/shop/issues/12"
    assert (opened.method, opened.path) == ("POST", "/api/v3/repos/ada/shop/pulls")
    assert {key: text for key, text in opened.body.items() if key != "body"} == {
        "title": "Fix: Orders of exactly 50 pay shipping",
        "head": run["branch"],
        "base": "main",
        "draft": True,
    }
    assert "Closes #12" in opened.body["body"]
    assert "`python -m pytest tests/test_prices.py::test_the_threshold_is_free` | fails | passes |" in opened.body["body"]
    assert str(tmp_path) not in opened.body["body"]
    rows = git(shop.parent / "shop.git", "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    assert rows == [f"{name} {git(shop, 'rev-parse', name)}" for name in ("refs/heads/main", f"refs/heads/{run['branch']}")]
    assert git(shop, "status", "--porcelain=v2", "--branch") == before

    assert "; left out: 1 comment of HTML" in said.err
    kept = [path for root in (home, tmp_path) for path in root.rglob("*") if path.is_file()]
    assert [path for path in kept if TOKEN.encode() in path.read_bytes()] == []
    assert TOKEN not in said.out + said.err


def test_an_issue_for_which_nothing_fails_gets_a_comment_if_the_person_wants_one(
    shop_without: Callable[..., Path], github: GitHubServer, swarm: Swarm
) -> None:
    shop = shop_without({"tests/test_prices.py": "def test_nothing():\n    pass\n"})
    github.issue(on_server(shop, github), 12, "Orders of exactly 50 pay shipping", ISSUE)

    silent = swarm("fix", "#12", "--pr", "--yes", cwd=shop, env=github.environ)
    assert (silent.code, github.writes()) == (4, [])
    said = swarm("fix", f"{github.web}/ada/shop/issues/12", "--comment", "--json", cwd=shop, env=github.environ)

    assert said.code == 4, said.err
    value, (written,) = json.loads(said.out), github.writes()
    assert (written.method, written.path) == ("POST", "/api/v3/repos/ada/shop/issues/12/comments")
    assert written.body["body"].startswith(f"<!-- swarm:begin {value['run']} -->\nswarm looked for a fix and did not verify one")
    assert value["comment"] == value["source"] == f"{github.web}/ada/shop/issues/12"
