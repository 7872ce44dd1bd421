-- Version 4. How each own offer ended, and what proves it.
CREATE TABLE offer_endings (
  order_id TEXT PRIMARY KEY,
  session_id INTEGER NOT NULL REFERENCES sessions (session_id),
  offer_sequence INTEGER NOT NULL,
  side TEXT NOT NULL,
  ending TEXT NOT NULL,
  -- of one that was partly filled: what took the rest
  removal TEXT,
  -- the ledger of the transaction, or the one up to which nothing was found
  ledger_index INTEGER NOT NULL,
  tx_hash TEXT,
  -- the index of the offer's entry on the ledger
  node TEXT,
  quantity_rlusd TEXT NOT NULL,
  filled_rlusd TEXT NOT NULL,
  filled_xrp TEXT NOT NULL,
  age_seconds INTEGER NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX offer_endings_session ON offer_endings (session_id, ending);

-- What the operator says about capital. The engine is told it at the next start and writes what follows to
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
