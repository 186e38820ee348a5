//! Files of others that may stay in an output: made by file systems, desktops and engines, or written to explain it.
//!
//! Does not live here: refusing all other files (`target`).

use std::path::Path;

use crate::files::directory::visible_names;
use crate::manifest::tables;

/// Names that programs leave in any directory; nothing is lost with them.
const MACHINE_MADE: [&str; 8] = [
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "@eadir",
    "$recycle.bin",
    "system volume information",
    "lost+found",
    "icon\r",
];

/// How the names begin of the markers that engines write next to tables.
const ENGINE_MARKERS: [&str; 5] = ["_SUCCESS", "_committed_", "_started_", "_metadata", "_common_metadata"];

/// Whether a program leaves such a name in any directory: markers of engines (`_SUCCESS`, `_committed_1`), checksums, and what
/// desktops and file systems add.
pub(crate) fn is_machine_made(name: &str) -> bool {
    let lower = name.to_lowercase();
    ENGINE_MARKERS.iter().any(|marker| name.starts_with(marker))
        || Path::new(&lower).extension().is_some_and(|extension| extension == "crc")
        || MACHINE_MADE.contains(&lower.as_str())
}

/// Whether `name` may stay next to the published directories.
pub(crate) fn may_stay(output: &Path, name: &str) -> bool {
    let lower = name.to_lowercase();
    let explains = ["readme", "license", "licence"]
        .iter()
        .any(|word| lower.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')));
    is_machine_made(name) || explains || name.starts_with("as_of=") && is_empty(&output.join(name))
}

/// Whether a directory holds nothing that could be lost: no manifest, and no file but those that programs leave.
pub(crate) fn is_empty(directory: &Path) -> bool {
    let is_directory = std::fs::symlink_metadata(directory).is_ok_and(|metadata| metadata.is_dir());
    is_directory
        && !tables::stands_in(directory)
        && visible_names(directory).is_ok_and(|names| names.iter().all(|name| is_machine_made(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_machines_leave_and_what_explains_may_stay_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("as_of=2026-01-01")).unwrap();
        std::fs::create_dir(root.path().join("as_of=2026-01-02")).unwrap();
        std::fs::write(root.path().join("as_of=2026-01-02/x.csv"), "").unwrap();
        std::fs::create_dir(root.path().join("data")).unwrap();
        let stays = |name: &str| may_stay(root.path(), name);
        for name in ["lost+found", "README.md", "README", "_SUCCESS", "Thumbs.db", "as_of=2026-01-01", "LICENSE.txt"] {
            assert!(stays(name), "{name}");
        }
        for name in ["precious.txt", "data", "_delta_log", "as_of=2026-01-02", "readmes", "customers.parquet"] {
            assert!(!stays(name), "{name}");
        }
    }
}
