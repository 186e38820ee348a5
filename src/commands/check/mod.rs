//! `check` and `run --dry-run`: what a run would read, compute and write, and everything that prevents it.
//!
//! Lives here: gathering, from footers, settings and a check of the output directory. Nothing but footers is read, and
//! nothing is written. Does not live here: what is checked of the scorings (`scores`), how it is shown (`text`), and
//! what only the rows can show.
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

pub(crate) mod forecast;
pub(crate) mod people;
pub(crate) mod scores;
pub(crate) mod spill;
pub(crate) mod text;
pub(crate) mod volume;

use clap::Args;

use crate::cli::{Format, SettingsArgs};
use crate::commands::{Answer, Cli};
use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::json;

use super::check::forecast::Claims;
use super::check::people::PeopleReport;
use super::check::scores::{AxisReport, ClustersReport, GroupsReport, MapReport, PredictReport, ScoringReport};
use super::check::spill::SpillReport;
use super::check::volume::VolumeReport;
use crate::clean::judge::{OrderRule, Rules};
use crate::config::Draft;
use crate::day::{date_of, day_of};
use crate::error::{Error, Problems, Result};
use crate::input::part::InputPart;
use crate::input::{Input, delivered_twice};
use crate::job::memory::{self, Estimate, Limit};
use crate::job::survey::{Purpose, Survey};
use crate::known::LeftOut;
use crate::passes::{self, Reading};
use crate::progress::Progress;
use crate::quality;
use crate::source::contract::{Contract, Role};
use crate::source::footers::same_name;
use crate::source::options::Grain;
use crate::warnings::{self, WarningDetail};

const EXAMPLES: &str = "\
EXAMPLES
  rfmetrics check --input sales.parquet
  rfmetrics check --config monthly.toml --format json";

/// Check input and configuration without publishing anything
#[derive(Debug, Clone, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct CheckArgs {
    /// Form of the answer on standard output [default: text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// The settings.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

impl CheckArgs {
    /// # Errors
    /// As [`Config::draft`].
    pub(crate) fn answer(&self, cli: &Cli) -> Result<Answer> {
        Ok(answer(check(&cli.draft()?), self.format))
    }
}

/// What a check found, which then fails as the run would.
pub(crate) fn answer(found: Checked, format: Option<Format>) -> Answer {
    Answer::of(format, || found.text, || found.json).failing_with(found.problem)
}

/// What a check found.
#[derive(Debug)]
pub struct Checked {
    /// For people.
    pub text: String,
    /// For programs, the problems included.
    pub json: serde_json::Value,
    /// Everything that a run would stop at, as one error with the kind of the first; none where all is well.
    pub problem: Option<Error>,
}

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

/// Checks input, settings and output without reading a row or writing a byte.
#[must_use]
pub fn check(draft: &Draft) -> Checked {
    let (report, problems, _) = gather(draft);
    checked(&report, problems)
}

/// As [`check`], and the optimised plan of every scan, as the engine would run it.
///
/// # Errors
/// A source error where the engine refuses to plan.
pub fn dry_run(draft: &Draft) -> Result<Checked> {
    let (mut report, problems, input) = gather(draft);
    // An input with a problem has no filter, and the plan would not be that of a run.
    if let Some(input) = input.filter(|_| problems.list().is_empty()) {
        report.plans = plans(&input)?;
    }
    Ok(checked(&report, problems))
}

fn checked(report: &Report, problems: Problems) -> Checked {
    let found = problems.list();
    let mut json = serde_json::to_value(report).unwrap_or_default();
    json["ok"] = json!(found.is_empty());
    json["problems"] = found.iter().map(|problem| problem.to_json(usize::MAX)).collect();
    let text = text::render(report, found.len());
    Checked { text, json, problem: problems.into_error(|count| format!("a run would stop: {count} problems")) }
}

/// The survey of a run, and what the statistics in the footers claim.
fn gather(draft: &Draft) -> (Report, Problems, Option<Input>) {
    let config = &draft.config;
    let mut problems = Problems::default();
    let surveyed = Survey::of(draft, Purpose::Publish, &mut problems);
    let input = surveyed.input;
    let mut scorings: Vec<ScoringReport> = surveyed.scorings.iter().flat_map(scores::scorings).collect();
    let main = if scorings.is_empty() { ScoringReport::default() } else { scorings.remove(0) };
    let as_of = config.dates.as_of.as_deref().and_then(|text| day_of(text).ok());
    let claims = input.as_ref().map(|input| Claims::of(input, config.threads())).unwrap_or_default();
    let limit = Some(config).filter(|_| draft.is_sound(&["run"])).and_then(Limit::of);
    let estimated = input.as_ref().map(|input| memory::estimate(input, config, &claims.ids(), limit.as_ref()));
    let (memory, disk) = estimated.map_or((None, None), |(memory, disk)| (Some(memory), disk));
    let spill = disk.zip(limit.as_ref()).map(|(disk, limit)| SpillReport::new(config, limit, disk));
    let forecast = input.as_ref().filter(|_| draft.is_sound(&["clean", "dates", "privacy", "quality"]));
    let mut forecast = forecast.map(|input| claims.forecast(input, config)).unwrap_or_default();
    forecast.warnings.extend(input.as_ref().and_then(delivered_twice::warning));
    problems.extend(forecast.problems);
    forecast.warnings.splice(0..0, draft.warnings.iter().cloned());
    if draft.is_sound(&["run"]) {
        problems.note(quality::refuse_denied(&forecast.warnings, &config.run.deny_warnings));
    }
    let has_names = input.as_ref().is_some_and(Input::has_names);
    let parts = input.iter().flat_map(|input| input.parts.iter().map(move |part| (part, &input.rules))).zip(&claims.0);
    let mut reports: Vec<InputReport> =
        parts.map(|((part, rules), own)| input_report(part, rules, own.dates(as_of))).collect();
    let report = Report {
        config_file: draft.file.as_ref().map(|path| path.display().to_string()),
        input: if has_names { None } else { reports.pop() },
        inputs: reports,
        as_of: as_of.map(|day| date_of(day).to_string()),
        window_days: config.dates.window_days,
        scores: main.scores,
        segment_map: main.segment_map,
        clusters: main.clusters,
        groups: main.groups,
        scorings,
        left_out: input.as_ref().map(|input| scores::left_out(config, input)).unwrap_or_default(),
        people: people::people(draft, input.as_ref()),
        predictions: if surveyed.can_predict { scores::predictions(config) } else { None },
        volume: forecast.volume,
        reads: scores::reads(config, input.as_ref()),
        memory,
        memory_limit_bytes: limit.as_ref().map(|limit| limit.bytes),
        spill,
        output: surveyed.output.filter(|found| found.problems.is_empty()).map(|found| OutputReport {
            path: found.path,
            exists: found.exists,
            free_bytes: found.free_bytes,
            replaces: found.replaces,
        }),
        warnings: warnings::sentences(&forecast.warnings),
        warning_details: warnings::details(&forecast.warnings),
        plans: Vec::new(),
    };
    (report, problems, input)
}

fn input_report(part: &InputPart, rules: &Rules, dates: DatesReport) -> InputReport {
    let contract = &part.contract;
    let column = |column: &crate::source::contract::Agreed| ColumnReport {
        role: role_name(column.role, part.settings.input.grain),
        name: column.name.clone(),
        kind: column.kind.to_string(),
        nullable: column.nullable,
        from_partition: column.from_partition,
    };
    InputReport {
        name: part.name().map(str::to_owned),
        files: contract.files.len(),
        bytes: contract.files.iter().map(|file| file.size_bytes).sum(),
        rows: contract.rows,
        columns: contract.columns.iter().map(column).collect(),
        other_columns: other_columns(contract),
        withheld_columns: withheld_columns(contract),
        dates,
        orders: orders(part, rules),
        currency: currency(part, rules),
        filter: part.settings.input.filter.clone(),
        scans: part.groups.iter().map(|group| ScanReport { files: group.files.len(), rows: group.rows }).collect(),
    }
}

fn currency(part: &InputPart, rules: &Rules) -> Option<CurrencyReport> {
    let currencies = rules.currencies.as_ref()?;
    let column = part.contract.column(Role::Currency)?.name.clone();
    let rates = currencies.rates().map(|rates| RatesReport {
        rates: rates.len(),
        currencies: rates.names().skip(1).map(str::to_owned).collect(),
        first_day: rates.days().map(|(first, _)| date_of(first).to_string()),
        last_day: rates.days().map(|(_, last)| date_of(last).to_string()),
        max_age_days: rates.max_age_days(),
    });
    Some(CurrencyReport { column, base: currencies.base(), rates })
}

const fn role_name(role: Role, grain: Grain) -> &'static str {
    match role {
        Role::OrderTs if matches!(grain, Grain::Customers) => "last_order_date",
        Role::Amount if matches!(grain, Grain::Customers) => "revenue",
        Role::RecencyDays => "recency_days",
        Role::Orders => "orders",
        Role::FirstOrderDate => "first_order_date",
        Role::PurchaseDays => "purchase_days",
        Role::Transactions => "transactions",
        Role::LargestOrder => "largest_order",
        Role::CustomerId => "customer_id",
        Role::OrderId => "order_id",
        Role::OrderTs => "order_ts",
        Role::Amount => "amount",
        Role::Quantity => "quantity",
        Role::UnitPrice => "unit_price",
        Role::Currency => "currency",
        Role::Margin => "margin",
        Role::Per => "customers.per",
        Role::Attribute => "attribute",
        Role::Filter => "filter",
        Role::Expression => "expression",
    }
}

fn is_needed(contract: &Contract, name: &str) -> bool {
    contract.columns.iter().any(|column| same_name(&column.name, name))
}

fn other_columns(contract: &Contract) -> Vec<String> {
    let columns = contract.files.iter().flat_map(|file| file.columns.iter());
    let all: BTreeSet<&str> = columns.map(|column| column.name.as_str()).collect();
    all.into_iter().filter(|name| !is_needed(contract, name)).map(str::to_owned).collect()
}

/// Other columns that nobody here can read, such as encrypted ones, and why.
fn withheld_columns(contract: &Contract) -> Vec<String> {
    let columns = contract.files.iter().flat_map(|file| file.columns.iter());
    let all: BTreeSet<(&str, &str)> =
        columns.filter_map(|column| Some((column.name.as_str(), column.withheld?))).collect();
    let others = all.into_iter().filter(|(name, _)| !is_needed(contract, name));
    others.map(|(name, why)| format!("`{name}` is {why}")).collect()
}

fn orders(part: &InputPart, rules: &Rules) -> String {
    let contract = &part.contract;
    if rules.known.is_of_customers() {
        return "each row is a customer with the sum of their orders".to_owned();
    }
    let key: Vec<String> = contract.order_key().map(|column| format!("`{}`", column.name)).collect();
    let key = key.join(" and ");
    match part.rules.orders {
        OrderRule::Id => format!("rows with one {key} are an order"),
        OrderRule::IdAndDay => format!("rows with one {key} on one day are an order"),
        OrderRule::Row => "each row is an order".to_owned(),
        OrderRule::Day => "the rows of a customer on one day are an order".to_owned(),
    }
}

/// The engine's plan of each scan: it shows that only the needed columns are read.
fn plans(input: &Input) -> Result<Vec<String>> {
    let progress = Progress::new(false);
    passes::plans(&Reading { further: input.further(), ..Reading::new(input, &progress) })
}
