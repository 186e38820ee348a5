//! Facts that are more than a number or a text.
//!
//! Does not live here: the list of warnings (`facts`).

use serde::{Deserialize, Serialize};

/// The value that most customers have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommonValue {
    /// As text, in the unit of the column.
    pub value: String,
    /// The share of all customers that have it, 0 to 1.
    pub share: f64,
}

/// How many rows are in a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrencyRows {
    /// The currency.
    pub currency: String,
    /// Its rows.
    pub rows: u64,
}
