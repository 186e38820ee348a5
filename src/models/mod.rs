//! Models: numbers in, numbers out. Buy-till-you-die models, priorities by judgement ([`ahp`]), clusters ([`kmeans`]).
//!
//! How often customers will buy again, whether they will buy again at all, and what that is worth. Learn, then apply: a
//! fit gives a parameter struct, which is written with the run, loaded back, and applied to any history. The continuous
//! models (`BgNbd`, `MbgNbd`, `ParetoNbd`, and `Nbd`, their limit without drop-out) share [`PurchaseModel`]; `BgBb`, for purchases at discrete opportunities, counts these as time;
//! `GammaGamma` for the value of an order. Everything is computed in logs. Does not live here: transactions, tables,
//! files, settings.

pub mod ahp;
pub(crate) mod fitting;
pub mod kmeans;
pub(crate) mod numeric;
pub(crate) mod purchases;
pub(crate) mod spending;
#[cfg(test)]
mod tests;

pub use fitting::fit::{Convergence, Estimate, Fit};
pub use fitting::unfit::{Limit, Unfit};
pub use purchases::any_model::Model;
pub use purchases::bg_bb::{BgBb, Opportunities};
pub use purchases::bg_nbd::BgNbd;
pub use purchases::calibration::{Agreement, FrequencyRow, agreement, by_frequency, captured_share};
pub use purchases::candidate::Candidate;
pub use purchases::choice::{Choice, Fitted, choose};
pub use purchases::histories::{Histories, History};
pub use purchases::mbg_nbd::MbgNbd;
pub use purchases::nbd::Nbd;
pub use purchases::pareto_nbd::ParetoNbd;
pub use purchases::purchase_model::PurchaseModel;
pub use purchases::tracking::{expected_cumulative_repeats, expected_repeat_counts};
pub use spending::gamma_gamma::{GammaGamma, GammaGammaFit};
pub use spending::lifetime_value::{CashFlow, Discounting, lifetime_value_of_profits};
pub use spending::order_value::{MeanValue, OrderValues, OwnPrice};
pub use spending::{OwnSpread, Spending, Spendings};
