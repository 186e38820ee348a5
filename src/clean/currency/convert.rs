//! Amounts as minor units of the base currency: exact, and rounded once.
//!
//! A float product says for nearly every row which whole number of minor units is nearest; only where a half is near it is the
//! product made of exact decimals. Does not live here: which rate a row has (`rates`).

use polars::prelude::*;

use super::rates::Rates;
use crate::clean::arrays::{nulls_of, one_chunk};
use crate::clean::columns::{Amounts, Exact, Odd};
use crate::money::Minor;
use crate::money::decimal::Decimal;

/// Below this many minor units a float product is nearer to the true one than a hundredth of a minor unit.
const NEAR: f64 = 17_592_186_044_416.0;
/// What a float product may be off, as a share of itself: some times more than four roundings of 2^-53 each.
const SLACK: f64 = 8.0 * f64::EPSILON;

/// The whole number nearest to a product that `near` is close to; none where it may be another one.
#[inline]
fn certain(near: f64) -> Option<i64> {
    // Near 1.5 * 2^52 floats are 1 apart: a sum with it is rounded to a whole number, which is in its last bits.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    let shifted = near + SHIFT;
    let nearest = shifted - SHIFT;
    let to_a_half = 0.5 - (near - nearest).abs();
    let is_certain = near.abs() < NEAR && to_a_half > near.abs() * SLACK;
    is_certain.then(|| shifted.to_bits().wrapping_sub(SHIFT.to_bits()).cast_signed())
}

/// Whether an amount in the base has more decimals than money, by the measure of amounts without rates.
#[allow(clippy::cast_precision_loss)]
fn is_off(near: f64, minor: i64) -> bool {
    (near - minor as f64).abs() > near.abs() * (2.0 * f64::EPSILON)
}

/// Stored numbers that are converted.
struct Stored<N, E> {
    /// The nearest float of the amount of a row, in major units of its currency.
    near: N,
    /// The same exactly, or why it is none.
    exact: E,
}

impl<N: Fn(usize) -> f64, E: Fn(usize) -> Result<Decimal, Odd>> Stored<N, E> {
    /// The amounts of so many rows, each by the rate at its place.
    fn converted(&self, rows: usize, rates: &Rates, place: impl Fn(usize) -> Result<u32, Odd>) -> Amounts {
        let (mut minor, mut odd) = (vec![0; rows], Vec::new());
        for (row, minor) in minor.iter_mut().enumerate() {
            match place(row) {
                Ok(place) => {
                    let near = (self.near)(row) * rates.minor_per_unit(place);
                    match certain(near) {
                        Some(nearest) => {
                            *minor = nearest;
                            if Rates::is_of_base(place) && is_off(near, nearest) {
                                odd.push((row, Odd::Rounded));
                            }
                        }
                        None => match self.product(row, rates, place) {
                            Ok(Minor::Exact(product)) => *minor = product,
                            Ok(Minor::Rounded(product)) => {
                                *minor = product;
                                if Rates::is_of_base(place) {
                                    odd.push((row, Odd::Rounded));
                                }
                            }
                            Ok(Minor::TooLarge | Minor::NotFinite) => odd.push((row, Odd::TooLarge)),
                            Err(why) => odd.push((row, why)),
                        },
                    }
                }
                // What is no amount is that first.
                Err(why) => {
                    odd.push((row, (self.exact)(row).err().filter(|own| *own == Odd::NotFinite).unwrap_or(why)));
                }
            }
        }
        Amounts { minor, odd }
    }

    fn product(&self, row: usize, rates: &Rates, place: u32) -> Result<Minor, Odd> {
        Ok((self.exact)(row)?.times(rates.exact(place), rates.scale()))
    }
}

/// The amounts of a column, each by the rate of its row.
pub(super) fn amounts(
    column: &Column,
    rates: &Rates,
    place: impl Fn(usize) -> Result<u32, Odd>,
) -> PolarsResult<Amounts> {
    match column.dtype() {
        DataType::Float64 => {
            let array = one_chunk(column.f64()?);
            let mut amounts = of_floats(array.values(), rates, place);
            amounts.mark_nulls(nulls_of(&array));
            Ok(amounts)
        }
        DataType::Float32 => {
            let array = one_chunk(column.f32()?);
            let floats: Vec<f64> = array.values().iter().map(|value| as_printed(*value)).collect();
            let mut amounts = of_floats(&floats, rates, place);
            amounts.mark_nulls(nulls_of(&array));
            Ok(amounts)
        }
        _ => {
            let exact = Exact::new(column)?;
            let mut amounts = of_units(&exact.units, exact.decimals, rates, place);
            amounts.mark_nulls(exact.validity.as_ref());
            Ok(amounts)
        }
    }
}

/// The amounts `quantity * unit_price`, each by the rate of its row: exact where both are integers or decimals, else through floats.
pub(super) fn products(
    factors: [&Column; 2],
    rates: &Rates,
    place: impl Fn(usize) -> Result<u32, Odd>,
) -> PolarsResult<Amounts> {
    let [quantity, unit_price] = factors;
    if quantity.dtype().is_float() || unit_price.dtype().is_float() {
        let (left, right) = (quantity.cast(&DataType::Float64)?, unit_price.cast(&DataType::Float64)?);
        let (left, right) = (one_chunk(left.f64()?), one_chunk(right.f64()?));
        let floats: Vec<f64> = left.values().iter().zip(right.values().iter()).map(|(a, b)| a * b).collect();
        let mut amounts = of_floats(&floats, rates, place);
        amounts.mark_nulls(nulls_of(&left));
        amounts.mark_nulls(nulls_of(&right));
        return Ok(amounts);
    }
    let (left, right) = (Exact::new(quantity)?, Exact::new(unit_price)?);
    // No product of 128 bits is this: the most negative number has no opposite.
    let product = |(a, b): (&i128, &i128)| a.checked_mul(*b).unwrap_or(i128::MIN);
    let units: Vec<i128> = left.units.iter().zip(&right.units).map(product).collect();
    let mut amounts = of_units(&units, left.decimals.saturating_add(right.decimals), rates, place);
    amounts.mark_nulls(left.validity.as_ref());
    amounts.mark_nulls(right.validity.as_ref());
    Ok(amounts)
}

fn of_floats(values: &[f64], rates: &Rates, place: impl Fn(usize) -> Result<u32, Odd>) -> Amounts {
    let exact = |row: usize| match values[row] {
        value if !value.is_finite() => Err(Odd::NotFinite),
        value => Decimal::of_float(value).ok_or(Odd::TooLarge),
    };
    Stored { near: |row: usize| values[row], exact }.converted(values.len(), rates, place)
}

/// Powers of ten that floats hold exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

fn of_units(units: &[i128], decimals: u32, rates: &Rates, place: impl Fn(usize) -> Result<u32, Odd>) -> Amounts {
    let power = POWERS.get(decimals as usize).copied();
    #[allow(clippy::cast_precision_loss)]
    let near = |row: usize| match (i64::try_from(units[row]), power) {
        (Ok(units), Some(power)) => units as f64 / power,
        _ => f64::NAN,
    };
    let exact = |row: usize| match units[row] {
        i128::MIN => Err(Odd::TooLarge),
        units => Ok(Decimal::new(units, decimals)),
    };
    Stored { near, exact }.converted(units.len(), rates, place)
}

/// The float nearest to the shortest decimal of a short float.
fn as_printed(value: f32) -> f64 {
    for power in &POWERS[..7] {
        let units = (f64::from(value) * power).round();
        #[allow(clippy::cast_possible_truncation, clippy::float_cmp)]
        let reads_back = (units / power) as f32 == value;
        // Up to six digits: short floats tell all of them apart.
        if units.abs() < 1e6 && reads_back {
            return units / power;
        }
    }
    value.to_string().parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::currency::rates::{Given, GivenRates};
    use crate::money;
    use proptest::prelude::*;

    fn rates(rate: &str, scale: u8) -> Rates {
        let exact = Decimal::parse(rate).unwrap();
        Rates::new("EUR".into(), vec![Given { name: "USD".into(), rates: GivenRates::OfAllDays(exact) }], 7, scale)
    }

    fn converted(column: &Column, rate: &str, scale: u8) -> Amounts {
        let rates = rates(rate, scale);
        amounts(column, &rates, |_| Ok(1)).unwrap()
    }

    #[test]
    fn halves_are_rounded_away_from_zero_whatever_the_float_product_is() {
        // 10.00 * 1.0845 = 10.845, whose float product is 10.844999999999999 or 10.845; 1.15 * 1.5 = 1.725; 0.07 * 0.5.
        let amounts = [10.0, -10.0, 1.15, 0.07, 19.99];
        let column = Column::new("a".into(), amounts);
        assert_eq!(converted(&column, "1.0845", 2).minor, [1085, -1085, 125, 8, 2168]);
        assert_eq!(converted(&column, "1.5", 2).minor, [1500, -1500, 173, 11, 2999]);
        assert_eq!(converted(&column, "0.5", 2).minor, [500, -500, 58, 4, 1000]);
        let cents = column.cast(&DataType::Decimal(18, 2)).unwrap();
        assert_eq!(converted(&cents, "1.0845", 2).minor, [1085, -1085, 125, 8, 2168]);
        let short = column.cast(&DataType::Float32).unwrap();
        assert_eq!(converted(&short, "1.0845", 2).minor, [1085, -1085, 125, 8, 2168]);
    }

    #[test]
    fn what_is_no_amount_is_told_before_a_rate_that_is_missing() {
        use Odd::{NoRate, NotFinite, Null, TooLarge};
        let column = Column::new("a".into(), [Some(f64::NAN), None, Some(1.0), Some(1e30), Some(f64::INFINITY)]);
        let without = amounts(&column, &rates("1", 2), |_| Err(Odd::NoRate)).unwrap();
        let odd = |amounts: &Amounts| {
            let mut odd = amounts.odd.clone();
            odd.sort_by_key(|(row, _)| *row);
            odd.into_iter().map(|(_, odd)| odd).collect::<Vec<_>>()
        };
        assert_eq!(odd(&without), [NotFinite, Null, NoRate, NoRate, NotFinite]);
        assert_eq!(odd(&converted(&column, "1.1", 2)), [NotFinite, Null, TooLarge, NotFinite]);
        assert_eq!(converted(&column, "1e-20", 2).minor, [0, 0, 0, 1_000_000_000_000, 0], "10^10 of the base");
    }

    #[test]
    fn products_are_exact_before_they_are_converted() {
        let rates = rates("0.85", 2);
        // 3 * 0.335 = 1.005; * 0.85 = 0.85425. Rounded before, 1.01 * 0.85 = 0.8585, which is 0.86.
        let quantity = Column::new("q".into(), [3_i32, i32::MAX]);
        let price = Column::new("p".into(), [0.335, 0.5]).cast(&DataType::Decimal(38, 3)).unwrap();
        assert_eq!(products([&quantity, &price], &rates, |_| Ok(1)).unwrap().minor, [85, 91_268_054_998]);
        let huge = Column::new("q".into(), [i64::MAX]).cast(&DataType::Decimal(38, 0)).unwrap();
        let huger = Column::new("p".into(), ["99999999999999999999999999999999999999"])
            .cast(&DataType::Decimal(38, 0))
            .unwrap();
        assert_eq!(products([&huge, &huger], &rates, |_| Ok(1)).unwrap().odd, [(0, Odd::TooLarge)]);
    }

    #[test]
    fn amounts_of_the_base_are_as_without_rates_and_tell_what_was_rounded() {
        let rates = rates("2", 2);
        let column = Column::new("a".into(), [1.005, 19.99, 1.004, 0.1 + 0.2, -2.675]);
        let of_base = amounts(&column, &rates, |_| Ok(0)).unwrap();
        let plain = crate::clean::columns::amounts(&column, 2).unwrap();
        assert_eq!((of_base.minor, of_base.odd), (plain.minor, plain.odd));
    }

    proptest! {
        /// By exact decimals alone.
        #[test]
        fn every_conversion_is_that_of_exact_decimals(
            units in -10_i64.pow(13)..10_i64.pow(13),
            shift in 0..13_u32,
            decimals in 0..5_u32,
            rate in 1..10_i64.pow(17),
            rate_shift in 0..17_u32,
            rate_decimals in 0..18_u32,
            scale in 0..7_u8,
        ) {
            #[allow(clippy::cast_precision_loss)]
            let amount = (units / 10_i64.pow(shift)) as f64 / 10_f64.powi(decimals.cast_signed());
            let rate = Decimal::new((rate / 10_i64.pow(rate_shift)).max(1).into(), rate_decimals);
            let expected = match Decimal::of_float(amount).unwrap().times(rate, scale) {
                Minor::Exact(minor) | Minor::Rounded(minor) => minor,
                _ => 0,
            };
            let column = Column::new("a".into(), [amount]);
            prop_assert_eq!(converted(&column, &rate.to_string(), scale).minor, [expected], "{} {}", amount, rate);
            let (units, rates) = (i128::from(units / 10_i64.pow(shift)), rates(&rate.to_string(), scale));
            let of_units = of_units(&[units], decimals, &rates, |_| Ok(1));
            prop_assert_eq!(of_units.minor, [expected], "{} {}", units, rate);
        }

        #[test]
        fn a_short_float_is_the_text_that_it_prints(bits in any::<u32>()) {
            let value = f32::from_bits(bits);
            if value.is_finite() {
                let printed: f64 = value.to_string().parse().unwrap();
                prop_assert_eq!(as_printed(value).to_bits(), printed.to_bits());
                let money = |minor: Minor| match minor {
                    Minor::Exact(minor) | Minor::Rounded(minor) => minor,
                    _ => 0,
                };
                let column = Column::new("a".into(), [value]);
                prop_assert_eq!(converted(&column, "1", 2).minor, [money(money::from_short_float(value, 2))]);
            }
        }
    }
}
