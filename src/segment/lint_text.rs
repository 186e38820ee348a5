//! What the linter has found, for people and for programs.
//!
//! Does not live here: how it is found (`lint`).

use std::fmt::Write as _;

use serde_json::json;

use super::lint::Lint;

/// This many overlapping pairs are written out.
const PAIRS_SHOWN: usize = 10;

impl Lint {
    /// The findings as text, one per line, the last line without a line break.
    #[must_use]
    pub fn render_text(&self) -> String {
        let (map, rules) = (&self.map, self.rules.len());
        let mut text = format!("map `{map}`: {} cells, {rules} rules", self.cells);
        if self.is_clean() {
            text.push_str("; every cell matches exactly one rule");
        }
        // writing to a String cannot fail
        let mut line = |arguments: std::fmt::Arguments<'_>| {
            text.push('\n');
            let _ = text.write_fmt(arguments);
        };
        if self.gaps.count > 0 {
            let rest = self.otherwise.as_ref().map_or("nowhere".to_owned(), |key| format!("to `{key}`"));
            line(format_args!("no rule: {} cells ({}) go {rest}", self.gaps.count, self.gaps.examples()));
        }
        if let Some(customers) = &self.gap_customers {
            line(format_args!("  among them customers with {customers}"));
        }
        if self.unproved.count > 0 {
            let (count, examples) = (self.unproved.count, self.unproved.examples());
            line(format_args!("not proved: {count} cells ({examples}), where rules make too many groups"));
        }
        if self.overlapping.count > 0 {
            let (count, examples) = (self.overlapping.count, self.overlapping.examples());
            line(format_args!("several rules: {count} cells ({examples}); the first rule wins"));
        }
        for overlap in self.overlaps.iter().take(PAIRS_SHOWN) {
            let (winner, loser) = (self.rule(overlap.earlier), self.rule(overlap.later));
            let (count, examples) = (overlap.cells.count, overlap.cells.examples());
            line(format_args!("  {winner} before {loser}: {count} cells ({examples})"));
        }
        if self.overlaps.len() > PAIRS_SHOWN {
            line(format_args!("  and {} more pairs", self.overlaps.len() - PAIRS_SHOWN));
        }
        for (rule, _) in &self.rules_that_never_win {
            line(format_args!("never wins: {}", self.rule(*rule)));
        }
        for key in &self.segments_never_produced {
            line(format_args!("no customer can be in: `{key}`"));
        }
        text
    }

    /// The findings for programs; every pair of overlapping rules is there.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let losers = self.rules_that_never_win.iter().map(|(rule, segment)| json!({"rule": rule, "segment": segment}));
        json!({
            "map": self.map,
            "cells": self.cells,
            "rules": self.rules.len(),
            "clean": self.is_clean(),
            "gaps": self.gaps,
            "gap_customers": self.gap_customers,
            "unproved": self.unproved,
            "otherwise": self.otherwise,
            "overlapping": self.overlapping,
            "overlaps": self.overlaps,
            "rules_that_never_win": losers.collect::<Vec<_>>(),
            "segments_never_produced": self.segments_never_produced,
        })
    }

    fn rule(&self, number: usize) -> String {
        format!("rule {number} (`{}`)", self.rules[number - 1])
    }
}
