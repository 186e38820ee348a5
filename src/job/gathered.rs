//! The second stage, and THE SEAM: everything that later stages need from transactions.
//!
//! Whoever makes it hands over the same values, and nothing after it depends on who did.
//! Does not live here: how the rows are read (`passes`).

use super::guards::{self, Guarded};
use super::lookups::{Lookups, members};
use super::opened::Opened;
use super::predictions::Expectations;
use super::survey::Purpose;
use super::{Job, memory, predictions};
use crate::clean::judge::Rules;
use crate::clean::outcome::Tally;
use crate::clean::quarantine::Rejected;
use crate::config::Config;
use crate::customers::Customers;
use crate::customers::order::MOST_DAYS_OF_AN_ORDER;
use crate::customers::orders::Orders;
use crate::error::Result;
use crate::input::Input;
use crate::input::delivered_twice;
use crate::input::part::InputPart;
use crate::input::skipped_files::SkippedFiles;
use crate::input::window::{as_of, window_start};
use crate::members::options::Prospects;
use crate::passes::attributes::Attributes;
use crate::passes::{self, Aggregated, Reading, repeats};
use crate::predict::{FromOrders, LoadedModels};
use crate::progress::Progress;
use crate::quality;
use crate::reports::findings::{Account, InputAccount, LocatedReject};
use crate::scoring::{PlannedScoring, Scorings};
use crate::source::options::WindowAppliesTo;
use crate::source::scan::Further;
use crate::warnings::{Facts, Warning};

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
    pub(super) predictions: Expectations,
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
    /// The customers.
    #[must_use]
    pub const fn customers(&self) -> &Customers {
        &self.customers
    }

    /// Reads the transactions, proves that none was lost, and looks up what other tables say of their customers.
    ///
    /// # Errors
    /// A source error where a file cannot be decoded or has changed; a quality error where too much is bad; a compute error
    /// where money could overflow.
    pub(super) fn gather(opened: Opened) -> Result<Self> {
        let Opened { mut job, purpose, mut input, scorings, models, pseudonyms, bounded } = opened;
        let (config, progress) = (job.config().clone(), job.progress.clone());
        let is_published = purpose == Purpose::Publish;
        // Now, since a run has made its output by now.
        job.room = bounded.map(|bounded| bounded.room(&config)).unwrap_or_default();
        let repeated_rows = find_repeats(&mut input, &mut job, is_published)?;
        let rules = rules_of_window(&input, &config, &progress)?;
        let skipped = if is_published { SkippedFiles::of_parts(&mut input, &rules) } else { Vec::new() };
        let wanted = Wanted::of(purpose, &config, &scorings);
        let mut aggregated = gather_by(&rules, wanted, &input, &job)?;
        SkippedFiles::account_all(&skipped, &mut aggregated.tally, &mut aggregated.of_parts);
        input.check_unchanged()?;
        job.stages.end("aggregate", input.rows());

        let Aggregated { mut customers, mut attributes, tally, of_parts, mut rejects, mut orders, .. } = aggregated;
        complete(&mut customers, &input, orders.as_mut().filter(|_| wanted.is_of_all_days), &rules)?;
        guards::refuse_bad(&input, &config, &tally, &rejects)?;
        let (currencies, of_currencies) = guards::currencies_or_refuse(&input, &config, &tally)?;
        if is_published {
            quality::check_conservation(expected_rows(&input), &tally, &customers)?;
        }
        let as_of = as_of(&input.rules, &tally).map_err(|error| input.named(error))?;
        let guarded =
            Guarded { input: &input, config: &config, tally: &tally, tallies: &of_parts, customers: &customers, as_of };
        let mut warnings = job.draft.warnings.clone();
        warnings.extend(of_rows(&input, &config, customers.side.stretched));
        warnings.extend(of_currencies);
        warnings.extend(guarded.check(is_published)?);
        let (mut predictions, mut lookups) = (Expectations::default(), Lookups::default());
        if wanted.is_predicted(&config) {
            predictions = expectations(orders, &rules, guarded, models, &mut job)?;
        }
        if is_published {
            lookups = Lookups::read(&input, &config, &customers, as_of, &mut warnings)?;
        } else if wanted.needs_members(&config) {
            lookups.members = members::members(&input, &config, &customers, as_of, &mut warnings)?;
        }
        if let Some(pseudonyms) = &pseudonyms {
            let order = crate::job::pseudonyms::rename(pseudonyms, &mut customers, &mut attributes, &mut rejects);
            predictions.reorder(&order);
            lookups.rename(pseudonyms, &order, &customers.ids);
        }
        predictions.rank();
        let are_all_read = skipped.iter().all(|skipped| skipped.rows() == 0);
        let account =
            Account { currencies, ..account(&input, (tally, of_parts), rejects, &repeated_rows, are_all_read) };
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

/// What the fold does not tell: how keys of pairs are stored, and orders of all days, for segment maps that look at them.
fn complete(customers: &mut Customers, input: &Input, orders: Option<&mut Orders>, rules: &Rules) -> Result<()> {
    customers.pairs = input.pairs();
    if let Some(orders) = orders {
        (customers.orders_ever, customers.purchase_days_ever) = orders.of_all_days(customers.len(), rules.returns)?;
    }
    Ok(())
}

/// What a reader of the figures should know of the rows: settings without an effect on them, ids that come again, files that
/// come twice.
fn of_rows(input: &Input, config: &Config, orders_far_apart: u64) -> Vec<Warning> {
    let mut warnings = input.warnings(config);
    warnings.extend(delivered_twice::warning(input));
    if orders_far_apart > 0 {
        warnings.push(Facts::OrdersFarApart { orders: orders_far_apart, days: MOST_DAYS_OF_AN_ORDER }.into());
    }
    warnings
}

/// Finds the rows that repeat others, where the settings ask for them, and has them left out; how many there are, where they
/// are only counted, which only tables show: of each input, in their order.
fn find_repeats(input: &mut Input, job: &mut Job, is_published: bool) -> Result<Vec<Option<u64>>> {
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
fn rules_of_window(input: &Input, config: &Config, progress: &Progress) -> Result<Rules> {
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

/// What is to be expected of the customers. Where there are no `orders`, since the window cuts rows that count for models, every
/// order is read apart.
fn expectations(
    orders: Option<Orders>,
    rules: &Rules,
    read: Guarded<'_>,
    models: Option<LoadedModels>,
    job: &mut Job,
) -> Result<Expectations> {
    let Guarded { input, config, customers, as_of, .. } = read;
    let read_apart = || {
        let plain = Reading::new(input, &job.progress);
        let room = job.room.beside(customers.len() as u64 * memory::CUSTOMER_COLUMN_BYTES);
        let reading = Reading { threads: config.threads(), room: Some(&room), ..plain };
        passes::every_order::read(&reading, as_of, rules.cut, customers)
    };
    let orders = orders.map_or_else(read_apart, Ok)?;
    let found = FromOrders::gather(orders, &config.predict, customers.len(), as_of, config.threads())?;
    job.room.orders().into_iter().for_each(|file| file.empty());
    job.stages.end("histories", customers.len() as u64);
    predictions::predict(found, config, models, &job.progress, &mut job.stages)
}

/// What is made of the customers.
#[derive(Clone, Copy)]
struct Wanted {
    purpose: Purpose,
    /// Whether a segment map looks at orders of all days, and these are not the orders that count.
    is_of_all_days: bool,
    /// Whether customers are scored or reported by group.
    has_groups: bool,
    /// Whether a segment map looks at predictions, or at attributes.
    rules_over: RulesOver,
}

/// What segment maps look at that else only tables show.
#[derive(Clone, Copy)]
struct RulesOver {
    predictions: bool,
    attributes: bool,
}

impl Wanted {
    /// Only a window makes orders of all days differ from those that count.
    fn of(purpose: Purpose, config: &Config, scorings: &Scorings<PlannedScoring>) -> Self {
        let is_of_all_days = config.may_lack_orders() && scorings.iter().any(|own| own.map.looks_at_all_days());
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
    fn needs_members(self, config: &Config) -> bool {
        let options = &config.customers;
        let is_looked_at = self.has_groups || self.rules_over.attributes;
        options.prospects == Prospects::Counted || is_looked_at && !options.attributes.is_empty()
    }

    /// Whether the orders of every customer are read for models. Of one customer alone nothing is predicted here, unless
    /// rules look at it.
    fn is_predicted(self, config: &Config) -> bool {
        (self.purpose == Purpose::Publish || self.rules_over.predictions) && config.predict.reads_orders()
    }
}

/// Reads the transactions, with everything that the settings ask for: attributes only where something needs them.
fn gather_by(rules: &Rules, asked: Wanted, input: &Input, job: &Job) -> Result<Aggregated> {
    let (config, progress) = (job.config(), &job.progress);
    progress.begin("read", input.rows());
    let wanted = input.further();
    let attributes = wanted.attributes && asked.has_attributes();
    let further = Further { attributes, ..wanted };
    // What a window cuts away counts for models: then every order is read apart.
    let predicts = asked.is_predicted(config) && rules.window_start.is_none();
    let keeps_orders = predicts || asked.is_of_all_days;
    let plain = Reading::new(input, progress);
    let reading = Reading { further, threads: config.threads(), keeps_orders, room: Some(&job.room), ..plain };
    let aggregated = passes::gather(&reading, rules);
    progress.finish();
    aggregated
}

/// Rows that must be seen; not known where a filter leaves some out.
fn expected_rows(input: &Input) -> Option<u64> {
    (!input.has_filter()).then(|| input.rows())
}

/// The row account of the run and of its inputs, but for currencies. `are_all_read`: no row was left unread.
fn account(
    input: &Input,
    (tally, of_parts): (Tally, Vec<Tally>),
    rejects: Vec<Rejected>,
    repeated_rows: &[Option<u64>],
    are_all_read: bool,
) -> Account {
    let aliases = &input.rules.aliases;
    Account {
        aliases: (!aliases.is_empty()).then(|| aliases.found()),
        filtered_rows: guards::removed_by_filter(input, &tally),
        tally,
        cut_amounts_known: are_all_read,
        rejects: located(input, rejects),
        repeated_rows: repeated_rows.iter().flatten().copied().reduce(|all, rows| all + rows),
        of_inputs: accounts_of_inputs(input, of_parts, repeated_rows),
        currencies: None,
    }
}

/// The bad rows with the places where they stand.
fn located(input: &Input, rejects: Vec<Rejected>) -> Vec<LocatedReject> {
    let locate = |rejected: Rejected| {
        let place = rejected.row.and_then(|row| input.locate(rejected.scan, row));
        let name = input.scans().nth(rejected.scan).and_then(|(part, _)| part.name());
        LocatedReject {
            input: name.map(str::to_owned),
            file: place.map(|(_, file, _)| file.path.display().to_string()).unwrap_or_default(),
            row: place.map(|(.., row)| row),
            rejected,
        }
    };
    let mut located: Vec<LocatedReject> = rejects.into_iter().map(locate).collect();
    // Of several inputs, each has its rows together under each reason.
    located.sort_by_key(|reject| reject.rejected.reason);
    located
}

/// The row accounts of inputs that have names, in the order of these.
fn accounts_of_inputs(input: &Input, tallies: Vec<Tally>, repeated_rows: &[Option<u64>]) -> Vec<InputAccount> {
    let account = |(place, (part, tally)): (usize, (&InputPart, Tally))| {
        let filtered_rows = part.filter.as_ref().map(|_| part.contract.rows.saturating_sub(tally.total_rows()));
        let repeated_rows = repeated_rows.get(place).copied().flatten();
        Some(InputAccount { name: part.name()?.to_owned(), tally, repeated_rows, filtered_rows })
    };
    input.parts.iter().zip(tallies).enumerate().filter_map(account).collect()
}
