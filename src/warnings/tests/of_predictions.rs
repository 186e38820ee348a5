//! The warnings about predictions, with their codes and sentences.

use super::super::*;

const VALUE: &str = "no order values and no CLV are predicted";

pub(super) fn of_predictions() -> Vec<(Facts, &'static str, String)> {
    let reasons = vec!["BG/NBD: flat".to_owned(), "Pareto/NBD: flat".to_owned()];
    vec![
        (
            Facts::ShortHistory { days: 20, least: 30 },
            "short_history",
            "nothing is predicted: the purchases span 20 days, and `predict.min_history_days` asks for 30; deliver older \
             purchases, or lower the setting"
                .into(),
        ),
        (
            Facts::NoPurchaseModel { reasons },
            "no_purchase_model",
            "no purchases are predicted: BG/NBD: flat; Pareto/NBD: flat; what helps is a longer history, in which more \
             customers have purchases on several days, or `predict.model = \"nbd\"`, a simpler model in which nobody leaves"
                .into(),
        ),
        (
            Facts::NobodyLeaves { reasons: vec!["BG/NBD: flat".to_owned()] },
            "nobody_leaves",
            "no customer is seen to leave, so that `nbd` predicts, in which nobody leaves: `p_alive` is 1 for everyone, and \
             the orders expected of a customer follow from how many they made in which time, not from when they made the \
             last one: BG/NBD: flat"
                .into(),
        ),
        (
            Facts::MeanOrderValue { mean: 9.99, reason: "one price".into() },
            "mean_order_value",
            "the value of an order is the mean, 9.99, for every customer, and CLV follows from their expected orders alone: \
             one price"
                .into(),
        ),
        (
            Facts::UnfinishedPeriod { unit: "year".into(), days: 181 },
            "unfinished_period",
            "the year of the analysis date has not ended: purchases of its first 181 days are no repeats yet, and horizons \
             begin with it; an `as_of` at the end of a year leaves nothing out"
                .into(),
        ),
        (
            Facts::OwnOrderValue { mean: 11.5, reason: "fixed prices".into() },
            "own_order_value",
            "the value of an order is the mean of what the customer paid, and 11.50, the mean over customers, for those \
             without a repeat purchase: fixed prices"
                .into(),
        ),
        (
            Facts::CustomersWithoutRevenue { customers: 12 },
            "customers_without_revenue",
            "12 customers got back all they paid, or paid nothing: their expected order value and CLV are 0, and they have \
             no part in the model of order values"
                .into(),
        ),
        (
            Facts::NoSpendingModel { reason: "all repeat customers have the same average order value".into() },
            "no_spending_model",
            format!("{VALUE}: all repeat customers have the same average order value; expected orders stand"),
        ),
        (
            Facts::NoFrozenSpendingModel {},
            "no_frozen_spending_model",
            format!("{VALUE}: the run of `predict.params_from` has no model of them"),
        ),
        (
            Facts::DependentSpending { correlation: -0.3125 },
            "dependent_spending",
            "how often customers buy and what an order brings correlate by -0.31; Gamma-Gamma takes them to be independent, \
             and CLV errs where they are not"
                .into(),
        ),
        (
            Facts::HoldoutSeen {},
            "holdout_seen",
            "the models of `predict.params_from` may have been fitted on the days of the holdout: then its agreement says \
             little"
                .into(),
        ),
    ]
}
