"""What is opened, line by line."""

import team

from tui.pages import DARK, LIGHT, LONGEST, diff_page, pair_page, text_page


def lines(page, width: int) -> list[str]:
    return [strip.text for strip in page(width)]


def test_a_diff_has_the_numbers_of_both_sides_and_its_signs() -> None:
    said = lines(diff_page(team.DIFF, DARK), 100)
    assert "    7       -     if total > FREE_SHIPPING:" in said
    assert "          7 +     if total >= FREE_SHIPPING:  # 50 is free" in said
    assert "    8     8           return 0" in said
    assert said[0] == "diff --git a/shop/prices.py b/shop/prices.py"


def test_a_long_line_of_a_diff_goes_on_below_its_own_code() -> None:
    said = lines(diff_page("@@ -1 +1 @@\n+" + "abcdefghij" * 5, DARK), 40)
    assert said[1:] == ["          1 + abcdefghijabcdefghijabcdef", " " * 14 + "ghijabcdefghijabcdefghij"]


def test_a_diff_is_coloured_by_its_language_on_both_grounds() -> None:
    for ink in (DARK, LIGHT):
        added = next(strip for strip in diff_page(team.DIFF, ink)(100) if " + " in strip.text)
        assert len({str(segment.style) for segment in added if segment.text.strip()}) >= 4


def test_nothing_of_a_diff_is_lost_whatever_it_holds() -> None:
    odd = "diff --git a/x b/x\nBinary files a/x and b/x differ\n@@ broken\n+new\n-old\n\\ No newline at end of file\n"
    odd += "@@ -1 +1 @@\n-a\n+b"
    said = "\n".join(lines(diff_page(odd, DARK), 100))
    for words in ("Binary files a/x and b/x differ", "@@ broken", "+ new", "- old", "No newline at end of file", "- a", "+ b"):
        assert words in said
    assert lines(diff_page("", DARK), 100) == []


def test_a_line_that_only_looks_like_a_header_stays_in_its_hunk() -> None:
    said = lines(diff_page("+++ b/a.sql\n@@ -1,2 +1,1 @@\n--- a comment\n-x\n+++ y\n", DARK), 100)
    assert "    1       - -- a comment" in said
    assert "          1 + ++ y" in said


def test_long_lines_are_broken_between_words_and_endless_ones_where_they_end() -> None:
    assert lines(text_page("one two three four"), 9) == ["one two", "three", "four"]
    endless = lines(text_page("x" * 5000), 100)
    assert "".join(endless) == "x" * 5000
    assert max(map(len, endless)) == 100


def test_hostile_text_is_shown_and_not_obeyed_in_every_page() -> None:
    evil = "\x1b[2J\x1b]0;t\x07\u202e[red]\x9b\r\n\tz"
    for page in (
        text_page(evil),
        diff_page(f"@@ -1 +1 @@\n+{evil}", DARK),
        pair_page(text_page(evil), text_page(evil), plain=True),
    ):
        said = "".join(lines(page, 120))
        assert "\\x1b[2J\\x1b]0;t\\x07\\u202e[red]\\x9b" in said
        assert said.isprintable()


def test_what_is_too_long_says_how_much_is_left() -> None:
    assert "… 7 more characters: `swarm show`" in lines(text_page("x\n" * (LONGEST // 2) + "y" * 7), 80)[-1]


def test_two_pages_stand_side_by_side_or_below_each_other() -> None:
    pair = pair_page(text_page("left\nmore"), text_page("right"), plain=False)
    assert [line.rstrip() for line in lines(pair, 83)] == [f"{'left':<40} │ right", f"{'more':<40} │"]
    assert lines(pair, 60) == ["left", "more", "", "right"]
