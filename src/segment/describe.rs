//! A map as people read it: what it is made for, and its rules one by one.
//!
//! Does not live here: what a map leaves open (`lint`).

use super::definition::name_of_number;
use super::map::{AXES, Rule, ScoreSet, SegmentMap};
use super::measures::{MapMeasure, Unit};
use super::sets::{Customers, Interval, LEAST, NULL, Set};

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

    /// What a rule asks, one by one.
    pub(super) fn conditions(&self, rule: &Rule) -> Vec<String> {
        let mut conditions = self.score_conditions(rule);
        conditions.extend(rule.conditions.iter().map(|(at, set)| self.condition(*at, set)));
        conditions
    }

    /// What a rule asks of the scores.
    pub(super) fn score_conditions(&self, rule: &Rule) -> Vec<String> {
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
        conditions
    }

    /// What a rule asks of something that the map looks at: `orders 1 to 3`, `country "DE" or "AT"`.
    pub(super) fn condition(&self, at: usize, set: &Set) -> String {
        let own = &self.looked[at];
        let words = own.subject.words();
        let values = self.values_as_read(at, set);
        if values.is_empty() { words } else { format!("{words} {values}") }
    }

    /// Some customers, by what tells them from all others; none where nothing does.
    pub(super) fn described(&self, customers: &Customers, everyone: &Customers) -> Option<String> {
        let told = customers.iter().zip(everyone).enumerate().filter(|(_, (own, all))| own != all);
        // what no customer is below or above is no limit
        let open = |own: &Set, all: &Set| {
            let least = all.intervals().iter().map(|part| part.min).find(|min| *min >= LEAST);
            Set::of(own.intervals().iter().map(|part| Interval {
                min: if Some(part.min) == least { LEAST } else { part.min },
                max: if Some(part.max) == all.largest() { i64::MAX } else { part.max },
            }))
        };
        let is_measure = |at: usize| self.looked[at].subject.measure().is_some();
        let shown = |at: usize, own: &Set, all: &Set| if is_measure(at) { open(own, all) } else { own.clone() };
        let parts: Vec<String> = told.map(|(at, (own, all))| self.condition(at, &shown(at, own, all))).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// The values of a set: `1 to 3`, `0.5 or more`, `not "DE"`, `null`.
    fn values_as_read(&self, at: usize, set: &Set) -> String {
        let own = &self.looked[at];
        let values = Set::of([Interval::VALUES]);
        let everything = if own.subject.measure().is_some() { values } else { values.and(&own.constants.domain()) };
        let (values, has_null) = (set.and(&everything), set.contains(NULL));
        let mut parts = if own.subject.measure().is_some() || own.constants.kind().is_some() {
            self.parts(at, &values, &everything)
        } else if values.is_empty() {
            Vec::new()
        } else {
            vec!["not null".to_owned()]
        };
        if has_null {
            parts.push("null".to_owned());
        }
        parts.join(" or ")
    }

    fn parts(&self, at: usize, values: &Set, everything: &Set) -> Vec<String> {
        let own = &self.looked[at];
        if values == everything && own.subject.measure().is_none() {
            return vec!["not null".to_owned()];
        }
        let points = |set: &Set| -> Option<Vec<String>> {
            set.intervals()
                .iter()
                .map(|part| (part.min == part.max).then(|| own.constants.at(part.min)).flatten())
                .map(|at| at.map(ToString::to_string))
                .collect()
        };
        if own.subject.measure().is_none() {
            if let Some(points) = points(values) {
                return points;
            }
            if let Some(others) = points(&everything.without(values)) {
                return vec![format!("not {}", others.join(" or "))];
            }
            return values.intervals().iter().map(|part| self.range_of_constants(at, *part)).collect();
        }
        values.intervals().iter().flat_map(|part| self.range(at, *part)).collect()
    }

    /// An interval of a measure; classes and octants one by one.
    fn range(&self, at: usize, Interval { min, max }: Interval) -> Vec<String> {
        let Some(measure) = self.looked[at].subject.measure() else { return Vec::new() };
        if matches!(measure, MapMeasure::AbcClass | MapMeasure::Octant) {
            return (min.max(0)..=max.min(7)).filter_map(|number| name_of_number(measure, number)).collect();
        }
        // of two ways to say a limit the shorter one: below 0.5 is not at most 0.49999999999999994
        let inclusive = |bound: i64| self.written(at, bound);
        let shorter = |bound: i64, beyond: i64| {
            let beyond = self.written(at, beyond);
            (measure.unit() != Unit::Whole && beyond.len() < inclusive(bound).len()).then_some(beyond)
        };
        let low = || match shorter(min, min.saturating_sub(1)) {
            Some(beyond) => format!("above {beyond}"),
            None => format!("{} or more", inclusive(min)),
        };
        let high = || match shorter(max, max.saturating_add(1)) {
            Some(beyond) => format!("below {beyond}"),
            None => format!("at most {}", inclusive(max)),
        };
        let is_inclusive = || low().ends_with("or more") && high().starts_with("at most");
        vec![match (min > LEAST, max < i64::MAX) {
            (true, true) if min == max => inclusive(min),
            (true, true) if is_inclusive() => format!("{} to {}", inclusive(min), inclusive(max)),
            (true, true) => format!("{} and {}", low(), high()),
            (true, false) => low(),
            (false, true) => high(),
            (false, false) => "any".to_owned(),
        }]
    }

    /// An interval between constants: even numbers lie between two of them.
    fn range_of_constants(&self, at: usize, Interval { min, max }: Interval) -> String {
        let is_constant = |number: i64| number % 2 == 1;
        let last = 2 * i64::try_from(self.looked[at].constants.len()).unwrap_or(i64::MAX / 2);
        let low = if is_constant(min) {
            format!("{} or more", self.written(at, min))
        } else {
            format!("above {}", self.written(at, min - 1))
        };
        let high = if is_constant(max) {
            format!("at most {}", self.written(at, max))
        } else {
            format!("below {}", self.written(at, max + 1))
        };
        match (min > 0, max < last) {
            (true, true) if min == max => self.written(at, min),
            (true, true) if is_constant(min) && is_constant(max) => {
                format!("{} to {}", self.written(at, min), self.written(at, max))
            }
            (true, true) => format!("{low} and {high}"),
            (true, false) => low,
            _ => high,
        }
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

#[cfg(test)]
mod tests {
    use crate::segment::{SegmentMap, load, unknown_map};

    fn map(name: &str) -> SegmentMap {
        load(name, |name| Err(unknown_map(name))).unwrap()
    }

    #[test]
    fn conditions_on_more_than_scores_are_read_as_people_say_them() {
        let rules = [
            ("min_p_alive = 0.5\nmin_clv_12_months = 1e2", "P(alive) 0.5 or more, CLV of 12 months 100 or more"),
            ("min_score_sum = 9\nmax_score_sum = 12", "sum of the scores 9 to 12"),
            ("octant = [\"111\", \"000\"]\nabc = [\"A\", \"B\"]", "ABC class A or B, octant 000 or 111"),
            ("min_value = 0.25\nmax_margin = -0.5", "margin at most -0.5, weighted value 0.25 or more"),
            ("attributes.country = [\"DE\", \"AT\"]", "country \"AT\" or \"DE\""),
            ("attributes.country = { not_in = [\"DE\"] }", "country not \"DE\""),
            ("attributes.age = { min = 18, below = 65 }", "age 18 or more and below 65"),
            ("attributes.age = { above = 65 }", "age above 65"),
            ("attributes.age = { min = 18, max = 30 }", "age 18 to 30"),
            ("above_p_alive = 0.25\nbelow_p_alive = 0.5", "P(alive) above 0.25 and below 0.5"),
            ("below_value = 0.25\nabove_orders = 9", "orders 10 or more, weighted value below 0.25"),
            ("attributes.vip = true", "vip true"),
            ("attributes.note = { is_null = true }", "note null"),
            ("attributes.note = { is_null = false }", "note not null"),
            ("attributes.country = { is_null = true }", "country null"),
        ];
        let text: Vec<String> = rules.iter().map(|(rule, _)| format!("[[rules]]\nsegment = \"a\"\n{rule}\n")).collect();
        let text = text.concat();
        let head = "name = \"t\"\nbins = {}\notherwise = \"a\"\n[[segments]]\nkey = \"a\"\nname_en = \"A\"\n";
        let map = crate::segment::parse(&format!("{head}{text}"), "t.toml").unwrap();
        for (read, (_, expected)) in map.rules_as_read().iter().zip(rules) {
            assert_eq!(*read, format!("{expected} -> a"));
        }
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
