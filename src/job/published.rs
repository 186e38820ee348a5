//! The last stage: tables and manifest, published all or none.
//!
//! Does not live here: how a table is written (`tables`), and the publication itself (`publish`).

use std::path::PathBuf;

use rayon::prelude::*;

use super::scored::Scored;
use super::{currencies, page, summary, tables};
use crate::clean::aliases::FoundAliases;
use crate::clean::outcome::{Class, Outcome, Tally};
use crate::day::date_of;
use crate::error::Result;
use crate::input::Input;
use crate::input::part::InputPart;
use crate::manifest::tables::TableFile;
use crate::manifest::{
    AccountEntry, AliasesEntry, FORMAT_VERSION, InputAccountEntry, InputEntry, Manifest, MembersEntry, Notes,
    ScoringEntry, SocialEntry, StageEntry, Totals,
};
use crate::members::Members;
use crate::predict::Predictions;
use crate::progress;
use crate::publish::Output;
use crate::quality;
use crate::reports::findings::{Findings, InputAccount};
use crate::reports::known;
use crate::scoring::{Scoring, Scorings};
use crate::social::Social;
use crate::social::options::INDICES;
use crate::source::footers::FileFooter;
use crate::warnings::{self, Warning};

/// What a run leaves behind.
#[derive(Debug)]
pub struct Published {
    /// The published directory.
    pub path: PathBuf,
    /// The manifest.
    pub manifest: Manifest,
    /// What a reader of the tables should know.
    pub warnings: Vec<Warning>,
    /// The summary for people.
    pub summary: String,
}

impl Scored {
    /// Writes every table and publishes them, all or none.
    ///
    /// # Errors
    /// A quality error where a warning is denied; a write error where the disk refuses; what was published before then
    /// still stands.
    pub fn publish(self, output: &Output) -> Result<Published> {
        Published::publish(self, output)
    }
}

impl Published {
    /// # Errors
    /// A write error where the disk refuses; a bug where a report does not match the data dictionary. What was published
    /// before then still stands.
    pub(super) fn publish(mut scored: Scored, output: &Output) -> Result<Self> {
        quality::refuse_denied(&scored.warnings, &scored.job.config().run.deny_warnings)?;
        let staging = output.stage(date_of(scored.findings.as_of))?;
        scored.job.progress.stage("write");
        let tables = tables::write_tables(&staging, &scored.findings, &scored.attributes);
        scored.job.progress.finish();
        let tables = tables?;
        scored.job.stages.end("write", scored.findings.customers.len() as u64);
        let mut manifest = manifest(&scored, tables);
        if scored.job.config().output.report {
            manifest.pages.push(page::write(&staging, &manifest, output.path())?);
        }
        scored.job.progress.stage("publish");
        let path = staging.publish(&manifest.to_json()?);
        scored.job.progress.finish();
        let path = path?;
        scored.job.stages.end("publish", manifest.tables.len() as u64);
        let Scored { job, findings, warnings, .. } = scored;
        let summary = summary::render(&findings, &warnings, job.stages.total_seconds());
        Ok(Self { path, manifest, warnings, summary })
    }
}

/// The manifest: everything that a reader, an auditor or the next run may want to know.
fn manifest(scored: &Scored, tables: Vec<TableFile>) -> Manifest {
    let Scored { job, input, findings, warnings, .. } = scored;
    let Scorings { own, further } = &findings.scorings;
    let scoring = |scoring: &Scoring| ScoringEntry { name: scoring.name.clone(), learned: scoring.learned.clone() };
    let stages = job.stages.seconds().iter();
    Manifest {
        format_version: FORMAT_VERSION,
        program: "rfmetrics".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        as_of: date_of(findings.as_of),
        totals: totals(findings),
        account: account(&findings.account.tally),
        account_by_input: findings.account.of_inputs.iter().map(account_of_input).collect(),
        notes: notes(findings),
        warnings: warnings::sentences(warnings),
        warning_details: warnings::details(warnings),
        learned: own.learned.clone(),
        scorings: further.iter().map(scoring).collect(),
        predictions: findings.predictions.as_ref().map(Predictions::entry),
        social: findings.social.as_ref().map(social),
        currency: findings.account.currencies.as_ref().map(|account| currencies::entry(input, account)),
        config_file: job.draft.file.as_ref().map(|path| path.display().to_string()),
        config: job.config().clone(),
        inputs: inputs(input),
        lookups: scored.sealed.clone(),
        aliases: findings.account.aliases.map(|found| aliases(input, &findings.account.tally, found)),
        members: findings.members.as_ref().map(members),
        tables,
        pages: Vec::new(),
        stages: stages.map(|(stage, seconds)| StageEntry { stage: (*stage).to_owned(), seconds: *seconds }).collect(),
        peak_memory_bytes: progress::peak_memory_bytes(),
        spilled_bytes: job.room.spilled_bytes(),
    }
}

fn totals(findings: &Findings) -> Totals {
    let (customers, tally) = (&findings.customers, &findings.account.tally);
    let rows = |class: Class| tally.rows_of_class(class);
    let margin = customers.margin.iter().map(|margin| i128::from(*margin)).sum();
    Totals {
        rows_in: tally.total_rows(),
        rows_used: tally.rows_of(Outcome::Kept),
        rows_rejected: rows(Class::Quarantined) + rows(Class::LeftOut),
        rows_after_as_of: Some(tally.rows_of(Outcome::AfterAsOf)),
        rows_before_window: Some(tally.rows_of(Outcome::BeforeWindow)),
        customers: customers.len() as u64,
        orders: customers.orders.par_iter().map(|orders| u64::from(*orders)).sum(),
        revenue_minor_units: findings.customers.known.has_money().then_some(findings.ranking.total),
        money_scale: findings.scale,
        last_date: customers.last_day.par_iter().max().map(|day| date_of(*day)),
        margin_minor_units: (!customers.margin.is_empty()).then_some(margin),
    }
}

fn account(tally: &Tally) -> Vec<AccountEntry> {
    let occurs = |outcome: &Outcome| *outcome == Outcome::Kept || tally.rows_of(*outcome) > 0;
    let entry = |outcome: Outcome| AccountEntry { outcome: outcome.name().to_owned(), rows: tally.rows_of(outcome) };
    Outcome::ALL.into_iter().filter(occurs).map(entry).collect()
}

fn account_of_input(own: &InputAccount) -> InputAccountEntry {
    InputAccountEntry {
        name: own.name.clone(),
        rows_in: own.tally.total_rows(),
        account: account(&own.tally),
        rows_filtered: own.filtered_rows,
        rows_repeated: own.repeated_rows,
    }
}

fn notes(findings: &Findings) -> Notes {
    let (customers, tally, own) = (&findings.customers, &findings.account.tally, findings.own());
    let empty = own.map.without_customers(&own.map.customers_per_segment(&own.segment));
    Notes {
        rows_quarantined: tally.rows_of_class(Class::Quarantined),
        amounts_rounded: tally.rounded_amounts,
        ids_changed: tally.changed_ids,
        rows_repeated: findings.account.repeated_rows,
        rows_filtered: findings.account.filtered_rows,
        rows_without_order_id: tally.rows_without_order,
        orders_not_above_zero: customers.side.not_above_zero,
        returns: customers.side.returns,
        returns_minor_units: customers.side.returned,
        customers_without_order: customers.without_order,
        revenue_without_order_minor_units: customers.revenue_without_order,
        revenue_before_window_minor_units: customers.side.money_before,
        segments_without_customers: empty.into_iter().map(str::to_owned).collect(),
        left_out: known::left_out_of(findings),
    }
}

fn social(social: &Social) -> SocialEntry {
    let indices = INDICES.map(str::to_owned).to_vec();
    SocialEntry { indices, weights: social.weights.clone(), customers: social.scv.len() as u64 }
}

/// What old ids did to the rows.
fn aliases(input: &Input, tally: &Tally, found: FoundAliases) -> AliasesEntry {
    let aliases = &input.rules.aliases;
    let old_ids = aliases.len() as u64;
    AliasesEntry {
        old_ids,
        longest_chain: aliases.longest_chain(),
        old_ids_found: found.old_ids,
        old_ids_unmatched: old_ids - found.old_ids,
        rows_moved: tally.moved_rows,
        customers_merged: found.customers,
    }
}

fn members(members: &Members) -> MembersEntry {
    let customers_without_row = members.customer_rows.len() as u64 - members.counts.customers;
    MembersEntry { counts: members.counts, customers_without_row }
}

fn inputs(input: &Input) -> Vec<InputEntry> {
    let entry = |(part, file): (&InputPart, &FileFooter)| InputEntry {
        input: part.name().map(str::to_owned),
        path: file.path.display().to_string(),
        bytes: file.size_bytes,
        rows: file.rows,
    };
    let files = input.parts.iter().flat_map(|part| part.contract.files.iter().map(move |file| (part, file)));
    files.map(entry).collect()
}
