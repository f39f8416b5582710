"""Two screens on one run: each sees what was asked for on the other."""

from pathlib import Path

from terminal import Terminal


def test_a_pause_on_one_screen_is_seen_on_the_other_and_taken_back_there(shop: Path) -> None:
    one = Terminal("fix", "../ISSUE.md", "--exhaustive", cwd=shop)  # it must not be over before both have been seen
    one.until("baseline")
    other = Terminal("watch", cwd=shop)
    other.until("[Tasks]")
    one.forget()
    other.press("p")
    one.until("paused")
    one.until("pause: ")
    other.forget()
    one.press("p")
    other.until("running")
    other.press("q")
    assert other.end() == 0
    one.press("\x11")
    one.until("Stop the whole run and leave?")
    one.press("y")

    assert one.end() == 130
