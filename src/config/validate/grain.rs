//! Checks of what the rows of the input are: settings that mean nothing for a table of customers, or without amounts.
//!
//! Does not live here: what cannot be scored of such an input (`scoring`).

use super::Checks;
use crate::clean::options::{CleanOptions, Returns, ZeroAmounts};
use crate::config::Config;
use crate::score::on_request::Composite;
use crate::source::options::{ColumnOptions, Grain, NO_AMOUNTS};

pub(super) fn check(config: &Config, checks: &mut Checks) {
    match config.input.grain {
        Grain::Transactions => refuse_columns_of_customers(&config.columns, checks),
        Grain::Customers => {
            refuse_columns_of_transactions(&config.columns, checks);
            check_recency(config, checks);
            refuse_settings_of_orders(config, checks);
        }
    }
    if !config.known().has_money() {
        refuse_settings_of_money(config, checks);
    }
    let drops_repeats = config.clean.dedupe || !config.clean.dedupe_keys.is_empty();
    let expected = "another measure: interactions are counted with their repeats, which `clean.dedupe` would leave out";
    let is_refused = drops_repeats && config.counts_interactions();
    checks.require(!is_refused, "score.frequency.measure", "`interactions`", expected);
}

fn refuse_columns_of_customers(columns: &ColumnOptions, checks: &mut Checks) {
    for (key, set, _) in columns.of_customers() {
        let expected = "`input.grain = \"customers\"` with it: transactions have no such column";
        checks.require(set.is_none(), key, format!("`{}`", set.unwrap_or_default()), expected);
    }
}

fn refuse_columns_of_transactions(columns: &ColumnOptions, checks: &mut Checks) {
    let default = ColumnOptions::default();
    let changed = |own: &String, default: &String| (own != default).then(|| own.clone());
    let order_ids = columns.order_id.as_ref().map(|key| key.names().join(", "));
    let roles = [
        ("columns.order_ts", changed(&columns.order_ts, &default.order_ts), "`columns.last_order_date`"),
        ("columns.amount", changed(&columns.amount, &default.amount), "`columns.revenue`"),
        ("columns.quantity", columns.quantity.clone(), "`columns.revenue`"),
        ("columns.unit_price", columns.unit_price.clone(), "`columns.revenue`"),
        ("columns.order_id", order_ids, "`columns.orders`, the number of orders,"),
    ];
    for (key, found, instead) in roles {
        let expected = format!("{instead} instead: `input.grain` is `customers`");
        checks.require(found.is_none(), key, format!("`{}`", found.as_deref().unwrap_or_default()), expected);
    }
}

fn check_recency(config: &Config, checks: &mut Checks) {
    let Some(recency) = &config.columns.recency_days else { return };
    let found = format!("`{recency}`");
    let expected = "nothing, because `columns.last_order_date` says the same: leave out one of them";
    checks.require(config.columns.last_order_date.is_none(), "columns.recency_days", &found, expected);
    let expected = "the analysis date that the days are counted to, because `columns.recency_days` is set";
    checks.require(config.dates.as_of.is_some(), "dates.as_of", "nothing", expected);
}

/// What looks at rows of orders.
fn refuse_settings_of_orders(config: &Config, checks: &mut Checks) {
    const WHY: &str = "because `input.grain` is `customers`, and single orders are not known";
    let CleanOptions { orders_by, returns, zero_amounts, dedupe, count_repeats, dedupe_keys, .. } = &config.clean;
    let set = [
        ("dates.window_days", config.dates.window_days.is_some()),
        ("input.interactions", config.input.interactions.is_some()),
        ("clean.orders_by", orders_by.is_some()),
        ("clean.returns", *returns != Returns::default()),
        ("clean.zero_amounts", *zero_amounts != ZeroAmounts::default()),
        ("clean.dedupe", *dedupe),
        ("clean.count_repeats", *count_repeats),
        ("clean.dedupe_keys", !dedupe_keys.is_empty()),
        ("columns.currency", config.columns.currency.is_some()),
        ("predict.model", config.predict.model.is_some()),
        ("predict.params_from", config.predict.params_from.is_some()),
        ("predict.by_year", config.predict.by_year),
        ("compare.with", config.compare.with.is_some()),
        ("alerts.reasons", !config.alerts.reasons.is_empty()),
        ("alerts.columns", config.alerts.columns),
        ("evaluate.horizon_days", config.evaluate.horizon_days.is_some()),
        ("health.every", config.health.every.is_some()),
        ("cohorts.by", config.cohorts.by.is_some()),
        ("cohorts.loyalty_ladder", config.cohorts.loyalty_ladder),
    ];
    for (key, is_set) in set {
        checks.require(!is_set, key, "a value", format!("its default, {WHY}"));
    }
}

/// What is made of amounts.
fn refuse_settings_of_money(config: &Config, checks: &mut Checks) {
    let key = if config.input.grain == Grain::Customers { "columns.revenue" } else { "columns.amount" };
    let why = format!("because `{key}` is `{NO_AMOUNTS}`");
    let CleanOptions { returns, zero_amounts, min_amount, max_amount, .. } = &config.clean;
    let columns = &config.columns;
    let set = [
        ("columns.quantity", columns.quantity.is_some()),
        ("columns.unit_price", columns.unit_price.is_some()),
        ("columns.margin", columns.margin.is_some()),
        ("columns.currency", columns.currency.is_some()),
        ("columns.largest_order", columns.largest_order.is_some()),
        ("clean.returns", *returns != Returns::default()),
        ("clean.zero_amounts", *zero_amounts != ZeroAmounts::default()),
        ("clean.min_amount", min_amount.is_some()),
        ("clean.max_amount", max_amount.is_some()),
        ("predict.by_year", config.predict.by_year),
    ];
    for (name, is_set) in set {
        checks.require(!is_set, name, "a value", format!("its default, {why}: without amounts it means nothing"));
    }
    let composites = &config.score.composites;
    for (composite, name) in [(Composite::ScoreMean, "score_mean"), (Composite::WeightedScore, "weighted_score")] {
        let expected = format!("composites that need no monetary score, {why}");
        checks.require(!composites.asks_for(composite), "score.composites.columns", format!("`{name}`"), expected);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::validate::problems;

    fn lines(text: &str) -> Vec<String> {
        let config: Config = toml::from_str(text).unwrap();
        problems(&config).iter().map(|problem| problem.line(&std::collections::BTreeMap::new())).collect()
    }

    #[test]
    fn columns_of_the_other_grain_are_refused_with_the_key_to_set() {
        let found = lines("[columns]\nrecency_days = 'r'");
        assert!(
            found[0].contains("`columns.recency_days`: found `r`, expected `input.grain = \"customers\"`"),
            "{found:?}"
        );
        let found = lines("[input]\ngrain = 'customers'\n[columns]\namount = 'total'\norder_id = ['a', 'b']");
        assert!(found[0].contains("`columns.amount`: found `total`, expected `columns.revenue` instead"), "{found:?}");
        assert!(found[1].contains("found `a, b`, expected `columns.orders`"), "{found:?}");
    }

    #[test]
    fn days_since_the_last_order_need_the_date_that_they_are_counted_to() {
        let found = lines("[input]\ngrain = 'customers'\n[columns]\nrecency_days = 'r'\nlast_order_date = 'd'");
        assert!(found[0].contains("leave out one of them") && found[1].contains("`dates.as_of`"), "{found:?}");
    }

    #[test]
    fn settings_of_single_orders_and_of_money_are_refused_where_there_are_none() {
        let grain = "[input]\ngrain = 'customers'\n";
        let found = lines(&format!("{grain}[dates]\nwindow_days = 30\n[clean]\nreturns = 'drop'\ndedupe = true"));
        assert_eq!(found.len(), 3, "{found:?}");
        let found = lines("[columns]\namount = 'none'\nmargin = 'm'\n[clean]\nreturns = 'purchases'");
        assert!(found[0].contains("`columns.margin`") && found[1].contains("without amounts"), "{found:?}");
        let found = lines("[columns]\namount = 'none'\n[score.composites]\ncolumns = ['score_mean', 'weighted_score']");
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(lines("[columns]\namount = 'none'").is_empty() && lines(grain).is_empty());
    }
}
