//! What the rules of a segment map look at, read from the customers table of a published run.
//!
//! Does not live here: what the numbers mean (`segment`), and reading (`history`).

use std::borrow::Cow;

use polars::prelude::{Column, DataFrame, DataType, PolarsError, PolarsResult, polars_ensure, polars_err};

use crate::error::{Error, Result};
use crate::job::rule_columns::numbers_of_column;
use crate::known::Known;
use crate::reports::tables::abc;
use crate::score::{Measure, Unit};
use crate::scoring::RuleSources;
use crate::segment::{Assigner, Looked, MapColumns, MapMeasure, MapSubject, SegmentMap, billionths};

/// Every map gets these, whether it looks at all of them or not.
const SCORES: [&str; 3] = ["r_score", "f_score", "m_score"];
/// The score of the weighted value, which only some runs publish.
pub(super) const VALUE_SCORE: &str = "v_score";

/// The columns of a published run that a map needs.
pub(super) struct RuleValues<'a> {
    pub(super) map: &'a SegmentMap,
    /// What was known of the customers of the run.
    pub(super) known: Known,
    /// Weights of the scores in the weighted score.
    pub(super) score_weights: [f64; 3],
    /// Decimals of money.
    pub(super) money_scale: u8,
    /// The horizons of the predictions, ascending.
    pub(super) horizons: Vec<String>,
}

/// What runs without a window do not publish, since it is the same as another column. With a window, a run publishes it where
/// its own map looks at it.
const OF_ALL_DAYS: [(&str, &str); 2] = [("orders_ever", "orders"), ("purchase_days_ever", "purchase_days")];

/// The column that holds what the map calls `name`.
fn held_as(name: &str, is_there: impl Fn(&str) -> bool) -> &str {
    let other = OF_ALL_DAYS.iter().find(|(own, _)| *own == name).filter(|_| !is_there(name));
    other.map_or(name, |(_, other)| other)
}

impl RuleValues<'_> {
    /// The columns of the customers table that the map needs.
    pub(super) fn names(&self, is_there: impl Fn(&str) -> bool) -> Vec<String> {
        let mut names: Vec<String> = SCORES.map(str::to_owned).to_vec();
        names.extend(self.map.needs_value_score().then(|| VALUE_SCORE.to_owned()));
        let needed = self.map.looked().iter().flat_map(|own| self.columns(own));
        names.extend(needed.map(|name| held_as(&name, &is_there).to_owned()));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The columns that hold something that the map looks at; none of what follows from the scores.
    pub(super) fn columns(&self, own: &Looked) -> Vec<String> {
        match &own.subject {
            MapSubject::Measure(MapMeasure::ScoreSum | MapMeasure::WeightedScore) => Vec::new(),
            MapSubject::Measure(MapMeasure::Clv) => {
                self.horizons.last().map(|last| format!("clv_{last}")).into_iter().collect()
            }
            MapSubject::Measure(measure) => measure.columns().iter().map(|name| (*name).to_owned()).collect(),
            MapSubject::Clv(horizon) => vec![format!("clv_{horizon}")],
            MapSubject::Attribute(name) => vec![name.clone()],
        }
    }

    /// The segment of every customer of a slice.
    ///
    /// # Errors
    /// A source error where a column has another type than a run publishes.
    pub(super) fn segments(&self, assigner: &Assigner, slice: &DataFrame) -> Result<Vec<u16>> {
        let unfit = |error: PolarsError| Error::source("the customers table does not fit").cause(error);
        let scores = |name: &str| -> PolarsResult<Vec<i32>> {
            Ok(integers(slice.column(name)?, &DataType::Int32)?.i32()?.iter().flatten().collect())
        };
        // A map that can be used looks at no score that the run did not make.
        let [r, f, m] = SCORES.map(|name| match self.known.lacks_for(name) {
            Some(_) => Ok(vec![1; slice.height()]),
            None => scores(name).map_err(unfit),
        });
        let (r, f, m) = (r?, f?, m?);
        let v: Vec<i32> = if self.map.needs_value_score() { scores(VALUE_SCORE).map_err(unfit)? } else { Vec::new() };
        let looked = self.map.looked().iter().map(|own| self.values(own, [&r, &f, &m], slice));
        let looked = looked.collect::<Result<Vec<_>>>()?;
        assigner.apply(&MapColumns {
            scores: [&r, &f, &m],
            v_scores: &v,
            looked: looked.iter().map(|values| &**values).collect(),
        })
    }

    /// The values of something that the map looks at.
    ///
    /// # Errors
    /// As [`Self::segments`].
    pub(super) fn values(&self, own: &Looked, scores: [&[i32]; 3], slice: &DataFrame) -> Result<Cow<'static, [i64]>> {
        let unfit = |error: PolarsError| Error::source("the customers table does not fit").cause(error);
        let MapSubject::Measure(measure) = &own.subject else {
            let names = self.columns(own);
            let column = names.first().map_or_else(|| Err(polars_err!(NoData: "no column")), |name| slice.column(name));
            let numbers = column.and_then(|column| match own.subject {
                MapSubject::Attribute(_) => numbers_of_column(column, &own.constants),
                _ => figures(column),
            });
            return numbers.map(Cow::from).map_err(unfit);
        };
        match measure {
            MapMeasure::ScoreSum | MapMeasure::WeightedScore => {
                RuleSources::of_scores(*measure, scores, self.score_weights).map(Cow::from)
            }
            _ => {
                let columns = self.columns(own).into_iter().map(|name| {
                    let held = held_as(&name, |name| slice.column(name).is_ok());
                    slice.column(held).and_then(|column| self.column(column)).map(Cow::from)
                });
                Ok(measure.of_columns(columns.collect::<PolarsResult<_>>().map_err(unfit)?))
            }
        }
    }

    /// A column as whole numbers: money in minor units, classes from 1, octants by their digits, doubles as they sort.
    fn column(&self, column: &Column) -> PolarsResult<Vec<i64>> {
        let unit = Measure::of_column(column.name()).map(|measure| measure.entry().unit);
        match (column.name().as_str(), unit) {
            (_, Some(Unit::Value)) => {
                polars_ensure!(column.null_count() == 0, ComputeError: "column `{}` has nulls", column.name());
                Ok(column.f64()?.iter().flatten().map(billionths).collect())
            }
            (_, Some(Unit::Money)) => money(column, self.money_scale),
            ("abc_class", _) => classes(column),
            ("octant", _) => octants(column),
            (name, _) if name == "p_alive" || name.starts_with("clv_") => figures(column),
            _ => Ok(integers(column, &DataType::Int64)?.i64()?.iter().flatten().collect()),
        }
    }
}

/// Figures of predictions, which can be null.
fn figures(column: &Column) -> PolarsResult<Vec<i64>> {
    Ok(column.f64()?.iter().map(Looked::of_figure).collect())
}

fn classes(column: &Column) -> PolarsResult<Vec<i64>> {
    let known = |class| (1..).zip(abc::CLASSES).find(|(_, known)| class == Some(*known));
    let wrong = || polars_err!(ComputeError: "column `abc_class` has something else than A, B or C");
    let number = |class| known(class).map(|(number, _)| number).ok_or_else(wrong);
    column.str()?.iter().map(number).collect()
}

fn octants(column: &Column) -> PolarsResult<Vec<i64>> {
    let wrong = || polars_err!(ComputeError: "column `octant` has something else than three digits 0 or 1");
    let bits = |code: Option<&str>| {
        code.filter(|code| code.len() == 3).and_then(|code| i64::from_str_radix(code, 2).ok()).ok_or_else(wrong)
    };
    column.str()?.iter().map(bits).collect()
}

/// Money in minor units of `scale` decimals, published as decimals or as doubles.
fn money(column: &Column, scale: u8) -> PolarsResult<Vec<i64>> {
    polars_ensure!(column.null_count() == 0, ComputeError: "column `{}` has nulls", column.name());
    if let Ok(doubles) = column.f64() {
        let unit = 10_f64.powi(scale.into());
        #[allow(clippy::cast_possible_truncation, reason = "money has at most 18 digits")]
        return Ok(doubles.iter().flatten().map(|money| (money * unit).round() as i64).collect());
    }
    let minor = column.decimal()?.physical().iter().flatten();
    let unfit = |_| polars_err!(ComputeError: "column `{}` has more than 18 digits", column.name());
    minor.map(|minor| i64::try_from(minor).map_err(unfit)).collect()
}

/// The column as whole numbers; our own tables have no nulls there.
fn integers(column: &Column, kind: &DataType) -> PolarsResult<Column> {
    polars_ensure!(column.null_count() == 0, ComputeError: "column `{}` has nulls", column.name());
    column.strict_cast(kind)
}
