//! A run held against earlier dates of the same input: who moved, who is slipping away, whether the scores would have told.
//!
//! Nothing that is known at an earlier date comes from after it: it is gathered and scored as a run of that date would be.
//! Does not live here: which dates these are (`earlier`), and the figures (`time`).

use std::sync::Arc;

use super::dates::{AtDate, Dates};
use super::earlier::{Earlier, without_extras};
use super::opened::Opened;
use super::rescored::{self, LookedAt};
use super::scored::Scored;
use super::{alerts, evaluation, groups, rule_columns, standing};
use crate::config::Config;
use crate::day::date_of;
use crate::error::{Error, Result};
use crate::passes::{self, Reading};
use crate::reports::findings::Compared;
use crate::scoring::{Scoring, Settings};
use crate::time::{By, Comparison, Frozen, Grouping, Standing};
use crate::warnings::{Facts, NoFrozenBreaks, NothingToCompare, Warning};

impl Config {
    /// Whether a run is held against an earlier date.
    pub(super) fn looks_back(&self) -> bool {
        self.compare.with.is_some() || self.evaluate.horizon_days.is_some() || !self.alerts.reasons.is_empty()
    }
}

impl Opened {
    /// Gathers and scores the customers, and holds them against those of earlier dates where the settings ask for it.
    ///
    /// # Errors
    /// As [`Opened::gather`] and [`super::Gathered::score`], at each of the dates.
    pub(crate) fn scored(self) -> Result<Scored> {
        let config = self.job.config();
        if !config.looks_back() {
            return self.gather()?.score();
        }
        if config.compare.with.is_none() && config.evaluate.horizon_days.is_none() {
            let mut scored = self.gather()?.score()?;
            alerts::find(&mut scored, None);
            return Ok(scored);
        }
        let as_of = self.analysis_date()?;
        let Some(as_of) = as_of else { return self.gather()?.score() };
        let mut all = Earlier::of(self.job.config(), as_of)?.dates();
        all.push(date_of(as_of));
        all.sort_unstable();
        all.dedup();
        let mut dates = self.at_dates(all);
        let scored = dates.gather_whatever(date_of(as_of))?.score()?;
        hold(scored, &mut dates, None)
    }

    /// The analysis date: what the settings say, else the last date of the data, which is looked for.
    fn analysis_date(&self) -> Result<Option<i32>> {
        if let Some(as_of) = self.input.rules.as_of {
            return Ok(Some(as_of));
        }
        let progress = &self.job.progress;
        progress.begin("find date", self.input.rows());
        let last = passes::last_day(&Reading::new(&self.input, progress));
        progress.finish();
        last
    }
}

/// The run held against earlier dates, where the settings ask for it; with `breaks_from`, these too have the breaks of that
/// published run.
///
/// # Errors
/// As [`Opened::scored`].
pub(super) fn hold(mut scored: Scored, dates: &mut Dates, breaks_from: Option<&str>) -> Result<Scored> {
    if !scored.config().looks_back() {
        return Ok(scored);
    }
    let earlier = Earlier::of(scored.config(), scored.findings.as_of)?;
    let mut at = |day: Option<i32>| day.map_or(Ok(None), |day| scored_at(dates, day, breaks_from, scored.config()));
    let then = at(earlier.compared)?;
    let evaluated = if earlier.evaluated == earlier.compared { None } else { at(earlier.evaluated)? };
    if earlier.evaluated.is_some() {
        let known = if earlier.evaluated == earlier.compared { then.as_ref() } else { evaluated.as_ref() };
        let found = evaluation::evaluate(known, &scored)?;
        if known.is_none() {
            scored.warnings.push(nothing_to_compare("evaluate.horizon_days", earlier.evaluated));
        }
        scored.findings.evaluation = Some(found);
    }
    drop(evaluated);
    if scored.config().compare.with.is_some() {
        compare(&mut scored, then.as_ref(), earlier.compared)?;
    }
    if !scored.config().alerts.reasons.is_empty() {
        alerts::find(&mut scored, then.as_ref());
    }
    Ok(scored)
}

/// The customers of an earlier date; none where no order speaks for it.
fn scored_at(dates: &mut Dates, day: i32, breaks_from: Option<&str>, config: &Config) -> Result<Option<Scored>> {
    let needs_predictions = config.evaluate.horizon_days.is_some() || config.scorings_look_at_predictions();
    let date = date_of(day);
    match dates.gather_altered(date, breaks_from, |config| without_extras(config, needs_predictions))? {
        AtDate::Gathered(gathered) => {
            let scored = gathered.score().map_err(|error| error.cause(format!("at the earlier date {date}")))?;
            Ok(Some(scored).filter(|scored| !scored.findings.customers.is_empty()))
        }
        AtDate::Skipped(_) => Ok(None),
    }
}

/// Puts the customers beside those of the earlier date.
fn compare(scored: &mut Scored, then: Option<&Scored>, day: Option<i32>) -> Result<()> {
    let config = scored.config().clone();
    let by = &config.compare.by;
    let after = standing_of(scored, by)?;
    let Some(then) = then else {
        scored.warnings.push(nothing_to_compare("compare.with", day));
        let before = Standing { as_of: day.unwrap_or(after.as_of), ..Standing::default() };
        let previous = vec![None; scored.findings.customers.len()];
        let comparison = Comparison::new(before, Standing::default(), None);
        scored.findings.compared = Some(Compared { comparison, shows_customers: config.compare.customers, previous });
        return Ok(());
    };
    let before = standing_of(then, by)?;
    let frozen = match frozen(scored, then, by, &after) {
        Ok(frozen) => Some(frozen),
        Err(error) => {
            let reason = std::iter::once(error.headline()).chain(error.shown_causes()).collect::<Vec<_>>().join(": ");
            let compared_with = date_of(then.findings.as_of);
            scored.warnings.push(Facts::NoFrozenBreaks(NoFrozenBreaks { compared_with, reason }).into());
            None
        }
    };
    let previous = scored.findings.customers.ids.rows_in(&before.ids);
    let comparison = Comparison::new(before, after, frozen);
    scored.findings.compared = Some(Compared { comparison, shows_customers: config.compare.customers, previous });
    Ok(())
}

fn nothing_to_compare(setting: &str, day: Option<i32>) -> Warning {
    let setting = setting.to_owned();
    Facts::NothingToCompare(NothingToCompare { setting, compared_with: day.map(date_of) }).into()
}

/// Where everyone stands, by what is asked for.
fn standing_of(scored: &Scored, by: &[By]) -> Result<Standing> {
    let mut standing = standing::standing(&scored.findings);
    if by.contains(&By::Stage) {
        standing.groupings.push(standing::spread(stages(scored)?, &scored.findings));
    }
    standing.groupings.retain(|own| by.contains(&own.by) || own.by == By::Segment);
    Ok(standing)
}

fn stages(scored: &Scored) -> Result<Grouping> {
    let (config, findings) = (scored.config(), &scored.findings);
    let limits = config.reports.abc_limits;
    rescored::stages(&settings(scored), &findings.customers, findings.as_of, limits)
}

/// The settings of the run's own scoring, of customers of whom so much is known.
fn settings(scored: &Scored) -> Settings {
    Settings { known: scored.findings.customers.known, ..scored.config().own_scoring() }
}

/// The customers by the breaks of the earlier date.
fn frozen(scored: &Scored, then: &Scored, by: &[By], after: &Standing) -> Result<Frozen> {
    let planned = rescored::planned(settings(then), &then.findings.own().learned)?;
    if let Some(reason) = planned.lacks_breaks() {
        return Err(Error::config(reason));
    }
    let (findings, attributes) = (&scored.findings, scored.known_attributes());
    let count = findings.customers.len();
    let groups = groups::by(&planned.settings.score.by, attributes, count)?.map(Arc::new);
    let beside = rule_columns::beside(&planned.map, (findings.predictions.as_ref(), attributes), 0..count)?;
    let limits = scored.config().reports.abc_limits;
    let again = rescored::rescored(planned, LookedAt { groups, beside }, &findings.customers, findings.as_of, limits)?;
    let known = findings.customers.known;
    let own = again.scorings.own;
    let groupings = rescored::groupings(&own, &again.octants, &again.octant, known);
    let Scoring { scores, .. } = own;
    let mut groupings: Vec<Grouping> = groupings.into_iter().map(|own| standing::spread(own, findings)).collect();
    // Stages have no breaks: they are the same by those of any date.
    groupings.extend(after.grouping(By::Stage).cloned());
    groupings.retain(|own| by.contains(&own.by) || own.by == By::Segment);
    Ok(Frozen { scores: scores.map(|own| standing::spread_scores(own, findings)), groupings })
}

impl Config {
    /// Whether the map of any scoring looks at predictions. A map that cannot be read would have stopped the run.
    fn scorings_look_at_predictions(&self) -> bool {
        let Ok(scorings) = self.scorings() else { return false };
        scorings.iter().any(|own| crate::scoring::segment_map(own).is_ok_and(|map| map.looks_at_predictions()))
    }
}
