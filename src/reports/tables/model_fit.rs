//! `model_fit`: the models, and what is expected of a new customer.

use polars::prelude::*;

use crate::models::{Estimate, Fit, OrderValues, Unfit};
use crate::predict::Predictions;
use crate::reports::findings::Findings;
use crate::reports::predicted;
use crate::reports::report::{Chapter, Make, Report};
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "model_fit",
    one_row_per: "model and figure: parameters, standard errors, likelihood",
    published_with: "`predict.model`",
    meaning: "The models: parameters, how well they are known, how the search went, and what is expected of a new customer. Sorted by model, then measure.",
    columns: &[
        column("model", ColumnType::Text, "", "`bg_nbd`, `mbg_nbd`, `pareto_nbd`: purchases; `nbd`: their limit, in which nobody leaves; `bg_bb`: purchases at discrete opportunities; `gamma_gamma`: what purchases bring; `mean_value`: the same where customers do not differ in what they pay; `own_price`: the same where each always pays a price of their own"),
        column("measure", ColumnType::Text, "", "a parameter under its name in the paper (times in `predict.time_unit`), `log_likelihood`, `bic`, `customers`, `gradient_norm`, `hessian_condition`, `starts`, `starts_agreeing`, `correlation` (of the number and the value of purchases), `is_chosen`, `new_customer_orders_H` and `new_customer_value_H` (`H` is `infinite`, too, with `predict.infinite_horizon`); `not_fitted` where the data do not support the model: its `log_likelihood` is then that where the search ended; `sample_bic_difference` where a sample of many customers rules the model out: by how much its BIC is above that of the best one"),
        column("value", ColumnType::Double, "", "the figure; null where it is not defined"),
        column("standard_error", ColumnType::Double, "", "of a parameter that was fitted, and of `sample_bic_difference`; else null"),
        column("note", ColumnType::Text, "", "of `not_fitted`: why; of `is_chosen`: why the model without drop-out takes the place of others; of `mean`: whose value it is; else null"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::Predictions,
    when: predicted::has_predictions,
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// Why `nbd` is chosen where models with drop-out were asked for.
const FELL_BACK: &str = "no customer is seen to leave: the models in which customers leave come to this one";

/// What the models of order values without a spread mean.
const MEAN: &str = "the value of an order is this mean for every customer";
const OWN_PRICE: &str = "the value of an order is the mean of what the customer paid, and this mean for customers without a repeat purchase";

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
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let predictions = predicted::predictions(findings)?;
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
        let note = (is_chosen && learned.purchases.fell_back()).then(|| FELL_BACK.to_owned());
        rows.push(Row { note, ..figure(model, "is_chosen", f64::from(u8::from(is_chosen))) });
    }
    for (candidate, unfit) in &learned.purchases.unfit {
        rows.push(not_fitted(candidate.name(), unfit.explained()));
        if let Unfit::RuledOut { bic_difference, standard_error, .. } = unfit {
            let figure = figure(candidate.name(), "sample_bic_difference", *bic_difference);
            rows.push(Row { standard_error: Some(*standard_error), ..figure });
        }
    }
    for (candidate, log_likelihood) in &learned.purchases.refused_log_likelihoods {
        rows.push(figure(candidate.name(), "log_likelihood", *log_likelihood));
    }
    if let Some(model) = learned.model.filter(|_| learned.purchases.fitted.is_empty()) {
        let name = model.kind().name();
        let parameters = model.parameters().into_iter();
        rows.extend(parameters.map(|(parameter, value)| figure(name, parameter, value)));
        rows.push(figure(name, "is_chosen", 1.0));
    }
    if let Some(model) = chosen {
        for (expected, horizon) in predictions.new_customer.iter().zip(&predictions.terms.names) {
            rows.push(figure(model.name(), &format!("new_customer_orders_{horizon}"), expected.orders));
            let value =
                Row { value: expected.value, ..figure(model.name(), &format!("new_customer_value_{horizon}"), 0.0) };
            rows.push(value);
        }
        if let Some(forever) = &predictions.new_customer_forever {
            rows.push(figure(model.name(), "new_customer_orders_infinite", forever.orders));
            rows.push(Row { value: forever.value, ..figure(model.name(), "new_customer_value_infinite", 0.0) });
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
        Err(unfit) => {
            let model = predictions.learned.spending;
            let parameters = |model: OrderValues| {
                let note = match model {
                    OrderValues::GammaGamma(_) => None,
                    OrderValues::Mean(_) => Some(MEAN.to_owned()),
                    OrderValues::OwnPrice(_) => Some(OWN_PRICE.to_owned()),
                };
                let figure =
                    move |(name, value): (&str, f64)| Row { note: note.clone(), ..figure(model.name(), name, value) };
                model.parameters().into_iter().map(figure).collect::<Vec<Row>>()
            };
            let mut rows = model.map(parameters).unwrap_or_default();
            // Models of another run were not fitted on these data, and have no reason to give.
            if !matches!(model, Some(OrderValues::GammaGamma(_))) && !predictions.learned.is_loaded() {
                rows.push(not_fitted(MODEL, unfit.explained()));
            }
            rows
        }
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
