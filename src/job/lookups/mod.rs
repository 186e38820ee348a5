//! Joins tables beside the transactions to the customers.
//!
//! Does not live here: reading a table (`source`), and what is made of its numbers (`social`, `predict`).

pub(crate) mod by_customer;
pub(crate) mod member_table;
pub(crate) mod members;
pub(crate) mod profits;
pub(crate) mod sealed;
pub(crate) mod social;

use super::pseudonyms;
use crate::config::Config;
use crate::customers::{CustomerIds, Customers};
use crate::error::{Error, Problems, Result, SHOWN};
use crate::input::Input;
use crate::input::lookup_ids::{self, IdColumnOf};
use crate::manifest::LookupEntry;
use crate::members::Members;
use crate::privacy::Pseudonyms;
use crate::social::Social;
use crate::source::lookup::{self, LookupFooters};
use crate::warnings::{Facts, LookupMatches, Warning};
use by_customer::{ByCustomer, LookupRow};

/// What lookup tables add to the customers, each where it is asked for.
#[derive(Debug, Default)]
pub(crate) struct Lookups {
    pub(super) social: Option<Social>,
    /// Per customer, NaN for those without a row.
    pub(super) planned_ltv: Option<Vec<f64>>,
    pub(super) members: Option<Members>,
    /// The files that all this was read of, and those of old ids.
    pub(super) sealed: Vec<LookupEntry>,
}

/// A lookup table, as the settings name it.
pub(crate) struct Wanted<'a> {
    /// The key of its path.
    pub(crate) setting: &'static str,
    pub(crate) path: &'a str,
    /// Its column of ids.
    pub(crate) customer_id: &'a str,
    pub(crate) columns: Vec<String>,
    /// What its columns are, for messages.
    pub(crate) what: &'static str,
}

/// The rows of a lookup table that are of customers of the run, in the order of the customers table.
pub(crate) struct Joined {
    /// Rows of the customers table, ascending.
    pub(crate) rows: Vec<u32>,
    /// Per column the number of each of them.
    pub(crate) columns: Vec<Vec<f64>>,
}

impl Lookups {
    /// Reads the tables that the settings name. `as_of` is the analysis date.
    ///
    /// # Errors
    /// A source error where one cannot be used; a config error where the weights of social value are wrong.
    pub(crate) fn read(
        input: &Input,
        config: &Config,
        customers: &Customers,
        as_of: i32,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self> {
        let social = social::social(input, config, customers, warnings)?;
        let planned_ltv = profits::planned_ltv(input, config, customers, warnings)?;
        let members = members::members(input, config, customers, as_of, warnings)?;
        Ok(Self { social, planned_ltv, members, sealed: sealed::of_settings(config)? })
    }

    /// Follows the customers under their pseudonyms into another order: `order` names for each place the row that goes there.
    pub(crate) fn rename(&mut self, pseudonyms: &Pseudonyms, order: &[u32], customers: &CustomerIds) {
        if let Some(members) = &mut self.members {
            pseudonyms::rename_members(pseudonyms, members, order, customers);
        }
        if let Some(social) = &mut self.social {
            social.reorder(order);
        }
        if let Some(values) = &mut self.planned_ltv {
            *values = order.iter().map(|row| values[*row as usize]).collect();
        }
    }
}

/// Looks at the footers of the tables that the settings name, before anything of the input is read. What is wrong is
/// noted: a table that is not there, lacks a column or numbers in it, or has ids of another type than the input.
pub(crate) fn preflight(input: Option<&Input>, config: &Config, problems: &mut Problems) {
    for wanted in social::table(config).into_iter().chain(profits::table(config)) {
        if problems.note(lookup::look(wanted.path, wanted.customer_id, &wanted.columns)).is_none() {
            continue;
        }
        let ids = IdColumnOf { setting: wanted.setting, column: wanted.customer_id };
        let footers = problems.note(LookupFooters::read(wanted.path));
        if let Some((input, footers)) = input.zip(footers) {
            problems.note(lookup_ids::refuse_other_type(ids, &footers, input.has_text_ids()));
        }
    }
}

/// Reads a lookup table and finds its customers, whose rows of old ids are summed. Unmatched rows are counted in a warning.
///
/// # Errors
/// A source error where the table cannot be read, its ids are of another type, or two rows have one id.
pub(crate) fn join(
    wanted: &Wanted<'_>,
    input: &Input,
    config: &Config,
    customers: &Customers,
    warnings: &mut Vec<Warning>,
) -> Result<Joined> {
    let Wanted { setting, path, what, .. } = wanted;
    let table = lookup::read(path, wanted.customer_id, &wanted.columns)?;
    let ids = lookup_ids::same(table.ids, config);
    let by_customer = ByCustomer::new(&ids, &input.rules.aliases);
    let mut joined = Joined { rows: Vec::new(), columns: vec![Vec::new(); wanted.columns.len()] };
    let (mut unknown, mut twice) = (by_customer.without_id, Vec::new());
    by_customer.for_each(&customers.ids, |place, rows| {
        let Some(place) = place.and_then(|place| u32::try_from(place).ok()) else {
            unknown += rows.len();
            return Ok::<(), Error>(());
        };
        let pairs = rows.windows(2).map(|pair| [pair[0], pair[1]]);
        twice.extend(pairs.filter(|[one, other]| by_customer.have_one_id(one, other)));
        joined.rows.push(place);
        for (sums, values) in joined.columns.iter_mut().zip(&table.columns) {
            sums.push(rows.iter().map(|row| values[row.row as usize]).sum());
        }
        Ok(())
    })?;
    if !twice.is_empty() {
        let places = |row: &LookupRow| table.rows.place(row.row as usize);
        let shown = twice.iter().take(SHOWN + 1).map(|[one, other]| {
            let rows = [one, other].map(|row| row.row).iter().min().copied();
            let (first, second) = if rows == Some(one.row) { (one, other) } else { (other, one) };
            format!("`{}`: {} and {}", by_customer.shown(one), places(first), places(second))
        });
        return Err(Error::source(format!("`{path}` has {} customers more than once", twice.len()))
            .cause("expected one row per customer")
            .causes(shown)
            .hint("sum its columns per customer before the run"));
    }
    if unknown > 0 || joined.rows.len() < customers.len() {
        let facts = Facts::UnmatchedRows(LookupMatches {
            setting: (*setting).to_owned(),
            what: (*what).to_owned(),
            matched: joined.rows.len() as u64,
            customers: customers.len() as u64,
            unmatched_rows: unknown as u64,
        });
        warnings.push(facts.into());
    }
    Ok(joined)
}
