-- What a connection is told, and the ends of a transaction.

-- name: use_wal
PRAGMA journal_mode = WAL;

-- name: sync_checkpoints
-- Commits are synced by the store itself, outside of the write lock; see database.py.
PRAGMA synchronous = NORMAL;

-- name: keep_references
PRAGMA foreign_keys = ON;

-- name: only_read
PRAGMA query_only = ON;

-- name: format
PRAGMA user_version;

-- name: quick_check
PRAGMA quick_check (1);

-- name: data_version
PRAGMA data_version;

-- name: begin_change
BEGIN IMMEDIATE;

-- name: begin_reading
BEGIN;

-- name: commit
COMMIT;

-- name: rollback
ROLLBACK;
