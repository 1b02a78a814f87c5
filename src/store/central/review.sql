-- What a person has decided about a row in quarantine, as JSON {verdict, day, by}. The row stays without its
-- content, so that a stick that comes late brings nothing back.
ALTER TABLE quarantine ADD COLUMN settled TEXT;
