//! Those who never bought, among the customers: what each column says of them.
//!
//! They have no orders and no money. Without an order there is no recency and nothing to be predicted; scores and ranks they
//! have only where they count. Does not live here: who they are (`members`), and the values of customers (`customers`).

use std::ops::Range;

use polars::prelude::*;

use crate::members::Members;
use crate::reports::findings::Findings;
use crate::reports::ids;
use crate::reports::tables::abc;
use crate::score::weighted_scores;
use crate::scoring::Scoring;
use crate::values::{Numbers, Places, Values};

/// The values of prospects in one column.
enum Theirs {
    /// Null for all.
    Nothing,
    /// One value for all.
    Same(i64),
    Integers(Vec<i64>),
    Doubles(Vec<f64>),
    /// One text for all.
    Name(String),
    Texts(Column),
}

/// The values of some rows of the list of customers and prospects; `own` are those of its customers.
///
/// # Errors
/// A Polars error where the two do not fit, which would be a bug.
pub(super) fn values<'a>(
    findings: &'a Findings,
    members: &Members,
    (name, own): (&str, Values<'a>),
    rows: &Range<usize>,
) -> PolarsResult<Values<'a>> {
    let (_, prospects) = members.roster.split(rows);
    if prospects.is_empty() {
        return Ok(own);
    }
    let count = prospects.len();
    let theirs = theirs(findings, members, name, prospects)?;
    if let (Theirs::Name(theirs), Values::Names { names, places }) = (&theirs, &own) {
        return Ok(named(theirs, names.clone(), places, &members.roster.order(rows)));
    }
    let own = column_of(own);
    let theirs = match theirs {
        Theirs::Nothing => Column::full_null(own.name().clone(), count, own.dtype()),
        Theirs::Same(value) => Column::new(own.name().clone(), vec![value; count]).cast(own.dtype())?,
        Theirs::Integers(values) => Column::new(own.name().clone(), values).cast(own.dtype())?,
        Theirs::Doubles(values) => Column::new(own.name().clone(), values),
        Theirs::Name(name) => Column::new(own.name().clone(), vec![name; count]),
        Theirs::Texts(texts) => texts,
    };
    members.merged(own, &theirs, rows).map(Values::Plain)
}

fn theirs(findings: &Findings, members: &Members, name: &str, prospects: Range<usize>) -> PolarsResult<Theirs> {
    let own = findings.own();
    Ok(match name {
        "customer_id" => Theirs::Texts(ids::of(&members.prospects, prospects)),
        "orders" | "purchase_days" | "transactions" | "revenue" | "margin" | "orders_ever" | "purchase_days_ever" => {
            Theirs::Same(0)
        }
        "segment" => {
            let segment = own.map.prospects().and_then(|index| own.map.segments.get(usize::from(index)));
            segment.map_or(Theirs::Nothing, |segment| Theirs::Name(segment.key.clone()))
        }
        "map" => Theirs::Name(own.map.name.clone()),
        _ if !members.are_counted => Theirs::Nothing,
        "r_score" | "f_score" | "m_score" => Theirs::Same(1),
        "score_sum" => Theirs::Same(if findings.customers.known.has_money() { 3 } else { 2 }),
        "score_mean" => Theirs::Doubles(vec![1.0; prospects.len()]),
        "weighted_score" => {
            let sums = weighted_scores([&[1], &[1], &[1]], own.score_weights);
            let sums = sums.map_err(|error| polars_err!(ComputeError: "{}", error.headline()))?;
            Theirs::Doubles(vec![sums[0]; prospects.len()])
        }
        "cell" => cell(own, [1; 3])?,
        "cell_label" => cell(own, worst_labels(own))?,
        "r_label" => Theirs::Same(worst_labels(own)[0].into()),
        "f_label" => Theirs::Same(worst_labels(own)[1].into()),
        "m_label" => Theirs::Same(worst_labels(own)[2].into()),
        "octant" => Theirs::Name(crate::reports::cube::LOWEST_OCTANT.to_owned()),
        "grid_cell" => {
            let days = members.prospect_days(findings.as_of).skip(prospects.start).take(prospects.len());
            Theirs::Integers(days.map(|days| i64::from(findings.prospect_cell(days))).collect())
        }
        "abc_class" => Theirs::Name(abc::CLASSES[2].to_owned()),
        "revenue_rank" => {
            let ranks = &findings.ranking.prospect_ranks[prospects];
            Theirs::Integers(ranks.iter().map(|rank| i64::from(*rank)).collect())
        }
        "cumulative_revenue_share" => {
            let ranks = findings.ranking.prospect_ranks[prospects].iter();
            let shares: Option<Vec<f64>> = ranks.map(|rank| findings.ranking.cumulative_share_at(*rank)).collect();
            shares.map_or(Theirs::Nothing, Theirs::Doubles)
        }
        _ => Theirs::Nothing,
    })
}

/// The labels of the score 1, where 1 is the best label.
fn worst_labels(own: &Scoring) -> [i32; 3] {
    own.bounds.each_ref().map(|axis| i32::try_from(axis.bounds.len()).unwrap_or(i32::MAX))
}

fn cell(own: &Scoring, [r, f, m]: [i32; 3]) -> PolarsResult<Theirs> {
    let cell = own.cells.numbers(&[r], &[f], &[m]);
    let cell = cell.map_err(|error| polars_err!(ComputeError: "{}", error.headline()))?;
    Ok(Theirs::Name(own.cells.text(cell[0])))
}

/// Texts of a list, with one more for the prospects.
#[allow(clippy::cast_possible_truncation)]
fn named(theirs: &str, mut names: Vec<String>, places: &Places<'_>, order: &[u32]) -> Values<'static> {
    let of_theirs = names.iter().position(|name| name == theirs).unwrap_or_else(|| {
        names.push(theirs.to_owned());
        names.len() - 1
    });
    let place = |place: &u32| {
        let place = *place as usize;
        let own = match places {
            Places::U8(places) => places.get(place).copied().map(u32::from),
            Places::U16(places) => places.get(place).copied().map(u32::from),
            Places::U32(places) => places.get(place).copied(),
        };
        own.unwrap_or(of_theirs as u32)
    };
    let places = order.iter().map(place).collect();
    Values::Names { names, places: Places::U32(places) }
}

/// The values as the engine holds them.
fn column_of(values: Values<'_>) -> Column {
    let name = PlSmallStr::EMPTY;
    match values {
        Values::Plain(column) => column,
        Values::Numbers { numbers: Numbers::I32(numbers), .. } => Column::new(name, numbers.as_ref()),
        Values::Numbers { numbers: Numbers::U32(numbers), .. } => Column::new(name, numbers),
        Values::Numbers { numbers: Numbers::I64(numbers), .. } => Column::new(name, numbers),
        Values::Names { names, places } => {
            let text = |place: usize| names.get(place).map(String::as_str);
            let texts = match places {
                Places::U8(places) => {
                    StringChunked::from_iter_options(name, places.iter().map(|place| text(usize::from(*place))))
                }
                Places::U16(places) => {
                    StringChunked::from_iter_options(name, places.iter().map(|place| text(usize::from(*place))))
                }
                Places::U32(places) => {
                    StringChunked::from_iter_options(name, places.iter().map(|place| text(*place as usize)))
                }
            };
            texts.into_column()
        }
    }
}
