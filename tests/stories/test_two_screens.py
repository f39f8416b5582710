"""Two screens on one run: each sees what was asked for on the other."""

from pathlib import Path

from terminal import Terminal


def test_a_pause_on_one_screen_is_seen_on_the_other_and_taken_back_there(shop: Path) -> None:
    one = Terminal("fix", "../ISSUE.md", cwd=shop)
    one.until("baseline")
    one.press("p")
    one.until("paused")  # from here on the run cannot end before both have been seen
    other = Terminal("watch", cwd=shop)
    other.until("paused")
    one.forget()
    other.press("p")
    one.until("running")
    other.forget()
    one.press("p")
    other.until("paused")
    other.press("q")
    assert other.end() == 0
    one.press("\x11")
    one.until("Stop the whole run and leave?")
    one.press("y")

    assert one.end() == 130
