//! Reads a published date: its totals, its warnings, and a column of a table.
//!
//! `cargo run --release --example read_published -- reports/as_of=2026-10-31`
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use rfmetrics::{Error, PublishedRun};

fn main() -> Result<(), Error> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "reports/as_of=2026-10-31".to_owned());
    let run = PublishedRun::open(&path)?;
    println!("{} customers on {}", run.totals()?.customers, run.as_of()?);
    for table in run.tables()? {
        println!("{:>24} {:>9} rows", table.name, table.rows);
    }
    for warning in run.warnings()? {
        println!("warning: {}", warning.text);
    }
    Ok(())
}
