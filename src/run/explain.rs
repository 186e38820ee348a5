//! `explain`: one customer, and how his scores and his segment come about.
//!
//! Lives here: gathering, from the findings of a run that is not published and a second scan for his rows.
//! Does not live here: his id (`id`), his rows (`rows`), what would move him up (`next`), what is expected of him
//! (`outlook`), and how it is shown (`text`).

pub(super) mod id;
mod next;
mod outlook;
mod rows;
mod text;

use serde::Serialize;
use serde_json::json;

use self::id::Id;
use self::next::{Next, Step};
use self::outlook::Outlook;
use self::rows::HisRows;
use super::input::date_of;
use super::score::{self, Learned};
use super::summary::money;
use super::{Progress, window_start, with_findings};
use crate::config::Config;
use crate::customers::measures::Customers;
use crate::error::Result;
use crate::reports::findings::{AxisBounds, Findings};
use crate::reports::{abc, finish::to_major, grid};
use crate::score::{Breaks, Measure};

/// What is told of a customer.
#[derive(Debug)]
pub struct Told {
    /// For people.
    pub text: String,
    /// For programs.
    pub json: serde_json::Value,
}

/// All that is told.
#[derive(Debug, Serialize)]
struct Story {
    customer_id: String,
    as_of: String,
    customers: usize,
    rows: HisRows,
    /// None where no row of his is used.
    standing: Option<Standing>,
}

/// A customer among the others.
#[derive(Debug, Serialize)]
struct Standing {
    measures: MeasuresTold,
    axes: Vec<AxisTold>,
    cell: String,
    segment: SegmentTold,
    octant: String,
    octant_name: String,
    octant_name_zh: String,
    grid_cell: u8,
    grid_bands: String,
    abc_class: &'static str,
    revenue_rank: u32,
    cumulative_revenue_share: Option<f64>,
    next: Next,
    /// What is expected of him; none where no predictions are asked for.
    predictions: Option<Outlook>,
}

/// The measures, under the names of the customers table; money in major units.
#[derive(Debug, Serialize)]
struct MeasuresTold {
    first_order_date: String,
    last_order_date: String,
    recency_days: i32,
    tenure_days: i32,
    orders: u32,
    purchase_days: u32,
    transactions: u32,
    revenue: f64,
    average_order_value: f64,
    largest_order: f64,
}

/// Where his value falls on one axis.
#[derive(Debug, Serialize)]
struct AxisTold {
    axis: &'static str,
    measure: &'static str,
    value: f64,
    score: i32,
    bins: usize,
    /// The values of this score, both ends included; an end is none where it is open. With ntile, the values that
    /// customers of this score have.
    lowest_value: Option<f64>,
    highest_value: Option<f64>,
    /// The thresholds around the value; none where it is open or the method has none.
    lower_threshold: Option<f64>,
    upper_threshold: Option<f64>,
    has_thresholds: bool,
    next: Step,
}

/// His segment.
#[derive(Debug, Serialize)]
struct SegmentTold {
    key: String,
    order: u32,
    name_en: String,
    name_zh: String,
    action_en: String,
    action_zh: String,
}

/// Tells how the scores and the segment of `customer` come about, on the input itself and without publishing.
///
/// # Errors
/// As a run, but for the output; a config error where no row has this id.
pub fn explain(config: &Config, customer: &str, progress: &Progress) -> Result<Told> {
    let loaded = super::predict::loaded(config)?;
    with_findings(config, progress, |input, findings, learned| {
        let id = Id::typed(customer, input)?;
        let mut rules = input.rules.clone();
        rules.window_start = config.dates.window_days.map(|days| window_start(findings.as_of, days));
        progress.begin("read rows", input.contract.rows);
        let rows = rows::his_rows(input, config, &rules, &id, progress)?;
        progress.finish();
        let place = id.place_in(&findings.customers.ids);
        if rows.rows == 0 {
            return Err(id::unknown(customer, input));
        }
        rows.check(place.map_or(0, |place| findings.customers.transactions[place]))?;
        let mut standing = place.map(|place| standing(config, findings, learned, place)).transpose()?;
        if let Some((standing, place)) = standing.as_mut().zip(place) {
            standing.predictions = outlook::outlook(input, config, loaded, findings, (&id, place), progress)?;
        }
        let story = Story {
            customer_id: id.shown(),
            as_of: date_of(findings.as_of).to_string(),
            customers: findings.customers.len(),
            rows,
            standing,
        };
        Ok(Told { text: text::render(&story, findings.scale), json: json!(story) })
    })
}

fn standing(config: &Config, findings: &Findings<'_>, learned: &Learned, place: usize) -> Result<Standing> {
    let values = next::values(findings, place)?;
    let scores = [findings.r_score[place], findings.f_score[place], findings.m_score[place]];
    let steps = next::steps(findings, learned, values, scores);
    let axes = (0..3).map(|axis| {
        let spec = &score::axes(config)[axis];
        let breaks = learned.breaks.iter().find(|breaks| breaks.axis == spec.axis());
        axis_told(&findings.bounds[axis], breaks, values[axis], scores[axis], steps[axis].clone())
    });
    let segment = &findings.map.segments[usize::from(findings.segment[place])];
    let octant = &findings.octants.list[usize::from(findings.octant[place])];
    let cells = findings.cells.numbers(&scores[..1], &scores[1..2], &scores[2..])?;
    let grid_cell = findings.grid_cell[place];
    Ok(Standing {
        measures: measures(findings, place),
        axes: axes.collect(),
        cell: cells.first().map(|cell| findings.cells.text(*cell)).unwrap_or_default(),
        segment: SegmentTold {
            key: segment.key.clone(),
            order: segment.order,
            name_en: segment.name_en.clone(),
            name_zh: segment.name_zh.clone(),
            action_en: segment.action_en.clone(),
            action_zh: segment.action_zh.clone(),
        },
        octant: octant.code.clone(),
        octant_name: octant.segment.name_en.clone(),
        octant_name_zh: octant.segment.name_zh.clone(),
        grid_cell,
        grid_bands: grid::bands_of(findings, grid_cell),
        abc_class: abc::CLASSES[usize::from(findings.ranking.abc[place])],
        revenue_rank: findings.ranking.rank[place],
        cumulative_revenue_share: findings.ranking.cumulative_share.get(place).copied(),
        next: next::next(config, findings, learned, place, &steps)?,
        predictions: None,
    })
}

fn measures(findings: &Findings<'_>, place: usize) -> MeasuresTold {
    let Customers { first_day, last_day, orders, purchase_days, transactions, .. } = findings.customers;
    let (revenue, largest) = (findings.customers.revenue[place], findings.customers.largest_order[place]);
    MeasuresTold {
        first_order_date: date_of(first_day[place]).to_string(),
        last_order_date: date_of(last_day[place]).to_string(),
        recency_days: findings.recency_days[place],
        tenure_days: findings.as_of - first_day[place],
        orders: orders[place],
        purchase_days: purchase_days[place],
        transactions: transactions[place],
        revenue: to_major(revenue, findings.scale),
        average_order_value: to_major(revenue, findings.scale) / f64::from(orders[place]),
        largest_order: to_major(largest, findings.scale),
    }
}

fn axis_told(bounds: &AxisBounds, breaks: Option<&Breaks>, value: i64, score: i32, next: Step) -> AxisTold {
    let number = |value: i64| next::in_unit(value, bounds.decimals);
    let (range, thresholds) = if let Some(breaks) = breaks {
        let below = breaks.cuts.partition_point(|cut| *cut < value);
        let lower = below.checked_sub(1);
        let range = (lower.and_then(|lower| breaks.cuts[lower].checked_add(1)), breaks.cuts.get(below).copied());
        (range, (lower.map(|lower| breaks.thresholds[lower]), breaks.thresholds.get(below).copied()))
    } else {
        let own = bounds.bounds.iter().find(|bound| bound.score == score);
        ((own.and_then(|own| own.lowest_value), own.and_then(|own| own.highest_value)), (None, None))
    };
    AxisTold {
        axis: breaks.map_or_else(|| axis_of(bounds.measure), |breaks| breaks.axis.name()),
        measure: bounds.measure,
        value: number(value),
        score,
        bins: bounds.bounds.len(),
        lowest_value: range.0.map(number),
        highest_value: range.1.map(number),
        lower_threshold: thresholds.0,
        upper_threshold: thresholds.1,
        has_thresholds: breaks.is_some(),
        next,
    }
}

fn axis_of(measure: &str) -> &'static str {
    let all = [
        Measure::RecencyDays,
        Measure::InteractionDays,
        Measure::Orders,
        Measure::PurchaseDays,
        Measure::Transactions,
        Measure::Revenue,
        Measure::AverageOrderValue,
        Measure::LargestOrder,
    ];
    all.into_iter().find(|known| known.column() == measure).map_or("", |known| known.axis().name())
}

/// A value of the measure `measure` for people: money with its decimals, days and counts as they are.
fn told(value: i64, decimals: u32, scale: u8) -> String {
    match u8::try_from(decimals) {
        Ok(0) => value.to_string(),
        Ok(decimals) => money(i128::from(value), decimals),
        Err(_) => money(i128::from(value), scale),
    }
}
