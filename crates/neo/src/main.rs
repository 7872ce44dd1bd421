//! NEO: a market maker for the XRP Ledger's exchange whose books always balance.
fn main() {}
