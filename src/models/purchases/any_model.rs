//! A purchase model of whichever kind, with its parameters: what is written, loaded back and applied.

use super::bg_bb::BgBb;
use super::bg_nbd::BgNbd;
use super::candidate::Candidate;
use super::mbg_nbd::MbgNbd;
use super::nbd::Nbd;
use super::pareto_nbd::ParetoNbd;
use super::purchase_model::{Fitting as _, PurchaseModel};
use crate::error::{Error, Result};

/// A model of purchases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Model {
    /// [`BgNbd`].
    BgNbd(BgNbd),
    /// [`MbgNbd`].
    MbgNbd(MbgNbd),
    /// [`ParetoNbd`].
    ParetoNbd(ParetoNbd),
    /// [`Nbd`].
    Nbd(Nbd),
    /// [`BgBb`]: histories are counted in opportunities.
    BgBb(BgBb),
}

impl Model {
    /// A model of this kind with these parameters, in the order of the paper.
    ///
    /// # Errors
    /// Where there are more or fewer parameters than the model has, or one is not finite or not above 0.
    pub fn new(kind: Candidate, parameters: &[f64]) -> Result<Self> {
        let model = match (kind, parameters) {
            (Candidate::BgNbd, &[r, alpha, a, b]) => Self::BgNbd(BgNbd { r, alpha, a, b }),
            (Candidate::MbgNbd, &[r, alpha, a, b]) => Self::MbgNbd(MbgNbd { r, alpha, a, b }),
            (Candidate::ParetoNbd, &[r, alpha, s, beta]) => Self::ParetoNbd(ParetoNbd { r, alpha, s, beta }),
            (Candidate::Nbd, &[r, alpha]) => Self::Nbd(Nbd { r, alpha }),
            (Candidate::BgBb, &[alpha, beta, gamma, delta]) => Self::BgBb(BgBb { alpha, beta, gamma, delta }),
            _ => {
                let (name, found) = (kind.name(), parameters.len());
                return Err(Error::bug(format!("`{name}` has {} parameters, not {found}", Self::names(kind).len())));
            }
        };
        match &model {
            Self::BgNbd(model) => model.check(),
            Self::MbgNbd(model) => model.check(),
            Self::ParetoNbd(model) => model.check(),
            Self::Nbd(model) => model.check(),
            Self::BgBb(model) => model.check(),
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
            Self::Nbd(_) => Candidate::Nbd,
            Self::BgBb(_) => Candidate::BgBb,
        }
    }

    /// The names of the parameters of a kind, in the order of the paper.
    #[must_use]
    pub const fn names(kind: Candidate) -> &'static [&'static str] {
        match kind {
            Candidate::BgNbd => &BgNbd::NAMES,
            Candidate::MbgNbd => &MbgNbd::NAMES,
            Candidate::ParetoNbd => &ParetoNbd::NAMES,
            Candidate::Nbd => &Nbd::NAMES,
            Candidate::BgBb => &BgBb::NAMES,
        }
    }

    /// The name of a kind in papers.
    #[must_use]
    pub const fn title(kind: Candidate) -> &'static str {
        match kind {
            Candidate::BgNbd => BgNbd::NAME,
            Candidate::MbgNbd => MbgNbd::NAME,
            Candidate::ParetoNbd => ParetoNbd::NAME,
            Candidate::Nbd => Nbd::NAME,
            Candidate::BgBb => BgBb::NAME,
        }
    }

    /// The parameters with their names.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, f64)> {
        let values = match self {
            Self::BgNbd(model) => vec![model.r, model.alpha, model.a, model.b],
            Self::MbgNbd(model) => vec![model.r, model.alpha, model.a, model.b],
            Self::ParetoNbd(model) => vec![model.r, model.alpha, model.s, model.beta],
            Self::Nbd(model) => vec![model.r, model.alpha],
            Self::BgBb(model) => vec![model.alpha, model.beta, model.gamma, model.delta],
        };
        Self::names(self.kind()).iter().copied().zip(values).collect()
    }

    /// The model as a trait object.
    #[must_use]
    pub fn as_purchase_model(&self) -> &dyn PurchaseModel {
        match self {
            Self::BgNbd(model) => model,
            Self::MbgNbd(model) => model,
            Self::ParetoNbd(model) => model,
            Self::Nbd(model) => model,
            Self::BgBb(model) => model,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_come_back_as_the_same_model() {
        for kind in Candidate::ALL {
            let count = Model::names(kind).len();
            let model = Model::new(kind, &[0.25, 4.5, 0.75, 2.5][..count]).unwrap();
            let values: Vec<f64> = model.parameters().iter().map(|(_, value)| *value).collect();
            assert_eq!(Model::new(kind, &values).unwrap(), model);
            assert_eq!(model.parameters()[1].1.to_bits(), 4.5_f64.to_bits());
            assert!(Model::new(kind, &[0.25, -1.0, 0.75, f64::NAN][..count]).is_err());
            assert!(Model::new(kind, &[0.25, 4.5, 0.75, 2.5, 1.0]).is_err());
        }
    }
}
