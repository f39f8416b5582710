-- The first format of the blackboard.

CREATE TABLE runs (
    age INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    issue TEXT NOT NULL,
    source TEXT NOT NULL,
    base TEXT NOT NULL,
    sandbox TEXT NOT NULL,
    workers INTEGER NOT NULL,
    settings TEXT NOT NULL,
    started REAL NOT NULL,
    alive REAL NOT NULL,
    ended REAL,
    outcome TEXT NOT NULL DEFAULT '',
    exit_code INTEGER,
    branch TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE journal (
    run TEXT NOT NULL REFERENCES runs (name),
    position INTEGER NOT NULL,
    at REAL NOT NULL,
    format INTEGER NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;

-- `unmet` counts the needs that are not done yet, so that what is offered can be found by an index alone.
-- `is_part` says that its parent was split into it; `parts_left` of the parent counts those that are not done yet.
CREATE TABLE tasks (
    run TEXT NOT NULL REFERENCES runs (name),
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    goal TEXT NOT NULL,
    priority INTEGER NOT NULL,
    parent INTEGER,
    is_part INTEGER NOT NULL,
    depth INTEGER NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'claimed', 'done', 'split', 'dead', 'cancelled')),
    worker TEXT NOT NULL DEFAULT '',
    token INTEGER NOT NULL DEFAULT 0,
    lease_until REAL,
    expired INTEGER NOT NULL DEFAULT 0,
    unmet INTEGER NOT NULL DEFAULT 0 CHECK (unmet >= 0),
    parts_left INTEGER NOT NULL DEFAULT 0 CHECK (parts_left >= 0),
    setbacks TEXT NOT NULL DEFAULT '[]',
    result TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (run, number),
    FOREIGN KEY (run, parent) REFERENCES tasks (run, number),
    CHECK ((state = 'claimed') = (lease_until IS NOT NULL))
) STRICT;

CREATE INDEX offered ON tasks (run, kind, expired DESC, priority DESC, number) WHERE state = 'ready' AND unmet = 0;
CREATE INDEX leased ON tasks (run, lease_until) WHERE state = 'claimed';
CREATE INDEX waiting ON tasks (run) WHERE state = 'ready' AND unmet > 0;
CREATE INDEX parts ON tasks (run, parent) WHERE is_part = 1;

CREATE TABLE needs (
    run TEXT NOT NULL,
    task INTEGER NOT NULL,
    need INTEGER NOT NULL,
    PRIMARY KEY (run, task, need),
    FOREIGN KEY (run, task) REFERENCES tasks (run, number),
    FOREIGN KEY (run, need) REFERENCES tasks (run, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX needed_by ON needs (run, need, task);

-- A finding never changes; what became of it is in finding_states, row after row.
CREATE TABLE findings (
    run TEXT NOT NULL REFERENCES runs (name),
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    gist TEXT NOT NULL,
    summary TEXT NOT NULL,
    author TEXT NOT NULL,
    task INTEGER,
    at REAL NOT NULL,
    PRIMARY KEY (run, number),
    FOREIGN KEY (run, task) REFERENCES tasks (run, number)
) STRICT;

CREATE TABLE finding_states (
    run TEXT NOT NULL,
    finding INTEGER NOT NULL,
    step INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('proposed', 'verified', 'rejected', 'refuted', 'superseded')),
    reason TEXT NOT NULL,
    cause INTEGER,
    at REAL NOT NULL,
    PRIMARY KEY (run, finding, step),
    FOREIGN KEY (run, finding) REFERENCES findings (run, number),
    FOREIGN KEY (run, cause) REFERENCES findings (run, number)
) STRICT, WITHOUT ROWID;

-- The last row of finding_states for each finding, kept beside it so that what stands can be found by an index.
CREATE TABLE standings (
    run TEXT NOT NULL,
    finding INTEGER NOT NULL,
    kind TEXT NOT NULL,
    marks TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    is_failure INTEGER NOT NULL AS (kind = 'attempt-failed' OR state = 'rejected') STORED,
    PRIMARY KEY (run, finding),
    FOREIGN KEY (run, finding) REFERENCES findings (run, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX standing_newest ON standings (run, is_failure, state, finding DESC);
CREATE INDEX standing_marks ON standings (run, kind, marks) WHERE state IN ('proposed', 'verified');

CREATE TABLE witnesses (
    run TEXT NOT NULL,
    finding INTEGER NOT NULL,
    place INTEGER NOT NULL,
    author TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (run, finding, place),
    UNIQUE (run, finding, author),
    FOREIGN KEY (run, finding) REFERENCES findings (run, number)
) STRICT, WITHOUT ROWID;

-- `witness` is empty where the evidence belongs to the finding itself or to what was settled about it.
CREATE TABLE evidence (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    finding INTEGER NOT NULL,
    witness TEXT NOT NULL,
    argv TEXT NOT NULL,
    exit_code INTEGER NOT NULL,
    passed INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    tree TEXT NOT NULL,
    environment TEXT NOT NULL,
    output TEXT NOT NULL,
    at REAL NOT NULL,
    FOREIGN KEY (run, finding) REFERENCES findings (run, number)
) STRICT;

CREATE INDEX evidence_of ON evidence (run, finding, id);

CREATE TABLE finding_shown (
    run TEXT NOT NULL,
    finding INTEGER NOT NULL,
    shown INTEGER NOT NULL,
    PRIMARY KEY (run, finding, shown),
    FOREIGN KEY (run, finding) REFERENCES findings (run, number),
    FOREIGN KEY (run, shown) REFERENCES findings (run, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX findings_built_on ON finding_shown (run, shown, finding);

CREATE TABLE candidates (
    run TEXT NOT NULL REFERENCES runs (name),
    number INTEGER NOT NULL,
    task INTEGER NOT NULL,
    tree TEXT NOT NULL,
    base TEXT NOT NULL,
    summary TEXT NOT NULL,
    author TEXT NOT NULL,
    added INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    chosen INTEGER NOT NULL DEFAULT 0,
    at REAL NOT NULL,
    PRIMARY KEY (run, number),
    UNIQUE (run, tree),
    FOREIGN KEY (run, task) REFERENCES tasks (run, number)
) STRICT;

CREATE TABLE candidate_shown (
    run TEXT NOT NULL,
    candidate INTEGER NOT NULL,
    shown INTEGER NOT NULL,
    PRIMARY KEY (run, candidate, shown),
    FOREIGN KEY (run, candidate) REFERENCES candidates (run, number),
    FOREIGN KEY (run, shown) REFERENCES findings (run, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX candidates_built_on ON candidate_shown (run, shown, candidate);

-- The last row for each candidate counts. One without a verdict says that it has to be judged again, and because of what.
CREATE TABLE judgements (
    run TEXT NOT NULL,
    candidate INTEGER NOT NULL,
    step INTEGER NOT NULL,
    verdict TEXT,
    rule TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    test TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    passed INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0.0,
    record TEXT NOT NULL DEFAULT '',
    output TEXT NOT NULL DEFAULT '',
    because INTEGER,
    at REAL NOT NULL,
    PRIMARY KEY (run, candidate, step),
    FOREIGN KEY (run, candidate) REFERENCES candidates (run, number),
    FOREIGN KEY (run, because) REFERENCES findings (run, number)
) STRICT;

-- The owner is a run, or empty where a scope spans all of them.
CREATE TABLE caps (
    owner TEXT NOT NULL,
    scope TEXT NOT NULL,
    money INTEGER,
    tokens INTEGER,
    PRIMARY KEY (owner, scope)
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    owner TEXT NOT NULL,
    scope TEXT NOT NULL,
    settled_money INTEGER NOT NULL DEFAULT 0,
    settled_tokens INTEGER NOT NULL DEFAULT 0,
    reserved_money INTEGER NOT NULL DEFAULT 0,
    reserved_tokens INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (owner, scope)
) STRICT, WITHOUT ROWID;

CREATE TABLE reservations (
    run TEXT NOT NULL REFERENCES runs (name),
    number INTEGER NOT NULL,
    agent TEXT NOT NULL,
    day TEXT NOT NULL,
    money INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'reserved' CHECK (state IN ('reserved', 'settled', 'released')),
    real_money INTEGER,
    real_tokens INTEGER,
    PRIMARY KEY (run, number)
) STRICT;

CREATE TABLE requests (
    run TEXT NOT NULL REFERENCES runs (name),
    number INTEGER NOT NULL,
    wish TEXT NOT NULL,
    target TEXT NOT NULL,
    text TEXT NOT NULL,
    answer TEXT NOT NULL DEFAULT '',
    at REAL NOT NULL,
    PRIMARY KEY (run, number)
) STRICT;

CREATE INDEX open_requests ON requests (run, number) WHERE answer = '';
