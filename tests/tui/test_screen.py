"""The real screen, driven by keys, on recorded and on hostile runs."""

import asyncio
import re
from typing import Any

import pytest
from playing import NARROW, WIDE, caught_up, painted, play, settled, shown, text
from textual.pilot import Pilot
from textual.widgets._footer import FooterKey

from swarm import events as e
from tui.app import SwarmApp
from tui.given import Moment
from tui.panels.candidates import Candidates
from tui.panels.rows import Rows
from tui.panels.timeline import KEPT, Timeline

STARTED = e.RunStarted("A title", "text", "0" * 40, "bubblewrap", 2)
SAID_OF_THE_DEMO = (
    "fixed on branch swarm/customers-cannot-order",
    "sandbox bubblewrap",
    "base d7324a72d33a",
    "31 tests pass on base, 2 fail",
    "■ stopped",
    "✔ done",
    "- cancelled",
    "└─ t2",
    "✔ verified   f1",
    "? proposed",
    "c1 ★ CHOSEN 33 passed",
    "run ended: fixed",
    "q Leave",
)


def test_one_look_tells_what_came_of_the_demo(demo: Any) -> None:
    said = shown(demo)
    assert [words for words in SAID_OF_THE_DEMO if words not in said] == []


def test_every_panel_says_what_will_appear_in_it(stage: Any) -> None:
    said = shown(stage())

    for promise in (
        "Each worker appears",
        "Tasks appear",
        "What the agents learn",
        "Patches appear",
        "What happens is told",
        "The issue",
    ):
        assert promise in said


def test_panes_fold_to_tabs_where_there_is_no_room(demo: Any) -> None:
    said = shown(demo, size=NARROW)

    assert "[Tasks]" in said
    assert "└─ t2" in said
    assert "Candidates (2)" not in said
    assert all(len(line) == 80 for line in said.splitlines())


def test_on_a_very_small_terminal_the_pane_in_front_has_more_room_than_the_log(demo: Any) -> None:
    said = shown(demo, size=(80, 14))

    assert "└─ t2" in said
    assert [line[0] for line in said.splitlines() if line.startswith(("╭", "╰"))] == ["╭", "╰", "╭", "╰"]


def test_the_help_keeps_its_columns_where_a_line_is_too_long(demo: Any) -> None:
    said = shown(demo, "question_mark", size=NARROW).splitlines()
    column = next(line for line in said if "Enter " in line).index("Open what")
    assert next(line for line in said if "evidence; fold" in line).index("evidence") == column


def test_tab_goes_through_the_panes_and_round(demo: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        for words in (" f1 ", "c1 ★", "Enter opens a thing", "What an agent says", "[Log]", "w1  ", "└─ t2"):
            await pilot.press("tab")
            await painted(pilot, app, words)
        await pilot.press("shift+tab")
        assert app.pane == "workers"

    play(demo, script, NARROW)


def test_the_keys_at_the_bottom_stay_the_same_widgets_as_long_as_they_are_the_same_keys(demo: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        before = list(app.query(FooterKey))
        await pilot.press("tab", "tab", "l")
        await painted(pilot, app, "[Log]")
        assert list(app.query(FooterKey)) == before
        await pilot.press("slash", *"off", "escape")
        await painted(pilot, app, "q Leave")

    play(demo, script, NARROW)


def test_what_nobody_can_see_is_drawn_when_somebody_can_or_points_at_it(stage: Any) -> None:
    made = stage(STARTED, e.WorkerStarted("w1", ("fix",)))

    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        findings, workers = app.query_one("#findings", Rows), app.query_one("#workers", Rows)
        made.happen(e.FindingProposed(1, "cause", "an off-by-one", "w1"))
        await caught_up(pilot, app, made)
        assert (findings.border_title, workers.border_title) == (None, None)
        assert (findings.pointed, workers.pointed) == ("f1", "w1")
        made.happen(e.FindingProposed(2, "cause", "another", "w1"))
        await caught_up(pilot, app, made)
        await pilot.press("tab")
        await painted(pilot, app, "Findings (2)")

    play(made, script, NARROW)


def test_the_log_stays_at_its_end_when_the_terminal_becomes_smaller(demo: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        await pilot.press("l", "end")
        await pilot.resize_terminal(*NARROW)
        await painted(pilot, app, "[Log]")
        await painted(pilot, app, "run ended: fixed")

    play(demo, script)


def test_the_log_is_at_its_end_at_once_when_more_comes_than_there_is_room_for(nothing_yet: Any) -> None:
    async def script(_: Pilot[None], app: SwarmApp) -> None:
        log = app.query_one(Timeline)
        log.add([Moment(number, 1.0, e.WorkerActed("w1", 1, f"step {number}")) for number in range(1, KEPT + 1)])
        assert log.scroll_offset.y == log.max_scroll_y > 0

    play(nothing_yet, script, NARROW)


def test_enter_goes_deeper_each_time_and_escape_comes_back(demo: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        await pilot.press("tab", "enter")
        await settled(pilot, app)
        await painted(pilot, app, "finding 1: in depth")
        await pilot.press("escape", "enter")
        await settled(pilot, app)
        await pilot.press("e")
        await settled(pilot, app)
        await painted(pilot, app, "evidence 1: in depth")
        await pilot.press("escape")
        assert app.pane == "findings"

    play(demo, script)


def test_a_key_opens_a_thing_in_depth(demo: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        for key, words in (("d", "diff 1: in depth"), ("t", "candidate 1: in depth"), ("e", "evidence 1: in depth")):
            await pilot.press(key)
            await settled(pilot, app)
            await painted(pilot, app, words)

    play(demo, script, NARROW)


def test_j_and_k_move_within_a_pane(demo: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        tasks = app.query_one("#tasks", Rows)
        await pilot.press("j", "j", "k")
        assert tasks.pointed == "t2"

    play(demo, script)


def test_words_filter_every_pane_until_escape(demo: Any) -> None:
    said = shown(demo, "slash", *"off-by-one", "enter")
    assert "t3 fix" in said
    assert "t2 fix" not in said
    assert "t2 fix" in shown(demo, "slash", *"off-by-one", "enter", "escape")


def test_help_tells_every_key(demo: Any) -> None:
    said = shown(demo, "question_mark")

    for words in ("Ctrl+Q", "Stop the run and leave", "Show only what has these words", "deeper"):
        assert words in said


def test_the_palette_has_every_action(demo: Any) -> None:
    async def script(_: Pilot[None], app: SwarmApp) -> None:
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert {
            "Diff",
            "Tests",
            "Evidence",
            "Log",
            "Pause",
            "Retry",
            "Stop",
            "Merge",
            "Find",
            "Help",
            "Leave",
            "End",
            "Theme",
        } <= titles

    play(demo, script)


@pytest.mark.parametrize(
    ("keys", "wishes"),
    [
        (("p",), [("pause", "", "")]),
        (("x",), []),
        (("x", "n"), []),
        (("x", "enter"), []),
        (("x", "y"), [("stop-one", "t1", "")]),
        (("shift+tab", "x", "y"), [("stop-one", "w1", "")]),
        (("X", "n"), []),
        (("X", "y"), [("stop-all", "", "")]),
        (("m", "y"), []),
        (("i", "escape"), []),
        (("i", "enter"), []),
        (("i", *"be kind", "enter"), [("nudge", "", "be kind")]),
        (("r",), []),
        (("ctrl+q", "n"), []),
        (("ctrl+q", "y"), [("stop-all", "", "")]),
    ],
)
def test_wishes_are_sent_and_what_cannot_be_taken_back_asks_first(running: Any, keys: tuple[str, ...], wishes: list[Any]) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        for key in keys:
            await pilot.press(key)
            await settled(pilot, app)

    play(running, script)
    assert running.wishes == wishes


def test_a_paused_run_is_resumed_by_the_same_key_and_the_answer_is_shown(running: Any) -> None:
    running.happen(e.RunPaused(), e.RequestMade(1, "resume"))

    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        assert "‖ paused" in text(app)
        await pilot.press("p")
        await settled(pilot, app)
        running.happen(e.RunResumed(), e.RequestAnswered(1, "gladly"))
        await caught_up(pilot, app, running)
        await pilot.pause(0.1)
        assert "gladly" in text(app)

    play(running, script)
    assert running.wishes == [("resume", "", "")]


def test_a_dead_task_is_retried(stage: Any) -> None:
    made = stage(STARTED, e.TaskAdded(1, "fix", "it"), e.TaskDied(1, ("no",)))
    shown(made, "r")
    assert made.wishes == [("retry", "t1", "")]


def test_leaving_wishes_for_nothing(running: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        await pilot.press("q")
        assert not app.is_running or app._exit

    play(running, script)
    assert running.wishes == []


def test_a_run_without_a_sandbox_says_so_loudly(stage: Any) -> None:
    assert "NO SANDBOX: commands run as you" in shown(stage(e.RunStarted("t", "text", "0" * 40, "none", 1)), size=NARROW)


EVIL = "[red]x[/red] [/] \x1b]0;owned\x07\x1b[2J \u202eevil \u200b\x9b31m [@click=app.exit]go[/]\r\n\tend"


def test_hostile_text_is_shown_and_never_obeyed(stage: Any) -> None:
    made = stage(
        e.RunStarted(EVIL, EVIL, EVIL, EVIL, 1), e.StageEntered(EVIL), e.WorkerStarted("w1", (EVIL,)), e.TaskAdded(1, EVIL, EVIL),
        e.TaskClaimed(1, "w1", 1), e.WorkerActed("w1", 1, EVIL), e.FindingProposed(1, EVIL, EVIL, EVIL),
        e.CandidateSubmitted(1, 1, EVIL, EVIL, EVIL, 1, 1), e.CandidateJudged(1, EVIL, EVIL, EVIL),
    )  # fmt: skip
    made.depth = EVIL
    for keys in (("d",), ("a",), ("shift+tab",), ("slash", *"[red]", "enter")):
        said = shown(made, *keys)
        assert "[red]x[/red]" in said
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]", said)


def test_the_screen_of_a_live_run_ends_as_that_of_its_replay(exhaustive: Any, stage: Any) -> None:
    live = stage()
    told = list(exhaustive.told)

    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        while told:
            live.told += [told.pop(0) for _ in range(min(3, len(told)))]
            await pilot.pause(0.06)
        await caught_up(pilot, app, live)
        await pilot.pause(0.1)
        seen.append(text(app))

    seen: list[str] = []
    play(live, script)
    assert seen[0] == shown(exhaustive)


def test_terminals_without_unicode_get_ascii_alone(demo: Any) -> None:
    said = shown(demo, plain_signs=True)
    panes = "\n".join(said.splitlines()[:-1])
    assert "+ verified" in panes
    assert set(re.findall(r"[^\x00-\x7f]", panes)) <= {"…", "▁", "▂", "▃", "▄", "▅", "▆", "▇"}


def test_sixteen_workers_with_many_events_lose_nothing(stage: Any) -> None:
    made = stage(
        STARTED, *(e.WorkerStarted(f"w{n}", ("fix",)) for n in range(16)), *(e.TaskAdded(n, "fix", "it") for n in range(16))
    )
    made.happen(*(e.TaskClaimed(n, f"w{n}", 1) for n in range(16)))
    made.happen(*(e.WorkerActed(f"w{n % 16}", n % 16, f"step {n}") for n in range(6000)))

    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        log = app.query_one(Timeline)
        assert len(log.moments) == KEPT
        await painted(pilot, app, "step 5999")
        await pilot.press("l", "home")
        await settled(pilot, app)
        assert log.moments[0].position == made.told[-1].position - KEPT - KEPT // 2 + 1
        await pilot.press("end")
        await settled(pilot, app)
        assert log.moments[-1].position == made.told[-1].position

    play(made, script)


def test_resizing_folds_and_unfolds(demo: Any) -> None:
    async def script(pilot: Pilot[None], app: SwarmApp) -> None:
        await pilot.resize_terminal(*NARROW)
        await pilot.pause()
        assert not app.query_one(Candidates).display
        await pilot.resize_terminal(*WIDE)
        await pilot.pause()
        assert app.query_one(Candidates).display

    play(demo, script)


def test_trouble_of_the_source_ends_the_screen_and_is_kept_for_the_door(demo: Any) -> None:
    async def run() -> SwarmApp:
        app = demo.app()
        async with app.run_test() as pilot:
            demo.told = None
            while app.trouble is None:
                await pilot.pause(0.02)
        return app

    assert isinstance(asyncio.run(run()).trouble, TypeError)
