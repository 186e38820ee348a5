//! The output: staged next to its target, made durable, and published all at once or not at all.
//!
//! Lives here: the output directory and its lock, the staging directory, checksums, the exchange,
//! the generic part of the manifest, the check of what was published, and stopping on a signal.
//! Does not live here: what the tables hold and how Parquet is written (callers write the files
//! into the staging directory), and the rest of the manifest.
//!
//! ```text
//! <output>/as_of=2026-01-01/<table>.parquet, manifest.json      published: whole, always
//! <output>/_runs/as_of=2026-01-01/...                           the same by table, with further names of its tables:
//! <output>/<table>/as_of=2026-01-01/part-0.parquet              for query engines (`parts`)
//! <output>/campaigns/<name>/..                                  an output of its own, of campaigns (`published_name`)
//! <output>/.rfmetrics.lock                                      who writes here now
//! <parent>/.<output>.rfmetrics-staging-2026-01-01-<pid>-<time>/ being written, or being removed
//! <parent>/.<output>.rfmetrics-aside-2026-01-01-<pid>-<time>/   file systems without an exchange only
//! ```
//!
//! Where the parent cannot hold them, the last two are inside the output, as `.rfmetrics-...`
//! (`hidden_directories.rs`).
//!
//! A run in short: [`Output::open`] makes the directory, takes the lock and clears what dead runs left;
//! [`Output::stage`] makes a private directory; callers write `staging.file(table)` and `staging.seal(table)` it;
//! [`Staging::publish`] writes the manifest and swaps the directory in. An error on the way drops the [`Staging`],
//! which removes itself: the earlier result remains.

mod campaigns;
pub(crate) mod claim;
mod copy_aside;
pub(crate) mod exchange;
pub(crate) mod hidden_directories;
pub(crate) mod layout;
mod leftovers;
mod lock;
pub mod options;
mod output;
pub(crate) mod parts;
pub(crate) mod preflight;
mod published_name;
pub(crate) mod staging;
pub(crate) mod strangers;
pub(crate) mod target;
pub(crate) mod unfinished;
mod verify;

pub use campaigns::{CAMPAIGNS, campaigns_of};
pub use layout::{published_dates, published_path};
pub use output::Output;
pub use preflight::{Preflight, free_bytes, look};
pub use staging::Staging;
pub use verify::{VerifyReport, verify_published};

#[cfg(test)]
mod tests;
