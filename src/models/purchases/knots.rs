//! The distinct (x, t) of many histories: all that the costly parts of a likelihood depend on.
//!
//! Does not live here: the histories (`histories`), and the likelihoods.

use std::sync::OnceLock;

use rayon::prelude::*;

/// A distinct x and a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Knot {
    pub(crate) x: u32,
    pub(crate) t: f64,
}

impl Knot {
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.x.cmp(&other.x).then(self.t.total_cmp(&other.t))
    }
}

/// Distinct knots, ascending by x, then t.
#[derive(Debug, Clone, Default)]
pub(crate) struct Knots {
    pub(crate) list: Vec<Knot>,
    by_time: OnceLock<ByTime>,
}

impl Knots {
    /// Of knots in any order, which may come several times.
    pub(crate) fn new(mut list: Vec<Knot>) -> Self {
        list.par_sort_unstable_by(Knot::order);
        list.dedup();
        list.shrink_to_fit();
        Self { list, by_time: OnceLock::new() }
    }

    /// The index of a knot that is among them; their number fits 32 bits.
    #[expect(clippy::cast_possible_truncation, reason = "checked when the histories are made")]
    pub(crate) fn index_of(&self, x: u32, t: f64) -> u32 {
        self.list.partition_point(|knot| knot.order(&Knot { x, t }).is_lt()) as u32
    }

    /// The same knots in a time unit of `unit`.
    pub(crate) fn in_unit(&self, unit: f64) -> Self {
        let list = self.list.par_iter().map(|knot| Knot { x: knot.x, t: knot.t / unit });
        Self { list: list.collect(), by_time: OnceLock::new() }
    }

    /// The same knots by time. They are sorted by one thread: a thread of a pool that waited here for others could take up another
    /// search on the same knots, which would wait for it.
    pub(crate) fn by_time(&self) -> &ByTime {
        self.by_time.get_or_init(|| ByTime::new(&self.list))
    }
}

/// Knots, ascending by t, then x.
#[derive(Debug, Clone)]
pub(crate) struct ByTime {
    /// Distinct times.
    pub(crate) times: Vec<f64>,
    /// Where the knots of each time start; one more than there are times.
    pub(crate) starts: Vec<usize>,
    /// The x of the knots.
    pub(crate) xs: Vec<u32>,
    /// Per time the largest x of it and of the times before.
    pub(crate) most_up_to: Vec<u32>,
    /// Per knot of the list, its index here.
    places: Vec<u32>,
}

impl ByTime {
    #[expect(clippy::cast_possible_truncation, reason = "knots are fewer than 2^32")]
    fn new(list: &[Knot]) -> Self {
        let mut order: Vec<u32> = (0..list.len() as u32).collect();
        let knot = |index: u32| list[index as usize];
        order.sort_unstable_by(|one, other| {
            let (one, other) = (knot(*one), knot(*other));
            one.t.total_cmp(&other.t).then(one.x.cmp(&other.x))
        });
        let mut places = vec![0; list.len()];
        let (mut times, mut starts, mut most_up_to) = (Vec::new(), Vec::new(), Vec::new());
        let mut most = 0;
        for (place, &index) in order.iter().enumerate() {
            places[index as usize] = place as u32;
            let Knot { x, t } = knot(index);
            if times.last().is_none_or(|last: &f64| last.total_cmp(&t).is_ne()) {
                times.push(t);
                starts.push(place);
                most_up_to.push(most);
            }
            most = most.max(x);
            if let Some(last) = most_up_to.last_mut() {
                *last = most;
            }
        }
        starts.push(list.len());
        let xs = order.iter().map(|index| knot(*index).x).collect();
        Self { times, starts, xs, most_up_to, places }
    }

    /// The largest x, and one more, for those who look at the next.
    pub(crate) fn most(&self) -> u32 {
        self.most_up_to.last().map_or(0, |most| most.saturating_add(1))
    }

    /// The steps from x to x of a walk over all times.
    pub(crate) fn steps(&self) -> usize {
        self.most_up_to.iter().fold(0, |sum: usize, most| sum.saturating_add(*most as usize + 2))
    }

    /// What `parts` hold, one for each knot by time, in the order of the list.
    pub(crate) fn in_order_of_knots<T: Copy + Send + Sync>(&self, parts: &[Vec<T>]) -> Vec<T> {
        let all = parts.concat();
        self.places.par_iter().map(|place| all[*place as usize]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knots_are_found_by_x_and_by_time() {
        let of = |x: u32, t: f64| Knot { x, t };
        let knots = Knots::new(vec![of(2, 3.0), of(0, 9.0), of(2, 1.0), of(5, 1.0), of(2, 3.0)]);
        assert_eq!(knots.list, [of(0, 9.0), of(2, 1.0), of(2, 3.0), of(5, 1.0)]);
        assert_eq!(knots.index_of(2, 3.0), 2);
        let by_time = knots.by_time();
        assert_eq!((&by_time.times, &by_time.starts), (&vec![1.0, 3.0, 9.0], &vec![0, 2, 3, 4]));
        assert_eq!((&by_time.xs, &by_time.most_up_to), (&vec![2, 5, 2, 0], &vec![5, 5, 5]));
        assert_eq!((by_time.most(), by_time.steps()), (6, 21));
        let parts = [vec![(1.0, 2), (1.0, 5)], vec![(3.0, 2), (9.0, 0)]];
        assert_eq!(by_time.in_order_of_knots(&parts), [(9.0, 0), (1.0, 2), (3.0, 2), (1.0, 5)]);
    }
}
