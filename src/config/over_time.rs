//! What the settings ask for over time.
//!
//! Does not live here: what it is (`time`).

use super::Config;
use crate::time::Wanted;
use crate::time::options::wanted;

impl Config {
    /// What is made of the days of every customer up to `as_of`.
    #[must_use]
    pub fn wanted_over_time(&self, as_of: i32) -> Wanted {
        let rhythms = self.alerts.columns || !self.alerts.reasons.is_empty();
        Wanted { rhythms, last_days: self.evaluate.horizon_days, ..wanted(&self.health, &self.cohorts, as_of) }
    }

    /// Whether every order of every customer is read, whatever the window.
    #[must_use]
    pub fn reads_orders(&self) -> bool {
        self.predict.reads_orders() || self.wanted_over_time(0).reads_orders()
    }
}
