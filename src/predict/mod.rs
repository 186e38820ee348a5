//! What is to be expected of each customer: from days with a purchase to models, and from models to columns; what
//! customers brought in each of their years.
//!
//! The adapter between customers and models. [`purchase_histories`] says what the models see of a customer's days,
//! [`learn`] fits models or takes those of an earlier run, [`predictions`] applies them to every customer, [`holdout`]
//! compares models with what happened afterwards, [`tracking`] compares the model with the data it was fitted on.
//! Learn, then apply: what is learned is written with the run. Does not live here: formulas (`models`), reading
//! (`passes`), tables (`reports`).

mod day_counts;
mod entries;
mod from_orders;
pub mod holdout;
pub mod learn;
mod load;
pub mod options;
pub mod predictions;
pub mod purchase_histories;
pub mod tracking;
pub mod years;

pub use entries::{FitsEntry, ModelEntry, ModelsEntry, Parameter, PredictionsEntry};
pub use from_orders::FromOrders;
pub use holdout::{Calibration, Holdout};
pub use learn::FittedModels;
pub use load::LoadedModels;
pub use predictions::{Predictions, Terms};
pub use purchase_histories::{PurchaseHistories, PurchaseHistory};
pub use years::{Money, PlannedYear, Years};
