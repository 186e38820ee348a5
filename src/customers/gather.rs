//! From the partitions to the columns of the customers table, sorted, on every thread.
//!
//! Does not live here: the columns (`measures`), and how the partitions were filled (`fold`).

use rayon::prelude::*;

use super::accumulator::Measures;
use super::key::Name;
use super::measures::{CustomerIds, Customers};
use super::orders::{Book, Orders};
use super::partition::{Customer, Partition};
use super::payload::{Home, Payload, PerCustomer, Policy};
use super::side::SideTotals;
use super::sort_key::{first_bytes, sortable, unsortable};

/// A customer on his way to his place in the table.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Sorts as the id does; for texts their first eight bytes.
    key: u64,
    /// For the name of a text id, and the payload.
    home: Home,
    measures: Measures,
}

/// The text ids of one partition: the store, and where each customer's lies in it.
type Names<N> = (Vec<u8>, Vec<N>);

/// Customers of one range of keys, in pieces.
type Bucket = Vec<Vec<Entry>>;

/// Customers of some partitions, spread over the buckets.
struct Spread<N> {
    buckets: Vec<Vec<Entry>>,
    names: Vec<Names<N>>,
    side: SideTotals,
    without_order: u64,
    revenue_without_order: i128,
}

/// What is known of the customers when all rows are in.
#[derive(Debug)]
pub struct FoldedCustomers {
    /// The table.
    pub customers: Customers,
    /// The payload of each.
    pub payload: PerCustomer,
    /// Every order, where they are kept.
    pub orders: Option<Orders>,
}

/// What is taken out of the partitions before their customers are sorted.
struct Taken {
    payloads: Vec<Payload>,
    books: Vec<Book>,
    /// How many customers each partition has, in the table or not.
    counts: Vec<usize>,
}

impl Taken {
    fn out_of<N: Name>(partitions: &mut [Partition<N>], policy: &Policy) -> Self {
        let payloads = if policy.layout.is_empty() {
            Vec::new()
        } else {
            partitions.iter_mut().map(Partition::take_payload).collect()
        };
        let books = partitions.iter_mut().filter_map(Partition::take_book).collect();
        Self { payloads, books, counts: partitions.iter().map(|partition| partition.customers().len()).collect() }
    }

    /// Room for where each customer was folded; none where nobody asks.
    fn homes(&self, table: &Customers) -> Vec<Home> {
        let is_wanted = !self.payloads.is_empty() || !self.books.is_empty();
        if is_wanted { vec![Home::default(); table.first_day.len()] } else { Vec::new() }
    }

    fn with(self, customers: Customers, homes: Vec<Home>, policy: Policy) -> FoldedCustomers {
        let orders = policy.keeps_orders.then(|| Orders::new(self.books, &self.counts, &homes));
        FoldedCustomers { customers, payload: PerCustomer::new(policy.layout, self.payloads, homes), orders }
    }
}

/// The rows of one bucket in every column but the ids.
struct Rows<'a> {
    first_day: &'a mut [i32],
    last_day: &'a mut [i32],
    orders: &'a mut [u32],
    purchase_days: &'a mut [u32],
    transactions: &'a mut [u32],
    revenue: &'a mut [i64],
    largest_order: &'a mut [i64],
    /// Empty where they are not wanted.
    homes: &'a mut [Home],
}

impl Rows<'_> {
    fn fill(self, entries: &[(u64, &Entry)]) {
        self.homes.iter_mut().zip(entries).for_each(|(home, (_, entry))| *home = entry.home);
        for (row, (_, entry)) in entries.iter().enumerate() {
            self.first_day[row] = entry.measures.first_day;
            self.last_day[row] = entry.measures.last_day;
            self.orders[row] = entry.measures.orders;
            self.purchase_days[row] = entry.measures.purchase_days;
            self.transactions[row] = entry.measures.transactions;
            self.revenue[row] = entry.measures.revenue;
            self.largest_order[row] = entry.measures.largest_order;
        }
    }
}

impl Customers {
    /// Gathers customers with integer ids.
    #[must_use]
    pub fn from_integer<N: Name>(partitions: Vec<Partition<N>>) -> Self {
        Self::from_integer_with(partitions, Policy::default()).customers
    }

    /// Gathers customers with text ids.
    #[must_use]
    pub fn from_text<N: Name>(partitions: Vec<Partition<N>>) -> Self {
        Self::from_text_with(partitions, Policy::default()).customers
    }

    /// As [`Customers::from_integer`], by the policy of the fold, with the payload and the orders.
    #[must_use]
    pub fn from_integer_with<N: Name>(mut partitions: Vec<Partition<N>>, policy: Policy) -> FoldedCustomers {
        let taken = Taken::out_of(&mut partitions, &policy);
        let key = |_: &[u8], customer: &Customer<N>| sortable(N::id(customer.key).cast_signed());
        let (mut table, buckets, _) = Self::spread(partitions, key);
        let sizes = sizes(&buckets);
        let mut ids = vec![0; table.first_day.len()];
        let mut homes = taken.homes(&table);
        buckets.into_par_iter().zip(table.rows(&mut homes, &sizes)).zip(split(&mut ids, &sizes)).for_each(
            |((bucket, rows), ids)| {
                let mut entries = keyed(&bucket);
                entries.sort_unstable_by_key(|(key, _)| *key);
                rows.fill(&entries);
                for (id, (key, _)) in ids.iter_mut().zip(&entries) {
                    *id = unsortable(*key);
                }
            },
        );
        table.ids = CustomerIds::Integer(ids);
        taken.with(table, homes, policy)
    }

    /// As [`Customers::from_text`], by the policy of the fold, with the payload and the orders.
    #[must_use]
    pub fn from_text_with<N: Name>(mut partitions: Vec<Partition<N>>, policy: Policy) -> FoldedCustomers {
        let taken = Taken::out_of(&mut partitions, &policy);
        let prefix = common_prefix(&partitions);
        let key = |names: &[u8], customer: &Customer<N>| first_bytes(&customer.name.text(names)[prefix..]);
        let (mut table, buckets, names) = Self::spread(partitions, key);
        let name = |entry: &Entry| {
            let (store, spans) = &names[usize::from(entry.home.0)];
            spans[entry.home.1 as usize].text(store)
        };
        let sizes = sizes(&buckets);
        let sorted = |(bucket, rows): (Bucket, Rows<'_>)| {
            let mut entries = keyed(&bucket);
            entries.par_sort_unstable_by(|(key_a, a), (key_b, b)| key_a.cmp(key_b).then_with(|| name(a).cmp(name(b))));
            rows.fill(&entries);
            let texts = || entries.iter().map(|(_, entry)| name(entry));
            (texts().collect::<Vec<_>>().concat(), texts().map(<[u8]>::len).collect::<Vec<usize>>())
        };
        let mut homes = taken.homes(&table);
        let texts: Vec<_> = buckets.into_par_iter().zip(table.rows(&mut homes, &sizes)).map(sorted).collect();
        drop(names);
        let mut bytes = Vec::with_capacity(texts.iter().map(|(text, _)| text.len()).sum());
        let mut ends = Vec::with_capacity(table.first_day.len());
        for (text, lengths) in texts {
            let mut end = bytes.len();
            ends.extend(lengths.iter().map(|length| {
                end += length;
                end
            }));
            bytes.extend_from_slice(&text);
        }
        table.ids = CustomerIds::Text { bytes, ends };
        taken.with(table, homes, policy)
    }

    /// Spreads the customers, freeing the partitions, over buckets of ascending keys that a core's cache can hold, so
    /// that the sort does not jump about in memory. Gives a table of zeros, the buckets (each in some pieces), and the
    /// partitions' names.
    fn spread<N: Name>(
        partitions: Vec<Partition<N>>,
        key: impl Fn(&[u8], &Customer<N>) -> u64 + Sync,
    ) -> (Self, Vec<Bucket>, Vec<Names<N>>) {
        let borders = borders(&partitions, &key);
        let spreads: Vec<Spread<N>> = partitions
            .into_par_iter()
            .enumerate()
            .chunks(PARTITIONS_AT_ONCE)
            .map(|partitions| Spread::of(partitions, &borders, &key))
            .collect();
        let mut table = Self::default();
        let mut buckets: Vec<Bucket> = vec![Vec::new(); borders.len() + 1];
        let mut names = Vec::new();
        for spread in spreads {
            table.without_order += spread.without_order;
            table.revenue_without_order += spread.revenue_without_order;
            table.side.add(&spread.side);
            names.extend(spread.names);
            buckets.iter_mut().zip(spread.buckets).for_each(|(bucket, piece)| bucket.push(piece));
        }
        table.make_room(sizes(&buckets).iter().sum());
        (table, buckets, names)
    }

    fn make_room(&mut self, count: usize) {
        self.first_day = vec![0; count];
        self.last_day = vec![0; count];
        self.orders = vec![0; count];
        self.purchase_days = vec![0; count];
        self.transactions = vec![0; count];
        self.revenue = vec![0; count];
        self.largest_order = vec![0; count];
    }

    /// The rows of each bucket, of these sizes.
    fn rows<'a>(&'a mut self, homes: &'a mut [Home], sizes: &[usize]) -> Vec<Rows<'a>> {
        let days = split(&mut self.first_day, sizes).into_iter().zip(split(&mut self.last_day, sizes));
        let counts = split(&mut self.orders, sizes)
            .into_iter()
            .zip(split(&mut self.purchase_days, sizes))
            .zip(split(&mut self.transactions, sizes));
        let money = split(&mut self.revenue, sizes).into_iter().zip(split(&mut self.largest_order, sizes));
        let columns = days.zip(counts).zip(money).zip(split(homes, sizes));
        columns
            .map(|((((first_day, last_day), ((orders, purchase_days), transactions)), money), homes)| Rows {
                first_day,
                last_day,
                orders,
                purchase_days,
                transactions,
                revenue: money.0,
                largest_order: money.1,
                homes,
            })
            .collect()
    }
}

impl<N: Name> Spread<N> {
    #[allow(clippy::cast_possible_truncation)]
    fn of(partitions: Vec<(usize, Partition<N>)>, borders: &[u64], key: impl Fn(&[u8], &Customer<N>) -> u64) -> Self {
        let customers: usize = partitions.iter().map(|(_, partition)| partition.customers().len()).sum();
        // The buckets are about equal: with an eighth more than that, hardly one has to grow.
        let room = customers * 9 / (8 * (borders.len() + 1)) + 1;
        let mut spread = Self {
            buckets: (0..=borders.len()).map(|_| Vec::with_capacity(room)).collect(),
            names: Vec::with_capacity(partitions.len()),
            side: SideTotals::default(),
            without_order: 0,
            revenue_without_order: 0,
        };
        for (number, partition) in partitions {
            spread.side.add(&partition.side_totals());
            let (names, customers) = partition.into_customers();
            for (place, customer) in customers.iter().enumerate() {
                let Some(measures) = customer.known.measures() else {
                    spread.without_order += 1;
                    spread.revenue_without_order += i128::from(customer.known.revenue());
                    continue;
                };
                let key = key(&names, customer);
                let bucket = borders.partition_point(|border| *border <= key);
                spread.buckets[bucket].push(Entry { key, home: (number as u16, place as u32), measures });
            }
            let spans =
                if names.is_empty() { Vec::new() } else { customers.iter().map(|customer| customer.name).collect() };
            spread.names.push((names, spans));
        }
        spread
    }
}

/// The customers of a bucket with their keys: to be sorted without being moved.
fn keyed(bucket: &Bucket) -> Vec<(u64, &Entry)> {
    bucket.iter().flatten().map(|entry| (entry.key, entry)).collect()
}

fn sizes(buckets: &[Bucket]) -> Vec<usize> {
    buckets.iter().map(|pieces| pieces.iter().map(Vec::len).sum()).collect()
}

/// A column in parts of these sizes.
fn split<'a, T>(mut column: &'a mut [T], sizes: &[usize]) -> Vec<&'a mut [T]> {
    let part = |size: &usize| column.split_off_mut(..*size).unwrap_or_default();
    sizes.iter().map(part).collect()
}

/// Partitions that one thread spreads at a time.
const PARTITIONS_AT_ONCE: usize = 64;

/// Buckets that the customers are spread over.
const BUCKETS: usize = 256;

/// Keys that part the customers into buckets of about equal size, from a sample of the first partitions: customers are
/// spread over partitions by hash, so that any of them is a fair sample.
fn borders<N: Name>(partitions: &[Partition<N>], key: impl Fn(&[u8], &Customer<N>) -> u64) -> Vec<u64> {
    let sampled = partitions.iter().filter(|partition| !partition.customers().is_empty()).take(8);
    let mut keys: Vec<u64> = sampled
        .flat_map(|partition| partition.customers().iter().map(|customer| key(partition.names(), customer)))
        .collect();
    keys.sort_unstable();
    let mut borders: Vec<u64> =
        (1..BUCKETS).filter_map(|bucket| keys.get(bucket * keys.len() / BUCKETS).copied()).collect();
    borders.dedup();
    borders
}

/// Bytes that all text ids begin with (`CUST-000`): keys are made of what follows, or they would all be alike.
fn common_prefix<N: Name>(partitions: &[Partition<N>]) -> usize {
    let names = || {
        partitions
            .iter()
            .flat_map(|partition| partition.customers().iter().map(|customer| customer.name.text(partition.names())))
    };
    let Some(first) = names().next() else { return 0 };
    names().fold(first.len(), |length, name| first[..length].iter().zip(name).take_while(|(a, b)| a == b).count())
}
