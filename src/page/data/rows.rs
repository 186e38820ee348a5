//! Rows of a published table as plain values.
//!
//! Whole numbers and decimals stay exact. Does not live here: reading the file (`tables`).

use std::collections::BTreeMap;

use polars::prelude::*;

use crate::day::date_text;
use crate::money::power_of_ten;

/// Some columns of some rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    count: usize,
    columns: BTreeMap<String, Values>,
    /// Decimals of money, for tables that hold it as doubles.
    scale: u8,
}

#[derive(Debug, Clone)]
enum Values {
    /// Whole numbers; of money its minor units.
    Exact(Vec<Option<i128>>),
    Doubles(Vec<Option<f64>>),
    Texts(Vec<Option<String>>),
}

impl Rows {
    /// No rows yet.
    pub(super) fn with_scale(scale: u8) -> Self {
        Self { scale, ..Self::default() }
    }

    /// Adds the rows of a slice.
    ///
    /// # Errors
    /// A Polars error for a type that no published table has.
    pub(super) fn add(&mut self, slice: &DataFrame) -> PolarsResult<()> {
        self.count += slice.height();
        for column in slice.columns() {
            let name = column.name().to_string();
            let more = values(column)?;
            let all = match self.columns.remove(&name) {
                Some(known) => known.with(more),
                None => more,
            };
            self.columns.insert(name, all);
        }
        Ok(())
    }

    /// How many rows there are.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// Whether there is such a column.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// A whole number, or money in minor units; none where it is null or there is no such column.
    pub(crate) fn exact(&self, column: &str, row: usize) -> Option<i128> {
        match self.columns.get(column)? {
            Values::Exact(values) => *values.get(row)?,
            Values::Doubles(values) => {
                let value = (*values.get(row)?)? * power_of_ten(self.scale) as f64;
                #[allow(clippy::cast_possible_truncation, reason = "money has at most 18 digits")]
                Some(value.round() as i128)
            }
            Values::Texts(_) => None,
        }
    }

    /// A number; of exact columns their whole numbers.
    pub(crate) fn number(&self, column: &str, row: usize) -> Option<f64> {
        match self.columns.get(column)? {
            Values::Exact(values) => (*values.get(row)?).map(|value| value as f64),
            Values::Doubles(values) => *values.get(row)?,
            Values::Texts(_) => None,
        }
    }

    /// A text, or a date as one.
    pub(crate) fn text(&self, column: &str, row: usize) -> Option<&str> {
        match self.columns.get(column)? {
            Values::Texts(values) => values.get(row)?.as_deref(),
            _ => None,
        }
    }

    /// A text, empty where there is none.
    pub(crate) fn name(&self, column: &str, row: usize) -> &str {
        self.text(column, row).unwrap_or_default()
    }

    /// Whether a column has a value anywhere.
    pub(crate) fn knows(&self, column: &str) -> bool {
        match self.columns.get(column) {
            Some(Values::Exact(values)) => values.iter().any(Option::is_some),
            Some(Values::Doubles(values)) => values.iter().any(Option::is_some),
            Some(Values::Texts(values)) => values.iter().any(Option::is_some),
            None => false,
        }
    }

    /// The sum of a column of whole numbers or money.
    pub(crate) fn sum(&self, column: &str) -> i128 {
        (0..self.count).filter_map(|row| self.exact(column, row)).sum()
    }

    /// The rows whose column has this text.
    pub(crate) fn rows_with(&self, column: &str, text: &str) -> Vec<usize> {
        (0..self.count).filter(|row| self.text(column, *row) == Some(text)).collect()
    }

    /// Only these of the rows, in this order.
    pub(crate) fn only(&self, rows: &[usize]) -> Self {
        let columns = self.columns.iter().map(|(name, values)| (name.clone(), values.only(rows)));
        Self { count: rows.len(), columns: columns.collect(), scale: self.scale }
    }

    /// The texts of a column in the order in which they first occur.
    pub(crate) fn distinct(&self, column: &str) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for text in (0..self.count).filter_map(|row| self.text(column, row)) {
            if !found.iter().any(|known| known == text) {
                found.push(text.to_owned());
            }
        }
        found
    }
}

impl Values {
    /// These and more of the same type.
    fn with(self, more: Self) -> Self {
        match (self, more) {
            (Self::Exact(mut known), Self::Exact(more)) => {
                known.extend(more);
                Self::Exact(known)
            }
            (Self::Doubles(mut known), Self::Doubles(more)) => {
                known.extend(more);
                Self::Doubles(known)
            }
            (Self::Texts(mut known), Self::Texts(more)) => {
                known.extend(more);
                Self::Texts(known)
            }
            (_, more) => more,
        }
    }

    fn only(&self, rows: &[usize]) -> Self {
        fn chosen<T: Clone>(values: &[Option<T>], rows: &[usize]) -> Vec<Option<T>> {
            rows.iter().map(|row| values.get(*row).cloned().flatten()).collect()
        }
        match self {
            Self::Exact(values) => Self::Exact(chosen(values, rows)),
            Self::Doubles(values) => Self::Doubles(chosen(values, rows)),
            Self::Texts(values) => Self::Texts(chosen(values, rows)),
        }
    }
}

/// Texts of users are shown up to so many letters: they can be of any length, and the page stays small.
const MOST_LETTERS: usize = 100;

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST_LETTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn values(column: &Column) -> PolarsResult<Values> {
    Ok(match column.dtype() {
        DataType::Float64 => Values::Doubles(column.f64()?.iter().collect()),
        DataType::Float32 => Values::Doubles(column.cast(&DataType::Float64)?.f64()?.iter().collect()),
        DataType::Decimal(..) => Values::Exact(column.decimal()?.physical().iter().collect()),
        DataType::String => Values::Texts(column.str()?.iter().map(|text| text.map(shortened)).collect()),
        DataType::Date => {
            let days = column.cast(&DataType::Int32)?;
            Values::Texts(days.i32()?.iter().map(|day| day.map(date_text)).collect())
        }
        DataType::Boolean => Values::Exact(column.bool()?.iter().map(|value| value.map(i128::from)).collect()),
        _ => {
            let whole = column.strict_cast(&DataType::Int64)?;
            Values::Exact(whole.i64()?.iter().map(|value| value.map(i128::from)).collect())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_follow_one_another_and_money_is_exact_either_way() {
        let money = Column::new("money".into(), [Some(1.1), None]);
        let slice =
            DataFrame::new(2, vec![money, Column::new("name".into(), ["a", "b"]), Column::new("n".into(), [1_i64, 2])]);
        let slice = slice.unwrap();
        let mut rows = Rows::with_scale(2);
        rows.add(&slice).unwrap();
        rows.add(&slice).unwrap();
        assert_eq!((rows.count(), rows.exact("money", 2), rows.exact("money", 3)), (4, Some(110), None));
        assert_eq!((rows.text("name", 3), rows.exact("n", 3), rows.number("n", 3)), (Some("b"), Some(2), Some(2.0)));
        assert_eq!((rows.distinct("name"), rows.rows_with("name", "b")), (vec!["a".into(), "b".into()], vec![1, 3]));
        assert!(rows.knows("money") && !rows.has("other") && rows.exact("other", 0).is_none());
    }
}
