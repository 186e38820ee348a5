//! Purchase models: who will buy again, and how often; BG/NBD, MBG/NBD, Pareto/NBD, their limit NBD, and BG/BB.

pub(crate) mod any_model;
pub(crate) mod beta_geometric;
pub(crate) mod bg_bb;
pub(crate) mod bg_nbd;
pub(crate) mod calibration;
pub(crate) mod candidate;
pub(crate) mod choice;
pub(crate) mod dropout;
pub(crate) mod histories;
pub(crate) mod knots;
pub(crate) mod mbg_nbd;
pub(crate) mod nbd;
pub(crate) mod negative_binomial;
pub(crate) mod opportunities;
pub(crate) mod pareto_nbd;
pub(crate) mod purchase_model;
pub(crate) mod sample;
pub(crate) mod tail;
pub(crate) mod tails;
pub(crate) mod tracking;
pub(crate) mod two_endings;
