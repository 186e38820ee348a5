//! MBG/NBD: the BG/NBD in which customers may drop out right after their first purchase, too (Batislam, Denizel,
//! Filiztekin 2007, International Journal of Research in Marketing 24(3), 201-209; Hoppe and Wagner 2007, "CBG/NBD").

use serde::{Deserialize, Serialize};

use super::beta_geometric::{OfX, purchase_probabilities};
use super::dropout::{discounted_until_dropout, expected_until_dropout};
use super::histories::{Histories, History};
use super::negative_binomial::at_and_from;
use super::purchase_model::{Fitting, PurchaseModel, check_positive, fit};
use super::two_endings::{Term, TwoEndings, log_likelihood};
use crate::models::fitting::fit::Fit;
use crate::models::fitting::unfit::Unfit;
use crate::models::numeric::special::share_of_one;

/// The parameters of MBG/NBD, named as in the paper.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MbgNbd {
    /// Shape of the purchase rates.
    pub r: f64,
    /// Scale of the purchase rates: a time. The mean rate is r / alpha.
    pub alpha: f64,
    /// Dropout probabilities are beta(a, b).
    pub a: f64,
    /// Dropout probabilities are beta(a, b).
    pub b: f64,
}

impl MbgNbd {
    /// Fits by maximum likelihood.
    ///
    /// # Errors
    /// Where the data cannot support the model.
    pub fn fit(histories: &Histories) -> Result<Fit<Self>, Unfit> {
        fit(histories)
    }

    /// Refuses parameters that do not make a model.
    ///
    /// # Errors
    /// Where a parameter is not finite or not above 0.
    pub fn check(&self) -> crate::error::Result<()> {
        check_positive(Self::NAME, [("r", self.r), ("alpha", self.alpha), ("a", self.a), ("b", self.b)])
    }
}

/// C = G(r+x)/G(r) alpha^r / B(a,b), U = ln B(a,b+x+1) - (r+x) ln(alpha+T), V = ln B(a+1,b+x) - (r+x) ln(alpha+`t_x`).
impl TwoEndings for MbgNbd {
    type OfX = OfX;

    fn of_x(&self, x: u32) -> OfX {
        OfX::new([self.r, self.alpha, self.a, self.b], x, x + 1)
    }

    fn common(&self, of_x: &OfX) -> Term {
        of_x.common
    }

    fn not_yet(&self, of_x: &OfX, t_cal: f64) -> Term {
        of_x.not_yet(self.alpha, t_cal)
    }

    fn gone(&self, of_x: &OfX, t_x: f64) -> Term {
        of_x.gone(self.alpha, t_x)
    }
}

impl Fitting for MbgNbd {
    const NAME: &'static str = "MBG/NBD";
    const NAMES: [&'static str; 4] = ["r", "alpha", "a", "b"];
    const ARE_TIMES: [bool; 4] = [false, true, false, false];

    fn from_array([r, alpha, a, b]: [f64; 4]) -> Self {
        Self { r, alpha, a, b }
    }

    /// Uneven and even rates, each with much and with little dropout.
    fn starts(rate: f64) -> Vec<[f64; 4]> {
        let of = |r: f64, a: f64, b: f64| [r, r / rate, a, b];
        vec![of(0.5, 0.9, 1.6), of(2.0, 0.9, 1.6), of(0.5, 0.2, 3.0), of(3.0, 2.0, 2.0)]
    }
}

impl PurchaseModel for MbgNbd {
    /// 1 / (1 + a/(b+x) ((alpha+T)/(alpha+`t_x`))^(r+x)).
    fn p_alive(&self, history: &History) -> f64 {
        let Self { r, alpha, a, b } = *self;
        let x = f64::from(history.x);
        let silent = ((history.t_cal - history.t_x) / (alpha + history.t_x)).ln_1p();
        share_of_one((a / (b + x)).ln() + (r + x) * silent)
    }

    /// A living customer passed x + 1 chances to drop out, so that p ~ beta(a, b+x+1).
    fn expected_purchases_if_alive(&self, x: u32, t_cal: f64, horizons: &[f64]) -> Vec<f64> {
        let x = f64::from(x);
        expected_until_dropout(self.r + x, self.alpha + t_cal, self.a, self.b + x + 1.0, horizons)
    }

    fn discounted_purchases_if_alive(&self, x: u32, t_cal: f64, rate: f64) -> f64 {
        let x = f64::from(x);
        discounted_until_dropout(self.r + x, self.alpha + t_cal, self.a, self.b + x + 1.0, rate)
    }

    /// Not dropped out at any of n + 1 purchases, or dropped out at the last of them.
    fn purchase_probabilities(&self, n_max: u32, t: f64) -> Vec<f64> {
        let (at, from) = at_and_from(self.r, self.alpha, n_max, t);
        purchase_probabilities(self.a, self.b, 1, (&at, &from))
    }

    fn log_likelihood(&self, histories: &Histories) -> f64 {
        log_likelihood(self, histories.linked()).ln
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CDNOW as fitted by lifetimes 0.11.3 and `BTYDplus` 1.2.0, to the digits they are quoted with.
    const CDNOW: MbgNbd = MbgNbd { r: 0.525, alpha: 6.183, a: 0.891, b: 1.614 };

    #[test]
    fn expected_purchases_as_in_lifetimes_0_11() {
        let found = CDNOW.expected_purchases_of_new(&[1.0, 19.5, 39.0, 78.0]);
        for (found, expected) in found.iter().zip([0.053_060, 0.729_70, 1.182_28, 1.803_63]) {
            assert!((found / expected - 1.0).abs() < 1e-3, "{found} for {expected}");
        }
    }

    #[test]
    fn one_time_buyers_can_be_gone() {
        let one_time = History { x: 0, t_x: 0.0, t_cal: 38.857_142 };
        assert!((CDNOW.p_alive(&one_time) - 0.389_723).abs() < 2e-4, "{}", CDNOW.p_alive(&one_time));
    }
}
