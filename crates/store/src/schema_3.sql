-- Version 3: which write-ahead log belongs to the file, and in which version of the journal a session was written.
ALTER TABLE database_identity ADD COLUMN log_id TEXT;
ALTER TABLE database_identity ADD COLUMN log_follows TEXT;
ALTER TABLE sessions ADD COLUMN journal_version INTEGER;
