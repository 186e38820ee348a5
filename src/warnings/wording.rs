//! The sentence of each warning: one line without a final stop.
//!
//! Does not live here: the list of warnings (`facts`).

use std::fmt::{self, Display, Formatter};

use super::facts::Facts;
use super::parts::{FewerRows, LookupMatches, MergedMembers, MisnamedSegment, NotBuyers, NotMembers, OldIds, in_files};
use super::wording_of_scores::of_scores;

impl Facts {
    /// The sentences about predictions.
    fn write_prediction(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::ShortHistory { days, least } => {
                let asked = "`predict.min_history_days` asks for";
                write!(f, "nothing is predicted: the purchases span {days} days, and {asked} {least}; ")?;
                f.write_str("deliver older purchases, or lower the setting")
            }
            Self::UnfinishedPeriod { unit, days } => write!(
                f,
                "the {unit} of the analysis date has not ended: purchases of its first {days} days are no repeats yet, and horizons \
                 begin with it; an `as_of` at the end of a {unit} leaves nothing out"
            ),
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
            Self::OwnOrderValue { mean, reason } => write!(
                f,
                "the value of an order is the mean of what the customer paid, and {mean:.2}, the mean over customers, for those \
                 without a repeat purchase: {reason}"
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

impl Facts {
    /// The sentences about rows, files and their dates.
    fn write_rows(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
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
            Self::DeliveredTwice { first, second, files, rows } => {
                write!(f, "`{first}` and `{second}` agree in size, rows and footer, as the same file delivered twice")?;
                if *files > 1 {
                    write!(f, " (so do {} more files and others)", files - 1)?;
                }
                let whose = if *files > 1 { "of such files" } else { "of the second" };
                write!(f, ": unless repeats are dropped (--dedupe), the {rows} rows {whose} count twice")
            }
            _ => Ok(()),
        }
    }
}

impl Facts {
    /// The sentences about files and their columns.
    fn write_files(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::FilesPassedOver { files, first } => {
                let (are, such) = if *files == 1 { ("file is", "") } else { ("files are", "such as ") };
                write!(
                    f,
                    "{files} {are} passed over as no data, {such}`{first}`: data ends in `.parquet`, `.parq` or `.pq`, or "
                )?;
                f.write_str("has no ending and begins as a Parquet file")
            }
            Self::FilesReadOnce { files, first } => {
                let lead = if *files == 1 { "1 path leads".to_owned() } else { format!("{files} paths lead") };
                write!(f, "{lead} to the same file as another, which is read once: `{first}`")
            }
            Self::ColumnWrittenOtherwise(own) => own.fmt(f),
            Self::ColumnMissingInFiles { column, files, first } => {
                write!(f, "`{column}` is null for all rows of {}: the files lack it", in_files(*files, first))
            }
            Self::IdsStoredAsFloats(own) => own.fmt(f),
            _ => Ok(()),
        }
    }
}

impl Display for Facts {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyBins { .. } | Self::FewValues { .. } | Self::SplitTies { .. } => f.write_str(&of_scores(self)),
            Self::ReturnsNetted { .. }
            | Self::ReturnsDeducted { .. }
            | Self::ReturnsLeftOut { .. }
            | Self::OnlyReturns { .. } => self.fmt_returns(f),
            Self::OrdersFarApart { .. }
            | Self::TimeZoneWithoutEffect { .. }
            | Self::SourceTimeZoneWithoutEffect { .. }
            | Self::DeliveredTwice { .. } => self.write_rows(f),
            Self::FilesPassedOver { .. }
            | Self::FilesReadOnce { .. }
            | Self::ColumnWrittenOtherwise { .. }
            | Self::ColumnMissingInFiles { .. }
            | Self::IdsStoredAsFloats { .. } => self.write_files(f),
            Self::UnusableMargins { rows } => write!(f, "{rows} {UNUSABLE_MARGINS}"),
            Self::MissingRates { .. }
            | Self::CurrencyWithoutEffect { .. }
            | Self::UnreadRateColumns { .. }
            | Self::RatesEndEarly { .. }
            | Self::OtherCurrency { .. } => f.write_str(&of_currencies(self)),
            Self::EarlyDates { customers } => write!(f, "{customers} {EARLY_DATES}"),
            Self::NoRevenue {} => f.write_str(NO_REVENUE),
            Self::NoFrozenBreaks(own) => own.fmt(f),
            Self::NothingToCompare(own) => own.fmt(f),
            Self::AlertsWithoutComparison(own) => own.fmt(f),
            Self::SettingsDiffer(own) => own.fmt(f),
            Self::NoCommonCustomers(own) => own.fmt(f),
            _ => self.write_what_was_made(f),
        }
    }
}

impl Facts {
    /// The sentences about predictions, scores and tables.
    fn write_what_was_made(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::ShortHistory { .. }
            | Self::UnfinishedPeriod { .. }
            | Self::NoPurchaseModel { .. }
            | Self::NobodyLeaves { .. }
            | Self::MeanOrderValue { .. }
            | Self::OwnOrderValue { .. }
            | Self::CustomersWithoutRevenue { .. }
            | Self::NoSpendingModel { .. }
            | Self::NoFrozenSpendingModel {}
            | Self::DependentSpending { .. }
            | Self::HoldoutSeen {} => self.write_prediction(f),
            Self::UnmatchedRows(LookupMatches { setting, what, matched, customers, unmatched_rows }) => {
                write!(f, "{matched} of {customers} customers have {what}; ")?;
                write!(f, "{unmatched_rows} rows of `{setting}` match no customer in the table")
            }
            Self::AbcTies { .. }
            | Self::ShareAboveOne { .. }
            | Self::RulingMeasure { .. }
            | Self::SegmentMisnamed { .. }
            | Self::OctantThresholds { .. }
            | Self::OctantsLearnedNew {}
            | Self::RulesWithoutValues { .. }
            | Self::LogarithmsBelowZero { .. }
            | Self::SmallGroups { .. }
            | Self::GroupsWithoutBreaks { .. } => f.write_str(&of_groups(self)),
            Self::UnmatchedAliases(_)
            | Self::CustomersNotMembers(_)
            | Self::ProspectsByWindow(_)
            | Self::MergedMembersDiffer(_) => f.write_str(&of_members(self)),
            Self::RunMayStop { problem } => {
                write!(f, "a run stops, unless it leaves out the rows in question: {problem}")
            }
            guard => f.write_str(&guard.of_guards()),
        }
    }
}

/// So many currencies are named.
const CURRENCIES_SHOWN: usize = 12;

/// The sentences about currencies and their rates.
fn of_currencies(facts: &Facts) -> String {
    match facts {
        Facts::MissingRates { rows, currencies } => {
            let named = currencies.iter().take(CURRENCIES_SHOWN).map(|own| format!("{} {}", own.currency, own.rows));
            let more = currencies.len().checked_sub(CURRENCIES_SHOWN).filter(|more| *more > 0);
            let named: Vec<String> = named.chain(more.map(|more| format!("and {more} more"))).collect();
            format!(
                "{rows} rows have no rate in `currency.rates` that is recent enough, and are quarantined as `missing_rate`: {}",
                named.join(", ")
            )
        }
        Facts::CurrencyWithoutEffect { setting, reason } => format!("`{setting}` has no effect: {reason}"),
        Facts::UnreadRateColumns { path, columns } => {
            let named: Vec<String> = columns.iter().map(|name| format!("`{name}`")).collect();
            format!(
                "the rates `{path}` have columns that are not read: {}; every rate counts as units of `currency.base` for one unit",
                named.join(", ")
            )
        }
        Facts::RatesEndEarly { last_rate, last_date, max_age_days } => format!(
            "the last rate is of {last_rate}, and dates go to {last_date}: rows in other currencies more than {max_age_days} \
             days after it have no rate"
        ),
        Facts::OtherCurrency { setting, theirs, ours } => format!(
            "the run of `{setting}` has money in {theirs}, and this one in {ours}: what it has learned of money does not fit"
        ),
        _ => String::new(),
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
        Facts::SegmentMisnamed(MisnamedSegment { segment, says, customers, concerned, measure, mean }) => {
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
        Facts::RulesWithoutValues { map, column } => format!(
            "no customer has a value of `{column}`, which rules of the segment map `{map}` look at: none of their \
             comparisons holds"
        ),
        Facts::LogarithmsBelowZero { measure, customers } => format!(
            "{customers} customers have a `{measure}` below zero, which has no logarithm: for clusters they count as zero"
        ),
        Facts::SmallGroups { who, least } => {
            let few = format!("fewer than {least} customers (`score.by_min_customers`)");
            format!("{}: {}", who.have(&few), who.take_those_of_all())
        }
        Facts::GroupsWithoutBreaks(who) => {
            format!("{}: {}", who.have("no breaks in the run of `score.breaks_from`"), who.take_those_of_all())
        }
        _ => {
            "the run of `score.breaks_from` did not write the thresholds of its octants: they are learned from this run"
                .to_owned()
        }
    }
}

/// The sentences about members and their old ids.
fn of_members(facts: &Facts) -> String {
    match facts {
        Facts::UnmatchedAliases(OldIds { old_ids }) => {
            format!("no used row has one of the {old_ids} old ids of `customers.aliases`: {UNMATCHED}")
        }
        Facts::CustomersNotMembers(NotMembers { customers, of }) => {
            format!("{customers} of {of} customers have no row in `customers.path`: {UNMATCHED}")
        }
        Facts::ProspectsByWindow(NotBuyers { prospects }) => format!("{prospects} {PROSPECTS_BY_WINDOW}"),
        Facts::MergedMembersDiffer(MergedMembers { customers }) => format!("{customers} {MERGED_MEMBERS}"),
        other => other.code().to_owned(),
    }
}

const PROSPECTS_BY_WINDOW: &str = "members have no order in the window and are called prospects, also where they bought before it: with \
     `dates.window_applies_to = \"everything\"` earlier rows are not looked at";
const MERGED_MEMBERS: &str = "customers have several old ids in `customers.path` with different attributes, and none of \
                              their own: those of the smallest old id are published";

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
                "{customers} customers have returns and no purchase: they are not among the buyers, and their money ({money}) \
                 is in no table"
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
            Self::DateSkipped(skipped) => skipped.to_string(),
            Self::FewerRows(FewerRows { rows, previous_rows, previous_as_of, share, input }) => format!(
                "{rows} rows{} were read, {:.1}% of the {previous_rows} of the run of {previous_as_of}: {FEWER_ROWS}",
                input.as_ref().map(|name| format!(" of input `{name}`")).unwrap_or_default(),
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
            Self::SettingWithoutEffect { setting, because } => format!("`{setting}` changes nothing: {because}"),
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
