"""What can be wrong with the place or the file of a blackboard: a clear error each, and nothing lost."""

import os
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from swarm.blackboard.place import NETWORK, kind_of_mount, make_private, must_be_safe
from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite import SqliteStore
from swarm.blackboard.sqlite.database import FILE
from swarm.blackboard.sqlite.statements import load_statements
from swarm.blackboard.sqlite.upkeep import migrate
from swarm.blackboard.tasks import NewTask
from swarm.errors import StoreDamaged, StoreFull, StoreTooNew, StoreTrouble, StoreUnsafe

NEW = NewRun(title="t", issue="i", source="s", base="b", sandbox="none", workers=1)
HERE = Path(__file__).parent
MOUNTINFO = """22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 27 0:40 / /home rw,relatime shared:9 master:2 - nfs4 server:/home rw,vers=4.2
41 40 8:1 / /home/me/local rw - xfs /dev/sda1 rw
42 27 0:50 / /mnt/with\\040space rw - 9p share rw
43 27 0:51 / /mnt/ssh rw - fuse.sshfs me@there: rw
"""
MACOS = """/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
//me@server/share on /Volumes/share (smbfs, nodev, nosuid, mounted by me)
"""


def filled(folder: Path) -> str:
    """A blackboard with one run and twenty tasks, closed."""
    store = SqliteStore.open(folder)
    run = store.start_run(NEW).name
    for number in range(20):
        store.add_task(run, NewTask(kind="fix", goal=f"task {number}" * 50))
    store.close()
    return run


def tasks_of(folder: Path) -> int:
    store = SqliteStore.open(folder)
    try:
        return len(store.tasks(store.run("last").name))
    finally:
        store.close()


@pytest.mark.parametrize(
    "content", [b"this is no database at all, not even a little one" * 100, b"SQLite format 3\x00" + b"\xff" * 8000]
)
def test_a_file_that_is_no_database_is_damaged_and_stays_as_it_is(tmp_path: Path, content: bytes):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(StoreDamaged, match="Move the file away"):
        SqliteStore.open(tmp_path)
    assert (tmp_path / FILE).read_bytes() == content


def test_a_page_of_rubbish_in_a_database_is_found_when_it_is_opened(tmp_path: Path):
    filled(tmp_path)
    with (tmp_path / FILE).open("r+b") as file:
        for page in range(2, tmp_path.joinpath(FILE).stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(os.urandom(200))
    with pytest.raises(StoreDamaged):
        SqliteStore.open(tmp_path)


def test_a_database_cut_short_is_damaged(tmp_path: Path):
    filled(tmp_path)
    os.truncate(tmp_path / FILE, 4096 * 3)
    with pytest.raises(StoreDamaged):
        SqliteStore.open(tmp_path)


def test_a_database_of_a_newer_swarm_is_refused_and_left_alone(tmp_path: Path):
    filled(tmp_path)
    with apsw.Connection(str(tmp_path / FILE)) as database:
        database.pragma("user_version", 99)
    with pytest.raises(StoreTooNew, match=r"format 99; this one knows 1"):
        SqliteStore.open(tmp_path)
    with apsw.Connection(str(tmp_path / FILE)) as database:
        database.pragma("user_version", 1)
    assert tasks_of(tmp_path) == 20


def test_a_migration_that_fails_leaves_the_format_before_it(tmp_path: Path):
    statements = load_statements()
    database = apsw.Connection(str(tmp_path / "old"))
    steps = ("CREATE TABLE a (x);", "CREATE TABLE b (x); INSERT INTO b VALUES (1); INSERT INTO nowhere VALUES (1);")
    with pytest.raises(apsw.SQLError):
        migrate(database, statements, steps, tmp_path)
    assert database.pragma("user_version") == 1
    assert list(database.execute("SELECT name FROM sqlite_schema")) == [("a",)]
    migrate(database, statements, (steps[0], "CREATE TABLE b (x);"), tmp_path)
    assert database.pragma("user_version") == 2


def test_a_full_database_is_a_full_disk_and_keeps_what_was_acknowledged(tmp_path: Path):
    """SQLite's own limit on pages: what it says then is what it says when the disk has no page left."""
    run = filled(tmp_path)
    store = SqliteStore.open(tmp_path)
    pages = store._database._writer.pragma("page_count")
    store._database._writer.pragma("max_page_count", pages + 1)
    added = 20 + added_until_full(store, run)
    assert len(store.tasks(run)) == added
    store._database._writer.pragma("max_page_count", pages + 1000)
    store.add_task(run, NewTask(kind="fix", goal="space again"))
    store.close()
    assert tasks_of(tmp_path) == added + 1


def added_until_full(store: SqliteStore, run: str) -> int:
    for times in range(1000):
        try:
            store.add_task(run, NewTask(kind="fix", goal="more" * 500))
        except StoreFull:
            return times
    raise AssertionError("it never became full")


def test_a_full_disk_keeps_what_was_acknowledged_and_goes_on_when_there_is_space(tmp_path: Path):
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    subprocess.run(["unshare", "--mount", *as_root, sys.executable, str(HERE / "full_disk.py"), str(tmp_path)], check=True)


def said_without_the_rights_of_root(folder: Path) -> str:
    """What is said when somebody opens the blackboard for whom rights on files count, as they do not for root."""
    plain = ["setpriv", "--bounding-set", "-dac_override", "--inh-caps", "-dac_override"] if os.geteuid() == 0 else []
    opens = "import sys, pathlib; from swarm.blackboard.sqlite import SqliteStore; SqliteStore.open(pathlib.Path(sys.argv[1]))"
    return subprocess.run([*plain, sys.executable, "-c", opens, str(folder)], capture_output=True, text=True, check=False).stderr


@pytest.mark.parametrize(("place", "rights"), [(".", 0o500), (FILE, 0o400)])
def test_a_folder_or_file_that_cannot_be_written_is_said_to_be_read_only(tmp_path: Path, place: str, rights: int):
    filled(tmp_path)
    (tmp_path / place).chmod(rights)
    said = said_without_the_rights_of_root(tmp_path)
    (tmp_path / place).chmod(0o700)
    assert "StoreReadOnly" in said
    assert "XDG_STATE_HOME" in said
    assert tasks_of(tmp_path) == 20


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/home/me/state", "nfs4"), ("/home/me/local/state", "xfs"), ("/var/lib", "ext4"), ("/homeless", "ext4"),
        ("/mnt/with space/x", "9p"), ("/mnt/ssh", "fuse.sshfs"),
    ],
)  # fmt: skip
def test_the_file_system_of_a_place_is_that_of_the_innermost_mount(place: str, kind: str):
    assert kind_of_mount(Path(place), MOUNTINFO) == kind


def test_the_file_system_of_a_place_is_found_on_macos():
    assert kind_of_mount(Path("/Users/me"), MACOS) == "apfs"
    assert kind_of_mount(Path("/Volumes/share/x"), MACOS) == "smbfs"


def test_network_file_systems_are_refused_and_local_ones_are_not(tmp_path: Path):
    assert {"nfs", "nfs4", "9p", "cifs", "smb3", "fuse.sshfs", "smbfs"} <= NETWORK
    assert not {"ext4", "xfs", "btrfs", "tmpfs", "overlay", "zfs", "apfs"} & NETWORK
    with pytest.raises(StoreUnsafe, match=r"network file system \(nfs4\)"):
        must_be_safe(tmp_path, f"1 0 0:1 / {tmp_path} rw - nfs4 server:/ rw")
    must_be_safe(tmp_path, f"1 0 0:1 / {tmp_path} rw - ext4 /dev/sda rw")
    must_be_safe(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_folder_and_files_are_private(tmp_path: Path):
    before = os.umask(0)
    try:
        folder = tmp_path / "a" / "b"
        filled(folder)
        store = SqliteStore.open(folder)
        store.put_raw(b"secret")
        modes = {path.name: path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}
        store.close()
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {f"{FILE}-wal", FILE, "turnstile"} <= modes.keys()
    assert {mode & 0o077 for mode in modes.values()} == {0}


def test_an_open_folder_is_made_private(tmp_path: Path):
    tmp_path.chmod(0o755)
    make_private(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o700


FORKS = """
import os, sys
from pathlib import Path
from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite import SqliteStore
from swarm.errors import StoreTrouble

store = SqliteStore.open(Path(sys.argv[1]))
new = NewRun(title="t", issue="i", source="s", base="b", sandbox="none", workers=1)
if (child := os.fork()) == 0:
    for use in (store.runs, lambda: store.start_run(new), lambda: store.put_raw(b"x")):
        try:
            use()
        except StoreTrouble as trouble:
            print(trouble, flush=True)
    os._exit(0)
os.waitpid(child, 0)
store.start_run(new)
print("the parent goes on")
"""


def test_a_store_carried_across_a_fork_says_so(tmp_path: Path):
    ran = subprocess.run([sys.executable, "-c", FORKS, str(tmp_path)], capture_output=True, text=True, check=True)
    *child, parent = ran.stdout.splitlines()
    assert len(child) == 2
    assert all("forked" in said for said in child)
    assert parent == "the parent goes on"


def test_a_closed_store_says_so(tmp_path: Path):
    store = SqliteStore.open(tmp_path)
    store.close()
    for use in (store.runs, lambda: store.start_run(NEW)):
        with pytest.raises(StoreTrouble, match="closed"):
            use()


def test_raw_output_that_was_altered_is_found_out_and_can_be_kept_again(tmp_path: Path):
    store = SqliteStore.open(tmp_path)
    digest = store.put_raw(b"truth")
    path = tmp_path / "raw" / digest[:2] / digest
    path.write_bytes(b"a lie")
    with pytest.raises(StoreDamaged):
        store.raw(digest)
    assert store.put_raw(b"truth") == digest
    assert store.raw(digest) == b"truth"
    store.close()


def test_a_database_held_by_a_stopped_process_is_waited_for_and_then_said(tmp_path: Path):
    store = SqliteStore.open(tmp_path, patience=0.3)
    other = apsw.Connection(str(tmp_path / FILE))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreTrouble, match="has not let go"):
        store.start_run(NEW)
    other.execute("ROLLBACK")
    store.start_run(NEW)
    store.close()
    other.close()
