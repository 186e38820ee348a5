//! What a map leaves open: cells without a rule, cells with several, rules that never win, segments without customers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::known::Known;
use super::map::{AXES, Rule, Scores, SegmentMap};
use super::sets::{Customers, can_both_hold, some_meet, those_left};
use crate::error::{Error, Result};

/// This many cells are shown as examples.
const EXAMPLES: usize = 3;
/// Beyond so many groups of customers that no rule has matched so far, nothing is proved.
const MOST_GROUPS: usize = 20_000;

/// A number of cells, and the first of them as text (`r5 f1`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct FoundCells {
    /// How many.
    pub count: u64,
    /// The first few.
    pub examples: Vec<String>,
}

impl FoundCells {
    fn add(&mut self, cell: impl FnOnce() -> String) {
        self.count += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(cell());
        }
    }

    pub(super) fn examples(&self) -> String {
        self.examples.join(", ")
    }
}

/// Two rules that match the same customers; the earlier one wins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Overlap {
    /// The rule that wins, counted from 1.
    pub earlier: usize,
    /// The rule that loses there, counted from 1.
    pub later: usize,
    /// Where.
    pub cells: FoundCells,
}

/// The findings about a map, over all cells of the axes it uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lint {
    /// The name of the map.
    pub map: String,
    /// The number of cells of the axes that the map uses.
    pub cells: u64,
    /// Cells where some customers match no rule: they get `otherwise`.
    pub gaps: FoundCells,
    /// Some customers whom no rule matches, where rules look at more than scores: `country null`.
    pub gap_customers: Option<String>,
    /// Cells where the rules part customers into too many groups to prove anything.
    pub unproved: FoundCells,
    /// The key of `otherwise`, where the map has one.
    pub otherwise: Option<String>,
    /// Cells where some customers match several rules.
    pub overlapping: FoundCells,
    /// The same per pair of rules.
    pub overlaps: Vec<Overlap>,
    /// Rules that never win, counted from 1, with the key of their segment.
    pub rules_that_never_win: Vec<(usize, String)>,
    /// Keys of segments that no customer can get.
    pub segments_never_produced: Vec<String>,
    /// The segment key of every rule, in order.
    pub(super) rules: Vec<String>,
}

impl SegmentMap {
    /// Looks at every cell of the axes that the map uses; at customers without an order in the window where a rule is for
    /// them.
    #[must_use]
    pub fn lint(&self) -> Lint {
        self.lint_for(Known { may_lack_orders: self.has_rules_without_orders(), ..Known::default() })
    }

    /// Whether the map has rules for customers without an order in the window.
    pub(super) fn has_rules_without_orders(&self) -> bool {
        self.rules.iter().any(|rule| self.is_without_orders(rule))
    }

    /// The same, with what is known of a run.
    #[must_use]
    pub(super) fn lint_for(&self, known: Known) -> Lint {
        let mut survey = Survey { wins: vec![false; self.rules.len()], ..Survey::default() };
        for cell in self.cells() {
            let everyone = self.customers_of(cell, known);
            let described = |left: &Customers| self.described(left, &everyone);
            survey.look_at(&self.rules, cell, &everyone, (&|| self.cell_text(cell), &described));
        }
        let key = |segment: u16| self.segments[usize::from(segment)].key.clone();
        let numbered = || (1..).zip(&self.rules).zip(&survey.wins);
        let mut produced: Vec<u16> = numbered().filter(|(_, wins)| **wins).map(|((_, rule), _)| rule.segment).collect();
        produced.extend(self.otherwise.filter(|_| survey.gaps.count > 0));
        let losers = numbered().filter(|(_, wins)| !**wins).map(|((n, rule), _)| (n, key(rule.segment))).collect();
        let indices = 0..u16::try_from(self.segments.len()).unwrap_or(u16::MAX);
        let pairs = survey.pairs.into_iter();
        Lint {
            map: self.name.clone(),
            cells: self.cells().count() as u64,
            gaps: survey.gaps,
            gap_customers: survey.gap_customers,
            unproved: survey.unproved,
            otherwise: self.otherwise.map(key),
            overlapping: survey.overlapping,
            overlaps: pairs.map(|((earlier, later), cells)| Overlap { earlier, later, cells }).collect(),
            rules_that_never_win: losers,
            segments_never_produced: indices.filter(|index| !produced.contains(index)).map(key).collect(),
            rules: self.rules.iter().map(|rule| key(rule.segment)).collect(),
        }
    }

    /// How many customers are in each segment, from the segments that were given.
    #[must_use]
    pub fn customers_per_segment(&self, given: &[u16]) -> Vec<u64> {
        let mut counts = vec![0; self.segments.len()];
        for &segment in given {
            if let Some(count) = counts.get_mut(usize::from(segment)) {
                *count += 1;
            }
        }
        counts
    }

    /// The keys of segments that have no customer, by the numbers of customers in each; without those for customers without
    /// an order in the window or ever, who need not be there.
    #[must_use]
    pub fn without_customers(&self, counts: &[u64]) -> Vec<&str> {
        let empty = (0..).zip(&self.segments).zip(counts).filter(|((_, _), count)| **count == 0);
        empty
            .filter(|((index, _), _)| !self.lacks_orders(*index) && self.prospects() != Some(*index))
            .map(|((_, segment), _)| segment.key.as_str())
            .collect()
    }

    /// All cells of the axes in use, in ascending order of (r, f, m, v); an axis that is not used has score 1.
    pub(super) fn cells(&self) -> impl Iterator<Item = Scores> + use<> {
        let [r_bins, f_bins, m_bins, v_bins] = self.bins.map(|bins| bins.unwrap_or(1));
        let rows = (1..=r_bins).flat_map(move |r| (1..=f_bins).map(move |f| [r, f]));
        let cells = rows.flat_map(move |[r, f]| (1..=m_bins).map(move |m| [r, f, m]));
        cells.flat_map(move |[r, f, m]| (1..=v_bins).map(move |v| [r, f, m, v]))
    }

    pub(super) fn cell_text(&self, cell: Scores) -> String {
        let used = AXES.iter().zip(cell).zip(self.bins).filter(|(_, bins)| bins.is_some());
        let parts: Vec<String> = used.map(|((axis, score), _)| format!("{axis}{score}")).collect();
        if parts.is_empty() { "every customer".to_owned() } else { parts.join(" ") }
    }
}

#[derive(Default)]
struct Survey {
    gaps: FoundCells,
    gap_customers: Option<String>,
    unproved: FoundCells,
    overlapping: FoundCells,
    pairs: BTreeMap<(usize, usize), FoundCells>,
    wins: Vec<bool>,
}

/// A cell as text, and customers as text.
type Texts<'a> = (&'a dyn Fn() -> String, &'a dyn Fn(&Customers) -> Option<String>);

impl Survey {
    fn look_at(&mut self, rules: &[Rule], cell: Scores, everyone: &Customers, (text, described): Texts<'_>) {
        let matching: Vec<(usize, &Rule)> = (1..).zip(rules).filter(|(_, rule)| rule.matches_scores(cell)).collect();
        // the customers of the cell that no rule has matched so far
        let mut unclaimed = vec![everyone.clone()];
        let mut overlaps = false;
        for (index, &(later, rule)) in matching.iter().enumerate() {
            let is_proved = unclaimed.len() <= MOST_GROUPS;
            if !is_proved || unclaimed.iter().any(|customers| some_meet(customers, &rule.conditions)) {
                self.wins[later - 1] = true;
            }
            if is_proved {
                unclaimed = unclaimed.into_iter().flat_map(|group| those_left(group, &rule.conditions)).collect();
            }
            let possible = |rule: &Rule| some_meet(everyone, &rule.conditions);
            let meets = |earlier: &Rule| can_both_hold(&earlier.conditions, &rule.conditions);
            let earlier = matching[..index].iter().filter(|(_, earlier)| meets(earlier));
            for &(earlier, _) in earlier.filter(|(_, earlier)| possible(earlier) && possible(rule)) {
                overlaps = true;
                self.pairs.entry((earlier, later)).or_default().add(text);
            }
        }
        if unclaimed.len() > MOST_GROUPS {
            self.unproved.add(text);
        } else if let Some(left) = unclaimed.iter().find(|customers| customers.iter().all(|set| !set.is_empty())) {
            self.gaps.add(text);
            self.gap_customers = self.gap_customers.take().or_else(|| described(left));
        }
        if overlaps {
            self.overlapping.add(text);
        }
    }
}

impl Lint {
    /// Whether every customer matches exactly one rule, and every rule and segment is of use.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.gaps.count == 0
            && self.overlapping.count == 0
            && self.rules_that_never_win.is_empty()
            && self.segments_never_produced.is_empty()
            && self.unproved.count == 0
    }

    /// Refuses a map that leaves customers without a segment.
    ///
    /// # Errors
    /// A config error, where there are gaps and no `otherwise`.
    pub fn check(&self) -> Result<()> {
        let (map, gaps, cells) = (&self.map, &self.gaps, self.cells);
        if self.otherwise.is_some() || gaps.count + self.unproved.count == 0 {
            return Ok(());
        }
        if gaps.count == 0 {
            let (count, examples) = (self.unproved.count, self.unproved.examples());
            return Err(Error::config(format!("the segment map `{map}` may leave customers without a segment"))
                .cause(format!("in {count} of {cells} cells ({examples}) its rules make too many groups to prove it"))
                .hint("write `otherwise = \"KEY\"` with the key of the segment for the rest"));
        }
        Err(Error::config(format!("the segment map `{map}` leaves customers without a segment"))
            .cause(format!("{} of {cells} cells match no rule, the first are {}", gaps.count, gaps.examples()))
            .causes(self.gap_customers.iter().map(|customers| format!("among them customers with {customers}")))
            .hint("add rules for these cells, or `otherwise = \"KEY\"` with the key of the segment for the rest"))
    }
}

#[cfg(test)]
mod tests {
    use crate::segment::parse;

    /// A map over r at 3 bins with segments a, b, c and the given rules.
    fn map(rules: &str, otherwise: &str) -> super::SegmentMap {
        let segments: String =
            ["a", "b", "c"].map(|key| format!("[[segments]]\nkey = \"{key}\"\nname_en = \"x\"\n")).concat();
        parse(&format!("name = \"t\"\nbins = {{ r = 3 }}\n{otherwise}\n{segments}\n{rules}"), "t.toml").unwrap()
    }

    fn rule(segment: &str, conditions: &str) -> String {
        format!("[[rules]]\nsegment = \"{segment}\"\n{conditions}\n")
    }

    #[test]
    fn a_partition_is_clean() {
        let rules = [rule("a", "r = 1"), rule("b", "r = 2"), rule("c", "r = 3")].concat();
        let lint = map(&rules, "").lint();
        assert!(lint.is_clean());
        assert_eq!(lint.render_text(), "map `t`: 3 cells, 3 rules; every cell matches exactly one rule");
    }

    #[test]
    fn a_gap_is_an_error_without_otherwise_and_a_note_with_it() {
        let rules = [rule("a", "r = 1"), rule("b", "r = 3")].concat();
        let lint = map(&rules, "").lint();
        assert_eq!((lint.gaps.count, lint.gaps.examples.clone()), (1, vec!["r2".to_owned()]));
        assert!(lint.check().unwrap_err().to_string().contains("1 of 3 cells match no rule, the first are r2"));
        let lint = map(&rules, "otherwise = \"c\"").lint();
        lint.check().unwrap();
        assert_eq!(lint.render_text(), "map `t`: 3 cells, 2 rules\nno rule: 1 cells (r2) go to `c`");
    }

    #[test]
    fn overlaps_and_rules_that_never_win_are_found() {
        // a takes 1 and 2, so that b has nothing left and c wins at 3 only
        let rules = [rule("a", "r = [1, 2]"), rule("b", "r = 2"), rule("c", "r = [2, 3]")].concat();
        let lint = map(&rules, "").lint();
        assert_eq!(lint.overlapping.count, 1);
        let pairs: Vec<(usize, usize, u64)> =
            lint.overlaps.iter().map(|o| (o.earlier, o.later, o.cells.count)).collect();
        assert_eq!(pairs, [(1, 2, 1), (1, 3, 1), (2, 3, 1)]);
        assert_eq!(lint.rules_that_never_win, [(2, "b".to_owned())]);
        assert_eq!(lint.segments_never_produced, ["b"]);
        let text = lint.render_text();
        assert!(text.contains("rule 1 (`a`) before rule 2 (`b`): 1 cells (r2)\n"), "{text}");
        assert!(text.ends_with("never wins: rule 2 (`b`)\nno customer can be in: `b`"), "{text}");
    }

    #[test]
    fn an_otherwise_that_no_customer_reaches_is_found() {
        let rules = [rule("a", "r = [1, 2]"), rule("b", "r = 3")].concat();
        let map = map(&rules, "otherwise = \"c\"");
        assert_eq!(map.lint().segments_never_produced, ["c"]);
        let counts = map.customers_per_segment(&[1, 1]);
        assert_eq!(counts, [0, 2, 0]);
        assert_eq!(map.without_customers(&counts), ["a", "c"], "in data, others can be empty too");
    }

    #[test]
    fn rules_over_measures_neither_fill_a_cell_nor_hide_a_rule_for_others() {
        let rules = [
            rule("a", "max_orders = 1"),
            rule("b", "max_orders = 5\nr = \"1-3\""),
            rule("a", "min_orders = 1\nmax_orders = 1\nmin_recency_days = 3"),
            rule("c", "r = \"1-2\""),
        ];
        let lint = map(&rules.concat(), "").lint();
        // r3 with six orders matches nothing; rule 3 lies inside rule 1
        assert_eq!(lint.gaps.examples, ["r3"]);
        assert_eq!(lint.rules_that_never_win, [(3, "a".to_owned())]);
        assert!(lint.segments_never_produced.is_empty());
    }

    #[test]
    fn rules_over_measures_that_share_out_every_customer_leave_no_gap() {
        let shared = [
            rule("a", "max_orders = 1"),
            rule("b", "min_orders = 2\nmax_recency_days = 30"),
            rule("c", "min_orders = 2\nmin_recency_days = 31"),
        ];
        assert!(map(&shared.concat(), "").lint().is_clean());
        // with a hole of one day: two or more orders and a last one 31 days ago
        let lint = map(&shared.concat().replace("= 31", "= 32"), "").lint();
        assert_eq!((lint.gaps.count, lint.overlapping.count), (3, 0));
        // what two rules take together, a third one cannot win
        let late = [&shared[..], &[rule("a", "min_recency_days = 10")]].concat();
        assert_eq!(map(&late.concat(), "").lint().rules_that_never_win, [(4, "a".to_owned())]);
    }

    #[test]
    fn measures_that_exclude_each_other_do_not_overlap() {
        let rules = [rule("a", "max_orders = 1"), rule("b", "min_orders = 2")].concat();
        assert_eq!(map(&rules, "otherwise = \"c\"").lint().overlapping.count, 0);
    }
}
