//! Responses as a table: one row per customer who responded, with date and amount.
//!
//! Does not live here: orders (`orders`).

use polars::prelude::*;

use super::lists::{Id, IdRules, IdTable};
use super::responses::{Responses, Window};
use crate::customers::CustomerIds;
use crate::day::date_of;
use crate::error::{Error, Result};
use crate::money::{self, Minor};

/// Columns that may hold the day of a response, the most likely first.
const DAYS: [&str; 3] = ["date", "response_date", "order_ts"];
/// Columns that may hold its money.
const AMOUNTS: [&str; 2] = ["amount", "revenue"];
/// The column that says which campaign a response is to.
const CAMPAIGN: &str = "campaign";
/// Rows that are shown of many.
const SHOWN: usize = 20;

/// The table, read.
pub(super) struct ResponseTable {
    path: String,
    table: IdTable,
    ids: Vec<Option<Id>>,
    days: Vec<Option<i32>>,
    amounts: Vec<i64>,
    campaigns: Option<Column>,
}

impl ResponseTable {
    /// Reads it; money has `scale` decimals.
    ///
    /// # Errors
    /// A source error where it cannot be read, a response has no date, or an amount is none.
    pub(super) fn read(path: &str, rules: &IdRules<'_>, scale: u8) -> Result<Self> {
        let table = IdTable::read(path, rules, &[&DAYS[..], &AMOUNTS, &[CAMPAIGN]].concat())?;
        let ids: Result<Vec<Option<Id>>> =
            (0..table.ids.len()).map(|row| table.ids.shown(row).map_or(Ok(None), |id| rules.published(&id))).collect();
        let ids = ids?;
        let days = table.days(path, &DAYS)?.ok_or_else(|| {
            Error::source(format!("`{path}` has no column of dates"))
                .cause(format!("expected one of {}", DAYS.join(", ")))
                .hint("name the column of the day of the response `date`")
        })?;
        if let Some(row) = days.iter().position(Option::is_none) {
            let place = table.rows.place(row);
            return Err(Error::source(format!("`{path}` has responses without a date"))
                .cause(format!("{place}: the date is null")));
        }
        let amounts = amounts(path, &table, scale)?;
        let campaigns = table.texts(CAMPAIGN);
        Ok(Self { path: path.to_owned(), table, ids, days, amounts, campaigns })
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.days.len()
    }

    /// Its path.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Whether a row says which campaign it is to, and that is another one.
    fn is_of_other(&self, row: usize, campaign: &str) -> bool {
        let campaigns = self.campaigns.as_ref().and_then(|campaigns| campaigns.str().ok());
        campaigns.is_some_and(|campaigns| campaigns.get(row) != Some(campaign))
    }

    /// The responses to a campaign. Where it is the only one, a second row of a customer is one wherever it is dated.
    ///
    /// # Errors
    /// A source error that names customers with a second row.
    pub(super) fn responses(&self, campaign: &str, window: Window, is_only: bool) -> Result<Responses> {
        let mut rows: Vec<usize> = (0..self.len()).filter(|row| !self.is_of_other(*row, campaign)).collect();
        let is_inside = |row: &usize| self.days[*row].is_some_and(|day| window.has(date_of(day)));
        let all = rows.len();
        if !is_only {
            rows.retain(is_inside);
        }
        rows.sort_by(|one, two| self.ids[*one].cmp(&self.ids[*two]).then(one.cmp(two)));
        self.refuse_second(&rows)?;
        rows.retain(is_inside);
        let outside = (all - rows.len()) as u64;
        let inside = rows.len();
        rows.retain(|row| self.ids[*row].is_some());
        let nobody = (inside - rows.len()) as u64;
        let revenue = rows.iter().map(|row| self.amounts[*row]).collect();
        Ok(Responses { ids: self.ids_of(&rows), revenue, known_until: None, outside, nobody })
    }

    /// A second row of a customer, among rows that are sorted by id.
    fn refuse_second(&self, rows: &[usize]) -> Result<()> {
        let is_second = |pair: &&[usize]| self.ids[pair[0]].is_some() && self.ids[pair[0]] == self.ids[pair[1]];
        let second: Vec<&[usize]> = rows.windows(2).filter(is_second).collect();
        if second.is_empty() {
            return Ok(());
        }
        let cause = |pair: &&[usize]| {
            format!("{}: the customer of {}", self.table.rows.place(pair[1]), self.table.rows.place(pair[0]))
        };
        Err(Error::source(format!("`{}` has a second row of {} customers", self.path, second.len()))
            .causes(second.iter().take(SHOWN + 1).map(cause))
            .hint("give one row per customer and campaign, with the sum of what they brought; or evaluate orders with --input"))
    }

    /// The ids of rows, which are sorted by them.
    fn ids_of(&self, rows: &[usize]) -> CustomerIds {
        let ids = || rows.iter().filter_map(|row| self.ids[*row].as_ref());
        if ids().any(|id| matches!(id, Id::Text(_))) {
            let mut bytes = Vec::new();
            let ends = ids().map(|id| {
                if let Id::Text(id) = id {
                    bytes.extend_from_slice(id.as_bytes());
                }
                bytes.len()
            });
            let ends = ends.collect();
            return CustomerIds::Text { bytes, ends };
        }
        CustomerIds::Integer(ids().filter_map(|id| if let Id::Integer(id) = id { Some(*id) } else { None }).collect())
    }
}

/// The amounts in minor units; 0 where the table has none.
fn amounts(path: &str, table: &IdTable, scale: u8) -> Result<Vec<i64>> {
    let Some(column) = AMOUNTS.iter().find_map(|name| table.rows.column(name).ok()) else {
        return Ok(vec![0; table.ids.len()]);
    };
    let wrong = |cause: String| {
        Error::source(format!("`{path}`: column `{}` holds no amounts", column.name()))
            .cause(cause)
            .hint("cast it to a number at its source; a response without money is 0")
    };
    if !column.dtype().is_numeric() && !matches!(column.dtype(), DataType::Decimal(..) | DataType::Null) {
        return Err(wrong(format!("it is {}, expected numbers", column.dtype())));
    }
    let numbers = column.cast(&DataType::Float64).map_err(|error| wrong(error.to_string()))?;
    let numbers = numbers.f64().map_err(|error| wrong(error.to_string()))?;
    let minor = |(row, amount): (usize, Option<f64>)| match money::from_float(amount.unwrap_or_default(), scale) {
        Minor::Exact(minor) | Minor::Rounded(minor) => Ok(minor),
        Minor::NotFinite | Minor::TooLarge => Err(wrong(format!("{}: it is {amount:?}", table.rows.place(row)))),
    };
    numbers.iter().enumerate().map(minor).collect()
}
