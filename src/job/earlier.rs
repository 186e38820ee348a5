//! Which earlier dates a run is held against, and what is gathered at them.
//!
//! Does not live here: how several dates are gathered (`dates`), and what is made of them (`against`).

use std::path::Path;

use chrono::NaiveDate;

use crate::config::Config;
use crate::day::{date_of, day_of};
use crate::error::Result;
use crate::publish;
use crate::quality::options::QualityOptions;
use crate::time::calendar::months_before;

/// The earlier dates of a run, days since 1970-01-01; none where they are not asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Earlier {
    /// What the customers are compared with. None, too, where nothing is published before.
    pub(super) compared: Option<i32>,
    /// When they are scored, to see what they did since.
    pub(super) evaluated: Option<i32>,
}

impl Earlier {
    /// Those that the settings ask for.
    ///
    /// # Errors
    /// A config error where `compare.with` is no date.
    pub(super) fn of(config: &Config, as_of: i32) -> Result<Self> {
        let compared = config.compare.with.as_deref().map(|with| compared_with(with, config, as_of)).transpose()?;
        let evaluated = config.evaluate.horizon_days.map(|days| as_of.saturating_sub_unsigned(days));
        Ok(Self { compared: compared.flatten(), evaluated })
    }

    /// Each date once, ascending.
    pub(super) fn dates(self) -> Vec<NaiveDate> {
        let mut dates: Vec<NaiveDate> = [self.compared, self.evaluated].into_iter().flatten().map(date_of).collect();
        dates.sort_unstable();
        dates.dedup();
        dates
    }
}

/// The date that customers are compared with; none where it is the previous one, and there is none.
fn compared_with(with: &str, config: &Config, as_of: i32) -> Result<Option<i32>> {
    Ok(match with {
        "previous" => {
            let published = publish::published_dates(Path::new(&config.output.path));
            published
                .into_iter()
                .filter(|date| *date < date_of(as_of))
                .max()
                .map(|date| day_of(&date.to_string()))
                .transpose()?
        }
        "month" => Some(months_before(as_of, 1)),
        "quarter" => Some(months_before(as_of, 3)),
        "year" => Some(months_before(as_of, 12)),
        date => Some(day_of(date)?),
    })
}

/// Settings for an earlier date: what a run of that date would publish beyond its scores is left out, and so are limits that stop
/// a run, since this is none.
pub(super) fn without_extras(config: &mut Config, needs_predictions: bool) {
    config.health.every = None;
    config.cohorts.by = None;
    config.cohorts.loyalty_ladder = false;
    config.reports.by.clear();
    config.quality = QualityOptions::default();
    config.clean.max_quarantined_share = 1.0;
    config.clean.strict = false;
    config.clean.allow_empty = true;
    config.predict.holdout_days = None;
    config.predict.holdout_customers = false;
    config.predict.by_year = false;
    config.predict.profits.path = None;
    config.social.path = None;
    if !needs_predictions {
        config.predict.model = None;
        config.predict.params_from = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn earlier(text: &str) -> Vec<String> {
        let config: Config = toml::from_str(text).unwrap();
        let earlier = Earlier::of(&config, day_of("2026-03-31").unwrap()).unwrap();
        earlier.dates().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn dates_are_those_that_the_settings_name() {
        assert!(earlier("").is_empty());
        assert_eq!(earlier("compare.with = 'month'"), ["2026-02-28"]);
        assert_eq!(earlier("compare.with = 'quarter'\nevaluate.horizon_days = 90"), ["2025-12-31"]);
        assert_eq!(earlier("compare.with = '2025-01-05'\nevaluate.horizon_days = 31"), ["2025-01-05", "2026-02-28"]);
        assert!(earlier("compare.with = 'previous'\noutput.path = '/nowhere'").is_empty());
    }
}
