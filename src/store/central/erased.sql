-- What was erased after the backup that this database came back from, and is not in it: a kiosk that sends
-- everything again, or a stick that comes late, brings nothing of it back. `sha256` is the sealed content's,
-- empty where it came from a home; `erased` says why, when and by whom as JSON.
CREATE TABLE erased_elsewhere (
    uid BLOB NOT NULL CHECK (length(uid) = 16),
    sha256 BLOB NOT NULL,
    erased TEXT NOT NULL,
    PRIMARY KEY (uid, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX erased_elsewhere_by_sha256 ON erased_elsewhere (sha256);
CREATE INDEX quarantine_by_sha256 ON quarantine (sha256);
