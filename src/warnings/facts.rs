//! The list of all warnings: one variant each, with its facts, its code and its sentence.
//!
//! Codes are stable: programs match on them. `docs/warnings.md` says of each when it comes and what to do.
//! Does not live here: the decision that something deserves a warning, which is that of the stage that sees it.

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};

/// What was noticed. `Display` gives the sentence: one line without a final stop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", content = "facts", rename_all = "snake_case")]
pub enum Facts {
    /// Some scores of an axis occur nowhere.
    EmptyBins {
        /// The column that was cut.
        measure: String,
        /// The axis: `recency`, `frequency`, `monetary` or `value`.
        score: String,
        /// The empty scores, ascending.
        empty: Vec<u32>,
        /// None where no value has a share of at least one bin.
        most_common: Option<CommonValue>,
    },
    /// An axis has fewer distinct values than bins.
    FewValues {
        /// The column that was cut.
        measure: String,
        /// The axis.
        score: String,
        /// Distinct values.
        distinct: u32,
        /// Bins.
        bins: u32,
    },
    /// `ntile` gave different scores to customers of equal value.
    SplitTies {
        /// The column that was cut.
        measure: String,
        /// The axis.
        score: String,
        /// Customers that share their value with a customer of another score.
        customers: u64,
        /// The same as a share of all customers, 0 to 1.
        share: f64,
    },
    /// Orders that are not above zero count as orders.
    ReturnsNetted {
        /// These orders.
        orders: u64,
    },
    /// Used rows whose margin is null or no amount.
    UnusableMargins {
        /// These rows.
        rows: u64,
    },
    /// Customers whose first order has a date as programs write it for "unknown".
    EarlyDates {
        /// These customers.
        customers: u64,
    },
    /// The sum of all amounts is zero or less.
    NoRevenue {},
    /// The purchases span too short a time for a model.
    ShortHistory {
        /// Days from the first purchase to the analysis date.
        days: u32,
        /// `predict.min_history_days`.
        least: u32,
    },
    /// The data support no model of purchases.
    NoPurchaseModel {
        /// Why, a sentence for each of the models that were tried; equal ones once.
        reasons: Vec<String>,
    },
    /// The data support no model of order values.
    NoSpendingModel {
        /// Why.
        reason: String,
    },
    /// The run that the models are taken from has no model of order values.
    NoFrozenSpendingModel {},
    /// The number of purchases and their value depend on each other, and the model takes them not to.
    DependentSpending {
        /// Their correlation, -1 to 1.
        correlation: f64,
    },
    /// The models are those of another run, which may have seen the days of the holdout.
    HoldoutSeen {},
    /// A lookup table and the customers of the run do not cover each other.
    UnmatchedRows {
        /// The setting that names the table.
        setting: String,
        /// What its columns are.
        what: String,
        /// Customers of the run with a row in the table.
        matched: u64,
        /// Customers of the run.
        customers: u64,
        /// Rows of the table that belong to no customer of the run.
        unmatched_rows: u64,
    },
    /// Files of the input are the same as others, by their sizes, rows and footers.
    DeliveredTwice {
        /// The path of the first such file.
        first: String,
        /// The path of the one that is the same.
        second: String,
        /// How many files are the same as an earlier one.
        files: u64,
        /// The rows of these files.
        rows: u64,
    },
    /// A check cannot tell whether a run would stop: that depends on rows that it does not read.
    RunMayStop {
        /// What the run would stop with.
        problem: String,
    },
}

/// The value that most customers have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommonValue {
    /// As text, in the unit of the column.
    pub value: String,
    /// The share of all customers that have it, 0 to 1.
    pub share: f64,
}

impl Facts {
    /// The stable name of this warning.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::EmptyBins { .. } => "empty_bins",
            Self::FewValues { .. } => "few_values",
            Self::SplitTies { .. } => "split_ties",
            Self::ReturnsNetted { .. } => "returns_netted",
            Self::UnusableMargins { .. } => "unusable_margins",
            Self::EarlyDates { .. } => "early_dates",
            Self::NoRevenue {} => "no_revenue",
            Self::ShortHistory { .. } => "short_history",
            Self::NoPurchaseModel { .. } => "no_purchase_model",
            Self::NoSpendingModel { .. } => "no_spending_model",
            Self::NoFrozenSpendingModel {} => "no_frozen_spending_model",
            Self::DependentSpending { .. } => "dependent_spending",
            Self::HoldoutSeen {} => "holdout_seen",
            Self::UnmatchedRows { .. } => "unmatched_rows",
            Self::DeliveredTwice { .. } => "delivered_twice",
            Self::RunMayStop { .. } => "run_may_stop",
        }
    }
}

impl Display for Facts {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyBins { measure, score, empty, most_common } => {
                write!(f, "{}", empty_bins(measure, score, empty, most_common.as_ref()))
            }
            Self::FewValues { measure, score, distinct, bins } => {
                let noun = if *distinct == 1 { "value" } else { "values" };
                write!(f, "`{measure}` has {distinct} distinct {noun}, fewer than the {bins} bins of the {score} score")
            }
            Self::SplitTies { measure, score, customers, share } => write!(
                f,
                "{:.1}% of customers ({customers}) share their `{measure}` with a customer of another {score} score: \
                 ntile splits equal values by customer id; `quantile` does not",
                share * 100.0
            ),
            Self::ReturnsNetted { orders } => write!(
                f,
                "{orders} orders are not above zero (returns); they count as orders and are netted from revenue: \
                 `clean.returns` can be \"purchases\" or \"drop\" instead of \"net\""
            ),
            Self::UnusableMargins { rows } => write!(f, "{rows} {UNUSABLE_MARGINS}"),
            Self::EarlyDates { customers } => write!(f, "{customers} {EARLY_DATES}"),
            Self::NoRevenue {} => f.write_str(NO_REVENUE),
            Self::ShortHistory { days, least } => {
                let asked = "`predict.min_history_days` asks for";
                write!(f, "nothing is predicted: the purchases span {days} days, and {asked} {least}")
            }
            Self::NoPurchaseModel { reasons } => write!(f, "no purchases are predicted: {}", reasons.join("; ")),
            Self::NoSpendingModel { reason } => write!(f, "{NO_VALUES}: {reason}"),
            Self::NoFrozenSpendingModel {} => {
                write!(f, "{NO_VALUES}: the run of `predict.params_from` has no model of them")
            }
            Self::DependentSpending { correlation } => write!(
                f,
                "how often customers buy and what an order brings correlate by {correlation:.2}; Gamma-Gamma takes them \
                 to be independent, and CLV errs where they are not"
            ),
            Self::HoldoutSeen {} => f.write_str(HOLDOUT_SEEN),
            Self::UnmatchedRows { setting, what, matched, customers, unmatched_rows } => {
                write!(f, "{matched} of {customers} customers have {what}; ")?;
                write!(f, "{unmatched_rows} rows of `{setting}` match no customer in the table")
            }
            Self::DeliveredTwice { first, second, files, rows } => {
                write!(f, "`{first}` and `{second}` agree in size, rows and footer, as the same file delivered twice")?;
                if *files > 1 {
                    write!(f, " (so do {} more files and others)", files - 1)?;
                }
                let whose = if *files > 1 { "of such files" } else { "of the second" };
                write!(f, ": unless repeats are dropped (--dedupe), the {rows} rows {whose} count twice")
            }
            Self::RunMayStop { problem } => {
                write!(f, "a run stops, unless it leaves out the rows in question: {problem}")
            }
        }
    }
}

const UNUSABLE_MARGINS: &str =
    "used rows have a margin that is null or no amount; they count with 0 in `margin`, and in full in revenue";
const EARLY_DATES: &str =
    "customers have a first order before 1971-01-01, as made-up dates are: `dates.min_date` quarantines such rows";
const NO_REVENUE: &str =
    "total revenue is not above zero: revenue shares, ABC classes and the Gini coefficient are not defined";
const NO_VALUES: &str = "no order values and no CLV are predicted";
const HOLDOUT_SEEN: &str = "the models of `predict.params_from` may have been fitted on the days of the holdout: then its \
                            agreement says little";

fn empty_bins(measure: &str, score: &str, empty: &[u32], most_common: Option<&CommonValue>) -> String {
    let reason = most_common.map(|CommonValue { value, share }| {
        let percent = share * 100.0;
        format!("{percent:.1}% of customers have `{measure}` = {value}: ")
    });
    let noun = if empty.len() == 1 { "bin" } else { "bins" };
    let list: Vec<String> = empty.iter().map(ToString::to_string).collect();
    let (reason, list) = (reason.unwrap_or_default(), list.join(", "));
    format!("{reason}the {score} score has {} empty {noun} ({list})", empty.len())
}
