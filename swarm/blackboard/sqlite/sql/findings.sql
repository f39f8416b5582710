-- Findings.

-- name: next_finding
SELECT coalesce(max(number), 0) + 1 FROM findings WHERE run = :run;

-- name: unknown_findings
SELECT value FROM json_each(:shown)
WHERE NOT EXISTS (SELECT 1 FROM findings WHERE run = :run AND number = value);

-- name: standing_alike
SELECT findings.number, findings.gist FROM standings
JOIN findings ON findings.run = standings.run AND findings.number = standings.finding
WHERE standings.run = :run AND standings.kind = :kind AND standings.marks = :marks
    AND standings.state IN ('proposed', 'verified')
ORDER BY standings.finding;

-- name: add_finding
INSERT INTO findings (run, number, kind, gist, summary, author, task, at)
VALUES (:run, :number, :kind, :gist, :summary, :author, :task, :now);

-- name: add_finding_shown
INSERT INTO finding_shown (run, finding, shown) SELECT DISTINCT :run, :number, value FROM json_each(:shown);

-- name: add_witness
INSERT INTO witnesses (run, finding, place, author, at)
SELECT :run, :number, coalesce(max(place), 0) + 1, :author, :now FROM witnesses WHERE run = :run AND finding = :number
ON CONFLICT DO NOTHING
RETURNING place;

-- name: add_evidence
INSERT INTO evidence (run, finding, witness, argv, exit_code, passed, failed, tree, environment, output, at)
VALUES (:run, :number, :witness, :argv, :exit_code, :passed, :failed, :tree, :environment, :output, :now);

-- name: add_finding_state
INSERT INTO finding_states (run, finding, step, state, reason, cause, at)
SELECT :run, :number, coalesce(max(step), 0) + 1, :state, :reason, :cause, :now
FROM finding_states WHERE run = :run AND finding = :number;

-- name: set_standing
INSERT INTO standings (run, finding, kind, marks, state, reason) VALUES (:run, :number, :kind, :marks, :state, :reason);

-- name: move_standing
UPDATE standings SET state = :state, reason = :reason WHERE run = :run AND finding = :number;

-- name: standing
SELECT state FROM standings WHERE run = :run AND finding = :number;

-- name: findings_built_on
-- Everything whose author had been shown the finding, or something built on it, as far as it stands.
WITH RECURSIVE built (finding) AS (
    SELECT :number
    UNION
    SELECT finding_shown.finding FROM built
    JOIN finding_shown ON finding_shown.run = :run AND finding_shown.shown = built.finding
)
SELECT standings.finding FROM built JOIN standings ON standings.run = :run AND standings.finding = built.finding
WHERE built.finding <> :number AND standings.state IN ('proposed', 'verified')
ORDER BY standings.finding;

-- name: finding
SELECT findings.run, findings.number, findings.kind, findings.gist, findings.summary, findings.author, findings.task,
    findings.at, standings.state, standings.reason,
    (SELECT json_group_array(shown) FROM finding_shown AS s WHERE s.run = findings.run AND s.finding = findings.number),
    (SELECT json_group_array(author) FROM
        (SELECT author FROM witnesses AS w WHERE w.run = findings.run AND w.finding = findings.number ORDER BY place)),
    (SELECT json_array(json(argv), exit_code, passed, failed, tree, environment, output) FROM evidence AS e
        WHERE e.run = findings.run AND e.finding = findings.number AND witness = '' ORDER BY id DESC LIMIT 1)
FROM findings JOIN standings ON standings.run = findings.run AND standings.finding = findings.number
WHERE findings.run = :run AND findings.number BETWEEN :first AND :last
ORDER BY findings.number;

-- name: newest_gists
SELECT findings.number, findings.kind, standings.state, findings.gist,
    (SELECT count(*) FROM witnesses AS w WHERE w.run = findings.run AND w.finding = findings.number)
FROM standings JOIN findings ON findings.run = standings.run AND findings.number = standings.finding
WHERE standings.run = :run AND standings.is_failure = :is_failure AND standings.state = :state
ORDER BY standings.finding DESC
LIMIT :limit;
