//! `key=value` directory names, as Hive and Spark write them.
//!
//! Lives here: which directories are partitions, and their decoding.
//! Does not live here: whether they are read as columns (see `contract`).

use std::path::Path;

/// What Hive and Spark write as the directory name of a null.
const HIVE_NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// One `key=value` directory above a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Partition {
    /// The name before the first `=`, percent-decoded.
    pub key: String,
    /// The text behind it, percent-decoded; none for `__HIVE_DEFAULT_PARTITION__`.
    pub value: Option<String>,
}

/// The `key=value` directories between `root` and the file.
pub(crate) fn partitions_between(root: &Path, file: &Path) -> Vec<Partition> {
    let below = file.strip_prefix(root).unwrap_or(file);
    let directories = below.parent().map(Path::components);
    directories.into_iter().flatten().filter_map(|part| partition_of(&part.as_os_str().to_string_lossy())).collect()
}

fn partition_of(name: &str) -> Option<Partition> {
    let (key, value) = name.split_once('=').filter(|(key, _)| !key.is_empty())?;
    let value = (value != HIVE_NULL).then(|| percent_decoded(value));
    Some(Partition { key: percent_decoded(key), value })
}

/// `%41` as `A`; what is not a valid escape, or not UTF-8 once decoded, stays as it is.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let escape = (*first == b'%').then(|| behind.get(..2)).flatten();
        let digits = escape.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let byte = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = byte.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = &behind[2..];
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_decoded() {
        let partition = |name| partition_of(name).map(|found| (found.key, found.value));
        assert_eq!(partition("a=b=c"), Some(("a".into(), Some("b=c".into()))));
        assert_eq!(partition("a%20b=%E6%97%A5%"), Some(("a b".into(), Some("日%".into()))));
        assert_eq!(partition("k=%FF"), Some(("k".into(), Some("%FF".into()))));
        assert_eq!(partition("k=__HIVE_DEFAULT_PARTITION__"), Some(("k".into(), None)));
        assert_eq!(partition("=1"), None);
        assert_eq!(partition("plain"), None);
    }

    #[test]
    fn only_directories_between_the_root_and_the_file_are_partitions() {
        let keys = |root: &str, file: &str| -> Vec<String> {
            partitions_between(Path::new(root), Path::new(file)).into_iter().map(|found| found.key).collect()
        };
        assert_eq!(keys("/d/a=1", "/d/a=1/b=2/x/c=3/f=4.parquet"), ["b", "c"]);
        assert!(keys("/d/a=1", "/d/a=1/f.parquet").is_empty());
    }
}
