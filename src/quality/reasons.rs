//! What became of rows, in words that name the column as the user calls it.
//!
//! Does not live here: which rows are bad (`clean`), and how many are too many (`quality`).

use crate::clean::outcome::{Outcome, Tally};
use crate::day::date_of;
use crate::error::printable_line;

/// How the columns are called in the input, in backticks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnLabels {
    /// The column of customer ids.
    pub customer_id: String,
    /// The column of dates.
    pub order_ts: String,
    /// The column of amounts, or the two whose product it is.
    pub amount: String,
    /// The column of currencies.
    pub currency: String,
}

impl Default for ColumnLabels {
    fn default() -> Self {
        let label = |name: &str| format!("`{name}`");
        Self {
            customer_id: label("customer_id"),
            order_ts: label("order_ts"),
            amount: label("amount"),
            currency: label("currency"),
        }
    }
}

/// What is known of the rows beyond their account.
#[derive(Debug, Clone, Default)]
pub struct RowContext {
    /// How the columns are called.
    pub labels: ColumnLabels,
    /// The analysis date, where it is given.
    pub as_of: Option<i32>,
    /// The row filter, and the rows that it removed.
    pub filtered: Option<(String, u64)>,
    /// `dates.format`, where it is set.
    pub date_format: Option<String>,
    /// Some of the values that are no dates.
    pub no_dates: Vec<String>,
    /// Rows without a rate, by currency.
    pub without_rate: Vec<(String, u64)>,
}

/// So many different values that are no dates are shown.
const VALUES_SHOWN: usize = 3;
/// A longer value is no date.
const DATE_CHARACTERS: usize = 40;

impl RowContext {
    /// Keeps the first few different ones of `values` that look like dates: a column that was named by mistake may hold anything.
    #[must_use]
    pub fn with_no_dates<'a>(mut self, values: impl Iterator<Item = &'a str>) -> Self {
        for value in values.filter(|value| looks_like_a_date(value)) {
            if self.no_dates.len() < VALUES_SHOWN && !self.no_dates.iter().any(|known| known == value) {
                self.no_dates.push(value.to_owned());
            }
        }
        self
    }

    /// One line for each outcome of `is_shown` that occurs, and why there may be no rows at all.
    pub(super) fn causes(&self, tally: &Tally, is_shown: impl Fn(Outcome) -> bool) -> Vec<String> {
        let seen = Outcome::ALL.into_iter().filter(|outcome| is_shown(*outcome) && tally.rows_of(*outcome) > 0);
        let mut causes: Vec<String> = seen.map(|outcome| self.cause(tally, outcome)).collect();
        if let Some((filter, rows)) = self.filtered.as_ref().filter(|(_, rows)| *rows > 0) {
            let all = rows + tally.total_rows();
            causes.push(format!("`input.filter` removed {} before: `{filter}`", counted(*rows, all)));
        }
        causes
    }

    fn cause(&self, tally: &Tally, outcome: Outcome) -> String {
        let rows = counted(tally.rows_of(outcome), tally.total_rows());
        let ColumnLabels { customer_id, order_ts, amount, currency } = &self.labels;
        let text = match outcome {
            Outcome::Kept => format!("{rows} are kept"),
            Outcome::AfterAsOf | Outcome::LastOrderAfterAsOf => self.after_as_of(tally, &rows),
            Outcome::BeforeWindow => format!("{order_ts}: {rows} lie before the window of `dates.window_days`"),
            Outcome::NullCustomer => format!("{customer_id}: {rows} are null"),
            Outcome::BlankCustomer => format!("{customer_id}: {rows} are blank, or one of `clean.nobody_ids`"),
            Outcome::NullDate => format!("{order_ts}: {rows} are null"),
            Outcome::UnparsableDate => self.no_date(&rows),
            Outcome::NullAmount => format!("{amount}: {rows} are null"),
            Outcome::NonFiniteAmount => format!("{amount}: {rows} are not a number, or infinite"),
            Outcome::UnparsableAmount => format!("{amount}: {rows} are no number"),
            Outcome::DateBeforeMin => format!("{order_ts}: {rows} lie before `dates.min_date`"),
            Outcome::AmountOutOfRange => {
                format!("{amount}: {rows} are beyond `clean.min_amount`, `clean.max_amount` or 18 digits")
            }
            Outcome::Duplicate => format!("{rows} repeat another row"),
            Outcome::ReturnDropped => format!("{amount}: {rows} are below zero, with `clean.returns = \"drop\"`"),
            Outcome::ZeroDropped => format!("{amount}: {rows} are zero, with `clean.zero_amounts = \"drop\"`"),
            Outcome::NotAPurchase => format!("{rows} belong to orders that are no purchases"),
            Outcome::NullCurrency => format!("{currency}: {rows} are null or blank"),
            Outcome::MissingRate => {
                let shares = shares(&self.without_rate, None);
                format!("{currency}: {rows} have no rate in `currency.rates` that is recent enough: {shares}")
            }
            Outcome::ExcludedCustomer => format!("{rows} are of customers on the list of `privacy.exclude_ids`"),
            Outcome::NullCount => format!("{rows} have no number of orders, purchase days or transactions"),
            Outcome::CountOutOfRange => format!(
                "{rows} have a number of orders, purchase days or transactions that is below zero or no whole number, or more \
                 purchase days than orders"
            ),
            Outcome::FirstOrderAfterLast => format!("{rows} have their first order after their last one"),
        };
        format!("{text} ({})", outcome.name())
    }

    fn after_as_of(&self, tally: &Tally, rows: &str) -> String {
        let date = self.as_of.map(|as_of| format!(" {}", date_of(as_of))).unwrap_or_default();
        let range = tally
            .seen_days
            .map(|(first, last)| format!("; the dates of the input are {} to {}", date_of(first), date_of(last)));
        format!("{}: {rows} lie after the analysis date{date}{}", self.labels.order_ts, range.unwrap_or_default())
    }

    fn no_date(&self, rows: &str) -> String {
        let format = self.date_format.as_ref().map(|format| format!(" in the form `{format}` of `dates.format`"));
        let values: Vec<String> = self.no_dates.iter().map(|value| format!("`{}`", printable_line(value))).collect();
        let values = if values.is_empty() { String::new() } else { format!(", such as {}", values.join(", ")) };
        format!("{}: {rows} are no dates{}{values}", self.labels.order_ts, format.unwrap_or_default())
    }
}

/// So many currencies are named.
const CURRENCIES_SHOWN: usize = 12;

/// Currencies with their rows, and with their shares `of` all: `EUR` 70 rows (70.0%), `USD` 30 rows (30.0%).
#[allow(clippy::cast_precision_loss)]
pub(super) fn shares(rows: &[(String, u64)], of: Option<u64>) -> String {
    let share = |rows: u64| of.map(|all| format!(" ({:.1}%)", 100.0 * rows as f64 / all as f64)).unwrap_or_default();
    let one = |(currency, rows): &(String, u64)| {
        let noun = if *rows == 1 { "row" } else { "rows" };
        format!("`{currency}` {rows} {noun}{}", share(*rows))
    };
    let mut shown: Vec<String> = rows.iter().take(CURRENCIES_SHOWN).map(one).collect();
    if rows.len() > CURRENCIES_SHOWN {
        shown.push(format!("and {} more", rows.len() - CURRENCIES_SHOWN));
    }
    shown.join(", ")
}

/// `all 3 rows`, `2 of 3 rows`.
fn counted(rows: u64, all: u64) -> String {
    match (rows == all, rows) {
        (true, 1) => "the only row".to_owned(),
        (true, _) => format!("all {rows} rows"),
        (false, _) => format!("{rows} of {all} rows"),
    }
}

/// Short, with a digit, and of letters, digits and what stands between the parts of dates.
fn looks_like_a_date(value: &str) -> bool {
    value.chars().count() <= DATE_CHARACTERS
        && value.chars().any(|c| c.is_ascii_digit())
        && value.chars().all(|c| c.is_alphanumeric() || " -/.:,+".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(outcome: Outcome, rows: u64, kept: u64) -> Tally {
        let mut tally = Tally::default();
        tally.rows[outcome.index()] = rows;
        tally.rows[Outcome::Kept.index()] += kept;
        tally
    }

    #[test]
    fn a_reason_names_the_column_of_the_user() {
        let labels = ColumnLabels { customer_id: "`Customer ID`".into(), ..ColumnLabels::default() };
        let context = RowContext { labels, ..RowContext::default() };
        let line = |rows, kept| context.causes(&tally(Outcome::NullCustomer, rows, kept), |o| o != Outcome::Kept);
        assert_eq!(line(311, 0), ["`Customer ID`: all 311 rows are null (null_customer)"]);
        assert_eq!(line(1, 2), ["`Customer ID`: 1 of 3 rows are null (null_customer)"]);
    }

    #[test]
    fn values_that_are_no_dates_are_shown_where_they_look_like_dates() {
        let values = ["31/12/2025", "31/12/2025", "ann@example.org", "none", "2025-13-01", "1.1.25", "2.1.25"];
        let context = RowContext { date_format: Some("%Y-%m-%d".into()), ..RowContext::default() };
        let context = context.with_no_dates(values.into_iter());
        let line = context.causes(&tally(Outcome::UnparsableDate, 7, 0), |_| true);
        let expected = "`order_ts`: all 7 rows are no dates in the form `%Y-%m-%d` of `dates.format`, such as \
                        `31/12/2025`, `2025-13-01`, `1.1.25` (unparsable_date)";
        assert_eq!(line, [expected]);
    }

    #[test]
    fn an_analysis_date_before_all_rows_is_told_with_their_dates() {
        let mut all = tally(Outcome::AfterAsOf, 5, 0);
        all.seen_days = Some((20_000, 20_010));
        let context = RowContext { as_of: Some(19_000), filtered: Some(("a = 1".into(), 3)), ..RowContext::default() };
        let causes = context.causes(&all, |_| true);
        assert!(causes[0].contains("all 5 rows lie after the analysis date 2022-01-08"), "{causes:?}");
        assert!(causes[0].contains("2024-10-04 to 2024-10-14"), "{causes:?}");
        assert_eq!(causes[1], "`input.filter` removed 3 of 8 rows before: `a = 1`");
    }
}
