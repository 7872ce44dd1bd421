//! What the XRP Ledger says, as types: transactions, codec, signing, metadata, messages.
