//! What a purchase is expected to bring: by Gamma-Gamma, or the mean where customers do not differ in what they pay.
//!
//! Does not live here: the fit of Gamma-Gamma (`gamma_gamma`).

use serde::{Deserialize, Serialize};

use super::gamma_gamma::GammaGamma;
use super::{Spending, Spendings};
use crate::error::{Error, Result};
use crate::models::fitting::unfit::{Limit, Unfit};

/// The mean of all purchases, for everybody: the limit of Gamma-Gamma as the spread between customers goes to none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeanValue {
    /// The mean: money.
    pub mean: f64,
}

/// Each customer's own mean, where everyone always pays their own price: the limit of Gamma-Gamma as the spread between the
/// purchases of a customer goes to none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnPrice {
    /// The mean over customers, for those whose price is not known yet: money.
    pub mean: f64,
}

/// A model of order values, of whichever kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OrderValues {
    /// [`GammaGamma`].
    GammaGamma(GammaGamma),
    /// [`MeanValue`].
    Mean(MeanValue),
    /// [`OwnPrice`].
    OwnPrice(OwnPrice),
}

impl OrderValues {
    /// The value expected of a customer's next purchase.
    #[must_use]
    pub fn expected_order_value(&self, spending: Spending) -> f64 {
        match self {
            Self::GammaGamma(model) => model.expected_order_value(spending),
            Self::Mean(model) => model.mean,
            Self::OwnPrice(model) if spending.x == 0 => model.mean,
            Self::OwnPrice(_) => spending.z,
        }
    }

    /// Its name in tables and manifests.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::GammaGamma(_) => "gamma_gamma",
            Self::Mean(_) => "mean_value",
            Self::OwnPrice(_) => "own_price",
        }
    }

    /// The parameters with their names.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, f64)> {
        match self {
            Self::GammaGamma(GammaGamma { p, q, gamma }) => vec![("p", *p), ("q", *q), ("gamma", *gamma)],
            Self::Mean(MeanValue { mean }) | Self::OwnPrice(OwnPrice { mean }) => vec![("mean", *mean)],
        }
    }
}

impl From<GammaGamma> for OrderValues {
    fn from(model: GammaGamma) -> Self {
        Self::GammaGamma(model)
    }
}

impl MeanValue {
    /// The mean purchase of `spendings`, where `unfit`, the reason why there is no Gamma-Gamma of them, is that customers do
    /// not differ in what they pay, or not that one could tell; else none.
    #[must_use]
    pub fn where_alike(spendings: &Spendings, unfit: &Unfit) -> Option<Self> {
        let is_between = |parameter: &str| ["q", "gamma"].contains(&parameter);
        let is_alike = match unfit {
            Unfit::NoSpread => true,
            Unfit::AtBound { parameter, limit: Limit::Infinity, .. } | Unfit::Flat { parameter, .. } => {
                is_between(parameter) && !spendings.differ_by_customer()
            }
            _ => false,
        };
        is_alike.then(|| Self { mean: spendings.mean_purchase() }).filter(|found| found.check().is_ok())
    }

    /// Refuses a mean that is none.
    ///
    /// # Errors
    /// Where it is not finite or not above 0.
    pub fn check(&self) -> Result<()> {
        check_mean(self.mean)
    }
}

impl OwnPrice {
    /// The customers' own prices, where `unfit`, the reason why there is no Gamma-Gamma of `spendings`, is that customers differ,
    /// and what each pays does not; else none.
    #[must_use]
    pub fn where_fixed(spendings: &Spendings, unfit: &Unfit) -> Option<Self> {
        let is_fixed = match unfit {
            Unfit::FixedPrices => true,
            Unfit::AtBound { parameter, limit: Limit::Infinity, .. } if parameter == "p" => true,
            Unfit::AtBound { .. } | Unfit::Flat { .. } => spendings.differ_by_customer(),
            _ => false,
        };
        is_fixed.then(|| Self { mean: spendings.mean() }).filter(|found| found.check().is_ok())
    }

    /// Refuses a mean that is none.
    ///
    /// # Errors
    /// Where it is not finite or not above 0.
    pub fn check(&self) -> Result<()> {
        check_mean(self.mean)
    }
}

fn check_mean(mean: f64) -> Result<()> {
    if mean.is_finite() && mean > 0.0 {
        return Ok(());
    }
    Err(Error::config(format!("the mean value of an order must be finite and above 0: `mean` is {mean}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(spendings: &[(u32, f64)]) -> Option<f64> {
        let spendings = Spendings::new(spendings.iter().map(|&(x, z)| (Spending { x, z }, 1)).collect());
        let unfit = GammaGamma::fit(&spendings).err()?;
        MeanValue::where_alike(&spendings, &unfit).map(|model| model.mean)
    }

    #[test]
    fn one_price_is_the_value_to_the_last_bit() {
        let prices: Vec<(u32, f64)> = (1..50).map(|x| (x, 9.99)).collect();
        assert_eq!(alike(&prices).map(f64::to_bits), Some(9.99_f64.to_bits()));
        let model = OrderValues::Mean(MeanValue { mean: 9.99 });
        assert_eq!(model.expected_order_value(Spending { x: 0, z: 0.0 }).to_bits(), 9.99_f64.to_bits());
    }

    #[test]
    fn almost_one_price_is_the_mean_purchase() {
        // 3 purchases of 10.00 and 1 of 10.08: (30 + 10.08) / 4
        let found = alike(&[(3, 10.0), (1, 10.08)]).unwrap();
        assert!((found - 10.02).abs() < 1e-12, "{found}");
    }

    #[test]
    fn customers_who_differ_by_chance_only_have_the_mean() {
        // every customer draws from the same 8 to 12: the more purchases, the nearer to 10
        let draw = |i: u32| 8.0 + 4.0 * f64::from(i * 7_919 % 1_000) / 999.0;
        let customer = |c: u32| {
            let x = 1 + c % 9;
            (x, (0..x).map(|n| draw(c * 31 + n * 17)).sum::<f64>() / f64::from(x))
        };
        let found = alike(&(0..3_000).map(customer).collect::<Vec<_>>()).unwrap();
        assert!((found - 10.0).abs() < 0.1, "{found}");
    }

    /// Three plans, whose customers each pay theirs every month: the average of more purchases is no nearer to the mean, and
    /// Gamma-Gamma alone takes its end for customers who do not differ.
    #[test]
    fn everyone_who_always_pays_their_own_price_keeps_it() {
        let plans = |i: u32| (1 + i % 9, [5.0, 10.0, 20.0][(i / 3 % 3) as usize]);
        let customers = (0..297).map(plans).map(|(x, z)| (Spending { x, z }, 1));
        let blind = Spendings::new(customers.collect());
        let unfit = GammaGamma::fit(&blind).unwrap_err();
        assert!(MeanValue::where_alike(&blind, &unfit).is_some() || OwnPrice::where_fixed(&blind, &unfit).is_some());
        for (range, expected) in [(0.0, Unfit::FixedPrices), (0.04, unfit)] {
            let known = blind.clone().with_own_spread(super::super::OwnSpread { customers: 264, range });
            let unfit = GammaGamma::fit(&known).unwrap_err();
            assert_eq!(unfit, expected);
            assert_eq!(MeanValue::where_alike(&known, &unfit), None);
            let model = OrderValues::OwnPrice(OwnPrice::where_fixed(&known, &unfit).unwrap());
            assert_eq!(model.expected_order_value(Spending { x: 4, z: 20.0 }).to_bits(), 20.0_f64.to_bits());
            // a third each
            let unknown = model.expected_order_value(Spending { x: 0, z: 0.0 });
            assert!((unknown - 35.0 / 3.0).abs() < 1e-12, "{unknown}");
        }
    }

    #[test]
    fn spread_that_no_model_fits_is_no_mean() {
        // so few customers spend so much that a mean over all does not exist
        let heavy: Vec<(u32, f64)> =
            (1..400_u32).map(|i| (1 + i % 3, 10.0 * (400.0 / f64::from(i)).powf(2.5))).collect();
        assert_eq!(alike(&heavy), None);
        assert_eq!(alike(&[(1, 20.0)]), None, "one customer is no sign that all are alike");
    }
}
