//! Settings of the segments: which map, and how octants are formed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::score::options::Method;

/// `[segment]`: the segment map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SegmentOptions {
    /// The name of a shipped map (`rf25`), or the path of a TOML file with the user's own.
    pub map: String,
}

impl Default for SegmentOptions {
    fn default() -> Self {
        Self { map: "rf25".into() }
    }
}

/// The threshold that divides high from low in the octants; high means strictly better than it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Threshold {
    /// The mean over all customers.
    #[default]
    Mean,
    /// The median over all customers.
    Median,
    /// High is the smallest group of best customers that holds `share` of the total (of revenue, for recency).
    Pareto,
    /// The values of `recency_days`, `orders` and `revenue`, or of `r_score`, `f_score` and `m_score`.
    Given,
}

impl Threshold {
    /// The method that tells high from low.
    #[must_use]
    pub const fn method(self) -> Method {
        match self {
            Self::Mean => Method::Mean,
            Self::Median => Method::Median,
            Self::Pareto => Method::Pareto,
            Self::Given => Method::Fixed,
        }
    }
}

/// What the octants compare with the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OctantsOf {
    /// `recency_days`, `orders` and `revenue`.
    #[default]
    Measures,
    /// The three scores; there the thresholds are `mean`, `median` or `given`.
    Scores,
}

/// `[octants]`: the eight groups of R, F and M above or below a threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OctantOptions {
    /// What separates high from low.
    pub threshold: Threshold,
    /// Whether measures or scores are compared.
    pub of: OctantsOf,
    /// With `pareto`: the share of the total that the best hold, 0 to 1.
    pub share: f64,
    /// With `given`: high are the customers with fewer days, or with a higher score.
    pub recency: Option<f64>,
    /// With `given`: high are the customers with more orders, or with a higher score.
    pub frequency: Option<f64>,
    /// With `given`: high are the customers with more revenue in major units, or with a higher score.
    pub monetary: Option<f64>,
}

impl Default for OctantOptions {
    fn default() -> Self {
        let given = None;
        Self {
            threshold: Threshold::Mean,
            of: OctantsOf::Measures,
            share: 0.8,
            recency: given,
            frequency: given,
            monetary: given,
        }
    }
}

impl OctantOptions {
    /// With `given`: the cut of an axis (0 to 2), as `fixed` has it: high are the values beyond it, of days those on it, too.
    #[must_use]
    pub fn cut(&self, axis: usize) -> Option<f64> {
        let given = [self.recency, self.frequency, self.monetary][axis].unwrap_or_default();
        let cut = if axis == 0 { given.ceil() - 1.0 } else { given };
        (self.threshold == Threshold::Given).then_some(cut)
    }

    /// Everything that is wrong with these settings, each with its key.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let given = [("recency", self.recency), ("frequency", self.frequency), ("monetary", self.monetary)];
        for (key, value) in given {
            match value {
                None if self.threshold == Threshold::Given => {
                    problems.push(format!("`octants.{key}` is missing, which `threshold = \"given\"` needs"));
                }
                Some(_) if self.threshold != Threshold::Given => {
                    problems.push(format!("`octants.{key}` is given, but only `threshold = \"given\"` uses it"));
                }
                Some(value) if !value.is_finite() => {
                    problems.push(format!("`octants.{key}` is {value}, expected a number"));
                }
                _ => {}
            }
        }
        if self.threshold == Threshold::Pareto && self.of == OctantsOf::Scores {
            problems.push("`octants.of = \"scores\"` knows no `pareto`: use `mean`, `median` or `given`".to_owned());
        }
        if !(self.share > 0.0 && self.share < 1.0) {
            problems.push(format!("`octants.share` is {}, expected a share between 0 and 1", self.share));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_thresholds_must_be_given_and_no_others() {
        assert!(OctantOptions::default().problems().is_empty());
        let given = OctantOptions { threshold: Threshold::Given, recency: Some(30.0), ..OctantOptions::default() };
        assert_eq!(given.problems().len(), 2, "frequency and monetary are missing");
        let unused = OctantOptions { monetary: Some(3.0), share: 1.0, ..OctantOptions::default() };
        assert_eq!(unused.problems().len(), 2);
        let on_scores =
            OctantOptions { threshold: Threshold::Pareto, of: OctantsOf::Scores, ..OctantOptions::default() };
        assert!(on_scores.problems()[0].contains("use `mean`, `median` or `given`"));
    }
}
