//! Which columns a run needs, and which types each of them may have.
//!
//! Lives here: the roles of columns, and what each role accepts and refuses, with the way out. Does not live here:
//! reading the files (see `contract`).

use crate::day::digits_of_format;
use crate::source::kinds::ColumnKind;
use crate::source::options::{ColumnOptions, DEFAULT_ORDER_ID, DateOptions, Grain, OrderKey};

/// What a column is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Who bought.
    CustomerId,
    /// Which order the row belongs to.
    OrderId,
    /// When; of a table of customers the last order.
    OrderTs,
    /// How much; of a table of customers the revenue.
    Amount,
    /// How many, where the amount is computed.
    Quantity,
    /// For how much each, where the amount is computed.
    UnitPrice,
    /// The part of the amount that is profit.
    Margin,
    /// In which money.
    Currency,
    /// Makes a customer together with the customer id.
    Per,
    /// Of a table of customers: days since the last order.
    RecencyDays,
    /// Of a table of customers: how many orders.
    Orders,
    /// Of a table of customers: the day of the first order.
    FirstOrderDate,
    /// Of a table of customers: days with an order.
    PurchaseDays,
    /// Of a table of customers: rows of the orders.
    Transactions,
    /// Of a table of customers: the largest order.
    LargestOrder,
    /// Carried into the customers table.
    Attribute,
    /// Used by the filter, or to detect repeats.
    Filter,
    /// Read by the expression that another role is.
    Expression,
}

impl Role {
    /// Whether rows without a value mean something by themselves: a row is an order of its own, has no attribute, meets no filter.
    /// Where customers, dates or amounts are null, rows are bad.
    #[must_use]
    pub const fn may_be_null(self) -> bool {
        matches!(self, Self::OrderId | Self::Margin | Self::Attribute | Self::Filter | Self::Expression)
    }
}

/// A column that the run needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// What for.
    pub role: Role,
    /// Its name in the input.
    pub name: String,
    /// What one row of the input is.
    pub grain: Grain,
    /// Whether the run can do without it if no file has it.
    pub optional: bool,
    /// Whether plain numbers can be read: `dates.epoch_unit` is set. Only for the order date.
    pub reads_epochs: bool,
    /// Whether dates written as numbers can be read: `dates.format` has digits alone. Only for the order date.
    pub reads_digits: bool,
    /// Whether text can be read: `dates.format` is set. Only for the order date.
    pub reads_text: bool,
}

/// A role that is one column or an expression, as the settings name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedRole<'a> {
    /// What for.
    pub role: Role,
    /// The key of the setting.
    pub key: &'static str,
    /// The name of the column, or the expression.
    pub name: &'a str,
    /// Whether the run can do without it: its name was not set.
    pub optional: bool,
}

/// The roles that are one column each, in the order in which they are read: all but order ids and attributes.
#[must_use]
pub fn named_roles(columns: &ColumnOptions, grain: Grain) -> Vec<NamedRole<'_>> {
    let required = |role, key, name| NamedRole { role, key, name, optional: false };
    let mut roles = vec![required(Role::CustomerId, "columns.customer_id", columns.customer_id.as_str())];
    match grain {
        Grain::Transactions => {
            roles.push(required(Role::OrderTs, "columns.order_ts", &columns.order_ts));
            match (&columns.quantity, &columns.unit_price) {
                (Some(quantity), Some(unit_price)) => {
                    roles.push(required(Role::Quantity, "columns.quantity", quantity));
                    roles.push(required(Role::UnitPrice, "columns.unit_price", unit_price));
                }
                _ if columns.has_amounts(grain) => {
                    roles.push(required(Role::Amount, "columns.amount", &columns.amount));
                }
                _ => {}
            }
        }
        Grain::Customers => roles.extend(roles_of_customers(columns)),
    }
    roles.extend(columns.currency.as_deref().map(|currency| required(Role::Currency, "columns.currency", currency)));
    roles.extend(columns.margin.as_deref().map(|margin| required(Role::Margin, "columns.margin", margin)));
    roles
}

/// The roles that only a table of customers has.
fn roles_of_customers(columns: &ColumnOptions) -> impl Iterator<Item = NamedRole<'_>> {
    const ROLES: [Role; 8] = [
        Role::OrderTs,
        Role::RecencyDays,
        Role::Orders,
        Role::Amount,
        Role::FirstOrderDate,
        Role::PurchaseDays,
        Role::Transactions,
        Role::LargestOrder,
    ];
    let has_amounts = columns.has_amounts(Grain::Customers);
    let named = ROLES.into_iter().zip(columns.of_customers()).map(|(role, (key, set, default))| {
        let is_needed = matches!(role, Role::OrderTs | Role::RecencyDays | Role::Orders | Role::Amount);
        NamedRole { role, key, name: set.unwrap_or(default), optional: !is_needed && set.is_none() }
    });
    named.filter(move |named| match named.role {
        Role::OrderTs => columns.recency_days.is_none(),
        Role::RecencyDays => columns.recency_days.is_some(),
        Role::Amount | Role::LargestOrder => has_amounts,
        _ => true,
    })
}

/// The columns that a run over transactions with these settings reads, as [`needed_of`].
#[must_use]
pub fn needed(
    columns: &ColumnOptions,
    dates: &DateOptions,
    filter_columns: &[String],
    uses_order_id: bool,
) -> Vec<Need> {
    needed_of(Grain::Transactions, columns, dates, filter_columns, uses_order_id)
}

/// The columns that a run with these settings reads. `filter_columns` are the columns of the filter
/// and any others that must be there whatever their type; those that have a role already are not
/// listed again. `uses_order_id` says whether orders are identified by their id.
#[must_use]
pub fn needed_of(
    grain: Grain,
    columns: &ColumnOptions,
    dates: &DateOptions,
    filter_columns: &[String],
    uses_order_id: bool,
) -> Vec<Need> {
    let mut needs: Vec<Need> = Vec::new();
    let mut need = |role, name: &str, optional| {
        let is_date = matches!(role, Role::OrderTs | Role::FirstOrderDate);
        let reads_epochs = is_date && dates.epoch_unit.is_some();
        let reads_text = is_date && dates.format.is_some();
        let reads_digits = is_date && dates.format.as_deref().is_some_and(|format| digits_of_format(format).is_some());
        let known = needs.iter().any(|need| need.name == name);
        if !(known && matches!(role, Role::Filter)) {
            needs.push(Need { role, name: name.into(), grain, optional, reads_epochs, reads_digits, reads_text });
        }
    };
    for NamedRole { role, name, optional, .. } in named_roles(columns, grain) {
        need(role, name, optional);
        if role == Role::CustomerId && uses_order_id && grain == Grain::Transactions {
            match &columns.order_id {
                None => need(Role::OrderId, DEFAULT_ORDER_ID, true),
                Some(key) => OrderKey::names(key).iter().for_each(|name| need(Role::OrderId, name, false)),
            }
        }
    }
    for name in &columns.attributes {
        need(Role::Attribute, name, false);
    }
    for name in filter_columns {
        need(Role::Filter, name, false);
    }
    needs
}

/// The column that makes a customer together with the customer id.
#[must_use]
pub fn need_of_per(name: &str, grain: Grain) -> Need {
    let (role, name) = (Role::Per, name.to_owned());
    Need { role, name, grain, optional: false, reads_epochs: false, reads_digits: false, reads_text: false }
}

/// The way out where bytes carry no annotation.
const BYTES_AS_TEXT: &str = "write it with the UTF8 (STRING) annotation, or say what the bytes are with `input.binary_as_text`: \
                             `utf8`, `hex` or `uuid`";

/// Why a role cannot take this kind, and what to do.
pub(crate) fn refusal(need: &Need, kind: &ColumnKind) -> Option<(String, &'static str)> {
    use ColumnKind as Kind;
    let expected = |what: &str, hint| Some((format!("found {kind}, expected {what}"), hint));
    match (need.role, kind) {
        (_, Kind::Nested(_)) => expected("a plain column", "write the value that is needed as a column of its own"),
        (_, Kind::Other(_)) => expected("a common type", "cast the column to a number, a text or a timestamp"),
        (_, Kind::FixedBinary(_)) => expected("a common type", BYTES_AS_TEXT),
        (Role::Attribute | Role::Per, Kind::Binary) => expected("a text, number, date or timestamp", BYTES_AS_TEXT),
        (Role::Attribute | Role::Per, Kind::Time | Kind::Int96) => {
            expected("a text, number, date or timestamp", "cast the attribute to text at its source")
        }
        (
            Role::CustomerId | Role::OrderId,
            Kind::Int { .. } | Kind::Text | Kind::Uuid | Kind::Decimal { .. } | Kind::Float32 | Kind::Float64,
        )
        | (Role::OrderId, Kind::Null)
        | (Role::OrderTs | Role::FirstOrderDate, Kind::Date | Kind::Timestamp { .. } | Kind::Int96)
        | (
            Role::Amount
            | Role::Quantity
            | Role::UnitPrice
            | Role::Margin
            | Role::LargestOrder
            | Role::RecencyDays
            | Role::Orders
            | Role::PurchaseDays
            | Role::Transactions,
            Kind::Int { .. } | Kind::Float32 | Kind::Float64 | Kind::Decimal { .. },
        )
        | (Role::Currency, Kind::Text | Kind::Null)
        | (Role::Attribute | Role::Per | Role::Filter | Role::Expression, _) => None,
        (Role::CustomerId | Role::OrderId, Kind::Binary) => expected("an integer or a text", BYTES_AS_TEXT),
        (Role::CustomerId | Role::OrderId, _) => {
            expected("an integer or a text", "cast the id to an integer or a string at its source")
        }
        _ => refusal_of_numbers(need, kind),
    }
}

/// The same for dates, numbers and currencies, of which the types that fit are dealt with.
fn refusal_of_numbers(need: &Need, kind: &ColumnKind) -> Option<(String, &'static str)> {
    use ColumnKind as Kind;
    let expected = |what: &str, hint| Some((format!("found {kind}, expected {what}"), hint));
    match (need.role, kind) {
        (Role::Currency, _) => expected(
            "a text such as `EUR`",
            "make it a text with an expression, such as `columns.currency = \"CAST(currency AS VARCHAR)\"`",
        ),
        (Role::OrderTs | Role::FirstOrderDate, number)
            if number.is_number() && (need.reads_epochs || need.reads_digits) =>
        {
            None
        }
        (Role::OrderTs | Role::FirstOrderDate, number) if number.is_number() => expected(
            "a date or timestamp",
            "if these are epochs, say their unit with `dates.epoch_unit`; if they are written as 20251231, say so with \
             `dates.format = \"%Y%m%d\"`",
        ),
        (Role::OrderTs | Role::FirstOrderDate, Kind::Text) if need.reads_text => None,
        (Role::OrderTs | Role::FirstOrderDate, Kind::Text) => {
            expected("a date or timestamp", "say how the dates are written with `dates.format`, such as `%Y-%m-%d`")
        }
        (Role::OrderTs | Role::FirstOrderDate, _) => {
            expected("a date or timestamp", "cast the column to a timestamp at its source")
        }
        (Role::RecencyDays | Role::Orders | Role::PurchaseDays | Role::Transactions, _) => {
            expected("a whole number", "cast the column to an integer at its source")
        }
        (Role::Amount | Role::Quantity | Role::UnitPrice | Role::Margin | Role::LargestOrder, Kind::Text) => expected(
            "a float, integer or decimal",
            "cast the texts to a decimal at their source: what `1.234` means is not guessed",
        ),
        (Role::Amount | Role::Quantity | Role::UnitPrice | Role::Margin | Role::LargestOrder, _) => {
            expected("a float, integer or decimal", "cast the column to a decimal at its source")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::options::{EpochUnit, OrderKey};

    fn names(needs: &[Need]) -> Vec<&str> {
        needs.iter().map(|need| need.name.as_str()).collect()
    }

    #[test]
    fn columns_are_needed_once_per_role_and_the_filter_repeats_none() {
        let columns = ColumnOptions { attributes: vec!["city".into()], ..ColumnOptions::default() };
        let filter = ["amount".to_string(), "status".into(), "status".into()];
        let needs = needed(&columns, &DateOptions::default(), &filter, false);
        assert_eq!(names(&needs), ["customer_id", "order_ts", "amount", "city", "status"]);
    }

    #[test]
    fn every_column_of_an_order_key_is_needed() {
        let key = OrderKey::Several(vec!["store".into(), "receipt".into()]);
        let columns = ColumnOptions { order_id: Some(key), ..ColumnOptions::default() };
        let filter = ["store".to_string(), "amount".into(), "country".into()];
        let needs = needed(&columns, &DateOptions::default(), &filter, true);
        assert_eq!(names(&needs), ["customer_id", "store", "receipt", "order_ts", "amount", "country"]);
        assert!(needs[1..3].iter().all(|need| need.role == Role::OrderId && !need.optional));
        let without = needed(&columns, &DateOptions::default(), &[], false);
        assert_eq!(names(&without), ["customer_id", "order_ts", "amount"]);
    }

    #[test]
    fn a_computed_amount_needs_its_factors_and_not_the_amount() {
        let columns = ColumnOptions {
            quantity: Some("pieces".into()),
            unit_price: Some("price".into()),
            ..ColumnOptions::default()
        };
        let needs = needed(&columns, &DateOptions::default(), &[], true);
        assert_eq!(names(&needs), ["customer_id", "order_id", "order_ts", "pieces", "price"]);
        assert!(needs[1].optional && !needs[0].optional);
    }

    #[test]
    fn dates_as_integers_and_texts_need_a_setting() {
        let int64 = ColumnKind::Int { bits: 64, signed: true };
        let date = |dates: &DateOptions| needed(&ColumnOptions::default(), dates, &[], false)[1].clone();
        let plain = date(&DateOptions::default());
        let (what, hint) = refusal(&plain, &int64).unwrap();
        assert!(what.contains("found int64") && hint.contains("epoch_unit"));
        assert!(refusal(&plain, &ColumnKind::Text).unwrap().1.contains("dates.format"));
        let epochs = date(&DateOptions { epoch_unit: Some(EpochUnit::S), ..DateOptions::default() });
        assert_eq!(refusal(&epochs, &int64), None);
        assert_eq!(refusal(&epochs, &ColumnKind::Float32), None);
        let texts = date(&DateOptions { format: Some("%d/%m/%Y".into()), ..DateOptions::default() });
        assert_eq!(refusal(&texts, &ColumnKind::Text), None);
        assert!(refusal(&texts, &int64).is_some());
        let digits = date(&DateOptions { format: Some("%Y%m%d".into()), ..DateOptions::default() });
        assert_eq!(refusal(&digits, &int64), None);
        assert!(refusal(&plain, &ColumnKind::Float64).unwrap().1.contains("%Y%m%d"));
    }

    #[test]
    fn each_role_takes_what_it_can_mean() {
        let decimal = ColumnKind::Decimal { precision: 18, scale: 2 };
        let uint64 = ColumnKind::Int { bits: 64, signed: false };
        let takes = |role, kind: &ColumnKind| {
            let need = Need {
                role,
                name: "x".into(),
                grain: Grain::Transactions,
                optional: false,
                reads_epochs: false,
                reads_digits: false,
                reads_text: false,
            };
            refusal(&need, kind).is_none()
        };
        for (role, kind, expected) in [
            (Role::Amount, &decimal, true),
            (Role::Amount, &uint64, true),
            (Role::Amount, &ColumnKind::Text, false),
            (Role::Amount, &ColumnKind::Bool, false),
            (Role::Amount, &ColumnKind::Null, false),
            (Role::Amount, &ColumnKind::Time, false),
            (Role::Margin, &decimal, true),
            (Role::Margin, &ColumnKind::Float32, true),
            (Role::Margin, &ColumnKind::Text, false),
            (Role::Currency, &ColumnKind::Text, true),
            (Role::Currency, &ColumnKind::Null, true),
            (Role::Currency, &uint64, false),
            (Role::Currency, &ColumnKind::Binary, false),
            (Role::CustomerId, &uint64, true),
            (Role::CustomerId, &ColumnKind::Float64, true),
            (Role::CustomerId, &decimal, true),
            (Role::CustomerId, &ColumnKind::Uuid, true),
            (Role::CustomerId, &ColumnKind::Null, false),
            (Role::OrderId, &ColumnKind::Null, true),
            (Role::OrderId, &ColumnKind::FixedBinary(16), false),
            (Role::Amount, &ColumnKind::Uuid, false),
            (Role::CustomerId, &ColumnKind::Binary, false),
            (Role::OrderTs, &ColumnKind::Int96, true),
            (Role::OrderTs, &ColumnKind::Null, false),
            (Role::Attribute, &ColumnKind::Bool, true),
            (Role::Attribute, &ColumnKind::Int96, false),
            (Role::Filter, &ColumnKind::Time, true),
            (Role::Filter, &ColumnKind::Nested("struct"), false),
        ] {
            assert_eq!(takes(role, kind), expected, "{role:?} {kind}");
        }
    }
}
