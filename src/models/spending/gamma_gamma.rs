//! Gamma-Gamma: "The Gamma-Gamma Model of Monetary Value" (Fader, Hardie 2013; Fader, Hardie, Lee 2005, "RFM and CLV").
//!
//! The values of a customer's purchases are gamma(p, nu), where nu ~ gamma(q, gamma) differs between customers; the
//! value of purchases does not depend on their number. Only for q > 1 does a mean over customers exist.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Spending, Spendings};
use crate::error::{Error, Result as Checked};
use crate::models::fitting::fit::{Fit, Likelihood, Problem};
use crate::models::fitting::minimise::Slope;
use crate::models::fitting::unfit::Unfit;
use crate::models::numeric::special::{digamma, ln_gamma, ln_gamma_ratio, weight};
use crate::models::purchases::purchase_model::check_positive;

const NAME: &str = "Gamma-Gamma";
/// As many customers as parameters.
const NEEDED: u64 = 3;
/// Patterns per task. Sums depend on this and on nothing else.
const PATTERNS_PER_TASK: usize = 16_384;

/// The parameters of Gamma-Gamma, named as in the paper.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GammaGamma {
    /// Shape of the values of one customer.
    pub p: f64,
    /// Shape of the differences between customers, above 1.
    pub q: f64,
    /// Their scale: money (v in some texts).
    pub gamma: f64,
}

/// A fit, and the assumption it is based on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GammaGammaFit {
    /// The fit.
    pub fit: Fit<GammaGamma>,
    /// The correlation of the number and the average value of purchases, which the model takes to be 0.
    pub correlation: Option<f64>,
}

impl GammaGamma {
    /// Fits by maximum likelihood with q > 1.
    ///
    /// # Errors
    /// Where the data cannot support the model.
    pub fn fit(spendings: &Spendings) -> Result<GammaGammaFit, Unfit> {
        let customers = spendings.customers();
        if spendings.are_alike() {
            return Err(Unfit::NoSpread);
        }
        if spendings.are_fixed() {
            return Err(Unfit::FixedPrices);
        }
        if customers < NEEDED {
            return Err(Unfit::TooFewRepeaters { repeaters: customers, needed: NEEDED });
        }
        let unit = spendings.mean();
        let in_unit = spendings.in_unit(unit);
        let scaled = Prepared::new(&in_unit);
        let coarse = in_unit.coarse().map(|coarse| Prepared::new(&coarse));
        let coarse = coarse.as_ref().map(|coarse| |at: &[f64; 3]| coarse.log_likelihood(at));
        let problem = Problem {
            model: NAME,
            names: ["p", "q", "gamma"],
            above: [0.0, 1.0, 0.0],
            units: [1.0, 1.0, unit],
            starts: starts(),
            customers,
            coarse: coarse.as_ref().map(|coarse| coarse as Likelihood<'_, 3>),
            full: &|at| scaled.log_likelihood(at),
            log_likelihood_offset: -weight(customers) * unit.ln(),
        };
        let fit = problem.solve()?.map(|[p, q, gamma]| Self { p, q, gamma });
        Ok(GammaGammaFit { fit, correlation: spendings.correlation() })
    }

    /// Refuses parameters that do not make a model.
    ///
    /// # Errors
    /// Where a parameter is not finite or not above 0, or q not above 1.
    pub fn check(&self) -> Checked<()> {
        check_positive(NAME, [("p", self.p), ("q", self.q), ("gamma", self.gamma)])?;
        if self.q > 1.0 {
            return Ok(());
        }
        Err(Error::config(format!(
            "the parameters of {NAME} have no mean value: `q` is {} and must be above 1",
            self.q
        )))
    }

    /// The log-likelihood of `spendings`: the sum of the log densities of z given x.
    #[must_use]
    pub fn log_likelihood(&self, spendings: &Spendings) -> f64 {
        Prepared::new(spendings).log_likelihood(&[self.p, self.q, self.gamma]).0
    }

    /// E[M | z, x] = p (gamma + x z) / (p x + q - 1); the mean of all customers where x = 0.
    #[must_use]
    pub fn expected_order_value(&self, spending: Spending) -> f64 {
        let x = f64::from(spending.x);
        let spent = if spending.x == 0 { 0.0 } else { x * spending.z };
        self.p * (self.gamma + spent) / (self.p * x + self.q - 1.0)
    }
}

/// All customers equal, two mixtures, and a heavy tail, each with a mean of 1.
fn starts() -> Vec<[f64; 3]> {
    let of = |p: f64, q: f64| [p, q, (q - 1.0) / p];
    vec![of(5.0, 4.0), of(1.0, 3.0), of(20.0, 10.0), of(2.0, 1.5)]
}

/// What of a likelihood does not depend on the parameters. The density of z given x is
/// G(px+q) / (G(px) G(q)) gamma^q y^(px-1) / (gamma+y)^(px+q) * x, with y = x z.
struct Prepared {
    /// x, y, ln y, weight.
    patterns: Vec<[f64; 4]>,
    frequencies: Vec<(f64, f64)>,
    customers: f64,
    /// The sum of ln x - ln y = -ln z.
    constant: f64,
}

impl Prepared {
    fn new(spendings: &Spendings) -> Self {
        let pattern = |(spending, count): &(Spending, u64)| {
            let x = f64::from(spending.x);
            let y = x * spending.z;
            [x, y, y.ln(), weight(*count)]
        };
        let patterns: Vec<[f64; 4]> = spendings.patterns.par_iter().map(pattern).collect();
        let mut frequencies: Vec<(f64, f64)> = Vec::new();
        for &[x, _, _, weight] in &patterns {
            match frequencies.last_mut().filter(|last| last.0.total_cmp(&x).is_eq()) {
                Some((_, sum)) => *sum += weight,
                None => frequencies.push((x, weight)),
            }
        }
        let constant = -spendings.sum(&|spending| spending.z.ln());
        Self { patterns, frequencies, customers: weight(spendings.customers()), constant }
    }

    /// The log-likelihood and its slopes in p, q, gamma.
    fn log_likelihood(&self, &[p, q, gamma]: &[f64; 3]) -> Slope<3> {
        let ln_gamma_scale = gamma.ln();
        let chunks = self.patterns.par_chunks(PATTERNS_PER_TASK).map(|patterns| {
            let mut sums = [0.0; 4];
            for &[x, y, ln_y, weight] in patterns {
                let (ln_all, shape) = ((gamma + y).ln(), p * x + q);
                let (of_y, of_gamma) = (ln_y - ln_all, ln_gamma_scale - ln_all);
                sums[0] += weight * (p * x * of_y + q * of_gamma);
                sums[1] += weight * x * of_y;
                sums[2] += weight * of_gamma;
                sums[3] += weight * (q / gamma - shape / (gamma + y));
            }
            sums
        });
        let (mut value, mut slopes) = (self.constant, [0.0; 3]);
        for [sum, in_p, in_q, in_gamma] in chunks.collect::<Vec<[f64; 4]>>() {
            value += sum;
            slopes = [slopes[0] + in_p, slopes[1] + in_q, slopes[2] + in_gamma];
        }
        for &(x, weight) in &self.frequencies {
            value += weight * ln_gamma_ratio(p * x, q);
            let both = digamma(p * x + q);
            slopes[0] += weight * x * (both - digamma(p * x));
            slopes[1] += weight * both;
        }
        value -= self.customers * ln_gamma(q);
        slopes[1] -= self.customers * digamma(q);
        (value, slopes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CDNOW: GammaGamma = GammaGamma { p: 6.25, q: 3.74, gamma: 15.44 };

    #[test]
    fn expected_order_values_as_in_fader_hardie_2013_and_its_spreadsheet() {
        let value = |x, z| CDNOW.expected_order_value(Spending { x, z });
        for (found, expected) in [(value(2, 22.35), 24.65), (value(1, 11.77), 18.91), (value(0, 0.0), 35.17)] {
            assert!((found - expected).abs() < 0.1, "{found} for {expected}");
        }
        // BTYD 2.4.3, spend.expected.value(params, m.x = 35, x = 7)
        let fitted = GammaGamma { p: 6.249_349_180_306, q: 3.744_256_334_046, gamma: 15.444_306_682_118 };
        assert!((fitted.expected_order_value(Spending { x: 7, z: 35.0 }) - 35.010_064_457_432).abs() < 1e-10);
        assert!((fitted.expected_order_value(Spending { x: 0, z: 0.0 }) - 35.170_499_237_588).abs() < 1e-10);
    }

    #[test]
    fn slopes_are_those_of_differences() {
        let spendings = [(1, 3.0), (1, 40.0), (5, 12.5), (2_000, 30.25)].map(|(x, z)| (Spending { x, z }, 2));
        let prepared = Prepared::new(&Spendings::new(spendings.to_vec()));
        for at in [[6.25, 3.74, 15.44], [0.01, 1.001, 300.0], [900.0, 40.0, 0.1]] {
            let slopes = prepared.log_likelihood(&at).1;
            for i in 0..3 {
                let step = 1e-5 * at[i];
                let beside = |sign: f64| {
                    let mut at = at;
                    at[i] += sign * step;
                    prepared.log_likelihood(&at).0
                };
                let difference = (beside(1.0) - beside(-1.0)) / (2.0 * step);
                assert!((slopes[i] - difference).abs() < 1e-6 * difference.abs().max(1.0), "{at:?} {i}");
            }
        }
    }

    #[test]
    fn parameters_without_a_mean_are_refused() {
        assert!(GammaGamma { q: 0.9, ..CDNOW }.check().unwrap_err().headline().contains("`q` is 0.9"));
        assert!(CDNOW.check().is_ok());
    }
}
