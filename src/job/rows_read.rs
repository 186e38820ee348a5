//! The rows of a run, read: one analysis date's customers and their account, before anything is made of them.
//!
//! Lives here: what is read for which purpose, and by which rules. Does not live here: the reading itself (`passes`), and what
//! becomes of the customers (`gathered`).

use super::Job;
use super::opened::Opened;
use super::survey::Purpose;
use crate::clean::judge::Rules;
use crate::config::Config;
use crate::error::Result;
use crate::input::Input;
use crate::input::skipped_files::SkippedFiles;
use crate::input::window::window_start;
use crate::members::options::Prospects;
use crate::passes::{self, Aggregated, Reading, repeats};
use crate::progress::Progress;
use crate::scoring::{PlannedScoring, Scorings};
use crate::source::options::WindowAppliesTo;
use crate::source::scan::Further;

/// The rows of one analysis date.
#[derive(Debug)]
pub(super) struct RowsRead {
    pub(super) opened: Opened,
    pub(super) wanted: Wanted,
    /// The rules that the rows were judged by.
    pub(super) rules: Rules,
    /// Of each input how many rows repeat others, where they are only counted.
    pub(super) repeated_rows: Vec<Option<u64>>,
    /// The files that were left unread.
    pub(super) skipped: Vec<SkippedFiles>,
    pub(super) aggregated: Aggregated,
}

impl RowsRead {
    /// Reads the transactions.
    ///
    /// # Errors
    /// A source error where a file cannot be decoded or has changed; a compute error where money could overflow.
    pub(super) fn of(opened: Opened) -> Result<Self> {
        let Opened { mut job, purpose, mut input, scorings, models, pseudonyms, bounded } = opened;
        let (config, progress) = (job.config().clone(), job.progress.clone());
        let is_published = purpose == Purpose::Publish;
        // Now, since a run has made its output by now.
        job.room = bounded.as_ref().map(|bounded| bounded.room(&config)).unwrap_or_default();
        let repeated_rows = find_repeats(&mut input, &mut job, is_published)?;
        let rules = rules_of_window(&input, &config, &progress)?;
        let skipped = if is_published { SkippedFiles::of_parts(&mut input, &rules) } else { Vec::new() };
        let wanted = Wanted::of(purpose, &config, &scorings);
        let mut aggregated = gather_by(&rules, wanted, &input, &job)?;
        SkippedFiles::account_all(&skipped, &mut aggregated.tally, &mut aggregated.of_parts);
        input.check_unchanged()?;
        job.stages.end("aggregate", input.rows());
        let opened = Opened { job, purpose, input, scorings, models, pseudonyms, bounded };
        Ok(Self { opened, wanted, rules, repeated_rows, skipped, aggregated })
    }
}

/// Finds the rows that repeat others, where the settings ask for them, and has them left out; how many there are, where they
/// are only counted, which only tables show: of each input, in their order.
pub(super) fn find_repeats(input: &mut Input, job: &mut Job, is_published: bool) -> Result<Vec<Option<u64>>> {
    if !input.looks_for_repeats() || !is_published && !input.leaves_repeats_out() {
        return Ok(Vec::new());
    }
    let found = repeats::find(input, job.config(), &job.room, &job.progress)?;
    job.stages.end("find repeats", input.rows());
    let counted = found.iter().map(|own| own.counted).collect();
    for (part, own) in input.parts.iter_mut().zip(found) {
        part.repeated_rows = own.rows;
    }
    Ok(counted)
}

/// The rules, with the window and the cut of a holdout. Where they end with the last date of the data, that is looked for
/// first.
pub(super) fn rules_of_window(input: &Input, config: &Config, progress: &Progress) -> Result<Rules> {
    let mut rules = input.rules.clone();
    let holdout = config.predict.holdout_days.filter(|_| config.predict.reads_orders());
    if config.dates.window_days.is_none() && holdout.is_none() {
        return Ok(rules);
    }
    let last = if let Some(as_of) = rules.as_of {
        Some(as_of)
    } else {
        progress.begin("find date", input.rows());
        passes::last_day(&Reading::new(input, progress))?
    };
    rules.cut = last.zip(holdout).map(|(last, days)| last.saturating_sub_unsigned(days));
    if let Some(days) = config.dates.window_days {
        let start = last.map(|last| window_start(last, days));
        match config.dates.window_applies_to {
            WindowAppliesTo::FrequencyAndMoney => rules.orders_from = start,
            WindowAppliesTo::Everything => rules.window_start = start,
        }
    }
    Ok(rules)
}

/// What is made of the customers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    purpose: Purpose,
    /// Whether a segment map looks at orders of all days, and these are not the orders that count.
    pub(super) is_of_all_days: bool,
    /// Whether customers are scored or reported by group.
    has_groups: bool,
    /// Whether a segment map looks at predictions, or at attributes.
    rules_over: RulesOver,
}

/// What segment maps look at that else only tables show.
#[derive(Debug, Clone, Copy)]
struct RulesOver {
    predictions: bool,
    attributes: bool,
}

impl Wanted {
    /// Only a window makes orders of all days differ from those that count.
    pub(super) fn of(purpose: Purpose, config: &Config, scorings: &Scorings<PlannedScoring>) -> Self {
        let looks_at_all_days = scorings.iter().any(|own| own.map.looks_at_all_days()) || config.compares_stages();
        let is_of_all_days = config.may_lack_orders() && looks_at_all_days;
        let is_by_group = scorings.iter().any(|own| !own.settings.score.by.is_empty());
        let has_groups = is_by_group || !config.reports.by.is_empty();
        let rules_over = RulesOver {
            predictions: scorings.iter().any(|own| own.map.looks_at_predictions()),
            attributes: scorings.iter().any(|own| own.map.attributes().next().is_some()),
        };
        Self { purpose, is_of_all_days, has_groups, rules_over }
    }

    /// Whether attributes are gathered: tables show them, rules look at them, or groups are made of them.
    fn has_attributes(self) -> bool {
        self.purpose == Purpose::Publish || self.rules_over.attributes || self.has_groups
    }

    /// Whether the table of members says something that scores, ranks or segments of customers follow from.
    pub(super) fn needs_members(self, config: &Config) -> bool {
        let options = &config.customers;
        let is_looked_at = self.has_groups || self.rules_over.attributes;
        options.prospects == Prospects::Counted || is_looked_at && !options.attributes.is_empty()
    }

    /// Whether every order is read: for models, or for what is made of the days of customers.
    pub(super) fn reads_orders(self, config: &Config) -> bool {
        self.is_predicted(config) || self.purpose == Purpose::Publish && config.reads_orders()
    }

    /// Whether the orders of every customer are read for models. Of one customer alone nothing is predicted here, unless
    /// rules look at it.
    pub(super) fn is_predicted(self, config: &Config) -> bool {
        (self.purpose == Purpose::Publish || self.rules_over.predictions) && config.predict.reads_orders()
    }

    /// A reading of all that the settings ask for: attributes only where something needs them.
    pub(super) fn reading<'a>(self, rules: &Rules, input: &'a Input, job: &'a Job) -> Reading<'a> {
        let config = job.config();
        let wanted = input.further();
        let attributes = wanted.attributes && self.has_attributes();
        // What a window cuts away counts all the same: then every order is read apart.
        let reads_orders = self.reads_orders(config) && rules.window_start.is_none();
        let keeps_orders = reads_orders || self.is_of_all_days;
        let further = Further { attributes, ..wanted };
        let plain = Reading::new(input, &job.progress);
        Reading { further, threads: config.threads(), keeps_orders, room: Some(&job.room), ..plain }
    }
}

/// Reads the transactions, with everything that the settings ask for.
fn gather_by(rules: &Rules, asked: Wanted, input: &Input, job: &Job) -> Result<Aggregated> {
    job.progress.begin("read", input.rows());
    let aggregated = passes::gather(&asked.reading(rules, input, job), rules);
    job.progress.finish();
    aggregated
}
