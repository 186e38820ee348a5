//! Purchase histories as the models see them: (x, `t_x`, T), and how many customers share each.
//!
//! A likelihood needs one evaluation per distinct history, and its costly parts only one per distinct (x, `t_x`) and
//! (x, T). There are few of these however many customers there are, which is why a fit takes no longer for a hundred
//! million of them. Every sum over patterns is made of fixed chunks added in order, so that it does not depend on the
//! number of threads.
//! Does not live here: how histories are made from transactions, and the models.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::models::numeric::special::weight;

/// Above this number of patterns the starts of a fit are tried on coarser times first.
const FEW_PATTERNS: usize = 20_000;
/// The steps into which the longest observation is cut for that.
const COARSE_STEPS: f64 = 60.0;

/// One customer as the purchase models see them. Times are in any one unit, since the first purchase.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Repeat purchases: occasions after the first.
    pub x: u32,
    /// Time of the last purchase, 0 if there is no repeat.
    pub t_x: f64,
    /// Time of the end of the observation (T in the papers).
    pub t_cal: f64,
}

impl History {
    fn is_possible(&self) -> bool {
        let ordered = 0.0 <= self.t_x && self.t_x <= self.t_cal && self.t_cal.is_finite();
        ordered && (self.x > 0 || self.t_x == 0.0)
    }

    fn order(&self, other: &Self) -> std::cmp::Ordering {
        let by_times = || self.t_x.total_cmp(&other.t_x).then(self.t_cal.total_cmp(&other.t_cal));
        self.x.cmp(&other.x).then_with(by_times)
    }
}

/// A distinct x and a time: all that the costly parts of a likelihood depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Knot {
    pub(crate) x: u32,
    pub(crate) t: f64,
}

/// The distinct histories of many customers.
#[derive(Debug, Clone)]
pub struct Histories {
    patterns: Vec<(History, u64)>,
    /// Distinct (x, `t_x`), (x, T), in ascending order.
    pub(crate) lasts: Vec<Knot>,
    pub(crate) ends: Vec<Knot>,
    /// Per pattern: its last, its end, its weight.
    pub(crate) links: Vec<Link>,
    /// Distinct x with their weights.
    pub(crate) frequencies: Vec<(u32, f64)>,
}

/// Where a pattern's knots are, and its weight.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    pub(crate) last: u32,
    pub(crate) end: u32,
    pub(crate) weight: f64,
}

impl Histories {
    /// Gathers customers into distinct histories. A history may come several times, in any order, with any count.
    ///
    /// # Errors
    /// Where a history is impossible (a last purchase after the end, a last repeat without repeats, not a number).
    pub fn new(mut customers: Vec<(History, u64)>) -> Result<Self> {
        if let Some((wrong, _)) = customers.iter().find(|(history, _)| !history.is_possible()) {
            return Err(Error::bug(format!("{wrong:?} is no purchase history: 0 <= t_x <= t_cal must hold")));
        }
        customers.par_sort_unstable_by(|one, other| one.0.order(&other.0));
        customers.retain(|&(_, count)| count > 0);
        customers.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 += if same { next.1 } else { 0 };
            same
        });
        customers.shrink_to_fit();
        Self::linked(customers)
    }

    fn linked(patterns: Vec<(History, u64)>) -> Result<Self> {
        let mut lasts: Vec<Knot> = patterns.iter().map(|(h, _)| Knot { x: h.x, t: h.t_x }).collect();
        lasts.dedup();
        let mut ends: Vec<Knot> = patterns.par_iter().map(|(h, _)| Knot { x: h.x, t: h.t_cal }).collect();
        ends.par_sort_unstable_by(|one, other| one.x.cmp(&other.x).then(one.t.total_cmp(&other.t)));
        ends.dedup();
        if u32::try_from(patterns.len()).is_err() {
            return Err(Error::compute(format!("{} distinct purchase histories are too many", patterns.len()))
                .hint("use a longer time unit"));
        }
        let links = patterns.par_iter().map(|(history, count)| Link {
            last: index_of(&lasts, history.x, history.t_x),
            end: index_of(&ends, history.x, history.t_cal),
            weight: weight(*count),
        });
        let links = links.collect();
        let mut frequencies: Vec<(u32, f64)> = Vec::new();
        for (history, count) in &patterns {
            match frequencies.last_mut().filter(|(x, _)| *x == history.x) {
                Some((_, sum)) => *sum += weight(*count),
                None => frequencies.push((history.x, weight(*count))),
            }
        }
        Ok(Self { patterns, lasts, ends, links, frequencies })
    }

    /// The distinct histories in ascending order, with the number of customers of each.
    #[must_use]
    pub fn patterns(&self) -> &[(History, u64)] {
        &self.patterns
    }

    /// The number of customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.patterns.iter().map(|(_, count)| count).sum()
    }

    /// The number of customers with a repeat purchase.
    #[must_use]
    pub fn repeaters(&self) -> u64 {
        self.patterns.iter().filter(|(history, _)| history.x > 0).map(|(_, count)| count).sum()
    }

    /// The customers with 0, 1, .. repeat purchases, the last entry for that many or more.
    #[must_use]
    pub fn repeat_counts(&self, last: u32) -> Vec<u64> {
        let mut counts = vec![0; last as usize + 1];
        for (history, count) in &self.patterns {
            counts[history.x.min(last) as usize] += count;
        }
        counts
    }

    /// All repeat purchases.
    pub(crate) fn purchases(&self) -> f64 {
        self.frequencies.iter().map(|&(x, weight)| f64::from(x) * weight).sum()
    }

    /// The mean time observed.
    pub(crate) fn mean_t_cal(&self) -> f64 {
        let total: f64 = self.patterns.iter().map(|(history, count)| history.t_cal * weight(*count)).sum();
        total / weight(self.customers())
    }

    /// The same histories in a time unit of `unit`.
    pub(crate) fn in_unit(&self, unit: f64) -> Result<Self> {
        let scaled = |&(h, count): &(History, u64)| (History { t_x: h.t_x / unit, t_cal: h.t_cal / unit, ..h }, count);
        Self::linked(self.patterns.iter().map(scaled).collect())
    }

    /// About the same histories in few patterns; the same where they are few.
    pub(crate) fn coarse(&self) -> Result<Self> {
        let longest = self.patterns.iter().map(|(history, _)| history.t_cal).fold(0.0, f64::max);
        if self.patterns.len() <= FEW_PATTERNS || longest <= 0.0 {
            return Ok(self.clone());
        }
        let step = longest / COARSE_STEPS;
        let round = |t: f64| (t / step).round() * step;
        let rounded = |&(h, count): &(History, u64)| {
            let t_cal = round(h.t_cal);
            (History { t_x: round(h.t_x).min(t_cal), t_cal, ..h }, count)
        };
        Self::new(self.patterns.par_iter().map(rounded).collect())
    }
}

/// The index of a knot that is known to be among the sorted `knots`, whose number fits 32 bits.
#[expect(clippy::cast_possible_truncation, reason = "checked when the knots are made")]
fn index_of(knots: &[Knot], x: u32, t: f64) -> u32 {
    knots.partition_point(|knot| knot.x.cmp(&x).then(knot.t.total_cmp(&t)).is_lt()) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(x: u32, t_x: f64, t_cal: f64) -> History {
        History { x, t_x, t_cal }
    }

    #[test]
    fn equal_histories_are_counted_once_and_their_knots_are_shared() {
        let customers = vec![(history(2, 3.0, 9.0), 1), (history(0, 0.0, 9.0), 5), (history(2, 3.0, 9.0), 2)];
        let more = vec![(history(2, 4.0, 9.0), 1), (history(7, 1.0, 2.0), 0)];
        let histories = Histories::new([customers, more].concat()).unwrap();
        assert_eq!(histories.patterns().len(), 3);
        assert_eq!((histories.lasts.len(), histories.ends.len()), (3, 2));
        assert_eq!((histories.customers(), histories.repeaters()), (9, 4));
        assert_eq!(histories.frequencies, [(0, 5.0), (2, 4.0)]);
        assert_eq!(histories.repeat_counts(1), [5, 4]);
        for (link, (history, _)) in histories.links.iter().zip(histories.patterns()) {
            assert_eq!(histories.lasts[link.last as usize], Knot { x: history.x, t: history.t_x });
            assert_eq!(histories.ends[link.end as usize], Knot { x: history.x, t: history.t_cal });
        }
    }

    #[test]
    fn impossible_histories_are_refused() {
        for wrong in [history(1, 5.0, 4.0), history(0, 1.0, 4.0), history(1, f64::NAN, 4.0), history(1, -1.0, 4.0)] {
            assert!(Histories::new(vec![(wrong, 1)]).is_err(), "{wrong:?}");
        }
    }
}
