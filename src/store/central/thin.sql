-- What came and is in a backup, as ranges and counts: which number had which uid stands nowhere any more.
-- `rows` is more than the numbers where a card was cloned.
CREATE TABLE received_range (
    kiosk TEXT NOT NULL,
    epoch BLOB NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    key BLOB NOT NULL,
    rows INTEGER NOT NULL,
    PRIMARY KEY (kiosk, epoch, first, last, key)
) STRICT, WITHOUT ROWID;
