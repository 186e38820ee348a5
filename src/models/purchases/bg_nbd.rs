//! BG/NBD: "Counting Your Customers" the Easy Way (Fader, Hardie, Lee 2005, Marketing Science 24(2), 275-284).
//!
//! While alive a customer buys at rate lambda ~ gamma(r, alpha); after each repeat purchase they drop out with
//! probability p ~ beta(a, b). A customer without repeats cannot have dropped out.

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

/// The parameters of BG/NBD, named as in the paper.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BgNbd {
    /// Shape of the purchase rates.
    pub r: f64,
    /// Scale of the purchase rates: a time. The mean rate is r / alpha.
    pub alpha: f64,
    /// Dropout probabilities are beta(a, b).
    pub a: f64,
    /// Dropout probabilities are beta(a, b).
    pub b: f64,
}

impl BgNbd {
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

/// Eq. 6 of the paper: C = G(r+x)/G(r) alpha^r / B(a,b), U = ln B(a,b+x) - (r+x) ln(alpha+T),
/// V = ln B(a+1,b+x-1) - (r+x) ln(alpha+`t_x`), the last for x > 0 only.
impl TwoEndings for BgNbd {
    type OfX = OfX;

    fn of_x(&self, x: u32) -> OfX {
        OfX::new([self.r, self.alpha, self.a, self.b], x, x)
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

impl Fitting for BgNbd {
    const NAME: &'static str = "BG/NBD";
    const NAMES: [&'static str; 4] = ["r", "alpha", "a", "b"];
    const ARE_TIMES: [bool; 4] = [false, true, false, false];

    fn from_array([r, alpha, a, b]: [f64; 4]) -> Self {
        Self { r, alpha, a, b }
    }

    /// Uneven and even rates, each with much and with little dropout.
    fn starts(rate: f64) -> Vec<[f64; 4]> {
        let of = |r: f64, a: f64, b: f64| [r, r / rate, a, b];
        vec![of(0.3, 0.8, 2.5), of(1.5, 0.8, 2.5), of(0.5, 0.2, 4.0), of(3.0, 2.0, 2.0)]
    }
}

impl PurchaseModel for BgNbd {
    /// 1 / (1 + 1{x>0} a/(b+x-1) ((alpha+T)/(alpha+`t_x`))^(r+x)): Fader, Hardie, Lee (2008), "Computing P(alive)
    /// Using the BG/NBD Model".
    fn p_alive(&self, history: &History) -> f64 {
        let Self { r, alpha, a, b } = *self;
        if history.x == 0 {
            return 1.0;
        }
        let x = f64::from(history.x);
        let silent = ((history.t_cal - history.t_x) / (alpha + history.t_x)).ln_1p();
        share_of_one((a / (b + x - 1.0)).ln() + (r + x) * silent)
    }

    /// Eq. 10 of the paper, without P(alive).
    fn expected_purchases_if_alive(&self, x: u32, t_cal: f64, horizons: &[f64]) -> Vec<f64> {
        let x = f64::from(x);
        expected_until_dropout(self.r + x, self.alpha + t_cal, self.a, self.b + x, horizons)
    }

    fn discounted_purchases_if_alive(&self, x: u32, t_cal: f64, rate: f64) -> f64 {
        let x = f64::from(x);
        discounted_until_dropout(self.r + x, self.alpha + t_cal, self.a, self.b + x, rate)
    }

    /// Eq. 8 of the paper: not dropped out at any of n purchases, or dropped out at the n-th.
    fn purchase_probabilities(&self, n_max: u32, t: f64) -> Vec<f64> {
        let (at, from) = at_and_from(self.r, self.alpha, n_max, t);
        purchase_probabilities(self.a, self.b, 0, (&at, &from))
    }

    fn log_likelihood(&self, histories: &Histories) -> f64 {
        log_likelihood(self, histories.linked()).ln
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Table 2 of the paper.
    const CDNOW: BgNbd = BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };

    /// The same with all digits: BTYD 2.4.3, bgnbd.EstimateParameters.
    const FITTED: BgNbd =
        BgNbd { r: 0.242_596_715_535_8, alpha: 4.413_658_926_754, a: 0.792_986_869_153_9, b: 2.426_164_276_242 };

    #[test]
    fn expected_purchases_of_customers_as_in_fader_hardie_lee_2005_and_its_spreadsheet() {
        let found = FITTED.expected_purchases_of_new(&[0.1429, 1.0, 3.0, 31.8571, 32.0, 78.0]);
        for (found, expected) in found.iter().zip([0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576]) {
            assert!((found - expected).abs() < 5e-4, "{found} for {expected}");
        }
        let given = FITTED.expected_purchases(&History { x: 2, t_x: 30.43, t_cal: 38.86 }, 39.0);
        assert!((given - 1.226).abs() < 1e-3, "{given}");
    }

    #[test]
    fn purchase_probabilities_as_in_the_manual_of_btyd_2_4() {
        let found = CDNOW.purchase_probabilities(20, 30.0);
        let expected = [
            0.001_999_521_4,
            0.001_517_023_6,
            0.001_163_315,
            0.000_900_314_8,
            0.000_702_363_8,
            0.000_551_790_2,
            0.000_436_191_3,
            0.000_346_717_1,
            0.000_276_961_3,
            0.000_222_226,
        ];
        for (found, expected) in found[11..].iter().zip(expected) {
            assert!((found / expected - 1.0).abs() < 1e-5, "{found} for {expected}");
        }
        assert!((CDNOW.purchase_probabilities(10, 2.0)[10] / 1.078_69e-7 - 1.0).abs() < 1e-5);
        assert!((CDNOW.purchase_probabilities(0, 39.0)[0] / 0.573_786_4 - 1.0).abs() < 1e-6);
    }

    /// BTYD 2.4.3: bgnbd.PAlive and bgnbd.ConditionalExpectedTransactions of customer 1516, x = 26.
    #[test]
    fn customer_1516_as_in_btyd_2_4() {
        let model = FITTED;
        let history = History { x: 26, t_x: 30.857_142_857_143, t_cal: 31.0 };
        assert!((model.p_alive(&history) - 0.968_852_261_614_3).abs() < 1e-12);
        assert!((model.expected_purchases(&history, 52.0) - 25.756_586_391_203).abs() < 1e-8);
        let after_20_of_39 = |x| model.expected_purchases(&History { x, t_x: 20.0, t_cal: 39.0 }, 52.0);
        let expected = [0.347_460_647_303_8, 0.042_833_913_757_08, 0.004_158_972_731_187, 0.000_358_368_527_019_2];
        for (x, expected) in [10, 15, 20, 25].into_iter().zip(expected) {
            assert!((after_20_of_39(x) / expected - 1.0).abs() < 1e-9, "{x}: {}", after_20_of_39(x));
        }
    }

    #[test]
    fn parameters_that_make_no_model_are_refused() {
        let error = BgNbd { alpha: -1.0, b: f64::NAN, ..CDNOW }.check().unwrap_err();
        assert_eq!(error.shown_causes(), ["`alpha` is -1", "`b` is NaN"]);
    }
}
