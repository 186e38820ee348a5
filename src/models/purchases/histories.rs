//! Purchase histories as the models see them: (x, `t_x`, T), and how many customers share each.
//!
//! A likelihood needs one evaluation per distinct history, and its costly parts only one per distinct (x, `t_x`) and
//! (x, T). There are few of these however many customers there are, which is why a fit takes no longer for a hundred
//! million of them. Every sum over patterns is made of fixed chunks added in order, so that it does not depend on the
//! number of threads.
//! Does not live here: how histories are made from transactions, and the models.

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::knots::{Knot, Knots};
use crate::error::{Error, Result};
use crate::models::numeric::special::weight;

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

/// The distinct histories of many customers.
#[derive(Debug, Clone)]
pub struct Histories {
    patterns: Vec<(History, u64)>,
    linked: OnceLock<Linked>,
}

/// Histories as likelihoods want them: their knots, and which of these belong to which pattern.
#[derive(Debug, Clone)]
pub(crate) struct Linked {
    /// Distinct (x, `t_x`), (x, T).
    pub(crate) lasts: Knots,
    pub(crate) ends: Knots,
    /// Per pattern: its last, its end, its weight.
    pub(crate) links: Arc<[Link]>,
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

impl Linked {
    fn new(patterns: &[(History, u64)]) -> Self {
        let lasts = Knots::new(patterns.par_iter().map(|(h, _)| Knot { x: h.x, t: h.t_x }).collect());
        let ends = Knots::new(patterns.par_iter().map(|(h, _)| Knot { x: h.x, t: h.t_cal }).collect());
        let links = patterns.par_iter().map(|(history, count)| Link {
            last: lasts.index_of(history.x, history.t_x),
            end: ends.index_of(history.x, history.t_cal),
            weight: weight(*count),
        });
        let links = links.collect::<Vec<Link>>().into();
        let mut frequencies: Vec<(u32, f64)> = Vec::new();
        for (history, count) in patterns {
            match frequencies.last_mut().filter(|(x, _)| *x == history.x) {
                Some((_, sum)) => *sum += weight(*count),
                None => frequencies.push((history.x, weight(*count))),
            }
        }
        Self { lasts, ends, links, frequencies }
    }

    /// The same in a time unit of `unit`.
    pub(crate) fn in_unit(&self, unit: f64) -> Self {
        Self { lasts: self.lasts.in_unit(unit), ends: self.ends.in_unit(unit), ..self.clone() }
    }
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
        Self::of_distinct(customers)
    }

    /// Of distinct patterns in ascending order.
    pub(super) fn of_distinct(patterns: Vec<(History, u64)>) -> Result<Self> {
        if u32::try_from(patterns.len()).is_err() {
            return Err(Error::compute(format!("{} distinct purchase histories are too many", patterns.len()))
                .hint("use a longer time unit"));
        }
        Ok(Self { patterns, linked: OnceLock::new() })
    }

    /// The same as likelihoods want them.
    pub(crate) fn linked(&self) -> &Linked {
        self.linked.get_or_init(|| Linked::new(&self.patterns))
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
        self.linked().frequencies.iter().map(|&(x, weight)| f64::from(x) * weight).sum()
    }

    /// The mean time observed.
    pub(crate) fn mean_t_cal(&self) -> f64 {
        let total: f64 = self.patterns.iter().map(|(history, count)| history.t_cal * weight(*count)).sum();
        total / weight(self.customers())
    }
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
        assert_eq!((histories.customers(), histories.repeaters()), (9, 4));
        assert_eq!(histories.repeat_counts(1), [5, 4]);
        let linked = histories.linked();
        assert_eq!((linked.lasts.list.len(), linked.ends.list.len()), (3, 2));
        assert_eq!(linked.frequencies, [(0, 5.0), (2, 4.0)]);
        for (link, (history, _)) in linked.links.iter().zip(histories.patterns()) {
            assert_eq!(linked.lasts.list[link.last as usize], Knot { x: history.x, t: history.t_x });
            assert_eq!(linked.ends.list[link.end as usize], Knot { x: history.x, t: history.t_cal });
        }
    }

    #[test]
    fn impossible_histories_are_refused() {
        for wrong in [history(1, 5.0, 4.0), history(0, 1.0, 4.0), history(1, f64::NAN, 4.0), history(1, -1.0, 4.0)] {
            assert!(Histories::new(vec![(wrong, 1)]).is_err(), "{wrong:?}");
        }
    }
}
