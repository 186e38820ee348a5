//! Maximum likelihood: the search, and why data cannot support a model.

pub(crate) mod fit;
pub(crate) mod minimise;
pub(crate) mod unfit;
