//! The scorings of a run before a row is read: the segment map of each, and what it takes from an earlier run.
//!
//! Everything that is wrong is known at once, each problem with the name of its scoring.
//! Does not live here: what a map says (`segment`), and what may differ from an earlier run (`score`).

use super::frozen::Frozen;
use super::learned::LearnedGroup;
use super::octants;
use super::rule_columns::Beside;
use super::scorings::Scorings;
use super::settings::{MAIN, Settings};
use super::value;
use crate::error::{Error, Problems, Result};
use crate::score::{AxisSpec, Breaks, Measure};
use crate::segment::{self, SegmentMap};

/// A scoring as the settings describe it; what it needs and cannot have is replaced by an error.
#[derive(Debug)]
pub struct SurveyedScoring {
    /// What it is made by.
    pub settings: Settings,
    /// Its segment map.
    pub map: Result<SegmentMap>,
    /// What it takes from an earlier run.
    pub frozen: Result<Frozen>,
}

/// A scoring that can be made.
#[derive(Debug)]
pub struct PlannedScoring {
    /// What it is made by.
    pub settings: Settings,
    /// Its segment map, which fits the settings.
    pub map: SegmentMap,
    /// What it takes from an earlier run, which fits them too.
    pub frozen: Frozen,
    /// What its map looks at besides scores and measures; empty until the customers are known.
    pub beside: Beside,
}

/// Looks for the segment map of each scoring and for what it takes from a published run, which `frozen` reads.
#[must_use]
pub fn survey(settings: Scorings<Settings>, frozen: impl Fn(&Settings) -> Result<Frozen>) -> Scorings<SurveyedScoring> {
    settings.map(|settings| {
        let (map, frozen) = (segment_map(&settings), frozen(&settings));
        SurveyedScoring { settings, map, frozen }
    })
}

impl Scorings<SurveyedScoring> {
    /// The scorings, where all of them can be made.
    ///
    /// # Errors
    /// A config error with everything that prevents any of them: a map that is neither shipped nor a file, has gaps, or is
    /// made for other scores; an earlier run that lacks what the scoring takes from it; two different maps of one name.
    pub fn plan(self) -> Result<Scorings<PlannedScoring>> {
        Problems::refuse_any(|problems| problems.extend(self.problems()))?;
        self.try_map(|SurveyedScoring { settings, map, frozen }| {
            Ok(PlannedScoring { settings, map: map?, frozen: frozen?, beside: Beside::default() })
        })
    }

    /// Everything that prevents any of them, each with the name of its scoring.
    #[must_use]
    pub fn problems(&self) -> Vec<Error> {
        let mut problems: Vec<Error> = self.iter().flat_map(SurveyedScoring::problems).collect();
        let maps: Vec<&SegmentMap> = self.iter().filter_map(|scoring| scoring.map.as_ref().ok()).collect();
        problems.extend(check_names(&maps).err());
        problems
    }
}

impl SurveyedScoring {
    /// The axes that are scored. Without a map it is not known whether it looks at the weighted value.
    #[must_use]
    pub fn axes(&self) -> Vec<AxisSpec> {
        self.settings.scored_axes(self.map.as_ref().ok())
    }

    /// The frozen breaks of an axis; none where new ones are to be learned, or the earlier run cannot be read.
    ///
    /// # Errors
    /// A config error where they do not fit the settings.
    pub fn breaks(&self, axis: &AxisSpec) -> Result<Option<&Breaks>> {
        let Ok(frozen) = &self.frozen else { return Ok(None) };
        let breaks = frozen.of(axis)?;
        breaks.map_or(Ok(()), |breaks| breaks.check_loaded(axis))?;
        Ok(breaks)
    }

    /// How many groups of customers an earlier run has learned breaks of; none where new ones are to be learned.
    #[must_use]
    pub fn frozen_groups(&self) -> Option<usize> {
        self.frozen.as_ref().ok().filter(|frozen| frozen.is_asked_for()).map(|frozen| frozen.groups().len())
    }

    /// Whether an earlier run is read, and was found.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.frozen.as_ref().is_ok_and(Frozen::is_asked_for)
    }

    fn problems(&self) -> Vec<Error> {
        let missing = self.map.as_ref().err().into_iter().chain(self.frozen.as_ref().err()).cloned();
        let mut problems = Problems::default();
        problems.extend(missing.chain(self.unknown()).chain(self.unfit()));
        problems.list().iter().map(|problem| of_scoring(problem.clone(), &self.settings.name)).collect()
    }

    /// Measures that the input does not tell.
    fn unknown(&self) -> Vec<Error> {
        let Settings { known, .. } = self.settings;
        let values = self.settings.score.value.effective().measures;
        // Where the map wants the value, another map is the other way out.
        let by_map = self.map.as_ref().is_ok_and(SegmentMap::needs_value);
        let refused = |measure: Measure| {
            let aspect = known.lacks_for(measure.column())?;
            let error = Error::config(format!("`{}` is to be scored, and is not known", measure.column()));
            let other = "choose another measure or weight of `[score]` (or a method without one)";
            let other = if by_map && values.contains(&measure) {
                format!(
                    "choose other measures of `[score.value]`, or a `segment.map` that fits: {}",
                    segment::maps_for(known)
                )
            } else {
                other.to_owned()
            };
            Some(error.cause(aspect.lacking()).hint(format!("{other}, or {}", aspect.hint())))
        };
        self.settings.measures(self.map.as_ref().ok()).into_iter().filter_map(refused).collect()
    }

    /// What the earlier run has learned and this one cannot use.
    fn unfit(&self) -> Vec<Error> {
        let Ok(frozen) = &self.frozen else { return Vec::new() };
        let mut unfit = self.unfit_values(frozen);
        unfit.extend(frozen.check_by(&self.settings.score.by).err());
        if self.settings.kmeans.is_asked_for() {
            unfit.extend(frozen.clusters(&self.settings.kmeans).err());
        }
        if unfit.is_empty() {
            // What is wrong with one group is mostly wrong with all.
            let of_group = |own: &LearnedGroup| {
                let wrong = self.unfit_values(&own.learned.clone().into());
                let name = format!("in the group `{}` of the earlier run", own.group);
                (!wrong.is_empty())
                    .then(|| wrong.into_iter().map(|error| error.cause(name.clone())).collect::<Vec<_>>())
            };
            unfit.extend(frozen.groups().iter().find_map(of_group).into_iter().flatten());
        }
        unfit
    }

    /// What does not fit of breaks, scale and octants that were learned together.
    fn unfit_values(&self, frozen: &Frozen) -> Vec<Error> {
        let breaks = |axis: &AxisSpec| frozen.of(axis)?.map_or(Ok(()), |breaks| breaks.check_loaded(axis));
        let mut unfit: Vec<Error> = self.axes().iter().filter_map(|axis| breaks(axis).err()).collect();
        if self.settings.makes_value(self.map.as_ref().ok()) {
            unfit.extend(value::frozen_scale(&self.settings, frozen).err());
        }
        if self.settings.name == MAIN
            && self.settings.known.has_money()
            && let Some(octants) = frozen.octants()
        {
            unfit.extend(octants::check_frozen(&self.settings, octants).err());
        }
        unfit
    }
}

/// The map that these settings name, where the scores can be made at all.
///
/// # Errors
/// A config error where the settings are wrong, or the map is neither shipped nor a file, has gaps, or is made for other
/// scores.
pub fn segment_map(settings: &Settings) -> Result<SegmentMap> {
    let problems = settings.problems();
    if !problems.is_empty() {
        return Err(Error::config("the scores cannot be made with these settings").causes(problems));
    }
    let value = settings.score.value.effective();
    if !value.judgements.is_empty() {
        value::priorities(&value)?;
    }
    let map = segment::load(&settings.segment.map, |path| {
        std::fs::read_to_string(path).map_err(|error| segment::unknown_map(path).cause(format!("`{path}`: {error}")))
    })?;
    Problems::refuse_any(|problems| {
        problems.note(map.compile(settings.run_scores()));
        problems.note(map.check_available(&settings.available));
    })?;
    Ok(map)
}

/// Maps of one name must be one: `dim_segment` distinguishes maps by name.
fn check_names(maps: &[&SegmentMap]) -> Result<()> {
    let has_namesake =
        |map: &&&SegmentMap| maps.iter().any(|other| other.name == map.name && other.segments != map.segments);
    let Some(map) = maps.iter().find(has_namesake) else { return Ok(()) };
    Err(Error::config(format!("two segment maps of the scorings are called `{}`", map.name))
        .cause("their segments differ, and `dim_segment` could not distinguish them")
        .hint("give each map a `name` of its own"))
}

/// The error, with the further scoring that it is about.
fn of_scoring(error: Error, name: &str) -> Error {
    if name == MAIN { error } else { error.cause(format!("in the scoring `{name}`")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::options::{Method, ScoreOptions};
    use crate::segment::Available;
    use crate::segment::options::{OctantOptions, SegmentOptions};

    fn settings(name: &str, map: &str, bins: u32) -> Settings {
        let mut score = ScoreOptions::default();
        score.recency.bins = bins;
        Settings {
            name: name.to_owned(),
            score,
            segment: SegmentOptions { map: map.to_owned() },
            kmeans: crate::score::on_request::KmeansOptions::default(),
            octants: OctantOptions::default(),
            money_scale: 2,
            known: crate::known::Known::ALL,
            may_lack_orders: false,
            available: Available::default(),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "a survey is given what may fail")]
    fn learns(_: &Settings) -> Result<Frozen> {
        Ok(Frozen::default())
    }

    #[test]
    fn all_scorings_that_cannot_be_made_are_reported_with_their_names() {
        let own = settings(MAIN, "rf25", 4);
        let further = vec![settings("good", "abc", 5), settings("bad", "nowhere.toml", 5), settings("cut", "rf25", 1)];
        let surveyed = || survey(Scorings { own: own.clone(), further: further.clone() }, learns);
        let problems: Vec<String> = surveyed().problems().iter().map(ToString::to_string).collect();
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems[0].contains("`rf25` does not fit") && !problems[0].contains("in the scoring"), "{problems:?}");
        let refused = surveyed().plan().unwrap_err().to_string();
        assert!(refused.starts_with("3 problems"), "{refused}");
        assert!(
            problems[1].contains("neither a shipped map nor a file") && problems[1].contains("in the scoring `bad`")
        );
        assert!(problems[2].contains("expected 2 to 100") && problems[2].contains("in the scoring `cut`"));
    }

    #[test]
    fn what_an_earlier_run_cannot_give_is_reported_for_each_axis() {
        let mut own = settings(MAIN, "abc", 5);
        own.score.frequency.method = Method::Ntile;
        let nothing = |_: &Settings| Ok(Frozen::from(crate::scoring::Learned::default()));
        let surveyed = survey(Scorings::alone(own), nothing);
        assert!(surveyed.own.is_frozen() && surveyed.own.axes().len() == 3);
        let problems: Vec<String> = surveyed.problems().iter().map(ToString::to_string).collect();
        let axes = ["recency", "frequency", "monetary"];
        assert!(
            axes.iter().zip(&problems).all(|(axis, text)| text.contains(&format!("no breaks of the {axis} score")))
        );
        let text = surveyed.plan().unwrap_err().to_string();
        assert!(text.starts_with("3 problems"), "{text}");
    }
}
