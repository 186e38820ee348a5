//! A manifest as it was read, whose parts are typed when they are asked for.
//!
//! Does not live here: the types of the parts, and the file (`history`).

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Manifest;
use super::campaign::CampaignManifest;
use super::tables::{self, TableFile};
use super::version::{self, Unreadable};
use crate::scoring::Learned;

/// The JSON of a manifest of a version that this program knows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document(Value);

impl Document {
    /// Reads the text of a manifest.
    pub(crate) fn parse(text: &str) -> Result<Self, Unreadable> {
        let json: Value = serde_json::from_str(text).map_err(|error| Unreadable::Damaged(error.to_string()))?;
        version::check(json.get("format_version"))?;
        Ok(Self(json))
    }

    /// The document of a manifest of this version.
    pub(crate) const fn of(manifest: Value) -> Self {
        Self(manifest)
    }

    /// The whole manifest, or what is wrong with it.
    pub(crate) fn whole(&self) -> Result<Manifest, String> {
        typed(&self.0)
    }

    /// The whole manifest of a campaign, or what is wrong with it.
    pub(crate) fn campaign(&self) -> Result<CampaignManifest, String> {
        typed(&self.0)
    }

    /// The part under `key`, or what is wrong with it.
    pub(crate) fn part<T: DeserializeOwned>(&self, key: &str) -> Result<T, String> {
        self.optional_part(key)?.ok_or_else(|| format!("missing field `{key}`"))
    }

    /// The part under `key`; none where there is no such key.
    pub(crate) fn optional_part<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, String> {
        self.0.get(key).map(typed).transpose()
    }

    /// What the run's own scoring has learned.
    pub(crate) fn learned(&self) -> Result<Learned, String> {
        learned(&self.0)
    }

    /// What another scoring has learned; none where there is no scoring of this name.
    pub(crate) fn learned_by(&self, name: &str) -> Result<Option<Learned>, String> {
        let entries = self.0.get("scorings").and_then(Value::as_array);
        entries.and_then(|entries| entries.iter().find(|entry| entry["name"] == name)).map(learned).transpose()
    }

    /// The files that were published.
    pub(crate) fn tables(&self) -> Result<Vec<TableFile>, String> {
        tables::tables_of(&self.0)
    }
}

fn learned(entry: &Value) -> Result<Learned, String> {
    if entry.get("breaks").is_none() {
        return Err("it has no `breaks`".to_owned());
    }
    typed(entry)
}

fn typed<T: DeserializeOwned>(json: &Value) -> Result<T, String> {
    T::deserialize(json).map_err(|error| error.to_string())
}
