//! Who is left out by lists: without consent, blocked, contacted lately.
//!
//! A list is counted whole: how many of its ids are customers, and how many are not. Does not live here: reading ids (`lists`).

use std::path::Path;

use polars::prelude::*;
use serde_json::{Value, json};

use crate::campaigns::notices::Notice;
use crate::commands::campaign::lists::{IdRules, IdTable, SortedIds, ids_where, read_ids};
use crate::commands::campaign::source::Source;
use crate::day::days_of;
use crate::error::{Error, Result};
use crate::history::PublishedCampaign;
use crate::manifest::MANIFEST;

/// Columns that may hold the day of a contact, the most likely first.
const DAYS: [&str; 4] = ["date", "contacted_on", "on", "as_of"];

/// A list.
#[derive(Debug)]
struct List {
    setting: &'static str,
    path: String,
    ids: SortedIds,
    /// Whether those on it may be contacted; else they may not.
    is_consent: bool,
    /// Customers who are on it.
    matched: u64,
    /// Candidates who are left out by it, as the first reason.
    left_out: u64,
}

/// All lists, in the order in which they are asked.
#[derive(Debug, Default)]
pub(super) struct Exclusions(Vec<List>);

impl Exclusions {
    /// # Errors
    /// As [`read_ids`]; a source error where contacts have no dates.
    pub(super) fn read(source: &Source, rules: &IdRules<'_>) -> Result<Self> {
        let options = &source.config.campaign;
        let mut lists = Vec::new();
        let mut add = |setting, path: &str, ids, is_consent| {
            lists.push(List { setting, path: path.to_owned(), ids, is_consent, matched: 0, left_out: 0 });
        };
        if let Some(path) = &options.consent {
            add("campaign.consent", path, read_ids("campaign.consent", path, rules)?, true);
        }
        for path in &options.blocked {
            add("campaign.blocked", path, read_ids("campaign.blocked", path, rules)?, false);
        }
        for path in &options.contacted {
            add("campaign.contacted", path, contacted(path, source, rules)?, false);
        }
        Ok(Self(lists))
    }

    /// Per list, which rows of a slice of customers are on it.
    ///
    /// # Errors
    /// A Polars error where there are no ids, which would be a bug.
    pub(super) fn listed(&mut self, slice: &DataFrame) -> PolarsResult<Vec<Vec<bool>>> {
        let ids = slice.column("customer_id")?;
        let mut listed = Vec::with_capacity(self.0.len());
        for list in &mut self.0 {
            let among = list.ids.among(ids)?;
            list.matched += among.iter().filter(|is_listed| **is_listed).count() as u64;
            listed.push(among);
        }
        Ok(listed)
    }

    /// Whether a list leaves a row out; it is counted.
    pub(super) fn leaves_out(&mut self, row: usize, listed: &[Vec<bool>]) -> bool {
        let reason = self.0.iter_mut().zip(listed).find(|(list, listed)| listed[row] != list.is_consent);
        if let Some((list, _)) = reason {
            list.left_out += 1;
            return true;
        }
        false
    }

    /// Candidates who are left out.
    pub(super) fn left_out(&self) -> u64 {
        self.0.iter().map(|list| list.left_out).sum()
    }

    /// Each list with its counts.
    pub(super) fn account(&self) -> Value {
        let entry = |list: &List| {
            json!({"setting": list.setting, "path": list.path, "ids": list.ids.len(), "matched": list.matched,
                "unmatched": list.ids.len() as u64 - list.matched, "left_out": list.left_out})
        };
        self.0.iter().map(entry).collect()
    }

    /// Lists that nobody is on.
    pub(super) fn notices(&self) -> Vec<Notice> {
        let empty = self.0.iter().filter(|list| list.matched == 0 && list.ids.len() > 0);
        empty.map(|list| Notice::UnmatchedList { setting: list.setting.to_owned(), path: list.path.clone() }).collect()
    }
}

/// Who was contacted lately, by a table of contacts or by a campaign.
fn contacted(path: &str, source: &Source, rules: &IdRules<'_>) -> Result<SortedIds> {
    let within = i32::try_from(source.config.campaign.contacted_within_days).unwrap_or(i32::MAX);
    let on = days_of(source.on);
    let is_lately = |day: i32| day <= on && on.saturating_sub(day) <= within;
    if Path::new(path).join(MANIFEST).is_file() {
        let campaign = PublishedCampaign::open(Path::new(path))?;
        let table = campaign.table("targets")?;
        if !is_lately(days_of(campaign.manifest().on)) {
            return Ok(SortedIds::default());
        }
        let table = IdTable::read(&table.path().display().to_string(), rules, &["group"])?;
        return ids_of_targets(&table, rules, |_| true);
    }
    let table = IdTable::read(path, rules, &[&DAYS[..], &["group"]].concat())?;
    let days = table.days(path, &DAYS)?.ok_or_else(|| {
        Error::source(format!("`{path}` has no column of dates"))
            .cause(format!("expected one of {}", DAYS.join(", ")))
            .hint("name the column of the day of contact `date`; a list without dates belongs into `campaign.blocked`")
    })?;
    ids_of_targets(&table, rules, |row| days[row].is_some_and(is_lately))
}

/// Whoever was held back was not contacted.
fn ids_of_targets(table: &IdTable, rules: &IdRules<'_>, is_lately: impl Fn(usize) -> bool + Sync) -> Result<SortedIds> {
    let groups = table.texts("group");
    let groups = groups.as_ref().and_then(|groups| groups.str().ok());
    let is_control = |row: usize| groups.is_some_and(|groups| groups.get(row) == Some("control"));
    ids_where(table, rules, |row| is_lately(row) && !is_control(row))
}
