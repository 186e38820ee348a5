//! The octants: better than the threshold in recency, frequency and money, or not.

use std::fmt::Display;

use crate::error::Result;
use crate::page::charts::pair_bars::{Entry, pair_bars};
use crate::page::context::Context;
use crate::page::data::rows::Rows;
use crate::page::figure::{Figure, Layout, Table};
use crate::page::numbers::Numbers;
use crate::page::sections::section::Section;

const COLUMNS: &[&str] = &[
    "octant",
    "segment",
    "customers",
    "customer_share",
    "revenue",
    "revenue_share",
    "recency_threshold",
    "frequency_threshold",
    "monetary_threshold",
];
const MAP: &str = "octants";

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let rows = context.tables.read("octants", COLUMNS)?;
    let Some(rows) = rows.filter(|rows| rows.sum("customers") > 0) else { return Ok(None) };
    Ok(Section::new(&context.texts, "octants").with([figure(context, &rows)]))
}

fn figure(context: &Context<'_>, rows: &Rows) -> Figure {
    let mut table =
        Table::new(context.heads(&["octant", "segment", "customers", "customer_share", "revenue", "revenue_share"]), 2);
    let mut entries = Vec::new();
    for row in 0..rows.count() {
        let segment = context.segments.of(MAP, rows.name("segment", row));
        let customers = Numbers::whole(rows.exact("customers", row).unwrap_or_default());
        let revenue = context.numbers.maybe_money(rows.exact("revenue", row));
        let shares = ["customer_share", "revenue_share"].map(|column| rows.number(column, row));
        let [of_customers, of_revenue] = shares.map(Numbers::maybe_percent);
        let arrows = arrows(rows.name("octant", row));
        entries.push(Entry {
            name: segment.name.clone(),
            colour: segment.colour,
            detail: format!(
                "{arrows} · {}",
                context.texts.fill("bars.customers_and_revenue", &[("customers", &customers), ("revenue", &revenue)])
            ),
            advice: segment.action,
            bars: vec![
                (shares[0].unwrap_or_default(), context.texts.fill("bars.of_customers", &[("share", &of_customers)])),
                (shares[1].unwrap_or_default(), context.texts.fill("bars.of_revenue", &[("share", &of_revenue)])),
            ],
        });
        table.add([rows.name("octant", row).to_owned(), segment.name, customers, of_customers, revenue, of_revenue]);
    }
    let best =
        (0..rows.count()).max_by_key(|row| (rows.exact("revenue", *row), std::cmp::Reverse(*row))).unwrap_or_default();
    let share = |column: &str| Numbers::maybe_percent(rows.number(column, best));
    let name = context.segments.of(MAP, rows.name("segment", best)).name;
    let values: [(&str, &dyn Display); 3] =
        [("name", &name), ("customers", &share("customer_share")), ("revenue", &share("revenue_share"))];
    let title = context.texts.fill("octants.richest", &values);
    Figure::new(title, pair_bars(&entries), table).note(note(context, rows)).layout(Layout::WholePlain)
}

/// What customers must be better than, where it is the same for all.
fn note(context: &Context<'_>, rows: &Rows) -> String {
    let threshold = |column: &str| rows.number(column, 0).map(|value| Numbers::decimal(value, 2));
    let found = (threshold("recency_threshold"), threshold("frequency_threshold"), threshold("monetary_threshold"));
    let (Some(days), Some(orders), Some(money)) = found else { return context.say("octants.note").to_owned() };
    context.texts.fill("octants.note_thresholds", &[("days", &days), ("orders", &orders), ("money", &money)])
}

/// `R↑ F↑ M↓` of `110`.
fn arrows(octant: &str) -> String {
    let arrow = |(axis, digit): (&str, char)| format!("{axis}{}", if digit == '1' { '↑' } else { '↓' });
    ["R", "F", "M"].into_iter().zip(octant.chars()).map(arrow).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_octant_is_three_arrows() {
        assert_eq!(super::arrows("110"), "R↑ F↑ M↓");
    }
}
