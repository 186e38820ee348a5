//! What the settings ask for over time.
//!
//! Does not live here: what it is (`time`).

use super::Config;
use crate::source::options::WindowAppliesTo;
use crate::time::grid::{GridCourse, GridLimits, GridWindow};
use crate::time::health::HealthDates;
use crate::time::options::wanted;
use crate::time::{By, Wanted};

impl Config {
    /// What is made of the days of every customer up to `as_of`.
    #[must_use]
    pub fn wanted_over_time(&self, as_of: i32) -> Wanted {
        let rhythms = self.alerts.columns || !self.alerts.reasons.is_empty();
        let asked = wanted(&self.health, &self.cohorts, as_of);
        let grid = asked.health.as_ref().filter(|_| self.health.grid).map(|dates| self.grid_course(dates));
        Wanted { rhythms, grid, last_days: self.evaluate.horizon_days, ..asked }
    }

    /// The grid on the dates of health, as the settings of the run's own grid say.
    fn grid_course(&self, dates: &HealthDates) -> GridCourse {
        let is_of_everything = self.dates.window_applies_to == WindowAppliesTo::Everything;
        GridCourse {
            days: dates.days[dates.hidden()..].to_vec(),
            limits: GridLimits { days: self.reports.grid_recency_days, orders: self.reports.grid_orders },
            window: self.dates.window_days.map(|days| GridWindow { days, is_of_everything }),
        }
    }

    /// Whether customers are compared by the stage of their life cycle, which looks at orders of all days.
    #[must_use]
    pub fn compares_stages(&self) -> bool {
        self.compare.by.contains(&By::Stage)
    }

    /// Whether every order of every customer is read, whatever the window.
    #[must_use]
    pub fn reads_orders(&self) -> bool {
        self.predict.reads_orders() || self.wanted_over_time(0).reads_orders()
    }
}
