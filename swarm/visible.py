"""Text from strangers, made harmless for a terminal: what cannot be seen, or moves what can be, is shown as an escape."""

import unicodedata

_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for code in (*range(0x180B, 0x1810), *range(0xFE00, 0xFE0E), *range(0xE0100, 0xE01F0))
}
"""Printable by their category, yet nothing shows: fillers, joiners, selectors of variants; whole texts can be hidden in them.
The two selectors after signs like ⚠ stay: they are everywhere and only choose between two pictures."""

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str, *, keep: str = "") -> str:
    r"""The text with control, bidirectional and zero-width characters as escapes like `\x1b`, but for those in `keep`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(sign if sign in keep or _seen(sign) else _escape(sign) for sign in text)


def _seen(sign: str) -> bool:
    """Whether a person sees it, or the space it takes."""
    return (sign.isprintable() and sign not in _BLANK) or unicodedata.category(sign) == "Zs"


def _escape(sign: str) -> str:
    """How it is written in Python, so that it can be looked up."""
    code = ord(sign)
    wide = f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
    return _SHORT.get(sign) or (f"\\x{code:02x}" if code <= 0xFF else wide)
