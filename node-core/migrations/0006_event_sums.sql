-- A sum over what an event says; none for those of earlier formats.
ALTER TABLE event ADD COLUMN sum INTEGER;
