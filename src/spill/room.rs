//! How much of what grows with the rows may stay in memory.
//!
//! Customers stay in memory: each takes what the later stages need of them anyway. What grows with the rows beyond that (the
//! log of closed orders, every order, orders that are read again) is noted here by whoever holds it, and told to go to disk
//! where the limit leaves no room. Does not live here: what is spilled (`customers`), and where the limit comes from
//! (`job::memory`).

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use super::file::{SpillFile, clear_leftovers};
use crate::error::{Error, Result};
use crate::progress::resident_memory_bytes;

/// What a stage of the run takes, whatever is spilled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// Bytes without any customer.
    pub fixed_bytes: u64,
    /// Bytes for each customer.
    pub customer_bytes: u64,
}

impl Stage {
    /// Bytes with so many customers.
    #[must_use]
    pub const fn bytes(self, customers: u64) -> u64 {
        self.fixed_bytes.saturating_add(customers.saturating_mul(self.customer_bytes))
    }
}

/// The limit, and what stands in memory beside what is spilled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes that the process may take.
    pub limit_bytes: u64,
    /// Where the limit comes from, as `run.memory_limit`.
    pub limit_from: String,
    /// While rows are read, with caution: what is left of the limit may be held.
    pub reading: Stage,
    /// While rows are read, at least: below that the run is refused.
    pub least_reading: Stage,
    /// While customers are scored.
    pub scoring: Stage,
    /// Where files go.
    pub directory: PathBuf,
}

/// One in so many bytes of the limit is left free, for what nobody counts.
const SPARE: u64 = 16;

impl Bounds {
    /// What is taken of the limit before anything goes to disk.
    const fn most_bytes(&self) -> u64 {
        self.limit_bytes - self.limit_bytes / SPARE
    }

    /// The least that a run of so many customers takes, bytes.
    #[must_use]
    pub fn least_bytes(&self, customers: u64) -> u64 {
        self.least_reading.bytes(customers).max(self.scoring.bytes(customers))
    }

    /// Why a run of so many customers cannot be held; none where it can.
    #[must_use]
    pub fn refusal(&self, customers: u64) -> Option<Error> {
        let least = self.least_bytes(customers);
        (least > self.limit_bytes).then(|| {
            let (limit, from) = (size(self.limit_bytes), &self.limit_from);
            let stages = [self.least_reading, self.scoring];
            let stage = if stages[1].bytes(customers) == least { stages[1] } else { stages[0] };
            let (fixed, each) = (size(stage.fixed_bytes), stage.customer_bytes);
            Error::compute(format!("the run needs at least {}, {from} allows {limit}", size(least)))
                .cause(format!("about {fixed} for the program and the rows that it reads at a time"))
                .cause(format!("{each} bytes for each of {customers} customers or more"))
                .hint(
                    "customers stay in memory, whatever goes to disk: give the run more memory, read fewer row groups at once \
                     with --threads 1, or split the input by customer id",
                )
        })
    }
}

/// The room that is left; without a limit there is always some.
#[derive(Debug, Clone, Default)]
pub struct Room(Option<Arc<Held>>);

/// Rooms are equal where they are the same.
impl PartialEq for Room {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(own), Some(others)) => Arc::ptr_eq(own, others),
            _ => false,
        }
    }
}

impl Eq for Room {}

#[derive(Debug)]
struct Held {
    bounds: Bounds,
    customers: AtomicU64,
    /// Bytes of what could be spilled and is in memory.
    bytes: AtomicI64,
    notes: AtomicU64,
    /// Whether the process was near the limit when that was last asked of the system.
    is_tight: AtomicBool,
    spilled: Arc<AtomicU64>,
    logs: Arc<SpillFile>,
    orders: Arc<SpillFile>,
}

/// The system is asked for the memory of the process once in so many notes.
const NOTES_PER_LOOK: u64 = 64;
/// What is held is worth spilling, for want of memory elsewhere, where it is at least one in so many bytes of the limit: many small
/// writes would free nothing.
const WORTH: u64 = 64;

impl Room {
    /// The room within these bounds. Removes what killed runs left in its directory.
    #[must_use]
    pub fn within(bounds: Bounds) -> Self {
        clear_leftovers(&bounds.directory);
        Self::new(bounds, Arc::default())
    }

    /// The room for another fold of the same run, while so many bytes of what was made before stay in memory.
    #[must_use]
    pub fn beside(&self, bytes: u64) -> Self {
        let Some(held) = &self.0 else { return Self::default() };
        let more = |stage: Stage| Stage { fixed_bytes: stage.fixed_bytes.saturating_add(bytes), ..stage };
        let (reading, least_reading) = (more(held.bounds.reading), more(held.bounds.least_reading));
        Self::new(Bounds { reading, least_reading, ..held.bounds.clone() }, Arc::clone(&held.spilled))
    }

    fn new(bounds: Bounds, spilled: Arc<AtomicU64>) -> Self {
        let file = |what| Arc::new(SpillFile::new(&bounds.directory, what));
        let (logs, orders) = (file("the log of orders"), file("every order"));
        Self(Some(Arc::new(Held {
            bounds,
            customers: AtomicU64::new(0),
            bytes: AtomicI64::new(0),
            notes: AtomicU64::new(0),
            is_tight: AtomicBool::new(false),
            spilled,
            logs,
            orders,
        })))
    }

    /// Whether there is no limit, and nothing need be noted.
    #[must_use]
    pub const fn is_unlimited(&self) -> bool {
        self.0.is_none()
    }

    /// Notes more customers, and a change of the bytes that could be spilled; true where they should be.
    ///
    /// # Errors
    /// A compute error where the customers alone are more than memory holds.
    pub fn note(&self, customers: usize, bytes: i64) -> Result<bool> {
        let Some(held) = &self.0 else { return Ok(false) };
        let customers = held.customers.fetch_add(customers as u64, Ordering::Relaxed) + customers as u64;
        let bytes = held.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let bytes = u64::try_from(bytes).unwrap_or(0);
        if let Some(refusal) = held.bounds.refusal(customers) {
            return Err(refusal);
        }
        let left = held.bounds.most_bytes().saturating_sub(held.bounds.reading.bytes(customers));
        Ok(bytes > left || bytes > held.bounds.limit_bytes / WORTH && held.looks_tight())
    }

    /// Notes that so many bytes went from memory to disk.
    pub fn note_spilled(&self, bytes: usize) {
        if let Some(held) = &self.0 {
            held.bytes.fetch_sub(i64::try_from(bytes).unwrap_or(i64::MAX), Ordering::Relaxed);
            held.spilled.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }

    /// Bytes that went to disk so far.
    #[must_use]
    pub fn spilled_bytes(&self) -> u64 {
        self.0.as_ref().map_or(0, |held| held.spilled.load(Ordering::Relaxed))
    }

    /// Bytes that anything else may hold at a time which is done before customers are folded: a quarter of the limit, and at
    /// most `most`.
    #[must_use]
    pub fn share(&self, most: usize) -> usize {
        let quarter = |held: &Arc<Held>| usize::try_from(held.bounds.limit_bytes / 4).unwrap_or(usize::MAX);
        self.0.as_ref().map_or(most, |held| quarter(held).min(most))
    }

    /// Half of the limit, for what needs memory before customers are folded and gives it back; all there is without a limit.
    #[must_use]
    pub fn half(&self) -> usize {
        self.0.as_ref().map_or(usize::MAX, |held| usize::try_from(held.bounds.limit_bytes / 2).unwrap_or(usize::MAX))
    }

    /// The file for what is needed until customers are settled; none without a limit.
    #[must_use]
    pub fn logs(&self) -> Option<&Arc<SpillFile>> {
        self.0.as_ref().map(|held| &held.logs)
    }

    /// The file for what is needed until orders are handed over.
    #[must_use]
    pub fn orders(&self) -> Option<&Arc<SpillFile>> {
        self.0.as_ref().map(|held| &held.orders)
    }
}

impl Held {
    /// What the bounds leave out, the system knows: it is asked now and then.
    fn looks_tight(&self) -> bool {
        if self.notes.fetch_add(1, Ordering::Relaxed).is_multiple_of(NOTES_PER_LOOK) {
            let is_tight = resident_memory_bytes().is_some_and(|bytes| bytes > self.bounds.most_bytes());
            self.is_tight.store(is_tight, Ordering::Relaxed);
        }
        self.is_tight.load(Ordering::Relaxed)
    }
}

/// Bytes as people write them: `1.2 GB`, by powers of 1000.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn size(bytes: u64) -> String {
    let units = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    match units.into_iter().find(|(_, factor)| bytes as f64 >= *factor) {
        Some((unit, factor)) => format!("{:.1} {unit}", bytes as f64 / factor),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    /// 1000 bytes: 100 of the program while it reads, 10 for each customer; 12 for each while they are scored.
    fn room(directory: &std::path::Path) -> Room {
        let stage = |fixed_bytes, customer_bytes| Stage { fixed_bytes, customer_bytes };
        Room::within(Bounds {
            limit_bytes: 1_000,
            limit_from: "`run.memory_limit`".to_owned(),
            reading: stage(100, 10),
            least_reading: stage(100, 10),
            scoring: stage(50, 12),
            directory: directory.to_owned(),
        })
    }

    #[test]
    fn what_is_held_is_spilled_when_customers_need_its_room() {
        let root = tempfile::tempdir().unwrap();
        let room = room(root.path());
        // 15/16 of 1000 are 938; less 100 and 50 * 10 they leave 338 bytes.
        assert!(!room.note(50, 10).unwrap());
        assert!(room.note(0, 329).unwrap(), "339 bytes are too many");
        room.note_spilled(330);
        assert_eq!((room.note(0, 0).unwrap(), room.spilled_bytes()), (false, 330));
        // No test process is as small as 1000 bytes; from 16 on it is worth while.
        assert_eq!([room.note(0, 6).unwrap(), room.note(0, 1).unwrap()], [false, true]);
    }

    #[test]
    fn more_customers_than_memory_holds_are_refused_with_what_they_need() {
        let root = tempfile::tempdir().unwrap();
        let room = room(root.path());
        // 50 + 12 * 79 = 998 bytes, one more is 1010.
        assert!(!room.note(79, 0).unwrap());
        let error = room.note(1, 0).unwrap_err();
        assert_eq!(error.kind(), Kind::Compute);
        assert_eq!(error.headline(), "the run needs at least 1.0 kB, `run.memory_limit` allows 1.0 kB");
        assert!(error.to_string().contains("12 bytes for each of 80 customers or more"), "{error}");
    }

    #[test]
    fn a_second_fold_counts_its_own_customers() {
        let root = tempfile::tempdir().unwrap();
        let first = room(root.path());
        assert!(!first.note(79, 0).unwrap());
        let second = first.beside(100);
        assert!(!second.note(79, 0).unwrap(), "100 + 100 + 79 * 10 bytes");
        assert!(second.note(2, 0).is_err(), "10 more than the limit");
        second.note_spilled(5);
        assert_eq!(first.spilled_bytes(), 5);
    }

    #[test]
    fn without_a_limit_nothing_is_noted() {
        let room = Room::default();
        assert!(room.is_unlimited() && !room.note(usize::MAX, i64::MAX).unwrap());
        assert_eq!((room.share(7), room.spilled_bytes(), room.logs().is_none()), (7, 0, true));
    }

    #[test]
    fn sizes_are_written_with_one_decimal() {
        assert_eq!([size(999), size(1_000), size(1_250_000_000)], ["999 bytes", "1.0 kB", "1.2 GB"]);
    }
}
