//! `explain`: one customer, and how his scores and his segment come about.
//!
//! Lives here: gathering, from the findings of a run that is not published and a second scan for his rows.
//! Does not live here: his rows (`rows`), thresholds around his values (`axes`), further scorings (`scorings`), what would
//! move him up (`next`), and how it is shown (`text`).

mod axes;
mod next;
mod rows;
mod scorings;
mod text;

use serde::Serialize;
use serde_json::json;

use self::axes::AxisTold;
use self::next::{Next, Step};
use self::rows::HisRows;
use self::scorings::{ScoringTold, SegmentTold};
use super::input::{Input, date_of};
use super::score::Learned;
use super::summary::money;
use super::{Progress, window_start, with_findings};
use crate::clean::judge::Rules;
use crate::config::Config;
use crate::customers::measures::{CustomerIds, Customers};
use crate::error::{Error, Result};
use crate::reports::findings::Findings;
use crate::reports::scorings::main;
use crate::reports::{abc, finish::to_major, grid};

/// What is told of a customer.
#[derive(Debug)]
pub struct Told {
    /// For people.
    pub text: String,
    /// For programs.
    pub json: serde_json::Value,
}

/// A customer id as the user typed it, made to what the run compares.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Id {
    Integer(i64),
    Text(Vec<u8>),
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
    axes: Vec<AxisWithNext>,
    /// The weighted value and its score, where the run makes one.
    value: Option<AxisTold>,
    cell: String,
    segment: SegmentTold,
    /// From 1, where clusters are asked for.
    cluster: Option<u16>,
    octant: String,
    octant_name: String,
    octant_name_zh: String,
    grid_cell: u8,
    grid_bands: String,
    abc_class: &'static str,
    revenue_rank: u32,
    cumulative_revenue_share: Option<f64>,
    next: Next,
    /// The scorings beside the run's own.
    further_scorings: Vec<ScoringTold>,
}

/// An axis of the run's own scoring, and what would raise its score.
#[derive(Debug, Serialize)]
struct AxisWithNext {
    #[serde(flatten)]
    told: AxisTold,
    next: Step,
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
    /// None where no column is one.
    margin: Option<f64>,
}

/// Tells how the scores and the segment of `customer` come about, on the input itself and without publishing.
///
/// # Errors
/// As a run, but for the output; a config error where no row has this id.
pub fn explain(config: &Config, customer: &str, progress: &Progress) -> Result<Told> {
    with_findings(config, progress, |input, findings, learned| {
        let id = id_of(customer, input)?;
        let mut rules = input.rules.clone();
        rules.window_start = config.dates.window_days.map(|days| window_start(findings.as_of, days));
        progress.begin("read rows", input.contract.rows);
        let rows = rows::his_rows(input, config, &rules, &id, progress)?;
        progress.finish();
        let place = find(&findings.customers.ids, &id);
        if rows.rows == 0 {
            return Err(unknown(customer, input));
        }
        rows.check(place.map_or(0, |place| findings.customers.transactions[place]))?;
        let standing = place.map(|place| standing(config, findings, learned, place)).transpose()?;
        let story = Story {
            customer_id: shown(&id),
            as_of: date_of(findings.as_of).to_string(),
            customers: findings.customers.len(),
            rows,
            standing,
        };
        Ok(Told { text: text::render(&story, findings.scale), json: json!(story) })
    })
}

/// The id as the run compares it: trimmed and lowered where the settings say so.
fn id_of(typed: &str, input: &Input) -> Result<Id> {
    let Rules { trim_ids, lowercase_ids, .. } = input.rules;
    if !input.has_text_ids() {
        let number = typed.trim().parse().map_err(|_| {
            Error::config(format!("customer `{typed}` is not in the data: the customer ids are integers"))
                .hint("give the number as it stands in the input, without separators or letters")
        })?;
        return Ok(Id::Integer(number));
    }
    let text = if trim_ids { typed.trim() } else { typed };
    Ok(Id::Text(if lowercase_ids { text.to_lowercase().into_bytes() } else { text.as_bytes().to_vec() }))
}

fn shown(id: &Id) -> String {
    match id {
        Id::Integer(id) => id.to_string(),
        Id::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn unknown(typed: &str, input: &Input) -> Error {
    let error = Error::config(format!("customer `{typed}` is not in the data: no row has this id"));
    let filtered = if input.filter.is_some() { "; rows that `input.filter` leaves out are not looked at" } else { "" };
    error.hint(if input.has_text_ids() {
        format!(
            "ids are texts here and compared byte for byte: mind upper and lower case, leading zeros and blanks \
             (`clean.lowercase_ids` and `clean.trim_ids` forgive them){filtered}"
        )
    } else {
        format!("ids are integers here{filtered}")
    })
}

/// The customer's place in the table, which is sorted by id.
fn find(ids: &CustomerIds, id: &Id) -> Option<usize> {
    match (ids, id) {
        (CustomerIds::Integer(ids), Id::Integer(id)) => ids.binary_search(id).ok(),
        (CustomerIds::Text { .. }, Id::Text(id)) => {
            let mut places = 0..ids.len();
            while !places.is_empty() {
                let middle = places.start + places.len() / 2;
                match ids.text(middle).cmp(id) {
                    std::cmp::Ordering::Equal => return Some(middle),
                    std::cmp::Ordering::Less => places.start = middle + 1,
                    std::cmp::Ordering::Greater => places.end = middle,
                }
            }
            None
        }
        _ => None,
    }
}

fn standing(config: &Config, findings: &Findings<'_>, learned: &Learned, place: usize) -> Result<Standing> {
    let own = main(findings);
    let steps = next::steps(findings, learned, place)?;
    let axes = axes::axes(findings, &own, learned, place)?.into_iter().zip(steps.clone());
    let octant = &findings.octants.list[usize::from(findings.octant[place])];
    let grid_cell = findings.grid_cell[place];
    Ok(Standing {
        measures: measures(findings, place),
        axes: axes.map(|(told, next)| AxisWithNext { told, next }).collect(),
        value: axes::weighted_value(&own, learned, place),
        cell: scorings::cell(&own, place)?,
        segment: scorings::segment(&own, place),
        cluster: scorings::cluster(&own, place),
        octant: octant.code.clone(),
        octant_name: octant.segment.name_en.clone(),
        octant_name_zh: octant.segment.name_zh.clone(),
        grid_cell,
        grid_bands: grid::bands_of(findings, grid_cell),
        abc_class: abc::CLASSES[usize::from(findings.ranking.abc[place])],
        revenue_rank: findings.ranking.rank[place],
        cumulative_revenue_share: findings.ranking.cumulative_share.get(place).copied(),
        next: next::next(config, findings, learned, place, &steps)?,
        further_scorings: scorings::further(findings, learned, place)?,
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
        margin: findings.customers.margin.get(place).map(|margin| to_major(*margin, findings.scale)),
    }
}

/// A value of the measure `measure` for people: money with its decimals, days and counts as they are.
fn told(value: i64, decimals: u32, scale: u8) -> String {
    match u8::try_from(decimals) {
        Ok(0) => value.to_string(),
        Ok(decimals) => money(i128::from(value), decimals),
        Err(_) => money(i128::from(value), scale),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_are_found_by_number_and_by_bytes() {
        let integers = CustomerIds::Integer(vec![-17, 0, 4]);
        assert_eq!(find(&integers, &Id::Integer(-17)), Some(0));
        assert_eq!(find(&integers, &Id::Integer(5)), None);
        let texts = CustomerIds::Text { bytes: b"007Zab".to_vec(), ends: vec![3, 4, 6] };
        for (text, place) in [("007", Some(0)), ("Z", Some(1)), ("ab", Some(2)), ("7", None), ("", None), ("b", None)] {
            assert_eq!(find(&texts, &Id::Text(text.into())), place, "{text}");
        }
        assert_eq!(find(&texts, &Id::Integer(7)), None);
    }
}
