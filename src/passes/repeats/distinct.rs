//! Which of many fingerprints repeat others, and how many are distinct, in bounded memory.
//!
//! They are parted by their highest bits, so that like ones meet, and each part is searched by itself. Up to a gigabyte of them
//! is held; what goes beyond lies in one nameless file, which the system removes with the process, however that ends.
//! Does not live here: what they are the fingerprints of (`fingerprint`).

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::fingerprint::Fingerprint;
use crate::error::{Error, Result};
use crate::threads::on_threads;

/// What is kept of a row: its fingerprint, alone or with the row's number.
pub(crate) trait Entry: Copy + Default + Send + Sync + 'static {
    /// Bytes of one.
    const BYTES: usize;
    /// The entry of a row.
    fn of(print: Fingerprint, number: u64) -> Self;
    /// The fingerprint.
    fn print(self) -> Fingerprint;
    /// The number of the row; 0 where it is not kept.
    fn number(self) -> u64;
    /// Appends its bytes.
    fn write(self, bytes: &mut Vec<u8>);
    /// The entry of so many bytes.
    fn read(bytes: &[u8]) -> Self;
}

impl Entry for Fingerprint {
    const BYTES: usize = size_of::<Self>();

    fn of(print: Fingerprint, _number: u64) -> Self {
        print
    }

    fn print(self) -> Fingerprint {
        self
    }

    fn number(self) -> u64 {
        0
    }

    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        bytes.first_chunk().map_or(0, |bytes| Self::from_le_bytes(*bytes))
    }
}

/// A fingerprint, as two halves, with the number of its row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Numbered([u64; 3]);

impl Entry for Numbered {
    const BYTES: usize = size_of::<Self>();

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

    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.0.iter().flat_map(|word| word.to_le_bytes()));
    }

    fn read(bytes: &[u8]) -> Self {
        let word = |at: usize| bytes[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        Self([word(0), word(8), word(16)])
    }
}

/// Parts: of a billion rows, each has a million, which two of the larger caches hold.
const PARTS: usize = 1024;
const PART_BITS: u32 = PARTS.trailing_zeros();
/// Entries of a block, 64 KiB of fingerprints: as much is written and read at a time.
const BLOCK: usize = 4096;
/// Bytes of entries that are held in memory before the rest goes to disk.
pub(crate) const HELD_BYTES: usize = 1 << 30;
/// Entries that are looked up in one table, some kilobytes of it.
const TABLE_PRINTS: usize = 1024;

/// A full block.
#[derive(Debug)]
enum Block<E> {
    Held(Vec<E>),
    /// Where it lies in the file.
    Spilled(u64),
}

#[derive(Debug)]
struct Part<E> {
    full: Vec<Block<E>>,
    open: Vec<E>,
}

/// The file that takes what is not held.
#[derive(Debug)]
struct Spill {
    directory: PathBuf,
    /// The setting that needs it.
    key: &'static str,
    /// None as long as everything is held.
    file: Mutex<Option<Arc<File>>>,
    end: AtomicU64,
}

/// The entries of all rows. They are added through a shared reference, from as many threads as there are.
#[derive(Debug)]
pub(crate) struct DistinctRows<E> {
    parts: Vec<Mutex<Part<E>>>,
    held: AtomicUsize,
    held_limit: usize,
    spill: Spill,
    spaces: Mutex<Vec<Sorted<E>>>,
}

/// Entries in the order of their parts: work space of one thread.
#[derive(Debug, Default)]
struct Sorted<E> {
    ends: Vec<usize>,
    entries: Vec<E>,
}

impl<E: Entry> DistinctRows<E> {
    /// None yet. What exceeds `held_limit` of them goes into `directory`; `key` is the setting that asks for this.
    pub(crate) fn new(directory: PathBuf, held_limit: usize, key: &'static str) -> Self {
        Self {
            parts: (0..PARTS).map(|_| Mutex::new(Part { full: Vec::new(), open: Vec::new() })).collect(),
            held: AtomicUsize::new(0),
            held_limit,
            spill: Spill { directory, key, file: Mutex::default(), end: AtomicU64::new(0) },
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
        let block = if held + BLOCK <= self.held_limit {
            Block::Held(std::mem::replace(&mut part.open, Vec::with_capacity(BLOCK)))
        } else {
            self.held.fetch_sub(BLOCK, Ordering::Relaxed);
            let start = self.spill.write(&part.open).map_err(|cause| self.spill.error(&cause))?;
            part.open.clear();
            Block::Spilled(start)
        };
        part.full.push(block);
        Ok(())
    }

    /// Counts them, on `threads` threads: all, and the distinct ones. Of rows with one fingerprint, `repeated` takes the
    /// number of each but the least.
    ///
    /// # Errors
    /// A write error where what the disk took cannot be read back.
    pub(crate) fn finish(self, threads: usize, repeated: impl Fn(u64) + Sync) -> Result<(u64, u64)> {
        drop(self.spaces);
        let count = |part: &Mutex<Part<E>>| {
            let empty = Part { full: Vec::new(), open: Vec::new() };
            let entries = self.spill.whole(std::mem::replace(&mut *lock(part), empty))?;
            Ok((entries.len() as u64, distinct(&entries, &repeated)))
        };
        let counts: Result<Vec<(u64, u64)>> = on_threads(&self.parts, threads, count).into_iter().collect();
        Ok(counts?
            .into_iter()
            .fold((0, 0), |(all, distinct), (own, own_distinct)| (all + own, distinct + own_distinct)))
    }
}

impl Spill {
    /// Writes a block, and says where it begins.
    fn write<E: Entry>(&self, entries: &[E]) -> io::Result<u64> {
        let mut bytes = Vec::with_capacity(entries.len() * E::BYTES);
        for entry in entries {
            entry.write(&mut bytes);
        }
        let start = self.end.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.file()?.write_all_at(&bytes, start)?;
        Ok(start)
    }

    /// The file, made where there is none.
    fn file(&self) -> io::Result<Arc<File>> {
        let mut file = lock(&self.file);
        Ok(match &*file {
            Some(file) => Arc::clone(file),
            None => Arc::clone(file.insert(Arc::new(tempfile::tempfile_in(&self.directory)?))),
        })
    }

    /// All entries of a part.
    fn whole<E: Entry>(&self, part: Part<E>) -> Result<Vec<E>> {
        let Part { full, mut open } = part;
        open.reserve_exact(full.len() * BLOCK);
        for block in full {
            match block {
                Block::Held(entries) => open.extend_from_slice(&entries),
                Block::Spilled(start) => self.read(start, &mut open).map_err(|cause| self.error(&cause))?,
            }
        }
        Ok(open)
    }

    fn read<E: Entry>(&self, start: u64, entries: &mut Vec<E>) -> io::Result<()> {
        let mut bytes = vec![0; BLOCK * E::BYTES];
        self.file()?.read_exact_at(&mut bytes, start)?;
        entries.extend(bytes.chunks_exact(E::BYTES).map(E::read));
        Ok(())
    }

    fn error(&self, cause: &io::Error) -> Error {
        let (place, key) = (self.directory.display(), self.key);
        Error::write(format!("`{place}`: the temporary file for `{key}` cannot be used here")).cause(cause).hint(
            "rows beyond the first 64 million need 16 bytes each to be counted, those beyond 44 million 24 bytes each to be \
             left out; make room, or look for repeats where there is some",
        )
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
fn part_of(print: Fingerprint) -> usize {
    (print >> (Fingerprint::BITS - PART_BITS)) as usize
}

/// How many of the entries of one part are distinct: by groups of their next bits, each in a table that a core's fastest
/// cache holds.
#[allow(clippy::cast_possible_truncation)]
fn distinct<E: Entry>(entries: &[E], repeated: &impl Fn(u64)) -> u64 {
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
fn distinct_few<E: Entry>(entries: &[E], table: &mut Vec<u32>, repeated: &impl Fn(u64)) -> u64 {
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
                    repeated(entry.number().max(known));
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
