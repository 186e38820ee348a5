//! HEAD.

pub(crate) mod fit;
pub(crate) mod minimise;
pub(crate) mod unfit;
