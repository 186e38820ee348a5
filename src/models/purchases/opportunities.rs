//! BG/BB by the interface of the other models: times are numbers of opportunities, whole ones.
//!
//! What is expected of a living customer is that of one who is alive at the next opportunity, as P(alive) of the paper is.
//! Does not live here: the model (`bg_bb`).

use super::bg_bb::{BgBb, Opportunities};
use super::histories::{Histories, History};
use super::purchase_model::PurchaseModel;

/// A term below this share of the sum of those before, divided by what discounting leaves, ends a sum.
const LAST_TERM: f64 = 1e-17;
/// A sum ends here in any case.
const MOST_TERMS: u32 = 10_000_000;

/// The customers of `histories`, whose times are opportunities.
pub(crate) fn opportunities(histories: &Histories) -> Vec<(Opportunities, u64)> {
    histories.patterns().iter().map(|(history, count)| (of(history), *count)).collect()
}

fn of(history: &History) -> Opportunities {
    Opportunities { n: whole(history.t_cal), x: history.x, t_x: whole(history.t_x) }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "numbers of opportunities; saturating")]
fn whole(time: f64) -> u32 {
    time.round() as u32
}

impl BgBb {
    /// The mean of a customer's probability to buy.
    fn buying(&self, x: u32, t_cal: f64) -> f64 {
        (self.alpha + f64::from(x)) / (self.alpha + self.beta + t_cal)
    }

    /// The chance of one who is alive at opportunity `k` to be alive at the next.
    fn staying(&self, k: f64) -> f64 {
        (self.delta + k) / (self.gamma + self.delta + k)
    }
}

impl PurchaseModel for BgBb {
    /// Alive at the next opportunity: P(alive at n + 1) of the paper.
    fn p_alive(&self, history: &History) -> f64 {
        Self::p_alive(self, of(history), 1)
    }

    fn expected_purchases_if_alive(&self, x: u32, t_cal: f64, horizons: &[f64]) -> Vec<f64> {
        let most = horizons.iter().copied().fold(0.0, f64::max);
        let mut sums = Vec::with_capacity(whole(most) as usize + 1);
        let (mut sum, mut alive) = (0.0, 1.0);
        for i in 1..=whole(most) {
            sums.push(sum);
            sum += alive;
            alive *= self.staying(t_cal + f64::from(i));
        }
        sums.push(sum);
        let buying = self.buying(x, t_cal);
        horizons.iter().map(|t| buying * sums[whole(*t) as usize]).collect()
    }

    /// Purchases come at the ends of periods 1, 2, ..
    fn discounted_purchases_if_alive(&self, x: u32, t_cal: f64, rate: f64) -> f64 {
        let discount = (-rate).exp();
        let (mut sum, mut term) = (0.0, discount);
        for i in 1..=MOST_TERMS {
            sum += term;
            term *= discount * self.staying(t_cal + f64::from(i));
            // what follows is below term / (1 - discount)
            if term <= LAST_TERM * (1.0 - discount) * sum {
                break;
            }
        }
        self.buying(x, t_cal) * sum
    }

    fn purchase_probabilities(&self, n_max: u32, t: f64) -> Vec<f64> {
        let mut probabilities = Self::purchase_probabilities(self, whole(t));
        probabilities.resize(n_max as usize + 1, 0.0);
        probabilities
    }

    fn log_likelihood(&self, histories: &Histories) -> f64 {
        Self::log_likelihood(self, &opportunities(histories))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fader, Hardie, Shang (2010), as fitted by BTYD 2.4.3 (bgbb.EstimateParameters).
    const DONATIONS: BgBb = BgBb {
        alpha: 1.203_527_640_716,
        beta: 0.749_726_039_525_4,
        gamma: 0.656_780_813_901_6,
        delta: 2.783_795_818_265,
    };

    /// BTYD 2.4.3: bgbb.PAlive, bgbb.ConditionalExpectedTransactions of five years, bgbb.DERT at 10%.
    #[test]
    fn donors_as_in_btyd_2_4() {
        let rows = [
            (6, 6.0, 0.930_430_010_846_598, 3.752_500_131_219_02, 5.909_738_472_056_38),
            (5, 6.0, 0.930_430_010_846_598, 3.231_574_784_863_86, 5.089_343_414_688_49),
            (4, 6.0, 0.930_430_010_846_599, 2.710_649_438_508_7, 4.268_948_357_320_61),
        ];
        let model: &dyn PurchaseModel = &DONATIONS;
        for (x, t_x, p_alive, expected, dert) in rows {
            let history = History { x, t_x, t_cal: 6.0 };
            assert!((model.p_alive(&history) - p_alive).abs() < 1e-9, "{}", model.p_alive(&history));
            assert!((model.expected_purchases(&history, 5.0) / expected - 1.0).abs() < 1e-9);
            let found = p_alive * model.discounted_purchases_if_alive(x, 6.0, 0.1_f64.ln_1p());
            assert!((found / dert - 1.0).abs() < 1e-9, "{found} for {dert}");
        }
    }

    #[test]
    fn what_the_two_interfaces_say_is_the_same() {
        let model: &dyn PurchaseModel = &DONATIONS;
        let new = model.expected_purchases_of_new(&[0.0, 1.0, 4.0]);
        for (found, n) in new.iter().zip([0, 1, 4]) {
            assert!((found - DONATIONS.expected_purchases_of_new(n)).abs() < 1e-12);
        }
        let numbers = model.purchase_probabilities(8, 6.0);
        assert_eq!((numbers.len(), numbers[7].to_bits()), (9, 0));
        assert!((numbers.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
