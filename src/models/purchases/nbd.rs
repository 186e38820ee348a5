//! NBD: customers who buy at rates of their own and never drop out (Ehrenberg 1959; Morrison and Schmittlein 1988).
//!
//! The limit of BG/NBD, MBG/NBD and Pareto/NBD as drop-out goes to none: rates lambda ~ gamma(r, alpha), and nothing else.
//! What is expected of a customer depends on (x, T) alone.
//! Does not live here: the probabilities of counts (`negative_binomial`), and when this model is chosen (`choice`).

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::histories::{Histories, History, Linked};
use super::knots::Knot;
use super::negative_binomial::at_and_from;
use super::purchase_model::{Prepared, PurchaseModel, check_positive};
use crate::models::fitting::fit::{Fit, Likelihood, Problem};
use crate::models::fitting::minimise::Slope;
use crate::models::fitting::unfit::{Refusal, Unfit};
use crate::models::numeric::special::{digamma, ln_gamma_ratio};

/// Knots per task. Sums depend on this and on nothing else.
const KNOTS_PER_TASK: usize = 4_096;

/// The parameters of NBD, named as in the models that it is the limit of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nbd {
    /// Shape of the purchase rates.
    pub r: f64,
    /// Scale of the purchase rates: a time. The mean rate is r / alpha.
    pub alpha: f64,
}

impl Nbd {
    pub(crate) const NAME: &'static str = "NBD";
    pub(crate) const NAMES: [&'static str; 2] = ["r", "alpha"];

    /// Fits by maximum likelihood.
    ///
    /// # Errors
    /// Where the data cannot support the model.
    pub fn fit(histories: &Histories) -> Result<Fit<Self>, Unfit> {
        Self::search(&Prepared::new(histories)?).map_err(Unfit::from)
    }

    /// The same; where it is refused, with what the search found.
    pub(crate) fn search(prepared: &Prepared) -> Result<Fit<Self>, Refusal> {
        prepared.check(Self::NAMES.len() as u64)?;
        let full = Waits::new(&prepared.full);
        let sample = prepared.sample.as_ref().map(|(_, linked)| Waits::new(linked));
        let coarse = sample.as_ref().map(|sample| |at: &[f64; 2]| sample.log_likelihood(at));
        let problem = Problem {
            model: Self::NAME,
            names: Self::NAMES,
            above: [0.0; 2],
            units: [1.0, prepared.unit],
            starts: [0.3, 1.0, 4.0].map(|r| [r, r / prepared.rate()]).to_vec(),
            customers: prepared.customers,
            coarse: coarse.as_ref().map(|coarse| coarse as Likelihood<'_, 2>),
            full: &|at| full.log_likelihood(at),
            log_likelihood_offset: -prepared.purchases * prepared.unit.ln(),
        };
        problem.solve().map(|fit| fit.map(|[r, alpha]| Self { r, alpha }))
    }

    /// Refuses parameters that do not make a model.
    ///
    /// # Errors
    /// Where a parameter is not finite or not above 0.
    pub fn check(&self) -> crate::error::Result<()> {
        check_positive(Self::NAME, [("r", self.r), ("alpha", self.alpha)])
    }
}

impl PurchaseModel for Nbd {
    /// Nobody leaves.
    fn p_alive(&self, _history: &History) -> f64 {
        1.0
    }

    /// (r+x) / (alpha+T) t: the mean of the customer's rate, given what they did.
    fn expected_purchases_if_alive(&self, x: u32, t_cal: f64, horizons: &[f64]) -> Vec<f64> {
        let rate = (self.r + f64::from(x)) / (self.alpha + t_cal);
        horizons.iter().map(|t| rate * t).collect()
    }

    /// (r+x) / ((alpha+T) rate).
    fn discounted_purchases_if_alive(&self, x: u32, t_cal: f64, rate: f64) -> f64 {
        (self.r + f64::from(x)) / ((self.alpha + t_cal) * rate)
    }

    fn purchase_probabilities(&self, n_max: u32, t: f64) -> Vec<f64> {
        at_and_from(self.r, self.alpha, n_max, t).0
    }

    fn log_likelihood(&self, histories: &Histories) -> f64 {
        Waits::new(histories.linked()).log_likelihood(&[self.r, self.alpha]).0
    }
}

/// What of the histories the likelihood needs: how many customers share each (x, T), and each x.
struct Waits {
    ends: Vec<(Knot, f64)>,
    frequencies: Vec<(u32, f64)>,
}

impl Waits {
    fn new(histories: &Linked) -> Self {
        let mut ends: Vec<(Knot, f64)> = histories.ends.list.iter().map(|knot| (*knot, 0.0)).collect();
        for link in &*histories.links {
            ends[link.end as usize].1 += link.weight;
        }
        Self { ends, frequencies: histories.frequencies.clone() }
    }

    /// ln G(r+x) - ln G(r) + r ln alpha - (r+x) ln(alpha+T), summed over customers, and its slopes in r and alpha.
    /// r ln alpha - r ln(alpha+T) is -r ln(1 + T/alpha), which loses no digits.
    fn log_likelihood(&self, &[r, alpha]: &[f64; 2]) -> Slope<2> {
        let chunks = self.ends.par_chunks(KNOTS_PER_TASK).map(|ends| {
            let mut sums = [0.0; 3];
            for (Knot { x, t }, weight) in ends {
                let (x, waited) = (f64::from(*x), (t / alpha).ln_1p());
                let bought = if x > 0.0 { x * (alpha + t).ln() } else { 0.0 };
                sums[0] -= weight * (r * waited + bought);
                sums[1] -= weight * waited;
                sums[2] += weight * (r / alpha * t - x) / (alpha + t);
            }
            sums
        });
        let (mut value, mut slopes) = (0.0, [0.0; 2]);
        for [sum, in_r, in_alpha] in chunks.collect::<Vec<[f64; 3]>>() {
            value += sum;
            slopes = [slopes[0] + in_r, slopes[1] + in_alpha];
        }
        for &(x, weight) in self.frequencies.iter().filter(|(x, _)| *x > 0) {
            let x = f64::from(x);
            value += weight * ln_gamma_ratio(r, x);
            slopes[0] += weight * (digamma(r + x) - digamma(r));
        }
        (value, slopes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histories(customers: &[(u32, f64, u64)]) -> Histories {
        let history = |&(x, t_cal, count): &(u32, f64, u64)| {
            (History { x, t_x: if x > 0 { t_cal / 2.0 } else { 0.0 }, t_cal }, count)
        };
        Histories::new(customers.iter().map(history).collect()).unwrap()
    }

    /// No formula of this file: the integral over the rates of the probability of x purchases at given times, which is
    /// lambda^x e^(-lambda T), by the midpoint rule in ln(lambda).
    fn by_integration(model: &Nbd, x: u32, t_cal: f64) -> f64 {
        let ln_gamma_of_r = integral(&|ln| model.r * ln - ln.exp()).ln();
        let density = |ln: f64| model.r * (ln + model.alpha.ln()) - model.alpha * ln.exp() - ln_gamma_of_r;
        integral(&|ln| density(ln) + f64::from(x) * ln - ln.exp() * t_cal).ln()
    }

    /// The integral of e^f over the line.
    fn integral(ln_of: &dyn Fn(f64) -> f64) -> f64 {
        let step = 1e-3;
        (-60_000..12_000).map(|i| ln_of(f64::from(i) * step).exp() * step).sum()
    }

    #[test]
    fn the_likelihood_is_the_integral_over_the_rates() {
        let model = Nbd { r: 0.827, alpha: 9.97 };
        for (x, t_cal) in [(0, 39.0), (0, 0.0), (1, 0.5), (7, 30.0), (40, 52.0)] {
            let found = model.log_likelihood(&histories(&[(x, t_cal, 1)]));
            let expected = by_integration(&model, x, t_cal);
            assert!((found - expected).abs() < 1e-8 * expected.abs().max(1.0), "{x} {t_cal}: {found} for {expected}");
        }
    }

    #[test]
    fn what_is_expected_is_the_mean_of_the_rates_given_the_past() {
        // the posterior mean of lambda, by integration: E[lambda] = L with one purchase more over L
        let model = Nbd { r: 1.4, alpha: 12.0 };
        let rate = (by_integration(&model, 6, 30.0) - by_integration(&model, 5, 30.0)).exp();
        let history = History { x: 5, t_x: 3.0, t_cal: 30.0 };
        assert!((model.expected_purchases(&history, 10.0) / (10.0 * rate) - 1.0).abs() < 1e-7);
        assert!((rate - 6.4 / 42.0).abs() < 1e-8, "(1.4 + 5) / (12 + 30)");
        let silent = History { t_x: 30.0, ..history };
        assert_eq!(model.p_alive(&silent).to_bits(), model.p_alive(&history).to_bits());
    }

    #[test]
    fn slopes_are_those_of_differences() {
        let waits = Waits::new(histories(&[(0, 39.0, 3), (1, 20.0, 2), (5, 5.0, 1), (4_000, 39.0, 1)]).linked());
        for at in [[0.827, 9.97], [1e-4, 300.0], [50.0, 0.02]] {
            let slopes = waits.log_likelihood(&at).1;
            for i in 0..2 {
                let step = 1e-5 * at[i];
                let beside = |sign: f64| {
                    let mut at = at;
                    at[i] += sign * step;
                    waits.log_likelihood(&at).0
                };
                let difference = (beside(1.0) - beside(-1.0)) / (2.0 * step);
                assert!((slopes[i] - difference).abs() < 1e-5 * difference.abs().max(1.0), "{at:?} {i}");
            }
        }
    }

    #[test]
    fn customers_of_one_rate_make_no_model() {
        // everyone bought five times in the same time: rates do not differ, and r goes to infinity
        assert!(Nbd::fit(&histories(&[(5, 40.0, 500)])).is_err());
        assert_eq!(
            Nbd::fit(&histories(&[(1, 40.0, 1), (0, 40.0, 500)])),
            Err(Unfit::TooFewRepeaters { repeaters: 1, needed: 2 })
        );
    }
}
