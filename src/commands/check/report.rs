//! What a check reports, for people and for programs.
//!
//! Does not live here: how it is found out (`check`), and how people read it (`text`).

use std::path::PathBuf;

use serde::Serialize;

use super::people::PeopleReport;
use super::scores::{AxisReport, ClustersReport, GroupsReport, MapReport, PredictReport, ScoringReport};
use super::series::SeriesReport;
use super::spill::SpillReport;
use super::volume::VolumeReport;
use crate::job::memory::Estimate;
use crate::known::LeftOut;
use crate::warnings::WarningDetail;

/// Everything that is known without reading a row. What cannot be known because of a problem is none.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    /// The configuration file that was read.
    pub(crate) config_file: Option<String>,
    pub(crate) input: Option<InputReport>,
    /// Each of several inputs, by name; empty where there is one without a name, which is `input`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) inputs: Vec<InputReport>,
    pub(crate) as_of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) series: Option<SeriesReport>,
    pub(crate) window_days: Option<u32>,
    pub(crate) scores: Vec<AxisReport>,
    pub(crate) segment_map: Option<MapReport>,
    pub(crate) clusters: Option<ClustersReport>,
    /// The groups of customers, with `score.by`.
    pub(crate) groups: Option<GroupsReport>,
    /// The further scorings, in the order of the settings.
    pub(crate) scorings: Vec<ScoringReport>,
    /// What a run leaves out, since the input does not tell it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) left_out: Vec<LeftOut>,
    pub(crate) predictions: Option<PredictReport>,
    /// The table of members, and that of old ids.
    #[serde(skip_serializing_if = "PeopleReport::is_empty")]
    pub(crate) people: PeopleReport,
    /// The rows against those of the previous run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) volume: Option<VolumeReport>,
    /// What the input is read for, one entry per read.
    pub(crate) reads: Vec<&'static str>,
    pub(crate) memory: Option<Estimate>,
    pub(crate) memory_limit_bytes: Option<u64>,
    pub(crate) spill: Option<SpillReport>,
    pub(crate) output: Option<OutputReport>,
    /// What a run may stop at.
    pub(crate) warnings: Vec<String>,
    /// The same with their codes and facts.
    pub(crate) warning_details: Vec<WarningDetail>,
    /// The optimised plan of each scan; for a dry run only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) plans: Vec<String>,
}

/// The files and their columns.
#[derive(Debug, Serialize)]
pub(crate) struct InputReport {
    /// None where there is one input that has no name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    pub(crate) files: usize,
    pub(crate) bytes: u64,
    pub(crate) rows: u64,
    pub(crate) columns: Vec<ColumnReport>,
    pub(crate) other_columns: Vec<String>,
    /// Those of them that cannot be read, such as encrypted ones, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) withheld_columns: Vec<String>,
    pub(crate) dates: DatesReport,
    /// What one order is.
    pub(crate) orders: String,
    /// What amounts are in, and what they are converted by; none where the input does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) currency: Option<CurrencyReport>,
    pub(crate) filter: Option<String>,
    pub(crate) scans: Vec<ScanReport>,
}

/// A column that is read.
#[derive(Debug, Serialize)]
pub(crate) struct ColumnReport {
    pub(crate) role: &'static str,
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) nullable: bool,
    pub(crate) from_partition: bool,
}

/// What the statistics in the footers claim about the dates.
#[derive(Debug, Serialize)]
pub(crate) struct DatesReport {
    pub(crate) first: Option<String>,
    pub(crate) last: Option<String>,
    pub(crate) nulls: Option<u64>,
    /// `none`, `some`, `all` or `unknown`.
    pub(crate) rows_after_as_of: &'static str,
}

/// Amounts in several currencies.
#[derive(Debug, Serialize)]
pub(crate) struct CurrencyReport {
    /// The column that says what the amount of a row is in.
    pub(crate) column: String,
    /// What amounts are converted into; none where none is named.
    pub(crate) base: Option<String>,
    /// None where there are no rates: then all rows must be of one currency.
    pub(crate) rates: Option<RatesReport>,
}

/// The table of rates.
#[derive(Debug, Serialize)]
pub(crate) struct RatesReport {
    pub(crate) rates: usize,
    /// The currencies beside the base.
    pub(crate) currencies: Vec<String>,
    /// None where rates have no days.
    pub(crate) first_day: Option<String>,
    pub(crate) last_day: Option<String>,
    pub(crate) max_age_days: u32,
}

/// Files that are scanned together, because the types of the needed columns agree.
#[derive(Debug, Serialize)]
pub(crate) struct ScanReport {
    pub(crate) files: usize,
    pub(crate) rows: u64,
}

/// Where the tables would go.
#[derive(Debug, Serialize)]
pub(crate) struct OutputReport {
    pub(crate) path: PathBuf,
    pub(crate) exists: bool,
    pub(crate) free_bytes: Option<u64>,
    /// Whether a published directory of the same date would be replaced.
    pub(crate) replaces: bool,
}
