//! Offers by classes of equal cost, each sorted by value: how many of each are worth a price.
//!
//! Does not live here: what is made of it (`budget`).

use rayon::prelude::*;

use super::Offer;
use crate::campaigns::cost::{Cost, major};

/// How many of each class are taken: the first ones.
pub(super) type Taken = Vec<usize>;

/// What a contact must be worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Price {
    /// Of one unit of money.
    pub(super) money: f64,
    /// Of the contact itself: 0 where contacts are not scarce.
    pub(super) threshold: f64,
}

/// The classes.
pub(super) struct Classes {
    /// Per class its offers, the most valuable first, then by row.
    offers: Vec<Vec<Offer>>,
    costs: Vec<Cost>,
}

impl Classes {
    pub(super) fn new(offers: Vec<Offer>, costs: &[Cost]) -> Self {
        let mut classes: Vec<Vec<Offer>> = vec![Vec::new(); costs.len()];
        for offer in offers {
            classes[usize::from(offer.class)].push(offer);
        }
        for offers in &mut classes {
            offers.par_sort_unstable_by(|one, two| two.value.total_cmp(&one.value).then(one.row.cmp(&two.row)));
        }
        Self { offers: classes, costs: costs.to_vec() }
    }

    /// The first of each class.
    pub(super) fn first(&self, taken: &Taken) -> impl Iterator<Item = Offer> {
        self.offers.iter().zip(taken.clone()).flat_map(|(offers, taken)| offers[..taken].iter().copied())
    }

    /// What they cost, in millionths.
    #[allow(clippy::cast_possible_wrap)] // fewer than 2^32
    pub(super) fn cost(&self, taken: &Taken) -> i128 {
        self.costs.iter().zip(taken).map(|(cost, taken)| i128::from(cost.millionths()) * *taken as i128).sum()
    }

    /// What they bring.
    pub(super) fn value(&self, taken: &Taken) -> f64 {
        self.first(taken).map(|offer| offer.value).sum()
    }

    /// What an offer is worth beyond the price of its cost.
    fn worth(&self, offer: &Offer, money: f64) -> f64 {
        offer.value - money * self.costs[usize::from(offer.class)].major()
    }

    /// How many of each class are worth at least `threshold` at a price of money.
    fn worth_at_least(&self, money: f64, threshold: f64) -> Taken {
        self.offers.iter().map(|offers| offers.partition_point(|offer| self.worth(offer, money) >= threshold)).collect()
    }

    /// The best `contacts` of all that are worth their price; equal ones by row.
    pub(super) fn at(&self, money: f64, contacts: usize) -> (Taken, Price) {
        let all = self.worth_at_least(money, 0.0);
        if all.iter().sum::<usize>() <= contacts {
            return (all, Price { money, threshold: 0.0 });
        }
        // The largest threshold that at least so many reach: finite numbers from 0 are ordered as their bits.
        let (mut low, mut high) = (0_u64, f64::MAX.to_bits());
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            let reach = self.worth_at_least(money, f64::from_bits(middle)).iter().sum::<usize>();
            if reach >= contacts { low = middle } else { high = middle }
        }
        let threshold = f64::from_bits(low);
        let mut taken = self.worth_at_least(money, f64::from_bits(high));
        let reach = self.worth_at_least(money, threshold);
        let missing = contacts - taken.iter().sum::<usize>();
        self.add_by_row(&mut taken, &reach, missing);
        (taken, Price { money, threshold })
    }

    /// Takes so many more up to `reach`, in the order of their rows.
    fn add_by_row(&self, taken: &mut Taken, reach: &Taken, missing: usize) {
        if let [taken] = &mut taken[..] {
            *taken += missing;
            return;
        }
        for _ in 0..missing {
            match self.next(taken, reach) {
                Some(class) => taken[class] += 1,
                None => return,
            }
        }
    }

    /// The class whose next offer up to `reach` has the smallest row.
    fn next(&self, taken: &Taken, reach: &Taken) -> Option<usize> {
        let open = (0..taken.len()).filter(|class| taken[*class] < reach[*class]);
        open.min_by_key(|class| self.offers[*class][taken[*class]].row)
    }

    /// Two prices of money next to each other: at the first the best contacts cost more than `money`, at the second they do not.
    pub(super) fn border(&self, contacts: usize, money: i128) -> (f64, f64) {
        let (mut low, mut high) = (0_u64, f64::MAX.to_bits());
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            let cost = self.cost(&self.at(f64::from_bits(middle), contacts).0);
            if cost > money { low = middle } else { high = middle }
        }
        (f64::from_bits(low), f64::from_bits(high))
    }

    /// What any choice within `money` can bring at most: the value of the dual problem at this price.
    pub(super) fn bound(&self, (taken, price): &(Taken, Price), money: i128) -> f64 {
        if !price.money.is_finite() {
            return f64::INFINITY;
        }
        let worth: f64 = self.first(taken).map(|offer| self.worth(&offer, price.money)).sum();
        worth + price.money * major(money)
    }

    /// From a choice that can be paid, one contact after the other, towards one that cannot: as far as the money goes. All of these
    /// contacts are worth the same at the border.
    pub(super) fn step(&self, from: &Taken, to: &Taken, contacts: usize, money: i128) -> Taken {
        let mut taken = from.clone();
        let mut left = money - self.cost(&taken);
        let mut free = contacts - taken.iter().sum::<usize>();
        let cost = |class: usize| i128::from(self.costs[class].millionths());
        while let Some(more) = self.next(&taken, to) {
            let less = if free > 0 { None } else { self.last(&taken, to) };
            if free == 0 && less.is_none() {
                break;
            }
            let needed = cost(more) - less.map_or(0, cost);
            if needed > left {
                break;
            }
            taken[more] += 1;
            match less {
                Some(less) => taken[less] -= 1,
                None => free -= 1,
            }
            left -= needed;
        }
        taken
    }

    /// The class, of those that have more than in `to`, whose last offer has the largest row.
    fn last(&self, taken: &Taken, to: &Taken) -> Option<usize> {
        let open = (0..taken.len()).filter(|class| taken[*class] > to[*class]);
        open.max_by_key(|class| self.offers[*class][taken[*class] - 1].row)
    }

    /// Whether a walk down the ranks meets an offer that is not among these before it has all that are taken.
    pub(super) fn is_met(&self, offer: Offer, taken: &Taken, price: Price) -> bool {
        let (class, taken) = (&self.offers[usize::from(offer.class)], taken[usize::from(offer.class)]);
        let is_before =
            |last: &Offer| offer.value.total_cmp(&last.value).reverse().then(offer.row.cmp(&last.row)).is_lt();
        let is_before_last = taken > 0 && is_before(&class[taken - 1]);
        is_before_last || (taken == class.len() && self.worth(&offer, price.money) >= price.threshold)
    }
}
