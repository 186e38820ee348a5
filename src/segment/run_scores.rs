//! The scores of a run, as far as a map must know them.

use crate::known::Known;
use crate::score::options::Combination;

/// The scores that a run makes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RunScores {
    /// Bins in the order R, F, M.
    pub bins: [u32; 3],
    /// Bins of the value score, where the run makes one.
    pub value_bins: Option<u32>,
    /// How the scores are combined.
    pub combination: Combination,
    /// What is known of the customers.
    pub known: Known,
    /// Decimals of money.
    pub money_scale: u8,
    /// What the scores are multiplied with in the weighted score.
    pub score_weights: [f64; 3],
    /// Whether customers may have no order in the window.
    pub may_lack_orders: bool,
}
