import time

import pytest

from swarm.hidden import cleaned, removals


@pytest.mark.parametrize(
    ("text", "shown", "told"),
    [
        ("a <!-- x --> b", "a  b", "1 comment of HTML"),
        ("open <!-- never closed\nmore", "open ", "1 comment of HTML"),
        ("[//]: # (psst)\nx", "\nx", "1 comment of HTML"),
        ("zero\u200bwidth \U000e0041\U000e0042 x\u202ey", "zerowidth  xy", "3 runs of invisible characters"),
        ("<picture><source> evil </picture>z", "z", "1 element that is not shown"),
        ("![alt](http://x) <img alt='evil'>", " ", "2 pictures"),
        ("<span title='evil'>ok</span>", "<span>ok</span>", "1 tag with attributes"),
        ('[a](http://x "evil")', "[a](http://x)", "1 title of a link"),
        ("<details><summary>Log</summary>\ntrace\n</details>", "\n\nLog\n\ntrace\n\n", "1 fold, its content kept"),
        ("<!--\n```\nx\n```\n-->y", "y", "1 comment of HTML"),
        ("<div>\n```\n<!-- gone -->\n```\n</div>", "<div>\n```\n\n```\n</div>", "1 comment of HTML"),
        ("<div>`<!-- gone -->`</div>", "<div>``</div>", "1 comment of HTML"),
        ("```\na\n```\n<!-- gone -->\n```\nb\n```", "```\na\n```\n\n```\nb\n```", "1 comment of HTML"),
    ],
)
def test_what_a_page_does_not_show_is_taken_out_and_told(text: str, shown: str, told: str) -> None:
    found = cleaned(text)

    assert (found.text, ", ".join(removals(found.removed))) == (shown, told)


@pytest.mark.parametrize(
    "text",
    [
        "```html\n<!-- a sample -->\n```",
        "~~~\n<!-- a sample -->\n~~~",
        "it keeps `<!-- this -->` and ``<img src=`x`>``",
        "<Foo object at 0x7f>",
        "if a <b or c> d: #1",
        "plain\ttext\nwith ⚠️ and “quotes”",
    ],
)
def test_what_a_page_shows_stays(text: str) -> None:
    assert cleaned(text).text == text
    assert removals(cleaned(text).removed) == ()


@pytest.mark.parametrize("piece", ["```x\n", "` `` ", "<!--", "![x", "<img ", '](x "', "<a ", "\n>", "`"])
def test_a_text_that_was_written_to_take_long_does_not(piece: str) -> None:
    begun = time.process_time()

    cleaned("<\n" + piece * (65_536 // len(piece)))

    assert time.process_time() - begun < 5
