//! What rows carry to their customers, against a plain second computation: random rows, orders cut over batches, several
//! threads, every returns policy.

use std::collections::{BTreeMap, BTreeSet};

use rfmetrics::batch::{Batch, Ids};
use rfmetrics::clean::options::Returns;
use rfmetrics::customers::fold::Fold;
use rfmetrics::customers::key::{Name, NoName, Span};
use rfmetrics::customers::log::Kept;
use rfmetrics::customers::order::OrderPolicy;
use rfmetrics::customers::partition::Partition;
use rfmetrics::customers::payload::texts::{TextWords, Texts};
use rfmetrics::customers::payload::{Extras, Field, Layout, ORDER_SUM, PerCustomer, Policy};
use rfmetrics::customers::repair::Repair;
use rfmetrics::customers::{CustomerIds, Customers, FoldedCustomers};

const FIELDS: [Field; 4] = [Field::Sum, Field::OrderSum, Field::Greatest(2), Field::LatestText(1)];

/// A row: what it is, and what it carries.
#[derive(Debug, Clone)]
struct Row {
    customer: i64,
    order: Option<i64>,
    day: i32,
    amount: i64,
    /// Else only its greatest value counts, as a note.
    is_line: bool,
    margin: i64,
    unusable: u64,
    greatest: [u64; 2],
    /// Zero where the row has no text.
    moment: u64,
    text: String,
}

/// A linear congruential generator.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn signed(&mut self, bound: u64) -> i64 {
        self.below(2 * bound).cast_signed() - bound.cast_signed()
    }
}

const TEXTS: [&str; 8] = [
    "",
    "a",
    "fifteen bytes..",
    "sixteen bytes...",
    "sixteen bytes...!",
    "sixteen bytes, other",
    "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}",
    "Z",
];

/// Rows of so many customers; lines of an order mostly lie together, and some come back.
fn rows(random: &mut Random, count: usize, customers: u64) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    while rows.len() < count {
        let customer = random.signed(customers);
        // Some people have notes only.
        let has_lines = customer % 5 != 0;
        let order = (random.below(8) > 0).then(|| random.signed(40));
        let day = i32::try_from(random.below(200)).unwrap();
        for _ in 0..=random.below(4) {
            let moment = random.below(6);
            let unique = random.below(50) == 0;
            let text = TEXTS[usize::try_from(random.below(8)).unwrap()];
            rows.push(Row {
                customer,
                order,
                day: day - i32::try_from(random.below(3)).unwrap(),
                amount: random.signed(50),
                is_line: has_lines && random.below(10) > 0,
                margin: random.signed(1_000),
                unusable: u64::from(random.below(9) == 0),
                greatest: [random.below(4), random.below(4)],
                moment,
                text: if unique { format!("a text of its own, row {}", rows.len()) } else { text.to_owned() },
            });
        }
    }
    rows
}

/// What a customer's rows come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Expected {
    sum: i64,
    order_sum: i64,
    unusable: u64,
    greatest: [u64; 2],
    latest: Option<(u64, String)>,
}

fn expected(rows: &[Row], returns: Returns, has_ids: bool) -> BTreeMap<i64, Expected> {
    // Of each order the sum, and whether a line is below zero.
    let mut totals: BTreeMap<(i64, Option<i64>, usize), (i64, bool)> = BTreeMap::new();
    let key = |place: usize, row: &Row| match row.order.filter(|_| has_ids) {
        Some(order) => (row.customer, Some(order), 0),
        None => (row.customer, None, place),
    };
    let lines = || rows.iter().enumerate().filter(|(_, row)| row.is_line);
    for (place, row) in lines() {
        let (total, is_lowered) = totals.entry(key(place, row)).or_default();
        *total += row.amount;
        *is_lowered |= row.amount < 0;
    }
    let counts = |(total, _): (i64, bool)| returns != Returns::Purchases || total > 0;
    let is_order = |(total, is_lowered): (i64, bool)| match returns {
        Returns::Literal => true,
        Returns::Purchases => total > 0,
        Returns::Net | Returns::Drop => total > 0 || (total == 0 && !is_lowered),
    };
    let customers: BTreeSet<i64> =
        totals.iter().filter(|(_, order)| is_order(**order)).map(|((customer, ..), _)| *customer).collect();
    let mut found: BTreeMap<i64, Expected> = customers.into_iter().map(|id| (id, Expected::default())).collect();
    for (place, row) in rows.iter().enumerate() {
        let Some(of) = found.get_mut(&row.customer) else { continue };
        of.greatest = of.greatest.max(row.greatest);
        if !row.is_line {
            continue;
        }
        of.sum += row.margin;
        if counts(totals[&key(place, row)]) {
            of.order_sum += row.margin;
            of.unusable += row.unusable;
        }
        if row.moment > 0 {
            of.latest = of.latest.take().max(Some((row.moment, row.text.clone())));
        }
    }
    found
}

/// A batch as columns.
struct Columns<'a> {
    rows: &'a [Row],
    ids: Vec<i64>,
    names: Vec<String>,
    orders: Vec<i64>,
    has_order: Vec<bool>,
    days: Vec<i32>,
    amounts: Vec<i64>,
    kept: Vec<bool>,
}

impl Texts for Columns<'_> {
    fn text(&self, field: usize, reference: u64) -> &[u8] {
        assert_eq!(field, 3);
        self.rows[usize::try_from(reference).unwrap()].text.as_bytes()
    }
}

impl<'a> Columns<'a> {
    fn new(rows: &'a [Row]) -> Self {
        Self {
            rows,
            ids: rows.iter().map(|row| row.customer).collect(),
            names: rows.iter().map(|row| name(row.customer)).collect(),
            orders: rows.iter().map(|row| row.order.unwrap_or(7)).collect(),
            has_order: rows.iter().map(|row| row.order.is_some()).collect(),
            days: rows.iter().map(|row| row.day).collect(),
            amounts: rows.iter().map(|row| row.amount).collect(),
            kept: rows.iter().map(|row| row.is_line).collect(),
        }
    }

    /// The words of all rows.
    fn words(&self) -> Vec<u64> {
        let words = |(place, row): (usize, &Row)| {
            let margin = row.margin.cast_unsigned();
            let mut words = vec![margin, margin, row.unusable, row.greatest[0], row.greatest[1], row.moment, 0, 0];
            if row.moment > 0 {
                TextWords::new(row.text.as_bytes(), place as u64).write(&mut words, 6);
            }
            words
        };
        self.rows.iter().enumerate().flat_map(words).collect()
    }

    /// Adds the batch: lines, and what the other rows note.
    fn add<N: Name>(&self, fold: &Fold<N>, has_ids: bool) {
        let names: Vec<&[u8]> = self.names.iter().map(String::as_bytes).collect();
        let words = self.words();
        self.with_batch(&names, has_ids, size_of::<N>() > 0, |batch| {
            fold.add_with(batch, Extras { words: &words, texts: self }).unwrap();
        });
        let noted: Vec<usize> = (0..self.rows.len()).filter(|row| !self.kept[*row]).collect();
        let words =
            noted.iter().flat_map(|row| [0, 0, 0, self.rows[*row].greatest[0], self.rows[*row].greatest[1], 0, 0, 0]);
        let words: Vec<u64> = words.collect();
        let extras = Extras { words: &words, texts: self };
        if size_of::<N>() > 0 {
            let names: Vec<&[u8]> = noted.iter().map(|row| names[*row]).collect();
            fold.add_notes(Ids::Text(&names), extras).unwrap();
        } else {
            let ids: Vec<i64> = noted.iter().map(|row| self.ids[*row]).collect();
            fold.add_notes(Ids::Integer(&ids), extras).unwrap();
        }
    }

    fn add_again<N: Name>(&self, repair: &Repair<N, ORDER_SUM>, has_ids: bool) {
        let names: Vec<&[u8]> = self.names.iter().map(String::as_bytes).collect();
        let words: Vec<u64> = self.rows.iter().flat_map(|row| [row.margin.cast_unsigned(), row.unusable]).collect();
        self.with_batch(&names, has_ids, size_of::<N>() > 0, |batch| {
            repair.add(batch, Extras { words: &words, texts: self }).unwrap();
        });
    }

    fn with_batch(&self, names: &[&[u8]], has_ids: bool, is_text: bool, work: impl Fn(&Batch<'_>)) {
        work(&Batch {
            ids: if is_text { Ids::Text(names) } else { Ids::Integer(&self.ids) },
            orders: has_ids.then_some(self.orders.as_slice()),
            has_order: has_ids.then_some(self.has_order.as_slice()),
            days: &self.days,
            amounts: &self.amounts,
            kept: Some(&self.kept),
        });
    }
}

/// A text id; long ones, too.
fn name(customer: i64) -> String {
    format!("{}{customer}", if customer % 2 == 0 { "C" } else { "a customer with a long name: " })
}

fn folded<N: Name + std::fmt::Debug>(
    batches: &[&[Row]],
    returns: Returns,
    has_ids: bool,
    gather: impl Fn(Vec<Partition<N>>, Policy) -> FoldedCustomers,
) -> (BTreeMap<String, Expected>, usize) {
    let columns: Vec<Columns<'_>> = batches.iter().map(|rows| Columns::new(rows)).collect();
    let policy = Policy { layout: Layout::new(&FIELDS), ..Policy::new(OrderPolicy::new(returns)) };
    let fold = Fold::<N>::with_policy(policy.clone(), Kept::All);
    std::thread::scope(|scope| {
        for part in columns.chunks(columns.len().div_ceil(3)) {
            let fold = &fold;
            scope.spawn(move || part.iter().for_each(|columns| columns.add(fold, has_ids)));
        }
    });
    let folded = fold.finish(2).unwrap();
    let uncertain = folded.uncertain_customers();
    let repair = Repair::<N, ORDER_SUM>::new(folded, !has_ids);
    if uncertain > 0 {
        columns.iter().rev().for_each(|columns| columns.add_again(&repair, has_ids));
    }
    let gathered = gather(repair.finish(2).unwrap(), policy);
    (found(&gathered.customers, gathered.payload), uncertain)
}

fn found(customers: &Customers, arrived: PerCustomer) -> BTreeMap<String, Expected> {
    let (sums, order_sums) = (arrived.sums(0), arrived.sums(1));
    let unusable = arrived.words(1, |words| words[1]);
    assert_eq!(arrived.counts(1), unusable.iter().sum::<u64>());
    let greatest = arrived.words(2, |words| [words[0], words[1]]);
    let moments = arrived.words(3, |words| words[0]);
    let (texts, long) = (arrived.texts(3, 1), arrived.into_long_texts());
    let text = |words: TextWords| {
        let (bytes, length) = words.short_bytes();
        let bytes = if words.is_long() { long.get(words.reference()) } else { &bytes[..length] };
        String::from_utf8(bytes.to_vec()).unwrap()
    };
    let of = |row: usize| Expected {
        sum: sums[row],
        order_sum: order_sums[row],
        unusable: unusable[row],
        greatest: greatest[row],
        latest: (moments[row] > 0).then(|| (moments[row], text(texts[row]))),
    };
    let id = |row: usize| match &customers.ids {
        CustomerIds::Integer(ids) => name(ids[row]),
        ids @ CustomerIds::Text { .. } => String::from_utf8(ids.text(row).to_vec()).unwrap(),
    };
    (0..customers.len()).map(|row| (id(row), of(row))).collect()
}

#[test]
fn what_rows_carry_arrives_as_a_plain_second_computation_says() {
    let mut random = Random(7);
    let mut repaired = 0;
    for round in 0..60 {
        let (count, customers) = [(300, 20), (5_000, 700), (9_000, 3)][round % 3];
        let rows = rows(&mut random, count, customers);
        let size = usize::try_from(1 + random.below(3_000)).unwrap();
        let batches: Vec<&[Row]> = rows.chunks(size).collect();
        for returns in [Returns::Net, Returns::Literal, Returns::Purchases] {
            let has_ids = round % 4 != 3;
            let expected = expected(&rows, returns, has_ids);
            let expected: BTreeMap<String, Expected> =
                expected.into_iter().map(|(id, expected)| (name(id), expected)).collect();
            assert!(!expected.is_empty());
            let (integers, again) = folded::<NoName>(&batches, returns, has_ids, Customers::from_integer_with);
            assert_eq!(integers, expected, "round {round}, batches of {size}");
            let (texts, _) = folded::<Span>(&batches, returns, has_ids, Customers::from_text_with);
            assert_eq!(texts, expected, "round {round}, batches of {size}");
            repaired += again;
        }
    }
    assert!(repaired > 100, "orders that came back must occur: {repaired}");
}

/// People who only look on are forgotten where there are far more of them than customers, and that is said.
#[test]
fn too_many_people_without_an_order_are_given_up() {
    let layout = Layout::new(&[Field::Greatest(1)]);
    let fold = Fold::<NoName>::with_policy(Policy { layout, ..Policy::default() }, Kept::All);
    let ids: Vec<i64> = (0..6_000_000).collect();
    let words = vec![1; ids.len()];
    for start in (0..ids.len()).step_by(100_000) {
        let rows = start..start + 100_000;
        let extras = Extras { words: &words[rows.clone()], texts: &rfmetrics::customers::payload::texts::NoTexts };
        fold.add_notes(Ids::Integer(&ids[rows]), extras).unwrap();
    }
    let folded = fold.finish(2).unwrap();
    assert!(folded.partitions.iter().all(Partition::has_given_up));
}
