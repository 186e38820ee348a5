//! Maximum likelihood: from several starts, in logs of the parameters, and whether the outcome can be trusted.
//!
//! Lives here: the search common to all models, its diagnostics, and the ways in which data cannot support a model. A
//! fit is reported only if the data determine it. The objective is the mean log-likelihood per customer, so that
//! tolerances do not depend on their number. Does not live here: likelihoods, and the walk downhill (`minimise`).

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::minimise::{Matrix, Minimum, Slope, hessian, largest, minimise, times};
use super::unfit::{Limit, Refusal, Unfit};
use crate::models::numeric::symmetric::Eigen;

/// Slopes of the mean log-likelihood below this end a search on the full data.
const TOLERANCE: f64 = 1e-10;
/// The same for a start, from which the search on the full data goes on.
const START_TOLERANCE: f64 = 1e-6;
/// A slope that the rounding of the sums cannot explain: the search ended before the top.
const UNFINISHED: f64 = 1e-6;
/// Starts that end this near the highest mean log-likelihood agree with it.
const AGREEMENT: f64 = 1e-7;
/// ln of a parameter, in units of the data, beyond which it counts as gone to 0 or infinity: e^10 is 22,000, a shape at
/// which customers differ by less than one percent. Further out likelihoods are needles: they take long and say
/// nothing.
const BOUND: f64 = 10.0;
/// ln of the distance from a lower limit that is not 0 (q of Gamma-Gamma, above 1) below which a parameter counts as
/// being there: e^-7 is 0.001, with a mean value of 1000 times what is usual.
const LOWEST_ABOVE: f64 = -7.0;
/// Evaluations on all data after which a limit that a part of them leads to counts as that of all.
const FEW_EVALUATIONS: u32 = 24;
/// Searches are cut off a little beyond [`BOUND`].
const WALL: f64 = 11.0;
/// A standard error of ln(parameter) above which the parameter is not determined: its 95% interval would reach from a
/// 350th to 350 times the estimate.
const UNDETERMINED: f64 = 3.0;
/// Newton's steps at the end: each squares the distance to the top.
const NEWTON_STEPS: u32 = 3;

/// A model that was fitted: its parameters, how well they are known, and how the search went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fit<P> {
    /// The fitted parameters.
    pub parameters: P,
    /// The same with their names and standard errors, in the order of the paper.
    pub estimates: Vec<Estimate>,
    /// The log-likelihood, in units of the data.
    pub log_likelihood: f64,
    /// The customers it was fitted on.
    pub customers: u64,
    /// How the search went.
    pub convergence: Convergence,
}

/// A parameter with its standard error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Its name in the paper.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// From the Hessian in logs, by the delta method.
    pub standard_error: f64,
}

/// How a search went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Convergence {
    /// The largest slope of the mean log-likelihood in ln(parameter).
    pub gradient_norm: f64,
    /// The largest eigenvalue of the Hessian in ln(parameters) over its smallest.
    pub hessian_condition: f64,
    /// Steps of the search that gave the fit.
    pub iterations: u32,
    /// Evaluations of the likelihood on the full data.
    pub evaluations: u32,
    /// Starts that were tried.
    pub starts: u32,
    /// Starts that led to the same top.
    pub starts_agreeing: u32,
}

impl<P> Fit<P> {
    /// The Bayesian information criterion of Schwarz (1978), k ln N - 2 ln L; the smaller the better.
    #[must_use]
    pub fn bic(&self) -> f64 {
        bic(self.estimates.len(), self.customers, self.log_likelihood)
    }

    /// The same fit with other parameters.
    pub(crate) fn map<Q>(self, parameters: impl FnOnce(P) -> Q) -> Fit<Q> {
        let Self { parameters: old, estimates, log_likelihood, customers, convergence } = self;
        Fit { parameters: parameters(old), estimates, log_likelihood, customers, convergence }
    }
}

/// k ln N - 2 ln L.
#[expect(clippy::cast_precision_loss, reason = "a handful of parameters; customers below 2^53")]
pub(crate) fn bic(parameters: usize, customers: u64, log_likelihood: f64) -> f64 {
    parameters as f64 * (customers as f64).ln() - 2.0 * log_likelihood
}

/// A log-likelihood and its gradient.
pub(crate) type Likelihood<'a, const D: usize> = &'a (dyn Fn(&[f64; D]) -> Slope<D> + Sync);

/// A likelihood to be made as large as possible.
pub(crate) struct Problem<'a, const D: usize> {
    /// The model, for messages.
    pub(crate) model: &'static str,
    /// The parameters, as in the paper.
    pub(crate) names: [&'static str; D],
    /// The lower limit of each parameter: 0 except for q of Gamma-Gamma.
    pub(crate) above: [f64; D],
    /// The factor that brings each parameter into units of the data.
    pub(crate) units: [f64; D],
    /// Where to start.
    pub(crate) starts: Vec<[f64; D]>,
    pub(crate) customers: u64,
    /// The approximate log-likelihood and its gradient, quickly; none where the full one is quick enough.
    pub(crate) coarse: Option<Likelihood<'a, D>>,
    /// The log-likelihood and its gradient.
    pub(crate) full: Likelihood<'a, D>,
    /// What converts the log-likelihood of scaled data to that in units of the data.
    pub(crate) log_likelihood_offset: f64,
}

/// Where the starts of a search lead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start<const D: usize> {
    best: Minimum<D>,
    agreeing: usize,
}

impl<const D: usize> Problem<'_, D> {
    /// Fits, and judges the outcome.
    pub(crate) fn solve(&self) -> Result<Fit<[f64; D]>, Refusal> {
        self.finish(&self.start()?)
    }

    /// Follows all starts, on the coarse likelihood where there is one.
    pub(crate) fn start(&self) -> Result<Start<D>, Refusal> {
        let quick = |at: &[f64; D]| self.objective(self.coarse.unwrap_or(self.full), at);
        let tried = self.starts.par_iter().map(|start| {
            let at = std::array::from_fn(|i| (start[i] - self.above[i]).ln());
            minimise(&quick, at, None, START_TOLERANCE)
        });
        let tried: Vec<Minimum<D>> = tried.filter(|minimum| minimum.value.is_finite()).collect();
        let best = tried.iter().min_by(|one, other| one.value.total_cmp(&other.value));
        let best = *best.ok_or(Unfit::NotConverged { model: self.model.to_owned(), gradient_norm: f64::NAN })?;
        if self.coarse.is_none() {
            self.check_bounds(&best.at).map_err(|unfit| self.refused(unfit, &best.at))?;
        }
        let agreeing = tried.iter().filter(|minimum| minimum.value - best.value <= AGREEMENT).count();
        Ok(Start { best, agreeing })
    }

    /// The parameters to which the starts lead, in units of the search.
    pub(crate) fn parameters_at(&self, start: &Start<D>) -> [f64; D] {
        self.parameters(&start.best.at)
    }

    /// Goes on from there on the full data, and judges the outcome.
    pub(crate) fn finish(&self, start: &Start<D>) -> Result<Fit<[f64; D]>, Refusal> {
        let full = |at: &[f64; D]| self.objective(self.full, at);
        let quick = |at: &[f64; D]| self.objective(self.coarse.unwrap_or(self.full), at);
        let Start { best, agreeing } = start;
        let curvature = Eigen::of(&hessian(&quick, &best.at));
        let inverse = (curvature.extremes().0 > 0.0).then(|| curvature.inverse());
        let mut minimum = if self.coarse.is_some() && self.check_bounds(&best.at).is_err() {
            self.away_from_bound(&best.at, inverse).map_err(|unfit| self.refused(unfit, &best.at))?
        } else {
            minimise(&full, best.at, inverse, TOLERANCE)
        };
        self.check_bounds(&minimum.at).map_err(|unfit| self.refused(unfit, &minimum.at))?;
        let (curvature, evaluations) = finish(&full, &mut minimum);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let convergence = Convergence {
            gradient_norm: minimum.gradient_norm(),
            hessian_condition: curvature.extremes().1 / curvature.extremes().0,
            iterations: best.iterations + minimum.iterations,
            evaluations: minimum.evaluations + evaluations,
            starts: count(self.starts.len()),
            starts_agreeing: count(*agreeing),
        };
        self.judged(&minimum, &curvature, convergence).map_err(|unfit| self.refused(unfit, &minimum.at))
    }

    /// A limit to which a part of the data leads need not be that of all: a few steps on all tell, whose first one is as long as it
    /// wants to be. If they lead away from it, the search goes on.
    fn away_from_bound(&self, at: &[f64; D], inverse: Option<Matrix<D>>) -> Result<Minimum<D>, Unfit> {
        let evaluations = std::cell::Cell::new(0);
        let few = |at: &[f64; D]| {
            evaluations.set(evaluations.get() + 1);
            if evaluations.get() > FEW_EVALUATIONS {
                return (f64::INFINITY, [0.0; D]);
            }
            self.objective(self.full, at)
        };
        let minimum = minimise(&few, *at, inverse, TOLERANCE);
        self.check_bounds(&minimum.at)?;
        Ok(minimise(&|at| self.objective(self.full, at), minimum.at, None, TOLERANCE))
    }

    fn lowest(&self, i: usize) -> f64 {
        if self.above[i] > 0.0 { LOWEST_ABOVE } else { -BOUND }
    }

    /// The refusal of a search that ended at `at`.
    fn refused(&self, unfit: Unfit, at: &[f64; D]) -> Refusal {
        let log_likelihood = (self.full)(&self.parameters(at)).0 + self.log_likelihood_offset;
        Refusal { unfit, log_likelihood: Some(log_likelihood).filter(|value| value.is_finite()) }
    }

    /// Minus the mean log-likelihood, in ln(parameter - its lower limit).
    fn objective(&self, log_likelihood: Likelihood<'_, D>, at: &[f64; D]) -> Slope<D> {
        if !at.iter().all(|ln| ln.abs() <= WALL) {
            return (f64::INFINITY, [0.0; D]);
        }
        let (value, slopes) = log_likelihood(&self.parameters(at));
        let customers = crate::models::numeric::special::weight(self.customers);
        (-value / customers, std::array::from_fn(|i| -slopes[i] * at[i].exp() / customers))
    }

    fn parameters(&self, at: &[f64; D]) -> [f64; D] {
        std::array::from_fn(|i| self.above[i] + at[i].exp())
    }

    fn check_bounds(&self, at: &[f64; D]) -> Result<(), Unfit> {
        let Some(i) = (0..D).find(|&i| at[i] > BOUND || at[i] < self.lowest(i)) else { return Ok(()) };
        let limit = if at[i] > 0.0 { Limit::Infinity } else { Limit::Lower };
        Err(Unfit::AtBound { model: self.model.to_owned(), parameter: self.names[i].to_owned(), limit })
    }

    fn judged(
        &self,
        minimum: &Minimum<D>,
        curvature: &Eigen<D>,
        convergence: Convergence,
    ) -> Result<Fit<[f64; D]>, Unfit> {
        let model = self.model.to_owned();
        if convergence.gradient_norm.is_nan() || convergence.gradient_norm > UNFINISHED {
            return Err(Unfit::NotConverged { model, gradient_norm: convergence.gradient_norm });
        }
        let customers = crate::models::numeric::special::weight(self.customers);
        let covariance = curvature.inverse();
        let errors: [f64; D] = std::array::from_fn(|i| (covariance[i][i] / customers).sqrt());
        let determined = |error: &f64| *error <= UNDETERMINED;
        if curvature.extremes().0 <= 0.0 || !errors.iter().all(determined) {
            let widest = (0..D).max_by(|&i, &j| covariance[i][i].abs().total_cmp(&covariance[j][j].abs())).unwrap_or(0);
            return Err(Unfit::Flat { model, parameter: self.names[widest].to_owned() });
        }
        let scaled = self.parameters(&minimum.at);
        let parameters: [f64; D] = std::array::from_fn(|i| scaled[i] * self.units[i]);
        let estimates = (0..D).map(|i| Estimate {
            name: self.names[i].to_owned(),
            value: parameters[i],
            standard_error: errors[i] * minimum.at[i].exp() * self.units[i],
        });
        Ok(Fit {
            parameters,
            estimates: estimates.collect(),
            log_likelihood: -minimum.value * customers + self.log_likelihood_offset,
            customers: self.customers,
            convergence,
        })
    }
}

/// The last digits by Newton's steps, as long as they help; the Hessian at the end, and the evaluations it took.
fn finish<const D: usize>(full: &dyn Fn(&[f64; D]) -> Slope<D>, minimum: &mut Minimum<D>) -> (Eigen<D>, u32) {
    let per_hessian = u32::try_from(2 * D).unwrap_or(u32::MAX);
    let mut evaluations = per_hessian;
    let curvature = Eigen::of(&hessian(full, &minimum.at));
    let inverse: Matrix<D> = curvature.inverse();
    for _ in 0..NEWTON_STEPS {
        if minimum.gradient_norm() <= TOLERANCE || curvature.extremes().0 <= 0.0 {
            break;
        }
        let step = times(&inverse, &minimum.gradient);
        let at = std::array::from_fn(|i| minimum.at[i] - step[i]);
        let (value, gradient) = full(&at);
        evaluations += 1;
        if !value.is_finite() || largest(&gradient) >= minimum.gradient_norm() {
            break;
        }
        *minimum = Minimum { at, value, gradient, ..*minimum };
    }
    (curvature, evaluations)
}
