-- The central's database, first step. Released steps never change: add another.
-- Texts that are JSON say so; days are YYYY-MM-DD; `at` is RFC 3339.

CREATE TABLE central (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id BLOB NOT NULL CHECK (length(id) = 16)
) STRICT;
INSERT INTO central (one, id) VALUES (1, randomblob(16));

-- Every definition that was ever built or released here, so that late answers can be judged.
CREATE TABLE survey_version (
    ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
    version TEXT NOT NULL UNIQUE,
    survey TEXT NOT NULL,
    structure TEXT NOT NULL,
    definition TEXT NOT NULL
) STRICT;

-- The key is random: it must not tell in which order answers came. `body` is null once erased; the
-- uid stays, so that a late stick cannot bring it back.
CREATE TABLE response (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    survey TEXT NOT NULL,
    version TEXT NOT NULL,
    structure TEXT NOT NULL,
    channel TEXT NOT NULL,
    invited INTEGER NOT NULL CHECK (invited IN (0, 1)),
    status TEXT NOT NULL,
    kiosk TEXT,
    day TEXT NOT NULL,
    lang TEXT NOT NULL,
    duration_s INTEGER,
    background TEXT NOT NULL,
    body TEXT,
    flags TEXT NOT NULL DEFAULT '[]',
    erased TEXT
) STRICT;
CREATE INDEX response_by_survey ON response (survey, structure, day);

-- Sign-ups and private records: they stay sealed and never touch `response`.
CREATE TABLE sealed (
    uid BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    survey TEXT NOT NULL,
    version TEXT NOT NULL,
    kiosk TEXT NOT NULL,
    epoch BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What could not be stored as it is: it stays sealed and waits for a version or for a person.
CREATE TABLE quarantine (
    uid BLOB NOT NULL,
    sha256 BLOB NOT NULL,
    sender TEXT NOT NULL,
    kind TEXT NOT NULL,
    survey TEXT NOT NULL,
    version TEXT NOT NULL,
    kiosk TEXT NOT NULL,
    epoch BLOB NOT NULL,
    body BLOB NOT NULL,
    reason TEXT NOT NULL,
    day TEXT NOT NULL,
    PRIMARY KEY (uid, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX quarantine_by_reason ON quarantine (reason, version);

-- The first content that came under each uid. Exactly-once rests on this key and nothing else.
-- Without rowid, as that would tell in which order answers came.
CREATE TABLE record (
    uid BLOB PRIMARY KEY,
    sha256 BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE kiosk (
    name TEXT PRIMARY KEY,
    received INTEGER NOT NULL DEFAULT 0,
    last_seen TEXT,
    skew_s INTEGER
) STRICT;
CREATE TABLE kiosk_key (
    id BLOB PRIMARY KEY,
    kiosk TEXT NOT NULL REFERENCES kiosk (name),
    key TEXT NOT NULL,
    enrolled TEXT NOT NULL,
    revoked TEXT
) STRICT;
CREATE TABLE kiosk_flag (
    kiosk TEXT NOT NULL REFERENCES kiosk (name),
    flag TEXT NOT NULL,
    day TEXT NOT NULL,
    PRIMARY KEY (kiosk, flag)
) STRICT, WITHOUT ROWID;
CREATE TABLE enrol_code (
    hash BLOB PRIMARY KEY,
    kiosk TEXT NOT NULL,
    expires INTEGER NOT NULL
) STRICT;

-- No unique key on (kiosk, epoch, seq): a cloned card gives a number twice, and both are kept.
-- `sha256` is what the kiosk said of the row.
CREATE TABLE received (
    kiosk TEXT NOT NULL,
    epoch BLOB NOT NULL,
    seq INTEGER NOT NULL,
    uid BLOB NOT NULL,
    sha256 BLOB NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (kiosk, epoch, seq, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX received_by_uid ON received (uid);

CREATE TABLE watermark (
    ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
    kiosk TEXT NOT NULL,
    epoch BLOB NOT NULL,
    base INTEGER NOT NULL,
    high_seq INTEGER NOT NULL,
    tip BLOB,
    last INTEGER NOT NULL DEFAULT 0,
    UNIQUE (kiosk, epoch)
) STRICT;
CREATE TABLE lost (
    kiosk TEXT NOT NULL,
    epoch BLOB NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    reason TEXT NOT NULL,
    day TEXT NOT NULL,
    PRIMARY KEY (kiosk, epoch, first, last)
) STRICT, WITHOUT ROWID;

-- The signed heads of the batches that were taken in: the kiosk's own word for what it sent. The day
-- alone, as batches a minute apart would tell when people answered.
CREATE TABLE delivery (
    head TEXT PRIMARY KEY,
    signature TEXT NOT NULL,
    key BLOB NOT NULL,
    day TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash BLOB NOT NULL
) STRICT;

-- Every answer on a line of its own. A statement of a matrix, or the choice a text belongs to, is in
-- `part`; each choice of several is a line. `response` is response.id.
CREATE VIEW answer AS
SELECT r.id AS response, r.survey, r.version, r.structure,
       CASE instr(q.key, '.') WHEN 0 THEN q.key ELSE substr(q.key, 1, instr(q.key, '.') - 1) END
           AS question,
       CASE instr(q.key, '.') WHEN 0 THEN NULL ELSE substr(q.key, instr(q.key, '.') + 1) END AS part,
       q.atom AS value
FROM response AS r, json_each(r.body, '$.answers') AS q
WHERE q.type NOT IN ('array', 'object')
UNION ALL
SELECT r.id, r.survey, r.version, r.structure, q.key,
       CASE q.type WHEN 'object' THEN p.key END, p.atom
FROM response AS r, json_each(r.body, '$.answers') AS q, json_each(q.value) AS p
WHERE q.type IN ('array', 'object');
