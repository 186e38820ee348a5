//! The customers of a published run, read back: their measures, as a run has them before it scores, and where they stood.
//!
//! Does not live here: whether two runs can be compared (`fit`), and scoring them again (`frozen`).

use std::collections::HashMap;
use std::path::Path;

use polars::prelude::*;

use crate::commands::rule_values::RuleValues;
use crate::config::Config;
use crate::customers::Customers;
use crate::error::{Error, Result};
use crate::history::{PublishedRun, PublishedTable};
use crate::scoring::groups::Dictionary;
use crate::scoring::{Beside, CustomerGroups};
use crate::segment::SegmentMap;
use crate::time::{By, Grouping, Standing};

use super::column;

/// The table that everything is read from.
const TABLE: &str = "customers";
/// What every run publishes.
const NEEDED: [&str; 9] =
    ["customer_id", "last_order_date", "orders", "revenue", "r_score", "f_score", "m_score", "segment", "octant"];
/// Measures that only some runs publish, or whose input does not tell them.
const MEASURES: [&str; 9] = [
    "first_order_date",
    "purchase_days",
    "transactions",
    "largest_order",
    "interactions",
    "interaction_days",
    "margin",
    "orders_ever",
    "purchase_days_ever",
];

/// A published run with its customers.
pub(super) struct Published {
    /// The directory, as it was named.
    pub(super) path: String,
    pub(super) run: PublishedRun,
    pub(super) settings: Config,
    /// Days since 1970-01-01.
    pub(super) as_of: i32,
    /// Those with an order, as a run gathers them.
    pub(super) customers: Customers,
    /// Everyone who counts: members who never bought, too, where they count.
    pub(super) standing: Standing,
    /// Per row of `standing` whether it is the next of `customers`.
    pub(super) are_customers: Vec<bool>,
}

impl Published {
    /// Reads the customers of the run in a directory.
    ///
    /// # Errors
    /// A config error where there is no published run; a source error where its customers cannot be read.
    pub(super) fn open(directory: &Path) -> Result<Self> {
        let run = PublishedRun::open(directory)?;
        let (settings, as_of) = (run.settings()?, crate::day::day_of(&run.as_of()?.to_string())?);
        let table = run.table(TABLE)?;
        table.require(&NEEDED)?;
        let per = settings.customers.per.clone();
        let mut names: Vec<&str> = NEEDED.to_vec();
        names.extend(MEASURES.iter().filter(|name| table.has(name)));
        names.extend(per.as_deref());
        let mut found = Reader::new(&settings, as_of, per.as_deref());
        table.for_each_slice(&names, |slice| found.take(slice).map_err(|error| unfit(&table, &error)))?;
        let Reader { customers, standing, are_customers, .. } = found;
        let mut standing = standing;
        if let Some(segments) = standing.groupings.first_mut() {
            put_in_order(segments, &order_of_segments(&run, &table)?);
        }
        let path = directory.display().to_string();
        let published = Self { path, run, settings, as_of, customers, standing, are_customers };
        published.check_order(&table)?;
        Ok(published)
    }

    /// Two dates are put side by side by ids that ascend.
    fn check_order(&self, table: &PublishedTable) -> Result<()> {
        let ids = &self.standing.ids;
        let ascends = (1..ids.len()).all(|row| ids.compare(row - 1, ids, row).is_lt());
        if ascends {
            return Ok(());
        }
        Err(Error::source(format!("`{}` is not sorted by customer", table.path().display()))
            .cause("a run publishes every customer once, by ascending id")
            .hint("publish this date again"))
    }

    /// The groups by these attributes; none without any.
    ///
    /// # Errors
    /// A source error where the customers have no such column.
    pub(super) fn groups(&self, by: &[String]) -> Result<Option<CustomerGroups>> {
        if by.is_empty() {
            return Ok(None);
        }
        let mut dictionaries: Vec<Dictionary> = by.iter().map(|_| Dictionary::default()).collect();
        let names: Vec<&str> = by.iter().map(String::as_str).collect();
        self.for_each_customer(&names, |slice| {
            for (dictionary, name) in dictionaries.iter_mut().zip(by) {
                let texts = slice.column(name)?.strict_cast(&DataType::String)?;
                texts.str()?.iter().for_each(|text| dictionary.push(text));
            }
            Ok(())
        })?;
        Ok(Some(CustomerGroups::new(by, dictionaries)))
    }

    /// What a map looks at beside measures and scores: predictions and attributes, as they were published.
    ///
    /// # Errors
    /// A source error where the customers have no such column.
    pub(super) fn beside(&self, map: &SegmentMap) -> Result<Beside> {
        let values = RuleValues {
            map,
            known: self.settings.known(),
            score_weights: self.settings.score.composites.weights,
            money_scale: self.settings.clean.money_scale,
            horizons: self.settings.predict.horizon_names(),
        };
        Beside::of(map, |own| {
            let columns = values.columns(own);
            let names: Vec<&str> = columns.iter().map(String::as_str).collect();
            let mut found = Vec::new();
            self.for_each_customer(&names, |slice| {
                let part = values.values(own, [&[], &[], &[]], slice);
                found.extend(part.map_err(|error| polars_err!(ComputeError: "{error}"))?.iter());
                Ok(())
            })?;
            Ok(found)
        })
    }

    /// Hands some columns of those with an order to `work`, slice after slice.
    fn for_each_customer(&self, names: &[&str], mut work: impl FnMut(&DataFrame) -> PolarsResult<()>) -> Result<()> {
        let table = self.run.table(TABLE)?;
        table.require(names)?;
        let all: Vec<&str> = names.iter().copied().chain(["last_order_date"]).collect();
        table.for_each_slice(&all, |slice| {
            let has_order = slice.column("last_order_date").map(Column::is_not_null);
            let kept = has_order.and_then(|has_order| slice.filter(&has_order));
            kept.and_then(|kept| work(&kept)).map_err(|error| unfit(&table, &error))
        })
    }
}

/// The segments of the run's own map in its order, best first; nothing where earlier versions did not publish which map that is.
fn order_of_segments(run: &PublishedRun, customers: &PublishedTable) -> Result<Vec<String>> {
    let names = run.table("dim_segment")?;
    if !customers.has("map") || !names.has("map") {
        return Ok(Vec::new());
    }
    let mut own: Option<String> = None;
    customers.for_each_slice(&["map"], |slice| {
        let map = slice.column("map").and_then(|map| Ok(map.str()?.iter().next().flatten().map(str::to_owned)));
        own = own.take().or(map.map_err(|error| unfit(customers, &error))?);
        Ok(())
    })?;
    let mut found: Vec<(i64, String)> = Vec::new();
    names.for_each_slice(&["map", "segment", "segment_order"], |slice| {
        let rows = || -> PolarsResult<Vec<(i64, String)>> {
            let order = slice.column("segment_order")?.cast(&DataType::Int64)?;
            let (maps, keys) = (slice.column("map")?.str()?, slice.column("segment")?.str()?);
            let rows = maps.iter().zip(keys.iter()).zip(order.i64()?.iter());
            let own_rows = rows.filter(|((map, _), _)| map.is_some() && map.map(str::to_owned) == own);
            Ok(own_rows.filter_map(|((_, key), order)| Some((order?, key?.to_owned()))).collect())
        };
        found.extend(rows().map_err(|error| unfit(&names, &error))?);
        Ok(())
    })?;
    found.sort();
    Ok(found.into_iter().map(|(_, key)| key).collect())
}

/// Numbers the groups in this order, in which those stand, too, that nobody is in; names that are not in it come last.
fn put_in_order(grouping: &mut Grouping, order: &[String]) {
    let mut names = order.to_vec();
    let mut numbers: Vec<u16> = Vec::with_capacity(grouping.names.len());
    for name in &grouping.names {
        let place = names.iter().position(|own| own == name).unwrap_or(names.len());
        if place == names.len() {
            names.push(name.clone());
        }
        numbers.push(u16::try_from(place).unwrap_or(u16::MAX));
    }
    grouping.of.iter_mut().for_each(|own| *own = numbers[usize::from(*own)]);
    grouping.names = names;
}

fn unfit(table: &PublishedTable, error: &PolarsError) -> Error {
    Error::source(format!("`{}` does not fit", table.path().display())).cause(error).hint("publish this date again")
}

/// What was read so far.
struct Reader<'a> {
    per: Option<&'a str>,
    money_scale: u8,
    customers: Customers,
    standing: Standing,
    are_customers: Vec<bool>,
    segments: HashMap<String, u16>,
    octants: HashMap<String, u16>,
}

impl<'a> Reader<'a> {
    fn new(settings: &Config, as_of: i32, per: Option<&'a str>) -> Self {
        let group = |by| Grouping { by, names: Vec::new(), of: Vec::new() };
        let known = settings.known();
        let octants = known.has_money().then(|| group(By::Octant));
        let groupings = std::iter::once(group(By::Segment)).chain(octants).collect();
        Self {
            per,
            money_scale: settings.clean.money_scale,
            customers: Customers { known, ..Customers::default() },
            standing: Standing { as_of, groupings, ..Standing::default() },
            are_customers: Vec::new(),
            segments: HashMap::new(),
            octants: HashMap::new(),
        }
    }

    /// Takes some rows of the table: those who count stand in it, and those with an order are customers.
    fn take(&mut self, slice: &DataFrame) -> PolarsResult<()> {
        let has_order = slice.column("last_order_date")?.is_not_null();
        let counts = &has_order | &slice.column("r_score")?.is_not_null();
        let counted = slice.filter(&counts)?;
        self.are_customers.extend(counted.column("last_order_date")?.is_not_null().iter().map(|own| own == Some(true)));
        self.take_standing(&counted)?;
        self.take_measures(&slice.filter(&has_order)?)
    }

    fn take_standing(&mut self, slice: &DataFrame) -> PolarsResult<()> {
        let pairs = column::push_ids(&mut self.standing.ids, slice, self.per)?;
        self.standing.pairs = self.standing.pairs.or(pairs);
        self.standing.orders.extend(column::counts(slice, "orders")?);
        self.standing.revenue.extend(column::money(slice, "revenue", self.money_scale)?);
        for (scores, name) in self.standing.scores.iter_mut().zip(["r_score", "f_score", "m_score"]) {
            scores.extend(column::days(slice, name)?);
        }
        for grouping in &mut self.standing.groupings {
            let (name, known) = match grouping.by {
                By::Octant => ("octant", &mut self.octants),
                _ => ("segment", &mut self.segments),
            };
            for text in slice.column(name)?.str()?.iter() {
                grouping.of.push(column::number_of(text.unwrap_or_default(), known, &mut grouping.names));
            }
        }
        Ok(())
    }

    fn take_measures(&mut self, slice: &DataFrame) -> PolarsResult<()> {
        let own = &mut self.customers;
        own.pairs = own.pairs.or(column::push_ids(&mut own.ids, slice, self.per)?);
        let has = |name: &str| slice.column(name).is_ok();
        own.last_day.extend(column::days(slice, "last_order_date")?);
        own.first_day.extend(column::days(slice, "first_order_date")?);
        own.orders.extend(column::counts(slice, "orders")?);
        own.purchase_days.extend(column::counts(slice, "purchase_days")?);
        own.transactions.extend(column::counts(slice, "transactions")?);
        own.revenue.extend(column::money(slice, "revenue", self.money_scale)?);
        own.largest_order.extend(column::money(slice, "largest_order", self.money_scale)?);
        if has("interactions") {
            own.interactions.extend(column::counts(slice, "interactions")?);
        }
        if has("interaction_days") {
            let as_of = self.standing.as_of;
            own.last_interaction_day
                .extend(column::days(slice, "interaction_days")?.into_iter().map(|days| as_of - days));
        }
        if has("margin") {
            own.margin.extend(column::money(slice, "margin", self.money_scale)?);
        }
        if has("orders_ever") && has("purchase_days_ever") {
            own.orders_ever.extend(column::counts(slice, "orders_ever")?);
            own.purchase_days_ever.extend(column::counts(slice, "purchase_days_ever")?);
        }
        Ok(())
    }
}
