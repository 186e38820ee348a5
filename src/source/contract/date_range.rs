//! What the statistics of all files say about the order dates, in the one kind that all files agree on.
//!
//! Does not live here: the statistics of one file (`footers::statistics`).

use super::{Contract, Role};
use crate::source::footers::FileFooter;
use crate::source::footers::statistics::{TimeRange, joined};
use crate::source::kinds::{ColumnKind, TimeUnit};

const SECONDS_PER_DAY: i64 = 86_400;

/// What the footers of all files claim about the order dates, in the unit of the agreed kind: days
/// for dates, its unit for timestamps, the stored number for integers. All none for other kinds.
#[must_use]
pub(crate) fn date_range(contract: &Contract) -> TimeRange {
    let Some(agreed) = contract.column(Role::OrderTs) else {
        return TimeRange::default();
    };
    let with_rows = contract.files.iter().filter(|file| file.rows > 0);
    let ranges = with_rows.map(|file| in_kind(file, &agreed.name, &agreed.kind));
    ranges.reduce(|sum, next| sum.zip(next).map(|(sum, next)| joined(sum, next))).flatten().unwrap_or_default()
}

/// What the footer of one file claims, in the unit of [`date_range`]; none where it claims nothing.
#[must_use]
pub(crate) fn file_range(contract: &Contract, file: &FileFooter) -> Option<TimeRange> {
    let agreed = contract.column(Role::OrderTs)?;
    in_kind(file, &agreed.name, &agreed.kind)
}

/// The range of one file in the unit of `agreed`.
fn in_kind(file: &FileFooter, name: &str, agreed: &ColumnKind) -> Option<TimeRange> {
    let own = &file.column(name)?.kind;
    let factor = match (own, agreed) {
        (ColumnKind::Timestamp { unit: from, .. }, ColumnKind::Timestamp { unit: to, .. }) => factor(*from, *to),
        // A day without a time is its midnight; whoever reads the range allows for the clock of a zone.
        (ColumnKind::Date, ColumnKind::Timestamp { unit, .. }) => SECONDS_PER_DAY * unit.per_second(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::contract::{agree, needed};
    use crate::source::fixtures::{Files, TRANSACTIONS};
    use crate::source::options::{ColumnOptions, DateOptions, EpochUnit, InputOptions};

    fn range(files: &Files) -> TimeRange {
        let dates = DateOptions { epoch_unit: Some(EpochUnit::D), ..DateOptions::default() };
        let needs = needed(&ColumnOptions::default(), &dates, &[], true);
        date_range(&agree(files.footers(), &needs, &InputOptions::default()).unwrap())
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
