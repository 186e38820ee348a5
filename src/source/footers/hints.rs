//! What the statistics of one column suggest, apart from the dates: its range, its distinct values, the length of
//! texts.
//!
//! Lives here: reading the footers once more for one column, for `check`, `init` and the memory estimate only.
//! Does not live here: any result. Some writers leave wrong statistics, so nothing is computed because of them.

use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::statistics::Statistics;

use super::FileFooter;
use crate::source::footers;
use crate::threads::{caught, on_threads};

/// What all files claim about one top-level column. A field is none where a row group with rows lacks it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnHint {
    /// The least and the greatest value of a column stored as 32- or 64-bit integers.
    pub integers: Option<(i64, i64)>,
    /// The least and the greatest value of a column of doubles, rounded down.
    pub floats: Option<(i64, i64)>,
    /// The greatest value of a column of unsigned 64-bit integers; without meaning for others.
    pub unsigned_most: Option<u64>,
    /// Its nulls.
    pub nulls: Option<u64>,
    /// A lower bound of the nulls: those of the row groups that state them.
    pub nulls_at_least: u64,
    /// The distinct values: at least this many (the most of one row group), at most this many (the sum of all).
    pub distinct: Option<(u64, u64)>,
    /// The mean length in bytes of the least and the greatest texts of the row groups.
    pub text_bytes: Option<u64>,
    /// One of the texts.
    pub example: Option<String>,
}

/// Gathers what the footers of `files` claim about each of the columns `names`. A footer that can no longer be read claims
/// nothing.
#[must_use]
pub fn column_hints<const N: usize>(files: &[FileFooter], names: [&str; N], threads: usize) -> [ColumnHint; N] {
    let with_rows: Vec<&FileFooter> = files.iter().filter(|file| file.rows > 0).collect();
    let read = |file: &&FileFooter| {
        let metadata = caught(|| footers::open(&file.path)?.decode()).ok();
        names.map(|name| metadata.as_ref().and_then(|metadata| claims(metadata, name)).unwrap_or_default())
    };
    let joined = |all: [Claims; N], next: [Claims; N]| {
        let mut next = next.into_iter();
        all.map(|own| own.joined(next.next().unwrap_or_default()))
    };
    let all = on_threads(&with_rows, threads, read).into_iter().reduce(joined);
    all.unwrap_or_else(|| names.map(|_| Claims::default())).map(Claims::hint)
}

/// As [`column_hints`], of one column.
#[must_use]
pub fn column_hint(files: &[FileFooter], name: &str, threads: usize) -> ColumnHint {
    let [hint] = column_hints(files, [name], threads);
    hint
}

/// What one row group, or several, claim.
#[derive(Debug, Clone, Default)]
struct Claims {
    integers: Option<(i64, i64)>,
    floats: Option<(i64, i64)>,
    unsigned_most: Option<u64>,
    nulls: Option<u64>,
    nulls_at_least: u64,
    distinct: Option<(u64, u64)>,
    /// Number of texts and the sum of their bytes.
    texts: Option<(u64, u64)>,
    example: Option<String>,
}

fn claims(metadata: &ParquetMetaData, name: &str) -> Option<Claims> {
    let leaves = metadata.file_metadata().schema_descr().columns();
    let leaf = leaves.iter().position(|leaf| matches!(leaf.path().parts(), [only] if only == name))?;
    let groups = metadata.row_groups().iter().filter(|group| group.num_rows() > 0);
    groups.map(|group| group_claims(group, leaf)).reduce(Claims::joined)
}

fn group_claims(group: &RowGroupMetaData, leaf: usize) -> Claims {
    let Some(found) = group.columns().get(leaf).and_then(|chunk| chunk.statistics()) else { return Claims::default() };
    let distinct = found.distinct_count_opt().map(|count| (count, count));
    let nulls = found.null_count_opt();
    let mut claims = Claims { distinct, nulls, nulls_at_least: nulls.unwrap_or(0), ..Claims::default() };
    match found {
        Statistics::Int32(range) => {
            claims.integers = range.min_opt().zip(range.max_opt()).map(|(min, max)| (i64::from(*min), i64::from(*max)));
        }
        Statistics::Int64(range) => {
            claims.integers = range.min_opt().zip(range.max_opt()).map(|(min, max)| (*min, *max));
            claims.unsigned_most = range.max_opt().map(|max| max.cast_unsigned());
        }
        Statistics::Double(range) => {
            // Saturates, which lies outside every range that is looked for.
            #[allow(clippy::cast_possible_truncation)]
            let down = |value: &f64| value.floor() as i64;
            claims.floats = range.min_opt().map(down).zip(range.max_opt().map(down));
        }
        Statistics::ByteArray(range) => {
            let texts = range.min_opt().zip(range.max_opt()).map(|(min, max)| (min.data(), max.data()));
            claims.texts = texts.map(|(min, max)| (2, (min.len() + max.len()) as u64));
            claims.example = texts.and_then(|(min, _)| String::from_utf8(min.to_vec()).ok());
        }
        _ => {}
    }
    claims.integers = claims.integers.filter(|(min, max)| min <= max);
    claims
}

impl Claims {
    fn joined(self, other: Self) -> Self {
        Self {
            integers: self.integers.zip(other.integers).map(|(a, b)| (a.0.min(b.0), a.1.max(b.1))),
            floats: self.floats.zip(other.floats).map(|(a, b)| (a.0.min(b.0), a.1.max(b.1))),
            unsigned_most: self.unsigned_most.zip(other.unsigned_most).map(|(a, b)| a.max(b)),
            nulls: self.nulls.zip(other.nulls).map(|(a, b)| a.saturating_add(b)),
            nulls_at_least: self.nulls_at_least.saturating_add(other.nulls_at_least),
            distinct: self.distinct.zip(other.distinct).map(|(a, b)| (a.0.max(b.0), a.1.saturating_add(b.1))),
            texts: self.texts.zip(other.texts).map(|(a, b)| (a.0 + b.0, a.1.saturating_add(b.1))),
            example: self.example.or(other.example),
        }
    }

    fn hint(self) -> ColumnHint {
        let text_bytes = self.texts.map(|(texts, bytes)| bytes.div_ceil(texts));
        let Self { integers, floats, unsigned_most, nulls, nulls_at_least, distinct, example, .. } = self;
        ColumnHint { integers, floats, unsigned_most, nulls, nulls_at_least, distinct, text_bytes, example }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::fixtures::{Files, TRANSACTIONS};

    #[test]
    fn the_range_and_the_text_lengths_span_groups_and_files() {
        let fields = "required int64 id; required binary name (UTF8);";
        // Ids are 5..=11 and 100..=101; texts are "text 5" (6 bytes) .. "text 101" (8 bytes).
        let files = Files::new().with_groups("a", fields, &[3, 0, 4], 5).with_groups("b", fields, &[2], 100);
        let footers = files.footers();
        let ids = column_hint(&footers, "id", 2);
        assert_eq!((ids.integers, ids.unsigned_most, ids.nulls), (Some((5, 101)), Some(101), Some(0)));
        // Least and greatest by bytes: "text 5", "text 7"; "text 10", "text 9"; "text 100", "text 101":
        // 6 + 6 + 7 + 6 + 8 + 8 = 41 bytes of 6 texts, rounded up.
        let texts = column_hint(&footers, "name", 1);
        assert_eq!((texts.text_bytes, texts.example.as_deref()), (Some(7), Some("text 5")));
        assert_eq!(texts.integers, None);
    }

    #[test]
    fn a_column_that_is_not_everywhere_hints_at_nothing() {
        let files = Files::new().with("a", TRANSACTIONS).with("b", "required int64 id;");
        assert_eq!(column_hint(&files.footers(), "id", 1), ColumnHint::default());
        assert_eq!(column_hint(&[], "id", 1), ColumnHint::default());
    }

    #[test]
    fn nulls_stated_by_some_parts_are_a_lower_bound() {
        let part = |nulls: Option<u64>| Claims { nulls, nulls_at_least: nulls.unwrap_or(0), ..Claims::default() };
        let both = part(Some(3)).joined(part(None)).joined(part(Some(4))).hint();
        assert_eq!((both.nulls, both.nulls_at_least), (None, 7));
    }

    #[test]
    fn distinct_values_of_parts_bound_those_of_the_whole() {
        let part = |distinct| Claims { distinct, ..Claims::default() };
        assert_eq!(part(Some((4, 4))).joined(part(Some((9, 9)))).distinct, Some((9, 13)));
        assert_eq!(part(Some((4, 4))).joined(part(None)).distinct, None);
    }
}
