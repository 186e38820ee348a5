//! A key of directories that is also a column of the files: whether the statistics of a file say otherwise than its directory.
//!
//! Does not live here: the comparison of every row (`scan::key_check`).

use crate::source::footers::hints::column_hint;
use crate::source::footers::{Column, FileFooter};
use crate::source::kinds::ColumnKind;

/// Whether it is known before a row is read that the column of a file is not what its directory says. Such a file cannot be
/// read either way; where nothing is known, its rows decide.
pub(super) fn contradict(footer: &FileFooter, column: &Column) -> bool {
    let key = footer.partitions.iter().find(|partition| partition.key == column.name);
    let Some(key) = key.filter(|_| footer.rows > 0) else { return false };
    let hint = column_hint(std::slice::from_ref(footer), &column.name, 1);
    let Some(value) = key.value.as_deref() else { return hint.nulls == Some(0) };
    if hint.nulls.is_some_and(|nulls| nulls > 0) {
        return true;
    }
    let is_outside = |(least, most): (f64, f64)| value.parse().is_ok_and(|value: f64| value < least || value > most);
    #[allow(clippy::cast_precision_loss, reason = "a value beyond 2^53 is compared row by row")]
    let integers = hint.integers.map(|(least, most)| (least as f64, most as f64));
    #[allow(clippy::cast_precision_loss)]
    let floats = hint.floats.map(|(least, most)| (least as f64, most as f64 + 1.0));
    let is_number = column.kind.is_number() && column.kind.scale() == 0;
    // A long text may be cut in the statistics.
    is_number && integers.or(floats).is_some_and(is_outside)
        || column.kind == ColumnKind::Text && hint.example.is_some_and(|least| !value.starts_with(&least))
}
