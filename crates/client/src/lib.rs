//! A stream of validated ledgers that survives bad servers; submission.
