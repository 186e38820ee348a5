//! The interface of the continuous purchase models, and how each of them is fitted.
//!
//! What is expected of a living customer depends on (x, T) alone, and `t_x` only on whether they are alive: callers
//! with many customers ask once per distinct (x, T). Does not live here: the formulas of the models.

use rayon::prelude::*;

use super::histories::{Histories, History, Linked};
use super::sample::Sample;
use super::two_endings::{TwoEndings, log_likelihood, log_likelihoods};
use crate::error::{Error, Result};
use crate::models::fitting::fit::{Fit, Likelihood, Problem, Start};
use crate::models::fitting::unfit::{Refusal, Unfit};
use crate::models::numeric::special::weight;

/// A model of repeat purchases in continuous time. Times are in the unit of its parameters.
pub trait PurchaseModel: std::fmt::Debug + Send + Sync {
    /// P(alive at T | x, `t_x`, T).
    fn p_alive(&self, history: &History) -> f64;

    /// The purchases expected in (T, T + t] of a customer with `x` repeats who is alive at `t_cal`, for each t of
    /// `horizons`.
    fn expected_purchases_if_alive(&self, x: u32, t_cal: f64, horizons: &[f64]) -> Vec<f64>;

    /// All purchases after T of a customer with `x` repeats who is alive at `t_cal`, each worth e^(-`rate` t) where it comes t
    /// after T: times [`PurchaseModel::p_alive`], their discounted expected residual transactions (DERT). `rate` is above 0.
    fn discounted_purchases_if_alive(&self, x: u32, t_cal: f64, rate: f64) -> f64;

    /// P(X(t) = n) of a new customer for n = 0..=`n_max`.
    fn purchase_probabilities(&self, n_max: u32, t: f64) -> Vec<f64>;

    /// [`PurchaseModel::p_alive`] of each of many, to the last bit.
    fn p_alive_of_each(&self, histories: &[History]) -> Vec<f64> {
        histories.par_iter().map(|history| self.p_alive(history)).collect()
    }

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

/// Histories as all searches on them want them: in the mean time observed, so that the caller's unit changes nothing, with a
/// sample where they are many.
pub(crate) struct Prepared {
    /// The mean time observed.
    pub(crate) unit: f64,
    pub(crate) customers: u64,
    pub(crate) purchases: f64,
    pub(crate) repeaters: u64,
    pub(crate) full: Linked,
    pub(crate) sample: Option<(Sample, Linked)>,
}

impl Prepared {
    /// Prepares `histories`.
    ///
    /// # Errors
    /// Where there is nothing to fit a model on.
    pub(crate) fn new(histories: &Histories) -> std::result::Result<Self, Unfit> {
        let (unit, customers) = (histories.mean_t_cal(), histories.customers());
        if customers == 0 {
            return Err(Unfit::NoCustomers);
        }
        if unit <= 0.0 {
            return Err(Unfit::NoTime);
        }
        let sample = Sample::of(histories)?.map(|sample| {
            let linked = sample.histories.linked().in_unit(unit);
            (sample, linked)
        });
        Ok(Self {
            unit,
            customers,
            purchases: histories.purchases(),
            repeaters: histories.repeaters(),
            full: histories.linked().in_unit(unit),
            sample,
        })
    }

    /// It takes `needed` repeat customers, as many as there are parameters.
    ///
    /// # Errors
    /// Where there are fewer.
    pub(crate) fn check(&self, needed: u64) -> std::result::Result<(), Unfit> {
        let repeaters = self.repeaters;
        if repeaters < needed { Err(Unfit::TooFewRepeaters { repeaters, needed }) } else { Ok(()) }
    }

    /// Repeat purchases per customer and mean time.
    pub(crate) fn rate(&self) -> f64 {
        self.purchases / weight(self.customers)
    }

    /// The likelihood of `M` as a problem, to be looked at by `with`.
    fn with_problem<M: Fitting, R>(&self, with: impl FnOnce(&Problem<'_, 4>) -> R) -> R {
        let slope_on = |linked: &Linked, at: &[f64; 4]| {
            let sum = log_likelihood(&M::from_array(*at), linked);
            (sum.ln, sum.slopes)
        };
        let sample = self.sample.as_ref().map(|(_, linked)| linked);
        let coarse = sample.map(|sample| move |at: &[f64; 4]| slope_on(sample, at));
        with(&Problem {
            model: M::NAME,
            names: M::NAMES,
            above: [0.0; 4],
            units: M::ARE_TIMES.map(|is_time| if is_time { self.unit } else { 1.0 }),
            starts: M::starts(self.rate()),
            customers: self.customers,
            coarse: coarse.as_ref().map(|coarse| coarse as Likelihood<'_, 4>),
            full: &|at| slope_on(&self.full, at),
            log_likelihood_offset: -self.purchases * self.unit.ln(),
        })
    }

    /// Where a search for `M` leads at first.
    #[allow(clippy::redundant_closure_for_method_calls, reason = "the method alone has no lifetime that fits")]
    pub(crate) fn start<M: Fitting>(&self) -> std::result::Result<Start<4>, Refusal> {
        self.check(M::NAMES.len() as u64)?;
        self.with_problem::<M, _>(|problem| problem.start())
    }

    /// The fit of `M` that begins there.
    pub(crate) fn finish<M: Fitting>(&self, start: &Start<4>) -> std::result::Result<Fit<M>, Refusal> {
        self.with_problem::<M, _>(|problem| problem.finish(start)).map(|fit| fit.map(M::from_array))
    }

    /// The log-likelihood there of each pattern of the sample; empty without one.
    pub(crate) fn sampled<M: Fitting>(&self, start: &Start<4>) -> Vec<f64> {
        let at = self.with_problem::<M, _>(|problem| problem.parameters_at(start));
        self.sample.as_ref().map_or_else(Vec::new, |(_, linked)| log_likelihoods(&M::from_array(at), linked))
    }
}

/// Fits `M`.
///
/// # Errors
/// Where the data cannot support the model.
pub(crate) fn fit<M: Fitting>(histories: &Histories) -> std::result::Result<Fit<M>, Unfit> {
    let prepared = Prepared::new(histories)?;
    let start = prepared.start::<M>()?;
    Ok(prepared.finish(&start)?)
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
