//! The loyalty ladder: of those with so many purchases, who made one more, and how long it took.
//!
//! All purchases of all days count, whatever the window; days are counted exactly, in whole numbers.
//! Does not live here: which orders are purchases (`customers::order`).

use std::collections::BTreeMap;

use crate::customers::orders::OrderDay;

/// Steps of the ladder.
pub const STEPS: usize = 10;
/// Days within which a next purchase is counted.
pub const WITHIN: [u32; 3] = [90, 180, 365];

/// One step while customers are counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Step {
    with_k: u64,
    /// How many took so many days to the next purchase.
    days: BTreeMap<u32, u64>,
    /// Per limit: those whose purchase is at least so old, and those of them who came back in time.
    within: [[u64; 2]; WITHIN.len()],
}

/// The ladder while customers are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    as_of: i32,
    steps: Vec<Step>,
}

/// One step of the ladder.
#[derive(Debug, Clone, PartialEq)]
pub struct Rung {
    /// The number of purchases, from 1.
    pub step: u32,
    /// Customers with so many, or more.
    pub with_k: u64,
    /// Those of them with one more.
    pub with_next: u64,
    /// The days from the k-th purchase to the next: lower quartile, median, upper quartile. None without any.
    pub days: Option<[f64; 3]>,
    /// The share of those who came back within 90, 180 and 365 days, of all whose k-th purchase is at least so old; none without
    /// such customers.
    pub within: [Option<f64>; WITHIN.len()],
}

impl Ladder {
    /// An empty ladder as of this day.
    #[must_use]
    pub fn new(as_of: i32) -> Self {
        Self { as_of, steps: vec![Step::default(); STEPS] }
    }

    /// Notes a customer: the days of their purchases ascend, one that has several purchases comes once.
    pub fn note(&mut self, days: &[OrderDay]) {
        let purchases = days.iter().flat_map(|day| std::iter::repeat_n(day.day, day.purchases as usize));
        let mut purchases = purchases.take(STEPS + 1).peekable();
        let mut step = 0;
        while let Some(day) = purchases.next() {
            let Some(own) = self.steps.get_mut(step) else { break };
            let waited = purchases.peek().map(|next| next.abs_diff(day));
            own.with_k += 1;
            if let Some(days) = waited {
                *own.days.entry(days).or_default() += 1;
            }
            for (limit, [old, came]) in WITHIN.iter().zip(&mut own.within) {
                if self.as_of.abs_diff(day) >= *limit {
                    *old += 1;
                    *came += u64::from(waited.is_some_and(|days| days <= *limit));
                }
            }
            step += 1;
        }
    }

    /// Adds what another thread noted.
    pub fn add(&mut self, other: Self) {
        for (own, others) in self.steps.iter_mut().zip(other.steps) {
            own.with_k += others.with_k;
            for (days, count) in others.days {
                *own.days.entry(days).or_default() += count;
            }
            for (own, others) in own.within.iter_mut().zip(others.within) {
                own[0] += others[0];
                own[1] += others[1];
            }
        }
    }

    /// The steps, from the first purchase on.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn rungs(&self) -> Vec<Rung> {
        let share = |[old, came]: [u64; 2]| (old > 0).then(|| came as f64 / old as f64);
        let rung = |(step, own): (u32, &Step)| Rung {
            step,
            with_k: own.with_k,
            with_next: own.days.values().sum(),
            days: quartiles(&own.days),
            within: own.within.map(share),
        };
        (1..).zip(&self.steps).map(rung).collect()
    }
}

/// The quartiles of numbers that occur so often, by type 7: at position k/4 of N - 1, linear in between.
#[allow(clippy::cast_precision_loss)]
fn quartiles(counts: &BTreeMap<u32, u64>) -> Option<[f64; 3]> {
    let all: u64 = counts.values().sum();
    if all == 0 {
        return None;
    }
    let at = |place: u64| {
        let mut seen = 0;
        let found = counts.iter().find(|(_, count)| {
            seen += **count;
            seen > place
        });
        found.map_or(0.0, |(days, _)| f64::from(*days))
    };
    Some([1, 2, 3].map(|k| {
        let position = k * (all - 1);
        let (low, rest) = (position / 4, (position % 4) as f64 / 4.0);
        let lower = at(low);
        if rest == 0.0 { lower } else { lower + rest * (at(low + 1) - lower) }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i32, purchases: u32) -> OrderDay {
        OrderDay { day, purchases, purchased: 100, returned: 0 }
    }

    #[test]
    fn steps_are_counted_with_the_days_they_took() {
        // As of day 400: A buys twice on day 0 and on day 100; B on days 10 and 50; C on day 320 alone; D on day 20 alone.
        let mut ladder = Ladder::new(400);
        for days in [vec![day(0, 2), day(100, 1)], vec![day(10, 1), day(50, 1)], vec![day(320, 1)], vec![day(20, 1)]] {
            ladder.note(&days);
        }
        let rungs = ladder.rungs();
        let counts: Vec<(u64, u64)> = rungs.iter().map(|rung| (rung.with_k, rung.with_next)).collect();
        assert_eq!(counts[..4], [(4, 2), (2, 1), (1, 0), (0, 0)]);
        // The next purchase took 0 and 40 days: quartiles 10, 20, 30.
        assert_eq!(rungs[0].days, Some([10.0, 20.0, 30.0]));
        assert_eq!(rungs[1].days, Some([100.0; 3]));
        assert_eq!(rungs[2].days, None);
        // C's purchase is 80 days old: it says nothing yet. Of A, B and D two came back within 90 days.
        assert_eq!(rungs[0].within[0], Some(2.0 / 3.0));
        // A's second purchase is 400 days old, B's 350: of one within 365 days, one came back, after 100 days.
        assert_eq!(rungs[1].within, [Some(0.0), Some(0.5), Some(1.0)]);
        assert_eq!((rungs.len(), rungs[9].within), (10, [None; 3]));
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let customers = [vec![day(0, 1)], vec![day(3, 4)], vec![day(5, 1), day(9, 20)], vec![]];
        let mut whole = Ladder::new(500);
        for days in &customers {
            whole.note(days);
        }
        let (mut one, mut other) = (Ladder::new(500), Ladder::new(500));
        one.note(&customers[0]);
        one.note(&customers[2]);
        other.note(&customers[1]);
        one.add(other);
        assert_eq!(one, whole);
        assert_eq!(whole.rungs()[9].with_next, 1, "the eleventh purchase is the last that is looked at");
    }

    #[test]
    fn quartiles_are_of_type_7() {
        let counts = |days: &[u32]| {
            let mut counts = BTreeMap::new();
            for days in days {
                *counts.entry(*days).or_default() += 1;
            }
            quartiles(&counts)
        };
        // Positions .75, 1.5, 2.25 of 1 2 4 8.
        assert_eq!(counts(&[8, 1, 4, 2]), Some([1.75, 3.0, 5.0]));
        assert_eq!(counts(&[7]), Some([7.0; 3]));
        assert_eq!(counts(&[]), None);
    }
}
