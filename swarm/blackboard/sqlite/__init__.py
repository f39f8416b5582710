"""The store on SQLite, through apsw.

A database in WAL mode could be damaged by every SQLite before 3.51.3: when one process began the log anew while another
moved it into the database, what had been acknowledged could be lost. Python's own sqlite3 brings whatever the system has;
apsw brings its own, and pyproject.toml asks for one that is late enough.
"""

from swarm.blackboard.sqlite.database import SAFE_LIBRARY, library
from swarm.blackboard.sqlite.store import SqliteStore

__all__ = ["SAFE_LIBRARY", "SqliteStore", "library"]
