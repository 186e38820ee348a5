//! What is to be expected of each customer: from orders to models, and from models to columns; what
//! customers brought in each of their years.
//!
//! The adapter between customers and models. [`orders`] is what it is made from, [`purchase_histories`] says what the models see of
//! it,
//! [`learn`] fits models or takes those of an earlier run, [`predictions`] applies them to every customer, [`holdout`]
//! compares models with what happened afterwards, [`tracking`] compares the model with the data it was fitted on.
//! Learn, then apply: what is learned is written with the run. Does not live here: formulas (`models`), reading
//! (`passes`), tables (`reports`).

mod anniversaries;
mod day_counts;
mod entries;
mod from_orders;
pub mod holdout;
mod holdout_outcomes;
mod inputs;
pub mod learn;
mod load;
mod look;
mod new_customer;
pub mod options;
pub mod orders;
mod periods;
pub mod predictions;
pub mod purchase_histories;
mod terms;
#[cfg(test)]
mod tests;
pub mod tracking;
pub mod years;

pub use entries::{FitsEntry, ModelEntry, ModelsEntry, Parameter, PredictionsEntry};
pub use from_orders::FromOrders;
pub use holdout::{Calibration, Holdout};
pub use holdout_outcomes::{CustomerOutcome, CustomerOutcomes};
pub use inputs::Inputs;
pub use learn::FittedModels;
pub use load::LoadedModels;
pub use new_customer::NewCustomer;
pub use orders::{CustomerOrders, OrderDay};
pub use predictions::Predictions;
pub use purchase_histories::{PurchaseHistories, PurchaseHistory};
pub use terms::Terms;
pub use years::{Money, PlannedYear, Years};
