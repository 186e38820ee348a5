//! How many of many fingerprints are distinct, in bounded memory.
//!
//! They are parted by their highest bits, so that like ones meet, and each part is counted by itself. Up to a gigabyte of them
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

/// Parts: of a billion rows, each has a million, which two of the larger caches hold.
const PARTS: usize = 1024;
const PART_BITS: u32 = PARTS.trailing_zeros();
/// Fingerprints of a block, 64 KiB: as much is written and read at a time.
const BLOCK: usize = 4096;
/// Bytes of one fingerprint.
const PRINT_BYTES: usize = size_of::<Fingerprint>();
/// Fingerprints held in memory before the rest goes to disk: 64 million, one gigabyte.
pub(crate) const HELD_PRINTS: usize = 64 << 20;
/// Fingerprints that are looked up in one table, some kilobytes of it.
const TABLE_PRINTS: usize = 1024;

/// A full block.
#[derive(Debug)]
enum Block {
    Held(Vec<Fingerprint>),
    /// Where it lies in the file.
    Spilled(u64),
}

#[derive(Debug, Default)]
struct Part {
    full: Vec<Block>,
    open: Vec<Fingerprint>,
}

/// The file that takes what is not held.
#[derive(Debug)]
struct Spill {
    directory: PathBuf,
    /// None as long as everything is held.
    file: Mutex<Option<Arc<File>>>,
    end: AtomicU64,
}

/// All fingerprints. They are added through a shared reference, from as many threads as there are.
#[derive(Debug)]
pub(crate) struct DistinctCount {
    parts: Vec<Mutex<Part>>,
    held_prints: AtomicUsize,
    held_limit: usize,
    spill: Spill,
    spaces: Mutex<Vec<Sorted>>,
}

/// Fingerprints in the order of their parts: work space of one thread.
#[derive(Debug, Default)]
struct Sorted {
    ends: Vec<usize>,
    prints: Vec<Fingerprint>,
}

impl DistinctCount {
    /// None yet. What exceeds `held_limit` of them goes into `directory`.
    pub(crate) fn new(directory: PathBuf, held_limit: usize) -> Self {
        Self {
            parts: (0..PARTS).map(|_| Mutex::default()).collect(),
            held_prints: AtomicUsize::new(0),
            held_limit,
            spill: Spill { directory, file: Mutex::default(), end: AtomicU64::new(0) },
            spaces: Mutex::default(),
        }
    }

    /// Adds some.
    ///
    /// # Errors
    /// A write error where the disk does not take them.
    pub(crate) fn add(&self, prints: &[Fingerprint]) -> Result<()> {
        let mut sorted = lock(&self.spaces).pop().unwrap_or_default();
        sorted.sort(prints, PARTS, part_of);
        let mut start = 0;
        for (part, &end) in self.parts.iter().zip(&sorted.ends) {
            if start < end {
                self.add_to(&mut lock(part), &sorted.prints[start..end])?;
            }
            start = end;
        }
        lock(&self.spaces).push(sorted);
        Ok(())
    }

    fn add_to(&self, part: &mut Part, mut prints: &[Fingerprint]) -> Result<()> {
        while !prints.is_empty() {
            let (now, later) = prints.split_at(prints.len().min(BLOCK - part.open.len()));
            part.open.extend_from_slice(now);
            prints = later;
            if part.open.len() == BLOCK {
                self.close_block(part)?;
            }
        }
        Ok(())
    }

    /// Keeps a full block in memory, where there is room for it, or on disk.
    fn close_block(&self, part: &mut Part) -> Result<()> {
        let held = self.held_prints.fetch_add(BLOCK, Ordering::Relaxed);
        let block = if held + BLOCK <= self.held_limit {
            Block::Held(std::mem::replace(&mut part.open, Vec::with_capacity(BLOCK)))
        } else {
            self.held_prints.fetch_sub(BLOCK, Ordering::Relaxed);
            let start = self.spill.write(&part.open).map_err(|cause| self.spill.error(&cause))?;
            part.open.clear();
            Block::Spilled(start)
        };
        part.full.push(block);
        Ok(())
    }

    /// Counts them, on `threads` threads: all, and the distinct ones.
    ///
    /// # Errors
    /// A write error where what the disk took cannot be read back.
    pub(crate) fn finish(self, threads: usize) -> Result<(u64, u64)> {
        drop(self.spaces);
        let count = |part: &Mutex<Part>| {
            let prints = self.spill.whole(std::mem::take(&mut *lock(part)))?;
            Ok((prints.len() as u64, distinct(&prints)))
        };
        let counts: Result<Vec<(u64, u64)>> = on_threads(&self.parts, threads, count).into_iter().collect();
        Ok(counts?
            .into_iter()
            .fold((0, 0), |(all, distinct), (own, own_distinct)| (all + own, distinct + own_distinct)))
    }
}

impl Spill {
    /// Writes a block, and says where it begins.
    fn write(&self, prints: &[Fingerprint]) -> io::Result<u64> {
        let bytes: Vec<u8> = prints.iter().flat_map(|print| print.to_le_bytes()).collect();
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

    /// All fingerprints of a part.
    fn whole(&self, part: Part) -> Result<Vec<Fingerprint>> {
        let Part { full, mut open } = part;
        open.reserve_exact(full.len() * BLOCK);
        for block in full {
            match block {
                Block::Held(prints) => open.extend_from_slice(&prints),
                Block::Spilled(start) => self.read(start, &mut open).map_err(|cause| self.error(&cause))?,
            }
        }
        Ok(open)
    }

    fn read(&self, start: u64, prints: &mut Vec<Fingerprint>) -> io::Result<()> {
        let mut bytes = vec![0; BLOCK * PRINT_BYTES];
        self.file()?.read_exact_at(&mut bytes, start)?;
        prints.extend(bytes.as_chunks::<PRINT_BYTES>().0.iter().map(|bytes| Fingerprint::from_le_bytes(*bytes)));
        Ok(())
    }

    fn error(&self, cause: &io::Error) -> Error {
        let place = self.directory.display();
        Error::write(format!("`{place}`: the temporary file for `clean.count_repeats` cannot be used here"))
            .cause(cause)
            .hint("it needs 16 bytes per row beyond 64 million; make room, or count repeats where there is some")
    }
}

impl Sorted {
    /// Puts fingerprints into the order of their groups, of which there are `groups`.
    fn sort(&mut self, prints: &[Fingerprint], groups: usize, group_of: impl Fn(Fingerprint) -> usize) {
        self.ends.clear();
        self.ends.resize(groups + 1, 0);
        for print in prints {
            self.ends[group_of(*print) + 1] += 1;
        }
        for group in 0..groups {
            self.ends[group + 1] += self.ends[group];
        }
        if self.prints.len() < prints.len() {
            self.prints.resize(prints.len(), 0);
        }
        for print in prints {
            let next = &mut self.ends[group_of(*print)];
            self.prints[*next] = *print;
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

/// How many of the fingerprints of one part are distinct: by groups of their next bits, each in a table that a core's fastest
/// cache holds.
#[allow(clippy::cast_possible_truncation)]
fn distinct(prints: &[Fingerprint]) -> u64 {
    let groups = (prints.len() / (TABLE_PRINTS / 2)).next_power_of_two();
    let (bits, mut sorted, mut table) = (groups.trailing_zeros(), Sorted::default(), Vec::new());
    sorted.sort(prints, groups, |print| (print << PART_BITS >> 1 >> (Fingerprint::BITS - 1 - bits)) as usize);
    let (mut start, mut count) = (0, 0);
    for &end in &sorted.ends {
        count += distinct_few(&sorted.prints[start..end], &mut table);
        start = end;
    }
    count
}

/// As [`distinct`], of a few: `table` holds the place of each, plus one, by its lowest bits.
#[allow(clippy::cast_possible_truncation)]
fn distinct_few(prints: &[Fingerprint], table: &mut Vec<u32>) -> u64 {
    table.clear();
    table.resize((prints.len() * 2).next_power_of_two(), 0);
    let mask = table.len() - 1;
    let mut count = 0;
    for (number, print) in (1..).zip(prints) {
        let mut slot = *print as usize & mask;
        loop {
            match table[slot] {
                0 => {
                    table[slot] = number;
                    count += 1;
                    break;
                }
                known if prints[known as usize - 1] == *print => break,
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
