//! A customer's explanation as text for people. Does not live here: what it says.

use std::fmt::Write;

use comfy_table::{Table, presets};

use super::axes::AxisExplained;
use super::one_more::OneMore;
use super::prediction::{HistoryExplained, HorizonExplained, PredictionExplained};
use super::prospect::ProspectExplained;
use super::rows::{Conversion, CustomerRows, RowExplained, SHOWN};
use super::scorings::{GroupExplained, ScoringExplained, SegmentExplained};
use super::{Explanation, MeasuresExplained, Standing};
use crate::error::printable_line;
use crate::job::summary::grouped;
use crate::predict::{ModelEntry, Parameter};
use crate::score::{Measure, Unit};

/// The explanation; money has `scale` decimals.
pub(crate) fn render(story: &Explanation, scale: u8) -> String {
    let mut text = format!("customer {} as of {}\n", printable_line(&story.customer_id), story.as_of);
    if let Some(old_id) = &story.old_id {
        let (old, new) = (printable_line(old_id), printable_line(&story.customer_id));
        let _ = writeln!(text, "{old} is an old id of {new} (`customers.aliases`)");
    }
    match (&story.standing, &story.prospect) {
        (Some(standing), _) => standing_text(&mut text, standing, story.customers, scale),
        (None, Some(prospect)) => prospect_text(&mut text, prospect),
        (None, None) => text.push_str("\nnone of their rows is used, so they have no scores\n"),
    }
    if story.rows.rows > 0 {
        rows_text(&mut text, &story.rows);
    }
    text
}

/// A member who never bought.
fn prospect_text(text: &mut String, prospect: &ProspectExplained) {
    let ProspectExplained { segment, sign_up_date, consent, attributes } = prospect;
    line(text, "\nsegment", &format!("{segment}: a member without a purchase, and without scores of their own"));
    if let Some(date) = sign_up_date {
        line(text, "signed up", date);
    }
    if let Some(consent) = consent {
        line(text, "consent", if *consent { "yes" } else { "no" });
    }
    for (name, value) in attributes {
        line(text, name, value.as_deref().unwrap_or("null"));
    }
}

fn line(text: &mut String, name: &str, fact: &str) {
    let _ = writeln!(text, "{name:16}{}", printable_line(fact));
}

fn standing_text(text: &mut String, standing: &Standing, customers: usize, scale: u8) {
    let Standing { segment, cell, octant, octant_name, octant_name_zh, grid_cell, grid_bands, .. } = standing;
    line(text, "\nsegment", &named(segment));
    segment_text(text, segment);
    line(text, "cell", cell);
    if let (Some(octant), Some(name), Some(name_zh)) = (octant, octant_name, octant_name_zh) {
        line(text, "octant", &format!("{octant} ({name}, {name_zh})"));
    }
    line(text, "grid cell", &format!("{grid_cell} ({grid_bands})"));
    let share = standing
        .cumulative_revenue_share
        .map(|share| format!("; they and those above them hold {:.1}% of revenue", 100.0 * share));
    if let Some((class, rank)) = standing.abc_class.zip(standing.revenue_rank) {
        let rank = format!("{} of {}", grouped(rank.into()), grouped(customers as u64));
        line(text, "abc class", class);
        line(text, "revenue rank", &(rank + &share.unwrap_or_default()));
    }
    measures_text(text, &standing.measures, scale);
    if let Some(cluster) = standing.cluster {
        line(text, "cluster", &cluster.to_string());
    }
    if let Some(group) = &standing.group {
        line(text, "group", &group_text(group));
    }
    let axes = standing.axes.iter().map(|axis| &axis.explained);
    let _ = writeln!(text, "\n{}", axes_table(axes.chain(&standing.value), scale));
    for axis in &standing.axes {
        line(text, &format!("{} next", axis.explained.axis), &axis.next.text);
    }
    line(text, "better segment", &standing.next.text);
    if let Some(more) = &standing.next.one_more_order {
        one_more_text(text, more, scale);
    }
    text.push_str("(with the thresholds of this run; each new run learns its own)\n");
    for scoring in &standing.further_scorings {
        scoring_text(text, scoring, scale);
    }
    if let Some(prediction) = &standing.predictions {
        prediction_text(text, prediction, customers, scale);
    }
}

/// What one more order would do, and what is held still for that.
fn one_more_text(text: &mut String, more: &OneMore, scale: u8) {
    let decimals = usize::from(scale);
    let value = more.value.zip(more.value_is).map(|(value, is)| format!("of {value:.decimals$} ({is}), "));
    let monetary = more.m_score.map(|score| format!(" m {score}")).unwrap_or_default();
    let mut fact =
        format!("{}on the analysis date -> r {} f {}{monetary}", value.unwrap_or_default(), more.r_score, more.f_score);
    if let Some(value) = more.weighted_value {
        let _ = write!(fact, ", weighted value {value}");
    }
    if let Some(score) = more.v_score {
        let _ = write!(fact, " (score {score})");
    }
    if let Some((class, rank)) = more.abc_class.zip(more.revenue_rank) {
        let _ = write!(fact, ", ABC class {class} (rank {rank})");
    }
    if let Some(segment) = &more.segment {
        let _ = write!(fact, ", segment {segment}");
    }
    line(text, "one more order", &fact);
    line(text, "", &format!("held still: {}", more.held_still.join(", ")));
}

/// What to do, and which rule gives the segment.
fn segment_text(text: &mut String, segment: &SegmentExplained) {
    line(text, "action", &segment.action_en);
    line(text, "", &segment.action_zh);
    line(text, "rule", &segment.rule.text);
    if let Some(better) = &segment.rule.better {
        line(text, "better rule", &better.text);
    }
}

/// Among whom the customer is scored, and by whose breaks.
fn group_text(group: &GroupExplained) -> String {
    let whose = if group.breaks == "own" { "scored among them" } else { "scored by the breaks of all customers" };
    format!("{} (by {}), {} customers; {whose}", group.customer_group, group.by.join(", "), grouped(group.customers))
}

fn named(segment: &SegmentExplained) -> String {
    format!("{} ({}, {})", segment.key, segment.name_en, segment.name_zh)
}

/// A further scoring.
fn scoring_text(text: &mut String, scoring: &ScoringExplained, scale: u8) {
    line(text, "\nscoring", &format!("{}, by the map {}", scoring.scoring, scoring.map));
    line(text, "segment", &named(&scoring.segment));
    segment_text(text, &scoring.segment);
    line(text, "cell", &scoring.cell);
    if let Some(group) = &scoring.group {
        line(text, "group", &group_text(group));
    }
    if let Some(cluster) = scoring.cluster {
        line(text, "cluster", &cluster.to_string());
    }
    let _ = writeln!(text, "{}", axes_table(scoring.axes.iter().chain(&scoring.value), scale));
}

fn prediction_text(text: &mut String, prediction: &PredictionExplained, customers: usize, scale: u8) {
    let (unit, decimals) = (prediction.time_unit, usize::from(scale));
    let unknown = || "unknown".to_owned();
    let money = |value: Option<f64>| value.map_or_else(unknown, |value| format!("{value:.decimals$}"));
    let share = |value: Option<f64>| value.map_or_else(unknown, |value| format!("{value:.4}"));
    let history = prediction.history.as_ref().map(|HistoryExplained { x, t_x, t_cal, mean_repeat_value }| {
        format!("x {x}, t_x {t_x:.4}, T {t_cal:.4} ({unit}s); a repeat purchase brought {mean_repeat_value:.decimals$}")
    });
    line(text, "\npurchases", &history.unwrap_or_else(|| "no purchase".to_owned()));
    line(text, "P(alive)", &share(prediction.p_alive));
    for HorizonExplained { horizon, expected_orders, clv } in &prediction.horizons {
        let fact = format!("{} orders, CLV {}", share(*expected_orders), money(*clv));
        line(text, &format!("in {}", horizon.replace('_', " ")), &fact);
    }
    line(text, "next order", &format!("of {}", money(prediction.expected_value)));
    if let Some(rank) = prediction.clv_rank {
        line(text, "clv rank", &format!("{} of {}", grouped(rank.into()), grouped(customers as u64)));
    }
    let from = prediction.params_from.as_ref().map_or_else(|| "fitted".to_owned(), |path| format!("from {path}"));
    line(
        text,
        "models",
        &format!("{}, {}: {from}", model_text(prediction.purchases.as_ref()), model_text(prediction.spending.as_ref())),
    );
    for warning in &prediction.warnings {
        line(text, "warning", warning);
    }
}

/// A model as in the manifest: its name and its parameters.
fn model_text(model: Option<&ModelEntry>) -> String {
    let Some(ModelEntry { model, parameters }) = model else { return "no model".to_owned() };
    let number = |parameter: &Parameter| parameter.number().map(|number| number.to_string()).unwrap_or_default();
    let parameters: Vec<String> = parameters.iter().map(|(name, value)| format!("{name} {}", number(value))).collect();
    format!("{model} ({})", parameters.join(", "))
}

fn measures_text(text: &mut String, measures: &MeasuresExplained, scale: u8) {
    let decimals = usize::from(scale);
    let MeasuresExplained { recency_days, orders, last_order_date: last, .. } = measures;
    let days = measures.purchase_days.map(|days| format!(" on {days} days")).unwrap_or_default();
    let rows = measures.transactions.map(|rows| format!(", from {rows} rows")).unwrap_or_default();
    line(text, "\norders", &format!("{orders} orders{days}{rows}"));
    match measures.first_order_date.as_ref().zip(measures.tenure_days) {
        Some((first, tenure_days)) => {
            line(text, "first and last", &format!("{first} and {last}: {tenure_days} and {recency_days} days ago"));
        }
        None => line(text, "last", &format!("{last}: {recency_days} days ago")),
    }
    if let Some(interactions) = measures.interactions {
        line(text, "interactions", &interactions.to_string());
    }
    if let Some(revenue) = measures.revenue {
        let average = measures.average_order_value.map(|average| format!("on average {average:.decimals$} per order"));
        let largest = measures.largest_order.map(|largest| format!("the largest {largest:.decimals$}"));
        let of_orders: Vec<String> = average.into_iter().chain(largest).collect();
        let of_orders = if *orders == 0 { "no order in the window".to_owned() } else { of_orders.join(", ") };
        line(text, "revenue", &format!("{revenue:.decimals$}; {of_orders}"));
    }
    if let Some(margin) = measures.margin {
        line(text, "margin", &format!("{margin:.decimals$}"));
    }
}

fn axes_table<'a>(axes: impl Iterator<Item = &'a AxisExplained>, scale: u8) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["measure", "value", "score", "values of this score", "thresholds around it"]);
    for axis in axes {
        let number = |value: f64| number(value, axis.measure, scale);
        let open = |value: Option<f64>| value.map_or_else(|| "..".to_owned(), number);
        let range = format!("{} to {}", open(axis.lowest_value), open(axis.highest_value));
        let thresholds = if axis.has_thresholds {
            format!("{} and {}", plain(axis.lower_threshold), plain(axis.upper_threshold))
        } else {
            "none".to_owned()
        };
        table.add_row([
            axis.measure.column().to_owned(),
            axis.value.map_or_else(|| "none".to_owned(), number),
            format!("{} of {}", axis.score, axis.bins),
            range,
            thresholds,
        ]);
    }
    table
}

/// Days and counts as they are, money with its decimals, the weighted value with all that it has.
fn number(value: f64, measure: Measure, scale: u8) -> String {
    match measure.entry().unit {
        Unit::Money | Unit::MoneyPerOrder => format!("{value:.*}", usize::from(scale)),
        Unit::Value => format!("{value}"),
        Unit::Days | Unit::Count(_) => format!("{value:.0}"),
    }
}

fn plain(threshold: Option<f64>) -> String {
    threshold.map_or_else(|| "..".to_owned(), |threshold| format!("{threshold}"))
}

/// `kept (order)`, and the old id that the row has.
fn outcome_text(row: &RowExplained) -> String {
    let order = row.order.map(|order| format!(" ({order})")).unwrap_or_default();
    let old_id = row.old_id.as_deref().map(|id| format!(", as {}", printable_line(id))).unwrap_or_default();
    format!("{}{order}{old_id}", row.outcome)
}

fn rows_text(text: &mut String, rows: &CustomerRows) {
    let outcomes: Vec<String> =
        rows.outcomes.iter().map(|outcome| format!("{} {}", grouped(outcome.rows), outcome.outcome)).collect();
    line(text, "\nrows", &format!("{} = {}", grouped(rows.rows), outcomes.join(" + ")));
    let has_amount = rows.newest.iter().any(|row| row.amount.is_some());
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    let has_factors = rows.newest.iter().any(|row| row.quantity.is_some() || row.unit_price.is_some());
    let amount = if has_amount || !has_factors { "amount" } else { "quantity x unit price" };
    let has_currencies = rows.newest.iter().any(|row| row.conversion.is_some());
    let conversion = if has_currencies { &["currency", "rate", "converted"][..] } else { &[] };
    let has_names = rows.newest.iter().any(|row| row.input.is_some());
    let name = if has_names { &["input"][..] } else { &[] };
    let fixed = ["outcome", "order_ts", "order_id", amount];
    let header = name.iter().chain(&fixed).chain(conversion);
    table.set_header(header.chain(&["file", "row"]));
    for row in &rows.newest {
        let raw = |value: &Option<String>| value.as_deref().map_or_else(|| "null".to_owned(), printable_line);
        let product = || format!("{} x {}", raw(&row.quantity), raw(&row.unit_price));
        let amount = if has_amount || (row.quantity.is_none() && row.unit_price.is_none()) {
            raw(&row.amount)
        } else {
            product()
        };
        let mut cells: Vec<String> = row.input.iter().cloned().collect();
        cells.extend([
            outcome_text(row),
            raw(&row.order_ts),
            row.order_id.as_deref().map(printable_line).unwrap_or_default(),
            amount,
        ]);
        cells.extend(row.conversion.iter().flat_map(conversion_cells));
        cells.push(row.file.as_deref().map(printable_line).unwrap_or_default());
        cells.push(row.row.map(|number| number.to_string()).unwrap_or_default());
        table.add_row(cells);
    }
    let _ = writeln!(text, "{table}");
    let shown = rows.newest.len() as u64;
    if rows.rows > shown {
        let of = format!("{} of {} rows", grouped(shown), grouped(rows.rows));
        let _ = writeln!(text, "{of}: the newest {SHOWN} of each outcome, returns apart");
    }
}

/// Currency, rate with its day, and the amount in the base.
fn conversion_cells(conversion: &Conversion) -> [String; 3] {
    let Conversion { currency, rate, rate_date, converted, base } = conversion;
    let of_day = rate_date.as_ref().map(|day| format!(" ({day})")).unwrap_or_default();
    let rate = rate.as_ref().map(|rate| format!("{rate}{of_day}")).unwrap_or_default();
    let base = base.as_deref().map(printable_line).unwrap_or_default();
    let converted = converted.as_ref().map(|amount| format!("{amount} {base}")).unwrap_or_default();
    [currency.as_deref().map_or_else(|| "null".to_owned(), printable_line), rate, converted]
}
