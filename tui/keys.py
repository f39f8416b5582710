"""Every key of the screen with what it does: the footer, the help and the command palette are made from this list."""

from textual.binding import Binding

KEYS = (
    Binding("d", "diff", "Diff", tooltip="Show what the candidate changes"),
    Binding("t", "tests", "Tests", tooltip="Show what verification says of the candidate"),
    Binding("c", "compare", "Compare", tooltip="Show the candidate beside the chosen one, or the next", show=False),
    Binding("e", "evidence", "Evidence", tooltip="Show the finding down to what was run for it"),
    Binding("a", "transcript", "Agent", tooltip="Show all that the agent says, does and runs"),
    Binding("l", "log", "Log", tooltip="Go to the log of all that happened", show=False),
    Binding("i", "nudge", "Nudge", tooltip="Tell the agents something, in your own words", show=False),
    Binding("p", "pause", "Pause", tooltip="Pause the run, or let it go on"),
    Binding("r", "retry", "Retry", tooltip="Offer the task again that ended without a result", show=False),
    Binding("b", "budget", "Budget", tooltip="Let the run spend more", show=False),
    Binding("x", "stop", "Stop", tooltip="Stop the worker or task that is pointed at; asks first"),
    Binding("X", "stop_run", "Stop the run", tooltip="Stop the whole run, and stay; asks first", show=False),
    Binding("m", "merge", "Merge", tooltip="Merge the candidate: shows what it is and what will happen, then asks"),
    Binding("u", "undo", "Undo", tooltip="Take the merge back, or the branch; asks first", show=False),
    Binding("o", "pull_request", "Pull request", tooltip="Open a pull request with the fix, or say how", show=False),
    Binding("y", "copy", "Copy", tooltip="Copy what is pointed at, or all that is opened", show=False),
    Binding("z", "zoom", "Zoom", tooltip="Give one pane all the room, or take it back", show=False),
    Binding("slash", "filter", "Find", key_display="/", tooltip="Show only what has these words; in an opened thing, go to them"),
    Binding("question_mark", "help", "Help", key_display="?", tooltip="Say what every key does"),
    Binding("q", "leave", "Leave", tooltip="Leave the screen; the run goes on"),
    Binding("ctrl+q", "end", "End", tooltip="Stop the run and leave; asks first", show=False, priority=True),
    Binding("tab", "pane(1)", "Next pane", tooltip="Go to the next pane", show=False, priority=True),
    Binding("shift+tab", "pane(-1)", "Previous pane", tooltip="Go to the previous pane", show=False, priority=True),
    Binding("escape", "back", "Back", tooltip="Go back; never destroys anything", show=False),
)

MOVES = (
    ("arrows, j k", "Move within a pane; g and G go to its ends"),
    ("Enter", "Open what is pointed at; again: deeper, down to the evidence; fold and unfold"),
    ("n, N", "To the next place with the words, or the one before"),
    ("Home, End", "In the log and a transcript: to what is older, and back to what happens now"),
    ("Ctrl+P", "All commands by name, and the looks: dark, light, high contrast"),
    ("", ""),
)
"""Keys that belong to the panes themselves."""


def explained() -> list[tuple[str, str]]:
    """Every key and what it does, the way out first: it has to be seen on the smallest terminal."""
    ordered = sorted(KEYS, key=lambda binding: binding.action != "leave")
    own = [(binding.key_display or _spelled(binding.key), binding.tooltip) for binding in ordered]
    return [own[0], *MOVES, *own[1:]]


def _spelled(key: str) -> str:
    return key if len(key) == 1 else "+".join(part.capitalize() for part in key.split("+"))
