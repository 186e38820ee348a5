//! `check` and `run --dry-run`: what a run would read, compute and write, and everything that stands in its way.
//!
//! Lives here: gathering, from footers, settings and a look at the output. Nothing is read but footers, and nothing is
//! written. Does not live here: what is checked of the scorings (`check_scores`), how it is shown (`check_text`), and what
//! only the rows can tell.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;

use super::check_scores::{self, AxisReport, ClustersReport, MapReport, PredictReport, ScoringReport};
use super::input::{Input, date_of, day_of};
use super::memory::{self, Estimate};
use super::{check_text, threads};
use crate::clean::judge::{OrderRule, Rules};
use crate::clean::zone::{Unit, VALID_DAYS, Zone};
use crate::config::{Config, Resolved};
use crate::error::{Error, Kind, Result};
use crate::source::contract::{Contract, Role};
use crate::source::filter::Filter;
use crate::source::kinds::{ColumnKind, TimeUnit};
use crate::source::scan;
use crate::source::statistics::date_range;
use crate::write;

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

/// Everything that is known without reading a row. What a problem hides is none.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    pub(super) input: Option<InputReport>,
    pub(super) as_of: Option<String>,
    pub(super) window_days: Option<u32>,
    pub(super) scores: Vec<AxisReport>,
    pub(super) segment_map: Option<MapReport>,
    pub(super) clusters: Option<ClustersReport>,
    /// The scorings beside the run's own, in the order of the settings.
    pub(super) scorings: Vec<ScoringReport>,
    pub(super) predictions: Option<PredictReport>,
    /// What the input is read for, a read each.
    pub(super) reads: Vec<&'static str>,
    pub(super) memory: Option<Estimate>,
    pub(super) memory_limit_bytes: Option<u64>,
    pub(super) output: Option<OutputReport>,
    /// The optimised plan of each scan; for a dry run only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) plans: Vec<String>,
}

/// The files and their columns.
#[derive(Debug, Serialize)]
pub(super) struct InputReport {
    pub(super) files: usize,
    pub(super) bytes: u64,
    pub(super) rows: u64,
    pub(super) columns: Vec<ColumnReport>,
    pub(super) other_columns: Vec<String>,
    pub(super) dates: DatesReport,
    /// What one order is.
    pub(super) orders: String,
    pub(super) filter: Option<String>,
    pub(super) scans: Vec<ScanReport>,
}

/// A column that is read.
#[derive(Debug, Serialize)]
pub(super) struct ColumnReport {
    pub(super) role: &'static str,
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) nullable: bool,
    pub(super) from_partition: bool,
}

/// What the statistics in the footers claim about the dates.
#[derive(Debug, Serialize)]
pub(super) struct DatesReport {
    pub(super) first: Option<String>,
    pub(super) last: Option<String>,
    pub(super) nulls: Option<u64>,
    /// `none`, `some`, `all` or `unknown`.
    pub(super) rows_after_as_of: &'static str,
}

/// Files that are scanned together, because the types of the needed columns agree.
#[derive(Debug, Serialize)]
pub(super) struct ScanReport {
    pub(super) files: usize,
    pub(super) rows: u64,
}

/// Where the tables would go.
#[derive(Debug, Serialize)]
pub(super) struct OutputReport {
    pub(super) path: PathBuf,
    pub(super) exists: bool,
    pub(super) free_bytes: Option<u64>,
    /// Whether a published directory of the same date would be replaced.
    pub(super) replaces: bool,
}

/// Checks input, settings and output without reading a row or writing a byte.
///
/// # Errors
/// None for what a run would stop at: that is [`Checked::problem`]. The signature leaves room for faults of its own.
pub fn check(resolved: &Resolved) -> Result<Checked> {
    let (report, problems, _) = gather(&resolved.config);
    Ok(checked(&report, problems))
}

/// As [`check`], and the optimised plan of every scan, as the engine would run it.
///
/// # Errors
/// A source error where the engine refuses to plan.
pub fn dry_run(resolved: &Resolved) -> Result<Checked> {
    let config = &resolved.config;
    let (mut report, problems, input) = gather(config);
    if let Some(input) = input {
        report.plans = plans(&input, config)?;
    }
    Ok(checked(&report, problems))
}

fn checked(report: &Report, problems: Vec<Error>) -> Checked {
    let mut json = serde_json::to_value(report).unwrap_or_default();
    json["ok"] = json!(problems.is_empty());
    json["problems"] = problems.iter().map(problem_json).collect();
    let text = check_text::render(report, problems.len());
    Checked { text, json, problem: one_error(problems) }
}

fn problem_json(problem: &Error) -> serde_json::Value {
    json!({"kind": problem.kind().name(), "exit_code": problem.kind().exit_code(), "error": problem.headline(),
        "causes": problem.shown_causes(), "hint": problem.shown_hint()})
}

/// All problems as one error, whose kind is that of the first: what a run would end with.
fn one_error(mut problems: Vec<Error>) -> Option<Error> {
    if problems.len() < 2 {
        return problems.pop();
    }
    let told = |problem: &Error| {
        let hint = problem.shown_hint().map(|hint| format!("(hint: {hint})"));
        std::iter::once(problem.headline()).chain(problem.shown_causes()).chain(hint).collect::<Vec<String>>()
    };
    let kind = problems.first().map_or(Kind::Bug, Error::kind);
    let headline = format!("a run would stop: {} problems", problems.len());
    Some(Error::new(kind, headline).causes(problems.iter().flat_map(told)))
}

/// Looks at everything in the order of a run, and goes on after each problem.
fn gather(config: &Config) -> (Report, Vec<Error>, Option<Input>) {
    let mut problems = Vec::new();
    let input = open(config, &mut problems);
    let mut scorings = check_scores::scorings(config, &mut problems);
    let main = scorings.remove(0);
    let predictions = check_scores::predictions(config).map_err(|error| problems.push(error)).ok().flatten();
    problems.extend(super::social::weights(config).err());
    let as_of = config.dates.as_of.as_deref().and_then(|text| day_of(text).ok());
    let mut inputs: Vec<PathBuf> = config.input.paths.iter().map(PathBuf::from).collect();
    inputs.extend(input.iter().flat_map(Input::paths));
    let outlook = write::look(Path::new(&config.output.path), &inputs, as_of.map(date_of));
    let outlook = outlook.map_err(|error| problems.push(error)).ok();
    problems.extend(outlook.iter().flat_map(|outlook| outlook.problems.clone()));
    let input_report = input.as_ref().map(|input| input_report(input, config));
    let memory = input.as_ref().map(|input| memory::estimate(input, config, threads(config)));
    let memory_limit_bytes = config.run.memory_limit_bytes();
    problems.extend(memory.iter().filter_map(|memory| memory::refuse_beyond(memory_limit_bytes, memory).err()));
    problems.extend(input_report.iter().filter_map(|found| all_cut(&found.dates, as_of)));
    let report = Report {
        input: input_report,
        as_of: as_of.map(|day| date_of(day).to_string()),
        window_days: config.dates.window_days,
        scores: main.scores,
        segment_map: main.segment_map,
        clusters: main.clusters,
        scorings,
        predictions,
        reads: check_scores::reads(config),
        memory,
        memory_limit_bytes,
        output: outlook.map(|outlook| OutputReport {
            path: outlook.path,
            exists: outlook.exists,
            free_bytes: outlook.free_bytes,
            replaces: outlook.replaces,
        }),
        plans: Vec::new(),
    };
    (report, problems, input)
}

/// What a run would end with where the analysis date is before all rows.
fn all_cut(dates: &DatesReport, as_of: Option<i32>) -> Option<Error> {
    let (as_of, first) = (as_of?, dates.first.as_deref()?);
    (dates.rows_after_as_of == "all").then(|| {
        Error::quality(format!("all rows are after the analysis date {}: the first is of {first}", date_of(as_of)))
            .hint("say a later date with --as-of YYYY-MM-DD")
    })
}

/// Opens the input; a filter that is no SQL does not hide what is wrong with the files.
fn open(config: &Config, problems: &mut Vec<Error>) -> Option<Input> {
    let filter = config.input.filter.as_deref().map(Filter::parse).transpose();
    let opened = match filter {
        Ok(_) => Input::open(config, threads(config)),
        Err(error) => {
            problems.push(error);
            let mut without = config.clone();
            without.input.filter = None;
            Input::open(&without, threads(config))
        }
    };
    opened.map_err(|error| problems.push(error)).ok()
}

fn input_report(input: &Input, config: &Config) -> InputReport {
    let contract = &input.contract;
    let column = |column: &crate::source::contract::Agreed| ColumnReport {
        role: role_name(column.role),
        name: column.name.clone(),
        kind: column.kind.to_string(),
        nullable: column.nullable,
        from_partition: column.from_partition,
    };
    InputReport {
        files: contract.files.len(),
        bytes: contract.files.iter().map(|file| file.size_bytes).sum(),
        rows: contract.rows,
        columns: contract.columns.iter().map(column).collect(),
        other_columns: other_columns(contract),
        dates: dates(contract, &input.rules),
        orders: orders(contract, input.rules.orders),
        filter: config.input.filter.clone(),
        scans: input.groups.iter().map(|group| ScanReport { files: group.files.len(), rows: group.rows }).collect(),
    }
}

const fn role_name(role: Role) -> &'static str {
    match role {
        Role::CustomerId => "customer_id",
        Role::OrderId => "order_id",
        Role::OrderTs => "order_ts",
        Role::Amount => "amount",
        Role::Quantity => "quantity",
        Role::UnitPrice => "unit_price",
        Role::Margin => "margin",
        Role::Attribute => "attribute",
        Role::Filter => "filter",
    }
}

fn other_columns(contract: &Contract) -> Vec<String> {
    let is_read = |name: &str| contract.columns.iter().any(|column| column.name == name);
    let all: BTreeSet<&str> =
        contract.files.iter().flat_map(|file| file.columns.iter()).map(|column| column.name.as_str()).collect();
    all.into_iter().filter(|name| !is_read(name)).map(str::to_owned).collect()
}

fn orders(contract: &Contract, rule: OrderRule) -> String {
    let id = contract.column(Role::OrderId).map(|column| column.name.as_str()).unwrap_or_default();
    match rule {
        OrderRule::Id => format!("rows with one `{id}` are an order"),
        OrderRule::Row => "each row is an order".to_owned(),
        OrderRule::Day => "the rows of a customer on one day are an order".to_owned(),
    }
}

fn dates(contract: &Contract, rules: &Rules) -> DatesReport {
    let range = date_range(contract);
    let kind = contract.column(Role::OrderTs).map(|column| &column.kind);
    let day = |stored: Option<i64>| day_of_stored(stored?, kind?, rules);
    let (first, last) = (day(range.min), day(range.max));
    let rows_after_as_of = match (rules.as_of, first, last) {
        (None, ..) => "none",
        (Some(as_of), _, Some(last)) if last <= as_of => "none",
        (Some(as_of), Some(first), _) if first > as_of => "all",
        (Some(_), Some(_), Some(_)) => "some",
        _ => "unknown",
    };
    let shown = |day: Option<i32>| day.map(|day| date_of(day).to_string());
    DatesReport { first: shown(first), last: shown(last), nulls: range.nulls, rows_after_as_of }
}

/// The day of a value as it is stored; none where it is no date.
pub(super) fn day_of_stored(value: i64, kind: &ColumnKind, rules: &Rules) -> Option<i32> {
    let local = Zone::utc();
    let (zone, unit) = match kind {
        ColumnKind::Date => (&local, Unit::Days),
        ColumnKind::Timestamp { unit, utc } => (if *utc { &rules.zone } else { &local }, unit_of(*unit)),
        ColumnKind::Int { .. } => (&rules.zone, rules.epoch?),
        _ => return None,
    };
    let mut days = Vec::new();
    zone.days(&[value], unit, &mut days);
    days.pop().filter(|day| VALID_DAYS.contains(day))
}

const fn unit_of(unit: TimeUnit) -> Unit {
    match unit {
        TimeUnit::Ms => Unit::Milliseconds,
        TimeUnit::Us => Unit::Microseconds,
        TimeUnit::Ns => Unit::Nanoseconds,
    }
}

/// What the engine makes of each scan: it shows that only the needed columns are read.
fn plans(input: &Input, config: &Config) -> Result<Vec<String>> {
    let request =
        scan::Request { filter: input.filter.as_ref(), repeats: input.repeats.as_ref(), beyond: scan::Beyond::Nothing };
    let plan = |group: &scan::Group| {
        let frame = scan::scan(&input.contract, group, &config.input, request)?;
        frame.describe_optimized_plan().map_err(|error| Error::source("the scan cannot be planned").cause(error))
    };
    input.groups.iter().map(plan).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_problems_are_one_error_of_the_first_kind() {
        assert_eq!(one_error(Vec::new()), None);
        let (first, second) = (Error::source("a is missing").hint("bring it"), Error::config("b is wrong").cause("b"));
        assert_eq!(one_error(vec![first.clone()]), Some(first.clone()));
        let both = one_error(vec![first, second]).unwrap();
        assert_eq!(both.kind(), Kind::Source);
        assert_eq!(both.shown_causes(), ["a is missing", "(hint: bring it)", "b is wrong", "b"]);
    }
}
