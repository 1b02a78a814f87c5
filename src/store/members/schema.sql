-- The panel's database, first step. Members, whom they let write to them, and what was sent. Nothing here
-- can be joined to a response: no answer, no version, no uid, and who has answered stands in spool.db alone,
-- until the survey is over. Days are YYYY-MM-DD; there is no time of day but where something runs out.

-- No rowid: it would tell in which order people came.
CREATE TABLE member (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    -- As it was written, and as it is compared (panel::email).
    email TEXT NOT NULL,
    identity TEXT NOT NULL UNIQUE,
    birth_year INTEGER NOT NULL,
    gender TEXT,
    district TEXT,
    education TEXT,
    lang TEXT NOT NULL,
    -- Null until the address was confirmed.
    confirmed TEXT,
    -- The last sign of life; never an answer.
    seen TEXT NOT NULL,
    -- When they were asked whether to stay.
    asked TEXT,
    -- Leaves by one press from any mail; nothing else can be done with it.
    stop BLOB NOT NULL UNIQUE CHECK (length(stop) = 16),
    -- Since when mail does not arrive.
    bounced TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE membership (
    member BLOB NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    panel TEXT NOT NULL,
    -- The version of the form whose words were agreed to, and when.
    consent TEXT NOT NULL,
    since TEXT NOT NULL,
    confirmed INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
    PRIMARY KEY (member, panel)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_by_panel ON membership (panel);

-- Links in mails: what they are for, and until when (seconds since 1970). The hash alone.
CREATE TABLE link (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    member BLOB NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    panel TEXT,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX link_by_member ON link (member);

-- Sign-ups that came from kiosks and were taken in: a stick brings them again.
CREATE TABLE signup (
    uid BLOB PRIMARY KEY CHECK (length(uid) = 16)
) STRICT, WITHOUT ROWID;

-- Who was invited to what, and when. It stays, for the caps and so that nobody is invited twice.
CREATE TABLE invitation (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    survey TEXT NOT NULL,
    member BLOB NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    panel TEXT NOT NULL,
    day TEXT NOT NULL,
    -- `mail` or `letter`.
    road TEXT NOT NULL,
    reminded TEXT,
    UNIQUE (survey, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_by_member ON invitation (member, day);

-- What opens an invitation: the hash alone, gone when the survey is over.
CREATE TABLE invite_token (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    invitation BLOB NOT NULL REFERENCES invitation (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX invite_token_by_invitation ON invite_token (invitation);

-- What is left of who answered: counts by a background (JSON) that at least five who were invited share.
CREATE TABLE answer_count (
    survey TEXT NOT NULL,
    background TEXT NOT NULL,
    invited INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    PRIMARY KEY (survey, background)
) STRICT, WITHOUT ROWID;

-- Mails that are to go, and that went. `token` is what its link opens, until it went. States: `queued`,
-- `handing-over` (whether it arrived is unsure until it is `sent`), `sent`, `refused`.
CREATE TABLE mail (
    -- Random: it must not tell in which order.
    id INTEGER PRIMARY KEY,
    member BLOB NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    panel TEXT,
    survey TEXT,
    token BLOB,
    state TEXT NOT NULL DEFAULT 'queued',
    attempts INTEGER NOT NULL DEFAULT 0,
    -- Not before, seconds since 1970.
    due INTEGER NOT NULL,
    day TEXT NOT NULL,
    why TEXT
) STRICT;
CREATE INDEX mail_by_state ON mail (state, due);
CREATE INDEX mail_by_member ON mail (member);
