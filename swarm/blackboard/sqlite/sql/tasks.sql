-- The queue.

-- name: next_task
SELECT coalesce(max(number), 0) + 1 FROM tasks WHERE run = :run;

-- name: parent
SELECT depth, state = 'split' AND parts_left > 0 FROM tasks WHERE run = :run AND number = :number;

-- name: add_task
INSERT INTO tasks (run, number, kind, goal, priority, parent, is_part, depth, payload)
VALUES (:run, :number, :kind, :goal, :priority, :parent, :is_part, :depth, :payload);

-- name: add_part
UPDATE tasks SET parts_left = parts_left + 1 WHERE run = :run AND number = :parent;

-- name: sweep
-- Leases that ran out: back to ready with a setback, or dead when there were too many.
UPDATE tasks
SET state = CASE WHEN json_array_length(setbacks) + 1 >= :cap THEN 'dead' ELSE 'ready' END,
    setbacks = json_insert(setbacks, '$[#]', worker || ': lease expired'),
    expired = 1,
    lease_until = NULL
WHERE run = :run AND state = 'claimed' AND lease_until <= :now
RETURNING number, worker, state, setbacks;

-- name: claim
-- For each kind the index gives the best one at once; the best of these is taken. CROSS JOIN keeps that order of looking.
UPDATE tasks
SET state = 'claimed', worker = :worker, token = token + 1, lease_until = :until, expired = 0
WHERE rowid = (
    SELECT best.rowid
    FROM json_each(:kinds) AS wanted
    CROSS JOIN tasks AS best ON best.rowid = (
        SELECT rowid FROM tasks
        WHERE run = :run AND kind = wanted.value AND state = 'ready' AND unmet = 0
        ORDER BY expired DESC, priority DESC, number
        LIMIT 1
    )
    ORDER BY best.expired DESC, best.priority DESC, best.number
    LIMIT 1
)
RETURNING run, number, kind, goal, priority, parent, depth, payload, state, worker, token, setbacks, result,
    (SELECT json_group_array(need) FROM needs WHERE needs.run = tasks.run AND needs.task = tasks.number);

-- name: renew
UPDATE tasks SET lease_until = :until
WHERE run = :run AND number = :task AND state = 'claimed' AND worker = :worker AND token = :token
RETURNING number;

-- name: finish
UPDATE tasks SET state = 'done', result = :result, lease_until = NULL
WHERE run = :run AND number = :task AND state = 'claimed' AND worker = :worker AND token = :token
RETURNING is_part OR EXISTS (SELECT 1 FROM needs WHERE needs.run = :run AND needs.need = :task);

-- name: give_back
UPDATE tasks
SET state = CASE WHEN json_array_length(setbacks) + 1 >= :cap THEN 'dead' ELSE 'ready' END,
    setbacks = json_insert(setbacks, '$[#]', :setback),
    lease_until = NULL
WHERE run = :run AND number = :task AND state = 'claimed' AND worker = :worker AND token = :token
RETURNING state, setbacks;

-- name: put_down
UPDATE tasks SET state = 'ready', lease_until = NULL
WHERE run = :run AND number = :task AND state = 'claimed' AND worker = :worker AND token = :token
RETURNING number;

-- name: reclaim
-- The token stays, so that a worker that is not gone after all is refused once the task is claimed anew.
UPDATE tasks SET state = 'ready', lease_until = NULL
WHERE run = :run AND state = 'claimed'
RETURNING number, worker;

-- name: split
UPDATE tasks SET state = 'split', parts_left = 0, lease_until = NULL
WHERE run = :run AND number = :task AND state = 'claimed' AND worker = :worker AND token = :token
RETURNING number;

-- name: hold
SELECT number FROM tasks
WHERE run = :run AND number = :task AND state = 'claimed' AND worker = :worker AND token = :token;

-- name: cancel
UPDATE tasks SET state = 'cancelled', result = :reason, lease_until = NULL
WHERE run = :run AND number = :task AND (state IN ('ready', 'claimed') OR state = 'split' AND parts_left > 0)
RETURNING number;

-- name: retry
UPDATE tasks
SET state = 'ready', worker = '', setbacks = '[]', result = '', expired = 0, parts_left = 0,
    unmet = (
        SELECT count(*) FROM needs
        JOIN tasks AS needed ON needed.run = needs.run AND needed.number = needs.need
        WHERE needs.run = :run AND needs.task = :task
            AND NOT (needed.state = 'done' OR needed.state = 'split' AND needed.parts_left = 0)
    )
WHERE run = :run AND number = :task AND state IN ('dead', 'cancelled')
RETURNING number;

-- name: disown_parts
-- A split task that is offered whole again has no parts any more.
UPDATE tasks SET is_part = 0 WHERE run = :run AND parent = :task AND is_part = 1;

-- name: task
SELECT run, number, kind, goal, priority, parent, depth, payload, state, worker, token, setbacks, result,
    (SELECT json_group_array(need) FROM needs WHERE needs.run = tasks.run AND needs.task = tasks.number)
FROM tasks WHERE run = :run AND number = :number;

-- name: tasks
SELECT run, number, kind, goal, priority, parent, depth, payload, state, worker, token, setbacks, result,
    (SELECT json_group_array(need) FROM needs WHERE needs.run = tasks.run AND needs.task = tasks.number)
FROM tasks WHERE run = :run ORDER BY number;

-- name: count_open
-- Each part is counted by an index of its own.
SELECT (SELECT count(*) FROM tasks WHERE run = :run AND state = 'ready' AND unmet = 0)
    + (SELECT count(*) FROM tasks WHERE run = :run AND state = 'ready' AND unmet > 0)
    + (SELECT count(*) FROM tasks WHERE run = :run AND state = 'claimed');
