//! Runs the whole job from a program of one's own: settings, input, tables.
//!
//! `cargo run --release --example run_job -- data/sample reports`
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use rfmetrics::{Config, Error, Job};

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let mut config = Config::default();
    config.input.paths = vec![arguments.next().unwrap_or_else(|| "data/sample".to_owned())];
    config.output.path = arguments.next().unwrap_or_else(|| "reports".to_owned());
    config.dates.as_of = Some("2026-10-31".to_owned());

    // Each stage can be looked at, or all of them run at once with `Job::new(config)?.run()?`.
    let opened = Job::new(config)?.open()?;
    let output = opened.claim()?;
    let published = opened.gather()?.score()?.publish(&output)?;

    println!("{}", published.summary);
    println!("{}", published.path.display());
    Ok(())
}
