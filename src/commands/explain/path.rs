//! One customer's path: their segment and scores at each of several dates.
//!
//! Does not live here: how a date comes about (`job::dates`), and one date in full (`explain`).

use std::fmt::Write;

use chrono::NaiveDate;
use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;
use serde_json::json;

use super::{Explained, scorings};
use crate::config::{Config, Draft};
use crate::day::date_of;
use crate::error::{Error, Result, printable_line};
use crate::input::customer_id::{Id, Typed, unknown};
use crate::job::summary::{grouped, money};
use crate::job::{AtDate, Job, Purpose, Scored};
use crate::progress::Progress;
use crate::publish;
use crate::reports::finish::to_major;
use crate::series::options::BreaksOf;
use crate::warnings::{Facts, Warning};

/// The path of a customer.
#[derive(Debug, Serialize)]
struct Path {
    customer_id: String,
    /// The id that was asked for, where it is an old one of the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    old_id: Option<String>,
    dates: Vec<Step>,
    /// Dates that are skipped.
    warnings: Vec<String>,
}

/// The customer at one date.
#[derive(Debug, Serialize)]
struct Step {
    as_of: NaiveDate,
    /// How many customers there are.
    customers: usize,
    /// None where they are no customer yet.
    standing: Option<Standing>,
}

/// Their place among the others.
#[derive(Debug, Serialize)]
struct Standing {
    segment: String,
    cell: String,
    recency_days: i32,
    orders: u32,
    /// Major units; none where the input has no amounts.
    revenue: Option<f64>,
    /// None where the input has no amounts.
    octant: Option<String>,
    /// The revenue for people.
    #[serde(skip)]
    shown_revenue: String,
}

/// Who was meant, at a date that knows them.
struct Found {
    customer_id: String,
    old_id: Option<String>,
}

/// Explains how a customer moved over the dates of `[series]`.
///
/// # Errors
/// As a run of each date, except for the output; a config error where no date knows the customer.
pub(super) fn path(draft: Draft, customer: &str, progress: Progress) -> Result<Explained> {
    let mut dates = Job::drafted(draft).with_progress(progress).at_dates(Purpose::Explain)?;
    let breaks_from = published_breaks(dates.config(), dates.list())?;
    let (mut steps, mut warnings) = (Vec::new(), Vec::new());
    let (mut found, mut missing) = (None, None);
    for date in dates.list().to_vec() {
        let gathered = match dates.gather(date, breaks_from.as_deref())? {
            AtDate::Gathered(gathered) => gathered,
            AtDate::Skipped(skipped) => {
                warnings.push(Warning::from(Facts::DateSkipped(skipped)).to_string());
                continue;
            }
        };
        let scored = gathered.score()?;
        let standing = match typed(&scored, customer) {
            Ok((row, known)) => {
                found = Some(known);
                Some(standing(&scored, row)?)
            }
            Err(error) => {
                missing = Some(error);
                None
            }
        };
        steps.push(Step {
            as_of: date_of(scored.findings.as_of),
            customers: scored.findings.customers.len(),
            standing,
        });
    }
    let Some(Found { customer_id, old_id }) = found else {
        return Err(missing.unwrap_or_else(|| Error::quality("no order speaks for any of the dates")));
    };
    let path = Path { customer_id, old_id, dates: steps, warnings };
    Ok(Explained { text: text(&path), json: json!(path) })
}

/// Where the date is published whose breaks all dates use; none where each has its own, or the settings name a run.
fn published_breaks(config: &Config, dates: &[NaiveDate]) -> Result<Option<String>> {
    let output = config.output.path.as_ref();
    let mut published = publish::published_dates(output);
    published.retain(|date| dates.contains(date));
    let date = match config.series.breaks_of() {
        BreaksOf::Own | BreaksOf::Run(_) => return Ok(None),
        BreaksOf::First => published.first(),
        BreaksOf::Last => published.last(),
    };
    let breaks = &config.series.breaks;
    let date = date.ok_or_else(|| {
        Error::config(format!(
            "`{}`: none of the dates is published, and `series.breaks` is `{breaks}`",
            config.output.path
        ))
        .hint("run the series first, or set `series.breaks = \"own\"`")
    })?;
    Ok(Some(publish::published_path(output, *date).display().to_string()))
}

/// The customer's row, and who they are.
///
/// # Errors
/// A config error where the date does not know them.
fn typed(scored: &Scored, customer: &str) -> Result<(usize, Found)> {
    let customers = &scored.findings.customers;
    let Typed { id, old_id } = Id::typed(customer, &scored.input, customers)?;
    let row = id.row_in(&customers.ids).ok_or_else(|| unknown(customer, &scored.input, &customers.ids))?;
    Ok((row, Found { customer_id: customers.shown(row), old_id }))
}

fn standing(scored: &Scored, row: usize) -> Result<Standing> {
    let findings = &scored.findings;
    let (own, customers) = (findings.own(), &findings.customers);
    let revenue = customers.revenue[row];
    let has_money = customers.known.has_money();
    let octant = findings.octant.get(row).map(|octant| &findings.octants.list[usize::from(*octant)]);
    Ok(Standing {
        segment: own.map.segments[usize::from(own.segment[row])].key.clone(),
        cell: scorings::cell(own, row)?,
        recency_days: findings.recency_days[row],
        orders: customers.orders[row],
        revenue: has_money.then(|| to_major(revenue, findings.scale)),
        octant: octant.map(|octant| octant.code.clone()),
        shown_revenue: if has_money { money(i128::from(revenue), findings.scale) } else { "-".to_owned() },
    })
}

fn text(path: &Path) -> String {
    let mut text = format!("customer {}\n", printable_line(&path.customer_id));
    if let Some(old_id) = &path.old_id {
        let (old, new) = (printable_line(old_id), printable_line(&path.customer_id));
        let _ = writeln!(text, "{old} is an old id of {new} (`customers.aliases`)");
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["date", "segment", "cell", "octant", "days", "orders", "revenue"]);
    for step in &path.dates {
        let date = step.as_of.to_string();
        match &step.standing {
            None => table.add_row([date, "no order yet".to_owned()]),
            Some(own) => table.add_row([
                date,
                own.segment.clone(),
                own.cell.clone(),
                own.octant.clone().unwrap_or_else(|| "-".to_owned()),
                own.recency_days.to_string(),
                grouped(own.orders.into()),
                own.shown_revenue.clone(),
            ]),
        };
    }
    for column in table.column_iter_mut().skip(4) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let _ = writeln!(text, "{table}");
    for warning in &path.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    text
}
