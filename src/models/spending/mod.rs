//! What repeat customers spend per purchase, and how many of them spend the same.
//!
//! Does not live here: the model of it (`gamma_gamma`).

pub(crate) mod gamma_gamma;
pub(crate) mod lifetime_value;
pub(crate) mod order_value;

use rayon::prelude::*;

use super::numeric::special::weight;

/// Above this number of patterns the starts of a fit are tried on rounded values first.
const FEW_PATTERNS: usize = 20_000;
/// The steps of ln(value) to which they are rounded.
const COARSE_STEP: f64 = 0.02;

/// Customers whose averages differ by less than this share of the mean (one standard deviation) pay almost the same. Below it
/// lie the limits at which Gamma-Gamma counts as gone (`fitting`).
const SAME_PRICE: f64 = 0.01;

/// So many customers with two purchases or more tell whether customers always pay the same.
const ENOUGH: u64 = 3;
/// A range of a customer's purchases below this share of the standard deviation between customers.
const FAR_LESS: f64 = 0.5;

/// What one customer spent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spending {
    /// The purchases that the average is of (repeat purchases, in the papers).
    pub x: u32,
    /// The average value of these purchases.
    pub z: f64,
}

/// The distinct spendings of many customers who bought and paid.
#[derive(Debug, Clone)]
pub struct Spendings {
    pub(super) patterns: Vec<(Spending, u64)>,
    left_out: u64,
    own: Option<OwnSpread>,
}

/// How far apart the purchases of a customer are, over the customers with two or more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OwnSpread {
    /// These customers.
    pub customers: u64,
    /// Root mean square of the range of a customer's purchases, as a share of their mean.
    pub range: f64,
}

impl Spendings {
    /// Gathers customers into distinct spendings. Those without a purchase (`x` 0) or without a positive average are
    /// outside the model: they are left out and counted.
    #[must_use]
    pub fn new(mut customers: Vec<(Spending, u64)>) -> Self {
        let all: u64 = customers.iter().map(|(_, count)| count).sum();
        customers
            .retain(|(spending, count)| *count > 0 && spending.x > 0 && spending.z > 0.0 && spending.z.is_finite());
        let kept: u64 = customers.iter().map(|(_, count)| count).sum();
        customers.par_sort_unstable_by(|(one, _), (other, _)| one.x.cmp(&other.x).then(one.z.total_cmp(&other.z)));
        customers.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 += if same { next.1 } else { 0 };
            same
        });
        Self { patterns: customers, left_out: all - kept, own: None }
    }

    /// The same, knowing how far apart the purchases of a customer are.
    #[must_use]
    pub fn with_own_spread(self, own: OwnSpread) -> Self {
        Self { own: Some(own), ..self }
    }

    /// Customers that are part of the data.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.patterns.iter().map(|(_, count)| count).sum()
    }

    /// Customers without purchases or without a positive average.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The correlation of x and z, which the model takes to be 0; none where either is the same for all.
    #[must_use]
    pub fn correlation(&self) -> Option<f64> {
        let total = weight(self.customers());
        let mean = |of: &dyn Fn(&Spending) -> f64| self.sum(of) / total;
        let (mean_x, mean_z) = (mean(&|s| f64::from(s.x)), self.mean());
        let covariance = mean(&|s| (f64::from(s.x) - mean_x) * (s.z - mean_z));
        let (of_x, of_z) = (mean(&|s| (f64::from(s.x) - mean_x).powi(2)), mean(&|s| (s.z - mean_z).powi(2)));
        let correlation = covariance / (of_x * of_z).sqrt();
        correlation.is_finite().then(|| correlation.clamp(-1.0, 1.0))
    }

    /// The mean of z over customers.
    pub(super) fn mean(&self) -> f64 {
        self.sum(&|spending| spending.z) / weight(self.customers())
    }

    /// The mean of all purchases; the price itself where there is but one.
    pub(super) fn mean_purchase(&self) -> f64 {
        match self.patterns.first() {
            Some((first, _)) if self.patterns.iter().all(|(spending, _)| spending.z.total_cmp(&first.z).is_eq()) => {
                first.z
            }
            _ => self.sum(&|s| f64::from(s.x) * s.z) / self.sum(&|s| f64::from(s.x)),
        }
    }

    /// Whether there are several customers, and all have almost the same average.
    pub(super) fn are_alike(&self) -> bool {
        let mean = self.mean();
        let variance = self.sum(&|spending| (spending.z - mean).powi(2)) / weight(self.customers());
        self.customers() > 1 && variance.sqrt() <= SAME_PRICE * mean
    }

    /// Whether each customer is known to pay almost the same every time.
    pub(super) fn are_fixed(&self) -> bool {
        self.own.is_some_and(|own| own.customers >= ENOUGH && own.range <= SAME_PRICE)
    }

    /// Whether what a customer pays is known to differ far less than customers do. Where customers do not differ, their averages
    /// lie nearer to each other than their purchases.
    pub(super) fn differ_by_customer(&self) -> bool {
        let mean = self.mean();
        let variance = self.sum(&|spending| (spending.z - mean).powi(2)) / weight(self.customers());
        self.own.is_some_and(|own| own.customers >= ENOUGH && own.range <= FAR_LESS * variance.sqrt() / mean)
    }

    pub(super) fn sum(&self, of: &dyn Fn(&Spending) -> f64) -> f64 {
        self.patterns.iter().map(|(spending, count)| weight(*count) * of(spending)).sum()
    }

    /// The same spendings in a money unit of `unit`.
    pub(super) fn in_unit(&self, unit: f64) -> Self {
        let scaled = |&(s, count): &(Spending, u64)| (Spending { z: s.z / unit, ..s }, count);
        Self { patterns: self.patterns.iter().map(scaled).collect(), left_out: self.left_out, own: self.own }
    }

    /// About the same spendings in few patterns; none where they are few.
    pub(super) fn coarse(&self) -> Option<Self> {
        if self.patterns.len() <= FEW_PATTERNS {
            return None;
        }
        let round = |z: f64| ((z.ln() / COARSE_STEP).round() * COARSE_STEP).exp();
        let rounded = self.patterns.par_iter().map(|&(s, count)| (Spending { z: round(s.z), ..s }, count));
        Some(Self::new(rounded.collect()))
    }
}
