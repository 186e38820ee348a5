//! The gates: data too bad to publish, and promises that every run checks about itself.
//!
//! Lives here: how much bad data is too much, and conservation: every row has one outcome, every cent one customer.
//! Does not live here: what makes a row bad (`clean`), old or shrunken input (`guards`), a last date that stands alone
//! (`lone_dates`), amounts in several currencies (`currencies`), ids that name nobody (`made_up_ids`), and warnings that stop a run (`denied`).

mod currencies;
mod denied;
mod guards;
mod lone_dates;
mod made_up_ids;
pub mod options;
mod reasons;

pub use currencies::check_currencies;
pub use denied::refuse_denied;
pub use guards::{PreviousRows, check_freshness, check_rows, check_volume};
pub use lone_dates::lone_dates;
pub use made_up_ids::{floats, nobody};
pub use reasons::{ColumnLabels, RowContext};

pub mod returns;

use rayon::prelude::*;

use crate::clean::options::CleanOptions;
use crate::clean::outcome::{Class, Outcome, Tally};
use crate::customers::Customers;
use crate::error::{Error, Result};

/// Refuses a run whose data is too bad.
///
/// # Errors
/// A quality error: more than the tolerated share of rows quarantined, any of them when strict, or no row kept.
pub fn gate(tally: &Tally, context: &RowContext, options: &CleanOptions) -> Result<()> {
    let with_reasons = |error: Error, is_shown: &dyn Fn(Outcome) -> bool| error.causes(context.causes(tally, is_shown));
    // Older versions of a row are there to be left out: where the latest are asked for, nothing is bad about the others.
    let has_versions = options.dedupe_latest_by.is_some();
    let is_version = |outcome: Outcome| has_versions && outcome == Outcome::Duplicate;
    let is_bad = |outcome: Outcome| outcome.class() == Class::Quarantined && !is_version(outcome);
    let versions = if has_versions { tally.rows_of(Outcome::Duplicate) } else { 0 };
    let (total, bad) = (tally.total_rows() - versions, tally.rows_of_class(Class::Quarantined) - versions);
    if options.strict && bad > 0 {
        return Err(with_reasons(
            Error::quality(format!("{bad} of {total} rows are bad, and `clean.strict` allows none")),
            &is_bad,
        )
        .hint("correct the rows at their source, or run without --strict"));
    }
    #[allow(clippy::cast_precision_loss)]
    let share = if total == 0 { 0.0 } else { bad as f64 / total as f64 };
    if share > options.max_quarantined_share {
        let allowed = 100.0 * options.max_quarantined_share;
        let headline =
            format!("{bad} of {total} rows are bad ({:.1}%), more than the {allowed}% allowed", 100.0 * share);
        return Err(with_reasons(Error::quality(headline), &is_bad)
            .hint("correct the input, or raise `clean.max_quarantined_share` to what is normal for it"));
    }
    if tally.rows_of(Outcome::Kept) == 0 && !options.allow_empty {
        let is_left_out = |outcome| outcome != Outcome::Kept;
        return Err(with_reasons(Error::quality("no row is left: there is no data to report on"), &is_left_out)
            .hint("check the input, the filter and the dates; --allow-empty publishes empty tables instead"));
    }
    Ok(())
}

/// Checks that nothing was lost or made up on the way.
///
/// # Errors
/// A bug where the rows seen are not those of the footers, or customers do not add up to the kept rows.
pub fn check_conservation(footer_rows: Option<u64>, tally: &Tally, customers: &Customers) -> Result<()> {
    let mut broken = Vec::new();
    if let Some(rows) = footer_rows.filter(|rows| *rows != tally.total_rows()) {
        broken.push(format!("the footers say {rows} rows, {} were seen", tally.total_rows()));
    }
    let side = &customers.side;
    // A row of a table of customers is a customer.
    let used: u64 = if customers.known.is_of_customers() {
        customers.len() as u64
    } else {
        customers.transactions.par_iter().map(|rows| u64::from(*rows)).sum()
    };
    let rows = used + side.rows_before + side.rows_returned;
    if rows != tally.rows_of(Outcome::Kept) {
        broken.push(format!("{} rows were kept, orders have {rows}", tally.rows_of(Outcome::Kept)));
    }
    let revenue: i128 = customers.revenue.par_iter().map(|revenue| i128::from(*revenue)).sum();
    let money = revenue + side.money_before + customers.revenue_without_order;
    let kept = tally.amounts[Outcome::Kept.index()];
    if money != kept {
        broken.push(format!("kept amounts sum to {kept} minor units, orders to {money}"));
    }
    if broken.is_empty() { Ok(()) } else { Err(Error::bug("rows or money were lost on the way").causes(broken)) }
}

/// Checks that a report counts every customer, `times` over.
///
/// # Errors
/// A bug where it does not.
pub fn check_report(name: &str, counted: u64, times: u64, customers: usize) -> Result<()> {
    let expected = customers as u64 * times;
    if counted == expected {
        return Ok(());
    }
    Err(Error::bug(format!("the report `{name}` counts {counted} customers, expected {expected}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customers::side::SideTotals;

    fn tally(kept: u64, null_ids: u64) -> Tally {
        let mut tally = Tally::default();
        tally.rows[Outcome::Kept.index()] = kept;
        tally.rows[Outcome::NullCustomer.index()] = null_ids;
        tally
    }

    #[test]
    fn the_gate_opens_and_closes_at_its_limits() {
        let options = CleanOptions::default();
        let gate = |tally: &Tally, options: &CleanOptions| gate(tally, &RowContext::default(), options);
        assert!(gate(&tally(50, 50), &options).is_ok(), "half is allowed");
        let error = gate(&tally(49, 51), &options).unwrap_err();
        assert!(error.to_string().contains("51 of 100 rows are bad (51.0%)"), "{error}");
        assert!(error.to_string().contains("`customer_id`: 51 of 100 rows are null (null_customer)"), "{error}");
        assert!(gate(&tally(99, 1), &CleanOptions { strict: true, ..options.clone() }).is_err());
        assert!(gate(&tally(0, 0), &options).is_err());
        assert!(gate(&tally(0, 0), &CleanOptions { allow_empty: true, ..options }).is_ok());
    }

    /// Of 100 rows 60 are older versions: 21 bad ones are more than half of the other 40, 20 are not.
    #[test]
    fn older_versions_of_rows_are_not_bad() {
        let rows = |kept, bad| {
            let mut rows = tally(kept, bad);
            rows.rows[Outcome::Duplicate.index()] = 60;
            rows
        };
        let versions = CleanOptions { dedupe_latest_by: Some("version".into()), ..CleanOptions::default() };
        let gate = |tally: &Tally, options: &CleanOptions| gate(tally, &RowContext::default(), options);
        assert!(gate(&rows(20, 20), &versions).is_ok());
        assert!(gate(&rows(19, 21), &versions).unwrap_err().to_string().contains("21 of 40 rows are bad (52.5%)"));
        assert!(gate(&rows(40, 0), &CleanOptions { strict: true, ..versions }).is_ok());
        assert!(gate(&rows(40, 0), &CleanOptions::default()).is_err(), "repeats are, as long as they are not expected");
    }

    #[test]
    fn a_report_that_loses_a_customer_is_noticed() {
        assert!(check_report("segments", 7, 1, 7).is_ok());
        assert!(check_report("score_bounds", 21, 3, 7).is_ok());
        assert!(check_report("segments", 6, 1, 7).unwrap_err().to_string().contains("6 customers, expected 7"));
    }

    #[test]
    fn a_lost_row_and_a_lost_cent_are_noticed() {
        let mut tally = tally(3, 0);
        tally.amounts[Outcome::Kept.index()] = 10;
        let customers = Customers { transactions: vec![1, 2], revenue: vec![4, 6], ..Customers::default() };
        assert!(check_conservation(Some(3), &tally, &customers).is_ok());
        assert!(check_conservation(Some(4), &tally, &customers).is_err());
        let poorer = Customers { revenue: vec![4, 5], ..customers.clone() };
        assert!(check_conservation(Some(3), &tally, &poorer).is_err());
        let fewer = Customers { transactions: vec![1, 1], ..customers.clone() };
        assert!(check_conservation(None, &tally, &fewer).is_err());
        // One row is a return of 1 by a customer who bought nothing, one an order of 5 before the window.
        let side = SideTotals { rows_before: 1, money_before: 5, rows_returned: 1, ..SideTotals::default() };
        let elsewhere = Customers { transactions: vec![1], revenue: vec![6], side, ..customers };
        assert!(check_conservation(None, &tally, &elsewhere).is_err());
        let complete = Customers { revenue_without_order: -1, ..elsewhere };
        assert!(check_conservation(None, &tally, &complete).is_ok(), "6 + 5 - 1 = 10");
    }
}
