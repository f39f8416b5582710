-- The list of everything that happened.

-- name: last_position
SELECT position, event FROM journal WHERE run = :run ORDER BY position DESC LIMIT 1;

-- name: append
INSERT INTO journal (run, position, at, format, event, body) VALUES (:run, :position, :at, :format, :event, :body);

-- name: entries
SELECT position, at, format, event, body FROM journal
WHERE run = :run AND position > :after
ORDER BY position
LIMIT :limit;
