//! Pareto/NBD: "Counting Your Customers" (Schmittlein, Morrison, Colombo 1987, Management Science 33(1), 1-24).
//!
//! While alive a customer buys at rate lambda ~ gamma(r, alpha); they live for an exponential time of rate mu ~
//! gamma(s, beta).

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::histories::{Histories, History};
use super::knots::{Knot, Knots};
use super::purchase_model::{Fitting, PurchaseModel, check_positive, fit};
use super::tails::Tails;
use super::two_endings::{Term, TwoEndings, log_likelihood};
use crate::models::fitting::fit::Fit;
use crate::models::fitting::unfit::Unfit;
use crate::models::numeric::exponential_integral::scaled_exponential_integral;
use crate::models::numeric::quadrature::{Node, means};
use crate::models::numeric::special::{digamma, ln_add, ln_gamma, ln_gamma_ratio};

/// The parameters of Pareto/NBD, named as in the paper.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParetoNbd {
    /// Shape of the purchase rates.
    pub r: f64,
    /// Scale of the purchase rates: a time. The mean rate is r / alpha.
    pub alpha: f64,
    /// Shape of the dropout rates.
    pub s: f64,
    /// Scale of the dropout rates: a time. The mean rate is s / beta.
    pub beta: f64,
}

impl ParetoNbd {
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
        check_positive(Self::NAME, [("r", self.r), ("alpha", self.alpha), ("s", self.s), ("beta", self.beta)])
    }
}

/// The likelihood as an integral over the time y at which the customer either dropped out or would have bought again
/// (Fader, Hardie 2005, "A Note on Deriving the Pareto/NBD Model", before its integral is solved):
/// C = G(r+x)/G(r) alpha^r beta^s, exp V = s * integral of (alpha+y)^-(r+x) (beta+y)^-(s+1) from `t_x` on, and
/// exp U = (r+x) * integral of (alpha+y)^-(r+x+1) (beta+y)^-s from T on. No difference is left, hence no cancellation,
/// and `tail` takes care of the larger of alpha and beta, `tails` of many customers.
impl TwoEndings for ParetoNbd {
    type OfX = f64;

    fn of_x(&self, x: u32) -> f64 {
        f64::from(x)
    }

    fn common(&self, x: &f64) -> Term {
        let Self { r, alpha, s, beta } = *self;
        Term {
            ln: ln_gamma_ratio(r, *x) + r * alpha.ln() + s * beta.ln(),
            slopes: [digamma(r + x) - digamma(r) + alpha.ln(), r / alpha, beta.ln(), s / beta],
        }
    }

    fn not_yet(&self, x: &f64, t_cal: f64) -> Term {
        self.due(*x, self.until_due().single(*x, t_cal))
    }

    fn gone(&self, x: &f64, t_x: f64) -> Term {
        self.left(self.until_left().single(*x, t_x))
    }

    fn all_not_yet(&self, ends: &Knots) -> Vec<Term> {
        let terms = self.until_due().of(ends).into_par_iter().zip(&ends.list);
        terms.map(|(term, knot)| self.due(f64::from(knot.x), term)).collect()
    }

    fn all_gone(&self, lasts: &Knots) -> Vec<Term> {
        self.until_left().of(lasts).into_par_iter().map(|term| self.left(term)).collect()
    }
}

impl ParetoNbd {
    /// The integrals behind U and V.
    const fn until_due(&self) -> Tails {
        Tails { m0: self.r + 1.0, n: self.s, alpha: self.alpha, beta: self.beta }
    }

    const fn until_left(&self) -> Tails {
        Tails { m0: self.r, n: self.s + 1.0, alpha: self.alpha, beta: self.beta }
    }

    /// U and V by these.
    fn due(&self, x: f64, Term { ln, slopes: [in_r, in_alpha, in_s, in_beta] }: Term) -> Term {
        let m = self.r + x;
        Term { ln: m.ln() + ln, slopes: [in_r + 1.0 / m, in_alpha, in_s, in_beta] }
    }

    fn left(&self, Term { ln, slopes: [in_r, in_alpha, in_s, in_beta] }: Term) -> Term {
        Term { ln: self.s.ln() + ln, slopes: [in_r, in_alpha, in_s + 1.0 / self.s, in_beta] }
    }

    /// ln of U and V, without slopes.
    fn ln_due(&self, x: f64, t_cal: f64) -> f64 {
        (self.r + x).ln() + self.until_due().powers(x).ln(t_cal)
    }

    fn ln_left(&self, x: f64, t_x: f64) -> f64 {
        self.s.ln() + self.until_left().powers(x).ln(t_x)
    }
}

impl Fitting for ParetoNbd {
    const NAME: &'static str = "Pareto/NBD";
    const NAMES: [&'static str; 4] = ["r", "alpha", "s", "beta"];
    const ARE_TIMES: [bool; 4] = [false, true, false, true];

    fn from_array([r, alpha, s, beta]: [f64; 4]) -> Self {
        Self { r, alpha, s, beta }
    }

    /// Uneven and even rates, each with short and with long lives.
    fn starts(rate: f64) -> Vec<[f64; 4]> {
        let of = |r: f64, s: f64, beta: f64| [r, 0.5 * r / rate, s, beta];
        vec![of(0.5, 0.6, 0.4), of(2.0, 0.6, 0.4), of(0.5, 0.3, 2.0), of(1.0, 2.0, 1.0)]
    }
}

impl PurchaseModel for ParetoNbd {
    /// Alive at T, as a share of everything that (x, `t_x`, T) allows (Schmittlein, Morrison, Colombo 1987, eq. 11-13).
    fn p_alive(&self, history: &History) -> f64 {
        let Self { r, alpha, s, beta } = *self;
        let (x, t_cal) = (f64::from(history.x), history.t_cal);
        let alive = -(r + x) * (alpha + t_cal).ln() - s * (beta + t_cal).ln();
        let all = ln_add(self.ln_due(x, t_cal), self.ln_left(x, history.t_x));
        (alive - all).exp().min(1.0)
    }

    /// The integrals are needed once per (x, T) and (x, `t_x`).
    fn p_alive_of_each(&self, histories: &[History]) -> Vec<f64> {
        let Self { r, alpha, s, beta } = *self;
        let knots = |t: fn(&History) -> f64| {
            Knots::new(histories.par_iter().map(|history| Knot { x: history.x, t: t(history) }).collect())
        };
        let of = |knots: &Knots, ln: fn(&Self, f64, f64) -> f64| -> Vec<f64> {
            knots.list.par_iter().map(|knot| ln(self, f64::from(knot.x), knot.t)).collect()
        };
        let (ends, lasts) = (knots(|history| history.t_cal), knots(|history| history.t_x));
        let (due, left) = (of(&ends, Self::ln_due), of(&lasts, Self::ln_left));
        let p_alive = |&History { x, t_x, t_cal }: &History| {
            let alive = -(r + f64::from(x)) * (alpha + t_cal).ln() - s * (beta + t_cal).ln();
            let all = ln_add(due[ends.index_of(x, t_cal) as usize], left[lasts.index_of(x, t_x) as usize]);
            (alive - all).exp().min(1.0)
        };
        histories.par_iter().map(p_alive).collect()
    }

    /// (r+x)(beta+T)/(alpha+T) * (1 - ((beta+T)/(beta+T+t))^(s-1)) / (s-1): eq. 22, whose limit for s = 1 is a log.
    fn expected_purchases_if_alive(&self, x: u32, t_cal: f64, horizons: &[f64]) -> Vec<f64> {
        let Self { r, alpha, s, beta } = *self;
        let time = beta + t_cal;
        let per_log = (r + f64::from(x)) * time / (alpha + t_cal);
        let expected = |t: &f64| {
            let log = (t / time).ln_1p();
            let faster = (s - 1.0) * log;
            per_log * if faster == 0.0 { log } else { -(-faster).exp_m1() / (s - 1.0) }
        };
        horizons.iter().map(expected).collect()
    }

    /// (r+x)/(alpha+T) times the integral of e^(-rate t) ((beta+T)/(beta+T+t))^s over t: Fader, Hardie, Lee (2005, "RFM and CLV:
    /// Using Iso-Value Curves for Customer Base Analysis"), whose confluent function this is.
    fn discounted_purchases_if_alive(&self, x: u32, t_cal: f64, rate: f64) -> f64 {
        let Self { r, alpha, s, beta } = *self;
        let time = beta + t_cal;
        (r + f64::from(x)) * time / (alpha + t_cal) * scaled_exponential_integral(s, rate * time)
    }

    /// Fader, Hardie (2006), "Deriving an Expression for P(X(t)=x) Under the Pareto/NBD Model": n purchases and alive
    /// at t, or dropped out at some y before, the latter summed by quadrature.
    fn purchase_probabilities(&self, n_max: u32, t: f64) -> Vec<f64> {
        let Self { r, alpha, s, beta } = *self;
        let ln_rates = |n: f64, y: f64, ln_y: f64| {
            let power = if n > 0.0 { n * (ln_y - (alpha + y).ln()) } else { 0.0 };
            ln_gamma_ratio(r, n) - ln_gamma(n + 1.0) + power - r * (y / alpha).ln_1p()
        };
        let probability = |n: f64| {
            let alive = (ln_rates(n, t, t.ln()) - s * (t / beta).ln_1p()).exp();
            if t <= 0.0 {
                return if n > 0.0 { 0.0 } else { 1.0 };
            }
            let gone_at = |node: &Node| {
                let y = t * node.p;
                ln_rates(n, y, t.ln() + node.ln_p) - (s + 1.0) * (y / beta).ln_1p()
            };
            let gone = means(gone_at, |_, _| (), 0).ln_integral + (s * t / beta).ln();
            alive + gone.exp()
        };
        (0..=n_max).map(|n| probability(f64::from(n))).collect()
    }

    fn log_likelihood(&self, histories: &Histories) -> f64 {
        log_likelihood(self, histories.linked()).ln
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// BTYD 2.4.3: pnbd.EstimateParameters on CDNOW; Fader, Hardie, Lee (2005), table 2: .553, 10.578, .606, 11.669.
    const CDNOW: ParetoNbd = ParetoNbd {
        r: 0.553_371_025_230_2,
        alpha: 10.579_519_634_436,
        s: 0.605_907_381_772_7,
        beta: 11.658_116_182_064,
    };

    #[test]
    fn customer_1516_as_in_the_walkthrough_of_btyd_2_4() {
        let history = History { x: 26, t_x: 30.857_142_857_143, t_cal: 31.0 };
        assert!((CDNOW.p_alive(&history) - 0.997_874_044_76).abs() < 1e-9, "{}", CDNOW.p_alive(&history));
        let expected = CDNOW.expected_purchases(&history, 52.0);
        assert!((expected / 25.456_468_318_371 - 1.0).abs() < 1e-9, "{expected}");
        let after_20_of_39 = |x| CDNOW.expected_purchases(&History { x, t_x: 20.0, t_cal: 39.0 }, 52.0);
        let figures = [0.706_228_901_924_1, 0.144_239_593_49, 0.022_506_577_456_51, 0.003_092_670_447_423];
        for (x, figure) in [10, 15, 20, 25].into_iter().zip(figures) {
            assert!((after_20_of_39(x) / figure - 1.0).abs() < 1e-6, "{x}: {} for {figure}", after_20_of_39(x));
        }
    }

    #[test]
    fn expected_purchases_of_new_customers_as_in_btyd_2_4() {
        let found = CDNOW.expected_purchases_of_new(&[1.0, 10.0, 52.0, 78.0]);
        for (found, expected) in
            found.iter().zip([0.051_005_754_460_6, 0.427_775_533_642_8, 1.473_434_470_024, 1.909_932_860_484])
        {
            assert!((found / expected - 1.0).abs() < 1e-9, "{found} for {expected}");
        }
    }

    #[test]
    fn expected_purchases_are_smooth_where_s_is_1() {
        let expected = |s| ParetoNbd { s, ..CDNOW }.expected_purchases_if_alive(3, 20.0, &[39.0])[0];
        assert!((expected(1.0) / expected(1.0 + 1e-9) - 1.0).abs() < 1e-8);
        assert!((expected(1.0) / expected(1.0 - 1e-9) - 1.0).abs() < 1e-8);
    }
}
