//! How concentrated revenue is: the curve of Lorenz from the top, the measured sentence, the classes of ABC.

use std::fmt::Display;

use crate::error::Result;
use crate::page::charts::lines::{Lines, Mark, Series};
use crate::page::charts::pair_bars::{Entry, pair_bars};
use crate::page::colours::Colour;
use crate::page::context::Context;
use crate::page::data::rows::Rows;
use crate::page::figure::{Figure, Layout, Table};
use crate::page::numbers::Numbers;
use crate::page::sections::section::Section;

const COLUMNS: &[&str] = &[
    "revenue_group",
    "customers",
    "revenue",
    "revenue_share",
    "cumulative_customer_share",
    "cumulative_revenue_share",
    "lowest_revenue",
    "highest_revenue",
];

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let rows = context.tables.read("pareto", COLUMNS)?.filter(|rows| rows.knows("cumulative_revenue_share"));
    let curve = match rows {
        Some(rows) => {
            let figures = context.tables.read("pareto_summary", &["measure", "value"])?.unwrap_or_default();
            Some(curve(context, &rows, &figures))
        }
        None => None,
    };
    let classes =
        context.tables.read("abc", &["abc_class", "customers", "customer_share", "revenue", "revenue_share"])?;
    let classes = classes.filter(|rows| rows.knows("revenue_share")).map(|rows| classes_of(context, &rows));
    Ok(Section::new(&context.texts, "pareto").with(curve.into_iter().chain(classes)))
}

fn figure_of(figures: &Rows, measure: &str) -> Option<f64> {
    figures.rows_with("measure", measure).first().and_then(|row| figures.number("value", *row))
}

/// Groups of customers by something, richest first, as a curve from the top.
pub(super) fn lorenz(context: &Context<'_>, rows: &Rows, share: &str, (name, axis): (&str, &str)) -> Lines {
    let point = |row| (rows.number("cumulative_customer_share", row).unwrap_or_default(), rows.number(share, row));
    let mut points = vec![(0.0, Some(0.0))];
    points.extend((0..rows.count()).map(point));
    let equal = Series {
        name: context.say("pareto.equal").to_owned(),
        points: vec![(0.0, Some(0.0)), (1.0, Some(1.0))],
        class: "even",
        is_area: false,
    };
    let curve = Series { name: context.say(name).to_owned(), points, class: "one", is_area: true };
    let tenth = |tenth: i32| (f64::from(tenth) / 5.0, Numbers::percent(f64::from(tenth) / 5.0).replace(".0%", "%"));
    Lines {
        series: vec![equal, curve],
        below: (0..=5).map(tenth).collect(),
        axis: context.say(axis).to_owned(),
        highest: Some(1.0),
        ..Lines::default()
    }
}

fn curve(context: &Context<'_>, rows: &Rows, figures: &Rows) -> Figure {
    let mut lines = lorenz(context, rows, "cumulative_revenue_share", ("pareto.curve", "axis.customers_from_the_top"));
    let top = figure_of(figures, "revenue_share_of_top_20_percent");
    let most = figure_of(figures, "customer_share_for_80_percent_of_revenue");
    if let Some(share) = top {
        let label = context.texts.fill("pareto.mark", &[("customers", &"20%"), ("revenue", &Numbers::percent(share))]);
        lines.marks.push(Mark { at: (0.2, share), label, below: 28.0 });
    }
    if let Some(share) = most.filter(|share| (share - 0.2).abs() > 0.04) {
        let label = context.texts.fill("pareto.mark", &[("customers", &Numbers::percent(share)), ("revenue", &"80%")]);
        lines.marks.push(Mark { at: (share, 0.8), label, below: 12.0 });
    }
    let title = match (top, most) {
        (Some(top), Some(most)) => {
            let values: [(&str, &dyn Display); 2] =
                [("top", &Numbers::percent(top)), ("most", &Numbers::percent(most))];
            context.texts.fill("pareto.sentence", &values)
        }
        _ => context.say("pareto.undefined").to_owned(),
    };
    let note = match figure_of(figures, "gini") {
        Some(gini) => context.texts.fill("pareto.note_gini", &[("gini", &Numbers::decimal(gini, 3))]),
        None => context.say("pareto.note").to_owned(),
    };
    let picture = lines.drawn(&title, |share| Numbers::percent(share).replace(".0%", "%"));
    Figure::new(title, picture, table(context, rows)).note(note).legend(lines.legend())
}

fn table(context: &Context<'_>, rows: &Rows) -> Table {
    let mut heads = context.heads(&["revenue_group", "customers", "revenue", "revenue_share"]);
    heads.extend(context.heads(&[
        "cumulative_customer_share",
        "cumulative_revenue_share",
        "lowest_revenue",
        "highest_revenue",
    ]));
    let mut table = Table::new(heads, 1);
    for row in 0..rows.count() {
        let money = |column: &str| context.numbers.maybe_money(rows.exact(column, row));
        let share = |column: &str| Numbers::maybe_percent(rows.number(column, row));
        table.add([
            Numbers::whole(rows.exact("revenue_group", row).unwrap_or_default()),
            Numbers::whole(rows.exact("customers", row).unwrap_or_default()),
            money("revenue"),
            share("revenue_share"),
            share("cumulative_customer_share"),
            share("cumulative_revenue_share"),
            money("lowest_revenue"),
            money("highest_revenue"),
        ]);
    }
    table
}

fn classes_of(context: &Context<'_>, rows: &Rows) -> Figure {
    let colours = ["#0b4f8a", "#3f88c5", "#9fb8cc"];
    let mut table =
        Table::new(context.heads(&["abc_class", "customers", "customer_share", "revenue", "revenue_share"]), 1);
    let mut entries = Vec::new();
    for row in 0..rows.count() {
        let customers = Numbers::whole(rows.exact("customers", row).unwrap_or_default());
        let revenue = context.numbers.maybe_money(rows.exact("revenue", row));
        let shares = ["customer_share", "revenue_share"].map(|column| rows.number(column, row));
        let [of_customers, of_revenue] = shares.map(Numbers::maybe_percent);
        let class = rows.name("abc_class", row).to_owned();
        entries.push(Entry {
            name: context.texts.fill("pareto.class", &[("class", &class)]),
            colour: Colour::of(colours.get(row).copied().unwrap_or_default()),
            detail: context
                .texts
                .fill("bars.customers_and_revenue", &[("customers", &customers), ("revenue", &revenue)]),
            advice: context.texts.find(&format!("pareto.class_{class}")).unwrap_or_default().to_owned(),
            bars: vec![
                (shares[0].unwrap_or_default(), context.texts.fill("bars.of_customers", &[("share", &of_customers)])),
                (shares[1].unwrap_or_default(), context.texts.fill("bars.of_revenue", &[("share", &of_revenue)])),
            ],
        });
        table.add([class, customers, of_customers, revenue, of_revenue]);
    }
    let first = |column: &str| Numbers::maybe_percent(rows.number(column, 0));
    let values: [(&str, &dyn Display); 3] = [
        ("class", &rows.name("abc_class", 0)),
        ("customers", &first("customer_share")),
        ("revenue", &first("revenue_share")),
    ];
    let title = context.texts.fill("pareto.classes", &values);
    Figure::new(title, pair_bars(&entries), table).note(context.say("pareto.classes_note")).layout(Layout::Plain)
}
