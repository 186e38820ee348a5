//! The choice under a budget of contacts, of money, or of both.
//!
//! Customers of equal cost stand in one class, sorted by what a contact brings; a choice takes the first of each class. A price on money
//! (the multiplier of the budget) says how many: of all that bring more than the price of their cost, the best. It is found by halving,
//! and at the border, where a contact more would cost too much, the choice stops. So what is lost against the best choice there is less
//! than what one contact brings, and nothing where all costs are equal. Source: Kellerer, Pferschy and Pisinger, Knapsack Problems
//! (2004), chapters 2 and 9. Does not live here: what a contact brings.

mod classes;

use classes::{Classes, Price, Taken};

use super::cost::{Cost, major};

/// Somebody who can be contacted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offer {
    /// What the contact is expected to bring: money after its cost, or people.
    pub value: f64,
    /// Who they are: equal offers are taken in this order.
    pub row: u32,
    /// Their class of cost.
    pub class: u16,
}

/// What may be spent; none is without limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    /// Contacts.
    pub contacts: Option<u64>,
    /// Money in millionths.
    pub money: Option<i128>,
}

/// Who is contacted, who is held back, and how good that is.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Everybody whom the walk down the ranks has met, best first: those of `offers`, and the held back among them.
    pub walked: Vec<Walked>,
    /// What the best choice could bring at most, contacts counted in parts, too.
    pub bound: f64,
    /// Offers that cost more than the whole budget of money.
    pub unaffordable: u64,
}

/// Somebody whom the walk has met.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Walked {
    /// Who they are.
    pub offer: Offer,
    /// Whether they are held back: they are not contacted and use no budget.
    pub is_control: bool,
}

/// Chooses among `offers`; of `held_back`, those whom the walk meets before the budget is used up are the control.
///
/// Values are finite, and none is below zero. `costs` are those of the classes.
#[must_use]
pub fn choose(offers: Vec<Offer>, held_back: Vec<Offer>, costs: &[Cost], budget: Budget) -> Choice {
    let is_affordable = |offer: &Offer| {
        let cost = costs[usize::from(offer.class)].millionths();
        budget.money.is_none_or(|money| i128::from(cost) <= money)
    };
    let all = offers.len() as u64;
    let offers: Vec<Offer> = offers.into_iter().filter(is_affordable).collect();
    let held_back: Vec<Offer> = held_back.into_iter().filter(is_affordable).collect();
    let unaffordable = all - offers.len() as u64;
    let classes = Classes::new(offers, costs);
    let contacts = budget.contacts.map_or(usize::MAX, |contacts| usize::try_from(contacts).unwrap_or(usize::MAX));
    let (taken, price, bound) = take(&classes, contacts, budget.money);
    let by_ratio = price.threshold <= 0.0 && costs.len() > 1;
    let mut walked: Vec<Walked> = classes.first(&taken).map(|offer| Walked { offer, is_control: false }).collect();
    let controls = held_back.into_iter().filter(|offer| classes.is_met(*offer, &taken, price));
    walked.extend(controls.map(|offer| Walked { offer, is_control: true }));
    sort(&mut walked, costs, |offer, cost| match by_ratio {
        true if cost > 0.0 => offer.value / cost,
        true => f64::INFINITY,
        false => offer.value - price.money * cost,
    });
    Choice { walked, bound, unaffordable }
}

/// How many of each class, at which price, and what the best choice brings at most.
fn take(classes: &Classes, contacts: usize, money: Option<i128>) -> (Taken, Price, f64) {
    let free = classes.at(0.0, contacts);
    let Some(money) = money.filter(|money| classes.cost(&free.0) > *money) else {
        let value = classes.value(&free.0);
        return (free.0, free.1, value);
    };
    let (low, high) = classes.border(contacts, money);
    let (dear, cheap) = (classes.at(low, contacts), classes.at(high, contacts));
    let bound = classes.bound(&cheap, money).min(classes.bound(&dear, money));
    let taken = classes.step(&cheap.0, &dear.0, contacts, money);
    (taken, cheap.1, bound)
}

/// Sorts by a rank, the largest first, then by row.
fn sort(walked: &mut [Walked], costs: &[Cost], rank: impl Fn(&Offer, f64) -> f64 + Sync) {
    use rayon::slice::ParallelSliceMut;
    let rank = |walked: &Walked| rank(&walked.offer, costs[usize::from(walked.offer.class)].major());
    walked.par_sort_unstable_by(|one, two| {
        let by_rank = rank(two).total_cmp(&rank(one));
        by_rank.then(two.offer.value.total_cmp(&one.offer.value)).then(one.offer.row.cmp(&two.offer.row))
    });
}

/// What a choice costs, in major units.
#[must_use]
pub fn cost_of(choice: &Choice, costs: &[Cost]) -> f64 {
    let targets = choice.walked.iter().filter(|walked| !walked.is_control);
    major(targets.map(|walked| i128::from(costs[usize::from(walked.offer.class)].millionths())).sum())
}

#[cfg(test)]
mod tests;
