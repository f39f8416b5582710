"""What cannot be seen is shown, and what can be seen stays."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm.visible import visible

HIDING = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_no_character_that_controls_formats_or_separates_gets_through():
    every = (chr(code) for code in range(sys.maxunicode + 1))
    through = [f"U+{ord(sign):04X}" for sign in every if unicodedata.category(sign) in HIDING and sign in visible(sign)]
    assert through == []


def test_every_letter_mark_number_and_sign_stays_unless_it_is_blank():
    blank = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    changed = [
        sign
        for sign in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(sign)[0] in "LMNPS" and visible(sign) != sign and sign not in blank
    ]
    selectors = {chr(code) for code in (*range(0xFE00, 0xFE0E), *range(0xE0100, 0xE01F0))}
    assert set(changed) <= selectors


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("\x1b[2J\x1b[31mred", "\\x1b[2J\\x1b[31mred"),
        ("\x1b]52;c;aGk=\x07", "\\x1b]52;c;aGk=\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("safe\rFAKE", "safe\\rFAKE"),
        ("one\ntwo\tthree", "one\\ntwo\\tthree"),
        ("user\u202egnp.exe", "user\\u202egnp.exe"),
        ("a\u200bb\u200dc\ufeffd", "a\\u200bb\\u200dc\\ufeffd"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("half\udc80", "half\\udc80"),
        ("\x00\x7f", "\\x00\\x7f"),
        ("\u3164\u2800", "\\u3164\\u2800"),
    ],
)
def test_a_hostile_text_is_shown_as_what_it_is(hostile: str, harmless: str):
    assert visible(hostile) == harmless


@pytest.mark.parametrize("text", ["", "plain", "naïve — “ok” 例 ⚠️ 🐛", "no\u00a0break", "C:\\path\\x1b", "ar: سلام"])
def test_a_decent_text_stays_the_same(text: str):
    assert visible(text) == text


def test_line_ends_and_tabs_stay_where_that_is_told():
    assert visible("a\n\tb\r\x1b", keep="\n\t") == "a\n\tb\\r\\x1b"


@given(st.text(st.characters()))
def test_what_was_made_visible_once_is_visible(text: str):
    once = visible(text)
    assert visible(once) == once
    assert once.encode().decode() == once, "half of a surrogate pair cannot be printed"
