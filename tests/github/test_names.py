"""Names, servers and tokens, without a server."""

import os
import stat
from pathlib import Path

import pytest

from swarm.github.faults import NoSite
from swarm.github.names import IssueName, Project
from swarm.github.site import Site, site_of
from swarm.github.tokens import Token, token_for

HERE = Project("github.com", "ada", "shop")


def parsed(given: str) -> IssueName | None:
    return IssueName.parse(given, lambda: HERE, lambda _: "github.com")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("#12", "ada/shop#12"),
        ("bo/till#3", "bo/till#3"),
        ("https://github.com/bo/till/issues/3", "bo/till#3"),
        ("https://www.github.com/bo/till/issues/3?notification=1", "bo/till#3"),
        ("https://github.com/bo/till/pull/3/files#diff-1", "bo/till#3"),
        ("https://git.example.org:8443/bo/till/issues/3", "git.example.org:8443/bo/till#3"),
        ("https://shop.ghe.com/bo/till/issues/3", "shop.ghe.com/bo/till#3"),
    ],
)
def test_an_issue_has_many_forms(given: str, name: str) -> None:
    assert str(parsed(given)) == name


@pytest.mark.parametrize(
    "given",
    [
        "12", "#", "#x", "bug.md", "- #12", "fix #12 please", "a/b/c#1", "../x#1", "-o/x#1", "https://github.com/bo/till",
        "https://github.com/bo/till/issues/x", "https://user:pass@github.com/bo/till/issues/1", "file:///bo/till/issues/1",
        "#\uff11\uff12",
    ],
)  # fmt: skip
def test_other_words_name_no_issue(given: str) -> None:
    assert parsed(given) is None


@pytest.mark.parametrize(
    ("address", "project"),
    [
        ("https://github.com/ada/shop.git", HERE),
        ("https://x-access-token:secret@github.com/ada/shop", HERE),
        ("git@github.com:ada/shop.git", HERE),
        ("ssh://git@ssh.github.com:443/ada/shop.git", HERE),
        ("git+ssh://git@github.com/ada/shop/", HERE),
        ("https://git.example.org:8443/ada/shop", Project("git.example.org:8443", "ada", "shop")),
        ("ssh://git@git.example.org:2222/ada/shop.git", Project("git.example.org", "ada", "shop")),
        ("/srv/git/shop.git", None),
        ("../shop.git", None),
        ("file:///srv/ada/shop.git", None),
        ("work:ada/shop.git", None),
        ("https://github.com/shop.git", None),
        ("https://gitlab.com/group/sub/shop.git", None),
        ("ext::sh -c x", None),
    ],
)
def test_a_remote_is_of_a_project_or_of_none(address: str, project: Project | None) -> None:
    assert Project.at(address) == project


def test_every_server_has_its_api() -> None:
    assert site_of("github.com", {}).api == "https://api.github.com"
    assert site_of("shop.ghe.com", {}).api == "https://api.shop.ghe.com"
    assert site_of("git.example.org", {}).api == "https://git.example.org/api/v3"
    named = {"GITHUB_SERVER_URL": "https://git.example.org", "GITHUB_API_URL": "https://git.example.org/rest"}
    assert site_of("git.example.org", named).api == "https://git.example.org/rest"
    assert site_of("github.com", named).api == "https://api.github.com"


@pytest.mark.parametrize("api", ["http://api.example.org", "http://127.0.0.1.example.org", "ftp://127.0.0.1"])
def test_a_token_is_never_sent_in_the_open(api: str) -> None:
    with pytest.raises(NoSite):
        site_of("github.com", {"GITHUB_API_URL": api})


PUBLIC = site_of("github.com", {})
OTHER = site_of("git.example.org", {})
ALL = {"GH_TOKEN": "a", "GITHUB_TOKEN": "b", "GH_ENTERPRISE_TOKEN": "c", "GITHUB_ENTERPRISE_TOKEN": "d"}


@pytest.mark.parametrize(
    ("site", "environ", "token"),
    [
        (PUBLIC, ALL, Token("a", "GH_TOKEN")),
        (PUBLIC, {**ALL, "GH_TOKEN": ""}, Token("b", "GITHUB_TOKEN")),
        (site_of("shop.ghe.com", {}), ALL, Token("a", "GH_TOKEN")),
        (OTHER, ALL, Token("", "")),
        (OTHER, {**ALL, "GH_HOST": "git.example.org"}, Token("c", "GH_ENTERPRISE_TOKEN")),
        (OTHER, {**ALL, "GITHUB_SERVER_URL": "https://git.example.org"}, Token("c", "GH_ENTERPRISE_TOKEN")),
        (OTHER, {**ALL, "GH_HOST": "elsewhere.example.org"}, Token("", "")),
        (Site("github.com", "https://github.com", "http://127.0.0.1:1"), {**ALL, "GH_HOST": "github.com"}, Token("", "")),
        (site_of("evilghe.com", {}), ALL, Token("", "")),
    ],
)
def test_a_token_belongs_to_a_server(site: Site, environ: dict[str, str], token: Token, home: Path) -> None:
    assert token_for(site, {"HOME": str(home), "PATH": "", **environ}) == token


def test_after_the_environment_gh_is_asked_and_then_what_swarm_keeps(home: Path, tmp_path: Path) -> None:
    gh = tmp_path / "gh"
    gh.write_text(
        '#!/bin/sh\n[ "$*" = "auth token --hostname github.com" ] && [ -z "$GH_ENTERPRISE_TOKEN" ] && echo kept-by-gh\n'
    )
    gh.chmod(gh.stat().st_mode | stat.S_IXUSR)
    keys = home / "config/swarm/keys.toml"
    keys.parent.mkdir(parents=True)
    keys.write_text('GH_TOKEN = "kept-by-swarm"\n')
    keys.chmod(0o600)
    surroundings = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "GH_ENTERPRISE_TOKEN": "c"}

    assert token_for(PUBLIC, {**surroundings, "PATH": f"{tmp_path}:{os.defpath}"}) == Token("kept-by-gh", "gh")
    assert token_for(PUBLIC, {**surroundings, "PATH": ""}).value == "kept-by-swarm"
    assert token_for(OTHER, {**surroundings, "PATH": f"{tmp_path}:{os.defpath}"}).value == ""


def test_a_token_shows_in_no_text() -> None:
    token = Token("secret", "GH_TOKEN")

    assert "secret" not in f"{token} {token!r}"
