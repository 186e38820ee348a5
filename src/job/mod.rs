//! The conductor: a run as a story. This is the one place that knows every stage.
#![allow(clippy::disallowed_methods, reason = "plans are executed here")]

pub(crate) mod lookups;
pub mod memory;
pub(crate) mod predictions;
mod pseudonyms;
pub mod published;
pub mod summary;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use chrono::Datelike;

use crate::clean::judge::Rules;
use crate::clean::outcome::Tally;
use crate::clean::quarantine::Rejected;
use crate::config::{Config, Resolved};
use crate::day::date_of;
use crate::error::{Error, Problems, Result};
use crate::input::Input;
use crate::input::skipped_files::Unread;
use crate::passes::attributes::Attributes;
use crate::passes::{Aggregated, aggregate};
use crate::progress::{Progress, Stages};
use crate::publish::Output;
use crate::quality;
use crate::reports::findings::{Account, Findings, LocatedReject};
use crate::scoring::Learned;
use crate::source::contract::Role;
use crate::source::footers::hints::column_hint;
use crate::source::footers::pages;
use crate::source::{footers, listing};
use lookups::Sides;

/// What a run leaves behind.
#[derive(Debug)]
pub struct Published {
    /// The published directory.
    pub path: PathBuf,
    /// The manifest.
    pub manifest: serde_json::Value,
    /// The summary for people.
    pub summary: String,
}

/// Runs the whole job: transactions in, published tables out.
///
/// # Errors
/// Any kind; whatever was published before still stands.
pub fn run(resolved: &Resolved, progress: &Progress) -> Result<Published> {
    let config = &resolved.config;
    let mut stages = Stages::default();

    let mut input = open(config)?;
    let pseudonyms = pseudonyms::wanted(config)?;
    let maps = crate::scoring::segment_maps(config)?;
    let loaded = predictions::loaded(config)?;
    lookups::social::weights(config)?;
    Problems::refuse_any(|problems| lookups::look(Some(&input), config, problems))?;
    stages.end("open", input.contract.rows);

    let output = Output::open(config.output.path.as_ref(), &claimed(Some(&input), config))?;
    refuse_beyond_memory(&input, config)?;

    let rules = rules_of_window(&input, config, progress)?;
    let unread = Unread::take_out(&mut input, config, &predictions::needed(&rules, config));
    let mut aggregated = aggregate_by(&rules, &input, config, progress)?;
    unread.account(&mut aggregated.tally);
    let repeated_rows = crate::passes::repeats::count(&input, config, progress)?;
    let mut attributes = Attributes::read(&input, &config.input, &rules, &mut aggregated.customers, progress)?;
    read_further(&input, config, &rules, &mut aggregated, progress)?;
    footers::check_unchanged(&input.contract.files)?;
    stages.end("aggregate", input.contract.rows);

    quality::gate(&aggregated.tally, &config.clean).map_err(|error| input.named(error))?;
    quality::check_conservation(expected_rows(&input), &aggregated.tally, &aggregated.customers)?;
    let as_of = as_of(&input.rules, &aggregated.tally).map_err(|error| input.named(error))?;
    let mut foreseen =
        predictions::foresee(&input, config, loaded, &aggregated.customers, as_of, progress, &mut stages)?;
    let mut warnings = Vec::new();
    let mut sides = Sides::read(&input, config, &aggregated.customers, &mut warnings)?;
    if let Some(pseudonyms) = &pseudonyms {
        let order = pseudonyms::rename(pseudonyms, &mut aggregated.customers, &mut attributes, &mut aggregated.rejects);
        foreseen.reorder(&order);
        sides.reorder(&order);
    }
    let account = account(&input, aggregated.tally, aggregated.rejects, unread.rows() == 0);
    let account = Account { repeated_rows, ..account };
    let (mut findings, mut learned) = crate::scoring::findings(config, &aggregated.customers, as_of, &maps, &account)?;
    foreseen.attach(&mut findings, &mut learned);
    learned.warnings.append(&mut warnings);
    sides.attach(&mut findings);
    stages.end("score", aggregated.customers.len() as u64);

    let staging = output.stage(date_of(as_of))?;
    let tables = published::write_tables(&staging, &findings, &attributes)?;
    stages.end("write", aggregated.customers.len() as u64);

    let manifest = published::manifest(resolved, &input, &findings, &learned, &tables, &stages);
    let path = published::publish(staging, &manifest)?;
    stages.end("publish", tables.len() as u64);
    let summary = summary::render(&findings, &learned, stages.total_seconds());
    Ok(Published { path, manifest, summary })
}

/// Looks at the input without reading it, but for what the settings ask to be verified.
///
/// # Errors
/// A source error with everything that is wrong.
pub fn open(config: &Config) -> Result<Input> {
    let input = Input::open(config, config.threads())?;
    pages::check_int96_range(&input.contract, config.threads())?;
    if config.input.verify {
        pages::verify_pages(&input.contract.files, config.threads())?;
    }
    Ok(input)
}

/// Why the process was aborted that worked on this input: files that cannot be decoded, else memory. What it left at
/// its output is cleared, unless another run is there already.
#[must_use]
pub fn after_abort(config: &Config) -> Error {
    let input = match open(config) {
        Ok(input) => input,
        Err(error) => return error,
    };
    let output: &Path = config.output.path.as_ref();
    if output.is_dir() {
        // Whoever opens an output clears it. That it cannot be opened is not what the run failed of.
        drop(Output::open(output, &claimed(Some(&input), config)));
    }
    crate::passes::unreadable::after_abort(&input)
}

/// The paths that no output may touch.
fn claimed(input: Option<&Input>, config: &Config) -> Vec<PathBuf> {
    let mut claimed = input.map(Input::paths).unwrap_or_default();
    let sides = config.social.path.iter().chain(&config.predict.profits.path);
    claimed.extend(config.input.paths.iter().chain(sides).map(|path| listing::searched(path)));
    claimed
}

/// Refuses early what `run.memory_limit` will not hold. The estimate costs a second look at the footers.
fn refuse_beyond_memory(input: &Input, config: &Config) -> Result<()> {
    match config.run.memory_limit_bytes() {
        Some(limit) => {
            let ids = input.contract.column(Role::CustomerId).map_or("", |column| &column.name);
            let ids = column_hint(&input.contract.files, ids, config.threads());
            memory::refuse_beyond(Some(limit), &memory::estimate(input, config, config.threads(), &ids))
        }
        None => Ok(()),
    }
}

/// What passes of their own add to the customers, where it is asked for: margins, and the last interactions, where there is
/// an analysis date to count from.
fn read_further(
    input: &Input,
    config: &Config,
    rules: &Rules,
    aggregated: &mut Aggregated,
    progress: &Progress,
) -> Result<()> {
    crate::passes::margin::read(input, &config.input, rules, &mut aggregated.customers, progress)?;
    match as_of(&input.rules, &aggregated.tally) {
        Ok(as_of) => {
            crate::passes::interactions::read(input, &config.input, rules, as_of, &mut aggregated.customers, progress)
        }
        // Without a date the run ends, and its own check says so with the names of the files.
        Err(_) => Ok(()),
    }
}

/// The rules, with the window. Where it ends with the last date of the data, that date is looked for first.
fn rules_of_window(input: &Input, config: &Config, progress: &Progress) -> Result<Rules> {
    let mut rules = input.rules.clone();
    if let Some(days) = config.dates.window_days {
        let last = if let Some(as_of) = rules.as_of {
            Some(as_of)
        } else {
            progress.begin("find date", input.contract.rows);
            crate::passes::last_day(input, &config.input, progress)?
        };
        rules.window_start = last.map(|last| window_start(last, days));
    }
    Ok(rules)
}

fn aggregate_by(rules: &Rules, input: &Input, config: &Config, progress: &Progress) -> Result<Aggregated> {
    progress.begin("read", input.contract.rows);
    let aggregated = aggregate(input, &config.input, rules, config.threads(), progress);
    progress.finish();
    aggregated
}

/// The first day of a window of `days` days that ends with the day `last`.
fn window_start(last: i32, days: u32) -> i32 {
    last.saturating_sub_unsigned(days).saturating_add(1)
}

/// Rows that must be seen; not known where a filter leaves some out.
fn expected_rows(input: &Input) -> Option<u64> {
    input.filter.is_none().then_some(input.contract.rows)
}

/// Dates beyond this year are made up: 9999-12-31 and 2262-04-11 are what programs write for "never".
const LAST_LIKELY_YEAR: i32 = 2200;

/// The analysis date: as given, else the last date in the data. One made-up date would age every customer.
fn as_of(rules: &Rules, tally: &Tally) -> Result<i32> {
    if let Some(as_of) = rules.as_of {
        return Ok(as_of);
    }
    let last = tally.last_day.ok_or_else(|| {
        Error::quality("no row is left, so that the data gives no analysis date").hint("say it with --as-of YYYY-MM-DD")
    })?;
    let date = date_of(last);
    if date.year() > LAST_LIKELY_YEAR {
        return Err(Error::quality(format!("the last date in the data is {date}, which no real order has"))
            .cause("without an analysis date, every recency would be counted from there")
            .hint("say the date with --as-of YYYY-MM-DD: rows after it are left out and counted"));
    }
    Ok(last)
}

fn account(input: &Input, tally: Tally, rejects: Vec<Rejected>, cut_amounts_known: bool) -> Account {
    let locate = |rejected: Rejected| {
        let group = input.groups.get(rejected.scan);
        let place = group.zip(rejected.row).and_then(|(group, row)| group.locate(&input.contract, row));
        let file = place.map(|(file, _)| input.contract.files[file].path.display().to_string()).unwrap_or_default();
        LocatedReject { rejected, file, row: place.map(|(_, row)| row) }
    };
    Account { tally, cut_amounts_known, rejects: rejects.into_iter().map(locate).collect(), repeated_rows: None }
}

/// What `explain` and `check` need to know of the scored customers: hands them to `work` without publishing.
///
/// # Errors
/// As [`run`].
pub fn with_findings<R>(
    config: &Config,
    progress: &Progress,
    work: impl FnOnce(&Input, &Findings<'_>, &Learned) -> Result<R>,
) -> Result<R> {
    let input = open(config)?;
    let maps = crate::scoring::segment_maps(config)?;
    refuse_beyond_memory(&input, config)?;
    let rules = rules_of_window(&input, config, progress)?;
    let mut aggregated = aggregate_by(&rules, &input, config, progress)?;
    read_further(&input, config, &rules, &mut aggregated, progress)?;
    quality::gate(&aggregated.tally, &config.clean).map_err(|error| input.named(error))?;
    let as_of = as_of(&input.rules, &aggregated.tally).map_err(|error| input.named(error))?;
    let account = account(&input, aggregated.tally, aggregated.rejects, true);
    let (findings, learned) = crate::scoring::findings(config, &aggregated.customers, as_of, &maps, &account)?;
    work(&input, &findings, &learned)
}
