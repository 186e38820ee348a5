//! What is grouped: a column per measure, and a weight per point where a point represents several.

use crate::error::{Error, Result};

/// Points in columns of equal length.
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    columns: Vec<Vec<f64>>,
    /// Empty where each point counts once.
    weights: Vec<f64>,
}

impl Points {
    /// Points from their columns, usually standardised measures.
    ///
    /// # Errors
    /// A bug, where there is no column, they differ in length, or hold a value that is not a number.
    pub fn new(columns: Vec<Vec<f64>>) -> Result<Self> {
        let lengths: Vec<usize> = columns.iter().map(Vec::len).collect();
        if lengths.is_empty() || lengths.iter().any(|length| *length != lengths[0]) {
            return Err(Error::bug(format!("columns of {lengths:?} customers reached k-means")));
        }
        if columns.iter().flatten().any(|value| !value.is_finite()) {
            return Err(Error::bug("a measure that is not a number reached k-means"));
        }
        Ok(Self { columns, weights: Vec::new() })
    }

    /// How many points there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns[0].len()
    }

    /// Whether there is no point.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many columns there are.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn columns(&self) -> &[Vec<f64>] {
        &self.columns
    }

    pub(super) fn row(&self, row: usize) -> impl Iterator<Item = f64> + '_ {
        self.columns.iter().map(move |column| column[row])
    }

    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.get(row).copied().unwrap_or(1.0)
    }

    /// The points of these rows, with a weight each.
    pub(super) fn pick(&self, rows: &[(usize, f64)]) -> Self {
        let pick = |column: &Vec<f64>| rows.iter().map(|&(row, _)| column[row]).collect();
        Self { columns: self.columns.iter().map(pick).collect(), weights: rows.iter().map(|row| row.1).collect() }
    }

    /// At most this many points at equal distances in their order.
    pub(super) fn spread_out(&self, most: usize) -> Self {
        let count = self.len().min(most);
        let rows: Vec<(usize, f64)> = (0..count).map(|i| (i * self.len() / count, 1.0)).collect();
        self.pick(&rows)
    }

    pub(super) fn squared_distance(&self, row: usize, center: &[f64]) -> f64 {
        self.row(row).zip(center).map(|(x, c)| (x - c) * (x - c)).sum()
    }
}
