//! Settings of customers: who one is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[customers]`: who a customer is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CustomersOptions {
    /// A column of the input that makes a customer together with the customer id, such as `country`: whoever buys in two countries
    /// is two customers, each with the orders of one. A null is a value of its own. The column is carried along as an attribute.
    pub per: Option<String>,
}
