//! `explain`: one customer, and how their scores and their segment come about.
//!
//! Lives here: gathering, from the findings of a run that is not published and a second scan for the customer's rows.
//! Does not live here: the id (`input::customer_id`), the rows (`rows`), the customer's values (`subject`), the
//! thresholds around them (`axes`), further scorings (`scorings`), the rules of the maps (`rules`), what would move the customer up (`next_change`,
//! `one_more`), their path over several dates (`path`), what is expected of them (`prediction`), members who never bought (`prospect`), and how it is shown (`text`).
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

mod axes;
pub(crate) mod next_change;
mod one_more;
mod path;
pub(crate) mod prediction;
mod prospect;
mod rows;
mod rules;
mod scorings;
mod subject;
mod text;

use crate::progress::Progress;
use clap::Args;

use crate::cli::{Format, SettingsArgs};
use crate::commands::{Answer, Cli};
use serde::Serialize;
use serde_json::json;

use crate::commands::explain::axes::AxisExplained;
use crate::commands::explain::next_change::{Next, Step};
use crate::commands::explain::prediction::PredictionExplained;
use crate::commands::explain::prospect::ProspectExplained;
use crate::commands::explain::rows::CustomerRows;
use crate::commands::explain::scorings::{GroupExplained, ScoringExplained, SegmentExplained};
use crate::commands::explain::subject::Subject;
use crate::config::Draft;
use crate::customers::measures::Customers;
use crate::day::date_of;
use crate::error::Result;
use crate::input::customer_id::{Id, Typed};
use crate::job::summary::money;
use crate::job::{Job, Opened, Purpose, Scored};
use crate::reports::findings::Findings;
use crate::reports::finish::to_major;
use crate::reports::tables::{abc, grid};

const EXAMPLES: &str = "\
The customer stands before --input, which takes every path that follows it.

EXAMPLES
  rfmetrics explain C-1042 --input sales.parquet
  rfmetrics explain C-1042 --input sales.parquet --from 2025-01-01 --to 2025-12-31
  rfmetrics explain --config monthly.toml -- -17";

/// Explain one customer's scores and segment
#[derive(Debug, Clone, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct ExplainArgs {
    /// The customer id, as in the input (after `--` where it begins with a dash)
    #[arg(value_name = "CUSTOMER", allow_negative_numbers = true)]
    pub customer: String,
    /// Form of the answer on standard output [default: text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// The settings.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

impl ExplainArgs {
    /// # Errors
    /// As [`explain`].
    pub(crate) fn answer(&self, cli: &Cli) -> Result<Answer> {
        let draft = cli.draft()?;
        let explain = if draft.config.series.is_asked_for() { path::path } else { explain };
        let explained = explain(draft, &self.customer, cli.progress())?;
        Ok(Answer::of(self.format, || explained.text, || explained.json))
    }
}

/// What is shown about a customer.
#[derive(Debug)]
pub struct Explained {
    /// For people.
    pub text: String,
    /// For programs.
    pub json: serde_json::Value,
}

/// Everything that is shown.
#[derive(Debug, Serialize)]
struct Explanation {
    customer_id: String,
    /// The id that was asked for, where it is an old one of the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    old_id: Option<String>,
    /// What is known of a member who never bought; none for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    prospect: Option<ProspectExplained>,
    as_of: String,
    customers: usize,
    rows: CustomerRows,
    /// None where no row of the customer is used.
    standing: Option<Standing>,
}

/// A customer among the others.
#[derive(Debug, Serialize)]
struct Standing {
    measures: MeasuresExplained,
    /// The group of customers among which they are scored, with `score.by`.
    group: Option<GroupExplained>,
    axes: Vec<AxisWithNext>,
    /// The weighted value and its score, where the run makes one.
    value: Option<AxisExplained>,
    cell: String,
    segment: SegmentExplained,
    /// From 1, where clusters are requested.
    cluster: Option<u16>,
    /// None where the input has no amounts, as what follows from them.
    octant: Option<String>,
    octant_name: Option<String>,
    octant_name_zh: Option<String>,
    grid_cell: u8,
    grid_bands: String,
    abc_class: Option<&'static str>,
    revenue_rank: Option<u32>,
    cumulative_revenue_share: Option<f64>,
    next: Next,
    /// What is expected of the customer; none where no predictions are requested.
    predictions: Option<PredictionExplained>,
    /// The further scorings.
    further_scorings: Vec<ScoringExplained>,
}

/// An axis of the run's own scoring, and what would raise its score.
#[derive(Debug, Serialize)]
struct AxisWithNext {
    #[serde(flatten)]
    explained: AxisExplained,
    next: Step,
}

/// The measures, under the names of the customers table; money in major units. What the input does not tell is none.
#[derive(Debug, Serialize)]
struct MeasuresExplained {
    first_order_date: Option<String>,
    last_order_date: String,
    recency_days: i32,
    tenure_days: Option<i32>,
    orders: u32,
    purchase_days: Option<u32>,
    transactions: Option<u32>,
    revenue: Option<f64>,
    /// None where they are not looked at.
    interactions: Option<u32>,
    /// None without an order in the window.
    average_order_value: Option<f64>,
    largest_order: Option<f64>,
    /// None without a column of margins.
    margin: Option<f64>,
}

/// Explains how the scores and the segment of `customer` come about, on the input itself and without publishing.
///
/// # Errors
/// As a run, except for the output; a config error where no row has this id.
pub fn explain(draft: Draft, customer: &str, progress: Progress) -> Result<Explained> {
    let job = Job::drafted(draft).with_progress(progress);
    let scored = Opened::open(job, Purpose::Explain)?.gather()?.score()?;
    let (config, input, findings) = (scored.config(), &scored.input, &scored.findings);
    let Typed { id, old_id } = Id::typed(customer, input, &findings.customers)?;
    scored.progress().begin("read rows", input.rows());
    let rows = rows::customer_rows(input, &scored.rules, &id, scored.progress())?;
    scored.progress().finish();
    let row = id.row_in(&findings.customers.ids);
    let prospect = if row.is_none() { prospect::prospect(input, config, findings, &id)? } else { None };
    if rows.rows == 0 && prospect.is_none() {
        return Err(crate::input::customer_id::unknown(customer, input, &findings.customers.ids));
    }
    let is_of_customers = findings.customers.known.is_of_customers();
    rows.check(row.map_or(0, |row| if is_of_customers { 1 } else { findings.customers.transactions[row] }))?;
    let mut standing = row.map(|row| standing(&scored, row)).transpose()?;
    if let Some((standing, row)) = standing.as_mut().zip(row) {
        standing.predictions = prediction::predict_for(&scored, (&id, row))?;
    }
    let story = Explanation {
        customer_id: row.map_or_else(|| id.shown(), |row| findings.customers.shown(row)),
        old_id,
        prospect,
        as_of: date_of(findings.as_of).to_string(),
        customers: findings.customers.len(),
        rows,
        standing,
    };
    Ok(Explained { text: text::render(&story, findings.scale), json: json!(story) })
}

fn standing(scored: &Scored, row: usize) -> Result<Standing> {
    let findings = &scored.findings;
    let own = findings.own();
    let subject = Subject::new(scored, row)?;
    let steps = next_change::steps(&subject)?;
    let axes = axes::axes(&subject, own)?.into_iter().zip(steps.clone());
    let has_money = findings.customers.known.has_money();
    let octant = findings.octant.get(row).map(|octant| &findings.octants.list[usize::from(*octant)]);
    let grid_cell = findings.grid_cell[row];
    Ok(Standing {
        measures: measures(findings, row),
        group: scorings::group(own, row),
        axes: axes.map(|(explained, next)| AxisWithNext { explained, next }).collect(),
        value: axes::weighted_value(own, row),
        cell: scorings::cell(own, row)?,
        segment: scorings::segment(&subject, own, &subject.beside[0])?,
        cluster: scorings::cluster(own, row),
        octant: octant.map(|octant| octant.code.clone()),
        octant_name: octant.map(|octant| octant.segment.name_en.clone()),
        octant_name_zh: octant.map(|octant| octant.segment.name_zh.clone()),
        grid_cell,
        grid_bands: grid::bands_of(findings, grid_cell),
        abc_class: has_money.then(|| abc::CLASSES[usize::from(findings.ranking.abc[row])]),
        revenue_rank: has_money.then(|| findings.ranking.rank[row]),
        cumulative_revenue_share: findings.ranking.cumulative_shares(row..row + 1).map(|shares| shares[0]),
        next: next_change::next(&subject, &steps)?,
        predictions: None,
        further_scorings: scorings::further(&subject)?,
    })
}

fn measures(findings: &Findings, row: usize) -> MeasuresExplained {
    let Customers { first_day, last_day, orders, purchase_days, transactions, .. } = &findings.customers;
    let (revenue, largest) = (findings.customers.revenue[row], findings.customers.largest_order[row]);
    let (known, has_order) = (findings.customers.known, orders[row] > 0);
    let is_known = |column: &str| known.lacks_for(column).is_none();
    let of_orders = |column: &str| is_known(column) && has_order;
    let knows_first = is_known("first_order_date");
    MeasuresExplained {
        first_order_date: knows_first.then(|| date_of(first_day[row]).to_string()),
        last_order_date: date_of(last_day[row]).to_string(),
        recency_days: findings.recency_days[row],
        tenure_days: knows_first.then(|| findings.as_of - first_day[row]),
        orders: orders[row],
        purchase_days: is_known("purchase_days").then(|| purchase_days[row]),
        transactions: is_known("transactions").then(|| transactions[row]),
        revenue: is_known("revenue").then(|| to_major(revenue, findings.scale)),
        interactions: findings.customers.interactions.get(row).copied(),
        average_order_value: of_orders("average_order_value")
            .then(|| to_major(revenue, findings.scale) / f64::from(orders[row])),
        largest_order: of_orders("largest_order").then(|| to_major(largest, findings.scale)),
        margin: findings.customers.margin.get(row).map(|margin| to_major(*margin, findings.scale)),
    }
}

/// A value of the measure `measure` for people: money with its decimals, days and counts as they are.
fn value_text(value: i64, decimals: u32, scale: u8) -> String {
    match u8::try_from(decimals) {
        Ok(0) => value.to_string(),
        Ok(decimals) => money(i128::from(value), decimals),
        Err(_) => money(i128::from(value), scale),
    }
}
