import io
from pathlib import Path

import pytest

from swarm.errors import UsageError
from swarm.issue import LARGEST, Issue, read_issue


def from_stdin(content: bytes) -> Issue:
    return read_issue("-", io.BytesIO(content))


def test_the_first_line_is_the_title_and_the_rest_the_body() -> None:
    issue = from_stdin(b"# Prices are wrong\n\nAll of them.\n")

    assert (issue.title, issue.body, issue.source) == ("Prices are wrong", "All of them.", "stdin")


def test_a_file_is_read_and_named(tmp_path: Path) -> None:
    (tmp_path / "bug.md").write_text("Broken\nBadly.\n")

    issue = read_issue(str(tmp_path / "bug.md"), io.BytesIO())

    assert (issue.title, issue.body, issue.source) == ("Broken", "Badly.", "bug.md")


def test_a_text_is_an_issue_however_long_it_is() -> None:
    issue = read_issue("it is broken " * 500, io.BytesIO())

    assert issue.source == "text"
    assert len(issue.title) == 200
    assert issue.body.startswith("it is broken")


@pytest.mark.parametrize("content", [b"", b"  \n\t\n", b"\xef\xbb\xbf\n"])
def test_an_empty_issue_is_refused(content: bytes) -> None:
    with pytest.raises(UsageError, match="empty"):
        from_stdin(content)


def test_an_address_that_is_no_issue_is_no_text_of_one() -> None:
    with pytest.raises(UsageError, match="not the address of an issue"):
        read_issue("https://example.org/ada/shop/wiki", io.BytesIO())


def test_a_file_that_is_missing_is_no_text_of_an_issue() -> None:
    with pytest.raises(UsageError, match="no file"):
        read_issue("missing.md", io.BytesIO())


def test_an_endless_issue_is_clipped_and_says_so() -> None:
    issue = from_stdin(b"title\n" + b"x" * (5 * 1024 * 1024))

    assert issue.clipped
    assert len(issue.body) <= LARGEST


def test_bytes_that_are_no_text_are_kept_as_far_as_they_can_be_read() -> None:
    assert from_stdin(b"caf\xe9 \xff is closed").title == "caf\ufffd \ufffd is closed"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Orders of exactly 50 pay shipping", "orders-of-exactly-50-pay-shipping"),
        ("../../etc/passwd; rm -rf ~", "etc-passwd-rm-rf"),
        ("\x1b[31m!!!", "31m"),
        ("¿Qué?", "qu"),
        ("漢字", "issue"),
        ("a" * 300, "a" * 40),
        ("one two three four five six seven eight nine ten", "one-two-three-four-five-six-seven-eight"),
    ],
)
def test_a_slug_is_safe_in_a_branch_name(title: str, slug: str) -> None:
    assert Issue(title, "", "text").slug == slug
