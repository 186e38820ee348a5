//! The interface of the continuous purchase models, and how each of them is fitted.
//!
//! What is expected of a living customer depends on (x, T) alone, and `t_x` only on whether they are alive: callers
//! with many customers ask once per distinct (x, T). Does not live here: the formulas of the models.

use super::histories::{Histories, History};
use super::two_endings::{TwoEndings, log_likelihood};
use crate::error::{Error, Result};
use crate::models::fitting::fit::{Fit, Problem};
use crate::models::fitting::unfit::{Refusal, Unfit};

/// A model of repeat purchases in continuous time. Times are in the unit of its parameters.
pub trait PurchaseModel: std::fmt::Debug + Send + Sync {
    /// P(alive at T | x, `t_x`, T).
    fn p_alive(&self, history: &History) -> f64;

    /// The purchases expected in (T, T + t] of a customer with `x` repeats who is alive at `t_cal`, for each t of
    /// `horizons`.
    fn expected_purchases_if_alive(&self, x: u32, t_cal: f64, horizons: &[f64]) -> Vec<f64>;

    /// P(X(t) = n) of a new customer for n = 0..=`n_max`.
    fn purchase_probabilities(&self, n_max: u32, t: f64) -> Vec<f64>;

    /// The log-likelihood of `histories`.
    fn log_likelihood(&self, histories: &Histories) -> f64;

    /// E[Y(t) | x, `t_x`, T]: the purchases expected of a customer in (T, T + `t`].
    fn expected_purchases(&self, history: &History, t: f64) -> f64 {
        self.p_alive(history) * self.expected_purchases_if_alive(history.x, history.t_cal, &[t])[0]
    }

    /// E[X(t)]: the repeat purchases expected of a new customer in (0, t], for each t of `horizons`.
    fn expected_purchases_of_new(&self, horizons: &[f64]) -> Vec<f64> {
        let alive = self.p_alive(&History { x: 0, t_x: 0.0, t_cal: 0.0 });
        let mut expected = self.expected_purchases_if_alive(0, 0.0, horizons);
        for expected in &mut expected {
            *expected *= alive;
        }
        expected
    }
}

/// What the fit of a model of four parameters needs.
pub(crate) trait Fitting: TwoEndings + Sized {
    const NAME: &'static str;
    const NAMES: [&'static str; 4];
    /// Which parameters are times.
    const ARE_TIMES: [bool; 4];
    fn from_array(parameters: [f64; 4]) -> Self;
    /// Where to start, for `rate` repeat purchases per mean time observed.
    fn starts(rate: f64) -> Vec<[f64; 4]>;
}

/// The mean time observed, in which time is measured while fitting, so that the caller's unit changes nothing.
///
/// # Errors
/// Where there is nothing to fit a model on: it takes `needed` repeat customers, as many as there are parameters.
pub(crate) fn unit_of(histories: &Histories, needed: u64) -> std::result::Result<f64, Unfit> {
    let (unit, repeaters) = (histories.mean_t_cal(), histories.repeaters());
    if histories.customers() == 0 {
        return Err(Unfit::NoCustomers);
    }
    if unit <= 0.0 {
        return Err(Unfit::NoTime);
    }
    if repeaters < needed {
        return Err(Unfit::TooFewRepeaters { repeaters, needed });
    }
    Ok(unit)
}

/// Fits `M`.
///
/// # Errors
/// Where the data cannot support the model.
pub(crate) fn fit<M: Fitting>(histories: &Histories) -> std::result::Result<Fit<M>, Unfit> {
    search(histories).map_err(Unfit::from)
}

/// The same; where it is refused, with what the search found.
pub(crate) fn search<M: Fitting>(histories: &Histories) -> std::result::Result<Fit<M>, Refusal> {
    let (unit, customers) = (unit_of(histories, M::NAMES.len() as u64)?, histories.customers());
    let scaled = histories.in_unit(unit).map_err(Unfit::from)?;
    let coarse = scaled.coarse().map_err(Unfit::from)?;
    let slope_on = |histories: &Histories, at: &[f64; 4]| {
        let sum = log_likelihood(&M::from_array(*at), histories);
        (sum.ln, sum.slopes)
    };
    let problem = Problem {
        model: M::NAME,
        names: M::NAMES,
        above: [0.0; 4],
        units: M::ARE_TIMES.map(|is_time| if is_time { unit } else { 1.0 }),
        starts: M::starts(histories.purchases() / crate::models::numeric::special::weight(customers)),
        customers,
        coarse: &|at| slope_on(&coarse, at),
        full: &|at| slope_on(&scaled, at),
        log_likelihood_offset: -histories.purchases() * unit.ln(),
    };
    problem.solve().map(|fit| fit.map(M::from_array))
}

/// Refuses parameters that are not above their limits, as a loaded file may hold them.
pub(crate) fn check_positive<const D: usize>(model: &str, parameters: [(&str, f64); D]) -> Result<()> {
    let wrong = parameters.iter().filter(|(_, value)| !(value.is_finite() && *value > 0.0));
    let causes: Vec<String> = wrong.map(|(name, value)| format!("`{name}` is {value}")).collect();
    if causes.is_empty() {
        return Ok(());
    }
    Err(Error::config(format!("the parameters of {model} must be finite and above 0")).causes(causes))
}
