//! Which of many fingerprints repeat others, and how many are distinct, in bounded memory.
//!
//! They are parted by their highest bits, so that like ones meet, and each part is searched by itself. What memory has no room
//! for lies on disk. Does not live here: what they are the fingerprints of (`fingerprint`), and the file (`spill`).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::fingerprint::Fingerprint;
use crate::error::Result;
use crate::spill::{Record, SpillFile, Spilled, read_words};
use crate::threads::on_threads;

/// What is kept of a row: its fingerprint, alone or with the row's number.
pub(crate) trait Entry: Record + Default + Send + Sync + 'static {
    /// The entry of a row.
    fn of(print: Fingerprint, number: u64) -> Self;
    /// The fingerprint.
    fn print(self) -> Fingerprint;
    /// The number of the row; 0 where it is not kept.
    fn number(self) -> u64;
}

impl Record for Fingerprint {
    const BYTES: usize = size_of::<Self>();

    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        bytes.first_chunk().map_or(0, |bytes| Self::from_le_bytes(*bytes))
    }
}

impl Entry for Fingerprint {
    fn of(print: Fingerprint, _number: u64) -> Self {
        print
    }

    fn print(self) -> Fingerprint {
        self
    }

    fn number(self) -> u64 {
        0
    }
}

/// A fingerprint, as two halves, with the number of its row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Numbered([u64; 3]);

impl Record for Numbered {
    const BYTES: usize = size_of::<Self>();

    fn write(self, bytes: &mut Vec<u8>) {
        self.0.iter().for_each(|word| word.write(bytes));
    }

    fn read(bytes: &[u8]) -> Self {
        Self(read_words(bytes))
    }
}

impl Entry for Numbered {
    #[allow(clippy::cast_possible_truncation)]
    fn of(print: Fingerprint, number: u64) -> Self {
        Self([(print >> 64) as u64, print as u64, number])
    }

    fn print(self) -> Fingerprint {
        Fingerprint::from(self.0[0]) << 64 | Fingerprint::from(self.0[1])
    }

    fn number(self) -> u64 {
        self.0[2]
    }
}

/// Parts: of a billion rows, each has a million, which two of the larger caches hold.
pub(super) const PARTS: usize = 1024;
const PART_BITS: u32 = PARTS.trailing_zeros();
/// Entries of a block, 64 KiB of fingerprints: as much is written and read at a time.
const BLOCK: usize = 4096;
/// Bytes of entries that are held in memory before the rest goes to disk, where a limit leaves so much.
pub(crate) const HELD_BYTES: usize = 1 << 30;
/// Entries that are looked up in one table, some kilobytes of it.
const TABLE_PRINTS: usize = 1024;

#[derive(Debug)]
struct Part<E> {
    /// Full blocks.
    held: Vec<Vec<E>>,
    spilled: Spilled<E>,
    open: Vec<E>,
}

impl<E> Default for Part<E> {
    fn default() -> Self {
        Self { held: Vec::new(), spilled: Spilled::default(), open: Vec::new() }
    }
}

/// The entries of all rows. They are added through a shared reference, from as many threads as there are.
#[derive(Debug)]
pub(crate) struct DistinctRows<E> {
    parts: Vec<Mutex<Part<E>>>,
    held: AtomicUsize,
    held_limit: usize,
    file: Arc<SpillFile>,
    spaces: Mutex<Vec<Sorted<E>>>,
}

/// Entries in the order of their parts: work space of one thread.
#[derive(Debug, Default)]
struct Sorted<E> {
    ends: Vec<usize>,
    entries: Vec<E>,
}

impl<E: Entry> DistinctRows<E> {
    /// None yet. What exceeds `held_limit` of them goes into `file`.
    pub(crate) fn new(file: SpillFile, held_limit: usize) -> Self {
        Self {
            parts: (0..PARTS).map(|_| Mutex::default()).collect(),
            held: AtomicUsize::new(0),
            held_limit,
            file: Arc::new(file),
            spaces: Mutex::default(),
        }
    }

    /// Adds some.
    ///
    /// # Errors
    /// A write error where the disk does not take them.
    pub(crate) fn add(&self, entries: &[E]) -> Result<()> {
        let mut sorted = lock(&self.spaces).pop().unwrap_or_default();
        sorted.sort(entries, PARTS, part_of);
        let mut start = 0;
        for (part, &end) in self.parts.iter().zip(&sorted.ends) {
            if start < end {
                self.add_to(&mut lock(part), &sorted.entries[start..end])?;
            }
            start = end;
        }
        lock(&self.spaces).push(sorted);
        Ok(())
    }

    fn add_to(&self, part: &mut Part<E>, mut entries: &[E]) -> Result<()> {
        while !entries.is_empty() {
            let (now, later) = entries.split_at(entries.len().min(BLOCK - part.open.len()));
            part.open.extend_from_slice(now);
            entries = later;
            if part.open.len() == BLOCK {
                self.close_block(part)?;
            }
        }
        Ok(())
    }

    /// Keeps a full block in memory, where there is room for it, or on disk.
    fn close_block(&self, part: &mut Part<E>) -> Result<()> {
        let held = self.held.fetch_add(BLOCK, Ordering::Relaxed);
        if held + BLOCK <= self.held_limit {
            part.held.push(std::mem::replace(&mut part.open, Vec::with_capacity(BLOCK)));
            return Ok(());
        }
        self.held.fetch_sub(BLOCK, Ordering::Relaxed);
        part.spilled.append(&self.file, part.open.iter())?;
        part.open.clear();
        Ok(())
    }

    /// Counts them, on `threads` threads: all, and the distinct ones. Of rows with one fingerprint, `repeated` takes the
    /// number of each but the least, with the number of another one.
    ///
    /// # Errors
    /// A write error where what the disk took cannot be read back.
    pub(crate) fn finish(self, threads: usize, repeated: impl Fn(u64, u64) + Sync) -> Result<(u64, u64)> {
        drop(self.spaces);
        let count = |part: &Mutex<Part<E>>| {
            let entries = std::mem::take(&mut *lock(part)).whole()?;
            Ok((entries.len() as u64, distinct(&entries, &repeated)))
        };
        let counts: Result<Vec<(u64, u64)>> = on_threads(&self.parts, threads, count).into_iter().collect();
        Ok(counts?
            .into_iter()
            .fold((0, 0), |(all, distinct), (own, own_distinct)| (all + own, distinct + own_distinct)))
    }
}

impl<E: Entry> Part<E> {
    /// All entries, in memory.
    fn whole(self) -> Result<Vec<E>> {
        let Self { held, spilled, open: mut entries } = self;
        entries.reserve_exact(held.len() * BLOCK + spilled.len());
        for block in held.iter() {
            entries.extend_from_slice(block);
        }
        spilled.for_each(|entry| entries.push(entry))?;
        Ok(entries)
    }
}

impl<E: Entry> Sorted<E> {
    /// Puts entries into the order of their groups, of which there are `groups`.
    fn sort(&mut self, entries: &[E], groups: usize, group_of: impl Fn(Fingerprint) -> usize) {
        self.ends.clear();
        self.ends.resize(groups + 1, 0);
        for entry in entries {
            self.ends[group_of(entry.print()) + 1] += 1;
        }
        for group in 0..groups {
            self.ends[group + 1] += self.ends[group];
        }
        if self.entries.len() < entries.len() {
            self.entries.resize(entries.len(), E::default());
        }
        for entry in entries {
            let next = &mut self.ends[group_of(entry.print())];
            self.entries[*next] = *entry;
            *next += 1;
        }
        self.ends.pop();
    }
}

/// The highest bits.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn part_of(print: Fingerprint) -> usize {
    (print >> (Fingerprint::BITS - PART_BITS)) as usize
}

/// How many of the entries of one part are distinct: by groups of their next bits, each in a table that a core's fastest
/// cache holds.
#[allow(clippy::cast_possible_truncation)]
fn distinct<E: Entry>(entries: &[E], repeated: &impl Fn(u64, u64)) -> u64 {
    let groups = (entries.len() / (TABLE_PRINTS / 2)).next_power_of_two();
    let (bits, mut sorted, mut table) = (groups.trailing_zeros(), Sorted::default(), Vec::new());
    sorted.sort(entries, groups, |print| (print << PART_BITS >> 1 >> (Fingerprint::BITS - 1 - bits)) as usize);
    let (mut start, mut count) = (0, 0);
    for &end in &sorted.ends {
        count += distinct_few(&sorted.entries[start..end], &mut table, repeated);
        start = end;
    }
    count
}

/// As [`distinct`], of a few: `table` holds the place of each, plus one, by its lowest bits.
#[allow(clippy::cast_possible_truncation)]
fn distinct_few<E: Entry>(entries: &[E], table: &mut Vec<u32>, repeated: &impl Fn(u64, u64)) -> u64 {
    table.clear();
    table.resize((entries.len() * 2).next_power_of_two(), 0);
    let mask = table.len() - 1;
    let mut count = 0;
    for (place, entry) in (1..).zip(entries) {
        let mut slot = entry.print() as usize & mask;
        loop {
            match table[slot] {
                0 => {
                    table[slot] = place;
                    count += 1;
                    break;
                }
                known if entries[known as usize - 1].print() == entry.print() => {
                    let known = entries[known as usize - 1].number();
                    if entry.number() < known {
                        table[slot] = place;
                    }
                    repeated(entry.number().max(known), entry.number().min(known));
                    break;
                }
                _ => slot = (slot + 1) & mask,
            }
        }
    }
    count
}

/// A part is whole at every moment, so a thread that panicked leaves nothing broken.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
