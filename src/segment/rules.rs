//! From the text of one rule to a checked value: its scores.
//!
//! Does not live here: what it asks of measures and attributes (`conditions`).

use std::collections::BTreeSet;

use super::conditions::{conditions, location};
use super::definition::{RuleText, ScoresText};
use super::map::{AXES, AXIS_COUNT, FmMean, MapBins, Rule, ScoreSet, Scores};
use super::subjects::Looked;

/// From this number of bins on a score can have two digits, and the scores of a cell are joined by "-".
const TWO_DIGITS: u32 = 10;

/// What rules share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head<'a> {
    pub(super) bins: MapBins,
    pub(super) fm_mean: FmMean,
    /// What the rules look at besides scores.
    pub(super) looked: &'a [Looked],
}

pub(super) fn check_rule(n: usize, rule: &RuleText, segment: u16, head: Head<'_>, problems: &mut Vec<String>) -> Rule {
    let mut scores = [ScoreSet::ALL; AXIS_COUNT];
    let given = rule.scores;
    for (axis, given) in given.into_iter().enumerate() {
        scores[axis] = check_scores(&location(n, AXES[axis]), axis, given, head.bins, problems);
    }
    let fm = rule.fm.map(|given| (check_fm(&location(n, "fm"), given, head.bins, problems), head.fm_mean));
    let cells = rule.cells.as_ref().map(|text| check_cells(&location(n, "cells"), text, head.bins, problems));
    let conditions = conditions(n, rule, head.looked, problems);
    let has_scores = given.iter().any(Option::is_some) || fm.is_some() || cells.is_some();
    if !has_scores && conditions.is_empty() {
        let segment = &rule.segment;
        problems.push(format!("`rules[{n}]` has no condition: write `otherwise = \"{segment}\"` for the rest"));
    }
    Rule { segment, scores, fm, cells, conditions }
}

fn check_scores(
    key: &str,
    axis: usize,
    given: Option<ScoresText>,
    bins: MapBins,
    problems: &mut Vec<String>,
) -> ScoreSet {
    let Some(given) = given else { return ScoreSet::ALL };
    let axis_name = AXES[axis];
    match bins[axis] {
        None => problems.push(format!("`{key}` is given, but `bins.{axis_name}` is not")),
        Some(bins) if given.0.largest() > bins => {
            let score = given.0.largest();
            problems.push(format!("`{key}` has the score {score}, but `bins.{axis_name} = {bins}`"));
        }
        Some(_) => return given.0,
    }
    ScoreSet::ALL
}

fn check_fm(key: &str, given: ScoresText, bins: MapBins, problems: &mut Vec<String>) -> ScoreSet {
    match [bins[1], bins[2]] {
        [Some(f), Some(m)] if f == m && given.0.largest() <= f => {}
        [Some(f), Some(m)] if f == m => {
            let score = given.0.largest();
            problems.push(format!("`{key}` has the score {score}, but `bins.f = {f}` and `bins.m = {m}`"));
        }
        _ => problems.push(format!("`{key}` is given, which needs `bins.f` and `bins.m`, both of one number")),
    }
    given.0
}

fn check_cells(key: &str, text: &str, bins: MapBins, problems: &mut Vec<String>) -> BTreeSet<Scores> {
    let mut cells = BTreeSet::new();
    for code in text.split_whitespace() {
        match cell(code, bins) {
            Err(problem) => problems.push(format!("`{key}` has \"{code}\": {problem}")),
            Ok(scores) => {
                if !cells.insert(scores) {
                    problems.push(format!("`{key}` has \"{code}\" twice"));
                }
            }
        }
    }
    if cells.is_empty() && text.trim().is_empty() {
        problems.push(format!("`{key}` is empty, expected cells like \"555 554\""));
    }
    cells
}

/// "545", or "10-4-12" where any axis has more than 9 bins: a score for each axis that the map uses.
fn cell(code: &str, bins: MapBins) -> Result<Scores, String> {
    let used: Vec<(usize, u32)> = (0..).zip(bins).filter_map(|(axis, bins)| Some((axis, bins?))).collect();
    let parts: Vec<String> = if used.iter().any(|(_, bins)| *bins >= TWO_DIGITS) {
        code.split('-').map(str::to_owned).collect()
    } else {
        code.chars().map(|digit| digit.to_string()).collect()
    };
    if parts.len() != used.len() {
        return Err(format!(
            "it has {} scores, expected one for each of the {} axes of `bins`",
            parts.len(),
            used.len()
        ));
    }
    let mut scores = [1; AXIS_COUNT];
    for ((axis, bins), part) in used.into_iter().zip(parts) {
        let score = part.parse().ok().filter(|score| (1..=bins).contains(score));
        scores[axis] = score.ok_or_else(|| format!("the {} score `{part}` is not one of 1 to {bins}", AXES[axis]))?;
    }
    Ok(scores)
}

#[cfg(test)]
mod tests {
    use crate::segment::parse;

    fn map(bins: &str, rule: &str) -> crate::error::Result<crate::segment::SegmentMap> {
        let segments = "[[segments]]\nkey = \"a\"\nname_en = \"A\"\n[[segments]]\nkey = \"b\"\nname_en = \"B\"\n";
        let text =
            format!("name = \"t\"\nbins = {bins}\notherwise = \"b\"\n{segments}[[rules]]\nsegment = \"a\"\n{rule}\n");
        parse(&text, "t.toml")
    }

    fn matched(bins: &str, rule: &str) -> Vec<String> {
        let map = map(bins, rule).unwrap();
        map.cells().filter(|cell| map.rules[0].matches_scores(*cell)).map(|cell| map.cell_text(cell)).collect()
    }

    #[test]
    fn cells_are_listed_as_the_column_cell_writes_them() {
        assert_eq!(matched("{ r = 5, f = 5, m = 5 }", "cells = \"545 111\""), ["r1 f1 m1", "r5 f4 m5"]);
        assert_eq!(matched("{ r = 12, m = 4 }", "cells = \"12-4 1-1\""), ["r1 m1", "r12 m4"]);
        assert_eq!(matched("{ v = 3 }", "cells = \"2\""), ["v2"]);
        assert_eq!(matched("{ r = 2, f = 2 }", "cells = \"21 22\"\nf = 2"), ["r2 f2"], "all conditions must hold");
    }

    #[test]
    fn wrong_cells_are_reported_with_what_is_expected() {
        let refused = |rule: &str| map("{ r = 5, f = 5 }", rule).unwrap_err().to_string();
        let text = refused("cells = \"56 5 55 55 5x\"");
        assert!(text.contains("`rules[1].cells` has \"56\": the f score `6` is not one of 1 to 5"), "{text}");
        assert!(text.contains("has \"5\": it has 1 scores, expected one for each of the 2 axes of `bins`"), "{text}");
        assert!(text.contains("has \"55\" twice") && text.contains("the f score `x`"), "{text}");
        assert!(refused("cells = \" \"").contains("is empty, expected cells like"));
    }

    #[test]
    fn the_mean_of_f_and_m_needs_both_axes() {
        assert_eq!(matched("{ f = 2, m = 2 }", "fm = 2"), ["f1 m2", "f2 m1", "f2 m2"]);
        for bins in ["{ f = 5 }", "{ f = 5, m = 4 }"] {
            let text = map(bins, "fm = 2").unwrap_err().to_string();
            assert!(text.contains("needs `bins.f` and `bins.m`, both of one number"), "{text}");
        }
        assert!(map("{ f = 3, m = 3 }", "fm = 4").unwrap_err().to_string().contains("has the score 4"));
    }

    #[test]
    fn measures_are_bounded_from_both_sides() {
        let text = map("{ r = 2 }", "min_tenure_days = 3\nmax_tenure_days = 2").unwrap_err().to_string();
        assert!(text.contains("`rules[1].min_tenure_days` is above `max_tenure_days`: 3 > 2"), "{text}");
        let text = map("{ r = 2 }", "min_revenue = 99.5\nmax_revenue = 7").unwrap_err().to_string();
        assert!(text.contains("`rules[1].min_revenue` is above `max_revenue`: 99.5 > 7"), "{text}");
        let text = map("{ r = 2 }", "min_revenue = 0.1234567").unwrap_err().to_string();
        assert!(text.contains("0.1234567 is not an amount: at most six decimals"), "{text}");
        let looked =
            |rule: &str| map("{}", rule).unwrap().looked().iter().map(|own| own.subject.name()).collect::<Vec<_>>();
        assert_eq!(looked("max_revenue = -1"), ["revenue"]);
        assert!(map("{ r = 2 }", "abc = \"D\"").unwrap_err().to_string().contains("unknown variant `D`"));
        assert_eq!(looked("abc = [\"A\", \"B\"]"), ["abc"]);
        assert_eq!(
            looked("octant = \"110\"\nbelow_p_alive = 0.5\nattributes.vip = true"),
            ["octant", "p_alive", "attributes.vip"]
        );
        assert_eq!(
            looked("min_clv = 5\nmin_clv_12_months = 5\nmin_weighted_value = 1"),
            ["value", "clv", "clv_12_months"]
        );
    }
}
