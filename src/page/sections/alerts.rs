//! Valued customers who fell silent: how many, why, and what they brought.

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::error::Result;
use crate::page::charts::pair_bars::{Entry, pair_bars};
use crate::page::context::Context;
use crate::page::data::rows::Rows;
use crate::page::figure::{Figure, Layout, Table};
use crate::page::numbers::{NOTHING, Numbers};
use crate::page::sections::section::Section;

const COLUMNS: &[&str] = &["segment", "reasons", "revenue_last_365_days"];
const WITH_IDS: &[&str] = &["customer_id", "segment", "reasons", "days_since_last_order", "revenue_last_365_days"];
/// Customers that are named at most.
const MOST_NAMED: usize = 50;

#[derive(Default)]
struct Sums {
    customers: i128,
    revenue: i128,
}

#[derive(Default)]
struct Found {
    all: Sums,
    by_segment: BTreeMap<String, Sums>,
    by_reason: BTreeMap<String, i128>,
    named: Vec<[String; 5]>,
    has_money: bool,
}

impl Found {
    fn add(&mut self, context: &Context<'_>, rows: &Rows) {
        self.has_money |= rows.knows("revenue_last_365_days");
        for row in 0..rows.count() {
            let revenue = rows.exact("revenue_last_365_days", row).unwrap_or_default();
            let own = self.by_segment.entry(rows.name("segment", row).to_owned()).or_default();
            for sums in [own, &mut self.all] {
                sums.customers += 1;
                sums.revenue += revenue;
            }
            for reason in rows.name("reasons", row).split('+').filter(|reason| !reason.is_empty()) {
                *self.by_reason.entry(reason.to_owned()).or_default() += 1;
            }
            if context.options.with_ids && self.named.len() < MOST_NAMED {
                self.named.push(named(context, rows, row));
            }
        }
    }
}

/// A customer with what makes them worth a call.
fn named(context: &Context<'_>, rows: &Rows, row: usize) -> [String; 5] {
    let id =
        rows.text("customer_id", row).map(str::to_owned).or(rows.exact("customer_id", row).map(|id| id.to_string()));
    let reasons = rows.name("reasons", row).split('+').map(|reason| said(context, reason)).collect::<Vec<_>>();
    [
        id.unwrap_or_default(),
        context.segments.get(rows.name("segment", row)).name,
        reasons.join(", "),
        rows.exact("days_since_last_order", row).map_or_else(|| NOTHING.to_owned(), Numbers::whole),
        context.numbers.maybe_money(rows.exact("revenue_last_365_days", row)),
    ]
}

fn said(context: &Context<'_>, reason: &str) -> String {
    context.texts.find(&format!("alerts.reason_{reason}")).unwrap_or(reason).to_owned()
}

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let mut found = Found::default();
    let columns = if context.options.with_ids { WITH_IDS } else { COLUMNS };
    context.tables.each("alerts", columns, |rows| found.add(context, rows))?;
    if found.all.customers == 0 {
        return Ok(None);
    }
    let mut figures = vec![figure(context, &found)];
    if !found.named.is_empty() {
        let mut table = Table::new(
            context.heads(&["customer_id", "segment", "reasons", "days_since_last_order", "revenue_last_365_days"]),
            3,
        );
        found.named.iter().for_each(|row| table.add(row.clone()));
        let title = context.texts.fill("alerts.named", &[("count", &found.named.len())]);
        figures.push(Figure::of_table(title, &table, &context.texts));
    }
    Ok(Section::new(&context.texts, "alerts").with(figures))
}

fn figure(context: &Context<'_>, found: &Found) -> Figure {
    let mut segments: Vec<(&String, &Sums)> = found.by_segment.iter().collect();
    segments.sort_by_key(|(key, sums)| (-sums.revenue, -sums.customers, (*key).clone()));
    let mut table = Table::new(context.heads(&["segment", "customers", "revenue_last_365_days"]), 1);
    let mut entries = Vec::new();
    for (key, sums) in segments {
        let segment = context.segments.get(key);
        let (customers, revenue) = (Numbers::whole(sums.customers), context.numbers.money(sums.revenue));
        let share = sums.customers as f64 / found.all.customers as f64;
        let mut bars = vec![(share, context.texts.fill("alerts.of_alerts", &[("share", &Numbers::percent(share))]))];
        if found.all.revenue > 0 {
            let share = sums.revenue as f64 / found.all.revenue as f64;
            bars.push((share, context.texts.fill("alerts.of_money", &[("share", &Numbers::percent(share))])));
        }
        let key = if found.has_money { "bars.customers_and_revenue" } else { "bars.customers" };
        let detail = context.texts.fill(key, &[("customers", &customers), ("revenue", &revenue)]);
        table.add([segment.name.clone(), customers, if found.has_money { revenue } else { NOTHING.to_owned() }]);
        entries.push(Entry { name: segment.name, colour: segment.colour, detail, advice: segment.action, bars });
    }
    entries.truncate(24);
    let (customers, revenue) = (Numbers::whole(found.all.customers), context.numbers.money(found.all.revenue));
    let key = if found.has_money { "alerts.count_and_money" } else { "alerts.count" };
    let title = context.texts.fill(key, &[("customers", &customers), ("revenue", &revenue)]);
    let reason = |(reason, count): (&String, &i128)| format!("{} {}", Numbers::whole(*count), said(context, reason));
    let reasons = found.by_reason.iter().map(reason).collect::<Vec<_>>().join(" · ");
    let values: [(&str, &dyn Display); 1] = [("reasons", &reasons)];
    Figure::new(title, pair_bars(&entries), table)
        .note(context.texts.fill("alerts.note", &values))
        .layout(Layout::WholePlain)
}
