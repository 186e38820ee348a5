//! `customers`: one row per customer, with everything that is known of them.
//!
//! Does not live here: names and meanings of the columns (`columns`), and the predictions (`predicted`).

pub mod columns;
mod prospects;

use std::borrow::Cow;
use std::ops::Range;

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::finish::major_units;
use crate::reports::report::{Added, Chapter, Make, PerRow, Report, every_run};
use crate::reports::tables::{abc, octants, scorings};
use crate::reports::{ids, predicted};
use crate::schema::{AddedColumns, ColumnEntry, PublishedColumn, TableEntry};
use crate::score::{Measure, Unit};
use crate::scoring::values_of;
use crate::values::{Numbers, Places, Values};

const TABLE: TableEntry = TableEntry {
    name: "customers",
    one_row_per: "customer: measures, scores, segment, octant, ABC class, rank",
    published_with: "always",
    meaning: "One row per customer; with `customers.path` one per member without an order, too, whose segment is `prospects`: they have no orders and no revenue, and all else is null but what the table of members says. With `customers.prospects = \"counted\"` their scores are 1, and they have an octant, a grid cell, a class and a rank. Sorted by customer_id: numbers by value, texts by code point.",
    columns: columns::OWN,
};

const ON_REQUEST: AddedColumns = AddedColumns {
    name: "further columns of customers",
    meaning: "Behind its own columns, in this order; the input's columns (`columns.attributes`) follow, and `map` is the last one.",
    columns: columns::ON_REQUEST,
};

/// The last one, behind the columns of the input.
const LAST: AddedColumns =
    AddedColumns { name: TABLE.name, meaning: "The last column, whatever stands before it.", columns: &[columns::MAP] };

const PREDICTED: AddedColumns =
    AddedColumns { name: TABLE.name, meaning: "Columns behind the others.", columns: columns::PREDICTED };

const MODELLED: AddedColumns = AddedColumns {
    name: "further columns of customers by the models",
    meaning: "Only with the setting that each names, behind the columns of `[predict]`, `predict.profits` and `[social]`, in this order.",
    columns: columns::MODELLED,
};

const PLANNED: AddedColumns = AddedColumns {
    name: TABLE.name,
    meaning: "Only with `predict.profits.path`: a column behind the others and those of the models.",
    columns: columns::PLANNED,
};

const SOCIAL: AddedColumns = AddedColumns {
    name: TABLE.name,
    meaning: "Only with `social.path`: columns behind the others and those of `[predict]`. All are null for customers without a row in that table.",
    columns: columns::SOCIAL,
};

const MEMBERS: AddedColumns = AddedColumns {
    name: TABLE.name,
    meaning: "With `customers.path`, each where its setting names a column: behind the others and those of `[social]`. The input's columns follow (`columns.attributes`), then those of members (`customers.attributes`) under their own names.",
    columns: columns::MEMBERS,
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::EveryRun,
    when: every_run,
    times_counted: None,
    added: &[
        Added { chapter: Chapter::Scoring, columns: ON_REQUEST, when: is_on_request },
        Added { chapter: Chapter::Predictions, columns: PREDICTED, when: predicted::is_there },
        Added { chapter: Chapter::Profits, columns: PLANNED, when: |findings, _| findings.planned_ltv.is_some() },
        Added { chapter: Chapter::Social, columns: SOCIAL, when: |findings, _| findings.social.is_some() },
        Added { chapter: Chapter::PredictionsOnRequest, columns: MODELLED, when: predicted::is_asked_for },
        Added { chapter: Chapter::Members, columns: MEMBERS, when: is_of_members },
        Added { chapter: Chapter::LastColumn, columns: LAST, when: |_, _| true },
    ],
    make: Make::PerRow(PerRow { sections, values, has_attributes: true }),
};

/// The customers, and among them those who never bought.
fn sections(findings: &Findings) -> Vec<usize> {
    let prospects = findings.members.as_ref().map_or(0, |members| members.prospects.len());
    vec![findings.customers.len() + prospects]
}

fn is_of_members(findings: &Findings, column: &ColumnEntry) -> bool {
    let columns = findings.members.as_ref().map(|members| &members.columns);
    columns.is_some_and(|columns| match column.name {
        "sign_up_date" => columns.sign_up_days.is_some(),
        _ => columns.consent.is_some(),
    })
}

fn is_on_request(findings: &Findings, column: &ColumnEntry) -> bool {
    findings.further_columns.iter().any(|asked_for| asked_for.name == column.name)
}

/// The rows `rows` of one column of the customers table, before typing.
///
/// # Errors
/// A Polars error for a column that the table does not have, which would be a bug.
fn values<'a>(findings: &'a Findings, column: &PublishedColumn, rows: Range<usize>) -> PolarsResult<Values<'a>> {
    let Some(members) = &findings.members else { return of_customers(findings, column, rows) };
    let name = column.entry.name;
    match name {
        "sign_up_date" => Ok(Values::Plain(members.sign_up_days(name.into(), &rows))),
        "consent" => Ok(Values::Plain(members.consent(name.into(), &rows))),
        "customer_id" => Ok(prospects::ids(findings, members, &rows)),
        _ => {
            let (customers, _) = members.roster.split(&rows);
            let own = of_customers(findings, column, customers)?;
            prospects::values(findings, members, (name, own), &rows)
        }
    }
}

/// The rows `rows` of the customers with an order.
fn of_customers<'a>(findings: &'a Findings, column: &PublishedColumn, rows: Range<usize>) -> PolarsResult<Values<'a>> {
    let name = column.entry.name;
    let customers = &findings.customers;
    let days = |values: &'a [i32]| Numbers::I32(values[rows.clone()].into()).into();
    let counts = |values: &'a [u32]| Numbers::U32(values[rows.clone()].into()).into();
    let wide = |values: &'a [i64]| Numbers::I64(values[rows.clone()].into()).into();
    let doubles = |values: Vec<f64>| Values::Plain(Column::new(name.into(), values));
    Ok(match name {
        "customer_id" => ids::values(findings, rows),
        "first_order_date" => days(&customers.first_day),
        "last_order_date" => days(&customers.last_day),
        "recency_days" => days(&findings.recency_days),
        "tenure_days" => tenure_days(findings, rows).into(),
        "orders" => counts(&customers.orders),
        "purchase_days" => counts(&customers.purchase_days),
        "transactions" => counts(&customers.transactions),
        "revenue" => wide(&customers.revenue),
        "average_order_value" if without_orders(findings, &rows) => {
            with_orders(findings, &rows, name, average_order_values(findings, &rows))
        }
        "average_order_value" => doubles(average_order_values(findings, &rows)),
        "largest_order" if without_orders(findings, &rows) => {
            let largest = customers.largest_order[rows.clone()].to_vec();
            with_orders(findings, &rows, name, largest)
        }
        "largest_order" => wide(&customers.largest_order),
        "orders_ever" => counts(customers.orders_of_all_days()),
        "purchase_days_ever" => counts(customers.purchase_days_of_all_days()),
        "r_score" | "f_score" | "m_score" | "cell" | "score_sum" | "segment" | "score_mean" | "weighted_score"
        | "weighted_value" | "v_score" | "cluster" | "map" | "r_label" | "f_label" | "m_label" | "v_label"
        | "cell_label" => {
            return scorings::values_of(findings.own(), name, rows);
        }
        "octant" => Values::Names { names: octants::codes(findings), places: Places::U16(&findings.octant[rows]) },
        "grid_cell" => findings.grid_cell[rows].iter().map(|cell| i32::from(*cell)).collect::<Vec<_>>().into(),
        "abc_class" => {
            let names = abc::CLASSES.map(String::from).to_vec();
            Values::Names { names, places: Places::U8(&findings.ranking.abc[rows]) }
        }
        "revenue_rank" => counts(&findings.ranking.rank),
        "cumulative_revenue_share" => Values::Plain(cumulative_shares(findings, rows)),
        "p_alive" | "expected_orders_H" | "expected_value" | "clv_H" | "clv_rank" => {
            Values::Plain(predicted::values(findings, column, rows))
        }
        "planned_ltv" => Values::Plain(planned_values(findings, rows)),
        "influence_index" | "activity_index" | "value_index" | "scv" => {
            Values::Plain(social_figures(findings, name, rows))
        }
        _ if columns::MODELLED.iter().any(|asked_for| asked_for.name == name) => {
            Values::Plain(predicted::values_on_request(findings, name, rows))
        }
        _ => match Measure::of_column(name) {
            Some(measure) => measured(findings, measure, rows)?,
            None => polars_bail!(ColumnNotFound: "customers has no column `{name}`"),
        },
    })
}

/// Days, counts or money of a measure that has no column of its width ready.
fn measured(findings: &Findings, measure: Measure, rows: Range<usize>) -> PolarsResult<Values<'_>> {
    let values = values_of(&findings.customers, findings.as_of, measure, rows);
    let values = values.map_err(|error| polars_err!(ComputeError: "{}", error.headline()))?;
    Ok(match (measure.entry().unit, values) {
        (Unit::Days, values) => {
            let days: Vec<i32> = values.iter().map(|days| i32::try_from(*days).unwrap_or(i32::MAX)).collect();
            days.into()
        }
        (_, values @ Cow::Borrowed(_)) => Numbers::I64(values).into(),
        (_, Cow::Owned(values)) => Values::Plain(Column::new(measure.column().into(), values)),
    })
}

fn tenure_days(findings: &Findings, rows: Range<usize>) -> Vec<i32> {
    findings.customers.first_day[rows].iter().map(|first| findings.as_of - first).collect()
}

fn average_order_values(findings: &Findings, rows: &Range<usize>) -> Vec<f64> {
    let customers = &findings.customers;
    let pairs = customers.revenue[rows.clone()].iter().zip(&customers.orders[rows.clone()]);
    let major = major_units(findings.scale);
    pairs.map(|(revenue, orders)| major(*revenue) / f64::from(*orders)).collect()
}

/// Whether some of these customers have no order in the window.
fn without_orders(findings: &Findings, rows: &Range<usize>) -> bool {
    findings.customers.orders[rows.clone()].contains(&0)
}

/// The values of customers with an order; null for the others.
fn with_orders<T>(findings: &Findings, rows: &Range<usize>, name: &str, values: Vec<T>) -> Values<'static>
where
    Series: NamedFrom<Vec<Option<T>>, [Option<T>]>,
{
    let orders = &findings.customers.orders[rows.clone()];
    let values = values.into_iter().zip(orders).map(|(value, orders)| (*orders > 0).then_some(value));
    Values::Plain(Column::new(name.into(), values.collect::<Vec<Option<T>>>()))
}

fn cumulative_shares(findings: &Findings, rows: Range<usize>) -> Column {
    let name: PlSmallStr = "cumulative_revenue_share".into();
    let count = rows.len();
    match findings.ranking.cumulative_shares(rows) {
        Some(shares) => Column::new(name, shares),
        None => Column::full_null(name, count, &DataType::Float64),
    }
}

/// Values by the plain formula; null for customers whose profits are not known.
fn planned_values(findings: &Findings, rows: Range<usize>) -> Column {
    let count = rows.len();
    let name: PlSmallStr = "planned_ltv".into();
    let Some(values) = &findings.planned_ltv else { return Column::full_null(name, count, &DataType::Float64) };
    let known = values[rows].iter().map(|value| Some(*value).filter(|value| !value.is_nan()));
    Float64Chunked::from_iter_options(name, known).into_column()
}

/// Social figures; null for customers without social measures.
fn social_figures(findings: &Findings, name: &str, rows: Range<usize>) -> Column {
    let figure = |row| findings.social.as_ref().and_then(|social| social.figure(name, row));
    Float64Chunked::from_iter_options(name.into(), rows.map(figure)).into_column()
}
