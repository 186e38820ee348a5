//! The log on stderr: its level, its colours, as text or as JSON.
//!
//! Does not live here: progress and timings (`progress`), and the summary at the end of a run.

use std::io::IsTerminal;

use chrono::{SecondsFormat, Utc};
use serde_json::Value;
use tracing::level_filters::LevelFilter;

use crate::cli::{Color, Format, GlobalArgs};
use crate::error::{Error, SHOWN};

/// An error as one line of JSON, with the keys of every other line of the log: `timestamp`, `level`, `message`.
#[must_use]
pub fn error_json(error: &Error) -> String {
    json_line(error.to_json(SHOWN), &error.headline())
}

/// A message that no error is behind, as one line of JSON.
#[must_use]
pub fn message_json(message: &str) -> String {
    json_line(serde_json::json!({}), message)
}

fn json_line(mut line: Value, message: &str) -> String {
    line["timestamp"] = Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true).into();
    line["level"] = "ERROR".into();
    line["message"] = message.into();
    line.to_string()
}

/// Starts the log on stderr: text or JSON, at the level of the flags or of `RFMETRICS_LOG`.
pub fn start(flags: &GlobalArgs) {
    let level = match (flags.quiet, flags.verbose) {
        (0, 0) | (1, _) => LevelFilter::WARN,
        (0, 1) => LevelFilter::INFO,
        (0, 2) => LevelFilter::DEBUG,
        (0, _) => LevelFilter::TRACE,
        _ => LevelFilter::ERROR,
    };
    let named = std::env::var("RFMETRICS_LOG").ok().filter(|name| !name.is_empty());
    let level = named.as_deref().map_or(Ok(level), str::parse);
    let is_wrong = level.is_err();
    let level = level.unwrap_or(LevelFilter::WARN);
    let log =
        tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(level).with_ansi(wants_colour(flags));
    // A second start would be a bug without consequences: the first log continues.
    let _ = match flags.log_format {
        Some(Format::Json) => log.json().flatten_event(true).try_init(),
        _ => log.with_target(false).compact().try_init(),
    };
    if is_wrong {
        tracing::warn!(found = named, "RFMETRICS_LOG: expected error, warn, info, debug or trace");
    }
}

/// True where colours are wanted on stderr.
fn wants_colour(flags: &GlobalArgs) -> bool {
    match flags.color {
        Some(Color::Always) => true,
        Some(Color::Never) => false,
        Some(Color::Auto) | None => std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
    }
}
