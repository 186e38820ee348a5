//! Whether the feed can be believed: the row account, the warnings, and what the input did not tell.

use std::fmt::Display;

use crate::error::Result;
use crate::known::Aspect;
use crate::page::charts::pair_bars::{Entry, pair_bars};
use crate::page::colours::{Colour, GREY};
use crate::page::context::Context;
use crate::page::data::rows::Rows;
use crate::page::figure::{Figure, Layout, Table};
use crate::page::markup::{Element, tag};
use crate::page::numbers::{NOTHING, Numbers};
use crate::page::sections::section::Section;
use crate::publish::options::Language;

const KEPT: &str = "kept";

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let mut section = Section::new(&context.texts, "account");
    if let Some(rows) = context.tables.read("quality", &["outcome", "rows", "row_share", "amount"])? {
        section.figures.push(rows_of(context, &rows));
    }
    let columns = ["input", "outcome", "rows", "row_share", "amount"];
    if let Some(rows) = context.tables.read("input_quality", &columns)? {
        section.figures.push(of_inputs(context, &rows));
    }
    section.before.push(warnings(context));
    section.before.extend(left_out(context));
    Ok(section.with(None))
}

fn outcome(context: &Context<'_>, name: &str) -> String {
    context.texts.find(&format!("outcome.{name}")).unwrap_or(name).to_owned()
}

fn rows_of(context: &Context<'_>, rows: &Rows) -> Figure {
    let mut table = Table::new(context.heads(&["outcome", "rows", "row_share", "amount"]), 1);
    let (mut entries, mut all, mut kept) = (Vec::new(), 0, None);
    for row in 0..rows.count() {
        let (name, count) = (rows.name("outcome", row), rows.exact("rows", row).unwrap_or_default());
        all += count;
        if name == KEPT {
            kept = rows.number("row_share", row);
        }
        if count == 0 && name != KEPT {
            continue;
        }
        let share = rows.number("row_share", row);
        let text = Numbers::maybe_percent(share);
        let colour = if name == KEPT { Colour::of("#2f7d4f") } else { GREY };
        let bars = vec![(share.unwrap_or_default(), context.texts.fill("account.of_rows", &[("share", &text)]))];
        let detail = context.texts.fill("account.rows", &[("rows", &Numbers::whole(count))]);
        entries.push(Entry { name: outcome(context, name), colour, detail, advice: String::new(), bars });
        table.add([
            outcome(context, name),
            Numbers::whole(count),
            text,
            context.numbers.maybe_money(rows.exact("amount", row)),
        ]);
    }
    let values: [(&str, &dyn Display); 2] = [("share", &Numbers::maybe_percent(kept)), ("read", &Numbers::whole(all))];
    let title = context.texts.fill("account.kept", &values);
    Figure::new(title, pair_bars(&entries), table).note(context.say("account.note")).layout(Layout::WholePlain)
}

fn of_inputs(context: &Context<'_>, rows: &Rows) -> Figure {
    let mut table = Table::new(context.heads(&["input", "outcome", "rows", "row_share", "amount"]), 2);
    for row in 0..rows.count() {
        table.add([
            rows.name("input", row).to_owned(),
            outcome(context, rows.name("outcome", row)),
            rows.exact("rows", row).map_or_else(|| NOTHING.to_owned(), Numbers::whole),
            Numbers::maybe_percent(rows.number("row_share", row)),
            context.numbers.maybe_money(rows.exact("amount", row)),
        ]);
    }
    let title = context.texts.fill("account.inputs", &[("count", &rows.distinct("input").len())]);
    Figure::of_table(title, &table, &context.texts)
}

/// The warnings. They are written in English; in another language each has a heading, and then its own sentence.
fn warnings(context: &Context<'_>) -> Element {
    let manifest = context.manifest;
    if manifest.warnings.is_empty() {
        return tag("p").class("lead").text(context.say("account.no_warnings"));
    }
    let code = |index: usize| manifest.warning_details.get(index).map(|detail| detail.code.clone());
    let item = |(index, sentence): (usize, &String)| {
        let code = code(index);
        let heading = code.as_ref().and_then(|code| context.texts.find(&format!("warning.{code}")));
        let mut item = tag("li");
        if let Some(heading) = heading {
            item.add(tag("strong").text(heading));
            item.add(tag("br"));
        }
        let words = tag("span").text(sentence);
        item.add(if context.options.language == Language::En { words } else { words.with("lang", "en") });
        if let Some(code) = code {
            item.add(tag("span").class("code").text(format!(" ({code})")));
        }
        item
    };
    let head = tag("h3").text(context.texts.fill("account.warnings", &[("count", &manifest.warnings.len())]));
    tag("div").child(head).child(tag("ul").class("warnings").children(manifest.warnings.iter().enumerate().map(item)))
}

/// What the input does not tell, and what is missing for it.
fn left_out(context: &Context<'_>) -> Option<Element> {
    let left_out = &context.manifest.notes.left_out;
    let why = |because: &str| {
        let aspect = Aspect::ALL.into_iter().find(|aspect| aspect.lacking() == because);
        aspect.map_or_else(|| because.to_owned(), |aspect| context.say(key_of(aspect)).to_owned())
    };
    let item = |entry: &crate::known::LeftOut| {
        let tables = if entry.tables.is_empty() { NOTHING.to_owned() } else { entry.tables.join(", ") };
        let columns = if entry.null_columns.is_empty() { NOTHING.to_owned() } else { entry.null_columns.join(", ") };
        let values: [(&str, &dyn Display); 3] =
            [("because", &why(&entry.because)), ("tables", &tables), ("columns", &columns)];
        tag("li").text(context.texts.fill("account.left_out_item", &values))
    };
    (!left_out.is_empty()).then(|| {
        let head = tag("h3").text(context.say("account.left_out"));
        tag("div").child(head).child(tag("ul").class("plain").children(left_out.iter().map(item)))
    })
}

const fn key_of(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Money => "lacking.money",
        Aspect::FirstOrder => "lacking.first_order",
        Aspect::PurchaseDays => "lacking.purchase_days",
        Aspect::Transactions => "lacking.transactions",
        Aspect::LargestOrder => "lacking.largest_order",
        Aspect::EveryOrder => "lacking.every_order",
    }
}
