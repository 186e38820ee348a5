//! The list of all warnings: one variant each, with its facts.
//!
//! `docs/warnings.md` says of each when it comes and what to do.
//! Does not live here: the codes (`codes`), the sentences (`wording`), and the decision that something deserves a warning, which is
//! that of the stage that sees it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::over_time::{AlertsWithoutComparison, NoCommonCustomers, NoFrozenBreaks, NothingToCompare, SettingsDiffer};
use super::parts::{
    CommonValue, CurrencyRows, FewerRows, FloatColumn, LookupMatches, MergedMembers, MisnamedSegment, NamedGroups,
    NotBuyers, NotMembers, OldIds, SkippedDate, WrittenOtherwise,
};

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
    /// Rows that are left out because their currency has no rate on their day.
    MissingRates {
        /// These rows.
        rows: u64,
        /// Their currencies, the one with the most rows first.
        currencies: Vec<CurrencyRows>,
    },
    /// A setting of currencies changes no amount.
    CurrencyWithoutEffect {
        /// The setting.
        setting: String,
        /// Why.
        reason: String,
    },
    /// The table of rates has columns that are not read.
    UnreadRateColumns {
        /// Its path.
        path: String,
        /// Their names.
        columns: Vec<String>,
    },
    /// The newest rates are too old for the last dates of the input.
    RatesEndEarly {
        /// The last day with a rate.
        last_rate: NaiveDate,
        /// The last date that the input has, or the analysis date where that is earlier.
        last_date: NaiveDate,
        /// `currency.max_age_days`.
        max_age_days: u32,
    },
    /// Breaks or models are taken from a run whose money is in another currency.
    OtherCurrency {
        /// The setting that names the other run.
        setting: String,
        /// The currency of the other run.
        theirs: String,
        /// The currency of this one.
        ours: String,
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
    /// The analysis date lies within a calendar period, which is no opportunity yet.
    UnfinishedPeriod {
        /// `predict.time_unit`.
        unit: String,
        /// Days of it up to the analysis date, whose purchases are not counted yet.
        days: u32,
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
    /// Each customer pays a price of their own every time: the value of an order is the customer's own mean.
    OwnOrderValue {
        /// The mean over customers, for those without a price that is known, major units.
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
    UnmatchedRows(LookupMatches),
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
    /// Files in directories and patterns of the input are no data.
    FilesPassedOver {
        /// How many.
        files: u64,
        /// The path of the first.
        first: String,
    },
    /// Files of the input are reached twice, by another path or a link, and read once.
    FilesReadOnce {
        /// How many paths lead to a file that is read already.
        files: u64,
        /// The first such path.
        first: String,
    },
    /// A needed column is called otherwise in some files, in a way that nobody sees.
    ColumnWrittenOtherwise(WrittenOtherwise),
    /// Files lack a needed column, which is read as null.
    ColumnMissingInFiles {
        /// The column.
        column: String,
        /// How many files with rows lack it.
        files: u64,
        /// The path of the first.
        first: String,
    },
    /// Ids are stored as floats.
    IdsStoredAsFloats(FloatColumn),
    /// The last order lies long before the analysis date.
    StaleData {
        /// The day of the last order.
        last_date: NaiveDate,
        /// The analysis date.
        as_of: NaiveDate,
        /// The days between them.
        days: u32,
    },
    /// No order speaks for a date of a series.
    DateSkipped(SkippedDate),
    /// Far fewer rows were read than by the previous run.
    FewerRows(FewerRows),
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
    /// No used row has an old id.
    UnmatchedAliases(OldIds),
    /// Customers of the run have no row in the table of members.
    CustomersNotMembers(NotMembers),
    /// Rows before the window are not looked at, so that those who bought then are taken to have never bought.
    ProspectsByWindow(NotBuyers),
    /// Accounts that are one customer differ in what the table of members says, and none of them has the customer's own id.
    MergedMembersDiffer(MergedMembers),
    /// An environment variable of a setting that decides which rows count is empty, and counts as not set.
    EmptyVariable {
        /// The variable.
        variable: String,
        /// Its setting.
        setting: String,
    },
    /// A setting changes nothing.
    SettingWithoutEffect {
        /// Its key.
        setting: String,
        /// Why.
        because: String,
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
    SegmentMisnamed(MisnamedSegment),
    /// Octants are told by two thresholds in one run, so that the column `octant` and a segment map say different things.
    OctantThresholds {
        /// Of `[octants]`.
        octants: String,
        /// Of the axes that the segment map looks at.
        segments: String,
    },
    /// The run whose breaks are taken did not write the thresholds of its octants.
    OctantsLearnedNew {},
    /// Rules of a segment map look at something that no customer has, so that none of their comparisons holds.
    RulesWithoutValues {
        /// The name of the map.
        map: String,
        /// What the rules call it.
        column: String,
    },
    /// Values below zero count as zero in the logarithms that clusters are made of.
    LogarithmsBelowZero {
        /// The column of the measure.
        measure: String,
        /// Customers with such a value.
        customers: u64,
    },
    /// Groups of customers are too small for breaks of their own, and take those of all.
    SmallGroups {
        /// These groups.
        #[serde(flatten)]
        who: NamedGroups,
        /// `score.by_min_customers`.
        least: u32,
    },
    /// The run whose breaks are taken had none of these groups: they take those of all.
    GroupsWithoutBreaks(NamedGroups),
    /// Two dates are compared, and the breaks of the earlier one cannot score the later one.
    NoFrozenBreaks(NoFrozenBreaks),
    /// There is no earlier date to be held against.
    NothingToCompare(NothingToCompare),
    /// Alerts are looked for without an earlier date.
    AlertsWithoutComparison(AlertsWithoutComparison),
    /// Two published dates are compared whose settings differ.
    SettingsDiffer(SettingsDiffer),
    /// Two dates are compared that have no customer in common.
    NoCommonCustomers(NoCommonCustomers),
    /// A check cannot tell whether a run would stop: that depends on rows that it does not read.
    RunMayStop {
        /// What the run would stop with.
        problem: String,
    },
}
