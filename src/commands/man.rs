//! `rfmetrics man`: the manual pages, made from the definition of the command line.
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory, ValueHint};

use super::{Answer, Cli};
use crate::error::{Error, Result};

const EXAMPLES: &str = "\
EXAMPLES
  rfmetrics man
  rfmetrics man share/man/man1";

/// Print the manual page, or write all of them to a directory
#[derive(Debug, Clone, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct ManArgs {
    /// Directory for one page per command [default: none, the top page is printed]
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub directory: Option<PathBuf>,
}

impl ManArgs {
    /// # Errors
    /// A write error that names the directory.
    pub(crate) fn answer(&self) -> Result<Answer> {
        match &self.directory {
            Some(directory) => write_pages(directory).map(|()| Answer::text("")),
            None => top_page().map(Answer::text),
        }
    }
}

/// The manual page of the top command.
fn top_page() -> Result<String> {
    let mut text = Vec::new();
    let page = clap_mangen::Man::new(Cli::command());
    page.render(&mut text).map_err(|error| not_written("the manual page", &error))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The manual pages of all commands, in `directory`, which is made where it is missing.
fn write_pages(directory: &Path) -> Result<()> {
    let shown = format!("`{}`: the manual pages", directory.display());
    std::fs::create_dir_all(directory)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), directory))
        .map_err(|error| not_written(&shown, &error))
}

fn not_written(what: &str, error: &io::Error) -> Error {
    Error::write(format!("{what} cannot be written")).cause(error)
}
