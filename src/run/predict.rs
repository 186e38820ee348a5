//! The pass for the predictions: every day on which a customer bought, then the models.
//!
//! The days are read apart from the customers table, since models count other things than a run may be set to: all
//! purchases up to the analysis date, whatever the window, and days instead of orders. It costs one more read of the
//! input. Does not live here: what is made of the days (`predict`).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::aggregate::{for_each_batch, refuse_overflow, sole};
use super::input::Input;
use super::score::Learned;
use super::threads;
use crate::clean::judge::{Judge, OrderRule, Rules};
use crate::clean::money::power_of_ten;
use crate::config::Config;
use crate::customers::Customers;
use crate::customers::days::{Day, DayBook, Who};
use crate::customers::key::{Name, NoName, Span};
use crate::error::{Error, Result};
use crate::observe::Progress;
use crate::predict::{self, Foresight, Habit, Habits, Loaded, Terms};
use crate::reports::findings::Findings;

/// The rules by which files may be left unread: models need what lies before the window, too.
pub(super) fn needed(rules: &Rules, config: &Config) -> Rules {
    let window_start = rules.window_start.filter(|_| !config.predict.is_wanted());
    Rules { window_start, ..rules.clone() }
}

/// The models of a former run; none where new ones are fitted.
///
/// # Errors
/// A config error where the manifest cannot be read, or holds no models that fit the settings.
pub(super) fn loaded(config: &Config) -> Result<Option<Loaded>> {
    let Some(path) = &config.predict.params_from else { return Ok(None) };
    let wrong = |cause: String| {
        Error::config(format!("`predict.params_from`: `{path}` holds no models for this run"))
            .cause(cause)
            .hint("name the manifest.json of a published run with predictions")
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let manifest: serde_json::Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    Loaded::from_manifest(&manifest, &config.predict).map(Some).map_err(wrong)
}

/// What is to be expected of the customers; none where nobody asks.
///
/// # Errors
/// A source error where a file cannot be decoded; a compute error where money could overflow.
pub(super) fn foresee(
    input: &Input,
    config: &Config,
    loaded: Option<Loaded>,
    customers: &Customers,
    as_of: i32,
    progress: &Progress,
) -> Result<Option<Foresight>> {
    let options = &config.predict;
    if !options.is_wanted() {
        return Ok(None);
    }
    let read = if input.has_text_ids() { habits::<Span> } else { habits::<NoName> };
    let habits = read(input, config, customers, as_of, progress)?;
    progress.begin("predict", customers.len() as u64);
    let minor_per_major = minor_per_major(config);
    let learned = match loaded {
        Some(loaded) => predict::Learned::loaded(loaded, options.time_unit),
        None => predict::Learned::fit(&habits, options, minor_per_major)?,
    };
    let foresight = Foresight::new(learned, &habits, Terms::of(options), minor_per_major);
    progress.finish();
    foresight.map(Some)
}

/// Minor units of a major one, 1 to 10^6.
#[allow(clippy::cast_precision_loss)]
fn minor_per_major(config: &Config) -> f64 {
    power_of_ten(config.clean.money_scale) as f64
}

/// Puts the predictions beside what else is known of the customers, who are in their final order.
pub(super) fn attach(foresight: Option<Foresight>, findings: &mut Findings<'_>, learned: &mut Learned) {
    let Some(mut foresight) = foresight else { return };
    foresight.rank();
    learned.warnings.extend(foresight.learned.warnings.iter().cloned());
    findings.foresight = Some(foresight);
}

/// What some of the customers did.
#[derive(Debug, Default)]
struct Part {
    rows: Vec<(u32, Habit)>,
    others: Vec<Habit>,
    occasions: BTreeMap<i32, u64>,
}

impl Part {
    fn note(&mut self, who: Who<'_>, days: &[Day], customers: &Customers) {
        let Some(habit) = Habit::of(days) else { return };
        for day in days {
            *self.occasions.entry(day.day).or_default() += 1;
        }
        match who.place_in(&customers.ids).and_then(|row| u32::try_from(row).ok()) {
            Some(row) => self.rows.push((row, habit)),
            None => self.others.push(habit),
        }
    }
}

/// Reads the days of purchases of every customer.
fn habits<N: Name + std::fmt::Debug>(
    input: &Input,
    config: &Config,
    customers: &Customers,
    as_of: i32,
    progress: &Progress,
) -> Result<Habits> {
    progress.begin("read days", input.contract.rows);
    let rules = Rules {
        as_of: Some(as_of),
        window_start: None,
        quarantine_rows: 0,
        orders: OrderRule::Row,
        ..input.rules.clone()
    };
    let judge = Arc::new(Judge::new(rules));
    let book = Arc::new(DayBook::<N>::default());
    let adding = Arc::clone(&book);
    let read = for_each_batch(input, &config.input, &judge, progress, move |judged| {
        judged.with_batch(|batch| adding.add(batch))
    });
    progress.finish();
    read?;
    let (tally, _) = sole(judge)?.into_account();
    refuse_overflow(&tally).map_err(|error| input.named(error))?;
    let parts = sole(book)?.finish(threads(config), |part: &mut Part, who, days| part.note(who, days, customers))?;
    let mut habits = Habits { as_of, by_row: vec![None; customers.len()], ..Habits::default() };
    for part in parts {
        for (row, habit) in part.rows {
            habits.by_row[row as usize] = Some(habit);
        }
        habits.others.extend(part.others);
        for (day, count) in part.occasions {
            *habits.occasions.entry(day).or_default() += count;
        }
    }
    Ok(habits)
}
