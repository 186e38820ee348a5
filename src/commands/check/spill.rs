//! What a check says of temporary files.
//!
//! Does not live here: how much goes there (`job::memory::bounds`).

use std::path::PathBuf;

use serde::Serialize;

use crate::config::Config;
use crate::job::memory::{Disk, Limit, size};
use crate::publish;

/// What goes to disk where memory has no room for it.
#[derive(Debug, Serialize)]
pub(crate) struct SpillReport {
    /// Where the limit of memory comes from.
    pub(super) limit_from: String,
    /// Where to.
    path: PathBuf,
    /// Bytes that are left there; none where the file system does not say.
    free_bytes: Option<u64>,
    #[serde(flatten)]
    disk: Disk,
}

impl SpillReport {
    /// The output may not be there yet: then its file system is that of the directory in which it would be made.
    pub(super) fn new(config: &Config, limit: &Limit, disk: Disk) -> Self {
        let path = config.run.spill_path.as_ref().unwrap_or(&config.output.path);
        let free_bytes = publish::free_bytes(path.as_ref());
        Self { limit_from: limit.from.clone(), path: path.into(), free_bytes, disk }
    }

    /// In one line, within this limit.
    pub(super) fn sentence(&self, limit: Option<u64>) -> String {
        let Self { path, free_bytes, limit_from: _, disk: Disk { least_memory_bytes, typical_bytes, at_most_bytes } } =
            self;
        let free = free_bytes.map(|free| format!(", {} free", size(free))).unwrap_or_default();
        let goes = match (*typical_bytes, *at_most_bytes) {
            (_, 0) => "everything fits into memory".to_owned(),
            (0, most) => format!("typically nothing goes to temporary files, at most {}", size(most)),
            (typical, most) => format!("about {} go to temporary files, at most {}", size(typical), size(most)),
        };
        let least = size(*least_memory_bytes);
        let least = if limit.is_some_and(|limit| limit < *least_memory_bytes) {
            format!("so many customers need at least {least} of memory: the run would be stopped")
        } else {
            format!("at least {least} stay in memory")
        };
        format!("{goes}, in `{}`{free}; {least}", path.display())
    }
}
