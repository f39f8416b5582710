-- What waits for what.

-- name: add_need
INSERT INTO needs (run, task, need) VALUES (:run, :task, :need) ON CONFLICT DO NOTHING RETURNING need;

-- name: wait_for
-- Counted only if the need is not done yet.
UPDATE tasks SET unmet = unmet + 1
WHERE run = :run AND number = :task AND EXISTS (
    SELECT 1 FROM tasks AS needed
    WHERE needed.run = :run AND needed.number = :need
        AND NOT (needed.state = 'done' OR needed.state = 'split' AND needed.parts_left = 0)
);

-- name: meet
UPDATE tasks SET unmet = unmet - 1
WHERE run = :run AND state = 'ready' AND number IN (SELECT task FROM needs WHERE run = :run AND need = :need);

-- name: part_done
UPDATE tasks SET parts_left = parts_left - 1
WHERE run = :run AND state = 'split'
    AND number = (SELECT parent FROM tasks WHERE run = :run AND number = :task AND is_part = 1)
RETURNING number, parts_left;

-- name: waits_for
-- Everything that must be done before :need is, itself included: its needs and its parts, and so on.
WITH RECURSIVE before (number) AS (
    SELECT :need
    UNION
    SELECT needs.need FROM before JOIN needs ON needs.run = :run AND needs.task = before.number
    UNION
    SELECT part.number FROM before JOIN tasks AS part ON part.run = :run AND part.parent = before.number AND part.is_part = 1
)
SELECT 1 FROM before WHERE number = :task;

-- name: hopeless
-- The dead or cancelled task for which :need will never be done: itself or one of its parts.
WITH RECURSIVE within (number) AS (
    SELECT :need
    UNION
    SELECT part.number FROM within JOIN tasks AS part ON part.run = :run AND part.parent = within.number AND part.is_part = 1
)
SELECT tasks.number, tasks.state FROM within JOIN tasks ON tasks.run = :run AND tasks.number = within.number
WHERE tasks.state IN ('dead', 'cancelled')
ORDER BY tasks.number LIMIT 1;

-- name: needed_by
SELECT needs.task FROM needs JOIN tasks ON tasks.run = needs.run AND tasks.number = needs.task
WHERE needs.run = :run AND needs.need = :need AND tasks.state = 'ready'
ORDER BY needs.task;

-- name: open_parts
SELECT number FROM tasks
WHERE run = :run AND parent = :task AND is_part = 1
    AND (state IN ('ready', 'claimed') OR state = 'split' AND parts_left > 0)
ORDER BY number;

-- name: whole
-- The task of which this one is a part that is still waited for.
SELECT parent.number FROM tasks
JOIN tasks AS parent ON parent.run = tasks.run AND parent.number = tasks.parent
WHERE tasks.run = :run AND tasks.number = :task AND tasks.is_part = 1 AND parent.state = 'split';
