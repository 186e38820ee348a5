//! The files of lookup tables as the manifest has them: whoever runs the job again can see whether they are the same.
//!
//! Does not live here: the files of the input (`published`).

use std::fs::File;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::files::checksum::seal_of;
use crate::manifest::LookupEntry;
use crate::source::lookup::LookupFooters;

/// The settings that name a lookup table, and the path of each.
pub(crate) fn named(config: &Config) -> impl Iterator<Item = (&'static str, &String)> {
    let paths = [
        ("customers.aliases", &config.customers.aliases),
        ("customers.path", &config.customers.path),
        ("predict.profits.path", &config.predict.profits.path),
        ("social.path", &config.social.path),
    ];
    paths.into_iter().filter_map(|(setting, path)| Some((setting, path.as_ref()?)))
}

/// The files of every lookup table, with a checksum of all that is in them.
///
/// # Errors
/// A source error where a file cannot be read.
pub(super) fn of_settings(config: &Config) -> Result<Vec<LookupEntry>> {
    let mut sealed = Vec::new();
    for (setting, path) in named(config) {
        for footer in LookupFooters::read(path)?.files {
            let shown = footer.path.display().to_string();
            let seal = File::open(&footer.path).and_then(seal_of);
            let seal = seal.map_err(|error| Error::source(format!("`{shown}` cannot be read")).cause(error))?;
            sealed.push(LookupEntry { setting: setting.to_owned(), path: shown, rows: footer.rows, seal });
        }
    }
    Ok(sealed)
}
