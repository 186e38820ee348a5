//! Puts pseudonyms in the place of customer ids, in everything that will be published.
//!
//! Does not live here: the keyed hash (`privacy`).

use rayon::prelude::*;

use crate::batch::pair::{self, PairIds, PlainId};
use crate::clean::quarantine::Rejected;
use crate::config::Config;
use crate::customers::{CustomerIds, Customers};
use crate::error::{Error, Result};
use crate::members::Members;
use crate::passes::attributes::Attributes;
use crate::privacy::{KEY_VARIABLE, Pseudonyms, push_hexadecimal};

/// The pseudonyms of the run; none where ids are published as they are.
///
/// # Errors
/// A config error where there is no key, or it is too short.
pub(crate) fn wanted(config: &Config) -> Result<Option<Pseudonyms>> {
    if !config.privacy.hash_ids {
        return Ok(None);
    }
    if let Some(path) = &config.privacy.hash_key_file {
        let key = std::fs::read(path)
            .map_err(|error| Error::config(format!("`privacy.hash_key_file`: `{path}` cannot be read")).cause(error))?;
        return Pseudonyms::new(&key, &format!("`{path}`")).map(Some);
    }
    let key = std::env::var_os(KEY_VARIABLE).ok_or_else(|| {
        Error::config("`privacy.hash_ids` is set, but there is no key")
            .hint(format!("put it into a file and name that in `privacy.hash_key_file`, or set {KEY_VARIABLE}"))
    })?;
    Pseudonyms::new(key.as_encoded_bytes(), KEY_VARIABLE).map(Some)
}

/// Renames every customer and sorts the customers again, by pseudonym; ids in the sample of bad rows, too. Gives for each
/// place the row that went there.
#[allow(clippy::cast_possible_truncation)]
pub(crate) fn rename(
    pseudonyms: &Pseudonyms,
    customers: &mut Customers,
    attributes: &mut Attributes,
    rejects: &mut [Rejected],
) -> Vec<u32> {
    let hash = |row: usize| match customers.plain_id(row) {
        PlainId::Integer(id) => pseudonyms.of(id.to_string().as_bytes()),
        PlainId::Text(id) => pseudonyms.of(&id),
    };
    // The rows of one id ascend by what makes pairs of it, and rows that are no pairs have ids of their own.
    let mut renamed: Vec<([u8; 32], u32)> =
        (0..customers.len()).into_par_iter().map(|row| (hash(row), row as u32)).collect();
    renamed.par_sort_unstable();
    let order: Vec<u32> = renamed.iter().map(|(_, row)| *row).collect();
    let mut bytes = Vec::with_capacity(64 * renamed.len());
    let ends = renamed.iter().map(|(pseudonym, row)| {
        let start = bytes.len();
        push_hexadecimal(pseudonym, &mut bytes);
        if customers.pairs.is_some() {
            let key = pair::key_of_text(&bytes[start..], customers.per(*row as usize));
            bytes.truncate(start);
            bytes.extend(key);
        }
        bytes.len()
    });
    let ends = ends.collect();
    customers.pairs = customers.pairs.map(|_| PairIds::Text);
    customers.reorder(&order);
    customers.ids = CustomerIds::Text { bytes, ends };
    attributes.reorder(&order);
    for customer in rejects.iter_mut().filter_map(|rejected| rejected.raw[0].as_mut()) {
        *customer = pseudonyms.text_of(customer.as_bytes());
    }
    order
}

/// Renames those who never bought, too, once the customers are renamed and stand in this order.
#[allow(clippy::cast_possible_truncation)]
pub(crate) fn rename_members(pseudonyms: &Pseudonyms, members: &mut Members, order: &[u32], customers: &CustomerIds) {
    let ids = &members.prospects;
    let hash = |row: usize| match ids {
        CustomerIds::Integer(ids) => pseudonyms.of(ids[row].to_string().as_bytes()),
        ids @ CustomerIds::Text { .. } => pseudonyms.of(ids.text(row)),
    };
    let mut renamed: Vec<([u8; 32], u32)> = (0..ids.len()).into_par_iter().map(|row| (hash(row), row as u32)).collect();
    renamed.par_sort_unstable();
    let of_prospects: Vec<u32> = renamed.iter().map(|(_, row)| *row).collect();
    let mut bytes = Vec::with_capacity(64 * renamed.len());
    for (pseudonym, _) in &renamed {
        push_hexadecimal(pseudonym, &mut bytes);
    }
    let ends = (1..=renamed.len()).map(|count| 64 * count).collect();
    members.reorder(order, customers, (CustomerIds::Text { bytes, ends }, &of_prospects));
}
