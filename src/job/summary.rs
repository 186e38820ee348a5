//! The summary at the end of a run, for people.

use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets};
use rayon::prelude::*;

use super::currencies;
use crate::clean::aliases::FoundAliases;
use crate::clean::currency::account::{CurrencyAccount, OldestRate};
use crate::clean::outcome::{Outcome, Tally};
use crate::day::date_of;
use crate::members::MemberCounts;
use crate::money::power_of_ten;
use crate::reports::findings::Findings;
use crate::reports::known;
use crate::reports::tables::pareto_summary;
use crate::scoring::Scoring;
use crate::warnings::Warning;

/// The summary: segments, the measured Pareto sentence, lines about other dates, the row account, warnings.
#[must_use]
pub fn render(findings: &Findings, over_time: &[String], warnings: &[Warning], seconds: f64) -> String {
    let mut text = String::new();
    let rows = findings.account.tally.total_rows();
    let customers = findings.customers.len();
    let prospects = findings.members.as_ref().map(|members| members.prospects.len() as u64);
    let prospects = prospects.map(|count| format!(" and {}", counted(count, "prospect"))).unwrap_or_default();
    let _ = writeln!(
        text,
        "\n{} customers{prospects} as of {}, from {} rows in {seconds:.1} s\n",
        grouped(customers as u64),
        date_of(findings.as_of),
        grouped(rows)
    );
    let _ = writeln!(text, "{}\n", segments(findings));
    if findings.own().clusters.is_some() || !findings.scorings.further.is_empty() {
        scorings(&mut text, findings);
    }
    if let Some(sentence) = pareto_sentence(findings) {
        let _ = writeln!(text, "{sentence}\n");
    }
    if let Some(sentence) = prediction_sentence(findings) {
        let _ = writeln!(text, "{sentence}\n");
    }
    if !over_time.is_empty() {
        let _ = writeln!(text, "{}\n", over_time.join("\n"));
    }
    let _ = writeln!(text, "{}", row_account(findings));
    if let Some(account) = &findings.account.currencies {
        let _ = writeln!(text, "{}", currency_sentence(account));
    }
    for left_out in known::left_out_of(findings) {
        let _ = writeln!(text, "left out: {}", left_out.sentence());
    }
    if let Some(members) = &findings.members {
        let _ = writeln!(text, "{}", member_account(members.counts));
    }
    for warning in warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    text
}

#[derive(Default)]
struct Line {
    segment: usize,
    customers: u64,
    revenue: i128,
    recency_days: i64,
    orders: u64,
}

impl Line {
    fn plus((left, right): (&Self, &Self)) -> Self {
        Self {
            segment: left.segment,
            customers: left.customers + right.customers,
            revenue: left.revenue + right.revenue,
            recency_days: left.recency_days + right.recency_days,
            orders: left.orders + right.orders,
        }
    }
}

#[allow(clippy::cast_precision_loss)]
fn segments(findings: &Findings) -> Table {
    let add = |mut lines: Vec<Line>, (row, segment): (usize, &u16)| {
        let line = &mut lines[usize::from(*segment)];
        line.customers += 1;
        line.revenue += i128::from(findings.customers.revenue[row]);
        line.recency_days += i64::from(findings.recency_days[row]);
        line.orders += u64::from(findings.customers.orders[row]);
        lines
    };
    let Scoring { map, segment, .. } = findings.own();
    let none = || (0..map.segments.len()).map(|segment| Line { segment, ..Line::default() }).collect();
    let parts = segment.par_iter().enumerate().fold(none, add);
    let mut lines = parts.reduce(none, |left, right| left.iter().zip(&right).map(Line::plus).collect());
    let buyers: Vec<u64> = lines.iter().map(|line| line.customers).collect();
    if let Some(prospects) = map.prospects() {
        lines[usize::from(prospects)].customers += findings.counted_prospects() as u64;
    }
    lines.retain(|line| line.customers > 0);
    lines.sort_by_key(|line| (-line.revenue, line.segment));
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_header(["segment", "customers", "share", "revenue", "share", "mean days", "mean orders"]);
    let has_money = findings.customers.known.has_money();
    let (all, total) = (findings.counted() as f64, findings.ranking.total as f64);
    for line in lines {
        let customers = line.customers as f64;
        table.add_row([
            map.segments[line.segment].key.clone(),
            grouped(line.customers),
            format!("{:.1}%", 100.0 * customers / all),
            if has_money { money(line.revenue, findings.scale) } else { "-".into() },
            if total > 0.0 { format!("{:.1}%", 100.0 * line.revenue as f64 / total) } else { "-".into() },
            if buyers[line.segment] > 0 { format!("{:.1}", line.recency_days as f64 / customers) } else { "-".into() },
            format!("{:.2}", line.orders as f64 / customers),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// Groups of a further scoring that are written out; the others are counted.
const GROUPS_SHOWN: usize = 6;

/// The clusters of the run's own scoring, and a line for each scoring beside it: the tables have the figures, this is to see
/// at a glance that each has divided the customers.
fn scorings(text: &mut String, findings: &Findings) {
    if let Some(clusters) = clusters(findings.own()) {
        let _ = writeln!(text, "clusters: {clusters}");
    }
    for scoring in &findings.scorings.further {
        let names = scoring.map.segments.iter().map(|segment| segment.key.clone());
        let counts = scoring.map.customers_per_segment(&scoring.segment);
        let segments = groups(names.zip(counts).collect(), scoring.segment.len());
        let clusters = clusters(scoring).map(|clusters| format!("; clusters: {clusters}")).unwrap_or_default();
        let _ = writeln!(text, "scoring {}, map {}: {segments}{clusters}", scoring.name, scoring.map.name);
    }
    text.push('\n');
}

fn clusters(scoring: &Scoring) -> Option<String> {
    let clusters = scoring.clusters.as_ref()?;
    let mut counts = vec![0; clusters.count];
    clusters.of.iter().for_each(|own| counts[usize::from(*own)] += 1);
    let names = (1..=clusters.count).map(|number| format!("no. {number}"));
    Some(groups(names.zip(counts).collect(), clusters.of.len()))
}

/// The largest groups with their share of all customers, and how many more there are.
#[allow(clippy::cast_precision_loss)]
fn groups(mut groups: Vec<(String, u64)>, all: usize) -> String {
    groups.retain(|(_, customers)| *customers > 0);
    groups.sort_by_key(|(_, customers)| std::cmp::Reverse(*customers));
    let share = |customers: u64| 100.0 * customers as f64 / all as f64;
    let shown = groups.iter().take(GROUPS_SHOWN);
    let mut listed: Vec<String> =
        shown.map(|(name, customers)| format!("{name} {} ({:.1}%)", grouped(*customers), share(*customers))).collect();
    if let Some(more) = groups.len().checked_sub(GROUPS_SHOWN).filter(|more| *more > 0) {
        listed.push(format!("and {more} more"));
    }
    listed.join(", ")
}

fn pareto_sentence(findings: &Findings) -> Option<String> {
    if !findings.customers.known.has_money() {
        return None;
    }
    let figures = pareto_summary::summary(findings);
    let figure = |name: &str| figures.iter().find(|(measure, _)| measure == name).and_then(|(_, value)| *value);
    let top = figure("revenue_share_of_top_20_percent")?;
    let holders = figure("customer_share_for_80_percent_of_revenue")?;
    Some(format!(
        "the top 20% of customers hold {:.1}% of revenue; 80% of revenue is held by {:.1}% of customers",
        100.0 * top,
        100.0 * holders
    ))
}

/// What is expected of all customers within the longest horizon; none without a model.
fn prediction_sentence(findings: &Findings) -> Option<String> {
    let predictions = findings.predictions.as_ref()?;
    let model = predictions.learned.model?;
    let last = predictions.terms.horizons.len().checked_sub(1)?;
    let rows = || 0..findings.customers.len();
    let orders: f64 = rows().filter_map(|row| predictions.expected_orders(row, last)).sum();
    let alive: f64 = rows().filter_map(|row| predictions.p_alive(row)).sum();
    let clv: Vec<f64> = rows().filter_map(|row| predictions.clv(row, last)).collect();
    // A margin of 1 is no margin.
    let of = if predictions.terms.cash.margin < 1.0 { "profit" } else { "revenue (`predict.margin` is 1)" };
    let worth =
        if clv.is_empty() { String::new() } else { format!(", worth {} today in {of}", rounded(clv.iter().sum())) };
    let ahead = predictions.terms.names[last].replace('_', " ");
    let model = model.kind().name();
    let (alive, orders) = (rounded(alive), rounded(orders));
    Some(format!("expected by {model}: {alive} customers still buy, on {orders} days within {ahead}{worth}"))
}

fn row_account(findings: &Findings) -> String {
    let tally = &findings.account.tally;
    let mut account = format!("rows: {} read = {}", grouped(tally.total_rows()), outcomes(tally));
    if tally.rounded_amounts > 0 {
        account += &format!("; {} rounded to {} decimals", counted(tally.rounded_amounts, "amount"), findings.scale);
    }
    if let Some(FoundAliases { old_ids, customers }) = findings.account.aliases {
        let (rows, ids) = (grouped(tally.moved_rows), counted(old_ids, "old id"));
        account +=
            &format!("; rows moved by aliases: {rows} of {ids}, which are {} now", counted(customers, "customer"));
    }
    if let Some(filtered) = findings.account.filtered_rows {
        account += &format!("; rows that the filter left out: {}", grouped(filtered));
    }
    if let Some(repeated) = findings.account.repeated_rows {
        account += &format!("; rows that repeat others: {}", grouped(repeated));
    }
    for own in &findings.account.of_inputs {
        account += &format!("\n  {}: {} read = {}", own.name, grouped(own.tally.total_rows()), outcomes(&own.tally));
        if let Some(filtered) = own.filtered_rows {
            account += &format!("; rows that the filter left out: {}", grouped(filtered));
        }
    }
    account
}

/// The outcomes that occur, with their rows.
fn outcomes(tally: &Tally) -> String {
    let parts = Outcome::ALL.into_iter().filter(|outcome| *outcome == Outcome::Kept || tally.rows_of(*outcome) > 0);
    let parts = parts.map(|outcome| format!("{} {}", grouped(tally.rows_of(outcome)), outcome.name()));
    parts.collect::<Vec<String>>().join(" + ")
}

/// Currencies that are named in the summary.
const CURRENCIES_SHOWN: usize = 6;

/// What amounts were in, and how they were converted.
fn currency_sentence(account: &CurrencyAccount) -> String {
    let base = currencies::base(account).unwrap_or_default();
    let CurrencyAccount { kept, has_rates, oldest, .. } = account;
    if !has_rates {
        return format!("amounts are in {base}");
    }
    let mut named: Vec<String> =
        kept.iter().take(CURRENCIES_SHOWN).map(|(name, rows)| format!("{} {name}", grouped(*rows))).collect();
    if kept.len() > CURRENCIES_SHOWN {
        named.push(format!("and {} more", kept.len() - CURRENCIES_SHOWN));
    }
    let age = |oldest: &OldestRate| {
        let OldestRate { currency, age_days, row_day } = oldest;
        format!("; the oldest rate was {age_days} days old ({currency} on {})", date_of(*row_day))
    };
    let oldest = oldest.as_ref().map(age).unwrap_or_default();
    format!("amounts in {base}, converted by row: {}{oldest}", named.join(" + "))
}

/// What became of the rows of the table of members.
fn member_account(counts: MemberCounts) -> String {
    let MemberCounts { rows, customers, prospects, excluded, after_as_of, merged, repeated } = counts;
    let parts = [
        (customers, "customers"),
        (prospects, "prospects"),
        (excluded, "left out"),
        (after_as_of, "signed up later"),
        (merged, "of old ids"),
        (repeated, "repeated"),
    ];
    let parts = parts.into_iter().enumerate().filter(|(index, (rows, _))| *index < 2 || *rows > 0);
    let parts: Vec<String> = parts.map(|(_, (rows, what))| format!("{} {what}", grouped(rows))).collect();
    format!("members: {} read = {}", grouped(rows), parts.join(" + "))
}

/// `1 file`, `2,000 files`.
#[must_use]
pub fn counted(number: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// `1234567` as `1,234,567`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The nearest whole number, grouped.
#[allow(clippy::cast_possible_truncation)]
fn rounded(figure: f64) -> String {
    money(figure.round() as i128, 0)
}

/// Minor units as a grouped decimal number.
#[must_use]
pub fn money(minor: i128, scale: u8) -> String {
    let unit = u128::from(power_of_ten(scale).unsigned_abs());
    let (whole, part) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
    let sign = if minor < 0 { "-" } else { "" };
    let whole = grouped(u64::try_from(whole).unwrap_or(u64::MAX));
    if scale == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{part:0width$}", width = usize::from(scale))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(
            (grouped(0), grouped(999), grouped(1_000), grouped(1_234_567)),
            ("0".into(), "999".into(), "1,000".into(), "1,234,567".into())
        );
        assert_eq!((money(-123_456, 2), money(5, 3), money(7, 0)), ("-1,234.56".into(), "0.005".into(), "7".into()));
    }
}
