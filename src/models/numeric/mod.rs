//! HEAD.

pub(crate) mod quadrature;
pub(crate) mod special;
pub(crate) mod symmetric;
