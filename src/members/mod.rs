//! Who a customer is: the settings of customers.
//!
//! Does not live here: how customers are told apart (`customers`).

pub mod options;
