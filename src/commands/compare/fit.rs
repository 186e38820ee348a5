//! Whether two published runs can be put side by side, and what a reader should know of how they differ.
//!
//! Does not live here: reading them (`published`).

use serde_json::Value;

use super::published::Published;
use crate::customers::CustomerIds;
use crate::error::{Error, Problems, Result};
use crate::warnings::{Facts, NoCommonCustomers, SettingsDiffer, Warning};

/// Settings that decide what the figures of a run are, beside its date and its breaks.
const DECISIVE: [&str; 9] =
    ["input", "columns", "dates", "clean", "currency", "customers", "score", "segment", "octants"];
/// Those among them in which two dates may differ.
const FREE: [&str; 4] = ["dates.as_of", "input.paths", "input.verify", "score.breaks_from"];

/// # Errors
/// A config error with everything for which the two cannot be compared.
pub(super) fn check(before: &Published, after: &Published) -> Result<()> {
    Problems::refuse_any(|problems| {
        let (one, other) = (&before.path, &after.path);
        if before.as_of >= after.as_of {
            let (then, now) = (crate::day::date_of(before.as_of), crate::day::date_of(after.as_of));
            problems.extend(Some(
                Error::config(format!("`{one}` is not earlier than `{other}`"))
                    .cause(format!("the first is of {then}, the second of {now}"))
                    .hint(format!("name the earlier date first: rfmetrics compare {other} {one}")),
            ));
        }
        let mut differ = |what: &str, then: String, now: String, hint: &str| {
            if then != now {
                let headline = format!("`{one}` and `{other}` cannot be compared: {what} differ");
                let cause = format!("found {then} and {now}");
                problems.extend(Some(Error::config(headline).cause(cause).hint(hint.to_owned())));
            }
        };
        let again = "publish both dates with the same settings";
        let kind = |own: &Published| match own.standing.ids {
            CustomerIds::Integer(_) => "integers".to_owned(),
            CustomerIds::Text { .. } => "texts".to_owned(),
        };
        if !before.standing.ids.is_empty() && !after.standing.ids.is_empty() {
            differ("the types of the customer ids", kind(before), kind(after), again);
        }
        let per = |own: &Published| format!("{:?}", own.settings.customers.per.as_deref().unwrap_or("none"));
        differ("the columns of `customers.per`", per(before), per(after), again);
        let scale = |own: &Published| own.settings.clean.money_scale.to_string();
        differ("the decimals of money", scale(before), scale(after), again);
        let hashed = |own: &Published| format!("`privacy.hash_ids = {}`", own.settings.privacy.hash_ids);
        differ("ids and pseudonyms", hashed(before), hashed(after), again);
        let currency = |own: &Published| own.run.currency().ok().flatten().and_then(|own| own.base).unwrap_or_default();
        let (then, now) = (currency(before), currency(after));
        if !then.is_empty() && !now.is_empty() {
            differ("the currencies", then, now, "publish both dates in one currency (`currency.base`)");
        }
    })
}

/// What a reader of the comparison should know.
pub(super) fn warnings(before: &Published, after: &Published) -> Vec<Warning> {
    let mut found: Vec<Warning> = Vec::new();
    let settings = differing(before, after);
    if !settings.is_empty() {
        found.push(Facts::SettingsDiffer(SettingsDiffer { settings }).into());
    }
    let (then, now) = (&before.standing.ids, &after.standing.ids);
    let is_common = then.rows_in(now).iter().any(Option::is_some);
    if !then.is_empty() && !now.is_empty() && !is_common {
        let (before, after) = (then.len() as u64, now.len() as u64);
        found.push(Facts::NoCommonCustomers(NoCommonCustomers { before, after }).into());
    }
    found
}

/// The keys of decisive settings that are not the same.
fn differing(before: &Published, after: &Published) -> Vec<String> {
    let leaves = |own: &Published| {
        let settings = serde_json::to_value(&own.settings).unwrap_or_default();
        let mut found = Vec::new();
        for section in DECISIVE {
            collect(section, &settings[section], &mut found);
        }
        found
    };
    let (then, now) = (leaves(before), leaves(after));
    let keys = then.iter().chain(&now).map(|(key, _)| key);
    let value =
        |leaves: &[(String, Value)], key: &str| leaves.iter().find(|(own, _)| own == key).map(|own| own.1.clone());
    let mut differing: Vec<String> =
        keys.filter(|key| value(&then, key) != value(&now, key) && !FREE.contains(&key.as_str())).cloned().collect();
    differing.sort_unstable();
    differing.dedup();
    differing
}

/// The settings in a table, by their dotted keys.
fn collect(name: &str, value: &Value, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, own)| collect(&format!("{name}.{key}"), own, found)),
        // A setting that is not set is written as null, or not at all.
        Value::Null => {}
        other => found.push((name.to_owned(), other.clone())),
    }
}
