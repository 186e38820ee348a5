//! The purchase models: what they expect, what there was, and what a holdout says of them.

use std::fmt::Display;

use crate::error::Result;
use crate::page::charts::columns::{Columns, Group};
use crate::page::charts::lines::{Lines, Series};
use crate::page::context::Context;
use crate::page::data::rows::Rows;
use crate::page::figure::{Figure, Table};
use crate::page::numbers::Numbers;
use crate::page::sections::section::Section;

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let mut figures = Vec::new();
    let columns = ["grouping", "group", "customers", "mean_predicted_orders", "mean_actual_orders"];
    if let Some(rows) = context.tables.read("calibration", &columns)? {
        let summary = context.tables.read("calibration_summary", &["measure", "value"])?.unwrap_or_default();
        figures.extend(calibration(context, &rows, &summary));
    }
    let columns = ["repeats", "actual_customers", "expected_customers"];
    if let Some(rows) = context.tables.read("model_repeats", &columns)?.filter(|rows| rows.knows("expected_customers"))
    {
        figures.push(repeats(context, &rows));
    }
    let columns = ["week", "last_date", "actual_repeats", "expected_repeats"];
    if let Some(rows) = context.tables.read("model_tracking", &columns)?.filter(|rows| rows.knows("expected_repeats")) {
        figures.push(tracking(context, &rows));
    }
    let mut section = Section::new(&context.texts, "models");
    if let Some(model) = chosen(context)? {
        let name = context.texts.find(&format!("model.{model}")).unwrap_or(&model).to_owned();
        section.lead = context.texts.fill("models.chosen", &[("model", &name)]);
    }
    Ok(section.with(figures))
}

/// The model that was chosen.
fn chosen(context: &Context<'_>) -> Result<Option<String>> {
    let Some(rows) = context.tables.read("model_fit", &["model", "measure", "value"])? else { return Ok(None) };
    let found = rows.rows_with("measure", "is_chosen").into_iter().find(|row| rows.number("value", *row) == Some(1.0));
    Ok(found.map(|row| rows.name("model", row).to_owned()))
}

/// Two series side by side, and the table of both.
fn pairs(context: &Context<'_>, names: [&str; 2], axis: &str) -> Columns {
    Columns {
        series: names.map(|name| context.say(&format!("column.{name}")).to_owned()).to_vec(),
        axis: context.say(axis).to_owned(),
        ..Columns::default()
    }
}

fn calibration(context: &Context<'_>, rows: &Rows, summary: &Rows) -> Option<Figure> {
    let rows = rows.only(&rows.rows_with("grouping", "decile"));
    if !rows.knows("mean_predicted_orders") {
        return None;
    }
    let names = ["mean_actual_orders", "mean_predicted_orders"];
    let mut columns = pairs(context, names, "axis.tenth");
    let mut table =
        Table::new(context.heads(&["tenth", "customers", "mean_actual_orders", "mean_predicted_orders"]), 1);
    for row in 0..rows.count() {
        let tenth = Numbers::whole(rows.exact("group", row).unwrap_or_default());
        let [actual, expected] = names.map(|name| Numbers::maybe_decimal(rows.number(name, row), 3));
        let values = names.map(|name| rows.number(name, row).unwrap_or_default()).to_vec();
        let spoken: [(&str, &dyn Display); 3] = [("name", &tenth), ("actual", &actual), ("expected", &expected)];
        columns.groups.push(Group { name: tenth.clone(), values, tip: context.texts.fill("models.tip", &spoken) });
        table.add([tenth, Numbers::whole(rows.exact("customers", row).unwrap_or_default()), actual, expected]);
    }
    let figure =
        |measure: &str| summary.rows_with("measure", measure).first().and_then(|row| summary.number("value", *row));
    let title = match (figure("orders_predicted"), figure("orders_actual"), figure("holdout_days")) {
        (Some(predicted), Some(actual), Some(days)) => {
            let (predicted, actual, days) =
                (Numbers::decimal(predicted, 0), Numbers::decimal(actual, 0), Numbers::decimal(days, 0));
            let values: [(&str, &dyn Display); 3] = [("predicted", &predicted), ("actual", &actual), ("days", &days)];
            context.texts.fill("models.calibration", &values)
        }
        _ => context.say("models.calibration_plain").to_owned(),
    };
    let picture = columns.drawn(&title, |value| context.numbers.short(value));
    Some(Figure::new(title, picture, table).legend(columns.legend()).note(context.say("models.calibration_note")))
}

fn repeats(context: &Context<'_>, rows: &Rows) -> Figure {
    let names = ["actual_customers", "expected_customers"];
    let mut columns = pairs(context, names, "axis.repeats");
    let mut table = Table::new(context.heads(&["repeats", "actual_customers", "expected_customers"]), 1);
    let last = rows.count() - 1;
    for row in 0..rows.count() {
        let repeats =
            format!("{}{}", rows.exact("repeats", row).unwrap_or_default(), if row == last { "+" } else { "" });
        let (actual, expected) = (
            Numbers::whole(rows.exact(names[0], row).unwrap_or_default()),
            Numbers::maybe_decimal(rows.number(names[1], row), 1),
        );
        let spoken: [(&str, &dyn Display); 3] = [("name", &repeats), ("actual", &actual), ("expected", &expected)];
        let values = names.map(|name| rows.number(name, row).unwrap_or_default()).to_vec();
        columns.groups.push(Group { name: repeats.clone(), values, tip: context.texts.fill("models.tip", &spoken) });
        table.add([repeats, actual, expected]);
    }
    let all: f64 = (0..rows.count()).filter_map(|row| rows.number(names[0], row)).sum();
    let none = rows.number(names[0], 0).unwrap_or_default();
    let share = Numbers::percent(none / all.max(1.0));
    let title = context.texts.fill("models.repeats", &[("share", &share)]);
    let picture = columns.drawn(&title, |value| context.numbers.short(value));
    Figure::new(title, picture, table).legend(columns.legend()).note(context.say("models.repeats_note"))
}

/// Points of a long series: at most so many, the last among them.
const MOST_POINTS: usize = 160;

fn tracking(context: &Context<'_>, rows: &Rows) -> Figure {
    let names = [("actual_repeats", "one"), ("expected_repeats", "two")];
    let last = rows.count() - 1;
    let step = rows.count().div_ceil(MOST_POINTS);
    let shown: Vec<usize> = (0..rows.count()).filter(|row| (last - row).is_multiple_of(step)).collect();
    let at = |row: usize| if last == 0 { 0.5 } else { row as f64 / last as f64 };
    let series = |(name, class): (&str, &'static str)| Series {
        name: context.say(&format!("column.{name}")).to_owned(),
        points: shown.iter().map(|row| (at(*row), rows.number(name, *row))).collect(),
        class,
        is_area: false,
    };
    let lines = Lines {
        series: names.map(series).to_vec(),
        below: shown.iter().map(|row| (at(*row), rows.name("last_date", *row).to_owned())).collect(),
        axis: context.say("axis.date").to_owned(),
        ..Lines::default()
    };
    let mut table = Table::new(context.heads(&["last_date", "actual_repeats", "expected_repeats"]), 1);
    for row in shown.iter().rev() {
        let actual = Numbers::whole(rows.exact("actual_repeats", *row).unwrap_or_default());
        table.add([
            rows.name("last_date", *row).to_owned(),
            actual,
            Numbers::maybe_decimal(rows.number("expected_repeats", *row), 1),
        ]);
    }
    let [actual, expected] = names.map(|(name, _)| rows.number(name, last).unwrap_or_default());
    let change = Numbers::change(if actual > 0.0 { expected / actual - 1.0 } else { 0.0 });
    let title = context.texts.fill("models.tracking", &[("change", &change)]);
    let picture = lines.drawn(&title, |value| context.numbers.short(value));
    Figure::new(title, picture, table).legend(lines.legend()).note(context.say("models.tracking_note"))
}
