//! Campaigns in plain numbers: whom to contact for a budget, how large a test must be, and what responses say.
//!
//! Rates and their intervals (`rates`), verdicts (`verdict`), rates of a former campaign that are drawn to their mean (`shrinkage`), the
//! choice under a budget (`budget`), who is held back (`control`), Nth names and sizes of tests (`test_size`), results and gains of a
//! campaign (`results`, `gains`). Does not live here: files, tables, and reading customers (`commands::campaign`).

pub mod budget;
pub mod control;
pub mod cost;
pub mod gains;
pub mod name;
pub mod normal;
pub mod notices;
pub mod options;
pub mod rates;
pub mod results;
pub mod shrinkage;
pub mod test_size;
pub mod verdict;

/// A count as a number. Exact to 2^53.
#[expect(clippy::cast_precision_loss, reason = "no shop has 2^53 customers")]
pub(crate) const fn number(count: u64) -> f64 {
    count as f64
}
