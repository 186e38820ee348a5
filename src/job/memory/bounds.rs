//! What a run must hold in memory, and what may go to disk where the limit leaves no room for it.
//!
//! Does not live here: what a run without a limit takes (`memory`), the limit itself (`limit`), and the spilling (`crate::spill`).

use std::path::Path;

use serde::Serialize;

use super::limit::Limit;
use super::{
    COPIES, Estimate, Facts, IdHints, KEPT_ORDER_BYTES, LOGGED_ORDER_BYTES, NUMBERED_PRINT_BYTES, ORDER_AGAIN_BYTES,
    PROGRAM_BYTES,
};
use crate::config::Config;
use crate::error::Result;
use crate::input::Input;
use crate::passes::repeats::HELD_BYTES;
use crate::spill::{Bounds, Room, Stage};

/// Rows of orders at the edges of batches, which are kept until the end: of each slice of 131,072 rows about 200, of 130 bytes
/// with what they are sorted by.
const EDGE_BYTES_PER_SLICE: u64 = 200 * 130;
const SLICE_ROWS: u64 = 1 << 17;

/// A run of a few rows takes no less than this.
const LEAST_PROGRAM_BYTES: u64 = PROGRAM_BYTES / 2;

/// What a run within the limit needs beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Disk {
    /// Bytes of memory that a run of the typical number of customers needs at least, whatever goes to disk.
    pub least_memory_bytes: u64,
    /// Bytes of the temporary files, typically; 0 where everything fits into memory.
    pub typical_bytes: u64,
    /// At most.
    pub at_most_bytes: u64,
}

impl Facts {
    /// What a run within `limit` must hold. `directory`: where the rest goes.
    #[must_use]
    pub fn bounds(&self, limit: &Limit, directory: &Path) -> Bounds {
        let edges = if self.has_order_ids { self.rows / SLICE_ROWS * EDGE_BYTES_PER_SLICE } else { 0 };
        let predicting = if self.keeps_orders { self.predicting_customer_bytes() } else { 0 };
        let reading = Stage {
            fixed_bytes: [PROGRAM_BYTES, self.reading_bytes(0), edges, self.lookup_bytes]
                .into_iter()
                .fold(0, u64::saturating_add),
            customer_bytes: self.table_bytes().max(predicting),
        };
        let least_reading = Stage {
            fixed_bytes: (self.decoded_bytes() / COPIES)
                .saturating_add(LEAST_PROGRAM_BYTES + self.waiting_bytes() + self.lookup_bytes),
            customer_bytes: self.least_table_bytes().max(predicting),
        };
        let scoring = Stage {
            fixed_bytes: LEAST_PROGRAM_BYTES + self.lookup_bytes,
            customer_bytes: self.scoring_customer_bytes(),
        };
        let (limit_bytes, limit_from) = (limit.bytes, limit.from.clone());
        Bounds { limit_bytes, limit_from, reading, least_reading, scoring, directory: directory.to_owned() }
    }

    /// What a run within the limit needs beside it.
    #[must_use]
    pub fn disk(&self, limit: &Limit, estimate: &Estimate) -> Disk {
        let logged = if self.has_order_ids { LOGGED_ORDER_BYTES } else { 0 };
        let kept = if self.keeps_orders { KEPT_ORDER_BYTES } else { 0 };
        let print_bytes = if self.sorts_rows { NUMBERED_PRINT_BYTES } else { self.print_bytes };
        let held = (HELD_BYTES as u64).min(limit.bytes / 4);
        let prints = self.rows.saturating_mul(print_bytes).saturating_sub(held);
        let spilled = |needed: u64, orders: u64, bytes: u64| {
            if needed > limit.bytes { orders.saturating_mul(bytes) } else { 0 }
        };
        Disk {
            least_memory_bytes: self.bounds(limit, Path::new("")).least_bytes(estimate.typical_customers),
            typical_bytes: prints + spilled(estimate.typical_bytes, self.orders, logged + kept),
            at_most_bytes: prints
                + spilled(estimate.at_most_bytes, self.rows, LOGGED_ORDER_BYTES + kept + ORDER_AGAIN_BYTES),
        }
    }
}

/// What a run must hold of an input that was opened; none where the system tells no limit. The footers are looked at once more for
/// the ids only where it depends on them whether the customers can be held. `hints`: what they say of each input.
#[must_use]
pub fn bounds(input: &Input, config: &Config, hints: impl FnOnce() -> Vec<IdHints>) -> Option<Bounded> {
    let limit = Limit::of(config)?;
    let of = |hints: &[IdHints]| super::facts(input, config, config.threads(), hints);
    let unknown = vec![IdHints::default(); input.parts.len()];
    let mut facts = of(&unknown);
    if facts.bounds(&limit, Path::new("")).refusal(facts.customers.1).is_some() {
        facts = of(&hints());
    }
    Some(Bounded { limit, facts })
}

/// An input within a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounded {
    limit: Limit,
    facts: Facts,
}

impl Bounded {
    /// Refuses an input whose customers, as far as the footers know of them, are more than memory holds.
    ///
    /// # Errors
    /// A compute error with what is needed.
    pub fn refuse(&self) -> Result<()> {
        if self.facts.largest_row_group_rows > u64::from(u32::MAX) {
            // The engine numbers the rows of a group with 32 bits: such a footer lies, and reading says which and where.
            return Ok(());
        }
        self.facts.bounds(&self.limit, Path::new("")).refusal(self.facts.customers.0).map_or(Ok(()), Err)
    }

    /// The room for what grows with the rows.
    #[must_use]
    pub fn room(&self, config: &Config) -> Room {
        Room::within(self.facts.bounds(&self.limit, &config.run.spill_directory(&config.output.path)))
    }
}
