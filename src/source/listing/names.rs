//! Which files of a directory are data: by the ending of their names, and without one by what they begin with.
//!
//! Hive, Athena and Trino write files without an ending. Does not live here: the walk (`listing`), and whether a file is sound
//! (`footers`).

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The endings of data files, in any case.
const ENDINGS: [&str; 3] = ["parquet", "parq", "pq"];
/// The endings of files that a tool compressed as a whole, after they were written.
const COMPRESSED: [&str; 8] = ["gz", "gzip", "bz2", "zst", "zstd", "xz", "zip", "lz4"];

/// What a name, and where it does not say the file, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Data.
    Data,
    /// Data in a form that no reader of Parquet takes: the file was compressed as a whole.
    Compressed,
    /// Something else.
    Other,
}

/// What the file is. One without an ending is looked into.
pub(super) fn content_of(path: &Path) -> Content {
    match by_name(path) {
        Some(content) => content,
        None if begins_as_parquet(path) => Content::Data,
        None => Content::Other,
    }
}

/// What the name says; none where it has no ending. An ending of digits alone is none: `000000_0.1`.
fn by_name(path: &Path) -> Option<Content> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase())?;
    let is_data = |ending: &str| ENDINGS.contains(&ending);
    if is_data(&ending) {
        return Some(Content::Data);
    }
    let before = path.file_stem().map(Path::new).and_then(Path::extension).map(OsStr::to_string_lossy);
    if COMPRESSED.contains(&ending.as_str()) && before.is_some_and(|before| is_data(&before.to_ascii_lowercase())) {
        return Some(Content::Compressed);
    }
    let is_number = !ending.is_empty() && ending.bytes().all(|byte| byte.is_ascii_digit());
    (!is_number).then_some(Content::Other)
}

/// Whether the first bytes are those of a Parquet file, be it encrypted or cut short: that is said when it is read.
fn begins_as_parquet(path: &Path) -> bool {
    // Only regular files: to open a pipe waits for its writer.
    let is_file = std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    let mut head = [0; 4];
    is_file
        && File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok()
        && matches!(&head, b"PAR1" | b"PARE")
}

/// Whether the name of a file has the ending of data.
pub(super) fn has_data_ending(path: &Path) -> bool {
    by_name(path) == Some(Content::Data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_a_file_is_where_they_have_an_ending() {
        let data = ["a.parquet", "a.PARQUET", "a.parq", "a.pq", "part-0.c000.snappy.parquet", "a.gz.parquet"];
        let compressed = ["a.parquet.gz", "a.PARQUET.ZST", "a.pq.zip"];
        let other = ["a.csv", "a.parquet.tmp", "a.parquet.crc", "a.gz", "a.csv.gz", "notes.txt", "a."];
        let none = ["a", "000000_0", "20240701_144951_00037_v74wa", "000000_0.1"];
        for (names, content) in [
            (&data[..], Some(Content::Data)),
            (&compressed, Some(Content::Compressed)),
            (&other, Some(Content::Other)),
            (&none, None),
        ] {
            for name in names {
                assert_eq!(by_name(Path::new(name)), content, "{name}");
            }
        }
    }

    #[test]
    fn a_file_without_an_ending_is_what_it_begins_with() {
        let root = tempfile::tempdir().unwrap();
        for (name, bytes, content) in [
            ("whole", &b"PAR1...."[..], Content::Data),
            ("encrypted", b"PARE....", Content::Data),
            ("text", b"customer_id", Content::Other),
            ("empty", b"", Content::Other),
        ] {
            let path = root.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(content_of(&path), content, "{name}");
        }
        assert_eq!(content_of(&root.path().join("gone")), Content::Other);
    }
}
