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
    print(out, &script, "the completions")
}

/// Writes the manual page of the top command.
///
/// # Errors
/// A `Write` error where `out` refuses it.
pub fn write_man_page(out: &mut dyn Write) -> Result<()> {
    let page = clap_mangen::Man::new(Cli::command());
    let mut text = Vec::new();
    page.render(&mut text).map_err(|error| not_written("the manual page", &error))?;
    print(out, &text, "the manual page")
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

/// Prints `text`. A reader that has gone away (`| head`) is no failure.
fn print(out: &mut dyn Write, text: &[u8], what: &str) -> Result<()> {
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(not_written(what, &error)),
        _ => Ok(()),
    }
}

fn not_written(what: &str, error: &io::Error) -> Error {
    Error::write(format!("{what} cannot be written")).cause(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(io::ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_has_gone_away_is_no_failure_but_a_full_disk_is() {
        let mut gone = Failing(io::ErrorKind::BrokenPipe);
        assert!(write_man_page(&mut gone).is_ok() && write_completions(Shell::Bash, &mut gone).is_ok());
        let mut full = Failing(io::ErrorKind::StorageFull);
        assert!(write_man_page(&mut full).is_err() && write_completions(Shell::Bash, &mut full).is_err());
    }
}
