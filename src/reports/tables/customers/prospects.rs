//! Those who never bought, among the customers: what each column says of them.
//!
//! They have no orders and no money. Without an order there is no recency and nothing to be predicted; scores and ranks they
//! have only where they count. Does not live here: who they are (`members`), and the values of customers (`customers`).

use std::ops::Range;

use polars::prelude::*;

use crate::customers::CustomerIds;
use crate::members::{Members, Roster};
use crate::reports::findings::Findings;
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
    Ok(match (theirs(findings, members, name, prospects)?, own) {
        (Theirs::Nothing, own) => Values::Gapped { values: Box::new(own), filled: members.roster.are_customers(rows) },
        (Theirs::Same(value), own) => numbers(&members.roster, rows, own, |_| value)?,
        (Theirs::Integers(values), own) => numbers(&members.roster, rows, own, |prospect| values[prospect])?,
        (Theirs::Doubles(values), Values::Plain(own)) => {
            let own: Vec<f64> = own.f64()?.iter().map(Option::unwrap_or_default).collect();
            let merged = members.roster.merged(rows, &own, |prospect| values[prospect]);
            Values::Plain(Column::new(PlSmallStr::EMPTY, merged))
        }
        (Theirs::Name(theirs), Values::Names { names, places }) => {
            named(&theirs, names, &places, (&members.roster, rows))
        }
        _ => polars_bail!(SchemaMismatch: "those who never bought have other values in `{name}`"),
    })
}

/// Whole numbers of customers and prospects, as wide as those of the customers.
fn numbers<'a>(
    roster: &Roster,
    rows: &Range<usize>,
    own: Values<'a>,
    theirs: impl Fn(usize) -> i64,
) -> PolarsResult<Values<'a>> {
    let narrow = |prospect: usize| i32::try_from(theirs(prospect)).unwrap_or(i32::MAX);
    let count = |prospect: usize| u32::try_from(theirs(prospect)).unwrap_or(u32::MAX);
    Ok(match own {
        Values::Numbers { numbers: Numbers::I32(own), .. } => roster.merged(rows, &own, narrow).into(),
        Values::Numbers { numbers: Numbers::U32(own), .. } => {
            Numbers::U32(roster.merged(rows, &own, count).into()).into()
        }
        Values::Numbers { numbers: Numbers::I64(own), .. } => {
            Numbers::I64(roster.merged(rows, &own, theirs).into()).into()
        }
        Values::Plain(own) => {
            let own: Vec<i64> =
                own.strict_cast(&DataType::Int64)?.i64()?.iter().map(Option::unwrap_or_default).collect();
            Numbers::I64(roster.merged(rows, &own, theirs).into()).into()
        }
        _ => polars_bail!(SchemaMismatch: "those who never bought have numbers where customers have none"),
    })
}

/// The ids of some rows of the list of customers and prospects.
pub(super) fn ids<'a>(findings: &Findings, members: &Members, rows: &Range<usize>) -> Values<'a> {
    let (customers, prospects) = members.roster.split(rows);
    match (&findings.customers.ids, &members.prospects) {
        (CustomerIds::Integer(own), CustomerIds::Integer(theirs)) => {
            let theirs = &theirs[prospects];
            Numbers::I64(members.roster.merged(rows, &own[customers], |prospect| theirs[prospect]).into()).into()
        }
        (own, theirs) => {
            let own: Vec<&[u8]> = customers.map(|row| own.text(row)).collect();
            let texts = members.roster.merged(rows, &own, |prospect| theirs.text(prospects.start + prospect));
            // Ids came out of text columns: they are UTF-8.
            let texts = texts.into_iter().map(|text| std::str::from_utf8(text).unwrap_or_default());
            Values::Plain(StringChunked::from_iter_values("customer_id".into(), texts).into_column())
        }
    }
}

fn theirs(findings: &Findings, members: &Members, name: &str, prospects: Range<usize>) -> PolarsResult<Theirs> {
    let own = findings.own();
    Ok(match name {
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
fn named(
    theirs: &str,
    mut names: Vec<String>,
    places: &Places<'_>,
    (roster, rows): (&Roster, &Range<usize>),
) -> Values<'static> {
    let of_theirs = names.iter().position(|name| name == theirs).unwrap_or_else(|| {
        names.push(theirs.to_owned());
        names.len() - 1
    }) as u32;
    let merged = |own: &[u32]| Places::U32(roster.merged(rows, own, |_| of_theirs));
    let places = match places {
        Places::U8(own) => merged(&own.iter().copied().map(u32::from).collect::<Vec<_>>()),
        Places::U16(own) => merged(&own.iter().copied().map(u32::from).collect::<Vec<_>>()),
        Places::U32(own) => merged(own),
    };
    Values::Names { names, places }
}
