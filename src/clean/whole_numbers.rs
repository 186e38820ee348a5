//! Ids that are whole numbers in another type: decimals, as warehouses write every number, and floats, as pandas makes of ids of
//! which some are missing.
//!
//! NaN is a missing id. Does not live here: ids that are integers or texts (`columns`).

use polars::prelude::*;
use polars_arrow::array::{PrimitiveArray, Utf8ViewArray};
use polars_arrow::bitmap::Bitmap;

use super::arrays::{nulls_of, one_chunk};
use crate::hashing::hash_text;

/// The message about customer ids that do not fit into signed 64 bits; the id itself is not shown.
pub const IDS_TOO_LARGE: &str = "customer ids above 9223372036854775807 do not fit";
/// The message about ids that are no whole numbers.
pub const NOT_WHOLE: &str = "are not whole numbers";

/// 2^127 as a float: the first that 128 bits with a sign do not hold.
const BEYOND_128_BITS: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;

/// Whole numbers of up to 38 digits, and where they are null.
pub(super) struct WholeNumbers {
    values: Vec<i128>,
    validity: Option<Bitmap>,
}

/// The numbers of a column of decimals or floats, of missing ones where it has no type; none for other types.
pub(super) fn whole_numbers(column: &Column, what: &str) -> PolarsResult<Option<WholeNumbers>> {
    Ok(match column.dtype() {
        DataType::Null => {
            Some(WholeNumbers { values: vec![0; column.len()], validity: Some(Bitmap::new_zeroed(column.len())) })
        }
        DataType::Decimal(_, scale) => {
            let array = one_chunk(column.decimal()?.physical());
            let validity = nulls_of(&array).cloned();
            let unit = u32::try_from(*scale).ok().and_then(|scale| 10_i128.checked_pow(scale)).unwrap_or(i128::MAX);
            // The number stored for a missing one is arbitrary.
            let is_value = |row: usize| validity.as_ref().is_none_or(|validity| validity.get_bit(row));
            let has_fraction = |(row, value): (usize, &i128)| value % unit != 0 && is_value(row);
            if unit > 1 && array.values().iter().enumerate().any(has_fraction) {
                return Err(not_whole(what));
            }
            Some(WholeNumbers { values: array.values().iter().map(|value| value / unit).collect(), validity })
        }
        DataType::Float32 | DataType::Float64 => Some(of_floats(column, what)?),
        _ => None,
    })
}

#[allow(clippy::cast_possible_truncation, reason = "a whole float within 128 bits")]
fn of_floats(column: &Column, what: &str) -> PolarsResult<WholeNumbers> {
    let floats = column.strict_cast(&DataType::Float64)?;
    let array = one_chunk(floats.f64()?);
    let own = nulls_of(&array);
    let is_id = |row: usize, value: f64| !value.is_nan() && own.is_none_or(|own| own.get_bit(row));
    let (mut values, mut valid) = (Vec::with_capacity(array.len()), Vec::with_capacity(array.len()));
    for (row, value) in array.values().iter().copied().enumerate() {
        let is_id = is_id(row, value);
        if is_id && (value.fract() != 0.0 || value.abs() >= BEYOND_128_BITS) {
            return Err(not_whole(what));
        }
        valid.push(is_id);
        values.push(if is_id { value as i128 } else { 0 });
    }
    let validity = valid.contains(&false).then(|| Bitmap::from(valid));
    Ok(WholeNumbers { values, validity })
}

fn not_whole(what: &str) -> PolarsError {
    polars_err!(ComputeError: "some {what} {NOT_WHOLE}")
}

impl WholeNumbers {
    /// As signed 64 bits.
    ///
    /// # Errors
    /// A Polars error where they do not hold one.
    pub(super) fn integers(self) -> PolarsResult<PrimitiveArray<i64>> {
        let is_value = |row: usize| self.validity.as_ref().is_none_or(|validity| validity.get_bit(row));
        let fit = |(row, value): (usize, &i128)| match i64::try_from(*value) {
            Ok(value) => Ok(value),
            Err(_) if is_value(row) => polars_bail!(ComputeError: "{IDS_TOO_LARGE}"),
            Err(_) => Ok(0),
        };
        let values: Vec<i64> = self.values.iter().enumerate().map(fit).collect::<PolarsResult<_>>()?;
        Ok(PrimitiveArray::from_vec(values).with_validity(self.validity))
    }

    /// As 64 bits that are equal where the numbers are: those with a sign and those without keep their value.
    pub(super) fn identities(self) -> PrimitiveArray<i64> {
        let identity = |value: &i128| {
            let wide = || u64::try_from(*value).unwrap_or_else(|_| hash_text(&value.to_le_bytes()));
            i64::try_from(*value).unwrap_or_else(|_| wide().cast_signed())
        };
        PrimitiveArray::from_vec(self.values.iter().map(identity).collect()).with_validity(self.validity)
    }

    /// As texts of their digits.
    pub(super) fn texts(self) -> Utf8ViewArray {
        let is_value = |row: usize| self.validity.as_ref().is_none_or(|validity| validity.get_bit(row));
        let texts = self.values.iter().enumerate().map(|(row, value)| is_value(row).then(|| value.to_string()));
        one_chunk(&StringChunked::from_iter_options(PlSmallStr::EMPTY, texts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimals(values: &[Option<i128>], scale: usize) -> Column {
        Int128Chunked::from_iter_options("id".into(), values.iter().copied())
            .into_decimal_unchecked(38, scale)
            .into_series()
            .into_column()
    }

    fn numbers(column: &Column) -> WholeNumbers {
        whole_numbers(column, "customer ids").unwrap().unwrap()
    }

    #[test]
    fn decimals_keep_every_digit() {
        let large = 99_999_999_999_999_999_999_999_999_999_999_999_999_i128;
        let column = decimals(&[Some(large), Some(-17), None, Some(9_007_199_254_740_993)], 0);
        let texts: Vec<Option<String>> = numbers(&column).texts().iter().map(|text| text.map(str::to_owned)).collect();
        let digits =
            ["99999999999999999999999999999999999999", "-17", "9007199254740993"].map(|id| Some(id.to_owned()));
        assert_eq!(texts, [digits[0].clone(), digits[1].clone(), None, digits[2].clone()]);
        assert!(numbers(&column).integers().unwrap_err().to_string().contains(IDS_TOO_LARGE));
        let small = numbers(&decimals(&[Some(1_700), None], 2)).integers().unwrap();
        assert_eq!(small.iter().map(Option::<&i64>::copied).collect::<Vec<_>>(), [Some(17), None]);
    }

    #[test]
    fn floats_are_whole_numbers_and_nan_is_missing() {
        let column = Column::new("id".into(), [Some(12_345.0), Some(f64::NAN), None, Some(-0.0)]);
        let ids = numbers(&column).integers().unwrap();
        assert_eq!(ids.iter().map(Option::<&i64>::copied).collect::<Vec<_>>(), [Some(12_345), None, None, Some(0)]);
        for value in [1.5, f64::INFINITY, 1e300] {
            let error = whole_numbers(&Column::new("id".into(), [value]), "customer ids").err().unwrap();
            assert!(error.to_string().contains("some customer ids are not whole numbers"), "{value}");
        }
        let fraction = decimals(&[Some(1_701)], 2);
        assert!(whole_numbers(&fraction, "order ids").is_err());
    }

    #[test]
    fn order_ids_of_all_types_are_equal_where_the_numbers_are() {
        let wide = i128::from(u64::MAX);
        let ids = numbers(&decimals(&[Some(17), Some(wide), Some(wide + 1), Some(wide + 2)], 0)).identities();
        let ids = ids.values().as_slice();
        assert_eq!(ids[..2], [17, u64::MAX.cast_signed()]);
        assert_ne!(ids[2], ids[3]);
        assert_eq!(numbers(&Column::new("id".into(), [17.0])).identities().values()[0], 17);
    }

    #[test]
    fn a_column_without_a_type_is_missing_everywhere() {
        let column = Series::new_null("id".into(), 2).into_column();
        assert_eq!(numbers(&column).integers().unwrap().iter().flatten().count(), 0);
    }
}
