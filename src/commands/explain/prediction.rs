//! What is expected of the customer, and the models behind it: the figures of the published tables, by the same code.
//!
//! A fit needs the days of all customers, models of an earlier run only those of this one. Does not live here: the pass
//! over the orders (`passes::every_order`), the figures (`predict`), and how they are shown (`text`).

use crate::job::Scored;
use serde::Serialize;

use crate::config::Config;
use crate::error::Result;
use crate::input::customer_id::Id;
use crate::job::predictions::{learned, minor_per_major};
use crate::passes::{Reading, every_order};
use crate::predict::options::PredictOptions;
use crate::predict::{FromOrders, ModelEntry, Predictions, PurchaseHistory, Terms};
use crate::warnings::{self, WarningDetail};

/// The predictions of a customer.
#[derive(Debug, Serialize)]
pub(crate) struct PredictionExplained {
    /// The unit of `t_x`, T and the parameters.
    pub(crate) time_unit: &'static str,
    /// The history that the models see; none where the customer has no purchase.
    pub(crate) history: Option<HistoryExplained>,
    pub(crate) p_alive: Option<f64>,
    /// Of an order, major units.
    pub(crate) expected_value: Option<f64>,
    pub(crate) horizons: Vec<HorizonExplained>,
    /// By CLV of the longest horizon; none also where only this customer's rows were read.
    pub(crate) clv_rank: Option<u32>,
    /// The models under their names in the manifest, with their parameters as texts; null where there is none.
    pub(crate) purchases: Option<ModelEntry>,
    pub(crate) spending: Option<ModelEntry>,
    /// The manifest they are from; none where they were fitted for this answer.
    pub(crate) params_from: Option<String>,
    pub(crate) warnings: Vec<String>,
    /// The same with their codes and facts.
    pub(crate) warning_details: Vec<WarningDetail>,
}

/// The customer's purchases as the models see them.
#[derive(Debug, Serialize)]
pub(crate) struct HistoryExplained {
    /// Repeat purchases.
    pub(crate) x: u32,
    /// Time from the first purchase to the last.
    pub(crate) t_x: f64,
    /// Time from the first purchase to the analysis date.
    #[serde(rename = "T")]
    pub(crate) t_cal: f64,
    /// Mean value of the paid repeat purchases after returns, major units; 0 without any.
    pub(crate) mean_repeat_value: f64,
}

/// What is expected within a horizon.
#[derive(Debug, Serialize)]
pub(crate) struct HorizonExplained {
    /// As in names of columns: `12_months`.
    pub(crate) horizon: String,
    pub(crate) expected_orders: Option<f64>,
    pub(crate) clv: Option<f64>,
}

/// Predicts for the customer `id` at `row` of the table; none where no predictions are requested.
///
/// # Errors
/// A source error where the input cannot be read again; a compute error where there are too many distinct histories.
pub(crate) fn predict_for(scored: &Scored, (id, row): (&Id, usize)) -> Result<Option<PredictionExplained>> {
    let (config, input, findings, progress) = (scored.config(), &scored.input, &scored.findings, scored.progress());
    let loaded = scored.models;
    if !config.predict.is_wanted() {
        return Ok(None);
    }
    if loaded.is_none() {
        tracing::info!("models are fitted on the days of all customers; `predict.params_from` would spare that");
    }
    let predict = PredictOptions { holdout_days: None, by_year: false, ..config.predict.clone() };
    let config = &Config { predict, ..config.clone() };
    let only = loaded.is_some().then_some(id);
    let reading = Reading { threads: config.threads(), only, ..Reading::new(input, progress) };
    let orders = every_order::read(&reading, findings.as_of, None, &findings.customers)?;
    let (count, as_of) = (findings.customers.len(), findings.as_of);
    let habits = FromOrders::gather(orders, &config.predict, count, as_of, config.threads())?.histories;
    progress.stage("predict");
    let (learned, minor_per_major) = (learned(loaded, &habits, config)?, minor_per_major(config));
    let mut predictions = Predictions::new(learned, &habits, Terms::of(&config.predict), minor_per_major)?;
    if loaded.is_none() {
        predictions.rank();
    }
    progress.finish();
    let history = habits.by_row[row].as_ref().map(|habit| history(habit, habits.as_of, &predictions, minor_per_major));
    Ok(Some(explained(&predictions, history, row, config.predict.params_from.clone())))
}

fn history(habit: &PurchaseHistory, as_of: i32, predictions: &Predictions, minor_per_major: f64) -> HistoryExplained {
    let history = habit.pattern(as_of).history(predictions.learned.steps_per_unit());
    let mean_repeat_value = habit.spending(minor_per_major).map_or(0.0, |spending| spending.z);
    HistoryExplained { x: history.x, t_x: history.t_x, t_cal: history.t_cal, mean_repeat_value }
}

fn explained(
    predictions: &Predictions,
    history: Option<HistoryExplained>,
    row: usize,
    params_from: Option<String>,
) -> PredictionExplained {
    let horizon = |(horizon, name): (usize, &String)| HorizonExplained {
        horizon: name.clone(),
        expected_orders: predictions.expected_orders(row, horizon),
        clv: predictions.clv(row, horizon),
    };
    let forever = predictions.terms.is_infinite.then(|| HorizonExplained {
        horizon: "infinite".to_owned(),
        expected_orders: predictions.expected_orders_infinite(row),
        clv: predictions.clv_infinite(row),
    });
    let models = predictions.learned.models();
    PredictionExplained {
        time_unit: predictions.learned.unit.name(),
        history,
        p_alive: predictions.p_alive(row),
        expected_value: predictions.expected_value(row),
        horizons: predictions.terms.names.iter().enumerate().map(horizon).chain(forever).collect(),
        clv_rank: predictions.rank_of(row),
        purchases: models.purchases,
        spending: models.spending,
        params_from,
        warnings: warnings::sentences(&predictions.learned.warnings),
        warning_details: warnings::details(&predictions.learned.warnings),
    }
}
