CREATE TABLE database_identity (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  db_uuid TEXT NOT NULL,
  network TEXT NOT NULL,
  network_id INTEGER NOT NULL,
  account TEXT NOT NULL,
  currency TEXT NOT NULL,
  issuer TEXT NOT NULL
) STRICT;

-- One ledger history each: a paper market that was begun anew has its own, with sequences of its own.
CREATE TABLE worlds (
  world_no INTEGER PRIMARY KEY,
  world_id TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE sessions (
  session_id INTEGER PRIMARY KEY AUTOINCREMENT,
  world_no INTEGER NOT NULL REFERENCES worlds (world_no),
  network TEXT NOT NULL,
  config TEXT NOT NULL,
  config_hash TEXT NOT NULL,
  status TEXT NOT NULL,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  starting_xrp TEXT,
  starting_rlusd TEXT,
  starting_value TEXT,
  ending_xrp TEXT,
  ending_rlusd TEXT,
  ending_value TEXT,
  halt_reason TEXT,
  halt_detail TEXT,
  parent_session_id INTEGER REFERENCES sessions (session_id),
  genesis_digest TEXT NOT NULL,
  journal_digest TEXT,
  closed_by TEXT,
  first_ledger_index INTEGER,
  last_ledger_index INTEGER,
  -- figures without a column of their own, as one JSON object
  facts TEXT NOT NULL DEFAULT '{}',
  -- what the next session of this world starts from, in the engine's binary form
  carried BLOB
) STRICT;
CREATE UNIQUE INDEX sessions_one_open ON sessions (status) WHERE status = 'running';

CREATE TABLE orders (
  order_id TEXT PRIMARY KEY,
  session_id INTEGER NOT NULL REFERENCES sessions (session_id),
  side TEXT NOT NULL,
  price TEXT NOT NULL,
  quantity_rlusd TEXT NOT NULL,
  quantity_xrp TEXT NOT NULL,
  taker_gets TEXT NOT NULL,
  taker_pays TEXT NOT NULL,
  remaining_rlusd TEXT,
  remaining_xrp TEXT,
  status TEXT NOT NULL,
  offer_sequence INTEGER,
  ticket INTEGER,
  tx_hash TEXT,
  last_ledger_sequence INTEGER,
  expiration TEXT,
  replaces TEXT,
  cancel_tx_hash TEXT,
  cancel_reason TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  closed_at TEXT
) STRICT;
CREATE INDEX orders_session ON orders (session_id, status);

CREATE TABLE fills (
  fill_id INTEGER PRIMARY KEY,
  order_id TEXT NOT NULL,
  session_id INTEGER NOT NULL REFERENCES sessions (session_id),
  side TEXT NOT NULL,
  tx_hash TEXT NOT NULL,
  ledger_index INTEGER NOT NULL,
  executed_at TEXT NOT NULL,
  price TEXT NOT NULL,
  quantity_rlusd TEXT NOT NULL,
  quantity_xrp TEXT NOT NULL,
  taker_gets TEXT NOT NULL,
  taker_pays TEXT NOT NULL,
  mid_price_at_fill TEXT,
  realized_spread_bps TEXT,
  liquidity TEXT NOT NULL,
  UNIQUE (tx_hash, order_id)
) STRICT;
CREATE INDEX fills_session ON fills (session_id, ledger_index);

CREATE TABLE market_snapshots (
  id INTEGER PRIMARY KEY,
  session_id INTEGER NOT NULL REFERENCES sessions (session_id),
  ledger_index INTEGER NOT NULL,
  best_bid TEXT,
  best_ask TEXT,
  mid_price TEXT,
  spread_bps TEXT,
  reference_price TEXT,
  bid_depth_rlusd TEXT,
  ask_depth_rlusd TEXT,
  own_bid TEXT,
  own_ask TEXT,
  bid_distance_bps TEXT,
  ask_distance_bps TEXT,
  bid_ahead_rlusd TEXT,
  ask_ahead_rlusd TEXT,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX market_snapshots_session ON market_snapshots (session_id, ledger_index);

CREATE TABLE inventory_snapshots (
  id INTEGER PRIMARY KEY,
  session_id INTEGER NOT NULL REFERENCES sessions (session_id),
  ledger_index INTEGER NOT NULL,
  xrp_balance TEXT NOT NULL,
  rlusd_balance TEXT NOT NULL,
  xrp_value_in_rlusd TEXT,
  total_value_in_rlusd TEXT,
  xrp_pct TEXT,
  drift_pct TEXT,
  skew_tier TEXT,
  drift_velocity_pct_per_min TEXT,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX inventory_snapshots_session ON inventory_snapshots (session_id, ledger_index);

CREATE TABLE valuation_snapshots (
  id INTEGER PRIMARY KEY,
  session_id INTEGER NOT NULL REFERENCES sessions (session_id),
  ledger_index INTEGER NOT NULL,
  total_value_rlusd TEXT,
  net_deposits_rlusd_cum TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX valuation_snapshots_session ON valuation_snapshots (session_id, ledger_index);

-- Double entry: the same amount leaves one account of the books and enters another.
CREATE TABLE inventory_ledger (
  id INTEGER PRIMARY KEY,
  session_id INTEGER NOT NULL REFERENCES sessions (session_id),
  ledger_index INTEGER NOT NULL,
  tx_hash TEXT,
  cause TEXT NOT NULL,
  asset TEXT NOT NULL,
  debit TEXT NOT NULL,
  credit TEXT NOT NULL,
  amount TEXT NOT NULL,
  order_id TEXT,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX inventory_ledger_session ON inventory_ledger (session_id, ledger_index);

CREATE TABLE capital_events (
  id INTEGER PRIMARY KEY,
  session_id INTEGER REFERENCES sessions (session_id),
  kind TEXT NOT NULL,
  asset TEXT NOT NULL,
  amount TEXT NOT NULL,
  value_rlusd TEXT,
  tx_hash TEXT,
  ledger_index INTEGER,
  note TEXT,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE inventory_truth_snapshots (
  id INTEGER PRIMARY KEY,
  session_id INTEGER NOT NULL REFERENCES sessions (session_id),
  ledger_index INTEGER NOT NULL,
  source TEXT NOT NULL,
  internal_xrp TEXT NOT NULL,
  internal_rlusd TEXT NOT NULL,
  ledger_xrp TEXT,
  ledger_rlusd TEXT,
  delta_xrp TEXT,
  delta_rlusd TEXT,
  status TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX inventory_truth_session ON inventory_truth_snapshots (session_id, ledger_index);

CREATE TABLE circuit_breaker_events (
  id INTEGER PRIMARY KEY,
  session_id INTEGER NOT NULL REFERENCES sessions (session_id),
  ledger_index INTEGER,
  source TEXT NOT NULL,
  from_mode TEXT NOT NULL,
  to_mode TEXT NOT NULL,
  halt_reason TEXT,
  detail TEXT,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE engine_state (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE reconciler_anomaly_log (
  id INTEGER PRIMARY KEY,
  session_id INTEGER NOT NULL,
  detected_at TEXT NOT NULL,
  order_id TEXT,
  side TEXT,
  quantity_rlusd TEXT,
  xrp_equivalent TEXT,
  age_seconds INTEGER,
  last_status TEXT,
  offer_sequence INTEGER,
  cancel_tx_hash TEXT,
  action_taken TEXT NOT NULL,
  mid_price TEXT
) STRICT;
CREATE INDEX reconciler_anomaly_log_session ON reconciler_anomaly_log (session_id);
CREATE INDEX reconciler_anomaly_log_action ON reconciler_anomaly_log (action_taken);

-- The outbox: what is signed is here before it is sent.
CREATE TABLE submissions (
  session_id INTEGER NOT NULL REFERENCES sessions (session_id),
  intent_id INTEGER NOT NULL,
  intent TEXT NOT NULL,
  order_id TEXT,
  tx_hash TEXT,
  blob BLOB,
  sequence INTEGER,
  ticket INTEGER,
  fee_drops INTEGER,
  last_ledger_sequence INTEGER,
  ends_offer INTEGER,
  decided_ledger_index INTEGER,
  preliminary TEXT,
  outcome TEXT,
  result TEXT,
  outcome_ledger_index INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (session_id, intent_id)
) STRICT;
CREATE INDEX submissions_hash ON submissions (tx_hash);

CREATE TABLE journal (
  session_id INTEGER NOT NULL REFERENCES sessions (session_id),
  seq INTEGER NOT NULL,
  ledger_index INTEGER,
  close_time TEXT,
  input BLOB NOT NULL,
  step BLOB NOT NULL,
  prev_digest TEXT NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (session_id, seq)
) STRICT;
