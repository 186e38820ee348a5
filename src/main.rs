//! The program: parse, run, report the error, exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use rfmetrics::cli::{self, Cli, Format};
use rfmetrics::error::{Error, Kind};
use rfmetrics::process::signals;
use rfmetrics::commands;
use rfmetrics::process::{engine, logging};
use tikv_jemallocator::Jemalloc;

#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let as_json = cli.global.log_format == Some(Format::Json);
    // The engine comes first: it may start the program anew, which then says all that there is to say.
    let done = engine::prepare(&cli)
        .map(|()| logging::start_logging(&cli.global, commands::wants_colour(&cli.global)))
        .map(|()| logging::silence_panics())
        .and_then(|()| signals::install(|line| report(&format!("rfmetrics: {line}"))))
        .and_then(|()| logging::guarded(|| commands::execute(&cli, &mut io::stdout().lock())));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&if as_json { logging::error_json(&error) } else { format!("error: {error}") });
            ExitCode::from(exit_code(&error))
        }
    }
}

/// Help, the version, or what was typed wrong.
fn usage(error: &clap::Error) -> ExitCode {
    let told = Some(error).filter(|error| error.use_stderr() && cli::wants_json_logs(std::env::args_os()));
    match told.map(cli::usage_error) {
        Some(error) => report(&logging::error_json(&error)),
        None => drop(error.print()),
    }
    if error.use_stderr() { ExitCode::from(Kind::Config.exit_code()) } else { ExitCode::SUCCESS }
}

fn exit_code(error: &Error) -> u8 {
    error.kind().exit_code()
}

/// Writes to stderr; when that is closed there is nobody left to tell.
fn report(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
