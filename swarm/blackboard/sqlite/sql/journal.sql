-- The list of everything that happened.

-- name: last_position
SELECT position, event FROM journal WHERE run = :run ORDER BY position DESC LIMIT 1;

-- name: append
INSERT INTO journal (run, position, at, format, event, body)
SELECT :run, coalesce(max(position), 0) + 1, :at, :format, :event, :body FROM journal WHERE run = :run;

-- name: entries
SELECT position, at, format, event, body FROM journal
WHERE run = :run AND position > :after
ORDER BY position
LIMIT :limit;

-- name: board_is_made_of
-- Whoever wants to know how a run stands needs no step that the same worker followed with another, and no kind that leaves no
-- trace on the board. Beside a largest value SQLite gives the other columns of its own row.
SELECT position, at, format, event, body FROM journal
WHERE run = :run AND event <> :step AND event NOT IN (SELECT value FROM json_each(:traceless))
UNION ALL
SELECT max(position), at, format, event, body FROM journal
WHERE run = :run AND event = :step
GROUP BY body ->> '$.worker'
ORDER BY 1;
