//! The predictions of a run: models are fitted to the orders or taken from an earlier run, and applied.
//!
//! Does not live here: how the orders are gathered (`customers::orders`), what is made of them (`predict`).

use crate::config::Config;
use crate::error::Result;
use crate::history::{PublishedRun, Reference};
use crate::money::power_of_ten;
use crate::predict::{
    self, Calibration, FromOrders, Holdout, LoadedModels, Money, Predictions, PurchaseHistories, Terms, Years,
};
use crate::progress::{Progress, Stages};
use crate::score::options::Method;
use crate::score::{AxisSpec, Measure, score_axis_weighted};
use crate::warnings::Facts;

/// The models of an earlier run; none where new ones are fitted.
///
/// # Errors
/// A config error where the manifest cannot be read, or holds no models that fit the settings.
pub(crate) fn loaded(config: &Config) -> Result<Option<LoadedModels>> {
    let Some(path) = &config.predict.params_from else { return Ok(None) };
    let (what, kind) = ("models for this run", "a published run with predictions");
    let run = PublishedRun::refer(Reference::new("predict.params_from", path, what, kind))?;
    let models = run.models()?;
    LoadedModels::from_manifest(models.as_ref(), &config.predict).map(Some).map_err(|cause| run.wrong(cause))
}

/// What the orders tell, each where it is asked for.
#[derive(Debug, Default)]
pub(crate) struct Expectations {
    pub(super) predictions: Option<Predictions>,
    pub(super) years: Option<(Years, Money)>,
}

impl Expectations {
    /// Follows the customers into another order.
    pub(crate) fn reorder(&mut self, order: &[u32]) {
        if let Some(predictions) = &mut self.predictions {
            predictions.reorder(order);
        }
        if let Some((years, _)) = &mut self.years {
            years.reorder(order);
        }
    }

    /// Ranks the customers, who are in their final order.
    pub(crate) fn rank(&mut self) {
        self.predictions.iter_mut().for_each(Predictions::rank);
    }
}

/// What is to be expected of the customers, and what they brought in each of their years.
///
/// # Errors
/// A compute error where there are more distinct histories than models can take.
pub(crate) fn predict(
    found: FromOrders,
    config: &Config,
    loaded: Option<LoadedModels>,
    progress: &Progress,
    stages: &mut Stages,
) -> Result<Expectations> {
    let options = &config.predict;
    let FromOrders { histories: habits, holdout, years } = found;
    let (minor_per_major, customers) = (minor_per_major(config), habits.by_row.len() as u64);
    let years = years.map(|years| (years, Money::of(options, minor_per_major)));
    if !options.is_wanted() {
        return Ok(Expectations { predictions: None, years });
    }
    progress.stage("predict");
    let learned = learned(loaded, &habits, config)?;
    stages.end("fit", customers);
    let mut predictions = Predictions::new(learned, &habits, Terms::of(options), minor_per_major)?;
    let rows = habits.by_row.len();
    drop(habits);
    predictions.calibration = holdout
        .map(|holdout| if options.holdout_customers { holdout.by_customer(rows) } else { holdout })
        .map(|holdout| calibration(holdout, loaded, config))
        .transpose()?;
    progress.finish();
    stages.end("predict", customers);
    Ok(Expectations { predictions: Some(predictions), years })
}

/// The models of an earlier run, or new ones.
///
/// # Errors
/// Where there are more distinct histories than models can take.
pub(crate) fn learned(
    loaded: Option<LoadedModels>,
    habits: &PurchaseHistories,
    config: &Config,
) -> Result<predict::FittedModels> {
    let has_money = config.known().has_money();
    let Some(loaded) = loaded else {
        let minor_per_major = has_money.then(|| minor_per_major(config));
        return predict::FittedModels::fit(habits, &config.predict, minor_per_major);
    };
    let learned = predict::FittedModels::loaded(loaded, config.predict.time_unit);
    Ok(if has_money { learned } else { learned.without_spending() })
}

/// Models that see nothing after the cut, against what happened after it.
fn calibration(mut holdout: Holdout, loaded: Option<LoadedModels>, config: &Config) -> Result<Calibration> {
    holdout.sort();
    let learned = learned(loaded, &holdout.habits(), config)?;
    let rivals = rivals(&holdout, config.known().has_money())?;
    let mut found = Calibration::new(&holdout, &learned, &rivals, minor_per_major(config));
    if loaded.is_some() {
        found.warnings.push(Facts::HoldoutSeen {}.into());
    }
    Ok(found)
}

/// What a shop without models would sort its customers by, the higher the better: the sum of the quintile scores of
/// recency, frequency and revenue, and each measure alone.
#[allow(clippy::cast_precision_loss)]
fn rivals(holdout: &Holdout, has_money: bool) -> Result<Vec<(&'static str, Vec<f64>)>> {
    const QUINTILES: u32 = 5;
    let [days, occasions, amount] = holdout.measures();
    let axes = [(Measure::RecencyDays, &days), (Measure::PurchaseDays, &occasions), (Measure::Revenue, &amount)];
    let mut sums = vec![0.0; holdout.len()];
    let scored = if has_money { axes.len() } else { axes.len() - 1 };
    for (measure, values) in axes.into_iter().take(scored) {
        let spec = AxisSpec::new(measure, 0, Method::Quantile, QUINTILES);
        let scores = score_axis_weighted(values, &[], &spec, None)?.scores;
        sums.iter_mut().zip(scores).for_each(|(sum, score)| *sum += f64::from(score));
    }
    let floats = |values: &[i64], sign: f64| values.iter().map(|value| sign * *value as f64).collect();
    let mut rivals = vec![
        (if has_money { "rfm_sum" } else { "rf_sum" }, sums),
        ("recency", floats(&days, -1.0)),
        ("frequency", floats(&occasions, 1.0)),
    ];
    rivals.extend(has_money.then(|| ("revenue", floats(&amount, 1.0))));
    Ok(rivals)
}

/// Minor units of a major one, 1 to 10^6.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn minor_per_major(config: &Config) -> f64 {
    power_of_ten(config.clean.money_scale) as f64
}
