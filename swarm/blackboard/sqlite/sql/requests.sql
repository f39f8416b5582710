-- What the person wants.

-- name: next_request
SELECT coalesce(max(number), 0) + 1 FROM requests WHERE run = :run;

-- name: add_request
INSERT INTO requests (run, number, wish, target, text, at) VALUES (:run, :number, :wish, :target, :text, :now);

-- name: open_requests
SELECT run, number, wish, target, text, answer FROM requests WHERE run = :run AND answer = '' ORDER BY number;

-- name: request
SELECT run, number, wish, target, text, answer FROM requests WHERE run = :run AND number = :number;

-- name: answer_request
UPDATE requests SET answer = :text WHERE run = :run AND number = :number AND answer = '' RETURNING number;
