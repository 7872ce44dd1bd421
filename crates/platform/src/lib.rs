//! The one place that knows the operating system. Everything else is the same on Linux and on Windows.

pub mod disk;
pub mod files;
pub mod limits;
pub mod names;
pub mod signals;
