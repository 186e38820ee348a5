//! How many customers, and how fast they must buy, to get about the wanted number of lines.
//!
//! The expectation is computed, not found by trial: E[X(t)] of the BG/NBD for a customer of age t, averaged over ages
//! that are uniform between 0 and the length of the period. Does not live here: any draw.

use super::options::{MOST_CUSTOMERS, SimulateOptions};
use crate::error::{Error, Result};

/// Customers if no number is set: one for this many lines, as in retail data of a year or two.
const LINES_PER_CUSTOMER: f64 = 12.0;
/// And at least this many orders for each, since one order says nothing about how a customer buys.
const ORDERS_PER_CUSTOMER: f64 = 3.0;
/// The factor that meets the wanted number of orders is searched for between these two.
const RATE_FACTORS: (f64, f64) = (1e-9, 1e6);

/// The outcome: how large a population is, and how much faster it buys than its parameters say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Size {
    /// Customers to draw.
    pub(super) customers: u64,
    /// What all purchase rates are multiplied with.
    pub(super) rate_factor: f64,
    /// The expected number of orders of all customers.
    pub(super) expected_orders: f64,
}

impl Size {
    /// Solves for the population of `options`, whose period has `days` days.
    ///
    /// # Errors
    /// `config` where no population has so many or so few orders.
    pub(super) fn of(options: &SimulateOptions, days: f64) -> Result<Self> {
        #[expect(clippy::cast_precision_loss, reason = "a target need not be met to the last line")]
        let lines = options.lines as f64;
        let orders = (lines * (1.0 - options.share_duplicates) / options.lines_per_order).max(1.0);
        let dropout = Dropout::new(options.a, options.b);
        let mean_orders = |factor: f64| 1.0 + dropout.mean_repeats(options.r, options.alpha / factor, days);
        if !options.scale_rate {
            let each = mean_orders(1.0);
            let customers = whole_customers(orders / each)?;
            return Ok(Self::new(customers, 1.0, each));
        }
        let customers = match options.customers {
            Some(customers) => customers,
            None => whole_customers((lines / LINES_PER_CUSTOMER).min(orders / ORDERS_PER_CUSTOMER))?,
        };
        #[expect(clippy::cast_precision_loss, reason = "customers have 32 bits")]
        let wanted = orders / customers as f64;
        if options.customers.is_some() && wanted < 1.0 {
            return Err(Error::config(format!("`lines` is {}: too few for {customers} customers", options.lines))
                .cause(format!("they make {orders:.0} orders, and every customer has at least one"))
                .hint("give more lines, fewer customers or fewer lines per order"));
        }
        let rate_factor = solve_factor(&mean_orders, wanted)?;
        Ok(Self::new(customers, rate_factor, mean_orders(rate_factor)))
    }

    #[expect(clippy::cast_precision_loss, reason = "customers have 32 bits")]
    fn new(customers: u64, rate_factor: f64, each: f64) -> Self {
        Self { customers, rate_factor, expected_orders: each * customers as f64 }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be within 32 bits")]
#[expect(clippy::cast_precision_loss, reason = "the bound has 32 bits")]
fn whole_customers(customers: f64) -> Result<u64> {
    let whole = customers.round().max(1.0);
    if whole > MOST_CUSTOMERS as f64 {
        return Err(Error::config(format!("{whole:.0} customers are too many"))
            .cause(format!("at most {MOST_CUSTOMERS} can be drawn"))
            .hint("give fewer lines, or give `customers`"));
    }
    Ok(whole as u64)
}

/// The factor at which `mean_orders`, which rises with it, is `wanted`: bisection on the logarithm.
fn solve_factor(mean_orders: &impl Fn(f64) -> f64, wanted: f64) -> Result<f64> {
    let (mut low, mut high) = (RATE_FACTORS.0.ln(), RATE_FACTORS.1.ln());
    let most = mean_orders(RATE_FACTORS.1);
    if wanted > most {
        return Err(Error::config(format!("{wanted:.1} orders per customer cannot be had with these parameters"))
            .cause(format!("customers drop out after {most:.1} orders on average, however fast they buy"))
            .hint("raise `b` or lower `a` (fewer drop out), give more customers, or more lines per order"));
    }
    // 60 halvings of 35 logarithmic units leave 3e-17.
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if mean_orders(middle.exp()) < wanted { low = middle } else { high = middle }
    }
    Ok(high.exp())
}

/// A grid of dropout probabilities with the weights of a beta distribution.
///
/// With p = 1 / (1 + e^-y) the density decays exponentially on both sides of y, whatever the shapes,
/// and the trapezoid rule converges exponentially (Trefethen and Weideman 2014).
#[derive(Debug)]
struct Dropout {
    /// Pairs of probability and weight; the weights sum to 1.
    nodes: Vec<(f64, f64)>,
}

impl Dropout {
    fn new(a: f64, b: f64) -> Self {
        let log_weight = |y: f64| {
            let ln_tail = (-y.abs()).exp().ln_1p();
            -a * ((-y).max(0.0) + ln_tail) - b * (y.max(0.0) + ln_tail)
        };
        let mode = (a / b).ln();
        let spread = (1.0 / a + 1.0 / b).sqrt();
        let step = (spread / 10.0).min(0.5);
        // e^-40 and twelve deviations are both far below the precision of a double.
        let (left, right) = (40.0 / a + 12.0 * spread, 40.0 / b + 12.0 * spread);
        let grid = std::iter::successors(Some(mode - left), |y| Some(y + step)).take_while(|y| *y <= mode + right);
        let mut nodes: Vec<(f64, f64)> =
            grid.map(|y| (1.0 / (1.0 + (-y).exp()), (log_weight(y) - log_weight(mode)).exp())).collect();
        let total: f64 = nodes.iter().map(|(_, weight)| weight).sum();
        for (_, weight) in &mut nodes {
            *weight /= total;
        }
        Self { nodes }
    }

    /// The mean number of repeat orders of a customer whose age is uniform between 0 and `days`.
    fn mean_repeats(&self, r: f64, alpha: f64, days: f64) -> f64 {
        self.nodes.iter().map(|(dropout, weight)| weight * mean_repeats_at(*dropout, r, alpha, days)).sum()
    }
}

/// The same for one dropout probability p. With rate l and age t the mean is (1 - e^(-l p t)) / p; over l it is
/// (1 - (alpha / (alpha + p t))^r) / p; and over t, with u = p days / alpha,
/// (1 - ((1 + u)^(1-r) - 1) / (u (1-r))) / p.
fn mean_repeats_at(dropout: f64, r: f64, alpha: f64, days: f64) -> f64 {
    let u = dropout * days / alpha;
    if u < 1e-4 {
        // The first two terms of the series in u; the difference above would cancel.
        return days / alpha * (r / 2.0 - r * (r + 1.0) * u / 6.0);
    }
    let power = 1.0 - r;
    let still_active = if power.abs() < 1e-9 { u.ln_1p() / u } else { (power * u.ln_1p()).exp_m1() / (power * u) };
    (1.0 - still_active) / dropout
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "statistics of counts far below 2^53")]
#[expect(clippy::many_single_char_names, reason = "the names of the papers")]
pub(super) mod tests {
    use super::*;

    /// Gauss's hypergeometric series, for |z| < 1.
    fn hypergeometric(a: f64, b: f64, c: f64, z: f64) -> f64 {
        let mut term = 1.0;
        let mut sum = 1.0;
        for n in 0..200_000 {
            let n = f64::from(n);
            term *= (a + n) * (b + n) / ((c + n) * (n + 1.0)) * z;
            sum += term;
            if term < 1e-16 * sum {
                break;
            }
        }
        sum
    }

    /// E[X(t)] as in Fader, Hardie and Lee (2005), equation 9.
    fn expected_repeats(r: f64, alpha: f64, a: f64, b: f64, t: f64) -> f64 {
        let h = hypergeometric(r, b, a + b - 1.0, t / (alpha + t));
        (a + b - 1.0) / (a - 1.0) * (1.0 - (alpha / (alpha + t)).powf(r) * h)
    }

    /// Its mean over ages 0 to `days`, by Simpson's rule.
    pub(crate) fn expected_repeats_over_ages(r: f64, alpha: f64, a: f64, b: f64, days: f64) -> f64 {
        let steps = 1000_u32;
        let at = |i: u32| expected_repeats(r, alpha, a, b, days * f64::from(i) / f64::from(steps));
        let inner: f64 = (1..steps).map(|i| at(i) * if i % 2 == 1 { 4.0 } else { 2.0 }).sum();
        (at(0) + inner + at(steps)) / (3.0 * f64::from(steps))
    }

    #[test]
    fn the_mean_agrees_with_the_closed_form_of_fader_hardie_lee_2005() {
        // Around each limit: a below and above 1, r below, at and above 1, small and large ages.
        for (r, alpha, a, b, days) in [
            (0.243, 30.898, 0.793, 2.426, 731.0),
            (1.0, 30.0, 3.0, 8.0, 365.0),
            (2.5, 90.0, 1.5, 4.0, 30.0),
            (0.5, 5.0, 0.4, 20.0, 90.0),
        ] {
            let expected = expected_repeats_over_ages(r, alpha, a, b, days);
            let found = Dropout::new(a, b).mean_repeats(r, alpha, days);
            assert!(
                (found / expected - 1.0).abs() < 1e-6,
                "{found} for {expected} with r {r} alpha {alpha} a {a} b {b}"
            );
        }
    }

    #[test]
    fn extreme_shapes_of_the_dropout_keep_their_limits() {
        // Nearly no dropout: a plain gamma-Poisson process, r / alpha * days / 2 repeats.
        let never = Dropout::new(0.01, 1e9).mean_repeats(0.5, 10.0, 40.0);
        assert!((never - 1.0).abs() < 1e-6, "{never}");
        // Certain dropout with the first repeat: at most one.
        let at_once = Dropout::new(1e9, 0.01).mean_repeats(5.0, 1e-3, 1000.0);
        assert!((at_once - 1.0).abs() < 1e-3, "{at_once}");
    }

    #[test]
    fn the_rates_are_scaled_to_the_wanted_orders() {
        // 1.2 million lines of 4 per order are 300,000 orders; 100,000 customers make 3 each.
        let options = SimulateOptions { lines: 1_200_000, ..SimulateOptions::default() };
        let size = Size::of(&options, 731.0).expect("the defaults can be met");
        assert_eq!(size.customers, 100_000);
        let repeats = expected_repeats_over_ages(0.243, 30.898 / size.rate_factor, 0.793, 2.426, 731.0);
        assert!((repeats - 2.0).abs() < 1e-5, "{repeats}");
    }

    #[test]
    fn duplicates_are_part_of_the_target() {
        let options = SimulateOptions { lines: 1_200_000, share_duplicates: 0.25, ..SimulateOptions::default() };
        // 900,000 lines that are no duplicates, 225,000 orders, at least 3 for each customer.
        assert_eq!(Size::of(&options, 731.0).expect("it can be met").customers, 75_000);
    }

    #[test]
    fn without_scaling_the_number_of_customers_follows_from_the_lines() {
        let options = SimulateOptions { lines: 400_000, scale_rate: false, ..SimulateOptions::default() };
        let size = Size::of(&options, 731.0).expect("it can be met");
        let each = 1.0 + expected_repeats_over_ages(0.243, 30.898, 0.793, 2.426, 731.0);
        assert!((100_000.0 / each - size.customers as f64).abs() <= 0.6, "{size:?}");
        assert!((size.rate_factor - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn targets_out_of_reach_are_refused_with_a_way_out() {
        let many = SimulateOptions { customers: Some(1000), lines: 4000, lines_per_order: 8.0, ..Default::default() };
        assert!(Size::of(&many, 731.0).expect_err("500 orders").to_string().contains("at least one"));
        // With a = 3, b = 3 a customer has 1 + (a + b - 1) / (a - 1) = 3.5 orders at most.
        let few =
            SimulateOptions { customers: Some(1000), lines: 20_000, r: 5.0, a: 3.0, b: 3.0, ..Default::default() };
        assert!(Size::of(&few, 731.0).expect_err("5 orders each").to_string().contains("after 3.5 orders"));
    }
}
