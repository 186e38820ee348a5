//! `rfmetrics report`: one page of pictures of a published date.
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};

use super::Answer;
use crate::error::{Error, Result};
use crate::files::system_error::os_error;
use crate::files::whole_file;
use crate::history::PublishedRun;
use crate::page::{PageOptions, Surroundings, page_of};
use crate::publish::options::Language;

const EXAMPLES: &str = "\
The page is one HTML file that needs no network and no script. `output.report = true` publishes it with every run.

EXAMPLES
  rfmetrics report reports/as_of=2026-01-01
  rfmetrics report reports/as_of=2026-01-01 -o january.html --language zh
  rfmetrics report reports/as_of=2026-01-01 -o -";

/// Make one page of pictures of a published date
#[derive(Debug, Clone, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct ReportArgs {
    /// A published directory (`reports/as_of=2026-01-01`); earlier dates next to it show what has changed
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub directory: PathBuf,
    /// File to write; `-` for standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, default_value = "report.html")]
    pub output_file: PathBuf,
    /// Language of the page [default: the one of output.report_language when the date was published]
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    pub language: Option<PageLanguage>,
    /// Show ids of customers where they help, as in the list of alerts; without it the page has none
    #[arg(long)]
    pub with_ids: bool,
}

/// The language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PageLanguage {
    /// English
    En,
    /// Chinese
    Zh,
}

impl ReportArgs {
    /// # Errors
    /// A config error where there is no such date, or the file would lie among published ones; a source error where a table cannot
    /// be read; a write error where the file cannot be written.
    pub(crate) fn answer(&self) -> Result<Answer> {
        let run = PublishedRun::in_directory("DIR", &self.directory, "run that can be shown")?;
        let is_stdout = self.output_file == Path::new("-");
        if !is_stdout {
            refuse_published(&self.output_file)?;
        }
        let language = match self.language {
            Some(PageLanguage::En) => Language::En,
            Some(PageLanguage::Zh) => Language::Zh,
            None => run.settings()?.output.report_language,
        };
        let output = self.directory.canonicalize().ok().and_then(|path| path.parent().map(Path::to_owned));
        let as_of = run.as_of()?;
        let around = output.map(|output| Surroundings::of(&output, as_of));
        let options = PageOptions { language, with_ids: self.with_ids };
        let page = page_of(&run, &around.unwrap_or_default(), options)?;
        if is_stdout {
            return Ok(Answer::text(page));
        }
        whole_file::write(&self.output_file, &page).map_err(|error| os_error("written", &self.output_file, &error))?;
        Ok(Answer::text(format!("{}\n", self.output_file.display())))
    }
}

/// Refuses a file in a published directory, or in one that holds them: `verify` would find it, and the next run refuse it.
fn refuse_published(file: &Path) -> Result<()> {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !PublishedRun::are_published_in(parent) {
        return Ok(());
    }
    Err(Error::config(format!("`{}` would lie among published files", file.display()))
        .cause("`verify` would report it, and the next run would refuse the directory")
        .hint("name a file elsewhere with -o; `output.report = true` publishes the page with the tables"))
}
