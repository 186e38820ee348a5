//! What the rules of segment maps look at beside orders: predictions and attributes, as whole numbers.
//!
//! They are there before the customers are scored, so that a segment can follow from them. Does not live here: what the
//! numbers mean (`segment`), and measures and scores (`scoring`).

use std::ops::Range;

use polars::prelude::*;

use super::known_attributes::KnownAttributes;
use super::lookups::member_table::MemberTable;
use crate::error::{Error, Result};
use crate::input::Input;
use crate::predict::Predictions;
use crate::scoring::{Beside, PlannedScoring, Scorings, SurveyedScoring};
use crate::segment::{AttributeKind, Constants, Decimal, INFINITE, Looked, MapMeasure, MapSubject, SegmentMap};
use crate::source::kinds::ColumnKind;

/// Rows that are looked at together.
const ROWS_AT_ONCE: usize = 1 << 16;

/// The scorings, each with what its map looks at.
///
/// # Errors
/// A bug where an attribute is missing, which the survey has looked for.
pub(crate) fn with_beside(
    planned: Scorings<PlannedScoring>,
    known: (Option<&Predictions>, KnownAttributes<'_>),
    customers: usize,
) -> Result<Scorings<PlannedScoring>> {
    planned.try_map(|own| {
        let beside = beside(&own.map, known, 0..customers)?;
        Ok(PlannedScoring { beside, ..own })
    })
}

/// What a map looks at, of some customers.
///
/// # Errors
/// As [`with_beside`].
pub(crate) fn beside(
    map: &SegmentMap,
    (predictions, attributes): (Option<&Predictions>, KnownAttributes<'_>),
    rows: Range<usize>,
) -> Result<Beside> {
    Beside::of(map, |own| match &own.subject {
        MapSubject::Attribute(name) => numbers_of_attribute(attributes, name, &own.constants, rows.clone()),
        subject => Ok(rows.clone().map(|row| figure(predictions, subject, row)).map(Looked::of_figure).collect()),
    })
}

/// A figure of the predictions of a customer.
fn figure(predictions: Option<&Predictions>, subject: &MapSubject, row: usize) -> Option<f64> {
    let predictions = predictions?;
    let names = &predictions.terms.names;
    match subject {
        MapSubject::Measure(MapMeasure::PAlive) => predictions.p_alive(row),
        MapSubject::Measure(MapMeasure::Clv) => predictions.clv(row, names.len().checked_sub(1)?),
        MapSubject::Clv(horizon) if horizon == INFINITE => predictions.clv_infinite(row),
        MapSubject::Clv(horizon) => predictions.clv(row, names.iter().position(|name| name == horizon)?),
        MapSubject::Measure(_) | MapSubject::Attribute(_) => None,
    }
}

fn numbers_of_attribute(
    attributes: KnownAttributes<'_>,
    name: &str,
    constants: &Constants,
    rows: Range<usize>,
) -> Result<Vec<i64>> {
    let mut numbers = Vec::with_capacity(rows.len());
    for start in rows.clone().step_by(ROWS_AT_ONCE) {
        let column = attributes.column(name, start..rows.end.min(start + ROWS_AT_ONCE))?;
        let part = numbers_of_column(&column, constants);
        numbers.extend(
            part.map_err(|error| Error::bug(format!("the attribute `{name}` cannot be compared")).cause(error))?,
        );
    }
    Ok(numbers)
}

/// The attribute of a customer as a rule would write it; `null` where there is none.
pub(crate) fn attribute_text(attributes: KnownAttributes<'_>, name: &str, row: usize) -> String {
    let column = attributes.column(name, row..row + 1).ok();
    let value = column.and_then(|column| column.get(0).ok().map(AnyValue::into_static));
    match value {
        None | Some(AnyValue::Null) => "null".to_owned(),
        Some(value) => value.to_string(),
    }
}

/// The values of a published column as whole numbers that sort as they do among what rules compare them with.
///
/// # Errors
/// A Polars error where the values are of another kind than what they are compared with.
pub(crate) fn numbers_of_column(column: &Column, constants: &Constants) -> PolarsResult<Vec<i64>> {
    let other = |kind: AttributeKind| {
        let (name, found) = (column.name(), column.dtype());
        polars_err!(ComputeError: "column `{name}` has the type {found}, and is compared with {}", kind.name())
    };
    let Some(kind) = constants.kind() else {
        // only whether there is a value is asked for; what is not a number is none
        let is_there: Vec<bool> = match column.f64() {
            Ok(reals) => reals.iter().map(|real| real.is_some_and(|real| !real.is_nan())).collect(),
            Err(_) => column.is_not_null().iter().map(Option::unwrap_or_default).collect(),
        };
        return Ok(is_there.into_iter().map(|own| constants.of_truth(own.then_some(true))).collect());
    };
    match (kind, column.dtype()) {
        (AttributeKind::Truths, DataType::Boolean) => {
            Ok(column.bool()?.iter().map(|truth| constants.of_truth(truth)).collect())
        }
        (AttributeKind::Texts, DataType::String) => {
            Ok(column.str()?.iter().map(|text| constants.of_text(text)).collect())
        }
        (AttributeKind::Texts, DataType::Date) => {
            let texts = column.strict_cast(&DataType::String)?;
            Ok(texts.str()?.iter().map(|text| constants.of_text(text)).collect())
        }
        (AttributeKind::Numbers, DataType::Float64) => {
            Ok(column.f64()?.iter().map(|real| constants.of_real(real)).collect())
        }
        (AttributeKind::Numbers, DataType::Int64) => {
            let decimal = |digits: i64| Decimal { digits: digits.into(), scale: 0 };
            Ok(column.i64()?.iter().map(|digits| constants.of_decimal(digits.map(decimal))).collect())
        }
        // decimals and large numbers are published as texts
        (AttributeKind::Numbers, DataType::String) => {
            let read = |text: &str| Decimal::of_text(text).ok_or_else(|| other(kind));
            column.str()?.iter().map(|text| Ok(constants.of_decimal(text.map(read).transpose()?))).collect()
        }
        _ => Err(other(kind)),
    }
}

/// The maps that compare attributes with values of another kind than the columns have.
pub(crate) fn unfit_attributes(
    scorings: &Scorings<SurveyedScoring>,
    input: &Input,
    members: Option<&MemberTable>,
) -> Vec<Error> {
    let kind_of = |name: &str| {
        let mut attributes = input.parts.iter().flat_map(|part| part.contract.attributes());
        let kind = match attributes.find(|column| column.name == name) {
            Some(column) => column.kind.clone(),
            None => members?.kind(name)?,
        };
        Some((kind_of_column(&kind), kind.to_string()))
    };
    let maps = scorings.iter().filter_map(|own| own.map.as_ref().ok());
    maps.filter_map(|map| map.check_kinds(kind_of).err()).collect()
}

/// What rules can compare the values of a column with, as the customers table has them.
const fn kind_of_column(kind: &ColumnKind) -> AttributeKind {
    match kind {
        ColumnKind::Bool => AttributeKind::Truths,
        ColumnKind::Int { .. } | ColumnKind::Float32 | ColumnKind::Float64 | ColumnKind::Decimal { .. } => {
            AttributeKind::Numbers
        }
        _ => AttributeKind::Texts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::parse;

    /// What a map that compares `x` so makes of a column.
    #[allow(clippy::needless_pass_by_value, reason = "reads better")]
    fn numbers(rule: &str, column: Column) -> PolarsResult<Vec<i64>> {
        let head = "name = \"t\"\nbins = {}\notherwise = \"a\"\n[[segments]]\nkey = \"a\"\nname_en = \"A\"\n";
        let map = parse(&format!("{head}[[rules]]\nsegment = \"a\"\nattributes.x = {rule}\n"), "t.toml").unwrap();
        numbers_of_column(&column, &map.looked()[0].constants)
    }

    const NULL: i64 = i64::MIN;

    #[test]
    fn columns_of_every_published_type_are_compared() {
        let dates = Column::new("x".into(), [Some(19_723), None]).cast(&DataType::Date).unwrap();
        // 19723 days after 1970-01-01 is 2024-01-01
        assert_eq!(numbers("{ min = 2024-01-01 }", dates).unwrap(), [1, NULL]);
        let texts = || Column::new("x".into(), [Some("9.50"), Some("-0.01"), None]);
        assert_eq!(numbers("9.5", texts()).unwrap(), [1, 0, NULL], "decimals are numbers");
        assert_eq!(numbers("\"9.5\"", texts()).unwrap(), [2, 0, NULL], "as texts they are others");
        assert_eq!(numbers("{ is_null = true }", texts()).unwrap(), [0, 0, NULL]);
        assert_eq!(numbers("1", Column::new("x".into(), [Some(1_i64), Some(2)])).unwrap(), [1, 2]);
        assert_eq!(numbers("0.5", Column::new("x".into(), [0.5, f64::NAN])).unwrap(), [1, NULL]);
        let reals = || Column::new("x".into(), [Some(0.5), Some(f64::NAN), None]);
        assert_eq!(numbers("{ is_null = true }", reals()).unwrap(), [0, NULL, NULL]);
        assert_eq!(numbers("true", Column::new("x".into(), [Some(true), Some(false), None])).unwrap(), [3, 1, NULL]);
        let text = numbers("3", Column::new("x".into(), ["three"])).unwrap_err().to_string();
        assert!(text.contains("compared with numbers"), "{text}");
        assert!(numbers("\"a\"", Column::new("x".into(), [1_i64])).is_err());
    }
}
