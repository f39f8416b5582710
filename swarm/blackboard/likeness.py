"""When two gists say the same. To take two for one loses what the second says, so only what is nearly the same words is."""

import re

TOKEN = re.compile(
    r"""`[^`]*`|"[^"]*"|(?<!\w)'[^']*'(?!\w)   # quoted
    |[^\s,;!?`"]+                              # anything else between spaces and stops
    """,
    re.VERBOSE,
)
EXACT = frozenset(
    "no not never none nothing nobody nowhere neither nor cannot without only except unless but if until before after while when "
    "always sometimes often rarely once twice first second third last next previous one two three four five six seven eight nine "
    "ten zero half double all any each every some both either more less fewer most least above below over under than too".split()
)
"""Plain words on which the sense turns."""
FILLERS = frozenset("a an the is are was were be been being it its this that these those there here of in at on to so".split())
"""Words that can be left out."""
SPARE = 5
"""One word in so many may be there in one gist and missing from the other."""


def marks(gist: str) -> str:
    """What must be equal, in order, in gists that say the same: names, numbers, what is quoted, negations and the like."""
    return " ".join(word for word in _words(gist) if _is_exact(word))


def alike(one: str, other: str) -> bool:
    """Whether two gists of one kind say the same: equal but for fillers, endings and a few plain words more in one of them."""
    shorter, longer = sorted((_words(one), _words(other)), key=len)
    if marks(one) != marks(other) or (len(longer) - len(shorter)) * SPARE > len(longer):
        return False
    rest = iter(longer)
    return (bool(shorter) or one == other) and all(any(word == there for there in rest) for word in shorter)


def _words(gist: str) -> list[str]:
    """The words that matter, names as they are and plain words by their stems."""
    return [word for token in TOKEN.findall(gist.replace("\u2019", "'")) if (word := _word(token)) and word not in FILLERS]


def _word(token: str) -> str:
    """The token as it is compared: something quoted behind a quote, a name as it is, a plain word by its stem."""
    if token[0] in "`\"'":
        return f"`{token[1:-1]}"
    bare = token.lstrip("(").rstrip(".:")
    bare = bare.rstrip(").:") if "(" not in bare else bare
    if bare.lower().endswith("n't"):
        return "not"
    bare = bare.removesuffix("'s")
    if _is_exact(bare):
        return bare
    word = bare.lower()
    return word if word in EXACT or word in FILLERS else _stem(word)


def _stem(word: str) -> str:
    """The word without its commonest endings."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word.removesuffix(ending)
            break
    return word.removesuffix("e")


def _is_exact(word: str) -> bool:
    """Whether the word is a name, a number, something quoted, or turns the sense."""
    return word in EXACT or re.search(r"[\W\d_]|.[A-Z]", word) is not None
