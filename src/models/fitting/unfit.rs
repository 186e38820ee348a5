//! Why data cannot support a model. Each is a finding, not a fault: the other reports are still useful.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// An end of the range of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Its lower end: 0, or 1 for q of Gamma-Gamma.
    Lower,
    /// Infinity.
    Infinity,
}

/// Why there is no fit. `Display` gives one line without a final stop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unfit {
    /// There are no customers.
    NoCustomers,
    /// Every customer was observed for no time at all.
    NoTime,
    /// Too few customers bought again.
    TooFewRepeaters {
        /// Customers who bought again.
        repeaters: u64,
        /// The smallest number that a fit is tried on.
        needed: u64,
    },
    /// No customer had more than one opportunity to buy again.
    OnePeriod,
    /// All repeat customers have the same average order value.
    NoSpread,
    /// The likelihood hardly depends on a parameter.
    Flat {
        /// The model.
        model: String,
        /// The least known parameter.
        parameter: String,
    },
    /// The likelihood grows towards a limit of a parameter that is itself no model.
    AtBound {
        /// The model.
        model: String,
        /// The parameter.
        parameter: String,
        /// The limit.
        limit: Limit,
    },
    /// The search ended before the top.
    NotConverged {
        /// The model.
        model: String,
        /// The largest slope of the mean log-likelihood where it ended; not a number where no start led anywhere.
        #[serde(deserialize_with = "null_as_nan")]
        gradient_norm: f64,
    },
    /// The input was too much for a fit, or no input at all.
    Refused {
        /// Why.
        reason: String,
    },
}

impl From<crate::error::Error> for Unfit {
    fn from(error: crate::error::Error) -> Self {
        Self::Refused { reason: error.headline() }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCustomers => write!(f, "there are no customers to learn from"),
            Self::NoTime => {
                write!(
                    f,
                    "every customer bought for the first time on the analysis date, so there is no time after it to learn \
                     from: give more history, or a later analysis date"
                )
            }
            Self::TooFewRepeaters { repeaters, needed } => {
                write!(
                    f,
                    "{repeaters} customers bought on a second day, and a model needs at least {needed}: give a longer history, \
                     or more customers"
                )
            }
            Self::OnePeriod => {
                write!(
                    f,
                    "no customer had more than one opportunity to buy again, so nobody can be seen to stop: give a longer history"
                )
            }
            Self::NoSpread => write!(f, "all repeat customers have the same average order value"),
            Self::Flat { model, parameter } => {
                write!(
                    f,
                    "{model}: very different habits explain these purchases equally well (`{parameter}` is not determined), so a \
                     prediction would be arbitrary: give a longer history, or choose another `predict.model`"
                )
            }
            Self::AtBound { model, parameter, limit } => {
                let limit = if *limit == Limit::Lower { "its lower limit" } else { "infinity" };
                write!(
                    f,
                    "{model}: these customers do not buy as the model supposes (`{parameter}` goes to {limit}), for example \
                     because nobody seems to stop, or all buy at the same rate: choose another `predict.model`, or give a longer \
                     history"
                )
            }
            Self::NotConverged { model, gradient_norm } => {
                write!(
                    f,
                    "{model}: no stable estimate was found (a slope of {gradient_norm:.1e} is left): choose another \
                     `predict.model`, or give a longer history"
                )
            }
            Self::Refused { reason } => write!(f, "{reason}"),
        }
    }
}

impl std::error::Error for Unfit {}

/// JSON has no NaN: it is written as null.
fn null_as_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_that_is_no_number_comes_back_from_json() {
        let unfit = Unfit::NotConverged { model: "BG/NBD".into(), gradient_norm: f64::NAN };
        let text = serde_json::to_string(&unfit).unwrap();
        let read: Unfit = serde_json::from_str(&text).unwrap();
        assert!(matches!(read, Unfit::NotConverged { gradient_norm, .. } if gradient_norm.is_nan()));
    }
}
