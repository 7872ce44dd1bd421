//! An XRP Ledger exchange, a network and a market, from a seed.
