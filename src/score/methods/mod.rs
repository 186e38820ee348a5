//! Scoring methods: how an axis is cut, one method, one file.

pub(crate) mod fixed;
pub(crate) mod mean;
pub(crate) mod nested;
pub(crate) mod ntile;
pub(crate) mod order_statistics;
pub(crate) mod pareto;
pub(crate) mod quantile;
pub(crate) mod r_rfm;
pub(crate) mod rational;
pub(crate) mod uniform;
