-- Version 5. What the engine knew after a row of the journal, so that a restart decides only the rows after it again. No
-- proof rests on it: what the journal says counts. Of an open session alone, and the last two.
CREATE TABLE journal_checkpoints (
  session_id INTEGER NOT NULL REFERENCES sessions (session_id),
  -- the row after which it knew that
  seq INTEGER NOT NULL,
  -- the digest of that row
  journal_digest TEXT NOT NULL,
  -- in the engine's binary form
  state BLOB NOT NULL,
  -- over both: SHA-256
  digest TEXT NOT NULL,
  PRIMARY KEY (session_id, seq)
) STRICT;
