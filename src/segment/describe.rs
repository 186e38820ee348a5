//! A map as people read it: what it is made for, and its rules one by one.
//!
//! Does not live here: what a map leaves open (`lint`).

use super::map::{AXES, Rule, ScoreSet, SegmentMap};
use super::measures::{Interval, MapMeasure};

/// Cells of a rule that are written out.
const CELLS_SHOWN: usize = 30;

impl SegmentMap {
    /// `R 5, F 5`, with the methods that the map is made for: `R 2 by mean`. Empty for a map without scores.
    #[must_use]
    pub fn made_for(&self) -> String {
        let axes = AXES.iter().zip(self.bins).zip(&self.methods);
        let parts = axes.filter_map(|((axis, bins), method)| {
            let by = method.as_ref().map(|method| format!(" by {method}")).unwrap_or_default();
            bins.map(|bins| format!("{} {bins}{by}", axis.to_uppercase()))
        });
        parts.collect::<Vec<String>>().join(", ")
    }

    /// The rules in their order, a line each; the rest last.
    #[must_use]
    pub fn rules_as_read(&self) -> Vec<String> {
        let key = |segment: u16| self.segments[usize::from(segment)].key.as_str();
        let rule = |rule: &Rule| format!("{} -> {}", self.conditions(rule).join(", "), key(rule.segment));
        let rest = self.otherwise.map(|segment| format!("otherwise -> {}", key(segment)));
        self.rules.iter().map(rule).chain(rest).collect()
    }

    fn conditions(&self, rule: &Rule) -> Vec<String> {
        let scores = AXES.iter().zip(rule.scores).zip(self.bins);
        let mut conditions: Vec<String> = scores
            .filter_map(|((axis, set), bins)| Some(format!("{} {}", axis.to_uppercase(), ranges(set, bins?)?)))
            .collect();
        if let (Some((set, _)), Some(bins)) = (rule.fm, self.bins[1]) {
            conditions.extend(ranges(set, bins).map(|ranges| format!("mean of F and M {ranges}")));
        }
        if let Some(cells) = &rule.cells {
            let texts: Vec<String> = cells.iter().take(CELLS_SHOWN).map(|cell| self.digits(*cell)).collect();
            let more = cells.len().saturating_sub(CELLS_SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            conditions.push(format!("cell {}{more}", texts.join(" ")));
        }
        conditions.extend(MapMeasure::ALL.into_iter().filter_map(|measure| bounds(measure, rule)));
        conditions
    }

    /// A cell as rules list it.
    fn digits(&self, cell: [u32; 4]) -> String {
        let used = || cell.iter().zip(self.bins).filter_map(|(score, bins)| bins.map(|bins| (score, bins)));
        let between = if used().any(|(_, bins)| bins > 9) { "-" } else { "" };
        used().map(|(score, _)| score.to_string()).collect::<Vec<String>>().join(between)
    }
}

/// `4-5`, `1, 3-4`; none where every score is in the set.
fn ranges(set: ScoreSet, bins: u32) -> Option<String> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for score in (1..=bins).filter(|score| set.contains(*score)) {
        match ranges.last_mut().filter(|(_, last)| *last + 1 == score) {
            Some((_, last)) => *last = score,
            None => ranges.push((score, score)),
        }
    }
    let text = |(first, last): &(u32, u32)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    (ranges != [(1, bins)]).then(|| ranges.iter().map(text).collect::<Vec<String>>().join(", "))
}

/// `1 to 3 orders`; none where the rule does not look at the measure.
fn bounds(measure: MapMeasure, rule: &Rule) -> Option<String> {
    let Interval { min, max } = rule.measures[measure as usize];
    if measure == MapMeasure::AbcClass {
        let class = |number: i64| char::from(b'A' + u8::try_from(number - 1).unwrap_or_default());
        return (min == max).then(|| format!("ABC class {}", class(min)));
    }
    let what = match measure {
        MapMeasure::Orders => "orders",
        MapMeasure::OrdersEver => "orders ever",
        MapMeasure::RecencyDays => "days since the last order",
        MapMeasure::TenureDays => "days since the first order",
        MapMeasure::OverduePercent => "percent of their mean gap overdue",
        MapMeasure::AbcClass | MapMeasure::Revenue => "revenue",
    };
    let shown = |bound: i64| measure.written(bound);
    match (min > i64::MIN, max < i64::MAX) {
        (true, true) if min == max => Some(format!("{what} {}", shown(min))),
        (true, true) => Some(format!("{what} {} to {}", shown(min), shown(max))),
        (true, false) => Some(format!("{what} {} or more", shown(min))),
        (false, true) => Some(format!("{what} at most {}", shown(max))),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::segment::{SegmentMap, load, unknown_map};

    fn map(name: &str) -> SegmentMap {
        load(name, |name| Err(unknown_map(name))).unwrap()
    }

    #[test]
    fn a_map_is_read_as_what_it_is_made_for_and_its_rules() {
        assert_eq!(map("rf25").made_for(), "R 5, F 5");
        assert_eq!(map("four_class").made_for(), "R 2 by mean, F 2 by mean, M 2 by mean");
        assert_eq!(map("abc").made_for(), "");
        assert_eq!(map("rf25").rules_as_read()[0], "R 5, F 4-5 -> champions");
        assert_eq!(map("abc").rules_as_read(), ["ABC class A -> a", "ABC class B -> b", "ABC class C -> c"]);
        let four = map("four_class").rules_as_read();
        assert_eq!(four[..2], ["R 2, M 2 -> high_value", "cell 121 122 221 -> potential"]);
        let marketing = map("marketing8").rules_as_read();
        assert_eq!(marketing[0], "days since the last order at most 30, orders ever at most 1 -> new");
        assert_eq!(marketing.last().unwrap(), "otherwise -> low_value");
        assert_eq!(map("putler11").rules_as_read().iter().filter(|rule| rule.contains("mean of F and M")).count(), 11);
    }
}
