//! What becomes of a row: the one list of outcomes, in the order in which they are judged.
//!
//! Lives here: names, meanings and the tally. Does not live here: the judging (`judge`).

use super::currency::CurrencyTally;

/// What becomes of a row. Every row has exactly one outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Outcome {
    /// Used.
    Kept,
    /// Dated after `as_of`.
    AfterAsOf,
    /// Dated before the window.
    BeforeWindow,
    /// The customer id is null.
    NullCustomer,
    /// The customer id is empty, invisible, or one of `clean.nobody_ids`.
    BlankCustomer,
    /// The date is null.
    NullDate,
    /// The date is no date of the years 1 to 9999, or does not follow `dates.format`.
    UnparsableDate,
    /// The amount (or quantity, or unit price) is null.
    NullAmount,
    /// The amount is not a number, or infinite.
    NonFiniteAmount,
    /// The amount is not a number at all.
    UnparsableAmount,
    /// Dated before `dates.min_date`.
    DateBeforeMin,
    /// The amount is outside `clean.min_amount` and `clean.max_amount`, or does not fit 18 digits.
    AmountOutOfRange,
    /// A repeat of another row (`clean.dedupe`, `clean.dedupe_keys`).
    Duplicate,
    /// Below zero, with `clean.returns = "drop"`.
    ReturnDropped,
    /// Zero, with `clean.zero_amounts = "drop"`.
    ZeroDropped,
    /// A row of an order that sums to zero or less, with `clean.returns = "purchases"`.
    NotAPurchase,
    /// A row of a customer on the list `privacy.exclude_ids`.
    ExcludedCustomer,
    /// The currency is null or blank.
    NullCurrency,
    /// `currency.rates` has no rate for the currency on the day, or only one that is too old.
    MissingRate,
    /// Of a table of customers: the last order is after `as_of`.
    LastOrderAfterAsOf,
    /// Of a table of customers: a number of orders, purchase days or transactions is null.
    NullCount,
    /// Of a table of customers: such a number is below zero or no whole number, or there are more purchase days than orders.
    CountOutOfRange,
    /// Of a table of customers: the first order is after the last one.
    FirstOrderAfterLast,
}

/// What kind of outcome it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The row is used.
    Kept,
    /// The row is outside the time that is looked at.
    Cut,
    /// The row is bad.
    Quarantined,
    /// The row is good, but a setting leaves it out.
    LeftOut,
}

impl Outcome {
    /// Every outcome, in the order of the quality table.
    pub const ALL: [Self; 23] = [
        Self::Kept,
        Self::AfterAsOf,
        Self::BeforeWindow,
        Self::NullCustomer,
        Self::BlankCustomer,
        Self::NullDate,
        Self::UnparsableDate,
        Self::NullAmount,
        Self::NonFiniteAmount,
        Self::UnparsableAmount,
        Self::DateBeforeMin,
        Self::AmountOutOfRange,
        Self::Duplicate,
        Self::ReturnDropped,
        Self::ZeroDropped,
        Self::NotAPurchase,
        Self::ExcludedCustomer,
        Self::NullCurrency,
        Self::MissingRate,
        Self::LastOrderAfterAsOf,
        Self::NullCount,
        Self::CountOutOfRange,
        Self::FirstOrderAfterLast,
    ];

    /// The name in the tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::AfterAsOf => "after_as_of",
            Self::BeforeWindow => "before_window",
            Self::NullCustomer => "null_customer",
            Self::BlankCustomer => "blank_customer",
            Self::NullDate => "null_date",
            Self::UnparsableDate => "unparsable_date",
            Self::NullAmount => "null_amount",
            Self::NonFiniteAmount => "non_finite_amount",
            Self::UnparsableAmount => "unparsable_amount",
            Self::DateBeforeMin => "date_before_min",
            Self::AmountOutOfRange => "amount_out_of_range",
            Self::Duplicate => "duplicate",
            Self::ReturnDropped => "return_dropped",
            Self::ZeroDropped => "zero_dropped",
            Self::NotAPurchase => "not_a_purchase",
            Self::ExcludedCustomer => "excluded_customer",
            Self::NullCurrency => "null_currency",
            Self::MissingRate => "missing_rate",
            Self::LastOrderAfterAsOf => "last_order_after_as_of",
            Self::NullCount => "null_count",
            Self::CountOutOfRange => "count_out_of_range",
            Self::FirstOrderAfterLast => "first_order_after_last",
        }
    }

    /// Whether only rows of an input with currencies can have it.
    #[must_use]
    pub const fn is_of_currencies(self) -> bool {
        matches!(self, Self::NullCurrency | Self::MissingRate)
    }

    /// Whether only rows of a table of customers can have it.
    #[must_use]
    pub const fn is_of_customers(self) -> bool {
        matches!(self, Self::LastOrderAfterAsOf | Self::NullCount | Self::CountOutOfRange | Self::FirstOrderAfterLast)
    }

    /// What kind of outcome it is.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::Kept => Class::Kept,
            Self::AfterAsOf | Self::BeforeWindow => Class::Cut,
            Self::ReturnDropped | Self::ZeroDropped | Self::NotAPurchase | Self::ExcludedCustomer => Class::LeftOut,
            _ => Class::Quarantined,
        }
    }

    /// Its index in [`Outcome::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// Rows and amounts per outcome, and what else the cleaning notices. The tallies of parts add up to that of the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows per outcome.
    pub rows: [u64; Outcome::ALL.len()],
    /// Sum of the amounts that could be read, per outcome, minor units.
    pub amounts: [i128; Outcome::ALL.len()],
    /// Sum of the absolute amounts of kept rows, minor units: no partial sum can be larger.
    pub absolute_amount: u128,
    /// Kept amounts that had more decimals than `clean.money_scale` and were rounded.
    pub rounded_amounts: u64,
    /// Kept rows whose id was changed by `clean.trim_ids` or `clean.lowercase_ids`.
    pub changed_ids: u64,
    /// Kept rows with an old id of their customer.
    pub moved_rows: u64,
    /// Kept rows without an order id, each of which counts as an order.
    pub rows_without_order: u64,
    /// The last day of a kept row, days since 1970-01-01.
    pub last_day: Option<i32>,
    /// The first and the last date of all rows, whatever became of them.
    pub seen_days: Option<(i32, i32)>,
    /// The days with a kept row, ascending; empty where an analysis date is given.
    pub kept_days: Vec<i32>,
    /// Rows by currency; empty where the input has no currencies.
    pub currencies: CurrencyTally,
}

impl Tally {
    /// Adds the tally of another part.
    pub fn add(&mut self, other: &Self) {
        for index in 0..self.rows.len() {
            self.rows[index] += other.rows[index];
            self.amounts[index] += other.amounts[index];
        }
        self.absolute_amount += other.absolute_amount;
        self.rounded_amounts += other.rounded_amounts;
        self.changed_ids += other.changed_ids;
        self.moved_rows += other.moved_rows;
        self.rows_without_order += other.rows_without_order;
        self.last_day = self.last_day.max(other.last_day);
        self.currencies.add(&other.currencies);
        self.seen_days = match (self.seen_days, other.seen_days) {
            (Some(own), Some(others)) => Some((own.0.min(others.0), own.1.max(others.1))),
            (own, others) => own.or(others),
        };
    }

    /// Adds the finished tally of another input: days with a kept row are those of either.
    pub fn join(&mut self, other: &Self) {
        self.add(other);
        self.kept_days.extend(&other.kept_days);
        self.kept_days.sort_unstable();
        self.kept_days.dedup();
    }

    /// Moves rows and their amount from one outcome to another.
    pub fn move_rows(&mut self, from: Outcome, to: Outcome, rows: u64, amount: i128) {
        self.rows[from.index()] -= rows;
        self.amounts[from.index()] -= amount;
        self.rows[to.index()] += rows;
        self.amounts[to.index()] += amount;
    }

    /// Rows of one outcome.
    #[must_use]
    pub fn rows_of(&self, outcome: Outcome) -> u64 {
        self.rows[outcome.index()]
    }

    /// Rows of one kind of outcome.
    #[must_use]
    pub fn rows_of_class(&self, class: Class) -> u64 {
        Outcome::ALL.iter().filter(|outcome| outcome.class() == class).map(|outcome| self.rows_of(*outcome)).sum()
    }

    /// All rows.
    #[must_use]
    pub fn total_rows(&self) -> u64 {
        self.rows.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_two_inputs_are_joined_each_once() {
        let of = |days: &[i32]| Tally { kept_days: days.to_vec(), ..Tally::default() };
        let mut both = of(&[1, 5]);
        both.join(&of(&[3, 5, 9]));
        assert_eq!(both.kept_days, [1, 3, 5, 9]);
    }

    #[test]
    fn every_outcome_is_at_its_own_index() {
        for (index, outcome) in Outcome::ALL.iter().enumerate() {
            assert_eq!(outcome.index(), index, "{}", outcome.name());
        }
    }
}
