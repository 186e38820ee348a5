//! `lint-map --data`: a segment map applied to every customer of a published run, to see which segments stay empty.
//!
//! Lives here: the count. Does not live here: the linter and the rules (`segment`), the columns that they need
//! (`rule_values`), and the reading (`history`). Nothing is published.
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use polars::prelude::{ChunkCompareEq as _, DataFrame};
use serde::Serialize;
use serde_json::json;

use super::Answer;
use super::maps::text_of_file;
use super::rule_values::{RuleValues, VALUE_SCORE};
use crate::clean::options::CleanOptions;
use crate::cli::Format;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::history::PublishedRun;
use crate::job::summary::grouped;
use crate::score::options::ScoreOptions;
use crate::segment::{self, PROSPECTS, RunScores, Segment, SegmentMap};

const EXAMPLES: &str = "\
EXAMPLES
  rfmetrics lint-map rf25
  rfmetrics lint-map our-segments.toml
  rfmetrics lint-map our-segments.toml --data reports/as_of=2026-01-01
  rfmetrics lint-map rf25 --format json

With --data, the map is put to every customer of that run: its scores and measures are read from
customers.parquet, the bins from manifest.json. Segments without customers are a note, not an error.";

/// Check a segment map for gaps, overlaps, rules that never win, and segments that are empty in published data
#[derive(Debug, Clone, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct LintMapArgs {
    /// The TOML file of a map, or the name of a shipped one
    #[arg(value_name = "FILE|NAME", value_hint = ValueHint::FilePath)]
    pub map: String,
    /// A published directory (`reports/as_of=2026-01-01`): show how its customers spread over the segments [default: none]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub data: Option<PathBuf>,
    /// Form of the answer on standard output [default: text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
}

impl LintMapArgs {
    /// # Errors
    /// A config error where there is no such map, or it has gaps; a source error where the published run cannot be read.
    pub(crate) fn answer(&self) -> Result<Answer> {
        let map = segment::load(&self.map, text_of_file)?;
        // A published run has its own decimals; the census uses them.
        let lint = map.for_money(CleanOptions::default().money_scale).lint();
        let gaps = lint.check();
        // A map with gaps is not applied; what it lacks is reported either way.
        let data = self.data.as_ref().filter(|_| gaps.is_ok());
        let census = data.map(|data| census_of(&map, data)).transpose();
        let found = census.as_ref().ok().and_then(Option::as_ref);
        let text = || {
            let census = found.map(|census| census.render_text() + "\n").unwrap_or_default();
            format!("{}\n{census}", lint.render_text())
        };
        let json = || {
            let mut json = lint.to_json();
            json["data"] = json!(found);
            json
        };
        Ok(Answer::of(self.format, text, json).failing_with(gaps.and(census.map(drop)).err()))
    }
}

/// The table that the scores and measures are read from.
const TABLE: &str = "customers";
/// The column that says who never bought.
const SEGMENT: &str = "segment";

/// How the customers of a run are distributed over the segments of a map.
#[derive(Debug, Serialize)]
pub struct Census {
    path: String,
    as_of: String,
    customers: u64,
    /// Every segment, in the order of the map.
    segments: Vec<Counted>,
    /// The keys of the segments without customers.
    segments_without_customers: Vec<String>,
}

/// A segment and its customers.
#[derive(Debug, Serialize)]
struct Counted {
    segment: String,
    customers: u64,
    /// 0..1; none without customers at all.
    customer_share: Option<f64>,
}

/// Applies `map` to the customers of the published directory `data`.
///
/// # Errors
/// A config error where the directory is not a published run, or the map is made for other scores; a source
/// error where its customers table is missing, lacks a column or cannot be read.
pub fn census_of(map: &SegmentMap, data: &Path) -> Result<Census> {
    let run = PublishedRun::in_directory("--data", data, "scores of a published run")?;
    let (as_of, settings) = (run.as_of()?, run.settings()?);
    map.check_available(&settings.own_scoring().available)
        .map_err(|error| error.hint("name a directory that a run with these settings has published"))?;
    let (has_window, may_lack_orders, known) = (settings.may_lack_orders(), settings.may_have_none(), settings.known());
    let has_prospects = settings.customers.path.is_some();
    let Config { clean, score, predict, .. } = settings;
    let table = run.table(TABLE)?;
    let has_value = table.has(VALUE_SCORE);
    if map.needs_value() && !has_value {
        return Err(Error::config(format!("the segment map `{}` looks at the weighted value", map.name))
            .cause(format!("`{}` has no column `{VALUE_SCORE}`", table.path().display()))
            .hint("publish it with `score.composites.columns = [\"weighted_value\"]`"));
    }
    let ScoreOptions { combination, recency, frequency, monetary, value, composites, .. } = score;
    let bins = [recency.bins, frequency.bins, monetary.bins];
    let (value_bins, money_scale) = (has_value.then_some(value.bins), clean.money_scale);
    let score_weights = composites.weights;
    let run = RunScores { bins, value_bins, combination, known, money_scale, score_weights, may_lack_orders };
    let assigner = map.compile(run)?;
    let values = RuleValues { map, known, score_weights, money_scale, horizons: predict.horizon_names() };
    let mut columns = values.names(|name| has_window || table.has(name));
    columns.extend(has_prospects.then(|| SEGMENT.to_owned()));
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    table.require(&columns)?;
    let mut counts = vec![0; map.segments.len()];
    table.for_each_slice(&columns, |slice| {
        let buyers = if has_prospects { Cow::Owned(without_prospects(slice)?) } else { Cow::Borrowed(slice) };
        let given = values
            .segments(&assigner, &buyers)
            .map_err(|error| error.cause(format!("in `{}`", table.path().display())))?;
        map.customers_per_segment(&given).into_iter().zip(&mut counts).for_each(|(more, count)| *count += more);
        Ok(())
    })?;
    Ok(counted(map, data, as_of.to_string(), &counts))
}

/// The rows of customers who bought: no map gives the others a segment.
fn without_prospects(slice: &DataFrame) -> Result<DataFrame> {
    let buyers = slice.column(SEGMENT).and_then(|segments| slice.filter(&segments.str()?.not_equal(PROSPECTS)));
    buyers.map_err(|error| Error::source("the customers table does not fit").cause(error))
}

#[expect(clippy::cast_precision_loss, reason = "far fewer customers than 2^53")]
fn counted(map: &SegmentMap, data: &Path, as_of: String, counts: &[u64]) -> Census {
    let customers: u64 = counts.iter().sum();
    // Segments for customers without an order are shown where there are such customers.
    let is_shown = |(index, (_, count)): &(u16, (&Segment, &u64))| **count > 0 || !map.lacks_orders(*index);
    let shown = (0..).zip(map.segments.iter().zip(counts)).filter(is_shown).map(|(_, counted)| counted);
    let segments = shown.map(|(segment, count)| Counted {
        segment: segment.key.clone(),
        customers: *count,
        customer_share: (customers > 0).then(|| *count as f64 / customers as f64),
    });
    Census {
        path: data.display().to_string(),
        as_of,
        customers,
        segments: segments.collect(),
        segments_without_customers: map.without_customers(counts).into_iter().map(str::to_owned).collect(),
    }
}

impl Census {
    /// As lines for people, the last one without a line break.
    #[must_use]
    pub fn render_text(&self) -> String {
        let mut text = format!("data `{}`: {} customers as of {}", self.path, grouped(self.customers), self.as_of);
        let width = self.segments.iter().map(|segment| segment.segment.len()).max().unwrap_or_default();
        for Counted { segment, customers, customer_share } in &self.segments {
            let share = customer_share.map(|share| format!("  {:5.1}%", 100.0 * share)).unwrap_or_default();
            text.push_str(&format!("\n  {segment:width$}  {:>12}{share}", grouped(*customers)));
        }
        let empty = &self.segments_without_customers;
        if !empty.is_empty() {
            let (count, all) = (empty.len(), self.segments.len());
            text.push_str(&format!("\nnobody here is in {count} of {all} segments: `{}`", empty.join("`, `")));
        }
        text
    }
}
