//! Scores: plain integers in, a score from 1 to the number of bins out; the highest is always best.
//!
//! Learn, then apply: every method but `ntile` and the nested scores give [`Breaks`], which are written with the run and can be loaded
//! back. Values are whole numbers of an axis' unit (days, counts, money in `10^-decimals`), so that every comparison
//! is exact, and customers are in ascending order of their id, so that "then by customer id" is the position.
//! Does not live here: where the values come from, files, and segments.

mod among;
mod apply;
pub(crate) mod average_order_value;
mod axis;
mod bounds;
mod breaks;
mod cells;
mod choices;
pub(crate) mod composites;
mod drift;
mod learned;
mod levels;
mod measures;
mod method;
mod methods;
pub mod on_request;
pub mod options;
mod scored;
mod warnings;

pub use among::{AxisColumn, bounds_among, picked, score_axis_among, spread};
pub use average_order_value::average_order_values;
pub use axis::AxisSpec;
pub use bounds::{ScoreBound, merged_bounds, score_bounds};
pub use breaks::Breaks;
pub use cells::{Cells, score_sums};
pub use composites::rfmt::{RFMT_JUDGEMENTS, RFMT_MEASURES, RFMT_STANDARDISE};
pub use composites::standardise::{Standard, Standardise};
pub use composites::weighted_value::{Preset, ValueAxis, ValueScale};
pub use composites::{LEXICAL_WEIGHTS, score_means, share_problems, weight_problems, weighted_scores, weighted_values};
pub use drift::{Drift, drift, population_stability_index};
pub use learned::Learned;
pub use levels::{ScoreCut, ScoreThreshold};
pub use measures::{Axis, MEASURES, Measure, MeasureEntry, Needs, Rise, Unit};
pub use methods::nested::{has_groups, nested_scores};
pub use methods::ntile::{NtileScores, ntile_scores};
pub use scored::{Scored, score_axis, score_axis_weighted};

#[cfg(test)]
mod laws;
