//! The identity of each row's order.
//!
//! An order is one customer and one key: an id, several columns together, or an id and a day. Keys are compared by value, as
//! 64 bits: one integer as it is, everything else by its hash. Does not live here: how lines become orders (`customers`).

use polars::prelude::*;

use super::columns::{IdColumn, Integers};
use crate::batch::role;
use crate::hashing::hash_text;

/// What is an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderRule {
    /// Rows with one order id.
    Id,
    /// Rows with one order id, on one day.
    IdAndDay,
    /// Each row.
    Row,
    /// The rows of one day.
    Day,
}

impl OrderRule {
    /// Whether ids tell orders apart.
    #[must_use]
    pub const fn uses_ids(self) -> bool {
        matches!(self, Self::Id | Self::IdAndDay)
    }
}

/// Order identities: of one integer column the values themselves, else made.
#[derive(Debug)]
pub(super) enum Orders {
    Column(Integers),
    Made(Vec<i64>),
}

impl Orders {
    pub(super) fn values(&self) -> &[i64] {
        match self {
            Self::Column(integers) => integers.values(),
            Self::Made(orders) => orders,
        }
    }
}

/// The identity of each row's order, and which rows have one: a key that is null, or null in a part, is none.
pub(super) fn orders(
    rule: OrderRule,
    salt: i64,
    batch: &DataFrame,
    days: &[i32],
) -> PolarsResult<(Option<Orders>, Option<Vec<bool>>)> {
    let (orders, has_order) = match rule {
        OrderRule::Row => (None, None),
        OrderRule::Day => (Some(Orders::Made(days.iter().map(|day| i64::from(*day)).collect())), None),
        OrderRule::Id => of_key(batch, None)?,
        OrderRule::IdAndDay => of_key(batch, Some(days))?,
    };
    Ok((orders.map(|orders| salted(orders, salt)), has_order))
}

/// The identities of the orders of one of several inputs. Without a salt they stay as they are.
fn salted(orders: Orders, salt: i64) -> Orders {
    if salt == 0 { orders } else { Orders::Made(orders.values().iter().map(|order| order ^ salt).collect()) }
}

fn of_key(batch: &DataFrame, days: Option<&[i32]>) -> PolarsResult<(Option<Orders>, Option<Vec<bool>>)> {
    let mut key = key_columns(batch)?.into_iter().map(IdColumn::of_orders).collect::<PolarsResult<Vec<IdColumn>>>()?;
    let mut has_order: Option<Vec<bool>> = None;
    for validity in key.iter().filter_map(IdColumn::validity) {
        match &mut has_order {
            None => has_order = Some(validity.iter().collect()),
            Some(all) => all.iter_mut().zip(validity.iter()).for_each(|(all, valid)| *all &= valid),
        }
    }
    let orders = match (days, key.len()) {
        (None, 1) => match key.swap_remove(0) {
            IdColumn::Integer(ids) => Orders::Column(ids),
            IdColumn::Text(texts) => {
                Orders::Made(texts.bytes().into_iter().map(|text| hash_text(text).cast_signed()).collect())
            }
        },
        _ => Orders::Made(combined(&key, days, batch.height())),
    };
    Ok((Some(orders), has_order))
}

/// The columns of the key, in the order of the settings.
fn key_columns(batch: &DataFrame) -> PolarsResult<Vec<&Column>> {
    let parts: Vec<&Column> = (0..).map_while(|part| batch.column(&role::order_part(part)).ok()).collect();
    if parts.is_empty() { Ok(vec![batch.column(role::ORDER)?]) } else { Ok(parts) }
}

/// Bytes of one part of a key: an integer, a day, or the hash of a text.
const PART: usize = size_of::<u64>();

/// Each row's key as one hash over all parts, so that (1, 23) and (12, 3) differ.
fn combined(key: &[IdColumn], days: Option<&[i32]>, rows: usize) -> Vec<i64> {
    let width = PART * (key.len() + usize::from(days.is_some()));
    let mut bytes = vec![0; rows * width];
    let mut write = |part: usize, values: &mut dyn Iterator<Item = u64>| {
        for (row, value) in bytes.chunks_exact_mut(width).zip(values) {
            row[part * PART..][..PART].copy_from_slice(&value.to_le_bytes());
        }
    };
    for (part, ids) in key.iter().enumerate() {
        match ids {
            IdColumn::Integer(ids) => write(part, &mut ids.values().iter().map(|id| id.cast_unsigned())),
            IdColumn::Text(texts) => write(part, &mut texts.bytes().into_iter().map(hash_text)),
        }
    }
    if let Some(days) = days {
        write(key.len(), &mut days.iter().map(|day| i64::from(*day).cast_unsigned()));
    }
    bytes.chunks_exact(width).map(|key| hash_text(key).cast_signed()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn identities(columns: Vec<Column>, rule: OrderRule, days: &[i32]) -> (Vec<i64>, Option<Vec<bool>>) {
        let batch = DataFrame::new(days.len(), columns).unwrap();
        let (orders, has_order) = orders(rule, 0, &batch, days).unwrap();
        (orders.unwrap().values().to_vec(), has_order)
    }

    fn part<T, P: ?Sized>(number: usize, values: T) -> Column
    where
        Series: NamedFrom<T, P>,
    {
        Column::new(role::order_part(number).into(), values)
    }

    #[test]
    fn keys_of_several_columns_are_equal_where_all_parts_are() {
        let stores = part(0, [1_i32, 1, 12, 1]);
        let receipts = part(1, ["23", "23", "3", "3"]);
        let (ids, has_order) = identities(vec![stores, receipts], OrderRule::Id, &[0; 4]);
        assert_eq!((ids[0], has_order), (ids[1], None));
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 3);
        // By value: the width of an integer is a way to store it.
        let (wide, _) = identities(vec![part(0, [1_i64, 12]), part(1, ["23", "3"])], OrderRule::Id, &[5, 6]);
        assert_eq!(wide, [ids[0], ids[2]]);
    }

    #[test]
    fn the_order_of_the_parts_matters_and_texts_are_not_joined() {
        let key = |a: &str, b: &str| identities(vec![part(0, [a]), part(1, [b])], OrderRule::Id, &[0]).0[0];
        let keys = [("a", "bc"), ("ab", "c"), ("bc", "a"), ("", "abc"), ("abc", "")].map(|(a, b)| key(a, b));
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), 5);
    }

    #[test]
    fn one_id_of_two_inputs_is_two_orders_and_two_ids_of_one_input_stay_two() {
        let batch = DataFrame::new(3, vec![Column::new(role::ORDER.into(), [17_i64, 17, 18])]).unwrap();
        let of = |salt| orders(OrderRule::Id, salt, &batch, &[0; 3]).unwrap().0.unwrap().values().to_vec();
        let (shop, till) = (of(hash_text(b"shop").cast_signed()), of(hash_text(b"till").cast_signed()));
        assert_eq!((shop[0] == shop[1], shop[1] == shop[2]), (true, false));
        assert_eq!(shop.iter().chain(&till).collect::<HashSet<_>>().len(), 4);
        assert_eq!(of(0), [17, 17, 18]);
    }

    #[test]
    fn a_key_with_a_null_part_is_none() {
        let parts = vec![part(0, [Some(1_i64), None, Some(1)]), part(1, [Some("a"), Some("a"), None])];
        assert_eq!(identities(parts, OrderRule::Id, &[0; 3]).1, Some(vec![true, false, false]));
    }

    #[test]
    fn an_id_of_another_day_is_another_order() {
        let id = || Column::new(role::ORDER.into(), [Some(17_i64), Some(17), Some(17), None]);
        let (ids, has_order) = identities(vec![id()], OrderRule::IdAndDay, &[5, 5, 6, 5]);
        assert_eq!((ids[0] == ids[1], ids[0] == ids[2]), (true, false));
        assert_eq!(has_order, Some(vec![true, true, true, false]));
        let (plain, _) = identities(vec![id()], OrderRule::Id, &[5, 5, 6, 5]);
        assert_eq!(plain[..3], [17, 17, 17]);
    }
}
