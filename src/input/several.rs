//! Whether several inputs can be joined to one stream of transactions, and which of their orders are the same.
//!
//! Does not live here: reading any of them (`part`).

use super::part::InputPart;
use crate::clean::judge::OrderRule;
use crate::error::{Error, Problems};
use crate::hashing::hash_text;
use crate::source::contract::{Agreed, Role};
use crate::warnings::{Facts, Warning};

/// Rows of a day are one order whichever input counts days, and no order that has an id.
const DAYS: &[u8] = b"\0day";

/// The columns of ids of an input, and whether each holds texts.
type Ids<'a> = (&'a InputPart, Vec<(&'a Agreed, bool)>);

/// Notes what does not fit: customer ids, attributes and shared order ids of inputs are compared with one another.
pub(super) fn check<'a>(parts: &'a [InputPart], problems: &mut Problems) {
    let ids = parts.iter().filter_map(|part| {
        let column = part.contract.column(Role::CustomerId)?;
        Some((part, vec![(column, part.has_text_ids())]))
    });
    problems.extend(differing("customer ids", "columns.customer_id", &ids.collect::<Vec<Ids<'_>>>()));
    let sharing = || parts.iter().filter(|part| part.settings.input.shared_order_ids);
    if let [first, others @ ..] = sharing().collect::<Vec<&InputPart>>().as_slice()
        && let Some(other) = others.iter().find(|other| other.rules.orders != first.rules.orders)
    {
        let headline = "inputs that share their order ids differ in what an order is";
        let of = |part: &InputPart| format!("input `{}`: {}", name(part), rule_name(part.rules.orders));
        let hint = "give both the same `clean.orders_by`, or take away `shared_order_ids`";
        problems.extend([Error::config(headline).causes([of(first), of(other)]).hint(hint)]);
    }
    let keys = sharing().filter(|part| part.rules.orders.uses_ids());
    let is_text = |column: &Agreed| !column.kind.is_number();
    let key = |part: &'a InputPart| part.contract.order_key().map(|column| (column, is_text(column))).collect();
    let keys: Vec<Ids<'_>> = keys.map(|part| (part, key(part))).collect();
    problems.extend(differing("shared order ids", "columns.order_id", &keys));
    problems.extend(attributes(parts));
    problems.extend(currencies(parts));
}

/// The error where some inputs say what their amounts are in, and others do not.
fn currencies(parts: &[InputPart]) -> Option<Error> {
    let (with, without): (Vec<&InputPart>, Vec<&InputPart>) =
        parts.iter().partition(|part| part.contract.column(Role::Currency).is_some());
    if with.is_empty() || without.is_empty() {
        return None;
    }
    let told = without.iter().map(|part| format!("input `{}`: no `columns.currency`", name(part)));
    let error = Error::config("some inputs say what their amounts are in, and others do not").causes(told);
    Some(error.hint(
        "name the column in the entry of each, or the one currency of an input, as `columns.currency = \"'EUR'\"`",
    ))
}

/// The error where ids that are compared are numbers in one input and texts in another, or keys have more columns.
///
/// `ids`: the columns of each input, and whether each holds texts.
fn differing(what: &str, key: &str, ids: &[Ids<'_>]) -> Option<Error> {
    let are_texts = |columns: &[(&Agreed, bool)]| columns.iter().map(|(_, is_text)| *is_text).collect::<Vec<bool>>();
    let (_, first) = ids.first()?;
    if ids.iter().all(|(_, columns)| are_texts(columns) == are_texts(first)) {
        return None;
    }
    let told = ids.iter().map(|(part, columns)| {
        let columns: Vec<String> =
            columns.iter().map(|(column, _)| format!("`{}` is {}", column.name, column.kind)).collect();
        format!("input `{}`: {}", name(part), columns.join(", "))
    });
    let error = Error::config(format!("the {what} of the inputs cannot be compared: expected one type in all of them"));
    Some(error.causes(told).hint(format!(
        "write the numbers as texts, as `{key} = \"CAST(id AS VARCHAR)\"` in the entry of that input; take care that 17 is \
         written as the others write it, and not as 0017"
    )))
}

/// The error for each attribute whose values in two inputs cannot be in one column.
fn attributes(parts: &[InputPart]) -> Vec<Error> {
    let mut errors = Vec::new();
    let mut known: Vec<(&InputPart, &Agreed)> = Vec::new();
    for (part, column) in parts.iter().flat_map(|part| part.contract.attributes().map(move |column| (part, column))) {
        match known.iter().find(|(_, first)| first.name == column.name) {
            None => known.push((part, column)),
            Some((other, first)) if first.kind.widened(&column.kind).is_none() => {
                let told = [(*other, *first), (part, column)]
                    .map(|(part, column)| format!("input `{}`: {}", name(part), column.kind));
                let headline = format!("the attribute `{}` has values of different types", column.name);
                errors.push(Error::source(headline).causes(told).hint("write this column with one type in all inputs"));
            }
            Some(_) => {}
        }
    }
    errors
}

/// Tells the orders of the inputs apart. `parts` are those of one run.
pub(super) fn salt_orders(parts: &mut [InputPart]) {
    if parts.len() < 2 {
        return;
    }
    for part in parts {
        let salt = match part.rules.orders {
            OrderRule::Day => hash_text(DAYS),
            _ if part.settings.input.shared_order_ids => 0,
            _ => hash_text(name(part).as_bytes()),
        };
        part.rules.order_salt = salt.cast_signed();
    }
}

/// A warning where an input shares its order ids with no other.
pub(super) fn lonely(parts: &[InputPart]) -> Option<Warning> {
    let mut sharing = parts.iter().filter(|part| part.settings.input.shared_order_ids);
    let only = sharing.next().filter(|_| sharing.next().is_none())?;
    let because = match only.name() {
        Some(name) => format!("no input but `{name}` has it"),
        None => "there is one input".to_owned(),
    };
    Some(Facts::SettingWithoutEffect { setting: "input.shared_order_ids".to_owned(), because }.into())
}

fn name(part: &InputPart) -> &str {
    part.name().unwrap_or_default()
}

const fn rule_name(rule: OrderRule) -> &'static str {
    match rule {
        OrderRule::Id => "rows with one order id",
        OrderRule::IdAndDay => "rows with one order id on one day",
        OrderRule::Row => "each row",
        OrderRule::Day => "the rows of one day",
    }
}
