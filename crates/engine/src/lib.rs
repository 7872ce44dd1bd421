//! What we decide: book, reference, quotes, orders, fills, inventory, reconciliation.
