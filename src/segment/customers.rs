//! The columns of the customers that a map is applied to.

/// What segments are told from: one value per customer in each column, in the same order. Columns that the map does
/// not look at ([`SegmentMap::needs`], [`SegmentMap::needs_value_score`]) can be left empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct Customers<'a> {
    /// Recency scores.
    pub r_scores: &'a [i32],
    /// Frequency scores.
    pub f_scores: &'a [i32],
    /// Monetary scores.
    pub m_scores: &'a [i32],
    /// Scores of the composite value.
    pub v_scores: &'a [i32],
    /// Orders.
    pub orders: &'a [i64],
    /// Days since the last order.
    pub recency_days: &'a [i64],
    /// Days since the first order.
    pub tenure_days: &'a [i64],
    /// Days since the last order in percent of the mean gap, see [`crate::segment::overdue_percent`].
    pub overdue_percent: &'a [i64],
    /// 1, 2, 3 for the classes A, B, C.
    pub abc_class: &'a [i64],
    /// The sum of the amounts, minor units.
    pub revenue: &'a [i64],
}
