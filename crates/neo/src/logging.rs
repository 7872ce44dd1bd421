//! Log lines on stderr, text or JSON. A failed diagnostic never stops anything.

use crate::cli::LogFormat;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Installs the one subscriber. Warnings and errors always show; `-v` adds information, `-vv` all.
pub fn init(format: LogFormat, verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        _ => "debug",
    };
    let filter = EnvFilter::try_from_env("NEO_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| crate::view::AboveTheBar)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        // Its own complaints would panic where stderr cannot take them.
        .log_internal_errors(false);
    let outcome = match format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    if let Err(reason) = outcome {
        tracing::debug!(%reason, "a subscriber is installed already");
    }
}
