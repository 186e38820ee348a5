//! Social customer value: what customers do and reach apart from buying.
//!
//! An index is the mean of its standardised measures, SCV the weighted sum of the three indices. Standardised over the
//! customers who have social measures at all. Does not live here: reading them (`source`, `job`), the tables
//! (`reports`).

pub mod options;

use crate::error::Result;
use crate::score::{Standard, weighted_values};
use options::{INDICES, SocialOptions};

/// Whole numbers of 10^-6 in one: social measures are standardised as integers, as all measures are.
const UNITS: f64 = 1e6;
/// Whole numbers of 10^-9 in one, as [`weighted_values`] has them.
const INDEX_UNITS: f64 = 1e9;

/// The social value of the customers of the table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Social {
    /// Per row of the customers table the slot of the customer's figures, or none.
    pub slot_of: Vec<Option<u32>>,
    /// The indices of the customers who have measures, in the order of [`INDICES`].
    pub indices: [Vec<f64>; 3],
    /// Their SCV.
    pub scv: Vec<f64>,
    /// The weights of the indices.
    pub weights: Vec<f64>,
    /// Classes to each side of the value map.
    pub map_classes: u32,
}

impl Social {
    /// Computes indices and SCV. `measures` holds the columns of each index, of the customers at `rows` of a table of `customers`.
    ///
    /// # Errors
    /// A config error where the weights do not sum to 1.
    pub fn new(
        measures: &[Vec<Vec<f64>>; 3],
        rows: &[u32],
        customers: usize,
        weights: Vec<f64>,
        options: &SocialOptions,
    ) -> Result<Self> {
        let mut indices: [Vec<f64>; 3] = Default::default();
        for (index, columns) in indices.iter_mut().zip(measures) {
            *index = mean_of(columns, options)?;
        }
        let scv = |slot: usize| weights.iter().zip(&indices).map(|(weight, index)| weight * index[slot]).sum();
        let scv = (0..rows.len()).map(scv).collect();
        let mut slot_of = vec![None; customers];
        for (slot, row) in (0..).zip(rows) {
            slot_of[*row as usize] = Some(slot);
        }
        Ok(Self { slot_of, indices, scv, weights, map_classes: options.map_classes })
    }

    /// A figure of a customer: an index by its name, or `scv`.
    #[must_use]
    pub fn figure(&self, name: &str, row: usize) -> Option<f64> {
        let slot = self.slot_of[row]? as usize;
        let index = INDICES.iter().position(|index| name.strip_suffix("_index") == Some(index));
        Some(index.map_or(&self.scv, |index| &self.indices[index])[slot])
    }

    /// Reorders the customers: `order` holds the old row of each new row.
    pub fn reorder(&mut self, order: &[u32]) {
        self.slot_of = order.iter().map(|row| self.slot_of[*row as usize]).collect();
    }
}

/// The mean of standardised columns.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the reader of the table refuses what has no place in 64 bits; a few columns; indices near 1"
)]
fn mean_of(columns: &[Vec<f64>], options: &SocialOptions) -> Result<Vec<f64>> {
    let whole: Vec<Vec<i64>> =
        columns.iter().map(|column| column.iter().map(|value| (value * UNITS).round() as i64).collect()).collect();
    let standards: Vec<Standard> =
        whole.iter().map(|column| Standard::learn(column, options.standardise, false)).collect::<Result<_>>()?;
    let slices: Vec<&[i64]> = whole.iter().map(Vec::as_slice).collect();
    let weights = vec![1.0 / columns.len() as f64; columns.len()];
    let values = weighted_values(&slices, &standards, &weights)?;
    Ok(values.into_iter().map(|value| value as f64 / INDEX_UNITS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_customers_worked_by_hand() {
        // followers 0, 50, 100: influence 0, .5, 1; interactions 1, 3, 2 and shares 0, 0, 4: activity (0+0)/2, (1+0)/2,
        // (.5+1)/2; referrals all equal: 0
        let measures =
            [vec![vec![0.0, 50.0, 100.0]], vec![vec![1.0, 3.0, 2.0], vec![0.0, 0.0, 4.0]], vec![vec![2.5, 2.5, 2.5]]];
        let social = Social::new(&measures, &[3, 0, 1], 4, vec![0.5, 0.25, 0.25], &SocialOptions::default()).unwrap();
        assert_eq!(social.indices[1], [0.0, 0.5, 0.75]);
        assert_eq!(social.figure("influence_index", 0), Some(0.5));
        assert_eq!(social.figure("value_index", 1), Some(0.0));
        assert_eq!(social.figure("scv", 1), Some(0.5 + 0.25 * 0.75));
        assert_eq!(social.figure("scv", 2), None, "they are not in the table of measures");
        let mut turned = social;
        turned.reorder(&[1, 0, 2, 3]);
        assert_eq!(turned.figure("influence_index", 1), Some(0.5));
    }

    #[test]
    fn settings_are_checked() {
        let wrong = |options: SocialOptions| options.problems().into_iter().map(|(key, ..)| key).collect::<Vec<_>>();
        assert!(wrong(SocialOptions::default()).is_empty());
        assert_eq!(wrong(SocialOptions { weights: vec![0.5, 0.5], ..Default::default() }), ["social.weights"]);
        assert_eq!(wrong(SocialOptions { weights: vec![0.5, 0.5, 0.5], ..Default::default() }), ["social.weights"]);
        assert_eq!(wrong(SocialOptions { activity: Vec::new(), ..Default::default() }), ["social.activity"]);
        assert_eq!(wrong(SocialOptions { map_classes: 1, ..Default::default() }), ["social.map_classes"]);
    }
}
