//! One of each warning, with its code and its sentence.

use super::super::*;
use super::examples_of_input::{of_currencies, of_inputs};
use super::examples_over_time::of_time;
use super::of_predictions::of_predictions;

/// One of each, with the code and the sentence that users know.
pub(super) fn examples() -> Vec<(Facts, &'static str, String)> {
    [
        of_scores(),
        of_customers(),
        of_dates(),
        of_groups(),
        of_segments(),
        of_predictions(),
        of_inputs(),
        of_files(),
        of_guards(),
        of_currencies(),
        of_members(),
        of_time(),
    ]
    .concat()
}

fn of_scores() -> Vec<(Facts, &'static str, String)> {
    let (measure, score) = ("orders".to_owned(), "frequency".to_owned());
    let most_common = Some(CommonValue { value: "1".into(), share: 0.6 });
    vec![
        (
            Facts::EmptyBins { measure: measure.clone(), score: score.clone(), empty: vec![2, 3], most_common },
            "empty_bins",
            "60.0% of customers have `orders` = 1: the frequency score has 2 empty bins (2, 3)".into(),
        ),
        (
            Facts::EmptyBins { measure: measure.clone(), score: score.clone(), empty: vec![4], most_common: None },
            "empty_bins",
            "the frequency score has 1 empty bin (4)".into(),
        ),
        (
            Facts::FewValues { measure: measure.clone(), score: score.clone(), distinct: 1, bins: 5 },
            "few_values",
            "`orders` has 1 distinct value, fewer than the 5 bins of the frequency score".into(),
        ),
        (
            Facts::SplitTies { measure, score, customers: 3, share: 0.3 },
            "split_ties",
            "30.0% of customers (3) share their `orders` with a customer of another frequency score: ntile splits equal \
             values by customer id; `quantile` does not"
                .into(),
        ),
    ]
}

fn of_members() -> Vec<(Facts, &'static str, String)> {
    vec![
        (
            Facts::CustomersNotMembers(NotMembers { customers: 3, of: 10 }),
            "customers_not_members",
            "3 of 10 customers have no row in `customers.path`: are the ids written as in the input (upper and lower case, leading zeros, blanks)?"
                .into(),
        ),
        (
            Facts::ProspectsByWindow(NotBuyers { prospects: 4 }),
            "prospects_by_window",
            "4 members have no order in the window and are called prospects, also where they bought before it: with \
             `dates.window_applies_to = \"everything\"` earlier rows are not looked at"
                .into(),
        ),
        (
            Facts::MergedMembersDiffer(MergedMembers { customers: 2 }),
            "merged_members_differ",
            "2 customers have several old ids in `customers.path` with different attributes, and none of their own: those of \
             the smallest old id are published"
                .into(),
        ),
    ]
}

fn of_groups() -> Vec<(Facts, &'static str, String)> {
    let (octants, segments) = ("mean".into(), "median".into());
    vec![
        (
            Facts::AbcTies { customers: 4 },
            "abc_ties",
            "4 customers share their revenue with a customer of another ABC class: classes end by rank, and equal revenues are \
             ranked by customer id"
                .into(),
        ),
        (
            Facts::ShareAboveOne { below_zero: 1, share: 1.25 },
            "share_above_one",
            "1 customers have revenue below zero, so that the others hold more than all of it (a cumulative share of 1.250): \
             ABC classes and Pareto shares are of the total less what these owe"
                .into(),
        ),
        (
            Facts::RulingMeasure { measure: "revenue".into(), correlation: 0.98 },
            "ruling_measure",
            "`revenue` decides the weighted value nearly alone (Spearman 0.980): weights of `[score.value]` say little where \
             one measure is spread far more widely than the others"
                .into(),
        ),
        (
            Facts::OctantThresholds { octants, segments },
            "octant_thresholds",
            "octants are told by mean in the column `octant` and by median in the segment map: set `octants.threshold`, or \
             leave out the methods of the axes"
                .into(),
        ),
        (
            Facts::SmallGroups {
                who: NamedGroups {
                    by: vec!["country".into()],
                    groups: 3,
                    names: vec!["LU".into(), "MT".into()],
                    customers: 41,
                },
                least: 50,
            },
            "small_groups",
            "3 groups by `country` have fewer than 50 customers (`score.by_min_customers`): LU, MT and 1 more; their 41 \
             customers take the breaks of all"
                .into(),
        ),
        (
            Facts::GroupsWithoutBreaks(NamedGroups {
                by: vec!["country".into(), "channel".into()],
                groups: 1,
                names: vec!["LU/web".into()],
                customers: 1,
            }),
            "groups_without_breaks",
            "1 group by `country`, `channel` has no breaks in the run of `score.breaks_from`: LU/web; their 1 customer takes \
             the breaks of all"
                .into(),
        ),
        (
            Facts::OctantsLearnedNew {},
            "octants_learned_new",
            "the run of `score.breaks_from` did not write the thresholds of its octants: they are learned from this run".into(),
        ),
        (
            Facts::RulesWithoutValues { map: "ours".into(), column: "p_alive".into() },
            "rules_without_values",
            "no customer has a value of `p_alive`, which rules of the segment map `ours` look at: none of their comparisons \
             holds"
                .into(),
        ),
        (
            Facts::LogarithmsBelowZero { measure: "revenue".into(), customers: 3 },
            "logarithms_below_zero",
            "3 customers have a `revenue` below zero, which has no logarithm: for clusters they count as zero".into(),
        ),
    ]
}

fn of_segments() -> Vec<(Facts, &'static str, String)> {
    let fits = "does not fit these data";
    let of = |segment: &str, says: &str, measure: &str, mean: f64| {
        Facts::SegmentMisnamed(MisnamedSegment {
            segment: segment.into(),
            says: says.into(),
            customers: 9,
            concerned: 3,
            measure: measure.into(),
            mean,
        })
    };
    [
        (of("new", "new", "tenure_days", 500.0), "3 of its 9 customers ordered first more than 365 days ago"),
        (of("about_to_sleep", "recent", "recency_days", 474.2), "the mean of `recency_days` is 474, more than a year"),
        (of("lost", "away", "recency_days", 12.25), "the mean of `recency_days` is 12.2, less than 30"),
        (of("loyal", "frequent", "orders", 1.125), "the mean of orders is 1.12, less than 2"),
    ]
    .map(|(facts, found)| {
        let Facts::SegmentMisnamed(MisnamedSegment { segment, .. }) = &facts else { unreachable!() };
        let text = format!("the name of segment `{segment}` {fits}: {found}");
        (facts, "segment_misnamed", text)
    })
    .to_vec()
}

fn of_customers() -> Vec<(Facts, &'static str, String)> {
    vec![
        (
            Facts::ReturnsNetted { orders: 3, money: "-1.50".into() },
            "returns_netted",
            "3 orders are not above zero (returns); they count as orders, and take -1.50 off revenue: with \
             `clean.returns = \"net\"` they lower revenue alone"
                .into(),
        ),
        (
            Facts::ReturnsDeducted { orders: 3, money: "-1.50".into() },
            "returns_deducted",
            "3 orders are returns: they take -1.50 off revenue, and are no purchases".into(),
        ),
        (
            Facts::ReturnsLeftOut { rows: 4, money: "-2.00".into() },
            "returns_left_out",
            "4 rows are returns, and left out with their money (-2.00): `clean.returns = \"net\"` takes it off revenue".into(),
        ),
        (
            Facts::OnlyReturns { customers: 2, money: "-7.00".into() },
            "only_returns",
            "2 customers have returns and no purchase: they are not among the buyers, and their money (-7.00) is in no table".into(),
        ),
        (
            Facts::OrdersFarApart { orders: 2, days: 30 },
            "orders_far_apart",
            "2 orders have lines more than 30 days apart; where numbers come again, these are several orders: \
             `clean.orders_by = \"order_id_and_day\"` or further columns in `columns.order_id` tell them apart"
                .into(),
        ),
        (
            Facts::UnusableMargins { rows: 2 },
            "unusable_margins",
            "2 used rows have a margin that is null or no amount; they count with 0 in `margin`, and in full in revenue"
                .into(),
        ),
        (
            Facts::EarlyDates { customers: 1 },
            "early_dates",
            "1 customers have a first order before 1971-01-01, as made-up dates are: `dates.min_date` quarantines such rows"
                .into(),
        ),
        (
            Facts::NoRevenue {},
            "no_revenue",
            "total revenue is not above zero: revenue shares, ABC classes and the Gini coefficient are not defined".into(),
        ),
    ]
}

fn of_dates() -> Vec<(Facts, &'static str, String)> {
    let (zone, column) = ("Europe/Berlin".to_owned(), "order_ts".to_owned());
    vec![
        (
            Facts::TimeZoneWithoutEffect { zone: zone.clone(), column: column.clone() },
            "time_zone_without_effect",
            "`dates.time_zone` (Europe/Berlin) has no effect: `order_ts` carries no zone, and its days are taken as they \
             stand; `dates.source_time_zone` says which zone its times are of (`UTC`, or `Europe/Berlin` itself)"
                .into(),
        ),
        (
            Facts::SourceTimeZoneWithoutEffect { zone, column },
            "source_time_zone_without_effect",
            "`dates.source_time_zone` (Europe/Berlin) has no effect: `order_ts` has no times without a zone".into(),
        ),
    ]
}

fn of_files() -> Vec<(Facts, &'static str, String)> {
    let (column, first) = ("customer_id".to_owned(), "d/b.parquet".to_owned());
    vec![
        (
            Facts::FilesPassedOver { files: 2, first: "d/load.csv".into() },
            "files_passed_over",
            "2 files are passed over as no data, such as `d/load.csv`: data ends in `.parquet`, `.parq` or `.pq`, or has no \
             ending and begins as a Parquet file"
                .into(),
        ),
        (
            Facts::FilesReadOnce { files: 1, first: first.clone() },
            "files_read_once",
            "1 path leads to the same file as another, which is read once: `d/b.parquet`".into(),
        ),
        (
            Facts::ColumnWrittenOtherwise(WrittenOtherwise {
                column: column.clone(),
                found: "\\u{feff}customer_id".into(),
                files: 1,
                first: first.clone(),
            }),
            "column_written_otherwise",
            "`customer_id` is taken for the column `\\u{feff}customer_id` of `d/b.parquet`: the two names differ only in what is \
             not seen"
                .into(),
        ),
        (
            Facts::ColumnMissingInFiles { column: column.clone(), files: 3, first: first.clone() },
            "column_missing_in_files",
            "`customer_id` is null for all rows of 3 files, such as `d/b.parquet`: the files lack it".into(),
        ),
        (
            Facts::IdsStoredAsFloats(FloatColumn { column, kind: "float64".into(), files: 1, first }),
            "ids_stored_as_floats",
            "the ids in `customer_id` are floats (float64) in `d/b.parquet`: whole ones are read as integers, NaN as missing; \
             above 9007199254740992 different ids may be stored as one number"
                .into(),
        ),
    ]
}

fn of_guards() -> Vec<(Facts, &'static str, String)> {
    let date = |text: &str| text.parse().unwrap();
    vec![
        (
            Facts::StaleData { last_date: date("2024-06-10"), as_of: date("2024-06-30"), days: 20 },
            "stale_data",
            "the last order is of 2024-06-10, 20 days before the analysis date 2024-06-30: are the newest days missing? \
             `quality.max_days_without_orders` says how many days are normal, and stops a run beyond them"
                .into(),
        ),
        (
            Facts::DateSkipped(SkippedDate { as_of: date("2024-07-31"), last_order: Some(date("2024-06-10")) }),
            "date_skipped",
            "2024-07-31 is skipped: the last order is of 2024-06-10".into(),
        ),
        (
            Facts::DateSkipped(SkippedDate { as_of: date("2019-12-31"), last_order: None }),
            "date_skipped",
            "2019-12-31 is skipped: there is no order of this day or earlier".into(),
        ),
        (
            Facts::FewerRows(FewerRows {
                rows: 3,
                previous_rows: 4,
                previous_as_of: date("2024-06-09"),
                share: 0.75,
                input: None,
            }),
            "fewer_rows",
            "3 rows were read, 75.0% of the 4 of the run of 2024-06-09: are files or days missing? \
             `quality.min_share_of_previous_rows` says which share is normal, and stops a run below it"
                .into(),
        ),
        (
            Facts::LoneLastDate {
                last_date: date("2034-07-18"),
                date_before: date("2024-04-09"),
                days: 3_752,
                customers: 1,
            },
            "lone_last_date",
            "the last date in the data, 2034-07-18, stands alone: the one before is 2024-04-09, a gap of 3752 days; \
             1 customers bought after it, and all recencies are counted from the last date: if it is made up, give the \
             analysis date with `--as-of`, and rows after it are left out"
                .into(),
        ),
        (
            Facts::NobodyIds { ids: vec!["nan".into(), "N/A".into()], rows: 20, rows_share: 0.25, money_share: Some(0.5) },
            "nobody_ids",
            "25.0% of the used rows (20) and 50.0% of revenue have an id that usually means no customer (`nan`, `N/A`), and \
             count as one customer each: to quarantine them set `clean.nobody_ids = [\"nan\", \"N/A\"]`"
                .into(),
        ),
        (
            Facts::FloatIds { customers: 3, of: 4 },
            "float_ids",
            "3 of 4 customer ids are whole numbers that went through a float, as `123.0`: they match no whole numbers in \
             other tables; cast the column to an integer at its source"
                .into(),
        ),
        (
            Facts::UnmatchedExclusions { path: "erased.txt".into(), ids: 2 },
            "unmatched_exclusions",
            "no row is of a customer on the list `erased.txt` of `privacy.exclude_ids` (2 ids): are the ids written as in the \
             input (upper and lower case, leading zeros, blanks)?"
                .into(),
        ),
        (
            Facts::UnmatchedAliases(OldIds { old_ids: 2 }),
            "unmatched_aliases",
            "no used row has one of the 2 old ids of `customers.aliases`: are the ids written as in the input (upper and lower case, leading zeros, blanks)?"
                .into(),
        ),
        (
            Facts::EmptyVariable { variable: "RFMETRICS_DATES_AS_OF".into(), setting: "dates.as_of".into() },
            "empty_variable",
            "the environment variable RFMETRICS_DATES_AS_OF is empty, so `dates.as_of` counts as not set; if that is meant, \
             remove the variable"
                .into(),
        ),
        (
            Facts::SettingWithoutEffect {
                setting: "input.filter".into(),
                because: "each `[[input]]` has its own".into(),
            },
            "setting_without_effect",
            "`input.filter` changes nothing: each `[[input]]` has its own".into(),
        ),
    ]
}
