//! Choices against all choices there are, on small cases; who is held back.
#![allow(clippy::cast_possible_truncation)] // a dozen offers

use proptest::prelude::*;

use super::*;

fn costs(major: &[f64]) -> Vec<Cost> {
    major.iter().map(|cost| Cost::new(*cost).unwrap()).collect()
}

/// Offers of (value, class), whose rows are their places.
fn offers(of: &[(f64, u16)]) -> Vec<Offer> {
    let offer = |(row, (value, class)): (usize, &(f64, u16))| Offer { value: *value, row: row as u32, class: *class };
    of.iter().enumerate().map(offer).collect()
}

fn targets(choice: &Choice) -> Vec<u32> {
    choice.walked.iter().filter(|walked| !walked.is_control).map(|walked| walked.offer.row).collect()
}

fn value(choice: &Choice) -> f64 {
    choice.walked.iter().filter(|walked| !walked.is_control).map(|walked| walked.offer.value).sum()
}

/// The best of all choices.
fn best(offers: &[Offer], costs: &[Cost], budget: Budget) -> f64 {
    let is_within = |set: u32| {
        let taken = offers.iter().enumerate().filter(|(place, _)| set >> place & 1 == 1);
        let spent: i128 = taken.map(|(_, offer)| i128::from(costs[usize::from(offer.class)].millionths())).sum();
        budget.money.is_none_or(|money| spent <= money)
            && budget.contacts.is_none_or(|contacts| u64::from(set.count_ones()) <= contacts)
    };
    let value = |set: u32| -> f64 {
        offers.iter().enumerate().filter(|(place, _)| set >> place & 1 == 1).map(|(_, offer)| offer.value).sum()
    };
    (0..1_u32 << offers.len()).filter(|set| is_within(*set)).map(value).fold(0.0, f64::max)
}

/// 2,500 contacts among six: the best three of 2.0, 5.0, 3.0, 5.0, 0.5, 4.0 are rows 1, 3 (equal, by id) and 5.
#[test]
fn equal_costs_take_the_best_and_ties_by_id() {
    let six = offers(&[(2.0, 0), (5.0, 0), (3.0, 0), (5.0, 0), (0.5, 0), (4.0, 0)]);
    let three = Budget { contacts: Some(3), money: None };
    let choice = choose(six.clone(), vec![], &costs(&[0.62]), three);
    assert_eq!(targets(&choice), [1, 3, 5]);
    assert!((choice.bound - 14.0).abs() < 1e-12);
    // 1.30 pays for two at 0.62 with 0.06 left: in parts that is 0.06 / 0.62 of the third, whose value is 4.
    let money = Budget { contacts: Some(3), money: Some(1_300_000) };
    let choice = choose(six, vec![], &costs(&[0.62]), money);
    assert_eq!(targets(&choice), [1, 3]);
    assert!((choice.bound - (10.0 + 0.06 / 0.62 * 4.0)).abs() < 1e-9, "{}", choice.bound);
    assert!((cost_of(&choice, &costs(&[0.62])) - 1.24).abs() < 1e-12);
}

/// Value per cost: 4 / 1, 3 / 1, 10 / 5, 1 / 1. Seven buy the first three.
#[test]
fn unequal_costs_go_by_value_per_cost() {
    let four = offers(&[(10.0, 1), (4.0, 0), (1.0, 0), (3.0, 0)]);
    let choice = choose(four, vec![], &costs(&[1.0, 5.0]), Budget { contacts: None, money: Some(7_000_000) });
    assert_eq!(targets(&choice), [1, 3, 0]);
    assert!((choice.bound - 17.0).abs() < 1e-9);
}

/// One contact and much money: the one that brings most, not the one that brings most per cost.
#[test]
fn scarce_contacts_go_to_those_who_bring_most() {
    let two = offers(&[(9.0, 1), (2.0, 0)]);
    let choice = choose(two, vec![], &costs(&[0.1, 5.0]), Budget { contacts: Some(1), money: Some(100_000_000) });
    assert_eq!(targets(&choice), [0]);
}

#[test]
fn nobody_is_chosen_who_costs_more_than_there_is() {
    let two = offers(&[(9.0, 1), (2.0, 0)]);
    let choice = choose(two, vec![], &costs(&[1.0, 5.0]), Budget { contacts: None, money: Some(2_000_000) });
    assert_eq!((targets(&choice), choice.unaffordable), (vec![1], 1));
}

/// The walk 9, 8 (held back), 7, 6 (held back), 5 ends with two contacts at 7: 6 is not met.
#[test]
fn the_control_is_whom_the_walk_meets_before_the_targets_are_full() {
    let five = offers(&[(9.0, 0), (8.0, 0), (7.0, 0), (6.0, 0), (5.0, 0)]);
    let (held, open): (Vec<Offer>, Vec<Offer>) = five.into_iter().partition(|offer| offer.row % 2 == 1);
    let two = Budget { contacts: Some(2), money: None };
    let choice = choose(open.clone(), held.clone(), &costs(&[1.0]), two);
    let walked: Vec<(u32, bool)> = choice.walked.iter().map(|walked| (walked.offer.row, walked.is_control)).collect();
    assert_eq!(walked, [(0, false), (1, true), (2, false)]);
    let all = choose(open, held, &costs(&[1.0]), Budget::default());
    assert_eq!((all.walked.len(), targets(&all).len()), (5, 3));
}

fn some_offers() -> impl Strategy<Value = Vec<(f64, u16)>> {
    prop::collection::vec(((0_u32..40).prop_map(|value| f64::from(value) / 4.0), 0_u16..3), 1..11)
}

proptest! {
    #[test]
    fn no_choice_is_better_by_more_than_one_contact(
        of in some_offers(),
        contacts in prop::option::of(0_u64..8),
        money in prop::option::of(0_i128..40),
    ) {
        let (offers, costs) = (offers(&of), costs(&[1.0, 2.5, 0.5]));
        let budget = Budget { contacts, money: money.map(|half| half * 500_000) };
        let choice = choose(offers.clone(), vec![], &costs, budget);
        let best = best(&offers, &costs, budget);
        let spent = (cost_of(&choice, &costs) * 1e6).round() as i128;
        prop_assert!(budget.money.is_none_or(|money| spent <= money));
        prop_assert!(contacts.is_none_or(|contacts| targets(&choice).len() as u64 <= contacts));
        let most = of.iter().map(|(value, _)| *value).fold(0.0, f64::max);
        prop_assert!(value(&choice) + most + 1e-9 >= best, "{} of {best}", value(&choice));
        prop_assert!(choice.bound + 1e-9 >= best, "bound {} below {best}", choice.bound);
        prop_assert!(choice.bound <= value(&choice) + most + 1e-9, "bound {}", choice.bound);
    }

    #[test]
    fn no_choice_is_better_where_costs_are_equal(
        values in prop::collection::vec(0_u32..40, 1..11),
        contacts in prop::option::of(0_u64..8),
        money in prop::option::of(0_i128..12_000_000),
    ) {
        let of: Vec<(f64, u16)> = values.iter().map(|value| (f64::from(*value) / 4.0, 0)).collect();
        let (offers, costs) = (offers(&of), costs(&[0.75]));
        let budget = Budget { contacts, money };
        let choice = choose(offers.clone(), vec![], &costs, budget);
        prop_assert!((value(&choice) - best(&offers, &costs, budget)).abs() < 1e-9);
    }
}
