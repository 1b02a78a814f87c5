-- The central's database: who may use the staff pages. A password as its Argon2id hash alone. `factor` is the
-- secret of the codes that an app shows, `factor_step` the last of them that was used. `stamp` is new with
-- every change that ends sessions.
CREATE TABLE staff (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('administrator', 'panels')),
    panels TEXT NOT NULL,
    hash TEXT NOT NULL,
    must_change INTEGER NOT NULL CHECK (must_change IN (0, 1)),
    factor BLOB,
    factor_step INTEGER NOT NULL DEFAULT 0,
    stamp BLOB NOT NULL CHECK (length(stamp) = 16),
    created TEXT NOT NULL
) STRICT, WITHOUT ROWID;
