//! Everything that is made of the days of every customer, in one walk over them.
//!
//! Does not live here: each of the parts (a file each), and how days are gathered (`customers::orders`).

use super::calendar::Period;
use super::cohorts::Cohorts;
use super::health::{Health, HealthDates};
use super::ladder::Ladder;
use crate::customers::orders::{OrderDay, Orders};
use crate::error::Result;

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Health on these dates.
    pub health: Option<HealthDates>,
    /// The loyalty ladder.
    pub ladder: bool,
    /// Cohorts by this period.
    pub cohorts: Option<Period>,
}

impl Wanted {
    /// Whether anything is asked for that the days of every customer are needed for.
    #[must_use]
    pub const fn reads_orders(&self) -> bool {
        self.health.is_some() || self.ladder || self.cohorts.is_some()
    }
}

/// What the days of customers come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FromDays {
    /// Health.
    pub health: Option<Health>,
    /// The loyalty ladder.
    pub ladder: Option<Ladder>,
    /// Cohorts.
    pub cohorts: Option<Cohorts>,
}

impl FromDays {
    /// Looks at the days of every customer up to `as_of`, whatever the window, on `threads` threads.
    ///
    /// # Errors
    /// As [`Orders::visit`].
    pub fn gather(orders: &mut Orders, wanted: &Wanted, as_of: i32, threads: usize) -> Result<Self> {
        let mut found = Self::of(wanted, as_of);
        let note = |part: &mut Option<Self>, _row: Option<u32>, days: &[OrderDay]| {
            part.get_or_insert_with(|| Self::of(wanted, as_of)).note(days);
        };
        orders.visit(threads, note, |part: Option<Self>| found.add(part.unwrap_or_default()))?;
        Ok(found)
    }

    fn of(wanted: &Wanted, as_of: i32) -> Self {
        Self {
            health: wanted.health.clone().map(Health::new),
            ladder: wanted.ladder.then(|| Ladder::new(as_of)),
            cohorts: wanted.cohorts.map(|by| Cohorts::new(by, as_of)),
        }
    }

    fn note(&mut self, days: &[OrderDay]) {
        if let Some(health) = &mut self.health {
            health.note(days);
        }
        if let Some(ladder) = &mut self.ladder {
            ladder.note(days);
        }
        if let Some(cohorts) = &mut self.cohorts {
            cohorts.note(days);
        }
    }

    fn add(&mut self, other: Self) {
        if let (Some(own), Some(others)) = (&mut self.health, other.health) {
            own.add(&others);
        }
        if let (Some(own), Some(others)) = (&mut self.ladder, other.ladder) {
            own.add(others);
        }
        if let (Some(own), Some(others)) = (&mut self.cohorts, other.cohorts) {
            own.add(others);
        }
    }
}
