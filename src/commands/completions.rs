//! `rfmetrics completions`: what a shell completes, made from the definition of the command line.
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Answer, Cli};

const EXAMPLES: &str = "\
EXAMPLES
  rfmetrics completions bash
  rfmetrics completions zsh";

/// Print the completions for a shell
#[derive(Debug, Clone, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: Shell,
}

impl CompletionsArgs {
    pub(crate) fn answer(&self) -> Answer {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "rfmetrics", &mut script);
        Answer::text(String::from_utf8_lossy(&script))
    }
}
