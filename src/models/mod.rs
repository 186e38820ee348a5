//! Models: numbers in, numbers out. Buy-till-you-die models, priorities by judgement ([`ahp`]), clusters ([`kmeans`]).
//!
//! How often customers will buy again, whether they still will at all, and what that is worth. Learn, then apply: a
//! fit gives a parameter struct, which is written with the run, loaded back, and applied to any history.
//! The continuous models (`BgNbd`, `MbgNbd`, `ParetoNbd`) share [`PurchaseModel`]; `BgBb` is for purchases at discrete
//! opportunities, `GammaGamma` for the value of an order. Everything is computed in logs.
//! Does not live here: transactions, tables, files, settings.

pub mod ahp;
mod beta_geometric;
mod bg_bb;
mod bg_nbd;
mod calibration;
mod choice;
mod dropout;
mod fit;
mod gamma_gamma;
mod histories;
pub mod kmeans;
mod lifetime_value;
mod mbg_nbd;
mod minimise;
mod model;
mod negative_binomial;
mod pareto_nbd;
mod purchase_model;
mod quadrature;
mod special;
mod spending;
mod symmetric;
mod tail;
mod tracking;
mod two_endings;
mod unfit;

pub use bg_bb::{BgBb, Opportunities};
pub use bg_nbd::BgNbd;
pub use calibration::{Agreement, FrequencyRow, agreement, by_frequency, captured_share};
pub use choice::{Candidate, Choice, Fitted, choose};
pub use fit::{Convergence, Estimate, Fit};
pub use gamma_gamma::{GammaGamma, GammaGammaFit};
pub use histories::{Histories, History};
pub use lifetime_value::{CashFlow, Discounting, lifetime_value_of_profits};
pub use mbg_nbd::MbgNbd;
pub use model::Model;
pub use pareto_nbd::ParetoNbd;
pub use purchase_model::PurchaseModel;
pub use spending::{Spending, Spendings};
pub use tracking::{expected_cumulative_repeats, expected_repeat_counts};
pub use unfit::{Limit, Unfit};

#[cfg(test)]
mod alive;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod likelihoods;
#[cfg(test)]
mod simulated;
