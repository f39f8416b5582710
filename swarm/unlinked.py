"""Text of strangers that refers to nothing on a server: an issue called `#99` must not be closed by the commit that quotes it."""

import re

REFERENCE = re.compile(r"#(?=\d)")
NUMBERED = re.compile(r"\bGH-(?=\d)", re.IGNORECASE)
ADDRESS = re.compile(r"(https?):/(?=/)", re.IGNORECASE)


def unlinked(text: str) -> str:
    """The text with every reference to an issue, and every address, taken apart by a space."""
    return ADDRESS.sub(r"\1: /", NUMBERED.sub("GH ", REFERENCE.sub("# ", text)))
