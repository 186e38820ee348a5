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
    /// The input has no amounts.
    NoAmounts,
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
    /// Each repeat customer always pays (almost) the same, and not all the same.
    FixedPrices,
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
    /// A sample puts the model so far behind the best one that it was not fitted on all customers.
    RuledOut {
        /// The model.
        model: String,
        /// Distinct histories of the sample.
        patterns: u64,
        /// By how much its BIC is above that of the best model, as the sample has it.
        bic_difference: f64,
        /// The standard error of that.
        standard_error: f64,
    },
    /// The input was too much for a fit, or no input at all.
    Refused {
        /// Why.
        reason: String,
    },
}

/// A refusal, with what the search found before it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    /// Why there is no fit.
    pub(crate) unfit: Unfit,
    /// The log-likelihood where the search ended, in units of the data; none where there was no search.
    pub(crate) log_likelihood: Option<f64>,
}

impl From<Unfit> for Refusal {
    fn from(unfit: Unfit) -> Self {
        Self { unfit, log_likelihood: None }
    }
}

impl From<Refusal> for Unfit {
    fn from(refusal: Refusal) -> Self {
        refusal.unfit
    }
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
            Self::NoAmounts => write!(f, "the input has no amounts"),
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
            Self::NoSpread => write!(f, "all repeat customers pay (almost) the same per order"),
            Self::FixedPrices => {
                write!(f, "each repeat customer pays (almost) the same every time, and another price than others")
            }
            Self::Flat { model, parameter } => {
                let untold = undetermined(model, parameter);
                write!(f, "{model}: the data are too few to tell {untold} (`{parameter}` could be almost anything)")
            }
            Self::AtBound { model, parameter, limit } => {
                let end = if *limit == Limit::Lower { "falls to its lower limit" } else { "grows without end" };
                write!(f, "{model}: {} (`{parameter}` {end})", at_bound(model, parameter, *limit))
            }
            Self::NotConverged { model, gradient_norm } => write!(
                f,
                "{model}: no parameters stand out as the best ones (the search ended with a slope of {gradient_norm:.1e})"
            ),
            Self::RuledOut { model, patterns, bic_difference, standard_error } => write!(
                f,
                "{model}: a sample of {patterns} distinct histories puts its BIC {bic_difference:.0} above that of the best \
                 model, with a standard error of {standard_error:.0}, so that it was not fitted on all customers"
            ),
            Self::Refused { reason } => write!(f, "{reason}"),
        }
    }
}

impl std::error::Error for Unfit {}

impl Unfit {
    /// The reason, and what can be done about it.
    #[must_use]
    pub fn explained(&self) -> String {
        match self.advice() {
            "" => self.to_string(),
            advice => format!("{self}: {advice}"),
        }
    }

    /// What can be done; empty where the reason says it, or nothing is to be done.
    fn advice(&self) -> &'static str {
        match self {
            Self::NoCustomers => "see that the filter and the dates leave some",
            Self::Flat { model, parameter } if about(model, parameter) == Trait::Leaving => {
                "a longer history may tell; `predict.model = \"nbd\"` does without"
            }
            Self::Flat { .. } | Self::NotConverged { .. } => "give a longer history or more customers",
            Self::AtBound { model, parameter, limit } => match (about(model, parameter), limit) {
                (Trait::Leaving, _) => {
                    "`predict.model = \"auto\"` takes another model, or `nbd`, in which nobody leaves; a longer history may tell"
                }
                (Trait::Buying, Limit::Infinity) => {
                    "where subscriptions are among them, leave these out by `input.filter`; else a longer history may tell"
                }
                (Trait::Buying, Limit::Lower) => "leave out wholesale and test accounts by `input.filter`",
                (Trait::Paying, Limit::Lower) => {
                    "leave out wholesale orders by `input.filter`, or wrong amounts by `clean.max_amount`"
                }
                (Trait::Paying, Limit::Infinity) => "",
            },
            Self::RuledOut { .. } => "name it in `predict.model` to have it fitted all the same",
            _ => "",
        }
    }
}

/// What a parameter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trait {
    Buying,
    Leaving,
    Paying,
}

fn about(model: &str, parameter: &str) -> Trait {
    match (model, parameter) {
        ("Gamma-Gamma", _) => Trait::Paying,
        ("BG/BB", "gamma" | "delta") => Trait::Leaving,
        (_, "r" | "alpha") | ("BG/BB", _) => Trait::Buying,
        _ => Trait::Leaving,
    }
}

/// What a parameter that is not determined leaves open.
fn undetermined(model: &str, parameter: &str) -> &'static str {
    match about(model, parameter) {
        Trait::Buying => "how much customers differ in how often they buy",
        Trait::Leaving => "whether and when customers leave",
        Trait::Paying => "how much customers differ in what they pay per order",
    }
}

/// What a parameter at its limit means.
fn at_bound(model: &str, parameter: &str, limit: Limit) -> &'static str {
    match (about(model, parameter), parameter, limit) {
        (Trait::Leaving, "a" | "s" | "gamma", Limit::Lower) => "hardly anybody seems to leave",
        (Trait::Leaving, _, Limit::Infinity) => "customers do not seem to leave, or all leave in the same way",
        (Trait::Leaving, ..) => "customers seem to leave at once or never",
        (Trait::Buying, _, Limit::Infinity) => "customers do not seem to differ in how often they buy",
        (Trait::Buying, _, Limit::Lower) => "a few customers make nearly all purchases",
        (Trait::Paying, "p", Limit::Infinity) => "each customer seems to pay the same every time",
        (Trait::Paying, _, Limit::Infinity) => "customers do not seem to differ in what they pay per order",
        (Trait::Paying, _, Limit::Lower) => "a few orders are so large that there is no mean to learn",
    }
}

/// JSON has no NaN: it is written as null.
fn null_as_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_told_in_words_and_name_the_parameter() {
        let at = |model: &str, parameter: &str, limit: Limit| {
            Unfit::AtBound { model: model.into(), parameter: parameter.into(), limit }.to_string()
        };
        assert!(at("BG/NBD", "b", Limit::Infinity).contains("do not seem to leave, or all leave in the same way"));
        assert_eq!(
            at("Pareto/NBD", "s", Limit::Lower),
            "Pareto/NBD: hardly anybody seems to leave (`s` falls to its lower limit)"
        );
        assert!(at("NBD", "r", Limit::Infinity).contains("differ in how often they buy"));
        assert!(at("Gamma-Gamma", "gamma", Limit::Infinity).contains("differ in what they pay"));
        let flat = Unfit::Flat { model: "MBG/NBD".into(), parameter: "a".into() }.to_string();
        assert!(flat.contains("whether and when customers leave (`a` could be"), "{flat}");
    }

    #[test]
    fn reasons_say_what_to_do_where_something_helps() {
        let of = |unfit: Unfit| unfit.explained();
        let at = |model: &str, parameter: &str, limit| Unfit::AtBound {
            model: model.into(),
            parameter: parameter.into(),
            limit,
        };
        assert!(of(at("Pareto/NBD", "s", Limit::Infinity)).ends_with("a longer history may tell"));
        assert!(of(at("Gamma-Gamma", "q", Limit::Lower)).contains("wholesale orders"));
        assert!(
            of(Unfit::Flat { model: "BG/NBD".into(), parameter: "b".into() }).contains("`predict.model = \"nbd\"`")
        );
        let ruled_out = Unfit::RuledOut {
            model: "BG/NBD".into(),
            patterns: 30_000,
            bic_difference: 71_900.6,
            standard_error: 650.2,
        };
        assert_eq!(
            of(ruled_out),
            "BG/NBD: a sample of 30000 distinct histories puts its BIC 71901 above that of the best model, with a standard error \
             of 650, so that it was not fitted on all customers: name it in `predict.model` to have it fitted all the same"
        );
        assert_eq!(of(Unfit::NoSpread), Unfit::NoSpread.to_string());
    }

    #[test]
    fn a_slope_that_is_no_number_comes_back_from_json() {
        let unfit = Unfit::NotConverged { model: "BG/NBD".into(), gradient_norm: f64::NAN };
        let text = serde_json::to_string(&unfit).unwrap();
        let read: Unfit = serde_json::from_str(&text).unwrap();
        assert!(matches!(read, Unfit::NotConverged { gradient_norm, .. } if gradient_norm.is_nan()));
    }
}
