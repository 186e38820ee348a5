//! What the models would have predicted some time ago, compared with what happened since.
//!
//! The models and their rivals see only the days up to a cut; they are compared with the days after it. Does not live
//! here: the measures of agreement (`models`), and the rivals' scores (`job`).

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::holdout_outcomes::{CustomerOutcome, CustomerOutcomes};
use super::learn::FittedModels;
use super::orders::{CustomerOrders, OrderDay, occasions};
use super::purchase_histories::{Pattern, PurchaseHistories, PurchaseHistory};
use crate::models::{Agreement, Model, agreement, by_frequency, captured_share};
use crate::warnings::Warning;

/// The last row by frequency is for this many repeats or more.
const MOST_REPEATS: u32 = 7;
/// Equal groups by what was predicted.
const DECILES: u32 = 10;
/// Marks a customer who is not in the table.
const NOBODY: u32 = u32::MAX;
/// Percentages of best customers whose buyers and revenue are counted.
const TOP_PERCENT: [u32; 2] = [10, 20];

/// A customer up to the cut and after it. Ordered by everything that is known about them, so that neither their id nor
/// the location of their rows influences a sum of floats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Record {
    pattern: Pattern,
    history: PurchaseHistory,
    later_occasions: u32,
    later_amount: i64,
    /// Their row in the table of customers, or [`NOBODY`]: of no influence on a sum, as records that differ in it alone are equal.
    row: u32,
}

/// The customers who had bought by the cut.
#[derive(Debug, Clone, Default)]
pub struct Holdout {
    /// The last day that models see.
    pub cut: i32,
    /// Days after it.
    pub days: u32,
    /// Whether the first purchase tells what one brings.
    with_first: bool,
    /// Rows of the table whose outcome is asked for: all or none.
    customers: usize,
    records: Vec<Record>,
    occasions: BTreeMap<i32, u64>,
}

impl Holdout {
    /// A holdout of the `days` days that end with `as_of`.
    #[must_use]
    pub fn new(as_of: i32, days: u32, with_first: bool) -> Self {
        Self { cut: as_of.saturating_sub_unsigned(days), days, with_first, ..Self::default() }
    }

    /// Notes a customer, with their row where they have one: what the models see is judged by the lines up to the cut, what happened afterwards by all lines.
    pub fn note(&mut self, row: Option<u32>, orders: &CustomerOrders<'_>) {
        let seen = &orders.at_cut[..orders.at_cut.partition_point(|day| day.day <= self.cut)];
        let Some(history) = PurchaseHistory::of(seen, self.with_first) else { return };
        for day in occasions(seen) {
            *self.occasions.entry(day.day).or_default() += 1;
        }
        let after = &orders.days[orders.days.partition_point(|day| day.day <= self.cut)..];
        self.records.push(Record {
            pattern: history.pattern(self.cut),
            history,
            later_occasions: u32::try_from(occasions(after).count()).unwrap_or(u32::MAX),
            later_amount: after.iter().map(OrderDay::revenue).sum(),
            row: row.unwrap_or(NOBODY),
        });
    }

    /// Adds what another thread noted.
    pub fn add(&mut self, other: Self) {
        self.records.extend(other.records);
        for (day, count) in other.occasions {
            *self.occasions.entry(day).or_default() += count;
        }
    }

    /// Puts the customers into their order. To be called when all are noted.
    pub fn sort(&mut self) {
        self.records.par_sort_unstable();
    }

    /// The customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// True where no customer had bought by the cut.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// What the models see.
    #[must_use]
    pub fn habits(&self) -> PurchaseHistories {
        let by_row = self.records.iter().map(|record| Some(record.history)).collect();
        let occasions = self.occasions.clone();
        PurchaseHistories { as_of: self.cut, by_row, occasions, ..PurchaseHistories::default() }
    }

    /// Days since the last occasion before the cut, occasions, and revenue (minor units): what rivals score.
    #[must_use]
    pub fn measures(&self) -> [Vec<i64>; 3] {
        let column = |value: fn(&Record) -> i64| self.records.iter().map(value).collect();
        [
            column(|record| i64::from(record.pattern.t_cal - record.pattern.t_x)),
            column(|record| i64::from(record.pattern.x) + 1),
            column(|record| record.history.revenue),
        ]
    }

    /// Asks for the outcome of each of the `customers` rows of the table.
    #[must_use]
    pub fn by_customer(mut self, customers: usize) -> Self {
        self.customers = customers;
        self
    }

    /// The outcome of each customer, where it is asked for. The figures are in the order of the records.
    fn outcomes(&self, orders: &[f64], revenue: Option<&[f64]>, brought: &[f64]) -> CustomerOutcomes {
        let mut outcomes = CustomerOutcomes::of(self.customers);
        for (index, (record, brought)) in self.records.iter().zip(brought).enumerate() {
            let outcome = CustomerOutcome {
                predicted_orders: orders.get(index).copied(),
                actual_orders: record.later_occasions,
                predicted_revenue: revenue.and_then(|revenue| revenue.get(index).copied()),
                actual_revenue: *brought,
            };
            outcomes.note(record.row, outcome);
        }
        outcomes
    }

    /// The occasions that a model expects of each in the time after the cut.
    fn expected_orders(&self, model: &Model, learned: &FittedModels) -> Vec<f64> {
        let model = model.as_purchase_model();
        let ahead = f64::from(self.days) / learned.unit.days();
        let same_history = |a: &Record, b: &Record| (a.pattern.x, a.pattern.t_cal) == (b.pattern.x, b.pattern.t_cal);
        let groups: Vec<&[Record]> = self.records.chunk_by(same_history).collect();
        let of_group = |records: &&[Record]| {
            let history = records[0].pattern.history(learned.steps_per_unit());
            let if_alive = model.expected_purchases_if_alive(history.x, history.t_cal, &[ahead])[0];
            let mut expected = Vec::with_capacity(records.len());
            for alike in records.chunk_by(|a, b| a.pattern == b.pattern) {
                let p_alive = model.p_alive(&alike[0].pattern.history(learned.steps_per_unit()));
                expected.resize(expected.len() + alike.len(), p_alive * if_alive);
            }
            expected
        };
        groups.par_iter().map(of_group).collect::<Vec<_>>().concat()
    }
}

/// A group of similar customers, and what was predicted for them.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// `frequency` (repeat occasions before the cut) or `decile` (of predicted orders, 1 is the highest).
    pub grouping: &'static str,
    /// Its number.
    pub group: u32,
    /// Its customers.
    pub customers: u64,
    /// Mean orders after the cut, as predicted and as they were; none without customers.
    pub orders: [Option<f64>; 2],
    /// Their mean revenue, as predicted and as it was; the first none without a model of order values.
    pub revenue: [Option<f64>; 2],
}

/// How good the predictions would have been.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Calibration {
    /// By frequency and by decile; empty without a model.
    pub groups: Vec<Group>,
    /// Single figures, by name; empty without a model.
    pub figures: Vec<(String, Option<f64>)>,
    /// What a reader should know.
    pub warnings: Vec<Warning>,
    /// What was predicted of each customer, and what they did.
    pub outcomes: CustomerOutcomes,
}

impl Calibration {
    /// Applies what was `learned` before the cut. `rivals` are scores of the same customers, in their order; the higher, the better.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "18 digits of money: the first 15 decide")]
    pub fn new(holdout: &Holdout, learned: &FittedModels, rivals: &[(&str, Vec<f64>)], minor_per_major: f64) -> Self {
        let warnings = learned.warnings.iter().cloned().map(Warning::before_holdout).collect();
        let brought: Vec<f64> =
            holdout.records.iter().map(|record| record.later_amount as f64 / minor_per_major).collect();
        let Some(model) = learned.model.filter(|_| !holdout.is_empty()) else {
            let outcomes = holdout.outcomes(&[], None, &brought);
            return Self { warnings, outcomes, ..Self::default() };
        };
        let orders = holdout.expected_orders(&model, learned);
        let values = learned.spending.map(|model| {
            let habits = holdout.habits();
            let value = |habit: &PurchaseHistory| {
                habit.spending(minor_per_major).map_or(0.0, |spending| model.expected_order_value(spending))
            };
            let values = habits.all().map(value);
            values.zip(&orders).map(|(value, orders)| value * orders).collect::<Vec<f64>>()
        });
        let actual = holdout.records.iter().map(|record| f64::from(record.later_occasions)).collect::<Vec<_>>();
        let outcomes = holdout.outcomes(&orders, values.as_deref(), &brought);
        let outcome = Outcome { predicted: [Some(&orders), values.as_deref()], actual: [&actual, &brought] };
        let repeats: Vec<u32> = holdout.records.iter().map(|record| record.pattern.x).collect();
        let mut groups = outcome.grouped("frequency", &repeats, MOST_REPEATS);
        groups.extend(outcome.grouped("decile", &deciles(&orders), DECILES).split_off(1));
        let clv = values.as_ref().unwrap_or(&orders);
        let scores = std::iter::once(("clv", clv)).chain(rivals.iter().map(|(name, score)| (*name, score)));
        let mut figures = outcome.figures();
        figures.push(("customers".to_owned(), Some(holdout.len() as f64)));
        figures.push(("holdout_days".to_owned(), Some(f64::from(holdout.days))));
        figures.extend(scores.flat_map(|(name, score)| outcome.captured(name, score)));
        figures.sort_by(|a, b| a.0.cmp(&b.0));
        Self { groups, figures, warnings, outcomes }
    }
}

/// Predicted and actual orders and revenue, per customer.
struct Outcome<'a> {
    predicted: [Option<&'a [f64]>; 2],
    actual: [&'a [f64]; 2],
}

impl<'a> Outcome<'a> {
    fn pairs(&self) -> [Option<(&'a [f64], &'a [f64])>; 2] {
        std::array::from_fn(|index| self.predicted[index].map(|predicted| (predicted, self.actual[index])))
    }

    fn grouped(&self, grouping: &'static str, group_of: &[u32], last: u32) -> Vec<Group> {
        // Without predictions the means of what happened are wanted all the same.
        let [orders, revenue] = std::array::from_fn(|index| {
            let predicted = self.predicted[index].unwrap_or(self.actual[index]);
            by_frequency(group_of, predicted, self.actual[index], last)
        });
        let has_values = self.predicted[1].is_some();
        let group = |(orders, revenue): (&crate::models::FrequencyRow, &crate::models::FrequencyRow)| Group {
            grouping,
            group: orders.x,
            customers: orders.customers,
            orders: [orders.predicted, orders.actual],
            revenue: [revenue.predicted.filter(|_| has_values), revenue.actual],
        };
        orders.iter().zip(&revenue).map(group).collect()
    }

    fn figures(&self) -> Vec<(String, Option<f64>)> {
        let agreements = self.pairs().map(|pair| pair.and_then(|(predicted, actual)| agreement(predicted, actual)));
        let named = |(name, found): (&str, Option<Agreement>)| {
            let figure = |of: fn(&Agreement) -> Option<f64>| found.as_ref().and_then(of);
            [
                (format!("{name}_predicted"), figure(|a| Some(a.predicted))),
                (format!("{name}_actual"), figure(|a| Some(a.actual))),
                (format!("{name}_mean_absolute_error"), figure(|a| Some(a.mean_absolute_error))),
                (format!("{name}_correlation"), figure(|a| a.correlation)),
            ]
        };
        ["orders", "revenue"].into_iter().zip(agreements).flat_map(named).collect()
    }

    /// The shares of buyers and of revenue that the best by `score` hold.
    fn captured(&self, name: &str, score: &[f64]) -> Vec<(String, Option<f64>)> {
        let bought: Vec<f64> = self.actual[0].iter().map(|orders| f64::from(u8::from(*orders > 0.0))).collect();
        let of = |percent: u32| {
            let top = f64::from(percent) / 100.0;
            let share = |values: &[f64]| captured_share(score, values, top);
            [
                (format!("buyers_in_top_{percent}_percent_by_{name}"), share(&bought)),
                (format!("revenue_in_top_{percent}_percent_by_{name}"), share(self.actual[1])),
            ]
        };
        TOP_PERCENT.into_iter().flat_map(of).collect()
    }
}

/// The tenth of each customer by what is predicted, 1 is the highest; the first ones get one more, as in SQL's NTILE.
fn deciles(predicted: &[f64]) -> Vec<u32> {
    let mut order: Vec<usize> = (0..predicted.len()).collect();
    order.sort_by(|&a, &b| predicted[b].total_cmp(&predicted[a])); // stable
    let (size, longer) = (predicted.len() / DECILES as usize, predicted.len() % DECILES as usize);
    let mut deciles = vec![0; predicted.len()];
    let mut rest = order.as_slice();
    for (index, decile) in (1..=DECILES).enumerate() {
        let (members, others) = rest.split_at(size + usize::from(index < longer));
        for customer in members {
            deciles[*customer] = decile;
        }
        rest = others;
    }
    deciles
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customers::orders::OrderDay;
    use crate::models::{BgNbd, Candidate, GammaGamma, History, PurchaseModel, Spending};
    use crate::predict::load::LoadedModels;
    use crate::predict::options::TimeUnit;
    use crate::predict::tests::order_days;

    /// Notes a customer none of whose orders was taken back after the cut.
    fn note(holdout: &mut Holdout, days: &[(i32, i64)]) {
        let days = order_days(days);
        let at_cut = &days[..days.partition_point(|day| day.day <= holdout.cut)];
        holdout.note(None, &CustomerOrders { days: &days, at_cut });
    }

    fn holdout() -> Holdout {
        let mut holdout = Holdout::new(100, 30, false);
        note(&mut holdout, &[(10, 500), (40, 700), (80, 900), (95, 100)]);
        note(&mut holdout, &[(70, 300)]);
        note(&mut holdout, &[(71, 300), (90, 400)]); // came after the cut: nobody could have predicted them
        holdout.sort();
        holdout
    }

    #[test]
    fn the_days_after_the_cut_are_seen_by_nobody() {
        let holdout = holdout();
        assert_eq!((holdout.cut, holdout.len()), (70, 2));
        let habits = holdout.habits();
        let seen: Vec<(u32, i64)> = habits.all().map(|habit| (habit.occasions, habit.revenue)).collect();
        assert_eq!(seen, [(1, 300), (2, 1_200)]);
        assert_eq!(holdout.measures(), [vec![0, 30], vec![1, 2], vec![300, 1_200]]);
        assert_eq!(habits.occasions, BTreeMap::from([(10, 1), (40, 1), (70, 1)]));
    }

    #[test]
    fn an_order_is_a_purchase_until_it_is_taken_back_and_credit_notes_count_in_their_time() {
        let mut holdout = Holdout::new(100, 30, false);
        // The order of day 60 was cancelled on day 75; a purchase of 9.00 and a credit note of 2.00 came after the cut.
        let at_cut = order_days(&[(10, 500), (60, 700)]);
        let days = [OrderDay { day: 60, ..OrderDay::default() }];
        let days = [&at_cut[..1], &days, &order_days(&[(80, 900), (90, -200)])].concat();
        holdout.note(None, &CustomerOrders { days: &days, at_cut: &at_cut });
        // Their only purchase was cancelled later: a customer at the cut, and nothing afterwards.
        holdout.note(None, &CustomerOrders { days: &[], at_cut: &order_days(&[(20, 400)]) });
        holdout.sort();
        let seen: Vec<(u32, i64)> = holdout.habits().all().map(|habit| (habit.occasions, habit.revenue)).collect();
        assert_eq!(seen, [(1, 400), (2, 1_200)]);
        let after: Vec<(u32, i64)> =
            holdout.records.iter().map(|record| (record.later_occasions, record.later_amount)).collect();
        assert_eq!(after, [(0, 0), (1, 700)]);
    }

    #[test]
    fn two_customers_worked_by_hand() {
        let parameters = [0.243, 4.414, 0.793, 2.426];
        let spending = GammaGamma { p: 6.25, q: 3.74, gamma: 15.44 };
        let model = Model::new(Candidate::BgNbd, &parameters).unwrap();
        let learned = FittedModels::loaded(LoadedModels { model, spending: Some(spending.into()) }, TimeUnit::Week);
        let found = Calibration::new(&holdout(), &learned, &[("recency", vec![0.0, -30.0])], 100.0);
        let bg = BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
        let ahead = 30.0 / 7.0;
        let one = bg.expected_purchases(&History { x: 0, t_x: 0.0, t_cal: 0.0 }, ahead);
        let other = bg.expected_purchases(&History { x: 1, t_x: 30.0 / 7.0, t_cal: 60.0 / 7.0 }, ahead);
        let figure = |name: &str| found.figures.iter().find(|(measure, _)| measure == name).unwrap().1.unwrap();
        assert!((figure("orders_predicted") - one - other).abs() < 1e-12);
        // two orders of 9.00 and 1.00, both of the second
        assert!((figure("orders_actual") - 2.0).abs() < 1e-12 && (figure("revenue_actual") - 10.0).abs() < 1e-12);
        assert!((figure("orders_mean_absolute_error") - f64::midpoint(one, 2.0 - other)).abs() < 1e-12);
        let revenue = one * spending.expected_order_value(Spending { x: 0, z: 0.0 })
            + other * spending.expected_order_value(Spending { x: 1, z: 7.0 });
        assert!((figure("revenue_predicted") - revenue).abs() < 1e-9);
        // a tenth of two, rounded up, is one: by recency the first, who bought nothing
        assert!(figure("buyers_in_top_10_percent_by_recency").abs() < f64::MIN_POSITIVE);
        let of_one: Vec<&Group> =
            found.groups.iter().filter(|group| group.grouping == "frequency" && group.customers > 0).collect();
        assert_eq!(
            of_one.iter().map(|group| (group.group, group.orders[1])).collect::<Vec<_>>(),
            [(0, Some(0.0)), (1, Some(2.0))]
        );
        assert_eq!(found.groups.iter().filter(|group| group.grouping == "decile").count(), 10);
    }

    #[test]
    fn deciles_are_those_of_ntile() {
        let predicted: Vec<f64> = (0..12).map(f64::from).collect();
        assert_eq!(deciles(&predicted), [10, 9, 8, 7, 6, 5, 4, 3, 2, 2, 1, 1]);
    }
}
