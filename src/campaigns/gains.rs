//! Gains of a campaign: what the best tenths of its contacts bring, by the rate of their cells.
//!
//! Contacts are sorted by the rate of their cell and cut at the type 7 quantiles of that rate, as cells keep together: a tenth may be
//! larger or smaller than a tenth, or be empty. So pyrsm has its tables of gains, lift and profit.

use super::cost::major;
use super::number;
use super::rates::Rate;

/// The responses of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellRate {
    /// Responders and contacts.
    pub rate: Rate,
    /// What the contacts cost, in millionths.
    pub cost: i128,
}

/// The contacts of a tenth, and of all before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gain {
    /// 1 is best.
    pub tenth: u32,
    /// In it.
    pub rate: Rate,
    /// Up to it.
    pub cumulative: Rate,
    /// Of all contacts, 0..1.
    pub cumulative_contact_share: f64,
    /// Of all responders, 0..1; none without any.
    pub cumulative_gains: Option<f64>,
    /// The rate up to it by that of all; none without responders.
    pub cumulative_lift: Option<f64>,
    /// The profit up to it; none without a profit per response.
    pub cumulative_profit: Option<f64>,
}

/// How many groups.
pub const TENTHS: u32 = 10;

/// The tenths that occur, the best first.
#[must_use]
pub fn gains(cells: &[CellRate], profit_per_response: Option<f64>) -> Vec<Gain> {
    let mut cells: Vec<(f64, CellRate)> =
        cells.iter().filter_map(|cell| cell.rate.share().map(|share| (share, *cell))).collect();
    cells.sort_by(|one, two| one.0.total_cmp(&two.0));
    let borders: Vec<f64> = (1..TENTHS).map(|tenth| quantile(&cells, tenth)).collect();
    let tenth_of = |share: f64| {
        (1..TENTHS).zip(&borders).filter(|(_, border)| **border < share).fold(TENTHS, |tenth, _| tenth - 1)
    };
    let sum = |cells: &[(f64, CellRate)]| {
        cells.iter().fold((Rate { responders: 0, contacts: 0 }, 0), |(rate, cost), (_, cell)| {
            (add(rate, cell.rate), cost + cell.cost)
        })
    };
    let (all, _) = sum(&cells);
    let mut gains: Vec<Gain> = Vec::new();
    let (mut cumulative, mut cost) = (Rate { responders: 0, contacts: 0 }, 0);
    for tenth in 1..=TENTHS {
        let these: Vec<(f64, CellRate)> =
            cells.iter().filter(|(share, _)| tenth_of(*share) == tenth).copied().collect();
        if these.is_empty() {
            continue;
        }
        let (rate, cost_here) = sum(&these);
        (cumulative, cost) = (add(cumulative, rate), cost + cost_here);
        let has_responders = all.responders > 0;
        let shares = cumulative.share().zip(all.share()).filter(|_| has_responders);
        gains.push(Gain {
            tenth,
            rate,
            cumulative,
            cumulative_contact_share: number(cumulative.contacts) / number(all.contacts),
            cumulative_gains: has_responders.then(|| number(cumulative.responders) / number(all.responders)),
            cumulative_lift: shares.map(|(share, of_all)| share / of_all),
            cumulative_profit: profit_per_response.map(|profit| profit * number(cumulative.responders) - major(cost)),
        });
    }
    gains
}

fn add(one: Rate, two: Rate) -> Rate {
    Rate { responders: one.responders + two.responders, contacts: one.contacts + two.contacts }
}

/// The type 7 quantile `tenth / 10` of the rates of all contacts, which are sorted by cell.
fn quantile(cells: &[(f64, CellRate)], tenth: u32) -> f64 {
    let contacts: u64 = cells.iter().map(|(_, cell)| cell.rate.contacts).sum();
    let place = u64::from(tenth) * contacts.saturating_sub(1);
    let (lower, rest) = (place / u64::from(TENTHS), place % u64::from(TENTHS));
    let at = |place: u64| {
        let mut end = 0;
        let cell = cells.iter().find(|(_, cell)| {
            end += cell.rate.contacts;
            place < end
        });
        cell.or(cells.last()).map_or(0.0, |(share, _)| *share)
    };
    let (low, high) = (at(lower), at(lower + 1));
    low + number(rest) / f64::from(TENTHS) * (high - low)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three cells of 50, 30 and 20 contacts with rates of 10%, 20% and 40%: sorted by rate, contacts 0 to 49 have 10%, 50 to 79
    /// 20% and 80 to 99 40%. The thresholds lie at 9.9, 19.8 .. 89.1: 10% up to the fifth (49.5, half way: 15%), 20% at 59.4, 69.3
    /// and 79.2 (20% + 0.2 * 20% = 24%), 40% at 89.1. So 40% has eight below it and is tenth 2, 20% has five and is tenth 5, 10% is
    /// tenth 10. Responders 8, 6, 5 of 19; a response brings 2.00 and a contact costs 0.50.
    #[test]
    fn tenths_keep_cells_together() {
        let cell = |responders, contacts| CellRate {
            rate: Rate { responders, contacts },
            cost: i128::from(contacts) * 500_000,
        };
        let gains = gains(&[cell(6, 30), cell(5, 50), cell(8, 20)], Some(2.0));
        let found: Vec<(u32, u64, u64)> =
            gains.iter().map(|gain| (gain.tenth, gain.rate.contacts, gain.cumulative.responders)).collect();
        assert_eq!(found, [(2, 20, 8), (5, 30, 14), (10, 50, 19)]);
        let near =
            |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}, expected {expected}");
        near(gains[1].cumulative_contact_share, 0.5);
        near(gains[1].cumulative_gains.unwrap(), 14.0 / 19.0);
        near(gains[1].cumulative_lift.unwrap(), 0.28 / 0.19);
        near(gains[1].cumulative_profit.unwrap(), 14.0 * 2.0 - 25.0);
    }

    #[test]
    fn without_responders_there_is_no_gain_and_without_contacts_no_tenth() {
        let silent = CellRate { rate: Rate { responders: 0, contacts: 4 }, cost: 0 };
        let gains_of = gains(&[silent], None);
        assert_eq!((gains_of.len(), gains_of[0].cumulative_gains, gains_of[0].cumulative_profit), (1, None, None));
        assert!(gains(&[CellRate { rate: Rate { responders: 0, contacts: 0 }, cost: 0 }], None).is_empty());
    }
}
