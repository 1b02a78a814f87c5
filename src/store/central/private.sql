-- The central's database, second step: private answers (a prize draw, "kontakt mig"), opened, in a
-- table of their own that nothing joins to `response`. The key is the record's own random number, and
-- there is no rowid, as that would tell in which order they came; no day, no kiosk, no language either.
-- `body` is null once erased, and `erased` says why, when and by whom as JSON; the uid stays, so that
-- a late stick cannot bring it back.
CREATE TABLE private (
    uid BLOB PRIMARY KEY CHECK (length(uid) = 16),
    survey TEXT NOT NULL,
    version TEXT NOT NULL,
    body TEXT,
    erased TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX private_by_survey ON private (survey);
