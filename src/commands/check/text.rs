//! A check as text for people. Does not live here: what is shown (`check`).

use std::fmt::Write;

use comfy_table::{Table, presets};

use super::scores::{AxisReport, ClustersReport, GroupsReport, MapReport, PredictReport, ScoringReport};
use super::{CurrencyReport, DatesReport, InputReport, OutputReport, RatesReport, Report};
use crate::error::printable_line;
use crate::job::memory::{Estimate, size};
use crate::job::summary::{counted, grouped};

/// For what cannot be used, and for what was not checked because of a wrong setting.
const UNKNOWN: &str = "see the problems";
/// Names of other columns that are shown.
const OTHERS_SHOWN: usize = 30;

/// The report, one fact per line; the problems themselves go to standard error.
pub(crate) fn render(report: &Report, problems: usize) -> String {
    let mut text = String::new();
    if let Some(file) = &report.config_file {
        line(&mut text, "settings", &format!("`{file}`, and the environment and flags"));
    }
    let inputs: Vec<&InputReport> = report.input.iter().chain(&report.inputs).collect();
    if inputs.is_empty() {
        line(&mut text, "input", UNKNOWN);
    }
    for input in inputs {
        text.push_str(&input_lines(input, report));
    }
    for axis in &report.scores {
        line(&mut text, "score", &axis_line(axis));
    }
    line(&mut text, "segments", &map_line(report.segment_map.as_ref()));
    if let Some(clusters) = &report.clusters {
        line(&mut text, "clusters", &clusters_line(clusters));
    }
    if let Some(groups) = &report.groups {
        line(&mut text, "groups", &groups_line(groups));
    }
    for scoring in &report.scorings {
        scoring_lines(&mut text, scoring, report);
    }
    for left_out in &report.left_out {
        line(&mut text, "left out", &left_out.sentence());
    }
    if let Some(predictions) = &report.predictions {
        line(&mut text, "predict", &predict_line(predictions));
    }
    for (name, fact) in compared_and_people(report) {
        line(&mut text, name, &fact);
    }
    if report.reads.len() > 1 {
        let reads = format!("{} times: for {}", report.reads.len(), report.reads.join(", "));
        line(&mut text, "is read", &reads);
    }
    if let Some(memory) = &report.memory {
        memory_lines(&mut text, memory, report);
    }
    match &report.output {
        Some(output) => line(&mut text, "output", &output_line(output)),
        None => line(&mut text, "output", UNKNOWN),
    }
    for (number, plan) in report.plans.iter().enumerate() {
        let _ =
            write!(text, "\noptimised plan of scan {} of {}:\n{}\n", number + 1, report.plans.len(), plan.trim_end());
    }
    for warning in &report.warnings {
        let _ = writeln!(text, "warning: {}", printable_line(warning));
    }
    let verdict = match problems {
        0 => "ok: a run can start".to_owned(),
        1 => "a run would stop: 1 problem".to_owned(),
        more => format!("a run would stop: {more} problems"),
    };
    let _ = writeln!(text, "\n{verdict}");
    text
}

/// The rows against those of the previous run, and the tables of members and old ids: names and facts.
fn compared_and_people(report: &Report) -> Vec<(&'static str, String)> {
    let volume = report.volume.iter().map(|volume| ("volume", volume.line()));
    volume.chain(report.people.lines()).collect()
}

/// A fact after its name. Names of files and columns come from the user: they are never printed raw.
fn line(text: &mut String, name: &str, fact: &str) {
    let _ = writeln!(text, "{name:10}{}", printable_line(fact));
}

fn input_lines(input: &InputReport, report: &Report) -> String {
    let mut text = String::new();
    let InputReport { files, bytes, rows, .. } = input;
    let name = input.name.as_ref().map(|name| format!("`{name}`: ")).unwrap_or_default();
    let fact = format!("{name}{}, {}, {} rows", counted(*files as u64, "file"), size(*bytes), grouped(*rows));
    line(&mut text, "input", &fact);
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["role", "column", "type", "nulls"]);
    for column in &input.columns {
        let kind = if column.from_partition { "text, from the names of directories" } else { &column.kind };
        let nulls = if column.nullable { "possible" } else { "no" };
        table.add_row([column.role, &printable_line(&column.name), kind, nulls]);
    }
    let _ = writeln!(text, "{table}");
    if !input.other_columns.is_empty() {
        line(&mut text, "not read", &names(&input.other_columns));
    }
    for withheld in &input.withheld_columns {
        line(&mut text, "", withheld);
    }
    line(&mut text, "dates", &dates_line(&input.dates));
    line(&mut text, "as of", &as_of_line(report, &input.dates));
    line(&mut text, "orders", &input.orders);
    if let Some(currency) = &input.currency {
        line(&mut text, "currency", &currency_line(currency));
    }
    if let Some(filter) = &input.filter {
        line(&mut text, "filter", filter);
    }
    for scan in &input.scans {
        line(
            &mut text,
            "scan",
            &format!("{} together, {} rows", counted(scan.files as u64, "file"), grouped(scan.rows)),
        );
    }
    text
}

fn names(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(OTHERS_SHOWN).map(|name| format!("`{name}`")).collect();
    if names.len() > OTHERS_SHOWN {
        shown.push(format!("and {} more", names.len() - OTHERS_SHOWN));
    }
    shown.join(", ")
}

fn currency_line(currency: &CurrencyReport) -> String {
    let CurrencyReport { column, base, rates } = currency;
    let base = base.as_ref().map(|base| format!("`{base}`"));
    let Some(RatesReport { rates, currencies, first_day, last_day, max_age_days }) = rates else {
        let all = base.unwrap_or_else(|| "one currency".to_owned());
        return format!("`{column}`: all rows must be of {all}, for there are no rates");
    };
    let days = first_day.as_ref().zip(last_day.as_ref());
    let days = days.map(|(first, last)| format!(", {first} to {last}, each for {max_age_days} days after its own"));
    format!(
        "`{column}`, into {} by {} of {}{}",
        base.unwrap_or_default(),
        counted(*rates as u64, "rate"),
        names(currencies),
        days.unwrap_or_else(|| ", for all days".to_owned())
    )
}

fn dates_line(dates: &DatesReport) -> String {
    let unknown = || "unknown".to_owned();
    let (first, last) = (dates.first.clone().unwrap_or_else(unknown), dates.last.clone().unwrap_or_else(unknown));
    let nulls = dates.nulls.map_or_else(unknown, grouped);
    format!("{first} to {last}, nulls: {nulls} (as the footers claim)")
}

fn as_of_line(report: &Report, dates: &DatesReport) -> String {
    let window = report.window_days.map(|days| format!(", window of {days} days")).unwrap_or_default();
    match &report.as_of {
        None => format!("the last date in the data{window}"),
        Some(as_of) => {
            let after = dates.rows_after_as_of;
            format!("{as_of}{window}; rows after it, which are cut: {after}")
        }
    }
}

fn axis_line(axis: &AxisReport) -> String {
    let AxisReport { measure, method, bins, .. } = axis;
    let breaks = match &axis.loaded_thresholds {
        Some(thresholds) => format!("loaded thresholds {thresholds:?}"),
        None => "thresholds learned from the data".to_owned(),
    };
    let breaks = if *method == "ntile" { "equal groups, no thresholds".to_owned() } else { breaks };
    format!("{}: `{measure}` by {method} in {bins}, {breaks}", axis.axis)
}

fn map_line(map: Option<&MapReport>) -> String {
    map.map_or_else(
        || UNKNOWN.to_owned(),
        |map| format!("map `{}`, {} segments, no gap: {}", map.name, map.segments, map.title),
    )
}

fn clusters_line(clusters: &ClustersReport) -> String {
    let number = match (clusters.clusters, clusters.choose_up_to) {
        (Some(clusters), _) => clusters.to_string(),
        (None, most) => format!("2 to {}, the number by silhouette,", most.unwrap_or_default()),
    };
    let centres = match (clusters.is_loaded, clusters.starts_from_given_centres) {
        (true, _) => "centres of an earlier run",
        (false, true) => "from given centres",
        (false, false) => "centres learned from the data",
    };
    let logarithms = if clusters.are_of_logarithms { "logarithms of " } else { "" };
    format!("{number} by k-means over {logarithms}`{}`, {centres}", clusters.measures.join("`, `"))
}

fn groups_line(groups: &GroupsReport) -> String {
    let GroupsReport { by, min_customers, loaded_groups } = groups;
    let breaks = match (loaded_groups, min_customers) {
        (Some(loaded), _) => {
            let noun = if *loaded == 1 { "group" } else { "groups" };
            format!("loaded breaks of {} {noun}; others take the loaded breaks of all", grouped(*loaded as u64))
        }
        (None, least) => {
            let least = u64::from(least.unwrap_or_default());
            format!("groups of fewer than {} customers take the breaks of all", grouped(least))
        }
    };
    format!("customers are scored among those of equal `{}`; {breaks}", by.join("`, `"))
}

/// What a further scoring has of its own; what it shares with `main` is left out.
fn scoring_lines(text: &mut String, scoring: &ScoringReport, main: &Report) {
    let mut own = String::new();
    for axis in scoring.scores.iter().filter(|axis| !main.scores.contains(axis)) {
        line(&mut own, "  score", &axis_line(axis));
    }
    if scoring.segment_map != main.segment_map {
        line(&mut own, "  map", &map_line(scoring.segment_map.as_ref()));
    }
    match &scoring.clusters {
        Some(clusters) if main.clusters.as_ref() != Some(clusters) => {
            line(&mut own, "  kmeans", &clusters_line(clusters));
        }
        None if main.clusters.is_some() => line(&mut own, "  kmeans", "none"),
        _ => {}
    }
    match &scoring.groups {
        Some(groups) if main.groups.as_ref() != Some(groups) => line(&mut own, "  groups", &groups_line(groups)),
        None if main.groups.is_some() => line(&mut own, "  groups", "none"),
        _ => {}
    }
    let rest = if own.is_empty() { "as `main`" } else { "as `main` but for" };
    line(text, "scoring", &format!("`{}`, {rest}", scoring.name));
    text.push_str(&own);
}

fn predict_line(predictions: &PredictReport) -> String {
    let PredictReport { model, horizons, params_from, holdout_days, by_year } = predictions;
    let models = match (params_from, model) {
        (Some(path), _) => Some(format!("models of `{path}`")),
        (None, Some(model)) => Some(format!("`{model}` fitted on all purchases up to the analysis date")),
        (None, None) => None,
    };
    let models = models.map(|models| format!("{models}, {} ahead", horizons.join(" and ").replace('_', " ")));
    let holdout = holdout_days.filter(|_| models.is_some()).map(|days| format!("checked on the last {days} days"));
    let years = by_year.then(|| "what each customer brought by year".to_owned());
    models.into_iter().chain(holdout).chain(years).collect::<Vec<_>>().join("; ")
}

fn memory_lines(text: &mut String, memory: &Estimate, report: &Report) {
    let limit = report.memory_limit_bytes.zip(report.spill.as_ref());
    let limit = limit.map(|(limit, spill)| format!("; limit {} ({})", size(limit), spill.limit_from));
    let limit = limit.unwrap_or_default();
    let fact = format!(
        "about {} with {} customers; at most {} with {}, all in disorder{limit}",
        size(memory.typical_bytes),
        grouped(memory.typical_customers),
        size(memory.at_most_bytes),
        grouped(memory.most_customers)
    );
    line(text, "memory", &fact);
    if let Some(spill) = &report.spill {
        line(text, "disk", &spill.sentence(report.memory_limit_bytes));
    }
}

fn output_line(output: &OutputReport) -> String {
    let state = match (output.replaces, output.exists) {
        (true, _) => "the tables of this date would be replaced",
        (false, true) => "there already",
        (false, false) => "would be created",
    };
    let free = output.free_bytes.map(|free| format!(", {} free", size(free))).unwrap_or_default();
    format!("`{}`: {state}{free}", output.path.display())
}
