//! Directories of table formats, whose Parquet files mean nothing by themselves.
//!
//! Does not live here: what messages say about them (`listing`).

use std::fs;
use std::path::Path;

/// The table format that a directory belongs to, whose files cannot be read one by one.
pub(crate) fn table_format(directory: &Path) -> Option<&'static str> {
    if directory.join("_delta_log").is_dir() {
        return Some("a Delta Lake table");
    }
    if directory.join(".hoodie").is_dir() {
        return Some("a Hudi table");
    }
    let is_iceberg = |entry: std::io::Result<fs::DirEntry>| {
        entry.is_ok_and(|entry| entry.file_name().to_string_lossy().ends_with(".metadata.json"))
    };
    fs::read_dir(directory.join("metadata")).ok()?.any(is_iceberg).then_some("an Iceberg table")
}

/// The table that contains a path that was given directly: searched for in the directory around it, and further up
/// through partitions (`key=value`) and `data`.
pub(crate) fn table_around(path: &Path) -> Option<&'static str> {
    let real = fs::canonicalize(path).ok()?;
    for directory in real.ancestors().skip(1) {
        if let Some(format) = table_format(directory) {
            return Some(format);
        }
        let name = directory.file_name()?.to_string_lossy();
        if !name.contains('=') && name != "data" {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Problems;
    use crate::source::listing::find;
    use crate::source::options::InputOptions;

    #[test]
    fn table_formats_are_refused_wherever_they_are_entered() {
        let root = tempfile::tempdir().unwrap();
        for file in [
            "delta/_delta_log/0.json",
            "delta/k=1/j=2/a.parquet",
            "ice/metadata/v1.metadata.json",
            "ice/data/b.parquet",
        ] {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
        let inner = ["delta/k=1", "delta/k=1/j=2/a.parquet", "ice/data", "ice/data/b.parquet"];
        for given in ["delta", "delta/k=1/j=2/*.parquet", "ice"].into_iter().chain(inner) {
            let paths = vec![root.path().join(given).display().to_string()];
            let options = InputOptions { paths, ..InputOptions::default() };
            let text = Problems::refuse_any(|problems| find(&options, problems)).unwrap_err().to_string();
            assert!(text.contains("table") && text.contains("hint: such a directory"), "{given}: {text}");
        }
        assert_eq!(table_around(root.path()), None);
    }
}
