//! The program: parse, prepare the process, execute, report the error, exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use rfmetrics::cli::{self, Format};
use rfmetrics::commands::{self, Cli};
use rfmetrics::error::{Error, Kind, Result};
use rfmetrics::process::{abort, engine, logging, panics, signals};
use tikv_jemallocator::Jemalloc;

#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(error),
    };
    match work(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let as_json = cli.global.log_format == Some(Format::Json);
            report(&if as_json { logging::error_json(&error) } else { format!("error: {error}") });
            ExitCode::from(exit_code(&error))
        }
    }
}

fn work(cli: &Cli) -> Result<()> {
    // The engine comes first: it may execute the program again, and then that second life reports everything.
    engine::prepare(cli.needs_engine(), || cli.threads())?;
    logging::start(&cli.global);
    panics::silence();
    let as_json = cli.global.log_format == Some(Format::Json);
    signals::install(move |line| {
        report(&if as_json { logging::message_json(line) } else { format!("rfmetrics: {line}") });
    })?;
    panics::guarded(|| {
        if abort::is_life_after_abort() {
            return Err(commands::after_abort(cli));
        }
        commands::execute(cli, &mut io::stdout().lock())
    })
}

/// Help, the version, or what was typed wrong.
fn usage(error: clap::Error) -> ExitCode {
    let error = &commands::with_nearest(error);
    let shown = Some(error).filter(|error| error.use_stderr() && cli::wants_json_logs(std::env::args_os()));
    match shown.map(cli::usage_error) {
        Some(error) => report(&logging::error_json(&error)),
        None => drop(error.print()),
    }
    if error.use_stderr() { ExitCode::from(Kind::Config.exit_code()) } else { ExitCode::SUCCESS }
}

fn exit_code(error: &Error) -> u8 {
    error.kind().exit_code()
}

/// Writes to stderr. If that is closed there is no reader left.
fn report(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
