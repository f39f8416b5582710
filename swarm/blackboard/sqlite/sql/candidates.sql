-- Candidates and what verification says of them.

-- name: next_candidate
SELECT coalesce(max(number), 0) + 1 FROM candidates WHERE run = :run;

-- name: candidate_of_tree
SELECT number FROM candidates WHERE run = :run AND tree = :tree;

-- name: add_candidate
INSERT INTO candidates (run, number, task, tree, base, summary, author, added, removed, at)
VALUES (:run, :number, :task, :tree, :base, :summary, :author, :added, :removed, :now);

-- name: add_candidate_shown
INSERT INTO candidate_shown (run, candidate, shown) SELECT DISTINCT :run, :number, value FROM json_each(:shown);

-- name: add_judgement
INSERT INTO judgements
    (run, candidate, step, verdict, rule, reason, test, text, passed, failed, seconds, record, output, at)
SELECT :run, :number, coalesce(max(step), 0) + 1, :verdict, :rule, :reason, :test, :text, :passed, :failed, :seconds,
    :record, :output, :now
FROM judgements WHERE run = :run AND candidate = :number;

-- name: void_judgement
INSERT INTO judgements (run, candidate, step, because, at)
SELECT :run, :number, coalesce(max(step), 0) + 1, :because, :now FROM judgements WHERE run = :run AND candidate = :number;

-- name: choose
UPDATE candidates SET chosen = (number = :number) WHERE run = :run;

-- name: unchoose
UPDATE candidates SET chosen = 0 WHERE run = :run AND number = :number;

-- name: candidates_built_on
-- Judged candidates whose author had been shown the finding, or something built on it.
WITH RECURSIVE built (finding) AS (
    SELECT :number
    UNION
    SELECT finding_shown.finding FROM built
    JOIN finding_shown ON finding_shown.run = :run AND finding_shown.shown = built.finding
)
SELECT DISTINCT candidate_shown.candidate FROM built
JOIN candidate_shown ON candidate_shown.run = :run AND candidate_shown.shown = built.finding
WHERE (
    SELECT verdict FROM judgements
    WHERE judgements.run = :run AND judgements.candidate = candidate_shown.candidate
    ORDER BY step DESC LIMIT 1
) IS NOT NULL
ORDER BY candidate_shown.candidate;

-- name: candidate
SELECT c.run, c.number, c.task, c.tree, c.base, c.summary, c.author, c.added, c.removed, c.chosen,
    (SELECT json_group_array(shown) FROM candidate_shown AS s WHERE s.run = c.run AND s.candidate = c.number),
    j.verdict, j.rule, j.reason, j.test, j.text, j.passed, j.failed, j.seconds, j.record, j.output
FROM candidates AS c
LEFT JOIN judgements AS j ON j.run = c.run AND j.candidate = c.number
    AND j.step = (SELECT max(step) FROM judgements AS l WHERE l.run = c.run AND l.candidate = c.number)
WHERE c.run = :run AND c.number BETWEEN :first AND :last
ORDER BY c.number;

-- name: newest_verified_candidates
SELECT c.number, c.summary FROM candidates AS c
JOIN judgements AS j ON j.run = c.run AND j.candidate = c.number
    AND j.step = (SELECT max(step) FROM judgements AS l WHERE l.run = c.run AND l.candidate = c.number)
WHERE c.run = :run AND j.verdict = 'verified'
ORDER BY c.number DESC
LIMIT :limit;
