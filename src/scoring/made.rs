//! What is made of the measures of customers who are scored among one another: all of them, or those of one group.
//!
//! Does not live here: segments and clusters, which are of all customers (`one_scoring`), and how the groups are put
//! together (`by_group`).

use super::basis::ScoredGroups;
use super::drift::{self, AxisDrift};
use super::frozen::Frozen;
use super::measures::Measured;
use super::octants::{self, OctantsFound};
use super::survey::PlannedScoring;
use super::value::Valued;
use crate::error::Result;
use crate::score::{AxisSpec, ScoreCut, Scored, nested_scores, score_axis_among};
use crate::segment::Octants;
use crate::warnings::Warning;

/// Scores, and what goes with them. Vectors have one entry per customer.
pub(super) struct Made {
    /// Recency, frequency and monetary value.
    pub(super) scored: [Scored; 3],
    /// The weighted value, where anything asks for it.
    pub(super) valued: Option<Valued>,
    /// What parts the scores into levels, where the map looks at these.
    pub(super) levels: Option<[ScoreCut; 3]>,
    /// The levels themselves, where they are not by the same cuts for everyone.
    pub(super) seen: Option<[Vec<i32>; 3]>,
    /// The octants, where they are asked for.
    pub(super) octants: Option<OctantsFound>,
    pub(super) drift: Vec<AxisDrift>,
    /// The groups, where customers are scored by group.
    pub(super) groups: Option<ScoredGroups>,
    /// What a reader of the scores should know.
    pub(super) warnings: Vec<Warning>,
}

impl PlannedScoring {
    /// All customers among one another.
    pub(super) fn made_of(&self, frozen: &Frozen, measured: &Measured<'_>, octants: Option<&Octants>) -> Result<Made> {
        let scored = self.score_axes(frozen, measured)?;
        let scores = scored.each_ref().map(|axis| axis.scores.as_slice());
        let find = |octants: &Octants| octants::octants(&self.settings, frozen, octants, measured, scores);
        let (further, octants) =
            rayon::join(|| self.further(frozen, measured, &scored), || octants.map(find).transpose());
        let ((valued, levels, drift), octants) = (further?, octants?);
        Ok(Made { scored, valued, levels, seen: None, octants, drift, groups: None, warnings: Vec::new() })
    }

    /// The scores of the three axes.
    fn score_axes(&self, frozen: &Frozen, measured: &Measured<'_>) -> Result<[Scored; 3]> {
        let axes = self.settings.axes();
        if self.settings.is_nested() {
            return self.nested(&axes, measured);
        }
        let score = |axis: usize| {
            let (axis, frozen) = (&axes[axis], frozen.of(&axes[axis])?);
            measured.axis(axis, |column| score_axis_among(column, axis, frozen, self.settings.score.learn_from))
        };
        let monetary = || if self.settings.known.has_money() { score(2) } else { unknown(&axes[2], measured) };
        let ((r, f), m) = rayon::join(|| (score(0), score(1)), monetary);
        Ok([r?, f?, m?])
    }

    fn nested(&self, axes: &[AxisSpec; 3], measured: &Measured<'_>) -> Result<[Scored; 3]> {
        let has_money = self.settings.known.has_money();
        let [r, f, m] = [0, 1, 2].map(|axis| match axis {
            2 if !has_money => Ok(vec![0; measured.customers.len()].into()),
            axis => measured.values(axes[axis].measure),
        });
        let [r, f, m] = nested_scores([&r?, &f?, &m?], axes, self.settings.learned_from(measured))?;
        Ok([r, f, if has_money { m } else { unknown(&axes[2], measured)? }])
    }

    /// The weighted value, the levels of the scores, and the drift.
    fn further(&self, frozen: &Frozen, measured: &Measured<'_>, scored: &[Scored; 3]) -> Result<Further> {
        let makes_value = self.settings.makes_value(Some(&self.map));
        let valued = makes_value.then(|| Valued::new(&self.settings, frozen, measured)).transpose()?;
        let levels = self.levels(frozen, measured, scored)?;
        let drift = drift::of_axes(&self.settings, frozen, measured, valued.as_ref())?;
        Ok((valued, levels, drift))
    }

    /// What parts the scores into levels, for the map of octants of scores.
    fn levels(&self, frozen: &Frozen, measured: &Measured<'_>, scored: &[Scored; 3]) -> Result<Option<[ScoreCut; 3]>> {
        if !self.settings.maps_levels() {
            return Ok(None);
        }
        let scores = scored.each_ref().map(|axis| axis.scores.as_slice());
        let learned = octants::learned(&self.settings, frozen, measured, scores)?;
        Ok(learned.scores.try_into().ok())
    }
}

#[expect(clippy::unnecessary_wraps, reason = "in the place of an axis that can fail")]
fn unknown(axis: &AxisSpec, measured: &Measured<'_>) -> Result<Scored> {
    Ok(Scored::unknown(measured.customers.len(), axis))
}

type Further = (Option<Valued>, Option<[ScoreCut; 3]>, Vec<AxisDrift>);

/// The levels that these cuts part the scores into.
pub(super) fn levels_of(cuts: &[ScoreCut; 3], scored: &[Scored; 3], measured: &Measured<'_>) -> [Vec<i32>; 3] {
    [0, 1, 2].map(|axis| cuts[axis].levels_among(&scored[axis].scores, measured.without_orders(axis)))
}
