//! What a scoring takes from a published run instead of learning it.
//!
//! Does not live here: whether it fits the settings (`score::Breaks::check_loaded`), and reading the published run
//! (`history`).

use super::learned::{Learned, LearnedClusters, LearnedGroup, LearnedGroups, LearnedOctants};
use crate::error::{Error, Result};
use crate::score::{AxisSpec, Breaks, ValueScale};

/// What a scoring of a published run has learned; nothing where this run learns itself.
#[derive(Debug, Default)]
pub struct Frozen(Option<Learned>);

impl From<Learned> for Frozen {
    fn from(learned: Learned) -> Self {
        Self(Some(learned))
    }
}

impl Frozen {
    /// Whether the settings name a published run.
    #[must_use]
    pub const fn is_asked_for(&self) -> bool {
        self.0.is_some()
    }

    /// The frozen breaks of an axis; none where new ones are to be learned.
    ///
    /// # Errors
    /// A config error where breaks are requested and the published run had none for this axis.
    pub fn of(&self, spec: &AxisSpec) -> Result<Option<&Breaks>> {
        let Some(learned) = &self.0 else { return Ok(None) };
        let own = learned.breaks.iter().find(|breaks| breaks.axis == spec.axis());
        own.map(Some).ok_or_else(|| missing(spec.axis().name()))
    }

    /// The frozen scale of the weighted value; none where it is to be learned.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn scale(&self) -> Result<Option<&ValueScale>> {
        let Some(learned) = &self.0 else { return Ok(None) };
        learned.value.as_ref().map(|value| Some(&value.scale)).ok_or_else(|| missing("value"))
    }

    /// What the published run has learned group by group; nothing where it had no groups.
    #[must_use]
    pub fn groups(&self) -> &[LearnedGroup] {
        self.learned_groups().map_or(&[], |groups| &groups.groups)
    }

    /// Checks that the published run scored by the same attributes.
    ///
    /// # Errors
    /// A config error where it did not.
    pub fn check_by(&self, by: &[String]) -> Result<()> {
        let then = self.learned_groups().map_or(&[][..], |groups| &groups.by);
        if !self.is_asked_for() || then == by {
            return Ok(());
        }
        let shown = |by: &[String]| if by.is_empty() { "no groups".to_owned() } else { format!("groups by {by:?}") };
        Err(Error::config("the loaded breaks do not fit the groups of this run")
            .cause(format!("the breaks are of {}, this run asks for {}", shown(then), shown(by)))
            .hint(format!("set `score.by = {then:?}` as in the run they come from, or leave out `score.breaks_from`")))
    }

    fn learned_groups(&self) -> Option<&LearnedGroups> {
        self.0.as_ref()?.groups.as_ref()
    }

    /// The frozen thresholds of the octants; none where they are to be learned, or the published run did not write them.
    #[must_use]
    pub fn octants(&self) -> Option<&LearnedOctants> {
        self.0.as_ref().and_then(|learned| learned.octants.as_ref())
    }

    /// What the published run has learned of clusters; none where they are to be learned.
    ///
    /// # Errors
    /// A config error where it had none.
    pub(super) fn learned_clusters(&self) -> Result<Option<&LearnedClusters>> {
        let Some(learned) = &self.0 else { return Ok(None) };
        learned.clusters.as_ref().map(Some).ok_or_else(|| {
            Error::config("the manifest that `score.breaks_from` names has no clusters")
                .hint("name the manifest of a run with `[kmeans]`, or leave out `score.breaks_from` or `[kmeans]`")
        })
    }
}

fn missing(axis: &str) -> Error {
    Error::config(format!("the manifest that `score.breaks_from` names has no breaks of the {axis} score"))
        .cause("that run did not make this score, or made it with `ntile` or nested, which have no breaks")
        .hint("name the manifest of a run with the same `[score]` settings, or leave out `score.breaks_from`")
}
