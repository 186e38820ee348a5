//! `campaign test`: every n-th customer of each cell, so that the cells' rates are known before all are contacted.
//!
//! Does not live here: which names these are, and how many it takes (`campaigns::test_size`).
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

use std::path::PathBuf;

use clap::{Args, ValueHint};
use rayon::prelude::*;
use serde_json::json;

use super::candidates::Candidates;
use super::flags::{CampaignFlags, PublicationFlags};
use super::groups::{BY, Grouped};
use super::publication::{self, Destination, write_table, write_targets};
use super::select::{manifest, noticed};
use super::source::Source;
use crate::campaigns::notices::Notice;
use crate::campaigns::options::CampaignOptions;
use crate::campaigns::test_size::{NthNames, Precision};
use crate::commands::{Answer, Cli};
use crate::error::{Error, Result};
use crate::manifest::{CampaignKind, CampaignManifest};
use crate::reports::campaigns::campaign_test::{self, Tested};
use crate::reports::campaigns::targets::{Target, Targets};

/// Draw a test of every n-th customer, cell by cell
#[derive(Debug, Clone, Args)]
pub(crate) struct TestArgs {
    /// A published date, as reports/as_of=2026-01-01
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub run: PathBuf,
    /// Name of the campaign: it is published to campaigns/NAME next to the date
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// How it is published.
    #[command(flatten)]
    pub publication: PublicationFlags,
    /// The settings.
    #[command(flatten)]
    pub flags: CampaignFlags,
}

impl TestArgs {
    /// # Errors
    /// Config and source errors for what is wrong; a quality error where nobody is left; a write error.
    pub(super) fn answer(&self, cli: &Cli) -> Result<Answer> {
        let config = cli.load()?.config;
        let precision = precision(&config.campaign);
        let source = Source::open(&self.run, config)?;
        let to = Destination { campaigns: source.campaigns(), name: &self.name, flags: &self.publication };
        to.check()?;
        let options = &source.config.campaign;
        let candidates = Candidates::read(&source, false)?;
        let size = match (options.test_size, precision) {
            (Some(size), _) => size,
            (None, Some(precision)) => precision.needed(candidates.len() as u64),
            (None, None) => return Err(no_size()),
        };
        let nth = NthNames::new(candidates.len() as u64, size, options.seed);
        let rows = sample(&candidates, nth);
        let tested = tested(&candidates, &rows, precision, &self.name);
        let small: Vec<String> = small_cells(&tested);
        let mut notices = candidates.notices.clone();
        notices.extend(noticed(!small.is_empty(), || Notice::SmallCells { cells: small.clone() }));
        let stamp = source.stamp(&self.name)?;
        let totals = json!({"candidates": candidates.len(), "targets": rows.len(), "step": nth.step(), "seed": options.seed,
            "needed": tested.first().and_then(|all| all.needed), "small_cells": small.len()});
        let published = to.publish(
            &source.config,
            &notices,
            |staging| {
                let Candidates { ids, segments, cells, .. } = &candidates;
                let targets = Targets { stamp: &stamp, ids, segments, cells, rows: &rows };
                let mut tables = write_targets(staging, &targets)?;
                tables.push(write_table(staging, campaign_test::TABLE.name, campaign_test::table(&stamp, &tested))?);
                Ok(tables)
            },
            |tables| CampaignManifest {
                totals,
                tables,
                ..manifest(&source, &self.name, CampaignKind::Test, candidates.account.clone())
            },
        )?;
        let summary = format!(
            "{} of {} candidates on {}: every {:.4}th by cell and id\n",
            rows.len(),
            candidates.len(),
            source.on,
            nth.step()
        );
        Ok(publication::answer(cli, &self.publication, &summary, &published))
    }
}

fn precision(options: &CampaignOptions) -> Option<Precision> {
    let (rate, error) = options.expected_rate.zip(options.error)?;
    Some(Precision { rate, error, confidence: options.confidence })
}

fn no_size() -> Error {
    Error::config("nothing says how large the test is")
        .hint("write --size 40000, or --expected-rate 0.02 --error 0.005")
}

/// Every n-th of the candidates, by cell and then id.
fn sample(candidates: &Candidates, nth: NthNames) -> Vec<Target> {
    let Candidates { cells, classes, costs, .. } = candidates;
    let mut order: Vec<u32> = (0_u32..).take(candidates.len()).collect();
    let mut by_name: Vec<usize> = (0..cells.names.len()).collect();
    by_name.sort_by(|one, two| cells.names[*one].cmp(&cells.names[*two]));
    let mut ranks = vec![0_u32; by_name.len()];
    for (rank, cell) in (0..).zip(by_name) {
        ranks[cell] = rank;
    }
    // Rows ascend by id.
    order.par_sort_by_key(|row| ranks[cells.of[*row as usize] as usize]);
    let target = |place: u64| {
        let row = order[usize::try_from(place).unwrap_or_default()];
        let cost = costs[usize::from(classes[row as usize])].major();
        Target { row, is_control: false, response: None, profit: None, cost }
    };
    nth.places().map(target).collect()
}

/// Candidates and targets of each group, and how many it needs.
fn tested(candidates: &Candidates, rows: &[Target], precision: Option<Precision>, name: &str) -> Vec<Tested> {
    let Candidates { segments, cells, .. } = candidates;
    let mut grouped: Grouped<(u64, u64)> = Grouped::new();
    for row in 0..candidates.len() {
        grouped.add(segments.of[row], cells.of[row], |counts| counts.0 += 1);
    }
    for target in rows {
        let row = target.row as usize;
        grouped.add(segments.of[row], cells.of[row], |counts| counts.1 += 1);
    }
    let rows = grouped.into_rows(name, &segments.names, &cells.names);
    let tested = rows.into_iter().map(|(group, (candidates, targets))| {
        let needed = precision.map(|precision| precision.needed(candidates));
        Tested { group, candidates, targets, needed }
    });
    tested.collect()
}

fn small_cells(tested: &[Tested]) -> Vec<String> {
    let small = tested.iter().filter(|row| row.group.by == BY[2] && row.is_enough() == Some(false));
    small.map(|row| row.group.name.clone()).collect()
}
