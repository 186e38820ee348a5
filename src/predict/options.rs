//! Settings of the predictions: the model, its unit of time, how far ahead, and what purchases are worth.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::models::Candidate;

/// Which model of purchases is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelChoice {
    /// The best of `bg_nbd`, `mbg_nbd` and `pareto_nbd` by BIC; where no customer is seen to leave, `nbd`.
    Auto,
    /// BG/NBD: customers may leave after each repeat purchase.
    BgNbd,
    /// MBG/NBD: customers may leave after each purchase, the first one too.
    MbgNbd,
    /// Pareto/NBD: customers may leave at any time.
    ParetoNbd,
    /// NBD: nobody leaves. The other models come to this one where no customer is seen to leave.
    Nbd,
    /// BG/BB: purchases at discrete opportunities, one in each calendar period of `time_unit`: donations, renewals, events.
    BgBb,
}

impl ModelChoice {
    /// All of them, as help and messages list them.
    pub const ALL: [Self; 6] = [Self::Auto, Self::BgNbd, Self::MbgNbd, Self::ParetoNbd, Self::Nbd, Self::BgBb];

    /// Its name in settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::BgNbd => "bg_nbd",
            Self::MbgNbd => "mbg_nbd",
            Self::ParetoNbd => "pareto_nbd",
            Self::Nbd => "nbd",
            Self::BgBb => "bg_bb",
        }
    }

    /// The models that are fitted.
    #[must_use]
    pub fn candidates(self) -> Vec<Candidate> {
        match self {
            Self::Auto => Candidate::IN_CONTINUOUS_TIME.to_vec(),
            Self::BgNbd => vec![Candidate::BgNbd],
            Self::MbgNbd => vec![Candidate::MbgNbd],
            Self::ParetoNbd => vec![Candidate::ParetoNbd],
            Self::Nbd => vec![Candidate::Nbd],
            Self::BgBb => vec![Candidate::BgBb],
        }
    }
}

/// The unit of time of a model's parameters and of the horizons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// 30.4375 days, a twelfth of a year.
    #[default]
    Month,
    /// A quarter of a year, 91.3125 days.
    Quarter,
    /// 365.25 days.
    Year,
}

/// Days of a year, as discount rates have it.
const DAYS_PER_YEAR: f64 = 365.25;

impl TimeUnit {
    /// Its days.
    #[must_use]
    pub const fn days(self) -> f64 {
        match self {
            Self::Day => 1.0,
            Self::Week => 7.0,
            Self::Month => DAYS_PER_YEAR / 12.0,
            Self::Quarter => DAYS_PER_YEAR / 4.0,
            Self::Year => DAYS_PER_YEAR,
        }
    }

    /// Its name in settings and manifests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// So many of them, as in names of columns: `12_months`.
    #[must_use]
    pub fn counted(self, count: u32) -> String {
        format!("{count}_{}{}", self.name(), if count == 1 { "" } else { "s" })
    }

    /// The rate per unit that compounds to `per_year` in a year.
    #[must_use]
    pub fn discount(self, per_year: f64) -> f64 {
        (per_year.ln_1p() * self.days() / DAYS_PER_YEAR).exp_m1()
    }
}

/// `[predict]`: purchases and value to be expected of each customer. Without `model` and `params_from` nothing is predicted, but `by_year`,
/// `yearly_profits` and `profits` stand for themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PredictOptions {
    /// The model of purchases. It is fitted on all purchases up to the analysis date, whatever the window.
    pub model: Option<ModelChoice>,
    /// The unit of time of the parameters, of the horizons and of the contact cost. With `bg_bb` the calendar period that is one
    /// opportunity to buy; periods that have ended by the analysis date count.
    pub time_unit: TimeUnit,
    /// How many units of time ahead, ascending; each has its columns. Customers are ranked by the last one.
    pub horizons: Vec<u32>,
    /// What money loses per year: 0.1 is ten percent.
    pub discount_rate: f64,
    /// The share of an order's value that is profit. With 1.0 lifetime values are revenue and not profit.
    pub margin: f64,
    /// What contacting a customer costs per unit of time, in major units.
    pub contact_cost: f64,
    /// What winning a customer costs, in major units: it lowers the value of a new customer, and of no other.
    pub acquisition_cost: f64,
    /// Less data than this, from the first purchase to the analysis date, is too short for a model to be fitted.
    pub min_history_days: u32,
    /// So many of the last days are kept from the models, and what these would have predicted for them is held against
    /// what happened. It changes no other figure: those are of models that see all days.
    pub holdout_days: Option<u32>,
    /// Publish what a customer is expected to buy and to be worth over all of the future, discounted by `discount_rate`, which must be
    /// above 0: `expected_orders_infinite` (DERT) and `clv_infinite`.
    pub infinite_horizon: bool,
    /// Publish what the models see of each customer: `x`, `t_x`, `T` (in `time_unit`) and `mean_repeat_value`.
    pub model_inputs: bool,
    /// With `holdout_days`: publish what was predicted of each customer for these days, and what they did: `holdout_...` columns.
    pub holdout_customers: bool,
    /// Let the first purchase tell what an order brings, too. Without it only repeat purchases do, as in the papers.
    pub first_purchase_in_value: bool,
    /// Publish what each customer brought in each of their own years, which begin on the anniversaries of their first purchase, and the
    /// value of these years: `customer_years`.
    pub by_year: bool,
    /// Profit expected of a customer in their first, second, .. year, in major units: what they are worth is in `planned_ltv`.
    pub yearly_profits: Vec<f64>,
    /// With `yearly_profits` and `profits`: the share of customers who stay from one year to the next; 1 where the profits allow for it.
    pub retention: f64,
    /// The `manifest.json` of an earlier run whose models are applied instead of fitting new ones.
    pub params_from: Option<String>,
    /// Profits that differ from customer to customer.
    pub profits: ProfitOptions,
}

/// `[predict.profits]`: yearly profits expected of each customer, from a table of their own. What they are worth, by `retention`,
/// `discount_rate` and `acquisition_cost`, is the column `planned_ltv` of `customers`. Without `path` there are none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProfitOptions {
    /// A Parquet file (or a directory, or a pattern) with one row per customer.
    pub path: Option<String>,
    /// Its column of customer ids, of the type of those of the input.
    pub customer_id: String,
    /// Its columns of profits expected in the first, second, .. year, in major units. Numbers; null counts as 0.
    pub years: Vec<String>,
}

impl Default for ProfitOptions {
    fn default() -> Self {
        let years = ["year_1", "year_2", "year_3"].map(str::to_owned).to_vec();
        Self { path: None, customer_id: "customer_id".to_owned(), years }
    }
}

impl Default for PredictOptions {
    fn default() -> Self {
        Self {
            model: None,
            time_unit: TimeUnit::Month,
            horizons: vec![3, 12],
            discount_rate: 0.1,
            margin: 1.0,
            contact_cost: 0.0,
            acquisition_cost: 0.0,
            min_history_days: 30,
            holdout_days: None,
            infinite_horizon: false,
            model_inputs: false,
            holdout_customers: false,
            first_purchase_in_value: false,
            by_year: false,
            yearly_profits: Vec::new(),
            retention: 1.0,
            params_from: None,
            profits: ProfitOptions::default(),
        }
    }
}

impl PredictOptions {
    /// Whether the days on which customers bought are read.
    #[must_use]
    pub const fn reads_orders(&self) -> bool {
        self.is_wanted() || self.by_year
    }

    /// Whether anything is predicted.
    #[must_use]
    pub const fn is_wanted(&self) -> bool {
        self.model.is_some() || self.params_from.is_some()
    }

    /// Whether models count calendar periods instead of days.
    #[must_use]
    pub fn is_by_period(&self) -> bool {
        self.model == Some(ModelChoice::BgBb)
    }

    /// The horizons as they stand in names of columns.
    #[must_use]
    pub fn horizon_names(&self) -> Vec<String> {
        self.horizons.iter().map(|count| self.time_unit.counted(*count)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_that_the_setting_takes_is_listed() {
        let names = ModelChoice::ALL.map(ModelChoice::name);
        assert_eq!(serde_json::to_value(ModelChoice::ALL).unwrap(), serde_json::json!(names));
        let schema = schemars::schema_for!(ModelChoice).to_value();
        let taken: Vec<&str> =
            schema["oneOf"].as_array().unwrap().iter().filter_map(|one| one["const"].as_str()).collect();
        assert_eq!(taken, names);
    }

    #[test]
    fn a_rate_per_month_compounds_to_that_of_a_year() {
        // 1.01^12 = 1.126825...
        let monthly = TimeUnit::Month.discount(1.01_f64.powi(12) - 1.0);
        assert!((monthly - 0.01).abs() < 1e-15, "{monthly}");
        assert!(((1.0 + TimeUnit::Week.discount(0.1)).powf(365.25 / 7.0) - 1.1).abs() < 1e-14);
        assert!(TimeUnit::Day.discount(0.0).abs() < f64::MIN_POSITIVE);
    }

    #[test]
    fn horizons_are_named_with_their_unit() {
        assert_eq!(PredictOptions::default().horizon_names(), ["3_months", "12_months"]);
        assert_eq!(TimeUnit::Day.counted(1), "1_day");
    }
}
