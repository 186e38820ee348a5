//! The alerts of a run: what is known of each customer now and on the earlier date, put to the reasons.
//!
//! Does not live here: the reasons (`time::alerts`), and the earlier date (`against`).

use super::scored::Scored;
use crate::models::{History, Model};
use crate::predict::FittedModels;
use crate::reports::findings::{Alerts, Findings};
use crate::reports::tables::abc;
use crate::scoring::Scoring;
use crate::time::alerts::{Alert, Limits, Watched, reasons, sort};
use crate::time::options::{AlertOptions, Reason};
use crate::time::rhythm::Rhythm;
use crate::warnings::{AlertsWithoutComparison, Facts};

/// Finds the alerts. Without an earlier date the states of today are listed, and a warning says so.
pub(super) fn find(scored: &mut Scored, then: Option<&Scored>) {
    let config = scored.config().clone();
    let options = &config.alerts;
    if then.is_none() {
        scored.warnings.push(Facts::AlertsWithoutComparison(AlertsWithoutComparison {}).into());
    }
    let found = Watch::new(&scored.findings, then.map(|then| &then.findings), options).alerts();
    scored.findings.alerts = Some(found);
}

/// Two dates, of which the earlier one may be missing.
struct Watch<'a> {
    now: &'a Findings,
    then: Option<&'a Findings>,
    /// Per customer their row on the earlier date.
    rows: Vec<Option<u32>>,
    /// Per customer the recency score by the breaks of the earlier date, 0 where there is none.
    frozen_r: Option<Vec<i32>>,
    limits: Limits,
    valued: Valued,
    /// The model of now, and its unit in days; none where it does not look at days.
    model: Option<(Model, f64)>,
}

/// Who is valued.
struct Valued {
    /// Scores above these, of frequency and money.
    above: [f64; 2],
    /// ABC classes, by their place.
    classes: Vec<u8>,
}

impl Valued {
    fn of(options: &AlertOptions, own: &Scoring) -> Self {
        let bins = |axis: usize| f64::from(u32::try_from(own.bounds[axis].bounds.len()).unwrap_or(u32::MAX));
        let class =
            |name: &String| abc::CLASSES.iter().position(|class| class == name).and_then(|at| u8::try_from(at).ok());
        Self {
            above: [1, 2].map(|axis| options.valued_score_share * bins(axis)),
            classes: options.valued_classes.iter().filter_map(class).collect(),
        }
    }

    fn holds(&self, findings: &Findings, row: usize) -> bool {
        let scores = &findings.own().scores;
        let by_score = [1, 2].iter().zip(self.above).any(|(axis, above)| f64::from(scores[*axis][row]) > above);
        by_score || findings.ranking.abc.get(row).is_some_and(|class| self.classes.contains(class))
    }
}

impl<'a> Watch<'a> {
    fn new(now: &'a Findings, then: Option<&'a Findings>, options: &AlertOptions) -> Self {
        let rows = match then {
            Some(then) => now.customers.ids.rows_in(&then.customers.ids),
            None => vec![None; now.customers.len()],
        };
        let limits = Limits {
            reasons: options.reasons.clone(),
            score_fell_by: i32::try_from(options.score_fell_by).unwrap_or(i32::MAX),
            p_alive_below: options.p_alive_below,
            standing: options.standing || then.is_none(),
        };
        let valued = Valued::of(options, then.unwrap_or(now).own());
        Self { now, then, rows, frozen_r: frozen_r(now), limits, valued, model: model(now) }
    }

    fn alerts(&self) -> Alerts {
        let mut list: Vec<Alert> = (0..self.now.customers.len()).filter_map(|row| self.alert(row)).collect();
        sort(&mut list);
        Alerts { list }
    }

    fn alert(&self, row: usize) -> Option<Alert> {
        let watched = self.watched(row)?;
        let found = reasons(&watched, &self.limits);
        (!found.is_empty()).then(|| Alert {
            row: u32::try_from(row).unwrap_or(u32::MAX),
            reasons: found,
            days: watched.days,
            limit_days: watched.rhythm.limit_days(),
            r_scores: watched.r_scores,
            revenue: watched.rhythm.revenue_last_year,
        })
    }

    /// What is known of a customer; none where they are not valued.
    fn watched(&self, row: usize) -> Option<Watched> {
        let before = self.rows[row].map(|row| row as usize);
        let is_valued = match self.then {
            Some(then) => before.is_some_and(|before| self.valued.holds(then, before)),
            None => self.valued.holds(self.now, row),
        };
        let rhythm_of =
            |findings: &Findings, row: usize| findings.from_days.rhythms.get(row).copied().unwrap_or_default();
        let then = self.then.zip(before);
        is_valued.then(|| Watched {
            is_valued,
            days: self.now.recency_days[row],
            rhythm: rhythm_of(self.now, row),
            before: then.map(|(then, before)| (then.recency_days[before], rhythm_of(then, before))),
            r_scores: then.and_then(|(then, before)| {
                Some([then.own().scores[0][before], self.frozen_r.as_ref()?.get(row).copied()?])
            }),
            p_alive: self.p_alive(row, then),
        })
    }

    /// The probability to be alive then and now, both by the model of now.
    fn p_alive(&self, row: usize, then: Option<(&Findings, usize)>) -> [Option<f64>; 2] {
        let asked = self.limits.reasons.contains(&Reason::PAlive);
        let now = self.now.predictions.as_ref().filter(|_| asked).and_then(|own| own.p_alive(row));
        // What was before matters only where they are leaving now.
        let is_leaving = now.is_some_and(|now| now < self.limits.p_alive_below);
        let before = then.filter(|_| is_leaving).and_then(|(then, before)| {
            let (model, unit) = self.model.as_ref()?;
            let history = history(then.from_days.rhythms.get(before)?, then.as_of, *unit)?;
            Some(model.as_purchase_model().p_alive(&history))
        });
        [before, now]
    }
}

/// What the model sees of a customer on a date.
fn history(rhythm: &Rhythm, as_of: i32, unit: f64) -> Option<History> {
    rhythm.has_bought.then(|| History {
        x: rhythm.gaps,
        t_x: f64::from(rhythm.span) / unit,
        t_cal: f64::from(as_of.abs_diff(rhythm.first_day)) / unit,
    })
}

/// The model of the run with its unit in days.
fn model(now: &Findings) -> Option<(Model, f64)> {
    let learned: &FittedModels = &now.predictions.as_ref()?.learned;
    let model = learned.model.filter(|_| learned.looks_at_days())?;
    Some((model, learned.steps_per_unit()))
}

/// The recency score of every customer by the breaks of the earlier date.
fn frozen_r(now: &Findings) -> Option<Vec<i32>> {
    let comparison = &now.compared.as_ref()?.comparison;
    let frozen = comparison.frozen.as_ref()?;
    let rows = now.customers.ids.rows_in(&comparison.after.ids);
    Some(rows.iter().map(|row| row.map_or(0, |row| frozen.scores[0][row as usize])).collect())
}
