//! The responses that are given.

use super::counted::Evaluated;
use crate::commands::campaign::lists::IdRules;
use crate::commands::campaign::orders;
use crate::commands::campaign::response_table::ResponseTable;
use crate::commands::campaign::responses::{Responses, Window};
use crate::commands::campaign::source::pseudonyms;
use crate::config::{Config, Resolved};
use crate::error::{Error, Result};
use crate::history::PublishedCampaign;
use crate::progress::Progress;

/// Where responses come from.
pub(super) struct Given<'a> {
    config: &'a Config,
    table: Option<ResponseTable>,
    /// Orders of a window, as campaigns often share one.
    orders: Option<(Window, std::rc::Rc<Responses>)>,
    campaigns: usize,
}

impl<'a> Given<'a> {
    /// # Errors
    /// A config error where there is neither a table nor an input; as [`ResponseTable::read`].
    pub(super) fn open(
        resolved: &'a Resolved,
        responses: Option<&str>,
        campaigns: &[PublishedCampaign],
    ) -> Result<Self> {
        let config = &resolved.config;
        let first = &campaigns[0];
        let table = if let Some(path) = responses {
            let manifest = first.manifest();
            let kind = first.table("targets")?;
            let mut settings = config.clone();
            settings.privacy.hash_ids = manifest.hash_ids;
            let key = pseudonyms(manifest.hash_ids, config);
            let rules = IdRules::new(kind.kind("customer_id"), &settings, key);
            Some(ResponseTable::read(path, &rules, manifest.money_scale)?)
        } else {
            config.require_input().map_err(|_| {
                Error::config("there are no responses to evaluate")
                    .hint("name the transactions with --input PATH, or a table of responses with --responses FILE")
            })?;
            None
        };
        Ok(Self { config, table, orders: None, campaigns: campaigns.len() })
    }

    /// The responses to a campaign.
    ///
    /// # Errors
    /// As [`ResponseTable::responses`] and [`orders::responses`].
    pub(super) fn responses(
        &mut self,
        campaign: &PublishedCampaign,
        window: Window,
        progress: Progress,
    ) -> Result<std::rc::Rc<Responses>> {
        let manifest = campaign.manifest();
        if let Some(table) = &self.table {
            return table.responses(&manifest.campaign, window, self.campaigns == 1).map(std::rc::Rc::new);
        }
        if let Some((of, responses)) = &self.orders
            && *of == window
        {
            return Ok(std::rc::Rc::clone(responses));
        }
        let responses = std::rc::Rc::new(orders::responses(self.config, manifest.hash_ids, window, progress)?);
        self.orders = Some((window, std::rc::Rc::clone(&responses)));
        Ok(responses)
    }

    /// Rows of the table that are of nobody in the campaigns; that people buy whom nobody contacted is no news.
    ///
    /// # Errors
    /// A quality error where no row fits.
    pub(super) fn unmatched(&self, all: &[Evaluated]) -> Result<u64> {
        let Some(table) = &self.table else { return Ok(0) };
        let matched: u64 = all.iter().map(|one| one.matched).sum();
        // A response to one of several campaigns is none to the others.
        let of_none = (table.len() as u64).saturating_sub(matched);
        let unmatched = if self.campaigns == 1 { all.iter().map(|one| one.unmatched).sum() } else { of_none };
        if matched == 0 && table.len() > 0 {
            let outside: u64 = all.iter().map(|one| one.outside).sum();
            return Err(Error::quality(format!("`{}` has no response of anybody in the campaign", table.path()))
                .cause(format!("{unmatched} rows are of others, {outside} are dated outside the days of response"))
                .hint("write ids as they stand in the input, and look at `campaign.on` and --response-days"));
        }
        Ok(unmatched)
    }

    /// Rows of the table that are dated outside the days of every campaign that they are of.
    pub(super) fn outside(&self, all: &[Evaluated]) -> u64 {
        // With several campaigns each row is outside the days of most of them.
        if self.campaigns == 1 { all.iter().map(|one| one.outside).sum() } else { 0 }
    }
}
