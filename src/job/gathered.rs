//! The second stage, and THE SEAM: everything that later stages need from transactions.
//!
//! Whoever makes it hands over the same values, and nothing after it depends on who did.
//! Does not live here: how the rows are read (`passes`).

use std::sync::Arc;

use super::guards::{self, Guarded};
use super::opened::Opened;
use super::survey::Purpose;
use super::{Job, lookups::Lookups, predictions};
use crate::clean::judge::Rules;
use crate::clean::outcome::Tally;
use crate::clean::quarantine::Rejected;
use crate::config::Config;
use crate::customers::Customers;
use crate::error::Result;
use crate::input::Input;
use crate::input::skipped_files::SkippedFiles;
use crate::input::window::{as_of, window_start};
use crate::passes::attributes::Attributes;
use crate::passes::purchase_days::PurchaseDays;
use crate::passes::reading::sole;
use crate::passes::repeats::CountRepeats;
use crate::passes::{self, Aggregated, Pass, Reading};
use crate::predict::LoadedModels;
use crate::progress::Progress;
use crate::quality;
use crate::reports::findings::{Account, LocatedReject};
use crate::scoring::{PlannedScoring, Scorings};
use crate::source::footers;
use crate::source::scan::Further;
use crate::warnings::Warning;

/// Everything that is known from transactions.
#[derive(Debug)]
pub struct Gathered {
    pub(super) job: Job,
    pub(super) input: Input,
    pub(super) scorings: Scorings<PlannedScoring>,
    /// The analysis date, days since 1970-01-01.
    pub(super) as_of: i32,
    /// The rules that the rows were judged by.
    pub(super) rules: Rules,
    pub(super) customers: Customers,
    pub(super) attributes: Attributes,
    pub(super) account: Account,
    pub(super) predictions: predictions::FromPurchaseDays,
    pub(super) lookups: Lookups,
    /// What a reader of the figures from other tables should know.
    pub(super) warnings: Vec<Warning>,
    pub(super) models: Option<LoadedModels>,
}

impl Opened {
    /// Reads the transactions.
    ///
    /// # Errors
    /// A source error where a file cannot be decoded or has changed; a quality error where too much is bad; a compute error
    /// where money could overflow, or where memory would not hold it.
    pub fn gather(self) -> Result<Gathered> {
        Gathered::gather(self)
    }
}

impl Gathered {
    /// Reads the transactions, proves that none was lost, and looks up what other tables say of their customers.
    ///
    /// # Errors
    /// A source error where a file cannot be decoded or has changed; a quality error where too much is bad; a compute error
    /// where money could overflow.
    pub(super) fn gather(opened: Opened) -> Result<Self> {
        let Opened { mut job, purpose, mut input, scorings, models, pseudonyms } = opened;
        let (config, progress) = (job.config().clone(), job.progress.clone());
        let is_published = purpose == Purpose::Publish;
        let mut rules = rules_of_window(&input, &config, &progress)?;
        let skipped = if is_published {
            SkippedFiles::take_out(&mut input, &config, &predictions::needed(&rules, &config))
        } else {
            SkippedFiles::default()
        };
        let asked = if is_published { AskedPasses::of(&input, &config) } else { AskedPasses::default() };
        rules.judges_history = asked.days.is_some();
        let mut aggregated = gather_by(&rules, &asked, purpose, &input, &config, &progress)?;
        skipped.account(&mut aggregated.tally);
        let repeated_rows = asked.repeats.map(|pass| counted(pass, &config, &progress)).transpose()?;
        footers::check_unchanged(&input.contract.files)?;
        job.stages.end("aggregate", input.contract.rows);

        let Aggregated { mut customers, mut attributes, tally, mut rejects, .. } = aggregated;
        guards::refuse_bad(&input, &config, &tally, &rejects)?;
        if is_published {
            quality::check_conservation(expected_rows(&input), &tally, &customers)?;
        }
        let as_of = as_of(&input.rules, &tally).map_err(|error| input.named(error))?;
        let guarded = Guarded { input: &input, config: &config, tally: &tally, customers: &customers, as_of };
        let mut warnings = job.draft.warnings.clone();
        warnings.extend(guarded.check(is_published)?);
        let mut predictions =
            asked.days.map(|pass| predict(pass, guarded, &mut job, models)).transpose()?.unwrap_or_default();
        let mut lookups = Lookups::default();
        if is_published {
            lookups = Lookups::read(&input, &config, &customers, &mut warnings)?;
        }
        if let Some(pseudonyms) = &pseudonyms {
            let order = crate::job::pseudonyms::rename(pseudonyms, &mut customers, &mut attributes, &mut rejects);
            predictions.reorder(&order);
            lookups.reorder(&order);
        }
        predictions.rank();
        let filtered_rows = guards::removed_by_filter(&input, &tally);
        let account = account(&input, tally, rejects, skipped.rows() == 0);
        let account = Account { repeated_rows, filtered_rows, ..account };
        Ok(Self {
            job,
            input,
            scorings,
            as_of,
            rules,
            customers,
            attributes,
            account,
            predictions,
            lookups,
            warnings,
            models,
        })
    }
}

/// What is made of the days of purchases.
fn predict(
    pass: Arc<PurchaseDays>,
    read: Guarded<'_>,
    job: &mut Job,
    models: Option<LoadedModels>,
) -> Result<predictions::FromPurchaseDays> {
    let Guarded { input, config, tally, customers, as_of } = read;
    job.progress.stage("read days");
    let days = sole(pass)?.finish(config, customers, as_of, tally).map_err(|error| input.named(error))?;
    job.progress.finish();
    job.stages.end("read days", input.contract.rows);
    predictions::predict(days, config, models, &job.progress, &mut job.stages)
}

/// The rules, with the window. Where it ends with the last date of the data, that date is looked for first.
fn rules_of_window(input: &Input, config: &Config, progress: &Progress) -> Result<Rules> {
    let mut rules = input.rules.clone();
    if let Some(days) = config.dates.window_days {
        let last = if let Some(as_of) = rules.as_of {
            Some(as_of)
        } else {
            progress.begin("find date", input.contract.rows);
            passes::last_day(&Reading::new(input, &config.input, progress))?
        };
        rules.window_start = last.map(|last| window_start(last, days));
    }
    Ok(rules)
}

/// What rides on the read of the customers, where it is asked for.
#[derive(Default)]
struct AskedPasses {
    days: Option<Arc<PurchaseDays>>,
    repeats: Option<Arc<CountRepeats>>,
}

impl AskedPasses {
    fn of(input: &Input, config: &Config) -> Self {
        Self { days: PurchaseDays::wanted(input, config), repeats: CountRepeats::wanted(input, config) }
    }

    fn all(&self) -> Vec<Arc<dyn Pass>> {
        let days = self.days.iter().map(|pass| Arc::clone(pass) as Arc<dyn Pass>);
        days.chain(self.repeats.iter().map(|pass| Arc::clone(pass) as Arc<dyn Pass>)).collect()
    }
}

/// Reads the transactions, with everything that the settings ask for: attributes only where tables show them.
fn gather_by(
    rules: &Rules,
    asked: &AskedPasses,
    purpose: Purpose,
    input: &Input,
    config: &Config,
    progress: &Progress,
) -> Result<Aggregated> {
    progress.begin("read", input.contract.rows);
    let wanted = Further::of(&config.columns);
    let attributes = wanted.attributes && purpose == Purpose::Publish;
    let further = Further { attributes, compared: asked.repeats.is_some(), ..wanted };
    let reading = Reading { further, threads: config.threads(), ..Reading::new(input, &config.input, progress) };
    let aggregated = passes::gather(&reading, rules, asked.all());
    progress.finish();
    aggregated
}

/// How many rows repeat others.
fn counted(pass: Arc<CountRepeats>, config: &Config, progress: &Progress) -> Result<u64> {
    progress.stage("count repeats");
    let counted = sole(pass)?.finish(config.threads());
    progress.finish();
    counted
}

/// Rows that must be seen; not known where a filter leaves some out.
fn expected_rows(input: &Input) -> Option<u64> {
    input.filter.is_none().then_some(input.contract.rows)
}

fn account(input: &Input, tally: Tally, rejects: Vec<Rejected>, cut_amounts_known: bool) -> Account {
    let locate = |rejected: Rejected| {
        let group = input.groups.get(rejected.scan);
        let place = group.zip(rejected.row).and_then(|(group, row)| group.locate(&input.contract, row));
        let file = place.map(|(file, _)| input.contract.files[file].path.display().to_string()).unwrap_or_default();
        LocatedReject { rejected, file, row: place.map(|(_, row)| row) }
    };
    let rejects = rejects.into_iter().map(locate).collect();
    Account { tally, cut_amounts_known, rejects, repeated_rows: None, filtered_rows: None }
}
