-- Version 2: the liquidity pool of the pair, and which price the reference is.
ALTER TABLE market_snapshots ADD COLUMN reference_source TEXT;
ALTER TABLE market_snapshots ADD COLUMN pool_price TEXT;
ALTER TABLE market_snapshots ADD COLUMN pool_fee INTEGER;
ALTER TABLE market_snapshots ADD COLUMN anchor_divergence_bps TEXT;
