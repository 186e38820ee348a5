//! What a campaign brought: of a cell, a segment or all of it, and against those who were held back.

use super::cost::major;
use super::normal::critical;
use super::number;
use super::rates::{Difference, Interval, Rate, benjamini_hochberg, difference};
use super::verdict::{Verdict, break_even};

/// What is counted of some customers of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// Those who were contacted, and responded.
    pub targets: Responses,
    /// Those who were held back.
    pub control: Responses,
    /// What the contacts cost, in millionths.
    pub cost: i128,
}

/// Responses of some customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Responses {
    /// The customers.
    pub customers: u64,
    /// Those who responded.
    pub responders: u64,
    /// Their money, in minor units.
    pub revenue: i128,
}

impl Responses {
    /// Counts a customer, with their money if they responded.
    pub fn add(&mut self, revenue: Option<i64>) {
        self.customers += 1;
        if let Some(revenue) = revenue {
            self.responders += 1;
            self.revenue += i128::from(revenue);
        }
    }

    const fn rate(self) -> Rate {
        Rate { responders: self.responders, contacts: self.customers }
    }
}

/// What the figures are made with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// Net profit of a response, major units; none where it is not known.
    pub profit_per_response: Option<f64>,
    /// Of intervals and verdicts, such as 0.95.
    pub confidence: f64,
    /// Minor units of money in one.
    pub minor_per_major: f64,
}

/// The figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// What they are of.
    pub counted: Counted,
    /// Responders by contacts; none without contacts.
    pub rate: Option<f64>,
    /// Its interval, not adjusted for the number of cells.
    pub interval: Option<Interval>,
    /// In major units.
    pub cost: f64,
    /// Profit of the responses less the cost.
    pub profit: Option<f64>,
    /// Profit by cost; none where nothing was spent.
    pub roi: Option<f64>,
    /// Mean cost of a contact by profit of a response.
    pub break_even: Option<f64>,
    /// Of the score test against break-even, on its own.
    pub p_value: Option<f64>,
    /// The same as Benjamini and Hochberg adjust it among its like.
    pub adjusted_p_value: Option<f64>,
    /// By the adjusted one.
    pub verdict: Option<Verdict>,
    /// Against the control; none without one.
    pub against_control: Option<AgainstControl>,
}

/// What the contacts changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AgainstControl {
    /// The rate of the control.
    pub rate: f64,
    /// The rate of the targets less it.
    pub difference: Difference,
    /// Responders beyond those who would have bought anyway.
    pub responders: f64,
    /// Money beyond it.
    pub revenue: f64,
    /// Profit of these responders less the cost.
    pub profit: Option<f64>,
}

/// The figures of cells, or segments, that are judged together.
#[must_use]
pub fn figures(counted: &[Counted], terms: Terms) -> Vec<Figures> {
    let z = critical(terms.confidence);
    let mut all: Vec<Figures> = counted.iter().map(|counted| alone(*counted, terms, z)).collect();
    let tested: Vec<usize> = (0..all.len()).filter(|index| all[*index].p_value.is_some()).collect();
    let p_values: Vec<f64> = tested.iter().filter_map(|index| all[*index].p_value).collect();
    for (index, p_value) in tested.into_iter().zip(benjamini_hochberg(&p_values)) {
        let figures = &mut all[index];
        figures.adjusted_p_value = Some(p_value);
        figures.verdict = figures
            .break_even
            .map(|break_even| Verdict::of(figures.counted.targets.rate(), break_even, p_value, terms.confidence));
    }
    all
}

fn alone(counted: Counted, terms: Terms, z: f64) -> Figures {
    let rate = counted.targets.rate();
    let cost = major(counted.cost);
    let mean_cost = (rate.contacts > 0).then(|| cost / number(rate.contacts));
    let break_even = mean_cost.zip(terms.profit_per_response).and_then(|(cost, profit)| break_even(cost, profit));
    let profit = terms.profit_per_response.map(|profit| profit * number(rate.responders) - cost);
    Figures {
        counted,
        rate: rate.share(),
        interval: rate.wilson(z),
        cost,
        profit,
        roi: profit.filter(|_| cost > 0.0).map(|profit| profit / cost),
        break_even,
        p_value: break_even.and_then(|break_even| rate.score_test(break_even)),
        adjusted_p_value: None,
        verdict: None,
        against_control: against_control(counted, terms, z),
    }
}

#[expect(clippy::cast_precision_loss, reason = "one rounding of an exact sum")]
fn against_control(counted: Counted, terms: Terms, z: f64) -> Option<AgainstControl> {
    let (targets, control) = (counted.targets.rate(), counted.control.rate());
    let difference = difference(targets, control, z)?;
    let responders = difference.difference * number(targets.contacts);
    let expected = counted.control.revenue as f64 / number(control.contacts) * number(targets.contacts);
    Some(AgainstControl {
        rate: control.share()?,
        difference,
        responders,
        revenue: (counted.targets.revenue as f64 - expected) / terms.minor_per_major,
        profit: terms.profit_per_response.map(|profit| profit * responders - major(counted.cost)),
    })
}

/// The share of responses that the contacts caused, of a campaign with a control: 0 where the control responded no less; none without
/// responders or control.
#[must_use]
pub fn incremental_share(targets: Rate, control: Rate) -> Option<f64> {
    let (target, control) = (targets.share()?, control.share()?);
    (target > 0.0).then(|| ((target - control) / target).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms = Terms { profit_per_response: Some(35.0), confidence: 0.95, minor_per_major: 100.0 };

    fn responses(customers: u64, responders: u64, revenue: i128) -> Responses {
        Responses { customers, responders, revenue }
    }

    /// 1,000 letters at 0.62 and 40 responses of 35.00: 1,400 - 620 = 780; 780 / 620 = 1.2581. Of 200 who were held back 3 bought for
    /// 120.00: 0.04 - 0.015 = 0.025, 25 responders more, 875 - 620 = 255; 2,000.00 - 5 * 120.00 = 1,400.00 more revenue.
    #[test]
    fn profit_and_what_the_letters_changed() {
        let counted = Counted {
            targets: responses(1_000, 40, 200_000),
            control: responses(200, 3, 12_000),
            cost: 1_000 * 620_000,
        };
        let found = figures(&[counted], TERMS)[0];
        let near = |found: Option<f64>, expected: f64| {
            assert!(found.is_some_and(|found| (found - expected).abs() < 1e-9), "{found:?}, expected {expected}");
        };
        near(found.rate, 0.04);
        near(Some(found.cost), 620.0);
        near(found.profit, 780.0);
        near(found.roi, 780.0 / 620.0);
        near(found.break_even, 0.62 / 35.0);
        assert_eq!(found.verdict, Some(Verdict::Keep));
        assert_eq!(found.p_value, found.adjusted_p_value);
        let against = found.against_control.unwrap();
        near(Some(against.difference.difference), 0.025);
        near(Some(against.responders), 25.0);
        near(against.profit, 255.0);
        near(Some(against.revenue), 1_400.0);
    }

    #[test]
    fn without_profit_cost_or_contacts_nothing_is_said_of_them() {
        let terms = Terms { profit_per_response: None, ..TERMS };
        let none = figures(&[Counted::default()], terms)[0];
        assert_eq!((none.rate, none.profit, none.verdict, none.against_control), (None, None, None, None));
        let free = Counted { targets: responses(10, 1, 0), ..Counted::default() };
        let found = figures(&[free], TERMS)[0];
        assert_eq!((found.roi, found.break_even, found.verdict), (None, Some(0.0), Some(Verdict::Keep)));
    }

    #[test]
    fn the_caused_share_is_what_the_control_lacks() {
        let rate = |responders, contacts| Rate { responders, contacts };
        let share = incremental_share(rate(40, 1_000), rate(3, 200)).unwrap();
        assert!((share - 0.625).abs() < 1e-12);
        assert_eq!(incremental_share(rate(1, 100), rate(5, 100)), Some(0.0));
        assert_eq!(
            (incremental_share(rate(0, 9), rate(1, 9)), incremental_share(rate(1, 9), rate(0, 0))),
            (None, None)
        );
    }
}
