//! What the statistics in the footers say about the order dates.
//!
//! Lives here: the least and the greatest date and the number of nulls, for `check` alone.
//! Does not live here: any result. Some writers leave wrong statistics, so a run computes nothing from them, and skips
//! nothing unless `input.trust_statistics` is set.

use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::statistics::Statistics;

use super::FileFooter;
use crate::source::footers;
use crate::source::kinds::ColumnKind;
use crate::threads::caught;

/// What the statistics of one file, or of all files, claim about the order dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeRange {
    /// The least value; none where a row group lacks statistics, or there is no value.
    pub min: Option<i64>,
    /// The greatest value; none as for `min`.
    pub max: Option<i64>,
    /// The number of nulls; none where a row group lacks it.
    pub nulls: Option<u64>,
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

/// The range that covers both. Ranges without any value are not made here: see [`time_range`].
pub(crate) fn joined(a: TimeRange, b: TimeRange) -> TimeRange {
    let both = |x: Option<i64>, y: Option<i64>, pick: fn(i64, i64) -> i64| Some(pick(x?, y?));
    TimeRange {
        min: both(a.min, b.min, i64::min),
        max: both(a.max, b.max, i64::max),
        nulls: a.nulls.zip(b.nulls).and_then(|(a, b)| a.checked_add(b)),
    }
}

/// Whether all values of a column of decimals, or of unsigned integers, fit into signed 64 bits once what is behind the point is
/// cut, as the statistics claim; none where they lack.
pub(crate) fn whole_numbers_fit(file: &FileFooter, name: &str) -> Option<bool> {
    let column = file.column(name)?;
    let metadata = caught(|| footers::open(&file.path)?.decode()).ok()?;
    let leaves = metadata.file_metadata().schema_descr().columns();
    let leaf = leaves.iter().position(|leaf| matches!(leaf.path().parts(), [only] if *only == column.name))?;
    let unit = 10_i128.checked_pow(column.kind.scale())?;
    let mut groups = metadata.row_groups().iter().filter(|group| group.num_rows() > 0);
    groups.try_fold(true, |fit, group| {
        let chunk = group.columns().get(leaf)?;
        let is_fitting = |value: i128| i64::try_from(value / unit).is_ok();
        // Without a value there is neither a least nor a greatest.
        if chunk.statistics().and_then(Statistics::null_count_opt) == Some(chunk.num_values().unsigned_abs()) {
            return Some(fit);
        }
        let (least, most) = exact_range(chunk.statistics()?, &column.kind)?;
        Some(fit && is_fitting(least) && is_fitting(most))
    })
}

/// The least and the greatest value, of decimals without their point.
fn exact_range(statistics: &Statistics, kind: &ColumnKind) -> Option<(i128, i128)> {
    match statistics {
        Statistics::Int64(range) if *kind == (ColumnKind::Int { bits: 64, signed: false }) => {
            let of = |value: &i64| i128::from(value.cast_unsigned());
            range.min_opt().map(of).zip(range.max_opt().map(of))
        }
        Statistics::Int32(range) => {
            range.min_opt().map(|v| i128::from(*v)).zip(range.max_opt().map(|v| i128::from(*v)))
        }
        Statistics::Int64(range) => {
            range.min_opt().map(|v| i128::from(*v)).zip(range.max_opt().map(|v| i128::from(*v)))
        }
        // The old fields sort bytes without their sign.
        found if found.is_min_max_deprecated() => None,
        Statistics::FixedLenByteArray(range) => {
            of_bytes(range.min_opt()?.data()).zip(of_bytes(range.max_opt()?.data()))
        }
        Statistics::ByteArray(range) => of_bytes(range.min_opt()?.data()).zip(of_bytes(range.max_opt()?.data())),
        _ => None,
    }
}

/// A number in two's complement, the highest byte first.
fn of_bytes(bytes: &[u8]) -> Option<i128> {
    let first = bytes.first()?;
    let start = if first >> 7 == 1 { -1_i128 } else { 0 };
    (bytes.len() <= size_of::<i128>()).then(|| bytes.iter().fold(start, |sum, byte| sum << 8 | i128::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_numbers_with_a_sign() {
        for (bytes, value) in [(&[0_u8, 0, 17][..], 17), (&[0xff, 0xfe], -2), (&[0x80], -128), (&[0x7f, 0xff], 32_767)]
        {
            assert_eq!(of_bytes(bytes), Some(value));
        }
        let largest = of_bytes(&[0x7f; 16]).unwrap();
        assert_eq!(largest, i128::from_be_bytes([0x7f; 16]));
        assert_eq!((of_bytes(&[]), of_bytes(&[0; 17])), (None, None));
    }
}
