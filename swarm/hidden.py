"""What a page of Markdown does not show: taken out of the text of strangers, and counted by kind."""

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass

from swarm.visible import visible

FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}+|~{3,}+)(?P<rest>[^\n]*)$", re.MULTILINE)
TICKS = re.compile(r"(?<!`)(?P<ticks>`++)[^\n]{0,200}?(?<!`)(?P=ticks)(?!`)")
"""Code is shown as it stands, whatever is in it."""
UNSHOWN = re.compile(
    r"(?P<comment><!--.*?(?:-->|\Z)|^ {0,3}\[[^\]\n]{1,300}\]:[ \t]*(?:#|<>)[^\n]*$)"
    r"|(?P<element><(?P<tag>script|style|template|picture|noscript|title|iframe|noembed|noframes|object)\b.*?(?:</(?P=tag)\s*>|\Z))"
    r"|(?P<picture><(?:img|source|video|audio|input|link|meta)\b[^>]{0,2000}>|!\[[^\]\n]{0,300}\]\([^)\n]{0,1000}\))"
    r"|(?P<fold></?(?:details|summary)\b[^>]{0,300}>)"
    r"|(?P<attribute>(?P<bare><(?:a|b|i|p|s|q|h[1-6]|div|span|code|pre|kbd|sub|sup|em|strong|font|table|t[rdh]|[uo]l|li|br|hr))\s[^<>]{0,300}=[^<>]{0,2000}>)"
    r"|(?P<tooltip>(?P<link>\]\([^()\s]{1,500})[ \t]+(?:\"[^\"\n]{0,500}\"|'[^'\n]{0,500}')\))",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
"""What is not shown, or not as text; of folded parts only the fold is taken away, for logs are mostly folded."""
BLANK = re.compile(r"\n[ \t>]{0,40}+\n")
HTML = re.compile(r"^[ \t>*+\-\d.]{0,40}+<[!?/a-z]", re.MULTILINE | re.IGNORECASE)
"""A line that begins a block of HTML, in which nothing is code."""
WORDS = {
    "comment": ("comment of HTML", "comments of HTML"),
    "element": ("element that is not shown", "elements that are not shown"),
    "picture": ("picture", "pictures"),
    "fold": ("fold, its content kept", "folds, their content kept"),
    "attribute": ("tag with attributes", "tags with attributes"),
    "tooltip": ("title of a link", "titles of links"),
    "invisible": ("run of invisible characters", "runs of invisible characters"),
}


@dataclass(frozen=True)
class Cleaned:
    """A text without what its page does not show."""

    text: str
    removed: Counter[str]
    """How many passages of each kind were taken out."""


def cleaned(text: str) -> Cleaned:
    """The text as a reader of its page sees it."""
    removed: Counter[str] = Counter()
    return Cleaned(_seen(_shown(text.replace("\r\n", "\n"), removed), removed), removed)


def removals(removed: Counter[str]) -> tuple[str, ...]:
    """What was taken out, in words."""
    counts = ((kind, removed[kind]) for kind in WORDS)
    return tuple(f"{count} {WORDS[kind][count != 1]}" for kind, count in counts if count)


def _shown(text: str, removed: Counter[str]) -> str:
    """The text without elements that are not shown; whatever begins first, code or such an element, swallows the other."""
    parts, at = [""], 0
    codes = iter(_codes(text))
    code = next(codes, None)
    while unshown := UNSHOWN.search(text, at):
        while code and code[0] < at:
            code = next(codes, None)
        if code and code[0] < unshown.start():
            parts.append(text[at : code[1]])
            at = code[1]
        else:
            parts += [text[at : unshown.start()], _instead(unshown, removed)]
            at = unshown.end()
    return "".join((*parts, text[at:]))


def _codes(text: str) -> list[tuple[int, int]]:
    """Where code can be: between fences, and between ticks on a line; never in a block of HTML."""
    blocks, fences = _Blocks(text), list(FENCE.finditer(text))
    found = [(ticks.start(), ticks.end()) for ticks in TICKS.finditer(text) if not blocks.is_html(ticks.start())]
    for number, fence in enumerate(fences):
        closing = next((end for end in fences[number + 1 : number + 50] if _closes(end, fence)), None)
        if closing and not blocks.is_html(fence.start()):
            found.append((fence.start(), closing.end()))
    return sorted(found)


def _closes(end: re.Match[str], fence: re.Match[str]) -> bool:
    return end["fence"].startswith(fence["fence"]) and not end["rest"].strip()


def _instead(found: re.Match[str], removed: Counter[str]) -> str:
    """What stands in the place of an element, which is counted."""
    kind = next(kind for kind in WORDS if kind != "invisible" and found[kind] is not None)
    if not (kind == "fold" and found[0].startswith("</")) and "summary" not in found[0].lower()[:9]:
        removed[kind] += 1
    return {"attribute": f"{found['bare']}>", "tooltip": f"{found['link']})", "fold": "\n"}.get(kind, "")


def _seen(text: str, removed: Counter[str]) -> str:
    """The text without characters that nobody sees."""
    signs = [sign if sign in "\n\t" or visible(sign) == sign else "" for sign in text]
    removed["invisible"] += sum(1 for one, before in zip(signs, ["x", *signs], strict=False) if not one and before)
    return "".join(signs)


class _Blocks:
    """The blocks of a text, between blank lines, and where in each a line first begins with a tag."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *(found.end() for found in BLANK.finditer(text))]
        self.first: dict[int, int] = {}
        for found in HTML.finditer(text):
            self.first.setdefault(self._block(found.start()), found.start())

    def is_html(self, at: int) -> bool:
        """Whether a line of the block before this place begins with a tag."""
        return self.first.get(self._block(at), at) < at

    def _block(self, at: int) -> int:
        return bisect_right(self.starts, at)
