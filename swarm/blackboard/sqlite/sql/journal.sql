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
