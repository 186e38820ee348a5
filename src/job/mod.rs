//! The conductor: a run as a story, its stages as types.
//!
//! [`Job`] is opened, gathered, scored, published. Each stage holds what the next one needs, and each caller stops where it
//! likes: `check` and dry runs look at what is [`Opened`], `explain` at what is [`Scored`].
//! Does not live here: rules, formulas, and the reading of rows (`passes`).

mod carried;
pub(crate) mod currencies;
pub(crate) mod frozen;
pub mod gathered;
mod groups;
pub(crate) mod guards;
pub(crate) mod known_attributes;
pub(crate) mod lookups;
pub mod memory;
pub mod opened;
mod page;
pub(crate) mod predictions;
pub(crate) mod previous_run;
pub(crate) mod pseudonyms;
pub mod published;
pub(crate) mod rule_columns;
pub mod scored;
pub mod summary;
pub(crate) mod survey;
pub mod tables;

use crate::config::{self, Config, Draft};
use crate::error::{Error, Result};
use crate::progress::{Progress, Stages};
use crate::publish::Output;
use crate::publish::options::OutputOptions;
use crate::spill::Room;
pub use gathered::Gathered;
pub use opened::Opened;
pub use published::Published;
pub use scored::Scored;
pub use survey::Purpose;

/// A run that has not begun: its settings, and how it shows its progress.
#[derive(Debug)]
pub struct Job {
    pub(crate) draft: Draft,
    pub(crate) progress: Progress,
    pub(crate) stages: Stages,
    /// What memory leaves for what grows with the rows; without a limit until the input is opened.
    pub(crate) room: Room,
}

impl Job {
    /// A run with these settings. The segment map brings its bins and methods for every axis that is as by default.
    ///
    /// # Errors
    /// A config error with every setting that is wrong, or where no input is named.
    pub fn new(mut config: Config) -> Result<Self> {
        config.fit_to_map();
        config.carry_group_attributes();
        config::validate(&config)?;
        config.require_input()?;
        Ok(Self::drafted(config.into()))
    }

    /// A run with settings whose problems are reported once it is opened, together with all others. It shows nothing of its
    /// progress.
    pub(crate) fn drafted(draft: Draft) -> Self {
        Self { draft, progress: Progress::new(false), stages: Stages::default(), room: Room::default() }
    }

    /// The same run, which shows its progress this way.
    #[must_use]
    pub(crate) fn with_progress(self, progress: Progress) -> Self {
        Self { progress, ..self }
    }

    pub(crate) const fn config(&self) -> &Config {
        &self.draft.config
    }

    /// Looks at everything that can be known without reading a row.
    ///
    /// # Errors
    /// Config and source errors with everything that is wrong.
    pub fn open(self) -> Result<Opened> {
        Opened::open(self, Purpose::Publish)
    }

    /// Runs the whole job: transactions in, published tables out.
    ///
    /// # Errors
    /// Any kind; whatever was published before still stands.
    pub fn run(self) -> Result<Published> {
        let opened = self.open()?;
        // Nothing is read while another run holds the output.
        let output = opened.claim()?;
        // What was opened before the wait may have been replaced meanwhile.
        let opened = if output.has_waited() { opened.reopen()? } else { opened };
        opened.gather()?.score()?.publish(&output)
    }
}

/// Why the process was aborted that worked on this input: files that cannot be decoded, else memory. What it left at its
/// output is cleared, unless another run is there already.
#[must_use]
pub fn after_abort(config: &Config) -> Error {
    let input = match opened::open_input(config) {
        Ok(input) => input,
        Err(error) => return error,
    };
    if std::path::Path::new(&config.output.path).is_dir() {
        let output = &OutputOptions { wait_seconds: 0, ..config.output.clone() };
        // Whoever opens an output clears it. That it cannot be opened is not what the run failed of.
        drop(Output::open(output, &survey::claimed_paths(Some(&input), config)));
    }
    crate::passes::unreadable::after_abort(&input)
}
