//! Settings of master data: who the members are, which of their columns are published, and which ids are old ones.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What those who never bought count for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Prospects {
    /// They are in `customers`, without scores, and in no other table.
    #[default]
    Apart,
    /// They have scores of 1, and count in the tables of customers and their shares. Nothing is learned from them: breaks and
    /// thresholds, weighted values, clusters and models are those of buyers.
    Counted,
}

/// `[customers]`: who a customer is, and master data in tables next to the transactions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CustomersOptions {
    /// A column of the input that makes a customer together with the customer id, such as `country`: whoever buys in two countries
    /// is two customers, each with the orders of one. A null is a value of its own. The column is carried along as an attribute.
    pub per: Option<String>,
    /// A Parquet file (or a directory, or a pattern) with one row per member, those included who never bought: in `customers`
    /// they are the segment `prospects`.
    pub path: Option<String>,
    /// Its column of customer ids, of the type of those of the input. Default: `customer_id`, else the name that the column has
    /// in the input.
    pub customer_id: Option<String>,
    /// Its columns that are published in `customers`, behind all others but `map`.
    pub attributes: Vec<String>,
    /// Its column of dates on which members signed up, published as `sign_up_date`. Who signed up after the analysis date is no
    /// prospect yet.
    pub sign_up_date: Option<String>,
    /// Its column that says whom campaigns may address, true or false, published as `consent`.
    pub consent: Option<String>,
    /// What those who never bought count for.
    pub prospects: Prospects,
    /// A Parquet file (or a directory, or a pattern) with old ids and the ids that they have become: all ids of a customer are
    /// one customer, in the input and in every table next to it.
    pub aliases: Option<String>,
    /// Its column of old ids.
    pub old_id: String,
    /// Its column of the ids that these have become, which may be old ones themselves. Default: the first of `customer_id`,
    /// `new_id` and `id` that the table has.
    pub new_id: Option<String>,
}

impl Default for CustomersOptions {
    fn default() -> Self {
        Self {
            per: None,
            path: None,
            customer_id: None,
            attributes: Vec::new(),
            sign_up_date: None,
            consent: None,
            prospects: Prospects::Apart,
            aliases: None,
            old_id: "old_id".to_owned(),
            new_id: None,
        }
    }
}

impl CustomersOptions {
    /// Names that the columns of a table may have, the most likely first: the one that is set, else those that are usual.
    #[must_use]
    pub fn member_ids<'a>(&'a self, in_input: &'a str) -> Vec<&'a str> {
        self.customer_id.as_deref().map_or_else(|| vec!["customer_id", in_input], |name| vec![name])
    }

    /// The same for the ids that old ones have become.
    #[must_use]
    pub fn new_ids(&self) -> Vec<&str> {
        self.new_id.as_deref().map_or_else(|| vec!["customer_id", "new_id", "id"], |name| vec![name])
    }

    /// The columns of the table of members beyond its ids.
    #[must_use]
    pub fn member_columns(&self) -> Vec<String> {
        self.attributes.iter().chain(&self.sign_up_date).chain(&self.consent).cloned().collect()
    }
}
