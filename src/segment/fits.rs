//! Whether a map can be used for the scores of a run, and which other maps can where it cannot.
//!
//! Does not live here: the assignment itself (`assign`), and what a map leaves open (`lint`).

use super::SHIPPED;
use super::known::Known;
use super::map::{AXES, AXIS_COUNT, SegmentMap};
use super::measures::MapMeasure;
use super::run_scores::RunScores;
use super::subjects::MapSubject;
use crate::error::{Error, Result};
use crate::known::{self, Aspect};
use crate::score::options::Combination;

/// The tables of settings in the order R, F, M and value.
const SETTINGS: [&str; AXIS_COUNT] = ["score.recency", "score.frequency", "score.monetary", "score.value"];
/// Recency, frequency and monetary: the axes that nested scores differ in.
const SCORED_AXES: usize = 3;
impl SegmentMap {
    /// Refuses a map that leaves customers of the run without a segment.
    pub(super) fn check_for(&self, run: RunScores) -> Result<()> {
        let known = Known::of(run);
        self.lint_for(Known { may_lack_orders: self.has_rules_without_orders(), ..known }).check()?;
        if !run.may_lack_orders {
            return Ok(());
        }
        self.lint_for(known).check().map_err(|error| {
            error
                .cause("with `dates.window_days` customers without an order in the window have `orders` 0")
                .hint("add a rule with `max_orders = 0` for them, or lower a `min_orders`")
        })
    }

    /// What the map looks at and is not known of the customers.
    fn lacks(&self, known: known::Known) -> Vec<Aspect> {
        const MONETARY: usize = 2;
        let looks_at_money = self.bins[MONETARY].is_some() || self.looks_at_sums();
        let mut lacking: Vec<Aspect> =
            (looks_at_money && !known.has_money()).then_some(Aspect::Money).into_iter().collect();
        for own in self.looked() {
            let columns = own.subject.measure().map_or(&[][..], MapMeasure::columns);
            let columns = columns.iter().copied().chain(matches!(own.subject, MapSubject::Clv(_)).then_some("clv"));
            lacking.extend(columns.filter_map(|column| known.lacks_for(column)));
        }
        lacking.sort_unstable();
        lacking.dedup();
        lacking
    }

    /// Refuses a map that looks at what the input does not tell.
    fn check_known(&self, known: known::Known) -> Result<()> {
        let lacking = self.lacks(known);
        if lacking.is_empty() {
            return Ok(());
        }
        Err(Error::config(format!("the segment map `{}` looks at what is not known", self.name))
            .causes(lacking.iter().map(|aspect| aspect.lacking()))
            .hint(format!(
                "choose a `segment.map` that fits: {}, or your own; or {}",
                maps_for(known),
                lacking[0].hint()
            )))
    }

    /// Refuses a map that is made for other scores.
    pub(super) fn check_fits(&self, run: RunScores) -> Result<()> {
        self.check_known(run.known)?;
        let mut causes = Vec::new();
        let mut settings = Vec::new();
        let [r, f, m] = run.bins.map(Some);
        for (axis, here) in [r, f, m, run.value_bins].into_iter().enumerate() {
            if let Some(own) = self.bins[axis].filter(|own| Some(*own) != here) {
                let here = here.map_or("none".to_owned(), |here| here.to_string());
                causes.push(format!("it is made for {own} bins of {}, this run has {here}", AXES[axis]));
                settings.push(format!("`{}.bins = {own}`", SETTINGS[axis]));
                let method = self.methods[axis].as_ref();
                settings.extend(method.map(|method| format!("`{}.method = \"{method}\"`", SETTINGS[axis])));
            }
        }
        let looks_at_scores = self.bins.iter().take(SCORED_AXES).any(Option::is_some) || self.looks_at_sums();
        if self.combination != run.combination && looks_at_scores {
            let (own, here) = (self.combination.name(), run.combination.name());
            causes.push(format!("it is made for {own} scores, this run has {here} ones"));
            settings.push(format!("`score.combination = \"{own}\"`"));
        }
        if causes.is_empty() {
            return Ok(());
        }
        let settings = if settings.is_empty() { String::new() } else { format!("set {}, or ", settings.join(" and ")) };
        let other = match run.combination {
            Combination::Independent => {
                let fit = maps_that_fit(run);
                format!("choose a `segment.map` that fits these scores: {}, or your own", fit.join(", "))
            }
            Combination::Nested => {
                "choose a `segment.map` that does not look at the three scores, as `abc`, `lifecycle` or `grid25`, or your \
                 own with `combination = \"nested\"`"
                    .to_owned()
            }
        };
        Err(Error::config(format!("the segment map `{}` does not fit the scores of this run", self.name))
            .causes(causes)
            .hint(format!("{settings}{other}")))
    }
}

/// The names of the shipped maps that look at nothing but what is known, in backticks.
#[must_use]
pub fn maps_for(known: known::Known) -> String {
    let fits = |name: &&str| {
        let map = super::load(name, |name| Err(super::unknown_map(name)));
        // The value score is made of money unless the settings say otherwise.
        let fits = |map: SegmentMap| map.lacks(known).is_empty() && (known.has_money() || !map.needs_value());
        map.is_ok_and(fits)
    };
    let fit: Vec<String> = SHIPPED.iter().map(|(name, _)| *name).filter(fits).map(|name| format!("`{name}`")).collect();
    fit.join(", ")
}

/// The names of the shipped maps that are made for the scores of a run, or look at none.
fn maps_that_fit(run: RunScores) -> Vec<String> {
    let fits = |name: &&str| {
        let map = super::load(name, |name| Err(super::unknown_map(name)));
        map.is_ok_and(|map| {
            let [r, f, m] = run.bins.map(Some);
            [r, f, m, run.value_bins].iter().zip(map.bins).all(|(here, own)| own.is_none() || own == *here)
        })
    };
    SHIPPED.iter().map(|(name, _)| *name).filter(fits).map(|name| format!("`{name}`")).collect()
}
