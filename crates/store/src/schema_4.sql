-- Version 4: what the operator says about capital. The engine is told it at the next start and writes what follows to
-- capital_events; a notice of which an event has the number ("notice 3") is done.
CREATE TABLE capital_notices (
  notice_id INTEGER PRIMARY KEY,
  -- the ledger history of what was booked; none for an announcement, which any next session may meet
  world_no INTEGER REFERENCES worlds (world_no),
  kind TEXT NOT NULL,
  asset TEXT NOT NULL,
  amount TEXT NOT NULL,
  destination TEXT,
  within_seconds INTEGER,
  value_rlusd TEXT,
  tx_hash TEXT,
  ledger_index INTEGER,
  note TEXT,
  created_at TEXT NOT NULL,
  created_unix INTEGER NOT NULL
) STRICT;
