//! Customers who are pairs of an id and a value (`customers.per`): their ids and values again, from the keys that they are folded by.
//!
//! Does not live here: what a key looks like (`batch::pair`).

use std::borrow::Cow;

use super::measures::{CustomerIds, Customers};
use crate::batch::pair::{PlainId, split};

impl Customers {
    /// The id of a customer, without what makes a pair of it.
    #[must_use]
    pub fn plain_id(&self, row: usize) -> PlainId<'_> {
        match (&self.ids, self.pairs) {
            (CustomerIds::Integer(ids), _) => PlainId::Integer(ids[row]),
            (ids @ CustomerIds::Text { .. }, None) => PlainId::Text(Cow::Borrowed(ids.text(row))),
            (ids @ CustomerIds::Text { .. }, Some(pairs)) => split(ids.text(row), pairs).0,
        }
    }

    /// What makes a pair of the customer's id; none for null, and where customers are no pairs.
    #[must_use]
    pub fn per(&self, row: usize) -> Option<&[u8]> {
        self.pairs.and_then(|pairs| split(self.ids.text(row), pairs).1)
    }

    /// The customer as people write them: the id, and behind a slash what makes a pair of it, `(none)` for null.
    #[must_use]
    pub fn shown(&self, row: usize) -> String {
        let id = match self.plain_id(row) {
            PlainId::Integer(id) => id.to_string(),
            PlainId::Text(id) => String::from_utf8_lossy(&id).into_owned(),
        };
        match (self.pairs, self.per(row)) {
            (None, _) => id,
            (Some(_), None) => format!("{id}/(none)"),
            (Some(_), Some(per)) => format!("{id}/{}", String::from_utf8_lossy(per)),
        }
    }
}
