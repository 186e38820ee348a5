//! BG/BB: purchases at discrete opportunities (Fader, Hardie, Shang 2010, "Customer-Base Analysis in a Discrete-Time
//! Noncontractual Setting", Marketing Science 29(6), 1086-1108).
//!
//! While alive a customer buys at an opportunity with probability p ~ beta(alpha, beta); before each opportunity they
//! die with probability theta ~ beta(gamma, delta).

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::purchase_model::check_positive;
use crate::models::fitting::fit::{Fit, Problem};
use crate::models::fitting::minimise::Slope;
use crate::models::fitting::unfit::{Refusal, Unfit};
use crate::models::numeric::special::{ln_add, weight};

/// Patterns per task. Sums depend on this and on nothing else.
const PATTERNS_PER_TASK: usize = 256;

/// The parameters of BG/BB, named as in the paper.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BgBb {
    /// Purchase probabilities are beta(alpha, beta).
    pub alpha: f64,
    /// Purchase probabilities are beta(alpha, beta).
    pub beta: f64,
    /// Death probabilities are beta(gamma, delta).
    pub gamma: f64,
    /// Death probabilities are beta(gamma, delta).
    pub delta: f64,
}

/// One customer and their opportunities, which are numbered from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Opportunities {
    /// Opportunities that they had.
    pub n: u32,
    /// Opportunities at which they bought.
    pub x: u32,
    /// The last of these, 0 if there is none.
    pub t_x: u32,
}

impl Opportunities {
    fn is_possible(self) -> bool {
        self.x <= self.t_x && self.t_x <= self.n && (self.x > 0) == (self.t_x > 0)
    }
}

impl BgBb {
    pub(crate) const NAME: &'static str = "BG/BB";
    pub(crate) const NAMES: [&'static str; 4] = ["alpha", "beta", "gamma", "delta"];

    /// Fits by maximum likelihood. A pattern may come several times, in any order.
    ///
    /// # Errors
    /// Where the data cannot support the model, or a pattern is impossible.
    pub fn fit(customers: &[(Opportunities, u64)]) -> Result<Fit<Self>, Unfit> {
        Self::search(customers).map_err(Unfit::from)
    }

    /// The same; where it is refused, with what the search found.
    pub(crate) fn search(customers: &[(Opportunities, u64)]) -> Result<Fit<Self>, Refusal> {
        let patterns = gathered(customers);
        if let Some((wrong, _)) = patterns.iter().find(|(pattern, _)| !pattern.is_possible()) {
            let reason = format!("{wrong:?} is impossible: x <= t_x <= n must hold");
            return Err(Unfit::Refused { reason }.into());
        }
        let count = |keep: &dyn Fn(&Opportunities) -> bool| {
            patterns.iter().filter(|(pattern, _)| keep(pattern)).map(|(_, count)| count).sum::<u64>()
        };
        let (all, repeaters, needed) = (count(&|_| true), count(&|pattern| pattern.x > 0), Self::NAMES.len() as u64);
        if all == 0 {
            return Err(Unfit::NoCustomers.into());
        }
        if count(&|pattern| pattern.n > 1) == 0 {
            return Err(Unfit::OnePeriod.into());
        }
        if repeaters < needed {
            return Err(Unfit::TooFewRepeaters { repeaters, needed }.into());
        }
        let slope = |at: &[f64; 4]| Self::from_array(*at).slope(&patterns);
        let problem = Problem {
            model: Self::NAME,
            names: Self::NAMES,
            above: [0.0; 4],
            units: [1.0; 4],
            starts: vec![[1.0, 1.0, 0.5, 3.0], [1.0, 3.0, 0.5, 3.0], [3.0, 3.0, 1.0, 20.0], [0.5, 1.0, 1.0, 1.0]],
            customers: all,
            coarse: None,
            full: &slope,
            log_likelihood_offset: 0.0,
        };
        problem.solve().map(|fit| fit.map(Self::from_array))
    }

    /// Refuses parameters that do not make a model.
    ///
    /// # Errors
    /// Where a parameter is not finite or not above 0.
    pub fn check(&self) -> crate::error::Result<()> {
        let Self { alpha, beta, gamma, delta } = *self;
        check_positive(Self::NAME, [("alpha", alpha), ("beta", beta), ("gamma", gamma), ("delta", delta)])
    }

    fn from_array([alpha, beta, gamma, delta]: [f64; 4]) -> Self {
        Self { alpha, beta, gamma, delta }
    }

    /// The log-likelihood of `customers`.
    #[must_use]
    pub fn log_likelihood(&self, customers: &[(Opportunities, u64)]) -> f64 {
        self.slope(&gathered(customers)).0
    }

    /// The log-likelihood and its slopes.
    fn slope(&self, patterns: &[(Opportunities, u64)]) -> Slope<4> {
        let most = patterns.iter().map(|(pattern, _)| pattern.n).max().unwrap_or(0);
        let tables = Tables::new(self, most);
        let chunks = patterns.par_chunks(PATTERNS_PER_TASK).map(|patterns| {
            patterns
                .iter()
                .fold((0.0, [0.0; 4]), |sum, (pattern, count)| add(sum, weight(*count), tables.likelihood(*pattern)))
        });
        chunks.collect::<Vec<Slope<4>>>().into_iter().fold((0.0, [0.0; 4]), |sum, chunk| add(sum, 1.0, chunk))
    }

    /// P(alive at opportunity n + `ahead` | x, `t_x`, n): the paper's P(alive at n + 1) is `ahead` = 1.
    #[must_use]
    pub fn p_alive(&self, pattern: Opportunities, ahead: u32) -> f64 {
        let tables = Tables::new(self, pattern.n + ahead);
        let alive = tables.alive(pattern).0 + tables.survival(pattern.n + ahead).0 - tables.survival(pattern.n).0;
        (alive - tables.likelihood(pattern).0).exp().min(1.0)
    }

    /// E[X(n, n + `ahead`) | x, `t_x`, n]: the purchases expected at the next `ahead` opportunities: at each,
    /// alive there times the mean of p.
    #[must_use]
    pub fn expected_purchases(&self, pattern: Opportunities, ahead: u32) -> f64 {
        let tables = Tables::new(self, pattern.n + ahead);
        let alive_now = tables.alive(pattern).0 - tables.likelihood(pattern).0 - tables.survival(pattern.n).0;
        let alive_then = (1..=ahead).map(|i| (alive_now + tables.survival(pattern.n + i).0).exp());
        let p = (self.alpha + f64::from(pattern.x)) / (self.alpha + self.beta + f64::from(pattern.n));
        p * alive_then.sum::<f64>()
    }

    /// E[X(n)]: the purchases expected of a new customer at their first `n` opportunities.
    #[must_use]
    pub fn expected_purchases_of_new(&self, n: u32) -> f64 {
        self.expected_purchases(Opportunities { n: 0, x: 0, t_x: 0 }, n)
    }

    /// P(X(n) = x) of a new customer for x = 0..=`n`: alive throughout, or dead after opportunity i.
    #[must_use]
    pub fn purchase_probabilities(&self, n: u32) -> Vec<f64> {
        let tables = Tables::new(self, n);
        let choose = |i: u32, x: u32| {
            tables.factorials[i as usize] - tables.factorials[x as usize] - tables.factorials[(i - x) as usize]
        };
        let probability = |x: u32| {
            let alive = choose(n, x) + tables.bought(x, n - x).0 + tables.survival(n).0;
            (x..n)
                .fold(alive, |sum, i| ln_add(sum, choose(i, x) + tables.bought(x, i - x).0 + tables.death_after(i).0))
                .exp()
        };
        (0..=n).map(probability).collect()
    }
}

/// Distinct patterns in ascending order with their counts.
fn gathered(customers: &[(Opportunities, u64)]) -> Vec<(Opportunities, u64)> {
    let mut counts = std::collections::BTreeMap::new();
    for &(pattern, count) in customers.iter().filter(|(_, count)| *count > 0) {
        *counts.entry(pattern).or_insert(0) += count;
    }
    counts.into_iter().collect()
}

fn add(sum: Slope<4>, weight: f64, term: Slope<4>) -> Slope<4> {
    (sum.0 + weight * term.0, std::array::from_fn(|i| sum.1[i] + weight * term.1[i]))
}

/// ln of the rising factorial (z)_k = G(z+k)/G(z), and its slope in z, for k = 0, 1, ..
struct Rising(Vec<(f64, f64)>);

impl Rising {
    fn new(z: f64, most: u32) -> Self {
        let next = |sum: &mut (f64, f64), k: u32| {
            let here = *sum;
            *sum = (here.0 + (z + f64::from(k)).ln(), here.1 + 1.0 / (z + f64::from(k)));
            Some(here)
        };
        Self((0..=most).scan((0.0, 0.0), next).collect())
    }
}

/// The beta functions of the model relative to those of the prior, by table: they are rising factorials.
struct Tables {
    alpha: Rising,
    beta: Rising,
    both: Rising,
    delta: Rising,
    gamma_delta: Rising,
    gamma: f64,
    factorials: Vec<f64>,
}

impl Tables {
    fn new(model: &BgBb, most: u32) -> Self {
        let most = most + 1;
        Self {
            alpha: Rising::new(model.alpha, most),
            beta: Rising::new(model.beta, most),
            both: Rising::new(model.alpha + model.beta, most),
            delta: Rising::new(model.delta, most),
            gamma_delta: Rising::new(model.gamma + model.delta, most),
            gamma: model.gamma,
            factorials: Rising::new(1.0, most).0.into_iter().map(|(ln, _)| ln).collect(),
        }
    }

    /// ln B(alpha+x, beta+m) / B(alpha, beta): bought at these x opportunities and not at those m.
    fn bought(&self, x: u32, m: u32) -> Slope<4> {
        let (alpha, beta, both) = (self.alpha.0[x as usize], self.beta.0[m as usize], self.both.0[(x + m) as usize]);
        (alpha.0 + beta.0 - both.0, [alpha.1 - both.1, beta.1 - both.1, 0.0, 0.0])
    }

    /// ln B(gamma, delta+n) / B(gamma, delta): alive at opportunity n.
    fn survival(&self, n: u32) -> Slope<4> {
        let (delta, both) = (self.delta.0[n as usize], self.gamma_delta.0[n as usize]);
        (delta.0 - both.0, [0.0, 0.0, -both.1, delta.1 - both.1])
    }

    /// ln B(gamma+1, delta+n) / B(gamma, delta): died between opportunities n and n + 1.
    fn death_after(&self, n: u32) -> Slope<4> {
        let (delta, both) = (self.delta.0[n as usize], self.gamma_delta.0[n as usize + 1]);
        (self.gamma.ln() + delta.0 - both.0, [0.0, 0.0, 1.0 / self.gamma - both.1, delta.1 - both.1])
    }

    /// The log of the part of the likelihood in which the customer lives.
    fn alive(&self, pattern: Opportunities) -> Slope<4> {
        add(self.bought(pattern.x, pattern.n - pattern.x), 1.0, self.survival(pattern.n))
    }

    /// The likelihood of the paper in logs, and its slopes.
    fn likelihood(&self, pattern: Opportunities) -> Slope<4> {
        let Opportunities { n, x, t_x } = pattern;
        let died_after = |i: u32| add(self.bought(x, i - x), 1.0, self.death_after(i));
        (t_x..n).map(died_after).fold(self.alive(pattern), |sum, way| {
            let all = ln_add(sum.0, way.0);
            let (of_sum, of_way) = ((sum.0 - all).exp(), (way.0 - all).exp());
            (all, std::array::from_fn(|i| of_sum * sum.1[i] + of_way * way.1[i]))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fader, Hardie, Shang (2010), table 3; the data are their table 1: donors of 1995 over the next six years.
    const DONATIONS: BgBb = BgBb { alpha: 1.204, beta: 0.750, gamma: 0.657, delta: 2.783 };
    const DONORS: [(u32, u32, u64); 22] = [
        (6, 6, 1203),
        (5, 6, 728),
        (4, 6, 512),
        (3, 6, 357),
        (2, 6, 234),
        (1, 6, 129),
        (5, 5, 335),
        (4, 5, 284),
        (3, 5, 225),
        (2, 5, 173),
        (1, 5, 119),
        (4, 4, 240),
        (3, 4, 181),
        (2, 4, 155),
        (1, 4, 78),
        (3, 3, 322),
        (2, 3, 255),
        (1, 3, 129),
        (2, 2, 613),
        (1, 2, 277),
        (1, 1, 1091),
        (0, 0, 3464),
    ];

    fn donors() -> Vec<(Opportunities, u64)> {
        DONORS.iter().map(|&(x, t_x, donors)| (Opportunities { n: 6, x, t_x }, donors)).collect()
    }

    #[test]
    fn donations_as_in_fader_hardie_shang_2010_table_3() {
        let fit = BgBb::fit(&donors()).unwrap();
        let expected = [1.204, 0.750, 0.657, 2.783];
        for (estimate, expected) in fit.estimates.iter().zip(expected) {
            assert!((estimate.value / expected - 1.0).abs() < 1e-3, "{estimate:?} for {expected}");
        }
        // BTYD 2.4.3
        assert!((fit.log_likelihood + 33_225.581_275_475).abs() < 1e-3, "{}", fit.log_likelihood);
        assert!(fit.convergence.gradient_norm < 1e-9, "{:?}", fit.convergence);
        let next_five =
            |&(pattern, donors): &(Opportunities, u64)| weight(donors) * fit.parameters.expected_purchases(pattern, 5);
        assert!((donors().iter().map(next_five).sum::<f64>() - 12_884.2).abs() < 0.5);
    }

    #[test]
    fn p_alive_as_in_fader_hardie_shang_2010_table_6() {
        for (x, t_x, expected) in [(0, 0, 0.11), (2, 4, 0.59), (6, 6, 0.93)] {
            let found = DONATIONS.p_alive(Opportunities { n: 6, x, t_x }, 1);
            assert!((found - expected).abs() < 0.005, "{found} for {expected}");
        }
    }

    #[test]
    fn slopes_are_those_of_differences() {
        let at = [0.4, 12.0, 0.05, 3.0];
        let slopes = BgBb::from_array(at).slope(&donors()).1;
        for i in 0..4 {
            let beside = |sign: f64| {
                let mut at = at;
                at[i] *= 1.0 + sign * 1e-6;
                BgBb::from_array(at).log_likelihood(&donors())
            };
            let difference = (beside(1.0) - beside(-1.0)) / (2e-6 * at[i]);
            assert!((slopes[i] / difference - 1.0).abs() < 1e-6, "{i}: {} for {difference}", slopes[i]);
        }
    }

    /// Every one of the 2^n orders of purchases is one (x, `t_x`): counted, their likelihoods add up to 1.
    #[test]
    fn all_that_can_happen_has_probability_1() {
        let mut total = DONATIONS.log_likelihood(&[(Opportunities { n: 6, x: 0, t_x: 0 }, 1)]).exp();
        let choose = |n: u32, k: u32| (0..k).fold(1.0, |c, i| c * f64::from(n - i) / f64::from(i + 1));
        for t_x in 1..=6 {
            for x in 1..=t_x {
                let orders = choose(t_x - 1, x - 1);
                total += orders * DONATIONS.log_likelihood(&[(Opportunities { n: 6, x, t_x }, 1)]).exp();
            }
        }
        assert!((total - 1.0).abs() < 1e-13, "{total}");
        let numbers = DONATIONS.purchase_probabilities(6);
        assert!((numbers.iter().sum::<f64>() - 1.0).abs() < 1e-13);
        let mean: f64 = (0..=6).zip(&numbers).map(|(x, p)| f64::from(x) * p).sum();
        assert!((mean / DONATIONS.expected_purchases_of_new(6) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn data_that_show_no_dropout_make_no_model() {
        let of = |n, x, t_x, donors| (Opportunities { n, x, t_x }, donors);
        assert_eq!(BgBb::fit(&[]), Err(Unfit::NoCustomers));
        assert_eq!(BgBb::fit(&[of(1, 1, 1, 50), of(1, 0, 0, 50)]), Err(Unfit::OnePeriod));
        assert_eq!(BgBb::fit(&[of(6, 0, 0, 50)]), Err(Unfit::TooFewRepeaters { repeaters: 0, needed: 4 }));
        let always = BgBb::fit(&[of(6, 6, 6, 50)]).unwrap_err();
        assert!(matches!(always, Unfit::AtBound { .. } | Unfit::Flat { .. }), "{always}");
    }
}
