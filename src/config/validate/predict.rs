//! Checks of `[predict]` and `[social]`.

use super::Checks;
use crate::config::Config;
use crate::config::problem::Problem;
use crate::predict::options::ProfitOptions;
use crate::reports::tables::customers::columns;
use crate::social::options::SocialOptions;

/// Ten years of days. Each period of a horizon is computed.
const MOST_PERIODS: u32 = 3660;

pub(super) fn check(config: &Config, checks: &mut Checks) {
    let predict = &config.predict;
    check_horizons(&predict.horizons, checks);
    let rate = predict.discount_rate;
    let expected = "a rate per year from 0 on (0.1 means 10 %)";
    checks.require(rate.is_finite() && rate >= 0.0, "predict.discount_rate", format!("`{rate}`"), expected);
    let margin = predict.margin;
    let expected = "a share above 0, at most 1";
    checks.require(margin > 0.0 && margin <= 1.0, "predict.margin", format!("`{margin}`"), expected);
    let costs = [("contact_cost", predict.contact_cost), ("acquisition_cost", predict.acquisition_cost)];
    for (name, cost) in costs {
        let is_cost = cost.is_finite() && cost >= 0.0;
        checks.require(is_cost, &format!("predict.{name}"), format!("`{cost}`"), "0 or more, in major units");
    }
    if let Some(wrong) = predict.yearly_profits.iter().find(|profit| !profit.is_finite()) {
        checks.0.push(Problem::new("predict.yearly_profits", format!("`{wrong}`"), "finite numbers, in major units"));
    }
    let retention = predict.retention;
    let expected = "a share from 0 to 1";
    checks.require((0.0..=1.0).contains(&retention), "predict.retention", format!("`{retention}`"), expected);
    if let Some(days) = predict.holdout_days {
        let expected = format!("1 to {MOST_PERIODS} days");
        checks.require((1..=MOST_PERIODS).contains(&days), "predict.holdout_days", format!("`{days}`"), expected);
    }
    let expected = "a rate above 0 with `predict.infinite_horizon`: without one, what has no end has no value of today";
    let is_known = !predict.infinite_horizon || rate > 0.0;
    checks.require(is_known, "predict.discount_rate", format!("`{rate}`"), expected);
    let expected = "`predict.holdout_days` with it: the days that are kept from the models";
    let has_holdout = !predict.holdout_customers || predict.holdout_days.is_some();
    checks.require(has_holdout, "predict.holdout_customers", "`true`".to_owned(), expected);
    let expected =
        "none with `predict.model = \"bg_bb\"`, which counts periods: check it by a run for an earlier `as_of`";
    let is_whole = !(predict.is_by_period() && predict.holdout_days.is_some());
    checks.require(is_whole, "predict.holdout_days", format!("`{}`", predict.holdout_days.unwrap_or(0)), expected);
    if let Some(path) = &predict.params_from {
        checks.not_blank("predict.params_from", path);
    }
    let mut added: Vec<String> = Vec::new();
    if predict.is_wanted() {
        let names = predict.horizon_names();
        let predicted = columns::PREDICTED.iter().flat_map(|column| column.published(&names));
        added.extend(predicted.map(|column| column.name));
        added.extend(columns::asked_of_models(predict).map(|column| column.name.to_owned()));
    }
    check_profits(&predict.profits, checks);
    if predict.profits.path.is_some() {
        added.extend(columns::PLANNED.iter().map(|column| column.name.to_owned()));
    }
    if config.social.path.is_some() {
        added.extend(columns::SOCIAL.iter().map(|column| column.name.to_owned()));
    }
    if config.compare.with.is_some() {
        added.extend(columns::PREVIOUS.iter().map(|column| column.name.to_owned()));
    }
    if config.alerts.columns {
        added.extend(columns::RHYTHM.iter().map(|column| column.name.to_owned()));
    }
    check_attributes(&config.columns.attributes, &added, checks);
}

fn check_profits(profits: &ProfitOptions, checks: &mut Checks) {
    checks.not_blank("predict.profits.customer_id", &profits.customer_id);
    if let Some(path) = &profits.path {
        checks.not_blank("predict.profits.path", path);
    }
    let years = &profits.years;
    let are_names = !years.is_empty() && years.iter().all(|name| !name.trim().is_empty());
    let expected = "names of columns, at least one";
    checks.require(are_names, "predict.profits.years", format!("{} columns", years.len()), expected);
    checks.distinct("predict.profits.years", years);
}

pub(super) fn check_social(social: &SocialOptions, checks: &mut Checks) {
    checks.not_blank("social.customer_id", &social.customer_id);
    if let Some(path) = &social.path {
        checks.not_blank("social.path", path);
    }
    for (key, found, expected) in social.problems() {
        checks.0.push(Problem::new(&key, found, expected));
    }
}

fn check_horizons(horizons: &[u32], checks: &mut Checks) {
    let key = "predict.horizons";
    let expected = format!("1 to {MOST_PERIODS} units of time, each above the one before");
    if horizons.is_empty() {
        return checks.0.push(Problem::new(key, "none", expected));
    }
    if let Some(wrong) = horizons.iter().find(|horizon| !(1..=MOST_PERIODS).contains(*horizon)) {
        checks.0.push(Problem::new(key, format!("`{wrong}`"), expected));
    } else if let Some((one, next)) = horizons.iter().zip(&horizons[1..]).find(|(one, next)| one >= next) {
        checks.0.push(Problem::new(key, format!("`{next}` after `{one}`"), expected));
    }
}

/// Attributes may not have the names of the columns that predictions and social measures add.
fn check_attributes(attributes: &[String], added: &[String], checks: &mut Checks) {
    for clash in attributes.iter().filter(|name| added.iter().any(|own| own.eq_ignore_ascii_case(name))) {
        let found = format!("`{clash}`, as `[predict]` or `[social]` calls a column of its own");
        let expected = "columns of other names: rename this one at its source";
        checks.0.push(Problem::new("columns.attributes", found, expected));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::validate::problems;
    use crate::predict::options::ModelChoice;

    fn lines(change: impl FnOnce(&mut Config)) -> Vec<String> {
        let mut config = Config::default();
        change(&mut config);
        problems(&config).iter().map(|problem| problem.line(&std::collections::BTreeMap::new())).collect()
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        assert!(lines(|config| config.predict.model = Some(ModelChoice::Auto)).is_empty());
        assert!(lines(|config| config.predict.horizons = Vec::new())[0].contains("found none"));
        assert!(lines(|config| config.predict.horizons = vec![12, 3])[0].contains("found `3` after `12`"));
        assert!(lines(|config| config.predict.horizons = vec![0])[0].contains("found `0`"));
        assert!(lines(|config| config.predict.margin = 30.0)[0].contains("a share above 0, at most 1"));
        assert!(lines(|config| config.predict.discount_rate = f64::NAN)[0].contains("predict.discount_rate"));
        let forever = |config: &mut Config| {
            (config.predict.infinite_horizon, config.predict.discount_rate) = (true, 0.0);
        };
        assert!(lines(forever)[0].contains("a rate above 0 with `predict.infinite_horizon`"));
        let by_period = |config: &mut Config| {
            (config.predict.model, config.predict.holdout_days) = (Some(ModelChoice::BgBb), Some(30));
        };
        assert!(lines(by_period)[0].contains("which counts periods"));
        let outcome = |config: &mut Config| config.predict.holdout_customers = true;
        assert!(lines(outcome)[0].contains("`predict.holdout_days` with it"));
        assert!(lines(|config| config.predict.contact_cost = -1.0)[0].contains("predict.contact_cost"));
        assert!(lines(|config| config.predict.profits.years = Vec::new())[0].contains("found 0 columns"));
        let twice = vec!["first".to_owned(), "second".to_owned(), "first".to_owned()];
        assert!(lines(|config| config.predict.profits.years = twice)[0].contains("found `first` twice"));
        assert!(lines(|config| config.predict.profits.path = Some(" ".to_owned()))[0].contains("predict.profits.path"));
    }

    #[test]
    fn an_attribute_may_not_hide_a_prediction() {
        let clash = |config: &mut Config| {
            config.columns.attributes = vec!["CLV_12_months".to_owned()];
            config.predict.model = Some(ModelChoice::BgNbd);
        };
        assert!(lines(clash)[0].contains("as `[predict]` or `[social]` calls a column of its own"));
    }
}
