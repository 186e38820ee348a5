//! Which rule a customer comes to, and why no earlier one: every condition that was asked, and whether it holds.
//!
//! Does not live here: the segments of all customers (`assign`), and what is made of the answer (`commands::explain`).

use serde::Serialize;

use super::map::{AXES, Rule, SegmentMap};

/// A condition of a rule, put to a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// As people read it: `P(alive) 0.5 or more`.
    pub condition: String,
    /// What the customer has; `null` where there is no value.
    pub value: String,
    /// Whether it holds.
    pub holds: bool,
}

/// A rule, put to a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// From 1.
    pub rule: usize,
    /// The key of the segment that it gives.
    pub segment: String,
    /// All conditions; the rule matches where they all hold.
    pub conditions: Vec<Asked>,
}

impl Tried {
    /// Whether the customer matches the rule.
    #[must_use]
    pub fn matches(&self) -> bool {
        self.conditions.iter().all(|asked| asked.holds)
    }

    /// The rule as people read it.
    #[must_use]
    pub fn text(&self) -> String {
        let conditions: Vec<&str> = self.conditions.iter().map(|asked| asked.condition.as_str()).collect();
        format!("{} -> {}", conditions.join(", "), self.segment)
    }
}

/// What a customer has that rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Has<'a> {
    /// R, F, M and value score; 1 on an axis without one.
    pub scores: [u32; 4],
    /// What the map looks at besides scores, in its order, and the same as text.
    pub looked: &'a [(i64, String)],
}

impl SegmentMap {
    /// Every rule of the map, put to a customer of a run whose money has `money_scale` decimals; the first that matches wins.
    #[must_use]
    pub fn tried(&self, has: Has<'_>, money_scale: u8) -> Vec<Tried> {
        let map = self.for_money(money_scale);
        (1..).zip(&map.rules).map(|(number, rule)| map.one_tried((number, rule), has)).collect()
    }

    fn one_tried(&self, (number, rule): (usize, &Rule), has: Has<'_>) -> Tried {
        let used = |axis: usize| if self.bins[axis].is_some() { has.scores[axis] } else { 1 };
        let scores = [used(0), used(1), used(2), used(3)];
        let mut conditions = Vec::new();
        let texts = self.score_conditions(rule);
        if !texts.is_empty() {
            let own = AXES.iter().zip(scores).zip(self.bins).filter(|(_, bins)| bins.is_some());
            let own: Vec<String> = own.map(|((axis, score), _)| format!("{} {score}", axis.to_uppercase())).collect();
            let holds = rule.matches_scores(scores);
            conditions.push(Asked { condition: texts.join(", "), value: own.join(", "), holds });
        }
        conditions.extend(rule.conditions.iter().map(|(at, set)| {
            let (number, text) = has.looked.get(*at).map_or((i64::MIN, ""), |(number, text)| (*number, text));
            Asked { condition: self.condition(*at, set), value: text.to_owned(), holds: set.contains(number) }
        }));
        let segment = self.segments[usize::from(rule.segment)].key.clone();
        Tried { rule: number, segment, conditions }
    }

    /// What a customer has of something that the map looks at, by its index, as a rule writes it: `null` where there is
    /// nothing. Of attributes only what rules compare with is known.
    #[must_use]
    pub fn value_text(&self, at: usize, number: i64, money_scale: u8) -> String {
        let own = &self.looked[at];
        match own.subject.measure() {
            _ if super::Looked::is_null(number) => "null".to_owned(),
            Some(measure) => super::definition::name_of_number(measure, number)
                .unwrap_or_else(|| measure.written(number, money_scale)),
            None => own.constants.at(number).map_or_else(|| "another value".to_owned(), ToString::to_string),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::parse;

    #[test]
    fn each_rule_says_which_of_its_conditions_hold() {
        let text = "name = \"t\"\nbins = { r = 5 }\notherwise = \"b\"\n[[segments]]\nkey = \"a\"\nname_en = \"A\"\n\
                    [[segments]]\nkey = \"b\"\nname_en = \"B\"\n[[rules]]\nsegment = \"a\"\nr = 5\nmin_p_alive = 0.5\n\
                    [[rules]]\nsegment = \"b\"\nmin_revenue = 10\nattributes.vip = true\n";
        let map = parse(text, "t.toml").unwrap();
        let names: Vec<String> = map.looked().iter().map(|own| own.subject.name()).collect();
        assert_eq!(names, ["revenue", "p_alive", "attributes.vip"]);
        let alive = super::super::Looked::of_figure(Some(0.25));
        let truth = map.looked()[2].constants.of_truth(Some(true));
        let looked: Vec<(i64, String)> =
            [1_000, alive, truth].into_iter().enumerate().map(|(at, own)| (own, map.value_text(at, own, 2))).collect();
        let tried = map.tried(Has { scores: [5, 1, 1, 1], looked: &looked }, 2);
        assert_eq!(tried[0].text(), "R 5, P(alive) 0.5 or more -> a");
        let asked = |at: usize| &tried[0].conditions[at];
        assert!(asked(0).holds && !asked(1).holds && !tried[0].matches());
        assert_eq!((asked(0).value.as_str(), asked(1).value.as_str()), ("R 5", "0.25"));
        assert!(tried[1].matches(), "10.00 are ten, and the customer is one");
        assert_eq!(tried[1].conditions[0].value, "10");
    }
}
