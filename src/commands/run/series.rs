//! The answer of a run for several dates: what became of each.
//!
//! A date is told on standard error when it is published; standard output has all of them at the end. Does not live here: the
//! work (`job::series`).

use std::fmt::Write;

use serde_json::{Value, json};

use super::{answer_of, warn_of};
use crate::cli::Format;
use crate::commands::{Answer, Cli};
use crate::error::Result;
use crate::job::summary::{counted, grouped};
use crate::job::{DateDone, Job, Published};
use crate::warnings::{self, Warning};

/// What became of the dates.
#[derive(Default)]
struct Told {
    /// For people: a line for each date.
    lines: String,
    /// Where the dates are, in the order in which they were done.
    paths: Vec<String>,
    published: Vec<Value>,
    up_to_date: Vec<Value>,
    skipped: Vec<Warning>,
}

/// # Errors
/// As [`Job::run_series`].
pub(super) fn answer(job: Job, cli: &Cli, format: Option<Format>) -> Result<Answer> {
    let mut told = Told::default();
    job.run_series(|done| told.take(done, cli))?;
    let Told { lines, paths, published, up_to_date, skipped } = told;
    if format == Some(Format::Json) {
        let answer = json!({"dates": published, "up_to_date": up_to_date, "warnings": warnings::sentences(&skipped),
            "warning_details": warnings::details(&skipped)});
        return Ok(Answer::text(format!("{answer}\n")));
    }
    let summary = if cli.global.quiet > 0 { String::new() } else { format!("\n{lines}\n") };
    Ok(Answer::text(format!("{summary}{}\n", paths.join("\n"))))
}

impl Told {
    fn take(&mut self, done: DateDone, cli: &Cli) {
        match done {
            DateDone::Published(published) => {
                tracing::info!(as_of = %published.manifest.as_of, "published");
                warn_of(cli, &published.manifest);
                self.lines += &line_of(&published);
                self.paths.push(published.path.display().to_string());
                self.published.push(answer_of(&published));
            }
            DateDone::UpToDate { as_of, path } => {
                let _ = writeln!(self.lines, "{as_of}  up to date");
                self.paths.push(path.display().to_string());
                self.up_to_date.push(json!({"as_of": as_of, "path": path}));
            }
            DateDone::Skipped(warning) => {
                if cli.logs_json() || cli.global.quiet == 1 {
                    tracing::warn!(code = warning.code(), "{warning}");
                }
                let _ = writeln!(self.lines, "warning: {warning}");
                self.skipped.push(warning);
            }
        }
    }
}

/// A date in one line, and its warnings.
fn line_of(published: &Published) -> String {
    let manifest = &published.manifest;
    let (customers, orders) = (manifest.totals.customers, manifest.totals.orders);
    let mut text = format!("{}  {} customers, {}", manifest.as_of, grouped(customers), counted(orders, "order"));
    if !manifest.warnings.is_empty() {
        let _ = write!(text, ", {}", counted(manifest.warnings.len() as u64, "warning"));
    }
    text + "\n"
}
