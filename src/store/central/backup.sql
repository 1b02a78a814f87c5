-- Up to which number each epoch is in a backup: kiosks may let go of their copies.
ALTER TABLE watermark ADD COLUMN backed_up INTEGER NOT NULL DEFAULT 0;
