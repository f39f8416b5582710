"""The report as HTML in a real browser, as Markdown, and by the real command."""

import base64
import hashlib
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from swarm.reporting.gathering import Report
from swarm.reporting.patch import MOST, patch_of
from swarm.reporting.writing import html, markdown

QUIET = "--headless --no-sandbox --disable-gpu --disable-background-networking --no-first-run --disable-dev-shm-usage".split()


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


class Listener(BaseHTTPRequestHandler):
    """Notes whoever calls."""

    calls: list[str]

    def do_GET(self) -> None:
        self.calls.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server that knows whether anything was fetched from it."""
    calls: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("OneListener", (Listener,), {"calls": calls}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}", calls
    server.shutdown()
    thread.join()
    server.server_close()


def in_browser(page: Path, profile: Path) -> str:
    """The page as a browser has it once all of its scripts have run."""
    command = ["chromium", *QUIET, f"--user-data-dir={profile}", "--virtual-time-budget=2000", "--dump-dom", page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=100).stdout


def test_a_browser_runs_and_fetches_nothing_of_a_hostile_report(
    hostile: Report, listener: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, calls = listener
    page, trap = tmp_path / "report.html", tmp_path / "trap.html"
    page.write_text(html(hostile).replace("127.0.0.1:9", address), encoding="utf-8")
    trap.write_text(f"<title>x</title><script>document.title='owned'</script><img src=http://{address}/seen>", encoding="utf-8")

    shown, caught = in_browser(page, tmp_path / "one"), in_browser(trap, tmp_path / "two")

    assert "<title>owned</title>" in caught, "the browser runs scripts, so that this test can fail"
    assert calls == ["/seen"]
    seen = Page(shown)
    assert not seen.all("script")
    assert not seen.all("img")
    assert [attributes["href"] for attributes in seen.all("a") if not str(attributes["href"]).startswith("#")] == []
    assert "document.title='owned'" in seen.words


def test_even_what_got_into_the_page_would_not_be_run(fixed: Report, listener: tuple[str, list[str]], tmp_path: Path) -> None:
    address, calls = listener
    evil = f"<script>document.title='owned'</script><img src=http://{address}/x><style>h1{{display:none}}</style></main>"
    page = tmp_path / "report.html"
    page.write_text(html(fixed).replace("</main>", evil), encoding="utf-8")

    shown = in_browser(page, tmp_path / "profile")

    assert calls == []
    assert "<title>fixed: Orders of exactly 50 pay shipping</title>" in shown


@pytest.mark.parametrize("name", ["fixed", "abstained", "hostile", "empty"])
def test_every_report_can_be_read_without_seeing_or_scripts_and_needs_nothing_from_elsewhere(
    name: str, request: pytest.FixtureRequest
) -> None:
    page = Page(html(request.getfixturevalue(name)))

    assert len(page.all("h1")) == 1
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(attributes.get("aria-labelledby") for attributes in page.all("svg"))
    identities = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(identities) == len(set(identities))
    labels = " ".join(str(attributes["aria-labelledby"]) for _, attributes in page.tags if "aria-labelledby" in attributes)
    links = [str(attributes["href"]).removeprefix("#") for attributes in page.all("a")]
    assert {*labels.split(), *links} <= set(identities)
    assert not any(attribute in attributes for _, attributes in page.tags for attribute in ("src", "style", "onclick"))
    assert len(page.all("style")) == 1
    assert not page.all("link")
    assert max(map(len, page.words.splitlines())) < 5000


def test_the_policy_of_a_report_lets_its_own_style_through_and_nothing_else(fixed: Report) -> None:
    page = html(fixed)
    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    (policy,) = [each["content"] for each in Page(page).all("meta") if each.get("http-equiv") == "Content-Security-Policy"]

    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_a_fixed_run_shows_its_proof_its_change_and_what_it_cost(fixed: Report) -> None:
    page = html(fixed)

    assert "On base 31 tests pass, 1 fail" in page
    assert '<span class="removed">-    if total &gt; 50:</span>' in page
    assert '<span class="removed">--- a line that was removed, and that began with two dashes</span>' in page
    assert "3 calls of models: $0.35 of at most $0.50, 80,000 tokens." in page
    assert page.count('class="diamond good"') == page.count('class="diamond bad"') == 1
    assert page.count("<rect ") == 2


def test_the_best_attempt_of_a_run_without_a_fix_is_called_unverified(abstained: Report) -> None:
    for page in (html(abstained), markdown(abstained)):
        assert "It is not verified, and nothing of it was delivered." in page
        assert "No model was asked, so nothing was spent." in page


def test_in_markdown_what_strangers_wrote_is_code_wherever_it_stands(hostile: Report) -> None:
    text = markdown(hostile)

    fenced = re.sub(r"(?ms)^(`{3,})\w*\n.*?^\1$", "", text)
    bare = re.sub(r"(?s)(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", fenced)
    assert "<" not in bare
    assert "@" not in bare
    assert "http" not in bare
    assert "](" not in bare
    rows = [line for line in text.splitlines() if line.startswith("| c")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [6, 6]


def test_a_report_is_harmless_on_a_terminal_as_well(hostile: Report) -> None:
    for text in (html(hostile), markdown(hostile)):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\x00" not in text


def test_of_an_endless_patch_the_beginning_is_shown_and_the_rest_counted() -> None:
    patch = patch_of(b"diff --git a/x b/x\n@@ -0,0 +1 @@\n" + b"+x\n" * MOST)

    assert len(patch.lines) == MOST
    assert patch.left_out == 2


def test_the_command_writes_a_report_and_says_so(shop_run: Path, swarm: Callable[..., Any]) -> None:
    told = swarm("report", "--html", "--out", "../report.html", "--json", cwd=shop_run)
    piped = swarm("report", cwd=shop_run)
    nowhere = swarm("report", "--out", "/proc/nowhere", cwd=shop_run)

    assert (told.code, piped.code, nowhere.code) == (0, 0, 2)
    assert '"form": "html"' in told.out
    assert (shop_run.parent / "report.html").read_text().startswith("<!doctype html>")
    assert piped.out.startswith("# `")
    assert nowhere.err.startswith("/proc/nowhere cannot be written")
