//! A path that is not there, in words: where it was looked for, and which name there may be meant.
//!
//! Does not live here: the walk (`listing`).

use std::fs;
use std::path::Path;

use crate::nearest::nearest;
use crate::source::quoted;

/// Where a path that does not exist was looked for, and the name there that may be meant.
pub(super) fn text(given: &str) -> String {
    let path = Path::new(given);
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names =
        fs::read_dir(parent).into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let names: Vec<String> = names.collect();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let near = nearest(&name, names.iter().map(String::as_str));
    let near = near.map(|near| format!("; did you mean `{}`?", path.with_file_name(near).display()));
    let directory = std::env::current_dir().ok().filter(|_| path.is_relative());
    let directory = directory.map(|directory| format!("; the working directory is {}", quoted(&directory)));
    format!("`{given}`: does not exist{}{}", directory.unwrap_or_default(), near.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_in_the_same_directory_is_suggested() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("sales.parquet"), "").unwrap();
        let said = |name: &str| text(root.path().join(name).to_str().unwrap());
        assert!(said("slaes.parquet").ends_with("/sales.parquet`?"), "{}", said("slaes.parquet"));
        assert!(said("orders.parquet").ends_with("orders.parquet`: does not exist"), "{}", said("orders.parquet"));
        assert!(text("no/such/file").contains("the working directory is `"), "a relative path");
    }
}
