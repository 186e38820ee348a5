//! The fold against the simplest code that computes the same: a map of customers of maps of orders.
//!
//! Batches have random borders and arrive in random order, from several threads; the lines of an order are adjacent or
//! scattered; days are near each other or far apart; some rows have no order id.

use std::collections::BTreeMap;

use polars::prelude::*;
use proptest::prelude::*;
use rfmetrics::batch::Line;
use rfmetrics::batch::{Batch, Ids};
use rfmetrics::clean::options::Returns;
use rfmetrics::customers::accumulator::{Accumulator, Measures};
use rfmetrics::customers::fold::Fold;
use rfmetrics::customers::key::{Name, NoName, Span};
use rfmetrics::customers::log::Kept;
use rfmetrics::customers::order::OrderPolicy;
use rfmetrics::customers::orders::{CustomerOrders, OrderDay};
use rfmetrics::customers::payload::{Extras, Policy};
use rfmetrics::customers::repair::Repair;
use rfmetrics::customers::{CustomerIds, Customers, FoldedCustomers};
use rfmetrics::spill::{Bounds, Room, Stage};

use crate::plain_orders::{Lines, OrderIds, Row, is_used, measures, order_days, orders_of, side};
use crate::support::{Sandbox, integers, minor};

/// Names whose order is easy to get wrong: common prefixes beyond eight bytes, a zero byte, several scripts.
const NAMES: [&str; 8] = ["c", "c\0", "customer-1", "customer-10", "customer-2", "é", "客户", "Z"];
const NUMBERS: [i64; 8] = [i64::MIN, -7, -1, 0, 1, 2, 10, i64::MAX];

fn days() -> impl Strategy<Value = i32> {
    prop_oneof![4 => 0..12_i32, 3 => 0..400_i32, 1 => -719_162..2_932_896_i32]
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let order = prop_oneof![1 => Just(None), 8 => (0..6_u64).prop_map(Some)];
    let amount = prop_oneof![1 => Just(0_i64), 4 => -30..60_i64, 1 => -1_000_000_000_000..1_000_000_000_000_i64];
    let row = (0..NAMES.len(), order, days(), amount, prop::bool::weighted(0.9))
        .prop_map(|(customer, order, day, amount, kept)| Row { customer, order, day, amount, kept });
    let scattered = prop::collection::vec(row, 0..70);
    // Half of the inputs have the lines of an order adjacent, as real files have.
    (scattered, any::<bool>()).prop_map(|(mut rows, together)| {
        if together {
            rows.sort_by_key(|row| (row.order, row.customer));
        }
        rows
    })
}

fn returns() -> impl Strategy<Value = Returns> {
    prop_oneof![Just(Returns::Net), Just(Returns::Literal), Just(Returns::Purchases), Just(Returns::Drop)]
}

/// Room for customers, and for nothing else: whatever can go to disk does.
fn no_room() -> Room {
    let reading = Stage { fixed_bytes: 1 << 40, customer_bytes: 0 };
    let directory = std::env::temp_dir();
    Room::within(Bounds {
        limit_bytes: 1 << 40,
        limit_from: "the test".to_owned(),
        reading,
        least_reading: reading,
        scoring: reading,
        directory,
    })
}

/// With and without a window, a cut, every order, and room for what grows with the rows.
fn policies() -> impl Strategy<Value = Policy> {
    let window_start = prop_oneof![2 => Just(i32::MIN), 1 => 0..12_i32, 1 => 0..400_i32];
    let cut = prop_oneof![2 => Just(i32::MAX), 1 => 0..12_i32, 1 => 0..400_i32];
    let flags = (any::<bool>(), any::<bool>());
    (returns(), window_start, cut, flags).prop_map(|(returns, window_start, cut, (keeps_orders, spills))| Policy {
        keeps_orders,
        room: if spills { no_room() } else { Room::default() },
        ..Policy::new(OrderPolicy { window_start, cut, ..OrderPolicy::new(returns) })
    })
}

fn order_ids() -> impl Strategy<Value = OrderIds> {
    prop_oneof![Just(OrderIds::All), Just(OrderIds::Some), Just(OrderIds::None)]
}

/// The column of a batch, and which of its rows are used: with `drop`, rows below zero are left out before the fold.
struct Columns {
    numbers: Vec<i64>,
    names: Vec<&'static [u8]>,
    orders: Vec<i64>,
    has_order: Vec<bool>,
    days: Vec<i32>,
    amounts: Vec<i64>,
    kept: Vec<bool>,
}

impl Columns {
    fn new(rows: &[Row], returns: Returns) -> Self {
        Self {
            numbers: rows.iter().map(|row| NUMBERS[row.customer]).collect(),
            names: rows.iter().map(|row| NAMES[row.customer].as_bytes()).collect(),
            // The order id stored for a row without one is arbitrary.
            orders: rows.iter().map(|row| row.order.unwrap_or(3).cast_signed()).collect(),
            has_order: rows.iter().map(|row| row.order.is_some()).collect(),
            days: rows.iter().map(|row| row.day).collect(),
            amounts: rows.iter().map(|row| row.amount).collect(),
            kept: rows.iter().map(|row| is_used(row, returns)).collect(),
        }
    }

    fn batch(&self, is_text: bool, order_ids: OrderIds) -> Batch<'_> {
        Batch {
            ids: if is_text { Ids::Text(&self.names) } else { Ids::Integer(&self.numbers) },
            orders: (order_ids != OrderIds::None).then_some(&self.orders),
            has_order: (order_ids == OrderIds::Some).then_some(&self.has_order),
            days: &self.days,
            amounts: &self.amounts,
            kept: self.kept.iter().any(|kept| !kept).then_some(&self.kept),
        }
    }
}

/// The customers of the fold, and how many had to be folded again.
fn folded<N: Name + std::fmt::Debug>(
    batches: &[&[Row]],
    policy: &Policy,
    is_text: bool,
    order_ids: OrderIds,
    log: Kept,
    gather: impl Fn(Vec<rfmetrics::customers::partition::Partition<N>>, Policy) -> FoldedCustomers,
) -> (FoldedCustomers, usize) {
    let columns: Vec<Columns> = batches.iter().map(|rows| Columns::new(rows, policy.orders.returns)).collect();
    let fold = Fold::<N>::with_policy(policy.clone(), log);
    std::thread::scope(|scope| {
        for part in columns.chunks(columns.len().div_ceil(3).max(1)) {
            let fold = &fold;
            scope.spawn(move || part.iter().for_each(|c| fold.add(&c.batch(is_text, order_ids)).unwrap()));
        }
    });
    let folded = fold.finish(2).unwrap();
    let uncertain = folded.uncertain_customers();
    if uncertain == 0 {
        return (gather(folded.partitions, policy.clone()), 0);
    }
    let repair = Repair::<N, 0>::new(folded, order_ids == OrderIds::None);
    for columns in columns.iter().rev() {
        repair.add(&columns.batch(is_text, order_ids), Extras::NONE).unwrap();
    }
    (gather(repair.finish(2).unwrap(), policy.clone()), uncertain)
}

/// The customers with an order, as the table has them.
fn table(orders: &BTreeMap<usize, Vec<Lines>>, policy: &OrderPolicy, is_text: bool) -> Vec<(usize, Measures)> {
    let mut table: Vec<(usize, Measures)> =
        orders.iter().filter_map(|(customer, orders)| Some((*customer, measures(orders, policy)?))).collect();
    if is_text {
        table.sort_by_key(|(customer, _)| NAMES[*customer].as_bytes());
    } else {
        table.sort_by_key(|(customer, _)| NUMBERS[*customer]);
    }
    table
}

fn check(found: FoldedCustomers, orders: &BTreeMap<usize, Vec<Lines>>, policy: &Policy, is_text: bool) {
    let customers = &found.customers;
    let expected = table(orders, &policy.orders, is_text);
    assert_eq!(customers.len(), expected.len());
    for (row, (customer, measures)) in expected.iter().enumerate() {
        match &customers.ids {
            CustomerIds::Integer(ids) => assert_eq!(ids[row], NUMBERS[*customer]),
            CustomerIds::Text { .. } => assert_eq!(customers.ids.text(row), NAMES[*customer].as_bytes()),
        }
        assert_eq!(customers.measures(row), *measures);
    }
    assert_eq!(customers.without_order as usize, orders.len() - expected.len());
    assert_eq!(customers.side, side(orders.values().flatten(), &policy.orders));
    let is_nobody = |customer: &usize| expected.iter().all(|(known, _)| known != customer);
    let of_nobody = orders.iter().filter(|(customer, _)| is_nobody(customer)).flat_map(|(_, orders)| orders);
    let money = side(of_nobody, &policy.orders).returned;
    assert_eq!(customers.revenue_without_order, money, "who has no order has returns alone");
    check_orders(found, orders, policy, &expected);
}

/// As all lines say, and as those up to the cut say.
type Days = [Vec<OrderDay>; 2];

/// Every order of every customer, where they are kept.
fn check_orders(
    found: FoldedCustomers,
    orders: &BTreeMap<usize, Vec<Lines>>,
    policy: &Policy,
    table: &[(usize, Measures)],
) {
    let OrderPolicy { returns, cut, .. } = policy.orders;
    assert_eq!(found.orders.is_some(), policy.keeps_orders);
    let Some(kept) = found.orders else { return };
    let mut of_rows: BTreeMap<u32, Days> = BTreeMap::new();
    let note = |days: &mut Vec<(Option<u32>, Days)>, row: Option<u32>, found: CustomerOrders<'_>| {
        days.push((row, [found.days.to_vec(), found.at_cut.to_vec()]));
    };
    let mut strangers = 0;
    kept.finish(2, note, |days| {
        for (row, days) in days {
            match row {
                Some(row) => assert!(of_rows.insert(row, days).is_none(), "each customer comes once"),
                None => strangers += 1,
            }
        }
    })
    .unwrap();
    for (row, (customer, _)) in table.iter().enumerate() {
        let own = &orders[customer];
        let expected = [order_days(own, returns, i32::MAX), order_days(own, returns, cut)];
        let found = of_rows.remove(&(row as u32)).unwrap_or_default();
        assert_eq!(found, expected, "row {row}: {own:?}");
    }
    let has_days =
        |orders: &Vec<Lines>| [i32::MAX, cut].iter().any(|cut| !order_days(orders, returns, *cut).is_empty());
    let with_days = orders.iter().filter(|(customer, _)| table.iter().all(|(known, _)| known != *customer));
    assert_eq!(strangers, with_days.filter(|(_, orders)| has_days(orders)).count());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_is_the_plain_grouping(
        rows in rows(),
        borders in prop::collection::vec(0..71_usize, 0..12),
        order in any::<u64>(),
        policy in policies(),
        is_text in any::<bool>(),
        order_ids in order_ids(),
        // A run can omit the log only if each row is an order.
        is_logged in any::<bool>(),
    ) {
        let log = if is_logged || order_ids != OrderIds::None { Kept::All } else { Kept::None };
        let mut borders: Vec<usize> = borders.into_iter().map(|border| border.min(rows.len())).collect();
        borders.extend([0, rows.len()]);
        borders.sort_unstable();
        let mut batches: Vec<&[Row]> = borders.windows(2).map(|pair| &rows[pair[0]..pair[1]]).collect();
        // Any order of the batches: sorted by a hash of their index.
        let mut indices: Vec<usize> = (0..batches.len()).collect();
        indices.sort_by_key(|index| (*index as u64 + 1).wrapping_mul(order | 1).rotate_left(23));
        batches = indices.into_iter().map(|index| batches[index]).collect();
        let orders = orders_of(&rows, policy.orders.returns, order_ids);
        let (found, _) = if is_text {
            folded::<Span>(&batches, &policy, true, order_ids, log, Customers::from_text_with)
        } else {
            folded::<NoName>(&batches, &policy, false, order_ids, log, Customers::from_integer_with)
        };
        check(found, &orders, &policy, is_text);
    }

    /// Whole orders in any order: the same measures, and purchase days unless the accumulator says that it cannot
    /// count.
    #[test]
    fn an_accumulator_does_not_depend_on_the_order_of_orders(
        orders in prop::collection::vec((days(), prop::collection::vec(-30..60_i64, 1..4)), 1..12)
            .prop_flat_map(|orders| (Just(orders.clone()), Just(orders).prop_shuffle())),
        returns in returns(),
        window_start in prop_oneof![Just(i32::MIN), 0..400_i32],
    ) {
        let policy = OrderPolicy { window_start, ..OrderPolicy::new(returns) };
        let fold = |orders: &[(i32, Vec<i64>)], lone: bool| {
            let mut accumulator = Accumulator::new();
            for (number, (day, amounts)) in orders.iter().enumerate() {
                for amount in amounts {
                    let is_lowered = *amount < 0;
                    let line = Line { order: number as u64, amount: *amount, day: *day, lines: 1, is_lowered, lone };
                    accumulator.take(line, &policy);
                }
            }
            accumulator.close(&policy);
            accumulator
        };
        for lone in [false, true] {
            let (mut one, mut other) = (fold(&orders.0, lone), fold(&orders.1, lone));
            if one.is_uncertain() || other.is_uncertain() {
                one.settle_days(7);
                other.settle_days(7);
            }
            prop_assert_eq!(one.measures(), other.measures());
        }
    }
}

/// The proptest above must reach the log and the second pass: these inputs are known to need them.
#[test]
fn orders_and_days_that_one_pass_cannot_distinguish_are_settled() {
    let row = |order, day| Row { customer: 3, order: Some(order), day, amount: 5, kept: true };
    // Order 1 comes back after many others, and far from the borders of the batch, whose orders are set aside.
    let mut mixed: Vec<Row> = (0..3_000).map(|number| row(number + 10, number as i32 / 50)).collect();
    mixed[1_400].order = Some(1);
    mixed[1_600].order = Some(1);
    // Day 100 comes after day 300, and before that was day 0: in the range that is no longer remembered.
    let far = [row(0, 0), row(1, 0), row(2, 300), row(3, 100), row(4, 100), row(5, 300)];
    // As `far`, beyond the days that the log can hold.
    let farther: Vec<Row> = far.iter().map(|row| Row { day: row.day + 1_000_000, ..row.clone() }).collect();
    for (rows, ids, log, expected) in [
        (&mixed[..], OrderIds::All, Kept::All, 1),
        (&far[..], OrderIds::None, Kept::All, 0),
        (&far[..], OrderIds::None, Kept::None, 1),
        (&farther[..], OrderIds::None, Kept::All, 1),
    ] {
        let policy = Policy::default();
        let (found, again) = folded::<NoName>(&[rows], &policy, false, ids, log, Customers::from_integer_with);
        assert_eq!(again, expected, "{ids:?} {log:?}");
        check(found, &orders_of(rows, Returns::Net, ids), &policy, false);
    }
}

/// Batches that are larger than the borders whose orders are set aside: lines near and far, and orders across borders.
#[test]
fn large_batches_with_mixed_orders_are_grouped_as_small_ones() {
    for (seed, spread) in [(1_u64, 1_u64), (2, 40), (3, 100), (4, 5_000)] {
        let mut state = seed;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let rows: Vec<Row> = (0..70_000_u64)
            .map(|index| {
                let order = (index + next(spread)) / 3;
                let day = (order / 40) as i32 - (next(60) / 59 * 500) as i32;
                let amount = next(200) as i64 - 20;
                let order_id = (next(50) > 0).then_some(order);
                Row { customer: (order % 8) as usize, order: order_id, day, amount, kept: next(30) > 0 }
            })
            .collect();
        for (returns, ids) in [(Returns::Net, OrderIds::Some), (Returns::Purchases, OrderIds::All)] {
            let batches: Vec<&[Row]> = rows.chunks(17_001).rev().collect();
            let orders = OrderPolicy { window_start: 300, cut: 400, ..OrderPolicy::new(returns) };
            let kept = Policy { keeps_orders: true, ..Policy::new(orders) };
            for policy in [Policy::new(OrderPolicy::new(returns)), kept.clone(), Policy { room: no_room(), ..kept }] {
                let (found, _) = folded::<Span>(&batches, &policy, true, ids, Kept::All, Customers::from_text_with);
                check(found, &orders_of(&rows, returns, ids), &policy, true);
                // Some 20,000 orders, ten bytes each in the log.
                let spilled = policy.room.spilled_bytes();
                assert!(policy.room.is_unlimited() || spilled > 20_000 * 10, "{spilled}");
            }
        }
    }
}

/// Twenty thousand lines through the binary, against a group-by of Polars.
#[test]
fn a_whole_run_is_the_group_by_of_polars() {
    let mut state = 42_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    // An order belongs to one customer; its lines lie on up to three days and anywhere in the files.
    let lines: Vec<(i64, i64, i32, i64)> = (0..20_000)
        .map(|_| {
            let order = next(7_000) as i64;
            let day = 18_000 + (order * 37 % 900) as i32 + next(3) as i32;
            (order * order % 1_009, order, day, next(20_000) as i64 - 2_000)
        })
        .collect();
    let column = |pick: fn(&(i64, i64, i32, i64)) -> i64| lines.iter().map(pick).collect::<Vec<i64>>();
    let days: Vec<i32> = lines.iter().map(|line| line.2).collect();
    let input = df!(
        "customer_id" => column(|line| line.0),
        "order_id" => column(|line| line.1),
        "order_ts" => days,
        "cents" => column(|line| line.3),
    )
    .unwrap()
    .lazy()
    .with_columns([
        col("order_ts").cast(DataType::Date),
        (col("cents").cast(DataType::Float64) / lit(100.0)).alias("amount"),
    ]);
    let orders = input.clone().group_by([col("customer_id"), col("order_id")]).agg([
        col("order_ts").min(),
        col("cents").sum(),
        col("cents").min().alias("least"),
        len().alias("lines"),
    ]);
    let is_purchase = col("cents").gt(lit(0)).or(col("cents").eq(lit(0)).and(col("least").eq(lit(0))));
    let sandbox = Sandbox::new();
    let frame = input.drop(cols(["cents"])).collect().unwrap();
    for part in 0..4 {
        sandbox.file_of_groups(&format!("{part}.parquet"), frame.slice(part * 5_000, 5_000), 777);
    }
    same_as_polars(&sandbox, "literal", &orders, orders.clone());
    same_as_polars(&sandbox, "net", &orders, orders.clone().filter(is_purchase));
}

/// A run by a policy against what Polars makes of all orders, and of those that count.
fn same_as_polars(sandbox: &Sandbox, returns: &str, orders: &LazyFrame, counted: LazyFrame) {
    let revenue = orders.clone().group_by([col("customer_id")]).agg([col("cents").sum().alias("revenue")]);
    let expected = counted
        .group_by([col("customer_id")])
        .agg([
            col("order_ts").min().alias("first"),
            col("order_ts").max().alias("last"),
            len().alias("orders"),
            col("order_ts").n_unique().alias("days"),
            col("lines").sum().alias("rows"),
            col("cents").max().alias("largest"),
        ])
        .join(revenue, [col("customer_id")], [col("customer_id")], JoinArgs::new(JoinType::Left))
        .sort(["customer_id"], SortMultipleOptions::default())
        .collect()
        .unwrap();

    let customers = sandbox.run(&["--returns", returns]).table("customers");
    for (ours, theirs) in [
        ("customer_id", "customer_id"),
        ("first_order_date", "first"),
        ("last_order_date", "last"),
        ("orders", "orders"),
        ("purchase_days", "days"),
        ("transactions", "rows"),
    ] {
        assert_eq!(integers(&customers, ours), integers(&expected, theirs), "{ours}");
    }
    for (ours, theirs) in [("revenue", "revenue"), ("largest_order", "largest")] {
        let theirs: Vec<i128> = integers(&expected, theirs).into_iter().map(i128::from).collect();
        assert_eq!(minor(&customers, ours), theirs, "{ours}");
    }
}
