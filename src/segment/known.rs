//! What is known of the customers of a cell before any of them is seen: what they can have.
//!
//! Does not live here: what rules leave over of them (`lint`).

use super::map::{Scores, SegmentMap};
use super::measures::MapMeasure;
use super::run_scores::RunScores;
use super::sets::{Customers, Set};
use super::subjects::{Looked, MapSubject};

/// What is known of a run. Nothing but its customers' orders is known of a map alone.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known {
    /// Whether customers may have no order in the window.
    pub(super) may_lack_orders: bool,
    /// Bins of R, F and M.
    pub(super) bins: Option<[u32; 3]>,
    /// What the scores are multiplied with in the weighted score.
    pub(super) weights: Option<[f64; 3]>,
}

impl Known {
    /// What the scores of a run tell.
    pub(super) const fn of(run: RunScores) -> Self {
        Self { may_lack_orders: run.may_lack_orders, bins: Some(run.bins), weights: Some(run.score_weights) }
    }
}

/// Bins of an axis at most.
const MOST_BINS: u32 = 100;

impl SegmentMap {
    /// The customers of a cell: what those can have whom the rules of the map look at.
    pub(super) fn customers_of(&self, cell: Scores, known: Known) -> Customers {
        let everyone = |own: &Looked| match &own.subject {
            MapSubject::Measure(MapMeasure::ScoreSum) => {
                let [least, most] =
                    self.scores_of(cell, known).map(|scores| scores.iter().map(|own| i64::from(*own)).sum());
                Set::from(least, most)
            }
            MapSubject::Measure(MapMeasure::WeightedScore) => match known.weights {
                Some(weights) => {
                    let [least, most] = self.scores_of(cell, known).map(|scores| weighted_score(scores, weights));
                    Set::from(least, most)
                }
                None => MapMeasure::WeightedScore.domain(known.may_lack_orders),
            },
            subject => match subject.measure() {
                Some(measure) => measure.domain(known.may_lack_orders),
                None => own.constants.domain(),
            },
        };
        self.looked.iter().map(everyone).collect()
    }

    /// The lowest and the highest scores of a cell: those of an axis that the map does not use are open.
    fn scores_of(&self, cell: Scores, known: Known) -> [[u32; 3]; 2] {
        let most = |axis: usize| known.bins.map_or(MOST_BINS, |bins| bins[axis]);
        let highest = |axis: usize| if self.bins[axis].is_some() { cell[axis] } else { most(axis) };
        // an axis that the map does not use has score 1 in a cell
        [[cell[0], cell[1], cell[2]], [highest(0), highest(1), highest(2)]]
    }
}

/// The weighted score in whole numbers of 10^-9, so that a decimal of a rule is met exactly. Weights are below 10^8.
#[must_use]
pub fn weighted_score(scores: [u32; 3], weights: [f64; 3]) -> i64 {
    let sum: f64 = scores.iter().zip(weights).map(|(score, weight)| f64::from(*score) * weight).sum();
    billionths(sum)
}

/// A decimal as the whole number of 10^-9 that is nearest.
#[must_use]
#[allow(clippy::cast_possible_truncation, reason = "casts saturate")]
pub fn billionths(number: f64) -> i64 {
    (number * 1e9).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::parse;

    fn map(bins: &str, rules: &str) -> SegmentMap {
        let segments = "[[segments]]\nkey = \"a\"\nname_en = \"A\"\n[[segments]]\nkey = \"b\"\nname_en = \"B\"\n";
        let rules = rules.replace("A ", "[[rules]]\nsegment = \"a\"\n").replace("B ", "[[rules]]\nsegment = \"b\"\n");
        parse(&format!("name = \"t\"\nbins = {bins}\n{segments}{rules}"), "t.toml").unwrap()
    }

    fn run(bins: [u32; 3], score_weights: [f64; 3]) -> RunScores {
        RunScores { bins, score_weights, money_scale: 2, ..RunScores::default() }
    }

    #[test]
    fn the_sum_of_scores_is_known_in_a_cell_of_all_three() {
        let halves = "A min_score_sum = 9\nB below_score_sum = 9\n";
        let lint = map("{ r = 5, f = 5, m = 5 }", halves).lint();
        assert!(lint.is_clean(), "{}", lint.render_text());
        // r + f + m of 3 bins each is at most 9: the rule for 10 never wins, and nothing is left over
        let lint = map("{ r = 3, f = 3, m = 3 }", &format!("{halves}A min_score_sum = 10\n")).lint();
        assert_eq!(lint.rules_that_never_win, [(3, "a".to_owned())]);
        // with r alone the others are open, until a run tells their bins: r 5 and 5 + 5 make 15
        let open = map("{ r = 5 }", "A max_score_sum = 15\n");
        assert_eq!(open.lint().gaps.count, 5);
        assert_eq!(open.lint_for(Known::of(run([5; 3], [1.0; 3]))).gaps.count, 0);
        assert_eq!(open.lint_for(Known::of(run([5, 5, 6], [1.0; 3]))).gaps.examples, ["r5"]);
    }

    #[test]
    fn the_weighted_score_is_known_with_the_weights_of_a_run() {
        let two = map("{ r = 2, f = 2, m = 2 }", "A min_weighted_score = 1.5\nB max_weighted_score = 1.3\n");
        assert_eq!(two.lint().gaps.count, 8);
        // 0.5 r + 0.3 f + 0.2 m: 1, 1.2, 1.3, 1.5 and more: none between 1.3 and 1.5
        assert!(two.lint_for(Known::of(run([2; 3], [0.5, 0.3, 0.2]))).is_clean());
        // 0.4 r + 0.4 f + 0.2 m: 1.4 where r or f is 2
        let lint = two.lint_for(Known::of(run([2; 3], [0.4, 0.4, 0.2])));
        assert_eq!(lint.gaps.examples, ["r1 f2 m1", "r2 f1 m1"]);
        assert_eq!(weighted_score([5, 4, 3], [0.5, 0.3, 0.2]), 4_300_000_000);
    }

    #[test]
    fn null_is_a_gap_until_a_rule_or_the_rest_takes_it() {
        let open = "A min_p_alive = 0.5\nB below_p_alive = 0.5\n";
        let lint = map("{}", open).lint();
        assert_eq!((lint.gaps.count, lint.gap_customers.as_deref()), (1, Some("P(alive) null")));
        assert!(lint.check().unwrap_err().to_string().contains("among them customers with P(alive) null"));
        let by = "A attributes.country = [\"DE\", \"AT\"]\nB attributes.country = { not_in = [\"AT\", \"DE\"] }\n";
        assert_eq!(map("{}", by).lint().gap_customers.as_deref(), Some("country null"));
        let closed = map("{}", &format!("{by}B attributes.country = {{ is_null = true }}\n"));
        assert!(closed.lint().is_clean(), "{}", closed.lint().render_text());
        let lint =
            map("{}", "A attributes.vip = true\nB attributes.vip = false\nA attributes.vip = {is_null = true}\n")
                .lint();
        assert!(lint.is_clean(), "{}", lint.render_text());
    }

    #[test]
    fn a_rule_that_earlier_ones_cover_never_wins_whatever_it_looks_at() {
        let rules = "A attributes.age = { min = 18 }\nB attributes.age = { max = 17 }\nA attributes.age = { above = 30 }\n\
                     A attributes.age = 17.5\nB octant = [\"111\", \"110\"]\nA octant = \"111\"\n";
        let lint = map("{}", rules).lint();
        assert_eq!(lint.rules_that_never_win, [(3, "a".to_owned()), (6, "a".to_owned())]);
    }

    #[test]
    fn too_many_groups_are_not_proved_and_said() {
        // of each rule either attribute can differ: 2^16 groups
        let pair = |n: usize| format!("A attributes.x{n} = \"a\"\nattributes.y{n} = \"b\"\n");
        let rules: String = (0..16).map(pair).collect();
        let lint = map("{}", &rules).lint();
        assert!(lint.unproved.count == 1 && !lint.is_clean());
        assert!(lint.check().unwrap_err().to_string().contains("may leave customers without a segment"));
        assert!(lint.render_text().contains("not proved: 1 cells"));
    }
}
