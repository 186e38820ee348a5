//! What only the rows can prove, but the statistics in the footers already claim: that a run would find no row to use,
//! or too many bad ones, or no date to count from.
//!
//! Lives here: the claims, put through the same gates as the rows of a run. A claim that could be refuted because rows
//! are left out for another reason is a warning, not a problem. Does not live here: the gates (`quality`), and
//! everything else that a check says (`check`).

use super::DatesReport;
use super::volume::{self, ForeseenVolume, VolumeReport};
use crate::clean::options::{CleanOptions, Returns, ZeroAmounts};
use crate::clean::outcome::{Outcome, Tally};
use crate::config::Config;
use crate::day::date_of;
use crate::error::{Error, Result};
use crate::input::Input;
use crate::input::clock::Clock;
use crate::input::part::InputPart;
use crate::input::skipped_files::outside;

use crate::input::window::{as_of, window_start};
use crate::job::currencies;
use crate::job::guards::date_formats;
use crate::job::memory::IdHints;
use crate::passes::ids_too_large;
use crate::quality::{self, RowContext};
use crate::source::contract::Role;
use crate::source::contract::date_range::date_range;
use crate::source::footers::hints::{ColumnHint, column_hints};
use crate::source::kinds::ColumnKind;
use crate::source::options::WindowAppliesTo;
use crate::warnings::{Facts, Warning};

/// What the footers claim about the rows of each input, in their order.
#[derive(Debug, Default)]
pub(crate) struct Claims(pub(crate) Vec<PartClaims>);

/// What the footers of one input claim about all its rows.
#[derive(Debug, Default)]
pub(crate) struct PartClaims {
    /// The first and the last date.
    days: (Option<i32>, Option<i32>),
    /// By how many days a date may lie outside of these.
    slack_days: i32,
    /// Whether what lies between two dates may be none.
    has_gaps: bool,
    /// Whether all dates lie on one side of the years 1 to 9999.
    are_no_dates: bool,
    dates: ColumnHint,
    /// Those of the amount, or of its two factors.
    amounts: Vec<ColumnHint>,
    has_ids_too_large: bool,
    /// Properties of the ids, for the memory estimate.
    pub(crate) ids: ColumnHint,
    orders: ColumnHint,
}

/// What a run would stop at if the claims are true: for certain, and unless the rows in question are left out.
#[derive(Debug, Default)]
pub(crate) struct Forecast {
    /// In the order of a run.
    pub(crate) problems: Vec<Error>,
    pub(crate) warnings: Vec<Warning>,
    /// The rows against those of the previous run; none where nothing will be compared.
    pub(crate) volume: Option<VolumeReport>,
}

impl PartClaims {
    fn of(part: &InputPart, threads: usize) -> Self {
        let contract = &part.contract;
        let column = |role: Role| contract.column(role);
        // Directory names have no statistics, and a name without a column claims nothing.
        let name = |role: Role| column(role).filter(|own| !own.from_partition).map_or("", |own| own.name.as_str());
        let factors = [Role::Amount, Role::Quantity, Role::UnitPrice];
        let [amount, quantity, price] = factors.map(name);
        // Orders that several columns tell apart have no range.
        let order = if contract.order_key().count() == 1 { name(Role::OrderId) } else { "" };
        let names = [name(Role::CustomerId), order, name(Role::OrderTs), amount, quantity, price];
        let [ids, orders, dates, amounts @ ..] = column_hints(&contract.files, names, threads);
        let read = factors.into_iter().zip(amounts).filter(|(role, _)| column(*role).is_some());
        let amounts = read.map(|(_, hint)| hint).collect();
        let clock = column(Role::OrderTs).and_then(|column| Clock::of(&column.kind, &part.rules.dates));
        let day = |stored: Option<i64>| clock.as_ref()?.day(stored?);
        let range = date_range(contract);
        let are_unsigned =
            column(Role::CustomerId).is_some_and(|own| matches!(own.kind, ColumnKind::Int { bits: 64, signed: false }));
        let largest = ids.unsigned_most.filter(|_| are_unsigned);
        let days = (day(range.min), day(range.max));
        let one_side = range.min.zip(range.max).is_some_and(|(min, max)| (min > 0) == (max > 0));
        Self {
            days,
            slack_days: clock.as_ref().map_or(0, Clock::slack_days),
            has_gaps: clock.as_ref().is_some_and(|clock| !clock.is_gapless()),
            are_no_dates: clock.as_ref().is_some_and(Clock::is_gapless) && one_side && days == (None, None),
            dates,
            amounts,
            has_ids_too_large: largest.is_some_and(|largest| i64::try_from(largest).is_err()),
            ids,
            orders,
        }
    }

    /// The dates, for the report.
    pub(crate) fn dates(&self, as_of: Option<i32>) -> DatesReport {
        let rows_after_as_of = match (as_of, self.days) {
            (None, _) => "none",
            (Some(as_of), (_, Some(last))) if last <= as_of => "none",
            (Some(as_of), (Some(first), _)) if first > as_of => "all",
            (Some(_), (Some(_), Some(_))) => "some",
            _ => "unknown",
        };
        let shown = |day: Option<i32>| day.map(|day| date_of(day).to_string());
        DatesReport { first: shown(self.days.0), last: shown(self.days.1), nulls: self.dates.nulls, rows_after_as_of }
    }

    /// Whether no row can be bad or left out: floats may not be numbers, texts may be blank, amounts too large, and of
    /// two rows with one key only one is kept.
    fn every_row_is_kept(&self, part: &InputPart, input: &Input, config: &Config) -> bool {
        let kind = |role: Role| part.contract.column(role).map(|column| &column.kind);
        let digits = config.clean.money_scale;
        let fits = |kind: &ColumnKind| match kind {
            // Ten digits and at most six decimals.
            ColumnKind::Int { bits, .. } => *bits <= 32,
            ColumnKind::Decimal { precision, scale } => precision.saturating_sub(*scale) + u32::from(digits) <= 18,
            _ => false,
        };
        let (clean, own) = (&config.clean, &part.settings.clean);
        let nulls = [&self.dates, &self.ids].into_iter().chain(&self.amounts);
        nulls.map(|hint| hint.nulls).all(|nulls| nulls == Some(0))
            && !self.has_gaps
            && !input.rules.known.is_of_customers()
            && matches!(kind(Role::CustomerId), Some(ColumnKind::Int { .. }))
            && kind(Role::Amount).is_some_and(fits)
            && input.rules.currencies.is_none()
            && own.nobody_ids.is_empty()
            && own.dedupe_keys.is_empty()
            && clean.min_amount.is_none()
            && clean.max_amount.is_none()
            && clean.returns != Returns::Drop
            && clean.zero_amounts != ZeroAmounts::Drop
    }

    /// The account of the rows as far as it is certain: those that are not known to be bad or cut count as kept.
    fn tally(&self, part: &InputPart, input: &Input, config: &Config) -> Tally {
        let mut tally = Tally::default();
        let mut rest = part.contract.rows;
        let mut put = |outcome: Outcome, rows: u64| {
            tally.rows[outcome.index()] = rows.min(rest);
            rest -= rows.min(rest);
        };
        let (rules, window) = (&input.rules, config.dates.window_days);
        let cuts = config.dates.window_applies_to == WindowAppliesTo::Everything;
        let window = window.filter(|_| cuts);
        let start = rules.as_of.zip(window).map(|(last, days)| window_start(last, days));
        let (first, last) =
            (self.days.0.map(|day| day - self.slack_days), self.days.1.map(|day| day + self.slack_days));
        let span = first.zip(last);
        let is_too_early = rules.min_day.zip(last).is_some_and(|(least, last)| last < least);
        if self.are_no_dates || is_too_early {
            put(Outcome::NullDate, self.dates.nulls_at_least);
            let outcome = if is_too_early { Outcome::DateBeforeMin } else { Outcome::UnparsableDate };
            // With a window they may be cut before this rule applies.
            if !is_too_early || start.is_none() {
                put(outcome, u64::MAX);
            }
            put(Outcome::Kept, u64::MAX);
        } else if let Some(cut) = span.and_then(|(first, last)| outside(first, last, rules.as_of, start)) {
            let is_of_customers = rules.known.is_of_customers() && cut == Outcome::AfterAsOf;
            put(Outcome::NullDate, self.dates.nulls_at_least);
            put(if is_of_customers { Outcome::LastOrderAfterAsOf } else { cut }, u64::MAX);
        } else {
            // Time comes first. A row that lacks two of the three is counted once, for either.
            let none_is_cut = match (rules.as_of, window, span) {
                (None, None, _) => true,
                (Some(as_of), _, Some((first, last))) => last <= as_of && start.is_none_or(|start| first >= start),
                _ => false,
            };
            let certain = |nulls: u64| if none_is_cut { nulls } else { 0 };
            let null_amounts = self.amounts.iter().map(|hint| hint.nulls_at_least).max().unwrap_or(0);
            let nulls = [
                (Outcome::NullCustomer, certain(self.ids.nulls_at_least)),
                (Outcome::NullDate, self.dates.nulls_at_least),
                (Outcome::NullAmount, certain(null_amounts)),
            ];
            let (outcome, rows) = nulls.into_iter().max_by_key(|(_, rows)| *rows).unwrap_or((Outcome::NullDate, 0));
            put(outcome, rows);
            put(Outcome::Kept, u64::MAX);
        }
        tally.last_day = self.days.1.filter(|_| tally.rows_of(Outcome::Kept) > 0);
        tally.seen_days = span;
        tally
    }
}

impl Claims {
    pub(crate) fn of(input: &Input, threads: usize) -> Self {
        Self(input.parts.iter().map(|part| PartClaims::of(part, threads)).collect())
    }

    /// Properties of the customer ids of each input, for the memory estimate.
    pub(crate) fn ids(&self) -> Vec<IdHints> {
        self.0.iter().map(|own| IdHints { customers: own.ids.clone(), orders: own.orders.clone() }).collect()
    }

    /// What a run would stop at.
    pub(crate) fn forecast(&self, input: &Input, config: &Config) -> Forecast {
        let mut found = Forecast { warnings: input.warnings(config), ..Forecast::default() };
        // It is not known how many rows, and which, remain after a filter or a list of customers.
        let every_row_counts = !input.has_filter() && config.privacy.exclude_ids.is_none();
        let has_window = input.rules.as_of.is_some() || config.dates.window_days.is_some();
        let trusts = input.parts.iter().any(|part| part.settings.input.trust_statistics);
        let every_file_is_read = !(trusts && has_window);
        if self.0.iter().any(|own| own.has_ids_too_large) {
            found.claim(Err(ids_too_large()), every_row_counts && every_file_is_read);
        }
        let parts = || self.0.iter().zip(&input.parts);
        let mut tally = Tally::default();
        parts().for_each(|(own, part)| tally.join(&own.tally(part, input, config)));
        let is_empty = tally.rows_of(Outcome::Kept) == 0;
        // A filter cannot leave a kept row where there is none; how many bad ones it leaves is not known.
        let any_share = CleanOptions { strict: false, max_quarantined_share: 1.0, ..config.clean.clone() };
        let asked = if is_empty && !every_row_counts { &any_share } else { &config.clean };
        found.claim(quality::gate(&tally, &context(input), asked), is_empty || every_row_counts);
        // Those that are not known to be bad count as kept: a run keeps no more.
        found.claim(quality::check_rows(&tally, &config.quality), true);
        let last_days: Option<Vec<i32>> = self.0.iter().map(|own| own.days.1).collect();
        let last_day = last_days.and_then(|days| days.into_iter().max());
        foresee_freshness(last_day, input, config, &mut found);
        found.warnings.extend(other_currencies(input, config));
        if let Some(ForeseenVolume { report, found: compared }) = volume::foresee(input, config) {
            found.volume = Some(report);
            match compared {
                Ok(facts) => found.warnings.extend(facts.into_iter().map(Warning::from)),
                Err(error) => found.claim(Err(error), true),
            }
        }
        found.warnings.extend(old_rates(last_day, input));
        if is_empty || last_day.is_some() {
            let is_certain =
                is_empty || every_row_counts && parts().all(|(own, part)| own.every_row_is_kept(part, input, config));
            found.claim(as_of(&input.rules, &tally).map(drop), is_certain);
        }
        found
    }
}

/// The last order is not later than the last date that the footers claim.
fn foresee_freshness(last: Option<i32>, input: &Input, config: &Config, found: &mut Forecast) {
    let Some((as_of, last)) = input.rules.as_of.zip(last) else { return };
    match quality::check_freshness(last.min(as_of), as_of, &config.quality) {
        Ok(facts) => found.warnings.extend(facts.map(Warning::from)),
        Err(error) => found.claim(Err(error), true),
    }
}

/// Rates that end long before the dates that the footers claim.
fn old_rates(last_day: Option<i32>, input: &Input) -> Option<Warning> {
    let rates = input.rules.currencies.as_ref()?.rates()?;
    let (_, last_rate) = rates.days()?;
    let last = last_day.map(|last| input.rules.as_of.map_or(last, |as_of| last.min(as_of)))?;
    let is_old = last_rate.saturating_add_unsigned(rates.max_age_days()) < last;
    let (last_rate, last_date, max_age_days) = (date_of(last_rate), date_of(last), rates.max_age_days());
    is_old.then(|| Facts::RatesEndEarly { last_rate, last_date, max_age_days }.into())
}

/// Runs whose breaks or models are taken, and which have money in another currency than the one that is set.
fn other_currencies(input: &Input, config: &Config) -> Vec<Warning> {
    let base = input.rules.currencies.as_ref().and_then(|currencies| currencies.base());
    // What is wrong with such a run is said where it is read for its breaks or models.
    base.and_then(|base| currencies::of_base(config, &base).ok()).unwrap_or_default()
}

/// What is known of the rows before they are read.
fn context(input: &Input) -> RowContext {
    let date_format = date_formats(input);
    RowContext { labels: input.column_labels(), as_of: input.rules.as_of, date_format, ..RowContext::default() }
}

impl Forecast {
    /// Notes the first thing that a run would stop at, and before it those at which it may stop.
    fn claim(&mut self, outcome: Result<()>, is_certain: bool) {
        let Some(error) = outcome.err().filter(|_| self.problems.is_empty()) else { return };
        if is_certain {
            self.problems.push(error.cause("so the statistics in the footers claim"));
        } else {
            self.warnings.push(Facts::RunMayStop { problem: error.headline() }.into());
        }
    }
}
