"""What a person does on the screen: go deeper, listen, steer, merge; by keys, on a made-up team."""

import os
from typing import Any

import pytest
from playing import NARROW, caught_up, painted, play, settled, text
from textual.pilot import Pilot
from textual.widgets import Input

from swarm import events as e
from tui.app import SwarmApp
from tui.looks import ringing
from tui.panels.detail import Detail
from tui.panels.header import Header
from tui.panels.transcript import KEPT, Transcript
from tui.panels.waiting import Waiting

MIDDLE = (120, 40)


async def press(pilot: Pilot[None], app: SwarmApp, *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settled(pilot, app)


async def answer(pilot: Pilot[None], app: SwarmApp, key: str) -> None:
    """Answer a question, and wait until it is gone: a key that comes too early belongs to it still."""
    before = len(app.screen_stack)
    await pilot.press(key)
    while len(app.screen_stack) == before:
        await pilot.pause(0.02)
    await settled(pilot, app)


def test_an_agent_is_told_with_its_model_task_step_money_and_what_it_does(team_at_work: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        await painted(pilot, app, "t4  coder/claude-sonnet-4-5  step 1")
        said = text(app)
        assert "t3  coder/gpt-4o  step 4  $0.06" in said
        assert "judging c1" in said
        assert "$0.06 of $1.00" in said
        assert "32 passed, 1 -> 0 failed" in said

    play(team_at_work, script, MIDDLE)


def test_the_transcript_has_markdown_and_folded_output_and_follows(team_at_work: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        await press(pilot, app, "shift+tab", "j", "enter")
        await painted(pilot, app, "What I see")
        transcript = app.query_one(Transcript)
        assert "## What I see" not in text(app)
        assert "following" in str(transcript.border_subtitle)
        team_at_work.happen(e.CommandRan("w2", 3, ("pytest", "-q"), "exited", 0, 2.0, "cd" * 32))
        await caught_up(pilot, app, team_at_work)
        await painted(pilot, app, "▸ $ pytest -q  (code 0, 2.0 s)")
        await press(pilot, app, "end", "enter")
        await painted(pilot, app, "printed cdcd: in depth")
        await press(pilot, app, "space")
        assert "printed cdcd" not in text(app)
        await press(pilot, app, "k", "k")
        assert not transcript.follows
        team_at_work.happen(e.CommandRan("w2", 3, ("ls",), "exited", 0, 2.0), e.CommandRan("w1", 5, ("other",), "exited", 0, 1.0))
        while transcript.sayings[-1].head != "$ ls  (code 0, 2.0 s)":  # which the board knows nothing of
            await pilot.pause(0.02)
        assert "End follows" in str(transcript.border_subtitle)
        await press(pilot, app, "escape")
        assert app.pane == "workers"

    play(team_at_work, script, MIDDLE)


def test_a_long_transcript_is_a_window_whose_older_part_comes_from_the_source(stage: Any) -> None:
    made = stage(e.RunStarted("t", "s", "b", "none", 1), e.WorkerStarted("w1", ("code",)), e.TaskAdded(1, "code", "g"))
    made.happen(e.TaskClaimed(1, "w1", 1), *(e.CommandRan("w1", 1, (f"c{n}",), "exited", 0, 0.1) for n in range(3000)))

    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        transcript = app.query_one(Transcript)
        await press(pilot, app, "a")
        while not transcript.sayings:
            await pilot.pause(0.02)
        newest = transcript.sayings[-1].head
        assert newest == "$ c2999  (code 0, 0.1 s)"
        for _ in range(4):
            first = transcript.sayings[0].place
            await press(pilot, app, "home")
            while transcript.sayings[0].place == first:
                await pilot.pause(0.02)
        assert len(transcript.sayings) == KEPT
        assert not transcript.follows
        await press(pilot, app, "end")
        while transcript.sayings[-1].head != newest:
            await pilot.pause(0.02)
        assert transcript.follows

    play(made, script, NARROW)


def test_words_are_found_in_what_is_opened(team_at_work: Any) -> None:
    team_at_work.depth = "\n".join(f"line {n}{' needle' if n % 40 == 39 else ''}" for n in range(200))

    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        await press(pilot, app, "t")
        await painted(pilot, app, "candidate 2: line 0")
        await press(pilot, app, "slash", *"needle", "enter")
        await painted(pilot, app, "line 39 needle")
        await press(pilot, app, "n", "n")
        await painted(pilot, app, "line 119 needle")
        await press(pilot, app, "N")
        await painted(pilot, app, "line 79 needle")
        assert not app.query_one("#filter", Input).display
        await press(pilot, app, "slash", *"nowhere", "enter")
        await painted(pilot, app, "nothing here has these words")

    play(team_at_work, script, MIDDLE)


@pytest.mark.parametrize("size", [MIDDLE, NARROW])
def test_a_bar_beside_what_is_opened_covers_nothing_of_it(team_at_work: Any, size: Any) -> None:
    team_at_work.depth = "\n".join(["1234567890" * 40] * 20)

    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        await press(pilot, app, "t")
        await painted(pilot, app, "candidate 2: ")
        detail = app.query_one(Detail)
        while not detail.show_vertical_scrollbar or detail.virtual_size.width != detail.scrollable_content_region.width:
            await pilot.pause(0.02)
        assert max(len(line) for line in detail.copied.split("\n")) == detail.scrollable_content_region.width

    play(team_at_work, script, size)


def test_a_bar_beside_a_transcript_covers_nothing_of_it(stage: Any) -> None:
    made = stage(e.RunStarted("t", "s", "b", "none", 1), e.WorkerStarted("w1", ("code",)), e.TaskAdded(1, "code", "g"))
    made.happen(e.TaskClaimed(1, "w1", 1), *(e.WorkerActed("w1", 1, "1234567890" * 20) for _ in range(40)))

    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        await press(pilot, app, "a")
        await painted(pilot, app, "12345")
        transcript = app.query_one(Transcript)
        while transcript.virtual_size.width != transcript.scrollable_content_region.width:
            await pilot.pause(0.02)
        assert transcript.show_vertical_scrollbar
        assert transcript.render_line(0).text[-1] == "…"

    play(made, script, NARROW)


def test_two_candidates_stand_side_by_side(team_at_work: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        await press(pilot, app, "c")
        await painted(pilot, app, "Compare c2 and c1")
        await press(pilot, app, "z")
        await painted(pilot, app, "c2: rejected")
        line = next(line for line in text(app).splitlines() if "c2: rejected" in line)
        assert "c1: verified" in line
        await press(pilot, app, "escape")
        await painted(pilot, app, "Findings (3)")

    play(team_at_work, script, MIDDLE)


def test_what_is_opened_is_shown_anew_when_it_changes(team_at_work: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        await press(pilot, app, "tab", "enter")
        await painted(pilot, app, "finding 2: in depth")
        team_at_work.depth = "refuted"
        team_at_work.happen(e.FindingRefuted(2, "it was wrong"))
        await painted(pilot, app, "finding 2: refuted")
        assert "✗ refuted" in text(app)

    play(team_at_work, script, MIDDLE)


def test_the_budget_is_raised_by_what_the_person_writes(team_at_work: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        await press(pilot, app, "b")
        await painted(pilot, app, "$0.06 spent, $0.20 set aside, of $1.00")
        await press(pilot, app, *"2.50", "enter")
        await painted(pilot, app, "asked: budget")

    play(team_at_work, script, NARROW)
    assert team_at_work.wishes == [("budget", "", "2.50")]


def test_merging_shows_the_patch_and_what_will_happen_before_it_asks(team_done: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        for no in ("n", "escape", "enter"):
            await press(pilot, app, "m")
            await painted(pilot, app, "Merge c1 into the branch")
            for words in ("if total >= FREE_SHIPPING", "judged", "Hooks are not run", "verified: 32 passed, 1 -> 0 failed"):
                assert words in text(app)
            await answer(pilot, app, no)
        assert team_done.deeds == []
        await press(pilot, app, "m")
        await painted(pilot, app, "Merge c1 into the branch")
        await press(pilot, app, "y")
        await painted(pilot, app, "merge: well done")

    play(team_done, script, MIDDLE)
    assert team_done.deeds == [("merge", "c1")]
    assert team_done.wishes == []


@pytest.mark.parametrize(("last", "came"), [("y", "merge: well done"), ("n", "merge: not done")])
def test_what_needs_the_persons_word_once_more_gets_it(team_done: Any, last: str, came: str) -> None:
    team_done.reason = "It bends a \x1b[2J test"

    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        await press(pilot, app, "m")
        await painted(pilot, app, "Merge c1 into the branch")
        await pilot.press("y")
        await painted(pilot, app, "It bends a \\x1b[2J test")
        await pilot.press(last)
        await painted(pilot, app, came)

    play(team_done, script, MIDDLE)


def test_the_header_tells_what_is_under_way_until_it_is_done(team_done: Any) -> None:
    team_done.reason = "Really?"

    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        header = app.query_one(Header)
        app.do("merge", "c1")
        await painted(pilot, app, "Really?")
        assert "merging c1" in header.render().plain
        await pilot.press("y")
        await painted(pilot, app, "merge: well done")
        await settled(pilot, app)
        while "merging" in header.render().plain:
            await pilot.pause(0.02)

    play(team_done, script, NARROW)


def test_what_became_of_a_deed_is_told_when_the_board_knows_it(team_done: Any) -> None:
    def merge(kind: str, _target: str, _ask: Any) -> str:
        team_done.happen(e.BranchMerged("main", "0" * 40, "1" * 40))
        return f"{kind}: well done"

    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        app.do("merge", "c1")
        await painted(pilot, app, "merge: well done")
        assert app.board.merged == "main"

    team_done.deed = merge
    play(team_done, script, NARROW)


def test_leaving_in_the_middle_of_a_question_of_a_deed_is_a_no(team_done: Any) -> None:
    team_done.reason = "Really?"
    said: list[str] = []

    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        app.do("undo")
        await painted(pilot, app, "Really?")
        app.exit()

    deed = team_done.deed
    team_done.deed = lambda kind, target, ask: said.append(deed(kind, target, ask)) or said[-1]
    play(team_done, script, NARROW)
    assert said == ["undo: not done"]


def test_undo_and_pull_request_ask_or_say_why_not(team_done: Any, team_at_work: Any) -> None:
    async def too_early(pilot: Pilot[None], app: SwarmApp) -> None:
        for key, words in (("u", "nothing to take back"), ("o", "needs a run that has ended"), ("m", "still going on")):
            await press(pilot, app, key)
            await painted(pilot, app, words)

    async def in_time(pilot: Pilot[None], app: SwarmApp) -> None:
        await press(pilot, app, "u")
        await painted(pilot, app, "Delete the branch")
        await answer(pilot, app, "y")
        await painted(pilot, app, "undo: well done")
        await press(pilot, app, "o")
        await painted(pilot, app, "pull-request: well done")
        team_done.happen(e.BranchMerged("main", "a" * 40, "b" * 40))
        await caught_up(pilot, app, team_done)
        await press(pilot, app, "u")
        await painted(pilot, app, "main goes back to where it was")
        await answer(pilot, app, "y")
        await press(pilot, app, "m")
        await painted(pilot, app, "merged into main already")

    play(team_at_work, too_early, MIDDLE)
    play(team_done, in_time, MIDDLE)
    assert team_at_work.deeds == []
    assert team_done.deeds == [("undo", ""), ("pull-request", ""), ("undo", "")]


def test_what_waits_is_on_top_and_rings_once(team_at_work: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        assert not app.query_one(Waiting).display
        team_at_work.happen(e.RunPaused())
        await painted(pilot, app, "◆ Paused: p lets the run go on.")
        team_at_work.alive = False
        await painted(pilot, app, "Nobody works on this run any more")
        app.action_bell_rings()
        team_at_work.happen(e.RunEnded("no-fix", 4, "nothing helped"))
        await painted(pilot, app, "Ended without a verified fix: nothing helped")

    app = play(team_at_work, script, NARROW)
    assert [words.split(":")[0] for words in app.rang] == ["Paused", "Nobody works on this run any more"]


def test_a_run_that_nobody_works_on_reads_as_stopped_and_its_time_stands_still_until_somebody_does(team_at_work: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        await painted(pilot, app, "▶ running, work")
        assert app.elapsed == 61.0
        team_at_work.alive = False
        await painted(pilot, app, "■ stopped, work")
        assert app.elapsed == team_at_work.told[-1].seconds
        team_at_work.alive = True
        await painted(pilot, app, "▶ running, work")
        assert app.elapsed == 61.0

    play(team_at_work, script, NARROW)


def test_the_bell_is_a_notification_and_a_bell_that_no_text_can_get_out_of() -> None:
    assert ringing("a\x1b\\b\x07c") == "\x1b]9;swarm: a\\bc\x1b\\\x07"


def test_copying_gives_what_is_pointed_at_or_all_that_is_opened(team_at_work: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        await press(pilot, app, "y")
        assert "t1 locate: Ranked 26 suspicious places" in app.clipboard
        await press(pilot, app, "t")
        await painted(pilot, app, "candidate 2: in depth")
        await press(pilot, app, "y")
        assert app.clipboard == "candidate 2: in depth"
        await press(pilot, app, "l", "y")
        assert "candidate c2 rejected" in app.clipboard

    play(team_at_work, script, MIDDLE)


def test_the_looks_change_and_what_is_opened_changes_with_them(team_at_work: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        await press(pilot, app, "d")
        await painted(pilot, app, "if total >= FREE_SHIPPING")
        grounds = set()
        for theme in ("light", "dark", "contrast"):
            app.action_look(theme)
            await settled(pilot, app)
            await pilot.pause()
            detail = app.query_one(Detail)
            added = next(strip for strip in detail._lines if ">=" in strip.text)
            grounds.add((str(app.theme), str(added._segments[1].style)))
        assert len({style for _, style in grounds}) == 2
        assert len({theme for theme, _ in grounds}) == 3

    play(team_at_work, script, MIDDLE)


def test_without_colour_what_is_pointed_at_is_reversed(team_at_work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert os.environ["NO_COLOR"]

    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        tasks = app.query_one("#tasks")
        assert tasks.get_component_rich_style("option-list--option-highlighted").reverse
        await press(pilot, app, "shift+tab")

    play(team_at_work, script, NARROW)


def test_a_command_of_the_palette_is_run(team_at_work: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        await pilot.press("ctrl+p", *"high contr")
        await painted(pilot, app, "High contrast")
        await pilot.press("down", "enter")
        while app.theme != "swarm-contrast":
            await pilot.pause(0.05)

    play(team_at_work, script, MIDDLE)


def test_a_run_without_a_sandbox_has_a_loud_header(stage: Any) -> None:
    async def script(_: Pilot[None], app: SwarmApp) -> None:
        assert app.query_one(Header).has_class("-loud")

    play(stage(e.RunStarted("t", "text", "0" * 40, "none", 1)), script, NARROW)


def test_the_mouse_opens_and_folds(team_at_work: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        await pilot.click("#findings", offset=(5, 1))
        await painted(pilot, app, "finding 2: in depth")
        await press(pilot, app, "a", "end")
        await painted(pilot, app, "tries 6 comparison edits")
        await pilot.click("#log", offset=(5, 2))
        await pilot.pause()
        assert app.pane == "log"

    play(team_at_work, script, MIDDLE)
