//! The terms of each campaign: what was typed, else what the campaign was made with.

use crate::campaigns::options::CampaignOptions;
use crate::config::{Origin, Resolved};
use crate::history::PublishedCampaign;

/// What figures of a campaign are made with: what was typed, else what the campaign was made with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Terms {
    pub(super) profit_per_response: Option<f64>,
    pub(super) response_days: u32,
    pub(super) confidence: f64,
}

impl Terms {
    pub(super) fn of(resolved: &Resolved, campaign: &PublishedCampaign) -> Self {
        let (typed, own) = (&resolved.config.campaign, &campaign.manifest().settings);
        let of = |key: &str| -> &CampaignOptions {
            let origin = resolved.origins.get(&format!("campaign.{key}"));
            if origin.is_none_or(|origin| *origin == Origin::Default) { own } else { typed }
        };
        Self {
            profit_per_response: of("profit_per_response").profit_per_response,
            response_days: of("response_days").response_days,
            confidence: of("confidence").confidence,
        }
    }
}
