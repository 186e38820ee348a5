//! Plain conditions in the engine's own terms: columns beside constants of exactly their types, joined by logic. The engine reads them
//! fast, pushes them into the scan, and skips row groups by them.
//!
//! Whatever is not known to mean the same there is none here, and computed by `evaluate`. Does not live here: which part of a filter
//! is asked of the engine (`expression`).

use polars::prelude::*;

use super::cell::Cell;
use super::numbers::power_of_ten;
use super::operators::at_scale;
use super::tree::{Comparison, Constants, InputColumn, Node, Typed};
use super::types::Type;

/// Conditions as the engine's expressions, on columns of these types.
pub(super) struct Native<'n> {
    pub(super) columns: &'n [InputColumn],
    pub(super) schema: &'n Schema,
}

impl Native<'_> {
    /// The condition; none where the engine may mean something else by it.
    pub(super) fn condition(&self, part: &Typed) -> Option<Expr> {
        match &part.node {
            Node::Constant(Cell::Bool(value)) => Some(lit(*value)),
            Node::Column(_) if part.kind == Type::Bool => {
                self.column(part).filter(|(_, dtype)| **dtype == DataType::Boolean).map(|(column, _)| column)
            }
            Node::And(all) => self.joined(all, Expr::and),
            Node::Or(all) => self.joined(all, Expr::or),
            Node::Not(inner) => Some(self.condition(inner)?.not()),
            Node::IsNull(inner) => match inner.node {
                Node::Column(index) => Some(col(self.columns.get(index)?.name.as_str()).is_null()),
                _ => None,
            },
            Node::Is(true, inner) => Some(self.condition(inner)?.fill_null(lit(false))),
            Node::Is(false, inner) => Some(self.condition(inner)?.not().fill_null(lit(false))),
            Node::Compare(comparison, left, right) => self.compared(*comparison, left, right),
            Node::Among(inner, list) => self.among(inner, list),
            _ => None,
        }
    }

    fn joined(&self, all: &[Typed], join: impl Fn(Expr, Expr) -> Expr) -> Option<Expr> {
        let all: Option<Vec<Expr>> = all.iter().map(|part| self.condition(part)).collect();
        let mut all = all?;
        // In pairs, and pairs of pairs: the engine walks through deep ones step by step.
        while all.len() > 1 {
            let mut pairs = all.into_iter();
            all = std::iter::from_fn(|| {
                let first = pairs.next()?;
                Some(match pairs.next() {
                    Some(second) => join(first, second),
                    None => first,
                })
            })
            .collect();
        }
        all.pop()
    }

    /// A column and its type in the engine.
    fn column(&self, part: &Typed) -> Option<(Expr, &DataType)> {
        let Node::Column(index) = part.node else { return None };
        let column = self.columns.get(index)?;
        // Keys come as texts, whatever they are read as.
        let is_read = column.is_key && column.kind != Type::Text;
        let dtype = self.schema.get(&column.name).filter(|_| !is_read)?;
        Some((col(column.name.as_str()), dtype))
    }

    fn compared(&self, comparison: Comparison, left: &Typed, right: &Typed) -> Option<Expr> {
        let (comparison, part, constant) = match (left.constant(), right.constant()) {
            (None, Some(constant)) => (comparison, left, (constant, right.kind)),
            (Some(constant), None) => (comparison.swapped(), right, (constant, left.kind)),
            _ => return None,
        };
        let (column, dtype) = self.column(part)?;
        let constant = literal(constant.0, constant.1, dtype)?;
        Some(match comparison {
            Comparison::Equal => column.eq(constant),
            Comparison::NotEqual => column.neq(constant),
            Comparison::Less => column.lt(constant),
            Comparison::LessOrEqual => column.lt_eq(constant),
            Comparison::Greater => column.gt(constant),
            Comparison::GreaterOrEqual => column.gt_eq(constant),
        })
    }

    /// Lists of texts and of whole numbers.
    fn among(&self, inner: &Typed, list: &Constants) -> Option<Expr> {
        let (column, dtype) = self.column(inner)?;
        if list.has_null || list.exact.is_empty() == list.texts.is_empty() {
            return None;
        }
        let name = PlSmallStr::EMPTY;
        let constants = match (dtype, inner.kind) {
            (DataType::String, Type::Text) => {
                Series::new(name, list.texts.iter().map(String::as_str).collect::<Vec<&str>>())
            }
            (dtype, Type::Int) if dtype.is_integer() => {
                // What the column cannot hold is in no row.
                let held = list.exact.iter().filter(|value| is_held(**value, dtype));
                let held: Option<Vec<i64>> = held.map(|value| i64::try_from(*value).ok()).collect();
                // To the engine a null is not in an empty list, where it is not known to be.
                let held = held.filter(|held| !held.is_empty())?;
                Series::new(name, held).strict_cast(dtype).ok()?
            }
            _ => return None,
        };
        Some(column.is_in(lit(constants).implode(false), false))
    }
}

/// Whether a type of whole numbers holds the number.
fn is_held(value: i128, dtype: &DataType) -> bool {
    match dtype {
        DataType::Int8 => i8::try_from(value).is_ok(),
        DataType::Int16 => i16::try_from(value).is_ok(),
        DataType::Int32 => i32::try_from(value).is_ok(),
        DataType::Int64 => i64::try_from(value).is_ok(),
        DataType::UInt8 => u8::try_from(value).is_ok(),
        DataType::UInt16 => u16::try_from(value).is_ok(),
        DataType::UInt32 => u32::try_from(value).is_ok(),
        DataType::UInt64 => u64::try_from(value).is_ok(),
        _ => false,
    }
}

/// A constant as exactly the type of the column beside it; none where it is no value of that type.
#[allow(clippy::cast_possible_truncation)]
fn literal(constant: &Cell<'static>, kind: Type, dtype: &DataType) -> Option<Expr> {
    let of = |value: AnyValue<'static>| Some(lit(Scalar::new(dtype.clone(), value)));
    match (constant, dtype) {
        (Cell::Text(text), DataType::String) if kind == Type::Text => Some(lit(text.clone().into_owned())),
        (Cell::Bool(value), DataType::Boolean) => Some(lit(*value)),
        (Cell::Float(value), DataType::Float64) => Some(lit(*value)),
        (Cell::Exact(value), dtype) if dtype.is_integer() && kind.is_exact() => {
            let value = at_scale(*value, kind.scale(), 0).filter(|value| is_held(*value, dtype))?;
            of(match dtype {
                DataType::Int8 => AnyValue::Int8(i8::try_from(value).ok()?),
                DataType::Int16 => AnyValue::Int16(i16::try_from(value).ok()?),
                DataType::Int32 => AnyValue::Int32(i32::try_from(value).ok()?),
                DataType::Int64 => AnyValue::Int64(i64::try_from(value).ok()?),
                DataType::UInt8 => AnyValue::UInt8(u8::try_from(value).ok()?),
                DataType::UInt16 => AnyValue::UInt16(u16::try_from(value).ok()?),
                DataType::UInt32 => AnyValue::UInt32(u32::try_from(value).ok()?),
                _ => AnyValue::UInt64(u64::try_from(value).ok()?),
            })
        }
        (Cell::Exact(value), DataType::Decimal(precision, scale)) if kind.is_exact() => {
            let value = at_scale(*value, kind.scale(), u32::try_from(*scale).ok()?)?;
            let most = power_of_ten(u32::try_from(*precision).ok()?)?;
            if value.abs() < most { of(AnyValue::Decimal(value, *precision, *scale)) } else { None }
        }
        (Cell::Exact(day), DataType::Date) if kind == Type::Date => of(AnyValue::Date(i32::try_from(*day).ok()?)),
        (Cell::Exact(nanos), DataType::Datetime(unit, zone)) => {
            // An instant beside a column of instants, a reading beside a column of readings.
            let is_alike = matches!(kind, Type::Moment { instant, .. } if instant == zone.is_some());
            let per_tick = match unit {
                TimeUnit::Milliseconds => 1_000_000,
                TimeUnit::Microseconds => 1_000,
                TimeUnit::Nanoseconds => 1,
            };
            let ticks = i64::try_from(nanos / per_tick).ok().filter(|_| is_alike && nanos % per_tick == 0)?;
            of(AnyValue::DatetimeOwned(ticks, *unit, zone.clone().map(std::sync::Arc::new)))
        }
        _ => None,
    }
}
