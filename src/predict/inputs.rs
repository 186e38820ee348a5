//! What the models see of each customer, for those who want to look or to compute with it elsewhere.
//!
//! Does not live here: how it is made from orders (`purchase_histories`).

use rayon::prelude::*;

use super::learn::FittedModels;
use super::purchase_histories::{PurchaseHistories, PurchaseHistory};
use super::terms::Terms;
use crate::models::History;

/// What the models see of a customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inputs {
    /// x, `t_x` and T.
    pub history: History,
    /// The mean value of the occasions that tell it, after returns, major units; 0 without any.
    pub mean_value: f64,
}

/// Per row, what the models see; empty unless asked for.
pub(super) fn inputs(
    terms: &Terms,
    habits: &PurchaseHistories,
    learned: &FittedModels,
    minor_per_major: f64,
) -> Vec<Option<Inputs>> {
    if !terms.shows_inputs {
        return Vec::new();
    }
    let of = |habit: &PurchaseHistory| Inputs {
        history: habit.pattern(habits.as_of).history(learned.steps_per_unit()),
        mean_value: habit.spending(minor_per_major).map_or(0.0, |spending| spending.z),
    };
    habits.by_row.par_iter().map(|habit| habit.as_ref().map(of)).collect()
}
