"""What every room promises about a command, safe or not."""

import resource
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.capture import Capture, Report
from sandboxes.command import MEBIBYTE, Command, Ending, Output
from sandboxes.host import Host
from sandboxes.limits import Limits
from sandboxes.process import report_pipe
from sandboxes.sandbox import Backend, Sandbox, SandboxTrouble


def test_a_command_gives_back_its_output_and_its_status(shell):
    ran = shell("echo out; echo err >&2; exit 7")
    assert (ran.ending, ran.exit_code, ran.ok) == (Ending.EXITED, 7, False)
    assert (ran.stdout.text(), ran.stderr.text()) == ("out\n", "err\n")


def test_bytes_that_are_no_text_come_through_unchanged(shell):
    data = bytes(range(256)) * 5000
    assert shell("cat", stdin=data, keep=4 * MEBIBYTE).stdout.head == data


def test_a_command_that_does_not_read_its_input_is_not_waited_for(shell):
    assert shell("head -c 3", stdin=b"abc" * MEBIBYTE).stdout.head == b"abc"


def test_without_input_a_command_finds_an_empty_one_and_no_terminal(shell):
    assert shell("wc -c; test -t 0 || test -t 1 || test -t 2 || echo no terminal").stdout.text().split() == [
        "0",
        "no",
        "terminal",
    ]


def test_a_command_that_does_not_exist_ends_as_a_shell_would_say_it(sandbox: Sandbox):
    assert sandbox.run(Command(argv=("no-such-program",))).exit_code == 127


def test_the_name_of_a_command_is_never_taken_for_a_word_of_the_shell(sandbox: Sandbox):
    assert sandbox.run(Command(argv=("exit", "5"))).exit_code == 127


def test_arguments_arrive_as_they_are(sandbox: Sandbox):
    odd = ("", " ", "a b", "$HOME", "`id`", "'", '"', "\n", "-n", "*", "\udcff")
    ran = sandbox.run(Command(argv=("printf", "%s\\0", *odd)))
    assert ran.stdout.head == b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in odd)


def test_a_command_that_a_signal_ends_was_killed(shell):
    ran = shell("kill -SEGV $$")
    assert (ran.ending, ran.exit_code) == (Ending.KILLED, 139)


def test_a_command_starts_in_the_folder_it_names(shell, worktree: Path):
    (worktree / "inner").mkdir()
    assert shell("pwd", folder="inner").stdout.text().endswith("/inner\n")


@pytest.mark.parametrize("folder", ["..", "a/../..", "/etc", "a\0b"])
def test_a_command_cannot_start_outside_the_worktree(sandbox: Sandbox, folder: str):
    with pytest.raises(SandboxTrouble, match="inside the worktree"):
        sandbox.run(Command(argv=("true",), folder=folder))


def test_what_a_command_writes_into_the_worktree_stays_there(shell, worktree: Path):
    shell("echo new > file")
    assert (worktree / "file").read_text() == "new\n"


def test_a_path_seen_from_inside_names_the_worktree(backend: Backend, sandbox: Sandbox, worktree: Path):
    (worktree / "file").write_text("here")
    assert sandbox.run(Command(argv=("cat", f"{backend.path_of(worktree)}/file"))).stdout.text() == "here"


def test_time_is_limited_and_ends_even_what_ignores_to_be_asked(shell):
    ran = shell("trap '' TERM HUP INT; (trap '' TERM; setsid sleep 600 &); sleep 600 & sleep 600", timeout=0.4)
    assert ran.ending is Ending.TIMED_OUT
    assert ran.seconds < 3


def test_silence_is_limited(shell):
    ran = shell("for i in 1 2 3; do echo $i; sleep 0.2; done; sleep 600", idle_timeout=0.6, timeout=60)
    assert ran.ending is Ending.TIMED_OUT
    assert ran.stdout.text() == "1\n2\n3\n"
    assert 1.0 < ran.seconds < 4


def test_a_flood_is_cut_and_costs_no_memory(shell):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ran = shell("yes", flood=300 * MEBIBYTE, keep=MEBIBYTE)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert ran.ending is Ending.FLOODED
    assert len(ran.stdout.head) == len(ran.stdout.tail) == MEBIBYTE // 2
    assert not ran.stdout.complete
    assert after - before < 16 * 1024  # kibibytes


def test_head_and_tail_of_long_output_are_kept_and_the_gap_is_told(shell):
    ran = shell("seq 100000", keep=1000)
    text = ran.stdout.text()
    assert text.startswith("1\n2\n")
    assert text.endswith("99999\n100000\n")
    assert f"[… {ran.stdout.size - 1000} bytes left out …]" in text


def test_a_report_comes_back_over_its_own_pipe(shell):
    ran = shell("echo printed; echo reported >&$SWARM_REPORT_FD", report=True)
    assert (ran.stdout.text(), ran.report, ran.report_complete) == ("printed\n", b"reported\n", True)


def test_a_command_that_asks_for_no_report_gets_no_pipe(shell):
    assert shell("echo ${SWARM_REPORT_FD-none}").stdout.text() == "none\n"


def test_output_and_report_can_be_opened_by_name(shell):
    ran = shell(
        "echo out >/dev/stdout; echo err >/dev/stderr; echo reported >/dev/fd/$SWARM_REPORT_FD; cat /dev/stdin",
        report=True,
        stdin=b"in",
    )
    assert (ran.stdout.text(), ran.stderr.text(), ran.report) == ("out\nin", "err\n", b"reported\n")


def test_a_report_is_read_until_everything_that_could_write_it_is_gone(shell):
    ran = shell("(sleep 0.2; echo late >&$SWARM_REPORT_FD) & echo early >&$SWARM_REPORT_FD; wait", report=True)
    assert ran.report == b"early\nlate\n"
    assert ran.report_complete


def test_a_daemon_cannot_add_to_the_report_after_the_end(shell):
    ran = shell("(setsid bash -c 'sleep 0.3; echo forged >&$SWARM_REPORT_FD' &); echo true >&$SWARM_REPORT_FD", report=True)
    time.sleep(0.5)
    assert (ran.report, ran.report_complete) == (b"true\n", True)


def test_a_report_over_the_cap_is_no_evidence(shell):
    ran = shell("head -c 70000000 /dev/zero >&$SWARM_REPORT_FD", report=True)
    assert len(ran.report) == 64 * MEBIBYTE
    assert not ran.report_complete


def test_no_file_of_swarm_is_open_in_a_command(shell):
    with report_pipe(wanted=True):
        assert sorted(shell("ls /proc/self/fd").stdout.text().split()) == ["0", "1", "2", "3"]  # the last is the listing's own


def test_nothing_of_the_environment_is_inherited(shell, monkeypatch: pytest.MonkeyPatch):
    for name in ("CANARY_KEY", "ANTHROPIC_API_KEY", "LD_PRELOAD_X", "GIT_DIR", "PYTHONPATH"):
        monkeypatch.setenv(name, "canary")
    shell("export GIT_SSH_COMMAND=canary LD_LIBRARY_PATH=canary")
    ran = shell("env")
    assert "canary" not in ran.stdout.text()
    assert {"PATH", "HOME", "LANG", "TMPDIR", "TERM"} <= {line.partition("=")[0] for line in ran.stdout.text().splitlines()}


def test_a_command_may_be_given_variables_of_its_own(shell):
    assert shell("echo $PYTHONHASHSEED", environment={"PYTHONHASHSEED": "7"}).stdout.text() == "7\n"


def test_home_and_temporary_folder_are_there_and_writable(shell):
    assert shell('touch "$HOME/a" "$TMPDIR/b" && echo yes').stdout.text() == "yes\n"


def test_setting_the_stop_ends_what_runs(worktree: Path, backend: Backend, toolchain: Sequence[Path]):
    with backend.open(worktree, toolchain) as sandbox, ThreadPoolExecutor() as pool:
        running = pool.submit(sandbox.run, Command(argv=("sleep", "600")))
        time.sleep(0.3)
        _stop_of(backend).set()
        ran = running.result(timeout=10)
    assert ran.ending is Ending.STOPPED


def test_closing_a_sandbox_ends_what_runs_in_it(worktree: Path, backend: Backend, toolchain: Sequence[Path]):
    with ThreadPoolExecutor() as pool:
        with backend.open(worktree, toolchain) as sandbox:
            running = pool.submit(sandbox.run, Command(argv=("sleep", "600")))
            time.sleep(0.3)
        assert running.result(timeout=10).ending is Ending.STOPPED


def test_sixteen_threads_run_commands_at_once_and_get_their_own_answers(sandbox: Sandbox):
    def one(number: int) -> tuple[str, bytes]:
        script = f"echo {number}; echo {number} >&$SWARM_REPORT_FD; cat"
        ran = sandbox.run(Command(argv=("bash", "-c", script), stdin=b"." * number, report=True))
        assert ran.ok
        assert ran.report_complete
        return ran.stdout.text(), ran.report

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(one, range(64)))
    assert answers == [(f"{number}\n{'.' * number}", f"{number}\n".encode()) for number in range(64)]


def test_no_thread_is_left_after_a_command(shell):
    before = threading.active_count()
    shell("true")
    assert threading.active_count() == before


def test_a_worktree_that_fills_the_disk_is_stopped(worktree: Path, toolchain: Sequence[Path]):
    for backend in (Host(growth=20 * MEBIBYTE), Bubblewrap(limits=Limits(growth=20 * MEBIBYTE))):
        with backend.open(worktree, toolchain) as sandbox:
            script = "i=0; while :; do i=$((i+1)); head -c 1000000 /dev/urandom > f$i; done"
            ran = sandbox.run(Command(argv=("sh", "-c", script), timeout=60))
        assert ran.ending is Ending.FLOODED


@pytest.mark.parametrize("keep", [0, 1, 2, 7, 100])
def test_a_capture_keeps_head_and_tail_however_the_bytes_arrive(keep: int):
    data = bytes(range(200)) * 10
    for step in (1, 3, 50, len(data)):
        capture = Capture(keep)
        for at in range(0, len(data), step):
            capture.add(data[at : at + step])
        half = keep // 2
        assert capture.output() == Output(head=data[:half], tail=data[len(data) - half :], size=len(data))


def test_a_report_with_a_hole_says_so():
    report = Report(cap=5)
    report.add(b"abc")
    assert report.whole
    report.add(b"def")
    assert (report.data, report.whole) == (b"abcde", False)


def _stop_of(backend: Backend) -> threading.Event:
    stop = getattr(backend, "stop", None)
    assert isinstance(stop, threading.Event)
    return stop
