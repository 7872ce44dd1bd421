//! What a number means: drops, issued amounts, prices, quantities, basis points, ledger index and time.
