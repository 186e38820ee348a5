//! Checks of `[campaign]`.

use super::{Checks, date_of};
use crate::campaigns::cost::LARGEST;
use crate::campaigns::options::{CampaignOptions, RateSource};
use crate::config::problem::Problem;

pub(super) fn check(campaign: &CampaignOptions, checks: &mut Checks) {
    checks.none_blank("campaign.segments", &campaign.segments);
    checks.none_blank("campaign.cells", &campaign.cells);
    checks.none_blank("campaign.former", &campaign.former);
    checks.none_blank("campaign.blocked", &campaign.blocked);
    checks.none_blank("campaign.contacted", &campaign.contacted);
    let texts = [
        ("campaign.filter", &campaign.filter),
        ("campaign.cost_by", &campaign.cost_by),
        ("campaign.consent", &campaign.consent),
        ("campaign.control_key_file", &campaign.control_key_file),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            checks.not_blank(key, text);
        }
    }
    check_budget(campaign, checks);
    check_costs(campaign, checks);
    check_rates(campaign, checks);
    check_test(campaign, checks);
    if let Some(on) = &campaign.on {
        checks.require(date_of(on).is_some(), "campaign.on", format!("`{on}`"), "a date as `2026-01-31`");
    }
    let days = campaign.response_days;
    checks.require((1..=3_660).contains(&days), "campaign.response_days", format!("`{days}`"), "1 to 3660 days");
}

fn check_budget(campaign: &CampaignOptions, checks: &mut Checks) {
    let expected = "1 or more; leave it out for no limit";
    checks.require(campaign.max_contacts != Some(0), "campaign.max_contacts", "`0`", expected);
    if let Some(money) = campaign.max_cost {
        let expected = "an amount above 0, in major units; leave it out for no limit";
        checks.require(money.is_finite() && money > 0.0, "campaign.max_cost", format!("`{money}`"), expected);
    }
}

fn check_costs(campaign: &CampaignOptions, checks: &mut Checks) {
    let amounts = [
        ("campaign.cost_per_contact", campaign.cost_per_contact),
        ("campaign.profit_per_response", campaign.profit_per_response),
    ];
    for (key, amount) in amounts.into_iter().filter_map(|(key, amount)| Some((key, amount?))) {
        let is_amount = (0.0..=LARGEST).contains(&amount);
        checks.require(is_amount, key, format!("`{amount}`"), "an amount from 0 to 1e9, in major units");
    }
    let has_column = campaign.cost_by.is_some() || campaign.costs.is_empty();
    let expected = "the column of `customers` that `campaign.costs` are by, such as `channel`";
    checks.require(has_column, "campaign.cost_by", "none", expected);
    let has_costs = campaign.cost_by.is_none() || !campaign.costs.is_empty();
    let expected = "costs per value of `campaign.cost_by`, such as [\"email=0.02\", \"letter=0.62\"]";
    checks.require(has_costs, "campaign.costs", "an empty list", expected);
    for entry in campaign.costs.iter().filter(|entry| CampaignOptions::cost_of(entry).is_none()) {
        let expected = "a value and its cost from 0 to 1e9, as `letter=0.62`";
        checks.0.push(Problem::new("campaign.costs", format!("`{entry}`"), expected));
    }
    let values = campaign.costs.iter().filter_map(|entry| CampaignOptions::cost_of(entry));
    let values: Vec<String> = values.map(|(value, _)| value.to_owned()).collect();
    checks.distinct("campaign.costs", &values);
}

fn check_rates(campaign: &CampaignOptions, checks: &mut Checks) {
    let shares = [
        ("campaign.response_rate", campaign.response_rate),
        ("campaign.incremental_share", campaign.incremental_share),
        ("campaign.expected_rate", campaign.expected_rate),
    ];
    for (key, share) in shares.into_iter().filter_map(|(key, share)| Some((key, share?))) {
        checks.require((0.0..=1.0).contains(&share), key, format!("`{share}`"), "a share from 0 to 1 (0.02 means 2 %)");
    }
    let held = campaign.control_share;
    let expected = "a share from 0 on and below 1 (0.1 means 10 %)";
    checks.require((0.0..1.0).contains(&held), "campaign.control_share", format!("`{held}`"), expected);
    let confidence = campaign.confidence;
    let is_confidence = confidence > 0.0 && confidence < 1.0;
    checks.require(
        is_confidence,
        "campaign.confidence",
        format!("`{confidence}`"),
        "above 0 and below 1, such as 0.95",
    );
    match campaign.rate_source {
        Some(RateSource::Campaign) if campaign.former.is_empty() => {
            let expected = "evaluated campaigns, because `campaign.rate_source` is `campaign`";
            checks.0.push(Problem::new("campaign.former", "none", expected));
        }
        Some(RateSource::Fixed) if campaign.response_rate.is_none() => {
            let expected = "a share from 0 to 1, because `campaign.rate_source` is `fixed`";
            checks.0.push(Problem::new("campaign.response_rate", "none", expected));
        }
        Some(RateSource::Repurchase | RateSource::Model) if campaign.incremental_share.is_none() => {
            let expected = "the share of these purchases that the contact causes: no campaign has measured it";
            checks.0.push(Problem::new("campaign.incremental_share", "none", expected));
        }
        _ => {}
    }
}

fn check_test(campaign: &CampaignOptions, checks: &mut Checks) {
    checks.require(campaign.test_size != Some(0), "campaign.test_size", "`0`", "1 or more");
    if let Some(error) = campaign.error {
        let is_error = error > 0.0 && error < 1.0;
        checks.require(is_error, "campaign.error", format!("`{error}`"), "above 0 and below 1, such as 0.005");
    }
    let both = campaign.error.is_some() == campaign.expected_rate.is_some();
    let (missing, given) =
        if campaign.error.is_none() { ("error", "expected_rate") } else { ("expected_rate", "error") };
    let expected = format!("a number, because `campaign.{given}` is set");
    checks.require(both, &format!("campaign.{missing}"), "none", expected);
}
