//! Replay and audit: decide again from the journal, prove the books.
