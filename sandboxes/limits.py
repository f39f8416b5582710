"""How much one sandbox may use of the machine."""

from sandboxes.command import MEBIBYTE
from sandboxes.values import Value

GIBIBYTE = 1024 * MEBIBYTE
BUILDING = 32 * GIBIBYTE  # by which the folder may grow in which an environment is set up


class Limits(Value, kw_only=True):
    """Bytes and counts for one sandbox."""

    memory: int = 4 * GIBIBYTE
    """Of all its processes together where the kernel counts them so (cgroups), else of each."""
    processes: int = 512
    open_files: int = 4096
    file: int = 2 * GIBIBYTE
    """Of one file."""
    growth: int = 2 * GIBIBYTE
    """By which the worktree may grow."""
    temporary: int = 256 * MEBIBYTE
    home: int = 64 * MEBIBYTE
    shared: int = 64 * MEBIBYTE
