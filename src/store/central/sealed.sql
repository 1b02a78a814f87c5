-- Answers that stay sealed here, to be opened on an inner machine: which kiosk sent each, null where it
-- came straight from a home. No day: those of private answers would narrow down whose they are.
ALTER TABLE sealed ADD COLUMN sender TEXT;
-- On an inner machine: how many records came out of another central's backups.
ALTER TABLE central ADD COLUMN opened INTEGER NOT NULL DEFAULT 0;
