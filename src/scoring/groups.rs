//! Groups of customers: who is scored, or reported on, among whom.
//!
//! A group is what customers of equal attributes are; customers whose attribute is null are one, as in SQL. Groups are
//! numbered in the order of their keys, so that neither the order of customers nor that of rows changes a number.
//! Does not live here: where attributes come from (`job`), and what is learned of a group (`by_group`).

use std::collections::HashMap;
use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};

/// Where customers whose group has no breaks of its own stand in tables: they take those of all.
pub const ALL: &str = "(all)";
/// A null in the name of a group.
const NONE: &str = "(none)";

/// The values of a group's attributes, in the order of the settings; none for null.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupKey(pub Vec<Option<String>>);

/// The name of the group in tables and messages: `DE`, or `DE/web` for several attributes; `(none)` stands for null. No two
/// groups have one name: a backslash stands before what would be read as something else.
impl Display for GroupKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (place, value) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str("/")?;
            }
            match value {
                None => f.write_str(NONE)?,
                Some(text) if self.0.len() > 1 => {
                    f.write_str(if is_reserved(text) { "\\" } else { "" })?;
                    f.write_str(&text.replace('\\', "\\\\").replace('/', "\\/"))?;
                }
                Some(text) => {
                    f.write_str(if is_reserved(text.trim_start_matches('\\')) { "\\" } else { "" })?;
                    f.write_str(text)?;
                }
            }
        }
        Ok(())
    }
}

fn is_reserved(text: &str) -> bool {
    text == NONE || text == ALL
}

/// The values of one attribute, each stored once.
#[derive(Debug, Default)]
pub struct Dictionary {
    values: Vec<Option<String>>,
    places: HashMap<String, u32>,
    null: Option<u32>,
    of: Vec<u32>,
}

impl Dictionary {
    /// Adds the value of the next customer.
    pub fn push(&mut self, value: Option<&str>) {
        let next = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        let known = value.map_or(self.null, |text| self.places.get(text).copied());
        let place = known.unwrap_or(next);
        if known.is_none() {
            match value {
                Some(text) => drop(self.places.insert(text.to_owned(), next)),
                None => self.null = Some(next),
            }
            self.values.push(value.map(str::to_owned));
        }
        self.of.push(place);
    }
}

/// The customers in groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerGroups {
    /// The attributes that group them.
    pub by: Vec<String>,
    /// The groups, ascending: nulls first, then by code point.
    pub keys: Vec<GroupKey>,
    /// Per customer the index of their group.
    pub of: Vec<u32>,
}

impl CustomerGroups {
    /// The groups by these attributes: for each the values of all customers, in the order of the table.
    #[must_use]
    pub fn new(by: &[String], attributes: Vec<Dictionary>) -> Self {
        let mut keys: Vec<GroupKey> = Vec::new();
        let mut of: Vec<u32> = Vec::new();
        for Dictionary { values, of: places, .. } in attributes {
            if keys.is_empty() {
                keys = values.into_iter().map(|value| GroupKey(vec![value])).collect();
                of = places;
            } else {
                (keys, of) = combined(&keys, &of, &values, &places);
            }
        }
        let mut order: Vec<u32> = (0..).take(keys.len()).collect();
        order.sort_by(|one, other| keys[*one as usize].cmp(&keys[*other as usize]));
        let mut number = vec![0; keys.len()];
        for (new, old) in (0..).zip(&order) {
            number[*old as usize] = new;
        }
        for group in &mut of {
            *group = number[*group as usize];
        }
        let keys =
            order.into_iter().map(|old| std::mem::replace(&mut keys[old as usize], GroupKey(Vec::new()))).collect();
        Self { by: by.to_vec(), keys, of }
    }

    /// How many groups there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.keys.len()
    }

    /// The customers of each group, ascending.
    #[must_use]
    pub fn rows(&self) -> Vec<Vec<u32>> {
        let mut sizes = vec![0; self.count()];
        self.of.iter().for_each(|group| sizes[*group as usize] += 1);
        let mut rows: Vec<Vec<u32>> = sizes.into_iter().map(Vec::with_capacity).collect();
        for (row, group) in (0..).zip(&self.of) {
            rows[*group as usize].push(row);
        }
        rows
    }
}

/// Groups that exist, parted by one more attribute.
fn combined(keys: &[GroupKey], of: &[u32], values: &[Option<String>], places: &[u32]) -> (Vec<GroupKey>, Vec<u32>) {
    let mut found: HashMap<(u32, u32), u32> = HashMap::new();
    let mut both = Vec::new();
    let mut number = |pair: (u32, u32)| {
        *found.entry(pair).or_insert_with(|| {
            let mut key = keys[pair.0 as usize].clone();
            key.0.push(values[pair.1 as usize].clone());
            both.push(key);
            u32::try_from(both.len() - 1).unwrap_or(u32::MAX)
        })
    };
    let of = of.iter().zip(places).map(|(group, place)| number((*group, *place))).collect();
    (both, of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dictionary(values: &[Option<&str>]) -> Dictionary {
        let mut dictionary = Dictionary::default();
        for value in values {
            dictionary.push(*value);
        }
        dictionary
    }

    fn key(values: &[Option<&str>]) -> GroupKey {
        GroupKey(values.iter().map(|value| value.map(str::to_owned)).collect())
    }

    #[test]
    fn groups_are_numbered_by_their_keys_and_hold_each_customer_once() {
        let countries = dictionary(&[Some("FR"), None, Some("DE"), Some("FR"), Some("DE")]);
        let groups = CustomerGroups::new(&["country".to_owned()], vec![countries]);
        assert_eq!(groups.keys, [key(&[None]), key(&[Some("DE")]), key(&[Some("FR")])]);
        assert_eq!(groups.of, [2, 0, 1, 2, 1]);
        assert_eq!(groups.rows(), [vec![1], vec![2, 4], vec![0, 3]]);
    }

    #[test]
    fn several_attributes_make_the_groups_that_occur() {
        let countries = dictionary(&[Some("FR"), Some("DE"), Some("FR"), Some("FR")]);
        let channels = dictionary(&[Some("web"), Some("till"), None, Some("web")]);
        let groups = CustomerGroups::new(&["country".to_owned(), "channel".to_owned()], vec![countries, channels]);
        let names: Vec<String> = groups.keys.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["DE/till", "FR/(none)", "FR/web"]);
        assert_eq!(groups.of, [2, 0, 1, 2]);
        assert_eq!(CustomerGroups::new(&["country".to_owned()], vec![dictionary(&[])]).count(), 0);
    }

    #[test]
    fn no_two_groups_have_one_name() {
        let single: [Option<&str>; 6] = [None, Some("(none)"), Some("\\(none)"), Some("(all)"), Some("a/b"), Some("")];
        let names: Vec<String> = single.iter().map(|value| key(&[*value]).to_string()).collect();
        assert_eq!(names, ["(none)", "\\(none)", "\\\\(none)", "\\(all)", "a/b", ""]);
        let pairs = [
            key(&[Some("a/b"), Some("c")]),
            key(&[Some("a"), Some("b/c")]),
            key(&[Some("a\\"), Some("b")]),
            key(&[Some("a"), None]),
            key(&[Some("a"), Some("(none)")]),
            key(&[Some("a"), Some("\\(none)")]),
        ];
        let names: std::collections::BTreeSet<String> = pairs.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), pairs.len(), "{names:?}");
    }
}
