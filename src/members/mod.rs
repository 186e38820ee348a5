//! Master data: members, those among them who never bought, and what is known of each.
//!
//! Members who bought are customers of the run; the others are prospects. Does not live here: reading their table and finding
//! their customers (`job::lookups`), and what is published of them (`reports`).

pub mod options;
mod roster;

use std::ops::Range;

use polars::prelude::*;
use serde::{Deserialize, Serialize};

use crate::customers::CustomerIds;
pub use roster::Roster;

/// A row of the table of members that there is not.
pub const NO_ROW: u32 = u32::MAX;

/// The members.
#[derive(Debug, Default)]
pub struct Members {
    /// Those who never bought, ascending by id.
    pub prospects: CustomerIds,
    /// The row of each of them in the table of members.
    pub prospect_rows: Vec<u32>,
    /// The row of each customer in that table; [`NO_ROW`] where they have none.
    pub customer_rows: Vec<u32>,
    /// Where the prospects stand among the customers.
    pub roster: Roster,
    /// The columns that are published, by the rows of the table of members.
    pub columns: MemberColumns,
    /// What became of the rows.
    pub counts: MemberCounts,
    /// Whether prospects have scores and count in shares.
    pub are_counted: bool,
}

/// Columns of the table of members, as they are published.
#[derive(Debug, Default)]
pub struct MemberColumns {
    /// The names of the next two columns in their table.
    pub sign_up_name: String,
    pub consent_name: String,
    /// Days since 1970-01-01; none where the settings name no such column.
    pub sign_up_days: Option<Vec<Option<i32>>>,
    /// Whether campaigns may address them; likewise.
    pub consent: Option<Vec<Option<bool>>>,
    /// The others, under their own names.
    pub attributes: Vec<Column>,
}

/// The rows of the table of members by what became of them: together they are all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberCounts {
    /// All rows.
    pub rows: u64,
    /// Rows of customers.
    pub customers: u64,
    /// Rows of prospects.
    pub prospects: u64,
    /// Rows of customers who are left out, and of ids that stand for nobody.
    pub excluded: u64,
    /// Rows of those who signed up after the analysis date, and have not bought.
    pub after_as_of: u64,
    /// Rows beyond the first of a customer: of old ids of theirs.
    pub merged: u64,
    /// Rows that say once more what another one says.
    pub repeated: u64,
}

impl MemberColumns {
    /// The name of the first column in which two rows differ.
    #[must_use]
    pub fn difference(&self, one: usize, other: usize) -> Option<String> {
        let differs = |column: &&Column| column.get(one).ok() != column.get(other).ok();
        let attribute = self.attributes.iter().find(differs).map(|column| column.name().to_string());
        let days = self.sign_up_days.as_ref().filter(|days| days[one] != days[other]);
        let consent = self.consent.as_ref().filter(|consent| consent[one] != consent[other]);
        attribute
            .or_else(|| days.map(|_| self.sign_up_name.clone()))
            .or_else(|| consent.map(|_| self.consent_name.clone()))
    }

    /// Whether two rows differ in an attribute.
    #[must_use]
    pub fn attributes_differ(&self, one: usize, other: usize) -> bool {
        self.attributes.iter().any(|column| column.get(one).ok() != column.get(other).ok())
    }
}

impl MemberCounts {
    /// Whether every row has become something.
    #[must_use]
    pub const fn add_up(&self) -> bool {
        let Self { rows, customers, prospects, excluded, after_as_of, merged, repeated } = *self;
        rows == customers + prospects + excluded + after_as_of + merged + repeated
    }
}

impl Members {
    /// Follows customers and prospects under other ids into another order: `order` names for each place the row of the customer
    /// who goes there, as does the list next to the prospects' new ids.
    pub fn reorder(&mut self, order: &[u32], customers: &CustomerIds, prospects: (CustomerIds, &[u32])) {
        self.customer_rows = order.iter().map(|row| self.customer_rows[*row as usize]).collect();
        self.prospect_rows = prospects.1.iter().map(|row| self.prospect_rows[*row as usize]).collect();
        self.prospects = prospects.0;
        self.roster = Roster::new(&self.prospects, customers);
    }

    /// How many prospects count in scores and shares.
    #[must_use]
    pub fn counted(&self) -> usize {
        if self.are_counted { self.prospects.len() } else { 0 }
    }

    /// For each prospect who counts the customers whose id is smaller.
    #[must_use]
    pub fn counted_before(&self) -> &[u32] {
        if self.are_counted { self.roster.customers_before() } else { &[] }
    }

    /// The names of the attributes.
    pub fn attribute_names(&self) -> impl Iterator<Item = &str> {
        self.columns.attributes.iter().map(|column| column.name().as_str())
    }

    /// An attribute of some customers.
    ///
    /// # Errors
    /// As [`Self::attribute`].
    pub fn attribute_of_customers(&self, place: usize, customers: Range<usize>) -> PolarsResult<Column> {
        self.attribute_at(place, self.customer_rows[customers].to_vec())
    }

    /// An attribute of some rows of the list of customers and prospects.
    ///
    /// # Errors
    /// A Polars error where a row is out of bounds, which would be a bug.
    pub fn attribute(&self, place: usize, rows: &Range<usize>) -> PolarsResult<Column> {
        self.attribute_at(place, self.rows_of(rows))
    }

    /// An attribute at some rows of the table of members; null at [`NO_ROW`].
    fn attribute_at(&self, place: usize, rows: Vec<u32>) -> PolarsResult<Column> {
        if rows.contains(&NO_ROW) {
            let rows: IdxCa = rows.iter().map(|row| (*row != NO_ROW).then_some(*row)).collect();
            return self.columns.attributes[place].take(&rows);
        }
        self.columns.attributes[place].take(&IdxCa::from_vec(PlSmallStr::EMPTY, rows))
    }

    /// The day on which each of some rows signed up, by the name of the column.
    #[must_use]
    pub fn sign_up_days(&self, name: PlSmallStr, rows: &Range<usize>) -> Column {
        let days = self.columns.sign_up_days.as_deref().unwrap_or_default();
        let of = |row: u32| days.get(row as usize).copied().flatten();
        Int32Chunked::from_iter_options(name, self.rows_of(rows).into_iter().map(of)).into_column()
    }

    /// The consent of each of some rows, by the name of the column.
    #[must_use]
    pub fn consent(&self, name: PlSmallStr, rows: &Range<usize>) -> Column {
        let consent = self.columns.consent.as_deref().unwrap_or_default();
        let of = |row: u32| consent.get(row as usize).copied().flatten();
        BooleanChunked::from_iter_options(name, self.rows_of(rows).into_iter().map(of)).into_column()
    }

    /// Per row of the list of customers and prospects that of the table of members; [`NO_ROW`] where there is none.
    fn rows_of(&self, rows: &Range<usize>) -> Vec<u32> {
        let (customers, prospects) = self.roster.split(rows);
        let of_prospects = &self.prospect_rows[prospects];
        self.roster.merged(rows, &self.customer_rows[customers], |prospect| of_prospects[prospect])
    }

    /// The days from signing up to the analysis date of each prospect; none where that is not known.
    pub fn prospect_days(&self, as_of: i32) -> impl Iterator<Item = Option<i32>> {
        let days = self.columns.sign_up_days.as_deref().unwrap_or_default();
        self.prospect_rows.iter().map(move |row| Some(as_of - days.get(*row as usize).copied().flatten()?))
    }
}
