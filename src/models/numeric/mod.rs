//! Numerical tools of the models: special functions, quadrature, symmetric matrices.

pub(crate) mod exponential_integral;
pub(crate) mod quadrature;
pub(crate) mod special;
pub(crate) mod symmetric;
