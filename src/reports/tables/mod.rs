//! One table of the reports, one file.

pub mod abc;
pub(crate) mod calibration;
pub(crate) mod cells;
pub(crate) mod clusters;
pub(crate) mod clv_pareto;
pub(crate) mod customer_years;
pub(crate) mod customers;
pub(crate) mod dim_segment;
pub mod drift;
pub mod grid;
pub(crate) mod model_fit;
pub mod octants;
pub mod pareto;
pub(crate) mod quality;
pub(crate) mod score_bounds;
pub mod scorings;
pub(crate) mod segments;
pub(crate) mod stability;
pub(crate) mod value_map;
