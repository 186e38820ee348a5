//! Fits the models on what customers did, and says what is wrong where the data cannot support them.
//!
//! Does not live here: the fit itself and what makes data unfit (`models`).

use super::entries::{FitsEntry, ModelsEntry, PredictionsEntry};
use super::load::LoadedModels;
use super::options::{ModelChoice, PredictOptions, TimeUnit};
use super::purchase_histories::PurchaseHistories;
use crate::error::Result;
use crate::models::{
    Candidate, Choice, Fitted, GammaGamma, GammaGammaFit, Histories, MeanValue, Model, OrderValues, OwnPrice, Unfit,
    choose,
};
use crate::warnings::{Facts, Warning};

/// From here on, how often customers buy and what they pay depend on each other so much that it is said.
const STRONG_CORRELATION: f64 = 0.3;

/// What was learned: the models that are applied, and how they came about.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedModels {
    /// The unit of time of the parameters.
    pub unit: TimeUnit,
    /// Whether calendar periods of it are counted instead of days.
    pub by_period: bool,
    /// The model of purchases; none where the data support none.
    pub model: Option<Model>,
    /// The model of what a purchase brings; none as above.
    pub spending: Option<OrderValues>,
    /// The fits of purchases, the best first, which of them is chosen, and the candidates that could not be fitted.
    pub purchases: Choice,
    /// The fit of spending, or why there is none.
    pub spendings: std::result::Result<GammaGammaFit, Unfit>,
    /// What a reader of the predictions should know.
    pub warnings: Vec<Warning>,
}

impl FittedModels {
    /// Fits what the settings ask for on the purchase histories of all customers; without `minor_per_major` there is no money, and
    /// no model of it.
    ///
    /// # Errors
    /// Where there are more distinct histories than models can take.
    pub fn fit(habits: &PurchaseHistories, options: &PredictOptions, minor_per_major: Option<f64>) -> Result<Self> {
        let mut learned = Self { by_period: options.is_by_period(), ..Self::nothing(options.time_unit) };
        let span = habits.span_days().map(|steps| learned.days_of(steps));
        if let Some(span) = span.filter(|span| *span < options.min_history_days) {
            let least = options.min_history_days;
            learned.warnings.push(Facts::ShortHistory { days: span, least }.into());
            return Ok(learned);
        }
        learned.note_unfinished(habits);
        let choice = options.model.unwrap_or(ModelChoice::Auto);
        learned.purchases = choose(&learned.histories(habits)?, &choice.candidates());
        learned.model = learned.purchases.chosen_fit().map(Fitted::model);
        let mut reasons: Vec<String> = learned.purchases.unfit.iter().map(|(_, unfit)| unfit.to_string()).collect();
        reasons.dedup();
        if learned.model.is_none() {
            learned.warnings.push(Facts::NoPurchaseModel { reasons }.into());
        } else if learned.purchases.fell_back() {
            learned.warnings.push(Facts::NobodyLeaves { reasons }.into());
        }
        match minor_per_major {
            Some(minor_per_major) => learned.fit_spending(habits, minor_per_major),
            None => learned.spendings = Err(Unfit::NoAmounts),
        }
        Ok(learned)
    }

    /// The models of an earlier run, applied as they are.
    #[must_use]
    pub fn loaded(loaded: LoadedModels, unit: TimeUnit) -> Self {
        let by_period = loaded.model.kind() == Candidate::BgBb;
        let mut learned =
            Self { by_period, model: Some(loaded.model), spending: loaded.spending, ..Self::nothing(unit) };
        if learned.spending.is_none() {
            learned.warnings.push(Facts::NoFrozenSpendingModel {}.into());
        }
        learned
    }

    /// The same without a model of money, for an input that has none.
    #[must_use]
    pub fn without_spending(mut self) -> Self {
        self.warnings.retain(|warning| *warning != Facts::NoFrozenSpendingModel {}.into());
        Self { spending: None, spendings: Err(Unfit::NoAmounts), ..self }
    }

    fn fit_spending(&mut self, habits: &PurchaseHistories, minor_per_major: f64) {
        let spendings = habits.spendings(minor_per_major);
        self.spendings = GammaGamma::fit(&spendings);
        match &self.spendings {
            Ok(fit) => {
                self.spending = Some(fit.fit.parameters.into());
                if let Some(correlation) = fit.correlation.filter(|value| value.abs() >= STRONG_CORRELATION) {
                    self.warnings.push(Facts::DependentSpending { correlation }.into());
                }
            }
            Err(unfit) => {
                let mean = MeanValue::where_alike(&spendings, unfit).map(OrderValues::Mean);
                self.spending = mean.or_else(|| OwnPrice::where_fixed(&spendings, unfit).map(OrderValues::OwnPrice));
                let reason = unfit.to_string();
                self.warnings.push(match &self.spending {
                    Some(OrderValues::Mean(model)) => Facts::MeanOrderValue { mean: model.mean, reason }.into(),
                    Some(OrderValues::OwnPrice(model)) => Facts::OwnOrderValue { mean: model.mean, reason }.into(),
                    _ => Facts::NoSpendingModel { reason: unfit.explained() }.into(),
                });
            }
        }
    }

    fn nothing(unit: TimeUnit) -> Self {
        Self {
            unit,
            by_period: false,
            model: None,
            spending: None,
            purchases: Choice::default(),
            spendings: Err(Unfit::NoCustomers),
            warnings: Vec::new(),
        }
    }

    /// Whether the models are those of an earlier run.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.model.is_some() && self.purchases.fitted.is_empty()
    }

    /// The models as manifests have them.
    #[must_use]
    pub fn models(&self) -> ModelsEntry {
        ModelsEntry::new(self.unit, self.model.as_ref(), self.spending.as_ref())
    }

    /// The models and their fits as manifests have them.
    #[must_use]
    pub fn entry(&self) -> PredictionsEntry {
        let fits = FitsEntry { purchases: self.purchases.clone(), spending: self.spendings.as_ref().ok().cloned() };
        PredictionsEntry { models: self.models(), fits, customers_without_revenue: 0 }
    }

    /// The histories that a model of this unit sees.
    ///
    /// # Errors
    /// As [`FittedModels::fit`].
    pub fn histories(&self, habits: &PurchaseHistories) -> Result<Histories> {
        habits.histories(self.steps_per_unit())
    }

    /// Whether the model looks at days, and not at calendar periods.
    #[must_use]
    pub const fn looks_at_days(&self) -> bool {
        !self.by_period
    }

    /// The days, or periods, of a unit of time.
    #[must_use]
    pub fn steps_per_unit(&self) -> f64 {
        if self.by_period { 1.0 } else { self.unit.days() }
    }

    /// Says so where the last period has not ended.
    fn note_unfinished(&mut self, habits: &PurchaseHistories) {
        if self.by_period && habits.unfinished_days > 0 {
            let unit = self.unit.name().to_owned();
            self.warnings.push(Facts::UnfinishedPeriod { unit, days: habits.unfinished_days }.into());
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "days of a calendar; saturating")]
    fn days_of(&self, steps: u32) -> u32 {
        if self.by_period { (f64::from(steps) * self.unit.days()) as u32 } else { steps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predict::purchase_histories::PurchaseHistory;

    fn habits(days: i32, repeaters: i32) -> PurchaseHistories {
        let habit = |i: i32| {
            let occasions = if i < repeaters { 2 } else { 1 };
            let last_day = if i < repeaters { i % days } else { 0 };
            Some(PurchaseHistory {
                first_day: 0,
                last_day,
                occasions,
                valued: occasions - 1,
                valued_amount: 100 * i64::from(occasions - 1),
                valued_range: 0,
                purchased: 100 * i64::from(occasions),
                revenue: 100 * i64::from(occasions),
            })
        };
        let by_row = (1..100).map(habit).collect();
        PurchaseHistories { as_of: days, by_row, occasions: [(0, 99)].into(), ..PurchaseHistories::default() }
    }

    fn options() -> PredictOptions {
        PredictOptions { model: Some(ModelChoice::Auto), ..PredictOptions::default() }
    }

    #[test]
    fn short_histories_and_customers_without_repeats_give_warnings_and_no_numbers() {
        let learned = FittedModels::fit(&habits(20, 50), &options(), Some(100.0)).unwrap();
        assert_eq!(learned.model, None);
        assert_eq!(learned.warnings, [Facts::ShortHistory { days: 20, least: 30 }.into()]);
        let learned = FittedModels::fit(&habits(200, 0), &options(), Some(100.0)).unwrap();
        assert_eq!((learned.model, learned.spending), (None, None));
        assert!(
            learned.warnings[0].to_string().contains("0 customers bought on a second day"),
            "{:?}",
            learned.warnings
        );
        assert_eq!(learned.purchases.unfit.len(), 4, "each candidate says why");
        assert_eq!(learned.models().purchases, None);
    }

    #[test]
    fn one_price_for_all_is_the_value_of_a_purchase() {
        let learned = FittedModels::fit(&habits(200, 80), &options(), Some(100.0)).unwrap();
        assert_eq!(learned.spending, Some(OrderValues::Mean(MeanValue { mean: 1.0 })));
        let told = Facts::MeanOrderValue { mean: 1.0, reason: Unfit::NoSpread.to_string() };
        assert!(learned.warnings.contains(&told.into()), "{:?}", learned.warnings);
    }
}
