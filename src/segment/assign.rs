//! A map compiled for the scores of a run, and the segment of every customer.
//!
//! Cells whose first matching rule looks at scores alone are read from a table; only the others are tried rule by rule.

use super::map::{AXIS_COUNT, Rule, Scores, SegmentMap};
use super::measures::MapMeasure;
use super::run_scores::RunScores;
use crate::error::{Error, Result};

/// In the table: the rules must be tried. No map has so many segments.
const TRY_RULES: u16 = u16::MAX;

/// What segments are decided by: one value per customer in each column, in the same order.
#[derive(Debug, Clone, Default)]
pub struct MapColumns<'a> {
    /// Recency, frequency and monetary scores.
    pub scores: [&'a [i32]; 3],
    /// Scores of the weighted value; empty where the map does not look at them ([`SegmentMap::needs_value_score`]).
    pub v_scores: &'a [i32],
    /// What the map looks at besides scores, in the order of [`SegmentMap::looked`].
    pub looked: Vec<&'a [i64]>,
}

/// A map that gives every customer of a run a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigner {
    map: String,
    run_bins: Scores,
    /// How far apart neighbouring scores are in the table; 0 for an axis that the map does not use.
    strides: Scores,
    /// The segment per cell, or [`TRY_RULES`].
    table: Vec<u16>,
    rules: Vec<Rule>,
    otherwise: Option<u16>,
    /// The names of what the rules look at besides scores.
    looked: Vec<String>,
}

impl SegmentMap {
    /// Compiles the map for the scores of a run.
    ///
    /// # Errors
    /// A config error, where the map is made for other bins or another combination, or leaves customers without a
    /// segment.
    pub fn compile(&self, run: RunScores) -> Result<Assigner> {
        self.check_fits(run)?;
        let map = self.for_money(run.money_scale);
        map.check_for(run)?;
        let [_, f_bins, m_bins, v_bins] = self.bins.map(|bins| bins.unwrap_or(1));
        let full = [f_bins * m_bins * v_bins, m_bins * v_bins, v_bins, 1];
        let strides = [0, 1, 2, 3].map(|axis| if self.bins[axis].is_some() { full[axis] } else { 0 });
        let decided = |cell| match map.rules.iter().find(|rule| rule.matches_scores(cell)) {
            Some(rule) if rule.is_over_scores_only() => rule.segment,
            Some(_) => TRY_RULES,
            None => self.otherwise.unwrap_or(TRY_RULES),
        };
        let [r, f, m] = run.bins;
        Ok(Assigner {
            map: self.name.clone(),
            run_bins: [r, f, m, run.value_bins.unwrap_or(1)],
            strides,
            table: self.cells().map(decided).collect(),
            otherwise: self.otherwise,
            looked: self.looked.iter().map(|own| own.subject.name()).collect(),
            rules: map.rules,
        })
    }

    /// Whether some rule looks at orders of all days, whatever the window.
    #[must_use]
    pub fn looks_at_all_days(&self) -> bool {
        self.looks_at(MapMeasure::OrdersEver) || self.looks_at(MapMeasure::OverduePercent)
    }

    /// Whether the map looks at the score of a composite value.
    #[must_use]
    pub const fn needs_value_score(&self) -> bool {
        self.bins[AXIS_COUNT - 1].is_some()
    }

    /// Whether the map looks at a composite value, or at its score.
    #[must_use]
    pub fn needs_value(&self) -> bool {
        self.needs_value_score() || self.looks_at(MapMeasure::Value)
    }
}

impl Assigner {
    /// The segment of every customer, as an index into the map's segments.
    ///
    /// # Errors
    /// A bug, where a column that the map needs is missing, columns differ in length or a score is out of range.
    pub fn apply(&self, columns: &MapColumns<'_>) -> Result<Vec<u16>> {
        self.check_columns(columns)?;
        let ([r_scores, f_scores, m_scores], v_scores) = (columns.scores, columns.v_scores);
        let mut in_range = true;
        let segment = |(row, ((&r, &f), &m)): (usize, ((&i32, &i32), &i32))| {
            let scores = [r, f, m, v_scores.get(row).copied().unwrap_or(1)].map(i32::cast_unsigned);
            in_range &= (0..AXIS_COUNT).all(|axis| scores[axis].wrapping_sub(1) < self.run_bins[axis]);
            match self.table.get(self.cell(scores)) {
                Some(&segment) if segment != TRY_RULES => segment,
                _ => self.try_rules(scores, columns, row),
            }
        };
        let segments: Vec<u16> = r_scores.iter().zip(f_scores).zip(m_scores).enumerate().map(segment).collect();
        if !in_range {
            return Err(Error::bug(format!("a score is outside of the bins {:?}", self.run_bins)));
        }
        if segments.contains(&TRY_RULES) {
            return Err(Error::bug("a customer matches no rule of a map without gaps"));
        }
        Ok(segments)
    }

    /// The segment of the customers of a cell, where it is the same for all of them.
    #[must_use]
    pub fn segment_of_cell(&self, scores: [u32; 3]) -> Option<u16> {
        if !(0..3).all(|axis| (1..=self.run_bins[axis]).contains(&scores[axis])) {
            return None;
        }
        let [r, f, m] = scores;
        let mut segments = (1..=self.run_bins[3]).map(|v| self.table.get(self.cell([r, f, m, v])).copied());
        let first = segments.next().flatten().filter(|&segment| segment != TRY_RULES)?;
        segments.all(|segment| segment == Some(first)).then_some(first)
    }

    /// The index of a cell in the table; scores out of range give any index.
    fn cell(&self, scores: Scores) -> usize {
        let offset = |axis: usize| scores[axis].wrapping_sub(1).wrapping_mul(self.strides[axis]);
        (0..AXIS_COUNT).fold(0, |cell: u32, axis| cell.wrapping_add(offset(axis))) as usize
    }

    fn try_rules(&self, scores: Scores, columns: &MapColumns<'_>, row: usize) -> u16 {
        let scores = self.of_map(scores);
        let matches = |rule: &&Rule| rule.matches(scores, |at| columns.looked[at][row]);
        self.rules.iter().find(matches).map(|rule| rule.segment).or(self.otherwise).unwrap_or(TRY_RULES)
    }

    /// The scores with 1 for the axes that the map does not use, as its listed cells are written.
    fn of_map(&self, scores: Scores) -> Scores {
        [0, 1, 2, 3].map(|axis| if self.strides[axis] > 0 { scores[axis] } else { 1 })
    }

    fn check_columns(&self, columns: &MapColumns<'_>) -> Result<()> {
        let [r, f, m] = columns.scores.map(<[i32]>::len);
        let mut lengths = vec![("f_score", f), ("m_score", m)];
        if self.strides[AXIS_COUNT - 1] > 0 || !columns.v_scores.is_empty() {
            lengths.push(("v_score", columns.v_scores.len()));
        }
        let length = |at: usize| columns.looked.get(at).map_or(0, |values| values.len());
        lengths.extend(self.looked.iter().enumerate().map(|(at, name)| (name.as_str(), length(at))));
        match lengths.iter().find(|(_, length)| *length != r) {
            None => Ok(()),
            Some((name, length)) => {
                let map = &self.map;
                Err(Error::bug(format!("the map `{map}` got {length} of `{name}` for {r} customers")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::options::Combination;
    use crate::segment::{load, parse, unknown_map};

    fn rf25() -> SegmentMap {
        load("rf25", |name| Err(unknown_map(name))).unwrap()
    }

    fn run(bins: [u32; 3]) -> RunScores {
        RunScores { bins, money_scale: 2, ..RunScores::default() }
    }

    fn key_of(map: &SegmentMap, assigner: &Assigner, scores: [u32; 3]) -> String {
        map.segments[usize::from(assigner.segment_of_cell(scores).unwrap())].key.clone()
    }

    /// The 25 cells, written out from the definition: rows R 1 to 5, columns F 1 to 5.
    const RF25: [[&str; 5]; 5] = [
        ["hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"],
        ["hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"],
        ["about_to_sleep", "about_to_sleep", "needs_attention", "loyal", "loyal"],
        ["promising", "potential_loyalist", "potential_loyalist", "loyal", "loyal"],
        ["new", "potential_loyalist", "potential_loyalist", "champions", "champions"],
    ];

    #[test]
    fn rf25_gives_every_cell_its_one_segment_whatever_the_monetary_score() {
        let map = rf25();
        assert!(map.lint().is_clean());
        let assigner = map.compile(run([5, 5, 7])).unwrap();
        for r in 1..=5 {
            for f in 1..=5 {
                for m in 1..=7 {
                    assert_eq!(key_of(&map, &assigner, [r, f, m]), RF25[r as usize - 1][f as usize - 1], "{r} {f} {m}");
                }
            }
        }
        assert_eq!(assigner.segment_of_cell([6, 1, 1]), None);
        assert_eq!(assigner.segment_of_cell([1, 1, 0]), None);
    }

    #[test]
    fn apply_agrees_with_the_cells() {
        let map = rf25();
        let assigner = map.compile(run([5, 5, 5])).unwrap();
        let scores = |step: i32| -> Vec<i32> { (0..125).map(|cell| cell / step % 5 + 1).collect() };
        let (r, f, m) = (scores(25), scores(5), scores(1));
        let columns = MapColumns { scores: [&r, &f, &m], ..MapColumns::default() };
        for (i, segment) in assigner.apply(&columns).unwrap().into_iter().enumerate() {
            let (r, f) = (usize::try_from(r[i]).unwrap(), usize::try_from(f[i]).unwrap());
            assert_eq!(map.segments[usize::from(segment)].key, RF25[r - 1][f - 1]);
        }
    }

    #[test]
    fn a_map_for_other_bins_is_refused_with_what_to_set() {
        let text = rf25().compile(run([4, 5, 5])).unwrap_err().to_string();
        assert!(text.contains("it is made for 5 bins of r, this run has 4"), "{text}");
        assert!(
            text.contains(
                "hint: set `score.recency.bins = 5`, or choose a `segment.map` that fits these scores: `lifecycle`"
            ),
            "{text}"
        );
        let nested = RunScores { combination: Combination::Nested, ..run([5, 5, 5]) };
        let text = rf25().compile(nested).unwrap_err().to_string();
        assert!(text.contains("it is made for independent scores, this run has nested ones"), "{text}");
        assert!(
            text.contains("set `score.combination = \"independent\"`, or choose a `segment.map` that does not"),
            "{text}"
        );
        let abc = load("abc", |name| Err(unknown_map(name))).unwrap();
        assert!(abc.compile(nested).is_ok(), "it looks at no score");
    }

    /// One order in the last 30 days is new, whatever the scores; then the scores decide.
    const MIXED: &str = r#"
name = "mixed"
bins = { r = 2, m = 3 }
otherwise = "rest"
[[segments]]
key = "new"
name_en = "New"
[[segments]]
key = "best"
name_en = "Best"
[[segments]]
key = "rest"
name_en = "Rest"
[[rules]]
segment = "best"
m = 3
[[rules]]
segment = "new"
max_orders = 1
max_recency_days = 30
[[rules]]
segment = "best"
r = 2
m = [2, 3]
"#;

    #[test]
    fn rules_over_measures_are_tried_in_order_for_each_customer() {
        let map = parse(MIXED, "mixed.toml").unwrap();
        let assigner = map.compile(run([2, 9, 3])).unwrap();
        assert_eq!(assigner.segment_of_cell([1, 1, 3]), Some(1), "the first rule decides alone");
        assert_eq!(assigner.segment_of_cell([1, 1, 1]), None, "it depends on the customer");
        let scores: [&[i32]; 3] = [&[1, 1, 1, 1, 2, 2], &[9, 9, 9, 9, 9, 9], &[3, 1, 1, 1, 2, 2]];
        let looked: Vec<&[i64]> = vec![&[1, 1, 1, 2, 1, 2], &[10, 30, 31, 10, 10, 10]];
        assert_eq!(assigner.looked, ["orders", "recency_days"]);
        let columns = MapColumns { scores, looked, ..MapColumns::default() };
        // best by rule 1 | new, 30 days included | 31 days: rest | two orders: rest | new before rule 3 | rule 3
        assert_eq!(assigner.apply(&columns).unwrap(), [1, 0, 2, 2, 0, 1]);
    }

    #[test]
    fn a_map_must_have_a_segment_for_customers_without_an_order_where_there_can_be_some() {
        let text = MIXED.replace("otherwise = \"rest\"", "");
        let whole = format!("{text}[[rules]]\nsegment = \"rest\"\nmin_orders = 1\n");
        let map = parse(&whole, "mixed.toml").unwrap();
        assert!(map.compile(run([2, 9, 3])).is_ok());
        let windowed = RunScores { may_lack_orders: true, ..run([2, 9, 3]) };
        let text = map.compile(windowed).unwrap_err().to_string();
        assert!(text.contains("customers without an order in the window have `orders` 0"), "{text}");
        assert!(text.contains("add a rule with `max_orders = 0`"), "{text}");
    }

    #[test]
    fn a_map_with_a_gap_does_not_compile() {
        let map = parse(&MIXED.replace("otherwise = \"rest\"", ""), "mixed.toml").unwrap();
        let text = map.compile(run([2, 9, 3])).unwrap_err().to_string();
        // r1 m1, r1 m2, r2 m1 match rule 2 only for some customers
        assert!(text.contains("3 of 6 cells match no rule, the first are r1 m1, r1 m2, r2 m1"), "{text}");
    }

    #[test]
    fn scores_out_of_range_and_uneven_columns_are_bugs() {
        let assigner = rf25().compile(run([5, 5, 5])).unwrap();
        for (r, f, m) in [(0, 1, 1), (6, 1, 1), (1, 0, 1), (1, 6, 1), (1, 1, 6), (i32::MIN, 1, 1)] {
            let columns = MapColumns { scores: [&[r], &[f], &[m]], ..MapColumns::default() };
            assert_eq!(assigner.apply(&columns).unwrap_err().kind(), crate::error::Kind::Bug);
        }
        let uneven = MapColumns { scores: [&[1], &[1], &[]], ..MapColumns::default() };
        assert!(assigner.apply(&uneven).is_err());
        assert!(assigner.apply(&MapColumns::default()).unwrap().is_empty());
        let mixed = parse(MIXED, "mixed.toml").unwrap().compile(run([2, 9, 3])).unwrap();
        let no_days = MapColumns { scores: [&[1]; 3], looked: vec![&[1]], ..MapColumns::default() };
        let text = mixed.apply(&no_days).unwrap_err().to_string();
        assert!(text.contains("the map `mixed` got 0 of `recency_days` for 1 customers"), "{text}");
    }
}
