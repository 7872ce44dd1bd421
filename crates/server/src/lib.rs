//! The embedded ledger behind the WebSocket API of a real server.
