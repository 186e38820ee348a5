//! The last stage: tables and manifest, published all or none.
//!
//! Does not live here: how a table is written (`tables`), and the publication itself (`publish`).

use std::path::PathBuf;

use rayon::prelude::*;
use serde_json::{Value, json};

use super::scored::Scored;
use super::{summary, tables};
use crate::clean::outcome::{Class, Outcome, Tally};
use crate::config::Resolved;
use crate::day::date_of;
use crate::error::Result;
use crate::input::Input;
use crate::manifest::TableEntry;
use crate::progress::{self, Stages};
use crate::publish::Output;
use crate::reports::findings::Findings;
use crate::scoring::Learned;
use crate::social::options::INDICES;

/// What a run leaves behind.
#[derive(Debug)]
pub struct Published {
    /// The published directory.
    pub path: PathBuf,
    /// The manifest.
    pub manifest: serde_json::Value,
    /// The summary for people.
    pub summary: String,
}

impl Scored {
    /// Writes every table and publishes them, all or none.
    ///
    /// # Errors
    /// As [`Published::publish`].
    pub fn publish(self, output: &Output) -> Result<Published> {
        Published::publish(self, output)
    }
}

impl Published {
    /// # Errors
    /// A write error where the disk refuses; a bug where a report does not match the data dictionary. What was published
    /// before then still stands.
    pub(super) fn publish(scored: Scored, output: &Output) -> Result<Self> {
        let Scored { mut job, input, findings, learned, attributes, .. } = scored;
        let staging = output.stage(date_of(findings.as_of))?;
        let tables = tables::write_tables(&staging, &findings, &attributes)?;
        job.stages.end("write", findings.customers.len() as u64);
        let manifest = manifest(&job.resolved, &input, &findings, &learned, &tables, &job.stages);
        let path = staging.publish(&manifest)?;
        job.stages.end("publish", tables.len() as u64);
        let summary = summary::render(&findings, &learned, job.stages.total_seconds());
        Ok(Self { path, manifest, summary })
    }
}

/// The manifest: everything that a reader, an auditor or the next run may want to know.
#[must_use]
pub fn manifest(
    resolved: &Resolved,
    input: &Input,
    findings: &Findings,
    learned: &Learned,
    tables: &[TableEntry],
    stages: &Stages,
) -> Value {
    let tally = &findings.account.tally;
    let mut manifest = json!({
        "program": "rfmetrics",
        "version": env!("CARGO_PKG_VERSION"),
        "as_of": date_of(findings.as_of).to_string(),
        "totals": totals(findings),
        "account": account(tally),
        "notes": notes(findings),
        "warnings": learned.warnings,
        "breaks": learned.breaks,
        "config": resolved.config,
        "inputs": inputs(input),
        "tables": tables,
        "stages": stages.seconds().iter().map(|(stage, seconds)| json!({"stage": stage, "seconds": seconds})).collect::<Vec<_>>(),
        "peak_memory_bytes": progress::peak_memory_bytes(),
    });
    let further = learned.further.iter().map(|(name, learned)| {
        json!({"name": name, "breaks": learned.breaks, "value": learned.value, "kmeans": learned.clusters})
    });
    for (key, value) in [
        ("value", learned.value.as_ref().map(|value| json!(value))),
        ("kmeans", learned.clusters.as_ref().map(|clusters| json!(clusters))),
        ("scorings", (!learned.further.is_empty()).then(|| further.collect())),
    ] {
        if let Some(value) = value {
            manifest[key] = value;
        }
    }
    if let Some(predictions) = &findings.predictions {
        manifest["predictions"] = predictions.learned.to_json();
    }
    if let Some(social) = &findings.social {
        manifest["social"] = json!({"indices": INDICES, "weights": social.weights, "customers": social.scv.len()});
    }
    manifest
}

/// The totals of a run.
#[must_use]
pub fn totals(findings: &Findings) -> Value {
    let (customers, tally) = (&findings.customers, &findings.account.tally);
    let used = tally.rows_of(Outcome::Kept);
    let mut totals = json!({
        "rows_in": tally.total_rows(),
        "rows_used": used,
        "rows_rejected": tally.total_rows() - used,
        "customers": customers.len(),
        "orders": customers.orders.par_iter().map(|orders| u64::from(*orders)).sum::<u64>(),
        "revenue_minor_units": findings.ranking.total,
        "money_scale": findings.scale,
        "last_date": customers.last_day.par_iter().max().map(|day| date_of(*day).to_string()),
    });
    if !customers.margin.is_empty() {
        totals["margin_minor_units"] = json!(customers.margin.iter().map(|margin| i128::from(*margin)).sum::<i128>());
    }
    totals
}

fn account(tally: &Tally) -> Vec<Value> {
    let entry = |outcome: Outcome| json!({"outcome": outcome.name(), "rows": tally.rows_of(outcome)});
    Outcome::ALL
        .into_iter()
        .filter(|outcome| *outcome == Outcome::Kept || tally.rows_of(*outcome) > 0)
        .map(entry)
        .collect()
}

fn notes(findings: &Findings) -> Value {
    let (customers, tally, map) = (&findings.customers, &findings.account.tally, &findings.map);
    json!({
        "rows_quarantined": tally.rows_of_class(Class::Quarantined),
        "amounts_rounded": tally.rounded_amounts,
        "ids_changed": tally.changed_ids,
        "rows_repeated": findings.account.repeated_rows,
        "rows_without_order_id": tally.rows_without_order,
        "orders_not_above_zero": customers.orders_not_above_zero,
        "customers_without_order": customers.without_order,
        "segments_without_customers": map.without_customers(&map.customers_per_segment(&findings.segment)),
    })
}

fn inputs(input: &Input) -> Vec<Value> {
    let file = |file: &crate::source::footers::FileFooter| json!({"path": file.path.display().to_string(), "bytes": file.size_bytes, "rows": file.rows});
    input.contract.files.iter().map(file).collect()
}
