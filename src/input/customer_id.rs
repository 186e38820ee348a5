//! A customer id as the user typed it, and where it is found.

use super::Input;
use crate::batch::pair::PlainId;
use crate::batch::{Batch, Ids};
use crate::clean::aliases::Aliases;
use crate::clean::judge::Rules;
use crate::customers::Customers;
use crate::customers::measures::CustomerIds;
use crate::error::{Error, Result};

/// A customer id as the user typed it, converted to what the run compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Id {
    /// In an input with integer ids.
    Integer(i64),
    /// In an input with text ids, as UTF-8 bytes.
    Text(Vec<u8>),
}

/// Whom the user means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Typed {
    /// The customer's id.
    pub(crate) id: Id,
    /// The id that was typed, where it is an old one.
    pub(crate) old_id: Option<String>,
}

impl Id {
    /// The id as the run compares it: trimmed and lowercased where the settings say so. Where customers are pairs of an id and a
    /// value, the key of the pair that is named, or of the only one that the id has.
    ///
    /// # Errors
    /// A config error where the input has integer ids and this is not one, and where an id alone names several customers.
    pub(crate) fn typed(typed: &str, input: &Input, customers: &Customers) -> Result<Typed> {
        let alone = Self::alone(typed, input);
        let followed = alone.as_ref().ok().and_then(|id| id.followed(&input.rules.aliases));
        let old_id = followed.as_ref().and(alone.as_ref().ok()).map(Self::shown);
        let alone = followed.map_or(alone, Ok);
        let id = if customers.pairs.is_some() { Self::of_pair(typed, alone, customers) } else { alone };
        Ok(Typed { id: id?, old_id })
    }

    fn of_pair(typed: &str, alone: Result<Self>, customers: &Customers) -> Result<Self> {
        let key = |row: usize| Self::Text(customers.ids.text(row).to_vec());
        if let Some(row) = (0..customers.len()).find(|row| customers.shown(*row) == typed) {
            return Ok(key(row));
        }
        let alone = alone.ok();
        let is_own = |row: &usize| match (customers.plain_id(*row), &alone) {
            (PlainId::Integer(id), Some(Self::Integer(own))) => id == *own,
            (PlainId::Text(id), Some(Self::Text(own))) => *id == *own.as_slice(),
            _ => false,
        };
        let found: Vec<usize> = (0..customers.len()).filter(is_own).collect();
        match found.as_slice() {
            [] => Err(Error::config(format!("customer `{typed}` is not in the data: nobody has this id"))
                .hint("name the id, or with `customers.per` the id and its value, as `17/DE` (`17/(none)` for null)")),
            [row] => Ok(key(*row)),
            several => {
                let names: Vec<String> = several.iter().map(|row| format!("`{}`", customers.shown(*row))).collect();
                Err(Error::config(format!("`{typed}` is {} customers, because of `customers.per`", several.len()))
                    .cause(format!("they are {}", names.join(", ")))
                    .hint(format!("name one of them, as `rfmetrics explain {}`", customers.shown(several[0]))))
            }
        }
    }

    /// The id that the user typed, whatever makes pairs of it, and as it is: an old one is not followed.
    ///
    /// # Errors
    /// A config error where the input has integer ids and this is not one.
    pub(crate) fn alone(typed: &str, input: &Input) -> Result<Self> {
        let Rules { trim_ids, lowercase_ids, .. } = input.rules;
        if !input.has_text_ids() {
            let number = typed.trim().parse().map_err(|_| {
                Error::config(format!("customer `{typed}` is not in the data: the customer ids are integers"))
                    .hint("give the number as it stands in the input, without separators or letters")
            })?;
            return Ok(Self::Integer(number));
        }
        let text = if trim_ids { typed.trim() } else { typed };
        Ok(Self::Text(if lowercase_ids { text.to_lowercase().into_bytes() } else { text.as_bytes().to_vec() }))
    }

    /// That of a row of the customers table.
    pub(crate) fn of_row(ids: &CustomerIds, row: usize) -> Self {
        match ids {
            CustomerIds::Integer(ids) => Self::Integer(ids[row]),
            CustomerIds::Text { .. } => Self::Text(ids.text(row).to_vec()),
        }
    }

    /// The customer's id of today, where this is an old one.
    pub(crate) fn followed(&self, aliases: &Aliases) -> Option<Self> {
        match self {
            Self::Integer(id) => aliases.of_integer(*id).map(Self::Integer),
            Self::Text(id) => aliases.of_text(id).map(|id| Self::Text(id.to_vec())),
        }
    }

    /// As people read it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Integer(id) => id.to_string(),
            Self::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        }
    }

    /// The customer's row in the table.
    pub(crate) fn row_in(&self, ids: &CustomerIds) -> Option<usize> {
        match self {
            Self::Integer(id) => ids.row_of_integer(*id),
            Self::Text(id) => ids.row_of_text(id),
        }
    }

    /// The rows of a batch that have this id; also those whose id is null and stored with the same value.
    pub(crate) fn rows_in(&self, batch: &Batch<'_>) -> Vec<usize> {
        match (batch.ids, self) {
            (Ids::Integer(ids), Self::Integer(id)) => (0..ids.len()).filter(|row| ids[*row] == *id).collect(),
            (Ids::Text(ids), Self::Text(id)) => (0..ids.len()).filter(|row| ids[*row] == id.as_slice()).collect(),
            _ => Vec::new(),
        }
    }
}

/// The error where no row has this id.
pub(crate) fn unknown(typed: &str, input: &Input, known: &CustomerIds) -> Error {
    let error = Error::config(format!("customer `{typed}` is not in the data: no row has this id"));
    if let Some(same) = written_otherwise(typed, known) {
        return error.cause(format!("`{same}` is, and differs only in the way in which it is written"));
    }
    let filtered = if input.has_filter() { "; rows that `input.filter` leaves out are not looked at" } else { "" };
    error.hint(if input.has_text_ids() {
        format!(
            "ids are texts here and compared byte for byte: mind upper and lower case, leading zeros and blanks \
             (`clean.lowercase_ids` and `clean.trim_ids` forgive them){filtered}"
        )
    } else {
        format!("ids are integers here{filtered}")
    })
}

/// A text id that is equal but for case, blanks, leading zeros and a `.0` at its end.
fn written_otherwise(typed: &str, known: &CustomerIds) -> Option<String> {
    let CustomerIds::Text { .. } = known else { return None };
    let plain = |id: &str| {
        let id = id.trim().to_lowercase();
        id.strip_suffix(".0").unwrap_or(&id).trim_start_matches('0').to_owned()
    };
    let wanted = plain(typed);
    let ids = (0..known.len()).filter_map(|row| std::str::from_utf8(known.text(row)).ok());
    ids.into_iter().find(|id| plain(id) == wanted).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_only_written_otherwise_is_found() {
        let known = CustomerIds::Text { bytes: b"007c-1017850.0".to_vec(), ends: vec![3, 7, 14] };
        let found = |typed| written_otherwise(typed, &known);
        assert_eq!(
            (found("7"), found(" C-10"), found("17850")),
            (Some("007".into()), Some("c-10".into()), Some("17850.0".into()))
        );
        assert_eq!((found("8"), written_otherwise("7", &CustomerIds::Integer(vec![7]))), (None, None));
    }

    #[test]
    fn customers_are_found_by_number_and_by_bytes() {
        let integers = CustomerIds::Integer(vec![-17, 0, 4]);
        assert_eq!(Id::Integer(-17).row_in(&integers), Some(0));
        assert_eq!(Id::Integer(5).row_in(&integers), None);
        let texts = CustomerIds::Text { bytes: b"007Zab".to_vec(), ends: vec![3, 4, 6] };
        for (text, row) in [("007", Some(0)), ("Z", Some(1)), ("ab", Some(2)), ("7", None), ("", None), ("b", None)] {
            assert_eq!(Id::Text(text.into()).row_in(&texts), row, "{text}");
        }
        assert_eq!(Id::Integer(7).row_in(&texts), None);
    }
}
