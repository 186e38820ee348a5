//! Several models fitted on the same histories, which of them is chosen, and the limit without drop-out for data in which
//! no drop-out can be seen.

use serde::{Deserialize, Serialize};

use super::any_model::Model;
use super::bg_bb::BgBb;
use super::bg_nbd::BgNbd;
use super::candidate::Candidate;
use super::histories::Histories;
use super::mbg_nbd::MbgNbd;
use super::nbd::Nbd;
use super::opportunities::opportunities;
use super::pareto_nbd::ParetoNbd;
use super::purchase_model::Prepared;
use crate::models::fitting::fit::{Fit, Start, bic};
use crate::models::fitting::unfit::{Refusal, Unfit};

/// A model that a sample puts this much above the best one by BIC, for each customer that a pattern of it stands for, and this
/// many standard errors, is not fitted on all customers.
const WIDE_MARGIN: f64 = 10.0;
const STANDARD_ERRORS: f64 = 6.0;

impl Candidate {
    /// Fits this model.
    ///
    /// # Errors
    /// Where the data cannot support it.
    pub fn fit(self, histories: &Histories) -> Result<Fitted, Unfit> {
        let prepared = Prepared::new(histories)?;
        let fitted = match Runner::start(self, &prepared)? {
            Some(runner) => runner.finish(&prepared),
            None if self == Self::BgBb => BgBb::search(&opportunities(histories)).map(Fitted::BgBb),
            None => Nbd::search(&prepared).map(Fitted::Nbd),
        };
        fitted.map_err(Unfit::from)
    }

    /// Whether this model was refused because customers are not seen to leave: its drop-out is not determined, or where the
    /// search ended the model says no more of the data, by BIC, than the one without drop-out.
    fn sees_no_drop_out(self, refusal: &Refusal, without: &Fitted) -> bool {
        if self == Self::BgBb {
            return false; // its limit is another one
        }
        let is_rate = |parameter: &str| Nbd::NAMES.contains(&parameter);
        match &refusal.unfit {
            Unfit::Flat { parameter, .. } if !is_rate(parameter) => true,
            Unfit::Flat { .. } | Unfit::AtBound { .. } | Unfit::NotConverged { .. } => {
                let bic_of = |ln| bic(Model::names(self).len(), without.summary().customers, ln);
                refusal.log_likelihood.is_some_and(|ln| bic_of(ln) >= without.bic())
            }
            _ => false,
        }
    }
}

/// A candidate in which customers leave, and where the starts of its search lead.
struct Runner {
    candidate: Candidate,
    start: Start<4>,
    /// The log-likelihood there of each pattern of the sample; empty without one.
    sampled: Vec<f64>,
}

impl Runner {
    /// None for NBD, which is quick, and for BG/BB, whose time is another one.
    fn start(candidate: Candidate, prepared: &Prepared) -> Result<Option<Self>, Refusal> {
        let start = match candidate {
            Candidate::BgNbd => prepared.start::<BgNbd>(),
            Candidate::MbgNbd => prepared.start::<MbgNbd>(),
            Candidate::ParetoNbd => prepared.start::<ParetoNbd>(),
            Candidate::Nbd | Candidate::BgBb => return Ok(None),
        }?;
        let sampled = match candidate {
            Candidate::BgNbd => prepared.sampled::<BgNbd>(&start),
            Candidate::MbgNbd => prepared.sampled::<MbgNbd>(&start),
            Candidate::ParetoNbd => prepared.sampled::<ParetoNbd>(&start),
            Candidate::Nbd | Candidate::BgBb => Vec::new(),
        };
        Ok(Some(Self { candidate, start, sampled }))
    }

    fn finish(&self, prepared: &Prepared) -> Result<Fitted, Refusal> {
        match self.candidate {
            Candidate::BgNbd => prepared.finish(&self.start).map(Fitted::BgNbd),
            Candidate::MbgNbd => prepared.finish(&self.start).map(Fitted::MbgNbd),
            Candidate::ParetoNbd => prepared.finish(&self.start).map(Fitted::ParetoNbd),
            Candidate::Nbd | Candidate::BgBb => Nbd::search(prepared).map(Fitted::Nbd),
        }
    }

    /// Why this one is not worth a fit on all customers, `best` being the best one; none where it may be.
    fn ruled_out(&self, best: &Self, prepared: &Prepared) -> Option<Unfit> {
        let (sample, _) = prepared.sample.as_ref()?;
        let lost: Vec<f64> = best.sampled.iter().zip(&self.sampled).map(|(best, own)| 2.0 * (best - own)).collect();
        let (bic_difference, standard_error) = sample.total(&lost);
        let margin = WIDE_MARGIN * sample.largest_step() + STANDARD_ERRORS * standard_error;
        let patterns = sample.histories.patterns().len() as u64;
        let model = Model::title(self.candidate).to_owned();
        (bic_difference > margin).then_some(Unfit::RuledOut { model, patterns, bic_difference, standard_error })
    }
}

/// A fit of one of the candidates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fitted {
    /// A fit of BG/NBD.
    BgNbd(Fit<BgNbd>),
    /// A fit of MBG/NBD.
    MbgNbd(Fit<MbgNbd>),
    /// A fit of Pareto/NBD.
    ParetoNbd(Fit<ParetoNbd>),
    /// A fit of NBD.
    Nbd(Fit<Nbd>),
    /// A fit of BG/BB.
    BgBb(Fit<BgBb>),
}

impl Fitted {
    /// Which candidate it is of.
    #[must_use]
    pub fn candidate(&self) -> Candidate {
        self.model().kind()
    }

    /// The fitted model.
    #[must_use]
    pub fn model(&self) -> Model {
        match self {
            Self::BgNbd(fit) => Model::BgNbd(fit.parameters),
            Self::MbgNbd(fit) => Model::MbgNbd(fit.parameters),
            Self::ParetoNbd(fit) => Model::ParetoNbd(fit.parameters),
            Self::Nbd(fit) => Model::Nbd(fit.parameters),
            Self::BgBb(fit) => Model::BgBb(fit.parameters),
        }
    }

    /// The same fit without the type of its parameters.
    #[must_use]
    pub fn summary(&self) -> Fit<()> {
        match self {
            Self::BgNbd(fit) => fit.clone().map(|_| ()),
            Self::MbgNbd(fit) => fit.clone().map(|_| ()),
            Self::ParetoNbd(fit) => fit.clone().map(|_| ()),
            Self::Nbd(fit) => fit.clone().map(|_| ()),
            Self::BgBb(fit) => fit.clone().map(|_| ()),
        }
    }

    /// The Bayesian information criterion; the smaller the better.
    #[must_use]
    pub fn bic(&self) -> f64 {
        self.summary().bic()
    }
}

/// The candidates that the data support, the best by BIC first, and why the others are not among them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Choice {
    /// Ascending by BIC; of equal ones the simpler first.
    pub fitted: Vec<Fitted>,
    /// Candidates that could not be fitted, and why.
    pub unfit: Vec<(Candidate, Unfit)>,
    /// The log-likelihoods where the searches of candidates ended that could not be fitted, for those that were searched.
    #[serde(default)]
    pub refused_log_likelihoods: Vec<(Candidate, f64)>,
    /// The one to be applied; none where no candidate may be.
    #[serde(default)]
    pub chosen: Option<Candidate>,
}

impl Choice {
    /// The fit to be applied.
    #[must_use]
    pub fn chosen_fit(&self) -> Option<&Fitted> {
        self.fitted.iter().find(|fitted| Some(fitted.candidate()) == self.chosen)
    }

    /// Whether NBD takes the place of candidates in which customers leave.
    #[must_use]
    pub fn fell_back(&self) -> bool {
        self.chosen == Some(Candidate::Nbd) && !self.unfit.is_empty()
    }
}

/// Fits all of `candidates` and chooses the best by BIC of those in which customers leave. NBD is chosen where it is the
/// only candidate, and where all others were refused because customers are not seen to leave: then it is fitted even if it is
/// no candidate.
#[must_use]
pub fn choose(histories: &Histories, candidates: &[Candidate]) -> Choice {
    let (mut choice, mut refusals) = (Choice::default(), Vec::new());
    let prepared = match Prepared::new(histories) {
        Ok(prepared) => prepared,
        Err(unfit) => {
            choice.unfit = candidates.iter().map(|candidate| (*candidate, unfit.clone())).collect();
            return choice;
        }
    };
    let mut runners = Vec::new();
    for &candidate in candidates {
        match Runner::start(candidate, &prepared) {
            Ok(runner) => runners.extend(runner),
            Err(refusal) => refusals.push((candidate, refusal)),
        }
    }
    race(runners, &prepared, &mut choice.fitted, &mut refusals);
    if candidates.contains(&Candidate::Nbd) {
        match Nbd::search(&prepared) {
            Ok(fit) => choice.fitted.push(Fitted::Nbd(fit)),
            Err(refusal) => refusals.push((Candidate::Nbd, refusal)),
        }
    }
    if candidates.contains(&Candidate::BgBb) {
        match BgBb::search(&opportunities(histories)) {
            Ok(fit) => choice.fitted.push(Fitted::BgBb(fit)),
            Err(refusal) => refusals.push((Candidate::BgBb, refusal)),
        }
    }
    let with_drop_out = |fitted: &&Fitted| fitted.candidate() != Candidate::Nbd;
    let best = choice.fitted.iter().filter(with_drop_out).min_by(|one, other| one.bic().total_cmp(&other.bic()));
    choice.chosen = best.map(Fitted::candidate);
    if choice.chosen.is_none() {
        choice.take_limit(&prepared, &refusals);
    }
    choice.fitted.sort_by(|one, other| one.bic().total_cmp(&other.bic()));
    choice.refused_log_likelihoods =
        refusals.iter().filter_map(|(candidate, refusal)| Some((*candidate, refusal.log_likelihood?))).collect();
    choice.unfit = refusals.into_iter().map(|(candidate, refusal)| (candidate, refusal.unfit)).collect();
    choice
}

/// Fits the runners, except those that a sample puts far behind the best one that can be fitted.
fn race(
    mut runners: Vec<Runner>,
    prepared: &Prepared,
    fitted: &mut Vec<Fitted>,
    refusals: &mut Vec<(Candidate, Refusal)>,
) {
    if let Some((sample, _)) = &prepared.sample {
        let total = |runner: &Runner| sample.total(&runner.sampled).0;
        runners.sort_by(|one, other| total(other).total_cmp(&total(one))); // stable
    }
    let mut best: Option<&Runner> = None;
    for runner in &runners {
        if let Some(unfit) = best.and_then(|best| runner.ruled_out(best, prepared)) {
            refusals.push((runner.candidate, unfit.into()));
            continue;
        }
        match runner.finish(prepared) {
            Ok(fit) => {
                fitted.push(fit);
                best = best.or(Some(runner));
            }
            Err(refusal) => refusals.push((runner.candidate, refusal)),
        }
    }
}

impl Choice {
    /// Chooses NBD where nothing but unseen drop-out is in the way, `refusals` being those of all other candidates.
    fn take_limit(&mut self, prepared: &Prepared, refusals: &[(Candidate, Refusal)]) {
        let known = self.fitted.iter().find(|fitted| fitted.candidate() == Candidate::Nbd).cloned();
        let was_tried = known.is_some() || refusals.iter().any(|(candidate, _)| *candidate == Candidate::Nbd);
        let limit = known.or_else(|| (!was_tried).then(|| Nbd::search(prepared).map(Fitted::Nbd).ok()).flatten());
        let Some(limit) = limit else { return };
        if !refusals.iter().all(|(candidate, refusal)| candidate.sees_no_drop_out(refusal, &limit)) {
            return;
        }
        self.chosen = Some(Candidate::Nbd);
        if !was_tried {
            self.fitted.push(limit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::History;

    /// Customers who buy every `1 + i % 60` days for 700 days, from a day below 83 on: nobody leaves.
    fn steady() -> Histories {
        let customer = |i: u32| {
            let (step, start) = (5 + i * 13 % 86, i * 7 % 83);
            let x = (699 - start) / step;
            (History { x, t_x: f64::from(x * step), t_cal: f64::from(699 - start) }, 1)
        };
        Histories::new((1..=300).map(customer).collect()).unwrap()
    }

    #[test]
    fn where_nobody_is_seen_to_leave_the_limit_without_drop_out_is_chosen() {
        for candidates in
            [&Candidate::IN_CONTINUOUS_TIME[..], &[Candidate::BgNbd], &[Candidate::ParetoNbd], &[Candidate::Nbd]]
        {
            let choice = choose(&steady(), candidates);
            assert_eq!(choice.chosen, Some(Candidate::Nbd), "{candidates:?}: {choice:#?}");
            assert_eq!(choice.chosen_fit().map(|fit| fit.summary().estimates.len()), Some(2));
            assert_eq!(choice.fell_back(), candidates[0] != Candidate::Nbd);
            let searched: Vec<Candidate> = choice.refused_log_likelihoods.iter().map(|(kind, _)| *kind).collect();
            assert_eq!(searched, choice.unfit.iter().map(|(kind, _)| *kind).collect::<Vec<_>>());
        }
    }

    /// Half of the customers stop long before the end, all in the same way: how they differ in that is not determined, but
    /// that they leave is plain, and a model in which nobody does would expect far too much.
    #[test]
    fn drop_out_that_is_the_same_for_all_is_not_none() {
        let customer = |i: u32| {
            let x = i % 12;
            let t_x = if x == 0 { 0.0 } else { f64::from(30 + 25 * x) };
            (History { x, t_x: if i.is_multiple_of(2) { t_x } else { t_x / 3.0 }, t_cal: 390.0 }, 1)
        };
        let histories = Histories::new((0..600).map(customer).collect()).unwrap();
        let choice = choose(&histories, &Candidate::IN_CONTINUOUS_TIME);
        let limit = choice.fitted.iter().find(|fit| fit.candidate() == Candidate::Nbd).unwrap();
        assert_eq!((choice.chosen, choice.unfit.len()), (None, 3), "{choice:#?}");
        let gains = choice.refused_log_likelihoods.iter().map(|(_, ln)| ln - limit.summary().log_likelihood);
        assert!(gains.fold(f64::INFINITY, f64::min) > 1_000.0, "{choice:#?}");
    }

    #[test]
    fn too_few_customers_are_no_sign_that_nobody_leaves() {
        let of = |x: u32, t_x: f64| (History { x, t_x, t_cal: 100.0 }, 1);
        let histories = Histories::new(vec![of(0, 0.0), of(1, 40.0), of(3, 90.0), of(9, 99.0)]).unwrap();
        let choice = choose(&histories, &[Candidate::BgNbd]);
        assert_eq!((choice.chosen, choice.fitted.len()), (None, 0), "{choice:#?}");
    }
}
