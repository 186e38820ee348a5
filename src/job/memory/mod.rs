//! How much memory a run will need, estimated from the footers before anything is read.
//!
//! Lives here: the estimate, and what it is made of. Does not live here: what a run within a limit must hold (`bounds`), the
//! limit (`limit`), and what was really used (`progress::peak_memory_bytes`, in every manifest).
//!
//! The sizes are those of the structures in `customers`; the constants for the engine were measured with `simulate`
//! on two threads (figures in the test below). What the footers do not say is the number of customers: at most one
//! per row, typically one per twenty order lines or five orders, and never more than the range of integer ids.

pub mod bounds;
pub mod limit;
pub(crate) mod options;
#[cfg(test)]
mod tests;

use serde::Serialize;

pub use crate::spill::size;
pub use bounds::{Bounded, Disk};
pub use limit::Limit;

use crate::config::Config;
use crate::hashing::HashIndex;
use crate::input::Input;
use crate::input::part::InputPart;
use crate::job::lookups::member_table;
use crate::passes::repeats::HELD_BYTES;
use crate::source::footers::hints::ColumnHint;
use crate::source::kinds::ColumnKind;
use crate::source::scan::repeats::Repeats;

/// The program, the engine and their threads, whatever the data.
const PROGRAM_BYTES: u64 = 90_000_000;
/// The part of all that is freed and not yet given back to the system, at most.
const LINGERING: u64 = 8;
/// Row groups that each thread of the engine has in flight.
const ROW_GROUPS_PER_THREAD: u64 = 2;
/// A row group is held as it was compressed and as it was decoded.
const COPIES: u64 = 2;
/// What the engine holds of each row that it compares with others, beside two copies of it: hashes, places and their slack.
const COMPARED_ROW_BYTES: u64 = 48;
/// The number of a row, read beside its columns.
const ROW_NUMBER_BYTES: u64 = 4;
/// A text in memory: its view of 16 bytes beside its bytes, but only in one of the two copies.
const TEXT_VIEW_BYTES: u64 = 8;
/// Rows that wait in 1024 partitions: lines of orders, and rows that are orders by themselves (`customers::row`).
const WAITING_LINE_BYTES: u64 = 24;
const MOST_WAITING_LINES: u64 = 1024 * 4096;
const WAITING_LONE_BYTES: u64 = 12;
const MOST_WAITING_LONE: u64 = 1024 * 8192;
/// `customers::partition::Customer`: 8 bytes of id, 72 of accumulator; an eighth is what the allocator was seen to hold
/// beside them.
const CUSTOMER_BYTES: u64 = 80 * 9 / 8;
/// The same without what lies beside them, and eight bytes of an index.
const LEAST_CUSTOMER_BYTES: u64 = 80 + 8;
/// Four bytes per place of an index that is a quarter to half full.
const INDEX_BYTES: u64 = 12;
/// The columns of `customers::Customers`.
pub(crate) const CUSTOMER_COLUMN_BYTES: u64 = 44;
/// They, and the sort keys that they are gathered by.
const COLUMN_BYTES: u64 = CUSTOMER_COLUMN_BYTES + 16;
/// A text id costs its span and its end besides (16), and its bytes once with slack and once without.
const TEXT_ID_BYTES: u64 = 16;
/// An entry of the log of closed orders, ten bytes, with its slack.
const LOGGED_ORDER_BYTES: u64 = 11;
/// An order of a customer who is done again, with its slack.
const ORDER_AGAIN_BYTES: u64 = 48;
/// An entry of `customers::orders` with its slack.
const KEPT_ORDER_BYTES: u64 = 16 * 9 / 8;
/// A fingerprint of a row, where repeats are counted, and one with the row's number, where they are left out: of 1024 parts
/// each has a block of 4096 that is not yet full.
const PRINT_BYTES: u64 = 16;
const NUMBERED_PRINT_BYTES: u64 = 24;
const PRINT_PARTS: u64 = 1024;
const MOST_OPEN_PRINTS: u64 = PRINT_PARTS * 4096;
/// Per customer: the purchase history as it is gathered and in its place (88), its pattern as it is sorted (16), and what is
/// expected of them (32).
const FORESIGHT_BYTES: u64 = 136;
/// Per customer, where the last days are held back: the purchase history up to the cut, gathered and in its place.
const HOLDOUT_BYTES: u64 = 88;
/// Per customer while they are scored, when the table of customers is gone: the columns of `customers::Customers` (44), what the
/// reports are made of (`reports::findings`, 34), and the values of three axes with their ranks while they are cut (50).
const SCORED_BYTES: u64 = CUSTOMER_COLUMN_BYTES + 34 + 50;
/// Per old id: where its chain ends, and whether a row has it; chains are followed before.
const ALIAS_BYTES: u64 = 16;
/// Per row of the table of members: as it is sorted (16), as a prospect among the customers (12), and the customer's id again.
const MEMBER_BYTES: u64 = 44;
/// A text of a typical attribute beyond its view, and a value of other columns.
const MEMBER_VALUE_BYTES: u64 = 16;
/// Where nothing else is known: lines of a typical customer, and orders of one.
const TYPICAL_LINES: u64 = 20;
const TYPICAL_ORDERS: u64 = 5;
/// Orders are taken to have no more lines than this, in the mean.
const MOST_LINES: u64 = 20;
/// The length of text ids without statistics: that of a UUID.
const UNKNOWN_TEXT_BYTES: u64 = 36;

/// What the footers claim about the ids of one input.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdHints {
    /// Those of customers.
    pub customers: ColumnHint,
    /// Those of orders, where one column tells them.
    pub orders: ColumnHint,
}

/// What the footers say that matters for memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Rows of all files.
    pub rows: u64,
    /// Rows of the largest row group.
    pub largest_row_group_rows: u64,
    /// Threads that read.
    pub threads: u64,
    /// Decoded bytes of a row's needed columns.
    pub row_bytes: u64,
    /// Mean bytes of a text id; none for integer ids.
    pub text_bytes: Option<u64>,
    /// At least and at most so many customers.
    pub customers: (u64, u64),
    /// Whether rows are lines of orders.
    pub has_order_ids: bool,
    /// The typical number of orders.
    pub orders: u64,
    /// Whether every order is kept, for predictions.
    pub keeps_orders: bool,
    /// Whether the last days are held back from the models.
    pub holds_out: bool,
    /// Bytes per customer of margins, further scorings, weighted values and clusters.
    pub beside_bytes: u64,
    /// Bytes of old ids, and of the table of members.
    pub lookup_bytes: u64,
    /// Whether rows with one key are sought, all in memory.
    pub sorts_rows: bool,
    /// Bytes per customer of what rows carry to them.
    pub carried_bytes: u64,
    /// Bytes that are kept of each row to find whole rows that repeat others; 0 where they are not sought.
    pub print_bytes: u64,
}

/// One part of the estimate, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What for.
    pub what: String,
    /// With the typical number of customers.
    pub typical_bytes: u64,
    /// With as many customers as there can be.
    pub at_most_bytes: u64,
}

/// The memory that a run will need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// With the typical number of customers.
    pub typical_bytes: u64,
    /// With as many customers as there can be, all in disorder.
    pub at_most_bytes: u64,
    /// The customers that are taken as typical.
    pub typical_customers: u64,
    /// More there cannot be.
    pub most_customers: u64,
    /// What the sums are made of.
    pub parts: Vec<Part>,
}

/// The estimate for an input that was opened, from its footers and what they hint at about the customer ids of each of its
/// parts; and what a run within the limit needs beside it, where there is one.
#[must_use]
pub fn estimate(input: &Input, config: &Config, hints: &[IdHints], limit: Option<&Limit>) -> (Estimate, Option<Disk>) {
    let facts = facts(input, config, config.threads(), hints);
    let estimate = facts.estimate();
    let disk = limit.map(|limit| facts.disk(limit, &estimate));
    (estimate, disk)
}

fn facts(input: &Input, config: &Config, threads: usize, hints: &[IdHints]) -> Facts {
    let parts = &input.parts;
    let known_bytes = hints.iter().filter_map(|own| own.customers.text_bytes).max();
    let text_bytes = input.has_text_keys().then(|| known_bytes.unwrap_or(UNKNOWN_TEXT_BYTES));
    let width = |kind: &ColumnKind| value_bytes(kind, text_bytes.unwrap_or(UNKNOWN_TEXT_BYTES));
    let row_bytes = |part: &InputPart| part.contract.columns.iter().map(|column| width(&column.kind)).sum::<u64>();
    // Nothing says which customers of one input are those of another.
    let of_parts = parts.iter().zip(hints).map(|(part, own)| customers(&own.customers, part.contract.rows));
    let customers = of_parts.reduce(|all, own| (all.0.max(own.0), all.1.saturating_add(own.1))).unwrap_or_default();
    let finds = |repeats: fn(&Repeats) -> bool| parts.iter().any(|part| part.repeats.as_ref().is_some_and(repeats));
    Facts {
        rows: input.rows(),
        largest_row_group_rows: input.files().map(|file| file.largest_row_group_rows).max().unwrap_or(0),
        threads: threads as u64,
        row_bytes: parts.iter().map(row_bytes).max().unwrap_or(0) + ROW_NUMBER_BYTES,
        text_bytes,
        customers,
        has_order_ids: parts.iter().any(|part| part.rules.orders.uses_ids()),
        orders: parts.iter().zip(hints).map(|(part, own)| orders(part, &own.orders)).sum(),
        keeps_orders: config.predict.reads_orders() || options::looks_at_all_days(config),
        holds_out: config.predict.is_wanted() && config.predict.holdout_days.is_some(),
        beside_bytes: options::beside_bytes(config),
        lookup_bytes: lookup_bytes(input, config, text_bytes),
        carried_bytes: options::carried_bytes(config),
        sorts_rows: finds(|repeats| matches!(repeats, Repeats::Keys(_))),
        print_bytes: if finds(|repeats| matches!(repeats, Repeats::Rows(_) | Repeats::Keys(_))) {
            NUMBERED_PRINT_BYTES
        } else if finds(|repeats| matches!(repeats, Repeats::Counted(_))) {
            PRINT_BYTES
        } else {
            0
        },
    }
}

/// Old ids are in memory from the beginning, members once the rows are read. Whatever is wrong with a table stops the run
/// anyway.
fn lookup_bytes(input: &Input, config: &Config, text_bytes: Option<u64>) -> u64 {
    let aliases = input.rules.aliases.len();
    let id = text_bytes.map_or(8, |bytes| TEXT_VIEW_BYTES + bytes);
    let of_aliases = HashIndex::bytes_for(aliases) + aliases as u64 * (2 * id + ALIAS_BYTES);
    let table = member_table::look(config, None).ok().flatten();
    let columns = config.customers.member_columns().len() as u64 * (TEXT_VIEW_BYTES + MEMBER_VALUE_BYTES);
    let of_members = table.map_or(0, |table| table.rows().saturating_mul(COPIES * id + MEMBER_BYTES + columns));
    of_aliases.saturating_add(of_members)
}

/// At least and at most so many customers.
fn customers(hint: &ColumnHint, rows: u64) -> (u64, u64) {
    let by_range = hint.integers.map_or(u64::MAX, |(least, greatest)| greatest.abs_diff(least).saturating_add(1));
    let (at_least, at_most) = hint.distinct.unwrap_or((0, u64::MAX));
    let at_most = rows.min(by_range).min(at_most);
    (at_least.min(at_most), at_most)
}

/// The typical number of orders. Ids that were given one after another are as many as their range; receipts of shops have a
/// short range, and ids that are drawn a long one.
fn orders(part: &InputPart, hint: &ColumnHint) -> u64 {
    let rows = part.contract.rows;
    if !part.rules.orders.uses_ids() {
        return rows;
    }
    let range = hint.integers.map(|(least, greatest)| greatest.abs_diff(least).saturating_add(1));
    let likely = rows / MOST_LINES..=rows;
    range.filter(|range| likely.contains(range)).unwrap_or(rows / (TYPICAL_LINES / TYPICAL_ORDERS))
}

fn value_bytes(kind: &ColumnKind, text_bytes: u64) -> u64 {
    match kind {
        ColumnKind::Bool => 1,
        ColumnKind::Int { bits, .. } => u64::from(*bits / 8),
        ColumnKind::Float32 | ColumnKind::Date => 4,
        ColumnKind::Text | ColumnKind::Binary | ColumnKind::Uuid => TEXT_VIEW_BYTES + text_bytes,
        ColumnKind::Decimal { .. } => 16,
        _ => 8,
    }
}

impl Facts {
    /// The estimate. Customers are folded while row groups are decoded, and afterwards gathered into columns while
    /// the table that they were folded in still stands: the larger of both counts.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        let (least, most) = self.customers;
        let usual = self.rows / if self.has_order_ids { TYPICAL_LINES } else { TYPICAL_ORDERS };
        let typical = usual.clamp(least.min(most), most);
        let orders = if self.has_order_ids { self.orders } else { 0 };
        let parts = vec![
            part("the program and its engine", PROGRAM_BYTES, PROGRAM_BYTES),
            part(
                &format!("the table of customers ({typical} are typical, at most {most})"),
                typical.saturating_mul(self.table_bytes()),
                most.saturating_mul(self.table_bytes()),
            ),
            part(
                "row groups, waiting rows and closed orders; afterwards the columns of customers",
                self.reading_bytes(orders.saturating_sub(typical)).max(typical.saturating_mul(self.column_bytes())),
                self.reading_bytes(self.rows - most).max(most.saturating_mul(self.column_bytes())),
            ),
            part(
                "orders read again, where those of a customer do not lie together",
                0,
                (self.rows - most).saturating_mul(ORDER_AGAIN_BYTES),
            ),
        ];
        let mut parts = parts;
        if self.sorts_rows {
            let sorted = self.rows.saturating_mul(self.row_bytes.saturating_mul(COPIES) + COMPARED_ROW_BYTES);
            parts.push(part("rows with the same key, which are compared with one another", 0, sorted));
        }
        if self.print_bytes > 0 {
            let bytes = self.prints_bytes();
            parts.push(part("fingerprints of rows, to find repeats", bytes, bytes));
        }
        if self.keeps_orders {
            let bytes = |orders: u64| orders.saturating_mul(KEPT_ORDER_BYTES);
            parts.push(part("every order", bytes(self.orders), bytes(self.rows)));
            let (typical, most) = (self.predicting_bytes(self.orders, typical), self.predicting_bytes(self.rows, most));
            parts.push(beyond("predictions", typical, most, &parts));
        }
        if self.lookup_bytes > 0 {
            parts.push(part("old ids and the table of members", self.lookup_bytes, self.lookup_bytes));
        }
        if self.beside_bytes > 0 {
            let (typical, most) = (self.scoring_bytes(typical), self.scoring_bytes(most));
            parts.push(beyond("further scorings, weighted values, clusters and margins", typical, most, &parts));
        }
        let (_, at_most) = sums(&parts);
        parts.push(part("what is freed and not yet given back to the system", 0, at_most / LINGERING));
        let (typical_bytes, at_most_bytes) = sums(&parts);
        Estimate { typical_bytes, at_most_bytes, typical_customers: typical, most_customers: most, parts }
    }

    fn table_bytes(&self) -> u64 {
        let text_id = self.text_bytes.map_or(0, |bytes| TEXT_ID_BYTES + bytes * 3 / 2);
        CUSTOMER_BYTES + INDEX_BYTES + self.carried_bytes + text_id
    }

    /// Without any slack, and with an index that is half full.
    fn least_table_bytes(&self) -> u64 {
        let text_id = self.text_bytes.map_or(0, |bytes| TEXT_ID_BYTES + bytes);
        LEAST_CUSTOMER_BYTES + self.carried_bytes + text_id
    }

    fn column_bytes(&self) -> u64 {
        COLUMN_BYTES + self.text_bytes.unwrap_or(0)
    }

    /// The fingerprints of rows: those that are held, those whose block is not yet full, and two copies of the part that each
    /// thread searches. The rest lies on disk. And a bit for each row, where repeats are left out.
    fn prints_bytes(&self) -> u64 {
        let held = self.rows.min(HELD_BYTES as u64 / self.print_bytes) + self.rows.min(MOST_OPEN_PRINTS);
        let prints = held + self.threads * COPIES * (self.rows / PRINT_PARTS);
        prints.saturating_mul(self.print_bytes).saturating_add(self.rows / 8)
    }

    /// While the orders are handed over: the table of customers is gone, its columns stand.
    fn predicting_bytes(&self, orders: u64, customers: u64) -> u64 {
        let orders = orders.saturating_mul(KEPT_ORDER_BYTES);
        PROGRAM_BYTES.saturating_add(orders).saturating_add(customers.saturating_mul(self.predicting_customer_bytes()))
    }

    fn predicting_customer_bytes(&self) -> u64 {
        self.column_bytes() + FORESIGHT_BYTES + if self.holds_out { HOLDOUT_BYTES } else { 0 }
    }

    /// While customers are scored and written.
    fn scoring_bytes(&self, customers: u64) -> u64 {
        PROGRAM_BYTES.saturating_add(customers.saturating_mul(self.scoring_customer_bytes()))
    }

    fn scoring_customer_bytes(&self) -> u64 {
        let ids = self.text_bytes.map_or(0, |bytes| bytes + TEXT_ID_BYTES);
        SCORED_BYTES + self.beside_bytes + ids
    }

    fn decoded_bytes(&self) -> u64 {
        let in_flight = self.threads * ROW_GROUPS_PER_THREAD * self.largest_row_group_rows;
        in_flight.min(self.rows).saturating_mul(self.row_bytes * COPIES)
    }

    fn waiting_bytes(&self) -> u64 {
        let (most_waiting, row_bytes) = if self.has_order_ids {
            (MOST_WAITING_LINES, WAITING_LINE_BYTES)
        } else {
            (MOST_WAITING_LONE, WAITING_LONE_BYTES)
        };
        self.rows.min(most_waiting) * (row_bytes + self.text_bytes.unwrap_or(0))
    }

    fn reading_bytes(&self, logged_orders: u64) -> u64 {
        self.decoded_bytes()
            .saturating_add(self.waiting_bytes())
            .saturating_add(logged_orders.saturating_mul(LOGGED_ORDER_BYTES))
    }
}

fn part(what: &str, typical_bytes: u64, at_most_bytes: u64) -> Part {
    Part { what: what.to_owned(), typical_bytes, at_most_bytes }
}

fn sums(parts: &[Part]) -> (u64, u64) {
    let sum = |bytes: fn(&Part) -> u64| parts.iter().map(bytes).fold(0, u64::saturating_add);
    (sum(|part| part.typical_bytes), sum(|part| part.at_most_bytes))
}

/// What a later stage needs beyond the stages before it, whose parts stand in `before`: they do not stand in memory at once.
fn beyond(what: &str, typical_bytes: u64, at_most_bytes: u64, before: &[Part]) -> Part {
    let (typical, at_most) = sums(before);
    let what = format!("{what}, beyond what is needed before");
    part(&what, typical_bytes.saturating_sub(typical), at_most_bytes.saturating_sub(at_most))
}
