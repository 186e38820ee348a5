//! `model_fit`, `model_repeats` and `model_tracking`: the models, and how they agree with what they were fitted on.

use polars::prelude::*;

use crate::models::{Estimate, Fit, GammaGamma};
use crate::predict::Predictions;

/// One figure.
struct Row {
    model: &'static str,
    measure: String,
    value: Option<f64>,
    standard_error: Option<f64>,
    note: Option<String>,
}

/// The models, figure by figure.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
pub(crate) fn plan(predictions: &Predictions) -> PolarsResult<LazyFrame> {
    let mut rows = purchases(predictions);
    rows.extend(spending(predictions));
    rows.sort_by(|a, b| a.model.cmp(b.model).then_with(|| a.measure.cmp(&b.measure)));
    Ok(df!(
        "model" => rows.iter().map(|row| row.model).collect::<Vec<_>>(),
        "measure" => rows.iter().map(|row| row.measure.as_str()).collect::<Vec<_>>(),
        "value" => rows.iter().map(|row| row.value).collect::<Vec<_>>(),
        "standard_error" => rows.iter().map(|row| row.standard_error).collect::<Vec<_>>(),
        "note" => rows.iter().map(|row| row.note.as_deref()).collect::<Vec<_>>(),
    )?
    .lazy())
}

fn purchases(predictions: &Predictions) -> Vec<Row> {
    let learned = &predictions.learned;
    let chosen = learned.model.map(|model| model.kind());
    let mut rows = Vec::new();
    for fitted in &learned.purchases.fitted {
        let model = fitted.candidate().name();
        rows.extend(figures(model, &fitted.summary()));
        let is_chosen = chosen == Some(fitted.candidate());
        rows.push(figure(model, "is_chosen", f64::from(u8::from(is_chosen))));
    }
    for (candidate, unfit) in &learned.purchases.unfit {
        rows.push(not_fitted(candidate.name(), unfit.to_string()));
    }
    if let Some(model) = learned.model.filter(|_| learned.purchases.fitted.is_empty()) {
        let name = model.kind().name();
        rows.extend(model.parameters().map(|(parameter, value)| figure(name, parameter, value)));
        rows.push(figure(name, "is_chosen", 1.0));
    }
    if let Some(model) = chosen {
        for (expected, horizon) in predictions.new_customer.iter().zip(&predictions.terms.names) {
            rows.push(figure(model.name(), &format!("new_customer_orders_{horizon}"), expected.orders));
            let value =
                Row { value: expected.value, ..figure(model.name(), &format!("new_customer_value_{horizon}"), 0.0) };
            rows.push(value);
        }
    }
    rows
}

fn spending(predictions: &Predictions) -> Vec<Row> {
    const MODEL: &str = "gamma_gamma";
    match &predictions.learned.spendings {
        Ok(fit) => {
            let mut rows = figures(MODEL, &fit.fit);
            rows.push(Row { value: fit.correlation, ..figure(MODEL, "correlation", 0.0) });
            rows
        }
        Err(unfit) => match predictions.learned.spending {
            Some(GammaGamma { p, q, gamma }) => {
                [("p", p), ("q", q), ("gamma", gamma)].map(|(name, value)| figure(MODEL, name, value)).into()
            }
            None => vec![not_fitted(MODEL, unfit.to_string())],
        },
    }
}

#[allow(clippy::cast_precision_loss)]
fn figures<P>(model: &'static str, fit: &Fit<P>) -> Vec<Row> {
    let convergence = &fit.convergence;
    let mut rows: Vec<Row> = fit.estimates.iter().map(|estimate| parameter(model, estimate)).collect();
    rows.extend([
        figure(model, "log_likelihood", fit.log_likelihood),
        figure(model, "bic", fit.bic()),
        figure(model, "customers", fit.customers as f64),
        figure(model, "gradient_norm", convergence.gradient_norm),
        figure(model, "hessian_condition", convergence.hessian_condition),
        figure(model, "starts", convergence.starts.into()),
        figure(model, "starts_agreeing", convergence.starts_agreeing.into()),
    ]);
    rows
}

fn parameter(model: &'static str, estimate: &Estimate) -> Row {
    Row { standard_error: Some(estimate.standard_error), ..figure(model, &estimate.name, estimate.value) }
}

fn figure(model: &'static str, measure: &str, value: f64) -> Row {
    Row { model, measure: measure.to_owned(), value: Some(value), standard_error: None, note: None }
}

fn not_fitted(model: &'static str, why: String) -> Row {
    Row { value: None, note: Some(why), ..figure(model, "not_fitted", 0.0) }
}

/// Customers by repeat purchases.
///
/// # Errors
/// As [`plan`].
#[allow(clippy::cast_possible_wrap)]
pub(crate) fn repeats_plan(predictions: &Predictions) -> PolarsResult<LazyFrame> {
    let rows = &predictions.tracking.repeats;
    Ok(df!(
        "repeats" => rows.iter().map(|row| row.repeats).collect::<Vec<_>>(),
        "actual_customers" => rows.iter().map(|row| row.actual as i64).collect::<Vec<_>>(),
        "expected_customers" => rows.iter().map(|row| row.expected).collect::<Vec<_>>(),
    )?
    .lazy())
}

/// Repeat purchases by week.
///
/// # Errors
/// As [`plan`].
#[allow(clippy::cast_possible_wrap)]
pub(crate) fn tracking_plan(predictions: &Predictions) -> PolarsResult<LazyFrame> {
    let rows = &predictions.tracking.weeks;
    Ok(df!(
        "week" => rows.iter().map(|row| row.week).collect::<Vec<_>>(),
        "last_date" => rows.iter().map(|row| row.last_day).collect::<Vec<_>>(),
        "actual_repeats" => rows.iter().map(|row| row.actual as i64).collect::<Vec<_>>(),
        "expected_repeats" => rows.iter().map(|row| row.expected).collect::<Vec<_>>(),
    )?
    .lazy())
}
