//! Several models fitted on the same histories, the best by BIC first.

use serde::{Deserialize, Serialize};

use super::any_model::Model;
use super::bg_nbd::BgNbd;
use super::candidate::Candidate;
use super::histories::Histories;
use super::mbg_nbd::MbgNbd;
use super::pareto_nbd::ParetoNbd;
use crate::models::fitting::fit::Fit;
use crate::models::fitting::unfit::Unfit;

impl Candidate {
    /// Fits this model.
    ///
    /// # Errors
    /// Where the data cannot support it.
    pub fn fit(self, histories: &Histories) -> Result<Fitted, Unfit> {
        match self {
            Self::BgNbd => BgNbd::fit(histories).map(Fitted::BgNbd),
            Self::MbgNbd => MbgNbd::fit(histories).map(Fitted::MbgNbd),
            Self::ParetoNbd => ParetoNbd::fit(histories).map(Fitted::ParetoNbd),
        }
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
}

impl Fitted {
    /// Which candidate it is of.
    #[must_use]
    pub fn candidate(&self) -> Candidate {
        match self {
            Self::BgNbd(_) => Candidate::BgNbd,
            Self::MbgNbd(_) => Candidate::MbgNbd,
            Self::ParetoNbd(_) => Candidate::ParetoNbd,
        }
    }

    /// The fitted model.
    #[must_use]
    pub fn model(&self) -> Model {
        match self {
            Self::BgNbd(fit) => Model::BgNbd(fit.parameters),
            Self::MbgNbd(fit) => Model::MbgNbd(fit.parameters),
            Self::ParetoNbd(fit) => Model::ParetoNbd(fit.parameters),
        }
    }

    /// The same fit without the type of its parameters.
    #[must_use]
    pub fn summary(&self) -> Fit<()> {
        match self {
            Self::BgNbd(fit) => fit.clone().map(|_| ()),
            Self::MbgNbd(fit) => fit.clone().map(|_| ()),
            Self::ParetoNbd(fit) => fit.clone().map(|_| ()),
        }
    }

    /// The Bayesian information criterion; the smaller the better.
    #[must_use]
    pub fn bic(&self) -> f64 {
        self.summary().bic()
    }
}

/// The candidates that the data support, the best by BIC first, and why the others are not among them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// Ascending by BIC; of equal ones the simpler first.
    pub fitted: Vec<Fitted>,
    /// Candidates that could not be fitted, and why.
    pub unfit: Vec<(Candidate, Unfit)>,
}

/// Fits all of `candidates`.
#[must_use]
pub fn choose(histories: &Histories, candidates: &[Candidate]) -> Choice {
    let mut choice = Choice { fitted: Vec::new(), unfit: Vec::new() };
    for &candidate in candidates {
        match candidate.fit(histories) {
            Ok(fitted) => choice.fitted.push(fitted),
            Err(unfit) => choice.unfit.push((candidate, unfit)),
        }
    }
    choice.fitted.sort_by(|one, other| one.bic().total_cmp(&other.bic()));
    choice
}
