//! What a former run has learned, read from its manifest.
//!
//! Does not live here: whether it fits this run (`score::Breaks::check_loaded`).

use serde::Deserialize;
use serde_json::Value;

use super::settings::MAIN;
use crate::error::{Error, Result};
use crate::history::Former;
use crate::models::kmeans::Centroids;
use crate::score::options::ScoreOptions;
use crate::score::{AxisSpec, Breaks, ValueScale};

/// The breaks of one scoring of a former run; nothing where none are asked for.
#[derive(Debug, Default)]
pub struct Frozen {
    breaks: Option<Vec<Breaks>>,
    scale: Option<ValueScale>,
    centroids: Option<Centroids>,
}

/// What this program reads of a manifest, or of an entry of its `scorings`.
#[derive(Deserialize)]
struct Written {
    breaks: Vec<Breaks>,
    #[serde(default)]
    value: Option<WrittenValue>,
    #[serde(default)]
    kmeans: Option<WrittenClusters>,
}

#[derive(Deserialize)]
struct WrittenClusters {
    centroids: Centroids,
}

#[derive(Deserialize)]
struct WrittenValue {
    scale: ValueScale,
}

impl Frozen {
    /// Reads what `score.breaks_from` names for the scoring called `name`.
    ///
    /// # Errors
    /// A config error where the manifest cannot be read or has no such scoring.
    pub fn read(score: &ScoreOptions, name: &str) -> Result<Self> {
        let Some(path) = score.breaks_from.as_ref().filter(|path| !path.is_empty()) else {
            return Ok(Self::default());
        };
        let former =
            Former { setting: "score.breaks_from", path, what: "breaks of a former run", of: "a published run" };
        let manifest = former.read()?;
        let entry = if name == MAIN { Some(&manifest) } else { further(&manifest, name) };
        let Some(entry) = entry else {
            return Err(Error::config(format!("`{path}` holds no breaks of the scoring `{name}`"))
                .cause("the run that it comes from had no scoring of this name")
                .hint("name the manifest of a run that had it, or learn anew: write `score.breaks_from = \"\"` in the scoring"));
        };
        if entry.get("breaks").is_none() {
            return Err(former.wrong("it has no `breaks`"));
        }
        let written = Written::deserialize(entry).map_err(|error| former.wrong(error))?;
        Ok(Self {
            breaks: Some(written.breaks),
            scale: written.value.map(|value| value.scale),
            centroids: written.kmeans.map(|clusters| clusters.centroids),
        })
    }

    /// Whether the settings name a former run.
    #[must_use]
    pub const fn is_asked_for(&self) -> bool {
        self.breaks.is_some()
    }

    /// The former breaks of an axis; none where new ones are to be learned.
    ///
    /// # Errors
    /// A config error where breaks are asked for and the former run had none of this axis.
    pub fn of(&self, spec: &AxisSpec) -> Result<Option<&Breaks>> {
        let Some(breaks) = &self.breaks else { return Ok(None) };
        let own = breaks.iter().find(|breaks| breaks.axis == spec.axis());
        own.map(Some).ok_or_else(|| missing(spec.axis().name()))
    }

    /// The former scale of the weighted value, likewise.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn scale(&self) -> Result<Option<&ValueScale>> {
        if self.breaks.is_none() {
            return Ok(None);
        }
        self.scale.as_ref().map(Some).ok_or_else(|| missing("value"))
    }

    /// The former centres of the clusters, likewise.
    ///
    /// # Errors
    /// As [`Self::of`]; where there were another number of clusters.
    pub fn centroids(&self, clusters: Option<u32>) -> Result<Option<&Centroids>> {
        if self.breaks.is_none() {
            return Ok(None);
        }
        let former = self.centroids.as_ref().ok_or_else(|| {
            Error::config("the manifest that `score.breaks_from` names has no clusters")
                .hint("name the manifest of a run with `[kmeans]`, or leave out `score.breaks_from` or `[kmeans]`")
        })?;
        let found = former.centers.len();
        match clusters.filter(|asked| *asked as usize != found) {
            None => Ok(Some(former)),
            Some(asked) => {
                Err(Error::config(format!("the former run has {found} clusters, `kmeans.clusters` asks for {asked}"))
                    .hint(format!("set `kmeans.clusters = {found}`, or leave out `score.breaks_from`")))
            }
        }
    }
}

fn further<'a>(manifest: &'a Value, name: &str) -> Option<&'a Value> {
    manifest.get("scorings")?.as_array()?.iter().find(|entry| entry["name"] == name)
}

fn missing(axis: &str) -> Error {
    Error::config(format!("the manifest that `score.breaks_from` names has no breaks of the {axis} score"))
        .cause("that run did not make this score, or made it with `ntile` or nested, which have no breaks")
        .hint("name the manifest of a run with the same `[score]` settings, or leave out `score.breaks_from`")
}
