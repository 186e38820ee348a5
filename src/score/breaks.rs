//! The learned cut values of an axis: a plain value that is written with the run and can be loaded back.
//!
//! Lives here: the breaks and the checks on loaded ones. Does not live here: how they are learned and applied.

use serde::{Deserialize, Serialize};

use super::axis::AxisSpec;
use super::measures::{Axis, Measure};
use super::method::Method;
use crate::error::{Error, Result};

/// Where an axis is cut.
///
/// For frequency and monetary the score is 1 + the number of `cuts` below the value, for recency it is `bins` minus
/// that number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Breaks {
    /// The axis.
    pub axis: Axis,
    /// The column that was cut.
    pub measure: Measure,
    /// How it was cut; never `ntile`, which has no breaks.
    pub method: Method,
    /// Number of scores.
    pub bins: u32,
    /// The cuts are whole numbers of `10^-decimals` of the column's unit.
    pub decimals: u32,
    /// The share that the best hold, with `pareto`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// What customers count by (`mean`) or what is held (`pareto`), where it is a column of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<Measure>,
    /// The number of customers the breaks were learned from.
    pub customers: u64,
    /// The thresholds in the column's unit (days, counts, major units of money), for people.
    pub thresholds: Vec<f64>,
    /// The exact cuts that decide: a threshold's floor, or the last whole value below it where the threshold itself
    /// belongs to the upper bin (`r-rfm`).
    pub cuts: Vec<i64>,
    /// Customers per score, from 1 on, of those that the breaks were learned from: what later runs are compared with.
    #[serde(default)]
    pub customers_per_score: Vec<u64>,
}

impl Breaks {
    /// Checks that breaks of an earlier run fit this run's settings.
    ///
    /// # Errors
    /// A config error with everything that differs: axis, measure, method, bins, decimals; cuts that do not ascend;
    /// `ntile`, which has no breaks.
    pub fn check_loaded(&self, spec: &AxisSpec) -> Result<()> {
        let axis = spec.axis().name();
        if spec.method == Method::Ntile || self.method == Method::Ntile {
            return Err(ntile_has_no_breaks(spec.axis()));
        }
        let problems: Vec<String> = self.differences(spec).into_iter().chain(self.inconsistencies()).collect();
        if problems.is_empty() {
            return Ok(());
        }
        Err(Error::config(format!("the loaded breaks do not fit the {axis} score of this run"))
            .causes(problems)
            .hint(format!("set `[score.{axis}]` as in the run the breaks come from, or leave out `score.breaks_from`")))
    }

    fn differences(&self, spec: &AxisSpec) -> Vec<String> {
        let mut problems = Vec::new();
        let mut differ = |what: &str, loaded: String, own: String| {
            if loaded != own {
                problems.push(format!("{what}: the breaks have {loaded}, this run has {own}"));
            }
        };
        differ("axis", self.axis.name().into(), spec.axis().name().into());
        differ("measure", format!("`{}`", self.measure.column()), format!("`{}`", spec.measure.column()));
        differ("method", format!("`{}`", self.method.name()), format!("`{}`", spec.method.name()));
        differ("bins", self.bins.to_string(), spec.bins.to_string());
        differ("decimals", self.decimals.to_string(), spec.decimals.to_string());
        let shown = |share: Option<f64>| share.map_or("none".to_owned(), |share| share.to_string());
        differ("share", shown(self.share), shown(spec.share_that_counts()));
        let column =
            |weight: Option<Measure>| weight.map_or("none".to_owned(), |weight| format!("`{}`", weight.column()));
        differ("weight", column(self.weight), column(spec.weight));
        if !spec.cuts.is_empty() {
            differ("cuts", format!("{:?}", self.thresholds), format!("{:?}", spec.cuts));
        }
        problems
    }

    /// What is wrong with the breaks themselves: only a file that was edited or truncated has such problems.
    fn inconsistencies(&self) -> Vec<String> {
        let expected = self.bins.saturating_sub(1) as usize;
        let mut problems = Vec::new();
        if self.cuts.is_empty() && self.customers == 0 {
            problems.push("the run they come from had no customers, so that nothing was learned".to_owned());
            return problems;
        }
        for (name, length) in [("cuts", self.cuts.len()), ("thresholds", self.thresholds.len())] {
            if length != expected {
                problems.push(format!("`{name}` has {length} numbers, expected {expected} for {} bins", self.bins));
            }
        }
        if let Some((cut, next)) = self.cuts.iter().zip(self.cuts.iter().skip(1)).find(|(cut, next)| cut > next) {
            problems.push(format!("`cuts` must ascend, but {cut} is followed by {next}"));
        }
        if let Some((threshold, cut)) = self.thresholds.iter().zip(&self.cuts).find(|(t, c)| !self.belong(**t, **c)) {
            problems.push(format!("the threshold {threshold} and the cut {cut} do not belong together"));
        }
        problems
    }

    /// A cut is a floor or the whole value before a ceiling: it is at most one below its threshold.
    #[expect(clippy::cast_precision_loss, reason = "a check with a tolerance, not a comparison of values")]
    fn belong(&self, threshold: f64, cut: i64) -> bool {
        let units = threshold * 10_f64.powf(f64::from(self.decimals));
        let slack = 1e-9 + units.abs() * 1e-12;
        let below = units - cut as f64;
        let beyond_integers = cut == i64::MAX && below > 0.0;
        beyond_integers || (-slack..=1.0 + slack).contains(&below)
    }
}

/// Asking for the breaks of nested scores: a setting that cannot be honoured.
pub(super) fn nested_scores_have_no_breaks() -> Error {
    Error::config("`score.combination = \"nested\"` has no breaks")
        .cause("nested scores are groups inside groups of the customers at hand, and no value separates them")
        .hint("use `combination = \"independent\"` with `quantile` or `fixed` to score one run with the breaks of another")
}

/// Asking for the breaks of `ntile`: a setting that cannot be honoured.
pub(super) fn ntile_has_no_breaks(axis: Axis) -> Error {
    Error::config(format!("`score.{}.method = \"ntile\"` has no breaks", axis.name()))
        .cause("ntile makes equal groups of the customers at hand, and no value separates them")
        .hint("use another method, as `quantile` or `fixed`, to score one run with the breaks of another")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::learned::Learned;
    use crate::score::options::RecencyAxis;

    fn spec() -> AxisSpec {
        AxisSpec::recency(&RecencyAxis::default())
    }

    fn learned() -> Breaks {
        let days: Vec<i64> = (0..=100).collect();
        Learned::learn(&days, &spec()).unwrap().breaks().unwrap().clone()
    }

    #[test]
    fn breaks_survive_the_way_through_json() {
        let breaks = learned();
        let text = serde_json::to_string(&breaks).unwrap();
        assert!(text.contains(r#""measure":"recency_days","method":"quantile","bins":5"#), "{text}");
        let loaded: Breaks = serde_json::from_str(&text).unwrap();
        assert_eq!(loaded, breaks);
        loaded.check_loaded(&spec()).unwrap();
    }

    #[test]
    fn what_differs_from_this_run_is_named() {
        let wrong = AxisSpec { bins: 4, method: Method::RRfm, ..spec() };
        let text = learned().check_loaded(&wrong).unwrap_err().to_string();
        assert!(text.contains("bins: the breaks have 5, this run has 4"), "{text}");
        assert!(text.contains("method: the breaks have `quantile`, this run has `r-rfm`"), "{text}");
    }

    #[test]
    fn another_share_or_weight_is_another_cut() {
        let pareto = AxisSpec { method: Method::Pareto, bins: 2, weight: Some(Measure::Revenue), ..spec() };
        let learned = Learned::learn_weighted(&[1, 2, 3], &[50, 30, 20], &pareto).unwrap();
        let breaks = learned.breaks().unwrap();
        breaks.check_loaded(&pareto).unwrap();
        let other = AxisSpec { share: 0.5, weight: Some(Measure::Orders), ..pareto };
        let text = breaks.check_loaded(&other).unwrap_err().to_string();
        assert!(text.contains("share: the breaks have 0.8, this run has 0.5"), "{text}");
        assert!(text.contains("weight: the breaks have `revenue`, this run has `orders`"), "{text}");
    }

    #[test]
    fn edited_breaks_are_refused() {
        let refused = |change: fn(&mut Breaks)| {
            let mut breaks = learned();
            change(&mut breaks);
            breaks.check_loaded(&spec()).unwrap_err().to_string()
        };
        assert!(refused(|b| b.cuts.swap(0, 3)).contains("must ascend, but 80 is followed by 40"));
        assert!(refused(|b| b.cuts.truncate(2)).contains("has 2 numbers, expected 4"));
        assert!(refused(|b| b.thresholds[3] = 90.0).contains("90 and the cut 80 do not belong together"));
        assert!(refused(|b| b.thresholds[3] = f64::NAN).contains("do not belong together"));
    }

    #[test]
    fn ntile_and_empty_runs_cannot_be_loaded() {
        let ntile = AxisSpec { method: Method::Ntile, ..spec() };
        let text = learned().check_loaded(&ntile).unwrap_err().to_string();
        assert!(text.contains("`score.recency.method = \"ntile\"` has no breaks"), "{text}");
        let nothing = Learned::learn(&[], &spec()).unwrap().breaks().unwrap().clone();
        assert!(nothing.check_loaded(&spec()).unwrap_err().to_string().contains("had no customers"));
    }
}
