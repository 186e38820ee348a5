//! What the statistics in the footers say about the order dates.
//!
//! Lives here: the least and the greatest date and the number of nulls, for `check` alone.
//! Does not live here: any result. Some writers leave wrong statistics, so a run computes nothing because of them, and
//! skips nothing unless `input.trust_statistics` says so.

use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::statistics::Statistics;

use crate::source::contract::kinds::{ColumnKind, TimeUnit};
use crate::source::contract::{Contract, Role};
use crate::source::footers::FileFooter;

/// What the statistics of one file, or of all files, claim about the order dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeRange {
    /// The least value; none where a row group lacks statistics, or no value is there.
    pub min: Option<i64>,
    /// The greatest value; none as for `min`.
    pub max: Option<i64>,
    /// The number of nulls; none where a row group lacks it.
    pub nulls: Option<u64>,
}

/// What the footers of all files claim about the order dates, in the unit of the agreed kind: days
/// for dates, its unit for timestamps, the stored number for integers. All none for other kinds.
#[must_use]
pub fn date_range(contract: &Contract) -> TimeRange {
    let Some(agreed) = contract.column(Role::OrderTs) else {
        return TimeRange::default();
    };
    let with_rows = contract.files.iter().filter(|file| file.rows > 0);
    let ranges = with_rows.map(|file| in_kind(file, &agreed.name, &agreed.kind));
    ranges.reduce(|sum, next| sum.zip(next).map(|(sum, next)| joined(sum, next))).flatten().unwrap_or_default()
}

/// What the footer of one file claims, in the unit of [`date_range`]; none where it claims nothing.
#[must_use]
pub fn file_range(contract: &Contract, file: &FileFooter) -> Option<TimeRange> {
    let agreed = contract.column(Role::OrderTs)?;
    in_kind(file, &agreed.name, &agreed.kind)
}

/// The range of one file in the unit of `agreed`.
fn in_kind(file: &FileFooter, name: &str, agreed: &ColumnKind) -> Option<TimeRange> {
    let own = &file.columns.iter().find(|column| column.name == name)?.kind;
    let factor = match (own, agreed) {
        (ColumnKind::Timestamp { unit: from, .. }, ColumnKind::Timestamp { unit: to, .. }) => factor(*from, *to),
        (ColumnKind::Date, ColumnKind::Date) | (ColumnKind::Int { signed: true, .. }, ColumnKind::Int { .. }) => 1,
        _ => return None,
    };
    let range = file.time_range?;
    let scaled = |value: Option<i64>| value.and_then(|value| value.checked_mul(factor));
    Some(TimeRange { min: scaled(range.min), max: scaled(range.max), nulls: range.nulls })
}

const fn factor(from: TimeUnit, to: TimeUnit) -> i64 {
    to.per_second() / from.per_second()
}

/// The range of both. Ranges without any value are not made here: see [`time_range`].
fn joined(a: TimeRange, b: TimeRange) -> TimeRange {
    let both = |x: Option<i64>, y: Option<i64>, pick: fn(i64, i64) -> i64| Some(pick(x?, y?));
    TimeRange {
        min: both(a.min, b.min, i64::min),
        max: both(a.max, b.max, i64::max),
        nulls: a.nulls.zip(b.nulls).and_then(|(a, b)| a.checked_add(b)),
    }
}

/// What one file claims about the top-level column `name`, if it is stored as 32- or 64-bit integers.
pub(crate) fn time_range(metadata: &ParquetMetaData, name: &str) -> Option<TimeRange> {
    let leaves = metadata.file_metadata().schema_descr().columns();
    let leaf = leaves.iter().position(|leaf| matches!(leaf.path().parts(), [only] if only == name))?;
    let groups = metadata.row_groups().iter().filter(|group| group.num_rows() > 0);
    groups.map(|group| group_range(group, leaf)).reduce(joined)
}

fn group_range(group: &RowGroupMetaData, leaf: usize) -> TimeRange {
    let statistics = group.columns().get(leaf).and_then(|chunk| chunk.statistics());
    let (min, max) = match statistics {
        Some(Statistics::Int32(found)) => {
            (found.min_opt().map(|v| i64::from(*v)), found.max_opt().map(|v| i64::from(*v)))
        }
        Some(Statistics::Int64(found)) => (found.min_opt().copied(), found.max_opt().copied()),
        _ => (None, None),
    };
    let is_plausible = min.zip(max).is_some_and(|(min, max)| min <= max);
    TimeRange {
        min: min.filter(|_| is_plausible),
        max: max.filter(|_| is_plausible),
        nulls: statistics.and_then(Statistics::null_count_opt),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::contract::{agree, needed};
    use crate::source::fixtures::{Files, TRANSACTIONS};
    use crate::source::options::{ColumnOptions, DateOptions, EpochUnit};

    fn range(files: &Files) -> TimeRange {
        let dates = DateOptions { epoch_unit: Some(EpochUnit::D), ..DateOptions::default() };
        let needs = needed(&ColumnOptions::default(), &dates, &[], true);
        date_range(&agree(files.footers(), &needs, false).unwrap())
    }

    fn of(min: i64, max: i64) -> TimeRange {
        TimeRange { min: Some(min), max: Some(max), nulls: Some(0) }
    }

    #[test]
    fn the_range_spans_row_groups_and_files() {
        // Rows are numbered 5..=11 and 100..=101; groups and files without rows say nothing.
        let files = Files::new().with_groups("a", TRANSACTIONS, &[3, 0, 4], 5).with_groups("b", TRANSACTIONS, &[], 0);
        assert_eq!(range(&files.with_groups("c", TRANSACTIONS, &[2], 100)), of(5, 101));
    }

    #[test]
    fn units_are_made_one() {
        let declared = |kind: &str| TRANSACTIONS.replace("TIMESTAMP(MICROS,true)", kind);
        let files = Files::new().with_groups("a", &declared("TIMESTAMP(MILLIS,true)"), &[2], 7);
        // 7 and 8 ms are 7000 and 8000 us; the other file has 1, 2, 3 us.
        assert_eq!(range(&files.with_groups("b", TRANSACTIONS, &[3], 1)), of(1, 8_000));
    }

    #[test]
    fn dates_and_integers_have_a_range_and_texts_have_none() {
        let declared = |field: &str| TRANSACTIONS.replace("int64 order_ts (TIMESTAMP(MICROS,true))", field);
        assert_eq!(range(&Files::new().with("a", &declared("int32 order_ts (DATE)"))), of(0, 9));
        assert_eq!(range(&Files::new().with("a", &declared("int64 order_ts"))), of(0, 9));
        assert_eq!(range(&Files::new().with("a", &declared("int96 order_ts"))), TimeRange::default());
    }

    #[test]
    fn one_group_without_statistics_leaves_no_range() {
        let unknown = TimeRange { min: None, max: None, nulls: Some(4) };
        assert_eq!(joined(of(1, 2), unknown), TimeRange { min: None, max: None, nulls: Some(4) });
    }

    #[test]
    fn a_range_beyond_64_bits_is_none() {
        // i64::MAX ms are more ns than 64 bits hold.
        let declared = |kind: &str| TRANSACTIONS.replace("TIMESTAMP(MICROS,true)", kind);
        let far = Files::new().with_groups("a", &declared("TIMESTAMP(MILLIS,true)"), &[1], i64::MAX - 1);
        let found = range(&far.with_groups("b", &declared("TIMESTAMP(NANOS,true)"), &[1], 3));
        assert_eq!((found.min, found.max), (None, None));
    }
}
