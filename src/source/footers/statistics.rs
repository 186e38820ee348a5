//! What the statistics in the footers say about the order dates.
//!
//! Lives here: the least and the greatest date and the number of nulls, for `check` alone.
//! Does not live here: any result. Some writers leave wrong statistics, so a run computes nothing from them, and skips
//! nothing unless `input.trust_statistics` is set.

use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::statistics::Statistics;

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
