//! Campaigns next to the date: what those that were evaluated brought, and what those that were selected are expected to bring.

use std::fmt::Display;

use crate::error::Result;
use crate::history::PublishedRun;
use crate::page::charts::intervals::{Rate, intervals};
use crate::page::charts::pair_bars::{Entry, pair_bars};
use crate::page::context::Context;
use crate::page::data::rows::Rows;
use crate::page::data::tables::Tables;
use crate::page::figure::{Figure, Layout, Table};
use crate::page::numbers::{NOTHING, Numbers};
use crate::page::sections::section::Section;

const RESULTS: &[&str] = &[
    "campaign",
    "group_by",
    "group",
    "contacts",
    "responders",
    "response_rate",
    "rate_low",
    "rate_high",
    "revenue",
    "cost",
    "profit",
    "roi",
    "break_even_rate",
    "verdict",
    "rate_difference",
    "incremental_profit",
];
const SUMMARY: &[&str] = &[
    "campaign",
    "group_by",
    "group",
    "targets",
    "control",
    "cut_off",
    "cost",
    "expected_response_rate",
    "expected_profit",
];
/// Pictures, and entries of one, at most: those of the newest campaigns.
const MOST: usize = 6;
const MOST_ENTRIES: usize = 24;

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let date = |run: &&PublishedRun| run.as_of().ok().filter(|date| *date <= context.as_of);
    let mut known: Vec<&PublishedRun> = context.campaigns.iter().filter(|run| date(run).is_some()).collect();
    known.sort_by_key(|run| (date(run), run.directory().to_owned()));
    let (mut results, mut selections) = (Vec::new(), Vec::new());
    for run in known.into_iter().rev() {
        let tables = Tables::of(run, context.numbers.scale)?;
        if let Some(rows) = tables.read("campaign_results", RESULTS)? {
            results.extend(rows.distinct("campaign").iter().filter_map(|campaign| result(context, &rows, campaign)));
        }
        if let Some(rows) = tables.read("campaign_summary", SUMMARY)? {
            selections
                .extend(rows.distinct("campaign").iter().filter_map(|campaign| selection(context, &rows, campaign)));
        }
    }
    results.truncate(MOST);
    selections.truncate(MOST);
    Ok(Section::new(&context.texts, "campaigns").with(results.into_iter().chain(selections)))
}

/// The row of the whole campaign, and those of its segments.
fn rows_of(rows: &Rows, campaign: &str) -> Option<(usize, Vec<usize>)> {
    let mut found = rows.rows_with("campaign", campaign);
    let whole = found.iter().copied().find(|row| rows.text("group_by", *row) == Some("campaign"))?;
    found.retain(|row| rows.text("group_by", *row) == Some("segment"));
    Some((whole, found))
}

fn name(context: &Context<'_>, rows: &Rows, row: usize) -> String {
    context.segments.get(rows.name("group", row)).name
}

fn result(context: &Context<'_>, rows: &Rows, campaign: &str) -> Option<Figure> {
    let (whole, mut found) = rows_of(rows, campaign)?;
    let rate = |row: usize| rows.number("response_rate", row);
    found.retain(|row| rate(*row).is_some());
    found.sort_by(|one, other| {
        rate(*other).partial_cmp(&rate(*one)).unwrap_or(std::cmp::Ordering::Equal).then(one.cmp(other))
    });
    let heads = ["segment", "contacts", "responders", "response_rate", "interval", "cost", "profit", "roi", "verdict"];
    let mut table = Table::new(context.heads(&heads), 1);
    let mut shown = Vec::new();
    for row in std::iter::once(whole).chain(found.iter().copied()) {
        let interval = rows.number("rate_low", row).zip(rows.number("rate_high", row));
        let range =
            interval.map_or_else(|| NOTHING.to_owned(), |(low, high)| format!("{}–{}", percent(low), percent(high)));
        let name = if row == whole { context.say("campaigns.whole").to_owned() } else { name(context, rows, row) };
        let verdict =
            rows.text("verdict", row).map(|verdict| context.say(&format!("campaigns.verdict_{verdict}")).to_owned());
        let verdict = verdict.unwrap_or_else(|| NOTHING.to_owned());
        let spoken = rate(row).map_or_else(|| NOTHING.to_owned(), percent);
        let whole_number = |column: &str| Numbers::whole(rows.exact(column, row).unwrap_or_default());
        let figure = |column: &str| Numbers::maybe_decimal(rows.number(column, row), 2);
        table.add([
            name.clone(),
            whole_number("contacts"),
            whole_number("responders"),
            spoken.clone(),
            range.clone(),
            figure("cost"),
            figure("profit"),
            figure("roi"),
            verdict.clone(),
        ]);
        if row != whole && shown.len() < MOST_ENTRIES {
            let figure = format!("{spoken} ({range}) · {verdict}");
            shown.push(Rate { name, value: rate(row).unwrap_or_default(), interval, figure });
        }
    }
    let limit = rows.number("break_even_rate", whole);
    let limit = limit.map(|limit| (limit, context.texts.fill("campaigns.break_even", &[("rate", &percent(limit))])));
    let kept = found.iter().filter(|row| rows.text("verdict", **row) == Some("keep")).count();
    let spoken = rate(whole).map_or_else(|| NOTHING.to_owned(), percent);
    let contacts = Numbers::whole(rows.exact("contacts", whole).unwrap_or_default());
    let values: [(&str, &dyn Display); 5] =
        [("campaign", &campaign), ("rate", &spoken), ("contacts", &contacts), ("kept", &kept), ("count", &found.len())];
    let title = context.texts.fill("campaigns.result", &values);
    let picture = intervals(&shown, limit.as_ref(), context.say("axis.response_rate"), &title);
    Some(Figure::new(title, picture, table).note(context.say("campaigns.result_note")).layout(Layout::Plain))
}

/// A rate with two decimals: campaigns live of small ones.
fn percent(rate: f64) -> String {
    Numbers::decimal(100.0 * rate, 2) + "%"
}

fn selection(context: &Context<'_>, rows: &Rows, campaign: &str) -> Option<Figure> {
    let (whole, mut found) = rows_of(rows, campaign)?;
    let targets = |row: usize| rows.exact("targets", row).unwrap_or_default();
    found.sort_by_key(|row| (-targets(*row), *row));
    let heads = ["segment", "targets", "control", "cut_off", "cost", "expected_response_rate", "expected_profit"];
    let mut table = Table::new(context.heads(&heads), 1);
    let mut entries = Vec::new();
    let all = (targets(whole).max(1) as f64, rows.number("expected_profit", whole).filter(|profit| *profit > 0.0));
    for row in found {
        let segment = context.segments.get(rows.name("group", row));
        let number = |column: &str| Numbers::whole(rows.exact(column, row).unwrap_or_default());
        let figure = |column: &str| Numbers::maybe_decimal(rows.number(column, row), 2);
        let share = targets(row) as f64 / all.0;
        let mut bars =
            vec![(share, context.texts.fill("campaigns.of_contacts", &[("share", &Numbers::percent(share))]))];
        if let Some(share) = rows.number("expected_profit", row).zip(all.1).map(|(profit, all)| profit / all) {
            bars.push((share, context.texts.fill("campaigns.of_profit", &[("share", &Numbers::percent(share))])));
        }
        let rate = rows.number("expected_response_rate", row).map_or_else(|| NOTHING.to_owned(), percent);
        let values: [(&str, &dyn Display); 2] = [("contacts", &number("targets")), ("rate", &rate)];
        let detail = context.texts.fill("campaigns.detail", &values);
        table.add([
            segment.name.clone(),
            number("targets"),
            number("control"),
            number("cut_off"),
            figure("cost"),
            rate,
            figure("expected_profit"),
        ]);
        entries.push(Entry { name: segment.name, colour: segment.colour, detail, advice: String::new(), bars });
    }
    entries.truncate(MOST_ENTRIES);
    let figure = |column: &str| Numbers::maybe_decimal(rows.number(column, whole), 2);
    let values: [(&str, &dyn Display); 4] = [
        ("campaign", &campaign),
        ("contacts", &Numbers::whole(targets(whole))),
        ("cost", &figure("cost")),
        ("profit", &figure("expected_profit")),
    ];
    let title = context.texts.fill("campaigns.selection", &values);
    Some(
        Figure::new(title, pair_bars(&entries), table)
            .note(context.say("campaigns.selection_note"))
            .layout(Layout::Plain),
    )
}
