//! The list of all warnings: one variant each, with its facts, its code and its sentence.
//!
//! Codes are stable: programs match on them. `docs/warnings.md` says of each when it comes and what to do.
//! Does not live here: the decision that something deserves a warning, which is that of the stage that sees it.

use std::fmt::{self, Display, Formatter};

use chrono::NaiveDate;
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
    /// Returns count as orders.
    ReturnsNetted {
        /// Orders that are not above zero.
        orders: u64,
        /// What returns take off revenue, major units: zero or less.
        money: String,
    },
    /// Returns lower revenue, and are no orders.
    ReturnsDeducted {
        /// Orders that are returns.
        orders: u64,
        /// What they take off revenue, major units: zero or less.
        money: String,
    },
    /// Returns are left out with their money.
    ReturnsLeftOut {
        /// Rows that are left out.
        rows: u64,
        /// What they would take off revenue, major units: zero or less.
        money: String,
    },
    /// Customers are in no table, since they have returns alone.
    OnlyReturns {
        /// These customers.
        customers: u64,
        /// The money that they hold, major units: zero or less, and in no table.
        money: String,
    },
    /// Orders have lines that lie far apart, as where receipt numbers come again.
    OrdersFarApart {
        /// These orders.
        orders: u64,
        /// More days than this lie between the first and the last line of each.
        days: u32,
    },
    /// A business time zone is set, and the order dates are readings of an unknown clock.
    TimeZoneWithoutEffect {
        /// `dates.time_zone`.
        zone: String,
        /// The column of order dates.
        column: String,
    },
    /// A time zone for stamps without one is set, and the order dates are none.
    SourceTimeZoneWithoutEffect {
        /// `dates.source_time_zone`.
        zone: String,
        /// The column of order dates.
        column: String,
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
    /// No customer is seen to leave: NBD, the model without drop-out, takes the place of those with it.
    NobodyLeaves {
        /// Why the others are refused, a sentence for each; equal ones once.
        reasons: Vec<String>,
    },
    /// Customers do not differ in what they pay, as far as the data show: the value of an order is the mean for all.
    MeanOrderValue {
        /// The mean, major units.
        mean: f64,
        /// Why there is no other model.
        reason: String,
    },
    /// Customers whose returns took all that their purchases brought, or whose purchases were free.
    CustomersWithoutRevenue {
        /// These customers.
        customers: u64,
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
    /// The last order lies long before the analysis date.
    StaleData {
        /// The day of the last order.
        last_date: NaiveDate,
        /// The analysis date.
        as_of: NaiveDate,
        /// The days between them.
        days: u32,
    },
    /// Far fewer rows were read than by the previous run.
    FewerRows {
        /// Rows that were read.
        rows: u64,
        /// Rows that the previous run read.
        previous_rows: u64,
        /// The analysis date of the previous run.
        previous_as_of: NaiveDate,
        /// The first as a share of the second, 0 to 1.
        share: f64,
    },
    /// The last dates in the data, which the analysis date is taken from, lie far from all others.
    LoneLastDate {
        /// The last date.
        last_date: NaiveDate,
        /// The last date of the others.
        date_before: NaiveDate,
        /// The days between the others and the first of those that stand alone.
        days: u32,
        /// Customers whose last order is of a date that stands alone.
        customers: u64,
    },
    /// Customers whose ids are what programs write for "no customer".
    NobodyIds {
        /// These ids.
        ids: Vec<String>,
        /// Their rows.
        rows: u64,
        /// Their share of the used rows, 0 to 1.
        rows_share: f64,
        /// Their share of revenue; none where revenue is not above zero.
        money_share: Option<f64>,
    },
    /// Customer ids are whole numbers that went through a float.
    FloatIds {
        /// These customers.
        customers: u64,
        /// All customers.
        of: u64,
    },
    /// No row is of a customer on the list of those who are left out.
    UnmatchedExclusions {
        /// The list.
        path: String,
        /// Its ids.
        ids: u64,
    },
    /// An environment variable of a setting that decides which rows count is empty, and counts as not set.
    EmptyVariable {
        /// The variable.
        variable: String,
        /// Its setting.
        setting: String,
    },
    /// Customers of equal revenue are in two ABC classes.
    AbcTies {
        /// Customers that share their revenue with a customer of another class.
        customers: u64,
    },
    /// The best customers hold more than all: others are below zero.
    ShareAboveOne {
        /// Customers whose revenue is below zero.
        below_zero: u64,
        /// The largest cumulative revenue share.
        share: f64,
    },
    /// One measure decides the weighted value nearly alone.
    RulingMeasure {
        /// The column of the measure.
        measure: String,
        /// Spearman's rank correlation of the two, -1 to 1.
        correlation: f64,
    },
    /// The name of a segment says what its customers are not.
    SegmentMisnamed {
        /// The key of the segment.
        segment: String,
        /// What the name says: `new`, `recent`, `away` or `frequent`.
        says: String,
        /// Customers of the segment.
        customers: u64,
        /// Of these, for `new`, those whose first order is more than a year ago; else all.
        concerned: u64,
        /// The column that says otherwise.
        measure: String,
        /// Its mean over the segment.
        mean: f64,
    },
    /// Octants are told by two thresholds in one run, so that the column `octant` and a segment map say different things.
    OctantThresholds {
        /// Of `[octants]`.
        octants: String,
        /// Of the axes that the segment map looks at.
        segments: String,
    },
    /// The run whose breaks are taken did not write the thresholds of its octants.
    OctantsLearnedNew {},
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

/// The codes of all warnings.
pub const CODES: &[&str] = &[
    "empty_bins",
    "few_values",
    "split_ties",
    "returns_netted",
    "unusable_margins",
    "early_dates",
    "no_revenue",
    "short_history",
    "no_purchase_model",
    "no_spending_model",
    "no_frozen_spending_model",
    "dependent_spending",
    "holdout_seen",
    "unmatched_rows",
    "stale_data",
    "fewer_rows",
    "lone_last_date",
    "nobody_ids",
    "float_ids",
    "unmatched_exclusions",
    "empty_variable",
    "run_may_stop",
];

impl Facts {
    /// The stable name of this warning.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::EmptyBins { .. } => "empty_bins",
            Self::FewValues { .. } => "few_values",
            Self::SplitTies { .. } => "split_ties",
            Self::ReturnsNetted { .. } => "returns_netted",
            Self::ReturnsDeducted { .. } => "returns_deducted",
            Self::ReturnsLeftOut { .. } => "returns_left_out",
            Self::OnlyReturns { .. } => "only_returns",
            Self::OrdersFarApart { .. } => "orders_far_apart",
            Self::TimeZoneWithoutEffect { .. } => "time_zone_without_effect",
            Self::SourceTimeZoneWithoutEffect { .. } => "source_time_zone_without_effect",
            Self::UnusableMargins { .. } => "unusable_margins",
            Self::EarlyDates { .. } => "early_dates",
            Self::NoRevenue {} => "no_revenue",
            Self::ShortHistory { .. } => "short_history",
            Self::NoPurchaseModel { .. } => "no_purchase_model",
            Self::NobodyLeaves { .. } => "nobody_leaves",
            Self::MeanOrderValue { .. } => "mean_order_value",
            Self::CustomersWithoutRevenue { .. } => "customers_without_revenue",
            Self::NoSpendingModel { .. } => "no_spending_model",
            Self::NoFrozenSpendingModel {} => "no_frozen_spending_model",
            Self::DependentSpending { .. } => "dependent_spending",
            Self::HoldoutSeen {} => "holdout_seen",
            Self::UnmatchedRows { .. } => "unmatched_rows",
            Self::DeliveredTwice { .. } => "delivered_twice",
            Self::StaleData { .. } => "stale_data",
            Self::FewerRows { .. } => "fewer_rows",
            Self::LoneLastDate { .. } => "lone_last_date",
            Self::NobodyIds { .. } => "nobody_ids",
            Self::FloatIds { .. } => "float_ids",
            Self::UnmatchedExclusions { .. } => "unmatched_exclusions",
            Self::EmptyVariable { .. } => "empty_variable",
            Self::AbcTies { .. } => "abc_ties",
            Self::ShareAboveOne { .. } => "share_above_one",
            Self::RulingMeasure { .. } => "ruling_measure",
            Self::SegmentMisnamed { .. } => "segment_misnamed",
            Self::OctantThresholds { .. } => "octant_thresholds",
            Self::OctantsLearnedNew {} => "octants_learned_new",
            Self::RunMayStop { .. } => "run_may_stop",
        }
    }
}

impl Facts {
    /// The sentences about predictions.
    fn write_prediction(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::ShortHistory { days, least } => {
                let asked = "`predict.min_history_days` asks for";
                write!(f, "nothing is predicted: the purchases span {days} days, and {asked} {least}; ")?;
                f.write_str("deliver older purchases, or lower the setting")
            }
            Self::NoPurchaseModel { reasons } => {
                let help = if reasons.iter().any(|reason| reason.starts_with("NBD:")) { "" } else { ASK_FOR_NBD };
                write!(f, "no purchases are predicted: {}; {LONGER_HISTORY}{help}", reasons.join("; "))
            }
            Self::NobodyLeaves { reasons } => write!(f, "{NOBODY_LEAVES}: {}", reasons.join("; ")),
            Self::MeanOrderValue { mean, reason } => write!(
                f,
                "the value of an order is the mean, {mean:.2}, for every customer, and CLV follows from their expected \
                 orders alone: {reason}"
            ),
            Self::CustomersWithoutRevenue { customers } => write!(f, "{customers} {WITHOUT_REVENUE}"),
            Self::NoSpendingModel { reason } => write!(f, "{NO_VALUES}: {reason}; expected orders stand"),
            Self::NoFrozenSpendingModel {} => {
                write!(f, "{NO_VALUES}: the run of `predict.params_from` has no model of them")
            }
            Self::DependentSpending { correlation } => write!(
                f,
                "how often customers buy and what an order brings correlate by {correlation:.2}; Gamma-Gamma takes them \
                 to be independent, and CLV errs where they are not"
            ),
            Self::HoldoutSeen {} => f.write_str(HOLDOUT_SEEN),
            _ => Ok(()),
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
            Self::ReturnsNetted { .. }
            | Self::ReturnsDeducted { .. }
            | Self::ReturnsLeftOut { .. }
            | Self::OnlyReturns { .. } => self.fmt_returns(f),
            Self::OrdersFarApart { orders, days } => write!(
                f,
                "{orders} orders have lines more than {days} days apart; where numbers come again, these are several \
                 orders: `clean.orders_by = \"order_id_and_day\"` or further columns in `columns.order_id` tell them apart"
            ),
            Self::TimeZoneWithoutEffect { zone, column } => write!(
                f,
                "`dates.time_zone` ({zone}) has no effect: `{column}` carries no zone, and its days are taken as they \
                 stand; `dates.source_time_zone` says which zone its times are of (`UTC`, or `{zone}` itself)"
            ),
            Self::SourceTimeZoneWithoutEffect { zone, column } => {
                write!(f, "`dates.source_time_zone` ({zone}) has no effect: `{column}` has no times without a zone")
            }
            Self::UnusableMargins { rows } => write!(f, "{rows} {UNUSABLE_MARGINS}"),
            Self::EarlyDates { customers } => write!(f, "{customers} {EARLY_DATES}"),
            Self::NoRevenue {} => f.write_str(NO_REVENUE),
            Self::ShortHistory { .. }
            | Self::NoPurchaseModel { .. }
            | Self::NobodyLeaves { .. }
            | Self::MeanOrderValue { .. }
            | Self::CustomersWithoutRevenue { .. }
            | Self::NoSpendingModel { .. }
            | Self::NoFrozenSpendingModel {}
            | Self::DependentSpending { .. }
            | Self::HoldoutSeen {} => self.write_prediction(f),
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
            Self::AbcTies { .. }
            | Self::ShareAboveOne { .. }
            | Self::RulingMeasure { .. }
            | Self::SegmentMisnamed { .. }
            | Self::OctantThresholds { .. }
            | Self::OctantsLearnedNew {} => f.write_str(&of_groups(self)),
            Self::RunMayStop { problem } => {
                write!(f, "a run stops, unless it leaves out the rows in question: {problem}")
            }
            guard => f.write_str(&guard.of_guards()),
        }
    }
}

/// The sentences about classes, shares and segments.
fn of_groups(facts: &Facts) -> String {
    match facts {
        Facts::AbcTies { customers } => format!(
            "{customers} customers share their revenue with a customer of another ABC class: classes end by rank, and equal \
             revenues are ranked by customer id"
        ),
        Facts::ShareAboveOne { below_zero, share } => format!(
            "{below_zero} customers have revenue below zero, so that the others hold more than all of it (a cumulative share of \
             {share:.3}): ABC classes and Pareto shares are of the total less what these owe"
        ),
        Facts::RulingMeasure { measure, correlation } => format!(
            "`{measure}` decides the weighted value nearly alone (Spearman {correlation:.3}): weights of `[score.value]` say \
             little where one measure is spread far more widely than the others"
        ),
        Facts::SegmentMisnamed { segment, says, customers, concerned, measure, mean } => {
            let found = match says.as_str() {
                "new" => format!("{concerned} of its {customers} customers ordered first more than 365 days ago"),
                "recent" => format!("the mean of `{measure}` is {mean:.0}, more than a year"),
                "away" => format!("the mean of `{measure}` is {mean:.1}, less than 30"),
                _ => format!("the mean of orders is {mean:.2}, less than 2"),
            };
            format!("the name of segment `{segment}` does not fit these data: {found}")
        }
        Facts::OctantThresholds { octants, segments } => format!(
            "octants are told by {octants} in the column `octant` and by {segments} in the segment map: set \
             `octants.threshold`, or leave out the methods of the axes"
        ),
        _ => {
            "the run of `score.breaks_from` did not write the thresholds of its octants: they are learned from this run"
                .to_owned()
        }
    }
}

impl Facts {
    /// The sentences about returns and their money.
    fn fmt_returns(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReturnsNetted { orders, money } => write!(
                f,
                "{orders} orders are not above zero (returns); they count as orders, and take {money} off revenue: with \
                 `clean.returns = \"net\"` they lower revenue alone"
            ),
            Self::ReturnsDeducted { orders, money } => {
                write!(f, "{orders} orders are returns: they take {money} off revenue, and are no purchases")
            }
            Self::ReturnsLeftOut { rows, money } => write!(
                f,
                "{rows} rows are returns, and left out with their money ({money}): `clean.returns = \"net\"` takes it off \
                 revenue"
            ),
            Self::OnlyReturns { customers, money } => write!(
                f,
                "{customers} customers have returns and no purchase: they are in no table, and neither is their money \
                 ({money})"
            ),
            other => f.write_str(other.code()),
        }
    }

    /// The sentences about input that may be old, incomplete or made up; empty for all others.
    fn of_guards(&self) -> String {
        match self {
            Self::StaleData { last_date, as_of, days } => {
                format!("the last order is of {last_date}, {days} days before the analysis date {as_of}: {STALE_DATA}")
            }
            Self::FewerRows { rows, previous_rows, previous_as_of, share } => format!(
                "{rows} rows were read, {:.1}% of the {previous_rows} of the run of {previous_as_of}: {FEWER_ROWS}",
                share * 100.0
            ),
            Self::LoneLastDate { last_date, date_before, days, customers } => format!(
                "the last date in the data, {last_date}, stands alone: the one before is {date_before}, a gap of {days} days; \
                 {customers} customers bought after it, and {LONE_LAST_DATE}"
            ),
            Self::NobodyIds { ids, rows, rows_share, money_share } => nobody_ids(ids, *rows, *rows_share, *money_share),
            Self::FloatIds { customers, of } => {
                format!("{customers} of {of} customer ids are whole numbers that went through a float, {FLOAT_IDS}")
            }
            Self::UnmatchedExclusions { path, ids } => {
                format!(
                    "no row is of a customer on the list `{path}` of `privacy.exclude_ids` ({ids} ids): {UNMATCHED}"
                )
            }
            Self::EmptyVariable { variable, setting } => {
                format!(
                    "the environment variable {variable} is empty, so `{setting}` counts as not set; {EMPTY_VARIABLE}"
                )
            }
            _ => String::new(),
        }
    }
}

const STALE_DATA: &str = "are the newest days missing? `quality.max_days_without_orders` says how many days are normal, and \
                          stops a run beyond them";
const FEWER_ROWS: &str = "are files or days missing? `quality.min_share_of_previous_rows` says which share is normal, and stops a run below it";
const LONE_LAST_DATE: &str = "all recencies are counted from the last date: if it is made up, give the analysis date with \
                              `--as-of`, and rows after it are left out";
const FLOAT_IDS: &str =
    "as `123.0`: they match no whole numbers in other tables; cast the column to an integer at its source";
const UNMATCHED: &str = "are the ids written as in the input (upper and lower case, leading zeros, blanks)?";
const EMPTY_VARIABLE: &str = "if that is meant, remove the variable";

const UNUSABLE_MARGINS: &str =
    "used rows have a margin that is null or no amount; they count with 0 in `margin`, and in full in revenue";
const EARLY_DATES: &str =
    "customers have a first order before 1971-01-01, as made-up dates are: `dates.min_date` quarantines such rows";
const NO_REVENUE: &str =
    "total revenue is not above zero: revenue shares, ABC classes and the Gini coefficient are not defined";
const LONGER_HISTORY: &str = "what helps is a longer history, in which more customers have purchases on several days";
const ASK_FOR_NBD: &str = ", or `predict.model = \"nbd\"`, a simpler model in which nobody leaves";
const NOBODY_LEAVES: &str = "no customer is seen to leave, so that `nbd` predicts, in which nobody leaves: `p_alive` is 1 \
                             for everyone, and the orders expected of a customer follow from how many they made in which \
                             time, not from when they made the last one";
const WITHOUT_REVENUE: &str = "customers got back all they paid, or paid nothing: their expected order value and CLV are \
                               0, and they have no part in the model of order values";
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

fn nobody_ids(ids: &[String], rows: u64, rows_share: f64, money_share: Option<f64>) -> String {
    let listed = |quote: &str| ids.iter().map(|id| format!("{quote}{id}{quote}")).collect::<Vec<_>>().join(", ");
    let money = money_share.map(|share| format!(" and {:.1}% of revenue", share * 100.0)).unwrap_or_default();
    format!(
        "{:.1}% of the used rows ({rows}){money} have an id that usually means no customer ({}), and count as one customer \
         each: to quarantine them set `clean.nobody_ids = [{}]`",
        rows_share * 100.0,
        listed("`"),
        listed("\"")
    )
}
