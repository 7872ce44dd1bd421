//! The journal and everything read from it: SQLite, sessions, outbox, recovery.
