//! The customers: when each of them buys, and for how much.
//!
//! BG/NBD (Fader, Hardie and Lee 2005) for the times: the first order falls on a uniform moment of the period; then
//! gaps are exponential with a rate from a gamma distribution, and after each *repeat* order the customer drops out
//! with a probability from a beta distribution. Gamma-Gamma (Fader and Hardie 2013) for the values. Does not live here:
//! lines, bad data, files.

use rand_distr::{Beta, Distribution, Exp1, Gamma};

use super::options::SimulateOptions;
use super::period::{MICROS_PER_DAY_F64, Period};
use super::random::{Purpose, Stream};
use super::size::Size;
use crate::error::{Error, Result};

/// One order, in 16 bytes, since there can be a billion of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Order {
    /// Microseconds since 1970-01-01 UTC.
    pub(super) micros: i64,
    /// Counted from 1.
    pub(super) customer: u32,
    /// The order's value in hundredths, 1 or more; capped at 42 million (the end of 32 bits).
    pub(super) cents: u32,
}

/// The distributions from which customers are drawn.
#[derive(Debug)]
pub(super) struct Population {
    seed: u64,
    period: Period,
    /// Orders per microsecond.
    rate: Gamma<f64>,
    dropout: Beta<f64>,
    /// A customer's rate of order values; the mean order is `p` divided by it.
    value_rate: Gamma<f64>,
    /// An order's value before division by the customer's rate.
    value: Gamma<f64>,
}

impl Population {
    /// The population of `options`, with rates multiplied by the factor of `size`.
    ///
    /// # Errors
    /// `config` for parameters that make no distribution.
    pub(super) fn new(options: &SimulateOptions, period: Period, size: Size) -> Result<Self> {
        let gamma = |shape: f64, scale: f64| Gamma::new(shape, scale).map_err(unfit);
        Ok(Self {
            seed: options.seed,
            period,
            rate: gamma(options.r, size.rate_factor / (options.alpha * MICROS_PER_DAY_F64))?,
            dropout: Beta::new(options.a, options.b).map_err(unfit)?,
            value_rate: gamma(options.q, 1.0 / options.gamma)?,
            value: gamma(options.p, 1.0)?,
        })
    }

    /// Passes every order of one customer to `take`, in the order of time. The same number gives the same orders.
    ///
    /// # Errors
    /// Those of `take`.
    pub(super) fn each_order(&self, customer: u32, mut take: impl FnMut(Order) -> Result<()>) -> Result<()> {
        let mut stream = Stream::new(self.seed, Purpose::Customer, u64::from(customer));
        let rate = self.rate.sample(&mut stream);
        let dropout = self.dropout.sample(&mut stream);
        let value_rate = self.value_rate.sample(&mut stream);
        let length = self.period.micros_long();
        let mut age = stream.unit() * length;
        take(self.order(customer, age, value_rate, &mut stream))?;
        // A rate of zero gives an infinite gap, which is past the end of any period.
        age += gap(rate, &mut stream);
        while age < length {
            take(self.order(customer, age, value_rate, &mut stream))?;
            if stream.chance(dropout) {
                break;
            }
            age += gap(rate, &mut stream);
        }
        Ok(())
    }

    fn order(&self, customer: u32, age: f64, value_rate: f64, stream: &mut Stream) -> Order {
        let cents = to_cents(self.value.sample(stream) / value_rate);
        Order { micros: self.period.at(age), customer, cents }
    }
}

fn gap(rate: f64, stream: &mut Stream) -> f64 {
    let unit_gap: f64 = Exp1.sample(stream);
    unit_gap / rate
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` stops at the ends of 32 bits")]
fn to_cents(value: f64) -> u32 {
    ((value * 100.0).round() as u32).max(1)
}

fn unfit(problem: impl std::fmt::Display) -> Error {
    Error::config("the parameters of the population make no distribution").cause(problem)
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "statistics of counts far below 2^53")]
mod tests {
    use super::*;
    use crate::simulate::size::tests::expected_repeats_over_ages;

    const DAYS: f64 = 731.0;

    fn orders_per_customer(options: &SimulateOptions) -> Vec<Vec<Order>> {
        let size = Size::of(options, DAYS).expect("the options can be met");
        let population = Population::new(options, Period::of(options), size).expect("the parameters are valid");
        let customers = u32::try_from(size.customers).expect("few customers");
        (1..=customers)
            .map(|customer| {
                let mut orders = Vec::new();
                population
                    .each_order(customer, |order| {
                        orders.push(order);
                        Ok(())
                    })
                    .expect("nothing can fail");
                orders
            })
            .collect()
    }

    /// Mean and standard error of the mean.
    fn mean_and_error(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
        (mean, (variance / n).sqrt())
    }

    #[test]
    fn mean_repeats_as_in_fader_hardie_lee_2005() {
        let options = SimulateOptions { lines: 800_000, scale_rate: false, ..SimulateOptions::default() };
        let repeats: Vec<f64> = orders_per_customer(&options).iter().map(|orders| orders.len() as f64 - 1.0).collect();
        let (mean, error) = mean_and_error(&repeats);
        let expected = expected_repeats_over_ages(0.243, 4.414 * 7.0, 0.793, 2.426, DAYS);
        assert!(error < 0.02 * expected, "the sample is too small to tell: {error}");
        assert!((mean - expected).abs() < 4.5 * error, "{mean} for {expected}, standard error {error}");
    }

    #[test]
    fn mean_order_value_as_in_fader_hardie_2013() {
        // p gamma / (q - 1) = 6.25 * 15.44 / 2.74 = 35.22, of each customer's first order.
        let options = SimulateOptions { lines: 1_200_000, ..SimulateOptions::default() };
        let values: Vec<f64> =
            orders_per_customer(&options).iter().map(|orders| f64::from(orders[0].cents) / 100.0).collect();
        let (mean, error) = mean_and_error(&values);
        assert!(error < 0.2, "the sample is too small to tell: {error}");
        assert!((mean - 35.22).abs() < 4.5 * error, "{mean}, standard error {error}");
    }

    #[test]
    fn a_customer_keeps_their_own_level_of_spending() {
        // The share of the variance that lies between customers is 1 / (1 + (q - 1) / p) for two orders of the
        // same customer: corr = Var(p/v) / (Var(p/v) + E(p/v^2)). With q = 10, p = 6.25 and m = p gamma / (q-1):
        // Var = m^2 / (q-2) = m^2 / 8, E(p/v^2) = m^2 (q-1) / (p (q-2)) = m^2 * 9 / 50, corr = 0.41.
        let options = SimulateOptions { lines: 1_200_000, q: 10.0, ..SimulateOptions::default() };
        let pairs: Vec<(f64, f64)> = orders_per_customer(&options)
            .iter()
            .filter(|orders| orders.len() >= 2)
            .map(|orders| (f64::from(orders[0].cents), f64::from(orders[1].cents)))
            .collect();
        let n = pairs.len() as f64;
        let (x, y) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
        let covariance: f64 = pairs.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
        let deviations: f64 =
            pairs.iter().map(|p| (p.0 - x).powi(2)).sum::<f64>() * pairs.iter().map(|p| (p.1 - y).powi(2)).sum::<f64>();
        let correlation = covariance / deviations.sqrt();
        assert!((correlation - 0.41).abs() < 0.03, "{correlation}");
    }

    #[test]
    fn orders_ascend_and_stay_inside_the_period() {
        let options = SimulateOptions { lines: 120_000, ..SimulateOptions::default() };
        let period = Period::of(&options);
        for orders in orders_per_customer(&options) {
            assert!(!orders.is_empty());
            assert!(orders.is_sorted_by_key(|order| order.micros));
            assert!(orders.iter().all(|order| period.contains(order.micros) && order.cents >= 1));
        }
    }

    #[test]
    fn first_orders_are_uniform_over_the_period() {
        let options = SimulateOptions { lines: 1_200_000, ..SimulateOptions::default() };
        let firsts = orders_per_customer(&options);
        let middle = Period::of(&options).at(DAYS * MICROS_PER_DAY_F64 / 2.0);
        let early = firsts.iter().filter(|orders| orders[0].micros < middle).count() as f64;
        let n = firsts.len() as f64;
        assert!((early - n / 2.0).abs() < 4.5 * (n / 4.0).sqrt(), "{early} of {n}");
    }
}
