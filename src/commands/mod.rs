//! The commands: what can be typed, and what is done. One command, one file or folder, with its flags and its work.
//!
//! A command returns an `Answer`; standard output holds nothing else. Does not live here: flags that several commands
//! take (`cli`), and the work of a run (`job` and the stages).

mod answer;
mod campaign;
pub mod check;
mod completions;
mod config;
pub mod explain;
mod export;
pub mod init;
pub mod lint_map;
mod man;
mod maps;
mod report;
mod rule_values;
mod run;
mod schema;
mod simulate;
mod verify;

use std::io::Write;
use std::path::Path;

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser, Subcommand};

pub(crate) use answer::Answer;

use crate::cli::{Format, GlobalArgs, help};
use crate::config::{Config, Draft, FlagSetting, Resolved, environment_of};
use crate::error::{Error, Result};
use crate::job;
use crate::nearest::nearest;
use crate::progress::Progress;

/// RFM customer analytics: transactions in Parquet to scores, segments and Pareto tables
#[derive(Debug, Clone, Parser)]
#[command(name = "rfmetrics", version, about, after_help = help::TOP, after_long_help = help::TOP_LONG)]
#[command(propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    /// Flags that every command takes.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do. Each command's help stands at its arguments.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Command {
    Run(run::RunArgs),
    Report(report::ReportArgs),
    Check(check::CheckArgs),
    Campaign(campaign::CampaignArgs),
    Config(config::ConfigArgs),
    Explain(explain::ExplainArgs),
    Export(export::ExportArgs),
    Init(init::InitArgs),
    Schema(schema::SchemaArgs),
    Simulate(Box<simulate::SimulateArgs>),
    Verify(verify::VerifyArgs),
    Maps(maps::MapsArgs),
    LintMap(lint_map::LintMapArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

impl Command {
    /// The flags that are settings; empty for commands without any.
    pub(crate) fn layers(&self) -> Vec<FlagSetting> {
        match self {
            Self::Run(args) => args.layers(),
            Self::Check(args) => args.settings.layers(),
            Self::Config(args) => args.settings.layers(),
            Self::Explain(args) => args.settings.layers(),
            Self::Campaign(args) => args.layers(),
            _ => Vec::new(),
        }
    }

    fn answer(&self, cli: &Cli) -> Result<Answer> {
        match self {
            Self::Run(args) => args.answer(cli),
            Self::Check(args) => args.answer(cli),
            Self::Config(args) => args.answer(cli),
            Self::Explain(args) => args.answer(cli),
            Self::Campaign(args) => args.answer(cli),
            Self::Export(args) => args.answer(cli),
            Self::Init(args) => args.answer(),
            Self::Report(args) => args.answer(),
            Self::Schema(args) => Ok(args.answer()),
            Self::Simulate(args) => args.answer(),
            Self::Verify(args) => args.answer(),
            Self::Maps(args) => args.answer(),
            Self::LintMap(args) => args.answer(),
            Self::Completions(args) => Ok(args.answer()),
            Self::Man(args) => args.answer(),
        }
    }
}

/// Does what was typed.
///
/// # Errors
/// Whatever the command says; its kind is the exit code.
pub fn execute(cli: &Cli, out: &mut dyn Write) -> Result<()> {
    cli.command.answer(cli)?.print(out)
}

/// The error of a wrong command line, with the command that is nearest to an unknown one, and with the flag of an input that
/// was typed without it.
#[must_use]
pub fn with_nearest(mut error: clap::Error) -> clap::Error {
    let is_path = |typed: &String| !typed.starts_with('-') && Path::new(typed).exists();
    if matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::String(typed)) if is_path(typed)) {
        let tip = "name files and directories of the input with --input PATH".into();
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
        return error;
    }
    let typed = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(typed)) if error.get(ContextKind::SuggestedSubcommand).is_none() => typed.clone(),
        _ => return error,
    };
    let known = Cli::command();
    if let Some(near) = nearest(&typed, known.get_subcommands().map(clap::Command::get_name)) {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![near.to_owned()]));
    }
    error
}

/// What there is to say after the process was aborted: which file is to blame, else that memory is.
#[must_use]
pub fn after_abort(cli: &Cli) -> Error {
    if matches!(cli.command, Command::Campaign(_) | Command::Export(_)) && cli.with_input().is_err() {
        return Error::compute("the process was aborted")
            .cause("a published table is damaged, or memory did not hold it")
            .hint("look at the tables with `rfmetrics verify`, or use a machine with more memory");
    }
    match cli.with_input() {
        Ok(resolved) => job::after_abort(&resolved.config),
        Err(error) => error,
    }
}

impl Cli {
    /// Whether the command reads transactions or tables of customers.
    #[must_use]
    pub const fn needs_engine(&self) -> bool {
        matches!(self.command, Command::Run(_) | Command::Explain(_) | Command::Campaign(_) | Command::Export(_))
    }

    /// The number of threads that the settings ask for; none for all that the machine has.
    ///
    /// # Errors
    /// As [`Config::draft`]: what is wrong with single settings is for the command to say.
    pub fn threads(&self) -> Result<Option<u32>> {
        Ok(self.draft()?.config.run.threads)
    }

    fn load(&self) -> Result<Resolved> {
        let environment = environment_of(std::env::vars_os());
        let resolved = Config::load(self.global.config.as_deref(), environment, self.command.layers())?;
        log_file(resolved.file.as_deref());
        Ok(resolved)
    }

    /// The settings of what was typed, as far as they can be used.
    fn draft(&self) -> Result<Draft> {
        let environment = environment_of(std::env::vars_os());
        let draft = Config::draft(self.global.config.as_deref(), environment, self.command.layers())?;
        log_file(draft.file.as_deref());
        Ok(draft)
    }

    fn with_input(&self) -> Result<Resolved> {
        let resolved = self.load()?;
        resolved.config.require_input()?;
        Ok(resolved)
    }

    fn logs_json(&self) -> bool {
        self.global.log_format == Some(Format::Json)
    }

    fn progress(&self) -> Progress {
        Progress::new(self.global.quiet == 0 && !self.logs_json())
    }
}

/// Says which configuration file is in use: the first line of a verbose log.
fn log_file(path: Option<&Path>) {
    if let Some(path) = path {
        tracing::info!(path = %path.display(), "configuration file");
    } else {
        tracing::info!("no configuration file: defaults, environment and flags");
    }
}

#[cfg(test)]
mod tests;
