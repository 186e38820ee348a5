//! Which columns of a file with a readable footer are encrypted.
//!
//! The decoders used here know nothing of encryption: they pass over the fields that tell of it, and take what is encrypted for
//! pages. Does not live here: files whose footer is encrypted, too (`footers`).

use super::schema_guard::{LIST, Parsed, STRUCT, Thrift};

/// Field number of `FileMetaData.row_groups`.
const FIELD_ROW_GROUPS: i64 = 4;
/// Field number of `RowGroup.columns`.
const FIELD_COLUMNS: i64 = 1;
/// Field number of `ColumnChunk.crypto_metadata`.
const FIELD_CRYPTO_METADATA: i64 = 8;
/// Values nested deeper than this are refused.
const MAX_DEPTH: u32 = 32;

/// For each leaf of the schema whether it is encrypted, as the first row group says; none where there is no row group.
///
/// # Errors
/// That the footer is damaged.
pub(super) fn encrypted_leaves(footer: &[u8]) -> Parsed<Vec<bool>> {
    let mut thrift = Thrift::new(footer);
    if !thrift.goes_to(FIELD_ROW_GROUPS, LIST, MAX_DEPTH)? {
        return Ok(Vec::new());
    }
    let (groups, kind) = thrift.list()?;
    if groups == 0 || kind != STRUCT || !thrift.goes_to(FIELD_COLUMNS, LIST, MAX_DEPTH)? {
        return Ok(Vec::new());
    }
    let (columns, kind) = thrift.list()?;
    if kind != STRUCT {
        return Ok(Vec::new());
    }
    (0..columns).map(|_| is_encrypted(&mut thrift)).collect()
}

fn is_encrypted(thrift: &mut Thrift<'_>) -> Parsed<bool> {
    let (mut last, mut found) = (0, false);
    while let Some((id, kind)) = thrift.field(last)? {
        found |= id == FIELD_CRYPTO_METADATA;
        thrift.skip(kind, MAX_DEPTH)?;
        last = id;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Field headers are (step of the field number << 4 | type); a list header is (size << 4 | type).
    #[test]
    fn a_chunk_with_crypto_metadata_is_encrypted() {
        let chunk = |encrypted: bool| -> Vec<u8> {
            // Field 2 is an i64 (file offset 4), field 8 an empty union.
            let mut bytes = vec![0x26, 8];
            bytes.extend(if encrypted { [0x6c, 0].as_slice() } else { &[] });
            bytes.push(0);
            bytes
        };
        // Field 3 is an i64, field 4 a list of one row group, whose field 1 is a list of three columns.
        let mut footer = vec![0x36, 2, 0x19, 0x1c, 0x19, 0x3c];
        footer.extend([false, true, false].into_iter().flat_map(chunk));
        footer.extend([0, 0]);
        assert_eq!(encrypted_leaves(&footer), Ok(vec![false, true, false]));
        assert_eq!(encrypted_leaves(&[0x36, 2, 0x19, 0x0c, 0]), Ok(Vec::new()), "no row group");
        assert_eq!(encrypted_leaves(&[0x36, 2, 0]), Ok(Vec::new()));
        for length in 0..footer.len() - 2 {
            let _ = encrypted_leaves(&footer[..length]);
        }
    }
}
