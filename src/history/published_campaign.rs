//! A published campaign, read back: its manifest and its tables.
//!
//! Does not live here: making one (`commands::campaign`).

use std::path::{Path, PathBuf};

use super::published_table::PublishedTable;
use crate::error::{Error, Result};
use crate::manifest::tables::{self, MANIFEST};
use crate::manifest::{CampaignManifest, Document};

/// A campaign that was published.
#[derive(Debug, Clone)]
pub struct PublishedCampaign {
    directory: PathBuf,
    manifest: CampaignManifest,
}

impl PublishedCampaign {
    /// Opens the campaign in `directory`.
    ///
    /// # Errors
    /// A config error where none was published there, or a later version of the program wrote it.
    pub fn open(directory: &Path) -> Result<Self> {
        let shown = directory.display();
        let wrong = |cause: String| {
            Error::config(format!("`{shown}` holds no published campaign"))
                .cause(cause)
                .hint("name a directory below `campaigns` of an output, as reports/campaigns/spring")
        };
        let text = std::fs::read_to_string(directory.join(MANIFEST)).map_err(|error| wrong(error.to_string()))?;
        let document = Document::parse(&text).map_err(|why| wrong(why.to_string()))?;
        let manifest = document.campaign().map_err(wrong)?;
        Ok(Self { directory: directory.to_owned(), manifest })
    }

    /// Its manifest.
    #[must_use]
    pub const fn manifest(&self) -> &CampaignManifest {
        &self.manifest
    }

    /// Its directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// One of its tables.
    ///
    /// # Errors
    /// A config error where it is of another kind, without this table; a source error where the file is not sound.
    pub fn table(&self, name: &str) -> Result<PublishedTable> {
        let path = self.directory.join(tables::file_name(name));
        if !path.is_file() {
            return Err(Error::config(format!("`{}` has no {name} table", self.directory.display()))
                .cause(format!("it is a {}", self.kind()))
                .hint(match name {
                    "targets" => "name a campaign that `campaign select` or `campaign test` has published",
                    _ => "name what `campaign evaluate` has published",
                }));
        }
        PublishedTable::open(&path)
    }

    /// Its kind in a word.
    fn kind(&self) -> String {
        serde_json::to_value(self.manifest.kind)
            .ok()
            .and_then(|kind| kind.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}
