//! The top-level columns of a file: what they are, and how the engine reads them.
//!
//! Does not live here: which of them a run needs (see `contract`).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parquet::basic::{CompressionCodec, Type as Physical};
use parquet::file::metadata::ParquetMetaData;
use parquet::schema::types::Type;
use unicode_normalization::UnicodeNormalization;

use super::FileFooter;
use super::arrow_schema::Stated;
use super::encryption::encrypted_leaves;
use crate::source::kinds::{ColumnKind, TimeUnit};

/// A top-level column of a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Column {
    /// Its name, byte for byte.
    pub name: String,
    /// Its logical type.
    pub kind: ColumnKind,
    /// Whether it may hold nulls.
    pub nullable: bool,
    /// Whether it holds points in time that the engine reads without their zone.
    pub lacks_zone: bool,
    /// The unit in which the engine reads a timestamp, where that is not the unit of its kind.
    pub engine_unit: Option<TimeUnit>,
    /// Whether the engine reads texts as a dictionary.
    pub is_dictionary: bool,
    /// Whether it is a text that the engine reads as bytes.
    pub is_bytes: bool,
    /// Whether Arrow's schema states another type, which the engine would take it for.
    pub is_restated: bool,
    /// Why its values cannot be read by anybody here.
    pub withheld: Option<&'static str>,
}

/// Why a column cannot be read.
const ENCRYPTED: &str = "encrypted (Parquet modular encryption)";
const LZO: &str = "compressed with LZO";
/// The engine refuses pages that do not end with the last value.
const PADDED: &str =
    "INT96 as fastparquet writes it, with bytes behind the last value (`times=\"int64\"` writes timestamps)";

/// The top-level columns, where `stated` is what Arrow's schema says of them.
///
/// # Errors
/// That the footer is damaged.
pub(super) fn of_file(
    metadata: &ParquetMetaData,
    stated: &HashMap<String, Stated>,
    footer: &[u8],
) -> Result<Vec<Column>, String> {
    let schema = metadata.file_metadata().schema_descr();
    let leaves = withheld_leaves(metadata, footer)?.into_iter();
    let withheld: HashMap<usize, &str> = leaves.map(|(leaf, why)| (schema.get_column_root_idx(leaf), why)).collect();
    let fields = metadata.file_metadata().schema().get_fields().iter().enumerate();
    let column = |(root, field): (usize, &Arc<Type>)| {
        let stated = stated.get(field.name()).copied().unwrap_or(Stated::Plain);
        Column { withheld: withheld.get(&root).copied(), ..Column::of(field, stated) }
    };
    Ok(fields.map(column).collect())
}

/// The leaves that nobody here can read, by their places, and why.
pub(super) fn withheld_leaves(
    metadata: &ParquetMetaData,
    footer: &[u8],
) -> Result<BTreeMap<usize, &'static str>, String> {
    let leaves = metadata.file_metadata().schema_descr().num_columns();
    let is_lzo = |leaf: usize| {
        let mut chunks = metadata.row_groups().iter().filter_map(|group| group.columns().get(leaf));
        chunks.any(|chunk| chunk.compression_codec() == CompressionCodec::LZO)
    };
    let encrypted = encrypted_leaves(footer)?;
    let is_fastparquet = metadata.file_metadata().created_by().is_some_and(|writer| writer.contains("fastparquet"));
    let is_padded = |leaf: usize| {
        is_fastparquet && metadata.file_metadata().schema_descr().column(leaf).physical_type() == Physical::INT96
    };
    let why = |leaf: usize| match encrypted.get(leaf) {
        Some(true) => Some((leaf, ENCRYPTED)),
        _ if is_padded(leaf) => Some((leaf, PADDED)),
        _ => is_lzo(leaf).then_some((leaf, LZO)),
    };
    Ok((0..leaves).filter_map(why).collect())
}

impl Column {
    fn of(field: &Type, stated: Stated) -> Self {
        let (kind, lacks_zone) = (ColumnKind::of(field), ColumnKind::lacks_zone_in_engine(field));
        let own = match kind {
            ColumnKind::Timestamp { unit, .. } => Some(unit),
            ColumnKind::Int96 => Some(TimeUnit::Ns),
            _ => None,
        };
        let (engine_unit, is_restated) = match (stated, own) {
            (Stated::Stamp(stated), Some(own)) => (Some(stated).filter(|stated| *stated != own), false),
            (Stated::Stamp(_) | Stated::Otherwise, _) => (None, true),
            (Stated::Dictionary, _) => (None, kind != ColumnKind::Text),
            (Stated::Plain, _) => (None, false),
        };
        Self {
            name: field.name().into(),
            nullable: field.is_optional(),
            lacks_zone,
            engine_unit,
            is_dictionary: stated == Stated::Dictionary,
            is_bytes: ColumnKind::is_bytes_in_engine(field),
            is_restated,
            withheld: None,
            kind,
        }
    }

    /// A column of which nothing is known but its name and its kind.
    #[cfg(test)]
    pub(crate) fn sample(name: &str, kind: ColumnKind) -> Self {
        Self {
            name: name.into(),
            kind,
            nullable: true,
            lacks_zone: false,
            engine_unit: None,
            is_dictionary: false,
            is_bytes: false,
            is_restated: false,
            withheld: None,
        }
    }
}

impl FileFooter {
    /// The column of this name; where none is called so byte for byte, the only one whose name differs in what nobody sees
    /// (see [`same_name`]).
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        if let Some(exact) = self.columns.iter().find(|column| column.name == name) {
            return Some(exact);
        }
        let mut alike = self.columns.iter().filter(|column| same_name(&column.name, name));
        let first = alike.next()?;
        alike.next().is_none().then_some(first)
    }
}

/// Whether two names look the same: they differ in the form of their Unicode (a letter and its accent as one character or as
/// two), in a byte-order mark, or in other characters without a width.
#[must_use]
pub fn same_name(a: &str, b: &str) -> bool {
    let visible = |name: &str| -> String { name.chars().filter(|c| !is_invisible(*c)).nfc().collect() };
    a == b || !(a.is_ascii() && b.is_ascii()) && visible(a) == visible(b)
}

const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_the_same_are_the_same_and_others_are_not() {
        for (a, b, same) in [
            ("customer_id", "\u{feff}customer_id", true),
            ("M\u{fc}nze", "Mu\u{308}nze", true),
            ("a\u{200b}b", "ab", true),
            ("\u{d55c}", "\u{1112}\u{1161}\u{11ab}", true),
            ("Customer_ID", "customer_id", false),
            ("M\u{fc}nze", "Munze", false),
            ("x", "\u{ff58}", false),
        ] {
            assert_eq!(same_name(a, b), same, "{a:?} {b:?}");
        }
    }
}
