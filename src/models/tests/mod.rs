//! HEAD.

#[cfg(test)]
mod alive;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod likelihoods;
#[cfg(test)]
mod simulated;
