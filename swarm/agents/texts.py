"""Texts for models: of a size that fits, harmless, and quoted so that no quotation can end itself."""

import hashlib

from swarm.visible import visible

RESULT = 12_000
"""Characters of a tool's result."""


def clipped(text: str, size: int = RESULT) -> str:
    """The text; of one too long its head and its tail, with what was left out between them."""
    if len(text) <= size:
        return text
    head, tail = size * 6 // 10, size * 4 // 10
    return f"{text[:head]}\n[… {len(text) - head - tail} characters left out …]\n{text[-tail:]}"


def harmless(text: str) -> str:
    r"""The text without what cannot be sent, and with what cannot be seen as escapes like `\u200b`."""
    whole = text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n")
    return visible(whole, keep="\n\t")


def quoted(text: str, what: str) -> str:
    """The text as data: between tags whose name is made from the text, so that nothing in it can close them."""
    said = harmless(text).strip("\n")
    tag = f"{what}-{hashlib.sha256(said.encode()).hexdigest()[:12]}"
    return f"<{tag}>\n{said}\n</{tag}>"


def numbered(lines: list[str], first: int) -> str:
    """Lines with their numbers."""
    width = len(str(first + len(lines)))
    return "\n".join(f"{number:>{width}}\t{line}" for number, line in enumerate(lines, start=first))
