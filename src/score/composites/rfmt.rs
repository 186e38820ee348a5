//! The RFMT preset: recency, frequency, mean order (M) and largest order (T, "topest"), each from 0 to 1 by min-max,
//! weighted by AHP, grouped by k-means, and the classes ranked by their mean weighted value.

use super::standardise::Standardise;
use crate::score::measures::Measure;

/// What is measured, in the order of the judgements.
pub const RFMT_MEASURES: [Measure; 4] =
    [Measure::RecencyDays, Measure::Orders, Measure::AverageOrderValue, Measure::LargestOrder];
/// How it is put on one scale.
pub const RFMT_STANDARDISE: Standardise = Standardise::MinMax;
/// How many times as important the row is as the column: money before frequency before recency before the largest order.
/// The judgements are a start, and each business has its own; their consistency ratio is 0.011.
pub const RFMT_JUDGEMENTS: [[f64; 4]; 4] = [
    [1.0, 1.0 / 2.0, 1.0 / 3.0, 2.0],
    [2.0, 1.0, 1.0 / 2.0, 3.0],
    [3.0, 2.0, 1.0, 4.0],
    [1.0 / 2.0, 1.0 / 3.0, 1.0 / 4.0, 1.0],
];
