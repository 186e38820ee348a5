//! Shell completions and manual pages, made from the command line's own definition.

use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use super::Cli;
use crate::error::{Error, Result};

/// Writes the completions for `shell`.
///
/// # Errors
/// A `Write` error where `out` refuses them.
pub fn write_completions(shell: Shell, out: &mut dyn Write) -> Result<()> {
    // Into memory first: the generator panics where its writer fails, as on a closed pipe.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "rfmetrics", &mut script);
    out.write_all(&script).and_then(|()| out.flush()).map_err(|error| not_written("the completions", &error))
}

/// Writes the manual page of the top command.
///
/// # Errors
/// A `Write` error where `out` refuses it.
pub fn write_man_page(out: &mut dyn Write) -> Result<()> {
    let page = clap_mangen::Man::new(Cli::command());
    page.render(out).and_then(|()| out.flush()).map_err(|error| not_written("the manual page", &error))
}

/// Writes the manual pages of all commands to `directory`, which is made where it is missing.
///
/// # Errors
/// A `Write` error that names the directory.
pub fn write_man_pages(directory: &Path) -> Result<()> {
    let shown = format!("`{}`: the manual pages", directory.display());
    std::fs::create_dir_all(directory)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), directory))
        .map_err(|error| not_written(&shown, &error))
}

fn not_written(what: &str, error: &io::Error) -> Error {
    Error::write(format!("{what} cannot be written")).cause(error)
}
