//! The rows of a lookup table by the customer that each of them belongs to, old ids followed.
//!
//! They are sorted once and then walked next to the customers, who are sorted, too: ten million rows are found in the time of
//! a sort. Does not live here: what the rows say.

use polars_arrow::array::Utf8ViewArray;
use rayon::prelude::*;

use crate::clean::aliases::Aliases;
use crate::customers::CustomerIds;
use crate::customers::sort_key::{first_bytes, sortable, unsortable};
use crate::source::lookup::LookupIds;

/// A row of a lookup table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LookupRow {
    /// Sorts as the customer's id does; for texts the first eight bytes behind what all of them begin with.
    key: u64,
    /// Its number.
    pub(crate) row: u32,
    /// Whether the id that the table has is an old one of the customer.
    pub(crate) is_old: bool,
}

/// The rows, ascending by customer; of a customer their own id comes first, then the old ones, ascending.
pub(crate) struct ByCustomer<'a> {
    ids: &'a LookupIds,
    /// The customer of each row; empty for integers, whose key is their id.
    texts: Vec<&'a [u8]>,
    /// What all texts begin with.
    prefix: &'a [u8],
    rows: Vec<LookupRow>,
    /// Rows without an id, which are no customer's.
    pub(crate) without_id: usize,
}

impl<'a> ByCustomer<'a> {
    /// Sorts the rows of a table with these ids.
    #[allow(clippy::cast_possible_truncation)]
    pub(crate) fn new(ids: &'a LookupIds, aliases: &'a Aliases) -> Self {
        let mut texts: Vec<&'a [u8]> = Vec::new();
        let mut prefix: &'a [u8] = &[];
        let mut rows: Vec<LookupRow> = match ids {
            LookupIds::Integer(ids) => {
                let id = |(row, id): (u32, Option<i64>)| {
                    let id = id?;
                    let new = aliases.of_integer(id);
                    Some(LookupRow { key: sortable(new.unwrap_or(id)), row, is_old: new.is_some() })
                };
                (0..).zip(ids.iter().map(Option::<&i64>::copied)).filter_map(id).collect()
            }
            LookupIds::Text(ids) => {
                let of = |id: Option<&'a str>| id.map_or(&[][..], str::as_bytes);
                texts = ids.iter().map(|id| aliases.of_text(of(id)).unwrap_or(of(id))).collect();
                prefix = common_prefix(ids, &texts);
                let known = (0..).zip(ids.iter()).filter_map(|(row, id)| Some((row, id?.as_bytes())));
                let id = |(row, id): (u32, &[u8])| {
                    let own = texts[row as usize];
                    LookupRow { key: first_bytes(&own[prefix.len()..]), row, is_old: !aliases.is_empty() && own != id }
                };
                known.map(id).collect()
            }
        };
        let without_id = ids.len() - rows.len();
        // Equal ids stand in no certain order: whatever is made of them must not depend on it.
        match ids {
            LookupIds::Integer(ids) => {
                let old = |own: &LookupRow| ids.value(own.row as usize);
                rows.par_sort_unstable_by(|a, b| {
                    (a.key, a.is_old).cmp(&(b.key, b.is_old)).then_with(|| old(a).cmp(&old(b)))
                });
            }
            LookupIds::Text(ids) => {
                let (own, old) =
                    (|own: &LookupRow| texts[own.row as usize], |own: &LookupRow| ids.value(own.row as usize));
                rows.par_sort_unstable_by(|a, b| {
                    let by_id = || own(a).cmp(own(b)).then(a.is_old.cmp(&b.is_old)).then_with(|| old(a).cmp(old(b)));
                    a.key.cmp(&b.key).then_with(by_id)
                });
            }
        }
        Self { ids, texts, prefix, rows, without_id }
    }

    /// Hands over the rows of each customer, and the customer's row in their table; none for ids that are not there.
    ///
    /// # Errors
    /// The first error of `work`.
    pub(crate) fn for_each<E>(
        &self,
        customers: &CustomerIds,
        mut work: impl FnMut(Option<usize>, &[LookupRow]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut place = 0;
        for group in self.rows.chunk_by(|a, b| self.are_one(a, b)) {
            while place < customers.len() && self.compare(customers, place, &group[0]).is_lt() {
                place += 1;
            }
            let is_there = place < customers.len() && self.compare(customers, place, &group[0]).is_eq();
            work(is_there.then_some(place), group)?;
        }
        Ok(())
    }

    /// Whether the table has one id in both rows.
    pub(crate) fn have_one_id(&self, a: &LookupRow, b: &LookupRow) -> bool {
        let (a, b) = (a.row as usize, b.row as usize);
        match self.ids {
            LookupIds::Integer(ids) => ids.value(a) == ids.value(b),
            LookupIds::Text(ids) => ids.value(a) == ids.value(b),
        }
    }

    /// The customer of a row, as an integer; none for texts.
    pub(crate) const fn integer(&self, row: &LookupRow) -> Option<i64> {
        match self.ids {
            LookupIds::Integer(_) => Some(unsortable(row.key)),
            LookupIds::Text(_) => None,
        }
    }

    /// The customer of a row; empty for integers.
    pub(crate) fn text(&self, row: &LookupRow) -> &'a [u8] {
        self.texts.get(row.row as usize).copied().unwrap_or_default()
    }

    /// The customer of a row, as people read it.
    pub(crate) fn shown(&self, row: &LookupRow) -> String {
        self.integer(row).map_or_else(|| String::from_utf8_lossy(self.text(row)).into_owned(), |id| id.to_string())
    }

    /// No customers, with ids of the type of the table.
    pub(crate) const fn no_ids(&self) -> CustomerIds {
        match self.ids {
            LookupIds::Integer(_) => CustomerIds::Integer(Vec::new()),
            LookupIds::Text(_) => CustomerIds::Text { bytes: Vec::new(), ends: Vec::new() },
        }
    }

    /// Adds the customer of a row to ids of the same type.
    pub(crate) fn push_id(&self, row: &LookupRow, ids: &mut CustomerIds) {
        match ids {
            CustomerIds::Integer(ids) => ids.extend(self.integer(row)),
            CustomerIds::Text { bytes, ends } => {
                bytes.extend_from_slice(self.text(row));
                ends.push(bytes.len());
            }
        }
    }

    fn are_one(&self, a: &LookupRow, b: &LookupRow) -> bool {
        a.key == b.key && self.text(a) == self.text(b)
    }

    fn compare(&self, customers: &CustomerIds, place: usize, row: &LookupRow) -> std::cmp::Ordering {
        match customers {
            CustomerIds::Integer(ids) => sortable(ids[place]).cmp(&row.key),
            CustomerIds::Text { .. } => {
                let id = customers.text(place);
                let by_key = id.strip_prefix(self.prefix).map(|rest| first_bytes(rest).cmp(&row.key));
                by_key.filter(|by_key| by_key.is_ne()).unwrap_or_else(|| id.cmp(self.text(row)))
            }
        }
    }
}

/// What all customers of a table of texts begin with (`CUST-000`): keys are made of what follows.
fn common_prefix<'a>(ids: &Utf8ViewArray, texts: &[&'a [u8]]) -> &'a [u8] {
    let known = || texts.iter().zip(ids.iter()).filter(|(_, id)| id.is_some()).map(|(text, _)| *text);
    let Some(first) = known().next() else { return &[] };
    let alike = |length: usize, text: &[u8]| first[..length].iter().zip(text).take_while(|(a, b)| a == b).count();
    &first[..known().fold(first.len(), alike)]
}

#[cfg(test)]
mod tests {
    use polars_arrow::array::PrimitiveArray;

    use super::*;

    /// The customers that there are, each with the rows of the table; those that there are not with none.
    fn found(ids: &LookupIds, aliases: &Aliases, customers: &CustomerIds) -> Vec<(Option<usize>, Vec<u32>)> {
        let by_customer = ByCustomer::new(ids, aliases);
        let mut found = Vec::new();
        let result = by_customer.for_each(customers, |place, rows| {
            found.push((place, rows.iter().map(|row| row.row).collect()));
            Ok::<(), ()>(())
        });
        assert_eq!(result, Ok(()));
        found
    }

    #[test]
    fn rows_are_found_by_their_customer_whatever_their_order_and_old_ids_come_last() {
        // Customers 2 and 7; 1 and 3 have become 7, and 9 is nobody the run knows.
        let aliases = Aliases::of_integers(&[3, 1], &[7, 3]).unwrap();
        let ids =
            LookupIds::Integer(PrimitiveArray::from_iter([Some(3_i64), Some(9), None, Some(7), Some(1), Some(-4)]));
        let customers = CustomerIds::Integer(vec![2, 7]);
        assert_eq!(found(&ids, &aliases, &customers), [(None, vec![5]), (Some(1), vec![3, 4, 0]), (None, vec![1])]);
        assert_eq!(ByCustomer::new(&ids, &aliases).without_id, 1);
    }

    #[test]
    fn texts_that_begin_alike_are_told_apart() {
        let texts = |values: &[&str]| Utf8ViewArray::from_slice_values(values);
        let aliases = Aliases::of_texts(texts(&["old"]), texts(&["customer-0002"])).unwrap();
        let ids = LookupIds::Text(texts(&["customer-0003", "old", "customer-0001", "customer-0002", "customer"]));
        let names = ["customer-0001", "customer-0002"];
        let ends = vec![names[0].len(), names.concat().len()];
        let customers = CustomerIds::Text { bytes: names.concat().into_bytes(), ends };
        let expected = [(None, vec![4]), (Some(0), vec![2]), (Some(1), vec![3, 1]), (None, vec![0])];
        assert_eq!(found(&ids, &aliases, &customers), expected);
    }
}
