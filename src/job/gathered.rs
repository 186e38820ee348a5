//! The second stage, and THE SEAM: everything that later stages need from transactions.
//!
//! Whoever makes it hands over the same values, and nothing after it depends on who did.
//! Does not live here: how the rows are read (`passes`).

use super::guards::{self, Guarded};
use super::lookups::{Lookups, members};
use super::opened::Opened;
use super::predictions::Expectations;
use super::rows_read::RowsRead;
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
use crate::input::window::as_of;
use crate::passes::attributes::Attributes;
use crate::passes::{self, Aggregated, Reading};
use crate::predict::{FromOrders, LoadedModels};
use crate::quality;
use crate::reports::findings::{Account, InputAccount, LocatedReject};
use crate::scoring::{PlannedScoring, Scorings};
use crate::time::FromDays;
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
    /// What the days of every customer come to, where it is asked for.
    pub(super) from_days: FromDays,
}

impl Opened {
    /// Reads the transactions.
    ///
    /// # Errors
    /// A source error where a file cannot be decoded or has changed; a quality error where too much is bad; a compute error
    /// where money could overflow, or where memory would not hold it.
    pub fn gather(self) -> Result<Gathered> {
        Gathered::of(RowsRead::of(self)?)
    }
}

impl Gathered {
    /// The customers.
    #[must_use]
    pub const fn customers(&self) -> &Customers {
        &self.customers
    }

    /// Proves that no row was lost, refuses data that is too bad, and looks up what other tables say of the customers.
    ///
    /// # Errors
    /// A quality error where too much is bad; a source error where another table cannot be read; a compute error where models
    /// cannot be fitted.
    pub(super) fn of(read: RowsRead) -> Result<Self> {
        let RowsRead { opened, wanted, rules, repeated_rows, skipped, aggregated } = read;
        let Opened { mut job, purpose, input, scorings, models, pseudonyms, .. } = opened;
        let config = job.config().clone();
        let is_published = purpose == Purpose::Publish;
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
        if wanted.reads_orders(&config) && orders.is_none() {
            orders = Some(read_apart(&rules, guarded, &job)?);
        }
        let mut from_days = from_days(orders.as_mut().filter(|_| is_published), guarded, &mut job)?;
        if let Some(orders) = orders.filter(|_| wanted.is_predicted(&config)) {
            predictions = expectations(orders, guarded, models, &mut job)?;
        }
        if is_published {
            lookups = Lookups::read(&input, &config, &customers, as_of, &mut warnings)?;
        } else if wanted.needs_members(&config) {
            lookups.members = members::members(&input, &config, &customers, as_of, &mut warnings)?;
        }
        if let Some(pseudonyms) = &pseudonyms {
            let order = crate::job::pseudonyms::rename(pseudonyms, &mut customers, &mut attributes, &mut rejects);
            predictions.reorder(&order);
            from_days.reorder(&order);
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
            from_days,
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

/// Every order, where the window cuts rows that count all the same.
fn read_apart(rules: &Rules, read: Guarded<'_>, job: &Job) -> Result<Orders> {
    let Guarded { input, config, customers, as_of, .. } = read;
    let plain = Reading::new(input, &job.progress);
    let room = job.room.beside(customers.len() as u64 * memory::CUSTOMER_COLUMN_BYTES);
    let reading = Reading { threads: config.threads(), room: Some(&room), ..plain };
    passes::every_order::read(&reading, as_of, rules.cut, customers)
}

/// What the days of every customer come to, where it is asked for.
fn from_days(orders: Option<&mut Orders>, read: Guarded<'_>, job: &mut Job) -> Result<FromDays> {
    let Guarded { config, customers, as_of, .. } = read;
    let wanted = config.wanted_over_time(as_of);
    let Some(orders) = orders.filter(|_| wanted.reads_orders()) else { return Ok(FromDays::default()) };
    let found = FromDays::gather(orders, &wanted, customers.len(), as_of, config.threads())?;
    job.stages.end("days", customers.len() as u64);
    Ok(found)
}

/// What is to be expected of the customers.
fn expectations(
    orders: Orders,
    read: Guarded<'_>,
    models: Option<LoadedModels>,
    job: &mut Job,
) -> Result<Expectations> {
    let Guarded { config, customers, as_of, .. } = read;
    let found = FromOrders::gather(orders, &config.predict, customers.len(), as_of, config.threads())?;
    job.room.orders().into_iter().for_each(|file| file.empty());
    job.stages.end("histories", customers.len() as u64);
    predictions::predict(found, config, models, &job.progress, &mut job.stages)
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
