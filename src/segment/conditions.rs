//! What the rules of a map ask of measures and attributes: from their text to sets of values.
//!
//! Does not live here: scores (`rules`), and how the text is read (`definition`, `attribute_text`).

use std::collections::BTreeMap;

use super::attribute_text::{AttributeText, mixed, orders_truths};
use super::definition::{BoundText, RuleText, Side};
use super::measures::MONEY_DECIMALS;
use super::sets::{Conditions, Interval, LEAST, Set};
use super::subjects::{Constants, Looked, MapSubject};

/// `rules[3].r`: the third rule, counted from one as people do.
pub(super) fn location(rule: usize, key: &str) -> String {
    format!("rules[{rule}].{key}")
}

/// Everything that the rules look at besides scores: measures in the order of their names, horizons, attributes by name.
pub(super) fn looked_at(rules: &[RuleText], problems: &mut Vec<String>) -> Vec<Looked> {
    let mut looked: BTreeMap<MapSubject, Vec<usize>> = BTreeMap::new();
    for (n, rule) in (1..).zip(rules) {
        let bounds = rule.bounds.iter().map(|bound| bound.subject.clone());
        let listed = rule.listed.iter().map(|(measure, _)| MapSubject::Measure(*measure));
        let attributes = rule.attributes.keys().map(|name| MapSubject::Attribute(name.clone()));
        for subject in bounds.chain(listed).chain(attributes) {
            let rules = looked.entry(subject).or_default();
            if rules.last() != Some(&n) {
                rules.push(n);
            }
        }
    }
    let constants = |subject: &MapSubject, problems: &mut Vec<String>| match subject {
        MapSubject::Attribute(name) => constants_of(name, rules, problems),
        _ => Constants::new(Vec::new()),
    };
    let looked = looked.into_iter().map(|(subject, rules)| {
        let constants = constants(&subject, problems);
        Looked { subject, constants, rules }
    });
    looked.collect()
}

/// What all rules compare an attribute with.
fn constants_of(name: &str, rules: &[RuleText], problems: &mut Vec<String>) -> Constants {
    let mut texts = Vec::new();
    for (n, value) in (1..).zip(rules).filter_map(|(n, rule)| Some((n, rule.attributes.get(name)?))) {
        match AttributeText::of(value) {
            Ok(text) => texts.push((n, text)),
            Err(problem) => problems.push(format!("`{}` {problem}", location(n, &format!("attributes.{name}")))),
        }
    }
    for (n, _) in texts.iter().filter(|(_, text)| orders_truths(text)) {
        let place = location(*n, &format!("attributes.{name}"));
        problems.push(format!("`{place}` compares `true` or `false` by more and less: write `{name} = true`"));
    }
    let borrowed: Vec<(usize, &AttributeText)> = texts.iter().map(|(n, text)| (*n, text)).collect();
    if let Some(problem) = mixed(&borrowed) {
        problems.push(format!("the attribute `{name}` {problem}"));
        return Constants::new(Vec::new());
    }
    Constants::new(texts.iter().flat_map(|(_, text)| text.constants().cloned()).collect())
}

/// What a rule asks of the things that the map looks at.
pub(super) fn conditions(n: usize, rule: &RuleText, looked: &[Looked], problems: &mut Vec<String>) -> Conditions {
    let mut conditions = Conditions::new();
    for (at, own) in (0..).zip(looked).filter(|(_, own)| own.rules.contains(&n)) {
        let set = match &own.subject {
            MapSubject::Attribute(name) => {
                let Some(text) = rule.attributes.get(name).and_then(|value| AttributeText::of(value).ok()) else {
                    continue;
                };
                let set = text.set(&own.constants);
                if set.is_empty() {
                    let place = location(n, &format!("attributes.{name}"));
                    problems.push(format!("`{place}` admits no value: its comparisons exclude one another"));
                }
                set
            }
            subject => of_measure(n, rule, subject, problems),
        };
        conditions.push((at, set));
    }
    conditions
}

/// The values of a measure that a rule admits.
fn of_measure(n: usize, rule: &RuleText, subject: &MapSubject, problems: &mut Vec<String>) -> Set {
    let mut interval = Interval::VALUES;
    let own = || rule.bounds.iter().filter(|bound| bound.subject == *subject);
    for BoundText { side, bound, .. } in own() {
        match side {
            Side::Min => interval.min = interval.min.max(*bound),
            Side::Above => interval.min = interval.min.max(bound.saturating_add(1)),
            Side::Max => interval.max = interval.max.min(*bound),
            Side::Below => interval.max = interval.max.min(bound.saturating_sub(1).max(LEAST)),
        }
    }
    if interval.min > interval.max {
        let (name, words) = (subject.name(), |bound: &BoundText| bound_text(bound));
        let one = |sides: [Side; 2]| own().find(|bound| sides.contains(&bound.side));
        if let (Some(low), Some(high)) = (one([Side::Min, Side::Above]), one([Side::Max, Side::Below])) {
            let place = location(n, &format!("{}{name}", low.side.prefix()));
            let (min, max) = (words(low), words(high));
            problems.push(format!("`{place}` is above `{}{name}`: {min} > {max}", high.side.prefix()));
        }
    }
    let listed = rule.listed.iter().filter(|(measure, _)| *subject == MapSubject::Measure(*measure));
    let listed = listed.map(|(_, numbers)| Set::of(numbers.iter().copied().map(Interval::only))).next();
    listed.unwrap_or_else(|| Set::of([interval]))
}

fn bound_text(bound: &BoundText) -> String {
    bound.subject.measure().map(|measure| measure.written(bound.bound, MONEY_DECIMALS)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::segment::parse;

    fn refused(rules: &str) -> String {
        let text = format!(
            "name = \"t\"\nbins = {{}}\notherwise = \"a\"\n[[segments]]\nkey = \"a\"\nname_en = \"A\"\n{}",
            rules.replace("RULE", "[[rules]]\nsegment = \"a\"\n")
        );
        parse(&text, "t.toml").unwrap_err().to_string()
    }

    #[test]
    fn what_excludes_itself_is_refused_with_both_bounds() {
        let text =
            refused("RULE above_p_alive = 0.5\nbelow_p_alive = 0.4\nRULE min_score_sum = 9\nbelow_score_sum = 9\n");
        assert!(text.contains("`rules[1].above_p_alive` is above `below_p_alive`: 0.5 > 0.4"), "{text}");
        assert!(text.contains("`rules[2].min_score_sum` is above `below_score_sum`: 9 > 9"), "{text}");
        let text = refused("RULE attributes.age = { min = 18, below = 18 }\n");
        assert!(text.contains("`rules[1].attributes.age` admits no value"), "{text}");
    }

    #[test]
    fn attributes_are_compared_with_one_kind_of_values() {
        let text =
            refused("RULE attributes.age = 18\nRULE attributes.age = \"18\"\nRULE attributes.vip = { min = true }\n");
        assert!(
            text.contains("the attribute `age` is compared with numbers in `rules[1]` and with texts in `rules[2]`")
        );
        assert!(text.contains("`rules[3].attributes.vip` compares `true` or `false` by more and less"), "{text}");
    }

    #[test]
    fn an_unknown_condition_is_answered_with_all_of_them() {
        let text = refused("RULE min_recency = 3\n");
        assert!(
            text.contains("`min_recency = 3`: unknown field `min_recency`, expected one of `segment`, `r`"),
            "{text}"
        );
        assert!(text.contains("recency_days") && text.contains("p_alive"), "{text}");
        assert!(refused("RULE octant = \"211\"\n").contains("unknown variant `211`, expected one of `\"000\"`"));
        assert!(refused("RULE min_abc = 1\n").contains("unknown field `min_abc`"));
        assert!(refused("RULE min_orders = 1.5\n").contains("line 9, `min_orders = 1.5`"));
    }
}
