//! Laws of the models, their likelihoods at the edges, and fits on simulated customers.

mod alive;
mod laws;
mod likelihoods;
mod sampled;
mod simulated;
