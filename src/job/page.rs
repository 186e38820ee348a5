//! The page of pictures that a run publishes with its tables, where `output.report` asks for it.
//!
//! Does not live here: the page (`crate::page`).

use std::path::Path;

use crate::error::Result;
use crate::history::PublishedRun;
use crate::manifest::{Manifest, PageFile};
use crate::page::{PageOptions, Surroundings, page_of};
use crate::publish::Staging;

/// The name of its file.
const FILE: &str = "report.html";

/// Writes the page of what is staged; `output` holds the dates that were published before.
///
/// # Errors
/// A source error where a staged table cannot be read back; a write error where the disk refuses the page.
pub(super) fn write(staging: &Staging, manifest: &Manifest, output: &Path) -> Result<PageFile> {
    let run = PublishedRun::staged(staging.path(), manifest)?;
    let around = Surroundings::of(output, manifest.as_of);
    let options = PageOptions { language: manifest.config.output.report_language, with_ids: false };
    let page = page_of(&run, &around, options)?;
    Ok(PageFile { file: FILE.to_owned(), seal: staging.write_page(FILE, &page)? })
}
