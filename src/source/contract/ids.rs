//! Whether customer ids are published as whole numbers of 64 bits, or as texts.
//!
//! Decimals without decimals, as warehouses write every whole number, have up to 38 digits. They are whole numbers where
//! 64 bits hold all of them, and texts of their digits where not. Does not live here: the ids of rows (`clean::columns`).

use crate::source::footers::FileFooter;
use crate::source::footers::statistics::whole_numbers_fit;
use crate::source::kinds::ColumnKind;

/// Decimals of so many digits before the point fit into 64 bits, whatever they are.
const DIGITS_THAT_FIT: u32 = 18;

/// The kind of customer ids that the files agree on. Of larger decimals the statistics in the footers decide: where they lack, or
/// claim a larger one, the ids are texts. Should they be wrong, the run stops at the first id that does not fit.
pub(super) fn kind<'a>(agreed: ColumnKind, name: &str, mut files: impl Iterator<Item = &'a FileFooter>) -> ColumnKind {
    let ColumnKind::Decimal { precision, scale } = agreed else { return agreed };
    let fits = precision - scale <= DIGITS_THAT_FIT
        || files.all(|file| match file.column(name).map(|column| &column.kind) {
            Some(ColumnKind::Decimal { precision, scale }) if precision - scale <= DIGITS_THAT_FIT => true,
            Some(ColumnKind::Decimal { .. } | ColumnKind::Int { bits: 64, signed: false }) => {
                whole_numbers_fit(file, name) == Some(true)
            }
            _ => true,
        });
    if fits { ColumnKind::Int { bits: 64, signed: true } } else { agreed }
}
