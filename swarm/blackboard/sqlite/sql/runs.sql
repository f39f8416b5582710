-- The runs of a repository.

-- name: add_run
INSERT INTO runs (name, title, issue, source, base, sandbox, workers, settings, started, alive)
VALUES (:name, :title, :issue, :source, :base, :sandbox, :workers, :settings, :now, :now);

-- name: end_run
UPDATE runs
SET ended = :now, outcome = :outcome, exit_code = :exit_code, branch = :branch
WHERE name = :run AND ended IS NULL
RETURNING name;

-- name: reopen_run
UPDATE runs SET ended = NULL, outcome = '', exit_code = NULL WHERE name = :run;

-- name: sign_of_life
UPDATE runs SET alive = :now WHERE name = :run RETURNING name;

-- name: has_run
SELECT 1 FROM runs WHERE name = :run;

-- name: runs_beginning
SELECT name, title, issue, source, base, sandbox, workers, settings, started, alive, ended, outcome, exit_code, branch
FROM runs
WHERE substr(name, 1, length(:beginning)) = :beginning
ORDER BY age DESC
LIMIT :limit;
