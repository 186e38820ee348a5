//! Whether those whom a ranking puts first bought more: AUC, tenths, lift.
//!
//! Customers of equal rank are not told apart: where a border falls among them, each counts in part, so that no order of ids or rows
//! plays a part.
//! Does not live here: the rankings themselves (`scoring`, `predict`).

use super::outcomes::Outcomes;

/// The number of parts of the customers.
const TENTHS: u64 = 10;

/// A tenth of the customers, the best first. Where customers of equal rank are on both sides of a border, parts of them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tenth {
    /// From 1.
    pub number: u32,
    /// Customers.
    pub customers: f64,
    /// Those of them who bought.
    pub buyers: f64,
    /// Their revenue after the earlier date, minor units.
    pub revenue: f64,
    /// Shares of all customers, buyers and revenue up to this tenth; the last two none without any.
    pub cumulative: [Option<f64>; 3],
    /// The share of buyers among the customers of the tenth, divided by that among all; none without buyers.
    pub lift: Option<f64>,
}

/// How good a ranking would have been.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RankingQuality {
    /// The probability that a buyer stands above someone who did not buy, ties counting half; none where all or none bought.
    pub auc: Option<f64>,
    /// The tenths, the best first; empty without customers.
    pub tenths: Vec<Tenth>,
    /// Customers, and buyers among them.
    pub customers: u64,
    pub buyers: u64,
}

/// Customers of equal rank.
#[derive(Debug, Clone, Copy, Default)]
struct Tied {
    customers: u64,
    buyers: u64,
    revenue: i64,
}

impl RankingQuality {
    /// Of a ranking in which larger is better. Values that are not known are the lowest.
    #[must_use]
    pub fn of(values: &[f64], outcomes: &Outcomes) -> Self {
        let groups = tied(values, outcomes);
        let all = groups.iter().fold(Tied::default(), |sum, own| Tied {
            customers: sum.customers + own.customers,
            buyers: sum.buyers + own.buyers,
            revenue: sum.revenue.wrapping_add(own.revenue),
        });
        Self { auc: auc(&groups, all), tenths: tenths(&groups, all), customers: all.customers, buyers: all.buyers }
    }

    /// Customers, buyers and revenue of the first tenths, as shares of all; lift last.
    #[must_use]
    pub fn top(&self, tenths: usize) -> ([Option<f64>; 3], Option<f64>) {
        let Some(tenth) = self.tenths.get(tenths - 1) else { return ([None; 3], None) };
        let lift = tenth.cumulative[1].zip(tenth.cumulative[0]).map(|(buyers, customers)| buyers / customers);
        (tenth.cumulative, lift)
    }
}

/// Customers of equal values together, the best first.
fn tied(values: &[f64], outcomes: &Outcomes) -> Vec<Tied> {
    let known = |value: f64| if value.is_nan() { f64::NEG_INFINITY } else { value };
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|a, b| known(values[*b]).total_cmp(&known(values[*a])));
    let mut groups = Vec::new();
    for alike in order.chunk_by(|a, b| known(values[*a]).total_cmp(&known(values[*b])).is_eq()) {
        let mut own = Tied { customers: alike.len() as u64, ..Tied::default() };
        for after in alike.iter().map(|row| outcomes.after[*row]) {
            own.buyers += u64::from(after.is_buyer());
            own.revenue = own.revenue.wrapping_add(after.revenue);
        }
        groups.push(own);
    }
    groups
}

/// Pairs of a buyer and another in which the buyer stands higher, ties half, as a share of all such pairs. Whole numbers up to the
/// last division.
#[allow(clippy::cast_precision_loss)]
fn auc(groups: &[Tied], all: Tied) -> Option<f64> {
    let others = all.customers - all.buyers;
    if all.buyers == 0 || others == 0 {
        return None;
    }
    let mut above: u128 = 0;
    let (mut twice, pairs) = (0_u128, u128::from(all.buyers) * u128::from(others));
    for own in groups {
        let quiet = u128::from(own.customers - own.buyers);
        twice += quiet * (2 * above + u128::from(own.buyers));
        above += u128::from(own.buyers);
    }
    Some(twice as f64 / (2 * pairs) as f64)
}

/// The tenths, each of exactly a tenth of the customers.
#[allow(clippy::cast_precision_loss)]
fn tenths(groups: &[Tied], all: Tied) -> Vec<Tenth> {
    if all.customers == 0 {
        return Vec::new();
    }
    let total = all.customers as f64;
    let share = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
    let mut found: Vec<Tenth> = Vec::new();
    let mut before = [0.0; 2];
    for number in 1..=TENTHS {
        let [buyers, revenue] = up_to(groups, number * all.customers);
        let customers = total / TENTHS as f64;
        let (own_buyers, own_revenue) = (buyers - before[0], revenue - before[1]);
        before = [buyers, revenue];
        found.push(Tenth {
            number: u32::try_from(number).unwrap_or_default(),
            customers,
            buyers: own_buyers,
            revenue: own_revenue,
            cumulative: [
                Some(number as f64 / TENTHS as f64),
                share(buyers, all.buyers as f64),
                share(revenue, all.revenue as f64),
            ],
            lift: share(own_buyers / customers, all.buyers as f64 / total),
        });
    }
    found
}

/// Buyers and revenue of the first customers, so many tenths of one: those of a group that is cut count in part.
#[allow(clippy::cast_precision_loss)]
fn up_to(groups: &[Tied], tenths_of_customers: u64) -> [f64; 2] {
    let (mut left, mut buyers, mut revenue) = (tenths_of_customers, 0_u64, 0_i64);
    for own in groups {
        let size = TENTHS * own.customers;
        if left < size {
            let part = left as f64 / size as f64;
            return [buyers as f64 + part * own.buyers as f64, revenue as f64 + part * own.revenue as f64];
        }
        left -= size;
        buyers += own.buyers;
        revenue = revenue.wrapping_add(own.revenue);
    }
    [buyers as f64, revenue as f64]
}

#[cfg(test)]
mod tests {
    use super::super::outcomes::Outcome;
    use super::*;

    fn outcomes(bought: &[u32]) -> Outcomes {
        let after =
            bought.iter().map(|orders| Outcome { orders: *orders, revenue: i64::from(*orders) * 100 }).collect();
        Outcomes { after, revenue_before: vec![0; bought.len()], ..Outcomes::default() }
    }

    #[test]
    fn auc_counts_pairs_and_half_of_ties() {
        // Buyers at 5, 3, 1; others at 3, 2. Pairs: 5>3 5>2 3=3 3>2 1<3 1<2: 3.5 of 6.
        let found = RankingQuality::of(&[5.0, 3.0, 1.0, 3.0, 2.0], &outcomes(&[1, 2, 1, 0, 0]));
        assert_eq!((found.auc, found.customers, found.buyers), (Some(3.5 / 6.0), 5, 3));
        assert_eq!(RankingQuality::of(&[1.0, 2.0], &outcomes(&[1, 1])).auc, None);
        assert_eq!(RankingQuality::of(&[7.0; 4], &outcomes(&[1, 0, 0, 0])).auc, Some(0.5), "nobody is told apart");
        assert_eq!(RankingQuality::of(&[f64::NAN, 0.0], &outcomes(&[0, 1])).auc, Some(1.0), "unknown is lowest");
    }

    #[test]
    fn customers_tied_at_a_border_count_in_part() {
        // Twenty customers: the best alone, four tied behind them, of whom two buy, then fifteen of whom one buys.
        let values: Vec<f64> = [vec![3.0], vec![2.0; 4], vec![1.0; 15]].concat();
        let bought: Vec<u32> = [vec![1], vec![1, 1, 0, 0], vec![1], vec![0; 14]].concat();
        let found = RankingQuality::of(&values, &outcomes(&bought));
        // Each tenth has two customers: the best and a quarter of the four, with half a buyer; then two of the four, with one.
        let buyers: Vec<f64> = found.tenths.iter().map(|tenth| tenth.buyers).collect();
        assert_eq!(buyers[..2], [1.5, 1.0]);
        // The third has the last of the four (half a buyer) and one of fifteen (1/15).
        assert!((buyers[2] - (0.5 + 1.0 / 15.0)).abs() < 1e-12);
        assert!((buyers.iter().sum::<f64>() - 4.0).abs() < 1e-12);
        // 1.5 of 2 against 4 of 20.
        assert_eq!(found.tenths[0].lift, Some(0.75 / 0.2));
        let (cumulative, lift) = found.top(2);
        assert_eq!((cumulative[0], cumulative[1], lift), (Some(0.2), Some(2.5 / 4.0), Some(2.5 / 4.0 / 0.2)));
        assert!(found.tenths.iter().all(|tenth| (tenth.customers - 2.0).abs() < 1e-12));
        assert!(RankingQuality::of(&[], &outcomes(&[])).tenths.is_empty());
    }

    #[test]
    fn shuffled_outcomes_are_worth_nothing() {
        let mut state = 7_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        let values: Vec<f64> = (0..20_000).map(|_| f64::from(u32::try_from(next() % 5).unwrap())).collect();
        let bought: Vec<u32> = (0..20_000).map(|_| u32::from(next() % 4 == 0)).collect();
        let auc = RankingQuality::of(&values, &outcomes(&bought)).auc.unwrap();
        assert!((auc - 0.5).abs() < 0.02, "{auc}");
    }
}
