//! The configuration: defaults, then a TOML file, then the environment, then flags, merged and checked.
//!
//! Lives here: how the settings of all stages are combined, where each value came from, and how they are printed. Does
//! not live here: what a setting means or its default (the `options.rs` of its stage), and what can be typed on the
//! command line (`cli`).

mod columns;
mod file;
mod grain;
mod groups;
mod inputs;
mod keys;
mod layers;
mod map_fit;
mod memory;
mod origin;
mod problem;
mod render;
mod scoring;
mod service_links;
mod starter;
mod tables;
mod text;
mod toml_text;
mod validate;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::campaigns::options::CampaignOptions;
use crate::clean::currency::options::CurrencyOptions;
use crate::clean::options::CleanOptions;
use crate::error::{Error, Result};
use crate::members::options::CustomersOptions;
use crate::predict::options::PredictOptions;
use crate::privacy::options::PrivacyOptions;
use crate::publish::options::OutputOptions;
use crate::quality::options::{DenyWarnings, QualityOptions};
use crate::reports::options::ReportOptions;
use crate::score::on_request::KmeansOptions;
use crate::score::options::ScoreOptions;
use crate::segment::options::{OctantOptions, SegmentOptions};
use crate::social::options::SocialOptions;
use crate::source::options::{ColumnOptions, DateOptions, InputOptions};
use crate::warnings::Warning;

pub use crate::nearest::nearest;
pub use crate::predict::options::ModelChoice;
pub use inputs::{InputEntry, InputSettings};
pub use layers::environment_of;
pub use map_fit::MapFit;
pub use origin::Origin;
pub use scoring::ScoringEntry;
pub use starter::{Guess, starter_toml};
pub use text::value_of_text;
pub use validate::validate;

/// The configuration file that is read from the working directory when none is named.
pub const DEFAULT_FILE: &str = "rfmetrics.toml";

/// The environment variable that names the configuration file.
pub const FILE_VARIABLE: &str = "RFMETRICS_CONFIG";

/// A setting given by a flag: the dotted key, its value, and the flag as the user knows it (`--as-of`).
pub type FlagSetting = (String, toml::Value, String);

/// Every setting of a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Further scorings of the same customers, each a table `[[scoring]]` with a `name` and what differs from `[score]`,
    /// `[segment]` and `[kmeans]`. The run's own scoring is called `main`.
    pub scoring: Vec<ScoringEntry>,
    /// Several inputs, each a table `[[input]]`; none where there is the one `[input]`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<InputEntry>,
    /// Where the transactions lie.
    pub input: InputOptions,
    /// How the columns of the input are called.
    pub columns: ColumnOptions,
    /// The analysis date, the window, and how timestamps become days.
    pub dates: DateOptions,
    /// Which rows are used.
    pub clean: CleanOptions,
    /// Amounts in several currencies, as amounts in one. Without `columns.currency`, amounts count as they stand.
    pub currency: CurrencyOptions,
    /// Who a customer is: one per group of a column, a table of all members, and one of old ids.
    pub customers: CustomersOptions,
    /// What stops a run before anything is published, because the input is old or incomplete.
    pub quality: QualityOptions,
    /// How the three axes are scored.
    pub score: ScoreOptions,
    /// The segment map.
    pub segment: SegmentOptions,
    /// Clusters of customers by k-means.
    pub kmeans: KmeansOptions,
    /// How the octants are divided.
    pub octants: OctantOptions,
    /// How the report tables are cut.
    pub reports: ReportOptions,
    /// Purchases and value to be expected of each customer. Without `model` nothing is predicted.
    pub predict: PredictOptions,
    /// Social measures per customer, from a table of their own.
    pub social: SocialOptions,
    /// Whom a campaign contacts, at what cost, by which rates, and who is left alone.
    pub campaign: CampaignOptions,
    /// Where the tables are published.
    pub output: OutputOptions,
    /// Who is left out, and how ids are published.
    pub privacy: PrivacyOptions,
    /// What the run may use, and what it logs.
    pub run: RunOptions,
    /// Which settings of the axes were given, and which the segment map brought; no setting itself.
    #[serde(skip)]
    pub map_fit: MapFit,
}

/// `[run]`: what the run may use, and what it logs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RunOptions {
    /// Threads to compute with, 1 to 1024. Without it, as many as the machine has cores.
    pub threads: Option<u32>,
    /// The memory that the run may use, a number with its unit: `1.5 GB` (10^9 bytes) or `2 GiB` (2^30 bytes).
    /// Without it, the limit of the control group of the process, else 80% of the machine's memory.
    pub memory_limit: Option<String>,
    /// The directory for temporary files, which take what memory has no room for. Without it, the output directory. The files have
    /// no names, and are gone when the process ends, however it ends.
    pub spill_path: Option<String>,
    /// Let log lines hold customer ids and values of the input; without it they hold counts only.
    pub log_ids: bool,
    /// Which warnings stop a run before anything is published: `true` for all of them, or a list of codes such as
    /// `["stale_data", "nobody_ids"]`. docs/warnings.md lists the codes.
    pub deny_warnings: DenyWarnings,
}

impl RunOptions {
    /// `memory_limit` in bytes, or nothing where none is set or the text is no size
    /// (which [`validate()`] reports).
    #[must_use]
    pub fn memory_limit_bytes(&self) -> Option<u64> {
        self.memory_limit.as_deref().and_then(memory::bytes_of)
    }

    /// Where temporary files go: `spill_path`, else the output, where there must be room anyhow. A run that did not take its
    /// output, as a library's may not, goes where the system keeps such files.
    #[must_use]
    pub fn spill_directory(&self, output: &str) -> PathBuf {
        let output = Path::new(output);
        match &self.spill_path {
            Some(path) => path.into(),
            None if output.is_dir() => output.to_owned(),
            None => std::env::temp_dir(),
        }
    }
}

/// A checked configuration, and where each of its values came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// The settings.
    pub config: Config,
    /// The origin of every setting, by dotted key (`score.recency.bins`).
    pub origins: BTreeMap<String, Origin>,
    /// The configuration file that was read.
    pub file: Option<PathBuf>,
}

/// A configuration as far as it can be used, to find out what else is wrong.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Draft {
    /// The settings; wrong ones have their default.
    pub config: Config,
    /// The keys of the wrong ones, including unknown keys.
    pub wrong: BTreeSet<String>,
    /// What is wrong with them.
    pub problem: Option<Error>,
    /// The configuration file that was read.
    pub file: Option<PathBuf>,
    /// What a reader of the results should know of the settings.
    pub warnings: Vec<Warning>,
}

impl From<Config> for Draft {
    /// Settings that were checked.
    fn from(config: Config) -> Self {
        Self { config, ..Self::default() }
    }
}

impl Draft {
    /// Whether no problem concerns `keys`, the settings below them, or the tables that contain them.
    #[must_use]
    pub fn is_sound(&self, keys: &[&str]) -> bool {
        let concerns = |wrong: &str, key: &str| layers::is_within(wrong, key) || layers::is_within(key, wrong);
        !self.wrong.iter().any(|wrong| keys.iter().any(|key| concerns(wrong, key)))
    }
}

impl Config {
    /// The number of threads to compute with: the setting, else as many as the machine has.
    #[must_use]
    pub fn threads(&self) -> usize {
        let available = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        self.run.threads.map_or(available, |threads| threads as usize)
    }

    /// Merges defaults, file, environment and flags (each over the previous one) and checks the result.
    ///
    /// `file` is the one named on the command line. Without it the file that `RFMETRICS_CONFIG` names
    /// is read, else `rfmetrics.toml` in the working directory where there is one.
    ///
    /// # Errors
    /// A `Config` error with every problem that was found: a file that cannot be read or parsed,
    /// unknown keys and variables, values of the wrong type, values that [`validate()`] refuses.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: Vec<FlagSetting>,
    ) -> Result<Resolved> {
        Self::load_in(Path::new(""), file, environment, flags)
    }

    /// As [`Config::load`], without the settings that are wrong.
    ///
    /// # Errors
    /// A `Config` error where the file cannot be read or parsed, or the other settings cannot be used either.
    pub fn draft(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: Vec<FlagSetting>,
    ) -> Result<Draft> {
        layers_in(Path::new(""), file, environment, flags)?.draft()
    }

    /// As [`Config::load`], searching for `rfmetrics.toml` in `directory`.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn load_in(
        directory: &Path,
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: Vec<FlagSetting>,
    ) -> Result<Resolved> {
        layers_in(directory, file, environment, flags)?.resolve()
    }

    /// Refuses a configuration that names no input, for the commands that need one.
    ///
    /// # Errors
    /// A `Config` error where `input.paths` is empty, and there are no entries `[[input]]`.
    pub fn require_input(&self) -> Result<()> {
        if self.input.paths.is_empty() && self.inputs.is_empty() {
            return Err(Error::config("no input: `input.paths` is empty").hint(
                "name files, directories or patterns with --input PATH, with RFMETRICS_INPUT_PATHS, or as `paths` under `[input]` in the configuration file",
            ));
        }
        Ok(())
    }
}

/// The layers on top of each other, not yet checked as a whole.
fn layers_in(
    directory: &Path,
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
    flags: Vec<FlagSetting>,
) -> Result<layers::Layers> {
    let environment: Vec<(String, String)> = environment.into_iter().collect();
    let mut layers = layers::Layers::of_defaults();
    if let Some(path) = file_to_read(directory, file, &environment) {
        layers.add_file(&path, &file::read(&path)?)?;
    }
    layers.add_environment(&environment);
    layers.add_flags(flags);
    Ok(layers)
}

/// The file to read: the one named by the flag, else by the environment, else the default file if it exists.
fn file_to_read(directory: &Path, named: Option<&Path>, environment: &[(String, String)]) -> Option<PathBuf> {
    let by_variable = || {
        let (_, path) = environment.iter().find(|(name, path)| name == FILE_VARIABLE && !path.is_empty())?;
        Some(PathBuf::from(path))
    };
    let by_default = || Some(directory.join(DEFAULT_FILE)).filter(|path| path.exists());
    named.map(Path::to_path_buf).or_else(by_variable).or_else(by_default)
}

/// The JSON Schema of the configuration file, for editors: `input` is a table, or several of them.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    let mut schema = settings_schema();
    if let Some(properties) = schema["properties"].as_object_mut()
        && let (Some(several), Some(one)) = (properties.remove(inputs::FIELD), properties.remove(inputs::ENTRIES))
    {
        let description = one["description"].clone();
        let either = serde_json::json!({"description": description, "anyOf": [one, several]});
        properties.insert(inputs::ENTRIES.to_owned(), either);
    }
    schema
}

/// The schema of the settings as this program holds them.
fn settings_schema() -> serde_json::Value {
    schemars::schema_for!(Config).to_value()
}

#[cfg(test)]
mod tests;
