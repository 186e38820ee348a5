//! From the columns of a batch to plain slices: the only code that knows how Polars stores them.
//!
//! Lives here: values and validity of integers, floats, decimals, timestamps and texts. Does not live here: what the
//! values mean (`judge`, `money`, `zone`).

use polars::prelude::*;
use polars_arrow::array::{Array, PrimitiveArray, Utf8ViewArray};
use polars_arrow::bitmap::Bitmap;

use super::zone::{Unit, VALID_DAYS, Zone};
use crate::money::{self, Minor};

/// A day that is null in the input.
pub(super) const NULL_DAY: i32 = i32::MIN + 1;
/// A day that is no date.
pub(super) const NO_DAY: i32 = i32::MIN;

/// Integer values and where they are null.
#[derive(Debug)]
pub(super) struct Integers {
    array: PrimitiveArray<i64>,
}

impl Integers {
    pub(super) fn values(&self) -> &[i64] {
        self.array.values()
    }

    pub(super) fn validity(&self) -> Option<&Bitmap> {
        nulls_of(&self.array)
    }
}

/// Order identities: of an integer column the values themselves, else made.
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

/// Text values and where they are null.
#[derive(Debug)]
pub(super) struct Texts {
    array: Utf8ViewArray,
}

impl Texts {
    /// The bytes of every text; null is empty.
    pub(super) fn bytes(&self) -> Vec<&[u8]> {
        match self.validity() {
            None => self.array.values_iter().map(str::as_bytes).collect(),
            Some(_) => self.array.iter().map(|text| text.map_or(&[][..], str::as_bytes)).collect(),
        }
    }

    pub(super) fn validity(&self) -> Option<&Bitmap> {
        nulls_of(&self.array)
    }
}

/// The validity, only where something is null.
fn nulls_of(array: &dyn Array) -> Option<&Bitmap> {
    array.validity().filter(|validity| validity.unset_bits() > 0)
}

/// An id column: integers of any width as 64 bits, else text.
#[derive(Debug)]
pub(super) enum IdColumn {
    Integer(Integers),
    Text(Texts),
}

/// The message about unsigned customer ids that do not fit into signed 64 bits; the id itself is not shown.
pub const IDS_TOO_LARGE: &str = "customer ids above 9223372036854775807 do not fit";

impl IdColumn {
    /// Order ids: only whether they are equal matters, so unsigned ones keep their bits.
    pub(super) fn of_orders(column: &Column) -> PolarsResult<Self> {
        if *column.dtype() != DataType::UInt64 {
            return Self::new(column);
        }
        let unsigned = one_chunk(column.u64()?);
        let bits: Vec<i64> = unsigned.values().iter().map(|id| id.cast_signed()).collect();
        let array = PrimitiveArray::from_vec(bits).with_validity(unsigned.validity().cloned());
        Ok(Self::Integer(Integers { array }))
    }

    /// Customer ids.
    pub(super) fn new(column: &Column) -> PolarsResult<Self> {
        if *column.dtype() == DataType::UInt64 && column.u64()?.max().is_some_and(|id| i64::try_from(id).is_err()) {
            polars_bail!(ComputeError: "{IDS_TOO_LARGE}");
        }
        if column.dtype().is_integer() {
            Ok(Self::Integer(integers(column)?))
        } else {
            let texts = column.strict_cast(&DataType::String)?;
            let array = one_chunk(texts.str()?);
            Ok(Self::Text(Texts { array }))
        }
    }

    /// The rows whose integer id is one of these, given as texts; none for a column of texts.
    pub(super) fn rows_of(&self, ids: &[String]) -> Vec<usize> {
        let wanted: Vec<i64> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        match self {
            Self::Integer(integers) if !wanted.is_empty() => {
                (0..).zip(integers.values()).filter(|(_, id)| wanted.contains(id)).map(|(row, _)| row).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn validity(&self) -> Option<&Bitmap> {
        match self {
            Self::Integer(integers) => integers.validity(),
            Self::Text(texts) => texts.validity(),
        }
    }
}

fn integers(column: &Column) -> PolarsResult<Integers> {
    let cast = column.strict_cast(&DataType::Int64)?;
    Ok(Integers { array: one_chunk(cast.i64()?) })
}

fn one_chunk<T: PolarsDataType>(values: &ChunkedArray<T>) -> T::Array {
    values.rechunk().downcast_as_array().clone()
}

/// The day of every row: [`NULL_DAY`] where the date is null, [`NO_DAY`] where it is no date.
pub(super) fn days(column: &Column, zone: &Zone, epoch: Option<Unit>, format: Option<&str>) -> PolarsResult<Vec<i32>> {
    let mut days = Vec::with_capacity(column.len());
    let validity = match column.dtype() {
        DataType::Date => {
            let array = one_chunk(column.date()?.physical());
            let check = |day: &i32| if VALID_DAYS.contains(day) { *day } else { NO_DAY };
            days.extend(array.values().iter().map(check));
            nulls_of(&array).cloned()
        }
        DataType::Datetime(time_unit, stored_zone) => {
            let array = one_chunk(column.datetime()?.physical());
            // Without a zone the timestamp is the business's own clock already.
            let zone = if stored_zone.is_some() { zone } else { &Zone::utc() };
            zone.days(array.values(), unit_of(*time_unit), &mut days);
            nulls_of(&array).cloned()
        }
        DataType::String => {
            let texts = one_chunk(column.str()?);
            days.extend(texts.iter().map(|text| text.map_or(NULL_DAY, |text| day_of_text(text, format, zone))));
            None
        }
        DataType::UInt64 => {
            let array = one_chunk(column.u64()?);
            // What does not fit into signed 64 bits is not a date in any unit.
            let values: Vec<i64> = array.values().iter().map(|t| i64::try_from(*t).unwrap_or(i64::MAX)).collect();
            zone.days(&values, epoch.unwrap_or(Unit::Days), &mut days);
            nulls_of(&array).cloned()
        }
        _ => {
            let integers = integers(column)?;
            let unit = epoch.unwrap_or(Unit::Days);
            zone.days(integers.values(), unit, &mut days);
            integers.validity().cloned()
        }
    };
    if let Some(validity) = validity {
        days.iter_mut().zip(validity.iter()).filter(|(_, valid)| !valid).for_each(|(day, _)| *day = NULL_DAY);
    }
    Ok(days)
}

/// The unit of the engine as ours.
pub(super) fn unit_of(unit: TimeUnit) -> Unit {
    match unit {
        TimeUnit::Milliseconds => Unit::Milliseconds,
        TimeUnit::Microseconds => Unit::Microseconds,
        TimeUnit::Nanoseconds => Unit::Nanoseconds,
    }
}

/// The format that takes an offset as `+01:00`, `+0100`, `+01` and `Z`, wherever `format` has `%z` or `%:z`, or ends
/// with a `Z`: whoever writes that means UTC, and not a letter.
#[must_use]
pub fn with_any_offset(format: &str) -> String {
    // A doubled percent sign means a percent sign.
    let any = |part: &str| part.replace("%:z", "%#z").replace("%z", "%#z");
    let any = format.split("%%").map(any).collect::<Vec<String>>().join("%%");
    match any.strip_suffix('Z') {
        Some(time) if !time.ends_with('%') && !any.contains("%#z") => format!("{time}%#z"),
        _ => any,
    }
}

/// The day of a date stored as text: with an offset (`%z`) the instant's day in `zone`, else the day as it stands.
pub(super) fn day_of_text(text: &str, format: Option<&str>, zone: &Zone) -> i32 {
    use chrono::{DateTime, NaiveDate, NaiveDateTime};
    let Some(format) = format else { return NO_DAY };
    if let Ok(instant) = DateTime::parse_from_str(text, format) {
        return zone.day_of_second(instant.timestamp());
    }
    let date = NaiveDateTime::parse_from_str(text, format)
        .map(|moment| moment.date())
        .or_else(|_| NaiveDate::parse_from_str(text, format));
    let days = date.map(|date| date.signed_duration_since(NaiveDate::default()).num_days());
    days.ok().and_then(|day| i32::try_from(day).ok()).filter(|day| VALID_DAYS.contains(day)).unwrap_or(NO_DAY)
}

/// Amounts in minor units, and the rows whose amounts need a note.
#[derive(Debug, Default)]
pub(super) struct Amounts {
    /// Zero where there is none.
    pub(super) minor: Vec<i64>,
    pub(super) odd: Vec<(usize, Odd)>,
}

/// What is unusual about an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Odd {
    Null,
    NotFinite,
    TooLarge,
    Rounded,
}

impl Amounts {
    #[inline]
    fn push(&mut self, amount: Minor) {
        let (minor, odd) = match amount {
            Minor::Exact(minor) => {
                self.minor.push(minor);
                return;
            }
            Minor::Rounded(minor) => (minor, Odd::Rounded),
            Minor::NotFinite => (0, Odd::NotFinite),
            Minor::TooLarge => (0, Odd::TooLarge),
        };
        self.odd.push((self.minor.len(), odd));
        self.minor.push(minor);
    }

    fn push_floats(&mut self, values: &[f64], scale: u8) {
        let before = self.minor.len();
        self.minor.resize(before + values.len(), 0);
        if !money::all_exact(values, scale, &mut self.minor[before..]) {
            self.minor.truncate(before);
            for value in values {
                self.push(money::from_float(*value, scale));
            }
        }
    }

    fn mark_nulls(&mut self, validity: Option<&Bitmap>) {
        let Some(validity) = validity else { return };
        self.odd.retain(|(row, _)| validity.get_bit(*row));
        for (row, _) in validity.iter().enumerate().filter(|(_, valid)| !valid) {
            self.minor[row] = 0;
            self.odd.push((row, Odd::Null));
        }
    }
}

/// If one of this many floats is unusual, they are all converted one by one.
const FLOATS_AT_ONCE: usize = 512;

/// The amounts of one column.
pub(super) fn amounts(column: &Column, scale: u8) -> PolarsResult<Amounts> {
    let mut amounts = Amounts { minor: Vec::with_capacity(column.len()), odd: Vec::new() };
    match column.dtype() {
        DataType::Float64 => {
            let array = one_chunk(column.f64()?);
            array.values().chunks(FLOATS_AT_ONCE).for_each(|values| amounts.push_floats(values, scale));
            amounts.mark_nulls(nulls_of(&array));
        }
        DataType::Float32 => {
            let array = one_chunk(column.f32()?);
            array.values().iter().for_each(|value| amounts.push(money::from_short_float(*value, scale)));
            amounts.mark_nulls(nulls_of(&array));
        }
        _ => {
            let exact = Exact::new(column)?;
            exact.units.iter().for_each(|units| amounts.push(money::from_decimal(*units, exact.decimals, scale)));
            amounts.mark_nulls(exact.validity.as_ref());
        }
    }
    Ok(amounts)
}

/// Integers or decimals as `units * 10^-decimals`.
struct Exact {
    units: Vec<i128>,
    decimals: u32,
    validity: Option<Bitmap>,
}

impl Exact {
    fn new(column: &Column) -> PolarsResult<Self> {
        match column.dtype() {
            DataType::Decimal(_, scale) => {
                let decimals = u32::try_from(*scale).unwrap_or(u32::MAX);
                let array = one_chunk(column.decimal()?.physical());
                let validity = nulls_of(&array).cloned();
                Ok(Self { units: array.values().as_slice().to_vec(), decimals, validity })
            }
            DataType::UInt64 => {
                let array = one_chunk(column.u64()?);
                let units = array.values().iter().map(|value| i128::from(*value)).collect();
                Ok(Self { units, decimals: 0, validity: nulls_of(&array).cloned() })
            }
            _ => {
                let integers = integers(column)?;
                let units = integers.values().iter().map(|value| i128::from(*value)).collect();
                Ok(Self { units, decimals: 0, validity: integers.validity().cloned() })
            }
        }
    }
}

/// The amounts `quantity * unit_price`: exact where both are integers or decimals, else through floats.
pub(super) fn products(quantity: &Column, unit_price: &Column, scale: u8) -> PolarsResult<Amounts> {
    let is_exact = |column: &Column| !column.dtype().is_float();
    let mut amounts = Amounts { minor: Vec::with_capacity(quantity.len()), odd: Vec::new() };
    if is_exact(quantity) && is_exact(unit_price) {
        let (left, right) = (Exact::new(quantity)?, Exact::new(unit_price)?);
        for (a, b) in left.units.iter().zip(&right.units) {
            let product = a.checked_mul(*b);
            amounts.push(product.map_or(Minor::TooLarge, |units| {
                money::from_decimal(units, left.decimals.saturating_add(right.decimals), scale)
            }));
        }
        amounts.mark_nulls(left.validity.as_ref());
        amounts.mark_nulls(right.validity.as_ref());
        return Ok(amounts);
    }
    let (left, right) = (quantity.cast(&DataType::Float64)?, unit_price.cast(&DataType::Float64)?);
    let (left, right) = (one_chunk(left.f64()?), one_chunk(right.f64()?));
    for (a, b) in left.values().iter().zip(right.values().iter()) {
        amounts.push(money::from_float(a * b, scale));
    }
    amounts.mark_nulls(nulls_of(&left));
    amounts.mark_nulls(nulls_of(&right));
    Ok(amounts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsigned_ids_beyond_the_sign_are_refused_without_showing_them_and_order_ids_keep_their_bits() {
        let large = Column::new("id".into(), [1_u64, u64::MAX]);
        let error = IdColumn::new(&large).unwrap_err().to_string();
        assert!(error.contains(IDS_TOO_LARGE) && !error.contains("18446744073709551615"), "{error}");
        assert!(IdColumn::new(&Column::new("id".into(), [1_u64, 2])).is_ok());
        let IdColumn::Integer(orders) = IdColumn::of_orders(&large).unwrap() else { panic!("integers") };
        assert_eq!(orders.values(), [1, -1]);
    }

    /// 23:30 in UTC is the next day in Tokyo, nine hours ahead.
    #[test]
    fn an_offset_is_read_in_every_form_wherever_the_format_has_one() {
        let tokyo = Zone::named("Asia/Tokyo").unwrap();
        let day = |text: &str, format: &str| day_of_text(text, Some(&with_any_offset(format)), &tokyo);
        let (format, next) = ("%Y-%m-%dT%H:%M:%S%z", 20_090);
        for offset in ["Z", "+00:00", "+0000", "+00"] {
            assert_eq!(day(&format!("2025-01-01T23:30:00{offset}"), format), next, "{offset}");
        }
        assert_eq!(day("2025-01-02T01:30:00+02:00", "%Y-%m-%dT%H:%M:%S%:z"), next);
        assert_eq!(day("2025-01-01T23:30:00Z", "%Y-%m-%dT%H:%M:%SZ"), next);
        assert_eq!(day("2025-01-01T23:30:00", "%Y-%m-%dT%H:%M:%S"), next - 1, "the reading of a clock");
        assert_eq!(with_any_offset("%d %Z"), "%d %Z", "the name of a zone is no offset");
        assert_eq!(with_any_offset("%d %%z %%%z"), "%d %%z %%%#z", "nor is a percent sign before a letter");
    }

    #[test]
    fn unsigned_epochs_beyond_the_sign_are_no_dates() {
        let epochs = Column::new("t".into(), [Some(86_400_u64), Some(u64::MAX), None]);
        assert_eq!(days(&epochs, &Zone::utc(), Some(Unit::Seconds), None).unwrap(), [1, NO_DAY, NULL_DAY]);
    }
}
