//! Before anything is read: the segment map of each scoring, and whether what a former run has learned fits it.
//!
//! Does not live here: what a map says (`segment`), and what differs between former and present settings (`score`).

use super::frozen::Frozen;
pub(crate) use super::one::makes_value;
use super::{axes, one, run_scores};
use crate::config::Config;
use crate::error::{Error, Problems, Result};
use crate::reports::tables::scorings::MAIN;
use crate::score::{AxisSpec, Breaks};
use crate::segment::{self, SegmentMap};

/// The segment maps of the run.
#[derive(Debug)]
pub struct Maps {
    /// That of its own scoring.
    pub main: SegmentMap,
    /// Those of the other scorings, in the order of the settings: name, settings, map.
    pub further: Vec<(String, Config, SegmentMap)>,
}

/// The segment map of each scoring, shipped or read from a file, where the scores can be made at all.
///
/// # Errors
/// A config error where one is neither, has gaps, or is made for other scores; where a former run that the settings name
/// has not what a scoring takes over.
pub fn segment_maps(config: &Config) -> Result<Maps> {
    let main = segment_map(config)?;
    check_former(config, MAIN, &main)?;
    let further = config.scorings()?.into_iter().map(|(name, own)| {
        let map = segment_map(&own).map_err(|error| of_scoring(error, &name))?;
        check_former(&own, &name, &map)?;
        Ok((name, own, map))
    });
    let further: Vec<(String, Config, SegmentMap)> = further.collect::<Result<_>>()?;
    let maps: Vec<&SegmentMap> = std::iter::once(&main).chain(further.iter().map(|(_, _, map)| map)).collect();
    check_names(&maps)?;
    Ok(Maps { main, further })
}

/// The map that these settings name.
///
/// # Errors
/// As [`segment_maps`].
pub(crate) fn segment_map(config: &Config) -> Result<SegmentMap> {
    let mut problems: Vec<String> = axes(config).iter().flat_map(AxisSpec::problems).collect();
    problems.extend(config.octants.problems());
    problems.extend(config.score.value.problems());
    problems.extend(config.score.composites.problems());
    problems.extend(config.kmeans.problems());
    if !problems.is_empty() {
        return Err(Error::config("the scores cannot be made with these settings").causes(problems));
    }
    let value = config.score.value.effective();
    if !value.judgements.is_empty() {
        one::priorities(&value)?;
    }
    let map = segment::load(&config.segment.map, |path| {
        std::fs::read_to_string(path).map_err(|error| segment::unknown_map(path).cause(format!("`{path}`: {error}")))
    })?;
    map.compile(run_scores(config))?;
    Ok(map)
}

/// Maps of one name must be one: `dim_segment` tells them apart by it.
///
/// # Errors
/// A config error where they are not.
pub(crate) fn check_names(maps: &[&SegmentMap]) -> Result<()> {
    let has_namesake =
        |map: &&&SegmentMap| maps.iter().any(|other| other.name == map.name && other.segments != map.segments);
    let Some(map) = maps.iter().find(has_namesake) else { return Ok(()) };
    Err(Error::config(format!("two segment maps of the scorings are called `{}`", map.name))
        .cause("their segments differ, and `dim_segment` could not tell them apart")
        .hint("give each map a `name` of its own"))
}

/// The error, with the scoring it is about.
pub(crate) fn of_scoring(error: Error, name: &str) -> Error {
    error.cause(format!("in the scoring `{name}`"))
}

fn check_former(config: &Config, name: &str, map: &SegmentMap) -> Result<()> {
    let loaded = Frozen::read(config, name)?;
    Problems::refuse_any(|problems| {
        problems.extend(specs(config, Some(map)).iter().filter_map(|spec| former(&loaded, spec).err()));
        problems.extend(check_rest(config, &loaded, Some(map)));
    })
}

/// The axes that a scoring makes; that of the weighted value where anything asks for it. Without a map its wishes are
/// not known.
pub(crate) fn specs(config: &Config, map: Option<&SegmentMap>) -> Vec<AxisSpec> {
    let value = makes_value(config, map).then(|| AxisSpec::value(&config.score.value.effective()));
    axes(config).into_iter().chain(value).collect()
}

/// The breaks of a former run for this axis, where they are asked for and fit.
///
/// # Errors
/// A config error where they do not.
pub(crate) fn former<'a>(loaded: &'a Frozen, spec: &AxisSpec) -> Result<Option<&'a Breaks>> {
    let own = loaded.of(spec)?;
    own.map_or(Ok(()), |breaks| breaks.check_loaded(spec))?;
    Ok(own)
}

/// What is wrong with the former scale of the weighted value and with the former clusters, where they are taken over.
pub(crate) fn check_rest(config: &Config, loaded: &Frozen, map: Option<&SegmentMap>) -> Vec<Error> {
    let scale = || one::former_scale(config, loaded).map(drop);
    let clusters = || loaded.centroids(config.kmeans.clusters).map(drop);
    let checked = [makes_value(config, map).then(scale), config.kmeans.is_asked_for().then(clusters)];
    checked.into_iter().flatten().filter_map(Result::err).collect()
}
