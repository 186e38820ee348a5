//! Old ids of customers, and the ids that they have now.
//!
//! Lives here: the table of those ids that have another one, chains of them followed to their end, and what contradicts itself
//! in it. Does not live here: where the table comes from (`input`), and what is done with rows that have such an id (`judge`).

mod chains;
mod numbers;

use std::sync::atomic::{AtomicU64, Ordering};

use polars_arrow::array::Utf8ViewArray;

use crate::hashing::{HashIndex, hash_text, spread_bits};
use chains::{NOWHERE, follow};
use numbers::NumberTable;

/// The old ids. An entry stands for one of them: of texts it is the number of a row of the table that they come from.
#[derive(Debug, Default)]
pub struct Aliases {
    ids: Pairs,
    old_ids: usize,
    /// A bit per entry: whether a kept row has its old id.
    seen: Vec<AtomicU64>,
    /// Old ids from the first of a chain to its end, at most.
    longest_chain: u32,
}

/// Old ids and new ones, per row of their table.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a run has one")]
enum Pairs {
    /// The new id is that at the end of the chain.
    Integers(NumberTable),
    Texts {
        index: HashIndex,
        old: Utf8ViewArray,
        new: Utf8ViewArray,
        /// Per row the one whose new id is that at the end of the chain.
        last: Vec<u32>,
    },
}

impl Default for Pairs {
    fn default() -> Self {
        Self::Integers(NumberTable::default())
    }
}

/// What contradicts itself in a table of old ids. Rows are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AliasFault {
    /// Two rows give an old id different new ones.
    TwoTargets {
        /// The old id.
        old: String,
        /// The rows.
        rows: [usize; 2],
        /// The new id that each of them gives.
        new: [String; 2],
    },
    /// Old ids lead back to themselves.
    Circle {
        /// The ids, each of which leads to the next one, and the last one to the first.
        ids: Vec<String>,
    },
}

/// What the rows of a run had to do with old ids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FoundAliases {
    /// Old ids that kept rows have.
    pub old_ids: u64,
    /// Customers whom these rows belong to now.
    pub customers: u64,
}

impl Aliases {
    /// The old ids of a table of integers: row by row an old one and the one that it leads to. A row whose ids are the same says
    /// nothing.
    ///
    /// # Errors
    /// Everything that contradicts itself.
    pub fn of_integers(old: &[i64], new: &[i64]) -> Result<Self, Vec<AliasFault>> {
        let pairs: Vec<[i64; 2]> = old.iter().zip(new).map(|(old, new)| [*old, *new]).collect();
        if let Some(numbers) = NumberTable::without_chains(&pairs) {
            let longest_chain = u32::from(numbers.len() > 0);
            return Ok(Self::of_numbers(numbers, longest_chain));
        }
        let ids = Table {
            rows: pairs.len(),
            hash_of_old: |row: usize| spread_bits(pairs[row][0].cast_unsigned()),
            hash_of_new: |row: usize| spread_bits(pairs[row][1].cast_unsigned()),
            is_same: |row: (usize, Column), other: (usize, Column)| {
                pairs[row.0][row.1 as usize] == pairs[other.0][other.1 as usize]
            },
            text: |row: usize, column: Column| pairs[row][column as usize].to_string(),
        };
        let Built { last, longest_chain, .. } = ids.build()?;
        let new = |row: usize| last.get(row).map_or(pairs[row][1], |last| pairs[*last as usize][1]);
        let ends: Vec<[i64; 2]> = pairs.iter().enumerate().map(|(row, [old, _])| [*old, new(row)]).collect();
        Ok(Self::of_numbers(NumberTable::new(&ends), longest_chain))
    }

    fn of_numbers(numbers: NumberTable, longest_chain: u32) -> Self {
        let counts = (numbers.len(), numbers.places());
        Self::new(Pairs::Integers(numbers), counts, longest_chain)
    }

    /// The same of texts, none of which is null.
    ///
    /// # Errors
    /// As [`Self::of_integers`].
    pub fn of_texts(old: Utf8ViewArray, new: Utf8ViewArray) -> Result<Self, Vec<AliasFault>> {
        let columns = [&old, &new];
        let value = |row: usize, column: Column| columns[column as usize].value(row);
        let ids = Table {
            rows: old.len(),
            hash_of_old: |row: usize| hash_text(value(row, Column::Old).as_bytes()),
            hash_of_new: |row: usize| hash_text(value(row, Column::New).as_bytes()),
            is_same: |row: (usize, Column), other: (usize, Column)| value(row.0, row.1) == value(other.0, other.1),
            text: |row: usize, column: Column| value(row, column).to_owned(),
        };
        let Built { index, last, longest_chain } = ids.build()?;
        let counts = (index.len(), old.len());
        Ok(Self::new(Pairs::Texts { index, old, new, last }, counts, longest_chain))
    }

    /// `counts`: the old ids, and how many entries there could be.
    fn new(ids: Pairs, counts: (usize, usize), longest_chain: u32) -> Self {
        let seen = (0..counts.1.div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Self { ids, old_ids: counts.0, seen, longest_chain }
    }

    /// Number of old ids.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.old_ids
    }

    /// True where no id is an old one.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.old_ids == 0
    }

    /// Old ids from the first of a chain to its end, at most: 1 where no new id is an old one itself.
    #[must_use]
    pub const fn longest_chain(&self) -> u32 {
        self.longest_chain
    }

    /// The customer of an old integer id; none for other ids.
    #[must_use]
    pub fn of_integer(&self, id: i64) -> Option<i64> {
        let Pairs::Integers(numbers) = &self.ids else { return None };
        numbers.find(id)
    }

    /// The customer of an old text id; none for other ids.
    #[must_use]
    pub fn of_text(&self, id: &[u8]) -> Option<&[u8]> {
        let Pairs::Texts { index, old, .. } = &self.ids else { return None };
        let entry = index.find(hash_text(id), |entry| old.value(entry as usize).as_bytes() == id)?;
        Some(self.new_text(entry))
    }

    /// The rows of a batch with an old id, and the entry of each; and where there are such rows, the ids of all as they are now.
    pub(super) fn among_integers(&self, ids: &[i64]) -> (Vec<(u32, u32)>, Vec<i64>) {
        let (mut rows, mut now) = (Vec::new(), Vec::new());
        if let Pairs::Integers(numbers) = &self.ids {
            numbers.for_each(ids, |row, entry, new| {
                if now.is_empty() {
                    now = ids.to_vec();
                }
                rows.push((row, entry));
                now[row as usize] = new;
            });
        }
        (rows, now)
    }

    /// The rows of a batch with an old id, and the entry of each.
    pub(super) fn among_texts(&self, ids: &[&[u8]]) -> Vec<(u32, u32)> {
        let Pairs::Texts { index, old, .. } = &self.ids else { return Vec::new() };
        let hashes = ids.iter().map(|id| hash_text(id));
        index.find_each(hashes, |row, entry| old.value(entry as usize).as_bytes() == ids[row])
    }

    /// The customer of an entry; empty for integers.
    pub(super) fn new_text(&self, entry: u32) -> &[u8] {
        match &self.ids {
            Pairs::Integers(_) => &[],
            Pairs::Texts { new, last, .. } => {
                let last = last.get(entry as usize).copied().unwrap_or(entry);
                new.value(last as usize).as_bytes()
            }
        }
    }

    /// Notes that a kept row has the old id of an entry.
    pub(super) fn note(&self, entry: u32) {
        let (word, bit) = (&self.seen[entry as usize / 64], 1 << (entry % 64));
        // Mostly noted already: a read leaves the word where it is, in the caches of all threads.
        if word.load(Ordering::Relaxed) & bit == 0 {
            word.fetch_or(bit, Ordering::Relaxed);
        }
    }

    /// Which of the old ids kept rows have, once all of them are judged.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)]
    pub fn found(&self) -> FoundAliases {
        let words = (0..).zip(&self.seen).map(|(word, bits): (u32, &AtomicU64)| (word, bits.load(Ordering::Relaxed)));
        let entries = words
            .flat_map(|(word, bits)| (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| word * 64 + bit));
        let mut customers: Vec<u64> = entries
            .map(|entry| match &self.ids {
                Pairs::Integers(numbers) => numbers.new_id(entry).cast_unsigned(),
                Pairs::Texts { .. } => hash_text(self.new_text(entry)),
            })
            .collect();
        let old_ids = customers.len() as u64;
        customers.sort_unstable();
        customers.dedup();
        FoundAliases { old_ids, customers: customers.len() as u64 }
    }
}

/// A column of a table of old ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Old = 0,
    New = 1,
}

/// A table of old ids, whatever their type.
struct Table<H, G, S, T> {
    rows: usize,
    hash_of_old: H,
    hash_of_new: G,
    is_same: S,
    text: T,
}

/// What a table is made into.
struct Built {
    index: HashIndex,
    /// Per row the last one of its chain; empty where every chain has one row.
    last: Vec<u32>,
    longest_chain: u32,
}

impl<H, G, S, T> Table<H, G, S, T>
where
    H: Fn(usize) -> u64,
    G: Fn(usize) -> u64,
    S: Fn((usize, Column), (usize, Column)) -> bool,
    T: Fn(usize, Column) -> String,
{
    fn build(&self) -> Result<Built, Vec<AliasFault>> {
        let (index, mut faults) = self.index();
        let next = self.next(&index);
        if next.iter().all(|next| *next == NOWHERE) {
            let longest_chain = u32::from(!index.is_empty());
            return if faults.is_empty() { Ok(Built { index, last: Vec::new(), longest_chain }) } else { Err(faults) };
        }
        match follow(&next) {
            Ok(chains) if faults.is_empty() => Ok(Built { index, last: chains.last, longest_chain: chains.longest }),
            Ok(_) => Err(faults),
            Err(circles) => {
                let ids = |circle: Vec<u32>| circle.iter().map(|row| (self.text)(*row as usize, Column::Old)).collect();
                faults.extend(circles.into_iter().map(|circle| AliasFault::Circle { ids: ids(circle) }));
                Err(faults)
            }
        }
    }

    /// The old ids that lead to another one, each once.
    #[allow(clippy::cast_possible_truncation)]
    fn index(&self) -> (HashIndex, Vec<AliasFault>) {
        let leads_elsewhere = |row: &usize| !(self.is_same)((*row, Column::Old), (*row, Column::New));
        let count = (0..self.rows).filter(leads_elsewhere).count();
        let mut index = HashIndex::with_room_for(count);
        let mut faults = Vec::new();
        let is_old = |row: usize| move |known: u32| (self.is_same)((known as usize, Column::Old), (row, Column::Old));
        for row in (0..self.rows).filter(leads_elsewhere) {
            if let Err(known) = index.insert((self.hash_of_old)(row), row as u32, is_old(row))
                && !(self.is_same)((known as usize, Column::New), (row, Column::New))
            {
                faults.push(self.two_targets(known as usize, row));
            }
        }
        // A row whose ids are the same contradicts one that says otherwise.
        let of_itself = (0..self.rows).filter(|row| count < self.rows && !leads_elsewhere(row));
        let others = of_itself.filter_map(|row| Some((row, index.find((self.hash_of_old)(row), is_old(row))?)));
        faults.extend(others.map(|(row, known)| self.two_targets(known as usize, row)));
        (index, faults)
    }

    /// Per row the one whose old id is its new one.
    #[allow(clippy::cast_possible_truncation)]
    fn next(&self, index: &HashIndex) -> Vec<u32> {
        let mut next = vec![NOWHERE; self.rows];
        let is_same = |row: usize, entry: u32| (self.is_same)((entry as usize, Column::Old), (row, Column::New));
        for (row, entry) in index.find_each((0..self.rows).map(&self.hash_of_new), is_same) {
            // Whoever leads to itself, or says what another row says, is no part of a chain.
            if !(self.is_same)((row as usize, Column::Old), (row as usize, Column::New)) {
                next[row as usize] = entry;
            }
        }
        next
    }

    fn two_targets(&self, one: usize, other: usize) -> AliasFault {
        let rows = [one.min(other), one.max(other)];
        AliasFault::TwoTargets {
            old: (self.text)(one, Column::Old),
            rows,
            new: rows.map(|row| (self.text)(row, Column::New)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(values: &[&str]) -> Utf8ViewArray {
        Utf8ViewArray::from_slice_values(values)
    }

    #[test]
    fn chains_lead_to_their_end_and_other_ids_stay() {
        // 1 -> 2 -> 3, 4 -> 3, 5 is its own, 6 -> 7 twice.
        let (old, new) = ([1, 2, 4, 5, 6, 6], [2, 3, 3, 5, 7, 7]);
        let aliases = Aliases::of_integers(&old, &new).unwrap();
        assert_eq!((aliases.len(), aliases.longest_chain()), (4, 2));
        let found = [1, 2, 3, 4, 5, 6, 7].map(|id| aliases.of_integer(id));
        assert_eq!(found, [Some(3), Some(3), None, Some(3), None, Some(7), None]);
        assert_eq!(aliases.of_text(b"1"), None);
        let as_text = |ids: &[i64]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        let (old, new) = (as_text(&old), as_text(&new));
        let of = |ids: &[String]| texts(&ids.iter().map(String::as_str).collect::<Vec<_>>());
        let aliases = Aliases::of_texts(of(&old), of(&new)).unwrap();
        assert_eq!(
            (aliases.of_text(b"1"), aliases.of_text(b"6"), aliases.of_text(b"5")),
            (Some(&b"3"[..]), Some(&b"7"[..]), None)
        );
    }

    #[test]
    fn ids_that_kept_rows_have_are_counted_once_and_so_are_their_customers() {
        let aliases = Aliases::of_integers(&[1, 2, 4, 6], &[2, 3, 3, 7]).unwrap();
        let (found, now) = aliases.among_integers(&[9, 4, 1, 4, 2]);
        assert_eq!(now, [9, 3, 3, 3, 3]);
        assert_eq!(found.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!(aliases.among_integers(&[9, 8]), (vec![], vec![]));
        for (_, entry) in found {
            aliases.note(entry);
        }
        assert_eq!(aliases.found(), FoundAliases { old_ids: 3, customers: 1 });
        let aliases = Aliases::of_texts(texts(&["a", "b"]), texts(&["b", "a long id beyond the view"])).unwrap();
        assert_eq!(aliases.among_texts(&[b"c", b"a"]), [(1, 0)]);
        assert_eq!(aliases.new_text(0), b"a long id beyond the view");
        assert_eq!(aliases.found(), FoundAliases::default());
    }

    #[test]
    fn what_contradicts_itself_is_named_all_at_once() {
        let faults = Aliases::of_integers(&[1, 1, 2, 3, 8, 8], &[5, 6, 3, 2, 8, 9]).unwrap_err();
        let two = |old: &str, rows, new: [&str; 2]| AliasFault::TwoTargets {
            old: old.into(),
            rows,
            new: new.map(Into::into),
        };
        let circle = AliasFault::Circle { ids: vec!["2".into(), "3".into()] };
        assert_eq!(faults, [two("1", [0, 1], ["5", "6"]), two("8", [4, 5], ["8", "9"]), circle]);
        assert!(Aliases::of_integers(&[], &[]).unwrap().is_empty());
    }
}
