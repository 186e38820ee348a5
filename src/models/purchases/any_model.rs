//! A purchase model of whichever kind, with its parameters: what is written, loaded back and applied.

use super::bg_nbd::BgNbd;
use super::candidate::Candidate;
use super::mbg_nbd::MbgNbd;
use super::pareto_nbd::ParetoNbd;
use super::purchase_model::{Fitting, PurchaseModel};
use crate::error::Result;

/// A model of purchases in continuous time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Model {
    /// [`BgNbd`].
    BgNbd(BgNbd),
    /// [`MbgNbd`].
    MbgNbd(MbgNbd),
    /// [`ParetoNbd`].
    ParetoNbd(ParetoNbd),
}

impl Model {
    /// A model of this kind with these parameters, in the order of the paper.
    ///
    /// # Errors
    /// Where a parameter is not finite or not above 0.
    pub fn new(kind: Candidate, parameters: [f64; 4]) -> Result<Self> {
        let model = match kind {
            Candidate::BgNbd => Self::BgNbd(BgNbd::from_array(parameters)),
            Candidate::MbgNbd => Self::MbgNbd(MbgNbd::from_array(parameters)),
            Candidate::ParetoNbd => Self::ParetoNbd(ParetoNbd::from_array(parameters)),
        };
        match &model {
            Self::BgNbd(model) => model.check(),
            Self::MbgNbd(model) => model.check(),
            Self::ParetoNbd(model) => model.check(),
        }?;
        Ok(model)
    }

    /// Which kind it is of.
    #[must_use]
    pub const fn kind(&self) -> Candidate {
        match self {
            Self::BgNbd(_) => Candidate::BgNbd,
            Self::MbgNbd(_) => Candidate::MbgNbd,
            Self::ParetoNbd(_) => Candidate::ParetoNbd,
        }
    }

    /// The names of the parameters of a kind, in the order of the paper.
    #[must_use]
    pub const fn names(kind: Candidate) -> [&'static str; 4] {
        match kind {
            Candidate::BgNbd => BgNbd::NAMES,
            Candidate::MbgNbd => MbgNbd::NAMES,
            Candidate::ParetoNbd => ParetoNbd::NAMES,
        }
    }

    /// The parameters with their names.
    #[must_use]
    pub fn parameters(&self) -> [(&'static str, f64); 4] {
        let values = match self {
            Self::BgNbd(model) => [model.r, model.alpha, model.a, model.b],
            Self::MbgNbd(model) => [model.r, model.alpha, model.a, model.b],
            Self::ParetoNbd(model) => [model.r, model.alpha, model.s, model.beta],
        };
        let names = Self::names(self.kind());
        std::array::from_fn(|index| (names[index], values[index]))
    }

    /// The model as a trait object.
    #[must_use]
    pub fn as_purchase_model(&self) -> &dyn PurchaseModel {
        match self {
            Self::BgNbd(model) => model,
            Self::MbgNbd(model) => model,
            Self::ParetoNbd(model) => model,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_come_back_as_the_same_model() {
        for kind in Candidate::ALL {
            let model = Model::new(kind, [0.25, 4.5, 0.75, 2.5]).unwrap();
            assert_eq!(Model::new(kind, model.parameters().map(|(_, value)| value)).unwrap(), model);
            assert_eq!(model.parameters()[1], ("alpha", 4.5));
            assert!(Model::new(kind, [0.25, -1.0, 0.75, f64::NAN]).is_err());
        }
    }
}
