//! `quality` and `quarantine`: what became of every row, and a sample of the bad ones.

use polars::prelude::*;

use crate::clean::outcome::{Class, Outcome};
use crate::clean::quarantine::{RAW, Rejected};
use crate::error::printable;
use crate::money::LARGEST_MINOR;
use crate::reports::findings::{Account, Findings};

/// One row per outcome.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn quality_plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let Account { tally, cut_amounts_known, .. } = &findings.account;
    let total = tally.total_rows();
    let amount = |outcome: &Outcome| {
        let is_known = *cut_amounts_known || outcome.class() != Class::Cut;
        // A sum of bad amounts may be too large for a money column: then it is left out.
        let minor = i64::try_from(tally.amounts[outcome.index()]).ok();
        minor.filter(|minor| is_known && minor.unsigned_abs() <= LARGEST_MINOR.unsigned_abs())
    };
    Ok(df!(
        "outcome" => Outcome::ALL.map(Outcome::name),
        "rows" => tally.rows.map(u64::cast_signed),
        "row_share" => tally.rows.map(|rows| (total > 0).then(|| rows as f64 / total as f64)),
        "amount" => Outcome::ALL.iter().map(amount).collect::<Vec<_>>(),
        "rounded_amounts" => Outcome::ALL.map(|outcome| (outcome == Outcome::Kept).then(|| tally.rounded_amounts.cast_signed())),
    )?
    .lazy())
}

/// One row per sampled bad row.
///
/// # Errors
/// As [`quality_plan`].
pub(crate) fn quarantine_plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let rejects = &findings.account.rejects;
    let mut frame = df!(
        "reason" => rejects.iter().map(|reject| reject.rejected.reason.name()).collect::<Vec<_>>(),
        "file" => rejects.iter().map(|reject| printable(&reject.file)).collect::<Vec<_>>(),
        "row" => rejects.iter().map(|reject| reject.row.map(u64::cast_signed)).collect::<Vec<_>>(),
    )?;
    for (place, name) in RAW.iter().enumerate() {
        let raw = |rejected: &Rejected| rejected.raw[place].clone();
        let texts: Vec<Option<String>> = rejects.iter().map(|reject| raw(&reject.rejected)).collect();
        frame.with_column(Column::new((*name).into(), texts))?;
    }
    Ok(frame.lazy())
}
