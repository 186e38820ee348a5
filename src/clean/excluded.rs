//! Customers who must not be counted: the list of those who asked to be erased.
//!
//! Lives here: the list, and how its text is read. Does not live here: what happens to their rows (`judge`).

use std::collections::HashSet;

use super::aliases::Aliases;

/// The ids of customers who are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excluded {
    integers: HashSet<i64>,
    texts: HashSet<Box<[u8]>>,
}

impl Excluded {
    /// The list of text ids in `text`, one per line, each as `same` makes it.
    #[must_use]
    pub fn texts(text: &str, same: impl Fn(&str) -> String) -> Self {
        Self { texts: lines(text).map(|(_, id)| same(id).into_bytes().into()).collect(), ..Self::default() }
    }

    /// The list of integer ids in `text`, one per line.
    ///
    /// # Errors
    /// The number of the first line that is not a whole number of 64 bits: a typo must not leave a customer in.
    pub fn integers(text: &str) -> Result<Self, usize> {
        let integers = lines(text).map(|(line, id)| id.trim().parse().map_err(|_| line)).collect::<Result<_, _>>()?;
        Ok(Self { integers, ..Self::default() })
    }

    /// The same customers by the ids that they have now.
    #[must_use]
    pub fn followed(self, aliases: &Aliases) -> Self {
        let text = |id: Box<[u8]>| aliases.of_text(&id).map_or_else(|| id.clone(), Into::into);
        Self {
            integers: self.integers.into_iter().map(|id| aliases.of_integer(id).unwrap_or(id)).collect(),
            texts: self.texts.into_iter().map(text).collect(),
        }
    }

    /// Number of ids; of customers, where old ids are followed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.integers.len() + self.texts.len()
    }

    /// True where no customer is left out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True where the integer id is on the list.
    #[must_use]
    pub fn has_integer(&self, id: i64) -> bool {
        self.integers.contains(&id)
    }

    /// True where the text id is on the list.
    #[must_use]
    pub fn has_text(&self, id: &[u8]) -> bool {
        self.texts.contains(id)
    }
}

/// The lines that are not blank, each with its number from 1; a byte-order mark is not part of the first.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_id_per_line_whatever_wrote_the_file() {
        let list = Excluded::texts("\u{feff}007\r\n\n  \nCustomer A\r\n", str::to_lowercase);
        assert_eq!(list.len(), 2);
        assert!(list.has_text(b"007") && list.has_text(b"customer a") && !list.has_text(b"7"));
        assert!(Excluded::texts("", str::to_owned).is_empty());
    }

    #[test]
    fn a_line_that_is_not_an_integer_is_reported() {
        let list = Excluded::integers("7\n-3 \n").unwrap();
        assert!(list.has_integer(7) && list.has_integer(-3) && !list.has_integer(3));
        assert_eq!(Excluded::integers("7\n\n7x\n"), Err(3));
    }
}
