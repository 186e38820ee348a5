//! Joins tables beside the transactions to the customers.
//!
//! Does not live here: reading a table (`source`), and what is made of its numbers (`social`, `predict`).

pub(crate) mod profits;
pub(crate) mod social;

use crate::config::Config;
use crate::customers::Customers;
use crate::error::{Error, Problems, Result};
use crate::input::{Input, same_id};
use crate::social::Social;
use crate::source::lookup::{self, LookupIds};
use crate::warnings::{Facts, Warning};

/// What lookup tables add to the customers, each where it is asked for.
#[derive(Debug, Default)]
pub(crate) struct Lookups {
    pub(super) social: Option<Social>,
    /// Per customer, NaN for those without a row.
    pub(super) planned_ltv: Option<Vec<f64>>,
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
    /// Reads the tables that the settings name.
    ///
    /// # Errors
    /// A source error where one cannot be used; a config error where the weights of social value are wrong.
    pub(crate) fn read(
        input: &Input,
        config: &Config,
        customers: &Customers,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self> {
        let social = social::social(input, config, customers, warnings)?;
        let planned_ltv = profits::planned_ltv(input, config, customers, warnings)?;
        Ok(Self { social, planned_ltv })
    }

    /// Follows the customers into another order: `order` names for each place the row that goes there.
    pub(crate) fn reorder(&mut self, order: &[u32]) {
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
        let Some(kind) = problems.note(lookup::look(wanted.path, wanted.customer_id, &wanted.columns)) else {
            continue;
        };
        let are_texts = !kind.is_number();
        problems.extend(input.and_then(|input| refuse_other_ids(wanted.setting, are_texts, input).err()));
    }
}

/// Ids of the input are compared with those of one type.
fn refuse_other_ids(setting: &str, are_texts: bool, input: &Input) -> Result<()> {
    if are_texts == input.has_text_ids() {
        return Ok(());
    }
    let (found, expected) = if are_texts { ("texts", "numbers") } else { ("numbers", "texts") };
    Err(Error::source(format!("the customer ids of `{setting}` are {found}"))
        .cause(format!("expected {expected}, as in the input"))
        .hint("write that column with the type of the input"))
}

/// Reads a lookup table and finds its customers. Unmatched rows are counted in a warning.
///
/// # Errors
/// A source error where the table cannot be read, its ids are of another type, or two rows are of one customer.
pub(crate) fn join(
    wanted: &Wanted<'_>,
    input: &Input,
    config: &Config,
    customers: &Customers,
    warnings: &mut Vec<Warning>,
) -> Result<Joined> {
    let Wanted { setting, path, what, .. } = wanted;
    let table = lookup::read(path, wanted.customer_id, &wanted.columns)?;
    let places = places(&table.ids, setting, input, config, customers)?;
    let unknown = places.iter().filter(|place| place.is_none()).count();
    let mut rows: Vec<(u32, usize)> =
        places.iter().enumerate().filter_map(|(row, place)| Some(((*place)?, row))).collect();
    rows.sort_unstable();
    let twice = rows.windows(2).filter(|pair| pair[0].0 == pair[1].0).count();
    if twice > 0 {
        return Err(Error::source(format!("`{path}` has {twice} customers more than once"))
            .cause("expected one row per customer")
            .hint("sum its columns per customer before the run"));
    }
    if unknown > 0 || rows.len() < customers.len() {
        let facts = Facts::UnmatchedRows {
            setting: (*setting).to_owned(),
            what: (*what).to_owned(),
            matched: rows.len() as u64,
            customers: customers.len() as u64,
            unmatched_rows: unknown as u64,
        };
        warnings.push(facts.into());
    }
    let numbers = |column: &Vec<f64>| rows.iter().map(|(_, row)| column[*row]).collect();
    let columns = table.columns.iter().map(numbers).collect();
    Ok(Joined { columns, rows: rows.into_iter().map(|(row, _)| row).collect() })
}

/// Per row of the lookup table the row of its customer.
fn places(
    ids: &LookupIds,
    setting: &str,
    input: &Input,
    config: &Config,
    customers: &Customers,
) -> Result<Vec<Option<u32>>> {
    let row = |place: Option<usize>| place.and_then(|place| u32::try_from(place).ok());
    refuse_other_ids(setting, matches!(ids, LookupIds::Text(_)), input)?;
    Ok(match ids {
        LookupIds::Integer(ids) => {
            ids.iter().map(|id| row(id.and_then(|id| customers.ids.row_of_integer(id)))).collect()
        }
        LookupIds::Text(ids) => {
            let place = |id: &String| customers.ids.row_of_text(same_id(id, config).as_bytes());
            ids.iter().map(|id| row(id.as_ref().and_then(place))).collect()
        }
    })
}
